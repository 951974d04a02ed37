//! What a language must have for a director’s pages of programs, therapists, offerings and letters. Never holds a sentence itself.

use super::catalogue;
use super::english::setup::SETUP;

catalogue! {
    /// Every sentence of a director’s pages of programs, therapists, offerings and letters, by what it is for.
    SetupWords {}
    beside programs_title therapists_title offerings_title letters_title programs_lead programs_add programs_edit
    programs_empty_title programs_empty programs_col programs_residents programs_people programs_ready
    programs_state programs_ready_since programs_ready_not programs_nobody programs_change sites_title sites_lead
    sites_add sites_empty sites_col sites_address file_programs file_sites file_therapists file_lead file_columns
    columns_programs columns_sites columns_therapists file_choose file_send file_none file_refused_title
    file_refused file_refused_more file_back file_done saved form_save form_cancel form_wrong form_known
    form_empty f_code f_code_hint f_program_name f_zone f_zone_hint f_state f_state_hint f_contact f_contact_hint
    f_site f_site_hint f_address therapists_lead therapists_add therapists_edit therapists_empty_title
    therapists_empty therapists_col therapists_how therapists_states therapists_languages therapists_sites
    therapists_hours therapists_hours_none therapists_hours_about therapists_look therapists_no_place
    therapists_no_state therapists_no_site by_video by_phone in_person f_given f_family f_mail f_mail_hint
    f_gender f_gender_hint f_modality f_sites f_languages f_languages_hint f_states f_states_hint f_video
    f_video_hint f_phone f_phone_hint f_room f_supervises f_supervises_hint offerings_lead offerings_add
    offerings_empty_title offerings_empty offering_new offering_open offering_fixed offering_title offering_visits
    offering_state offering_save offering_make offering_letters offering_capacity offering_plan title_warning
    r_title r_title_hint r_from r_until r_length r_buffer r_notice r_notice_hint r_reminders r_reminders_hint
    r_announce r_announce_hint r_reserve r_reserve_hint r_release r_release_hint r_epsilon r_epsilon_hint
    r_survey r_survey_hint r_survey_box rules_survey r_more r_breakdowns r_breakdowns_hint r_breakdowns_box rules_breakdowns
    r_weights r_weights_lead w_language w_gender w_modality w_site w_earlier w_earlier_hint w_day_load
    w_therapist_load w_site_load w_away w_away_hint wrong_number wrong_day wrong_decimal wrong_hours rules_none
    rules_minutes rules_hours rules_days rules_percent seed_title seed_next seed_why batches_title batches_check
    batches_who batch_title batch_seed batch_seed_hash batch_plan letters_lead letters_everyone letters_asked
    letters_therapists letters_staff letters_for letters_show letters_back letter_subject letter_phone letter_desk
    letter_text letter_frame_phone letter_frame_desk letter_earlier letter_later letter_invented
}

/// The sentences in use.
pub const fn setup() -> &'static SetupWords {
    &SETUP
}
