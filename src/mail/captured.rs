//! The demo's mailbox: the latest letters in memory. Never leaves the process.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::DateTime;
use mail_parser::{MessageParser, MimeHeaders};

use super::envelope::Envelope;
use crate::domain::identity::Address;
use crate::domain::letter::Letter;
use crate::domain::time::Instant;

/// How many letters a mailbox keeps unless told otherwise.
pub const CAPACITY: usize = 5_000;

/// A letter that was caught. Holds an address: neither `Debug` nor `Display`.
#[derive(Clone)]
pub struct Captured {
    /// Counts from 1 in the order of arrival; never used again.
    pub number: u64,
    /// Its Message-ID.
    pub message_id: String,
    /// For whom it was.
    pub to: Address,
    /// The letter as it would have gone out.
    pub bytes: Arc<[u8]>,
}

/// What a mail program would show of a letter.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Its subject.
    pub subject: String,
    /// Its sender, as written in From.
    pub from: String,
    /// Whom it greets, as written in To.
    pub to: String,
    /// Its Date.
    pub date: Option<Instant>,
    /// Its plain text.
    pub text: String,
    /// Its HTML page.
    pub html: String,
    /// Its calendar part.
    pub calendar: Option<String>,
}

impl Captured {
    /// Which letter it is, by its Message-ID.
    #[must_use]
    pub fn letter(&self) -> Option<Letter> {
        self.id_parts().find_map(|part| part.parse().ok())
    }

    /// What tells it from other letters of its kind, by its Message-ID; may be empty.
    #[must_use]
    pub fn occasion(&self) -> &str {
        let mut parts = self.id_parts().skip_while(|part| part.parse::<Letter>().is_err());
        parts.nth(1).unwrap_or_default()
    }

    fn id_parts(&self) -> impl Iterator<Item = &str> {
        self.message_id.split('@').next().unwrap_or_default().split('.')
    }

    /// Reads the letter as a mail program would.
    #[must_use]
    pub fn open(&self) -> Opened {
        let Some(message) = MessageParser::default().parse(&*self.bytes) else {
            return Opened::default();
        };
        let calendar = message
            .parts
            .iter()
            .find(|part| part.content_type().is_some_and(|it| it.subtype() == Some("calendar")))
            .map(|part| String::from_utf8_lossy(part.contents()).into_owned());
        let sender = message.from().and_then(|from| from.first());
        let recipient = message.to().and_then(|to| to.first());
        Opened {
            to: recipient.and_then(|to| to.name().or(to.address())).unwrap_or_default().to_owned(),
            date: message.date().and_then(|at| DateTime::from_timestamp(at.to_timestamp(), 0)),
            subject: message.subject().unwrap_or_default().to_owned(),
            from: sender.and_then(|from| from.name().or(from.address())).unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            calendar,
        }
    }
}

/// Letters in memory; clones are the same mailbox.
#[derive(Clone)]
pub struct Mailbox {
    shared: Arc<Mutex<Letters>>,
}

struct Letters {
    capacity: usize,
    arrived: u64,
    kept: VecDeque<Captured>,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self::holding(CAPACITY)
    }
}

impl Mailbox {
    /// An empty mailbox that keeps the latest `capacity` letters.
    #[must_use]
    pub fn holding(capacity: usize) -> Self {
        let letters = Letters { capacity: capacity.max(1), arrived: 0, kept: VecDeque::new() };
        Self { shared: Arc::new(Mutex::new(letters)) }
    }

    /// Every kept letter, the latest first.
    #[must_use]
    pub fn list(&self) -> Vec<Captured> {
        self.letters().kept.iter().rev().cloned().collect()
    }

    /// One letter by its number; none where it is gone or never was.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<Captured> {
        self.letters().kept.iter().find(|letter| letter.number == number).cloned()
    }

    /// Puts a letter in; a second copy of one that is kept changes nothing, as in a real mailbox.
    pub(super) fn put(&self, envelope: &Envelope<'_>, bytes: &[u8]) {
        let mut letters = self.letters();
        if letters.kept.iter().any(|letter| letter.message_id == envelope.message_id) {
            return;
        }
        letters.arrived += 1;
        if letters.kept.len() >= letters.capacity {
            letters.kept.pop_front();
        }
        let captured = Captured {
            number: letters.arrived,
            message_id: envelope.message_id.to_owned(),
            to: envelope.to.clone(),
            bytes: bytes.into(),
        };
        letters.kept.push_back(captured);
    }

    fn letters(&self) -> MutexGuard<'_, Letters> {
        // A reader that panicked has changed nothing.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_known_by_its_message_id() {
        let letter = |id: &str| Captured {
            number: 1,
            message_id: id.to_owned(),
            to: "a@x.org".parse().ok().unwrap(),
            bytes: Arc::from([]),
        };
        let reminder = letter("<aeba.0.reminder.48h@x.org>");
        assert_eq!((reminder.letter(), reminder.occasion()), (Some(Letter::Reminder), "48h"));
        let sign_in = letter("<aeba.1812985200.0.sign-in@x.org>");
        assert_eq!((sign_in.letter(), sign_in.occasion()), (Some(Letter::SignIn), ""));
        assert_eq!(letter("<other@x.org>").letter(), None);
    }

    #[test]
    fn a_full_mailbox_forgets_the_oldest_and_a_second_copy_is_not_kept() {
        let mailbox = Mailbox::holding(2);
        let address: Address = "a@x.org".parse().ok().unwrap();
        for id in ["<1@x>", "<2@x>", "<2@x>", "<3@x>"] {
            mailbox
                .clone()
                .put(&Envelope { from: &address, to: &address, message_id: id }, b"Subject: s\r\n\r\nb\r\n");
        }
        let ids: Vec<_> = mailbox.list().into_iter().map(|letter| letter.message_id).collect();
        assert_eq!(ids, ["<3@x>", "<2@x>"]);
        assert!(mailbox.get(1).is_none());
        assert_eq!(mailbox.get(3).unwrap().open().subject, "s");
    }
}
