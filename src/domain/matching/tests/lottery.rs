//! What holds of every lottery: the order decides and nothing else, as many as possible are placed, and whoever is left out
//! is left out by a group of people who outnumber their full seats.

use proptest::prelude::*;

use super::super::certificate::check_lottery;
use super::super::lottery::{draw, shut};
use super::super::*;
use super::oracle::{Network, in_turn};
use super::world::{Dice, World, a_world, large};

fn placed(class_of: &[u32]) -> Vec<bool> {
    class_of.iter().map(|class| *class != NONE).collect()
}

/// Without its groups, which no lottery asks.
fn only_classes(mut world: World) -> World {
    world.supply.groups = Groups::default();
    world.supply.group.fill(NONE);
    world
}

/// Who is reached from the people left out, one after another: the turn, from 1, in which each class was reached first.
fn turns(world: &World, class_of: &[u32]) -> Vec<u32> {
    let mut turn_of = vec![0; world.classes()];
    let left_out = (0..world.people()).filter(|person| class_of[*person] == NONE);
    for (turn, person) in left_out.enumerate() {
        let mut reached = vec![person];
        while let Some(person) = reached.pop() {
            for choice in &world.rows[person] {
                if turn_of[choice.class as usize] == 0 {
                    turn_of[choice.class as usize] = number(turn) + 1;
                    let sits = |person: &usize| class_of[*person] == choice.class;
                    reached.extend((0..world.people()).filter(sits));
                }
            }
        }
    }
    turn_of
}

