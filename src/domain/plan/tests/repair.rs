//! What holds of every plan after a change: nobody moves without need, whoever stays keeps their very slot, and who is
//! placed, how many move and what it costs are as trying everything has it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::oracle::{cost, may_sit, seating};
use super::world::{World, a_world, hours, opening, resident, slot, therapist, therapist_id};
use crate::domain::eligibility::{OpenSlot, SlotKey};
use crate::domain::id::ResidentId;
use crate::domain::plan::{Reason, Repaired, Seed, Weights, plan, repair};

type Present = Vec<(ResidentId, SlotKey)>;

/// A world after a change, and who was invited where before it.
#[derive(Debug, Clone)]
struct Change {
    world: World,
    present: Present,
}

fn repaired(change: &Change) -> Repaired {
    repair(&change.world.question(), &change.present).unwrap()
}

/// Everybody in the order of the lottery.
fn drawn(world: &World) -> Vec<ResidentId> {
    let mut drawn: Vec<ResidentId> = world.people.iter().map(|person| person.id).collect();
    drawn.sort_by_key(|id| world.seed.resident(*id));
    drawn
}

/// Who may keep which slot, by the rules: of more people than seats those who were drawn first.
fn stays(change: &Change) -> HashMap<ResidentId, SlotKey> {
    let world = &change.world;
    let mut left: BTreeMap<SlotKey, u32> = world.slots.iter().map(|slot| (slot.key, slot.seats)).collect();
    let mut stays = HashMap::new();
    for id in drawn(world) {
        let Some((_, key)) = change.present.iter().find(|(resident, _)| *resident == id) else { continue };
        let person = world.people.iter().find(|person| person.id == id).unwrap();
        let slot = world.slots.iter().find(|slot| slot.key == *key && may_sit(world, person, slot));
        if slot.is_some() && left[key] > 0 {
            *left.entry(*key).or_default() -= 1;
            stays.insert(id, *key);
        }
    }
    stays
}

/// What decides between repairs: who is placed, in their order; how many move; the cost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    placed: Vec<bool>,
    moved: Reverse<usize>,
    cost: Reverse<i64>,
}

fn rank(change: &Change, seated: &Present) -> Rank {
    let stays = stays(change);
    let had = |id: &ResidentId| change.present.iter().any(|(resident, _)| resident == id);
    let mut order = drawn(&change.world);
    order.sort_by_key(|id| (!stays.contains_key(id), !had(id)));
    let sits: HashMap<ResidentId, SlotKey> = seated.iter().copied().collect();
    Rank {
        placed: order.iter().map(|id| sits.contains_key(id)).collect(),
        moved: Reverse(stays.iter().filter(|(id, key)| sits.get(*id) != Some(key)).count()),
        cost: Reverse(cost(&change.world, seated)),
    }
}

/// The best of all ways to seat some of the people.
fn best_of_all(change: &Change) -> Rank {
    fn go(
        change: &Change,
        at: usize,
        free: &mut BTreeMap<SlotKey, u32>,
        seated: &mut Present,
        best: &mut Option<Rank>,
    ) {
        let Some(person) = change.world.people.get(at) else {
            *best = best.take().max(Some(rank(change, seated)));
            return;
        };
        go(change, at + 1, free, seated, best);
        for slot in &change.world.slots {
            if free[&slot.key] > 0 && may_sit(&change.world, person, slot) {
                *free.entry(slot.key).or_default() -= 1;
                seated.push((person.id, slot.key));
                go(change, at + 1, free, seated, best);
                seated.pop();
                *free.entry(slot.key).or_default() += 1;
            }
        }
    }
    let mut free = change.world.slots.iter().map(|slot| (slot.key, slot.seats)).collect();
    let mut best = None;
    go(change, 0, &mut free, &mut Vec::new(), &mut best);
    best.unwrap()
}

/// Numbers below 8, again and again.
#[derive(Debug, Clone)]
struct Whims(Vec<u8>);

impl Whims {
    fn of(&self, thing: usize, at: usize) -> u8 {
        self.0[(thing * 17 + at * 5) % self.0.len()]
    }
}

/// Slots go, and some lose a seat.
fn loses_slots(world: &World, whims: &Whims, thing: usize) -> World {
    let kept = world.slots.iter().enumerate().filter(|(at, _)| whims.of(thing, *at) > 1);
    let slots = kept.map(|(at, slot)| {
        let fewer = u32::from(whims.of(thing + 1, at) == 0);
        OpenSlot { seats: slot.seats.saturating_sub(fewer), ..*slot }
    });
    World { slots: slots.collect(), ..world.clone() }
}

