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
pub struct Draft {
    pub(super) class_of: Vec<u32>,
    pub(super) price: Vec<i64>,
    pub(super) group_price: Vec<i64>,
    /// bids
    pub bids: u64,
    /// scanned
    pub parked: u64,
}

/// Holds the auction.
pub(super) fn hold<R: Rows>(rows: &R, supply: &Supply, most: u32) -> Draft {
    let mut auction = Auction {
        rows,
        market: Market::new(supply),
        asks: vec![0; supply.seats.len()],
        limit: (most as i32 + 1).saturating_mul(STEPS * 3),
        bids: 0,
        parked: 0,
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
    limit: i32,
    bids: u64,
    parked: u64,
}

/// A person's two best classes, by cost and ask together.
struct Best {
    class: u32,
    steps: i32,
    second: u32,
    second_steps: i32,
}

impl<R: Rows> Auction<'_, R> {
    /// Lets somebody bid. Returns who lost their seat by it.
    fn bid(&mut self, person: u32) -> Option<u32> {
        self.bids += 1;
        let best = loop {
            let best = self.best(person);
            if best.steps > self.limit {
                self.parked += 1;
                return None;
            }
            if self.is_true(best.class) {
                break best;
            }
        };
        let ask = self.asks[best.class as usize];
        let bid = ask + (best.second_steps.min(self.limit) - best.steps).max(0) + 1;
        let loser = self.market.take(best.class, bid, person);
        self.asks[best.class as usize] = self.market.ask(best.class);
        loser
    }

    /// Whether a class still asks what it did; if not, notes what it asks now.
    fn is_true(&mut self, class: u32) -> bool {
        let now = self.market.ask(class);
        std::mem::replace(&mut self.asks[class as usize], now) == now
    }

    fn best(&self, person: u32) -> Best {
        let mut best = Best { class: NONE, steps: CLOSED, second: NONE, second_steps: CLOSED };
        self.rows.visit(person, |choice| {
            let cost = choice.cost as i32 * STEPS;
            if R::ASCENDING && cost >= best.second_steps {
                return false;
            }
            let steps = cost.saturating_add(self.asks[choice.class as usize]);
            if steps < best.steps {
                (best.second, best.second_steps) = (best.class, best.steps);
                (best.class, best.steps) = (choice.class, steps);
            } else if steps < best.second_steps {
                (best.second, best.second_steps) = (choice.class, steps);
            }
            true
        });
        best
    }

    fn finish(self) -> Draft {
        let mut class_of = vec![NONE; self.rows.people()];
        for (person, class) in self.market.seated() {
            class_of[person as usize] = class;
        }
        let units = |steps: i32| i64::from(steps.div_euclid(STEPS));
        let classes = 0..number(self.asks.len());
        let groups = 0..self.market.groups();
        Draft {
            class_of,
            price: classes.map(|class| units(self.market.ask(class))).collect(),
            group_price: groups.map(|group| units(self.market.ask_of_group(group))).collect(),
            bids: self.bids,
            parked: self.parked,
        }
    }
}
