//! Which classes hang together: classes from each of which every other can be reached by asking people to move on.
//! Says only what can be reached from where, so that it need not be searched again for everyone left out.

use super::rows::{Field, to_u32};

/// Not in any knot: nobody who is left out leads there.
const NONE: u32 = u32::MAX;

/// The knot of every class that a row of `roots` leads to: the strongly connected components of classes and rows, where
/// a class leads to the rows of the people in it and a row to its classes. Found in one walk (R. Tarjan, Depth-first
/// search and linear graph algorithms, 1972), with a stack of its own, because a walk may be as long as there are slots.
pub(super) fn knots(field: &Field<'_>, sitters: &[Vec<u32>], roots: impl Iterator<Item = u32>) -> Vec<u32> {
    let classes = sitters.len();
    let next = |node: u32| -> Box<dyn Iterator<Item = u32> + '_> {
        match (node as usize).checked_sub(classes) {
            None => {
                let rows = sitters[node as usize].iter().map(|person| field.row_of[*person as usize]);
                Box::new(rows.map(move |row| to_u32(classes) + row))
            }
            Some(row) => Box::new(field.classes_of(to_u32(row))),
        }
    };
    let nodes = classes + field.rows();
    let mut walk = Walk {
        seen: vec![0; nodes],
        low: vec![0; nodes],
        knot: vec![NONE; nodes],
        loose: Vec::new(),
        path: Vec::new(),
        moment: 0,
        knots: 0,
    };
    for root in roots.map(|row| to_u32(classes) + row) {
        if walk.seen[root as usize] == 0 {
            walk.from(root, next);
        }
    }
    walk.knot.truncate(classes);
    walk.knot
}

struct Walk<I> {
    /// When a node was first seen, from 1; 0 for never.
    seen: Vec<u32>,
    /// The earliest seen node that can be reached from a node and is in no knot yet.
    low: Vec<u32>,
    knot: Vec<u32>,
    /// Nodes that were seen and are in no knot yet.
    loose: Vec<u32>,
    /// Where we stand and how we came, each node with its further ways on.
    path: Vec<(u32, I)>,
    moment: u32,
    knots: u32,
}

impl<I: Iterator<Item = u32>> Walk<I> {
    fn from(&mut self, root: u32, next: impl Fn(u32) -> I) {
        self.enter(root, &next);
        while let Some((node, ways)) = self.path.last_mut() {
            let (node, step) = (*node, ways.next());
            match step {
                Some(to) if self.seen[to as usize] == 0 => self.enter(to, &next),
                Some(to) if self.knot[to as usize] == NONE => self.reaches(node, self.seen[to as usize]),
                Some(_) => {}
                None => self.leave(node),
            }
        }
    }

    fn enter(&mut self, node: u32, next: impl Fn(u32) -> I) {
        self.moment += 1;
        self.seen[node as usize] = self.moment;
        self.low[node as usize] = self.moment;
        self.loose.push(node);
        self.path.push((node, next(node)));
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
