//! What holds of every repair: who is placed, who moves and what it costs are as the slow answers have it, and nobody moves
//! for cost alone.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::super::certificate::Check;
use super::super::repair::{Repaired, repair};
use super::super::*;
use super::oracle::{Network, Worth, every_seating, groups_above, worth};
use super::world::{Dice, World, a_world, large};

/// A world after a change, and where everybody sat before it.
#[derive(Debug, Clone)]
struct Change {
    world: World,
    present: Vec<u32>,
}

/// Everybody's class where they may stay, going by their numbers.
fn stays(change: &Change) -> Vec<u32> {
    let supply = &change.world.supply;
    let mut taken = vec![0; supply.seats.len()];
    let mut load = vec![0; supply.groups.len()];
    let stays = |(row, class): (&Vec<Choice>, &u32)| {
        let has_room = |group: u32| load[group as usize] < supply.groups.steps_of(group).len();
        let is_open = row.iter().any(|choice| choice.class == *class)
            && taken[*class as usize] < supply.seats[*class as usize]
            && groups_above(supply, *class).all(has_room);
        if !is_open {
            return NONE;
        }
        taken[*class as usize] += 1;
        groups_above(supply, *class).for_each(|group| load[group as usize] += 1);
        *class
    };
    change.world.rows.iter().zip(&change.present).map(stays).collect()
}

/// Who is to be placed first: those who stay, those who lost their seat, and those who had none.
fn order(change: &Change) -> Vec<usize> {
    let stays = stays(change);
    let mut order: Vec<usize> = (0..stays.len()).collect();
    order.sort_by_key(|person| (stays[*person] == NONE, change.present[*person] == NONE));
    order
}

fn moved(stays: &[u32], class_of: &[u32]) -> Vec<u32> {
    let moves = |person: &u32| {
        let (stays, sits) = (stays[*person as usize], class_of[*person as usize]);
        stays != NONE && stays != sits
    };
    (0..number(stays.len())).filter(moves).collect()
}

/// What decides between repairs: who is placed, how many move, and the cost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    placed: Vec<bool>,
    moved: Reverse<usize>,
    cost: Reverse<i64>,
}

fn rank(change: &Change, class_of: &[u32], Worth { cost, .. }: Worth) -> Rank {
    let placed = order(change).iter().map(|person| class_of[*person] != NONE).collect();
    Rank { placed, moved: Reverse(moved(&stays(change), class_of).len()), cost: Reverse(cost) }
}

fn rank_by_trying_all(change: &Change) -> Option<Rank> {
    let mut best = None;
    every_seating(&change.world, |class_of, worth| {
        best = best.take().max(Some(rank(change, class_of, worth)));
    });
    best
}

/// By shortest paths, where a move costs more than everything else together.
fn rank_by_shortest_paths(change: &Change) -> Option<Rank> {
    let stays = stays(change);
    let dear =
        |person: usize, class| if stays[person] == NONE || stays[person] == class { 0 } else { 1 << 40 };
    let mut network = Network::new(&change.world, dear);
    for person in order(change) {
        let fits = network.place(person);
        assert!(fits || stays[person] == NONE, "those who stay fit");
    }
    let class_of = network.class_of();
    worth(&change.world, &class_of).map(|worth| rank(change, &class_of, worth))
}

/// The engine's repair: allowed, proved by its prices, and true about who moved.
fn repaired(change: &Change) -> Repaired {
    let world = &change.world;
    let repaired = repair(&world.listed(), &world.supply, &change.present);
    let seating = &repaired.seating;
    assert!(worth(world, &seating.class_of).is_some(), "a seating that rows and seats allow");
    assert_eq!(repaired.moved, moved(&stays(change), &seating.class_of));
    let mut check = Check::new(&world.supply, &seating.price, &seating.group_price, None);
    for (person, class) in (0..).zip(&seating.class_of) {
        let row = world.rows[person as usize].iter();
        if *class == NONE {
            check.absent();
        } else {
            check.priced(*class, row.map(|choice| (choice.class, repaired.cost(person, *choice))));
        }
    }
    assert_eq!(check.finish(), Ok(()));
    repaired
}

fn repaired_rank(change: &Change) -> Option<Rank> {
    let class_of = repaired(change).seating.class_of;
    worth(&change.world, &class_of).map(|worth| rank(change, &class_of, worth))
}

