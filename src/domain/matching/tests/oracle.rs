//! Slow and simple answers by other means. Shares no code with the engine, and knows its prices only to add them up.

use super::super::{NONE, Seating, Supply, number};
use super::world::World;

/// How many have a seat, and what that costs, loads included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    pub placed: usize,
    pub cost: i64,
}

/// The groups above a class, lowest first.
pub fn groups_above(supply: &Supply, class: u32) -> impl Iterator<Item = u32> + '_ {
    let known = |group: u32| (group != NONE).then_some(group);
    let first = known(supply.group[class as usize]);
    std::iter::successors(first, move |group| known(supply.groups.parent[*group as usize]))
}

/// What a seating is worth; `None` if somebody sits where they may not, or too many sit somewhere.
pub fn worth(world: &World, class_of: &[u32]) -> Option<Worth> {
    let mut taken = vec![0; world.classes()];
    let mut load = vec![0; world.supply.groups.len()];
    let mut worth = Worth { placed: 0, cost: 0 };
    assert_eq!(class_of.len(), world.people());
    for (row, class) in world.rows.iter().zip(class_of).filter(|(_, class)| **class != NONE) {
        let choice = row.iter().find(|choice| choice.class == *class)?;
        taken[*class as usize] += 1;
        worth.placed += 1;
        worth.cost += i64::from(choice.cost);
        if taken[*class as usize] > world.supply.seats[*class as usize] {
            return None;
        }
        for group in groups_above(&world.supply, *class) {
            worth.cost += i64::from(*world.supply.groups.steps_of(group).get(load[group as usize])?);
            load[group as usize] += 1;
        }
    }
    Some(worth)
}

/// Every way to seat or leave out each person, for a handful of people.
pub fn every_seating(world: &World, mut look: impl FnMut(&[u32], Worth)) {
    fn choose(world: &World, class_of: &mut Vec<u32>, look: &mut impl FnMut(&[u32], Worth)) {
        let Some(row) = world.rows.get(class_of.len()) else {
            if let Some(worth) = worth(world, class_of) {
                look(class_of, worth);
            }
            return;
        };
        for class in row.iter().map(|choice| choice.class).chain([NONE]) {
            class_of.push(class);
            choose(world, class_of, look);
            class_of.pop();
        }
    }
    choose(world, &mut Vec::new(), &mut look);
}

/// The most that can be placed, and the least that it costs, found by trying everything.
pub fn best_by_trying_all(world: &World) -> Worth {
    let mut best = Worth { placed: 0, cost: 0 };
    every_seating(world, |_, worth| {
        let better = (worth.placed, -worth.cost) > (best.placed, -best.cost);
        best = if better { worth } else { best };
    });
    best
}

struct Arc {
    from: usize,
    to: usize,
    room: u32,
    cost: i64,
}

/// The problem as a list of arcs, each followed by its own reverse, filled by shortest paths of Bellman and Ford.
pub struct Network {
    arcs: Vec<Arc>,
    people: usize,
    classes: usize,
    ground: usize,
}

impl Network {
    /// The world's network, where `dear` says what a person's class costs beyond its cost.
    pub fn new(world: &World, dear: impl Fn(usize, u32) -> i64) -> Self {
        let (people, classes, supply) = (world.people(), world.classes(), &world.supply);
        let groups = supply.groups.len();
        let ground = people + classes + groups;
        let mut network = Self { arcs: Vec::new(), people, classes, ground };
        let up = |group: u32| if group == NONE { ground } else { people + classes + group as usize };
        for (person, row) in world.rows.iter().enumerate() {
            network.add(ground + 1, person, 1, 0);
            for choice in row {
                let cost = i64::from(choice.cost) + dear(person, choice.class);
                network.add(person, people + choice.class as usize, 1, cost);
            }
        }
        for class in 0..classes {
            network.add(people + class, up(supply.group[class]), supply.seats[class], 0);
        }
        for group in 0..groups {
            for step in supply.groups.steps_of(number(group)) {
                let parent = up(supply.groups.parent[group]);
                network.add(people + classes + group, parent, 1, i64::from(*step));
            }
        }
        network
    }

    fn add(&mut self, from: usize, to: usize, room: u32, cost: i64) {
        self.arcs.push(Arc { from, to, room, cost });
        self.arcs.push(Arc { from: to, to: from, room: 0, cost: -cost });
    }

