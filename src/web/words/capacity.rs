//! What a language must have for a director’s page of need and offer. Never holds a sentence itself.

use super::catalogue;
use super::english::capacity::CAPACITY;

catalogue! {
    /// Every sentence of a director’s page of need and offer, by what it is for.
    CapacityWords {}
    title lead empty_title empty empty_go choose show enough enough_why no_people no_people_why missing_one
    missing when_between when_in missing_why time_one time time_why needs_title needs_people_one needs_people
    needs_of needs_more reserve weeks_title weeks_all weeks_short_one weeks_short weeks_why week month free wanted
    offered usable picture verdict short_by ok no_need key_wanted key_usable months_title states_title state
    sites_title site residents therapists visits nobody reach_why therapists_link plan_link
}

/// The sentences in use.
pub const fn capacity() -> &'static CapacityWords {
    &CAPACITY
}
