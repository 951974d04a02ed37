//! From what a letter says to the bytes that are sent: words, calendar part and MIME in one step. Never sends.

use super::context::Context;
use super::message::{CalendarPart, MessageError, Outgoing, message_id, mime};
use super::signature::NotSigned;
use super::template::{TemplateError, Templates};
use super::words::entry_description;
use crate::calendar::invitation::{Entry, Party, cancel, request};
use crate::domain::identity::{Address, Identity};
use crate::domain::language::Language;
use crate::domain::letter::{Letter, Method};
use crate::domain::time::{Instant, Span};

/// The one sender of an installation, which is also the ORGANIZER of every entry.
#[derive(Clone)]
pub struct Sender {
    /// The name that people see.
    pub name: String,
    /// The address; its domain ends every Message-ID.
    pub address: Address,
}

impl Sender {
    fn domain(&self) -> &str {
        // The domain of our own sender, which is no secret.
        self.address.reveal().rsplit('@').next().unwrap_or("localhost")
    }

    fn party(&self) -> Party<'_> {
        Party { name: &self.name, address: &self.address }
    }
}

/// What makes a letter this letter and no other, and its calendar entry this entry.
#[derive(Debug, Clone, Copy)]
pub struct Particulars<'a> {
    /// The calendar's UID, or another opaque identifier.
    pub uid: &'a str,
    /// The SEQUENCE of the calendar part.
    pub sequence: u32,
    /// Whether the offering announces its invitations, so that the announcement is the first letter of the thread.
    pub announced: bool,
    /// An `https` address that stops letters of this kind.
    pub unsubscribe_url: Option<&'a str>,
    /// What tells it from other letters of its kind.
    pub occasion: &'a str,
    /// Its Date.
    pub date: Instant,
    /// The DTSTAMP of its calendar part: when it was owed.
    pub stamp: Instant,
    /// The visit that the calendar part speaks of; none where there is no such part.
    pub visit: Option<Span>,
    /// The neutral title of the entry.
    pub title: &'a str,
    /// The language that it is written in.
    pub language: Language,
}

/// A letter ready to be sent.
pub struct Composed {
    /// With its angle brackets. The same for a second copy.
    pub message_id: String,
    /// With CRLF line ends.
    pub bytes: Vec<u8>,
}

/// Why a letter could not be written. Names no person.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Its words.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Its form.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// Its signature.
    #[error(transparent)]
    Signature(#[from] NotSigned),
}

/// Writes a letter. The same input gives the same bytes.
///
/// # Errors
/// [`ComposeError`].
pub fn compose(
    templates: &Templates,
    sender: &Sender,
    to: &Identity,
    context: &Context,
    of: &Particulars<'_>,
) -> Result<Composed, ComposeError> {
    let letter = context.letter();
    let rendered = templates.render(context, of.language)?;
    let occasion: String = of.occasion.chars().filter(char::is_ascii_alphanumeric).collect();
    // All letters of a thread follow the one announcement and the one invitation that were sent, to whichever default visit
    // and to whichever address.
    let begins = matches!(letter, Letter::Announcement | Letter::Invitation);
    let occasion = Some(occasion.as_str()).filter(|occasion| !occasion.is_empty() && !begins);
    // The SEQUENCE tells what somebody did; a Message-ID stands outside, and is everybody's alike.
    let number = if letter.for_everyone() { 0 } else { of.sequence };
    let id = message_id(of.uid, number, letter, occasion, sender.domain());
    let thread = thread(letter, of, sender.domain());
    let calendar = calendar(sender, to, letter, of);
    let bytes = mime(&Outgoing {
        from: sender.party(),
        to,
        message_id: &id,
        thread: &thread.iter().map(String::as_str).collect::<Vec<_>>(),
        date: of.date,
        rendered: &rendered,
        calendar: calendar.as_ref().map(|(method, body)| CalendarPart {
            method: *method,
            body,
            attached: true,
        }),
        unsubscribe_url: of.unsubscribe_url,
    })?;
    Ok(Composed { message_id: id, bytes })
}

/// The letters that stand before this one: the announcement, where the offering sends one, and the one invitation. They
/// hang on the booking alone: neither what somebody did nor how often shows in a thread.
fn thread(letter: Letter, of: &Particulars<'_>, domain: &str) -> Vec<String> {
    if !letter.follows_the_invitation() && letter != Letter::Invitation {
        return Vec::new();
    }
    let before = [of.announced.then_some(Letter::Announcement), Some(Letter::Invitation)];
    let before = before.into_iter().flatten().take_while(|before| *before != letter);
    before.map(|before| message_id(of.uid, 0, before, None, domain)).collect()
}

fn calendar(
    sender: &Sender,
    to: &Identity,
    letter: Letter,
    of: &Particulars<'_>,
) -> Option<(Method, String)> {
    let (method, span) = (letter.method()?, of.visit?);
    let name = to.reveal_name();
    let entry = Entry {
        uid: of.uid,
        sequence: of.sequence,
        stamp: of.stamp,
        span,
        title: of.title,
        organizer: sender.party(),
        attendee: Party { name: &name, address: to.address() },
        // A calendar is read by delegates and assistants, and the link is a key: it stands in the letter alone.
        url: None,
        description: entry_description(of.language),
    };
    let body = match method {
        Method::Request => request(&entry),
        Method::Cancel => cancel(&entry),
    };
    Some((method, body))
}
