//! A letter's calendar part in words, so that one sees what a calendar program would. Not a parser of calendars: it
//! reads what this house wrote.

use crate::domain::time::{Span, Zone};
use crate::web::told;
use crate::web::words::words;

/// What a calendar program makes of the part.
pub struct EntryTold {
    /// What the calendar does with it.
    pub does: &'static str,
    /// What colleagues who may look into the calendar see.
    pub title: String,
    /// The day.
    pub day: String,
    /// From when to when.
    pub times: String,
    /// Which change of the entry this is; the first is 0.
    pub sequence: String,
    /// What tells it from other entries for its whole life.
    pub uid: String,
}

/// The part in words; none where it is not as this house writes it.
pub fn in_words(calendar: &str, zone: Zone) -> Option<EntryTold> {
    // RFC 5545, section 3.1: a line that begins with a space goes on from the one before.
    let text = calendar.replace("\r\n ", "").replace("\r\n\t", "");
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.split(';').next() == Some(name)).map(|(_, value)| value.to_owned())
    };
    let moment = |name: &str| {
        let text = value(name)?;
        Some(chrono::NaiveDateTime::parse_from_str(&text, "%Y%m%dT%H%M%SZ").ok()?.and_utc())
    };
    let span = Span::new(moment("DTSTART")?, moment("DTEND")?)?;
    let w = words();
    Some(EntryTold {
        does: match (value("METHOD")?.as_str(), value("SEQUENCE").as_deref()) {
            ("CANCEL", _) => "The calendar takes the entry out.",
            (_, Some("0")) => "The calendar offers to put the entry in.",
            _ => "The calendar moves the entry that it has.",
        },
        title: value("SUMMARY").unwrap_or_default().replace("\\,", ",").replace("\\;", ";"),
        day: told::day_of(w, span, zone),
        times: told::times(w, span, zone),
        sequence: value("SEQUENCE").unwrap_or_default(),
        uid: value("UID").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_told_as_a_calendar_would_take_it() {
        let calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:abc\r\n d\r\nSEQUENCE:0\r\n\
            DTSTART:20270713T190000Z\r\nDTEND:20270713T195000Z\r\nSUMMARY:Protected time\r\nEND:VEVENT\r\n";
        let told = in_words(calendar, "America/Denver".parse().unwrap()).unwrap();
        assert_eq!((told.uid.as_str(), told.title.as_str()), ("abcd", "Protected time"));
        assert_eq!((told.day.as_str(), told.times.as_str()), ("Tuesday, July 13, 2027", "1:00–1:50 PM MDT"));
        assert!(told.does.contains("put the entry in"));
        assert!(in_words("BEGIN:VCALENDAR\r\n", Zone::UTC).is_none());
    }
}
