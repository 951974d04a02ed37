//! Protected time as a table with headings: by cohort or by person, by date or by weekday. Never guesses a year.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::{BlockDraft, Enrolled, Kind, MAX_DRAFTS, OnFile, Reading, Whose, join};
use crate::domain::headings::{self, Said, Usual, refuse_file};
use crate::domain::table::{RowRefusal, Table};
use crate::domain::time::{LocalSpan, Zone};
use crate::domain::written::{self, plain};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Program,
    Cohort,
    Mail,
    Date,
    Weekday,
    From,
    Until,
    Start,
    End,
    Kind,
}

type Record<'h, 't> = headings::Record<'h, 't, Column>;

const USUAL: [Usual<Column>; 10] = [
    (Column::Program, &["program", "programcode", "residency"]),
    (Column::Cohort, &["cohort", "group", "plusonegroup", "firm", "team"]),
    (Column::Mail, &["email", "emailaddress", "resident", "residentemail", "mail"]),
    (Column::Date, &["date", "day", "on"]),
    (Column::Weekday, &["weekday", "dayofweek"]),
    (Column::From, &["from", "firstdate", "fromdate", "validfrom"]),
    (Column::Until, &["until", "lastdate", "untildate", "validuntil", "through"]),
    (Column::Start, &["start", "starttime", "starts", "begin", "begins"]),
    (Column::End, &["end", "endtime", "ends", "stop"]),
    (Column::Kind, &["kind", "type", "status"]),
];

/// Longest period of a weekly pattern, in days.
const LONGEST: i64 = 400;

/// Reads protected time: `program,cohort,date,start,end`, or with `email` for one person, or with
/// `weekday,from,until` for every such day of a period; `kind` is `protected` (what an empty cell means) or `never`.
///
/// A line with an address is for that person; one with a cohort for everyone of it. Hours are in the zone of the
/// program.
#[must_use]
pub fn table(tables: &[Table], on_file: &OnFile) -> Reading {
    let suffice = |has: &dyn Fn(Column) -> bool| {
        let whose = has(Column::Mail) || has(Column::Cohort);
        let when = has(Column::Date) || has(Column::Weekday);
        whose && when && has(Column::Start) && has(Column::End)
    };
    let mut reading = Reading::default();
    let Some(headed) = headings::find(tables, &USUAL, &Said::default(), suffice) else {
        reading.refused.push(refuse_file(
            "no row of headings was found with a cohort or an e-mail, a date or a weekday, a start and an end",
            on_file.reader.choose(
                "name the columns so; for a schedule from Amion, add --format amion",
                "name the columns so; if this is a schedule from Amion, bring it again and say so",
            ),
        ));
        return reading;
    };
    reading.ignored_columns.clone_from(&headed.ignored);
    let people = People::of(on_file);
    let mut blocks = Vec::new();
    for record in headed.records().filter(|record| !record.is_blank()) {
        match line(&record, &people, &mut reading.warnings) {
            Ok(more) => blocks.extend(more),
            Err(refusal) => reading.refused.push(refusal),
        }
        if blocks.len() > MAX_DRAFTS {
            let problem =
                format!("the file has more than {MAX_DRAFTS} stretches; nothing was read from here on");
            reading.refused.push(record.refuse(None, problem, "import a shorter period"));
            break;
        }
    }
    reading.blocks = join(blocks);
    reading
}

/// Who is on file, by what a line may name.
struct People<'f> {
    on_file: &'f OnFile,
    directory: BTreeMap<String, &'f Enrolled>,
    /// Programs and cohorts of which there is anybody.
    cohorts: BTreeSet<(String, String)>,
}

impl<'f> People<'f> {
    fn of(on_file: &'f OnFile) -> Self {
        let cohort = |one: &Enrolled| Some((plain(&one.program_code), plain(one.cohort.as_deref()?)));
        let cohorts = on_file.residents.iter().filter_map(cohort).collect();
        Self { on_file, directory: on_file.directory(), cohorts }
    }
}

