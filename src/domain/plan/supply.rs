//! What there is to fill: classes in therapists' days, days in therapists, therapists in those who serve the same
//! sites, each with its seats. A level that weighs nothing is left out. Never knows who may sit where.
//!
//! The groups nest, which is what keeps loads that rise in cost exact.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use super::moments::date_of;
use super::rows::{Field, to_u32};
use super::weights::{UNIT, rising};
use crate::domain::id::SiteId;
use crate::domain::matching::{self, Groups, NONE};

/// Seats of one group: all, by which its costs rise, and those that anybody's time lets in, which it may give.
#[derive(Clone, Copy, Default)]
struct Seats {
    all: u32,
    usable: u32,
}

/// One level of groups: the number of each slot's group, and each group's seats.
struct Level {
    of_slot: Vec<u32>,
    seats: Vec<Seats>,
}

/// What there is to fill, in the engine's numbers; costs in units.
pub(super) fn supply(field: &Field<'_>) -> matching::Supply {
    let weights = &field.weights;
    let mut levels: Vec<(u32, Level)> = Vec::new();
    if weights.site_load > 0 {
        let sites = |host: usize| {
            let mut sites: Vec<SiteId> = field.hosts[host].practice.sites.clone();
            sites.sort_unstable();
            sites.dedup();
            sites
        };
        let of_host = number(0..field.hosts.len(), sites);
        let of_slot = field.host_of.iter().map(|host| of_host[*host as usize]).collect();
        levels.push((weights.site_load, Level::new(field, of_slot)));
    }
    if weights.therapist_load > 0 {
        levels.push((weights.therapist_load, Level::new(field, field.host_of.clone())));
    }
    if weights.day_load > 0 {
        let day = |slot: usize| (field.host_of[slot], date_of(field.slots[slot].span.starts_at()));
        levels.push((weights.day_load, Level::new(field, number(0..field.slots.len(), day))));
    }
    let (mut groups, mut above) = (Groups::default(), vec![NONE; field.slots.len()]);
    for (most, level) in levels {
        above = level.push(&mut groups, most, &above, field.people.len());
    }
    // More seats than people are never needed, and cost memory.
    let people = to_u32(field.people.len());
    let seats =
        |class: &Vec<u32>| sum(class.iter().map(|slot| field.slots[*slot as usize].seats)).min(people);
    let group = |class: &Vec<u32>| above[class[0] as usize];
    matching::Supply {
        seats: field.classes.iter().map(seats).collect(),
        group: field.classes.iter().map(group).collect(),
        groups,
    }
}

impl Level {
    fn new(field: &Field<'_>, of_slot: Vec<u32>) -> Self {
        let groups = of_slot.iter().max().map_or(0, |last| *last as usize + 1);
        let mut seats = vec![Seats::default(); groups];
        for (slot, group) in of_slot.iter().enumerate() {
            let (more, group) = (field.slots[slot].seats, &mut seats[*group as usize]);
            group.all = group.all.saturating_add(more);
            if field.class_of[slot] != NONE {
                group.usable = group.usable.saturating_add(more);
            }
        }
        Self { of_slot, seats }
    }

    /// Adds the groups, each in that which holds its slots so far. Gives the group of each slot from now on.
    fn push(&self, groups: &mut Groups, most: u32, above: &[u32], people: usize) -> Vec<u32> {
        let mut parent = vec![NONE; self.seats.len()];
        for (slot, group) in self.of_slot.iter().enumerate() {
            parent[*group as usize] = above[slot];
        }
        let first = to_u32(groups.len());
        for (seats, parent) in self.seats.iter().zip(parent) {
            // No group gives more seats than there are people.
            let steps = 0..seats.usable.min(to_u32(people));
            groups.push(parent, steps.map(|taken| units(rising(most, taken, seats.all))));
        }
        self.of_slot.iter().map(|group| first + group).collect()
    }
}

/// Numbers things in the order in which they are first seen.
fn number<T: Hash + Eq>(things: Range<usize>, what: impl Fn(usize) -> T) -> Vec<u32> {
    let mut known = HashMap::new();
    let mut next = 0;
    things
        .map(|thing| {
            *known.entry(what(thing)).or_insert_with(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

fn units(points: i64) -> i32 {
    i32::try_from(points / i64::from(UNIT)).unwrap_or(i32::MAX)
}

fn sum(seats: impl Iterator<Item = u32>) -> u32 {
    seats.fold(0, u32::saturating_add)
}
