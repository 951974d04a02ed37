//! Answers of CalDAV servers, by whomever: bounded, the same when they are written again, and the events in them are
//! calendars like any other.

use holdspace::remote::multistatus::{self, Thing};
use quick_xml::escape::escape;

use super::calendars;

/// Most responses of one answer.
const RESPONSES: usize = 5_000;

/// Reads an answer and the events in it.
pub fn answers(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(things) = multistatus::read(text) else { return };
    assert!(things.len() <= RESPONSES);
    let kept: usize = things.iter().map(size).sum();
    assert!(kept <= 4 * text.len(), "{kept} bytes are kept of {}", text.len());
    let written = write(&things);
    let again = multistatus::read(&written);
    assert_eq!(again.as_ref(), Ok(&things), "{written}");
    let events = things.iter().filter_map(|thing| thing.data.as_deref());
    events.take(8).for_each(|event| calendars(event.as_bytes()));
}

fn size(thing: &Thing) -> usize {
    let whole = [Some(&thing.href), thing.principal.as_ref(), thing.home.as_ref(), thing.data.as_ref()];
    whole.into_iter().flatten().chain(&thing.components).map(String::len).sum()
}

fn write(things: &[Thing]) -> String {
    let text = |text: &str| escape(text).replace('\r', "&#13;");
    let mut all = r#"<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">"#.to_owned();
    for thing in things {
        all += &format!("<response><href>{}</href>", text(&thing.href));
        if let Some(principal) = &thing.principal {
            let href = text(principal);
            all += &format!("<current-user-principal><href>{href}</href></current-user-principal>");
        }
        if let Some(home) = &thing.home {
            all += &format!("<C:calendar-home-set><href>{}</href></C:calendar-home-set>", text(home));
        }
        if thing.is_calendar {
            all += "<C:calendar/>";
        }
        for component in &thing.components {
            // Kept as it is written; one that has one kind of quotation mark stood in the other.
            let mark = if component.contains('"') { '\'' } else { '"' };
            all += &format!("<C:comp name={mark}{component}{mark}/>");
        }
        if let Some(data) = &thing.data {
            all += &format!("<C:calendar-data>{}</C:calendar-data>", text(data));
        }
        all += "</response>";
    }
    all + "</multistatus>"
}
