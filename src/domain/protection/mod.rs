//! Protected time, and time in which nobody is booked, as files have it -> drafts in local time, or refusals by
//! line. Never resolves a zone, and never knows whether anybody uses the time.

use std::collections::BTreeMap;

use chrono::{Days, Duration, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use super::identity::Address;
use super::table::{Reader, RowRefusal};
use super::time::{LocalSpan, Zone};
use super::written::plain;

mod amion;
mod mapping;
mod plain_table;

pub use amion::amion;
pub use mapping::{Contradiction, Mapping, Taken};
pub use plain_table::table;

/// Most drafts of one file: a weekly pattern of a year for three hundred people.
const MAX_DRAFTS: usize = 50_000;

/// Whether somebody is free of duty then, or is never booked then. Where both are said, never wins at planning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Free of duty.
    Protected,
    /// Never booked: nights, the day after, vacation.
    Never,
}

/// Whose time it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Whose {
    /// Everyone of a cohort.
    Cohort {
        /// The program's code, spelled as it is known.
        program_code: String,
        /// The cohort, as the file has it; compare without regard to case.
        cohort: String,
    },
    /// One person on a roster.
    Person(Address),
}

/// One stretch of protected or forbidden time.
#[derive(Clone, PartialEq, Eq)]
pub struct BlockDraft {
    /// The first line that says so.
    pub line: u32,
    /// Whose time it is.
    pub whose: Whose,
    /// What it is for.
    pub kind: Kind,
    /// When, as somebody typed it, at most 24 hours.
    pub span: LocalSpan,
}

/// A resident on a roster, as far as it takes to find them. Cannot be printed.
#[derive(Clone)]
pub struct Enrolled {
    /// Where mail goes.
    pub address: Address,
    /// The given name.
    pub given: String,
    /// The family name.
    pub family: String,
    /// The program's code.
    pub program_code: String,
    /// The cohort.
    pub cohort: Option<String>,
}

/// What is on file: programs with their zones, and who is on their rosters.
#[derive(Clone, Default)]
pub struct OnFile {
    /// Codes and zones of programs.
    pub programs: Vec<(String, Zone)>,
    /// Residents.
    pub residents: Vec<Enrolled>,
    /// Who reads the refusals.
    pub reader: Reader,
}

impl OnFile {
    fn program(&self, code: &str) -> Option<(&str, Zone)> {
        let found =
            self.programs.iter().find(|(known, _)| plain(known) == plain(code) && !plain(code).is_empty());
        found.map(|(code, zone)| (code.as_str(), *zone))
    }

    fn zone_of(&self, resident: &Enrolled) -> Option<Zone> {
        self.program(&resident.program_code).map(|(_, zone)| zone)
    }

    /// Everybody by address and, where it is nobody else's, by name. Texts are compared and not kept.
    fn directory(&self) -> BTreeMap<String, &Enrolled> {
        let mut directory: BTreeMap<String, &Enrolled> = BTreeMap::new();
        let mut shared = Vec::new();
        for resident in &self.residents {
            let name = name_key(&resident.family, &resident.given);
            if directory.insert(name.clone(), resident).is_some() {
                shared.push(name);
            }
        }
        for name in shared {
            directory.remove(&name);
        }
        directory.extend(self.residents.iter().map(|one| (one.address.reveal().to_owned(), one)));
        directory
    }
}

/// A name as it is compared; never a valid address.
fn name_key(family: &str, given: &str) -> String {
    format!("{},{}", plain(family), plain(given))
}

/// An assignment's name in a schedule, and how it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assignment {
    /// The name.
    pub name: String,
    /// On how many lines.
    pub lines: u32,
    /// How it was read; the mapping changes it.
    pub taken: Taken,
}

/// What a file gave.
#[derive(Clone, Default)]
pub struct Reading {
    /// Stretches of time: protected ones that overlap are joined, equal ones taken once; in file order by person.
    pub blocks: Vec<BlockDraft>,
    /// Lines that were not taken; people who are on no roster stand here once each.
    pub refused: Vec<RowRefusal>,
    /// What was taken with a doubt that somebody should look at.
    pub warnings: Vec<RowRefusal>,
    /// The headings of columns that were not read.
    pub ignored_columns: Vec<String>,
    /// Names of assignments, most frequent first; empty where the file has none.
    pub assignments: Vec<Assignment>,
}

/// From the end of a span until the next local midnight: the whole day that begins, where it ends at midnight.
fn day_after(span: &LocalSpan) -> Option<LocalSpan> {
    let on = if span.to > span.from { span.on } else { span.on.succ_opt()? };
    Some(LocalSpan { on, from: span.to, to: NaiveTime::MIN, zone: span.zone })
}

/// Joins what overlaps or touches, person by person; forbidden time is only made unique.
fn join(blocks: Vec<BlockDraft>) -> Vec<BlockDraft> {
    let mut by_whose: Vec<(String, Vec<BlockDraft>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for block in blocks {
        let key = match &block.whose {
            Whose::Cohort { program_code, cohort } => format!("{}\n{}", plain(program_code), plain(cohort)),
            Whose::Person(address) => address.reveal().to_owned(),
        };
        let key = format!("{key}\n{:?}\n{}", block.kind, block.span.zone);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            by_whose.push((key, Vec::new()));
            by_whose.len() - 1
        });
        by_whose[place].1.push(block);
    }
    by_whose.into_iter().flat_map(|(_, blocks)| join_one(blocks)).collect()
}

fn join_one(mut blocks: Vec<BlockDraft>) -> Vec<BlockDraft> {
    blocks.sort_by_key(|block| (starts(&block.span), ends(&block.span), block.line));
    let mut joined: Vec<(BlockDraft, NaiveDateTime)> = Vec::new();
    for block in blocks {
        let end = ends(&block.span);
        match joined.last_mut() {
            Some((last, last_end)) if last.kind == Kind::Protected && starts(&block.span) <= *last_end => {
                *last_end = end.max(*last_end);
                last.line = last.line.min(block.line);
            }
            Some((last, _)) if last.span == block.span => {}
            _ => joined.push((block, end)),
        }
    }
    joined.into_iter().flat_map(|(block, end)| pieces(block, end)).collect()
}

/// Cuts what was joined into pieces of at most 24 hours, which is what a local span can say.
fn pieces(block: BlockDraft, end: NaiveDateTime) -> Vec<BlockDraft> {
    let mut pieces = Vec::new();
    let mut start = starts(&block.span);
    while start < end {
        let until = end.min(start + Duration::days(1));
        let span =
            LocalSpan { on: start.date(), from: start.time(), to: until.time(), zone: block.span.zone };
        pieces.push(BlockDraft { span, ..block.clone() });
        start = until;
    }
    pieces
}

fn starts(span: &LocalSpan) -> NaiveDateTime {
    span.on.and_time(span.from)
}

fn ends(span: &LocalSpan) -> NaiveDateTime {
    let next = u64::from(span.to <= span.from);
    span.on.checked_add_days(Days::new(next)).unwrap_or(span.on).and_time(span.to)
}

#[cfg(test)]
mod tests;
