//! The batch's answer: who sits where, who could not be placed and why. One pure function from residents,
//! therapists, slots and a seed. Never books anything, and never sees a name or an outcome.
//!
//! As many as possible are placed. Where not everyone can be, a lottery drawn from the seed decides who is, never
//! the expense of somebody's wishes. Of all ways to seat those people the cheapest in points is taken: wishes
//! met, load spread over therapists and their days. Ties follow a keyed hash of opaque identifiers, so that no
//! order of file, name or spelling favours anyone. `docs/plan.md` explains it with an example.

mod away;
mod help;
mod here;
mod knots;
mod meetings;
mod moments;
mod proof;
mod reason;
mod repair;
mod reserve;
mod rows;
mod seat;
mod seed;
mod supply;
mod weights;
mod why;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::away::Away;
use self::away::{Apart, apart};
pub use self::help::{HalfDay, Help, Visits};
use self::here::Counter;
pub use self::here::{Here, Next, Parts, Wish, here};
use self::proof::prove;
pub use self::proof::{Fault, Unproved};
pub use self::reason::Reason;
pub use self::repair::{Repaired, repair};
pub use self::reserve::reserve;
use self::rows::Field;
use self::seat::{Seated, seat};
pub use self::seed::{NotASeed, Seed};
use self::supply::supply;
pub use self::weights::{Setting, UnknownWeight, Weights};
use self::why::Why;
use super::eligibility::{Host, OpenSlot, Person, SlotKey};
use super::id::{ResidentId, TherapistId};
use super::matching::{Rows, Supply};
use super::people::Modality;
use super::time::{Instant, Zone, wall};

/// What is asked: everything that the answer depends on, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The residents to be placed, each once.
    pub people: &'a [Person],
    /// The therapists, each once. Slots of others are left alone.
    pub hosts: &'a [Host],
    /// The slots to be filled, each once, with the reserve already taken off their seats.
    pub slots: &'a [OpenSlot],
    /// What decides the lottery and every tie.
    pub seed: &'a Seed,
    /// Now and the offering's notice: no visit is placed that begins earlier.
    pub earliest_start: Instant,
    /// The offering's first midnight, in the easternmost of its zones: weeks are counted from here.
    pub opens: Instant,
    /// What the offering weighs.
    pub weights: &'a Weights,
    /// How visits are cut and when therapists cannot be had: only for what would help who has no seat.
    pub visits: Visits<'a>,
}

/// Who sits where, who does not, and why. Computed, not yet booked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Everyone who is placed, by identifier.
    pub placed: Vec<Placement>,
    /// Everyone who is not, by identifier.
    pub unplaced: Vec<Unplaced>,
    /// What was done where more than the wished share of a program would be away at once; none where that never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<Away>,
}

/// One resident's seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Who.
    pub resident: ResidentId,
    /// In which slot.
    pub slot: SlotKey,
    /// How the visit is attended.
    pub modality: Modality,
    /// Why there: for the resident alone.
    pub here: Here,
}

/// One resident without a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unplaced {
    /// Who.
    pub resident: ResidentId,
    /// Why.
    pub reason: Reason,
}

/// Answers the question: the same to the byte for the same input and seed, on every machine, in whatever order the
/// input comes. Every answer is proved before it is given.
///
/// # Errors
/// [`Unproved`] where the proof fails; then there is no plan.
pub fn plan(question: &Question<'_>) -> Result<Plan, Unproved> {
    let field = Field::new(question);
    let supply = supply(&field);
    let seated = seat(&field, &supply);
    let Some(Apart { away, kept }) = apart(&field, &supply, &seated) else {
        return told(&field, &field, &supply, &seated);
    };
    let mut plan = match &kept {
        None => told(&field, &field, &supply, &seated)?,
        Some(kept) => told(&kept.field, &kept.rows(), &kept.supply, &kept.seated)?,
    };
    plan.away = Some(away);
    Ok(plan)
}

/// Proves an answer and puts it in words; `rows` have the costs that it is the least of.
fn told<R: Rows>(field: &Field<'_>, rows: &R, supply: &Supply, seated: &Seated) -> Result<Plan, Unproved> {
    prove(field, rows, supply, seated)?;
    let mut why = Why::new(field, seated);
    let counter = Counter::new(field, rows, seated);
    let mut plan = Plan::default();
    for (number, person) in field.people.iter().enumerate() {
        let slot = field.slots.get(seated.slot_of[number] as usize);
        let seat = slot.and_then(|slot| Some((slot, field.modality(number, seated.slot_of[number])?)));
        if let Some((slot, modality)) = seat {
            let here = counter.here(number, modality);
            plan.placed.push(Placement { resident: person.id, slot: slot.key, modality, here });
        } else {
            plan.unplaced.push(Unplaced { resident: person.id, reason: why.left_out(number) });
        }
    }
    plan.placed.sort_unstable_by_key(|placement| placement.resident);
    plan.unplaced.sort_unstable_by_key(|unplaced| unplaced.resident);
    Ok(plan)
}

impl Plan {
    /// How many visits each day holds, in one zone.
    #[must_use]
    pub fn per_day(&self, zone: Zone) -> BTreeMap<NaiveDate, usize> {
        count(self.placed.iter().map(|placement| wall(placement.slot.starts_at, zone).date()))
    }

    /// How many visits each therapist holds; who holds none is not listed.
    #[must_use]
    pub fn per_therapist(&self) -> BTreeMap<TherapistId, usize> {
        count(self.placed.iter().map(|placement| placement.slot.therapist))
    }
}

fn count<T: Ord>(things: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for thing in things {
        *counts.entry(thing).or_insert(0) += 1;
    }
    counts
}
