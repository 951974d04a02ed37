//! A therapist offers another visit to somebody whom they have seen, and takes such an offer back. Never without a visit of
//! theirs that has begun and was not missed; whatever else is asked for is answered like nothing at all.

use chrono::{Duration, NaiveDateTime};

use super::shown::AgendaFollowUp;
use super::{held_for, shows};
use crate::desk::ground::{Surroundings, link_end};
use crate::desk::offering::Offering;
use crate::desk::record::Resident;
use crate::desk::session::Session;
use crate::desk::{Desk, Error, Result, TRIES, hours};
use crate::domain::availability::Offered;
use crate::domain::booking::{Booking, Deed, Hand, Mark, Visit};
use crate::domain::eligibility::Person;
use crate::domain::follow_up::{Changed, Engaged, Held, Offer, Refusal, remembered, typed};
use crate::domain::id::{FollowUpId, SeatId, TherapistId};
use crate::domain::time::{Instant, Span, Zone};
use crate::storage::bookings::BookingRow;
use crate::storage::offerings::SeatRow;
use crate::storage::{self, Db, absences, bookings, offerings, people, places, therapists};

/// What a therapist may offer to one of those whom they saw. Holds a name: cannot be printed.
pub struct Another {
    /// The visit from which it is offered.
    pub seat: SeatId,
    /// Who came.
    pub name: String,
    /// When that was.
    pub last: Span,
    /// In whose zone times are told and typed: the therapist's.
    pub zone: Zone,
    /// How long another one is, in minutes.
    pub minutes: u32,
    /// The last moment at which another one may end.
    pub page_ends: Instant,
    /// Own free times inside the resident's protected time, soonest first.
    pub inside: Vec<FreeTime>,
    /// Other own free times.
    pub others: Vec<FreeTime>,
    /// What was offered to them already, and is to come.
    pub offered: Vec<AgendaFollowUp>,
}

/// An own free time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeTime {
    /// Its seat.
    pub seat: SeatId,
    /// When.
    pub span: Span,
}

/// The time of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// One of the own free times.
    Free(SeatId),
    /// As typed, by the clock on the therapist's wall.
    Typed(NaiveDateTime),
}

/// Times are looked for so many days ahead.
const AHEAD_DAYS: i64 = 180;
/// So many of each kind are shown.
const SHOWN_MAX: usize = 12;

/// A visit of the therapist's that has begun, with whoever came.
struct Begun {
    row: BookingRow,
    booking: Booking,
    visit: Visit,
    therapist: TherapistId,
    resident: Resident,
    offering: Offering,
    around: Surroundings,
    person: Option<Person>,
    zone: Zone,
    page_ends: Instant,
}

impl Desk {
    /// What may be offered to whoever came to a visit. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but its therapist, and for a visit that has not begun, was missed, or is none, alike.
    pub async fn another(&self, session: &Session, seat: SeatId) -> Result<Another> {
        let therapist = session.therapist()?;
        let now = self.now();
        let mut db = self.store.read().await?;
        let begun = self.begun(&mut db, therapist, seat, now).await?;
        let (inside, others) = self.free_times(&mut db, &begun, now).await?;
        let offered = self.offered_to(&mut db, &begun, now).await?;
        Ok(Another {
            seat,
            // The therapist met this person.
            name: begun.resident.identity.reveal_name(),
            last: begun.visit.span,
            zone: begun.zone,
            minutes: begun.offering.rules.visit_minutes,
            page_ends: begun.page_ends,
            inside,
            others,
            offered,
        })
    }

    /// Offers another visit. `by_mail` where the resident asked for a calendar entry by mail: otherwise nothing is mailed.
    ///
    /// # Errors
    /// As [`Desk::another`]; [`Error::Taken`] where the time went to somebody else; [`Error::FollowUp`].
    pub async fn offer_another(
        &self,
        session: &Session,
        seat: SeatId,
        when: When,
        by_mail: bool,
    ) -> Result<FollowUpId> {
        let therapist = session.therapist()?;
        for _ in 0..TRIES {
            match self.offer_once(therapist, seat, when, by_mail).await {
                Err(Error::Contended | Error::Storage(storage::Error::Contended)) => {}
                done => return done,
            }
        }
        Err(Error::Contended)
    }

