//! The second phase: whoever sits too dear or not at all is placed by shortest paths, until the prices prove the seating.
//! Never guesses: it ends with the best seating, whatever it started from.
//!
//! Successive shortest paths from all of them at once (primal-dual, as in Ahuja, Magnanti and Orlin, Network Flows,
//! 1993, section 9.8): one search by reduced costs raises prices until some free seat is as good as any way to it; then
//! everybody who can reach one at no further cost moves along.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::tree::Tree;
use super::{NONE, Rows, Seating, Supply, number};

/// Farther than any path.
const FAR: i64 = i64::MAX;

/// How a search came to a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// This person would sit there.
    Person(u32),
    /// A seat passes on: to a group from what lies in it, or back.
    Node(u32),
}

pub(super) struct Flow<'a, R> {
    rows: &'a R,
    supply: &'a Supply,
    tree: Tree,
    /// Nodes after the tree's: who is left out, and the ground to which everybody flows.
    out: u32,
    ground: u32,
    /// What leaving somebody out costs; [`FAR`] where nobody may be.
    exit: i64,
    class_of: Vec<u32>,
    cost_of: Vec<i64>,
    /// The people of each class: a ring of neighbours without an end, headed by class.
    head: Vec<u32>,
    next: Vec<u32>,
    before: Vec<u32>,
    /// Seats that a node has taken from above it, whether or not somebody sits there yet.
    taken: Vec<u32>,
    /// Seats taken in which nobody sits yet.
    lack: Vec<u32>,
    /// People who are neither seated nor left out, and how many more the ground is to take.
    waiting: Vec<u32>,
    wanted: i64,
    price: Vec<i64>,
    distance: Vec<i64>,
    origin: Vec<Origin>,
    level: Vec<u32>,
    touched: Vec<u32>,
    queue: BinaryHeap<Reverse<(i64, u32)>>,
    last_end: i64,
    at: Vec<u32>,
    tight: Vec<u32>,
    tight_first: Vec<u32>,
    old: Vec<u32>,
    steps: u64,
    lacks: u32,
    bound: i64,
    trail: Vec<u32>,
    grounds: u64,
    /// rounds
    pub rounds: u32,
    /// pops
    pub pops: u64,
}

impl<'a, R: Rows> Flow<'a, R> {
    pub fn new(rows: &'a R, supply: &'a Supply, exit: Option<i64>) -> Self {
        let tree = Tree::new(supply);
        let out = number(tree.len());
        let nodes = tree.len() + 2;
        let people = rows.people();
        Self {
            rows,
            supply,
            out,
            ground: out + 1,
            exit: exit.unwrap_or(FAR),
            class_of: vec![NONE; people],
            cost_of: vec![0; people],
            head: vec![NONE; nodes],
            next: vec![NONE; people],
            before: vec![NONE; people],
            taken: vec![0; nodes],
            lack: vec![0; nodes],
            waiting: Vec::new(),
            wanted: 0,
            price: vec![0; nodes],
            distance: vec![FAR; nodes],
            origin: vec![Origin::Node(NONE); nodes],
            level: vec![0; nodes],
            touched: Vec::new(),
            queue: BinaryHeap::new(),
            rounds: 0,
            last_end: 0,
            at: vec![0; nodes],
            tight: Vec::new(),
            tight_first: Vec::new(),
            old: Vec::new(),
            steps: 0,
            lacks: 0,
            bound: FAR,
            trail: Vec::new(),
            grounds: 0,
            pops: 0,
            tree,
        }
    }

