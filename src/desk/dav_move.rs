//! A therapist moves a visit by moving its event: to a seat of theirs that its resident could choose as well, and nowhere
//! else. The default visit stays what it was, so nothing that a program sees changes.

use chrono::Duration;

use super::app_password::DavAccess;
use super::change::Try;
use super::dav::etag;
use super::visit::Loaded;
use super::{Desk, Result, TRIES};
use crate::domain::booking::{Hand, Visit};
use crate::domain::busy;
use crate::domain::id::SeatId;
use crate::domain::owed;
use crate::domain::table::Table;
use crate::domain::time::{Instant, Span};
use crate::storage::offerings::{self, SlotRow};
use crate::storage::{self, Db, therapists};

/// What became of an event that a therapist wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// The visit is at the new time, and its resident is told.
    Moved,
    /// The time is as it was; what else was changed is not kept.
    Unchanged,
}

/// Why a visit is not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveRefusal {
    /// The therapist holds no such visit.
    NoSuch,
    /// The event that was changed is not the present one.
    Changed,
    /// It is not one single event with a time.
    NotOneEvent,
    /// It would be longer or shorter.
    Length,
    /// It has begun.
    HasBegun,
    /// The therapist has no free seat then that its resident may take.
    NotFree,
}

/// What one try came to.
enum Tried {
    Done(Result<Moved, MoveRefusal>),
    Again,
}

impl Desk {
    /// Moves the visit behind an object to the time of the only event in `events`. `known` are the entity tags of what was
    /// changed.
    ///
    /// # Errors
    /// Those of loading and saving, and [`super::Error::Contended`]. That it cannot be moved is no error.
    pub async fn move_visit(
        &self,
        access: &DavAccess,
        name: &str,
        known: &[String],
        events: &[Table],
    ) -> Result<Result<Moved, MoveRefusal>> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            match self.try_to_move(&mut tx, access, name, known, events).await {
                Ok(Tried::Done(done)) => {
                    if done == Ok(Moved::Moved) {
                        tx.commit().await.map_err(storage::Error::from)?;
                    }
                    return Ok(done);
                }
                Ok(Tried::Again) | Err(super::Error::Storage(storage::Error::Contended)) => {}
                Err(super::Error::Taken) => return Ok(Err(MoveRefusal::NotFree)),
                Err(other) => return Err(other),
            }
        }
        Err(super::Error::Contended)
    }

    async fn try_to_move(
        &self,
        db: &mut Db,
        access: &DavAccess,
        name: &str,
        known: &[String],
        events: &[Table],
    ) -> Result<Tried> {
        let refused = |why| Ok(Tried::Done(Err(why)));
        let now = self.now();
        let present = self.held_tag(db, access, name).await?;
        let seat = name.strip_suffix(".ics").and_then(|id| id.parse::<SeatId>().ok());
        let (Some(present), Some(seat)) = (present, seat) else { return refused(MoveRefusal::NoSuch) };
        if !known.contains(&etag(&present)) {
            return refused(MoveRefusal::Changed);
        }
        let Some(loaded) = self.held_in(db, access, seat).await? else { return refused(MoveRefusal::NoSuch) };
        let Some(held) = loaded.booking.visit().filter(|visit| visit.seat == seat) else {
            return refused(MoveRefusal::NoSuch);
        };
        let Some(therapist) = therapists::therapist(db, access.therapist).await? else {
            return refused(MoveRefusal::NoSuch);
        };
        let zone = self.own_zone(db, &therapist).await?;
        let Some(to) = busy::single(events, zone) else { return refused(MoveRefusal::NotOneEvent) };
        if to == held.span {
            return Ok(Tried::Done(Ok(Moved::Unchanged)));
        }
        if to.minutes() != held.span.minutes() {
            return refused(MoveRefusal::Length);
        }
        if held.span.starts_at() <= now {
            return refused(MoveRefusal::HasBegun);
        }
        let Some(visit) = self.free_visit(db, access, &loaded, to, now).await? else {
            return refused(MoveRefusal::NotFree);
        };
        let Some(change) = loaded.booking.moved_for(visit) else { return refused(MoveRefusal::NoSuch) };
        let letters = owed::with_moved_for(&change, &loaded.offering.rules, now);
        Ok(match self.save(db, Hand::Therapist, &loaded, &change, letters, now).await? {
            Try::Done => Tried::Done(Ok(Moved::Moved)),
            Try::Again => Tried::Again,
        })
    }

    /// The booking that sits in a seat of the therapist's own.
    async fn held_in(&self, db: &mut Db, access: &DavAccess, seat: SeatId) -> Result<Option<Loaded>> {
        let Some(row) = offerings::seat(db, seat).await? else { return Ok(None) };
        let slot = offerings::slot(db, row.slot).await?;
        if slot.is_none_or(|slot| slot.therapist != access.therapist) {
            return Ok(None);
        }
        match self.open_seat(&row)?.holder {
            Some(booking) => Ok(Some(self.load_booking(db, booking).await?)),
            None => Ok(None),
        }
    }

    /// A visit at exactly this time in a seat of the same therapist and offering that residents may take, if this one may
    /// sit there.
    async fn free_visit(
        &self,
        db: &mut Db,
        access: &DavAccess,
        loaded: &Loaded,
        at: Span,
        now: Instant,
    ) -> Result<Option<Visit>> {
        let earliest_start = loaded.offering.rules.earliest_start(now);
        let Some(moment) = Span::new(at.starts_at(), at.starts_at() + Duration::seconds(1)) else {
            return Ok(None);
        };
        let slots = offerings::slots_of_therapist(db, access.therapist, moment).await?;
        let fits = |slot: &SlotRow| slot.offering == loaded.offering.id() && slot.span == at;
        let Some(slot) = slots.into_iter().find(fits) else { return Ok(None) };
        for row in offerings::seats_of_therapist(db, access.therapist, moment).await? {
            let pool = row.pool.parse().map_err(|_| storage::Error::Unreadable("seats.pool"))?;
            if row.slot == slot.id && self.open_seat(&row)?.takeable(pool, false, loaded.row.id) {
                return loaded.visit(&slot, row.id, earliest_start);
            }
        }
        Ok(None)
    }
}
