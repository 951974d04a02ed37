//! Reads an instance of numbers and has the engine of the plan answer it, so that anybody can hold the engine against
//! other solvers. Knows no person: a resident is a row and a slot a number.
//!
//! | step | file |
//! | --- | --- |
//! | which form is it? | `source`; `binary`, `listing`, `dimacs` with `network` |
//! | which slots are the same, and what is the unit of costs? | `columns` |
//! | rows of classes, the merge proved row by row | `classes` |
//! | the answer dealt to slots and proved against the file | `proof` |

mod binary;
mod classes;
mod columns;
mod dimacs;
mod lines;
mod listing;
mod meter;
mod network;
mod proof;
mod source;
#[cfg(test)]
mod testing;

use std::path::Path;

use serde::Serialize;

use crate::domain::matching::{self, NONE, Supply, Whom};
use classes::Classes;
use columns::{Columns, Scale};
use meter::{Meter, Seconds};
use proof::{Dealt, Tally};
pub use source::Refusal;
use source::Source;

/// How an instance is to be answered.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Whether therapists' further seats cost more and more. DIMACS files say that themselves.
    pub fair: bool,
    /// Whether slots that are the same to everybody are merged.
    pub merge: bool,
}

/// What the engine answered.
#[derive(Debug, Serialize)]
pub struct Solved {
    /// How many residents have a slot: as many as possible.
    pub placed: u64,
    /// What that costs, in the file's points, groups included: as little as possible.
    pub cost: i64,
    /// The others.
    pub unplaced: Unplaced,
    /// That the answer was proved against the file; where it cannot be, there is no answer.
    pub certificate: bool,
    /// Processor time.
    pub cpu_seconds: Seconds,
    /// The most memory that the process held, in MB.
    pub peak_memory_mb: Option<f64>,
    /// What merging made of the instance.
    pub size: Size,
    /// Resident and slot as the file numbers them, ascending by resident.
    #[serde(skip)]
    pub pairs: Vec<(u32, u32)>,
}

/// Who has no slot.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Unplaced {
    /// Who names no slot that has a seat.
    pub no_slot: u64,
    /// Who would be placed at the cost of another.
    pub shortage: u64,
}

/// An instance before and after merging.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Size {
    /// Residents.
    pub residents: u64,
    /// Slots in the file.
    pub slots: u64,
    /// Pairs in the file.
    pub pairs: u64,
    /// What the slots became.
    pub classes: u64,
    /// What the pairs became.
    pub choices: u64,
}

/// What was read: enough to ask the engine.
struct Problem {
    rows: matching::rows::Listed,
    classes: Classes,
    scale: Scale,
    /// How many pairs the file holds.
    pairs: u64,
    /// Seats and groups of the slots; the groups lie with the classes while the engine works.
    slots: Supply,
    read: Option<f64>,
}

/// Answers the instance in a file, and proves the answer.
///
/// # Errors
/// What is wrong with the file, with its place; or that the answer could not be proved.
pub fn solve(path: &Path, wish: Wish) -> Result<Solved, Refusal> {
    let mut meter = Meter::start();
    let source = source::open(path, wish.fair)?;
    let Problem { rows, classes, scale, pairs, mut slots, read } = read(&*source, wish, &mut meter)?;
    let supply = classes.supply(&mut slots);
    let choices = rows.choices();
    let merge = meter.phase();
    let draft = matching::draft(&rows, &supply, Whom::Most);
    let auction = meter.phase();
    let seating = matching::settle(&rows, &supply, &draft);
    let repair = meter.phase();
    drop(rows);
    let exit = matching::exit_cost(source.people(), scale.most, &supply);
    slots.groups = supply.groups;
    let dealt = Dealt::deal(seating, &classes, &slots.seats);
    let tally = dealt.prove(&*source, &slots, scale, exit)?;
    let certificate = meter.phase();
    let size = Size {
        residents: source.people() as u64,
        slots: slots.seats.len() as u64,
        pairs,
        classes: classes.len() as u64,
        choices: choices as u64,
    };
    let total = meter::cpu_seconds();
    let cpu_seconds = Seconds { total, read, merge, auction, repair, certificate };
    Ok(solved(&*source, &dealt, tally, cpu_seconds, size))
}

/// The engine's own form of a file: what benches ask beyond a single answer.
///
/// # Errors
/// What is wrong with the file, with its place.
pub fn form(path: &Path, wish: Wish) -> Result<(matching::rows::Listed, Supply), Refusal> {
    let source = source::open(path, wish.fair)?;
    let Problem { rows, classes, mut slots, .. } = read(&*source, wish, &mut Meter::start())?;
    let supply = classes.supply(&mut slots);
    Ok((rows, supply))
}

fn read(source: &dyn Source, wish: Wish, meter: &mut Meter) -> Result<Problem, Refusal> {
    let columns = Columns::read(source)?;
    let slots = columns.supply(source.offer(), source.people())?;
    let read = meter.phase();
    let (scale, pairs) = (columns.scale, columns.pairs);
    if wish.merge {
        let classes = Classes::merged(&columns, source.offer());
        if let Some(rows) = classes.rows(source, scale)? {
            return Ok(Problem { rows, classes, scale, pairs, slots, read });
        }
    }
    // Where two different slots share a sum, slots stay apart: slower, and right.
    let classes = Classes::apart(&columns);
    let rows = classes.rows(source, scale)?;
    let rows = rows.ok_or_else(|| Refusal("the file changed while it was read; try again".to_owned()))?;
    Ok(Problem { rows, classes, scale, pairs, slots, read })
}

fn solved(source: &dyn Source, dealt: &Dealt, tally: Tally, cpu_seconds: Seconds, size: Size) -> Solved {
    let slots = (0..).zip(&dealt.slot_of).filter(|(_, slot)| **slot != NONE);
    Solved {
        placed: tally.placed,
        cost: tally.cost,
        unplaced: Unplaced { no_slot: tally.no_slot, shortage: tally.shortage },
        certificate: true,
        cpu_seconds,
        peak_memory_mb: meter::peak_memory_mb(),
        size,
        pairs: slots.map(|(person, slot)| source.names(person, *slot)).collect(),
    }
}
