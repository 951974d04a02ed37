//! The MIME form of letters: what mail programs need, and what no name may break.

use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::*;
use crate::domain::identity::Address;

fn address(text: &str) -> Address {
    text.parse().ok().unwrap()
}

fn words(subject: &str, body: &str) -> Rendered {
    Rendered { subject: subject.to_owned(), text: body.to_owned(), html: format!("<p>{body}</p>") }
}

fn built(given: &str, family: &str, sender: &str, rendered: &Rendered, calendar: Option<&str>) -> Vec<u8> {
    let from = address("hold@example.org");
    let to = Identity::new(given, family, address("tcastellanos@im.example.edu"));
    mime(&Outgoing {
        from: Party { name: sender, address: &from },
        to: &to,
        message_id: "<aebagbafaydqqcikbmga2dqpca.1.moved@example.org>",
        thread: &["<aebagbafaydqqcikbmga2dqpca.0.invitation@example.org>"],
        date: "2027-06-15T15:00:00Z".parse().unwrap(),
        rendered,
        calendar: calendar.map(|body| CalendarPart { method: Method::Request, body, attached: true }),
        unsubscribe_url: None,
    })
    .unwrap()
}

/// What every letter must be on the wire, whoever's name is in it.
fn assert_fit_for_the_wire(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_ascii() && text.ends_with("\r\n"));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']));
    assert!(text.split("\r\n").all(|line| line.len() <= 998));
}

#[test]
fn an_invitation_has_the_parts_that_mail_programs_look_for_in_their_order() {
    let ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n";
    let bytes = built("Thuy-Anh", "Castellanos", "Holdspace", &words("Hold", "Héllo"), Some(ics));
    assert_fit_for_the_wire(&bytes);
    let message = MessageParser::default().parse(&bytes).unwrap();
    let kinds: Vec<String> = message
        .parts
        .iter()
        .map(|part| {
            let kind = part.content_type().unwrap();
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics"
        ]
    );
    let calendar = &message.parts[4];
    assert_eq!(calendar.content_type().unwrap().attribute("method"), Some("REQUEST"));
    assert_eq!(calendar.content_type().unwrap().attribute("charset"), Some("utf-8"));
    assert!(calendar.content_disposition().is_none());
    assert_eq!(calendar.contents(), ics.as_bytes());
    assert_eq!(message.parts[5].attachment_name(), Some(CALENDAR_FILE));
    assert_eq!(message.parts[5].contents(), ics.as_bytes());
    assert_eq!(message.body_text(0).unwrap().trim(), "Héllo");
    for header in ["Auto-Submitted: auto-generated\r\n", "X-Auto-Response-Suppress: OOF, AutoReply\r\n"] {
        assert!(String::from_utf8_lossy(&bytes).contains(header), "{header}");
    }
}

#[test]
fn a_letter_without_an_entry_is_two_forms_of_the_same_words() {
    let bytes = built("Ann", "Lee", "Holdspace", &words("Hold", "x"), None);
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(message.parts.len(), 3);
    assert!(!String::from_utf8_lossy(&bytes).contains("multipart/mixed"));
}

#[test]
fn the_same_letter_is_the_same_to_the_byte() {
    let one = || built("Ann", "Lee", "Holdspace", &words("Hold – 1:00", "x"), Some("BEGIN:VCALENDAR\r\n"));
    assert!(one() == one());
}

#[test]
fn a_sender_or_file_name_tells_nothing() {
    assert_eq!(crate::domain::letter::telling_word(CALENDAR_FILE), None);
    assert_eq!(crate::domain::letter::telling_word("Holdspace"), None);
}

#[test]
fn a_click_on_unsubscribe_goes_to_one_plain_https_address_on_one_line() {
    let (from, to) = (address("hold@example.org"), Identity::new("A", "B", address("a@x.org")));
    let rendered = words("s", "b");
    let url = format!("https://holdspace.example.org/stop/{}", "x".repeat(120));
    let letter = |url| Outgoing {
        from: Party { name: "Holdspace", address: &from },
        to: &to,
        message_id: "<u.0.reminder@example.org>",
        thread: &[],
        date: "2027-06-15T15:00:00Z".parse().unwrap(),
        rendered: &rendered,
        calendar: None,
        unsubscribe_url: Some(url),
    };
    let text = String::from_utf8(mime(&letter(&url)).unwrap()).unwrap();
    assert!(text.contains(&format!("\r\nList-Unsubscribe: <{url}>\r\n")));
    assert!(text.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    for wrong in ["http://x.org/a", "https://x.org/a b", "https://x.org/\r\nBcc: a@b.org", "https://x.org/>"]
    {
        assert!(mime(&letter(wrong)).is_err_and(|error| error == MessageError::UnsubscribeUrl), "{wrong}");
    }
}

#[test]
fn a_message_id_cannot_bring_a_line_with_it() {
    for wrong in ["u@x.org", "<u>", "<u@x.org>\r\nBcc: a@b.org", "<u x@x.org>", "<@x>", ""] {
        assert_eq!(checked_id(wrong), Err(MessageError::MessageId), "{wrong}");
    }
    let id = message_id("aebagbafaydqqcikbmga2dqpca", 2, Letter::MovedReminder, None, "example.org");
    assert_eq!(checked_id(&id), Ok("<aebagbafaydqqcikbmga2dqpca.2.moved-reminder@example.org>"));
}

#[test]
fn two_reminders_of_one_visit_are_two_letters() {
    let reminder = |hours| message_id("u", 0, Letter::Reminder, Some(hours), "example.org");
    assert_ne!(reminder("48"), reminder("24"));
    assert_eq!(checked_id(&reminder("24")), Ok("<u.0.reminder.24@example.org>"));
}

#[test]
fn a_letter_owed_before_1970_does_not_stop_the_batch() {
    assert_eq!(moment("1901-01-01T00:00:00Z".parse().unwrap()), SystemTime::UNIX_EPOCH);
}

proptest! {
    #[test]
    fn no_name_and_no_word_can_add_a_header(
        given in "(?s).{0,120}",
        family in "[\\PC\r\n\"\\\\,<>@;:=?]{0,60}",
        sender in "(?s).{0,60}",
        subject in "(?s).{0,200}",
        body in "(?s).{0,400}",
    ) {
        let hostile = format!("{given}\r\nBcc: evil@x.org\r\rX: y\n\"");
        let rendered = words(&crate::calendar::text::line(&subject), &crate::mail::words::clean(&body));
        let bytes = built(&hostile, &family, &format!("{sender}\r\nBcc: evil@x.org"), &rendered, None);
        assert_fit_for_the_wire(&bytes);
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&bytes[..head]).unwrap();
        prop_assert!(!head.lines().any(|line| line.starts_with("Bcc") || line.starts_with("X:")));
        let message = MessageParser::default().parse(&bytes).unwrap();
        prop_assert_eq!(message.to().unwrap().clone().into_list().len(), 1);
        prop_assert_eq!(message.to().unwrap().first().unwrap().address(), Some("tcastellanos@im.example.edu"));
        prop_assert_eq!(message.from().unwrap().first().unwrap().address(), Some("hold@example.org"));
    }
}
