//! Mails as calendar programs and people send them: the files of `replies/`, filled in for one entry. Never asks the desk
//! what an entry is: it is read from the newest letter, as a calendar program does.

use data_encoding::BASE64;
use holdspace::desk::incoming::Counted;
use holdspace::domain::time::{Instant, Span, Zone, wall};
use holdspace::jobs::receive;

use super::house::House;
use super::letter::ReadLetter;
use super::person::Resident;

/// The name by which the mail server of the tests vouches for senders.
pub const SERVER: &str = "mx.example.org";
/// What it writes of a sender that it vouches for.
pub const VOUCHED: &str =
    "Authentication-Results: mx.example.org; dmarc=pass (p=NONE sp=NONE) header.from=im.example.edu";
/// What it writes of any other.
pub const NOT_VOUCHED: &str = "Authentication-Results: mx.example.org; dmarc=fail header.from=im.example.edu; spf=softfail smtp.mailfrom=im.example.edu";

/// A calendar entry as a letter brought it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// UID.
    pub uid: String,
    /// SEQUENCE.
    pub sequence: u32,
    /// DTSTART and DTEND as written.
    pub times: [String; 2],
}

impl Entry {
    /// The entry that a letter brings.
    pub fn in_letter(letter: &ReadLetter) -> Self {
        let text = &letter.calendar.first().expect("an entry").text;
        let times = ["DTSTART", "DTEND"].map(|name| line(text, name));
        Self { uid: line(text, "UID"), sequence: line(text, "SEQUENCE").parse().unwrap(), times }
    }
}

fn line(text: &str, name: &str) -> String {
    let unfolded = text.replace("\r\n ", "");
    let found = unfolded.lines().find_map(|line| line.strip_prefix(&format!("{name}:")).map(str::to_owned));
    found.unwrap_or_else(|| panic!("no {name} in {text}"))
}

impl Resident<'_> {
    /// The newest entry in this person's calendar.
    pub fn entry(&self) -> Entry {
        let brought = self.letters().into_iter().rev().find(|letter| !letter.calendar.is_empty());
        Entry::in_letter(&brought.expect("a letter brought an entry"))
    }
}

/// A mail of one of the files. What is not said is as in an honest answer of a resident that the server vouches for.
pub struct Mail {
    file: &'static str,
    values: Vec<(&'static str, String)>,
}

/// `20270706T130000`, in a zone.
fn stamp(at: Instant, zone: Zone) -> String {
    wall(at, zone).naive.format("%Y%m%dT%H%M%S").to_string()
}

impl Mail {
    /// An answer about an entry, written now.
    pub fn of(file: &'static str, house: &House, address: &str, entry: &Entry) -> Self {
        Self::at(file, house.now(), address, entry)
    }

    /// The same, written at a moment.
    pub fn at(file: &'static str, now: Instant, address: &str, entry: &Entry) -> Self {
        let mail = Self { file, values: Vec::new() };
        mail.with("RESULTS", VOUCHED)
            .with("FROM", address)
            .with("ATTENDEE", address)
            .with("UID", &entry.uid)
            .with("SEQUENCE", &entry.sequence.to_string())
            .with("START", &entry.times[0])
            .with("END", &entry.times[1])
            .with("STAMP", &format!("{}Z", stamp(now, Zone::UTC)))
    }

    /// The same with another word in a place.
    pub fn with(mut self, place: &'static str, word: &str) -> Self {
        self.values.retain(|(known, _)| *known != place);
        self.values.push((place, word.to_owned()));
        self
    }

    /// The same as a proposal of another time.
    pub fn proposing(self, span: Span) -> Self {
        let denver: Zone = "America/Denver".parse().unwrap();
        let utc = |at| format!("{}Z", stamp(at, Zone::UTC));
        self.with("WHEN", &utc(span.starts_at()))
            .with("UNTIL", &utc(span.ends_at()))
            .with("LOCAL_WHEN", &stamp(span.starts_at(), denver))
            .with("LOCAL_UNTIL", &stamp(span.ends_at(), denver))
    }

    /// As bytes, with what the file marks as such in base64.
    pub fn bytes(&self) -> Vec<u8> {
        let path = format!("{}/tests/house/replies/{}.eml", env!("CARGO_MANIFEST_DIR"), self.file);
        let mut text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
        for (place, word) in &self.values {
            text = text.replace(&format!("@{place}@"), word);
        }
        let left = text.split('@').collect::<Vec<_>>();
        let unfilled = left
            .iter()
            .any(|part| part.len() > 2 && part.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'));
        assert!(!unfilled, "{}: a place is not filled: {text}", self.file);
        let mut written = String::new();
        let mut parts = text.split("<<base64\n");
        written += parts.next().unwrap_or_default();
        for part in parts {
            let (inside, after) = part.split_once("\n>>\n").expect("a block that ends");
            let encoded = BASE64.encode(format!("{inside}\n").replace('\n', "\r\n").as_bytes());
            for line in encoded.as_bytes().chunks(76) {
                written += &format!("{}\n", String::from_utf8_lossy(line));
            }
            written += after;
        }
        written.replace('\n', "\r\n").into_bytes()
    }
}

impl House {
    /// A mail comes in, through the mail server.
    pub async fn receives(&self, mail: &Mail) -> Counted {
        self.receives_bytes(&mail.bytes(), Some(SERVER)).await
    }

    /// The same of any bytes.
    pub async fn receives_bytes(&self, raw: &[u8], trusted: Option<&str>) -> Counted {
        let counted = receive::message(&self.desk, trusted, raw).await.unwrap();
        self.post_goes().await;
        counted
    }
}
