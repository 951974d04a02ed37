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

/// What is asked of a class or group all the time, side by side and never across two lines of memory: with many people the
/// auction waits for memory most of all.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Node {
    /// The node of the group that it lies in, or [`NONE`].
    parent: u32,
    taken: u32,
    seats: u32,
    /// Of a class: where its bids begin, a heap with the lowest first. Of a group: where its steps do.
    first: u32,
    /// Of a class: what a free seat asks at least, whatever the groups ask.
    reserve: i32,
    /// Of a class: its lowest bid. Of a group: the lowest payment by which it could be entered in somebody's stead.
    low: i32,
    /// Of a group: the child that this payment is in.
    low_in: u32,
    /// Of a group: what its next seat costs by itself, counted from 0, in steps.
    next: i32,
}

pub(super) struct Market<'a> {
    supply: &'a Supply,
    tree: Tree,
    nodes: Vec<Node>,
    bids: Vec<Bid>,
}

impl<'a> Market<'a> {
    pub fn new(supply: &'a Supply) -> Self {
        let tree = Tree::new(supply);
        let blank = Node {
            parent: NONE,
            taken: 0,
            seats: 0,
            first: 0,
            reserve: 0,
            low: CLOSED,
            low_in: NONE,
            next: 0,
        };
        let mut nodes = Vec::with_capacity(tree.len());
        let mut first = 0;
        for (class, seats) in supply.seats.iter().enumerate() {
            nodes.push(Node { parent: tree.parent(number(class)), seats: *seats, first, ..blank });
            first += seats;
        }
        for group in 0..number(supply.groups.len()) {
            let seats = number(supply.groups.steps_of(group).len());
            let first = supply.groups.first[group as usize];
            nodes.push(Node { parent: tree.parent(tree.classes + group), seats, first, ..blank });
        }
        let mut market =
            Self { supply, tree, nodes, bids: vec![Bid { steps: 0, person: NONE }; first as usize] };
        market.look_at_steps();
        market
    }

    /// Notes what the next seat of every group costs.
    fn look_at_steps(&mut self) {
        for group in self.tree.classes..number(self.nodes.len()) {
            self.load(group, 0);
        }
    }

    /// Has a group hold so many seats more, or fewer.
    fn load(&mut self, group: u32, more: i32) {
        let mut node = *self.node(group);
        node.taken = node.taken.wrapping_add_signed(more);
        node.next = if node.taken < node.seats { self.step(&node, node.taken) } else { CLOSED };
        self.nodes[group as usize] = node;
    }

    /// Takes every seat back. From now on a free seat of a class asks at least what `reserve` makes of what the class
    /// asked until now.
    pub fn reopen(&mut self, reserve: impl Fn(i32) -> i32) {
        for class in 0..self.tree.classes {
            self.nodes[class as usize].reserve = reserve(self.ask(class));
        }
        for node in &mut self.nodes {
            *node = Node { taken: 0, low: CLOSED, low_in: NONE, ..*node };
        }
        self.look_at_steps();
    }

    /// From now on a free seat asks what its groups ask, and no more.
    pub fn drop_reserves(&mut self) {
        self.nodes.iter_mut().for_each(|node| node.reserve = 0);
    }

    fn node(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }

    /// What a class asks for one seat more, in steps.
    pub fn ask(&self, class: u32) -> i32 {
        let node = self.node(class);
        if node.taken < node.seats { node.low.min(self.ask_for_free(node)) } else { node.low }
    }

    /// How many groups there are.
    pub fn groups(&self) -> u32 {
        number(self.nodes.len()) - self.tree.classes
    }

    /// What a group asks, by its number.
    pub fn ask_of_group(&self, group: u32) -> i32 {
        self.ask_of(self.tree.classes + group)
    }

    /// What a class asks for a free seat.
    fn ask_for_free(&self, class: &Node) -> i32 {
        self.ask_above(class).max(class.reserve)
    }

    fn ask_above(&self, node: &Node) -> i32 {
        if node.parent == NONE { 0 } else { self.ask_of(node.parent) }
    }

    fn ask_of(&self, group: u32) -> i32 {
        let group = self.node(group);
        group.low.min(self.ask_for_more(group))
    }

