//! Why a placed resident sits where they do: what it costs, in points by part, and what the next best times would have
//! cost everybody together. For the resident alone: never a therapist, never another resident.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::moments::date_of;
use super::rows::{Field, to_u32};
use super::seat::Seated;
use super::weights::{UNIT, rising, unmet};
use crate::domain::eligibility::Wishes;
use crate::domain::matching::{NONE, Rows};
use crate::domain::people::Modality;
use crate::domain::time::{Instant, Span};

/// So many next best times are told.
const NEXT: usize = 3;

/// Why somebody sits where they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    /// What it costs.
    pub parts: Parts,
    /// The next best times, the best first.
    pub next: [Option<Next>; NEXT],
}

/// What one visit costs, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// The wish for a language.
    pub language: Wish,
    /// The wish for a therapist's gender.
    pub gender: Wish,
    /// The wish for how the visit is attended.
    pub modality: Wish,
    /// A therapist who does not serve the resident's own site.
    pub site: u32,
    /// Weeks from the offering's first day.
    pub earlier: u32,
    /// The last visit that the therapist holds on that day.
    pub day: u32,
    /// The last visit that the therapist holds.
    pub therapist: u32,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// None was stated.
    None,
    /// It is met.
    Met,
    /// It is not, which costs so many points.
    Unmet(u32),
}

/// A time that the resident might have had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// When.
    pub span: Span,
    /// The points that the whole plan would cost more, at least; none where somebody else would have no seat.
    pub more: Option<u32>,
}

impl Parts {
    /// All points together.
    #[must_use]
    pub fn points(&self) -> u32 {
        let wishes = [self.language, self.gender, self.modality].map(|wish| match wish {
            Wish::Unmet(points) => points,
            Wish::None | Wish::Met => 0,
        });
        wishes.iter().sum::<u32>() + self.site + self.earlier + self.day + self.therapist
    }
}

/// One slot of a resident's row as it is weighed against the one that they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rival {
    /// When it is.
    pub span: Span,
    /// Its number.
    pub slot: u32,
    /// What the whole plan would cost more, at least: its cost and price less those of the slot that they have.
    pub more: i64,
}

/// The best few of a row by what they would cost more, each time once: whoever sits there cannot tell two therapists at
/// one time apart, and need not. The time that they have is none of them. Of equal ones the earlier.
pub fn next_best(own: Span, row: impl Iterator<Item = Rival>) -> Vec<Rival> {
    let mut best: Vec<Rival> = Vec::with_capacity(NEXT + 1);
    let key = |one: &Rival| (one.more, one.span, one.slot);
    for rival in row.filter(|rival| rival.span != own) {
        if best.len() == NEXT && best.last().is_some_and(|last| key(last) <= key(&rival)) {
            continue;
        }
        match best.iter().position(|one| one.span == rival.span) {
            Some(same) if key(&best[same]) <= key(&rival) => continue,
            Some(same) => drop(best.remove(same)),
            None => {}
        }
        best.insert(best.partition_point(|one| key(one) < key(&rival)), rival);
        best.truncate(NEXT);
    }
    best
}

/// Puts the parts and the next best times together.
#[must_use]
pub fn here(parts: Parts, next: impl IntoIterator<Item = Next>) -> Here {
    let mut told = [None; NEXT];
    for (place, next) in told.iter_mut().zip(next) {
        *place = Some(next);
    }
    Here { parts, next: told }
}

/// Reads costs and prices off a finished seating.
pub(super) struct Counter<'a, R> {
    field: &'a Field<'a>,
    /// The rows with the costs that the prices belong to.
    rows: &'a R,
    seated: &'a Seated,
    /// Seats and visits of each therapist's day, and of each therapist.
    days: HashMap<(u32, i64), Load>,
    hosts: Vec<Load>,
}

#[derive(Clone, Copy, Default)]
struct Load {
    seats: u32,
    visits: u32,
}

