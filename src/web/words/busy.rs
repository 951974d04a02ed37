//! What a language must have for the page of calendars elsewhere. Never holds a sentence itself.

use super::catalogue;
use super::english::busy::BUSY;

catalogue! {
    /// Every sentence about calendars elsewhere, by what it is for.
    BusyWords {}
    door title lead read_title read unread never trouble refused stale now soon remove removed add_title address address_why
    account account_why user password add added no_address insecure credentials too_long enough half how_title
    google_title google outlook_title outlook apple_title apple privacy
}

/// The sentences in use.
pub const fn busy() -> &'static BusyWords {
    &BUSY
}
