//! When slots lie, as everybody's time sees it: slots of one day that the same free times let in are one moment, and
//! each time-table is a list of the moments that it lets in. Never knows whose slot it is.
//!
//! Two slots are told apart by a sum over the time-tables that let them in, 128 mixed bits for each: it is the same for
//! both if the same time-tables do, and otherwise by a chance of one in 2^128. Nobody is booked on the strength of it:
//! every seat is held against the rules themselves before a plan leaves ([`super::proof`]).

use std::collections::HashMap;
use std::ops::Range;

use super::Weights;
use super::rows::to_u32;
use super::weights::UNIT;
use crate::domain::eligibility::{OpenSlot, Person};
use crate::domain::time::{Instant, Span, Zone, wall};

/// No moment: no time-table lets the slot in.
pub(super) const NEVER: u32 = u32::MAX;

/// Moments of slots and of time-tables, by number.
#[derive(Default)]
pub(super) struct Moments {
    /// The moment of each slot, or [`NEVER`].
    pub of_slot: Vec<u32>,
    /// The different times of slots, and which is whose.
    pub spans: Vec<Span>,
    /// The number in `spans` of each slot's time.
    pub span_of: Vec<u32>,
    /// What each moment costs by its week, in units.
    pub later: Vec<u32>,
    /// The time-table of each person.
    pub table_of: Vec<u32>,
    /// Where each time-table's ranges begin; one number more than time-tables.
    first: Vec<usize>,
    ranges: Vec<Range<u32>>,
}

/// What decides when somebody can be met.
#[derive(PartialEq, Eq, Hash)]
struct Times<'a> {
    period: Span,
    protected: &'a [Span],
    never: &'a [Span],
}

/// What makes slots one moment: who they let in, the day, what the week costs and, where it counts, the half-day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Alike {
    let_in: u128,
    date: i64,
    later: u32,
    noons: i64,
}

/// From when weeks are counted, and before what nobody is met.
#[derive(Clone, Copy)]
pub(super) struct Clock<'a> {
    pub earliest_start: Instant,
    pub opens: Instant,
    pub weights: &'a Weights,
    /// In which zones no moment may lie on both sides of a noon or a midnight.
    pub zones: &'a [Zone],
}

impl Clock<'_> {
    /// A number that rises at every noon and midnight of each zone, and so is the same within a half-day of all.
    fn noons(&self, at: Instant) -> i64 {
        let half = |zone: &Zone| {
            let local = wall(at, *zone).naive.and_utc().timestamp();
            local.div_euclid(12 * 3600)
        };
        self.zones.iter().map(half).sum()
    }
}

impl Moments {
    /// Finds the moments of slots, which come in hash order, for people in lottery order.
    pub fn new(people: &[&Person], slots: &[&OpenSlot], clock: Clock<'_>) -> Self {
        let mut spans: Vec<Span> = slots.iter().map(|slot| slot.span).collect();
        spans.sort_unstable_by_key(by_length);
        spans.dedup();
        let span_of = |slot: &&OpenSlot| spans.binary_search_by_key(&by_length(&slot.span), by_length);
        let span_of = slots.iter().map(|slot| to_u32(span_of(slot).unwrap_or_default())).collect();
        let mut moments = Self { spans, span_of, ..Self::default() };
        let tables = moments.find_tables(people);
        let stretches = moments.stretches(&tables, clock.earliest_start);
        let of_span = moments.number(&stretches, clock);
        moments.of_slot = moments.span_of.iter().map(|span| of_span[*span as usize]).collect();
        moments.first.push(0);
        for stretches in stretches {
            moments.push_ranges(
                stretches.into_iter().flat_map(|run| &of_span[run.start as usize..run.end as usize]),
            );
        }
        moments
    }

    /// The moments that a time-table lets in, in ascending order.
    pub fn of_table(&self, table: u32) -> &[Range<u32>] {
        let table = table as usize;
        &self.ranges[self.first[table]..self.first[table + 1]]
    }

