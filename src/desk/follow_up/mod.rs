//! Follow-ups at rest: loading and swapping a therapist's row, freeing seats, owing letters, the fixed hour, and what an
//! absence takes away. Never told to a program: nothing here is counted or released.
//!
//! Whoever changes several rows goes in one order, bookings, then seats, then a therapist's row: on PostgreSQL two who lock
//! each other's next row would stand still.

use std::collections::BTreeMap;

use super::{Desk, Error, Result};
use crate::domain::absence::Absence;
use crate::domain::booking::Booking;
use crate::domain::follow_up::{FollowUp, FollowUps};
use crate::domain::id::{BookingId, FollowUpId, SlotId, TherapistId};
use crate::domain::letter::Letter;
use crate::domain::owed::{self, Errand, Recipient};
use crate::domain::time::{Instant, Span};
use crate::storage::{self, Db, follow_ups, offerings, outbox};

pub mod answer;
pub mod offer;
pub mod shown;

/// A therapist's follow-ups with the bytes that they were read from.
pub(super) struct Row {
    pub(super) therapist: TherapistId,
    sealed: Vec<u8>,
    pub(super) all: FollowUps,
}

impl Desk {
    /// A therapist's follow-ups.
    pub(super) async fn follow_ups(&self, db: &mut Db, therapist: TherapistId) -> Result<Row> {
        let sealed = follow_ups::of_therapist(db, therapist).await?;
        let sealed = sealed.ok_or(storage::Error::Unreadable("follow_ups.therapist_id"))?;
        Ok(Row { all: self.open_follow_ups(therapist, &sealed)?, therapist, sealed })
    }

    /// Everyone's, for whoever leads the clinic.
    pub(super) async fn all_follow_ups(&self, db: &mut Db) -> Result<Vec<Row>> {
        let rows = follow_ups::all(db).await?;
        let row = |(therapist, sealed): (TherapistId, Vec<u8>)| {
            Ok(Row { all: self.open_follow_ups(therapist, &sealed)?, therapist, sealed })
        };
        rows.into_iter().map(row).collect()
    }

