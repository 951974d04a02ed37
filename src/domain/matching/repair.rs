//! What changes least after a change: everybody is still placed where that is possible, the fewest people move, and only then is
//! cost asked. Nobody moves for cost alone.
//!
//! Every seat but their own costs whoever has one more than all costs of a whole plan together. Under such costs it is plain
//! that nobody who can stay should move, at prices that are nothing but what loads cost; so no prices need to be kept from
//! one plan to the next. Each person who lost a seat is then placed by one shortest path.

use super::network::{Costs, Network};
use super::search::Search;
use super::{Choice, NONE, Rows, Seating, Supply, exit_cost, number, rows};

/// In the place of a class: somebody had a seat that is gone. It is no row's class, so nobody stays there; and unlike
/// [`NONE`] it puts them before those who had none.
pub const GONE: u32 = u32::MAX - 1;

/// A seating in which as little as possible has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Who sits where now; its prices prove it for [`Repaired::cost`].
    pub seating: Seating,
    /// Who could have stayed and sits elsewhere, in order.
    pub moved: Vec<u32>,
    /// Who could stay, and where; [`NONE`] for all others.
    stays: Vec<u32>,
    penalty: i64,
}

impl Repaired {
    /// What a choice costs somebody when moves are counted: for [`super::certificate::Check`], in units.
    #[must_use]
    pub fn cost(&self, person: u32, choice: Choice) -> i64 {
        kept_cost(&self.stays, self.penalty, person, choice)
    }
}

/// Repairs a seating. `rows` and `supply` are as they are after the change; `present` is where everybody sits, [`GONE`] if
/// that seat is there no more, or [`NONE`].
///
/// Whoever sits in a class of their row may stay, the first in number where there are fewer seats than people. Whoever lost
/// their seat is placed next, in order of their numbers, then who had none, each if nobody placed before is left out by it.
pub fn repair<R: Rows>(rows: &R, supply: &Supply, present: &[u32]) -> Repaired {
    let penalty = exit_cost(rows.people(), rows::MOST, supply);
    let (stays, costs) = who_stays(rows, supply, present);
    let kept = Kept { stays: &stays, penalty };
    let mut net = Network::new(rows, kept, supply, None);
    for (person, class) in stays.iter().enumerate().filter(|(_, class)| **class != NONE) {
        let person = number(person);
        net.take(*class);
        net.sit(person, *class, costs[person as usize]);
    }
    net.price_by_load();
    let mut search = Search::new(net.nodes());
    let waits = |person: &u32| stays[*person as usize] == NONE;
    let (displaced, new): (Vec<u32>, Vec<u32>) =
        (0..number(rows.people())).filter(waits).partition(|person| present[*person as usize] != NONE);
    for person in displaced.into_iter().chain(new) {
        if let Some(end) = search.raise(&mut net, &[person]) {
            net.shift_along(end, |node| search.origin(node));
        }
    }
    search.price_the_dead(&mut net, penalty);
    let seating = net.into_seating();
    let moved = (0..number(stays.len())).filter(|person| {
        let (was, is) = (stays[*person as usize], seating.class_of[*person as usize]);
        was != NONE && was != is
    });
    Repaired { moved: moved.collect(), seating, stays, penalty }
}

/// The costs of rows, with every seat but their own made dear to whoever may stay.
struct Kept<'a> {
    stays: &'a [u32],
    penalty: i64,
}

impl Costs for Kept<'_> {
    fn of(&self, person: u32, choice: Choice) -> i64 {
        kept_cost(self.stays, self.penalty, person, choice)
    }
}

fn kept_cost(stays: &[u32], penalty: i64, person: u32, choice: Choice) -> i64 {
    let stay = stays[person as usize];
    let moves = stay != NONE && stay != choice.class;
    i64::from(choice.cost) + if moves { penalty } else { 0 }
}

/// Everybody's class where it is still in their row and all that it lies in still has room for them, and what it costs.
fn who_stays<R: Rows>(rows: &R, supply: &Supply, present: &[u32]) -> (Vec<u32>, Vec<i64>) {
    let mut left = supply.seats.clone();
    let mut room: Vec<u32> =
        (0..number(supply.groups.len())).map(|group| number(supply.groups.steps_of(group).len())).collect();
    let above = |class: u32| {
        let parent = |group: &u32| Some(supply.groups.parent[*group as usize]).filter(|up| *up != NONE);
        std::iter::successors(Some(supply.group[class as usize]).filter(|group| *group != NONE), parent)
    };
    let mut stays = vec![NONE; present.len()];
    let mut costs = vec![0; present.len()];
    for (person, class) in present.iter().enumerate().filter(|(_, class)| **class != NONE) {
        let mut allowed = false;
        rows.visit(number(person), |choice| {
            allowed |= choice.class == *class;
            costs[person] = i64::from(choice.cost);
            !allowed
        });
        if allowed && left[*class as usize] > 0 && above(*class).all(|group| room[group as usize] > 0) {
            left[*class as usize] -= 1;
            above(*class).for_each(|group| room[group as usize] -= 1);
            stays[person] = *class;
        }
    }
    (stays, costs)
}
