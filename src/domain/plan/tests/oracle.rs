//! The same questions answered slowly, by other means, from the definition: every resident is tried with every slot.
//! Shares no code with the solver but the rules of who fits and what a seat costs.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::world::{World, opening};
use crate::domain::eligibility::{OpenSlot, Person, SlotKey, fits};
use crate::domain::id::ResidentId;
use crate::domain::plan::Plan;
use crate::domain::plan::weights::rising;

/// Whether somebody may sit in a slot.
pub fn may_sit(world: &World, person: &Person, slot: &OpenSlot) -> bool {
    let host = world.hosts.iter().find(|host| host.id == slot.key.therapist);
    host.is_some_and(|host| fits(person, host, &slot.span, world.earliest_start).is_ok())
}

/// The size of a largest matching of some people, by Kuhn's algorithm over single seats.
pub fn largest(world: &World, people: &[&Person]) -> usize {
    let seats: Vec<&OpenSlot> =
        world.slots.iter().flat_map(|slot| (0..slot.seats).map(move |_| slot)).collect();
    let wants: Vec<Vec<usize>> = people
        .iter()
        .map(|person| (0..seats.len()).filter(|seat| may_sit(world, person, seats[*seat])).collect())
        .collect();
    let mut holder = vec![None; seats.len()];
    (0..people.len()).filter(|person| kuhn(*person, &wants, &mut holder, &mut HashSet::new())).count()
}

fn kuhn(
    person: usize,
    wants: &[Vec<usize>],
    holder: &mut [Option<usize>],
    tried: &mut HashSet<usize>,
) -> bool {
    for seat in &wants[person] {
        if tried.insert(*seat) && holder[*seat].is_none_or(|other| kuhn(other, wants, holder, tried)) {
            holder[*seat] = Some(person);
            return true;
        }
    }
    false
}

/// Who is placed by the lottery: each in turn, if all kept before them can still be placed as well.
pub fn lottery_winners(world: &World) -> HashSet<ResidentId> {
    let mut drawn: Vec<&Person> = world.people.iter().collect();
    drawn.sort_by_key(|person| world.seed.resident(person.id));
    let mut kept: Vec<&Person> = Vec::new();
    for person in drawn {
        kept.push(person);
        if largest(world, &kept) < kept.len() {
            kept.pop();
        }
    }
    kept.iter().map(|person| person.id).collect()
}

/// What a seating costs: wishes and week by person, loads by therapist's day and therapist.
pub fn cost(world: &World, seating: &[(ResidentId, SlotKey)]) -> i64 {
    let mut total = 0;
    let mut day_load: HashMap<_, u32> = HashMap::new();
    let mut therapist_load: HashMap<_, u32> = HashMap::new();
    for (resident, key) in seating {
        let person = world.people.iter().find(|person| person.id == *resident).unwrap();
        let slot = world.slots.iter().find(|slot| slot.key == *key).unwrap();
        let host = world.host(key.therapist);
        let modality = fits(person, host, &slot.span, world.earliest_start).unwrap();
        total += i64::from(world.weights.visit(person, host, modality));
        total += i64::from(world.weights.later(opening(), key.starts_at));
        *day_load.entry(day_of(*key)).or_default() += 1;
        *therapist_load.entry(key.therapist).or_default() += 1;
    }
    let seats = |belongs: &dyn Fn(&SlotKey) -> bool| -> u32 {
        world.slots.iter().filter(|slot| belongs(&slot.key)).map(|slot| slot.seats).sum()
    };
    for (day, load) in day_load {
        let seats = seats(&|key| day_of(*key) == day);
        total += (0..load).map(|taken| rising(world.weights.day_load, taken, seats)).sum::<i64>();
    }
    for (therapist, load) in therapist_load {
        let seats = seats(&|key| key.therapist == therapist);
        total += (0..load).map(|taken| rising(world.weights.therapist_load, taken, seats)).sum::<i64>();
    }
    total
}

fn day_of(key: SlotKey) -> (crate::domain::id::TherapistId, chrono::NaiveDate) {
    // Cut at 08:00 UTC.
    (key.therapist, (key.starts_at - chrono::Duration::hours(8)).date_naive())
}

pub fn seating(plan: &Plan) -> Vec<(ResidentId, SlotKey)> {
    plan.placed.iter().map(|placement| (placement.resident, placement.slot)).collect()
}

/// The least cost of seating exactly these people, by trying every way.
pub fn least_cost(world: &World, people: &[ResidentId]) -> i64 {
    let mut free: BTreeMap<SlotKey, u32> = world.slots.iter().map(|slot| (slot.key, slot.seats)).collect();
    let mut best = i64::MAX;
    try_all(world, people, &mut free, &mut Vec::new(), &mut best);
    best
}