    /// Takes an offer back, also one that was taken, until it begins. Pressed twice, it is taken back once.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but its therapist; [`Error::FollowUp`] once it began.
    pub async fn withdraw_another(&self, session: &Session, id: FollowUpId) -> Result<()> {
        let therapist = session.therapist()?;
        for _ in 0..TRIES {
            let now = self.now();
            let mut tx = self.store.write().await?;
            let row = self.follow_ups(&mut tx, therapist).await?;
            let changed = match row.all.withdraw(id, now) {
                Err(Refusal::Gone) => return Err(Error::Link),
                changed => changed?,
            };
            let Some(Changed { all, one }) = changed else { return Ok(()) };
            match self.end_follow_ups(&mut tx, &row, &all, &[one], now).await {
                Ok(()) => return Ok(tx.commit().await.map_err(storage::Error::from)?),
                Err(Error::Contended | Error::Storage(storage::Error::Contended)) => {}
                Err(other) => return Err(other),
            }
        }
        Err(Error::Contended)
    }

    async fn begun(&self, db: &mut Db, therapist: TherapistId, seat: SeatId, now: Instant) -> Result<Begun> {
        let row = offerings::seat(db, seat).await?.ok_or(Error::Link)?;
        let slot = offerings::slot(db, row.slot).await?.ok_or(Error::Link)?;
        let holder = self.open_seat(&row)?.holder.filter(|_| slot.therapist == therapist);
        let row = bookings::booking(db, holder.ok_or(Error::Link)?).await?.ok_or(Error::Link)?;
        let booking = self.open_booking(&row)?;
        let visit = booking.visit_in(seat).filter(|visit| visit.span.starts_at() <= now).cloned();
        let missed = booking.mark_of(seat) == Some(Mark::Missed);
        let visit = visit.filter(|_| !missed).ok_or(Error::Link)?;
        let resident = people::resident(db, row.resident).await?.ok_or(Error::Link)?;
        let resident = self.open_resident(&resident)?;
        if !resident.active {
            return Err(Error::Link);
        }
        let offering = self.offering_of(db, row.offering).await?;
        let around = self.surroundings_of(db, &resident).await?;
        let own = therapists::therapist(db, therapist).await?.ok_or(Error::Link)?;
        let theirs = around.programs.get(&resident.program).map_or(Zone::UTC, |program| program.zone);
        Ok(Begun {
            person: around.person(&resident, &offering),
            zone: self.own_zone(db, &own).await?,
            page_ends: link_end(&offering, theirs),
            row,
            booking,
            visit,
            therapist,
            resident,
            offering,
            around,
        })
    }

    async fn offered_to(&self, db: &mut Db, begun: &Begun, now: Instant) -> Result<Vec<AgendaFollowUp>> {
        let Some(within) = Span::new(now, begun.page_ends) else { return Ok(Vec::new()) };
        let row = self.follow_ups(db, begun.therapist).await?;
        let own = therapists::therapist(db, begun.therapist).await?.ok_or(Error::Link)?;
        let practice = self.open_practice(&own)?;
        let mut all = self.agenda_follow_ups(db, &row, &practice, within).await?;
        all.retain(|shown| row.all.of(begun.row.id).any(|one| one.id == shown.id));
        Ok(all)
    }

    async fn free_times(
        &self,
        db: &mut Db,
        begun: &Begun,
        now: Instant,
    ) -> Result<(Vec<FreeTime>, Vec<FreeTime>)> {
        let earliest = begun.offering.rules.earliest_start(now);
        let last = begun.page_ends.min(now + Duration::days(AHEAD_DAYS));
        let Some(within) = Span::new(earliest, last) else { return Ok((Vec::new(), Vec::new())) };
        let row = self.follow_ups(db, begun.therapist).await?;
        let rows = self.follow_ups_for(db, &begun.booking).await?;
        let (theirs, _) = held_for(&begun.booking, &rows, None, now);
        let (mut inside, mut others) = (Vec::new(), Vec::new());
        for place in self.places(db, begun.therapist, within).await? {
            let (span, pool) = (place.slot.span, pool(&place.row)?);
            let meets = |other: &Span| other.overlaps(&span);
            let free = place.slot.offering == begun.offering.id()
                && place.seat.offered_to_all(pool)
                && earliest < span.starts_at()
                && !begun.around.is_away(begun.therapist, &span)
                && !theirs.iter().any(meets)
                && !row.all.iter().any(|one| one.stands() && meets(&one.span));
            if !free {
                continue;
            }
            let protected = begun.person.iter().flat_map(|person| person.protected.iter());
            let times =
                if { protected }.any(|block| block.contains(&span)) { &mut inside } else { &mut others };
            times.push(FreeTime { seat: place.row.id, span });
        }
        inside.truncate(SHOWN_MAX);
        others.truncate(SHOWN_MAX);
        Ok((inside, others))
    }

