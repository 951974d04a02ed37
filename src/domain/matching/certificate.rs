//! Checks a seating against its prices in one pass over all rows. Shares no code with the solver, and repairs nothing.
//!
//! Prices prove a seating the best (complementary slackness of linear programming): nobody pays less elsewhere, price
//! included; no class or group would save by one seat more or fewer; and whoever is left out pays for leaving no more than
//! any seat asks. Whoever holds rows, seating and prices can check this on paper.

use super::{Choice, NONE, Rows, Supply, number};

/// What is wrong with a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Somebody sits where their row does not let them.
    #[error("person {0} sits where they may not")]
    Misplaced(u32),
    /// Somebody pays less elsewhere.
    #[error("person {0} would sit more cheaply elsewhere")]
    Dear(u32),
    /// Somebody is left out for less than a seat, or where nobody may be.
    #[error("person {0} is left out wrongly")]
    LeftOut(u32),
    /// Somebody who is left out could have been placed, or instead of somebody later in the lottery.
    #[error("person {0} was left out against the lottery")]
    PassedOver(u32),
    /// A class or group has more people than seats.
    #[error("class or group {0} holds more people than it has seats")]
    Overfull(u32),
    /// A class or group would save by one more or one fewer.
    #[error("class or group {0} is not worth its price")]
    Mispriced(u32),
}

/// A check under way.
#[derive(Debug)]
pub struct Check<'a> {
    supply: &'a Supply,
    price: &'a [i64],
    group_price: &'a [i64],
    exit: Option<i64>,
    held: Vec<u32>,
    people: u32,
    flaw: Option<Flaw>,
}

impl<'a> Check<'a> {
    /// Starts a check. `exit` is what leaving somebody out costs; none where everybody in the rows must sit.
    #[must_use]
    pub fn new(supply: &'a Supply, price: &'a [i64], group_price: &'a [i64], exit: Option<i64>) -> Self {
        Self { supply, price, group_price, exit, held: vec![0; supply.seats.len()], people: 0, flaw: None }
    }

    /// Checks the next person: the class where they sit, or [`NONE`], against their whole row.
    pub fn person(&mut self, sits: u32, row: impl IntoIterator<Item = Choice>) {
        let person = self.people;
        self.people += 1;
        let (mut least, mut own) = (i64::MAX, None);
        for choice in row {
            if self.supply.seats[choice.class as usize] == 0 {
                continue;
            }
            let pays = i64::from(choice.cost) + self.price[choice.class as usize];
            least = least.min(pays);
            if choice.class == sits {
                own = Some(pays);
            }
        }
        let flaw = match (sits, own, self.exit) {
            (NONE, _, Some(exit)) => (least < exit).then_some(Flaw::LeftOut(person)),
            (NONE, _, None) => Some(Flaw::LeftOut(person)),
            (_, None, _) => Some(Flaw::Misplaced(person)),
            (class, Some(own), exit) => {
                self.held[class as usize] += 1;
                (own > least || exit.is_some_and(|exit| own > exit)).then_some(Flaw::Dear(person))
            }
        };
        self.flaw = self.flaw.or(flaw);
    }

    /// Checks all classes and groups.
    ///
    /// # Errors
    /// The first [`Flaw`] found.
    pub fn finish(self) -> Result<(), Flaw> {
        if let Some(flaw) = self.flaw {
            return Err(flaw);
        }
        let classes = self.held.len();
        let groups = self.supply.groups.len();
        let mut load = vec![0_u32; groups];
        for class in 0..classes {
            let mut group = self.supply.group[class];
            while group != NONE {
                load[group as usize] += self.held[class];
                group = self.supply.groups.parent[group as usize];
            }
        }
        let above = |group: u32| if group == NONE { 0 } else { self.group_price[group as usize] };
        for class in 0..classes {
            let (held, seats) = (self.held[class], self.supply.seats[class]);
            let gains = self.price[class] - above(self.supply.group[class]);
            judge(number(class), held, seats, gains, |_| 0)?;
        }
        for group in 0..groups {
            let steps = self.supply.groups.steps_of(number(group));
            let gains = self.group_price[group] - above(self.supply.groups.parent[group]);
            let step = |seat: u32| i64::from(steps[seat as usize]);
            judge(number(classes + group), load[group], number(steps.len()), gains, step)?;
        }
        Ok(())
    }
}

/// Checks in one pass that nobody who is left out could have been placed, nor in the stead of somebody later in the lottery.
///
/// `shut` numbers classes by who was left out, from 1 in the order of the lottery. What it claims: whoever is left out as
/// the k-th may sit only in classes shut by k at the latest; such a class is full, of people who came before whoever shut it
/// and who may sit in no class that was shut later or is open. So no chain of moves leads from the k-th to a free seat
/// or to somebody later.
///
/// # Errors
/// The first [`Flaw`] found.
pub fn check_lottery<R: Rows>(rows: &R, supply: &Supply, class_of: &[u32], shut: &[u32]) -> Result<(), Flaw> {
    let left_out: Vec<usize> = (0..class_of.len()).filter(|person| class_of[*person] == NONE).collect();
    let mut held = vec![0_u32; supply.seats.len()];
    let mut turn = 0;
    for (person, class) in class_of.iter().enumerate() {
        let bound = if *class == NONE {
            turn += 1;
            turn
        } else {
            held[*class as usize] += 1;
            shut[*class as usize]
        };
        if bound == 0 {
            continue;
        }
        let came_before = left_out.get(bound as usize - 1).is_some_and(|passed| person <= *passed);
        let mut confined = came_before;
        rows.visit(number(person), |choice| {
            let other = shut[choice.class as usize];
            confined &= supply.seats[choice.class as usize] == 0 || (other > 0 && other <= bound);
            confined
        });
        if !confined {
            return Err(Flaw::PassedOver(number(person)));
        }
    }
    let gaps = (0..shut.len()).find(|class| shut[*class] > 0 && held[*class] < supply.seats[*class]);
    gaps.map_or(Ok(()), |class| Err(Flaw::Mispriced(number(class))))
}

/// Whether neither one seat more nor one fewer saves anything, where a seat gains the difference of two prices.
fn judge(node: u32, held: u32, seats: u32, gains: i64, step: impl Fn(u32) -> i64) -> Result<(), Flaw> {
    if held > seats {
        return Err(Flaw::Overfull(node));
    }
    let more = held < seats && step(held) < gains;
    let fewer = held > 0 && step(held - 1) > gains;
    if more || fewer { Err(Flaw::Mispriced(node)) } else { Ok(()) }
}
