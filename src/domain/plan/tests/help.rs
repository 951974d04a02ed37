//! What would help, held against a slow answer: every half-day with every therapist, the group placed anew each time.

use super::oracle::{largest, may_sit};
use super::season::season;
use super::world::{World, a_world, hours, opening, resident, slot, therapist, therapist_id};
use super::*;
use crate::domain::availability::{Change, Exception, slots};

/// A group as a slow search from one of its people finds it, and what is said to help it.
struct Group {
    world: World,
    help: Help,
}

impl Group {
    fn people(&self) -> Vec<&Person> {
        self.world.people.iter().collect()
    }

    /// How many have a seat once some slots are added.
    fn placed_with(&self, added: &[OpenSlot]) -> usize {
        let mut world = self.world.clone();
        world.slots.extend_from_slice(added);
        largest(&world, &self.people())
    }
}

/// The groups of everyone who is not placed: rivals for full slots, or those of a cohort whom nothing fits.
fn groups(world: &World, plan: &Plan) -> Vec<Group> {
    let unplaced = |person: &Person| plan.unplaced.iter().any(|one| one.resident == person.id);
    let nothing_fits = |person: &Person| !world.slots.iter().any(|slot| may_sit(world, person, slot));
    let group = |one: &Unplaced| {
        let asked = person(world, one.resident);
        let (help, slots, people): (_, Vec<_>, Vec<_>) = match &one.reason {
            Reason::Shortage { help, .. } => {
                let slots = reached(world, plan, asked);
                let sits = |person: &Person| {
                    plan.placed
                        .iter()
                        .any(|p| p.resident == person.id && slots.iter().any(|s| s.key == p.slot))
                };
                let confined = |person: &Person| {
                    let fits = |slot: &&OpenSlot| may_sit(world, person, slot);
                    !nothing_fits(person)
                        && world
                            .slots
                            .iter()
                            .filter(fits)
                            .all(|s| slots.iter().any(|known| known.key == s.key))
                };
                let people = world.people.iter().filter(|p| sits(p) || (unplaced(p) && confined(p)));
                (help, slots.clone(), people.cloned().collect())
            }
            Reason::NothingFits { help, .. } => {
                let people = world.people.iter().filter(|person| {
                    let protected = person.protected.iter().any(|block| block.overlaps(&person.period));
                    protected
                        && nothing_fits(person)
                        && (person.program, &person.cohort) == (asked.program, &asked.cohort)
                });
                (help, Vec::new(), people.cloned().collect())
            }
            _ => return None,
        };
        // Therapists' other slots are kept, without seats: whoever offers something then cannot offer more.
        let kept = |slot: &OpenSlot| if slots.iter().any(|s| s.key == slot.key) { slot.seats } else { 0 };
        let slots = world.slots.iter().map(|slot| OpenSlot { seats: kept(slot), ..*slot }).collect();
        Some(Group { world: World { people, slots, ..world.clone() }, help: help.clone() })
    };
    plan.unplaced.iter().filter_map(group).collect()
}

/// The slots that somebody could reach if people in them moved on.
fn reached(world: &World, plan: &Plan, from: &Person) -> Vec<OpenSlot> {
    let (mut reached, mut next): (Vec<OpenSlot>, Vec<&Person>) = (Vec::new(), vec![from]);
    while let Some(one) = next.pop() {
        for slot in world.slots.iter().filter(|slot| may_sit(world, one, slot)) {
            if !reached.contains(slot) {
                reached.push(*slot);
                let inside = plan.placed.iter().filter(|placement| placement.slot == slot.key);
                next.extend(inside.map(|placement| person(world, placement.resident)));
            }
        }
    }
    reached
}

/// The slots of a half-day as the therapist's own hours would give them, where they hold nothing then.
fn offered_by(world: &World, host: u8, half: &HalfDay) -> Option<Vec<OpenSlot>> {
    let extra =
        Exception { change: Change::Extra, on: half.on, hours: Some((half.from, half.to)), zone: half.zone };
    let therapist = therapist_id(host);
    let cut = slots(&[], &[extra], &[], 50, 10, hours(-10, 0, 1000));
    let overlaps = |span: &crate::domain::time::Span| {
        world.slots.iter().any(|slot| slot.key.therapist == therapist && slot.span.padded(10).overlaps(span))
    };
    let open = |span: &crate::domain::time::Span| OpenSlot {
        key: SlotKey { therapist, starts_at: span.starts_at() },
        span: *span,
        seats: 1,
    };
    (!cut.iter().any(overlaps)).then(|| cut.iter().map(open).collect())
}

