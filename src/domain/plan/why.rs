//! Reads the reasons off a finished seating: which rule keeps slots out, or which group outnumbers its seats.
//! Never changes the seating.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::help::{Finder, Group, Help};
use super::knots::knots;
use super::matching::Seating;
use super::reason::Reason;
use super::rows::Field;
use super::supply::Supply;
use crate::domain::eligibility::{Broken, Host, Person, Rule, broken_by_host, modalities};
use crate::domain::id::ProgramId;
use crate::domain::time::wall;
use chrono::{Duration, NaiveDate, NaiveTime};

/// Finds reasons, and remembers them for others under the same rules.
pub(super) struct Why<'a> {
    field: &'a Field<'a>,
    supply: &'a Supply,
    seating: &'a Seating,
    /// The therapists by number.
    hosts: Vec<&'a Host>,
    by_row: HashMap<u32, Reason>,
    /// The knot of every slot, once somebody is left out for want of seats.
    knots: Option<Vec<u32>>,
    /// Shortages by the knots that a row touches: the same knots lead to the same slots and people.
    by_knots: HashMap<Vec<u32>, Reason>,
    /// What would help, once somebody has no seat.
    finder: Option<Finder<'a>>,
    /// How many of a cohort nothing fits, and what would help them.
    by_cohort: HashMap<(ProgramId, Option<&'a str>), Help>,
}

/// People who compete for the same seats and fit nowhere else.
pub(super) struct Rivals<'a> {
    /// Everyone in the group, whether placed or not.
    pub people: Vec<&'a Person>,
    /// Those of them who are not placed.
    pub left_out: Vec<&'a Person>,
    /// Every slot that any of them may sit in, by number.
    pub slots: Vec<u32>,
}

impl<'a> Why<'a> {
    pub fn new(field: &'a Field<'a>, supply: &'a Supply, seating: &'a Seating) -> Self {
        let host_of = |days: &[u32]| {
            let slot = supply.days[days[0] as usize].members[0];
            field.hosts[slot as usize]
        };
        // A therapist is numbered with their first day, and a day with its first slot.
        let hosts = supply.therapists.iter().map(|therapist| host_of(&therapist.members)).collect();
        Self {
            field,
            supply,
            seating,
            hosts,
            by_row: HashMap::new(),
            knots: None,
            by_knots: HashMap::new(),
            finder: None,
            by_cohort: HashMap::new(),
        }
    }

    /// Why one person, by their place in the lottery, has no seat.
    pub fn left_out(&mut self, person: usize) -> Reason {
        let row = self.field.row_of[person];
        let asked = self.field.people[person];
        if let Some(known) = self.by_row.get(&row) {
            return self.with_cohort(known.clone(), asked);
        }
        let reason = if !self.field.row_at(person).is_empty() {
            self.known_shortage(row)
        } else if !has_protected_time(asked) {
            // Not remembered: it is told in the resident's own zone, which rows do not know.
            return no_protected_time(asked);
        } else {
            self.nothing_fits(asked)
        };
        self.by_row.insert(row, reason.clone());
        self.with_cohort(reason, asked)
    }

    /// Adds what would help the people of the cohort whom nothing fits: rows do not know cohorts.
    fn with_cohort(&mut self, reason: Reason, asked: &'a Person) -> Reason {
        let Reason::NothingFits { but_for, seen, .. } = reason else { return reason };
        let cohort = asked.cohort.as_deref();
        if !self.by_cohort.contains_key(&(asked.program, cohort)) {
            let alike = |person: &&Person| person.program == asked.program && person.cohort == asked.cohort;
            let people = self.field.people.iter().enumerate().filter(|(at, person)| {
                alike(person) && self.field.row_at(*at).is_empty() && has_protected_time(person)
            });
            let people: Vec<&Person> = people.map(|(_, person)| *person).collect();
            let help = self.help(Group { left_out: people.clone(), people, slots: Vec::new() });
            self.by_cohort.insert((asked.program, cohort), help);
        }
        let help = self.by_cohort.get(&(asked.program, cohort)).cloned().unwrap_or_default();
        Reason::NothingFits { but_for, seen, cohort: asked.cohort.clone(), help }
    }

    fn help(&mut self, group: Group<'a>) -> Help {
        self.finder.get_or_insert_with(|| Finder::new(self.field.question)).help(&group)
    }

    /// Tries every open slot. Therapists whom the resident avoids are passed over as if they did not exist: the
    /// reason is read by the program, which must not learn of them.
    fn nothing_fits(&self, person: &Person) -> Reason {
        let by_host: Vec<Vec<Broken>> = self
            .hosts
            .iter()
            .map(|host| {
                modalities(person, host).map(|modality| broken_by_host(person, host, modality)).collect()
            })
            .collect();
        let mut but_for = BTreeSet::new();
        let mut seen = Broken::default();
        for (slot, open) in self.field.slots.iter().enumerate().filter(|(_, open)| open.seats > 0) {
            let time = self.field.broken_by_time(person, open);
            let therapist = self.supply.therapist_of[self.supply.day_of[slot] as usize];
            for host in by_host[therapist as usize].iter().filter(|host| !host.holds(Rule::Avoided)) {
                let broken = time.or(*host);
                but_for.extend(broken.only());
                seen = seen.or(broken);
            }
        }
        let seen = if but_for.is_empty() { seen.rules().collect() } else { Vec::new() };
        let but_for = but_for.into_iter().collect();
        Reason::NothingFits { but_for, seen, cohort: None, help: Help::default() }
    }

