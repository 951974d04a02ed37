//! A file of availability -> patterns and exceptions by therapist, or refusals by line. Never cuts slots.

use std::collections::BTreeSet;

use super::{Change, Exception, Pattern};
use crate::domain::headings::{self, Said, Usual, refuse_file};
use crate::domain::identity::Address;
use crate::domain::places::{mail, zone};
use crate::domain::table::{RowRefusal, Table};
use crate::domain::written::{self, plain};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Mail,
    Weekday,
    Start,
    End,
    Zone,
    From,
    Until,
    Date,
    Kind,
}

type Record<'h, 't> = headings::Record<'h, 't, Column>;

const USUAL: [Usual<Column>; 9] = [
    (Column::Mail, &["therapistemail", "email", "emailaddress", "therapist", "mail"]),
    (Column::Weekday, &["weekday", "dayofweek", "day"]),
    (Column::Start, &["start", "starttime", "starts", "begin"]),
    (Column::End, &["end", "endtime", "ends", "stop"]),
    (Column::Zone, &["zone", "timezone", "tz"]),
    (Column::From, &["from", "fromdate", "firstdate", "validfrom"]),
    (Column::Until, &["until", "untildate", "lastdate", "validuntil", "through"]),
    (Column::Date, &["date", "on"]),
    (Column::Kind, &["kind", "type", "change"]),
];

/// What a line offers or takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offered {
    /// Hours every week.
    Weekly(Pattern),
    /// One date that differs.
    Once(Exception),
}

/// One line of a file of availability. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// The line.
    pub line: u32,
    /// Whose it is.
    pub therapist: Address,
    /// What it says.
    pub offered: Offered,
}

/// Reads availability: `therapist_email,weekday,start,end,zone,from,until` for hours every week; with a `date` and
/// a `kind` of `away` or `extra` for one date, where no hours mean the whole day away.
///
/// `therapists` are the addresses on file; a line of anybody else is refused. The same line twice is taken once.
#[must_use]
pub fn read(tables: &[Table], therapists: &[Address]) -> crate::domain::places::Drafts<Draft> {
    let mut drafts = crate::domain::places::Drafts::default();
    let suffice = |has: &dyn Fn(Column) -> bool| {
        has(Column::Mail) && has(Column::Zone) && (has(Column::Weekday) || has(Column::Date))
    };
    let Some(headed) = headings::find(tables, &USUAL, &Said::default(), suffice) else {
        drafts.refused.push(refuse_file(
            "no row of headings was found with a therapist's e-mail, a zone, and a weekday or a date",
            "name the columns therapist_email, weekday, start, end, zone, from, until",
        ));
        return drafts;
    };
    drafts.ignored_columns.clone_from(&headed.ignored);
    // Compared and not kept.
    let known: BTreeSet<&str> = therapists.iter().map(Address::reveal).collect();
    let mut seen = BTreeSet::new();
    for record in headed.records().filter(|record| !record.is_blank()) {
        match line(&record, &known) {
            Ok(draft) if seen.insert(format!("{} {:?}", draft.therapist.reveal(), draft.offered)) => {
                drafts.taken.push((draft.line, draft));
            }
            Ok(_) => drafts.warnings.push(record.refuse(None, "repeats an earlier line", "remove the line")),
            Err(refusal) => drafts.refused.push(refusal),
        }
    }
    drafts
}

fn line(record: &Record<'_, '_>, known: &BTreeSet<&str>) -> Result<Draft, RowRefusal> {
    let therapist = mail(record, Column::Mail)?;
    if !known.contains(therapist.reveal()) {
        let remedy = "import the therapist first with `holdspace therapists import`, or correct the address";
        return Err(record.refuse(Some(Column::Mail), "this therapist is not known", remedy));
    }
    let offered = match (record.text(Column::Date), plain(record.text(Column::Kind)).as_str()) {
        ("", "" | "weekly" | "pattern") => Offered::Weekly(weekly(record)?),
        (_, "away" | "off" | "out") => Offered::Once(once(record, Change::Away)?),
        (_, "extra" | "added") => Offered::Once(once(record, Change::Extra)?),
        (date, _) => {
            let problem = if date.is_empty() { "not a kind of line" } else { "a date without away or extra" };
            let remedy = "write away or extra, or leave kind and date empty for hours every week";
            return Err(record.refuse(Some(Column::Kind), problem, remedy));
        }
    };
    Ok(Draft { line: record.line(), therapist, offered })
}

fn weekly(record: &Record<'_, '_>) -> Result<Pattern, RowRefusal> {
    let weekday = written::weekday(record.text(Column::Weekday))
        .ok_or_else(|| record.refuse(Some(Column::Weekday), "not a weekday", "write it like MO or Monday"))?;
    let (from, to) = hours(record)?;
    let (first, last) = (bound(record, Column::From)?, bound(record, Column::Until)?);
    if matches!((first, last), (Some(first), Some(last)) if last < first) {
        let remedy = "correct one of the two dates";
        return Err(record.refuse(Some(Column::Until), "the last date is before the first", remedy));
    }
    Ok(Pattern { weekday, from, to, zone: zone(record, Column::Zone)?, first, last })
}

fn once(record: &Record<'_, '_>, change: Change) -> Result<Exception, RowRefusal> {
    let on = bound(record, Column::Date)?
        .ok_or_else(|| record.refuse(Some(Column::Date), "no date", "write it like 2027-07-05"))?;
    let whole = record.text(Column::Start).is_empty() && record.text(Column::End).is_empty();
    let hours = if whole && change == Change::Away { None } else { Some(hours(record)?) };
    Ok(Exception { change, on, hours, zone: zone(record, Column::Zone)? })
}

fn hours(record: &Record<'_, '_>) -> Result<(chrono::NaiveTime, chrono::NaiveTime), RowRefusal> {
    let hour = |column| {
        written::time_of_day(record.text(column))
            .ok_or_else(|| record.refuse(Some(column), "not a time of day", "write it like 13:00 or 1:00 PM"))
    };
    let (from, to) = (hour(Column::Start)?, hour(Column::End)?);
    if from == to {
        return Err(record.refuse(Some(Column::End), "the end is the start", "correct one of the two"));
    }
    Ok((from, to))
}

fn bound(record: &Record<'_, '_>, column: Column) -> Result<Option<chrono::NaiveDate>, RowRefusal> {
    match record.text(column) {
        "" => Ok(None),
        text => written::date(text)
            .map(Some)
            .ok_or_else(|| record.refuse(Some(column), "not a date", "write it like 2027-07-05")),
    }
}