/// The most that some half-days place, with whichever therapists are best.
fn best_with(group: &Group, half_days: &[HalfDay], added: &mut Vec<OpenSlot>) -> usize {
    let Some((half, rest)) = half_days.split_first() else { return group.placed_with(added) };
    let mut best = 0;
    for host in 0..4 {
        let mut world = group.world.clone();
        world.slots.extend_from_slice(added);
        let Some(more) = offered_by(&world, host, half) else { continue };
        let before = added.len();
        added.extend(more);
        best = best.max(best_with(group, rest, added));
        added.truncate(before);
    }
    best
}

/// Every half-day that any of the group has protected, as hours that begin with the first hour of use.
fn every_half_day(group: &Group) -> Vec<HalfDay> {
    let zone: Zone = "America/Denver".parse().unwrap();
    let mut all = Vec::new();
    for (day, (from, to)) in (0..5).flat_map(|day| [(day, (0, 4)), (day, (5, 9))]) {
        let of_use = |hour: &i64| {
            let span = slot(0, day, *hour, 1).span;
            let in_time = |person: &&Person| {
                crate::domain::eligibility::broken_by_time(person, &span, group.world.earliest_start)
                    .is_empty()
            };
            group.people().iter().any(in_time)
        };
        let Some(first) = (from..to).find(of_use) else { continue };
        let last = (from..to).rfind(of_use).unwrap();
        let at = |hour| wall(hours(day, hour, hour + 1).starts_at(), zone).naive;
        all.push(HalfDay {
            on: at(first).date(),
            afternoon: from == 5,
            from: at(first).time(),
            to: at(last + 1).time(),
            zone,
            visits: 0,
            programs: Vec::new(),
        });
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_help_that_is_claimed_places_whom_it_says(world in a_world(1..40, 0..20)) {
        let plan = plan(&world.question()).unwrap();
        for group in groups(&world, &plan) {
            let Help { without, places, half_days, .. } = &group.help;
            let before = group.placed_with(&[]);
            prop_assert_eq!(before + without, group.world.people.len());
            // Trying every therapist for more half-days takes too long here.
            if half_days.len() <= 3 {
                prop_assert!(best_with(&group, half_days, &mut Vec::new()) >= before + places, "{:?}", group.help);
            }
            prop_assert_eq!(half_days.is_empty(), *places == 0);
        }
    }

    #[test]
    fn where_more_than_one_half_day_is_named_none_alone_does(world in a_world(1..40, 0..20)) {
        let plan = plan(&world.question()).unwrap();
        for group in groups(&world, &plan) {
            let Help { without, places, half_days, cut_short } = &group.help;
            prop_assert!(!cut_short, "so small a group is searched to the end");
            for half in every_half_day(&group) {
                let alone = best_with(&group, std::slice::from_ref(&half), &mut Vec::new());
                if half_days.len() == 1 && places == without {
                    continue;
                }
                prop_assert!(alone < group.world.people.len(), "{:?} was overlooked: {:?}", half, group.help);
                prop_assert!(!half_days.is_empty() || alone <= group.placed_with(&[]), "{:?} would help", half);
            }
        }
    }
}

fn with_panel(people: Vec<Person>, slots: Vec<OpenSlot>) -> World {
    let (seed, weights) = (Seed::from_bytes([7; 32]), Weights::default());
    World { people, hosts: (0..4).map(therapist).collect(), slots, seed, earliest_start: opening(), weights }
}

fn told(world: &World) -> Vec<String> {
    let mut told: Vec<_> =
        plan(&world.question()).unwrap().unplaced.iter().map(|one| one.reason.to_string()).collect();
    told.dedup();
    told
}

/// Seven of cohort B for four seats, with short protected mornings on two Thursdays.
fn short_mornings() -> World {
    let protected = || vec![hours(1, 5, 9), hours(3, 0, 2), hours(10, 0, 2)];
    let people = (0..7).map(|number| resident(number, Some("B"), protected())).collect();
    let mut slots: Vec<_> = (5..9).map(|hour| slot(0, 1, hour, 1)).collect();
    // On that Tuesday everybody holds something for others, so no one could offer more.
    slots.extend((1..4).flat_map(|host| (5..9).map(move |hour| slot(host, 1, hour, 0))));
    with_panel(people, slots)
}

#[test]
fn two_half_days_are_named_where_none_alone_places_all() {
    assert_eq!(
        told(&short_mornings()),
        [
            "7 residents of cohort B share 4 seats before 1 September 2027, all taken; two more half-days would place \
          all three: Thursday 8 July, morning (8:00 to 10:00) and Thursday 15 July, morning (8:00 to 10:00), 2 visits each"
        ]
    );
}

#[test]
fn whoever_is_engaged_offers_no_half_day() {
    let world = short_mornings();
    let busy: Vec<_> = (0..4).map(|host| (therapist_id(host), hours(3, 0, 2))).collect();
    let mut question = world.question();
    question.visits.engaged = &busy;
    let told = plan(&question).unwrap().unplaced[0].reason.to_string();
    assert!(
        told.contains("Thursday 15 July, morning (8:00 to 10:00), two therapists with 2 visits each"),
        "{told}"
    );
}

#[test]
fn whom_somebody_avoids_changes_no_word_of_what_would_help() {
    let world = short_mornings();
    let words = told(&world);
    for (person, host) in (0..7).flat_map(|person| (1..4).map(move |host| (person, host))) {
        let mut other = world.clone();
        other.people[person].avoids = vec![therapist_id(host)];
        assert_eq!(told(&other), words, "{person} avoids {host}");
    }
}

#[test]
fn whom_nothing_fits_hears_of_a_half_day_for_the_whole_cohort() {
    let people = (0..3).map(|number| resident(number, Some("C"), vec![hours(2, 0, 4)])).collect();
    let told = told(&with_panel(people, vec![slot(0, 1, 0, 1)]));
    assert_eq!(
        told,
        [
            "protected time, but no slot fits; one would but for the bounds of protected time; one more half-day would \
          place all three of cohort C whom nothing fits: Wednesday 7 July, morning (8:00 to 12:00), 4 visits"
        ]
    );
}

#[test]
fn a_half_day_for_one_program_alone_says_so() {
    // The one of PEDS sits or waits with the three of IM; only for IM can anybody offer more.
    let mut people: Vec<_> = (0..4).map(|number| resident(number, None, vec![hours(1, 0, 4)])).collect();
    people[3].program = super::world::program(1);
    people[3].program_code = "PEDS".to_owned();
    let mut world = with_panel(people, vec![slot(0, 1, 0, 1)]);
    world.hosts.truncate(2);
    world.hosts[1].practice.supervises = vec![super::world::program(1)];
    let told: Vec<_> = told(&world).into_iter().filter(|words| words.contains("share")).collect();
    let told: Vec<_> = told.iter().map(|words| words.rsplit_once(" would place ").unwrap().1).collect();
    assert_eq!(told, ["all three: Tuesday 6 July, morning (8:00 to 12:00), 4 visits for IM"]);
}

#[test]
fn hours_begin_with_the_block_and_not_when_the_notice_ends() {
    let people = (0..2).map(|number| resident(number, Some("C"), vec![hours(2, 0, 4)])).collect();
    let mut world = with_panel(people, Vec::new());
    world.earliest_start = hours(2, 0, 1).starts_at() + chrono::Duration::seconds(1234);
    assert!(
        told(&world)[0].ends_with("Wednesday 7 July, morning (9:00 to 12:00), 3 visits"),
        "{:?}",
        told(&world)
    );
}

#[test]
fn a_large_group_is_told_that_not_everything_was_tried() {
    let world = season(600, 10);
    let plan = plan(&world.question()).unwrap();
    let cut = plan.unplaced.iter().any(|one| one.reason.to_string().contains("not everything was tried"));
    let helped =
        plan.unplaced.iter().filter(|one| one.reason.to_string().contains("six more half-days")).count();
    assert!(cut && helped > 100, "{}", plan.unplaced[0].reason);
}
