//! Reads the reasons off a finished seating: which rule keeps slots out, or which group outnumbers its seats.
//! Never changes the seating.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::help::{Finder, Group, Help};
use super::knots::knots;
use super::reason::Reason;
use super::rows::{Field, to_u32};
use super::seat::Seated;
use crate::domain::eligibility::{Broken, Person, Rule, broken_by_host, modalities};
use crate::domain::id::{ProgramId, SiteId};
use crate::domain::matching::NONE;
use crate::domain::people::State;
use crate::domain::time::wall;
use chrono::{Duration, NaiveDate, NaiveTime};

/// Finds reasons, and remembers them for others under the same rules.
pub(super) struct Why<'a> {
    field: &'a Field<'a>,
    class_of: &'a [u32],
    /// The people in each class, by number.
    sitters: Vec<Vec<u32>>,
    by_row: HashMap<u32, Reason>,
    by_rules: HashMap<(u32, ProgramId, &'a State, Option<SiteId>), Reason>,
    /// The knot of every class, once somebody is left out for want of seats.
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
    pub fn new(field: &'a Field<'a>, seated: &'a Seated) -> Self {
        let mut sitters = vec![Vec::new(); field.classes.len()];
        for (person, class) in seated.class_of.iter().enumerate().filter(|(_, class)| **class != NONE) {
            sitters[*class as usize].push(to_u32(person));
        }
        Self {
            field,
            class_of: &seated.class_of,
            sitters,
            by_row: HashMap::new(),
            by_rules: HashMap::new(),
            knots: None,
            by_knots: HashMap::new(),
            finder: None,
            by_cohort: HashMap::new(),
        }
    }

    /// Why one person, by their place in the lottery, has no seat.
    pub fn left_out(&mut self, person: usize) -> Reason {
        let (row, asked) = (self.field.row_of[person], self.field.people[person]);
        if self.field.fits_somewhere(person) {
            if let Some(known) = self.by_row.get(&row) {
                return known.clone();
            }
            let reason = self.known_shortage(row);
            self.by_row.insert(row, reason.clone());
            return reason;
        }
        if !has_protected_time(asked) {
            return no_protected_time(asked);
        }
        // Who may sit nowhere shares a row with others for whom it is another rule.
        let rules = (row, asked.program, &asked.state, asked.site);
        let known = self.by_rules.get(&rules).cloned();
        let reason = known.unwrap_or_else(|| self.nothing_fits(asked));
        self.by_rules.insert(rules, reason.clone());
        self.with_cohort(reason, asked)
    }

    /// Adds what would help the people of the cohort whom nothing fits: rows do not know cohorts.
    fn with_cohort(&mut self, reason: Reason, asked: &'a Person) -> Reason {
        let Reason::NothingFits { but_for, seen, .. } = reason else { return reason };
        let cohort = asked.cohort.as_deref();
        if !self.by_cohort.contains_key(&(asked.program, cohort)) {
            let alike = |person: &&Person| person.program == asked.program && person.cohort == asked.cohort;
            let people = self.field.people.iter().enumerate().filter(|(at, person)| {
                alike(person) && !self.field.fits_somewhere(*at) && has_protected_time(person)
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
            .field
            .hosts
            .iter()
            .map(|host| {
                modalities(person, host).map(|modality| broken_by_host(person, host, modality)).collect()
            })
            .collect();
        let by_time: Vec<Broken> = self.field.broken_by_time(person).collect();
        let mut but_for = BTreeSet::new();
        let mut seen = Broken::default();
        for (slot, _) in self.field.slots.iter().enumerate().filter(|(_, open)| open.seats > 0) {
            let (time, host) = (by_time[self.field.time_of(slot)], self.field.host_of[slot]);
            for host in by_host[host as usize].iter().filter(|host| !host.holds(Rule::Avoided)) {
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
        let (field, class_of, sitters) = (self.field, self.class_of, &self.sitters);
        let knots = self.knots.get_or_insert_with(|| {
            let left_out = class_of.iter().zip(&field.row_of).filter(|(class, _)| **class == NONE);
            knots(field, sitters, left_out.map(|(_, row)| *row))
        });
        let mut touched: Vec<u32> = field.classes_of(row).map(|class| knots[class as usize]).collect();
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
        let slots = rivals.slots.iter();
        let slots = slots.map(|slot| (self.field.slots[*slot as usize], self.field.host(*slot))).collect();
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
            seats: rivals.slots.iter().map(|slot| self.field.slots[*slot as usize].seats as usize).sum(),
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
        let field = self.field;
        let mut reached = vec![false; self.sitters.len()];
        let mut searched = HashSet::from([row]);
        let mut rows = vec![row];
        let mut slots = Vec::new();
        while let Some(row) = rows.pop() {
            for class in field.classes_of(row) {
                if !std::mem::replace(&mut reached[class as usize], true) {
                    slots.extend_from_slice(&field.classes[class as usize]);
                    let sitters = self.sitters[class as usize].iter();
                    let further = sitters.map(|person| field.row_of[*person as usize]);
                    rows.extend(further.filter(|row| searched.insert(*row)));
                }
            }
        }
        let mut confined = HashMap::new();
        let mut is_confined = |row: u32| {
            *confined.entry(row).or_insert_with(|| {
                let mut classes = field.classes_of(row).peekable();
                classes.peek().is_some() && classes.all(|class| reached[class as usize])
            })
        };
        let belongs = |(_, (class, row)): &(_, (&u32, &u32))| match **class {
            NONE => is_confined(**row),
            class => reached[class as usize],
        };
        let seats = self.class_of.iter().zip(&field.row_of);
        let people: Vec<_> = field.people.iter().zip(seats).filter(belongs).collect();
        let left_out = people.iter().filter(|(_, (class, _))| **class == NONE);
        Rivals {
            left_out: left_out.map(|(person, _)| **person).collect(),
            people: people.iter().map(|(person, _)| **person).collect(),
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
