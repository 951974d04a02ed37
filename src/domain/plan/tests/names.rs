//! The lottery knows no name: over a thousand seeds, whoever comes first in the alphabet or in the file is placed as often
//! as anybody, and on no earlier date.

use super::world::{World, hours, resident, slot};
use super::{planned, small};
use crate::domain::plan::Seed;

/// Lotteries that are drawn.
const SEEDS: u32 = 1000;
/// Residents, numbered as a roster sorted by name numbers them.
const PEOPLE: u64 = 12;
/// Days with one seat each, which everybody may have.
const DAYS: i64 = 8;

fn seed(number: u32) -> Seed {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Seed::from_bytes(bytes)
}

fn short_season() -> World {
    let everywhere: Vec<_> = (0..DAYS).map(|day| hours(day, 0, 4)).collect();
    let people = (0..PEOPLE).map(|number| resident(number, None, everywhere.clone())).collect();
    small(people, (0..DAYS).map(|day| slot(0, day, 0, 1)).collect())
}

/// How far apart two lists of numbers go together, from -1 to 1 (Pearson's coefficient).
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    let (x, y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0 / count, y + pair.1 / count));
    let (mut both, mut of_x, mut of_y) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        both += (a - x) * (b - y);
        of_x += (a - x).powi(2);
        of_y += (b - y).powi(2);
    }
    both / (of_x * of_y).sqrt()
}

#[test]
fn over_a_thousand_seeds_neither_a_seat_nor_its_date_goes_with_the_place_in_the_file() {
    let mut world = short_season();
    let (mut placed, mut dates) = (Vec::new(), Vec::new());
    let mut times = vec![0_u32; PEOPLE as usize];
    for number in 0..SEEDS {
        world.seed = seed(number);
        let plan = planned(&world);
        for (place, person) in world.people.iter().enumerate() {
            let seat = plan.placed.iter().find(|one| one.resident == person.id);
            placed.push((place as f64, f64::from(u8::from(seat.is_some()))));
            if let Some(seat) = seat {
                times[place] += 1;
                dates.push((place as f64, seat.slot.starts_at.timestamp() as f64));
            }
        }
    }
    // Of two unrelated lists so long, four standard deviations (1 / sqrt of the length) come about once in 16,000.
    assert!(correlation(&placed).abs() < 4.0 / (placed.len() as f64).sqrt(), "{}", correlation(&placed));
    assert!(correlation(&dates).abs() < 4.0 / (dates.len() as f64).sqrt(), "{}", correlation(&dates));
    // Everybody is placed 667 times of 1,000, give or take 15 (a binomial's standard deviation).
    assert!(times.iter().all(|times| (600..735).contains(times)), "{times:?}");
}
