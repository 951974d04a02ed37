//! Who is away at once: the wish never changes who is placed, tells the truth of itself, and is nearly always kept where
//! some seating of the same people keeps it. More a heuristic cannot promise, and no test here demands more.

use std::ops::Range;

use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::oracle::{cost, may_sit, seating};
use super::world::{World, a_world, cheapest, hours, resident, slot};
use super::*;
use crate::domain::id::ProgramId;

/// A half-day of a program, as its people's own clocks show it.
type Gap = (ProgramId, NaiveDate, bool);

fn gap(person: &Person, slot: SlotKey) -> Gap {
    use chrono::Timelike;
    let local = wall(slot.starts_at, person.zone).naive;
    (person.program, local.date(), local.time().hour() >= 12)
}

/// So many of a program may be away at once.
fn allowed(world: &World, program: ProgramId) -> usize {
    let people = world.people.iter().filter(|person| person.program == program).count();
    let share = (people as f64 * f64::from(world.weights.away_percent) / 100.0).ceil() as usize;
    if people < 4 { people } else { share.max(1) }
}

/// Visits over the share, and in how many half-days.
fn over(world: &World, plan: &Plan) -> (usize, usize) {
    let gaps = plan.placed.iter().map(|one| gap(person(world, one.resident), one.slot));
    let over = count(gaps).into_iter().map(|(gap, away)| away.saturating_sub(allowed(world, gap.0)));
    let over: Vec<usize> = over.filter(|over| *over > 0).collect();
    (over.iter().sum(), over.len())
}

/// Whether some seating of the same people keeps the share, by trying all.
fn could_be_kept(world: &World, people: &[&Person], taken: &mut Vec<(SlotKey, Gap)>) -> bool {
    let Some(next) = people.get(taken.len()) else { return true };
    world.slots.iter().any(|slot| {
        let gap = gap(next, slot.key);
        let seated = taken.iter().filter(|(key, _)| *key == slot.key).count();
        let away = taken.iter().filter(|(_, other)| *other == gap).count();
        if seated >= slot.seats as usize || away >= allowed(world, gap.0) || !may_sit(world, next, slot) {
            return false;
        }
        taken.push((slot.key, gap));
        let kept = could_be_kept(world, people, taken);
        taken.pop();
        kept
    })
}

fn without_the_wish(world: &World) -> World {
    World { weights: Weights { away_percent: 100, ..world.weights }, ..world.clone() }
}

/// Seasons with a share, and people in zones in which noon is not at one time; every second one of one program whose people
/// crowd where therapists suit them and could often be elsewhere.
fn a_wishing_world(people: Range<usize>, slots: Range<usize>) -> impl Strategy<Value = World> {
    let shares = prop_oneof![Just(50), 1..=99_u32];
    let zones = ["America/Denver", "America/New_York", "Pacific/Honolulu"];
    (a_world(people, slots), shares, 1..=3_usize, any::<bool>()).prop_map(move |(world, share, of, crowd)| {
        let mut world = if crowd { crowded(world) } else { world };
        world.weights.away_percent = share;
        for (number, person) in world.people.iter_mut().enumerate() {
            person.zone = zones[number % of].parse().unwrap();
        }
        world
    })
}

/// The same season, with one program, therapists who can meet everybody, and wishes that only one of them meets.
fn crowded(mut world: World) -> World {
    world.hosts = (0..4).map(therapist).collect();
    world.hosts[1].practice.gender = "male".to_owned();
    world.earliest_start = opening();
    world.slots.iter_mut().for_each(|slot| slot.seats += 1);
    for person in &mut world.people {
        person.program = world::program(0);
        person.wishes.gender = Some("male".to_owned());
        (person.never, person.avoids) = ([].into(), Vec::new());
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_wish_changes_nobodys_luck_and_tells_the_truth_of_itself(world in a_wishing_world(0..61, 0..40)) {
        let (plan, usual) = (planned(&world), planned(&without_the_wish(&world)));
        let who = |plan: &Plan| plan.placed.iter().map(|one| one.resident).collect::<Vec<_>>();
        prop_assert_eq!(who(&plan), who(&usual));
        prop_assert_eq!(&plan.unplaced, &usual.unplaced);
        prop_assert_eq!(usual.away, None);
        let ((over_before, half_days), (over, _)) = (over(&world, &usual), over(&world, &plan));
        match plan.away {
            None => {
                prop_assert_eq!(over_before, 0);
                prop_assert_eq!(plan, usual);
            }
            Some(away) => {
                let expected = Away { rounds: away.rounds, over_before, over, half_days };
                prop_assert!(away == expected && away.rounds <= 6, "{away:?} {expected:?}");
                prop_assert!(over_before > 0 && over <= over_before);
                let cost = |plan: &Plan| cost(&world, &seating(plan));
                prop_assert!(cost(&plan) >= cost(&usual));
                prop_assert!(over < over_before || plan.placed == usual.placed, "paid for nothing");
            }
        }
    }

    #[test]
    fn every_seat_of_a_plan_with_the_wish_is_real(world in a_wishing_world(0..61, 0..40)) {
        let plan = planned(&world);
        for slot in &world.slots {
            let here = plan.placed.iter().filter(|one| one.slot == slot.key);
            prop_assert!(here.clone().count() <= slot.seats as usize);
            for one in here {
                prop_assert!(may_sit(&world, person(&world, one.resident), slot));
            }
        }
    }

    #[test]
    fn with_the_wish_too_the_order_of_the_files_changes_nothing(
        (world, shuffled) in a_wishing_world(4..61, 4..40).prop_flat_map(|world| {
            let people = Just(world.people.clone()).prop_shuffle();
            let slots = Just(world.slots.clone()).prop_shuffle();
            let hosts = Just(world.hosts.clone()).prop_shuffle();
            (Just(world), people, slots, hosts).prop_map(|(world, people, slots, hosts)| {
                let shuffled = World { people, slots, hosts, ..world.clone() };
                (world, shuffled)
            })
        })
    ) {
        let (first, second) = (planned(&world), planned(&shuffled));
        prop_assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());
    }

    #[test]
    fn no_class_of_a_field_cut_at_noon_lies_on_both_sides_of_it(world in a_wishing_world(1..30, 1..40)) {
        let question = world.question();
        let field = Field::cut_at_noon(&question);
        for person in &world.people {
            for class in &field.classes {
                let halves: HashSet<Gap> =
                    class.iter().map(|slot| gap(person, field.slots[*slot as usize].key)).collect();
                prop_assert_eq!(halves.len(), 1);
            }
        }
    }
}

