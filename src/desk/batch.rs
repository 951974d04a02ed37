//! Writes what a batch decided: slots, seats, bookings, links and letters. Decides nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ground::{Ground, StoredSeat, link_end};
use super::link::Purpose;
use super::mend::Mend;
use super::offering::Offering;
use super::progress::{Progress, Tell};
use super::{Desk, Result};
use crate::domain::booking::{Booking, Hand, Mended, Visit};
use crate::domain::eligibility::SlotKey;
use crate::domain::id::{BookingId, ResidentId, SeatId, SlotId};
use crate::domain::owed::{self, Errand};
use crate::domain::plan::{Here, Placement, Plan};
use crate::domain::seating::{Pool, Seat, divide_reserve};
use crate::domain::time::Instant;
use crate::storage::Db;
use crate::storage::bookings::{self, BookingRow};
use crate::storage::keys::WrappedKey;
use crate::storage::offerings::{self, SeatRow, SlotRow};

/// What the domain answers for one batch.
#[derive(Default)]
pub(super) struct Decision {
    /// Default visits that are lost, and what is given for them.
    pub(super) mend: Mend,
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
    /// Letters for everyone that are owed so far.
    pub(super) letters: usize,
    /// Letters of its bookings, owed once all of them are written.
    errands: Vec<Errand>,
    /// The bookings that it makes, with the keys that were drawn for them.
    pub(super) made: HashMap<ResidentId, (BookingId, WrappedKey)>,
}

/// Slots that this batch made, with their seats.
pub(super) type Fresh = HashMap<SlotKey, (SlotRow, Vec<(SeatId, Pool)>)>;

/// A seat that somebody is given.
pub(super) enum Given<'a> {
    Stored(&'a StoredSeat),
    /// Of a slot that this batch made.
    Fresh(SlotId, SeatId, Pool),
}

impl<'a> Batch<'a> {
    pub(super) fn of(desk: &'a Desk, offering: &'a Offering, ground: &'a Ground, now: Instant) -> Self {
        Self { desk, offering, ground, now, letters: 0, errands: Vec::new(), made: HashMap::new() }
    }

    /// Names the slots and seats that the hours give, and divides the reserve among them.
    pub(super) async fn lay_out(&self, db: &mut Db, keeps: &BTreeMap<SlotKey, u32>) -> Result<Fresh> {
        let mut fresh = Fresh::new();
        let mut reserved = BTreeSet::new();
        for ((therapist, zone, span), slot) in self.ground.fresh.iter().zip(self.ground.fresh_slots()) {
            let id = SlotId::from_bytes(self.desk.draw());
            let row =
                SlotRow { id, offering: self.offering.id(), therapist: *therapist, zone: *zone, span: *span };
            offerings::add_slot(db, &row).await?;
            let seats: Vec<_> =
                (0..slot.seats).map(|_| (SeatId::from_bytes(self.desk.draw()), Pool::Plan)).collect();
            let kept = keeps.get(&slot.key).copied().unwrap_or(0) as usize;
            reserved.extend(seats.iter().take(kept).map(|(seat, _)| *seat));
            fresh.insert(slot.key, (row, seats));
        }
        let pools = divide_reserve(&reserved);
        for (seat, pool) in fresh.values_mut().flat_map(|(_, seats)| seats) {
            *pool = pools.get(seat).copied().unwrap_or(Pool::Plan);
        }
        Ok(fresh)
    }

