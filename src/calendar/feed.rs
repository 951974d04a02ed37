//! The calendar that a therapist subscribes to. Never a name: it is copied to the servers of other companies.

use data_encoding::HEXLOWER;
use icalendar::{Component, Property};
use sha2::{Digest, Sha256};

use super::text;
use crate::domain::time::{Instant, Span};

/// How often a subscriber is asked to look again. Google looks when it likes, so a feed is never how somebody
/// learns of a change of the same day.
const LOOK_AGAIN: &str = "PT30M";

/// One visit, or one that was, in a therapist's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// The same for the slot's whole life.
    pub uid: String,
    /// Rises with every change; Google skips a change whose SEQUENCE and LAST-MODIFIED did not rise.
    pub sequence: u32,
    /// When it last changed.
    pub stamp: Instant,
    /// When it is.
    pub span: Span,
    /// An opaque code that the agenda shows beside the name.
    pub code: String,
    /// Whether it is off. Keep such events in the feed for 30 days: some calendars keep what merely disappears.
    pub cancelled: bool,
}

/// A feed as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// `text/calendar; charset=utf-8`.
    pub body: String,
    /// A strong entity tag with its quotes, made of the bytes.
    pub etag: String,
    /// The latest change among the events; none for an empty feed.
    pub last_modified: Option<Instant>,
}

/// Writes a feed; the order of the events does not matter.
#[must_use]
pub fn feed(title: &str, events: &[FeedEvent]) -> Feed {
    let mut calendar = text::calendar();
    calendar.name(&text::line(title));
    calendar
        .append_property(
            Property::new("REFRESH-INTERVAL", LOOK_AGAIN).add_parameter("VALUE", "DURATION").done(),
        )
        .append_property(Property::new("X-PUBLISHED-TTL", LOOK_AGAIN));
    let mut ordered: Vec<&FeedEvent> = events.iter().collect();
    ordered.sort_by(|a, b| (a.span, &a.uid).cmp(&(b.span, &b.uid)));
    for event in &ordered {
        calendar.push(component(event));
    }
    let body = text::written(&calendar);
    let digest = Sha256::digest(body.as_bytes());
    Feed {
        etag: format!("\"{}\"", HEXLOWER.encode(&digest[..16])),
        last_modified: events.iter().map(|event| event.stamp).max(),
        body,
    }
}

/// One event as an object of a calendar of its own (RFC 4791, section 4.1): without a METHOD, and the same bytes as long
/// as nothing changed.
#[must_use]
pub fn object(event: &FeedEvent) -> String {
    let mut calendar = text::calendar();
    calendar.push(component(event));
    text::written(&calendar)
}

fn component(event: &FeedEvent) -> icalendar::Event {
    let (status, transparency) =
        if event.cancelled { ("CANCELLED", "TRANSPARENT") } else { ("CONFIRMED", "OPAQUE") };
    let mut written = text::event(&event.uid, event.sequence, event.stamp, &event.span);
    written
        .summary(&text::line(&event.code))
        .add_property("STATUS", status)
        .add_property("TRANSP", transparency)
        .done()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::text::assert_well_formed;

    fn event(code: &str, hour: u32, cancelled: bool) -> FeedEvent {
        let start: Instant = "2027-07-13T00:00:00Z".parse().unwrap();
        let start = start + chrono::Duration::hours(i64::from(hour));
        FeedEvent {
            uid: format!("aebagbafaydqqcikbmga2dqp{hour:02}"),
            sequence: u32::from(cancelled),
            stamp: "2027-06-20T15:00:00Z".parse().unwrap(),
            span: Span::new(start, start + chrono::Duration::minutes(50)).unwrap(),
            code: code.to_owned(),
            cancelled,
        }
    }

    #[test]
    fn a_therapist_sees_codes_and_what_was_called_off() {
        let feed = feed("Protected time", &[event("K7Q2", 20, false), event("M4XD", 19, true)]);
        assert_well_formed(&feed.body);
        insta::assert_snapshot!(feed.body);
    }

    #[test]
    fn a_feed_has_a_new_tag_exactly_when_its_bytes_are_new() {
        let (a, b) = (event("K7Q2", 20, false), event("M4XD", 19, false));
        let one = feed("Hold", &[a.clone(), b.clone()]);
        assert_eq!(one, feed("Hold", &[b.clone(), a.clone()]));
        assert_ne!(one.etag, feed("Hold", &[a, event("M4XD", 19, true)]).etag);
        assert!(one.etag.starts_with('"') && one.etag.ends_with('"') && one.etag.len() == 34);
        assert_eq!(feed("Hold", &[]).last_modified, None);
    }

    proptest! {
        #[test]
        fn no_title_and_no_code_can_add_a_line(title in "(?s).{0,200}", code in "(?s).{0,200}") {
            assert_well_formed(&feed(&title, &[event(&format!("{code}\r\nX:\r"), 1, false)]).body);
        }
    }
}
