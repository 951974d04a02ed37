//! Why a placed resident sits where they do: what it costs, in points by part, and what the next best times would have
//! cost everybody together. For the resident alone: never a therapist, never another resident.

use serde::{Deserialize, Serialize};

use super::matching::Seating;
use super::rows::Field;
use super::supply::Supply;
use super::weights::unmet;
use crate::domain::eligibility::Wishes;
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

/// More points than any exchange of seats costs: only whoever would leave somebody out comes so high.
const LEAVES_SOMEBODY_OUT: i64 = 1 << 31;

/// Reads costs and prices off a finished seating.
pub(super) struct Counter<'a> {
    field: &'a Field<'a>,
    supply: &'a Supply,
    seating: &'a Seating,
    day_load: Vec<u32>,
    therapist_load: Vec<u32>,
}

impl<'a> Counter<'a> {
    pub fn new(field: &'a Field<'a>, supply: &'a Supply, seating: &'a Seating) -> Self {
        let mut day_load = vec![0; supply.days.len()];
        let mut therapist_load = vec![0; supply.therapists.len()];
        for slot in seating.slot_of.iter().flatten() {
            let day = supply.day_of[*slot as usize] as usize;
            day_load[day] += 1;
            therapist_load[supply.therapist_of[day] as usize] += 1;
        }
        Self { field, supply, seating, day_load, therapist_load }
    }

    /// Why somebody, by their place in the lottery, sits in a slot.
    pub fn here(&self, person: usize, slot: u32, modality: Modality) -> Here {
        let row = self.field.row_at(person);
        let total = |slot: u32, points: u32| i64::from(points) + self.price_of(slot);
        let own = row.iter().find(|choice| choice.slot == slot);
        let own = own.map_or(0, |own| total(own.slot, own.points));
        let span = |slot: u32| self.field.slots[slot as usize].span;
        let rivals = row.iter().map(|choice| Rival {
            span: span(choice.slot),
            slot: choice.slot,
            more: total(choice.slot, choice.points) - own,
        });
        let next = next_best(span(slot), rivals).into_iter().map(|rival| {
            let more = u32::try_from(rival.more.max(0)).ok().filter(|_| rival.more < LEAVES_SOMEBODY_OUT);
            Next { span: rival.span, more }
        });
        here(self.parts(person, slot, modality), next)
    }

    /// What one more visit in a slot costs everybody else at least: the price that the solver leaves there.
    fn price_of(&self, slot: u32) -> i64 {
        -self.seating.price[slot as usize]
    }

    fn parts(&self, person: usize, slot: u32, modality: Modality) -> Parts {
        let (person, host) = (self.field.people[person], self.field.hosts[slot as usize]);
        let weights = &self.field.weights;
        let Wishes { language, gender, modality: way } = &person.wishes;
        let stated = [language.is_some(), gender.is_some(), way.is_some()];
        let (shares, unmet) = (weights.shares(&person.wishes), unmet(person, host, modality));
        let wish = |number: usize| match (stated[number], unmet[number]) {
            (false, _) => Wish::None,
            (true, false) => Wish::Met,
            (true, true) => Wish::Unmet(shares[number]),
        };
        let day = self.supply.day_of[slot as usize] as usize;
        let therapist = self.supply.therapist_of[day] as usize;
        let (of_day, of_therapist) = (self.day_load[day], self.therapist_load[therapist]);
        let last = |points: i64| u32::try_from(points).unwrap_or(0);
        let starts_at: Instant = self.field.slots[slot as usize].span.starts_at();
        Parts {
            language: wish(0),
            gender: wish(1),
            modality: wish(2),
            site: weights.elsewhere(person, host),
            earlier: weights.later(self.field.opens, starts_at),
            day: last(weights.day(of_day.saturating_sub(1), self.supply.days[day].seats)),
            therapist: last(
                weights.therapist(of_therapist.saturating_sub(1), self.supply.therapists[therapist].seats),
            ),
        }
    }
}
