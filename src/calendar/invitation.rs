//! The entry that a letter carries into a resident's calendar (RFC 5546), in the form that Outlook, Gmail and
//! Apple Mail treat as a meeting. Never a LOCATION, and no word that tells what the time is for.

use icalendar::{Component, Property};

use super::text;
use crate::domain::identity::Address;
use crate::domain::letter::Method;
use crate::domain::time::{Instant, Span};

/// A name and the address that goes with it.
#[derive(Clone, Copy)]
pub struct Party<'a> {
    /// As people call them; cleaned here of whatever a parameter cannot hold.
    pub name: &'a str,
    /// Exactly the address that is mailed: calendar programs show their buttons only where it matches.
    pub address: &'a Address,
}

/// One entry in one resident's calendar.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The same 26 characters for a booking's whole life.
    pub uid: &'a str,
    /// Rises with every change of time and with a removal; calendars ignore what did not rise.
    pub sequence: u32,
    /// DTSTAMP and LAST-MODIFIED: fixed when the letter was owed, so that a second copy is the same.
    pub stamp: Instant,
    /// The visit, from its first to its last minute.
    pub span: Span,
    /// The offering's neutral title.
    pub title: &'a str,
    /// The sender of the letter: ORGANIZER equals From.
    pub organizer: Party<'a>,
    /// The one recipient.
    pub attendee: Party<'a>,
    /// Shown by calendars to everyone who may read the entry: leave it out where the address is a capability.
    pub url: Option<&'a str>,
    /// Neutral words; the details are behind the link.
    pub description: &'a str,
}

/// The entry as a request: new, or moved where the sequence rose.
#[must_use]
pub fn request(entry: &Entry<'_>) -> String {
    write(entry, Method::Request)
}

/// The request to take the entry out.
#[must_use]
pub fn cancel(entry: &Entry<'_>) -> String {
    write(entry, Method::Cancel)
}

/// The visit as a file that its owner puts into a calendar themselves: with the UID of the invitation, so that it is not
/// there twice, and without METHOD, ORGANIZER and ATTENDEE, so that nobody is asked or answered (RFC 5545, section 3.6.1).
#[must_use]
pub fn kept(uid: &str, sequence: u32, stamp: Instant, span: &Span, title: &str, description: &str) -> String {
    let mut event = text::event(uid, sequence, stamp, span);
    event
        .summary(&text::line(title))
        .description(&text::text(description))
        .add_property("STATUS", "CONFIRMED")
        .add_property("TRANSP", "OPAQUE");
    let mut calendar = text::calendar();
    calendar.push(event);
    text::written(&calendar)
}

fn write(entry: &Entry<'_>, method: Method) -> String {
    // A cancelled entry that a calendar keeps on show must not block the time.
    let (status, busy) = match method {
        Method::Request => ("CONFIRMED", "BUSY"),
        Method::Cancel => ("CANCELLED", "FREE"),
    };
    let mut event = text::event(entry.uid, entry.sequence, entry.stamp, &entry.span);
    event
        .summary(&text::line(entry.title))
        .description(&text::text(entry.description))
        .add_property("STATUS", status)
        .add_property("TRANSP", "OPAQUE")
        .add_property("X-MICROSOFT-CDO-BUSYSTATUS", busy)
        .add_property("X-MICROSOFT-DISALLOW-COUNTER", "FALSE")
        .append_property(organizer(&entry.organizer))
        .append_property(attendee(&entry.attendee));
    if let Some(url) = entry.url {
        event.add_property("URL", text::uri(url));
    }
    let mut calendar = text::calendar();
    calendar.append_property(Property::new("METHOD", method.name()));
    calendar.push(event);
    text::written(&calendar)
}

fn mailto(party: &Party<'_>) -> String {
    // The address has to be in the entry: calendars compare it with the mailbox that they read.
    format!("mailto:{}", text::uri(party.address.reveal()))
}

fn organizer(party: &Party<'_>) -> Property {
    Property::new("ORGANIZER", mailto(party)).add_parameter("CN", &text::name(party.name)).done()
}

fn attendee(party: &Party<'_>) -> Property {
    Property::new("ATTENDEE", mailto(party))
        .add_parameter("CUTYPE", "INDIVIDUAL")
        .add_parameter("ROLE", "REQ-PARTICIPANT")
        .add_parameter("PARTSTAT", "NEEDS-ACTION")
        .add_parameter("RSVP", "TRUE")
        .add_parameter("CN", &text::name(party.name))
        .done()
}

