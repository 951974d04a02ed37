//! Writes a mend: lost default visits and what is given for them, then those who had chosen a time in a slot that is closed.
//! The second part depends on what residents did, comes after everything else is decided, and changes none of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Lost, Mend};
use crate::desk::batch::{Batch, Fresh, Given};
use crate::desk::ground::{StoredSeat, open_slot};
use crate::desk::{Error, Result};
use crate::domain::booking::{Booking, Hand, Visit};
use crate::domain::eligibility::OpenSlot;
use crate::domain::id::{BookingId, ResidentId, SeatId};
use crate::domain::owed::{self, Errand};
use crate::domain::plan::{self, Here, Placement, Plan, Question, Visits};
use crate::domain::seating::{Pool, Seat};
use crate::storage::Db;
use crate::storage::bookings::{self, BookingRow};
use crate::storage::offerings::{self, SlotRow};

/// What a mend changes, gathered before anything is written.
#[derive(Default)]
struct Sheet<'a> {
    /// Bookings by identifier: the order in which they are locked.
    bookings: BTreeMap<BookingId, (BookingRow, Booking)>,
    whys: Vec<(BookingId, Option<Here>)>,
    /// Stored seats as they are afterwards; each list of bookings goes before any seat, as residents' own changes do.
    seats: BTreeMap<SeatId, (&'a StoredSeat, Seat)>,
    letters: Vec<Errand>,
}

impl<'a> Sheet<'a> {
    fn seat(&self, stored: &StoredSeat) -> Seat {
        self.seats.get(&stored.row.id).map_or(stored.seat, |(_, seat)| *seat)
    }

    fn put(&mut self, stored: &'a StoredSeat, seat: Seat) {
        self.seats.insert(stored.row.id, (stored, seat));
    }
}

impl<'a> Batch<'a> {
    /// Writes a mend; gives the stored seats that it uses up.
    pub(in crate::desk) async fn mend(
        &mut self,
        db: &mut Db,
        mend: &Mend,
        fresh: &mut Fresh,
    ) -> Result<Vec<SeatId>> {
        let (mut sheet, mut used, mut made) = (Sheet::default(), Vec::new(), Vec::new());
        let placed: HashMap<ResidentId, &Placement> =
            mend.plan.placed.iter().map(|placement| (placement.resident, placement)).collect();
        let stored: HashMap<SeatId, &'a StoredSeat> =
            self.ground.stored.iter().flat_map(|(_, seats)| seats).map(|seat| (seat.row.id, seat)).collect();
        for lost in &mend.lost {
            let placement = placed.get(&lost.resident).copied();
            let given = match placement {
                Some(placement) => {
                    Some(self.find_seat(fresh, &mut used, placement, &[Pool::Plan, Pool::Late])?)
                }
                None => None,
            };
            let visit = given.as_ref().map(|(visit, _)| visit.clone());
            let old = stored.get(&lost.seat).copied().ok_or(Error::Contended)?;
            let sits = self.rewrite(db, &mut sheet, lost, old, visit).await?;
            sheet.whys.push((lost.booking, placement.map(|placement| placement.here)));
            match given.map(|(_, given)| given) {
                Some(Given::Stored(stored)) => {
                    sheet.put(stored, stored.seat.planned_for(lost.booking, sits, self.now));
                }
                Some(Given::Fresh(slot, seat, pool)) => made.push((slot, seat, pool, lost.booking, sits)),
                None => {}
            }
        }
        self.empty_closed(&mut sheet, mend)?;
        self.save(db, sheet).await?;
        for (slot, seat, pool, booking, sits) in made {
            self.add_seat(db, slot, (seat, pool), Some((booking, sits))).await?;
        }
        Ok(used)
    }

    /// Puts the new default visit, or none, into a booking; says whether the resident sits there.
    async fn rewrite(
        &self,
        db: &mut Db,
        sheet: &mut Sheet<'a>,
        lost: &Lost,
        old: &'a StoredSeat,
        new: Option<Visit>,
    ) -> Result<bool> {
        let row = self.ground.bookings.get(&lost.resident).ok_or(Error::Contended)?;
        let before = self.desk.open_booking(row)?;
        let invitation = self.desk.take_back(db, &before, &self.offering.rules).await?;
        let gone = |visit: &Visit| self.is_gone(visit);
        let mended = before.mended(new, gone, invitation.is_none());
        let (booking, rules, now) = (&mended.booking, &self.offering.rules, self.now);
        sheet.letters.extend(match invitation {
            Some(due_at) => owed::with_booking_again(booking, rules, now, due_at),
            None => owed::with_mended(booking, before.default_visit.as_ref(), mended.message, rules, now),
        });
        let gained = booking.default_visit.as_ref().filter(|_| mended.sits);
        let given_up = before.visit().filter(|visit| visit.seat == lost.seat && !lost.closed);
        let therapists = gained.into_iter().chain(given_up);
        sheet.letters.extend(therapists.map(|visit| owed::to_therapist(visit, booking, now)));
        if !lost.closed {
            sheet.put(old, old.seat.let_go_by(lost.booking, now));
        }
        sheet.bookings.insert(lost.booking, (row.clone(), mended.booking));
        Ok(mended.sits)
    }

    /// Whether a visit that has not begun is in a slot that is closed.
    fn is_gone(&self, visit: &Visit) -> bool {
        let mut slots = self.ground.stored.iter().map(|(slot, _)| slot);
        let slot = slots.find(|slot| slot.id == visit.slot);
        self.now < visit.span.starts_at() && slot.is_some_and(|slot| self.ground.is_closed(slot))
    }

