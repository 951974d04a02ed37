//! The wish that no more than a share of one program is away in one half-day. It crosses the nested groups of seats, so
//! it is treated by tolls after the exact answer: a heuristic, and the plan says so. Never changes who is placed.
//!
//! Where more of a program sit in a half-day than the share, as many as it allows have a pass: those who would lose most
//! elsewhere. Everybody else of the program pays a toll there, and also where just as many sit as may; the places are found
//! again, exactly, with the tolls as costs. One toll for all would not do: whoever is alike would move together, from one
//! half-day to the next and back.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, Timelike};
use serde::{Deserialize, Serialize};

use super::rows::{Field, to_u32};
use super::seat::{Seated, seat_drawn};
use super::supply::supply;
use crate::domain::id::ProgramId;
use crate::domain::matching::{Choice, NONE, Rows, Supply};
use crate::domain::time::{Instant, Zone, wall};

/// So often places are found again at most.
const ROUNDS: u32 = 6;
/// By so many units a toll rises in each round: as much as all wishes weigh by default.
const STEP: u32 = 20;
/// A program of fewer people in the question has no share that would mean anything.
const LEAST: usize = 4;

/// What became of the wish in a plan that did not keep it at once. A heuristic: not proved the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// How often places were found again with tolls, at most 6.
    pub rounds: u32,
    /// Visits over the share in the cheapest seating.
    pub over_before: usize,
    /// Visits over the share that are left.
    pub over: usize,
    /// In how many half-days the cheapest seating has more of a program than the share, each program by itself.
    pub half_days: usize,
}

impl Away {
    /// What two plans of one batch, for different people, say together.
    #[must_use]
    pub fn both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(Self {
                rounds: one.rounds.max(other.rounds),
                over_before: one.over_before + other.over_before,
                over: one.over + other.over,
                half_days: one.half_days + other.half_days,
            }),
            (one, other) => one.or(other),
        }
    }
}

/// What was tried, and the answer to be kept; none where the first is the best.
pub(super) struct Apart<'a> {
    pub away: Away,
    pub kept: Option<Kept<'a>>,
}

/// An answer with everything that its proof needs.
pub(super) struct Kept<'a> {
    pub field: Field<'a>,
    pub supply: Supply,
    pub seated: Seated,
    ground: Ground,
    tolls: Tolls,
}

impl<'a> Kept<'a> {
    /// The rows with the tolls of the answer's own round.
    pub const fn rows(&self) -> Tolled<'_, 'a> {
        Tolled { field: &self.field, ground: &self.ground, tolls: &self.tolls }
    }
}

/// A half-day of one program: both by number.
type Gap = (u32, u32);

/// Half-days of the calendar by number, remembered by zone and time.
#[derive(Default)]
struct Calendar {
    known: HashMap<(Zone, Instant), u32>,
    numbers: HashMap<(NaiveDate, bool), u32>,
}

impl Calendar {
    fn half(&mut self, zone: Zone, at: Instant) -> u32 {
        let numbers = &mut self.numbers;
        *self.known.entry((zone, at)).or_insert_with(|| {
            let local = wall(at, zone).naive;
            let next = to_u32(numbers.len());
            *numbers.entry((local.date(), local.hour() >= 12)).or_insert(next)
        })
    }
}

/// How many of each program may be away, and who sits when.
struct Shares {
    /// The program of each person, in lottery order.
    program_of: Vec<u32>,
    /// How many of each program may be away in one half-day.
    allowed: Vec<usize>,
    calendar: Calendar,
}

/// Who of each program sits in each half-day, in lottery order.
type Crowds = BTreeMap<Gap, Vec<u32>>;

impl Shares {
    fn new(field: &Field<'_>) -> Self {
        let (mut numbers, mut people) = (HashMap::<ProgramId, u32>::new(), Vec::new());
        let number = |person: &&crate::domain::eligibility::Person| {
            let number = *numbers.entry(person.program).or_insert_with(|| {
                people.push(0_usize);
                to_u32(people.len() - 1)
            });
            people[number as usize] += 1;
            number
        };
        let program_of = field.people.iter().map(number).collect();
        let percent = field.weights.away_percent as usize;
        let allowed = |people: usize| match people < LEAST {
            true => usize::MAX,
            false => (people * percent).div_ceil(100).max(1),
        };
        let allowed = people.into_iter().map(allowed).collect();
        Self { program_of, allowed, calendar: Calendar::default() }
    }

    fn crowds(&mut self, field: &Field<'_>, seated: &Seated) -> Crowds {
        let mut crowds = Crowds::new();
        for (person, slot) in (0..).zip(&seated.slot_of).filter(|(_, slot)| **slot != NONE) {
            let program = self.program_of[person as usize];
            let open = field.slots[*slot as usize];
            if self.allowed[program as usize] < usize::MAX {
                let half = self.calendar.half(field.people[person as usize].zone, open.span.starts_at());
                crowds.entry((program, half)).or_default().push(person);
            }
        }
        crowds
    }

