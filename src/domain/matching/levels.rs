//! Moves as many people as possible along ways that cost nothing further, the shortest first. Never changes a price.
//!
//! Hopcroft and Karp's algorithm (An n^5/2 algorithm for maximum matchings in bipartite graphs, 1973) on the ways of reduced
//! cost zero, which are written out once: they are few.

use super::network::{Costs, FAR, Network, Origin};
use super::{NONE, Rows, number};

/// A node through which this round has found all ways.
const SPENT: u32 = u32::MAX;

pub(super) struct Levels {
    /// Where in `tight` each person's choices of reduced cost zero begin.
    first: Vec<u32>,
    tight: Vec<u32>,
    /// Steps from whoever stands, from 1; 0 where a node was not reached.
    level: Vec<u32>,
    /// Which child of a group is to be tried next.
    next: Vec<u32>,
    origin: Vec<Origin>,
    reached: Vec<u32>,
}

impl Levels {
    pub fn new(nodes: usize) -> Self {
        Self {
            first: Vec::new(),
            tight: Vec::new(),
            level: vec![0; nodes],
            next: vec![0; nodes],
            origin: vec![Origin::Node(NONE); nodes],
            reached: Vec::new(),
        }
    }

    /// Seats whoever of those who stand can be seated at no further cost.
    pub fn seat<R: Rows, C: Costs>(&mut self, net: &mut Network<'_, R, C>, standing: &mut Vec<u32>) {
        self.write_out(net);
        while self.measure(net, standing) {
            standing.retain(|person| !self.move_along(net, *person));
        }
    }

    /// Writes out everybody's choices of reduced cost zero. They stay the same while people move along them.
    fn write_out<R: Rows, C: Costs>(&mut self, net: &Network<'_, R, C>) {
        self.first.clear();
        self.tight.clear();
        self.first.push(0);
        for person in 0..number(net.rows.people()) {
            let node = net.sitters.class_of(person);
            let worth = if node == NONE { net.worth(person) } else { net.worth_of_sitter(person, node) };
            if worth < FAR {
                net.row(person, worth, 1, |to, reduced| {
                    if reduced == 0 {
                        self.tight.push(to);
                    }
                });
            }
            self.first.push(number(self.tight.len()));
        }
    }

    fn tight_of(&self, person: u32) -> &[u32] {
        &self.tight[self.first[person as usize] as usize..self.first[person as usize + 1] as usize]
    }

    /// Measures how many steps away each node is, as far as the nearest free seats. Returns whether there are any.
    fn measure<R: Rows, C: Costs>(&mut self, net: &Network<'_, R, C>, standing: &[u32]) -> bool {
        for node in self.reached.drain(..) {
            self.level[node as usize] = 0;
            self.next[node as usize] = 0;
        }
        let mut limit = SPENT;
        for person in standing {
            for place in self.first[*person as usize]..self.first[*person as usize + 1] {
                let node = self.tight[place as usize];
                self.enter(net, node, 1, &mut limit);
            }
        }
        let mut at = 0;
        while let Some(node) = self.reached.get(at).copied() {
            let level = self.level[node as usize];
            if level >= limit {
                break;
            }
            self.tight_ways(net, node, |levels, to, _| levels.enter(net, to, level + 1, &mut limit));
            at += 1;
        }
        limit < SPENT
    }

    fn enter<R: Rows, C: Costs>(&mut self, net: &Network<'_, R, C>, node: u32, level: u32, limit: &mut u32) {
        if self.level[node as usize] == 0 {
            self.level[node as usize] = level;
            self.reached.push(node);
            if net.is_end(node) {
                *limit = (*limit).min(level);
            }
        }
    }

    /// Shows every way on from a node at no further cost.
    fn tight_ways<R: Rows, C: Costs>(
        &mut self,
        net: &Network<'_, R, C>,
        node: u32,
        mut visit: impl FnMut(&mut Self, u32, Origin),
    ) {
        if net.holds_people(node) {
            if net.up(node) == Some(0) {
                visit(self, net.above(node), Origin::Node(node));
            }
            let mut sitter = net.sitters.first(node);
            while sitter != NONE {
                for place in self.first[sitter as usize]..self.first[sitter as usize + 1] {
                    visit(self, self.tight[place as usize], Origin::Person(sitter));
                }
                sitter = net.sitters.after(sitter);
            }
        } else {
            net.ways(node, 1, |to, reduced, origin| {
                if reduced == 0 {
                    visit(self, to, origin);
                }
            });
        }
    }

    /// Seats somebody along a shortest way, if one is left in this round.
    fn move_along<R: Rows, C: Costs>(&mut self, net: &mut Network<'_, R, C>, person: u32) -> bool {
        let mut open: Vec<(u32, Origin)> =
            self.tight_of(person).iter().map(|node| (*node, Origin::Person(person))).collect();
        open.retain(|(node, _)| self.level[*node as usize] == 1);
        while let Some((node, origin)) = open.pop() {
            let level = self.level[node as usize];
            if level == SPENT {
                continue;
            }
            self.origin[node as usize] = origin;
            if net.is_end(node) {
                // A group or the ground may take more in one round; what lacks one seat may not.
                if net.holds_people(node) {
                    self.level[node as usize] = SPENT;
                }
                net.shift_along(node, |node| self.origin[node as usize]);
                return true;
            }
            if net.holds_people(node) {
                self.level[node as usize] = SPENT;
                self.tight_ways(net, node, |levels, to, origin| {
                    if levels.level[to as usize] == level + 1 {
                        open.push((to, origin));
                    }
                });
            } else if let Some(to) = self.next_of(net, node, level + 1) {
                open.push((node, origin));
                open.push((to, Origin::Node(node)));
            } else {
                self.level[node as usize] = SPENT;
            }
        }
        false
    }

    /// The next way at no further cost from a group or the ground to a node of a level. Each is tried once in a round, so
    /// that many people may pass through the same group.
    fn next_of<R: Rows, C: Costs>(&mut self, net: &Network<'_, R, C>, node: u32, level: u32) -> Option<u32> {
        loop {
            let place = self.next[node as usize] as usize;
            self.next[node as usize] += 1;
            let (to, reduced) = match place.checked_sub(1) {
                None => (net.above(node), net.up(node)),
                Some(place) => {
                    let child = net.beneath(node, place)?;
                    (child, net.down(child))
                }
            };
            if reduced == Some(0) && self.level[to as usize] == level {
                return Some(to);
            }
        }
    }
}
