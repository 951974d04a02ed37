//! What a language must have for a program's roster. Never holds a sentence itself.

use super::catalogue;
use super::english::roster::ROSTER;

catalogue! {
    /// Every sentence of a program's roster, by what it is for.
    RosterWords {}
    roster_title roster_lead roster_import roster_add roster_export roster_empty_title roster_empty roster_search
    roster_search_button roster_everybody roster_found roster_none roster_left_show roster_left_title
    roster_left_back roster_earlier roster_later roster_pages roster_table roster_name roster_pgy
    roster_cohort roster_site roster_starts roster_ends roster_look roster_unreached roster_unprotected
    roster_count roster_count_unreached roster_count_unprotected roster_saved roster_person_saved upload_title
    upload_lead upload_file upload_hint upload_button upload_back upload_none upload_gone upload_problem
    upload_dates look_title look_lead look_again look_added look_changed look_same look_refused look_leaving
    look_asked look_questions look_questions_lead look_question look_on_file look_same_person look_new_person
    look_unanswered look_all_same look_more look_refused_title look_refused_lead look_doubts_title look_line
    look_column look_problem look_remedy look_whole_file look_added_title look_changed_title look_field look_from
    look_to look_nothing look_back look_leaving_title look_absent_title look_whole look_whole_why look_withheld
    look_columns_title look_columns_lead look_columns_table look_sheet look_heading_line look_meaning look_never
    look_unnamed look_out look_unheaded look_button look_save look_nothing_to_save look_nothing_taken look_other
    person_add_title person_add_lead person_add person_save person_back person_problems person_conflict person_now
    person_who person_training person_wishes person_wishes_lead person_family person_given person_email
    person_email_hint person_pgy person_cohort person_cohort_hint person_site person_starts person_ends
    person_ends_hint person_language person_gender person_modality person_video person_in_person person_phone
    person_avoid person_avoid_hint person_any person_whole_name person_program person_off_title person_off_lead
    person_off person_is_off person_put_back
}

/// The sentences in use.
pub const fn roster() -> &'static RosterWords {
    &ROSTER
}