#[cfg(test)]
mod tests {
    use icalendar::{Calendar, CalendarComponent};
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::text::assert_well_formed;

    fn address(text: &str) -> Address {
        text.parse().ok().unwrap()
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn written(name: &str, title: &str, description: &str, method: Method) -> String {
        let (from, to) = (address("hold@example.org"), address("tcastellanos@im.example.edu"));
        let entry = Entry {
            uid: "aebagbafaydqqcikbmga2dqpca",
            sequence: 3,
            stamp: at("2027-06-20T15:00:00Z"),
            span: Span::new(at("2027-07-13T19:00:00Z"), at("2027-07-13T19:50:00Z")).unwrap(),
            title,
            organizer: Party { name: "Holdspace", address: &from },
            attendee: Party { name, address: &to },
            url: None,
            description,
        };
        match method {
            Method::Request => request(&entry),
            Method::Cancel => cancel(&entry),
        }
    }

    fn events(written: &str) -> Vec<icalendar::Event> {
        let calendar: Calendar = written.parse().unwrap();
        calendar
            .components
            .into_iter()
            .map(|component| match component {
                CalendarComponent::Event(event) => event,
                _ => panic!("only events"),
            })
            .collect()
    }

    #[test]
    fn an_invitation_is_what_calendar_programs_take_for_a_meeting() {
        insta::assert_snapshot!(written(
            "Thuy-Anh Castellanos",
            "Protected time",
            "Held for you.\nDetails are in the letter.",
            Method::Request
        ));
    }

    #[test]
    fn a_removal_bears_the_same_uid_and_the_method_of_a_removal() {
        let removal = written("Thuy-Anh Castellanos", "Protected time", "", Method::Cancel);
        assert_well_formed(&removal);
        assert!(removal.contains("METHOD:CANCEL\r\n"));
        assert!(removal.contains("STATUS:CANCELLED\r\n"));
        assert!(removal.contains("UID:aebagbafaydqqcikbmga2dqpca\r\n"));
        assert!(removal.contains("SEQUENCE:3\r\n"));
    }

    #[test]
    fn the_same_entry_is_written_the_same_to_the_byte() {
        let one = written("Ann", "Hold", "x", Method::Request);
        assert_eq!(one, written("Ann", "Hold", "x", Method::Request));
    }

    #[test]
    fn an_entry_tells_no_place() {
        assert!(!written("Ann", "Hold", "x", Method::Request).contains("LOCATION"));
    }

    #[test]
    fn a_person_with_quotes_and_commas_in_their_name_still_gets_their_buttons() {
        let text = written("Doe, Jane \"JJ\"; MD: x", "Hold", "x", Method::Request);
        assert_well_formed(&text);
        let event = events(&text).remove(0);
        let attendee = &event
            .multi_properties()
            .get("ATTENDEE")
            .map_or_else(|| event.properties().get("ATTENDEE").unwrap().clone(), |all| all[0].clone());
        assert_eq!(attendee.value(), "mailto:tcastellanos@im.example.edu");
        assert_eq!(attendee.params()["CN"].value(), "Doe, Jane 'JJ'; MD: x");
        assert_eq!(attendee.params()["RSVP"].value(), "TRUE");
    }

    proptest! {
        #[test]
        fn no_name_and_no_title_can_add_a_line(
            name in "(?s).{0,200}",
            title in "[\\PC\r\n\t\"\\\\;:,^]{0,200}",
            description in "(?s).{0,400}",
        ) {
            let hostile = format!("{name}\r\nATTENDEE:mailto:evil@x.org\nX:\rY\u{85}\u{2028}Z");
            let text = written(&hostile, &title, &format!("{description}{hostile}"), Method::Request);
            assert_well_formed(&text);
            let unfolded = text.replace("\r\n ", "");
            prop_assert_eq!(unfolded.matches("\r\nATTENDEE").count(), 1);
            prop_assert_eq!(unfolded.matches("\r\nBEGIN:VEVENT").count(), 1);
            let events = events(&text);
            prop_assert_eq!(events.len(), 1);
            prop_assert_eq!(events[0].get_summary().unwrap_or_default(), crate::calendar::text::line(&title));
            prop_assert_eq!(events[0].property_value("DTSTART"), Some("20270713T190000Z"));
        }
    }
}
