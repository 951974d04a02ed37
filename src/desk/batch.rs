//! Writes what a batch decided: slots, seats, bookings, links and letters. Decides nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ground::{Ground, StoredSeat, link_end};
use super::link::Purpose;
use super::offering::Offering;
use super::progress::{Progress, Tell};
use super::{Desk, Result};
use crate::domain::booking::{Booking, Visit};
use crate::domain::eligibility::SlotKey;
use crate::domain::id::{BookingId, ResidentId, SeatId, SlotId};
use crate::domain::owed;
use crate::domain::plan::{Here, Placement, Plan};
use crate::domain::seating::{Pool, Seat, divide_reserve};
use crate::domain::time::Instant;
use crate::storage::Db;
use crate::storage::bookings::{self, BookingRow};
use crate::storage::offerings::{self, SeatRow, SlotRow};

/// What the domain answers for one batch.
pub(super) struct Decision {
    pub(super) plan: Plan,
    /// Seats of new slots that stay free.
    pub(super) reserved: BTreeMap<SlotKey, u32>,
    /// Who of the placed sits in a seat kept for late starters.
    pub(super) late: BTreeSet<ResidentId>,
}

/// One batch while it is written.
pub(super) struct Batch<'a> {
    pub(super) desk: &'a Desk,
    pub(super) offering: &'a Offering,
    pub(super) ground: &'a Ground,
    pub(super) now: Instant,
    /// Letters owed so far.
    pub(super) letters: usize,
}

/// Slots that this batch made, with their seats.
pub(super) type Fresh = HashMap<SlotKey, (SlotRow, Vec<(SeatId, Pool)>)>;

