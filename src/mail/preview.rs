//! Every letter with invented people, as files to look at. Never a real name.

use super::context::{Context, Frame};
use super::message::{CalendarPart, MessageError, Outgoing, message_id, mime};
use super::template::{Rendered, TemplateError, Templates, written};
use super::words::entry_description;
use crate::calendar::invitation::{self, Entry, Party};
use crate::domain::identity::{Address, Identity};
use crate::domain::language::Language;
use crate::domain::letter::{Letter, Method};
use crate::domain::time::{Instant, Span};

/// One file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewFile {
    /// Its name, such as `invitation.eml`.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A letter that cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// Its template is broken.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// It does not fit into a mail.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The invented people are not what they should be.
    #[error("the sample of a preview is broken")]
    Sample,
}

/// The letters of one installation, to be looked at: their words, and who stands behind them.
pub struct Letterhead {
    /// The templates in use.
    pub templates: Templates,
    /// Who stands behind the letters, in words.
    pub office: String,
    /// Where a person answers questions.
    pub contact: String,
}

impl Letterhead {
    /// The letters built in, from an invented office.
    ///
    /// # Errors
    /// None in a tested build.
    pub fn sample() -> Result<Self, TemplateError> {
        let Frame { office, contact, .. } = Frame::sample();
        Ok(Self { templates: Templates::embedded()?, office, contact })
    }

    /// One letter with invented people; with an offering's title, where one is given.
    ///
    /// # Errors
    /// Where its template is broken.
    pub fn preview(&self, letter: Letter, title: Option<&str>) -> Result<Rendered, TemplateError> {
        let context = Context::sample(letter, Language::English).from_office(&self.office, &self.contact);
        let context = match title {
            Some(title) => context.titled(title),
            None => context,
        };
        self.templates.render(&context, Language::English)
    }
}

/// Every letter of a language, each as the mail, its page and its text; the same bytes every time. In Spanish these are
/// the letters to residents.
///
/// # Errors
/// The first letter that cannot be rendered.
pub fn previews(templates: &Templates, language: Language) -> Result<Vec<PreviewFile>, PreviewError> {
    let mut files = Vec::with_capacity(3 * Letter::ALL.len());
    for (letter, language) in written().filter(|(_, written)| *written == language) {
        let context = Context::sample(letter, language);
        let rendered = templates.render(&context, language)?;
        let file = |ending: &str, bytes: Vec<u8>| PreviewFile { name: format!("{letter}.{ending}"), bytes };
        let text = format!("Subject: {}\n\n{}", rendered.subject, rendered.text);
        files.push(file("eml", mail(letter, language, &rendered)?));
        files.push(file("html", rendered.html.clone().into_bytes()));
        files.push(file("txt", text.into_bytes()));
    }
    Ok(files)
}

fn mail(letter: Letter, language: Language, rendered: &Rendered) -> Result<Vec<u8>, PreviewError> {
    const UID: &str = "aebagbafaydqqcikbmga2dqpca";
    let sender: Address = Frame::sample().contact.parse().map_err(|_| PreviewError::Sample)?;
    let address: Address = "tcastellanos@im.example.edu".parse().map_err(|_| PreviewError::Sample)?;
    let resident = Identity::new("Thuy-Anh", "Castellanos", address);
    let from = Party { name: "Holdspace", address: &sender };
    let name = resident.reveal_name();
    let sequence = if letter == Letter::Invitation { 0 } else { 1 };
    let entry = Entry {
        uid: UID,
        sequence,
        stamp: moment("2027-06-15T15:00:00Z")?,
        span: Span::new(moment("2027-07-13T19:00:00Z")?, moment("2027-07-13T19:50:00Z")?)
            .ok_or(PreviewError::Sample)?,
        title: "Protected time",
        organizer: from,
        attendee: Party { name: &name, address: resident.address() },
        url: None,
        description: entry_description(language),
    };
    let body = letter.method().map(|method| match method {
        Method::Request => (method, invitation::request(&entry)),
        Method::Cancel => (method, invitation::cancel(&entry)),
    });
    let first = message_id(UID, 0, Letter::Invitation, None, "example.org");
    let id = message_id(UID, sequence, letter, None, "example.org");
    let follows = letter.follows_the_invitation();
    Ok(mime(&Outgoing {
        from,
        to: &resident,
        message_id: &id,
        thread: &[first.as_str()][..usize::from(follows)],
        date: entry.stamp,
        rendered,
        calendar: body.as_ref().map(|(method, body)| CalendarPart { method: *method, body, attached: true }),
        unsubscribe_url: None,
    })?)
}

fn moment(text: &str) -> Result<Instant, PreviewError> {
    text.parse().map_err(|_| PreviewError::Sample)
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;
    use crate::domain::letter::telling_word;

    fn files(language: Language) -> Vec<PreviewFile> {
        previews(&Templates::embedded().unwrap(), language).unwrap()
    }

    #[test]
    fn every_letter_can_be_looked_at_in_three_ways_and_always_alike() {
        let counts = [Letter::ALL.len(), Letter::ALL.iter().filter(|letter| letter.for_residents()).count()];
        for (language, letters) in Language::ALL.into_iter().zip(counts) {
            let files = files(language);
            assert_eq!(files.len(), 3 * letters);
            assert!(files == self::files(language));
        }
    }

    #[test]
    fn a_letter_as_it_goes_out_is_what_was_agreed() {
        let (english, spanish) = (files(Language::English), files(Language::Spanish));
        let spanish =
            spanish.into_iter().map(|file| PreviewFile { name: format!("es-{}", file.name), ..file });
        for file in english.into_iter().chain(spanish).filter(|file| file.name.ends_with(".eml")) {
            let text = String::from_utf8(file.bytes).unwrap();
            let bare = text.replace("\r\n", "");
            assert!(!bare.contains(['\r', '\n']) && bare.is_ascii(), "{}", file.name);
            assert!(text.split("\r\n").all(|line| line.len() <= 200), "{}", file.name);
            insta::assert_snapshot!(file.name, text);
        }
    }

    #[test]
    fn nothing_that_a_colleague_can_see_tells_what_the_time_is_for() {
        let templates = Templates::embedded().unwrap();
        for (letter, language) in written().filter(|(letter, _)| letter.for_residents()) {
            let rendered = templates.render(&Context::sample(letter, language), language).unwrap();
            let bytes = mail(letter, language, &rendered).unwrap();
            let message = MessageParser::default().parse(&bytes).unwrap();
            let sender = message.from().and_then(|from| from.first()).unwrap();
            let mut seen =
                vec![message.subject().unwrap(), sender.name().unwrap(), sender.address().unwrap()];
            seen.extend(message.parts.iter().filter_map(|part| part.attachment_name()));
            let entries: Vec<String> = message
                .parts
                .iter()
                .filter(|part| part.content_type().is_some_and(|kind| kind.subtype() == Some("calendar")))
                .map(|part| String::from_utf8(part.contents().to_vec()).unwrap().replace("\r\n ", ""))
                .collect();
            assert_eq!(entries.len(), usize::from(letter.method().is_some()), "{letter}");
            for entry in &entries {
                assert!(!entry.contains("\r\nLOCATION") && !entry.contains("\r\nURL"), "{letter}");
                // STATUS and METHOD must be said; a calendar shows them to nobody who may not see the entry go.
                seen.extend(entry.lines().filter(|line| {
                    ["SUMMARY", "DESCRIPTION", "ORGANIZER", "UID"].iter().any(|key| line.starts_with(key))
                }));
            }
            for text in seen {
                assert_eq!(telling_word(text), None, "{letter}: {text}");
            }
        }
    }
}
