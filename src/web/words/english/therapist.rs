//! English for a therapist's pages. Sentences only: plain and true, and never one that names a person.

use crate::web::words::therapist::TherapistWords;

/// English as it is spoken in the United States.
pub static THERAPIST: TherapistWords = TherapistWords {
    agenda_title: "Your agenda",
    agenda_zone: "All times are in {zone}.",
    agenda_today: "today",
    agenda_empty_title: "No visits in these two weeks",
    agenda_empty: "Visits appear here as soon as somebody is booked with you.",
    agenda_earlier: "Earlier",
    agenda_later: "Later",
    agenda_now: "Today",
    mark_kept: "Kept",
    mark_missed: "Missed",
    mark_undo: "Undo",
    marked_kept: "Marked as kept",
    marked_missed: "Marked as missed",
    mark_later: "Can be marked once it begins",
    mark_why: "Please mark every visit: one without a mark counts as not held.",
    code: "Code",
    feed_title: "This agenda in your own calendar",
    feed_lead: "Subscribe to this secret address in your calendar program. It shows the times and a code for each \
        visit, and no name; the codes stand here beside the names.",
    feed_address: "Secret address",
    feed_rotate: "Make a new address",
    feed_rotate_why: "The old address stops working at once. Subscribe again with the new one.",
};