    /// Writes the mend, then every booking with its seat and link; then the letters of all, and the seats that stay free.
    pub(super) async fn seat_everyone(
        &mut self,
        db: &mut Db,
        decision: &Decision,
        mut fresh: Fresh,
        tell: Tell<'_>,
    ) -> Result<()> {
        let mut used = match decision.mend.lost.is_empty() {
            true => Vec::new(),
            false => self.mend(db, &decision.mend, &mut fresh).await?,
        };
        self.draw_bookings(&decision.plan).await?;
        let of = decision.plan.placed.len();
        for (done, placement) in decision.plan.placed.iter().enumerate() {
            tell(Progress::Writing { done, of });
            let pool = if decision.late.contains(&placement.resident) { Pool::Late } else { Pool::Plan };
            let (visit, given) = self.find_seat(&mut fresh, &mut used, placement, &[pool])?;
            let booking = self.booking_id(placement.resident)?;
            let sits = match self.ground.bookings.get(&placement.resident) {
                Some(row) => mended(&self.desk.open_booking(row)?, &visit).sits,
                None => true,
            };
            match given {
                Given::Stored(stored) => self.plan_stored(db, stored, booking, sits).await?,
                Given::Fresh(slot, seat, pool) => {
                    self.add_seat(db, slot, (seat, pool), Some((booking, sits))).await?;
                }
            }
            self.write(db, placement.resident, booking, Some((visit, &placement.here))).await?;
        }
        for unplaced in &decision.plan.unplaced {
            if !self.ground.bookings.contains_key(&unplaced.resident) {
                let booking = self.booking_id(unplaced.resident)?;
                self.write(db, unplaced.resident, booking, None).await?;
            }
        }
        self.letters += self.desk.owe_all(db, std::mem::take(&mut self.errands)).await?;
        self.leave_free(db, fresh).await
    }

    /// Writes the seats of new slots that nobody was given.
    pub(super) async fn leave_free(&self, db: &mut Db, fresh: Fresh) -> Result<()> {
        for (slot, seats) in fresh.into_values() {
            for seat in seats {
                self.add_seat(db, slot.id, seat, None).await?;
            }
        }
        Ok(())
    }

    /// The seat that a placement means, of the first of the pools that has one, with the visit in it.
    pub(super) fn find_seat(
        &self,
        fresh: &mut Fresh,
        used: &mut Vec<SeatId>,
        placement: &Placement,
        pools: &[Pool],
    ) -> Result<(Visit, Given<'a>)> {
        let contended = || super::Error::Contended;
        if let Some((slot, seat, pool)) =
            pools.iter().find_map(|pool| take_fresh(fresh, placement.slot, *pool))
        {
            let visit = self.visit(placement, &slot, seat).ok_or_else(contended)?;
            return Ok((visit, Given::Fresh(slot.id, seat, pool)));
        }
        let (slot, stored) = self.ground.free_seat(placement.slot, pools, used).ok_or_else(contended)?;
        used.push(stored.row.id);
        let visit = self.visit(placement, slot, stored.row.id).ok_or_else(contended)?;
        Ok((visit, Given::Stored(stored)))
    }

    /// Names the bookings that this batch will make, and draws a key for each: keys are on disk before what needs them.
    async fn draw_bookings(&mut self, plan: &Plan) -> Result<()> {
        // A season that was erased is not booked again.
        self.offering.key()?;
        let placed = plan.placed.iter().map(|placement| placement.resident);
        let all = placed.chain(plan.unplaced.iter().map(|unplaced| unplaced.resident));
        let new = all.filter(|resident| !self.ground.bookings.contains_key(resident));
        let new: Vec<_> = new.map(|resident| (resident, BookingId::from_bytes(self.desk.draw()))).collect();
        let names: Vec<String> = new.iter().map(|(_, id)| id.to_string()).collect();
        let keys = self.desk.draw_keys(&names).await?;
        self.made = new.into_iter().zip(keys).map(|((resident, id), key)| (resident, (id, key))).collect();
        Ok(())
    }

    /// The booking that a resident has, or is given.
    fn booking_id(&self, resident: ResidentId) -> Result<BookingId> {
        let known = self.ground.bookings.get(&resident).map(|row| row.id);
        let id = known.or_else(|| self.made.get(&resident).map(|(id, _)| *id));
        id.ok_or(super::Error::Contended)
    }