    /// Places as many as possible at least cost. Returns each person's class.
    pub fn place_most(mut self) -> Vec<u32> {
        while self.push_from(self.ground + 1) {}
        self.class_of()
    }

    /// Places one more person at the least cost of all who are placed, if they fit without unplacing anybody.
    pub fn place(&mut self, person: usize) -> bool {
        self.push_from(person)
    }

    fn push_from(&mut self, start: usize) -> bool {
        let mut distance = vec![i64::MAX; self.ground + 2];
        let mut by = vec![usize::MAX; self.ground + 2];
        distance[start] = 0;
        let mut changed = true;
        while changed {
            changed = false;
            for (place, arc) in self.arcs.iter().enumerate() {
                let open = arc.room > 0 && distance[arc.from] < i64::MAX;
                if open && distance[arc.from] + arc.cost < distance[arc.to] {
                    distance[arc.to] = distance[arc.from] + arc.cost;
                    by[arc.to] = place;
                    changed = true;
                }
            }
        }
        let found = distance[self.ground] < i64::MAX;
        let mut node = self.ground;
        while found && node != start {
            let arc = by[node];
            self.arcs[arc].room -= 1;
            self.arcs[arc ^ 1].room += 1;
            node = self.arcs[arc].from;
        }
        found
    }

    pub fn class_of(&self) -> Vec<u32> {
        let mut class_of = vec![NONE; self.people];
        for arc in self.arcs.iter().step_by(2) {
            if arc.from < self.people && arc.room == 0 {
                class_of[arc.from] = number(arc.to - self.people);
            }
        }
        assert!(class_of.iter().all(|class| *class == NONE || (*class as usize) < self.classes));
        class_of
    }
}

/// Who gets a seat where each in turn takes one if that unseats nobody, groups left aside: Kuhn's algorithm. As many
/// as possible do. Returns each person's class.
pub fn in_turn(world: &World) -> Vec<u32> {
    fn finds(world: &World, seated: &mut Vec<Vec<usize>>, person: usize, seen: &mut Vec<bool>) -> bool {
        for choice in &world.rows[person] {
            let class = choice.class as usize;
            if std::mem::replace(&mut seen[class], true) {
                continue;
            }
            if seated[class].len() < world.supply.seats[class] as usize {
                seated[class].push(person);
                return true;
            }
            for place in 0..seated[class].len() {
                if finds(world, seated, seated[class][place], seen) {
                    seated[class][place] = person;
                    return true;
                }
            }
        }
        false
    }
    let mut seated = vec![Vec::new(); world.classes()];
    for person in 0..world.people() {
        finds(world, &mut seated, person, &mut vec![false; world.classes()]);
    }
    let mut class_of = vec![NONE; world.people()];
    for (class, people) in seated.iter().enumerate() {
        people.iter().for_each(|person| class_of[*person] = number(class));
    }
    class_of
}

/// What a seating costs in all, `exit` for each who is left out included.
pub fn objective(world: &World, class_of: &[u32], exit: Option<i64>) -> Option<i64> {
    let worth = worth(world, class_of)?;
    let left_out = i64::try_from(world.people() - worth.placed).unwrap();
    if left_out > 0 { Some(worth.cost + left_out * exit?) } else { Some(worth.cost) }
}

/// The least that any seating can cost, going by prices alone: what everybody pays at their cheapest, less what classes
/// and groups gain at most. Prices that reach a seating's own cost prove it the best (duality).
pub fn bound(world: &World, prices: &Seating, exit: Option<i64>) -> Option<i64> {
    let supply = &world.supply;
    let mut bound = 0;
    for row in &world.rows {
        let open = row.iter().filter(|choice| supply.seats[choice.class as usize] > 0);
        let pays = open.map(|choice| i64::from(choice.cost) + prices.price[choice.class as usize]);
        bound += pays.chain(exit).min()?;
    }
    let above = |group: u32| if group == NONE { 0 } else { prices.group_price[group as usize] };
    for class in 0..world.classes() {
        let gain = prices.price[class] - above(supply.group[class]);
        bound -= i64::from(supply.seats[class]) * gain.max(0);
    }
    for group in 0..supply.groups.len() {
        let gain = prices.group_price[group] - above(supply.groups.parent[group]);
        let gains = supply.groups.steps_of(number(group)).iter().map(|step| gain - i64::from(*step));
        bound -= gains.filter(|gain| *gain > 0).sum::<i64>();
    }
    Some(bound)
}
