//! The calendar that a therapist subscribes to. Never a name: it is copied to the servers of other companies.

use std::sync::LazyLock;

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

/// A feed, written only for whoever does not have it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    title: &'static str,
    ordered: Vec<FeedEvent>,
}

impl Feed {
    /// A feed of some events; their order does not matter.
    #[must_use]
    pub fn new(title: &'static str, mut events: Vec<FeedEvent>) -> Self {
        events.sort_unstable_by(|a, b| (a.span, &a.uid).cmp(&(b.span, &b.uid)));
        Self { title, ordered: events }
    }

    /// A strong entity tag with its quotes: another one whenever the bytes are.
    #[must_use]
    pub fn etag(&self) -> String {
        let mut hash = Sha256::new_with_prefix(self.title);
        for event in &self.ordered {
            hash.update(tag(event));
        }
        format!("\"{}\"", HEXLOWER.encode(&hash.finalize()[..16]))
    }

    /// The latest change among the events; none for an empty feed.
    #[must_use]
    pub fn last_modified(&self) -> Option<Instant> {
        self.ordered.iter().map(|event| event.stamp).max()
    }

    /// `text/calendar; charset=utf-8`.
    #[must_use]
    pub fn body(&self) -> String {
        body(self.title, &self.ordered)
    }
}

fn body(title: &str, ordered: &[FeedEvent]) -> String {
    let mut calendar = text::calendar();
    calendar.name(&text::line(title));
    calendar
        .append_property(
            Property::new("REFRESH-INTERVAL", LOOK_AGAIN).add_parameter("VALUE", "DURATION").done(),
        )
        .append_property(Property::new("X-PUBLISHED-TTL", LOOK_AGAIN));
    for event in ordered {
        calendar.push(component(event));
    }
    text::written(&calendar)
}

/// One event as an object of a calendar of its own (RFC 4791, section 4.1): without a METHOD, and the same bytes as long
/// as nothing changed.
#[must_use]
pub fn object(event: &FeedEvent) -> String {
    let mut calendar = text::calendar();
    calendar.push(component(event));
    text::written(&calendar)
}

/// A hash that is another one whenever the text of [`object`] is, without writing that text: programs ask what changed
/// far more often than anything does.
#[must_use]
pub fn tag(event: &FeedEvent) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(*WRITER);
    for text in [&event.uid, &event.code] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    for number in [event.stamp, event.span.starts_at(), event.span.ends_at()].map(|at| at.timestamp()) {
        hash.update(number.to_be_bytes());
    }
    hash.update(event.sequence.to_be_bytes());
    hash.update([u8::from(event.cancelled)]);
    let mut tag = [0; 16];
    tag.copy_from_slice(&hash.finalize()[..16]);
    tag
}

/// Stands for how this version of the program writes: one that writes otherwise gives every feed and event another tag.
static WRITER: LazyLock<[u8; 32]> = LazyLock::new(|| {
    let span = Span::new(Instant::UNIX_EPOCH, Instant::UNIX_EPOCH + chrono::Duration::minutes(1));
    let written = |cancelled| {
        let (uid, code) = ("uid".to_owned(), "code".to_owned());
        let event = span.map(|span| FeedEvent {
            uid,
            sequence: 1,
            stamp: Instant::UNIX_EPOCH,
            span,
            code,
            cancelled,
        });
        event.map(|event| object(&event)).unwrap_or_default()
    };
    Sha256::digest([body("", &[]), written(false), written(true)].concat()).into()
});

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
        let feed = Feed::new("Protected time", vec![event("K7Q2", 20, false), event("M4XD", 19, true)]);
        assert_well_formed(&feed.body());
        insta::assert_snapshot!(feed.body());
    }

    #[test]
    fn a_feed_has_a_new_tag_exactly_when_its_bytes_are_new() {
        let (a, b) = (event("K7Q2", 20, false), event("M4XD", 19, false));
        let one = Feed::new("Hold", vec![a.clone(), b.clone()]);
        let again = Feed::new("Hold", vec![b.clone(), a.clone()]);
        assert_eq!((one.etag(), one.body()), (again.etag(), again.body()));
        let others = [
            Feed::new("Hold", vec![a.clone(), event("M4XD", 19, true)]),
            Feed::new("Hold", vec![a.clone()]),
            Feed::new("Held", vec![a, b]),
        ];
        for other in others {
            assert_ne!((one.body(), one.etag()), (other.body(), other.etag()));
            assert_ne!(one.etag(), other.etag());
        }
        assert!(one.etag().starts_with('"') && one.etag().ends_with('"') && one.etag().len() == 34);
        assert_eq!(Feed::new("Hold", Vec::new()).last_modified(), None);
    }

    #[test]
    fn a_tag_is_new_whenever_the_text_is() {
        let one = event("K7Q2", 20, false);
        let others = [
            FeedEvent { uid: "aebagbafaydqqcikbmga2dqpxx".to_owned(), ..one.clone() },
            FeedEvent { sequence: 7, ..one.clone() },
            FeedEvent { stamp: one.stamp + chrono::Duration::seconds(1), ..one.clone() },
            FeedEvent { span: event("", 21, false).span, ..one.clone() },
            FeedEvent {
                span: Span::new(one.span.starts_at(), event("", 21, false).span.ends_at()).unwrap(),
                ..one.clone()
            },
            FeedEvent { code: "K7Q3".to_owned(), ..one.clone() },
            FeedEvent { cancelled: true, ..one.clone() },
        ];
        for other in others {
            assert_ne!(object(&other), object(&one));
            assert_ne!(tag(&other), tag(&one), "{other:?}");
        }
        assert_eq!(tag(&one), tag(&one.clone()));
    }

    proptest! {
        #[test]
        fn no_title_and_no_code_can_add_a_line(title in "(?s).{0,200}", code in "(?s).{0,200}") {
            assert_well_formed(&body(&title, &[event(&format!("{code}\r\nX:\r"), 1, false)]));
        }
    }
}
