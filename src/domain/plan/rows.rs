//! The question in canonical order: people by lottery, slots by keyed hash, and for every person the classes of slots
//! that they may sit in, put together while they are read. Never writes a row out, and never decides who sits where.
//!
//! A row is a time-table's moments, cut out of the list of classes that everybody of the same program, state and site
//! may meet, without the therapists whom this person avoids. So memory grows with time-tables, slots and ties, not with
//! residents times slots.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::meetings::{Classes, Entry, Meetings};
use super::moments::{Clock, Moments, NEVER};
use super::seed::Seed;
use super::{Question, Weights};
use crate::domain::eligibility::{Broken, Host, OpenSlot, Person, broken_by_time, meets};
use crate::domain::id::TherapistId;
use crate::domain::matching::{Choice, NONE, Rows};
use crate::domain::people::Modality;
use crate::domain::time::{Instant, Zone};

/// A question without the order in which it was asked.
pub(super) struct Field<'a> {
    /// The question as it was asked.
    pub question: Question<'a>,
    /// People in lottery order.
    pub people: Vec<&'a Person>,
    /// Slots of known therapists in the order of their keyed hash.
    pub slots: Vec<&'a OpenSlot>,
    /// Those who have slots, in the order of their first.
    pub hosts: Vec<&'a Host>,
    /// The number in `hosts` of each slot's therapist.
    pub host_of: Vec<u32>,
    /// The slots of each class: one therapist's slots of one moment, in hash order.
    pub classes: Vec<Vec<u32>>,
    /// The class of each slot; [`NONE`] where nobody's time lets it in.
    pub class_of: Vec<u32>,
    /// The number in `hosts` of each class's therapist.
    host_of_class: Vec<u32>,
    /// Which row is whose, in lottery order: people with the same one may sit in the same classes.
    pub row_of: Vec<u32>,
    /// Visits that begin earlier are refused.
    pub earliest_start: Instant,
    /// The moment from which weeks are counted.
    pub opens: Instant,
    /// What the offering weighs.
    pub weights: Weights,
    moments: Moments,
    meetings: Meetings,
    rows: Vec<Row>,
}

/// What somebody may sit in, whatever they wish for.
#[derive(PartialEq, Eq, Hash)]
struct Row {
    table: u32,
    list: u32,
    /// Numbers in [`Field::hosts`], in ascending order.
    avoids: Vec<u32>,
}

impl<'a> Field<'a> {
    /// Sorts the question and finds every row.
    pub fn new(question: &Question<'a>) -> Self {
        Self::cut(question, &[])
    }

    /// The same rows, in classes of which none lies on both sides of a noon or a midnight in the zone of anybody.
    pub fn cut_at_noon(question: &Question<'a>) -> Self {
        let zones: HashSet<Zone> = question.people.iter().map(|person| person.zone).collect();
        Self::cut(question, &zones.into_iter().collect::<Vec<_>>())
    }

    fn cut(question: &Question<'a>, zones: &[Zone]) -> Self {
        let people = in_lottery_order(question.people, question.seed);
        let (slots, owners) = in_hash_order(question);
        let (earliest_start, opens) = (question.earliest_start, question.opens);
        let moments =
            Moments::new(&people, &slots, Clock { earliest_start, opens, weights: question.weights, zones });
        let (hosts, host_of) = number_hosts(&owners);
        let (classes, class_of) = merge(&moments, &host_of);
        let host_of_class: Vec<u32> = classes.iter().map(|class| host_of[class[0] as usize]).collect();
        let mut of_host = vec![Vec::new(); hosts.len()];
        for (class, host) in host_of_class.iter().enumerate() {
            of_host[*host as usize].push(to_u32(class));
        }
        let moment: Vec<u32> = classes.iter().map(|class| moments.of_slot[class[0] as usize]).collect();
        let as_met = Classes { of_host: &of_host, moment: &moment, later: &moments.later };
        let meetings = Meetings::new(&people, &hosts, &as_met, question.weights);
        let mut field = Self {
            question: *question,
            people,
            slots,
            hosts,
            host_of,
            classes,
            class_of,
            host_of_class,
            row_of: Vec::new(),
            earliest_start,
            opens,
            weights: *question.weights,
            moments,
            meetings,
            rows: Vec::new(),
        };
        field.find_rows();
        field
    }