/// Worlds that were planned with other slots, and whose people were invited as planned, elsewhere, or nowhere.
fn a_change(people: std::ops::Range<usize>, slots: std::ops::Range<usize>) -> impl Strategy<Value = Change> {
    (a_world(people, slots), vec(0..8_u8, 61)).prop_map(|(world, whims)| {
        let whims = Whims(whims);
        let before = seating(&plan(&loses_slots(&world, &whims, 0).question()).unwrap());
        let invited = before.into_iter().enumerate().filter_map(|(at, (id, key))| match whims.of(2, at) {
            0 => None,
            1 => Some((id, SlotKey { therapist: therapist_id(9), ..key })),
            2 => Some((id, world.slots[at % world.slots.len()].key)),
            _ => Some((id, key)),
        });
        let present = invited.collect();
        Change { world: loses_slots(&world, &whims, 3), present }
    })
}

/// The repair, once it is seen that it tells the truth about who moved and who lost a seat.
fn all_true(change: &Change) -> Repaired {
    let (found, stays) = (repaired(change), stays(change));
    let sits: HashMap<ResidentId, SlotKey> = seating(&found.plan).into_iter().collect();
    let mut moved: Vec<ResidentId> =
        stays.iter().filter(|(id, key)| sits.get(*id) != Some(key)).map(|(id, _)| *id).collect();
    moved.sort();
    assert_eq!(found.moved, moved);
    let here: HashSet<ResidentId> = change.world.people.iter().map(|person| person.id).collect();
    let mut displaced: Vec<ResidentId> = change
        .present
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| here.contains(id) && !stays.contains_key(id))
        .collect();
    displaced.sort();
    assert_eq!(found.displaced, displaced);
    assert!(stays.keys().all(|id| sits.contains_key(id)), "whoever can stay is placed");
    assert_eq!(sits.len() + found.plan.unplaced.len(), change.world.people.len());
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_handful_are_repaired_as_the_best_of_all_seatings_has_it(change in a_change(0..6, 0..7)) {
        let found = all_true(&change);
        prop_assert_eq!(rank(&change, &seating(&found.plan)), best_of_all(&change));
    }

    #[test]
    fn every_repair_of_a_season_is_proved_and_tells_the_truth(change in a_change(0..61, 0..60)) {
        all_true(&change);
    }

    #[test]
    fn nobody_moves_if_nothing_changed(world in a_world(0..61, 0..60)) {
        let before = plan(&world.question()).unwrap();
        let present = seating(&before);
        let found = all_true(&Change { world, present: present.clone() });
        prop_assert_eq!(seating(&found.plan), present);
        prop_assert_eq!((found.moved, found.displaced), (vec![], vec![]));
        prop_assert_eq!(found.plan.unplaced, before.unplaced);
    }

    #[test]
    fn newcomers_move_nobody_where_seats_are_free(world in a_world(1..41, 1..60)) {
        // Three come, and three slots that nobody but they can use.
        let present: Present = seating(&plan(&world.question()).unwrap());
        let mut world = world;
        let new: Vec<_> = (0..3).map(|n| resident(1000 + n, None, vec![hours(6, 0, 9)])).collect();
        world.slots.extend((0..3).map(|hour| slot(9, 6, hour, 1)));
        world.hosts.push(therapist(9));
        world.people.extend(new.iter().cloned());
        let found = all_true(&Change { world, present: present.clone() });
        prop_assert_eq!(&found.moved, &Vec::new());
        let sits = seating(&found.plan);
        prop_assert!(present.iter().all(|seat| sits.contains(seat)));
        prop_assert!(new.iter().all(|person| sits.iter().any(|(id, _)| *id == person.id)));
    }

    #[test]
    fn a_chain_of_repairs_is_true_at_every_step_and_at_rest_at_its_end(
        (world, whims) in (a_world(0..41, 0..50), vec(0..8_u8, 61))
    ) {
        let whims = Whims(whims);
        let mut present = seating(&plan(&world.question()).unwrap());
        for step in 0..4 {
            let change = Change { world: loses_slots(&world, &whims, step * 2), present };
            present = seating(&all_true(&change).plan);
            let again = all_true(&Change { present: present.clone(), ..change });
            prop_assert_eq!(&seating(&again.plan), &present);
            prop_assert_eq!((again.moved, again.displaced), (vec![], vec![]));
        }
    }

    #[test]
    fn the_order_of_the_files_changes_no_repair(
        (change, shuffled) in a_change(0..61, 0..40).prop_flat_map(|change| {
            let people = Just(change.world.people.clone()).prop_shuffle();
            let slots = Just(change.world.slots.clone()).prop_shuffle();
            let hosts = Just(change.world.hosts.clone()).prop_shuffle();
            let present = Just(change.present.clone()).prop_shuffle();
            (Just(change), people, slots, hosts, present).prop_map(|(change, people, slots, hosts, present)| {
                let world = World { people, slots, hosts, ..change.world.clone() };
                (change, Change { world, present })
            })
        })
    ) {
        prop_assert_eq!(repaired(&change), repaired(&shuffled));
    }
}

