//! A large season by plain arithmetic: residents in cohorts with half-days off, nights and vacations, and panels of
//! therapists with half-days of slots, over eight weeks.

use super::oracle::{could_be_cheaper, largest};
use super::planned;
use super::world::{World, cheapest, hours, opening, resident, slot, therapist};
use crate::domain::eligibility::{Wishes, merged};
use crate::domain::plan::Seed;

/// The number's digits of a linear congruence: the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// `people` residents, and about `half_days` half-days of four slots each.
pub fn season(people: u64, half_days: u64) -> World {
    let mut dice = Dice(1);
    let mut residents = Vec::new();
    while (residents.len() as u64) < people {
        let half = |dice: &mut Dice| (dice.below(5), if dice.below(2) == 0 { (0, 4) } else { (5, 9) });
        let (first, second, phase) = (half(&mut dice), half(&mut dice), dice.below(4));
        let mut protected = Vec::new();
        for week in 0..8 {
            for (day, (from, to)) in [first, second] {
                protected.push(hours((week * 7 + day) as i64, from, to));
            }
            if week % 4 == phase {
                protected.extend((0..5).map(|day| hours((week * 7 + day) as i64, 5, 9)));
            }
        }
        for _ in 0..3 + dice.below(6) {
            let mut person = resident(residents.len() as u64, Some("A"), protected.clone());
            let nights = dice.below(8) as i64 * 7;
            let day_off = dice.below(56) as i64;
            person.never = merged(vec![hours(nights, 0, 168), hours(day_off, 0, 24)]);
            person.wishes = Wishes {
                language: (dice.below(10) == 0).then(|| "Spanish".to_owned()),
                gender: (dice.below(4) == 0).then(|| "male".to_owned()),
                modality: None,
            };
            // A cohort is supervised by some of the therapists and knows some others.
            person.avoids = (0..dice.below(3)).map(|_| therapist(dice.below(60) as u8).id).collect();
            residents.push(person);
        }
    }
    residents.truncate(people as usize);
    let mut slots = std::collections::BTreeMap::new();
    for _ in 0..half_days {
        let (host, day) = (dice.below(60), dice.below(8) * 7 + dice.below(5));
        let from = dice.below(2) * 5;
        let seats = if dice.below(25) == 0 { 6 } else { 1 };
        for hour in from..from + 4 {
            let slot = slot(host as u8, day as i64, hour as i64, seats);
            slots.insert(slot.key, slot);
        }
    }
    let mut hosts: Vec<_> = (0..60).map(therapist).collect();
    for host in &mut hosts {
        if dice.below(3) == 0 {
            host.practice.languages.push("Spanish".to_owned());
        }
        if dice.below(2) == 0 {
            host.practice.gender = "male".to_owned();
        }
    }
    let slots = slots.into_values().collect();
    let (seed, weights) = (Seed::from_bytes([9; 32]), cheapest());
    World { people: residents, hosts, slots, seed, earliest_start: opening(), weights }
}

#[test]
fn a_season_of_three_hundred_is_planned_whole_when_long_and_by_lottery_when_short() {
    let world = season(300, 200);
    assert_eq!(planned(&world).unplaced, []);
    let world = season(300, 50);
    let short = planned(&world);
    let seats: u32 = world.slots.iter().map(|slot| slot.seats).sum();
    assert!(short.placed.len() <= seats as usize && !short.unplaced.is_empty());
    assert_eq!(short.placed.len(), largest(&world, &world.people.iter().collect::<Vec<_>>()));
    assert!(!could_be_cheaper(&world, &short));
}
