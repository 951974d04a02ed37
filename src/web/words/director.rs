//! What a language must have for a director’s pages. Never holds a sentence itself.

use super::catalogue;
use super::english::director::DIRECTOR;

catalogue! {
    /// Every sentence of a director’s pages, by what it is for.
    DirectorWords {}
    door_overview door_setup door_capacity door_releases door_mail door_people overview_title overview_lead
    facts_programs facts_residents facts_therapists steps_title steps_title_of step_programs step_programs_why
    step_programs_go step_therapists step_therapists_why step_therapists_hours step_therapists_go step_offering
    step_offering_why step_offering_go step_ready step_ready_why step_ready_none step_ready_booked step_ready_go
    step_ready_invite step_book step_book_why step_book_go step_book_look step_book_done step_release
    step_release_why step_release_go step_done step_next step_later seasons_title seasons_name seasons_period
    seasons_state seasons_release state_planned state_booked state_released capacity_link releases_title
    releases_lead releases_read releases_read_fact releases_read_noise releases_read_units releases_read_once
    releases_empty_title releases_empty release_fact releases_read_compare releases_files
    releases_csv_all release_waits release_people releases_read_price releases_read_parts release_table release_none mail_title mail_lead mail_empty_title mail_empty mail_table mail_letter mail_owed
    mail_sent mail_failed mail_reason mail_reason_times mail_returned_title mail_returned_lead
    mail_returned_strays check_title check_lead check_more check_none
    letter_announcement letter_invitation letter_reminder letter_afterwards letter_rearranged letter_retimed letter_released
    letter_moved letter_removed letter_replaced letter_lapsed letter_free_time letter_further letter_further_off letter_new_address letter_other_address
    letter_calendar_answer letter_calendar_unread letter_near_times
    letter_confirmation letter_moved_reminder letter_therapist_day letter_therapist_today letter_therapist_welcome
    letter_staff_welcome letter_sign_in people_title people_lead people_list people_invite people_invite_lead
    people_name people_address people_role people_send role_director role_lead role_coordinator role_gone
    people_take people_take_of people_choose people_invited people_known people_taken people_last people_no_name
    people_no_address people_no_role people_apart
}

/// The sentences in use.
pub const fn director() -> &'static DirectorWords {
    &DIRECTOR
}
