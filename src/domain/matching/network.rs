//! The residual network: who sits where, what each node has taken from above it and asks for it, and every way on from a
//! node with its reduced cost. Never chooses a way; [`super::search`] and [`super::levels`] do.
//!
//! Nodes are the tree's classes and groups, then `out`, where people are who are left out, and the ground to which every
//! seat leads. A node's price is what one seat more of it costs all the way down to the ground. While prices are right no way
//! has a reduced cost (cost of the way, plus the price where it leads, less the price whence it comes) below zero.

use super::sitters::Sitters;
use super::tree::Tree;
use super::{Choice, NONE, Rows, Seating, Supply, number};

/// Farther than any path.
pub(super) const FAR: i64 = i64::MAX;

/// What a choice costs its person; at least [`Choice::cost`].
pub(super) trait Costs {
    /// In units.
    fn of(&self, person: u32, choice: Choice) -> i64;
}

/// What the rows say.
pub(super) struct Plain;

impl Costs for Plain {
    fn of(&self, _: u32, choice: Choice) -> i64 {
        i64::from(choice.cost)
    }
}

/// How a node was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This person would sit there.
    Person(u32),
    /// A seat passes on to or from what holds it.
    Node(u32),
}

pub(super) struct Network<'a, R, C> {
    pub rows: &'a R,
    costs: C,
    supply: &'a Supply,
    tree: Tree,
    pub out: u32,
    pub ground: u32,
    /// What leaving somebody out costs; [`FAR`] where nobody may be.
    exit: i64,
    pub sitters: Sitters,
    cost_of: Vec<i64>,
    /// Seats that each node has taken from above it, whether or not somebody sits there yet.
    taken: Vec<u32>,
    /// Seats taken in which nobody sits yet.
    lack: Vec<u32>,
    /// All those together.
    pub lacks: u32,
    pub price: Vec<i64>,
}

impl<'a, R: Rows, C: Costs> Network<'a, R, C> {
    pub fn new(rows: &'a R, costs: C, supply: &'a Supply, exit: Option<i64>) -> Self {
        let tree = Tree::new(supply);
        let nodes = tree.len() + 2;
        let people = rows.people();
        Self {
            rows,
            costs,
            supply,
            out: number(tree.len()),
            ground: number(tree.len() + 1),
            exit: exit.unwrap_or(FAR),
            sitters: Sitters::new(people, nodes),
            cost_of: vec![0; people],
            taken: vec![0; nodes],
            lack: vec![0; nodes],
            lacks: 0,
            price: vec![0; nodes],
            tree,
        }
    }

    /// How many nodes there are.
    pub const fn nodes(&self) -> usize {
        self.price.len()
    }

    /// Whether people may be left out.
    pub const fn has_exit(&self) -> bool {
        self.exit < FAR
    }

    /// Whether people sit at a node, rather than seats lie in it.
    pub const fn holds_people(&self, node: u32) -> bool {
        node < self.tree.classes || node == self.out
    }

    /// Whether a path may end at a node: in a seat in which nobody sits yet or, once all of those are filled, on the ground.
    pub fn is_end(&self, node: u32) -> bool {
        self.lack[node as usize] > 0 || (node == self.ground && self.lacks == 0)
    }

    /// What a node lies in.
    pub fn above(&self, node: u32) -> u32 {
        if node >= self.out {
            return self.ground;
        }
        let parent = self.tree.parent(node);
        if parent == NONE { self.ground } else { parent }
    }

    /// What lies in a group or on the ground, one after the other.
    pub fn beneath(&self, node: u32, place: usize) -> Option<u32> {
        if node != self.ground {
            return self.tree.children(node).get(place).copied();
        }
        let children = self.tree.children(NONE);
        children.get(place).copied().or_else(|| (place == children.len()).then_some(self.out))
    }

    /// What one seat more costs a node beyond what the next one above asks; nothing where it may have no more.
    fn step(&self, node: u32) -> Option<i64> {
        let taken = self.taken[node as usize];
        if node == self.out {
            Some(0)
        } else if node == self.ground {
            None
        } else if let Some(group) = self.tree.group(node) {
            self.supply.groups.steps_of(number(group)).get(taken as usize).map(|step| i64::from(*step))
        } else {
            (taken < self.supply.seats[node as usize]).then_some(0)
        }
    }

    /// What a node's last seat cost it.
    fn last(&self, node: u32) -> i64 {
        match self.tree.group(node) {
            Some(group) if node != self.out => {
                let steps = self.supply.groups.steps_of(number(group));
                i64::from(steps[self.taken[node as usize] as usize - 1])
            }
            _ => 0,
        }
    }

    /// The reduced cost of passing a seat up from a node, where it may have one more.
    pub fn up(&self, node: u32) -> Option<i64> {
        let above = self.above(node) as usize;
        self.step(node).map(|step| step + self.price[above] - self.price[node as usize])
    }

    /// The reduced cost of giving back a seat to what holds a node, where it has one.
    pub fn down(&self, node: u32) -> Option<i64> {
        let above = self.above(node) as usize;
        (self.taken[node as usize] > 0)
            .then(|| self.price[node as usize] - self.last(node) - self.price[above])
    }