fn try_all(
    world: &World,
    people: &[ResidentId],
    free: &mut BTreeMap<SlotKey, u32>,
    seated: &mut Vec<(ResidentId, SlotKey)>,
    best: &mut i64,
) {
    let Some(next) = people.get(seated.len()) else {
        *best = (*best).min(cost(world, seated));
        return;
    };
    let person = world.people.iter().find(|person| person.id == *next).unwrap();
    for slot in &world.slots {
        if free[&slot.key] > 0 && may_sit(world, person, slot) {
            *free.entry(slot.key).or_default() -= 1;
            seated.push((*next, slot.key));
            try_all(world, people, free, seated, best);
            seated.pop();
            *free.entry(slot.key).or_default() += 1;
        }
    }
}

/// A seat changed by one resident: from a slot, or into one.
type Exchange = (usize, usize, i64);

/// Whether some round of moves would make a seating cheaper: a negative cycle among its residual arcs, looked for by
/// Bellman and Ford's method over slots, days, therapists and one common end.
pub fn could_be_cheaper(world: &World, plan: &Plan) -> bool {
    let days: Vec<_> = collect(world.slots.iter().map(|slot| day_of(slot.key)));
    let therapists: Vec<_> = collect(world.slots.iter().map(|slot| slot.key.therapist));
    let (first_day, first_therapist) = (world.slots.len(), world.slots.len() + days.len());
    let end = first_therapist + therapists.len();
    let load = |belongs: &dyn Fn(&SlotKey) -> bool| {
        plan.placed.iter().filter(|placement| belongs(&placement.slot)).count() as u32
    };
    let seats = |belongs: &dyn Fn(&SlotKey) -> bool| -> u32 {
        world.slots.iter().filter(|slot| belongs(&slot.key)).map(|slot| slot.seats).sum()
    };
    let mut arcs: Vec<Exchange> = Vec::new();
    let mut pipe = |from, to, load: u32, seats: u32, step: &dyn Fn(u32, u32) -> i64| {
        if load < seats {
            arcs.push((from, to, step(load, seats)));
        }
        if load > 0 {
            arcs.push((to, from, -step(load - 1, seats)));
        }
    };
    for (number, slot) in world.slots.iter().enumerate() {
        let day = first_day + days.iter().position(|day| *day == day_of(slot.key)).unwrap();
        pipe(number, day, load(&|key| *key == slot.key), slot.seats, &|_, _| 0);
    }
    for (number, day) in days.iter().enumerate() {
        let of_day = |key: &SlotKey| day_of(*key) == *day;
        let therapist = first_therapist + therapists.iter().position(|one| *one == day.0).unwrap();
        pipe(first_day + number, therapist, load(&of_day), seats(&of_day), &|t, s| {
            rising(world.weights.day_load, t, s)
        });
    }
    for (number, therapist) in therapists.iter().enumerate() {
        let of_therapist = |key: &SlotKey| key.therapist == *therapist;
        let step = &|t: u32, s: u32| rising(world.weights.therapist_load, t, s);
        pipe(first_therapist + number, end, load(&of_therapist), seats(&of_therapist), step);
    }
    for placement in &plan.placed {
        let person = world.people.iter().find(|person| person.id == placement.resident).unwrap();
        let points = |slot: &OpenSlot| {
            let host = world.hosts.iter().find(|host| host.id == slot.key.therapist)?;
            let modality = fits(person, host, &slot.span, world.earliest_start).ok()?;
            let visit = world.weights.visit(person, host, modality);
            Some(i64::from(visit + world.weights.later(opening(), slot.key.starts_at)))
        };
        let from = world.slots.iter().position(|slot| slot.key == placement.slot).unwrap();
        for (to, slot) in world.slots.iter().enumerate() {
            if let Some(cost) = points(slot).filter(|_| to != from) {
                arcs.push((from, to, cost - points(&world.slots[from]).unwrap()));
            }
        }
    }
    has_negative_cycle(end + 1, &arcs)
}

fn collect<T: Ord>(things: impl Iterator<Item = T>) -> Vec<T> {
    things.collect::<std::collections::BTreeSet<T>>().into_iter().collect()
}

fn has_negative_cycle(nodes: usize, arcs: &[Exchange]) -> bool {
    let mut distance = vec![0; nodes];
    for _ in 0..=nodes {
        let mut changed = false;
        for (from, to, cost) in arcs {
            if distance[*from] + cost < distance[*to] {
                distance[*to] = distance[*from] + cost;
                changed = true;
            }
        }
        if !changed {
            return false;
        }
    }
    true
}