    fn find_tables<'a>(&mut self, people: &[&'a Person]) -> Vec<&'a Person> {
        let (mut known, mut tables) = (HashMap::new(), Vec::new());
        for person in people {
            let times = Times { period: person.period, protected: &person.protected, never: &person.never };
            self.table_of.push(*known.entry(times).or_insert_with(|| {
                tables.push(*person);
                to_u32(tables.len() - 1)
            }));
        }
        tables
    }

    /// For each time-table the runs of `spans` that lie in its free stretches. Slots of one length end in the order in
    /// which they begin, so each stretch holds one run of them, found by its two ends.
    fn stretches(&self, tables: &[&Person], earliest_start: Instant) -> Vec<Vec<Range<u32>>> {
        let lengths: Vec<&[Span]> =
            self.spans.chunk_by(|one, other| by_length(one).0 == by_length(other).0).collect();
        let runs = |person: &&Person| {
            let mut runs = Vec::new();
            for free in free_stretches(person, earliest_start) {
                let mut before = 0;
                for spans in &lengths {
                    let from = spans.partition_point(|span| span.starts_at() < free.starts_at());
                    let until = spans.partition_point(|span| span.ends_at() <= free.ends_at());
                    if from < until {
                        runs.push(to_u32(before + from)..to_u32(before + until));
                    }
                    before += spans.len();
                }
            }
            runs
        };
        tables.iter().map(runs).collect()
    }

    /// Numbers the moments by day and then by slot, each in the order of the first slot's hash, so that no date and no
    /// hour comes first. Gives the moment of each of `spans`.
    fn number(&mut self, stretches: &[Vec<Range<u32>>], clock: Clock<'_>) -> Vec<u32> {
        let mut change = vec![0_u128; self.spans.len() + 1];
        for (table, runs) in stretches.iter().enumerate() {
            for run in runs {
                change[run.start as usize] = change[run.start as usize].wrapping_add(mixed(table as u64));
                change[run.end as usize] = change[run.end as usize].wrapping_sub(mixed(table as u64));
            }
        }
        let mut let_in = 0_u128;
        let alike = |(span, change): (&Span, &u128)| {
            let_in = let_in.wrapping_add(*change);
            let date = date_of(span.starts_at());
            let later = clock.weights.later(clock.opens, span.starts_at());
            Alike { let_in, date, later, noons: clock.noons(span.starts_at()) }
        };
        let alike: Vec<Alike> = self.spans.iter().zip(&change).map(alike).collect();
        let (mut lots, mut days) = (HashMap::new(), HashMap::new());
        for (slot, span) in self.span_of.iter().enumerate() {
            let alike = alike[*span as usize];
            if alike.let_in != 0 {
                lots.entry(alike).or_insert(slot);
                days.entry(alike.date).or_insert(slot);
            }
        }
        let mut order: Vec<_> =
            lots.into_iter().map(|(alike, lot)| ((days[&alike.date], lot), alike)).collect();
        order.sort_unstable_by_key(|(lot, _)| *lot);
        self.later = order.iter().map(|(_, alike)| alike.later / UNIT).collect();
        let numbered: HashMap<Alike, u32> =
            order.into_iter().enumerate().map(|(number, (_, alike))| (alike, to_u32(number))).collect();
        alike.iter().map(|alike| numbered.get(alike).copied().unwrap_or(NEVER)).collect()
    }

    fn push_ranges<'a>(&mut self, moments: impl Iterator<Item = &'a u32>) {
        let mut own: Vec<u32> = Vec::new();
        for moment in moments {
            if own.last() != Some(moment) {
                own.push(*moment);
            }
        }
        own.sort_unstable();
        own.dedup();
        let ranges = own.chunk_by(|one, next| one + 1 == *next);
        self.ranges.extend(ranges.map(|range| range[0]..range[range.len() - 1] + 1));
        self.first.push(self.ranges.len());
    }
}

/// What is left of somebody's protected time inside the period and after the notice, without what is never bookable.
/// A visit keeps every rule about time exactly if it lies wholly inside one of these stretches.
fn free_stretches(person: &Person, earliest_start: Instant) -> Vec<Span> {
    let mut free = Vec::new();
    let (opens, closes) = (person.period.starts_at().max(earliest_start), person.period.ends_at());
    for block in person.protected.iter() {
        let (mut from, until) = (block.starts_at().max(opens), block.ends_at().min(closes));
        let first = person.never.partition_point(|never| never.ends_at() <= from);
        for never in person.never[first..].iter().take_while(|never| never.starts_at() < until) {
            free.extend(Span::new(from, never.starts_at()));
            from = from.max(never.ends_at());
        }
        free.extend(Span::new(from, until));
    }
    free
}

/// Spans of one length together, in the order in which they begin.
fn by_length(span: &Span) -> (i64, Instant) {
    ((span.ends_at() - span.starts_at()).num_seconds(), span.starts_at())
}

/// The day on which a slot counts, cut at 08:00 UTC: at night from Newfoundland to Hawaii, so that no working
/// day of one therapist falls apart, whatever zone a resident reads it in.
pub(super) const fn date_of(at: Instant) -> i64 {
    (at.timestamp() - 8 * 3600).div_euclid(24 * 3600)
}

/// 128 bits that a number gives: the finishers of two well-known generators, on different constants.
fn mixed(number: u64) -> u128 {
    let finish = |seed: u64, first: u64, second: u64| {
        let word = number.wrapping_add(1).wrapping_mul(seed);
        let word = (word ^ (word >> 30)).wrapping_mul(first);
        let word = (word ^ (word >> 27)).wrapping_mul(second);
        word ^ (word >> 31)
    };
    let high = finish(0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb);
    let low = finish(0xd1b5_4a32_d192_ed03, 0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53);
    u128::from(high) << 64 | u128::from(low)
}
