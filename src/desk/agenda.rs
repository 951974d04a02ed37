//! What a therapist sees and marks: own visits with names behind a session, and a feed without any.

use std::collections::HashMap;

use chrono::{Days, Duration, NaiveDate};
use zeroize::Zeroizing;

use super::link::Purpose;
use super::session::Session;
use super::{Desk, Error, Result, TRIES};
use crate::calendar::feed::{Feed, FeedEvent, feed};
use crate::domain::booking::{Booking, Mark, Refusal};
use crate::domain::id::{BookingId, SeatId, SlotId, TherapistId};
use crate::domain::people::{Modality, Practice};
use crate::domain::seating::Seat;
use crate::domain::time::{Instant, Span, Zone, day, wall};
use crate::storage::offerings::{self, SeatRow, SlotRow};
use crate::storage::{Db, bookings, people, therapists};

/// One visit of a therapist's agenda. Holds a name: cannot be printed.
pub struct AgendaVisit {
    /// The seat.
    pub seat: SeatId,
    /// When.
    pub span: Span,
    /// The code under which the feed shows it.
    pub code: String,
    /// Who comes.
    pub name: String,
    /// How it is attended.
    pub modality: Modality,
    /// The video address, telephone number or room.
    pub place: String,
    /// What was noted.
    pub mark: Option<Mark>,
    /// Whether it has begun, so that it can be marked.
    pub may_mark: bool,
}

/// One day of an agenda.
pub struct AgendaDay {
    /// The day, in the therapist's zone.
    pub day: NaiveDate,
    /// Its visits, in order.
    pub visits: Vec<AgendaVisit>,
}

/// Two weeks of a therapist's visits.
pub struct Agenda {
    /// The therapist's zone.
    pub zone: Zone,
    /// Today, there.
    pub today: NaiveDate,
    /// The days on which there are visits.
    pub days: Vec<AgendaDay>,
    /// The secret address of the feed.
    pub feed_url: Option<Zeroizing<String>>,
}

/// An agenda shows so many days.
const DAYS: u64 = 14;
/// A feed goes back so many days; a visit that is off stays in it so long.
const FEED_PAST_DAYS: i64 = 30;
/// A feed goes so many days ahead.
const FEED_AHEAD_DAYS: i64 = 400;

/// A slot with a seat of it.
struct Place {
    slot: SlotRow,
    row: SeatRow,
    seat: Seat,
}

/// The code of a slot: enough to tell the visits of one therapist apart, and nothing else.
fn code(slot: SlotId) -> String {
    slot.to_string()[..6].to_uppercase()
}