#[test]
fn of_small_seasons_nearly_all_that_could_keep_the_share_do() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let strategy = a_wishing_world(4..9, 6..16);
    let (mut could, mut kept) = (0, 0);
    for _ in 0..3000 {
        let mut world = crowded(strategy.new_tree(&mut runner).unwrap().current());
        // They come out of a set, whose order is another one in every run.
        world.slots.sort_by_key(|slot| slot.key);
        (1..).zip(&mut world.slots).for_each(|(number, slot)| slot.seats = 1 + number % 2);
        let plan = planned(&world);
        let Some(away) = plan.away else { continue };
        let people: Vec<&Person> = plan.placed.iter().map(|one| person(&world, one.resident)).collect();
        if could_be_kept(&world, &people, &mut Vec::new()) {
            could += 1;
            kept += usize::from(away.over == 0);
        }
    }
    assert!(could >= 50, "only {could} seasons tell anything");
    assert!(kept * 20 >= could * 19, "{kept} of {could} keep the share");
}

/// Eight people who are free on two afternoons a week apart, with eight seats on each; every week later costs.
fn two_afternoons() -> World {
    let people = (0..8).map(|number| resident(number, None, vec![hours(0, 5, 9), hours(7, 5, 9)])).collect();
    let slots = (5..9).flat_map(|hour| [0, 7].map(|day| slot(0, day, hour, 2))).collect();
    let mut world = small(people, slots);
    world.weights = Weights { earlier: 100, day_load: 0, therapist_load: 0, ..cheapest() };
    world
}

fn per_day(plan: &Plan) -> Vec<usize> {
    plan.per_day("America/Denver".parse().unwrap()).into_values().collect()
}

#[test]
fn a_program_that_would_be_away_whole_on_one_afternoon_is_split() {
    let mut world = two_afternoons();
    assert_eq!(per_day(&planned(&world)), [8]);
    world.weights.away_percent = 50;
    let plan = planned(&world);
    assert_eq!(per_day(&plan), [4, 4]);
    assert_eq!(plan.away, Some(Away { rounds: 1, over_before: 4, over: 0, half_days: 1 }));
    // As much as one afternoon must take is no more than the other may hold: five and three.
    world.weights.away_percent = 60;
    assert_eq!(per_day(&planned(&world)), [5, 3]);
}

#[test]
fn three_people_are_too_few_for_a_share() {
    let mut world = two_afternoons();
    world.people.truncate(3);
    world.weights.away_percent = 50;
    let plan = planned(&world);
    assert_eq!((per_day(&plan), plan.away), (vec![3], None));
}

#[test]
fn who_is_free_all_day_is_away_in_the_morning_or_in_the_afternoon() {
    let people = || (0..8).map(|number| resident(number, None, vec![hours(0, 0, 9)])).collect();
    for seed in 0..20 {
        let slots = [0, 1, 2, 3, 5, 6, 7, 8].map(|hour| slot(0, 0, hour, 2)).into();
        let mut world = small(people(), slots);
        (world.seed, world.weights.away_percent) = (Seed::from_bytes([seed; 32]), 50);
        assert_eq!(over(&world, &planned(&world)), (0, 0));
    }
}

#[test]
fn where_nobody_can_be_elsewhere_nothing_is_tried_and_the_plan_says_so() {
    let mut world = two_afternoons();
    world.slots.retain(|slot| slot.key.starts_at < hours(7, 0, 1).starts_at());
    let usual = planned(&world);
    world.weights.away_percent = 50;
    let plan = planned(&world);
    assert_eq!(plan.placed, usual.placed);
    assert_eq!(plan.away, Some(Away { rounds: 0, over_before: 4, over: 4, half_days: 1 }));
}

#[test]
fn both_batches_of_a_plan_are_told_together() {
    let one = Away { rounds: 2, over_before: 4, over: 1, half_days: 1 };
    let other = Away { rounds: 6, over_before: 3, over: 3, half_days: 2 };
    assert_eq!(Away::both(Some(one), None), Some(one));
    assert_eq!(Away::both(None, None), None);
    let both = Away { rounds: 6, over_before: 7, over: 4, half_days: 3 };
    assert_eq!(Away::both(Some(one), Some(other)), Some(both));
}
