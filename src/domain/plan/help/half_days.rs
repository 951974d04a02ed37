//! The half-days that could be added for a group: its protected time, cut at noon in its own zones, with a therapist who
//! may see some of them and offers nothing then. Never says whether one helps.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Duration, NaiveDate, NaiveTime};

use super::{Finder, HalfDay};
use crate::domain::availability::{Change, Exception, slots};
use crate::domain::eligibility::{Broken, Host, Person, Rule, broken_by_host, broken_by_time, modalities};
use crate::domain::id::{ProgramId, SiteId, TherapistId};
use crate::domain::people::State;
use crate::domain::time::{Instant, Span, Zone, resolve, wall};

/// So many pairs of people's kinds and half-days are looked at, of the earliest half-days; but at least a month's.
const LOOKED_AT: usize = 20_000;
const AT_LEAST: usize = 40;
/// So many therapists come into question for one half-day beside those who could see somebody whom no other could.
const COPIES: usize = 3;
/// So many in all; each therapist whom somebody else avoids could otherwise be one.
const TOGETHER: usize = 8;

/// People under the same rules are of one kind.
pub(super) struct Kinds<'a> {
    /// One person of each kind.
    pub people: Vec<&'a Person>,
    /// How many there are of it.
    pub count: Vec<u32>,
}

/// What decides whom somebody may meet, whom they avoid, and when they can.
type Rules<'a> = (Ties<'a>, &'a [TherapistId], Span, &'a [Span], &'a [Span], Zone);
/// What of it everybody may know.
type Ties<'a> = (ProgramId, &'a State, Option<SiteId>);

fn ties(person: &Person) -> Ties<'_> {
    (person.program, &person.state, person.site)
}