    /// The shortage of a row, searched for once for all rows that touch the same knots.
    fn known_shortage(&mut self, row: u32) -> Reason {
        let knots = self.knots.get_or_insert_with(|| knots(self.field, self.seating));
        let choices = self.field.rows[row as usize].iter();
        let mut touched: Vec<u32> = choices.map(|choice| knots[choice.slot as usize]).collect();
        touched.sort_unstable();
        touched.dedup();
        if let Some(known) = self.by_knots.get(&touched) {
            return known.clone();
        }
        let reason = self.shortage(row);
        self.by_knots.insert(touched, reason.clone());
        reason
    }

    fn shortage(&mut self, row: u32) -> Reason {
        let mut rivals = self.rivals(row);
        // The order in which they were reached depends on the row that was asked first.
        rivals.slots.sort_unstable();
        let slots = rivals.slots.iter().map(|slot| *slot as usize);
        let slots = slots.map(|slot| (self.field.slots[slot], self.field.hosts[slot])).collect();
        let programs: HashSet<_> = rivals.people.iter().map(|person| person.program).collect();
        let label = |person: &&Person| {
            let cohort = person.cohort.as_ref()?;
            Some(if programs.len() > 1 {
                format!("{} {cohort}", person.program_code)
            } else {
                cohort.clone()
            })
        };
        let cohorts: BTreeSet<String> = rivals.people.iter().filter_map(label).collect();
        Reason::Shortage {
            people: rivals.people.len(),
            seats: rivals.slots.iter().map(|slot| self.supply.seats[*slot as usize] as usize).sum(),
            cohorts: cohorts.into_iter().collect(),
            without_cohort: rivals.people.iter().any(|person| person.cohort.is_none()),
            before: rivals.people.iter().map(|person| first_day_after(person)).max().unwrap_or_default(),
            help: self.help(Group { people: rivals.people, left_out: rivals.left_out, slots }),
        }
    }

    /// Everything that an alternating path can reach from a row: its slots, the people in them, their other slots
    /// and so on. All these slots are full, or somebody would have moved; so the people in them and those left out
    /// who fit nowhere else outnumber the seats. That is the violated condition of Hall's theorem.
    pub fn rivals(&self, row: u32) -> Rivals<'a> {
        let mut reached = vec![false; self.supply.seats.len()];
        let mut searched = HashSet::from([row]);
        let mut rows = vec![row];
        let mut slots = Vec::new();
        while let Some(row) = rows.pop() {
            for choice in &self.field.rows[row as usize] {
                if std::mem::replace(&mut reached[choice.slot as usize], true) {
                    continue;
                }
                slots.push(choice.slot);
                let occupants = self.seating.occupants[choice.slot as usize].iter();
                rows.extend(
                    occupants
                        .map(|person| self.field.row_of[*person as usize])
                        .filter(|row| searched.insert(*row)),
                );
            }
        }
        let confined =
            |row: &[_]| row.iter().all(|choice: &super::rows::Choice| reached[choice.slot as usize]);
        let belongs = |person: usize| match self.seating.slot_of[person] {
            Some(slot) => reached[slot as usize],
            None => !self.field.row_at(person).is_empty() && confined(self.field.row_at(person)),
        };
        let numbers: Vec<usize> = (0..self.field.people.len()).filter(|person| belongs(*person)).collect();
        let left_out = numbers.iter().filter(|person| self.seating.slot_of[**person].is_none());
        Rivals {
            left_out: left_out.map(|person| self.field.people[*person]).collect(),
            people: numbers.iter().map(|person| self.field.people[*person]).collect(),
            slots,
        }
    }
}

fn no_protected_time(person: &Person) -> Reason {
    let from = wall(person.period.starts_at(), person.zone).date();
    let until = first_day_after(person).pred_opt().unwrap_or(from);
    Reason::NoProtectedTime { from, until }
}

/// The first whole day, in their zone, on which somebody cannot be booked any more.
fn first_day_after(person: &Person) -> NaiveDate {
    let end = wall(person.period.ends_at(), person.zone).naive;
    let whole_day = end.time() == NaiveTime::MIN;
    if whole_day { end.date() } else { end.date() + Duration::days(1) }
}

/// Whether any protected time touches the time in which somebody could be booked.
fn has_protected_time(person: &Person) -> bool {
    person.protected.iter().any(|block| block.overlaps(&person.period))
}
