//! What a person waits for when a therapist cancels a day: everybody of that day placed again, from nothing but who sits
//! where. Never keeps anything from one day to the next that the service would not have.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::Context;
use holdspace::domain::matching::{self, NONE, Whom, repair};
use holdspace::solve::{self, Wish};

use crate::inside::{Clock, Figure};
use crate::instances::Instance;

/// How many days are cancelled, one after the other.
const DAYS: usize = 40;
/// Hours of a day in the file's grid.
const HOURS: u32 = 8;

/// One cancelled day repaired, the middle of many. The words say how many people it concerned and how many others moved.
pub fn figure(instance: &Instance) -> anyhow::Result<Figure> {
    // Slots stay apart here: whoever sits in one that is left keeps that very one.
    let (rows, mut supply) = solve::form(&instance.file, Wish { fair: true, merge: false })?;
    let seating = matching::settle(&rows, &supply, &matching::draft(&rows, &supply, Whom::Most));
    let mut class_of = seating.class_of;
    let days = days(instance)?;
    let (mut times, mut displaced, mut moved, mut lost) = (Vec::new(), 0, 0, 0);
    let placed = |class_of: &[u32]| class_of.iter().filter(|class| **class != NONE).count();
    for slots in days.values().step_by((days.len() / DAYS).max(1)).take(DAYS) {
        for slot in slots {
            supply.seats[*slot] = 0;
        }
        let gone = |class: &&u32| **class != NONE && supply.seats[**class as usize] == 0;
        displaced += class_of.iter().filter(gone).count();
        let before = Clock::read();
        let repaired = repair::repair(&rows, &supply, &class_of);
        times.push(before.elapsed());
        moved += repaired.moved.len();
        lost += placed(&class_of) - placed(&repaired.seating.class_of);
        class_of = repaired.seating.class_of;
    }
    times.sort_unstable();
    let took = times.get(times.len() / 2).copied().unwrap_or(Duration::ZERO);
    let words = format!(
        "one therapist's cancelled day repaired ({} days, {displaced} people, {lost} without a seat after it, {moved} others moved)",
        times.len()
    );
    Ok(Figure { name: "cancelled_day", words, took })
}

/// The slots of each therapist and day.
fn days(instance: &Instance) -> anyhow::Result<BTreeMap<(u32, u32), Vec<usize>>> {
    let bytes = fs::read(&instance.file)?;
    let words: Vec<u32> = bytes
        .chunks_exact(4)
        .map(|word| word.iter().rev().fold(0, |all, byte| all << 8 | u32::from(*byte)))
        .collect();
    // Five counts, where rows begin, slots and costs of the pairs, seats; then therapists and times of the slots.
    let begin = 5 + instance.people + 1 + 2 * instance.pairs + instance.slots;
    let tail = words.get(begin..begin + 2 * instance.slots);
    let tail = tail.with_context(|| format!("{} is cut off; remove it", instance.file.display()))?;
    let (therapists, times) = tail.split_at(instance.slots);
    let mut days: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (slot, (therapist, time)) in therapists.iter().zip(times).enumerate() {
        days.entry((*therapist, time / HOURS)).or_default().push(slot);
    }
    Ok(days)
}