impl Batch<'_> {
    /// Names the slots and seats that the hours give, and divides the reserve among them.
    pub(super) async fn lay_out(&self, db: &mut Db, decision: &Decision) -> Result<Fresh> {
        let mut fresh = Fresh::new();
        let mut reserved = BTreeSet::new();
        for ((therapist, zone, span), slot) in self.ground.fresh.iter().zip(self.ground.fresh_slots()) {
            let id = SlotId::from_bytes(self.desk.draw());
            let row =
                SlotRow { id, offering: self.offering.id(), therapist: *therapist, zone: *zone, span: *span };
            offerings::add_slot(db, &row).await?;
            let seats: Vec<_> =
                (0..slot.seats).map(|_| (SeatId::from_bytes(self.desk.draw()), Pool::Plan)).collect();
            let kept = decision.reserved.get(&slot.key).copied().unwrap_or(0) as usize;
            reserved.extend(seats.iter().take(kept).map(|(seat, _)| *seat));
            fresh.insert(slot.key, (row, seats));
        }
        let pools = divide_reserve(&reserved);
        for (seat, pool) in fresh.values_mut().flat_map(|(_, seats)| seats) {
            *pool = pools.get(seat).copied().unwrap_or(Pool::Plan);
        }
        Ok(fresh)
    }

    /// Writes every booking with its seat, link and letters; then the seats that stay free.
    pub(super) async fn seat_everyone(
        &mut self,
        db: &mut Db,
        decision: &Decision,
        mut fresh: Fresh,
        tell: Tell<'_>,
    ) -> Result<()> {
        let mut used = Vec::new();
        let of = decision.plan.placed.len();
        for (done, placement) in decision.plan.placed.iter().enumerate() {
            tell(Progress::Writing { done, of });
            let pool = if decision.late.contains(&placement.resident) { Pool::Late } else { Pool::Plan };
            let booking = self.booking_id(placement.resident);
            let visit = match take_fresh(&mut fresh, placement.slot, pool) {
                Some((slot, seat)) => {
                    self.add_seat(db, slot.id, seat, pool, Some(booking)).await?;
                    self.visit(placement, &slot, seat)
                }
                None => {
                    let Some((slot, stored)) = self.ground.free_seat(placement.slot, pool, &used) else {
                        return Err(super::Error::Contended);
                    };
                    used.push(stored.row.id);
                    self.plan_stored(db, stored, booking).await?;
                    self.visit(placement, slot, stored.row.id)
                }
            };
            self.write(db, placement.resident, booking, visit, Some(&placement.here)).await?;
        }
        for unplaced in &decision.plan.unplaced {
            if !self.ground.bookings.contains_key(&unplaced.resident) {
                let booking = self.booking_id(unplaced.resident);
                self.write(db, unplaced.resident, booking, None, None).await?;
            }
        }
        for (slot, seats) in fresh.into_values() {
            for (seat, pool) in seats {
                self.add_seat(db, slot.id, seat, pool, None).await?;
            }
        }
        Ok(())
    }

    /// The booking that a resident has, or the identifier of a new one.
    fn booking_id(&self, resident: ResidentId) -> BookingId {
        let known = self.ground.bookings.get(&resident).map(|row| row.id);
        known.unwrap_or_else(|| BookingId::from_bytes(self.desk.draw()))
    }

    fn visit(&self, placement: &Placement, slot: &SlotRow, seat: SeatId) -> Option<Visit> {
        let person = self.ground.people.iter().find(|person| person.id == placement.resident)?;
        Some(Visit {
            seat,
            slot: slot.id,
            therapist: slot.therapist,
            therapist_zone: slot.zone,
            span: slot.span,
            block: Ground::block_of(person, slot.span),
            modality: placement.modality,
        })
    }

    async fn add_seat(
        &self,
        db: &mut Db,
        slot: SlotId,
        id: SeatId,
        pool: Pool,
        planned: Option<BookingId>,
    ) -> Result<()> {
        let sealed = self.desk.seal_seat(id, &Seat::new(pool, planned, self.now))?;
        offerings::add_seat(db, &SeatRow { id, slot, pool: pool.name().to_owned(), sealed }).await?;
        Ok(())
    }

    async fn plan_stored(&self, db: &mut Db, stored: &StoredSeat, booking: BookingId) -> Result<()> {
        let after = stored.seat.planned_for(booking, self.now);
        let sealed = self.desk.seal_seat(stored.row.id, &after)?;
        if !offerings::swap_seat(db, stored.row.id, &stored.row.sealed, sealed).await? {
            return Err(super::Error::Contended);
        }
        Ok(())
    }

    async fn write(
        &mut self,
        db: &mut Db,
        resident: ResidentId,
        id: BookingId,
        visit: Option<Visit>,
        why: Option<&Here>,
    ) -> Result<()> {
        let why = self.desk.seal_why(id, why)?;
        let booking = match self.ground.bookings.get(&resident) {
            Some(row) => {
                let waiting = self.desk.open_booking(row)?;
                let booking = visit.map_or_else(|| waiting.clone(), |visit| waiting.placed(visit));
                if !bookings::swap(db, id, &row.sealed, self.desk.seal_booking(&booking)?).await? {
                    return Err(super::Error::Contended);
                }
                bookings::set_why(db, id, why).await?;
                booking
            }
            None => {
                let booking = Booking::new(id, visit);
                self.add_booking(db, resident, &booking, why).await?;
                booking
            }
        };
        for errand in owed::with_booking(&booking, &self.offering.rules, self.now) {
            self.letters += usize::from(self.desk.owe(db, &errand).await?);
        }
        Ok(())
    }

    async fn add_booking(
        &self,
        db: &mut Db,
        resident: ResidentId,
        booking: &Booking,
        why: Vec<u8>,
    ) -> Result<()> {
        let uid = BookingId::from_bytes(self.desk.draw()).to_string();
        let sealed = self.desk.seal_booking(booking)?;
        let row = BookingRow { id: booking.id, offering: self.offering.id(), resident, uid, sealed };
        if !bookings::add(db, &row, why).await? {
            return Err(super::Error::Contended);
        }
        let zone = self.ground.people.iter().find(|person| person.id == resident).map(|person| person.zone);
        let ends_at = link_end(self.offering, zone.unwrap_or(crate::domain::time::Zone::UTC));
        self.desk.add_link(db, Purpose::Visit, &booking.id.to_string(), ends_at).await?;
        Ok(())
    }
}

/// Takes a seat of a pool out of a slot that this batch made.
fn take_fresh(fresh: &mut Fresh, key: SlotKey, pool: Pool) -> Option<(SlotRow, SeatId)> {
    let (slot, seats) = fresh.get_mut(&key)?;
    let at = seats.iter().position(|(_, of)| *of == pool)?;
    Some((slot.clone(), seats.remove(at).0))
}