    /// Empties every seat of closed slots that have not begun, and seats those anew who had chosen one. Seats that are
    /// empty are sealed anew all the same: whoever is about to take one must notice.
    fn empty_closed(&self, sheet: &mut Sheet<'a>, mend: &Mend) -> Result<()> {
        let mut losers = BTreeMap::new();
        let closed = |slot: &SlotRow| self.now < slot.span.starts_at() && self.ground.is_closed(slot);
        for stored in self.ground.stored.iter().filter(|(slot, _)| closed(slot)).flat_map(|(_, seats)| seats)
        {
            let seat = stored.seat;
            let untouched = seat.planned.is_none() && !seat.is_held();
            sheet.put(stored, if untouched { seat } else { seat.emptied(self.now) });
            let Some(holder) = seat.holder else { continue };
            let Some(row) = self.ground.bookings.values().find(|row| row.id == holder) else { continue };
            let booking = match sheet.bookings.get(&holder) {
                Some((_, booking)) => booking.clone(),
                None => self.desk.open_booking(row)?,
            };
            if booking.visit().is_some_and(|visit| visit.seat == stored.row.id) {
                losers.insert(row.resident, (row, booking));
            }
        }
        self.replace(sheet, mend, losers)
    }

    /// Gives those who lost a time of their own choosing one of those that residents may take now, all decided together.
    fn replace(
        &self,
        sheet: &mut Sheet<'a>,
        mend: &Mend,
        losers: BTreeMap<ResidentId, (&BookingRow, Booking)>,
    ) -> Result<()> {
        if losers.is_empty() {
            return Ok(());
        }
        let plan = self.plan_among_free(sheet, mend, &losers.keys().copied().collect())?;
        let placed: HashMap<ResidentId, &Placement> =
            plan.placed.iter().map(|placement| (placement.resident, placement)).collect();
        for (resident, (row, booking)) in losers {
            let given = placed.get(&resident).and_then(|placement| {
                let (slot, seat) = self.takeable(sheet).find(|(slot, _)| {
                    slot.therapist == placement.slot.therapist
                        && slot.span.starts_at() == placement.slot.starts_at
                })?;
                Some((self.visit(placement, slot, seat.row.id)?, seat))
            });
            let change = booking.replaced(given.as_ref().map(|(visit, _)| visit.clone()));
            let Some(change) = change else { continue };
            if let Some((_, stored)) = given {
                let seat = sheet.seat(stored).held_by(Some(row.id), self.now);
                sheet.put(stored, seat);
            }
            sheet.letters.extend(owed::with_replaced(&change, &self.offering.rules, self.now));
            sheet.bookings.insert(row.id, (row.clone(), change.booking));
        }
        Ok(())
    }

    fn plan_among_free(&self, sheet: &Sheet<'a>, mend: &Mend, who: &HashSet<ResidentId>) -> Result<Plan> {
        let mut slots: BTreeMap<_, OpenSlot> = BTreeMap::new();
        for (slot, _) in self.takeable(sheet) {
            let open = open_slot(slot.therapist, slot.span, 0);
            slots.entry(open.key).or_insert(open).seats += 1;
        }
        let slots: Vec<OpenSlot> = slots.into_values().collect();
        Ok(plan::plan(&Question {
            people: &self.ground.persons(who),
            hosts: &self.ground.hosts,
            slots: &slots,
            seed: &self.desk.mend_seed("replace", self.offering, &mend.lost),
            earliest_start: self.offering.rules.earliest_start(self.now),
            opens: self.ground.opens(&self.offering.rules),
            weights: &self.offering.rules.weights,
            visits: Visits::default(),
        })?)
    }

    /// The seats that residents may take now, as the sheet leaves them.
    fn takeable(&self, sheet: &Sheet<'a>) -> impl Iterator<Item = (&'a SlotRow, &'a StoredSeat)> {
        let open = self.ground.stored.iter().filter(|(slot, _)| !self.ground.is_closed(slot));
        let seats = open.flat_map(|(slot, seats)| seats.iter().map(move |seat| (slot, seat)));
        seats.filter(|(_, stored)| sheet.seat(stored).offered_to_all(stored.pool))
    }

    /// Bookings first and seats then, each in the order of their identifiers, as residents' own changes go: on PostgreSQL two
    /// who lock each other's next row would stand still.
    async fn save(&mut self, db: &mut Db, sheet: Sheet<'a>) -> Result<()> {
        for (row, booking) in sheet.bookings.values() {
            if !self.desk.put_booking(db, row, booking, Hand::Batch).await? {
                return Err(Error::Contended);
            }
        }
        for (id, why) in &sheet.whys {
            let (row, _) = sheet.bookings.get(id).ok_or(Error::Contended)?;
            bookings::set_why(db, *id, self.desk.seal_why(&row.key, *id, why.as_ref())?).await?;
        }
        for (id, (stored, seat)) in &sheet.seats {
            let sealed = self.desk.seal_seat(&stored.row.key, *id, seat)?;
            if !offerings::swap_seat(db, *id, &stored.row.sealed, sealed).await? {
                return Err(Error::Contended);
            }
        }
        for errand in &sheet.letters {
            let owed = self.desk.owe(db, errand).await?;
            // The batch tells how many: whom else a letter goes to depends on who really sat there.
            self.letters += usize::from(owed && errand.letter.for_everyone());
        }
        Ok(())
    }
}
