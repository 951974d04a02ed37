//! The half-days that could be added for a group: its protected time, cut at noon in its own zones, with a therapist who
//! may see some of them and offers nothing then. Never says whether one helps.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Duration, NaiveDate, NaiveTime};

use super::{Finder, HalfDay};
use crate::domain::availability::{Change, Exception, slots};
use crate::domain::eligibility::{Host, Person, Rule, broken_by_host, broken_by_time, meets, modalities};
use crate::domain::id::{ProgramId, SiteId, TherapistId};
use crate::domain::people::State;
use crate::domain::time::{Instant, Span, Zone, resolve, wall};

/// So many pairs of people's kinds and half-days are looked at, of the earliest half-days; but at least a month's.
const LOOKED_AT: usize = 20_000;
const AT_LEAST: usize = 40;
/// So many therapists come into question for one half-day beside those who could see somebody whom no other could.
const COPIES: usize = 3;

/// People under the same rules are of one kind.
pub(super) struct Kinds<'a> {
    /// One person of each kind.
    pub people: Vec<&'a Person>,
    /// How many there are of it.
    pub count: Vec<u32>,
}

/// What decides whom somebody may meet, and what decides when.
type Rules<'a> = (Ties<'a>, Span, &'a [Span], &'a [Span], Zone);
type Ties<'a> = (ProgramId, &'a State, Option<SiteId>, &'a [TherapistId]);

fn ties(person: &Person) -> Ties<'_> {
    (person.program, &person.state, person.site, &person.avoids)
}

