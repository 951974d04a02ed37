//! A plan after a change: everybody is still placed where that is possible, the fewest people move, and only then is cost
//! asked. Whoever stays keeps their very slot. Never books or moves anybody.
//!
//! The engine knows classes of alike slots; here is told who may keep which slot of a class, and slots are dealt so that
//! they do. Within a class nobody gains or loses by another slot, so the fewest moves between classes are the fewest moves.

use std::collections::HashMap;

use super::here::Counter;
use super::proof::{Fault, Unproved, seats};
use super::rows::{Field, to_u32};
use super::seat::Seated;
use super::supply::supply;
use super::why::Why;
use super::{Placement, Plan, Question, Unplaced};
use crate::domain::eligibility::SlotKey;
use crate::domain::id::ResidentId;
use crate::domain::matching::certificate::{Check, check_lottery};
use crate::domain::matching::repair::GONE;
use crate::domain::matching::{self, Choice, NONE, Rows, Seating, Supply, lottery};

/// A plan in which as little as possible has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repaired {
    /// Who sits where now, and who has no seat and why. It tells no next best times: its prices are about moves.
    pub plan: Plan,
    /// Who could have stayed and sits elsewhere, by identifier. Each made room for somebody.
    pub moved: Vec<ResidentId>,
    /// Whose seat is gone, or no longer allowed, by identifier; wherever they sit now, if anywhere.
    pub displaced: Vec<ResidentId>,
}

/// Where everybody sat, by their place in the lottery.
struct Before {
    /// The slot that somebody may keep, or [`NONE`].
    slot: Vec<u32>,
    /// The class of that slot, [`GONE`] for who had another one, or [`NONE`].
    class: Vec<u32>,
}

/// Repairs a plan. `question` is as it is after the change: slots that are gone are not in it, and all others have their
/// seats, those of `present` included, which says who was invited where.
///
/// Those who can stay are placed first, then those whose seat is gone or no longer allowed, then who had none, both in the
/// order of the lottery; each if nobody placed before is left out by it. Where a slot has lost some of its seats, the
/// lottery says who stays. Somebody listed twice in `present` sat in the first of the two; who is not asked about is left
/// alone.
///
/// # Errors
/// [`Unproved`] where the proof fails; then there is no repair.
pub fn repair(question: &Question<'_>, present: &[(ResidentId, SlotKey)]) -> Result<Repaired, Unproved> {
    let field = Field::new(question);
    let supply = supply(&field);
    let before = Before::new(&field, present);
    let found = matching::repair::repair(&field, &supply, &before.class);
    let slot_of = deal(&field, &before, &found.seating.class_of);
    let Seating { class_of, price, group_price } = found.seating.clone();
    let order = before.order();
    let in_order: Vec<u32> = order.iter().map(|person| class_of[*person as usize]).collect();
    let shut = lottery::shut(&Ordered { field: &field, order: &order }, &supply, &in_order);
    let seated = Seated { class_of, slot_of, price, group_price, shut };
    prove(&field, &supply, &seated, (&before, &found))?;
    Ok(told(&field, &seated, &before))
}

impl Before {
    fn new(field: &Field<'_>, present: &[(ResidentId, SlotKey)]) -> Self {
        let mut listed = present.to_vec();
        listed.sort_unstable();
        listed.dedup_by_key(|(resident, _)| *resident);
        let sat: HashMap<ResidentId, SlotKey> = listed.into_iter().collect();
        let numbers: HashMap<SlotKey, u32> =
            field.slots.iter().enumerate().map(|(number, slot)| (slot.key, to_u32(number))).collect();
        let mut left: Vec<u32> = field.slots.iter().map(|slot| slot.seats).collect();
        let mut before = Self { slot: Vec::new(), class: Vec::new() };
        for (number, person) in field.people.iter().enumerate() {
            let Some(key) = sat.get(&person.id) else {
                before.push(NONE, NONE);
                continue;
            };
            let open = numbers.get(key).copied().filter(|slot| left[*slot as usize] > 0);
            match open.filter(|slot| may_sit(field, number, field.class_of[*slot as usize])) {
                Some(slot) => {
                    left[slot as usize] -= 1;
                    before.push(slot, field.class_of[slot as usize]);
                }
                None => before.push(NONE, GONE),
            }
        }
        before
    }

    fn push(&mut self, slot: u32, class: u32) {
        self.slot.push(slot);
        self.class.push(class);
    }

    /// Everybody in the order in which they are placed: who can stay, who lost their seat, who had none.
    fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..to_u32(self.class.len())).collect();
        order.sort_by_key(|person| match self.class[*person as usize] {
            NONE => 2,
            GONE => 1,
            _ => 0,
        });
        order
    }

    /// Whether somebody could have kept their slot and sits in another one, or in none.
    fn moves(&self, person: usize, slot: u32) -> bool {
        self.slot[person] != NONE && self.slot[person] != slot
    }
}

