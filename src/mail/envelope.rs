//! What a mail server is told of a letter beside its bytes. Never printed.

use crate::domain::identity::Address;

/// Who sends a letter to whom, and which.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    /// Where bounces go.
    pub from: &'a Address,
    /// The one recipient.
    pub to: &'a Address,
    /// The letter's Message-ID, by which a second copy is known.
    pub message_id: &'a str,
}