    /// Starts from prices at which every group is right, and keeps whoever sits as cheaply as anywhere.
    pub fn start(&mut self, class_of: &[u32], price: &[i64], group_price: &[i64]) {
        self.old = class_of.to_vec();
        self.price[..price.len()].copy_from_slice(price);
        self.price[price.len()..price.len() + group_price.len()].copy_from_slice(group_price);
        for (person, class) in class_of.iter().enumerate() {
            let person = number(person);
            if *class != NONE {
                self.pass_up(*class, 1);
                let (best, own) = self.best_and_own(person, *class);
                if own == best {
                    self.sit(person, *class);
                    continue;
                }
                self.lack[*class as usize] += 1;
                self.lacks += 1;
                self.wanted -= 1;
            }
            if *class == NONE && self.best_and_own(person, NONE).0 == FAR && self.exit < FAR {
                self.class_of[person as usize] = self.out;
                continue;
            }
            self.waiting.push(person);
        }
        self.wanted += self.waiting.len() as i64;
        for class in 0..self.tree.classes {
            while self.lack[class as usize] > 0 && self.hands_back(class) {}
        }
    }

    /// Gives back a seat in which nobody sits where that saves all that it costs.
    fn hands_back(&mut self, class: u32) -> bool {
        let mut node = class;
        while node != self.ground {
            let up = self.above(node);
            if self.price[node as usize] - self.last(node) != self.price[up as usize] {
                return false;
            }
            node = up;
        }
        self.lack[class as usize] -= 1;
        self.lacks -= 1;
        self.pass_up(class, u32::MAX);
        self.wanted += 1;
        true
    }

    /// Takes `more` seats more all the way up; all ones is one fewer.
    fn pass_up(&mut self, class: u32, more: u32) {
        let mut node = class;
        while node != self.ground {
            self.taken[node as usize] = self.taken[node as usize].wrapping_add(more);
            node = self.above(node);
        }
    }

    fn above(&self, node: u32) -> u32 {
        if node >= self.out {
            return self.ground;
        }
        let parent = self.tree.parent(node);
        if parent == NONE { self.ground } else { parent }
    }

    /// What one seat more costs a node, if it may have one.
    fn step(&self, node: u32) -> Option<i64> {
        let taken = self.taken[node as usize];
        match self.tree.group(node) {
            None => (taken < self.supply.seats[node as usize]).then_some(0),
            Some(_) if node == self.out => Some(0),
            Some(group) => {
                self.supply.groups.steps_of(number(group)).get(taken as usize).map(|step| i64::from(*step))
            }
        }
    }

    /// What the last seat of a node cost.
    fn last(&self, node: u32) -> i64 {
        match self.tree.group(node) {
            Some(group) if node != self.out => {
                let steps = self.supply.groups.steps_of(number(group));
                i64::from(steps[self.taken[node as usize] as usize - 1])
            }
            _ => 0,
        }
    }

    /// What a person's cheapest class costs with its price, and their own.
    fn best_and_own(&mut self, person: u32, class: u32) -> (i64, i64) {
        let (mut best, mut own) = (FAR, FAR);
        self.rows.visit(person, |choice| {
            let asked = i64::from(choice.cost) + self.price[choice.class as usize];
            best = best.min(asked);
            if choice.class == class {
                own = asked;
                self.cost_of[person as usize] = i64::from(choice.cost);
            }
            true
        });
        (best, own)
    }

    /// Places everybody who waits.
    pub fn settle(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut round = 0;
        while !waiting.is_empty() {
            self.note_tight();
            while !waiting.is_empty() && self.find_levels(&waiting) {
                round += 1;
                waiting.retain(|person| !self.move_along(*person));
            }
            if waiting.is_empty() || self.lacks == 0 {
                break;
            }
            self.tight_first.clear();
            self.raise_prices(&waiting);

            waiting.retain(|person| !self.return_to(*person));
        }
        self.tight_first.clear();
        while let Some(person) = waiting.pop() {
            let mut one = vec![person];
            while !one.is_empty() {
                self.raise_prices(&one);
                round += 1;
                while !one.is_empty() && self.find_levels(&one) {
                    one.retain(|person| !self.move_along(*person));
                }
            }
        }
        self.rounds = round;
        let ground = self.price[self.ground as usize];
        for price in &mut self.price {
            *price -= ground;
        }
    }

