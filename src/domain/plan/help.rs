//! What would help people without a seat: the fewest half-days of a therapist that place them, each answer found by
//! placing the whole group again. Never books, never asks anybody, and never names a therapist.
//!
//! No therapist is named because a name would have to be chosen with regard to whom residents avoid, which nobody may
//! learn: one who is passed over would be told of by the name of another. A half-day is therefore any therapist's who
//! may see them and is free then. Only where every one of those is avoided by somebody of the group does a half-day
//! stay unmentioned, as if those therapists did not exist; the other reasons keep it so too.

mod again;
mod half_days;

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use self::again::{Placing, Table};
use self::half_days::{Candidate, Kinds, Panel, candidates};
use super::Question;
use crate::domain::availability::union;
use crate::domain::eligibility::{Host, OpenSlot, Person};
use crate::domain::id::TherapistId;
use crate::domain::time::{Span, Zone};

/// More half-days than this are not looked for: nobody plans from a longer sentence.
pub(super) const MOST: usize = 6;
/// A group of more people, or of more pairs of people and slots, is not placed again whole.
const GROUP: usize = 400;
const PAIRS: usize = 100_000;
/// Of a larger group so many of those left out are considered, and all others stay where they are.
const LEFT_OUT: usize = 100;
/// Steps of placing again that one group is worth, about a millisecond in all.
const STEPS: usize = 300_000;

/// Added half-days that place people who have no seat; verified by placing them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Help {
    /// How many people of the group have no seat.
    pub without: usize,
    /// How many more of the group have one once the half-days are added; nobody loses theirs.
    pub places: usize,
    /// The half-days, in order of time: fewest where one or two suffice, otherwise a good set; at most six.
    pub half_days: Vec<HalfDay>,
    /// Whether the search stopped at its bound: then fewer may do, or the same number place more.
    pub cut_short: bool,
}

/// Hours on one date that some therapist would offer who offers nothing then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HalfDay {
    /// The date, in the residents' zone.
    pub on: NaiveDate,
    /// Whether it is the half after noon.
    pub afternoon: bool,
    /// When the hours begin, by the clock on the wall there: the group's protected time in that half-day.
    pub from: NaiveTime,
    /// When they end.
    pub to: NaiveTime,
    /// Where the clock hangs.
    pub zone: Zone,
    /// How many visits fit into the hours that somebody of the group may have.
    pub visits: usize,
    /// The programs whose residents the therapist must be able to see, where not all of the group's: a licence, a site
    /// or supervision keeps the others out.
    pub programs: Vec<String>,
}

/// How visits are cut, and when therapists cannot be had.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visits<'a> {
    /// Length of a visit in minutes.
    pub minutes: u32,
    /// Minutes kept free between visits and around what a therapist is busy with.
    pub buffer_minutes: u32,
    /// When therapists are away, busy or hold visits that are not among the slots; in any order.
    pub engaged: &'a [(TherapistId, Span)],
}

/// A group of people some of whom have no seat.
pub(super) struct Group<'a> {
    /// Everyone in the group, in lottery order.
    pub people: Vec<&'a Person>,
    /// Those of them who have no seat, in lottery order.
    pub left_out: Vec<&'a Person>,
    /// Every slot that any of them may sit in.
    pub slots: Vec<(&'a OpenSlot, &'a Host)>,
}

/// Looks for help, for one group after another.
pub(super) struct Finder<'a> {
    question: Question<'a>,
    /// Every therapist, by identifier.
    hosts: Vec<&'a Host>,
    /// When each of them cannot offer anything more.
    taken: HashMap<TherapistId, Vec<Span>>,
}

impl<'a> Finder<'a> {
    pub fn new(question: Question<'a>) -> Self {
        let mut hosts: Vec<&Host> = question.hosts.iter().collect();
        hosts.sort_unstable_by_key(|host| host.id);
        let slots = question.slots.iter().map(|slot| (slot.key.therapist, slot.span));
        let mut spans: HashMap<TherapistId, Vec<Span>> = HashMap::new();
        for (therapist, span) in slots.chain(question.visits.engaged.iter().copied()) {
            let padded = span.padded(question.visits.buffer_minutes);
            spans.entry(therapist).or_default().push(padded);
        }
        let taken = spans.into_iter().map(|(therapist, spans)| (therapist, union(spans))).collect();
        Self { question, hosts, taken }
    }

    /// Whether a therapist could offer these hours besides what they do.
    fn is_free(&self, host: &Host, hours: &Span) -> bool {
        self.taken.get(&host.id).is_none_or(|taken| {
            let after = taken.partition_point(|span| span.ends_at() <= hours.starts_at());
            !taken.get(after).is_some_and(|span| span.overlaps(hours))
        })
    }

