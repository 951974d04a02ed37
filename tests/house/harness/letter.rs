//! Reads a received message the way a mail program would: subject, bodies, calendar part, links.
//! Never uses the product's own code to do so, or a fault could read itself as right.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders};

use super::smtp::Received;

/// A message as its reader has it before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadLetter {
    /// Every field of the header in order: its name and its raw value, unfolded and trimmed.
    pub header: Vec<(String, String)>,
    /// The decoded subject.
    pub subject: String,
    /// The decoded text/plain part; empty where there is none.
    pub text: String,
    /// The decoded text/html part; empty where there is none.
    pub html: String,
    /// Every text/calendar or application/ics part, in order.
    pub calendar: Vec<CalendarPart>,
}

/// One calendar part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarPart {
    /// Its media type, such as text/calendar.
    pub media_type: String,
    /// The method parameter of its Content-Type; none where it has none.
    pub method: Option<String>,
    /// Its file name; none where it is no attachment.
    pub file_name: Option<String>,
    /// The decoded iCalendar text.
    pub text: String,
}

impl Received {
    /// Reads the message.
    ///
    /// # Panics
    /// Where it is no readable mail.
    pub fn read(&self) -> ReadLetter {
        let mail = MessageParser::default().parse(&self.bytes).expect("what was received is a mail");
        ReadLetter {
            header: mail.headers_raw().map(|(name, value)| (name.to_owned(), unfold(value))).collect(),
            subject: mail.subject().unwrap_or_default().to_owned(),
            text: body(&mail, "plain"),
            html: body(&mail, "html"),
            calendar: mail.parts.iter().filter_map(calendar).collect(),
        }
    }
}

impl ReadLetter {
    /// The raw values of a header field, in order.
    pub fn field(&self, name: &str) -> Vec<&str> {
        let named = self.header.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// Every http(s) link of the text and the HTML body, each once, in order.
    pub fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        for link in links_in(&self.text).chain(links_in(&self.html)) {
            if !links.contains(&link) {
                links.push(link);
            }
        }
        links
    }

    /// The first link that contains `part`.
    ///
    /// # Panics
    /// Where none does, naming those that are there.
    pub fn link(&self, part: &str) -> String {
        let links = self.links();
        let found = links.iter().find(|link| link.contains(part));
        found.unwrap_or_else(|| panic!("no link with {part:?} among {links:?}")).clone()
    }
}

/// The links of a text: from `http` to what can stand in no link, without the sentence's closing marks.
fn links_in(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("http").filter_map(|(start, _)| {
        let rest = &text[start..];
        let end = rest.find(|sign: char| sign.is_whitespace() || "<>\"'".contains(sign));
        let link = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ')', ';', ':', '!', '?']);
        let is_link = link.starts_with("http://") || link.starts_with("https://");
        is_link.then(|| link.replace("&amp;", "&"))
    })
}

/// The first part of type text/`subtype`, decoded. A part without a type is plain text (RFC 2045, section 5.2).
fn body(mail: &Message, subtype: &str) -> String {
    let fits = |part: &&MessagePart| match part.content_type() {
        Some(kind) => kind.ctype().eq_ignore_ascii_case("text") && kind.subtype() == Some(subtype),
        None => subtype == "plain" && part.is_text(),
    };
    mail.parts.iter().find(fits).and_then(|part| part.text_contents()).unwrap_or_default().to_owned()
}

/// A part as a calendar part, if it is one.
fn calendar(part: &MessagePart) -> Option<CalendarPart> {
    let kind = part.content_type()?;
    let media_type = format!("{}/{}", kind.ctype(), kind.subtype()?).to_ascii_lowercase();
    matches!(media_type.as_str(), "text/calendar" | "application/ics").then(|| CalendarPart {
        media_type,
        method: kind.attribute("method").map(str::to_owned),
        file_name: part.attachment_name().map(str::to_owned),
        text: String::from_utf8_lossy(part.contents()).into_owned(),
    })
}

/// A header value on one line (RFC 5322, section 2.2.3).
fn unfold(value: &str) -> String {
    value.replace("\r\n", "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITATION: &str = "From: Protected time <office@example.org>\r\n\
        Subject: =?utf-8?Q?Your_protected_time_=E2=80=93_Tuesday?=\r\n\
        X-Long: first\r\n second\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=m\r\n\r\n\
        --m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
        --a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        See or change it: https://h.example/v/abc=\r\ndef?a=3D1&b=3D2.\r\n\
        --a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
        <a href=\"https://h.example/v/abcdef?a=1&amp;b=2\">See</a> <a href='https://h.example/privacy'>Why</a>\r\n\
        --a\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nQkVHSU46VkNBTEVOREFSDQo=\r\n--a--\r\n\
        --m\r\nContent-Type: application/ics; name=\"invite.ics\"\r\n\
        Content-Disposition: attachment; filename=\"invite.ics\"\r\n\r\nBEGIN:VCALENDAR\r\n--m--\r\n";

    fn read(text: &str) -> ReadLetter {
        Received { from: String::new(), to: vec![], bytes: text.as_bytes().to_vec() }.read()
    }

    #[test]
    fn an_invitation_reads_as_its_resident_sees_it() {
        let letter = read(INVITATION);
        assert_eq!(letter.subject, "Your protected time – Tuesday");
        assert_eq!(letter.field("x-long"), ["first second"]);
        assert_eq!(letter.text.trim(), "See or change it: https://h.example/v/abcdef?a=1&b=2.");
        assert!(letter.html.contains("href='https://h.example/privacy'"));
        let [part, attached] = letter.calendar.as_slice() else { panic!("{:?}", letter.calendar) };
        assert_eq!((part.media_type.as_str(), part.method.as_deref()), ("text/calendar", Some("REQUEST")));
        assert_eq!(part.text, "BEGIN:VCALENDAR\r\n");
        assert_eq!((attached.method.as_deref(), attached.file_name.as_deref()), (None, Some("invite.ics")));
    }

    #[test]
    fn a_link_in_both_bodies_counts_once_and_loses_the_full_stop() {
        let letter = read(INVITATION);
        assert_eq!(letter.links(), ["https://h.example/v/abcdef?a=1&b=2", "https://h.example/privacy"]);
        assert_eq!(letter.link("privacy"), "https://h.example/privacy");
    }

    #[test]
    fn a_bare_text_mail_has_only_its_text() {
        let letter = read("Subject: Hello\r\n\r\nJust words.\r\n");
        assert_eq!((letter.text.trim(), letter.html.as_str()), ("Just words.", ""));
        assert!(letter.calendar.is_empty() && letter.links().is_empty());
    }
}