impl<'a> Kinds<'a> {
    pub fn of(people: &[&'a Person]) -> Self {
        let mut known: HashMap<Rules<'_>, usize> = HashMap::new();
        let mut kinds = Self { people: Vec::new(), count: Vec::new() };
        for person in people.iter().copied() {
            let times = (person.period, &*person.protected, &*person.never);
            let rules = (ties(person), &*person.avoids, times.0, times.1, times.2, person.zone);
            let kind = *known.entry(rules).or_insert_with(|| {
                kinds.people.push(person);
                kinds.count.push(0);
                kinds.people.len() - 1
            });
            kinds.count[kind] += 1;
        }
        kinds
    }

    /// The kinds that could sit in a slot by its time.
    fn in_time(&self, slot: &Span, earliest_start: Instant) -> Vec<u32> {
        let fits = |person: &Person| broken_by_time(person, slot, earliest_start).is_empty();
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

/// Half-days in order of time, each with its zone, its date and half, and the group's hours in it.
type Halves = BTreeMap<(Instant, Half), (Zone, (NaiveDate, bool), Span)>;

/// Every half-day that could be added, in order of time, those for `again` last; and whether all were looked at.
pub(super) fn candidates(
    finder: &Finder<'_>,
    kinds: &Kinds<'_>,
    panel: &Panel<'_>,
) -> (Vec<Candidate>, bool) {
    let visits = finder.question.visits;
    let visit = Duration::minutes(i64::from(visits.minutes));
    if visit.is_zero() {
        return (Vec::new(), true);
    }
    let halves = protected_halves(finder, kinds);
    let most = (LOOKED_AT / kinds.people.len().max(1)).max(AT_LEAST);
    let (mut found, mut all) = (Vec::new(), halves.len() <= most);
    for (zone, half, hours) in halves.values().take(most) {
        let Some(extra) = offered(half.0, *zone, hours) else { continue };
        let cut = slots(&[], &[extra], &[], visits.minutes, visits.buffer_minutes, *hours);
        let earliest_start = finder.question.earliest_start;
        let cut: Vec<(Span, Vec<u32>)> =
            cut.into_iter().map(|slot| (slot, kinds.in_time(&slot, earliest_start))).collect();
        let used = || cut.iter().filter(|(_, who)| !who.is_empty()).map(|(slot, _)| *slot);
        let (Some(first), Some(last)) = (used().next(), used().next_back()) else { continue };
        let Some(busy) = Span::new(first.starts_at(), last.ends_at()) else { continue };
        // Up to the end of protected time where all of it is of use: hours as people say them.
        let to_the_end = cut.last().is_some_and(|(slot, _)| *slot == last);
        let ends_at = if to_the_end { hours.ends_at() } else { last.ends_at() };
        let Some(hours) = Span::new(first.starts_at(), ends_at) else { continue };
        all &= panel.candidates(finder, (&hours, &busy), *zone, half, &cut, &mut found);
    }
    // Another day before another therapist on the same day, where both place as many: it may be the same one's.
    found.sort_by_key(|candidate: &Candidate| candidate.again);
    (found, all)
}

/// The hours of a half-day as a therapist's own calendar of exceptions would have them.
fn offered(on: NaiveDate, zone: Zone, hours: &Span) -> Option<Exception> {
    let (from, to) = (wall(hours.starts_at(), zone).naive, wall(hours.ends_at(), zone).naive);
    let extra = Exception { change: Change::Extra, on, hours: Some((from.time(), to.time())), zone };
    (from.date() == on).then_some(extra)
}

/// Half-days in which somebody of the group could be booked, with the group's protected time there: from the first
/// minute to the last, in order of time. The notice does not cut it: hours begin as blocks do, not at odd minutes.
fn protected_halves(finder: &Finder<'_>, kinds: &Kinds<'_>) -> Halves {
    let mut blocks: HashSet<(Span, Zone)> = HashSet::new();
    for person in &kinds.people {
        for block in person.protected.iter() {
            let starts_at = block.starts_at().max(person.period.starts_at());
            let within = Span::new(starts_at, block.ends_at().min(person.period.ends_at()));
            blocks.extend(within.map(|within| (within, person.zone)));
        }
    }
    let mut halves = Halves::new();
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

/// The therapists, and whom of a group each may see.
pub(super) struct Panel<'a> {
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
    pub fn of(finder: &Finder<'a>, kinds: &Kinds<'_>) -> Self {
        let mut known: HashMap<Ties<'_>, usize> = HashMap::new();
        let mut different: Vec<&Person> = Vec::new();
        let tie_of = kinds.people.iter().map(|person| {
            *known.entry(ties(person)).or_insert_with(|| {
                different.push(person);
                different.len() - 1
            })
        });
        let tie_of: Vec<usize> = tie_of.collect();
        let seer = |host: &&'a Host| {
            let publicly: Vec<bool> = different.iter().map(|person| publicly_meets(person, host)).collect();
            let sees =
                |(person, tie): (&&Person, &usize)| publicly[*tie] && !person.avoids.contains(&host.id);
            let seen = different.iter().zip(&publicly).filter(|(_, meets)| **meets);
            Seer {
                host,
                sees: kinds.people.iter().zip(&tie_of).map(sees).collect(),
                programs: codes(seen.map(|(person, _)| *person)),
            }
        };
        let hosts = finder.hosts.iter().map(seer).collect();
        Self { hosts, programs: codes(different.iter().copied()) }
    }

    /// The kinds that may sit in a therapist's slot.
    pub fn who_fits(&self, kinds: &Kinds<'_>, host: &Host, slot: &Span, earliest_start: Instant) -> Vec<u32> {
        let mut who = kinds.in_time(slot, earliest_start);
        let seer = self.hosts.binary_search_by_key(&host.id, |seer| seer.host.id);
        who.retain(|kind| seer.is_ok_and(|seer| self.hosts[seer].sees[*kind as usize]));
        who
    }

    /// Adds the candidates of one half-day: everybody free then who may see somebody whom none before them may, and
    /// a few more. `busy` is the part of the hours from the first visit to the last. Whether that is all who matter.
    fn candidates(
        &self,
        finder: &Finder<'_>,
        (hours, busy): (&Span, &Span),
        zone: Zone,
        (on, afternoon): &(NaiveDate, bool),
        cut: &[(Span, Vec<u32>)],
        found: &mut Vec<Candidate>,
    ) -> bool {
        let mut kinds: Vec<u32> = cut.iter().flat_map(|(_, who)| who.iter().copied()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let seen = |seer: &Seer<'_>| kinds.iter().filter(|kind| seer.sees[**kind as usize]).count();
        let mut by_seen: Vec<(usize, &Seer<'_>)> = self.hosts.iter().map(|seer| (seen(seer), seer)).collect();
        by_seen.retain(|(seen, _)| *seen > 0);
        by_seen.sort_by_key(|(seen, _)| std::cmp::Reverse(*seen));
        let mut taken: Vec<&Seer<'_>> = Vec::new();
        let mut copies = 0;
        for (_, seer) in by_seen {
            let covers = |one: &&Seer<'_>| {
                kinds.iter().all(|kind| !seer.sees[*kind as usize] || one.sees[*kind as usize])
            };
            let again = taken.iter().any(covers);
            if (again && copies == COPIES) || !finder.is_free(seer.host, busy) {
                continue;
            }
            if taken.len() == TOGETHER {
                return again;
            }
            copies += usize::from(again);
            taken.push(seer);
            let sees = |who: &[u32]| who.iter().copied().filter(|kind| seer.sees[*kind as usize]).collect();
            let slots: Vec<Vec<u32>> = cut.iter().map(|(_, who)| sees(who)).collect();
            let slots: Vec<Vec<u32>> = slots.into_iter().filter(|who| !who.is_empty()).collect();
            let programs = if seer.programs == self.programs { Vec::new() } else { seer.programs.clone() };
            let half_day = HalfDay {
                on: *on,
                afternoon: *afternoon,
                from: wall(hours.starts_at(), zone).naive.time(),
                to: wall(hours.ends_at(), zone).naive.time(),
                zone,
                visits: slots.len(),
                programs,
            };
            found.push(Candidate { half_day, slots, again });
        }
        true
    }
}

/// The different codes of people's programs.
fn codes<'p>(people: impl Iterator<Item = &'p Person>) -> Vec<String> {
    let codes: BTreeSet<&str> = people.map(|person| person.program_code.as_str()).collect();
    codes.into_iter().map(str::to_owned).collect()
}

/// Whether the two could meet if nobody avoided anybody.
fn publicly_meets(person: &Person, host: &Host) -> bool {
    let only_avoided = |broken: Broken| broken.rules().all(|rule| rule == Rule::Avoided);
    modalities(person, host).any(|modality| only_avoided(broken_by_host(person, host, modality)))
}