/// Four residents who are free on Monday and Tuesday morning, two therapists, and one visit each on Monday.
fn a_monday() -> Change {
    let free = || vec![hours(0, 0, 4), hours(1, 0, 4)];
    let people: Vec<_> = (0..4).map(|n| resident(n, Some("A"), free())).collect();
    let slots: Vec<OpenSlot> =
        [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(host, hour)| slot(host, 0, hour, 1)).into();
    let present = people.iter().zip(&slots).map(|(person, slot)| (person.id, slot.key)).collect();
    let (hosts, seed) = (vec![therapist(0), therapist(1)], Seed::from_bytes([9; 32]));
    let (earliest_start, weights) = (opening(), Weights::default());
    Change { world: World { people, hosts, slots, seed, earliest_start, weights }, present }
}

#[test]
fn a_therapists_day_is_cancelled_and_only_their_residents_sit_elsewhere() {
    let mut change = a_monday();
    let theirs = [change.present[0].0, change.present[1].0];
    change.world.slots.retain(|slot| slot.key.therapist != therapist_id(0));
    // One seat on Tuesday for two: the lottery says who has it.
    change.world.slots.push(slot(1, 1, 2, 1));
    let found = all_true(&change);
    let mut displaced = theirs.to_vec();
    displaced.sort();
    assert_eq!((&found.displaced, &found.moved), (&displaced, &Vec::new()));
    let first = drawn(&change.world).into_iter().find(|id| theirs.contains(id)).unwrap();
    let sits = seating(&found.plan);
    assert!(change.present[2..].iter().all(|seat| sits.contains(seat)));
    assert!(sits.contains(&(first, slot(1, 1, 2, 1).key)));
    let [left_out] = found.plan.unplaced.as_slice() else { panic!("{:?}", found.plan.unplaced) };
    assert!(theirs.contains(&left_out.resident) && left_out.resident != first);
    assert!(matches!(left_out.reason, Reason::Shortage { people: 4, seats: 3, .. }), "{}", left_out.reason);
}

#[test]
fn who_lost_a_slot_and_gets_the_next_hour_of_the_same_morning_counts_as_displaced() {
    let mut change = a_monday();
    change.world.people.truncate(2);
    change.present.truncate(2);
    // The second hour is gone, the third is new: to the engine the morning is one class as before.
    change.world.slots = vec![slot(0, 0, 0, 1), slot(0, 0, 2, 1)];
    let found = all_true(&change);
    assert_eq!((found.displaced, found.moved), (vec![change.present[1].0], vec![]));
    assert!(seating(&found.plan).contains(&change.present[0]));
}

#[test]
fn somebody_makes_room_only_where_nobody_could_be_placed_otherwise() {
    let mut change = a_monday();
    change.world.people.truncate(2);
    let [one, other] = [0, 1].map(|at| change.world.people[at].id);
    // One may sit in either slot and holds that which alone the other fits, whose own is gone.
    change.world.people[1].protected = crate::domain::eligibility::merged(vec![hours(0, 0, 1)]);
    change.world.slots = vec![slot(0, 0, 0, 1), slot(1, 1, 0, 1)];
    change.present = vec![(one, slot(0, 0, 0, 1).key), (other, slot(1, 0, 0, 1).key)];
    let found = all_true(&change);
    assert_eq!((&found.moved, &found.displaced, found.plan.placed.len()), (&vec![one], &vec![other], 2));
    change.world.slots.push(slot(1, 0, 0, 1));
    let unharmed = all_true(&change);
    assert_eq!((unharmed.moved, unharmed.displaced), (vec![], vec![]));
}