impl<'a> Kinds<'a> {
    pub fn of(people: &[&'a Person]) -> Self {
        let mut known: HashMap<Rules<'_>, usize> = HashMap::new();
        let mut kinds = Self { people: Vec::new(), count: Vec::new() };
        for person in people.iter().copied() {
            let rules = (ties(person), person.period, &*person.protected, &*person.never, person.zone);
            let kind = *known.entry(rules).or_insert_with(|| {
                kinds.people.push(person);
                kinds.count.push(0);
                kinds.people.len() - 1
            });
            kinds.count[kind] += 1;
        }
        kinds
    }

    /// The kinds that may sit in a therapist's slot.
    pub fn who_fits(&self, host: &Host, slot: &Span, earliest_start: Instant) -> Vec<u32> {
        let fits = |person: &Person| {
            broken_by_time(person, slot, earliest_start).is_empty() && meets(person, host).is_some()
        };
        (0_u32..).zip(&self.people).filter(|(_, person)| fits(person)).map(|(kind, _)| kind).collect()
    }
}

/// A half-day that could be added.
pub(super) struct Candidate {
    /// What is told of it.
    pub half_day: HalfDay,
    /// The kinds that may sit in each of its slots; never none.
    pub slots: Vec<Vec<u32>>,
    /// Whether another candidate of the same half-day places no fewer: worth a look only besides that one.
    pub again: bool,
}

/// A half-day of the calendar.
type Half = (NaiveDate, bool, &'static str);

/// Every half-day that could be added, in order of time, those for `again` last; and whether all were looked at.
pub(super) fn candidates(finder: &Finder<'_>, kinds: &Kinds<'_>) -> (Vec<Candidate>, bool) {
    let visits = finder.question.visits;
    let visit = Duration::minutes(i64::from(visits.minutes));
    if visit.is_zero() {
        return (Vec::new(), true);
    }
    let halves = protected_halves(finder, kinds);
    let most = (LOOKED_AT / kinds.people.len().max(1)).max(AT_LEAST);
    let panel = Panel::of(finder, kinds);
    let mut found = Vec::new();
    for (zone, half, hours) in halves.values().take(most) {
        let Some(extra) = offered(half.0, *zone, hours) else { continue };
        let cut = slots(&[], &[extra], &[], visits.minutes, visits.buffer_minutes, *hours);
        let in_time = |slot: &Span| -> Vec<u32> {
            let fits =
                |person: &Person| broken_by_time(person, slot, finder.question.earliest_start).is_empty();
            (0_u32..).zip(&kinds.people).filter(|(_, person)| fits(person)).map(|(kind, _)| kind).collect()
        };
        let cut: Vec<(Span, Vec<u32>)> = cut.into_iter().map(|slot| (slot, in_time(&slot))).collect();
        let used = || cut.iter().filter(|(_, who)| !who.is_empty()).map(|(slot, _)| *slot);
        let (Some(first), Some(last)) = (used().next(), used().next_back()) else { continue };
        let Some(busy) = Span::new(first.starts_at(), last.ends_at()) else { continue };
        // Up to the end of protected time where all of it is of use: hours as people say them.
        let to_the_end = cut.last().is_some_and(|(slot, _)| *slot == last);
        let ends_at = if to_the_end { hours.ends_at() } else { last.ends_at() };
        let Some(hours) = Span::new(first.starts_at(), ends_at) else { continue };
        found.extend(panel.candidates(finder, (&hours, &busy), *zone, half, &cut));
    }
    // Another day before another therapist on the same day, where both place as many: it may be the same one's.
    found.sort_by_key(|candidate: &Candidate| candidate.again);
    (found, halves.len() <= most)
}

/// The hours of a half-day as a therapist's own calendar of exceptions would have them.
fn offered(on: NaiveDate, zone: Zone, hours: &Span) -> Option<Exception> {
    let (from, to) = (wall(hours.starts_at(), zone).naive, wall(hours.ends_at(), zone).naive);
    let extra = Exception { change: Change::Extra, on, hours: Some((from.time(), to.time())), zone };
    (from.date() == on).then_some(extra)
}

/// Half-days in which somebody of the group could be booked, with the group's protected time there: from the first
/// minute to the last, in order of time. The notice does not cut it: hours begin as blocks do, not at odd minutes.
fn protected_halves(
    finder: &Finder<'_>,
    kinds: &Kinds<'_>,
) -> BTreeMap<(Instant, Half), (Zone, (NaiveDate, bool), Span)> {
    let mut blocks: HashSet<(Span, Zone)> = HashSet::new();
    for person in &kinds.people {
        for block in person.protected.iter() {
            let starts_at = block.starts_at().max(person.period.starts_at());
            let within = Span::new(starts_at, block.ends_at().min(person.period.ends_at()));
            blocks.extend(within.map(|within| (within, person.zone)));
        }
    }
    let mut halves: BTreeMap<(Instant, Half), (Zone, (NaiveDate, bool), Span)> = BTreeMap::new();
    for (block, zone) in blocks {
        for (on, afternoon, half) in halves_of(&block, zone) {
            let from = half.starts_at().max(block.starts_at());
            let Some(part) = Span::new(from, half.ends_at().min(block.ends_at())) else { continue };
            if part.ends_at() <= finder.question.earliest_start {
                continue;
            }
            let key = (half.starts_at(), (on, afternoon, zone.name()));
            let (_, _, hours) = halves.entry(key).or_insert((zone, (on, afternoon), part));
            let both =
                Span::new(hours.starts_at().min(part.starts_at()), hours.ends_at().max(part.ends_at()));
            *hours = both.unwrap_or(*hours);
        }
    }
    halves
}

/// The halves of days that a block touches, each in full.
fn halves_of(block: &Span, zone: Zone) -> Vec<(NaiveDate, bool, Span)> {
    let (first, last) = (wall(block.starts_at(), zone).date(), wall(block.ends_at(), zone).date());
    let midnight = |on: NaiveDate| resolve(on.and_time(NaiveTime::MIN), zone);
    let mut halves = Vec::new();
    for on in first.iter_days().take_while(|on| *on <= last) {
        let Some(next) = on.succ_opt() else { break };
        let noon = resolve(on.and_time(NaiveTime::MIN) + Duration::hours(12), zone);
        let both = [(false, midnight(on), noon), (true, noon, midnight(next))];
        halves.extend(both.into_iter().filter_map(|(afternoon, from, to)| {
            Some((on, afternoon, Span::new(from, to)?)).filter(|(_, _, half)| half.overlaps(block))
        }));
    }
    halves
}

/// The therapists by whom of a group they may see, those who may see most first.
struct Panel<'a> {
    hosts: Vec<Seer<'a>>,
    /// The different codes of the group's programs.
    programs: Vec<String>,
}

/// A therapist and whom of the group they may see.
struct Seer<'a> {
    host: &'a Host,
    /// Whether they may see each kind.
    sees: Vec<bool>,
    /// The programs of which they may see somebody, whoever avoids them: what may be told.
    programs: Vec<String>,
}

