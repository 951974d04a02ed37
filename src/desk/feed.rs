//! The calendar that a therapist's own program subscribes to: times and codes behind a secret address, and no name.

use chrono::Duration;
use zeroize::Zeroizing;

use super::agenda::{Place, code};
use super::follow_up::{Row, shown};
use super::link::Purpose;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::calendar::feed::{Feed, FeedEvent};
use crate::domain::id::TherapistId;
use crate::domain::time::{Instant, Span};
use crate::storage::Db;

/// A feed goes back so many days; a visit that is off stays in it so long.
const FEED_PAST_DAYS: i64 = 30;
/// A feed goes so many days ahead.
const FEED_AHEAD_DAYS: i64 = 400;

impl Desk {
    /// The secret address of the feed; none before the letter of welcome made one.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn feed_address(&self, session: &Session) -> Result<Option<Zeroizing<String>>> {
        let therapist = session.therapist()?;
        let mut db = self.store.read().await?;
        self.known_url(&mut db, Purpose::Feed, &therapist.to_string()).await
    }

    /// Gives the feed another secret address; the old one opens nothing any more.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn rotate_feed(&self, session: &Session) -> Result<()> {
        let therapist = session.therapist()?;
        let mut tx = self.store.write().await?;
        self.rotate(&mut tx, Purpose::Feed, &therapist.to_string()).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// The feed behind a secret address.
    ///
    /// # Errors
    /// [`Error::Link`] for an address that opens nothing.
    pub async fn feed(&self, token: &str) -> Result<Feed> {
        let mut db = self.store.read().await?;
        let subject = self.subject(&mut db, Purpose::Feed, token).await?;
        let therapist: TherapistId = subject.parse().map_err(|_| Error::Link)?;
        let events = self.feed_events(&mut db, therapist, false).await?;
        Ok(Feed::new("Held times", events))
    }

    /// The events of a therapist's calendars: with who comes in the place of the code only where `named` says so.
    pub(super) async fn feed_events(
        &self,
        db: &mut Db,
        therapist: TherapistId,
        named: bool,
    ) -> Result<Vec<FeedEvent>> {
        let now = self.now();
        let within = Span::new(now - Duration::days(FEED_PAST_DAYS), now + Duration::days(FEED_AHEAD_DAYS));
        let places = match within {
            Some(within) => self.places(db, therapist, within).await?,
            None => Vec::new(),
        };
        let offered = self.follow_ups(db, therapist).await?;
        let mut events: Vec<FeedEvent> =
            places.iter().filter_map(|place| event(place, &offered, now)).collect();
        if let Some(within) = within {
            let typed = offered.all.iter().filter_map(|one| shown::event(one, within, FEED_PAST_DAYS, now));
            events.extend(typed);
        }
        if named {
            let names = self.names_in(db, &places).await?;
            for event in &mut events {
                if let Some(name) = names.get(&event.uid) {
                    event.code.clone_from(name);
                }
            }
        }
        Ok(events)
    }
}

/// A seat as the feed shows it; none where nobody ever sat.
fn event(place: &Place, offered: &Row, now: Instant) -> Option<FeedEvent> {
    let held = place.seat.is_held();
    let follow_up = place.seat.follow_up.and_then(|id| offered.all.one(id));
    let stamp = chrono::DateTime::from_timestamp(place.seat.changed_at, 0)?;
    let was_held = place.seat.changed_at > 0 && now - stamp < Duration::days(FEED_PAST_DAYS);
    (held || was_held).then(|| FeedEvent {
        uid: place.row.id.to_string(),
        sequence: place.seat.changes,
        stamp,
        span: place.slot.span,
        code: follow_up.map_or_else(|| code(place.slot.id), shown::event_code),
        cancelled: !held,
    })
}
