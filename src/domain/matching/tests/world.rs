//! Invented instances for the properties: rows, classes and nested groups, small ones that shrink and large ones from a
//! seed. Never solves anything.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::rows::Listed;
use super::super::{Choice, Groups, NONE, Rows, Supply, number};

/// An instance as plain lists; its rows are in no order.
#[derive(Debug, Clone)]
pub struct World {
    pub rows: Vec<Vec<Choice>>,
    pub supply: Supply,
}

impl World {
    pub fn listed(&self) -> Listed {
        self.rows.iter().cloned().collect()
    }

    pub fn people(&self) -> usize {
        self.rows.len()
    }

    pub fn classes(&self) -> usize {
        self.supply.seats.len()
    }

    /// The same world with some of its people, numbered anew in their order.
    pub fn with_only(&self, stays: impl Fn(usize) -> bool) -> Self {
        let rows = self.rows.iter().enumerate().filter(|(person, _)| stays(*person));
        Self { rows: rows.map(|(_, row)| row.clone()).collect(), supply: self.supply.clone() }
    }

    /// The same world in which every seat is a class of its own.
    pub fn split(&self) -> Self {
        let mut parts: Vec<Range<u32>> = Vec::new();
        let mut group = Vec::new();
        for (class, seats) in self.supply.seats.iter().enumerate() {
            parts.push(number(group.len())..number(group.len()) + seats);
            group.extend((0..*seats).map(|_| self.supply.group[class]));
        }
        let split = |choice: &Choice| {
            let cost = choice.cost;
            parts[choice.class as usize].clone().map(move |class| Choice { cost, class })
        };
        let rows = self.rows.iter().map(|row| row.iter().flat_map(split).collect()).collect();
        let supply = Supply { seats: vec![1; group.len()], group, groups: self.supply.groups.clone() };
        Self { rows, supply }
    }

    /// The same world with other numbers for people, classes and groups, and its rows in another order.
    pub fn renumbered(&self, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let (people, classes) = (dice.order(self.people()), dice.order(self.classes()));
        let groups = dice.order(self.supply.groups.len());
        let old = &self.supply;
        let up = |group: u32| if group == NONE { NONE } else { groups[group as usize] };
        let mut supply =
            Supply { seats: vec![0; classes.len()], group: vec![NONE; classes.len()], ..old.clone() };
        for (class, new) in classes.iter().enumerate() {
            supply.seats[*new as usize] = old.seats[class];
            supply.group[*new as usize] = up(old.group[class]);
        }
        supply.groups = Groups::default();
        for new in 0..number(groups.len()) {
            let was = number(groups.iter().position(|number| *number == new).unwrap());
            let steps = old.groups.steps_of(was).iter().copied();
            supply.groups.push(up(old.groups.parent[was as usize]), steps);
        }
        let mut rows = vec![Vec::new(); people.len()];
        for (person, row) in self.rows.iter().enumerate() {
            let mut row: Vec<_> = row
                .iter()
                .map(|choice| Choice { cost: choice.cost, class: classes[choice.class as usize] })
                .collect();
            let turn = dice.below(row.len().max(1));
            row.rotate_left(turn);
            rows[people[person] as usize] = row;
        }
        Self { rows, supply }
    }
}

/// Rows as a reader finds them who may not stop early.
impl Rows for World {
    const ASCENDING: bool = false;

    fn people(&self) -> usize {
        self.rows.len()
    }

    fn visit(&self, person: u32, mut visit: impl FnMut(Choice) -> bool) {
        let _seen = self.rows[person as usize].iter().all(|choice| visit(*choice));
    }
}

/// What a world is made of. Numbers that are too high are taken round again, so that every draw is a world.
#[derive(Debug, Clone)]
struct Sketch {
    /// The place of a group's parent among the groups after it, and its steps' increases.
    groups: Vec<(usize, Vec<i32>)>,
    /// Seats, and the place of a group.
    classes: Vec<(u32, usize)>,
    rows: Vec<Vec<(usize, u32)>>,
    most: u32,
    /// Whether every group may give all the seats beneath it.
    roomy: bool,
    numbers: u64,
}

impl Sketch {
    fn world(self) -> World {
        let mut supply = Supply::default();
        let groups = self.groups.len();
        let place = |from: usize, offset: usize| {
            let place = from + offset % (groups - from + 1);
            if place < groups { number(place) } else { NONE }
        };
        for (seats, group) in &self.classes {
            supply.seats.push(*seats);
            supply.group.push(place(0, *group));
        }
        let mut beneath = vec![0; groups];
        for (seats, group) in supply.seats.iter().zip(&supply.group) {
            if *group != NONE {
                beneath[*group as usize] += *seats as usize;
            }
        }
        for (group, (parent, increases)) in self.groups.iter().enumerate() {
            let parent = place(group + 1, *parent);
            if parent != NONE {
                beneath[parent as usize] += beneath[group];
            }
            let rise = |step: &mut i32, increase: &i32| {
                *step += increase;
                Some(*step)
            };
            let mut steps: Vec<i32> = increases.iter().scan(0, rise).collect();
            let last = steps.last().copied().unwrap_or(0);
            if self.roomy && steps.len() < beneath[group] {
                steps.resize(beneath[group], last);
            }
            supply.groups.push(parent, steps);
        }
        let classes = self.classes.len();
        let row = |choices: &Vec<(usize, u32)>| {
            let mut row: Vec<Choice> = Vec::new();
            for (class, cost) in choices.iter().filter(|_| classes > 0) {
                let choice = Choice { cost: cost % (self.most + 1), class: number(class % classes) };
                if row.iter().all(|other| other.class != choice.class) {
                    row.push(choice);
                }
            }
            row
        };
        let world = World { rows: self.rows.iter().map(row).collect(), supply };
        if self.numbers == 0 { world } else { world.renumbered(self.numbers) }
    }
}

