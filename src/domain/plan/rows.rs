//! The question in canonical order: people by lottery, slots by keyed hash, and for every person the row of slots
//! that they may sit in. Never decides who sits where.

use std::collections::HashMap;

use super::seed::Seed;
use super::{Question, Weights};
use crate::domain::eligibility::{Broken, Host, OpenSlot, Person, Wishes, broken_by_time, meets};
use crate::domain::id::{ProgramId, SiteId, TherapistId};
use crate::domain::people::{Modality, State};
use crate::domain::time::{Instant, Span};

/// One slot that somebody may sit in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    /// The slot's number in [`Field::slots`].
    pub slot: u32,
    /// Points by the person's wishes and site, and by the week.
    pub points: u32,
}

/// A question without the order in which it was asked.
pub(super) struct Field<'a> {
    /// The question as it was asked.
    pub question: Question<'a>,
    /// People in lottery order.
    pub people: Vec<&'a Person>,
    /// Slots of known therapists in the order of their keyed hash.
    pub slots: Vec<&'a OpenSlot>,
    /// Whose slot each one is.
    pub hosts: Vec<&'a Host>,
    /// The different rows: people under the same rules share one.
    pub rows: Vec<Vec<Choice>>,
    /// Which row is whose, in lottery order.
    pub row_of: Vec<u32>,
    /// Visits that begin earlier are refused.
    pub earliest_start: Instant,
    /// The moment from which weeks are counted.
    pub opens: Instant,
    /// What the offering weighs.
    pub weights: Weights,
}

/// What decides how somebody meets a therapist, whenever it is.
#[derive(PartialEq, Eq, Hash)]
struct Ties<'a> {
    program: ProgramId,
    state: &'a State,
    site: Option<SiteId>,
    avoids: &'a [TherapistId],
    wishes: &'a Wishes,
}

/// What decides when somebody can be met.
#[derive(PartialEq, Eq, Hash)]
struct Times<'a> {
    period: Span,
    protected: &'a [Span],
    never: &'a [Span],
}

/// How somebody meets each therapist: points, by the therapist's number; nothing where no rule lets them.
type Meetings = HashMap<TherapistId, u32>;

impl<'a> Field<'a> {
    /// Sorts the question and finds every row.
    pub fn new(question: &Question<'a>) -> Self {
        let (slots, hosts) = in_hash_order(question);
        let mut field = Self {
            question: *question,
            people: in_lottery_order(question.people, question.seed),
            slots,
            hosts,
            rows: Vec::new(),
            row_of: Vec::new(),
            earliest_start: question.earliest_start,
            opens: question.opens,
            weights: *question.weights,
        };
        field.find_rows(question.hosts);
        field
    }

    fn find_rows(&mut self, hosts: &'a [Host]) {
        let mut by_start: Vec<u32> = (0..to_u32(self.slots.len())).collect();
        by_start.sort_unstable_by_key(|slot| self.slots[*slot as usize].span.starts_at());
        let mut meetings: Vec<Meetings> = Vec::new();
        let mut known_ties: HashMap<Ties<'_>, usize> = HashMap::new();
        let mut known_rows: HashMap<(usize, Times<'_>), u32> = HashMap::new();
        for person in self.people.clone() {
            let ties = *known_ties.entry(ties(person)).or_insert_with(|| {
                meetings.push(meetings_with(person, hosts, &self.weights));
                meetings.len() - 1
            });
            let row = *known_rows.entry((ties, times(person))).or_insert_with(|| {
                let row = self.row(person, &by_start, &meetings[ties]);
                self.rows.push(row);
                to_u32(self.rows.len() - 1)
            });
            self.row_of.push(row);
        }
    }

    /// The row of one person, found by looking up the start of each free stretch, not by trying every slot.
    fn row(&self, person: &Person, by_start: &[u32], meetings: &Meetings) -> Vec<Choice> {
        let span = |slot: &u32| &self.slots[*slot as usize].span;
        let mut row = Vec::new();
        for free in free_stretches(person, self.earliest_start) {
            let first = by_start.partition_point(|slot| span(slot).starts_at() < free.starts_at());
            for slot in by_start[first..].iter().take_while(|slot| span(slot).starts_at() < free.ends_at()) {
                let therapist = self.slots[*slot as usize].key.therapist;
                if let Some(points) = meetings.get(&therapist).filter(|_| free.contains(span(slot))) {
                    let later = self.weights.later(self.opens, span(slot).starts_at());
                    row.push(Choice { slot: *slot, points: points + later });
                }
            }
        }
        row.sort_unstable_by_key(|choice| choice.slot);
        row
    }

    /// The rules about time that stand between a person and a slot.
    pub fn broken_by_time(&self, person: &Person, slot: &OpenSlot) -> Broken {
        broken_by_time(person, &slot.span, self.earliest_start)
    }

    /// The slots that a person, by their place in the lottery, may sit in.
    pub fn row_at(&self, person: usize) -> &[Choice] {
        &self.rows[self.row_of[person] as usize]
    }

    /// How a person would attend a slot of their row.
    pub fn modality(&self, person: usize, slot: u32) -> Option<Modality> {
        meets(self.people[person], self.hosts[slot as usize])
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

fn ties(person: &Person) -> Ties<'_> {
    Ties {
        program: person.program,
        state: &person.state,
        site: person.site,
        avoids: &person.avoids,
        wishes: &person.wishes,
    }
}

fn times(person: &Person) -> Times<'_> {
    Times { period: person.period, protected: &person.protected, never: &person.never }
}

fn meetings_with(person: &Person, hosts: &[Host], weights: &Weights) -> Meetings {
    let points = |host: &Host| meets(person, host).map(|modality| weights.visit(person, host, modality));
    hosts.iter().filter_map(|host| points(host).map(|points| (host.id, points))).collect()
}

/// People in the order in which the lottery places them; somebody listed twice counts once.
fn in_lottery_order<'a>(people: &'a [Person], seed: &Seed) -> Vec<&'a Person> {
    let mut drawn: Vec<_> = people.iter().map(|person| (seed.resident(person.id), person)).collect();
    drawn.sort_by_key(|(lot, person)| (*lot, person.id));
    drawn.dedup_by_key(|(_, person)| person.id);
    drawn.into_iter().map(|(_, person)| person).collect()
}

/// Slots with their therapists by keyed hash; one listed twice counts once, one of an unknown therapist not at all.
fn in_hash_order<'a>(question: &Question<'a>) -> (Vec<&'a OpenSlot>, Vec<&'a Host>) {
    let hosts: HashMap<TherapistId, &Host> = question.hosts.iter().map(|host| (host.id, host)).collect();
    let mut drawn: Vec<_> = question
        .slots
        .iter()
        .filter_map(|slot| hosts.get(&slot.key.therapist).map(|host| (slot, *host)))
        .map(|(slot, host)| (question.seed.slot(slot.key), slot, host))
        .collect();
    drawn.sort_by_key(|(lot, slot, _)| (*lot, slot.key));
    drawn.dedup_by_key(|(_, slot, _)| slot.key);
    drawn.into_iter().map(|(_, slot, host)| (slot, host)).unzip()
}

/// A number in a list that memory holds; beyond four thousand million the machine has long given up.
pub(super) fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
