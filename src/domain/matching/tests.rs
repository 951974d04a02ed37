//! What holds of every seating, against slow answers by other means.

mod example;
mod lottery;
mod oracle;
mod proof;
mod repair;
mod words;
pub mod world;

use proptest::prelude::*;

use self::oracle::{Network, Worth, best_by_trying_all, bound, in_turn, objective, worth};
use self::world::{Dice, World, a_world, large};
use super::certificate::{Check, Flaw};
use super::*;

fn most(world: &World) -> u32 {
    world.rows.iter().flatten().map(|choice| choice.cost).max().unwrap_or(0)
}

/// The engine's answer.
fn seat(world: &World, whom: Whom) -> Seating {
    let rows = world.listed();
    settle(&rows, &world.supply, &draft(&rows, &world.supply, whom))
}

/// What leaving somebody out costs in a world, for a check.
fn exit(world: &World, whom: Whom) -> Option<i64> {
    (whom == Whom::Most).then(|| exit_cost(world.people(), most(world), &world.supply))
}

fn check(world: &World, seating: &Seating, exit: Option<i64>) -> Result<(), Flaw> {
    let mut check = Check::new(&world.supply, &seating.price, &seating.group_price, exit);
    for (row, class) in world.rows.iter().zip(&seating.class_of) {
        check.person(*class, row.iter().copied());
    }
    check.finish()
}

/// Whether a seating costs exactly as much as its prices show that any must.
fn is_proved(world: &World, seating: &Seating, exit: Option<i64>) -> bool {
    let cost = objective(world, &seating.class_of, exit);
    cost.is_some() && cost == bound(world, seating, exit)
}

/// What the engine's answer is worth, which must be proved, twice.
fn proved_worth(world: &World, whom: Whom) -> Worth {
    let seating = seat(world, whom);
    assert_eq!(check(world, &seating, exit(world, whom)), Ok(()));
    assert!(is_proved(world, &seating, exit(world, whom)), "prices below the seating's cost");
    worth(world, &seating.class_of).expect("a seating that rows and seats allow")
}

/// The people who can be placed together, each in turn.
fn who_fit(world: &World) -> World {
    let mut network = Network::new(world, |_, _| 0);
    let fits: Vec<bool> = (0..world.people()).map(|person| network.place(person)).collect();
    world.with_only(|person| fits[person])
}

/// Seldom as many as two thousand, so that a night has time for many seasons.
fn many() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 1_usize..200, 3 => 200_usize..800, 1 => 800_usize..2001]
}

#[test]
fn a_lone_person_sits_where_the_only_seat_is() {
    for cost in [0, 1000] {
        let rows = vec![vec![Choice { cost, class: 0 }]];
        let supply = Supply { seats: vec![1], group: vec![NONE], groups: Groups::default() };
        let worth = Worth { placed: 1, cost: i64::from(cost) };
        for whom in [Whom::Most, Whom::Everyone] {
            assert_eq!(proved_worth(&World { rows: rows.clone(), supply: supply.clone() }, whom), worth);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_handful_of_people_sit_as_the_best_of_all_seatings_has_it(world in a_world(0..7, 0..7)) {
        prop_assert_eq!(proved_worth(&world, Whom::Most), best_by_trying_all(&world));
    }

    #[test]
    fn nobody_finds_a_cheaper_seating_by_shortest_paths(world in a_world(0..61, 0..40)) {
        let slow = Network::new(&world, |_, _| 0).place_most();
        prop_assert_eq!(Some(proved_worth(&world, Whom::Most)), worth(&world, &slow));
    }

    #[test]
    fn the_two_slow_answers_agree(world in a_world(0..7, 0..7)) {
        let slow = Network::new(&world, |_, _| 0).place_most();
        prop_assert_eq!(worth(&world, &slow), Some(best_by_trying_all(&world)));
    }

    #[test]
    fn where_groups_have_room_as_many_are_placed_as_seats_allow(world in a_world(0..100, 0..60)) {
        let mut world = world;
        let seats = world.supply.seats.iter().sum::<u32>() as usize;
        let mut groups = Groups::default();
        for group in 0..number(world.supply.groups.len()) {
            let (steps, parent) = (world.supply.groups.steps_of(group), world.supply.groups.parent[group as usize]);
            let last = steps.last().copied().unwrap_or(0);
            groups.push(parent, steps.iter().copied().chain(std::iter::repeat_n(last, seats)));
        }
        world.supply.groups = groups;
        let placed = in_turn(&world).iter().filter(|class| **class != NONE).count();
        prop_assert_eq!(proved_worth(&world, Whom::Most).placed, placed);
    }

    #[test]
    fn who_fit_together_are_all_placed_at_least_cost(world in a_world(0..61, 0..40)) {
        let world = who_fit(&world);
        let slow = Network::new(&world, |_, _| 0).place_most();
        let found = proved_worth(&world, Whom::Everyone);
        prop_assert_eq!(found.placed, world.people());
        prop_assert_eq!(Some(found), worth(&world, &slow));
        prop_assert_eq!(found, proved_worth(&world, Whom::Most));
    }

    #[test]
    fn classes_of_one_seat_each_cost_the_same_together(world in a_world(0..61, 0..40)) {
        prop_assert_eq!(proved_worth(&world.split(), Whom::Most), proved_worth(&world, Whom::Most));
    }

    #[test]
    fn other_numbers_change_neither_size_nor_cost(world in a_world(0..61, 0..40), seed in any::<u64>()) {
        let other = world.renumbered(seed);
        prop_assert_eq!(proved_worth(&other, Whom::Most), proved_worth(&world, Whom::Most));
    }

    #[test]
    fn rows_in_no_order_are_seated_as_cheaply(world in a_world(0..61, 0..40)) {
        let seating = settle(&world, &world.supply, &draft(&world, &world.supply, Whom::Most));
        prop_assert!(is_proved(&world, &seating, exit(&world, Whom::Most)));
        prop_assert_eq!(worth(&world, &seating.class_of), Some(proved_worth(&world, Whom::Most)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_season_of_many_is_proved_the_best_by_its_prices(seed in any::<u64>(), people in many()) {
        let world = large(seed, people);
        let found = proved_worth(&world, Whom::Most);
        prop_assert!(found.placed <= people);
        let other = proved_worth(&world.renumbered(seed ^ 1), Whom::Most);
        prop_assert_eq!(found, other);
    }

    #[test]
    fn everyone_of_many_who_fit_is_placed_at_proved_least_cost(seed in any::<u64>(), people in 1_usize..301) {
        let world = who_fit(&large(seed, people));
        let found = proved_worth(&world, Whom::Everyone);
        prop_assert_eq!(found.placed, world.people());
        prop_assert_eq!(found, proved_worth(&world, Whom::Most));
    }
}