    /// The rows that may hold something for a booking, and no others.
    async fn follow_ups_for(&self, db: &mut Db, booking: &Booking) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for therapist in &booking.own.follow_ups {
            rows.push(self.follow_ups(db, *therapist).await?);
        }
        Ok(rows)
    }

    async fn swap_follow_ups(&self, db: &mut Db, row: &Row, all: &FollowUps) -> Result<()> {
        let sealed = self.seal_follow_ups(row.therapist, all)?;
        match follow_ups::swap(db, row.therapist, &row.sealed, sealed).await? {
            true => Ok(()),
            false => Err(Error::Contended),
        }
    }

    /// Keeps the seat of a follow-up that changed: the therapist's feed tells it anew.
    async fn keep_seat_of(&self, db: &mut Db, one: &FollowUp, now: Instant) -> Result<()> {
        let Some(seat) = one.seat() else { return Ok(()) };
        let Some(row) = offerings::seat(db, seat).await? else { return Ok(()) };
        let kept = self.open_seat(&row)?.kept_for_follow_up(one.id, now);
        let sealed = self.seal_seat(&row.key, row.id, &kept)?;
        match offerings::swap_seat(db, row.id, &row.sealed, sealed).await? {
            true => Ok(()),
            false => Err(Error::Contended),
        }
    }

    /// Frees the seats of follow-ups that came to an end. A seat that went otherwise, with a slot that was closed, stays.
    async fn free_seats(&self, db: &mut Db, ended: &[FollowUp], now: Instant) -> Result<()> {
        let mut seats: Vec<_> = ended.iter().filter_map(|one| Some((one.seat()?, one.id))).collect();
        seats.sort_unstable();
        for (seat, id) in seats {
            let Some(row) = offerings::seat(db, seat).await? else { continue };
            let seat = self.open_seat(&row)?;
            if seat.follow_up != Some(id) {
                continue;
            }
            let sealed = self.seal_seat(&row.key, row.id, &seat.free_of(id, now))?;
            if !offerings::swap_seat(db, row.id, &row.sealed, sealed).await? {
                return Err(Error::Contended);
            }
        }
        Ok(())
    }

    /// Owes the letter about a follow-up where the resident asked for mail. Of one that never went out, nothing is taken back
    /// but the letter itself.
    async fn owe_further(
        &self,
        db: &mut Db,
        one: &FollowUp,
        therapist: TherapistId,
        now: Instant,
    ) -> Result<()> {
        if !one.entry {
            return Ok(());
        }
        if !one.stands() {
            let (to, occasion) = (Recipient::Resident(one.booking), owed::follow_up_occasion(one, 0));
            let key = self.occasion_key(&to, Letter::Further, &occasion)?;
            if outbox::take_back(db, &key).await?.is_some() {
                return Ok(());
            }
        }
        self.owe(db, &owed::with_follow_up(one, therapist, now)).await?;
        Ok(())
    }

    /// Which follow-up a letter speaks of, if it would still tell the truth.
    pub(super) async fn further_told(&self, db: &mut Db, errand: &Errand) -> Result<Option<FollowUpId>> {
        let id = errand.occasion.split(' ').next().and_then(|id| id.parse::<FollowUpId>().ok());
        let Some((id, visit)) = id.zip(errand.visit.as_ref()) else { return Ok(None) };
        let row = self.follow_ups(db, visit.therapist).await?;
        let told = row.all.one(id).is_some_and(|one| one.stands() == (errand.letter == Letter::Further));
        Ok(Some(id).filter(|_| told))
    }

    /// At the fixed hour: ends the offers that nobody answered, and seals every row anew, whatever happened.
    pub(super) async fn reseal_follow_ups(&self) -> Result<()> {
        let therapists = follow_ups::all(&mut *self.store.read().await?).await?;
        for (therapist, _) in therapists {
            let now = self.now();
            let mut tx = self.store.write().await?;
            let row = self.follow_ups(&mut tx, therapist).await?;
            let (all, lapsed) = row.all.lapsed(now);
            match self.end_follow_ups(&mut tx, &row, &all, &lapsed, now).await {
                Ok(()) => tx.commit().await.map_err(storage::Error::from)?,
                // Whoever changed it meanwhile sealed it anew; the rest is seen to at the next hour.
                Err(Error::Contended | Error::Storage(storage::Error::Contended)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Withdraws what a therapist cannot hold because they are away, in the transaction that enters the absence.
    pub(super) async fn close_follow_ups(
        &self,
        db: &mut Db,
        therapist: TherapistId,
        absence: &Absence,
        now: Instant,
    ) -> Result<()> {
        let row = self.follow_ups(db, therapist).await?;
        let (all, closed) = row.all.closed(|span: &Span| absence.closes(span), now);
        self.end_follow_ups(db, &row, &all, &closed, now).await
    }

    /// Forgets what was offered for bookings that are erased, whatever became of it; nobody is told.
    pub(super) async fn forget_follow_ups<T>(
        &self,
        db: &mut Db,
        theirs: &BTreeMap<BookingId, T>,
    ) -> Result<()> {
        for row in self.all_follow_ups(db).await? {
            let (all, gone) = row.all.without(|booking| theirs.contains_key(&booking));
            if !gone.is_empty() {
                self.free_seats(db, &gone, self.now()).await?;
                self.swap_follow_ups(db, &row, &all).await?;
            }
        }
        Ok(())
    }

    async fn end_follow_ups(
        &self,
        db: &mut Db,
        row: &Row,
        all: &FollowUps,
        ended: &[FollowUp],
        now: Instant,
    ) -> Result<()> {
        self.free_seats(db, ended, now).await?;
        self.swap_follow_ups(db, row, all).await?;
        for one in ended {
            self.owe_further(db, one, row.therapist, now).await?;
        }
        Ok(())
    }
}

/// Every time that is held for a resident beside `but`: their visit, and follow-ups of all therapists; and how many of them
/// are follow-ups.
fn held_for(booking: &Booking, rows: &[Row], but: Option<FollowUpId>, now: Instant) -> (Vec<Span>, usize) {
    let holds = |one: &&FollowUp| one.holds(now) && Some(one.id) != but;
    let mut spans: Vec<Span> =
        rows.iter().flat_map(|row| row.all.of(booking.id).filter(holds)).map(|one| one.span).collect();
    let live = spans.len();
    spans.extend(booking.visit().map(|visit| visit.span).filter(|span| now < span.ends_at()));
    (spans, live)
}

/// The code of a follow-up, as that of a slot.
pub(super) fn code(one: &FollowUp) -> String {
    match one.held {
        crate::domain::follow_up::Held::Seat(_, slot) => super::agenda::code(slot),
        crate::domain::follow_up::Held::Typed(_) => {
            super::agenda::code(SlotId::from_bytes(*one.id.as_bytes()))
        }
    }
}

/// Whether a row has anything to show to the resident of a booking.
fn shows(row: &Row, booking: BookingId, now: Instant) -> bool {
    row.all.of(booking).any(|one| now < one.span.ends_at())
}