    /// Raises prices until some free seat is reached without further cost by somebody who waits.
    fn raise_prices(&mut self, waiting: &[u32]) {
        for person in waiting {
            let (best, _) = self.best_and_own(*person, NONE);
            let best =
                best.min(if self.exit == FAR { FAR } else { self.exit + self.price[self.out as usize] });
            self.reach_row(*person, -best);
        }
        let mut reached = Vec::new();
        while let Some(Reverse((distance, node))) = self.queue.pop() {
            if distance > self.distance[node as usize] {
                continue;
            }
            self.pops += 1;
            if node == self.ground {
                self.grounds += 1;
            }
            if distance >= self.bound {
                break;
            }
            reached.push(node);
            self.leave(node, distance);
        }
        let end = self.bound;
        self.bound = FAR;
        self.last_end = end;
        assert!(end < FAR, "everybody who waits fits somewhere");
        for node in reached {
            self.price[node as usize] += end - self.distance[node as usize];
        }
        self.queue.clear();
        for node in self.touched.drain(..) {
            self.distance[node as usize] = FAR;
        }
    }

    fn is_end(&self, node: u32) -> bool {
        self.lack[node as usize] > 0 || (node == self.ground && self.lacks == 0)
    }

    fn reach(&mut self, node: u32, distance: i64) {
        let known = &mut self.distance[node as usize];
        if distance < *known && distance < self.bound {
            if *known == FAR {
                self.touched.push(node);
            }
            *known = distance;
            if self.lack[node as usize] > 0 || (node == self.ground && self.lacks == 0) {
                self.bound = distance;
                return;
            }
            self.queue.push(Reverse((distance, node)));
        }
    }

    fn reach_row(&mut self, person: u32, offset: i64) {
        let rows = self.rows;
        rows.visit(person, |choice| {
            let class = choice.class as usize;
            if self.supply.seats[class] > 0 {
                let distance = offset + i64::from(choice.cost);
                if R::ASCENDING && distance >= self.bound {
                    return false;
                }
                let distance = distance + self.price[class];
                self.reach(choice.class, distance);
            }
            true
        });
        if self.exit < FAR {
            self.reach(self.out, offset + self.exit + self.price[self.out as usize]);
        }
    }

    fn leave(&mut self, node: u32, distance: i64) {
        let price = self.price[node as usize];
        if node != self.ground
            && let Some(step) = self.step(node)
        {
            let up = self.above(node);
            self.reach(up, distance + step + self.price[up as usize] - price);
        }
        if self.tree.group(node).is_none() || node == self.out {
            let mut person = self.head[node as usize];
            while person != NONE {
                self.reach_row(person, distance - price - self.cost_of[person as usize]);
                person = self.next[person as usize];
            }
            return;
        }
        let children = self.tree.children(if node == self.ground { NONE } else { node }).len();
        for place in 0..children {
            let child = self.tree.children(if node == self.ground { NONE } else { node })[place];
            if self.taken[child as usize] > 0 {
                self.reach(child, distance - self.last(child) + self.price[child as usize] - price);
            }
        }
        if node == self.ground && self.taken[self.out as usize] > 0 {
            self.reach(self.out, distance + self.price[self.out as usize] - price);
        }
    }

    fn return_to(&mut self, person: u32) -> bool {
        let old = self.old[person as usize];
        if old == NONE || self.lack[old as usize] == 0 {
            return false;
        }
        let (best, own) = self.best_and_own(person, old);
        if best < own {
            return false;
        }
        self.lack[old as usize] -= 1;
        self.lacks -= 1;
        self.sit(person, old);
        true
    }

    /// Finds how many steps of no further cost each node is away from whoever waits, as far as the nearest free
    /// seats. Returns whether there are any.
    fn find_levels(&mut self, waiting: &[u32]) -> bool {
        for node in self.trail.drain(..) {
            self.level[node as usize] = 0;
            self.at[node as usize] = 0;
        }
        let mut found = false;
        for person in waiting {
            let best = if self.tight_first.is_empty() { self.best(*person) } else { 0 };
            self.tight_of(*person, best, |flow, node| found |= flow.enter(node, 1));
        }
        let mut at = 0;
        let mut limit = u32::MAX;
        if found {
            limit = 1;
        }
        while let Some(node) = self.trail.get(at).copied() {
            at += 1;
            let level = self.level[node as usize];
            if level >= limit {
                break;
            }
            self.steps += 1;
            self.tight_from(node, |flow, node, _| {
                if flow.enter(node, level + 1) {
                    limit = level + 1
                }
            });
        }
        limit < u32::MAX
    }