fn line(
    record: &Record<'_, '_>,
    people: &People<'_>,
    warnings: &mut Vec<RowRefusal>,
) -> Result<Vec<BlockDraft>, RowRefusal> {
    let kind = match plain(record.text(Column::Kind)).as_str() {
        "" | "protected" => Kind::Protected,
        "never" | "blocked" => Kind::Never,
        _ => return Err(record.refuse(Some(Column::Kind), "not a kind of time", "write protected or never")),
    };
    let (whose, zone) = whose(record, people, warnings)?;
    let (from, to) = (hour(record, Column::Start)?, hour(record, Column::End)?);
    let block = |on| BlockDraft {
        line: record.line(),
        whose: whose.clone(),
        kind,
        span: LocalSpan { on, from, to, zone },
    };
    if from == to {
        return Err(record.refuse(Some(Column::End), "the end is the start", "correct one of the two"));
    }
    Ok(dates(record)?.into_iter().map(block).collect())
}

fn whose(
    record: &Record<'_, '_>,
    people: &People<'_>,
    warnings: &mut Vec<RowRefusal>,
) -> Result<(Whose, Zone), RowRefusal> {
    if !record.text(Column::Mail).is_empty() {
        let address = crate::domain::places::mail(record, Column::Mail)?;
        let found = people.directory.get(address.reveal()).and_then(|one| people.on_file.zone_of(one));
        let remedy = people.on_file.reader.choose(
            "import the roster first with `holdspace roster import`, or correct the address",
            "add this person to the roster first, or correct the address",
        );
        return found
            .map(|zone| (Whose::Person(address), zone))
            .ok_or_else(|| record.refuse(Some(Column::Mail), "this address is on no roster", remedy));
    }
    let cohort = record.text(Column::Cohort);
    if cohort.is_empty() {
        let remedy = "add a cohort or somebody's e-mail address, or remove the line";
        return Err(record.refuse(Some(Column::Cohort), "nobody is named", remedy));
    }
    let (code, zone) = program(record, people.on_file)?;
    if !people.cohorts.contains(&(plain(code), plain(cohort))) {
        let remedy = "the line was taken; check the cohort, or import the roster";
        warnings.push(record.refuse(Some(Column::Cohort), "nobody on the roster is in this cohort", remedy));
    }
    Ok((Whose::Cohort { program_code: code.to_owned(), cohort: cohort.to_owned() }, zone))
}

fn program<'f>(record: &Record<'_, '_>, on_file: &'f OnFile) -> Result<(&'f str, Zone), RowRefusal> {
    let code = record.text(Column::Program);
    match &on_file.programs[..] {
        [(only, zone)] if code.is_empty() => Ok((only, *zone)),
        _ => on_file.program(code).ok_or_else(|| {
            let problem = if code.is_empty() { "no program" } else { "this program is not known" };
            let remedy = on_file.reader.choose(
                "write its code, or import it first with `holdspace programs import`",
                "write your program's code, or leave the line to its own coordinator",
            );
            record.refuse(Some(Column::Program), problem, remedy)
        }),
    }
}

fn hour(record: &Record<'_, '_>, column: Column) -> Result<NaiveTime, RowRefusal> {
    written::time_of_day(record.text(column))
        .ok_or_else(|| record.refuse(Some(column), "not a time of day", "write it like 13:00 or 1:00 PM"))
}

fn date(record: &Record<'_, '_>, column: Column) -> Result<NaiveDate, RowRefusal> {
    written::date(record.text(column))
        .ok_or_else(|| record.refuse(Some(column), "not a date", "write it like 2027-07-05 or 7/5/2027"))
}

/// The date of the line, or every such weekday from one date until another.
fn dates(record: &Record<'_, '_>) -> Result<Vec<NaiveDate>, RowRefusal> {
    if !record.text(Column::Date).is_empty() || record.text(Column::Weekday).is_empty() {
        return Ok(vec![date(record, Column::Date)?]);
    }
    let weekday = written::weekday(record.text(Column::Weekday))
        .ok_or_else(|| record.refuse(Some(Column::Weekday), "not a weekday", "write it like MO or Monday"))?;
    let (from, until) = (date(record, Column::From)?, date(record, Column::Until)?);
    if until < from || (until - from).num_days() > LONGEST {
        let problem = format!("the period ends before it begins, or is longer than {LONGEST} days");
        return Err(record.refuse(Some(Column::Until), problem, "correct one of the two dates"));
    }
    Ok(from.iter_days().take_while(|day| *day <= until).filter(|day| day.weekday() == weekday).collect())
}
