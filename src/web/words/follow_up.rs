//! What a language must have for offering another visit. Never holds a sentence itself.

use super::catalogue;
use super::english::follow_up::FOLLOW_UP;

catalogue! {
    /// Every sentence of offering another visit, by what it is for.
    FollowUpWords {}
    another_title another_badge another_lead another_private another_inside another_others another_others_why
    another_none another_typed_legend another_typed another_typed_why another_date another_time another_mail
    another_mail_why another_button another_wait another_done another_withdrawn another_agenda another_known
    another_withdraw another_offered another_taken another_declined another_given_up another_lapsed
    another_no_when another_no_date another_no_time another_gone another_too_soon another_too_late
    another_skipped another_in_hours another_slot another_busy another_away another_twice another_theirs
    another_enough_them another_enough_you
}

/// The sentences in use.
pub const fn follow_up() -> &'static FollowUpWords {
    &FOLLOW_UP
}
