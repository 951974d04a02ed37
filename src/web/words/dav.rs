//! What a language must have for calendar programs and the page on which they are let in. Never holds a sentence itself.

use super::catalogue;
use super::english::dav::DAV;

catalogue! {
    /// Every sentence that calendar programs show, and those of their page, by what it is for.
    DavWords {}
    held_name held_about busy_name busy_about
    not_xml asks_too_much range_wrong filter_unknown report_unknown only_the_root word_unknown
    changed_meanwhile no_such not_yours_to_change visit_cannot_be_made visit_cannot_be_deleted length_fixed not_one_event
    has_begun_already not_free moved_meanwhile not_a_calendar only_events one_uid uid_taken too_many unreadable
    has_clash
    title lead names_why server user password shown_once new_name new_names make made_on sees_names sees_codes end
    full none programs_title apple apple_steps thunderbird thunderbird_steps davx davx_steps evolution
    evolution_steps outlook outlook_steps moving_title moving moving_back busy_title busy
}

/// The sentences in use.
pub const fn dav() -> &'static DavWords {
    &DAV
}
