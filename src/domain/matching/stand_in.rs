//! A plain solver with the signatures of the engine, so that doors can be built before it: one shortest path a person.
//! Exact and slow; goes once the engine is there. Never meant for more than a few hundred people.

use std::collections::VecDeque;

use super::{NONE, Rows, Seating, Supply};

/// Who is to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Everyone in the rows; they are known to fit together.
    Everyone,
    /// As many as possible, and of those sets the cheapest: what other solvers answer.
    Most,
}

/// A seating that is nearly the best, with its prices.
#[derive(Debug)]
pub struct Draft;

/// First phase: here none.
pub fn draft(_: &impl Rows, _: &Supply, _: Whom) -> Draft {
    Draft
}

/// The cost, in units, that leaving somebody out is given in [`Whom::Most`].
#[must_use]
pub fn exit_cost(people: usize, most: u32, supply: &Supply) -> i64 {
    let step = i64::from(supply.groups.steps.iter().copied().max().unwrap_or(0));
    (i64::from(most) + 8 * step + 1) * (people as i64 + 1)
}

/// An arc of the residual network; its reverse stands beside it.
struct Arc {
    to: usize,
    room: u32,
    cost: i64,
}

#[derive(Default)]
struct Network {
    arcs: Vec<Arc>,
    of: Vec<Vec<usize>>,
}

impl Network {
    fn join(&mut self, from: usize, to: usize, room: u32, cost: i64) {
        self.of[from].push(self.arcs.len());
        self.arcs.push(Arc { to, room, cost });
        self.of[to].push(self.arcs.len());
        self.arcs.push(Arc { to: from, room: 0, cost: -cost });
    }

    /// Distances from `root`, along arcs with room or, backwards, against them; and the arc that each was reached by.
    fn reach(&self, root: usize, backwards: bool) -> (Vec<i64>, Vec<usize>) {
        let mut far = vec![i64::MAX; self.of.len()];
        let (mut by, mut waits) = (vec![usize::MAX; self.of.len()], vec![false; self.of.len()]);
        let mut queue = VecDeque::from([root]);
        far[root] = 0;
        while let Some(node) = queue.pop_front() {
            waits[node] = false;
            for &arc in &self.of[node] {
                let used = if backwards { arc ^ 1 } else { arc };
                let (to, reached) = (self.arcs[arc].to, far[node] + self.arcs[used].cost);
                if self.arcs[used].room > 0 && reached < far[to] {
                    (far[to], by[to]) = (reached, arc);
                    if !std::mem::replace(&mut waits[to], true) {
                        queue.push_back(to);
                    }
                }
            }
        }
        (far, by)
    }
}

/// The best seating, with the prices that prove it.
pub fn settle(rows: &impl Rows, supply: &Supply, _: Draft) -> Seating {
    let (people, classes, groups) = (rows.people(), supply.seats.len(), supply.groups.len());
    let (group, sink) = (people + classes, people + classes + groups);
    let mut net = Network { of: vec![Vec::new(); sink + 1], ..Network::default() };
    let above = |number: u32| if number == NONE { sink } else { group + number as usize };
    let mut most = 0;
    for person in 0..people {
        rows.visit(person as u32, |choice| {
            net.join(person, people + choice.class as usize, 1, i64::from(choice.cost));
            most = most.max(choice.cost);
            true
        });
    }
    let exit = exit_cost(people, most, supply);
    (0..people).for_each(|person| net.join(person, sink, 1, exit));
    for class in 0..classes {
        net.join(people + class, above(supply.group[class]), supply.seats[class], 0);
    }
    for number in 0..groups {
        for step in supply.groups.steps_of(number as u32) {
            net.join(group + number, above(supply.groups.parent[number]), 1, i64::from(*step));
        }
    }
    for person in 0..people {
        let (_, by) = net.reach(person, false);
        let mut node = sink;
        while node != person {
            let arc = by[node];
            net.arcs[arc].room -= 1;
            net.arcs[arc ^ 1].room += 1;
            node = net.arcs[arc ^ 1].to;
        }
    }
    let class_of = (0..people).map(|person| {
        let taken = net.of[person].iter().find(|arc| **arc % 2 == 0 && net.arcs[**arc].room == 0);
        taken.map_or(NONE, |arc| {
            let to = net.arcs[*arc].to;
            if to == sink { NONE } else { (to - people) as u32 }
        })
    });
    let (far, _) = net.reach(sink, true);
    let asks = |node: usize| if far[node] == i64::MAX { 2 * exit } else { far[node] };
    Seating {
        class_of: class_of.collect(),
        price: (0..classes).map(|class| asks(people + class) - asks(above(supply.group[class]))).collect(),
        group_price: (0..groups).map(|number| asks(group + number)).collect(),
    }
}