    fn excess(&self, (gap, people): (&Gap, &Vec<u32>)) -> usize {
        people.len().saturating_sub(self.allowed[gap.0 as usize])
    }

    fn over(&self, crowds: &Crowds) -> usize {
        crowds.iter().map(|crowd| self.excess(crowd)).sum()
    }
}

/// Which half-day each class is in, as each person sees it.
struct Ground {
    /// The number of each person's zone.
    zone_of: Vec<u32>,
    /// The half-day of each class in each zone.
    half_of: Vec<Vec<u32>>,
    program_of: Vec<u32>,
}

impl Ground {
    /// For a field whose classes never lie on both sides of a noon.
    fn new(field: &Field<'_>, shares: &mut Shares) -> Self {
        let (mut known, mut half_of) = (HashMap::new(), Vec::new());
        let mut number = |zone: Zone| {
            *known.entry(zone).or_insert_with(|| {
                let at = |class: &Vec<u32>| field.slots[class[0] as usize].span.starts_at();
                let halves = field.classes.iter().map(|class| shares.calendar.half(zone, at(class)));
                half_of.push(halves.collect());
                to_u32(half_of.len() - 1)
            })
        };
        let zone_of = field.people.iter().map(|person| number(person.zone)).collect();
        Self { zone_of, half_of, program_of: shares.program_of.clone() }
    }

    fn halves(&self, person: u32) -> &[u32] {
        &self.half_of[self.zone_of[person as usize] as usize]
    }
}

/// What sitting in a half-day costs besides, in units, and who has a pass.
#[derive(Clone)]
struct Tolls {
    /// By program and half-day; a program without any has an empty list.
    toll: Vec<Vec<u32>>,
    /// The half-days for which each person has a pass.
    passes: Vec<Vec<Gap>>,
}

impl Tolls {
    fn of(&self, program: u32, person: u32, half: u32) -> u32 {
        match self.toll[program as usize].get(half as usize) {
            Some(toll) if *toll > 0 && !self.passes[person as usize].contains(&(program, half)) => *toll,
            _ => 0,
        }
    }

    /// Asks a toll in one half-day of everybody of the program but those who now have a pass; a higher one if it is to be
    /// asked again.
    fn raise(&mut self, (program, half): Gap, with_pass: &[u32], again: bool) {
        let tolls = &mut self.toll[program as usize];
        tolls.resize(tolls.len().max(half as usize + 1), 0);
        let toll = &mut tolls[half as usize];
        *toll = if again { *toll + STEP } else { (*toll).max(STEP) };
        for person in with_pass {
            self.passes[*person as usize].push((program, half));
        }
    }

    /// Takes back all passes for one half-day.
    fn take_back(&mut self, gap: Gap) {
        self.passes.iter_mut().for_each(|passes| passes.retain(|pass| *pass != gap));
    }
}

/// The rows of a field with tolls.
pub(super) struct Tolled<'a, 'b> {
    field: &'a Field<'b>,
    ground: &'a Ground,
    tolls: &'a Tolls,
}

impl Rows for Tolled<'_, '_> {
    const ASCENDING: bool = false;

    fn people(&self) -> usize {
        self.field.people.len()
    }

    fn visit(&self, person: u32, mut visit: impl FnMut(Choice) -> bool) {
        let program = self.ground.program_of[person as usize];
        if self.tolls.toll[program as usize].is_empty() {
            return self.field.visit(person, visit);
        }
        let halves = self.ground.halves(person);
        self.field.visit(person, |choice| {
            let toll = self.tolls.of(program, person, halves[choice.class as usize]);
            visit(Choice { cost: choice.cost + toll, class: choice.class })
        });
    }
}

/// Tries to keep the wish for the people who are seated; none where it is kept already, or there is no such wish.
pub(super) fn apart<'a>(field: &Field<'a>, supply_of: &Supply, seated: &Seated) -> Option<Apart<'a>> {
    if field.weights.away_percent >= 100 {
        return None;
    }
    let mut shares = Shares::new(field);
    let crowds = shares.crowds(field, seated);
    let over = shares.over(&crowds);
    if over == 0 {
        return None;
    }
    let half_days = crowds.iter().filter(|crowd| shares.excess(*crowd) > 0).count();
    let first = (over, cost(field, supply_of, seated));
    let field = Field::cut_at_noon(&field.question);
    let supply = supply(&field);
    let people: Vec<u32> =
        (0..).zip(&seated.slot_of).filter(|(_, slot)| **slot != NONE).map(|(p, _)| p).collect();
    let ground = Ground::new(&field, &mut shares);
    let mut search = Search { field: &field, supply: &supply, ground: &ground, people, shares };
    let (rounds, best) = search.rounds(first);
    let away = |over| Away { rounds, over_before: first.0, over, half_days };
    Some(match best {
        None => Apart { away: away(first.0), kept: None },
        Some((over, seated, tolls)) => {
            Apart { away: away(over), kept: Some(Kept { field, supply, seated, ground, tolls }) }
        }
    })
}

