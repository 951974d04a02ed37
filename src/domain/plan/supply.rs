//! What there is to fill: slots in therapists' days, days in therapists, each with its seats.
//! The groups nest, which is what keeps loads that rise in cost exact. Never knows who may sit where.

use std::collections::HashMap;

use super::Weights;
use super::rows::{Field, to_u32};

/// Slots by number, grouped by therapist's day and by therapist.
pub(super) struct Supply {
    /// Seats of each slot.
    pub seats: Vec<u32>,
    /// The day of each slot.
    pub day_of: Vec<u32>,
    /// The therapists' days.
    pub days: Vec<Group>,
    /// The therapist of each day.
    pub therapist_of: Vec<u32>,
    /// The therapists.
    pub therapists: Vec<Group>,
    /// What loads cost.
    pub weights: Weights,
}

/// Slots of one day, or days of one therapist.
#[derive(Default)]
pub(super) struct Group {
    /// The numbers of what it holds.
    pub members: Vec<u32>,
    /// Seats of all that it holds.
    pub seats: u32,
}

impl Supply {
    pub fn new(field: &Field<'_>) -> Self {
        let mut supply = Self {
            seats: Vec::with_capacity(field.slots.len()),
            day_of: Vec::with_capacity(field.slots.len()),
            days: Vec::new(),
            therapist_of: Vec::new(),
            therapists: Vec::new(),
            weights: field.weights,
        };
        let mut known_days = HashMap::new();
        let mut known_therapists = HashMap::new();
        for (slot, open) in field.slots.iter().enumerate() {
            let therapist = open.key.therapist;
            let date = date_of(open.span.starts_at().timestamp());
            let day = *known_days.entry((therapist, date)).or_insert_with(|| {
                let number = *known_therapists.entry(therapist).or_insert_with(|| {
                    supply.therapists.push(Group::default());
                    to_u32(supply.therapists.len() - 1)
                });
                supply.days.push(Group::default());
                supply.therapist_of.push(number);
                supply.therapists[number as usize].members.push(to_u32(supply.days.len() - 1));
                to_u32(supply.days.len() - 1)
            });
            supply.add(to_u32(slot), day, open.seats);
        }
        supply
    }

    fn add(&mut self, slot: u32, day: u32, seats: u32) {
        self.seats.push(seats);
        self.day_of.push(day);
        let group = &mut self.days[day as usize];
        group.members.push(slot);
        group.seats = group.seats.saturating_add(seats);
        let therapist = &mut self.therapists[self.therapist_of[day as usize] as usize];
        therapist.seats = therapist.seats.saturating_add(seats);
    }
}

/// The day on which a slot counts, cut at 08:00 UTC: at night from Newfoundland to Hawaii, so that no working
/// day of one therapist falls apart, whatever zone a resident reads it in.
const fn date_of(timestamp: i64) -> i64 {
    (timestamp - 8 * 3600).div_euclid(24 * 3600)
}
