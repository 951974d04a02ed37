//! Bodies of calendar programs' requests, by whomever: what they are answered is XML by the letter, and says the names and
//! addresses again that were asked for.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use holdspace::remote::multistatus;
use holdspace::web::dav::rehearsal::{Rehearsal, rehearse};
use quick_xml::NsReader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;

/// Most elements of a request, and the longest stretch of time of a query, in days.
const MAX_ELEMENTS: usize = 2_000;
const MAX_DAYS: i64 = 5 * 365 + 2;

/// Reads the body of a request, and what it is answered.
pub fn requests(bytes: &[u8]) {
    let now = DateTime::<Utc>::UNIX_EPOCH + Duration::days(20_620);
    let Some(Rehearsal { names, hrefs, within, answer }) = rehearse(bytes, now) else { return };
    assert!(names.len() <= 2 * MAX_ELEMENTS && hrefs.len() <= MAX_ELEMENTS);
    assert!(within.is_none_or(|span| span.minutes() <= MAX_DAYS * 24 * 60), "no question without an end");
    let Ok(text) = std::str::from_utf8(&answer) else { panic!("an answer that is not UTF-8") };
    assert!(text.chars().all(is_character), "a character that XML does not have: {text:?}");
    let said: BTreeSet<(String, String)> = elements(text);
    for name in names {
        assert!(is_name(&name.1), "no name by XML: {name:?}");
        assert!(said.contains(&name), "{name:?} is not in {text}");
    }
    match multistatus::read(text) {
        Ok(things) => {
            assert!(things.iter().map(|thing| &thing.href).eq(&hrefs), "{hrefs:?} are not in {text}")
        }
        Err(unreadable) => panic!("{unreadable:?}: {text}"),
    }
}

/// `Char` of XML 1.0.
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// `NCName` of Namespaces in XML 1.0.
fn is_name(text: &str) -> bool {
    let begins = |c: char| {
        matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
            | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
    };
    let goes_on = |c: char| {
        begins(c)
            || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
    };
    text.chars().next().is_some_and(begins) && text.chars().all(goes_on)
}

/// The names of all elements of a document, with their namespaces as they are meant.
fn elements(text: &str) -> BTreeSet<(String, String)> {
    let mut reader = NsReader::from_str(text);
    let mut names = BTreeSet::new();
    loop {
        match reader.read_resolved_event() {
            Ok((_, Event::Eof)) => return names,
            Ok((space, Event::Start(start) | Event::Empty(start))) => {
                let local: &str = start.local_name().into_inner();
                let space = match space {
                    ResolveResult::Bound(space) => {
                        let space: &str = space.as_ref();
                        unescape(space).map_or_else(|_| panic!("{text}"), |space| space.into_owned())
                    }
                    ResolveResult::Unbound => String::new(),
                    ResolveResult::Unknown(_) => panic!("a prefix that means nothing: {text}"),
                };
                names.insert((space, local.to_owned()));
            }
            Ok(_) => {}
            Err(problem) => panic!("{problem}: {text}"),
        }
    }
}