    /// The fewest half-days that place everybody of a group, or as many as can be.
    pub fn help(&self, group: &Group<'a>) -> Help {
        let whole = Kinds::of(&group.people);
        let fits_whole = group.people.len() <= GROUP && whole.people.len() * group.slots.len() <= PAIRS;
        let few: Vec<&Person> = group.left_out.iter().copied().take(LEFT_OUT).collect();
        let (kinds, slots) =
            if fits_whole { (whole, group.slots.as_slice()) } else { (Kinds::of(&few), &[][..]) };
        let panel = Panel::of(self, &kinds);
        let (found, all_looked_at) = candidates(self, &kinds, &panel);
        let mut table = Table::default();
        let mut seats = Vec::new();
        for (slot, host) in slots {
            let row = table.add(panel.who_fits(&kinds, host, &slot.span, self.question.earliest_start));
            seats.extend((0..slot.seats).map(|_| row));
        }
        let rows = found.iter().map(|one| one.slots.iter().map(|who| table.add(who.clone())).collect());
        let rows: Vec<Vec<u32>> = rows.collect();
        let mut now = Placing::new(&kinds.count);
        for row in seats {
            // Without a bound: a group that is not placed whole would seem to lack more seats than it does.
            now.add(&table, row, &mut usize::MAX.clone());
        }
        let without = now.waiting();
        let mut search = Search { table: &table, found: &found, rows, steps: STEPS, without, now };
        let (mut chosen, places) = search.fewest();
        chosen.sort_unstable_by_key(|one| (found[*one].half_day.on, found[*one].half_day.from, *one));
        Help {
            without: group.left_out.len(),
            places,
            half_days: chosen.into_iter().map(|one| found[one].half_day.clone()).collect(),
            cut_short: !fits_whole || !all_looked_at || search.steps == 0,
        }
    }
}

/// The search for one group.
struct Search<'s> {
    table: &'s Table,
    found: &'s [Candidate],
    /// The rows of the table that each candidate would add, a seat each.
    rows: Vec<Vec<u32>>,
    /// Steps that are left.
    steps: usize,
    /// How many people have no seat without any candidate.
    without: usize,
    /// Who sits where, without any candidate.
    now: Placing,
}

impl Search<'_> {
    /// Adds a candidate; says how many more people sit then.
    fn add(&mut self, to: &mut Placing, candidate: usize) -> usize {
        let (table, steps) = (self.table, &mut self.steps);
        self.rows[candidate].iter().filter(|row| to.add(table, **row, steps)).count()
    }

    /// One that places all, if there is one; else the one after another that places most; else two, if two suffice
    /// where that took more. What a set of half-days places is never more than the sum of what each places alone (the
    /// rank of a transversal matroid is submodular), which is what makes both bounds exact.
    fn fewest(&mut self) -> (Vec<usize>, usize) {
        let mut alone: Vec<(usize, usize)> = Vec::new();
        for (number, candidate) in self.found.iter().enumerate() {
            let most = candidate.half_day.visits.min(self.without);
            let gain = if candidate.again { most } else { self.add(&mut self.now.clone(), number) };
            if gain == self.without && !candidate.again {
                return (vec![number], gain);
            }
            alone.push((gain, number));
        }
        let (chosen, places) = self.one_after_another(&alone);
        if places == self.without
            && chosen.len() > 2
            && let Some(pair) = self.pair(&alone)
        {
            return (pair.into(), places);
        }
        (chosen, places)
    }

    fn one_after_another(&mut self, alone: &[(usize, usize)]) -> (Vec<usize>, usize) {
        // The greatest bound first; of equal ones the earliest.
        let mut bounds = alone.to_vec();
        let (mut placing, mut chosen, mut places) = (self.now.clone(), Vec::new(), 0);
        while chosen.len() < MOST && places < self.without {
            bounds.sort_by_key(|(bound, number)| (std::cmp::Reverse(*bound), *number));
            let mut best = (0, usize::MAX);
            for (bound, number) in &mut bounds {
                if (std::cmp::Reverse(*bound), *number) > (std::cmp::Reverse(best.0), best.1) {
                    break;
                }
                *bound = self.add(&mut placing.clone(), *number);
                if *bound > best.0 || (*bound == best.0 && *number < best.1) {
                    best = (*bound, *number);
                }
            }
            if best.0 == 0 {
                break;
            }
            places += self.add(&mut placing, best.1);
            bounds.retain(|(_, number)| *number != best.1);
            chosen.push(best.1);
        }
        (chosen, places)
    }

    /// Two that place all, the earliest such pair.
    fn pair(&mut self, alone: &[(usize, usize)]) -> Option<[usize; 2]> {
        for (at, (gain, one)) in alone.iter().enumerate() {
            let rest = alone[at + 1..].iter().filter(|(other, _)| gain + other >= self.without);
            let rest: Vec<usize> = rest.map(|(_, other)| *other).collect();
            if rest.is_empty() {
                continue;
            }
            let mut with_one = self.now.clone();
            let first = self.add(&mut with_one, *one);
            for other in rest {
                if self.steps == 0 {
                    return None;
                }
                if first + self.add(&mut with_one.clone(), other) == self.without {
                    return Some([*one, other]);
                }
            }
        }
        None
    }
}
