//! What a certificate must refuse: the engine's answer after any change that makes it dearer, or its prices wrong.
//! Whether a change does is told by duality: prices are right where the bound that they give is the seating's cost.

use proptest::prelude::*;

use super::*;

/// Changes a seating or a price at random, never to the same.
fn change(world: &World, seating: &mut Seating, dice: &mut Dice) {
    let people = world.people();
    let by = [-1000, -1, -1, 1, 1, 1000][dice.below(6)];
    match dice.below(6) {
        0 => {
            let class = dice.below(world.classes());
            seating.price[class] += by;
        }
        1 if !seating.group_price.is_empty() => {
            let group = dice.below(seating.group_price.len());
            seating.group_price[group] += by;
        }
        2 => seating.class_of[dice.below(people)] = NONE,
        // Two sit in each other's stead, so that every class and group holds as many as before.
        3 | 4 => {
            let (one, other) = (dice.below(people), dice.below(people));
            seating.class_of.swap(one, other);
        }
        _ => {
            let person = dice.below(people);
            let row = &world.rows[person];
            if !row.is_empty() {
                seating.class_of[person] = row[dice.below(row.len())].class;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_changed_answer_passes_only_where_it_is_still_proved_the_best(
        world in a_world(1..20, 1..12), changes in 1_usize..4, seed in any::<u64>(), all in any::<bool>(),
    ) {
        let whom = if all { Whom::Everyone } else { Whom::Most };
        let world = if all { who_fit(&world) } else { world };
        prop_assume!(world.people() > 0);
        let exit = exit(&world, whom);
        let answer = seat(&world, whom);
        for round in 0..20 {
            let mut changed = answer.clone();
            let mut dice = Dice(seed ^ round);
            (0..changes).for_each(|_| change(&world, &mut changed, &mut dice));
            let passes = check(&world, &changed, exit).is_ok();
            prop_assert_eq!(passes, is_proved(&world, &changed, exit), "{:?}", changed);
        }
    }

    #[test]
    fn a_dearer_seating_is_refused_whatever_the_prices(world in a_world(1..7, 1..6), prices in any::<u64>()) {
        let exit = exit(&world, Whom::Most);
        let best = seat(&world, Whom::Most);
        let mut seating = best.clone();
        let mut dice = Dice(prices);
        for price in seating.price.iter_mut().chain(&mut seating.group_price) {
            *price += [0, 0, 0, -1, 1, 7][dice.below(6)];
        }
        let least = objective(&world, &best.class_of, exit);
        let mut wrong = None;
        oracle::every_seating(&world, |class_of, _| {
            if objective(&world, class_of, exit) > least {
                for prices in [&best, &seating] {
                    let worse = Seating { class_of: class_of.to_vec(), ..prices.clone() };
                    wrong = if check(&world, &worse, exit).is_ok() { Some(worse) } else { wrong.take() };
                }
            }
        });
        prop_assert_eq!(wrong, None);
    }

    #[test]
    fn whoever_is_left_out_beside_a_free_seat_is_seen(world in a_world(1..40, 1..30)) {
        let mut seating = seat(&world, Whom::Most);
        let exit = exit(&world, Whom::Most);
        for person in 0..world.people() {
            let class = std::mem::replace(&mut seating.class_of[person], NONE);
            if class != NONE {
                prop_assert!(check(&world, &seating, exit).is_err());
                prop_assert_eq!(
                    check(&world, &seating, None), Err(Flaw::LeftOut(seating.class_of.iter().position(|class| *class == NONE).map(number).unwrap()))
                );
            }
            seating.class_of[person] = class;
        }
    }
}

/// Two people, one seat each of two classes: the first sits at 1, the second at 2, and no price is needed.
fn two() -> (World, Seating) {
    let choice = |cost, class| Choice { cost, class };
    let rows = vec![vec![choice(1, 0), choice(5, 1)], vec![choice(4, 0), choice(2, 1)]];
    let supply = Supply { seats: vec![1, 1, 0], group: vec![NONE; 3], groups: Groups::default() };
    (World { rows, supply }, Seating { class_of: vec![0, 1], price: vec![0; 3], group_price: Vec::new() })
}

#[test]
fn every_flaw_is_called_by_its_name() {
    let (world, right) = two();
    assert_eq!(check(&world, &right, Some(100)), Ok(()));
    let with = |change: fn(&mut Seating)| {
        let mut seating = right.clone();
        change(&mut seating);
        check(&world, &seating, Some(100))
    };
    assert_eq!(with(|seating| seating.class_of[0] = 2), Err(Flaw::Misplaced(0)));
    assert_eq!(with(|seating| seating.class_of.swap(0, 1)), Err(Flaw::Dear(0)));
    assert_eq!(with(|seating| seating.class_of[1] = NONE), Err(Flaw::LeftOut(1)));
    assert_eq!(with(|seating| seating.price[0] = -1), Err(Flaw::Mispriced(0)));
    assert_eq!(with(|seating| seating.price[1] = 99), Err(Flaw::Dear(1)));
    let sits_together = |seating: &mut Seating| {
        seating.class_of = vec![0, 0];
        seating.price = vec![-3, 1, 0];
    };
    assert_eq!(with(sits_together), Err(Flaw::Overfull(0)));
}