    pub(super) fn visit(&self, placement: &Placement, slot: &SlotRow, seat: SeatId) -> Option<Visit> {
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

    /// Writes a new seat: whose default visit it is, and whether they sit there.
    pub(super) async fn add_seat(
        &self,
        db: &mut Db,
        slot: SlotId,
        (id, pool): (SeatId, Pool),
        planned: Option<(BookingId, bool)>,
    ) -> Result<()> {
        let seat = match planned {
            Some((booking, false)) => Seat::new(pool, None, self.now).planned_for(booking, false, self.now),
            planned => Seat::new(pool, planned.map(|(booking, _)| booking), self.now),
        };
        let key = self.offering.key()?;
        let sealed = self.desk.seal_seat(key, id, &seat)?;
        let row = SeatRow { id, slot, pool: pool.name().to_owned(), sealed, key: key.clone() };
        offerings::add_seat(db, &row).await?;
        Ok(())
    }

    async fn plan_stored(
        &self,
        db: &mut Db,
        stored: &StoredSeat,
        booking: BookingId,
        sits: bool,
    ) -> Result<()> {
        let after = stored.seat.planned_for(booking, sits, self.now);
        let sealed = self.desk.seal_seat(&stored.row.key, stored.row.id, &after)?;
        if !offerings::swap_seat(db, stored.row.id, &stored.row.sealed, sealed).await? {
            return Err(super::Error::Contended);
        }
        Ok(())
    }

    /// Writes a booking, and keeps its letters for the end. Who lost an earlier default visit may have opted out or chosen another time since.
    async fn write(
        &mut self,
        db: &mut Db,
        resident: ResidentId,
        id: BookingId,
        placed: Option<(Visit, &Here)>,
    ) -> Result<()> {
        let known = self.ground.bookings.get(&resident).map(|row| &row.key);
        let key = known.or_else(|| self.made.get(&resident).map(|(_, key)| key));
        let key = key.ok_or(super::Error::Contended)?.clone();
        let why = self.desk.seal_why(&key, id, placed.as_ref().map(|(_, here)| *here))?;
        let rules = &self.offering.rules;
        let letters = match (self.ground.bookings.get(&resident), placed) {
            (Some(row), Some((visit, _))) => {
                let mended = mended(&self.desk.open_booking(row)?, &visit);
                let booking = &mended.booking;
                if !self.desk.put_booking(db, row, booking, Hand::Batch).await? {
                    return Err(super::Error::Contended);
                }
                bookings::set_why(db, id, why).await?;
                match booking.told {
                    true => owed::with_mended(booking, None, mended.message, rules, self.now),
                    false => owed::with_booking(booking, rules, self.now),
                }
            }
            (_, placed) => {
                let booking = Booking::new(id, placed.map(|(visit, _)| visit));
                self.add_booking(db, resident, &booking, (key, why)).await?;
                owed::with_booking(&booking, rules, self.now)
            }
        };
        self.errands.extend(letters);
        Ok(())
    }

    async fn add_booking(
        &self,
        db: &mut Db,
        resident: ResidentId,
        booking: &Booking,
        (key, why): (WrappedKey, Vec<u8>),
    ) -> Result<()> {
        let uid = BookingId::from_bytes(self.desk.draw()).to_string();
        let sealed = self.desk.seal_booking(&key, booking)?;
        let history = self.desk.first_history(&key, booking)?;
        let row = BookingRow { id: booking.id, offering: self.offering.id(), resident, uid, sealed, key };
        if !bookings::add(db, &row, why, history).await? {
            return Err(super::Error::Contended);
        }
        let zone = self.ground.people.iter().find(|person| person.id == resident).map(|person| person.zone);
        let ends_at = link_end(self.offering, zone.unwrap_or(crate::domain::time::Zone::UTC));
        self.desk.add_link(db, Purpose::Visit, &booking.id.to_string(), ends_at).await?;
        Ok(())
    }
}

/// The booking of who waited, with a default visit.
fn mended(waiting: &Booking, visit: &Visit) -> Mended {
    waiting.mended(Some(visit.clone()), |_| false, false)
}

/// Takes a seat of a pool out of a slot that this batch made.
fn take_fresh(fresh: &mut Fresh, key: SlotKey, pool: Pool) -> Option<(SlotRow, SeatId, Pool)> {
    let (slot, seats) = fresh.get_mut(&key)?;
    let at = seats.iter().position(|(_, of)| *of == pool)?;
    let (seat, pool) = seats.remove(at);
    Some((slot.clone(), seat, pool))
}
