//! The second phase: whoever sits too dear or not at all is placed by shortest paths, until the prices prove the seating.
//! Never guesses: it ends with the best seating, whatever it started from.
//!
//! Successive shortest paths from everybody at once (the primal-dual method: R. Ahuja, T. Magnanti and J. Orlin, Network
//! Flows, 1993, section 9.8). The auction's prices are off by less than a unit, so after one raise nearly everybody who had to
//! stand up goes back to the very seat they had.

use super::auction::Bids;
use super::levels::Levels;
use super::network::{FAR, Network, Plain};
use super::search::Search;
use super::{NONE, Rows, Seating, Supply, number};

/// Finds the best seating, starting from what an auction left.
pub(super) fn settle<R: Rows>(rows: &R, supply: &Supply, bids: &Bids, exit: Option<i64>) -> Seating {
    let mut net = Network::new(rows, Plain, supply, exit);
    let (classes, groups) = (bids.price.len(), bids.group_price.len());
    net.price[..classes].copy_from_slice(&bids.price);
    net.price[classes..classes + groups].copy_from_slice(&bids.group_price);
    let mut standing = seat_the_content(&mut net, &bids.class_of);
    let mut search = Search::new(net.nodes());
    let mut levels = Levels::new(net.nodes());
    loop {
        levels.seat(&mut net, &mut standing);
        if standing.is_empty() || net.lacks == 0 || search.raise(&mut net, &standing).is_none() {
            break;
        }
        standing.retain(|person| !goes_back(&mut net, *person, bids.class_of[*person as usize]));
    }
    // Those who are left compete where seats are short, each in their own corner: one after another is quicker now.
    for person in standing {
        if let Some(end) = search.raise(&mut net, &[person]) {
            net.shift_along(end, |node| search.origin(node));
        }
    }
    net.into_seating()
}

/// Seats everybody who sits as cheaply as anywhere. Returns who stands; who has no choice at all is left out at once.
fn seat_the_content<R: Rows>(net: &mut Network<'_, R, Plain>, class_of: &[u32]) -> Vec<u32> {
    let mut standing = Vec::new();
    let mut empty = Vec::new();
    for (person, class) in class_of.iter().enumerate() {
        let person = number(person);
        let mut choices = 0;
        let (mut least, mut own) = (FAR, FAR);
        net.row(person, 0, FAR, |to, asked| {
            choices += usize::from(to != net.out);
            least = least.min(asked);
            if to == *class {
                own = asked;
            }
        });
        if *class != NONE {
            net.take(*class);
            if own == least {
                net.sit(person, *class, own - net.price[*class as usize]);
                continue;
            }
            empty.push(*class);
        }
        if choices > 0 {
            standing.push(person);
        } else if net.has_exit() {
            let out = net.out;
            net.take(out);
            net.sit(person, out, least - net.price[out as usize]);
        }
    }
    for class in empty {
        net.leave_empty(class);
    }
    standing
}

/// Has somebody sit where they sat in the auction, if the seat is still empty and as cheap as any.
fn goes_back<R: Rows>(net: &mut Network<'_, R, Plain>, person: u32, class: u32) -> bool {
    if class == NONE || !net.lacks(class) {
        return false;
    }
    let cost = net.cost(person, class);
    let content = net.worth(person) == cost + net.price[class as usize];
    if content {
        net.fill(class);
        net.sit(person, class, cost);
    }
    content
}
