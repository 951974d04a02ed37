//! The seats that the batch leaves free, so that a free seat is always explainable and freed ones point at nobody.
//! Never looks at who sits where.

use std::collections::BTreeMap;

use super::rows::{Field, to_u32};
use super::seed::Seed;
use super::{Question, Visits, Weights};
use crate::domain::eligibility::{Host, OpenSlot, Person, SlotKey};
use crate::domain::time::Instant;

/// How many seats of each slot stay free: `percent` of all seats that somebody could use, rounded half up, drawn
/// from `seed` seat by seat. More than 100 percent is taken as 100. Slots that keep none are not listed.
///
/// The seed is not the one of the plan, and is never published: whoever had both the seed and the therapists'
/// identifiers could tell which free seats were reserved, and so which were given up.
///
/// The caller takes them off [`OpenSlot::seats`] before it asks for a plan.
#[must_use]
pub fn reserve(
    people: &[Person],
    hosts: &[Host],
    slots: &[OpenSlot],
    percent: u8,
    seed: &Seed,
    earliest_start: Instant,
) -> BTreeMap<SlotKey, u32> {
    // Only who may sit where counts here, not what it costs.
    let (opens, weights) = (earliest_start, &Weights::default());
    let visits = Visits::default();
    let field = Field::new(&Question { people, hosts, slots, seed, earliest_start, opens, weights, visits });
    let mut usable = vec![false; field.classes.len()];
    for row in 0..to_u32(field.rows()) {
        field.classes_of(row).for_each(|class| usable[class as usize] = true);
    }
    let classes = field.classes.iter().zip(usable).filter(|(_, usable)| *usable);
    let mut seats: Vec<_> = classes
        .flat_map(|(slots, _)| slots)
        .map(|slot| field.slots[*slot as usize])
        .flat_map(|slot| (0..slot.seats).map(|seat| (seed.seat(slot.key, seat), slot.key)))
        .collect();
    seats.sort_unstable();
    let kept = (seats.len() * usize::from(percent.min(100)) + 50) / 100;
    let mut reserve = BTreeMap::new();
    for (_, key) in &seats[..kept] {
        *reserve.entry(*key).or_insert(0) += 1;
    }
    reserve
}
