//! Letters as they arrived, held against what is true: nobody without theirs, second copies the same to the byte, and the
//! newest that a calendar heard is where the booking stands. Never asks the outbox.

use std::collections::{BTreeMap, BTreeSet};

use holdspace::vault::Vault;

use crate::harness::letter::ReadLetter;
use crate::harness::smtp::Received;
use crate::harness::snapshot::Snapshot;

/// The link of an invitation, where this is one.
pub fn link_of(received: &Received) -> Option<String> {
    let letter = received.read();
    let invitation = letter.field("message-id").first()?.contains(".invitation");
    invitation.then(|| letter.link("/v/"))
}

/// The value of a line of a letter's calendar part.
fn line(letter: &ReadLetter, name: &str) -> Option<String> {
    let text = letter.calendar.first()?.text.replace("\r\n ", "");
    let begin = format!("{name}:");
    text.lines().find_map(|line| line.strip_prefix(&begin)).map(str::to_owned)
}

/// Fails where two letters of one Message-ID are not the same; says how many came more than once needed.
pub fn second_copies(received: &[Received]) -> usize {
    let mut first: BTreeMap<(String, String), (&Received, ReadLetter)> = BTreeMap::new();
    let mut copies = 0;
    for received in received {
        let letter = received.read();
        let id = letter.field("message-id").first().copied().unwrap_or_default().to_owned();
        let key = (received.to.join(","), id.clone());
        let Some((before, as_read)) = first.get(&key) else {
            first.insert(key, (received, letter));
            continue;
        };
        copies += 1;
        for name in ["UID", "SEQUENCE", "METHOD", "DTSTAMP"] {
            assert_eq!(line(as_read, name), line(&letter, name), "{name} of the copies of {id}");
        }
        assert!(
            before.bytes == received.bytes,
            "the copies of {id} differ:\n{}",
            difference(before, received)
        );
    }
    copies
}

fn difference(one: &Received, other: &Received) -> String {
    let texts = [one, other].map(|letter| String::from_utf8_lossy(&letter.bytes).into_owned());
    let pairs = texts[0].lines().zip(texts[1].lines());
    pairs.filter(|(one, other)| one != other).map(|(one, other)| format!("- {one}\n+ {other}\n")).collect()
}

/// Fails unless everybody has their invitation, every calendar entry one UID, and the newest SEQUENCE that somebody got is
/// the true one.
pub fn everybody_knows(received: &[Received], people: &[String], snapshot: &Snapshot, vault: &Vault) {
    let mut by_person: BTreeMap<&str, Vec<ReadLetter>> = BTreeMap::new();
    for received in received {
        by_person.entry(received.to[0].as_str()).or_default().push(received.read());
    }
    for person in people {
        let letters = by_person.get(person.as_str()).map(Vec::as_slice).unwrap_or_default();
        let uids: BTreeSet<_> = letters.iter().filter_map(|letter| line(letter, "UID")).collect();
        assert_eq!(
            uids.len(),
            1,
            "{person} got {} letters with these calendar entries: {uids:?}",
            letters.len()
        );
        let heard = letters.iter().filter_map(|letter| {
            let sequence: u32 = line(letter, "SEQUENCE")?.parse().unwrap();
            Some((sequence, line(letter, "METHOD")? == "REQUEST"))
        });
        let newest = heard.max().expect("somebody without an invitation");
        let booking = snapshot.of(vault, person);
        assert_eq!(
            newest,
            (booking.sequence, booking.on_calendar),
            "what the calendar of {person} heard last"
        );
    }
}
