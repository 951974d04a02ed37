//! What a therapist sees and marks: own visits with names, behind a session. Never anybody else's.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, Days, Duration, NaiveDate};

use super::follow_up::shown::{self, AgendaFollowUp};
use super::session::Session;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::{Booking, Hand, Mark, Refusal};
use crate::domain::id::{BookingId, ResidentId, SeatId, SlotId, TherapistId};
use crate::domain::people::{Modality, Practice};
use crate::domain::seating::Seat;
use crate::domain::time::{Instant, Span, Zone, day, wall};
use crate::storage::offerings::{self, SeatRow, SlotRow};
use crate::storage::therapists::TherapistRow;
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
    /// Whether another visit can be offered to whoever came: it has begun, and was not missed.
    pub may_offer: bool,
}

/// One day of an agenda.
pub struct AgendaDay {
    /// The day, in the therapist's zone.
    pub day: NaiveDate,
    /// Its visits, in order.
    pub visits: Vec<AgendaVisit>,
    /// Its follow-ups, in order.
    pub follow_ups: Vec<AgendaFollowUp>,
}

/// Some days of a therapist's visits.
pub struct Agenda {
    /// The therapist's zone.
    pub zone: Zone,
    /// Today, there.
    pub today: NaiveDate,
    /// The days on which there are visits.
    pub days: Vec<AgendaDay>,
}

/// Visits that are over and wait for a mark.
pub struct Unmarked {
    /// The oldest of them, and the one that was marked last, so that its mark can be taken back.
    pub visits: Vec<AgendaVisit>,
    /// How many wait.
    pub waiting: usize,
}

/// What is to come in one week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekLoad {
    /// Its Monday.
    pub monday: NaiveDate,
    /// Visits that have not begun.
    pub visits: u32,
    /// How long they are together, in minutes.
    pub minutes: i64,
}

/// An agenda shows at most so many days.
const DAYS_MAX: u64 = 31;
/// A visit is asked after for so many days.
const UNMARKED_DAYS: u64 = 180;
/// So many visits that wait for a mark are listed at once.
const UNMARKED_MAX: usize = 25;
/// So many weeks are looked ahead.
pub(super) const WEEKS: u64 = 8;

/// A slot with a seat of it.
pub(super) struct Place {
    pub(super) slot: SlotRow,
    pub(super) row: SeatRow,
    pub(super) seat: Seat,
}

/// The code of a slot: enough to tell the visits of one therapist apart, and nothing else.
pub(super) fn code(slot: SlotId) -> String {
    slot.to_string()[..6].to_uppercase()
}

/// So many whole days from a day.
pub(super) fn stretch(from: NaiveDate, days: u64, zone: Zone) -> Span {
    let last = from.checked_add_days(Days::new(days.max(1) - 1)).unwrap_or(from);
    let whole = Span::new(day(from, zone).starts_at(), day(last, zone).ends_at());
    whole.unwrap_or_else(|| day(from, zone))
}

/// What is to come from now on, week by week. A week without a visit is there too.
pub(super) fn weekly_load(spans: impl Iterator<Item = Span>, now: Instant, zone: Zone) -> Vec<WeekLoad> {
    let today = wall(now, zone).date();
    let mut weeks = BTreeMap::new();
    for week in 0..WEEKS {
        let monday = monday_of(today).checked_add_days(Days::new(7 * week)).unwrap_or(today);
        weeks.insert(monday, WeekLoad { monday, visits: 0, minutes: 0 });
    }
    for span in spans.filter(|span| now < span.starts_at()) {
        if let Some(week) = weeks.get_mut(&monday_of(wall(span.starts_at(), zone).date())) {
            week.visits += 1;
            week.minutes += span.minutes();
        }
    }
    weeks.into_values().collect()
}

fn monday_of(on: NaiveDate) -> NaiveDate {
    on - Duration::days(i64::from(on.weekday().num_days_from_monday()))
}

