//! A mail that came in: read, and handed to the desk. Logs nothing: that somebody answered is theirs.

use crate::desk::incoming::Counted;
use crate::desk::{Desk, Error};
use crate::mail::receiving::read_for;

/// Takes one mail in, as the mail server hands it over. `trusted` is the name by which that server signs what it found out
/// about the sender; without it nobody's From is believed.
///
/// # Errors
/// Those of loading and saving: then the mail is to be handed over again. What was taken twice changes nothing twice.
pub async fn message(desk: &Desk, trusted: Option<&str>, raw: &[u8]) -> Result<Counted, Error> {
    message_for(desk, trusted, None, raw).await
}

/// The same of a mail whose envelope is known: the address to which it was delivered.
///
/// # Errors
/// As [`message`].
pub async fn message_for(
    desk: &Desk,
    trusted: Option<&str>,
    recipient: Option<&str>,
    raw: &[u8],
) -> Result<Counted, Error> {
    desk.take_in(read_for(raw, trusted, recipient)).await
}
