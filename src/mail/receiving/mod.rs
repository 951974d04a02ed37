//! A mail that came in -> what it says. Bounds it before it is parsed, and never looks into a mail that lies within it.

mod authentication;
mod report;
#[cfg(test)]
mod tests;

use std::panic::catch_unwind;

use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders};

use crate::domain::identity::Address;
use crate::domain::incoming::{Content, Incoming, answer, is_uid};
use crate::intake::ics;

/// So many bytes of a mail are read; an answer of a calendar program has a few thousand.
pub const MAX_MAIL: usize = 1 << 20;
/// So many parts a mail may have, and so deep they may lie within each other. The library goes down a mail within a mail, and
/// lets go of it, on the stack: twenty thousand of them, in half a megabyte, end the process.
const MAX_PARTS: usize = 64;

/// Reads a mail. `trusted` is the name by which the institution's own mail server signs what it found out about the
/// sender (RFC 8601, `authserv-id`); without it, nobody's From is believed.
#[must_use]
pub fn read(raw: &[u8], trusted: Option<&str>) -> Incoming {
    read_for(raw, trusted, None)
}

/// The same of a mail whose envelope is known: the address to which it was delivered.
#[must_use]
pub fn read_for(raw: &[u8], trusted: Option<&str>, recipient: Option<&str>) -> Incoming {
    // What lies beyond is an attachment of somebody who wrote a letter.
    let raw = raw.get(..MAX_MAIL).unwrap_or(raw);
    // mail-parser 0.11 panics on some parts that end where none began; one bad mail must not take the others along.
    let parse = || MessageParser::default().parse(raw);
    let parsed = if has_too_many_parts(raw) { None } else { catch_unwind(parse).unwrap_or_default() };
    let Some(message) = parsed else {
        return Incoming { from: None, aligned: false, automatic: false, content: Content::Nothing };
    };
    let from = from(&message);
    let aligned = trusted.is_some_and(|trusted| {
        // Compared with what the mail server vouches for; the domain alone, and it goes nowhere.
        from.as_ref().is_some_and(|from| authentication::aligned(&message, trusted, from.reveal()))
    });
    let automatic = automatic(&message);
    // Before anything else: a letter that comes back bears its own calendar part with it.
    if let Some(report) = report::report(&message) {
        let (tokens, id) = (report::tokens(&message, recipient), report::id(&message));
        return Incoming { from, aligned, automatic, content: Content::Report { report, tokens, id } };
    }
    Incoming { from, aligned, automatic, content: content(&message) }
}

/// Each part that holds others says so in a line of its own.
fn has_too_many_parts(raw: &[u8]) -> bool {
    const LINE: &[u8] = b"content-type";
    let begins = |window: &&[u8]| window.eq_ignore_ascii_case(LINE);
    raw.windows(LINE.len()).filter(begins).take(MAX_PARTS + 1).count() > MAX_PARTS
}

/// The one author. Two From lines, or two authors, are nobody: programs disagree on which of them counts.
fn from(message: &Message<'_>) -> Option<Address> {
    let mut all = message.header_values("From");
    let (first, second) = (all.next()?, all.next());
    let addresses: Vec<_> = first.as_address()?.iter().collect();
    match (addresses.as_slice(), second) {
        ([one], None) => one.address.as_deref()?.parse().ok(),
        _ => None,
    }
}

/// RFC 3834, section 5, and what older programs write instead.
fn automatic(message: &Message<'_>) -> bool {
    let says = |name: &str| message.header_raw(name).map(|value| value.trim().to_ascii_lowercase());
    says("Auto-Submitted").is_some_and(|value| !value.starts_with("no"))
        || says("Precedence")
            .is_some_and(|value| matches!(value.as_str(), "bulk" | "junk" | "list" | "auto_reply"))
        || says("X-Autoreply").is_some()
}

fn content(message: &Message<'_>) -> Content {
    let parts = || message.parts.iter().take(MAX_PARTS);
    // The part that is shown goes before a file with the same words.
    let shown = parts().find(|part| is_type(part, "text", "calendar"));
    let calendar = shown.or_else(|| parts().find(|part| is_type(part, "application", "ics")));
    if let Some(part) = calendar {
        return reply(part);
    }
    let winmail = |part: &&MessagePart<'_>| {
        is_type(part, "application", "ms-tnef")
            || is_type(part, "application", "vnd.ms-tnef")
            || part.attachment_name().is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"))
    };
    match parts().find(winmail) {
        Some(_) => Content::WinmailDat { uid: answered(message) },
        None => Content::Nothing,
    }
}

fn is_type(part: &MessagePart<'_>, wanted: &str, sub: &str) -> bool {
    part.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case(wanted)
            && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case(sub))
    })
}

/// Apple Mail gives no `method` in the header of the part, and where both are given the body's is the one that calendar
/// programs go by.
fn reply(part: &MessagePart<'_>) -> Content {
    let Ok(calendar) = ics::read_whole(part.contents()) else { return Content::Nothing };
    calendar
        .method
        .and_then(|method| answer(&method, &calendar.events))
        .map_or(Content::Nothing, Content::Reply)
}

/// The UID in the Message-ID of the letter of ours that this one answers.
fn answered(message: &Message<'_>) -> Option<String> {
    let references = [message.in_reply_to(), message.references()];
    let ids = references.into_iter().flat_map(|value| match value {
        HeaderValue::Text(id) => vec![id.as_ref()],
        HeaderValue::TextList(ids) => ids.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    });
    let uid = |id: &str| id.trim_start_matches('<').split(['.', '@']).next().unwrap_or_default().to_owned();
    ids.take(MAX_PARTS).map(uid).find(|uid| is_uid(uid))
}