    fn enter(&mut self, node: u32, level: u32) -> bool {
        if self.level[node as usize] == 0 {
            self.level[node as usize] = level;
            self.trail.push(node);
            return self.is_end(node);
        }
        false
    }

    /// Seats somebody by a shortest path of no further cost, if there is one that nobody else took.
    fn move_along(&mut self, person: u32) -> bool {
        let mut open = Vec::new();
        let best = if self.tight_first.is_empty() { self.best(person) } else { 0 };
        self.tight_of(person, best, |flow, node| {
            if flow.level[node as usize] == 1 {
                open.push((node, Origin::Person(person)))
            }
        });
        while let Some((node, origin)) = open.pop() {
            let level = self.level[node as usize];
            if level == u32::MAX {
                continue;
            }
            self.steps += 1;
            self.origin[node as usize] = origin;
            if self.is_end(node) {
                self.level[node as usize] = u32::MAX;
                self.shift_along(node);
                return true;
            }
            if self.is_hub(node) {
                if let Some(to) = self.next_of_hub(node, level + 1) {
                    open.push((node, origin));
                    open.push((to, Origin::Node(node)));
                } else {
                    self.level[node as usize] = u32::MAX;
                }
                continue;
            }
            self.level[node as usize] = u32::MAX;
            self.tight_from(node, |flow, node, origin| {
                if flow.level[node as usize] == level + 1 {
                    open.push((node, origin))
                }
            });
        }
        false
    }

    fn is_hub(&self, node: u32) -> bool {
        node >= self.tree.classes && node != self.out
    }

    fn next_of_hub(&mut self, node: u32, level: u32) -> Option<u32> {
        let price = self.price[node as usize];
        let held = if node == self.ground { NONE } else { node };
        loop {
            let at = self.at[node as usize] as usize;
            self.at[node as usize] += 1;
            let children = self.tree.children(held);
            let to = match at.checked_sub(1) {
                None if node == self.ground => {
                    let tight = self.taken[self.out as usize] > 0 && self.price[self.out as usize] == price;
                    if !tight {
                        continue;
                    }
                    self.out
                }
                None => {
                    let up = self.above(node);
                    let tight = self.step(node).is_some_and(|step| step + self.price[up as usize] == price);
                    if !tight {
                        continue;
                    }
                    up
                }
                Some(place) => {
                    let child = *children.get(place)?;
                    let tight = self.taken[child as usize] > 0
                        && self.price[child as usize] == price + self.last(child);
                    if !tight {
                        continue;
                    }
                    child
                }
            };
            if self.level[to as usize] == level {
                return Some(to);
            }
        }
    }

    fn best(&mut self, person: u32) -> i64 {
        let (best, _) = self.best_and_own(person, NONE);
        best.min(if self.exit == FAR { FAR } else { self.exit + self.price[self.out as usize] })
    }

    fn note_tight(&mut self) {
        let people = number(self.rows.people());
        self.tight.clear();
        self.tight_first.clear();
        let mut firsts = vec![0];
        for person in 0..people {
            let class = self.class_of[person as usize];
            let best = if class == NONE {
                self.best(person)
            } else {
                self.price[class as usize] + self.cost_of[person as usize]
            };
            let mut tight = std::mem::take(&mut self.tight);
            self.tight_of(person, best, |_, node| tight.push(node));
            self.tight = tight;
            firsts.push(number(self.tight.len()));
        }
        self.tight_first = firsts;
    }