fn a_step() -> impl Strategy<Value = i32> {
    prop_oneof![4 => Just(0), 4 => 0..4, 2 => 0..40, 1 => prop_oneof![Just(3000), Just(1_000_000)]]
}

/// Any world of so many people and classes: groups nest as deep as they come, and may hold less than their seats.
pub fn a_world(people: Range<usize>, classes: Range<usize>) -> impl Strategy<Value = World> {
    let choices = prop_oneof![1 => 0_usize..2, 3 => 1_usize..5, 1 => 1_usize..12];
    let rows = vec(choices.prop_flat_map(|choices| vec((0_usize..4096, 0_u32..1_000_000), choices)), people);
    let steps = prop_oneof![1 => vec(a_step(), 0..3), 3 => vec(a_step(), 2..12), 1 => vec(a_step(), 12..30)];
    let groups = prop_oneof![Just(0_usize), Just(1), 2..4_usize, 3..9_usize]
        .prop_flat_map(move |groups| vec((0_usize..64, steps.clone()), groups));
    let seats = prop_oneof![1 => Just(0_u32), 5 => Just(1), 3 => 2_u32..5];
    let most = prop_oneof![Just(0_u32), Just(1), Just(3), Just(20), Just(1000), Just(1000)];
    let classes = vec((seats, 0_usize..64), classes);
    (groups, classes, rows, most, any::<bool>(), prop_oneof![Just(0), any::<u64>()]).prop_map(
        |(groups, classes, rows, most, roomy, numbers)| {
            Sketch { groups, classes, rows, most, roomy, numbers }.world()
        },
    )
}

/// A world of so many people from a seed: slots in days, days in therapists, therapists in sites, as they come in a
/// season, with supply from short to ample.
pub fn large(seed: u64, people: usize) -> World {
    let mut dice = Dice(seed);
    let most = [0, 1, 20, 1000, 1000][dice.below(5)];
    let seats_each = [1, 1, 2, 6][dice.below(4)];
    let percent = [50, 90, 100, 110, 300][dice.below(5)];
    let classes = (people * percent / 100 / seats_each).max(1);
    let mut sketch = Sketch {
        groups: Vec::new(),
        classes: Vec::new(),
        rows: Vec::new(),
        most,
        roomy: dice.below(4) > 0,
        numbers: seed,
    };
    // Groups lie in order: days, therapists, sites; a level or more may be missing.
    let days = [0, classes / 5 + 1][dice.below(2)];
    let therapists = [0, classes / 20 + 1][dice.below(2)];
    let sites = [0, classes / 200 + 1][dice.below(2)];
    let rises = [0, 2, 30, 1000][dice.below(4)];
    let all = days + therapists + sites;
    for (level, above, size) in [(days, therapists, 5), (therapists, sites, 20), (sites, 0, 200)] {
        for place in 0..level {
            let none = all - sketch.groups.len() - 1;
            let parent = if above == 0 { none } else { level - place - 1 + dice.below(above) };
            let steps = dice.below(size * seats_each + 2);
            let increases = (0..steps).map(|_| dice.cost(rises) / (1 + steps as u32 / 8));
            sketch.groups.push((parent, increases.map(u32::cast_signed).collect()));
        }
    }
    for _ in 0..classes {
        let seats = if dice.below(20) == 0 { 0 } else { 1 + dice.below(2 * seats_each - 1) };
        sketch.classes.push((number(seats), dice.below(days.max(therapists).max(sites).max(1))));
    }
    let (width, spread) = ([3, 12, 40][dice.below(3)], classes.min([20, 200, 4000][dice.below(3)]));
    for _ in 0..people {
        let (home, choices) = (dice.below(classes), dice.below(width + 1));
        let row = (0..choices).map(|_| (home + dice.below(spread), dice.cost(most)));
        sketch.rows.push(row.collect());
    }
    sketch.world()
}

/// Numbers that look like chance, the same for a seed on every machine (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % limit as u64).unwrap()
    }

    /// A cost of at most `most`.
    pub fn cost(&mut self, most: u32) -> u32 {
        number(self.below(most as usize + 1))
    }

    /// The numbers below `count` in any order.
    pub fn order(&mut self, count: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..number(count)).collect();
        for place in (1..count).rev() {
            order.swap(place, self.below(place + 1));
        }
        order
    }
}
