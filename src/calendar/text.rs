//! The one way from our texts to iCalendar lines: cleans before the library writes, and folds after it.
//! Never trusts a name.

use chrono::SubsecRound;
use icalendar::{Calendar, Component, Event, Property};

use crate::domain::time::{Instant, Span};

/// Longest line in octets, its break not counted (RFC 5545, section 3.1).
const LINE_OCTETS: usize = 75;
/// Longest TEXT value in characters: an entry is a hint, not a document.
const TEXT_CHARS: usize = 2_000;
/// Longest parameter value in characters.
const NAME_CHARS: usize = 120;

/// Characters that change the direction of what follows: a name with one can make a line read otherwise.
const fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}

/// A TEXT value: its only control character is the line feed, which the library writes as `\n`.
pub(super) fn text(raw: &str) -> String {
    raw.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\r' | '\u{2028}' | '\u{2029}' => '\n',
            '\n' => c,
            c if c.is_control() => ' ',
            c => c,
        })
        .filter(|c| !turns_text(*c))
        .take(TEXT_CHARS)
        .collect()
}

/// A value on one line, such as a title.
pub(crate) fn line(raw: &str) -> String {
    text(raw).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A parameter value. There is no way to write a double quote in one (RFC 5545, section 3.2), and a caret would
/// begin an escape (RFC 6868).
pub(crate) fn name(raw: &str) -> String {
    let plain: String = raw
        .chars()
        .map(|c| match c {
            '"' => '\'',
            '^' | '\\' => ' ',
            c => c,
        })
        .collect();
    line(&plain).chars().take(NAME_CHARS).collect()
}

/// A URI: whatever could end the line or the value is left out.
pub(super) fn uri(raw: &str) -> String {
    raw.chars().filter(|c| !c.is_control() && !c.is_whitespace() && *c != '"').take(TEXT_CHARS).collect()
}

/// An instant as `20270713T190000Z`.
pub(super) fn utc(at: Instant) -> String {
    at.trunc_subsecs(0).format("%Y%m%dT%H%M%SZ").to_string()
}

/// An event with what every event here has.
pub(super) fn event(uid: &str, sequence: u32, stamp: Instant, span: &Span) -> Event {
    let mut event = Event::with_uid(&line(uid));
    event
        .add_property("DTSTAMP", utc(stamp))
        .add_property("LAST-MODIFIED", utc(stamp))
        .add_property("SEQUENCE", sequence.to_string())
        .add_property("DTSTART", utc(span.starts_at()))
        .add_property("DTEND", utc(span.ends_at()))
        .add_property("CLASS", "PRIVATE");
    event
}

/// A calendar with our own PRODID instead of the library's.
pub(super) fn calendar() -> Calendar {
    let mut calendar = Calendar::empty();
    for (key, value) in
        [("VERSION", "2.0"), ("PRODID", "-//Holdspace//Holdspace//EN"), ("CALSCALE", "GREGORIAN")]
    {
        calendar.append_property(Property::new(key, value));
    }
    calendar
}

/// The calendar as text: CRLF, folded at 75 octets.
///
/// The library's own folding lets a last line of 76 octets through, so its folds are undone and made anew.
pub(super) fn written(calendar: &Calendar) -> String {
    let raw = calendar.to_string().replace("\r\n ", "");
    let mut out = String::with_capacity(raw.len() + raw.len() / 32);
    for line in raw.split("\r\n").filter(|line| !line.is_empty()) {
        fold(line, &mut out);
    }
    out
}

fn fold(line: &str, out: &mut String) {
    let (mut rest, mut room) = (line, LINE_OCTETS);
    while rest.len() > room {
        let (here, later) = rest.split_at(rest.floor_char_boundary(room));
        out.push_str(here);
        out.push_str("\r\n ");
        // The space at its start is one of the octets of the next.
        (rest, room) = (later, LINE_OCTETS - 1);
    }
    out.push_str(rest);
    out.push_str("\r\n");
}

/// What every calendar text must be, whoever's name is in it.
#[cfg(test)]
pub(super) fn assert_well_formed(written: &str) {
    assert!(written.ends_with("END:VCALENDAR\r\n"));
    let bare = written.replace("\r\n", "");
    assert!(!bare.contains(['\r', '\n']), "a bare CR or LF in {bare:?}");
    assert!(!bare.chars().any(char::is_control), "a control character in {bare:?}");
    for line in written.split("\r\n") {
        assert!(line.len() <= LINE_OCTETS, "{} octets: {line}", line.len());
    }
    for line in written.replace("\r\n ", "").split_terminator("\r\n") {
        let name = line.split([':', ';']).next().unwrap_or_default();
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'-'), "{line}");
    }
    written.parse::<Calendar>().expect("the library reads what it wrote");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_is_never_inside_a_character_and_never_late() {
        for pad in 0..80 {
            for tail in [0, 1, 2, 40, 73, 74, 75, 76, 150] {
                let line = format!("SUMMARY:{}é老{}", "a".repeat(pad), "b".repeat(tail));
                let mut folded = String::new();
                fold(&line, &mut folded);
                assert!(folded.split("\r\n").all(|piece| piece.len() <= LINE_OCTETS), "{folded}");
                assert_eq!(folded.replace("\r\n ", ""), format!("{line}\r\n"));
            }
        }
    }

    #[test]
    fn a_name_cannot_leave_its_quotes_or_its_line() {
        assert_eq!(name("Ann \"x\";CN=\r\nATTENDEE:mailto:b@x.org"), "Ann 'x';CN= ATTENDEE:mailto:b@x.org");
        assert_eq!(text("a\r\nb\rc\u{0}d\u{202e}"), "a\nb\nc d");
        assert_eq!(uri("https://x.org/ a\r\nb"), "https://x.org/ab");
    }
}
