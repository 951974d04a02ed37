//! What a mail that came in says: who wrote it, whether that is vouched for, and what it answers or reports. Never keeps a
//! word that somebody wrote, and never decides what becomes of it.

mod reading;

use super::bounce;
use super::identity::Address;
use super::time::{Instant, Span};

pub use reading::{answer, is_uid};

/// A mail that came in, read. Holds an address: neither `Debug` nor `Display`.
pub struct Incoming {
    /// The one address of its From line; none where there is not exactly one.
    pub from: Option<Address>,
    /// Whether the institution's own mail server vouches that From is no lie.
    pub aligned: bool,
    /// Whether a machine sent it by itself. Calendar programs do: it is no reason to drop an answer.
    pub automatic: bool,
    /// What it holds.
    pub content: Content,
}

/// What a mail holds that means something here.
pub enum Content {
    /// An answer of a calendar program.
    Reply(Reply),
    /// An answer in Microsoft's own wrapping (TNEF), which is not opened.
    WinmailDat {
        /// The UID of the letter that it answers, where its headers name one.
        uid: Option<String>,
    },
    /// What a mail server says became of a letter of ours.
    Report {
        /// What it says.
        report: bounce::Report,
        /// What may stand for the letter: only the vault knows whether one does.
        tokens: Vec<String>,
        /// By which the report itself is known, so that one that comes twice is counted once.
        id: String,
    },
    /// Nothing that is read.
    Nothing,
}

/// What a calendar program answers for one person about one entry (RFC 5546, sections 3.2.3 and 3.2.7).
pub struct Reply {
    /// The entry: of the form of our own, not yet known to be one.
    pub uid: String,
    /// What is answered.
    pub answer: Answer,
    /// Of the entry that is answered; absent means 0.
    pub sequence: u32,
    /// When it was answered, by the clock of the program that did.
    pub stamp: Instant,
    /// For whom.
    pub attendee: Address,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Will come. Changes nothing: the time is held anyway.
    Accepted,
    /// May come. Changes nothing either.
    Tentative,
    /// Does not want it.
    Declined,
    /// Proposes another time; none where it cannot be told which, such as in a zone that nobody knows.
    Counter(Option<Span>),
}