    async fn offer_once(
        &self,
        therapist: TherapistId,
        seat: SeatId,
        when: When,
        by_mail: bool,
    ) -> Result<FollowUpId> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        // Hours, absences and batches change under the same lock: none of them comes to lie on this time meanwhile.
        places::lock_institution(&mut tx, institution).await?;
        let begun = self.begun(&mut tx, therapist, seat, now).await?;
        let (span, held, free) = match when {
            When::Free(free) => {
                let (span, held, row) = self.free_seat_of(&mut tx, &begun, free).await?;
                (span, held, Some(row))
            }
            When::Typed(local) => (self.typed_span(&mut tx, &begun, local).await?, Held::Typed(local), None),
        };
        let row = self.follow_ups(&mut tx, therapist).await?;
        let rows = self.follow_ups_for(&mut tx, &begun.booking).await?;
        let (theirs, live) = held_for(&begun.booking, &rows, None, now);
        let offer = Offer {
            id: FollowUpId::from_bytes(self.draw()),
            booking: begun.row.id,
            span,
            zone: begun.zone,
            modality: begun.visit.modality,
            held,
            entry: by_mail,
            theirs: &theirs,
            live,
            page_ends: begun.page_ends,
        };
        let Changed { all, one } = row.all.offer(&offer, &begun.offering.rules, now)?;
        let mut booking = begun.booking.clone();
        let known: Vec<_> = rows.iter().map(|row| (row.therapist, shows(row, begun.row.id, now))).collect();
        booking.own.follow_ups = remembered(&known, therapist);
        let offered = (Deed::FurtherOffered, Some(one.span.starts_at().timestamp()));
        let by = Hand::Therapist;
        if !self.put_booking_with(&mut tx, &begun.row, &booking, by, Some(offered)).await? {
            return Err(Error::Contended);
        }
        if let Some(free) = free {
            let kept = self.open_seat(&free)?.kept_for_follow_up(one.id, now);
            let sealed = self.seal_seat(&free.key, free.id, &kept)?;
            if !offerings::swap_seat(&mut tx, free.id, &free.sealed, sealed).await? {
                return Err(Error::Contended);
            }
        }
        self.swap_follow_ups(&mut tx, &row, &all).await?;
        self.owe_further(&mut tx, &one, therapist, now).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(one.id)
    }

    /// A seat of the therapist's own that residents may take now.
    async fn free_seat_of(&self, db: &mut Db, begun: &Begun, seat: SeatId) -> Result<(Span, Held, SeatRow)> {
        let row = offerings::seat(db, seat).await?.ok_or(Error::Taken)?;
        let slot = offerings::slot(db, row.slot).await?.ok_or(Error::Taken)?;
        let own = slot.therapist == begun.therapist && slot.offering == begun.offering.id();
        let free = self.open_seat(&row)?.offered_to_all(pool(&row)?);
        if !own || !free || begun.around.is_away(slot.therapist, &slot.span) {
            return Err(Error::Taken);
        }
        Ok((slot.span, Held::Seat(seat, slot.id), row))
    }

    /// The span of a time that was typed, where no batch could ever plan.
    async fn typed_span(&self, db: &mut Db, begun: &Begun, local: NaiveDateTime) -> Result<Span> {
        let (mut patterns, mut exceptions) = (Vec::new(), Vec::new());
        for (_, body) in therapists::availability_of(db, begun.therapist).await? {
            match hours::read(&body)? {
                Offered::Weekly(pattern) => patterns.push(pattern),
                Offered::Once(exception) => exceptions.push(exception),
            }
        }
        let midday = local.and_utc();
        let around =
            Span::new(midday - Duration::days(2), midday + Duration::days(2)).ok_or(Refusal::TooLate)?;
        let slots = offerings::slots_of_therapist(db, begun.therapist, around).await?;
        let slots: Vec<Span> = slots.into_iter().map(|slot| slot.span).collect();
        let busy = therapists::busy(db).await?.into_iter().filter(|(whose, _)| *whose == begun.therapist);
        let busy: Vec<Span> = busy.map(|(_, span)| span).collect();
        let absences = absences::of_therapist(db, begun.therapist).await?;
        let absences: Vec<_> = absences.into_iter().map(|row| row.absence).collect();
        let engaged = Engaged {
            patterns: &patterns,
            exceptions: &exceptions,
            slots: &slots,
            busy: &busy,
            absences: &absences,
        };
        Ok(typed(local, begun.zone, begun.offering.rules.visit_minutes, &engaged)?)
    }
}

fn pool(row: &SeatRow) -> Result<crate::domain::seating::Pool> {
    Ok(row.pool.parse().map_err(|_| storage::Error::Unreadable("seats.pool"))?)
}