impl Desk {
    /// Some days of the agenda from a day, or from today; at most a month.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn agenda(&self, session: &Session, from: Option<NaiveDate>, days: u64) -> Result<Agenda> {
        let therapist = session.therapist()?;
        let mut db = self.store.read().await?;
        let row = therapists::therapist(&mut db, therapist).await?.ok_or(Error::Link)?;
        let zone = self.own_zone(&mut db, &row).await?;
        let today = wall(self.now(), zone).date();
        let within = stretch(from.unwrap_or(today), days.min(DAYS_MAX), zone);
        let places = self.places(&mut db, therapist, within).await?;
        let mut days: BTreeMap<NaiveDate, AgendaDay> = BTreeMap::new();
        let empty = |day| AgendaDay { day, visits: Vec::new(), follow_ups: Vec::new() };
        for visit in self.agenda_visits(&mut db, &row, &places).await? {
            let on = wall(visit.span.starts_at(), zone).date();
            days.entry(on).or_insert_with(|| empty(on)).visits.push(visit);
        }
        let (offered, practice) = (self.follow_ups(&mut db, therapist).await?, self.open_practice(&row)?);
        for one in self.agenda_follow_ups(&mut db, &offered, &practice, within).await? {
            let on = wall(one.span.starts_at(), zone).date();
            days.entry(on).or_insert_with(|| empty(on)).follow_ups.push(one);
        }
        Ok(Agenda { zone, today, days: days.into_values().collect() })
    }

    /// The therapist's visits before today that have no mark, oldest first, and `just` marked one among them.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn unmarked(&self, session: &Session, just: Option<SeatId>) -> Result<Unmarked> {
        let therapist = session.therapist()?;
        let mut db = self.store.read().await?;
        let row = therapists::therapist(&mut db, therapist).await?.ok_or(Error::Link)?;
        let zone = self.own_zone(&mut db, &row).await?;
        let today = wall(self.now(), zone).date();
        let from = today.checked_sub_days(Days::new(UNMARKED_DAYS)).unwrap_or(today);
        let before_today = Span::new(day(from, zone).starts_at(), day(today, zone).starts_at());
        let mut places = match before_today {
            Some(within) => self.places(&mut db, therapist, within).await?,
            None => Vec::new(),
        };
        let marks = self.marks(&mut db, &places).await?;
        let waits = |place: &Place| marks.get(&place.row.id).is_some_and(Option::is_none);
        let waiting = places.iter().filter(|place| waits(place)).count();
        places.retain(|place| waits(place) || just == Some(place.row.id));
        let kept = places.iter().position(|place| just == Some(place.row.id));
        if let Some(kept) = kept.filter(|at| *at >= UNMARKED_MAX) {
            places.swap(kept, UNMARKED_MAX - 1);
        }
        places.truncate(UNMARKED_MAX);
        Ok(Unmarked { visits: self.agenda_visits(&mut db, &row, &places).await?, waiting })
    }

    /// What the therapist has coming in the present week and the seven after it, with their zone.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn own_load(&self, session: &Session) -> Result<(Zone, Vec<WeekLoad>)> {
        let therapist = session.therapist()?;
        let mut db = self.store.read().await?;
        let row = therapists::therapist(&mut db, therapist).await?.ok_or(Error::Link)?;
        let zone = self.own_zone(&mut db, &row).await?;
        let now = self.now();
        let within = stretch(wall(now, zone).date(), 7 * WEEKS, zone);
        let places = self.places(&mut db, therapist, within).await?;
        let held = places.iter().filter(|place| place.seat.is_held()).map(|place| place.slot.span);
        let offered = self.follow_ups(&mut db, therapist).await?;
        let typed = shown::typed(&offered, within).map(|one| one.span);
        Ok((zone, weekly_load(held.chain(typed), now, zone)))
    }

    /// The mark of each visit that was really somebody's.
    async fn marks(&self, db: &mut Db, places: &[Place]) -> Result<HashMap<SeatId, Option<Mark>>> {
        let held = self.bookings_in(db, places).await?;
        let marks = places.iter().filter_map(|place| {
            let (_, booking) = held.get(&place.seat.holder?)?;
            booking.visit_in(place.row.id)?;
            Some((place.row.id, booking.mark_of(place.row.id)))
        });
        Ok(marks.collect())
    }

    /// Who sits in some seats.
    async fn bookings_in(
        &self,
        db: &mut Db,
        places: &[Place],
    ) -> Result<HashMap<BookingId, (ResidentId, Booking)>> {
        let holders: Vec<BookingId> = places.iter().filter_map(|place| place.seat.holder).collect();
        let rows = bookings::several(db, &holders).await?;
        rows.iter().map(|row| Ok((row.id, (row.resident, self.open_booking(row)?)))).collect()
    }

    /// Who comes to the visits in some seats, by the seat's identifier as a feed writes it.
    pub(super) async fn names_in(&self, db: &mut Db, places: &[Place]) -> Result<HashMap<String, String>> {
        let held = self.bookings_in(db, places).await?;
        let whose: Vec<ResidentId> = held.values().map(|(resident, _)| *resident).collect();
        let mut names = HashMap::new();
        for row in people::several(db, &whose).await? {
            // Their therapist asked to see it in a calendar of their own.
            names.insert(row.id, self.open_resident(&row)?.identity.reveal_name());
        }
        let named = places.iter().filter_map(|place| {
            let (resident, booking) = held.get(&place.seat.holder?)?;
            booking.visit_in(place.row.id)?;
            Some((place.row.id.to_string(), names.get(resident)?.clone()))
        });
        Ok(named.collect())
    }

    pub(super) async fn agenda_visits(
        &self,
        db: &mut Db,
        therapist: &TherapistRow,
        places: &[Place],
    ) -> Result<Vec<AgendaVisit>> {
        let practice = self.open_practice(therapist)?;
        let held = self.bookings_in(db, places).await?;
        let whose: Vec<ResidentId> = held.values().map(|(resident, _)| *resident).collect();
        let mut names = HashMap::new();
        for row in people::several(db, &whose).await? {
            // The therapist meets this person: the one page on which the name stands.
            names.insert(row.id, self.open_resident(&row)?.identity.reveal_name());
        }
        let visit = |place: &Place| {
            let (resident, booking) = held.get(&place.seat.holder?)?;
            self.agenda_visit(place, booking, names.get(resident)?, &practice)
        };
        Ok(places.iter().filter_map(visit).collect())
    }

    fn agenda_visit(
        &self,
        place: &Place,
        booking: &Booking,
        name: &str,
        practice: &Practice,
    ) -> Option<AgendaVisit> {
        let modality = booking.visit_in(place.row.id)?.modality;
        Some(AgendaVisit {
            seat: place.row.id,
            span: place.slot.span,
            code: code(place.slot.id),
            name: name.to_owned(),
            modality,
            place: practice.places.of(modality).unwrap_or_default().to_owned(),
            mark: booking.mark_of(place.row.id),
            may_mark: place.slot.span.starts_at() <= self.now(),
            may_offer: place.slot.span.starts_at() <= self.now()
                && booking.mark_of(place.row.id) != Some(Mark::Missed),
        })
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
            if self.put_booking(&mut tx, &row, &marked, Hand::Therapist).await? {
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(());
            }
        }
        Err(Error::Contended)
    }

    /// The therapist's slots inside a span, each seat of theirs once, in order of time.
    pub(super) async fn places(
        &self,
        db: &mut Db,
        therapist: TherapistId,
        within: Span,
    ) -> Result<Vec<Place>> {
        let mut places = Vec::new();
        for (slot, row) in offerings::places_of_therapist(db, therapist, within).await? {
            let seat = self.open_seat(&row)?;
            places.push(Place { slot, row, seat });
        }
        places.sort_unstable_by_key(|place| (place.slot.span, place.row.id));
        Ok(places)
    }

    /// The zone in which a therapist's pages tell times: that of their hours, their sites or their slots.
    pub(super) async fn own_zone(&self, db: &mut Db, row: &TherapistRow) -> Result<Zone> {
        let institution = self.institution(db).await?;
        match self.therapist_zone(db, institution, row).await {
            Err(Error::Refused(_)) => Ok(Zone::UTC),
            known => known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_is_told_by_week_in_the_therapists_zone_and_an_empty_week_is_there() {
        let span = |starts: &str| {
            let starts: Instant = starts.parse().unwrap();
            Span::new(starts, starts + Duration::minutes(50)).unwrap()
        };
        let (now, zone) = ("2027-07-07T12:00:00Z".parse().unwrap(), "America/Denver".parse().unwrap());
        // The second begins on Sunday evening in Denver, the last one is further away than anybody looks.
        let spans =
            ["2027-07-06T18:00:00Z", "2027-07-12T03:00:00Z", "2027-07-12T18:00:00Z", "2027-09-30T18:00:00Z"];
        let load = weekly_load(spans.map(span).into_iter(), now, zone);
        let told: Vec<_> =
            load.iter().map(|week| (week.monday.to_string(), week.visits, week.minutes)).collect();
        assert_eq!(told.len(), 8);
        assert_eq!(
            told[..3],
            [
                ("2027-07-05".to_owned(), 1, 50),
                ("2027-07-12".to_owned(), 1, 50),
                ("2027-07-19".to_owned(), 0, 0),
            ]
        );
    }
}
