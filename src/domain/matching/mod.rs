//! Assigns people to classes of seats, exactly: numbers in, numbers out. Knows no person, clock, rule or wish.
//!
//! The problem is a minimum-cost flow: a person takes one seat of a class that their row names, at the row's cost;
//! classes lie in groups, groups in groups (slot, day, therapist, site), and each further seat that a group gives costs
//! at least as much as the one before. Because the groups nest, the cheapest whole-number answer is found exactly.
//!
//! [`lottery`] says who can be placed at all, [`draft`] and [`settle`] where they sit at least cost, [`repair`] what changes least after
//! a change, and [`certificate`] proves the answer without any of their code. `docs/plan.md` explains all four.

mod auction;
pub mod certificate;
mod levels;
pub mod lottery;
mod market;
mod network;
pub mod repair;
pub mod rows;
mod search;
mod settle;
mod sitters;
mod tree;

#[cfg(test)]
mod tests;

/// No group: what a class or a group without one hands its seats out to directly.
pub const NONE: u32 = u32::MAX;

/// Who may sit where and at which cost. Everything else is a seat's affair, see [`Supply`].
pub trait Rows {
    /// Whether every row comes in ascending order of cost, so that a reader may stop early.
    const ASCENDING: bool;

    /// How many people there are; they are numbered from 0.
    fn people(&self) -> usize;

    /// Shows a person's choices, each class at most once, until `visit` has seen enough and answers false.
    fn visit(&self, person: u32, visit: impl FnMut(Choice) -> bool);
}

/// One class that somebody may sit in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    /// What it costs, in the unit that all costs of the problem share; at most [`rows::MOST`].
    pub cost: u32,
    /// The class, by number.
    pub class: u32,
}

/// What there is to fill: classes of equal seats, in groups that nest.
#[derive(Debug, Clone, Default)]
pub struct Supply {
    /// Seats of each class; may be 0.
    pub seats: Vec<u32>,
    /// The group of each class, or [`NONE`].
    pub group: Vec<u32>,
    /// The groups, in no order; empty where loads cost nothing.
    pub groups: Groups,
}

/// Groups of seats whose further seats cost more and more.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// The group that each lies in, or [`NONE`]. Never a circle.
    pub parent: Vec<u32>,
    /// Where in [`Groups::steps`] each group's costs begin; one number more than groups.
    pub first: Vec<u32>,
    /// What each further seat of a group costs, never below 0 nor less than the one before, as many as it may give, in
    /// the unit of [`Choice::cost`].
    pub steps: Vec<i32>,
}

impl Groups {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.parent.len()
    }

    /// Whether loads cost nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// Adds a group that may give as many seats as `steps` has costs, which never fall. Returns its number.
    pub fn push(&mut self, parent: u32, steps: impl IntoIterator<Item = i32>) -> u32 {
        if self.first.is_empty() {
            self.first.push(0);
        }
        self.steps.extend(steps);
        self.first.push(number(self.steps.len()));
        self.parent.push(parent);
        number(self.parent.len() - 1)
    }

    /// What each further seat of a group costs.
    #[must_use]
    pub fn steps_of(&self, group: u32) -> &[i32] {
        let group = group as usize;
        &self.steps[self.first[group] as usize..self.first[group + 1] as usize]
    }
}

/// Who sits where, and the prices that prove it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seating {
    /// Each person's class, or [`NONE`] for who is left out.
    pub class_of: Vec<u32>,
    /// What each class asks, in units; see [`certificate`].
    pub price: Vec<i64>,
    /// What each group asks, in units.
    pub group_price: Vec<i64>,
}

/// A place in a list that memory holds; beyond four thousand million the machine has long given up.
pub(super) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Who is to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Everyone in the rows; they are known to fit together.
    Everyone,
    /// As many as possible, and of those sets the cheapest.
    Most,
}

/// A seating that is nearly the best, with its prices.
#[derive(Debug)]
pub struct Draft {
    bids: auction::Bids,
    exit: Option<i64>,
}

/// The first phase, an auction: quick, and nearly the best.
pub fn draft<R: Rows>(rows: &R, supply: &Supply, whom: Whom) -> Draft {
    let most = most_cost(rows);
    let exit = (whom == Whom::Most).then(|| exit_cost(rows.people(), most, supply));
    Draft { bids: auction::hold(rows, supply, most), exit }
}

/// The second phase, exact repair by shortest paths: the best seating, with the prices that prove it.
pub fn settle<R: Rows>(rows: &R, supply: &Supply, draft: &Draft) -> Seating {
    settle::settle(rows, supply, &draft.bids, draft.exit)
}

/// What leaving somebody out costs where as many as possible are to be placed: more than any way of seating the others
/// could save. In units.
#[must_use]
pub fn exit_cost(people: usize, most: u32, supply: &Supply) -> i64 {
    let dearest = supply.groups.steps.iter().copied().max().unwrap_or(0).max(0);
    let seat = i64::from(most) + i64::from(dearest) * 8 + 1;
    seat * (people as i64 + 1)
}

/// The greatest cost of any choice.
fn most_cost<R: Rows>(rows: &R) -> u32 {
    let mut most = 0;
    for person in 0..number(rows.people()) {
        rows.visit(person, |choice| {
            most = most.max(choice.cost);
            true
        });
    }
    most
}
