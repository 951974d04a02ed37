//! What a seat costs while an auction runs: bids, loads, and what each class asks for one seat more.
//! Never knows who may sit where.
//!
//! A seat of a class is had in one of two ways: a free one, for what each group above it asks for one seat more; or
//! somebody else's, anywhere in a group that is shared, for their bid less what their leaving saves below that group.
//! What a class asks is the cheapest of these, and never falls while everybody bids at least what is asked.

use super::tree::Tree;
use super::{NONE, Supply, number};

/// One unit of cost in steps of the auction: bids rise by at least one step.
pub(super) const STEPS: i32 = 4;

/// No such seat, at any price.
pub(super) const CLOSED: i32 = i32::MAX / 2;

#[derive(Debug, Clone, Copy)]
struct Bid {
    steps: i32,
    person: u32,
}

pub(super) struct Market<'a> {
    supply: &'a Supply,
    tree: Tree,
    /// Where in `bids` each class's seats begin: a heap with the lowest bid first.
    first: Vec<u32>,
    bids: Vec<Bid>,
    /// Seats taken, of classes and groups.
    taken: Vec<u32>,
    /// The lowest payment by which each group could be entered in somebody's stead, and the child that it is in.
    low: Vec<(i32, u32)>,
}

impl<'a> Market<'a> {
    pub fn new(supply: &'a Supply) -> Self {
        let mut first = Vec::with_capacity(supply.seats.len());
        let mut seats = 0;
        for more in &supply.seats {
            first.push(seats);
            seats += more;
        }
        let tree = Tree::new(supply);
        Self {
            supply,
            first,
            bids: vec![Bid { steps: 0, person: NONE }; seats as usize],
            taken: vec![0; tree.len()],
            low: vec![(CLOSED, NONE); supply.groups.len()],
            tree,
        }
    }

    /// What a class asks for one seat more, in steps.
    pub fn ask(&self, class: u32) -> i32 {
        let number = class as usize;
        let low = self.lowest(class);
        if self.taken[number] < self.supply.seats[number] { low.min(self.ask_above(class)) } else { low }
    }

    /// How many groups there are.
    pub fn groups(&self) -> u32 {
        number(self.low.len())
    }

    /// What a group asks, by its number.
    pub fn ask_of_group(&self, group: u32) -> i32 {
        self.ask_of(self.tree.classes + group)
    }

    fn ask_above(&self, node: u32) -> i32 {
        let parent = self.tree.parent(node);
        if parent == NONE { 0 } else { self.ask_of(parent) }
    }

    fn ask_of(&self, node: u32) -> i32 {
        let (low, _) = self.low[(node - self.tree.classes) as usize];
        low.min(self.ask_for_more(node))
    }

    /// What a group asks where nobody leaves it.
    fn ask_for_more(&self, node: u32) -> i32 {
        self.step(node, self.taken[node as usize])
            .map_or(CLOSED, |step| step.saturating_add(self.ask_above(node)))
    }

    /// What a group's seat costs by itself, counted from 0, in steps.
    fn step(&self, node: u32, seat: u32) -> Option<i32> {
        let steps = self.supply.groups.steps_of(node - self.tree.classes);
        steps.get(seat as usize).map(|step| step * STEPS)
    }

    /// The lowest bid in a class.
    fn lowest(&self, class: u32) -> i32 {
        let class = class as usize;
        if self.taken[class] == 0 { CLOSED } else { self.bids[self.first[class] as usize].steps }
    }

    /// Gives somebody a seat of a class for a bid of at least what it asks. Returns who lost theirs.
    pub fn take(&mut self, class: u32, steps: i32, person: u32) -> Option<u32> {
        let bid = Bid { steps, person };
        let full = self.taken[class as usize] == self.supply.seats[class as usize];
        if full || self.lowest(class) < self.ask_above(class) {
            let loser = self.replace_lowest(class, bid);
            self.note(class);
            return Some(loser);
        }
        self.insert(class, bid);
        let mut node = self.tree.parent(class);
        while node != NONE {
            if self.low_of(node) < self.ask_for_more(node) {
                return Some(self.evict(node, class));
            }
            self.taken[node as usize] += 1;
            node = self.tree.parent(node);
        }
        self.note(class);
        None
    }

    fn low_of(&self, node: u32) -> i32 {
        self.low[(node - self.tree.classes) as usize].0
    }

    /// Takes the seat of whoever pays least in a group, for a class that was given one more already.
    fn evict(&mut self, node: u32, class: u32) -> u32 {
        let mut leaves = node;
        while let Some(group) = self.tree.group(leaves) {
            leaves = self.low[group].1;
            if self.tree.group(leaves).is_some() {
                self.taken[leaves as usize] -= 1;
            }
        }
        let loser = self.remove_lowest(leaves);
        self.note(leaves);
        self.note(class);
        loser
    }

    /// Brings the lowest payments above a class up to date.
    fn note(&mut self, class: u32) {
        let mut child = class;
        let mut parent = self.tree.parent(class);
        while parent != NONE {
            let pays = self.pays(child);
            let group = (parent - self.tree.classes) as usize;
            let (low, who) = self.low[group];
            if pays <= low {
                self.low[group] = (pays, child);
            } else if who == child {
                let children = self.tree.children(parent).iter();
                let least = children.map(|child| (self.pays(*child), *child)).min();
                self.low[group] = least.unwrap_or((CLOSED, NONE));
            }
            child = parent;
            parent = self.tree.parent(parent);
        }
    }

    /// What a class or group would give up above itself for the lowest: its payment less what its last seat costs.
    fn pays(&self, node: u32) -> i32 {
        let Some(group) = self.tree.group(node) else { return self.lowest(node) };
        let (low, _) = self.low[group];
        match self.taken[node as usize].checked_sub(1).and_then(|last| self.step(node, last)) {
            Some(last) if low < CLOSED => low - last,
            _ => CLOSED,
        }
    }

    fn heap(&mut self, class: u32) -> &mut [Bid] {
        let (first, taken) = (self.first[class as usize] as usize, self.taken[class as usize] as usize);
        &mut self.bids[first..first + taken]
    }

    fn replace_lowest(&mut self, class: u32, bid: Bid) -> u32 {
        let heap = self.heap(class);
        let loser = std::mem::replace(&mut heap[0], bid).person;
        sink(heap);
        loser
    }

    fn insert(&mut self, class: u32, bid: Bid) {
        self.taken[class as usize] += 1;
        let heap = self.heap(class);
        let mut place = heap.len() - 1;
        heap[place] = bid;
        while place > 0 && heap[place].steps < heap[(place - 1) / 2].steps {
            heap.swap(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    fn remove_lowest(&mut self, class: u32) -> u32 {
        let heap = self.heap(class);
        let last = heap.len() - 1;
        heap.swap(0, last);
        let loser = heap[last].person;
        sink(&mut heap[..last]);
        self.taken[class as usize] -= 1;
        loser
    }

    /// Everybody who has a seat, with its class.
    pub fn seated(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.supply.seats.len()).flat_map(move |class| {
            let first = self.first[class] as usize;
            let bids = &self.bids[first..first + self.taken[class] as usize];
            bids.iter().map(move |bid| (bid.person, number(class)))
        })
    }
}

/// Lets the first of a heap sink to its place.
fn sink(heap: &mut [Bid]) {
    let mut place = 0;
    loop {
        let mut least = place;
        for child in [2 * place + 1, 2 * place + 2] {
            if heap.get(child).is_some_and(|bid| bid.steps < heap[least].steps) {
                least = child;
            }
        }
        if least == place {
            return;
        }
        heap.swap(place, least);
        place = least;
    }
}