    /// What a group asks where nobody leaves it.
    fn ask_for_more(&self, group: &Node) -> i32 {
        group.next.saturating_add(self.ask_above(group)).min(CLOSED)
    }

    /// What a group's seat costs by itself, counted from 0, in steps.
    fn step(&self, group: &Node, seat: u32) -> i32 {
        self.supply.groups.steps[(group.first + seat) as usize] * STEPS
    }

    /// Gives somebody a seat of a class for a bid of at least what it asks. Returns who lost theirs.
    pub fn take(&mut self, class: u32, steps: i32, person: u32) -> Option<u32> {
        let bid = Bid { steps, person };
        let place = self.node(class);
        if place.taken == place.seats || place.low < self.ask_for_free(place) {
            let loser = self.replace_lowest(class, bid);
            self.note(class);
            return Some(loser);
        }
        self.insert(class, bid);
        let mut group = self.node(class).parent;
        while group != NONE {
            let node = self.node(group);
            if node.low < self.ask_for_more(node) {
                return Some(self.evict(group, class));
            }
            self.load(group, 1);
            group = self.node(group).parent;
        }
        self.note(class);
        None
    }

    /// Takes the seat of whoever pays least in a group, for a class that was given one more already.
    fn evict(&mut self, group: u32, class: u32) -> u32 {
        let mut leaves = self.node(group).low_in;
        while self.tree.group(leaves).is_some() {
            self.load(leaves, -1);
            leaves = self.node(leaves).low_in;
        }
        let loser = self.remove_lowest(leaves);
        self.note(leaves);
        self.note(class);
        loser
    }

    /// Brings the lowest payments above a class up to date.
    fn note(&mut self, class: u32) {
        let mut child = class;
        let mut parent = self.node(class).parent;
        while parent != NONE {
            let pays = self.pays(child);
            let Node { low, low_in, .. } = *self.node(parent);
            let lowest = if pays <= low {
                Some((pays, child))
            } else if low_in == child {
                let children = self.tree.children(parent).iter();
                children.map(|child| (self.pays(*child), *child)).min().or(Some((CLOSED, NONE)))
            } else {
                None
            };
            let group = &mut self.nodes[parent as usize];
            if let Some(lowest) = lowest {
                (group.low, group.low_in) = lowest;
            }
            child = parent;
            parent = group.parent;
        }
    }

    /// What a class or group would give up above itself for the lowest: its payment less what its last seat costs.
    fn pays(&self, node: u32) -> i32 {
        let own = self.node(node);
        if self.tree.group(node).is_none() {
            own.low
        } else if own.taken > 0 && own.low < CLOSED {
            own.low - self.step(own, own.taken - 1)
        } else {
            CLOSED
        }
    }

    fn heap(&mut self, class: u32) -> &mut [Bid] {
        let Node { first, taken, .. } = *self.node(class);
        &mut self.bids[first as usize..(first + taken) as usize]
    }

    fn replace_lowest(&mut self, class: u32, bid: Bid) -> u32 {
        let heap = self.heap(class);
        let loser = std::mem::replace(&mut heap[0], bid).person;
        sink(heap);
        let low = heap[0].steps;
        self.nodes[class as usize].low = low;
        loser
    }

    fn insert(&mut self, class: u32, bid: Bid) {
        self.nodes[class as usize].taken += 1;
        let heap = self.heap(class);
        let mut place = heap.len() - 1;
        heap[place] = bid;
        while place > 0 && heap[place].steps < heap[(place - 1) / 2].steps {
            heap.swap(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
        let low = heap[0].steps;
        self.nodes[class as usize].low = low;
    }

    fn remove_lowest(&mut self, class: u32) -> u32 {
        let heap = self.heap(class);
        let last = heap.len() - 1;
        heap.swap(0, last);
        let loser = heap[last].person;
        sink(&mut heap[..last]);
        let low = if last == 0 { CLOSED } else { heap[0].steps };
        let node = &mut self.nodes[class as usize];
        (node.taken, node.low) = (node.taken - 1, low);
        loser
    }

    /// Everybody who has a seat, with its class.
    pub fn seated(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.tree.classes).flat_map(move |class| {
            let Node { first, taken, .. } = *self.node(class);
            let bids = &self.bids[first as usize..(first + taken) as usize];
            bids.iter().map(move |bid| (bid.person, class))
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
