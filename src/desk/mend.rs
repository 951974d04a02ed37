//! Default visits that are lost, and who gets which new one: those in a slot whose therapist is away, and those that the
//! rules no longer allow. Writes nothing.
//!
//! Only what batches planned decides, and only seats that a batch may fill are given, which no resident can be in. So nobody
//! else is disturbed, and nothing that residents did can be read off who is mended, to where, or when.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::ground::Ground;
use super::offering::Offering;
use super::{Desk, Result};
use crate::domain::eligibility::{OpenSlot, Person, SlotKey, fits};
use crate::domain::id::{BookingId, ResidentId, SeatId, TherapistId};
use crate::domain::plan::{self, Plan, Question, Seed, Visits};
use crate::domain::time::Instant;

mod write;

/// Default visits that are lost, in numbers. Depends on what batches planned, and on nothing that residents did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct MendShown {
    /// Default visits of residents on the roster that can no longer be held, and have not begun.
    pub visits: usize,
    /// How many of these residents get another time.
    pub another_time: usize,
    /// How many of them have none at present.
    pub without: usize,
}

/// Which lost visits are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Those in slots whose therapist is away.
    Closed,
    /// Those, and those that the rules no longer allow.
    Broken,
}

/// One default visit that is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lost {
    pub(super) resident: ResidentId,
    pub(super) booking: BookingId,
    pub(super) seat: SeatId,
    /// Whether nobody can sit there any more; else only this resident cannot.
    pub(super) closed: bool,
    /// Whether the resident can be given another one: they are on the roster, and here.
    pub(super) here: bool,
}

/// What the domain answers for those who lost their default visit.
#[derive(Default)]
pub(super) struct Mend {
    /// By resident.
    pub(super) lost: Vec<Lost>,
    /// Where those of them who are here sit from now on, or why nowhere.
    pub(super) plan: Plan,
}

impl Mend {
    /// In numbers.
    pub(super) fn shown(&self) -> MendShown {
        let (another_time, without) = (self.plan.placed.len(), self.plan.unplaced.len());
        MendShown { visits: another_time + without, another_time, without }
    }

    /// The slots without the seats that are given here.
    pub(super) fn leaves(&self, slots: Vec<OpenSlot>, taken: &mut HashMap<SlotKey, u32>) -> Vec<OpenSlot> {
        let left = slots.into_iter().map(|slot| {
            let wanted = taken.entry(slot.key).or_default();
            let given = slot.seats.min(*wanted);
            *wanted -= given;
            OpenSlot { seats: slot.seats - given, ..slot }
        });
        left.collect()
    }

    /// How many seats of each slot are given here.
    pub(super) fn taken(&self) -> HashMap<SlotKey, u32> {
        let mut taken = HashMap::new();
        self.plan.placed.iter().for_each(|placement| *taken.entry(placement.slot).or_insert(0) += 1);
        taken
    }
}

impl Ground {
    /// The default visits that are lost and have not begun, by resident.
    pub(super) fn lost(&self, which: Which, now: Instant) -> Vec<Lost> {
        let people: HashMap<ResidentId, &Person> =
            self.people.iter().map(|person| (person.id, person)).collect();
        let whose: HashMap<BookingId, ResidentId> =
            self.bookings.values().map(|row| (row.id, row.resident)).collect();
        let hosts: HashMap<TherapistId, _> = self.hosts.iter().map(|host| (host.id, host)).collect();
        let mut lost = Vec::new();
        for (slot, seats) in self.stored.iter().filter(|(slot, _)| now < slot.span.starts_at()) {
            let closed = self.is_closed(slot);
            for seat in seats {
                let Some(booking) = seat.seat.planned else { continue };
                let Some(resident) = whose.get(&booking).copied() else { continue };
                let person = people.get(&resident);
                // Whom the roster no longer has here keeps what they had, as long as it can be held.
                let broken = || {
                    let host = hosts.get(&slot.therapist);
                    person.is_some_and(|person| {
                        host.is_none_or(|host| fits(person, host, &slot.span, now).is_err())
                    })
                };
                if closed || (which == Which::Broken && broken()) {
                    let here = person.is_some();
                    lost.push(Lost { resident, booking, seat: seat.row.id, closed, here });
                }
            }
        }
        lost.sort_unstable();
        lost
    }

    /// Those of some residents who are on the roster, and here.
    pub(super) fn persons(&self, chosen: &HashSet<ResidentId>) -> Vec<Person> {
        self.people.iter().filter(|person| chosen.contains(&person.id)).cloned().collect()
    }
}

impl Desk {
    /// Decides who gets which other default visit; `fresh` are the slots that are not stored yet, without their reserve.
    pub(super) fn decide_mend(
        &self,
        (ground, offering): (&Ground, &Offering),
        fresh: &[OpenSlot],
        visits: Visits<'_>,
        which: Which,
        now: Instant,
    ) -> Result<Mend> {
        let lost = ground.lost(which, now);
        let people = ground.persons(&lost.iter().map(|lost| lost.resident).collect());
        if people.is_empty() {
            return Ok(Mend { lost, plan: Plan::default() });
        }
        let mut slots = ground.open_in(|_| true);
        slots.extend_from_slice(fresh);
        let question = Question {
            people: &people,
            hosts: &ground.hosts,
            slots: &slots,
            seed: &self.mend_seed("mend", offering, &lost),
            earliest_start: offering.rules.earliest_start(now),
            opens: ground.opens(&offering.rules),
            weights: &offering.rules.weights,
            visits,
        };
        let plan = plan::plan(&question)?;
        Ok(Mend { lost, plan })
    }

    /// What decides a mend by lot: derived from what was lost, so that a preview and what is then done agree, nobody can
    /// draw again for the same visits, and no seed of a batch is used up.
    fn mend_seed(&self, purpose: &'static str, offering: &Offering, lost: &[Lost]) -> Seed {
        let mut words = Vec::with_capacity(32 * lost.len());
        for Lost { resident, seat, .. } in lost {
            words.extend_from_slice(resident.as_bytes());
            words.extend_from_slice(seat.as_bytes());
        }
        Seed::from_bytes(*self.vault.derived(purpose, &[offering.id().as_bytes(), &words]))
    }
}
