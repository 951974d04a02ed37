//! The first phase: everybody bids for their cheapest seat until all have one. Nearly the best, and quick.
//! Never proves anything; what it leaves untrue the second phase puts right.
//!
//! A forward auction from zero prices (D. Bertsekas, The auction algorithm for assignment and other network flow
//! problems, 1990, with similar objects as in Bertsekas and Castañon, 1989). Who loses a seat bids again, by as much
//! as their second choice is worse and a step. Seats that nobody wants keep the price of zero, so that none is overpriced
//! when supply is ample. A bid that passes a limit is not made: its person waits for the second phase.

use super::market::{CLOSED, Market, STEPS};
use super::{NONE, Rows, Supply, number};

/// Who sits where after the auction, and what each class and group asks, in whole units.
#[derive(Debug)]
pub(super) struct Bids {
    pub class_of: Vec<u32>,
    pub price: Vec<i64>,
    pub group_price: Vec<i64>,
}

/// Costs that range over more units than this are bid for in coarser steps, or a war of bids would take too long.
const FINE: i32 = 1024;

/// Holds the auction. `most` is the greatest cost of any choice.
pub(super) fn hold<R: Rows>(rows: &R, supply: &Supply, most: u32) -> Bids {
    let dearest = supply.groups.steps.iter().copied().max().unwrap_or(0);
    let widest = i32::try_from(most).unwrap_or(i32::MAX).saturating_add(dearest).saturating_add(1);
    let mut auction = Auction {
        rows,
        market: Market::new(supply),
        asks: vec![0; supply.seats.len()],
        limit: STEPS.saturating_mul(3).saturating_mul(widest),
        raise: (widest / FINE).max(1),
    };
    for class in 0..number(supply.seats.len()) {
        auction.asks[class as usize] = auction.market.ask(class);
    }
    for person in 0..number(rows.people()) {
        let mut bidder = Some(person);
        while let Some(person) = bidder {
            bidder = auction.bid(person);
        }
    }
    auction.finish()
}

struct Auction<'a, R> {
    rows: &'a R,
    market: Market<'a>,
    /// What each class asked when it was last looked at: never more than it asks now.
    asks: Vec<i32>,
    /// A seat that costs more than this in all is not bid for.
    limit: i32,
    /// By how many steps each bid is raised at least.
    raise: i32,
}

/// A person's best class by cost and ask together, in steps, and how much their second best is.
struct Best {
    class: u32,
    steps: i32,
    second: i32,
}

impl<R: Rows> Auction<'_, R> {
    /// Lets somebody bid. Returns who lost their seat by it.
    fn bid(&mut self, person: u32) -> Option<u32> {
        let mut best = self.best(person);
        while best.steps <= self.limit && !self.is_true(best.class) {
            best = self.best(person);
        }
        if best.steps > self.limit {
            return None;
        }
        let ask = self.asks[best.class as usize];
        let bid = ask + (best.second.min(self.limit) - best.steps).max(0) + self.raise;
        let loser = self.market.take(best.class, bid, person);
        self.asks[best.class as usize] = self.market.ask(best.class);
        loser
    }

    /// Whether a class still asks what it did; if not, notes what it asks now.
    fn is_true(&mut self, class: u32) -> bool {
        let now = self.market.ask(class);
        std::mem::replace(&mut self.asks[class as usize], now) == now
    }

    /// Looks through a row, at asks that may have risen since.
    fn best(&self, person: u32) -> Best {
        let mut best = Best { class: NONE, steps: CLOSED, second: CLOSED };
        self.rows.visit(person, |choice| {
            let cost = choice.cost as i32 * STEPS;
            if R::ASCENDING && cost >= best.second {
                return false;
            }
            let steps = cost.saturating_add(self.asks[choice.class as usize]);
            if steps < best.steps {
                best = Best { class: choice.class, steps, second: best.steps };
            } else {
                best.second = best.second.min(steps);
            }
            true
        });
        best
    }

    /// Whole units: rounded down, everything that held in steps still holds but for less than a unit.
    fn finish(self) -> Bids {
        let mut class_of = vec![NONE; self.rows.people()];
        for (person, class) in self.market.seated() {
            class_of[person as usize] = class;
        }
        let units = |steps: i32| i64::from(steps.div_euclid(STEPS));
        let classes = 0..number(self.asks.len());
        let groups = 0..self.market.groups();
        Bids {
            class_of,
            price: classes.map(|class| units(self.market.ask(class))).collect(),
            group_price: groups.map(|group| units(self.market.ask_of_group(group))).collect(),
        }
    }
}
