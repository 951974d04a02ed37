//! What one seat costs compared with another, in points: small whole numbers, so that the least cost is exact.
//! Never decides who is placed, only where.

use crate::domain::eligibility::{Host, Person};
use crate::domain::people::Modality;

/// Points for a visit in another language than the one wished for.
const LANGUAGE: u32 = 100;
/// Points for a therapist of another gender than the one wished for.
const GENDER: u32 = 60;
/// Points for another modality than the one wished for.
const MODALITY: u32 = 40;
/// Points that the last seat of a therapist's day costs; the first ones cost little.
const DAY: u64 = 60;
/// Points that a therapist's last seat of the season costs.
const THERAPIST: u64 = 120;

/// The points of a visit by its wishes: 0 where all are met or none was made.
///
/// Everybody's wishes weigh the same; nobody can buy an early slot with a loud wish.
pub(super) fn visit(person: &Person, host: &Host, modality: Modality) -> u32 {
    let wishes = &person.wishes;
    let same = |wish: &str, has: &str| wish.trim().to_lowercase() == has.trim().to_lowercase();
    let spoken = |wish: &String| host.practice.languages.iter().any(|has| same(wish, has));
    let mut points = 0;
    if !wishes.language.as_ref().is_none_or(spoken) {
        points += LANGUAGE;
    }
    if !wishes.gender.as_ref().is_none_or(|wish| same(wish, &host.practice.gender)) {
        points += GENDER;
    }
    if wishes.modality.is_some_and(|wish| wish != modality) {
        points += MODALITY;
    }
    points
}

/// The points that one more seat of a therapist's day costs when `taken` of its `seats` are taken.
pub(super) const fn day(taken: u32, seats: u32) -> i64 {
    rising(DAY, taken, seats)
}

/// The points that one more seat of a therapist costs when `taken` of their `seats` are taken.
pub(super) const fn therapist(taken: u32, seats: u32) -> i64 {
    rising(THERAPIST, taken, seats)
}

/// Rises in equal steps from about 0 to `most`, so that filling two therapists half is cheaper than one wholly.
const fn rising(most: u64, taken: u32, seats: u32) -> i64 {
    if seats == 0 {
        return 0;
    }
    (most * (2 * taken as u64 + 1) / (2 * seats as u64)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_seat_never_costs_less_than_the_one_before() {
        for seats in 1..=40 {
            let steps: Vec<i64> = (0..seats).map(|taken| therapist(taken, seats)).collect();
            assert!(steps.is_sorted(), "{steps:?}");
            assert!((0..=120).contains(&steps[0]) && steps.last().is_some_and(|last| *last <= 120));
        }
    }
}