    /// Shows every way on from a node whose reduced cost is below `limit`, and perhaps others.
    pub fn ways(&self, node: u32, limit: i64, mut visit: impl FnMut(u32, i64, Origin)) {
        if let Some(reduced) = self.up(node) {
            visit(self.above(node), reduced, Origin::Node(node));
        }
        if self.holds_people(node) {
            let mut sitter = self.sitters.first(node);
            while sitter != NONE {
                let worth = self.worth_of_sitter(sitter, node);
                self.row(sitter, worth, limit, |to, reduced| visit(to, reduced, Origin::Person(sitter)));
                sitter = self.sitters.after(sitter);
            }
            return;
        }
        let mut place = 0;
        while let Some(child) = self.beneath(node, place) {
            if let Some(reduced) = self.down(child) {
                visit(child, reduced, Origin::Node(node));
            }
            place += 1;
        }
    }

    /// Shows a person's choices with their reduced costs, where their seat is worth `worth` to them: all below `limit`, and
    /// perhaps others.
    pub fn row(&self, person: u32, worth: i64, limit: i64, mut visit: impl FnMut(u32, i64)) {
        self.rows.visit(person, |choice| {
            // Prices never fall below zero, so what is dearer by itself is dearer with its price.
            if R::ASCENDING && i64::from(choice.cost) - worth >= limit {
                return false;
            }
            let class = choice.class as usize;
            if self.supply.seats[class] > 0 {
                visit(choice.class, self.costs.of(person, choice) + self.price[class] - worth);
            }
            true
        });
        if self.has_exit() {
            visit(self.out, self.exit + self.price[self.out as usize] - worth);
        }
    }

    /// What their seat costs somebody who sits at a node, price included.
    pub fn worth_of_sitter(&self, person: u32, node: u32) -> i64 {
        self.price[node as usize] + self.cost_of[person as usize]
    }

    /// What the cheapest choice costs somebody, price included; [`FAR`] where there is none.
    pub fn worth(&self, person: u32) -> i64 {
        let mut least = FAR;
        self.row(person, 0, FAR, |_, asked| least = least.min(asked));
        least
    }

    /// What a class of their row costs somebody without its price; [`FAR`] where it is not in their row.
    pub fn cost(&self, person: u32, class: u32) -> i64 {
        if class == self.out {
            return self.exit;
        }
        let mut cost = FAR;
        self.rows.visit(person, |choice| {
            if choice.class == class {
                cost = self.costs.of(person, choice);
            }
            cost == FAR
        });
        cost
    }

    /// Seats somebody who stands, for what it costs them.
    pub fn sit(&mut self, person: u32, node: u32, cost: i64) {
        self.cost_of[person as usize] = cost;
        self.sitters.sit(person, node);
    }

    /// Takes a seat of a class from all that it lies in.
    pub fn take(&mut self, class: u32) {
        let mut node = class;
        while node != self.ground {
            self.taken[node as usize] += 1;
            node = self.above(node);
        }
    }

    /// Prices every node by what its last seats cost, where nobody could want another: right while everybody stays.
    pub fn price_by_load(&mut self) {
        for node in 0..self.out {
            let mut price = 0;
            let mut up = node;
            while up != self.ground {
                price += if self.taken[up as usize] > 0 { self.last(up) } else { 0 };
                up = self.above(up);
            }
            self.price[node as usize] = price;
        }
    }

    /// Notes that nobody sits in a seat that was taken; and gives it back at once where that saves all that it costs.
    pub fn leave_empty(&mut self, class: u32) {
        let mut node = class;
        while node != self.ground && self.down(node) == Some(0) {
            node = self.above(node);
        }
        if node != self.ground {
            self.lack[class as usize] += 1;
            self.lacks += 1;
            return;
        }
        let mut node = class;
        while node != self.ground {
            self.taken[node as usize] -= 1;
            node = self.above(node);
        }
    }

    /// Whether a seat of a class is taken in which nobody sits.
    pub fn lacks(&self, class: u32) -> bool {
        self.lack[class as usize] > 0
    }

    /// Notes that somebody will sit in such a seat.
    pub fn fill(&mut self, class: u32) {
        self.lack[class as usize] -= 1;
        self.lacks -= 1;
    }

    /// Moves everybody along the path that ends at a node, back to whoever stood.
    pub fn shift_along(&mut self, end: u32, origin: impl Fn(u32) -> Origin) {
        if self.lacks(end) {
            self.fill(end);
        }
        let mut node = end;
        while node != NONE {
            node = match origin(node) {
                Origin::Node(from) => {
                    if from != self.ground && self.above(from) == node {
                        self.taken[from as usize] += 1;
                    } else {
                        self.taken[node as usize] -= 1;
                    }
                    from
                }
                Origin::Person(person) => {
                    let left = self.sitters.stand(person);
                    self.sit(person, node, self.cost(person, node));
                    left
                }
            };
        }
    }

    /// The seating, with the ground's price taken off all others.
    pub fn into_seating(self) -> Seating {
        let classes = self.tree.classes as usize;
        let ground = self.price[self.ground as usize];
        let mut price: Vec<i64> =
            self.price[..self.out as usize].iter().map(|price| price - ground).collect();
        let group_price = price.split_off(classes);
        let out = self.out;
        let seated = |class: u32| if class == out { NONE } else { class };
        Seating {
            class_of: self.sitters.into_classes().into_iter().map(seated).collect(),
            price,
            group_price,
        }
    }
}