    fn tight_of(&mut self, person: u32, best: i64, mut visit: impl FnMut(&mut Self, u32)) {
        if !self.tight_first.is_empty() {
            for at in self.tight_first[person as usize]..self.tight_first[person as usize + 1] {
                visit(self, self.tight[at as usize]);
            }
            return;
        }
        let rows = self.rows;
        rows.visit(person, |choice| {
            let class = choice.class as usize;
            if R::ASCENDING && i64::from(choice.cost) > best {
                return false;
            }
            if i64::from(choice.cost) + self.price[class] == best && self.supply.seats[class] > 0 {
                visit(self, choice.class);
            }
            true
        });
        if self.exit < FAR && self.exit + self.price[self.out as usize] == best {
            visit(self, self.out);
        }
    }

    fn tight_from(&mut self, node: u32, mut visit: impl FnMut(&mut Self, u32, Origin)) {
        let price = self.price[node as usize];
        if node != self.ground
            && let Some(step) = self.step(node)
        {
            let up = self.above(node);
            if step + self.price[up as usize] == price {
                visit(self, up, Origin::Node(node));
            }
        }
        if self.tree.group(node).is_none() || node == self.out {
            let mut person = self.head[node as usize];
            while person != NONE {
                let best = price + self.cost_of[person as usize];
                self.tight_of(person, best, |flow, node| visit(flow, node, Origin::Person(person)));
                person = self.next[person as usize];
            }
        } else {
            let held = if node == self.ground { NONE } else { node };
            for place in 0..self.tree.children(held).len() {
                let child = self.tree.children(held)[place];
                if self.taken[child as usize] > 0 && self.price[child as usize] == price + self.last(child) {
                    visit(self, child, Origin::Node(node));
                }
            }
            if node == self.ground
                && self.taken[self.out as usize] > 0
                && self.price[self.out as usize] == price
            {
                visit(self, self.out, Origin::Node(node));
            }
        }
    }

    /// Moves everybody along the path that ends at a node.
    fn shift_along(&mut self, end: u32) {
        if self.lack[end as usize] > 0 {
            self.lack[end as usize] -= 1;
            self.lacks -= 1;
        } else {
            self.wanted -= 1;
        }
        let mut node = end;
        loop {
            match self.origin[node as usize] {
                Origin::Node(from) if self.above(from) == node && from != self.ground => {
                    self.taken[from as usize] += 1;
                    node = from;
                }
                Origin::Node(from) => {
                    self.taken[node as usize] -= 1;
                    node = from;
                }
                Origin::Person(person) => {
                    let left = self.stand_up(person);
                    self.sit_down(person, node);
                    if left == NONE {
                        return;
                    }
                    node = left;
                }
            }
        }
    }

    fn stand_up(&mut self, person: u32) -> u32 {
        let class = std::mem::replace(&mut self.class_of[person as usize], NONE);
        if class == NONE {
            return NONE;
        }
        let (before, next) = (self.before[person as usize], self.next[person as usize]);
        if before == NONE {
            self.head[class as usize] = next;
        } else {
            self.next[before as usize] = next;
        }
        if next != NONE {
            self.before[next as usize] = before;
        }
        class
    }

    fn sit_down(&mut self, person: u32, class: u32) {
        if class == self.out {
            self.cost_of[person as usize] = self.exit;
        } else {
            self.best_and_own(person, class);
        }
        self.sit(person, class);
    }

    fn sit(&mut self, person: u32, class: u32) {
        self.class_of[person as usize] = class;
        let head = std::mem::replace(&mut self.head[class as usize], person);
        self.next[person as usize] = head;
        self.before[person as usize] = NONE;
        if head != NONE {
            self.before[head as usize] = person;
        }
    }

    pub fn into_seating(self) -> Seating {
        let classes = self.tree.classes as usize;
        let seated = |class: u32| if class == self.out { NONE } else { class };
        Seating {
            class_of: self.class_of.iter().map(|class| seated(*class)).collect(),
            price: self.price[..classes].to_vec(),
            group_price: self.price[classes..self.out as usize].to_vec(),
        }
    }
}
