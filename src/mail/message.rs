//! Puts a rendered letter into the MIME form that Outlook, Gmail and Apple Mail take for a meeting. Never reads
//! a clock or draws a number: the same letter is the same to the byte.

use std::time::{Duration, SystemTime};

use data_encoding::HEXLOWER;
use lettre::message::header::{
    ContentDisposition, ContentTransferEncoding, ContentType, ContentTypeErr, HeaderName, HeaderValue,
};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::template::Rendered;
use crate::calendar::invitation::Party;
use crate::calendar::text::name;
use crate::domain::identity::Identity;
use crate::domain::letter::{Letter, Method};
use crate::domain::time::Instant;

/// The name of the attached calendar file: the same for everyone, and it tells nothing.
pub const CALENDAR_FILE: &str = "invite.ics";

/// The calendar part of a letter.
#[derive(Clone, Copy)]
pub struct CalendarPart<'a> {
    /// The METHOD of the body, which the MIME part must repeat.
    pub method: Method,
    /// What [`crate::calendar::invitation`] wrote.
    pub body: &'a str,
    /// Whether the same bytes are attached as a file, for programs that show no buttons.
    pub attached: bool,
}

/// A letter on its way to one recipient.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// The one address of the installation; ORGANIZER of every entry.
    pub from: Party<'a>,
    /// The one recipient.
    pub to: &'a Identity,
    /// What [`message_id`] gives: a second copy bears the same.
    pub message_id: &'a str,
    /// The letters before it in its thread, the first one first: all for References, the last for In-Reply-To.
    pub thread: &'a [&'a str],
    /// When the letter was owed, not when it is sent.
    pub date: Instant,
    /// Its words.
    pub rendered: &'a Rendered,
    /// Its calendar part.
    pub calendar: Option<CalendarPart<'a>>,
    /// An `https` address that stops letters of this kind at one click (RFC 8058). Leave it out of invitations:
    /// a mail program's "unsubscribe" must not undo what was held for somebody.
    pub unsubscribe_url: Option<&'a str>,
}