impl<'a, R: Rows> Counter<'a, R> {
    pub fn new(field: &'a Field<'a>, rows: &'a R, seated: &'a Seated) -> Self {
        let mut counter = Self {
            field,
            rows,
            seated,
            days: HashMap::new(),
            hosts: vec![Load::default(); field.hosts.len()],
        };
        for (slot, open) in field.slots.iter().enumerate() {
            counter.add(slot, open.seats, 0);
        }
        for slot in seated.slot_of.iter().filter(|slot| **slot != NONE) {
            counter.add(*slot as usize, 0, 1);
        }
        counter
    }

    fn add(&mut self, slot: usize, seats: u32, visits: u32) {
        let day = self.days.entry(self.day(slot)).or_default();
        for load in [day, &mut self.hosts[self.field.host_of[slot] as usize]] {
            load.seats = load.seats.saturating_add(seats);
            load.visits += visits;
        }
    }

    fn day(&self, slot: usize) -> (u32, i64) {
        (self.field.host_of[slot], date_of(self.field.slots[slot].span.starts_at()))
    }

    /// Why somebody who is placed, by their place in the lottery, sits where they do.
    pub fn here(&self, person: usize, modality: Modality) -> Here {
        let slot = self.seated.slot_of[person];
        let own = self.seated.class_of[person];
        let (mut row, mut pays) = (Vec::new(), 0);
        self.rows.visit(to_u32(person), |choice| {
            // What one more visit in a class costs everybody else at least, and what it costs this person.
            let points =
                (i64::from(choice.cost) + self.seated.price[choice.class as usize]) * i64::from(UNIT);
            if choice.class == own {
                pays = points;
            }
            row.push((choice.class, points));
            true
        });
        let slots = row.iter().flat_map(|(class, points)| {
            let open = self.field.classes[*class as usize].iter();
            open.filter(|slot| self.field.slots[**slot as usize].seats > 0).map(|slot| (*slot, *points))
        });
        let span = |slot: u32| self.field.slots[slot as usize].span;
        let rivals = slots.map(|(slot, points)| {
            let more = if self.leaves_somebody_out(own, slot) { i64::MAX } else { points - pays };
            Rival { span: span(slot), slot, more }
        });
        let next = next_best(span(slot), rivals).into_iter();
        let next = next.map(|rival| Next { span: rival.span, more: u32::try_from(rival.more.max(0)).ok() });
        here(self.parts(person, slot, modality), next)
    }

    /// The same without next best times, where prices are not those of a cheapest plan.
    pub fn here_alone(&self, person: usize, modality: Modality) -> Here {
        here(self.parts(person, self.seated.slot_of[person], modality), [])
    }

    /// Whether somebody who moves from a class to a slot takes the seat of people who fit nowhere else: a class is shut
    /// together with all that its people could move to.
    fn leaves_somebody_out(&self, from: u32, to: u32) -> bool {
        let shut = |class: u32| self.seated.shut[class as usize];
        let (from, to) = (shut(from), shut(self.field.class_of[to as usize]));
        to > 0 && (from == 0 || to < from)
    }

    fn parts(&self, person: usize, slot: u32, modality: Modality) -> Parts {
        let number = slot as usize;
        let (person, host) = (self.field.people[person], self.field.host(slot));
        let weights = &self.field.weights;
        let Wishes { language, gender, modality: way } = &person.wishes;
        let stated = [language.is_some(), gender.is_some(), way.is_some()];
        let (shares, unmet) = (weights.shares(&person.wishes), unmet(&person.wishes, host, modality));
        let wish = |number: usize| match (stated[number], unmet[number]) {
            (false, _) => Wish::None,
            (true, false) => Wish::Met,
            (true, true) => Wish::Unmet(shares[number]),
        };
        let day = self.days.get(&self.day(number)).copied().unwrap_or_default();
        let therapist = self.hosts[self.field.host_of[number] as usize];
        let last = |most: u32, load: Load| {
            u32::try_from(rising(most, load.visits.saturating_sub(1), load.seats)).unwrap_or(0)
        };
        let starts_at: Instant = self.field.slots[number].span.starts_at();
        Parts {
            language: wish(0),
            gender: wish(1),
            modality: wish(2),
            site: weights.elsewhere(person.site, host),
            earlier: weights.later(self.field.opens, starts_at),
            day: last(weights.day_load, day),
            therapist: last(weights.therapist_load, therapist),
        }
    }
}
