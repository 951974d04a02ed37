//! Amion's report 625c as tabs: seventeen columns by place, no headings, a preamble. Never reads pagers,
//! telephones or notes.

use std::collections::BTreeMap;

use super::{
    Assignment, BlockDraft, Enrolled, Kind, MAX_DRAFTS, Mapping, OnFile, Reading, Taken, Whose, day_after,
    join, name_key,
};
use crate::domain::headings::refuse_file;
use crate::domain::table::{Reader, Row, RowRefusal, Table};
use crate::domain::time::LocalSpan;
use crate::domain::written;

const NAME: usize = 0;
const ASSIGNMENT: usize = 3;
const DATE: usize = 6;
const START: usize = 7;
const END: usize = 8;
const MAIL: usize = 12;
/// A line of the schedule has at least so many columns; a line of the preamble has fewer.
const FEWEST: usize = 9;

/// Somebody who is in the schedule and on no roster: a trainee of another department on rotation.
struct Stranger {
    first: u32,
    lines: u32,
}

/// Reads a schedule. The hours are in the zone of each person's program; a stretch whose end is not after its start
/// ends on the next day.
///
/// People are found by address, or by name where the line has no address and no two people on file share it. Who is
/// on no roster gives one refusal, not one a line: trainees of other departments are in every schedule.
#[must_use]
pub fn amion(tables: &[Table], mapping: &Mapping, on_file: &OnFile) -> Reading {
    let directory = on_file.directory();
    let mut reading = Reading::default();
    let mut blocks = Vec::new();
    let mut strangers: BTreeMap<String, Stranger> = BTreeMap::new();
    let mut assignments: BTreeMap<String, Assignment> = BTreeMap::new();
    let mut preamble = true;
    for (table, row) in tables.iter().flat_map(|table| table.rows.iter().map(move |row| (table, row))) {
        let span = written::date(row.cell(DATE)).zip(hours(row));
        preamble &= span.is_none();
        if row.cells.len() < FEWEST || preamble {
            continue;
        }
        let taken = count(&mut assignments, mapping, row.cell(ASSIGNMENT));
        let person = key(row);
        let Some((on, (from, to))) = span else {
            reading.refused.push(unreadable(table, row));
            continue;
        };
        let found = directory.get(&person).and_then(|one| Some((*one, on_file.zone_of(one)?)));
        let Some((resident, zone)) = found else {
            let stranger = strangers.entry(person).or_insert(Stranger { first: row.line, lines: 0 });
            stranger.lines += 1;
            continue;
        };
        push(&mut blocks, row.line, resident, taken, LocalSpan { on, from, to, zone });
        if blocks.len() > MAX_DRAFTS {
            reading.refused.push(too_long(row));
            break;
        }
    }
    if preamble {
        let problem =
            "no line of a schedule was found: name, staff id, backup id, assignment, ..., date, start, end";
        let remedy = "export report 625c from Amion as tabs, and leave its columns as they are";
        reading.refused.push(refuse_file(problem, remedy));
    }
    reading.blocks = join(blocks);
    reading.refused.extend(off_service(strangers, on_file.reader));
    reading.refused.sort_by_key(|refusal| refusal.line);
    reading.assignments = assignments.into_values().collect();
    reading.assignments.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.name.cmp(&b.name)));
    reading
}

fn hours(row: &Row) -> Option<(chrono::NaiveTime, chrono::NaiveTime)> {
    written::time_of_day(row.cell(START)).zip(written::time_of_day(row.cell(END)))
}

/// The address, or the name where there is none.
fn key(row: &Row) -> String {
    match row.cell(MAIL).parse::<crate::domain::identity::Address>() {
        // Compared and not kept.
        Ok(address) => address.reveal().to_owned(),
        Err(_) => {
            let name = written::name(row.cell(NAME));
            name_key(&name.family, &name.given)
        }
    }
}

fn count(assignments: &mut BTreeMap<String, Assignment>, mapping: &Mapping, name: &str) -> Taken {
    let name: String = name.chars().take(80).collect();
    let taken = mapping.taken(&name);
    let assignment = assignments.entry(name.to_lowercase()).or_insert(Assignment { name, lines: 0, taken });
    assignment.lines += 1;
    taken
}

fn push(blocks: &mut Vec<BlockDraft>, line: u32, resident: &Enrolled, taken: Taken, span: LocalSpan) {
    let block = |kind, span| BlockDraft { line, whose: Whose::Person(resident.address.clone()), kind, span };
    match taken {
        Taken::Duty | Taken::DayAfter => {}
        Taken::Protected => blocks.push(block(Kind::Protected, span)),
        Taken::Never | Taken::NeverWithDayAfter => blocks.push(block(Kind::Never, span)),
    }
    if matches!(taken, Taken::DayAfter | Taken::NeverWithDayAfter) {
        blocks.extend(day_after(&span).map(|span| block(Kind::Never, span)));
    }
}

fn unreadable(table: &Table, row: &Row) -> RowRefusal {
    RowRefusal {
        sheet: table.sheet.clone(),
        line: row.line,
        column: None,
        problem: "no date, start or end can be read in columns 7 to 9".to_owned(),
        remedy: "write the date like 7-5-27 and the hours like 800 or 1700, or remove the line".to_owned(),
    }
}

fn too_long(row: &Row) -> RowRefusal {
    RowRefusal {
        sheet: None,
        line: row.line,
        column: None,
        problem: format!(
            "the schedule has more than {MAX_DRAFTS} stretches of time; nothing was read from here on"
        ),
        remedy: "export a shorter period".to_owned(),
    }
}

fn off_service(strangers: BTreeMap<String, Stranger>, reader: Reader) -> impl Iterator<Item = RowRefusal> {
    strangers.into_values().map(move |stranger| RowRefusal {
        sheet: None,
        line: stranger.first,
        column: None,
        problem: format!("the person of this line is on no roster ({} lines in all)", stranger.lines),
        remedy: reader
            .choose(
                "nothing, if they belong to another department; otherwise import them with `holdspace roster import`",
                "nothing, if they belong to another department; otherwise add them to the roster first",
            )
            .to_owned(),
    })
}
