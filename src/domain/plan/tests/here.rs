//! Why this slot: its parts add up to what the seat costs, and a next best time never costs less than is said.

use super::oracle::{cost, could_be_cheaper, may_sit, seating};
use super::world::{World, a_world, hours, resident, slot};
use super::*;
use crate::domain::plan::here::{Rival, next_best};

/// What the rest of a plan costs at least once somebody sits at another time: the cheapest by trying all of them.
fn least_with(world: &World, plan: &Plan, mover: ResidentId, at: &Next) -> Option<i64> {
    let others: Vec<_> = plan.placed.iter().map(|one| one.resident).collect();
    let mut world = world.clone();
    // They may sit nowhere else: their protected time is that visit.
    let person = world.people.iter_mut().find(|person| person.id == mover).unwrap();
    person.protected = [at.span].into();
    let least = super::oracle::least_cost(&world, &others);
    (least < i64::MAX).then_some(least)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn another_time_costs_everybody_at_least_what_the_resident_is_told(world in a_world(1..6, 0..9)) {
        let plan = plan(&world.question()).unwrap();
        let now = cost(&world, &seating(&plan));
        for placement in &plan.placed {
            for next in placement.here.next.iter().flatten() {
                match (next.more, least_with(&world, &plan, placement.resident, next)) {
                    (Some(more), Some(least)) => prop_assert!(least - now >= i64::from(more)),
                    (None, some) => prop_assert_eq!(some, None, "somebody else would have no seat"),
                    (Some(_), None) => {}
                }
            }
        }
    }

    #[test]
    fn the_next_best_times_are_other_times_of_the_row_the_best_first(world in a_world(1..40, 0..40)) {
        let plan = plan(&world.question()).unwrap();
        prop_assert!(!could_be_cheaper(&world, &plan));
        for placement in &plan.placed {
            let person = person(&world, placement.resident);
            let times: HashSet<_> = world.slots.iter().filter(|slot| slot.seats > 0 && may_sit(&world, person, slot))
                .map(|slot| slot.key.starts_at).collect();
            let told: Vec<_> = placement.here.next.iter().flatten().collect();
            prop_assert_eq!(told.len(), (times.len() - 1).min(3));
            let distinct: HashSet<_> = told.iter().map(|next| next.span.starts_at()).collect();
            prop_assert_eq!(distinct.len(), told.len());
            prop_assert!(!distinct.contains(&placement.slot.starts_at) && distinct.is_subset(&times));
            let costs: Vec<_> = told.iter().map(|next| next.more.unwrap_or(u32::MAX)).collect();
            prop_assert!(costs.is_sorted(), "{:?}", costs);
        }
    }

    #[test]
    fn the_parts_of_a_visit_add_up_to_what_its_wishes_site_and_week_cost(world in a_world(1..40, 0..40)) {
        let plan = plan(&world.question()).unwrap();
        for placement in &plan.placed {
            let (person, host) = (person(&world, placement.resident), world.host(placement.slot.therapist));
            let parts = placement.here.parts;
            let visit = world.weights.visit(person, host, placement.modality)
                + world.weights.later(super::world::opening(), placement.slot.starts_at);
            prop_assert_eq!(parts.points() - parts.day - parts.therapist, visit);
        }
    }
}

#[test]
fn a_time_is_told_once_and_never_the_one_that_somebody_has() {
    let at = |hour| slot(0, 0, hour, 1).span;
    let rivals = [(0, 5), (1, 30), (1, 20), (2, 20), (3, 50), (4, 40), (2, 90)];
    let rivals =
        rivals.iter().zip(0..).map(|((hour, more), slot)| Rival { span: at(*hour), slot, more: *more });
    let told: Vec<_> = next_best(at(0), rivals).iter().map(|one| (one.span, one.more)).collect();
    assert_eq!(told, [(at(1), 20), (at(2), 20), (at(4), 40)]);
}

#[test]
fn the_only_time_that_fits_has_no_next_and_a_contended_one_would_leave_somebody_out() {
    let people = vec![resident(1, None, vec![hours(0, 0, 1)]), resident(2, None, vec![hours(0, 0, 2)])];
    let plan = plan(&small(people, vec![slot(0, 0, 0, 1), slot(0, 0, 1, 1)]).question()).unwrap();
    let here = |number| {
        let id = resident(number, None, Vec::new()).id;
        plan.placed.iter().find(|placement| placement.resident == id).unwrap().here
    };
    assert_eq!(here(1).next, [None; 3]);
    assert_eq!(here(2).next[0].map(|next| next.span), Some(slot(0, 0, 0, 1).span));
}
