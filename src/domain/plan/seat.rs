//! Who sits where: the lottery says who is placed, the engine in which classes at least cost, and in each class people
//! take its slots in turn. Never judges its own answer; [`super::proof`] does.

use super::rows::{Field, to_u32};
use crate::domain::matching::{self, Choice, NONE, Rows, Seating, Supply, Whom, lottery};

/// An answer in numbers, with what proves it.
#[derive(Debug, Clone)]
pub(super) struct Seated {
    /// Each person's class, in lottery order, or [`NONE`] for who is left out.
    pub class_of: Vec<u32>,
    /// Each person's slot, or [`NONE`].
    pub slot_of: Vec<u32>,
    /// What each class and each group asks, in units.
    pub price: Vec<i64>,
    pub group_price: Vec<i64>,
    /// By whom each class was shut, see [`lottery::shut`].
    pub shut: Vec<u32>,
}

/// The rows of those who were drawn.
struct Drawn<'a, R> {
    rows: &'a R,
    people: Vec<u32>,
}

impl<R: Rows> Rows for Drawn<'_, R> {
    const ASCENDING: bool = R::ASCENDING;

    fn people(&self) -> usize {
        self.people.len()
    }

    #[inline]
    fn visit(&self, person: u32, visit: impl FnMut(Choice) -> bool) {
        self.rows.visit(self.people[person as usize], visit);
    }
}

/// Seats everybody who can be seated.
pub(super) fn seat(field: &Field<'_>, supply: &Supply) -> Seated {
    let placed = lottery::draw(field, supply);
    let people = (0..to_u32(placed.len())).filter(|person| placed[*person as usize]).collect();
    seat_drawn(field, field, supply, people)
}

/// Seats those who were drawn at least cost, where `rows` are the field's, at the same costs or at others.
pub(super) fn seat_drawn<R: Rows>(field: &Field<'_>, rows: &R, supply: &Supply, people: Vec<u32>) -> Seated {
    let drawn = Drawn { rows, people };
    let draft = matching::draft(&drawn, supply, Whom::Everyone);
    let Seating { class_of: found, price, group_price } = matching::settle(&drawn, supply, &draft);
    let mut class_of = vec![NONE; field.people.len()];
    for (person, class) in drawn.people.iter().zip(found) {
        class_of[*person as usize] = class;
    }
    let shut = lottery::shut(field, supply, &class_of);
    Seated { slot_of: deal(field, &class_of), class_of, price, group_price, shut }
}

/// Hands out the slots of each class: people in lottery order, slots in hash order.
fn deal(field: &Field<'_>, class_of: &[u32]) -> Vec<u32> {
    // How many slots of each class are full, and how many sit in the next.
    let mut dealt = vec![(0, 0); field.classes.len()];
    let mut next = |class: u32| {
        let (slot, taken) = &mut dealt[class as usize];
        let slots = &field.classes[class as usize];
        while slots.get(*slot).is_some_and(|open| *taken == field.slots[*open as usize].seats) {
            (*slot, *taken) = (*slot + 1, 0);
        }
        *taken += 1;
        slots.get(*slot).copied().unwrap_or(NONE)
    };
    class_of.iter().map(|class| if *class == NONE { NONE } else { next(*class) }).collect()
}
