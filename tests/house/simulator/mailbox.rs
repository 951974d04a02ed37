//! What arrived in people's mailboxes, read as a calendar program reads it. Never asks the service what it meant.

use holdspace::domain::letter::Method;
use holdspace::domain::time::Instant;

use crate::harness::letter::ReadLetter;
use crate::harness::smtp::Received;

/// What a letter says to a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Of which entry.
    pub uid: String,
    /// Its SEQUENCE.
    pub sequence: u32,
    /// When it was written: DTSTAMP, as written.
    pub stamp: String,
    /// Whether it puts the entry in or takes it out.
    pub method: Method,
    /// When the entry begins.
    pub starts_at: Instant,
}

/// A letter in somebody's mailbox.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// When.
    pub at: Instant,
    /// In whose.
    pub to: String,
    /// The Message-ID, without its brackets.
    pub message_id: String,
    /// What it says to a calendar.
    pub news: Option<News>,
    /// The link of a visit in it.
    pub link: Option<String>,
}

impl Arrived {
    /// Reads what arrived.
    pub fn read(at: Instant, received: &Received) -> Self {
        let letter = received.read();
        let message_id = letter.field("message-id").first().copied().unwrap_or_default();
        Self {
            at,
            to: received.to.concat(),
            message_id: message_id.trim_matches(['<', '>']).to_owned(),
            news: news(&letter),
            link: letter.links().into_iter().find(|link| link.contains("/v/") && !link.ends_with("/times")),
        }
    }

    /// The kind of letter, as the Message-ID tells it.
    pub fn is_a(&self, kind: &str) -> bool {
        let id = self.message_id.split('@').next().unwrap_or_default();
        id.split('.').any(|part| part == kind)
    }
}

fn news(letter: &ReadLetter) -> Option<News> {
    let part = letter.calendar.first()?;
    let line = |name: &str| {
        let mut lines = part.text.lines();
        let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        found.unwrap_or_else(|| panic!("no {name} in {}", part.text)).trim().to_owned()
    };
    let starts_at = chrono::NaiveDateTime::parse_from_str(&line("DTSTART"), "%Y%m%dT%H%M%SZ").unwrap();
    Some(News {
        uid: line("UID"),
        sequence: line("SEQUENCE").parse().unwrap(),
        stamp: line("DTSTAMP"),
        method: match line("METHOD").as_str() {
            "REQUEST" => Method::Request,
            "CANCEL" => Method::Cancel,
            other => panic!("what is {other}?"),
        },
        starts_at: starts_at.and_utc(),
    })
}
