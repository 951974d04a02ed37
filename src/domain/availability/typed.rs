//! A therapist's week and single dates as somebody types them into a form -> patterns and exceptions, or what is wrong with
//! which line. Never cuts slots, and never knows whose they are.

use chrono::{NaiveDate, NaiveTime, Weekday};

use super::{Change, Exception, Pattern};
use crate::domain::time::Zone;
use crate::domain::written;

/// One stretch of hours of a week, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedHours {
    /// The weekday.
    pub weekday: Weekday,
    /// When it begins; a stretch without either time is none.
    pub from: String,
    /// When it ends.
    pub to: String,
    /// The first date on which it is offered; empty for always.
    pub first: String,
    /// The last one; empty for ever.
    pub last: String,
    /// The zone that is meant, where it is not the therapist's own.
    pub zone: Option<Zone>,
}

/// One date that differs, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedDate {
    /// The date.
    pub on: String,
    /// What it does.
    pub change: Change,
    /// When it begins; without either time the whole day, which only a day off can be.
    pub from: String,
    /// When it ends.
    pub to: String,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The beginning is missing or no time of day.
    From,
    /// The end is missing or no time of day.
    To,
    /// It is longer than anybody works, so that the end is likely before the beginning.
    Long,
    /// The first date is none.
    First,
    /// The last date is none.
    Last,
    /// The last date is before the first.
    Backwards,
    /// The date is missing or none.
    Date,
    /// The date is over.
    Over,
}

/// Nobody offers more minutes than this in one stretch.
const MINUTES_MAX: i64 = 16 * 60;

/// The patterns of a week, or what is wrong with which of its lines, counted from 0. Each stretch is there once.
///
/// # Errors
/// Every flaw, each with its line.
pub fn week(lines: &[TypedHours], zone: Zone) -> Result<Vec<Pattern>, Vec<(usize, Flaw)>> {
    let (mut patterns, mut flaws) = (Vec::new(), Vec::new());
    let filled = |line: &&TypedHours| !(line.from.trim().is_empty() && line.to.trim().is_empty());
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| filled(line)) {
        match pattern(line, zone) {
            Ok(pattern) if !patterns.contains(&pattern) => patterns.push(pattern),
            Ok(_) => {}
            Err(flaw) => flaws.push((number, flaw)),
        }
    }
    if flaws.is_empty() { Ok(patterns) } else { Err(flaws) }
}

fn pattern(line: &TypedHours, zone: Zone) -> Result<Pattern, Flaw> {
    let (from, to) = hours(&line.from, &line.to)?;
    let bound = |text: &str, flaw| match text.trim() {
        "" => Ok(None),
        text => written::date(text).map(Some).ok_or(flaw),
    };
    let (first, last) = (bound(&line.first, Flaw::First)?, bound(&line.last, Flaw::Last)?);
    if matches!((first, last), (Some(first), Some(last)) if last < first) {
        return Err(Flaw::Backwards);
    }
    Ok(Pattern { weekday: line.weekday, from, to, zone: line.zone.unwrap_or(zone), first, last })
}

/// The exception of a date that is not over.
///
/// # Errors
/// The first flaw.
pub fn date(line: &TypedDate, zone: Zone, today: NaiveDate) -> Result<Exception, Flaw> {
    let on = written::date(&line.on).ok_or(Flaw::Date)?;
    if on < today {
        return Err(Flaw::Over);
    }
    let whole = line.from.trim().is_empty() && line.to.trim().is_empty();
    let hours = match line.change {
        Change::Away if whole => None,
        Change::Away | Change::Extra => Some(hours(&line.from, &line.to)?),
    };
    Ok(Exception { change: line.change, on, hours, zone })
}

fn hours(from: &str, to: &str) -> Result<(NaiveTime, NaiveTime), Flaw> {
    let from = written::time_of_day(from).ok_or(Flaw::From)?;
    let to = written::time_of_day(to).ok_or(Flaw::To)?;
    // An end at or before the beginning is on the next day.
    let minutes = (to - from).num_minutes();
    let minutes = if minutes <= 0 { minutes + 24 * 60 } else { minutes };
    if minutes > MINUTES_MAX { Err(Flaw::Long) } else { Ok((from, to)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denver() -> Zone {
        "America/Denver".parse().unwrap()
    }

    fn monday(from: &str, to: &str, first: &str, last: &str) -> TypedHours {
        TypedHours {
            weekday: Weekday::Mon,
            from: from.to_owned(),
            to: to.to_owned(),
            first: first.to_owned(),
            last: last.to_owned(),
            zone: None,
        }
    }

    #[test]
    fn a_week_is_what_is_filled_in_and_each_stretch_counts_once() {
        let lines = [
            monday("09:00", "12:00", "", ""),
            monday("", " ", "", ""),
            monday("9:00 AM", "noon", "", ""),
            monday("09:00", "12:00", "", ""),
            monday("22:00", "02:00", "2027-07-05", "2027-09-24"),
        ];
        assert_eq!(week(&lines, denver()), Err(vec![(2, Flaw::To)]));
        let lines = [lines[0].clone(), lines[1].clone(), lines[3].clone(), lines[4].clone()];
        let patterns = week(&lines, denver()).unwrap();
        assert_eq!(patterns.len(), 2);
        assert_eq!(patterns[1].first, Some("2027-07-05".parse().unwrap()));
    }

    #[test]
    fn every_line_that_cannot_be_meant_is_told_at_once() {
        let lines = [
            monday("", "12:00", "", ""),
            monday("09:00", "", "", ""),
            monday("17:00", "12:00", "", ""),
            monday("09:00", "09:00", "", ""),
            monday("09:00", "12:00", "soon", ""),
            monday("09:00", "12:00", "", "later"),
            monday("09:00", "12:00", "2027-09-01", "2027-08-01"),
        ];
        let flaws = [Flaw::From, Flaw::To, Flaw::Long, Flaw::Long, Flaw::First, Flaw::Last, Flaw::Backwards];
        assert_eq!(week(&lines, denver()), Err(flaws.into_iter().enumerate().collect()));
    }

    #[test]
    fn a_day_off_may_be_whole_and_extra_hours_have_an_end() {
        let today = "2027-07-05".parse().unwrap();
        let line = |on: &str, change, from: &str, to: &str| {
            let [on, from, to] = [on, from, to].map(str::to_owned);
            date(&TypedDate { on, change, from, to }, denver(), today)
        };
        assert_eq!(line("2027-07-05", Change::Away, "", "").unwrap().hours, None);
        assert!(line("2027-07-06", Change::Away, "09:00", "12:00").unwrap().hours.is_some());
        assert_eq!(line("2027-07-06", Change::Extra, "", ""), Err(Flaw::From));
        assert_eq!(line("2027-07-04", Change::Away, "", ""), Err(Flaw::Over));
        assert_eq!(line("", Change::Away, "", ""), Err(Flaw::Date));
    }
}