    fn find_rows(&mut self) {
        let numbers: HashMap<TherapistId, u32> =
            self.hosts.iter().enumerate().map(|(number, host)| (host.id, to_u32(number))).collect();
        let (mut known, mut rows) = (HashMap::new(), 0);
        for (number, person) in self.people.iter().enumerate() {
            let mut avoids: Vec<u32> =
                person.avoids.iter().filter_map(|host| numbers.get(host)).copied().collect();
            avoids.sort_unstable();
            avoids.dedup();
            let row =
                Row { table: self.moments.table_of[number], list: self.meetings.list_of[number], avoids };
            self.row_of.push(*known.entry(row).or_insert_with(|| {
                rows += 1;
                rows - 1
            }));
        }
        let mut rows: Vec<(Row, u32)> = known.into_iter().collect();
        rows.sort_unstable_by_key(|(_, number)| *number);
        self.rows = rows.into_iter().map(|(row, _)| row).collect();
    }

    /// How many different rows there are.
    pub const fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The classes of a row, each once.
    pub fn classes_of(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        let row = &self.rows[row as usize];
        let ranges = self.moments.of_table(row.table).iter();
        let entries = ranges.flat_map(|range| self.meetings.between(row.list, range));
        entries.map(|entry| entry.class).filter(|class| !self.avoids(row, *class))
    }

    /// Whether somebody, by their place in the lottery, may sit anywhere.
    pub fn fits_somewhere(&self, person: usize) -> bool {
        self.classes_of(self.row_of[person]).next().is_some()
    }

    fn avoids(&self, row: &Row, class: u32) -> bool {
        row.avoids.binary_search(&self.host_of_class[class as usize]).is_ok()
    }

    /// The rules about time that stand between a person and each of [`Field::times`].
    pub fn broken_by_time<'f>(&'f self, person: &'f Person) -> impl Iterator<Item = Broken> + 'f {
        self.moments.spans.iter().map(|span| broken_by_time(person, span, self.earliest_start))
    }

    /// The number of a slot's time among those that [`Field::broken_by_time`] tells of.
    pub fn time_of(&self, slot: usize) -> usize {
        self.moments.span_of[slot] as usize
    }

    /// Whose slot it is.
    pub fn host(&self, slot: u32) -> &'a Host {
        self.hosts[self.host_of[slot as usize] as usize]
    }

    /// How a person would attend a slot of their row.
    pub fn modality(&self, person: usize, slot: u32) -> Option<Modality> {
        meets(self.people[person], self.host(slot))
    }
}

impl Rows for Field<'_> {
    const ASCENDING: bool = false;

    fn people(&self) -> usize {
        self.people.len()
    }

    #[inline]
    fn visit(&self, person: u32, mut visit: impl FnMut(Choice) -> bool) {
        let row = &self.rows[self.row_of[person as usize] as usize];
        let points = self.meetings.points(self.meetings.wish_of[person as usize]);
        let choice =
            |entry: &Entry| Choice { cost: entry.base + points[entry.kind as usize], class: entry.class };
        let ranges: &[Range<u32>] = self.moments.of_table(row.table);
        for range in ranges {
            for entry in self.meetings.between(row.list, range) {
                if !row.avoids.is_empty() && self.avoids(row, entry.class) {
                    continue;
                }
                if !visit(choice(entry)) {
                    return;
                }
            }
        }
    }
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

/// The therapists of slots, each once, and the number of each slot's.
fn number_hosts<'a>(owners: &[&'a Host]) -> (Vec<&'a Host>, Vec<u32>) {
    let (mut hosts, mut known) = (Vec::new(), HashMap::new());
    let number = |owner: &&'a Host| {
        *known.entry(owner.id).or_insert_with(|| {
            hosts.push(*owner);
            to_u32(hosts.len() - 1)
        })
    };
    let host_of = owners.iter().map(number).collect();
    (hosts, host_of)
}

/// One class for one therapist's slots of one moment. Classes are numbered by moment, so that a row reads prices that lie
/// together, and in a moment by their first slots.
fn merge(moments: &Moments, host_of: &[u32]) -> (Vec<Vec<u32>>, Vec<u32>) {
    let mut first: HashMap<(u32, u32), u32> = HashMap::new();
    let mut order = Vec::new();
    for (slot, (moment, host)) in moments.of_slot.iter().zip(host_of).enumerate() {
        if *moment != NEVER {
            let slot = to_u32(slot);
            order.push((*moment, *first.entry((*moment, *host)).or_insert(slot), slot));
        }
    }
    order.sort_unstable();
    let mut class_of = vec![NONE; host_of.len()];
    let mut classes = Vec::new();
    for class in order.chunk_by(|one, other| one.1 == other.1) {
        class.iter().for_each(|(_, _, slot)| class_of[*slot as usize] = to_u32(classes.len()));
        classes.push(class.iter().map(|(_, _, slot)| *slot).collect());
    }
    (classes, class_of)
}

/// A number in a list that memory holds; beyond four thousand million the machine has long given up.
pub(super) fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
