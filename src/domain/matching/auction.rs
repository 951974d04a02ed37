//! The first phase: everybody bids for their cheapest seat until all have one. Nearly the best, and quick.
//! Never proves anything; what it leaves untrue the second phase puts right.
//!
//! A forward auction from zero prices (D. Bertsekas, The auction algorithm for assignment and other network flow
//! problems, 1990, with similar objects as in Bertsekas and Castañon, 1989). Who loses a seat bids again, by as much
//! as their second choice is worse and a step. Seats that nobody wants keep the price of zero, so that none is overpriced
//! when supply is ample. It is held twice, coarsely and then finely from a little below the prices found, as prices are far
//! more work to reach than to correct. A bid that passes a limit is not made: its person waits for the second phase.

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

/// How much coarser the bids of the first round are. A price is reached in bids as many as it has steps, and they are
/// most of the work; a coarse round comes near it in a quarter of them.
const COARSE: i32 = 4;

/// How far below the prices of the first round the second begins, in bids of the first. A coarse round ends up to about so
/// much too high; a seat that kept such a price and is then wanted by nobody sends many people back into the second phase.
/// At 20,000 with loads, four made that phase three times as long, and six the auction longer for nothing.
const SLACK: i32 = 5;

/// Holds the auction. `most` is the greatest cost of any choice.
pub(super) fn hold<R: Rows>(rows: &R, supply: &Supply, most: u32) -> Bids {
    let dearest = supply.groups.steps.iter().copied().max().unwrap_or(0);
    let widest = i32::try_from(most).unwrap_or(i32::MAX).saturating_add(dearest).saturating_add(1);
    let fine = (widest / FINE).max(1);
    let mut auction = Auction {
        rows,
        market: Market::new(supply),
        asks: vec![0; supply.seats.len()],
        limit: STEPS.saturating_mul(3).saturating_mul(widest),
        raise: fine.saturating_mul(COARSE),
    };
    auction.seat_everybody();
    let slack = auction.raise.saturating_mul(SLACK);
    auction.market.reopen(|ask| if ask >= CLOSED { 0 } else { ask.saturating_sub(slack).max(0) });
    auction.raise = fine;
    auction.seat_everybody();
    auction.market.drop_reserves();
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
    /// Lets everybody bid, from what the market asks now, until nobody loses a seat any more.
    fn seat_everybody(&mut self) {
        for class in 0..number(self.asks.len()) {
            self.asks[class as usize] = self.market.ask(class);
        }
        for person in 0..number(self.rows.people()) {
            let mut bidder = Some(person);
            while let Some(person) = bidder {
                bidder = self.bid(person);
            }
        }
    }

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
        // Steps above class in one word: the lesser and the greater of two are found without a branch, and whether the next
        // choice is better is what no processor guesses. No sum overflows: asks are at most CLOSED, costs at most 2^20 units.
        let word = |steps: i32, class: u32| i64::from(steps) << 32 | i64::from(class);
        let (mut best, mut second) = (word(CLOSED, NONE), word(CLOSED, NONE));
        self.rows.visit(person, |choice| {
            let cost = choice.cost as i32 * STEPS;
            if R::ASCENDING && word(cost, 0) >= second {
                return false;
            }
            let own = word(cost + self.asks[choice.class as usize], choice.class);
            second = second.min(best.max(own));
            best = best.min(own);
            true
        });
        Best { class: best as u32, steps: (best >> 32) as i32, second: (second >> 32) as i32 }
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