fn may_sit(field: &Field<'_>, person: usize, class: u32) -> bool {
    class != NONE && field.classes_of(field.row_of[person]).any(|open| open == class)
}

/// Everybody's rows in another order than the lottery's.
struct Ordered<'a, 'b> {
    field: &'a Field<'b>,
    order: &'a [u32],
}

impl Rows for Ordered<'_, '_> {
    const ASCENDING: bool = <Field<'_> as Rows>::ASCENDING;

    fn people(&self) -> usize {
        self.order.len()
    }

    #[inline]
    fn visit(&self, person: u32, visit: impl FnMut(Choice) -> bool) {
        self.field.visit(self.order[person as usize], visit);
    }
}

/// Hands out the slots of each class: whoever stays in a class keeps their own, the others get in turn what is left.
fn deal(field: &Field<'_>, before: &Before, class_of: &[u32]) -> Vec<u32> {
    let mut left: Vec<u32> = field.slots.iter().map(|slot| slot.seats).collect();
    let mut slot_of = vec![NONE; class_of.len()];
    for person in (0..class_of.len()).filter(|person| class_of[*person] == before.class[*person]) {
        let own = before.slot[person];
        if own != NONE {
            (slot_of[person], left[own as usize]) = (own, left[own as usize] - 1);
        }
    }
    // The first slot of each class that may have a seat left.
    let mut next = vec![0; field.classes.len()];
    for person in 0..class_of.len() {
        if class_of[person] == NONE || slot_of[person] != NONE {
            continue;
        }
        let slots = &field.classes[class_of[person] as usize];
        let at = &mut next[class_of[person] as usize];
        while slots.get(*at).is_some_and(|slot| left[*slot as usize] == 0) {
            *at += 1;
        }
        if let Some(slot) = slots.get(*at) {
            (slot_of[person], left[*slot as usize]) = (*slot, left[*slot as usize] - 1);
        }
    }
    slot_of
}

/// Holds a repair against everything that it claims: every seat by the rules themselves, who is placed by the order in
/// which they are, who moves slot by slot, and by prices that fewer moves or, of as many, less cost there cannot be.
fn prove(
    field: &Field<'_>,
    supply: &Supply,
    seated: &Seated,
    (before, found): (&Before, &matching::repair::Repaired),
) -> Result<(), Unproved> {
    seats(field, seated)?;
    let order = before.order();
    let in_order: Vec<u32> = order.iter().map(|person| seated.class_of[*person as usize]).collect();
    check_lottery(&Ordered { field, order: &order }, supply, &in_order, &seated.shut).map_err(Fault::from)?;
    let mut check = Check::new(supply, &seated.price, &seated.group_price, None);
    let mut row = Vec::new();
    for (person, class) in (0..).zip(&seated.class_of) {
        let moves = before.moves(person as usize, seated.slot_of[person as usize]);
        if moves != found.moved.binary_search(&person).is_ok() {
            return Err(Fault::Rules(person).into());
        }
        if *class == NONE {
            check.absent();
            continue;
        }
        row.clear();
        field.visit(person, |choice| {
            row.push((choice.class, found.cost(person, choice)));
            true
        });
        check.priced(*class, row.iter().copied());
    }
    Ok(check.finish().map_err(Fault::from)?)
}

/// The answer in identifiers.
fn told(field: &Field<'_>, seated: &Seated, before: &Before) -> Repaired {
    let mut why = Why::new(field, seated);
    let counter = Counter::new(field, field, seated);
    let mut repaired = Repaired::default();
    let Repaired { plan, moved, displaced } = &mut repaired;
    for (number, person) in field.people.iter().enumerate() {
        let slot = seated.slot_of[number];
        let open = field.slots.get(slot as usize);
        if let Some((open, modality)) = open.and_then(|open| Some((open, field.modality(number, slot)?))) {
            let here = counter.here_alone(number, modality);
            plan.placed.push(Placement { resident: person.id, slot: open.key, modality, here });
        } else {
            plan.unplaced.push(Unplaced { resident: person.id, reason: why.left_out(number) });
        }
        if before.moves(number, slot) {
            moved.push(person.id);
        }
        if before.class[number] == GONE {
            displaced.push(person.id);
        }
    }
    plan.placed.sort_unstable_by_key(|placement| placement.resident);
    plan.unplaced.sort_unstable_by_key(|unplaced| unplaced.resident);
    moved.sort_unstable();
    displaced.sort_unstable();
    repaired
}