/// What must hold of classes shut: by each turn, those who fit nowhere else are as many as their seats and the left out.
fn assert_shortages(world: &World, class_of: &[u32], shut: &[u32]) {
    let left_out: Vec<usize> = (0..world.people()).filter(|person| class_of[*person] == NONE).collect();
    for turn in 1..=left_out.len() {
        let is_shut = |class: u32| (1..=turn).contains(&(shut[class as usize] as usize));
        let seats: u32 = (0..number(world.classes()))
            .filter(|class| is_shut(*class))
            .map(|class| world.supply.seats[class as usize])
            .sum();
        let held = |person: &usize| class_of[*person] != NONE && is_shut(class_of[*person]);
        let sitters: Vec<usize> = (0..world.people()).filter(held).collect();
        assert_eq!(sitters.len(), seats as usize, "a class that is shut is full");
        let group = sitters.iter().chain(&left_out[..turn]);
        let confined = group.filter(|person| world.rows[**person].iter().all(|choice| is_shut(choice.class)));
        assert_eq!(confined.count(), seats as usize + turn, "a group outnumbers its seats by those left out");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_in_turn_is_placed_where_that_unseats_nobody(world in a_world(0..61, 0..40)) {
        let drawn = draw(&world.listed(), &world.supply);
        prop_assert_eq!(&drawn, &placed(&in_turn(&world)));
        prop_assert_eq!(drawn, draw(&world, &world.supply));
    }

    #[test]
    fn the_lottery_places_as_many_as_any_other_way(world in a_world(0..61, 0..40)) {
        let drawn = draw(&world.listed(), &world.supply);
        let most = Network::new(&only_classes(world), |_, _| 0).place_most();
        let count = |placed: Vec<bool>| placed.into_iter().filter(|placed| *placed).count();
        prop_assert_eq!(count(drawn), count(placed(&most)));
    }

    #[test]
    fn costs_and_groups_have_no_say_in_the_lottery(world in a_world(0..61, 0..40), seed in any::<u64>()) {
        let drawn = draw(&world.listed(), &world.supply);
        let mut other = only_classes(world);
        let mut dice = Dice(seed);
        other.rows.iter_mut().flatten().for_each(|choice| choice.cost = dice.cost(1000));
        prop_assert_eq!(drawn, draw(&other.listed(), &other.supply));
    }

    #[test]
    fn classes_are_shut_by_whoever_reaches_them_first(world in a_world(0..61, 0..40)) {
        let class_of = in_turn(&world);
        let found = shut(&world.listed(), &world.supply, &class_of);
        assert_shortages(&world, &class_of, &found);
        prop_assert_eq!(&found, &turns(&world, &class_of));
        prop_assert_eq!(check_lottery(&world.listed(), &world.supply, &class_of, &found), Ok(()));
    }

    #[test]
    fn the_cheapest_seating_of_the_placed_shuts_for_the_same_people(world in a_world(0..61, 0..40)) {
        let world = only_classes(world);
        let drawn = draw(&world.listed(), &world.supply);
        let winners = world.with_only(|person| drawn[person]);
        let rows = winners.listed();
        let seating = settle(&rows, &winners.supply, &draft(&rows, &winners.supply, Whom::Everyone));
        let mut sits = seating.class_of.iter();
        let class_of: Vec<u32> = drawn.iter().map(|wins| if *wins { *sits.next().unwrap() } else { NONE }).collect();
        let found = shut(&world.listed(), &world.supply, &class_of);
        assert_shortages(&world, &class_of, &found);
        // Which classes a shortage holds does not depend on who sits where.
        prop_assert_eq!(found, turns(&world, &in_turn(&world)));
    }

    #[test]
    fn a_seating_of_others_than_the_lottery_drew_is_refused(
        world in a_world(1..30, 1..15), seed in any::<u64>(), leaves in 0_usize..3,
    ) {
        let world = only_classes(world);
        let drawn = draw(&world.listed(), &world.supply);
        let (mut network, mut dice) = (Network::new(&world, |_, _| 0), Dice(seed));
        for person in dice.order(world.people()) {
            network.place(person as usize);
        }
        let mut class_of = network.class_of();
        for _ in 0..leaves {
            class_of[dice.below(world.people())] = NONE;
        }
        let found = shut(&world.listed(), &world.supply, &class_of);
        let passes = check_lottery(&world.listed(), &world.supply, &class_of, &found).is_ok();
        prop_assert_eq!(passes, placed(&class_of) == drawn);
    }

    #[test]
    fn no_numbers_on_classes_pass_off_another_set_as_drawn(
        world in a_world(1..8, 1..5), seed in any::<u64>(),
    ) {
        let world = only_classes(world);
        let drawn = draw(&world.listed(), &world.supply);
        let mut dice = Dice(seed);
        for round in 0..50 {
            let mut network = Network::new(&world, |_, _| 0);
            let placed_first = dice.below(world.people() + 1);
            for person in dice.order(world.people()).into_iter().take(placed_first) {
                network.place(person as usize);
            }
            let class_of = network.class_of();
            let mut shut = shut(&world.listed(), &world.supply, &class_of);
            for _ in 0..dice.below(4) {
                let class = dice.below(world.classes());
                shut[class] = number(dice.below(world.people() + 1));
            }
            let passes = check_lottery(&world.listed(), &world.supply, &class_of, &shut).is_ok();
            prop_assert!(!passes || placed(&class_of) == drawn, "round {round}: {class_of:?} {shut:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_lottery_of_many_is_the_slow_one(seed in any::<u64>(), people in 1_usize..801) {
        let world = large(seed, people);
        let class_of = in_turn(&world);
        let rows = world.listed();
        prop_assert_eq!(draw(&rows, &world.supply), placed(&class_of));
        let found = shut(&rows, &world.supply, &class_of);
        prop_assert_eq!(&found, &turns(&world, &class_of));
        prop_assert_eq!(check_lottery(&rows, &world.supply, &class_of, &found), Ok(()));
    }
}

#[test]
fn whoever_was_shut_out_too_early_or_too_late_is_named() {
    let choice = |class| Choice { cost: 0, class };
    // Two want the one seat of the first class; the third sits alone in the second.
    let world = World {
        rows: vec![vec![choice(0)], vec![choice(0)], vec![choice(1)]],
        supply: Supply { seats: vec![1, 2], group: vec![NONE; 2], groups: Groups::default() },
    };
    let check = |class_of: &[u32], shut: &[u32]| check_lottery(&world, &world.supply, class_of, shut);
    assert_eq!(check(&[0, NONE, 1], &[1, 0]), Ok(()));
    assert!(check(&[0, NONE, 1], &[0, 0]).is_err(), "the class that left somebody out is not shut");
    assert!(check(&[NONE, 0, 1], &[1, 0]).is_err(), "somebody later sits in their stead");
    assert!(check(&[0, NONE, 1], &[1, 1]).is_err(), "a class with a free seat is not shut");
    assert!(check(&[0, NONE, NONE], &[1, 2]).is_err(), "somebody is left out beside free seats");
}