/// A letter that cannot be put into MIME. Never says a name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The library refuses an address that our own check let through.
    #[error("the {0} address has a form that mail cannot carry; correct it on the roster")]
    Address(&'static str),
    /// Not of the form `<letters@domain>`.
    #[error("a Message-ID must look like <uid.0.invitation@example.org>")]
    MessageId,
    /// Not an `https` address of plain ASCII.
    #[error("the unsubscribe address must begin with https:// and hold no space")]
    UnsubscribeUrl,
    /// The library refuses the whole.
    #[error("the letter cannot be put into mail form: {0}")]
    Form(&'static str),
}

/// The one Message-ID of a letter: `<uid.sequence.letter@domain>`, or `<uid.sequence.letter.occasion@domain>` where
/// the same letter comes more than once, such as a reminder two days and one day ahead: mail programs drop the
/// second of two with one Message-ID.
///
/// An occasion holds letters, digits, `-` and `_`.
#[must_use]
pub fn message_id(uid: &str, sequence: u32, letter: Letter, occasion: Option<&str>, domain: &str) -> String {
    let occasion = occasion.map(|occasion| format!(".{occasion}")).unwrap_or_default();
    format!("<{uid}.{sequence}.{letter}{occasion}@{domain}>")
}

/// The letter as bytes with CRLF line ends.
///
/// # Errors
/// See [`MessageError`]; a name never is one, whatever it holds.
pub fn mime(letter: &Outgoing<'_>) -> Result<Vec<u8>, MessageError> {
    let id = checked_id(letter.message_id)?;
    let from = mailbox(letter.from.name, letter.from.address.reveal(), "sender's")?;
    // The one place where a recipient's name and address go into a letter: its To line.
    let to = mailbox(&letter.to.reveal_name(), letter.to.address().reveal(), "recipient's")?;
    let mut builder = Message::builder()
        .message_id(Some(id.to_owned()))
        .date(moment(letter.date))
        .from(from)
        .to(to)
        .subject(letter.rendered.subject.as_str());
    for id in letter.thread {
        checked_id(id)?;
    }
    if let Some(last) = letter.thread.last() {
        builder = builder.in_reply_to((*last).to_owned()).references(letter.thread.join(" "));
    }
    builder = raw(builder, "Auto-Submitted", "auto-generated");
    // Not "All": that would also keep bounces away.
    builder = raw(builder, "X-Auto-Response-Suppress", "OOF, AutoReply");
    if let Some(url) = letter.unsubscribe_url {
        builder = unsubscribe(builder, url)?;
    }
    let parts = parts(letter, id).map_err(|_| MessageError::Form("a content type is wrong"))?;
    let message = builder.multipart(parts).map_err(|_| MessageError::Form("its headers do not fit"))?;
    Ok(message.formatted())
}

fn parts(letter: &Outgoing<'_>, id: &str) -> Result<MultiPart, ContentTypeErr> {
    let mut alternative = MultiPart::alternative()
        .boundary(boundary(id, "alternative"))
        .singlepart(words(ContentType::TEXT_PLAIN, &letter.rendered.text))
        .singlepart(words(ContentType::TEXT_HTML, &letter.rendered.html));
    let Some(calendar) = letter.calendar else {
        return Ok(alternative);
    };
    let content_type =
        ContentType::parse(&format!("text/calendar; charset=utf-8; method={}", calendar.method.name()))?;
    // Last in the alternative and without a Content-Disposition, or Thunderbird shows no buttons.
    alternative = alternative.singlepart(bytes(content_type, calendar.body));
    let mut mixed = MultiPart::mixed().boundary(boundary(id, "mixed")).multipart(alternative);
    if calendar.attached {
        let content_type = ContentType::parse(&format!("application/ics; name={CALENDAR_FILE}"))?;
        let mut part = SinglePart::builder().header(ContentDisposition::attachment(CALENDAR_FILE));
        part = part.content_type(content_type).header(ContentTransferEncoding::Base64);
        mixed = mixed.singlepart(part.body(calendar.body.as_bytes().to_vec()));
    }
    Ok(mixed)
}

/// Quoted-printable always: in 7bit the library would let a bare CR through, which SMTP smuggling feeds on.
fn words(content_type: ContentType, text: &str) -> SinglePart {
    SinglePart::builder()
        .content_type(content_type)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text.to_owned())
}

/// Base64, as Outlook writes it itself: no relay touches its line ends.
fn bytes(content_type: ContentType, body: &str) -> SinglePart {
    SinglePart::builder()
        .content_type(content_type)
        .header(ContentTransferEncoding::Base64)
        .body(body.as_bytes().to_vec())
}

/// Made of the Message-ID, so that the letter is the same whenever it is built.
fn boundary(id: &str, part: &str) -> String {
    let digest = Sha256::digest(format!("{part} {id}").as_bytes());
    format!("hold-{}", HEXLOWER.encode(&digest[..16]))
}

fn mailbox(raw_name: &str, address: &str, whose: &'static str) -> Result<Mailbox, MessageError> {
    // The library panics on a line break in a display name.
    let name = Some(name(raw_name)).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address.parse().map_err(|_| MessageError::Address(whose))?))
}

fn raw(builder: MessageBuilder, name: &'static str, value: &str) -> MessageBuilder {
    builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()))
}

fn unsubscribe(builder: MessageBuilder, url: &str) -> Result<MessageBuilder, MessageError> {
    let plain = url.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
    if !url.starts_with("https://") || !plain || url.len() > 900 {
        return Err(MessageError::UnsubscribeUrl);
    }
    // On one physical line: several programs read no further.
    let value = format!("<{url}>");
    let header = HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str("List-Unsubscribe"),
        value.clone(),
        value,
    );
    Ok(raw(builder.raw_header(header), "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
}

fn checked_id(id: &str) -> Result<&str, MessageError> {
    let atom = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    let inside = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).ok_or(MessageError::MessageId)?;
    match inside.split_once('@') {
        Some((left, right)) if atom(left) && atom(right) && id.len() <= 250 => Ok(id),
        _ => Err(MessageError::MessageId),
    }
}

/// The library panics outside the years 1970 to 9999.
fn moment(at: Instant) -> SystemTime {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default().min(253_402_300_799);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests;
