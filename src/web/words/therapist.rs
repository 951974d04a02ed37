//! What a language must have for a therapist's pages. Never holds a sentence itself.

use super::catalogue;
use super::english::therapist::THERAPIST;

catalogue! {
    /// Every sentence of a therapist's pages, by what it is for.
    TherapistWords {}
    agenda_title agenda_zone agenda_today agenda_empty_title agenda_empty agenda_earlier agenda_later
    agenda_now mark_kept mark_missed mark_undo marked_kept marked_missed mark_later mark_why code feed_title
    feed_lead feed_address feed_rotate feed_rotate_why
}

/// The sentences in use.
pub const fn therapist() -> &'static TherapistWords {
    &THERAPIST
}
