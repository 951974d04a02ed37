//! Proves a plan before it leaves: every seat by the rules themselves, the lottery and the cost by their certificates.
//! Shares no code with what found the plan, and never repairs it.
//!
//! Each placed person is held against the rules of who fits and against the points of a visit, which know nothing of
//! classes, moments and lists; the certificates of the engine read each whole row once.

use super::rows::Field;
use super::seat::Seated;
use super::weights::UNIT;
use crate::domain::eligibility::fits;
use crate::domain::matching::certificate::{Check, Flaw, check_lottery};
use crate::domain::matching::{Choice, NONE, Rows, Supply};

/// A plan that its own proof does not bear out. It is an error in this program and nobody's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the plan was refused, because its proof failed ({0}); nothing was booked. This is an error in Holdspace, not in your \
     files: please report it with these words and the version, and book again after an update"
)]
pub struct Unproved(#[from] Fault);

/// What is wrong with it. People are told by their place in the lottery, slots by theirs in the order of the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Who is placed, or at which cost.
    #[error("{0}")]
    Flaw(#[from] Flaw),
    /// A rule keeps somebody out of the slot that they were given, or it costs something else.
    #[error("the rules do not give person {0} the slot that the plan does")]
    Rules(u32),
    /// More people than seats.
    #[error("slot {0} holds more people than it has seats")]
    Overfull(u32),
}

/// Holds an answer against everything that it claims. `rows` are the field's with the costs that the answer is the least
/// of: their own, or with tolls besides.
///
/// # Errors
/// The first fault found.
pub(super) fn prove<R: Rows>(
    field: &Field<'_>,
    rows: &R,
    supply: &Supply,
    seated: &Seated,
) -> Result<(), Unproved> {
    seats(field, seated)?;
    check_lottery(field, supply, &seated.class_of, &seated.shut).map_err(Fault::from)?;
    let mut check = Check::new(supply, &seated.price, &seated.group_price, None);
    let mut row = Vec::new();
    for (person, class) in (0..).zip(&seated.class_of).filter(|(_, class)| **class != NONE) {
        row.clear();
        rows.visit(person, |choice| {
            row.push(choice);
            true
        });
        check.person(*class, row.iter().copied());
    }
    Ok(check.finish().map_err(Fault::from)?)
}

/// Every seat exists, the rules give it to whoever sits there, and it costs what the engine was told.
pub(super) fn seats(field: &Field<'_>, seated: &Seated) -> Result<(), Fault> {
    let mut taken = vec![0_u32; field.slots.len()];
    for (person, (class, slot)) in (0..).zip(seated.class_of.iter().zip(&seated.slot_of)) {
        if *class == NONE && *slot == NONE {
            continue;
        }
        let (asked, open) = match (field.people.get(person as usize), field.slots.get(*slot as usize)) {
            (Some(asked), Some(open)) => (asked, open),
            _ => return Err(Fault::Rules(person)),
        };
        taken[*slot as usize] += 1;
        if taken[*slot as usize] > open.seats {
            return Err(Fault::Overfull(*slot));
        }
        let host = field.host(*slot);
        let Ok(way) = fits(asked, host, &open.span, field.earliest_start) else {
            return Err(Fault::Rules(person));
        };
        let week = field.weights.later(field.opens, open.key.starts_at);
        let points = field.weights.visit(asked, host, way) + week;
        let told = Choice { cost: points / UNIT, class: *class };
        let mut as_told = false;
        field.visit(person, |choice| {
            as_told = choice == told;
            choice.class != *class
        });
        if !as_told || host.id != open.key.therapist || field.class_of[*slot as usize] != *class {
            return Err(Fault::Rules(person));
        }
    }
    Ok(())
}