impl<'a> Panel<'a> {
    fn of(finder: &Finder<'a>, kinds: &Kinds<'_>) -> Self {
        let mut known: HashMap<Ties<'_>, usize> = HashMap::new();
        let mut different: Vec<&Person> = Vec::new();
        let tie_of: Vec<usize> = kinds
            .people
            .iter()
            .map(|person| {
                *known.entry(ties(person)).or_insert_with(|| {
                    different.push(person);
                    different.len() - 1
                })
            })
            .collect();
        let codes = |people: &mut dyn Iterator<Item = &&Person>| -> Vec<String> {
            let codes: std::collections::BTreeSet<&str> =
                people.map(|person| person.program_code.as_str()).collect();
            codes.into_iter().map(str::to_owned).collect()
        };
        let seers = finder.hosts.iter().filter_map(|host| {
            let by_tie: Vec<bool> = different.iter().map(|person| meets(person, host).is_some()).collect();
            let sees: Vec<bool> = tie_of.iter().map(|tie| by_tie[*tie]).collect();
            let programs = codes(&mut different.iter().filter(|person| publicly_meets(person, host)));
            by_tie.contains(&true).then_some(Seer { host, sees, programs })
        });
        let mut hosts: Vec<Seer<'_>> = seers.collect();
        hosts.sort_by_key(|seer| std::cmp::Reverse(seer.sees.iter().filter(|sees| **sees).count()));
        Self { hosts, programs: codes(&mut kinds.people.iter()) }
    }

    /// The candidates of one half-day: everybody free then who may see somebody whom none before them may, and a few
    /// more. `busy` is the part of the hours from the first visit to the last.
    fn candidates(
        &self,
        finder: &Finder<'_>,
        (hours, busy): (&Span, &Span),
        zone: Zone,
        (on, afternoon): &(NaiveDate, bool),
        cut: &[(Span, Vec<u32>)],
    ) -> Vec<Candidate> {
        let mut taken: Vec<&Seer<'_>> = Vec::new();
        let (mut found, mut copies) = (Vec::new(), 0);
        for seer in &self.hosts {
            let covers =
                |one: &&Seer<'_>| seer.sees.iter().zip(&one.sees).all(|(sees, other)| !sees || *other);
            let again = taken.iter().any(covers);
            if (again && copies == COPIES) || !finder.is_free(seer.host, busy) {
                continue;
            }
            let seen = |who: &Vec<u32>| -> Vec<u32> {
                who.iter().copied().filter(|kind| seer.sees[*kind as usize]).collect()
            };
            let slots: Vec<Vec<u32>> =
                cut.iter().map(|(_, who)| seen(who)).filter(|who| !who.is_empty()).collect();
            if slots.is_empty() {
                continue;
            }
            copies += usize::from(again);
            taken.push(seer);
            let programs = if seer.programs == self.programs { Vec::new() } else { seer.programs.clone() };
            let (from, to) = (wall(hours.starts_at(), zone), wall(hours.ends_at(), zone));
            let half_day = HalfDay {
                on: *on,
                afternoon: *afternoon,
                from: from.naive.time(),
                to: to.naive.time(),
                zone,
                visits: slots.len(),
                programs,
            };
            found.push(Candidate { half_day, slots, again });
        }
        found
    }
}

/// Whether the two could meet if nobody avoided anybody.
fn publicly_meets(person: &Person, host: &Host) -> bool {
    modalities(person, host)
        .any(|modality| broken_by_host(person, host, modality).rules().all(|rule| rule == Rule::Avoided))
}
