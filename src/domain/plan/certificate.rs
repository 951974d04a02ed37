//! Checks in one pass, from the prices alone, that nobody more can be placed and no seating of the same people costs
//! less. Shares no code with the solver, and never repairs what it finds.

use super::matching::Seating;
use super::rows::Field;
use super::supply::Supply;

/// A price below this belongs to a slot from which no free seat can be reached. No path is worth so many points.
const SHUT: i64 = -(1 << 39);

/// Whether the prices prove the seating: no move that is still possible has a negative reduced cost, and who is left
/// out fits only where the door is shut.
pub(super) fn holds(field: &Field<'_>, supply: &Supply, seating: &Seating) -> bool {
    let price = &seating.price;
    let weights = &supply.weights;
    let (slots, days) = (supply.seats.len(), supply.days.len());
    let mut taken = vec![0_u32; slots];
    for (person, slot) in seating.slot_of.iter().enumerate() {
        let row = field.row_at(person);
        let proved = match slot {
            None => row.iter().all(|choice| price[choice.slot as usize] < SHUT),
            Some(slot) => row.iter().find(|choice| choice.slot == *slot).is_some_and(|own| {
                taken[*slot as usize] += 1;
                let worth = |slot: u32, points: u32| i64::from(points) - price[slot as usize];
                row.iter().all(|other| worth(other.slot, other.points) >= worth(own.slot, own.points))
            }),
        };
        if !proved {
            return false;
        }
    }
    let mut day_load = vec![0_u32; days];
    let mut therapist_load = vec![0_u32; supply.therapists.len()];
    for (slot, load) in taken.iter().enumerate() {
        day_load[supply.day_of[slot] as usize] += load;
        therapist_load[supply.therapist_of[supply.day_of[slot] as usize] as usize] += load;
    }
    let slots_hold = (0..slots).all(|slot| {
        let day = price[slots + supply.day_of[slot] as usize];
        flows(taken[slot], supply.seats[slot], price[slot], day, |_, _| 0)
    });
    let days_hold = (0..days).all(|day| {
        let therapist = price[slots + days + supply.therapist_of[day] as usize];
        flows(day_load[day], supply.days[day].seats, price[slots + day], therapist, |taken, seats| {
            weights.day(taken, seats)
        })
    });
    let therapists_hold = supply.therapists.iter().enumerate().all(|(number, therapist)| {
        let step = |taken, seats| weights.therapist(taken, seats);
        flows(therapist_load[number], therapist.seats, price[slots + days + number], 0, step)
    });
    slots_hold && days_hold && therapists_hold
}

/// Whether neither one visit more nor one fewer from one level to the next would save anything at these prices.
fn flows(load: u32, seats: u32, from: i64, to: i64, step: impl Fn(u32, u32) -> i64) -> bool {
    let no_more = load == seats || step(load, seats) + from - to >= 0;
    let no_fewer = load == 0 || step(load - 1, seats) + from - to <= 0;
    load <= seats && no_more && no_fewer
}