/// Changes a world as a season does: classes close and return, rows change, people come.
fn disturb(world: &mut World, full: &[u32], dice: &mut Dice) {
    for (seats, full) in world.supply.seats.iter_mut().zip(full) {
        match dice.below(8) {
            0 => *seats = 0,
            1 => *seats = number(dice.below(*full as usize + 1)),
            2 | 3 => *seats = *full,
            _ => {}
        }
    }
    let people = world.people();
    for person in 0..people {
        if dice.below(12) == 0 {
            world.rows[person] = world.rows[dice.below(people)].clone();
        }
    }
    for _ in 0..dice.below(people / 8 + 2) {
        let row = if people > 0 { world.rows[dice.below(people)].clone() } else { Vec::new() };
        world.rows.push(row);
    }
}

/// A world whose people sit anywhere: mostly where they may, sometimes where no longer, sometimes nowhere.
fn a_change(
    people: std::ops::Range<usize>,
    classes: std::ops::Range<usize>,
) -> impl Strategy<Value = Change> {
    (a_world(people, classes), any::<u64>()).prop_map(|(world, seed)| {
        let mut dice = Dice(seed);
        let present = world.rows.iter().map(|row| match dice.below(6) {
            0 => NONE,
            1 if world.classes() > 0 => number(dice.below(world.classes())),
            _ if row.is_empty() => NONE,
            _ => row[dice.below(row.len())].class,
        });
        Change { present: present.collect(), world }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_handful_are_repaired_as_the_best_of_all_seatings_has_it(change in a_change(0..7, 0..6)) {
        prop_assert_eq!(repaired_rank(&change), rank_by_trying_all(&change));
    }

    #[test]
    fn nobody_finds_a_smaller_or_cheaper_repair_by_shortest_paths(change in a_change(0..41, 0..30)) {
        prop_assert_eq!(repaired_rank(&change), rank_by_shortest_paths(&change));
    }

    #[test]
    fn a_repair_reads_rows_in_any_order(change in a_change(0..41, 0..30)) {
        let found = repair(&change.world, &change.world.supply, &change.present).seating.class_of;
        let worth = worth(&change.world, &found).map(|worth| rank(&change, &found, worth));
        prop_assert_eq!(worth, rank_by_shortest_paths(&change));
    }

    #[test]
    fn whoever_is_placed_after_one_repair_stays_in_the_next(change in a_change(0..41, 0..30)) {
        let present = repaired(&change).seating.class_of;
        let again = repaired(&Change { present: present.clone(), ..change });
        prop_assert_eq!(&again.moved, &Vec::<u32>::new());
        prop_assert_eq!(again.seating.class_of, present);
    }

    #[test]
    fn nobody_moves_for_cost_alone(world in a_world(0..41, 0..30), seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let whims: Vec<i64> = (0..97).map(|_| i64::from(dice.cost(5000))).collect();
        let whim = |person: usize, class: u32| whims[(person * 31 + class as usize * 7) % whims.len()];
        let mut network = Network::new(&world, whim);
        let seated: Vec<bool> = (0..world.people()).map(|person| network.place(person)).collect();
        let present: Vec<u32> = network.class_of().into_iter().filter(|class| *class != NONE).collect();
        let found = repaired(&Change { world: world.with_only(|person| seated[person]), present: present.clone() });
        prop_assert_eq!(&found.moved, &Vec::<u32>::new());
        prop_assert_eq!(found.seating.class_of, present);
    }

    #[test]
    fn a_chain_of_repairs_is_at_every_step_as_good_as_one_from_scratch(
        world in a_world(0..31, 1..20), seed in any::<u64>()
    ) {
        let (full, mut dice) = (world.supply.seats.clone(), Dice(seed));
        let mut change = Change { present: vec![NONE; world.people()], world };
        for _ in 0..5 {
            prop_assert_eq!(repaired_rank(&change), rank_by_shortest_paths(&change));
            change.present = repaired(&change).seating.class_of;
            disturb(&mut change.world, &full, &mut dice);
            change.present.resize(change.world.people(), NONE);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_chain_of_repairs_of_many_is_proved_by_its_prices(seed in any::<u64>(), people in 1_usize..1001) {
        let world = large(seed, people);
        let rows = world.listed();
        let seating = settle(&rows, &world.supply, &draft(&rows, &world.supply, Whom::Most));
        let (full, mut dice) = (world.supply.seats.clone(), Dice(seed));
        let mut change = Change { present: seating.class_of, world };
        for _ in 0..4 {
            disturb(&mut change.world, &full, &mut dice);
            change.present.resize(change.world.people(), NONE);
            let found = repaired(&change).seating.class_of;
            let stayed = stays(&change);
            prop_assert!((0..found.len()).all(|person| stayed[person] == NONE || found[person] != NONE));
            change.present = found;
        }
    }
}
