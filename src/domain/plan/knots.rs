//! Which slots hang together: slots from each of which every other can be reached by asking people to move on.
//! Says only what can be reached from where, so that it need not be searched again for everyone left out.

use super::matching::Seating;
use super::rows::{Field, to_u32};

/// Not yet in any knot.
const NONE: u32 = u32::MAX;

/// The knot of every slot: the strongly connected components of slots and rows, where a slot leads to the rows of the
/// people in it and a row to its slots. Found in one walk (R. Tarjan, Depth-first search and linear graph algorithms,
/// 1972), with a stack of its own, because a walk may be as long as there are slots.
pub(super) fn knots(field: &Field<'_>, seating: &Seating) -> Vec<u32> {
    let slots = seating.occupants.len();
    let next = |node: u32, at: usize| match (node as usize).checked_sub(slots) {
        None => seating.occupants[node as usize]
            .get(at)
            .map(|person| to_u32(slots) + field.row_of[*person as usize]),
        Some(row) => field.rows[row].get(at).map(|choice| choice.slot),
    };
    let nodes = slots + field.rows.len();
    let mut walk =
        Walk { seen: vec![0; nodes], low: vec![0; nodes], knot: vec![NONE; nodes], ..Walk::default() };
    for root in 0..to_u32(nodes) {
        if walk.seen[root as usize] == 0 {
            walk.from(root, next);
        }
    }
    walk.knot.truncate(slots);
    walk.knot
}

#[derive(Default)]
struct Walk {
    /// When a node was first seen, from 1; 0 for never.
    seen: Vec<u32>,
    /// The earliest seen node that can be reached from a node and is in no knot yet.
    low: Vec<u32>,
    knot: Vec<u32>,
    /// Nodes that were seen and are in no knot yet.
    loose: Vec<u32>,
    /// Where we stand and how we came, each node with the number of its next way on.
    path: Vec<(u32, usize)>,
    moment: u32,
    knots: u32,
}

impl Walk {
    fn from(&mut self, root: u32, next: impl Fn(u32, usize) -> Option<u32>) {
        self.enter(root);
        while let Some((node, at)) = self.path.last_mut() {
            let (node, step) = (*node, next(*node, *at));
            *at += 1;
            match step {
                Some(to) if self.seen[to as usize] == 0 => self.enter(to),
                Some(to) if self.knot[to as usize] == NONE => self.reaches(node, self.seen[to as usize]),
                Some(_) => {}
                None => self.leave(node),
            }
        }
    }

    fn enter(&mut self, node: u32) {
        self.moment += 1;
        self.seen[node as usize] = self.moment;
        self.low[node as usize] = self.moment;
        self.loose.push(node);
        self.path.push((node, 0));
    }

    fn reaches(&mut self, node: u32, moment: u32) {
        let low = &mut self.low[node as usize];
        *low = (*low).min(moment);
    }

    fn leave(&mut self, node: u32) {
        self.path.pop();
        let low = self.low[node as usize];
        if let Some((parent, _)) = self.path.last() {
            self.reaches(*parent, low);
        }
        if low != self.seen[node as usize] {
            return;
        }
        // Nothing behind this node leads back before it: all that is loose since then is one knot.
        while let Some(of_knot) = self.loose.pop() {
            self.knot[of_knot as usize] = self.knots;
            if of_knot == node {
                break;
            }
        }
        self.knots += 1;
    }
}
