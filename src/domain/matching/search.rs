//! Finds the shortest way from people who stand to a free seat by reduced costs, and raises prices so that this way costs
//! nothing further. Never moves anybody.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::network::{Costs, FAR, Network, Origin};
use super::{NONE, Rows};

/// Dijkstra's search, with what it keeps from one time to the next.
pub(super) struct Search {
    distance: Vec<i64>,
    origin: Vec<Origin>,
    /// Nodes from which no free seat can be reached, now or ever, by the search that found it, from 1; 0 for others.
    dead: Vec<u32>,
    deaths: u32,
    touched: Vec<u32>,
    /// Nodes that are nearer than the end, with their distances.
    passed: Vec<(u32, i64)>,
    queue: BinaryHeap<Reverse<(i64, u32)>>,
    end: u32,
    /// How far the nearest free seat is, as far as is known.
    bound: i64,
}

impl Search {
    pub fn new(nodes: usize) -> Self {
        Self {
            distance: vec![FAR; nodes],
            origin: vec![Origin::Node(NONE); nodes],
            dead: vec![0; nodes],
            deaths: 0,
            touched: Vec::new(),
            passed: Vec::new(),
            queue: BinaryHeap::new(),
            end: NONE,
            bound: FAR,
        }
    }

    /// Raises prices until somebody of those who stand reaches a free seat without further cost. Returns which, or nothing where
    /// none can be reached at all; what was reached is then dead.
    pub fn raise<R: Rows, C: Costs>(&mut self, net: &mut Network<'_, R, C>, standing: &[u32]) -> Option<u32> {
        for person in standing {
            let worth = net.worth(*person);
            if worth < FAR {
                net.row(*person, worth, self.bound, |to, reduced| {
                    self.reach(net, to, reduced, Origin::Person(*person));
                });
            }
        }
        while let Some(Reverse((distance, node))) = self.queue.pop() {
            if distance >= self.bound {
                break;
            }
            if distance == self.distance[node as usize] {
                self.passed.push((node, distance));
                net.ways(node, self.bound.saturating_sub(distance), |to, reduced, origin| {
                    self.reach(net, to, distance + reduced, origin);
                });
            }
        }
        let end = std::mem::replace(&mut self.end, NONE);
        let bound = std::mem::replace(&mut self.bound, FAR);
        self.queue.clear();
        for node in self.touched.drain(..) {
            self.distance[node as usize] = FAR;
        }
        if end == NONE {
            self.deaths += 1;
            for (node, _) in self.passed.drain(..) {
                self.dead[node as usize] = self.deaths;
            }
            return None;
        }
        for (node, distance) in self.passed.drain(..) {
            net.price[node as usize] += bound - distance;
        }
        Some(end)
    }

    /// How the last search came to a node of its path.
    pub fn origin(&self, node: u32) -> Origin {
        self.origin[node as usize]
    }

    fn reach<R: Rows, C: Costs>(
        &mut self,
        net: &Network<'_, R, C>,
        node: u32,
        distance: i64,
        origin: Origin,
    ) {
        let known = &mut self.distance[node as usize];
        if distance >= *known || distance >= self.bound || self.dead[node as usize] > 0 {
            return;
        }
        if *known == FAR {
            self.touched.push(node);
        }
        *known = distance;
        self.origin[node as usize] = origin;
        if net.is_end(node) {
            self.end = node;
            self.bound = distance;
        } else {
            self.queue.push(Reverse((distance, node)));
        }
    }

    /// Prices dead nodes above all that leads into them, those that died first the highest, as nothing leads out of them.
    /// `most` is more than any choice costs.
    pub fn price_the_dead<R: Rows, C: Costs>(&self, net: &mut Network<'_, R, C>, most: i64) {
        let highest = net.price.iter().copied().max().unwrap_or(0);
        for (node, dead) in self.dead.iter().enumerate().filter(|(_, dead)| **dead > 0) {
            net.price[node] += (highest + 2 * most) * i64::from(self.deaths - dead + 1);
        }
    }
}