impl Desk {
    /// Two weeks of the agenda from a day, or from today.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn agenda(&self, session: &Session, from: Option<NaiveDate>) -> Result<Agenda> {
        let therapist = session.therapist()?;
        let mut db = self.store.read().await?;
        let row = therapists::therapist(&mut db, therapist).await?.ok_or(Error::Link)?;
        let practice = self.open_practice(&row)?;
        let zone = self.agenda_zone(&mut db, therapist).await?;
        let today = wall(self.now(), zone).date();
        let from = from.unwrap_or(today);
        let last = from.checked_add_days(Days::new(DAYS - 1)).unwrap_or(from);
        let whole = Span::new(day(from, zone).starts_at(), day(last, zone).ends_at());
        let whole = whole.unwrap_or_else(|| day(from, zone));
        let mut days: Vec<AgendaDay> = Vec::new();
        for place in self.places(&mut db, therapist, whole).await? {
            let Some(holder) = place.seat.holder else { continue };
            let Some(visit) = self.agenda_visit(&mut db, &place, holder, &practice).await? else { continue };
            let on = wall(visit.span.starts_at(), zone).date();
            match days.last_mut().filter(|last| last.day == on) {
                Some(last) => last.visits.push(visit),
                None => days.push(AgendaDay { day: on, visits: vec![visit] }),
            }
        }
        let feed_url = self.known_url(&mut db, Purpose::Feed, &therapist.to_string()).await?;
        Ok(Agenda { zone, today, days, feed_url })
    }

    async fn agenda_visit(
        &self,
        db: &mut Db,
        place: &Place,
        holder: BookingId,
        practice: &Practice,
    ) -> Result<Option<AgendaVisit>> {
        let Some(row) = bookings::booking(db, holder).await? else { return Ok(None) };
        let Some(resident) = people::resident(db, row.resident).await? else { return Ok(None) };
        let booking: Booking = self.open_booking(&row)?;
        let Some(modality) = booking.visit_in(place.row.id).map(|visit| visit.modality) else {
            return Ok(None);
        };
        Ok(Some(AgendaVisit {
            seat: place.row.id,
            span: place.slot.span,
            code: code(place.slot.id),
            // The therapist meets this person: the one page on which the name stands.
            name: self.open_resident(&resident)?.identity.reveal_name(),
            modality,
            place: practice.places.of(modality).unwrap_or_default().to_owned(),
            mark: booking.mark_of(place.row.id),
            may_mark: place.slot.span.starts_at() <= self.now(),
        }))
    }

    /// Marks a visit of the therapist's own that has begun, or takes the mark back.
    ///
    /// # Errors
    /// [`Error::Booking`] before it begins, and alike for a seat that is somebody else's or nobody's.
    pub async fn mark(&self, session: &Session, seat: SeatId, mark: Option<Mark>) -> Result<()> {
        let therapist = session.therapist()?;
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let no_such = || Error::Booking(Refusal::NoSuchVisit);
            let row = offerings::seat(&mut tx, seat).await?.ok_or_else(no_such)?;
            let slot = offerings::slot(&mut tx, row.slot).await?.ok_or_else(no_such)?;
            let holder = self.open_seat(&row)?.holder.filter(|_| slot.therapist == therapist);
            let row = bookings::booking(&mut tx, holder.ok_or_else(no_such)?).await?.ok_or_else(no_such)?;
            let marked = self.open_booking(&row)?.marked(seat, mark, self.now())?;
            if bookings::swap(&mut tx, row.id, &row.sealed, self.seal_booking(&marked)?).await? {
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(());
            }
        }
        Err(Error::Contended)
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
        let now = self.now();
        let within = Span::new(now - Duration::days(FEED_PAST_DAYS), now + Duration::days(FEED_AHEAD_DAYS));
        let places = match within {
            Some(within) => self.places(&mut db, therapist, within).await?,
            None => Vec::new(),
        };
        let events: Vec<FeedEvent> = places.iter().filter_map(|place| event(place, now)).collect();
        Ok(feed("Held times", &events))
    }

    /// The therapist's slots inside a span, each seat of theirs once, in order of time.
    async fn places(&self, db: &mut Db, therapist: TherapistId, within: Span) -> Result<Vec<Place>> {
        let slots = offerings::slots_of_therapist(db, therapist, within).await?;
        let slots: HashMap<SlotId, SlotRow> = slots.into_iter().map(|slot| (slot.id, slot)).collect();
        let mut places = Vec::new();
        for row in offerings::seats_of_therapist(db, therapist, within).await? {
            let Some(slot) = slots.get(&row.slot).cloned() else { continue };
            let seat = self.open_seat(&row)?;
            places.push(Place { slot, row, seat });
        }
        places.sort_unstable_by_key(|place| (place.slot.span, place.row.id));
        Ok(places)
    }

    /// The zone of a therapist's hours.
    async fn agenda_zone(&self, db: &mut Db, therapist: TherapistId) -> Result<Zone> {
        let all = Span::new(Instant::UNIX_EPOCH, self.now() + Duration::days(3650));
        let slots = match all {
            Some(all) => offerings::slots_of_therapist(db, therapist, all).await?,
            None => Vec::new(),
        };
        Ok(slots.last().map_or(Zone::UTC, |slot| slot.zone))
    }
}

/// A seat as the feed shows it; none where nobody ever sat.
fn event(place: &Place, now: Instant) -> Option<FeedEvent> {
    let held = place.seat.holder.is_some();
    let stamp = chrono::DateTime::from_timestamp(place.seat.changed_at, 0)?;
    let was_held = place.seat.changed_at > 0 && now - stamp < Duration::days(FEED_PAST_DAYS);
    (held || was_held).then(|| FeedEvent {
        uid: place.row.id.to_string(),
        sequence: place.seat.changes,
        stamp,
        span: place.slot.span,
        code: code(place.slot.id),
        cancelled: !held,
    })
}