/// Rounds of rising tolls.
struct Search<'s, 'a> {
    field: &'s Field<'a>,
    supply: &'s Supply,
    ground: &'s Ground,
    /// Those who were drawn.
    people: Vec<u32>,
    shares: Shares,
}

impl Search<'_, '_> {
    /// How many rounds there were, and the best answer with its tolls if it is better than the first: fewest visits over
    /// the share, and of those the least cost without tolls.
    fn rounds(&mut self, first: (usize, i64)) -> (u32, Option<(usize, Seated, Tolls)>) {
        let programs = self.shares.allowed.len();
        let mut tolls =
            Tolls { toll: vec![Vec::new(); programs], passes: vec![Vec::new(); self.field.people.len()] };
        let (mut least, mut best) = (first, None);
        for round in 0..=ROUNDS {
            // Round 0 has no tolls: its prices are those of classes that never lie on both sides of a noon.
            let rows = Tolled { field: self.field, ground: self.ground, tolls: &tolls };
            let seated = seat_drawn(self.field, &rows, self.supply, self.people.clone());
            let crowds = self.shares.crowds(self.field, &seated);
            let over = self.shares.over(&crowds);
            let now = (over, cost(self.field, self.supply, &seated));
            let next = (over > 0 && round < ROUNDS).then(|| self.raised(&tolls, &seated, &crowds)).flatten();
            let ends = next.is_none();
            let used = next.map(|next| std::mem::replace(&mut tolls, next));
            if now < least {
                least = now;
                best = Some((over, seated, used.unwrap_or_else(|| tolls.clone())));
            }
            if ends {
                return (round, best);
            }
        }
        (ROUNDS, best)
    }

    /// The tolls of the next round; none where nobody without a pass could sit at another time.
    fn raised(&self, tolls: &Tolls, seated: &Seated, crowds: &Crowds) -> Option<Tolls> {
        let (mut next, mut hope) = (tolls.clone(), false);
        let full = |(gap, crowd): &(&Gap, &Vec<u32>)| crowd.len() >= self.shares.allowed[gap.0 as usize];
        let over: BTreeSet<u32> =
            crowds.iter().filter(|crowd| self.shares.excess(*crowd) > 0).map(|(gap, _)| gap.0).collect();
        for (gap, crowd) in crowds.iter().filter(full).filter(|(gap, _)| over.contains(&gap.0)) {
            let loses = |person: &u32| self.loses(*person, gap.1, (tolls, seated, crowds));
            let mut losses: Vec<_> = crowd.iter().map(|person| (Reverse(loses(person)), *person)).collect();
            losses.sort_unstable();
            let (with_pass, others) = losses.split_at(self.shares.allowed[gap.0 as usize]);
            hope |= others.iter().any(|(Reverse(loss), _)| *loss < i64::MAX);
            next.take_back(*gap);
            let with_pass: Vec<u32> = with_pass.iter().map(|(_, person)| *person).collect();
            // Where just as many sit as may, whoever must leave elsewhere is not to come; once is enough.
            next.raise(*gap, &with_pass, !others.is_empty());
        }
        hope.then_some(next)
    }

    /// What it would cost at least to have somebody sit in another half-day, in units; the most there is where no other
    /// fits. Where as many of the program sit as may, another toll is to be expected.
    fn loses(&self, person: u32, half: u32, (tolls, seated, crowds): (&Tolls, &Seated, &Crowds)) -> i64 {
        let program = self.shares.program_of[person as usize];
        let allowed = self.shares.allowed[program as usize];
        let (halves, own) = (self.ground.halves(person), seated.class_of[person as usize]);
        let (mut stays, mut least) = (0, i64::MAX);
        self.field.visit(person, |choice| {
            let pays = i64::from(choice.cost) + seated.price[choice.class as usize];
            let other = halves[choice.class as usize];
            if choice.class == own {
                stays = pays;
            } else if other != half && self.supply.seats[choice.class as usize] > 0 {
                let full = crowds.get(&(program, other)).is_some_and(|crowd| crowd.len() >= allowed);
                let toll = tolls.of(program, person, other).max(if full { STEP } else { 0 });
                least = least.min(pays + i64::from(toll));
            }
            true
        });
        if least == i64::MAX { least } else { least - stays }
    }
}

/// What a seating costs without tolls, in units.
fn cost(field: &Field<'_>, supply: &Supply, seated: &Seated) -> i64 {
    let groups = &supply.groups;
    let (mut total, mut load) = (0, vec![0; groups.len()]);
    for (person, own) in (0..).zip(&seated.class_of).filter(|(_, class)| **class != NONE) {
        field.visit(person, |choice| {
            if choice.class == *own {
                total += i64::from(choice.cost);
            }
            choice.class != *own
        });
        let mut group = supply.group[*own as usize];
        while group != NONE {
            load[group as usize] += 1;
            group = groups.parent[group as usize];
        }
    }
    let steps = (0..).zip(load).flat_map(|(group, load)| groups.steps_of(group).iter().take(load));
    total + steps.map(|step| i64::from(*step)).sum::<i64>()
}