/// Checks a seating against its prices.
pub mod certificate {
    use super::super::{Choice, NONE, Supply};

    /// What does not hold.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    #[error("{0}")]
    pub struct Flaw(String);

    /// One pass over the people.
    #[derive(Debug)]
    pub struct Check<'a> {
        supply: &'a Supply,
        price: &'a [i64],
        group_price: &'a [i64],
        exit: Option<i64>,
        seated: Vec<u32>,
        people: usize,
        flaw: Option<String>,
    }

    impl<'a> Check<'a> {
        /// See the engine.
        #[must_use]
        pub fn new(supply: &'a Supply, price: &'a [i64], group_price: &'a [i64], exit: Option<i64>) -> Self {
            let seated = vec![0; supply.seats.len()];
            Self { supply, price, group_price, exit, seated, people: 0, flaw: None }
        }

        fn asks(&self, class: u32) -> i64 {
            let group = self.supply.group[class as usize];
            let above = if group == NONE { 0 } else { self.group_price[group as usize] };
            self.price[class as usize] + above
        }

        /// One person and their whole row.
        pub fn person(&mut self, sits: u32, row: impl IntoIterator<Item = Choice>) {
            let (mut least, mut own) = (self.exit.unwrap_or(i64::MAX), None);
            for choice in row {
                let cost = i64::from(choice.cost) + self.asks(choice.class);
                least = least.min(cost);
                if choice.class == sits {
                    own = Some(cost);
                }
            }
            let own = if sits == NONE { self.exit } else { own };
            if sits != NONE {
                self.seated[sits as usize] += 1;
            }
            if own != Some(least) {
                self.flaw.get_or_insert(format!("person {} could sit at less", self.people));
            }
            self.people += 1;
        }

        /// Whether everything held.
        ///
        /// # Errors
        /// The first flaw.
        pub fn finish(self) -> Result<(), Flaw> {
            let mut load = vec![0_usize; self.supply.groups.len()];
            let mut flaw = self.flaw;
            for (class, seated) in self.seated.iter().enumerate() {
                let (seats, price) = (self.supply.seats[class], self.price[class]);
                if *seated > seats || (*seated < seats && price > 0) || (*seated > 0 && price < 0) {
                    flaw.get_or_insert(format!("class {class} asks what it may not"));
                }
                let mut group = self.supply.group[class];
                while group != NONE {
                    load[group as usize] += *seated as usize;
                    group = self.supply.groups.parent[group as usize];
                }
            }
            for (group, load) in load.into_iter().enumerate() {
                let (steps, parent) =
                    (self.supply.groups.steps_of(group as u32), self.supply.groups.parent[group]);
                let above = if parent == NONE { 0 } else { self.group_price[parent as usize] };
                let own = self.group_price[group] - above;
                let dear = steps.get(load).is_some_and(|step| own > i64::from(*step));
                let cheap = load > 0 && own < steps.get(load - 1).map_or(i64::MAX, |step| i64::from(*step));
                if load > steps.len() || dear || cheap {
                    flaw.get_or_insert(format!("group {group} asks what it may not"));
                }
            }
            flaw.map_or(Ok(()), |flaw| Err(Flaw(flaw)))
        }
    }
}
