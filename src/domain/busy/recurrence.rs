//! RRULE (RFC 5545, section 3.3.10) -> local starts, bounded. Expands by the clock on the wall, as if it were UTC,
//! because the zone rules that the rrule crate carries are older than this program's.

use chrono::{Datelike, Duration, Months, NaiveDateTime};
use rrule::{RRuleSet, Tz};

use super::Unreadable;
use super::moment::Moment;
use crate::domain::time::{Zone, wall};

/// Most occurrences of one rule in the period.
const MAX_OCCURRENCES: u16 = 2_000;

/// Why a rule was not expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Unreadable,
    TooOften,
    Endless,
}

impl Why {
    pub(super) fn at(self, line: u32) -> Unreadable {
        match self {
            Self::Unreadable => Unreadable::Rule(line),
            Self::TooOften => Unreadable::TooOften(line),
            Self::Endless => Unreadable::Endless,
        }
    }
}

/// A rule in parts, as far as its bounds go.
struct Rule {
    text: String,
    frequency: String,
    interval: u32,
    counted: bool,
    until: Option<NaiveDateTime>,
}

/// The local starts between two local times.
pub(super) fn expand(
    rule: &str,
    start: Moment,
    from: NaiveDateTime,
    until: NaiveDateTime,
) -> Result<Vec<NaiveDateTime>, Why> {
    let rule = read(rule, start.zone)?;
    let first = advanced(&rule, start.local, from);
    let last = rule.until.map_or(until, |end| end.min(until));
    if first > last || last < from {
        return Ok(Vec::new());
    }
    let begun = format!("DTSTART:{}\nRRULE:{}", utc(first), rule.text);
    let bound = if rule.counted { String::new() } else { format!(";UNTIL={}", utc(last)) };
    let set: RRuleSet = format!("{begun}{bound}").parse().map_err(|_| Why::Unreadable)?;
    let zoned = |local: NaiveDateTime| local.and_utc().with_timezone(&Tz::UTC);
    let found = set.after(zoned(from)).before(zoned(last)).all(MAX_OCCURRENCES);
    match (found.limited, found.dates.len() >= usize::from(MAX_OCCURRENCES)) {
        (true, true) => Err(Why::TooOften),
        (true, false) => Err(Why::Endless),
        // Nothing in the period is common; a rule that finds nothing ever has cost a search to the end of time.
        (false, false) if found.dates.is_empty() && is_endless(&begun) => Err(Why::Endless),
        (false, _) => Ok(found.dates.into_iter().map(|date| date.naive_utc()).collect()),
    }
}

fn is_endless(begun: &str) -> bool {
    begun.parse::<RRuleSet>().is_ok_and(|set| set.all(1).dates.is_empty())
}

fn utc(local: NaiveDateTime) -> String {
    local.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Takes a rule apart; UNTIL is taken out, so that it can be put back by the clock on the wall.
fn read(text: &str, zone: Zone) -> Result<Rule, Why> {
    let text = text.trim().to_ascii_uppercase();
    if !text.is_ascii() || text.len() > 500 || text.contains(['\n', '\r', ':']) {
        return Err(Why::Unreadable);
    }
    let mut rule =
        Rule { text: String::new(), frequency: String::new(), interval: 1, counted: false, until: None };
    let mut kept = Vec::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or(Why::Unreadable)?;
        match name {
            "FREQ" => value.clone_into(&mut rule.frequency),
            "INTERVAL" => rule.interval = value.parse().map_err(|_| Why::Unreadable)?,
            "COUNT" if value.parse::<u16>().is_ok_and(|count| count <= MAX_OCCURRENCES) => {
                rule.counted = true
            }
            "COUNT" => return Err(Why::TooOften),
            "UNTIL" => {
                rule.until = Some(end(value, zone)?);
                continue;
            }
            // Several times an hour of every day is more than anybody is busy, and costly to walk through.
            "BYHOUR" | "BYMINUTE" | "BYSECOND" if value.contains(',') => return Err(Why::TooOften),
            _ => {}
        }
        kept.push(part);
    }
    if !matches!(rule.frequency.as_str(), "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY") {
        return Err(Why::TooOften);
    }
    if rule.interval == 0 || rule.interval > 1_000 {
        return Err(Why::Unreadable);
    }
    rule.text = kept.join(";");
    Ok(rule)
}

/// UNTIL by the clock on the wall: it is written in UTC where DTSTART has a zone; a date includes its whole day.
fn end(value: &str, zone: Zone) -> Result<NaiveDateTime, Why> {
    let moment = Moment::read("", value, zone).map_err(|_| Why::Unreadable)?;
    if moment.whole_day {
        return Ok(moment.local + Duration::seconds(86_399));
    }
    Ok(if moment.zone == zone { moment.local } else { wall(moment.instant(), zone).naive })
}

/// The start moved by whole periods to shortly before `from`, so that old recurrences cost no more than new ones.
///
/// Days and weeks repeat exactly. Months and years do for a day that each month has, unless the weekday of the
/// start counts, as it does for numbered weeks. A counted rule must be counted from its beginning.
fn advanced(rule: &Rule, start: NaiveDateTime, from: NaiveDateTime) -> NaiveDateTime {
    let days = (from - start).num_days();
    let interval = i64::from(rule.interval);
    let (period, months) = match rule.frequency.as_str() {
        "DAILY" => (interval, 0),
        "WEEKLY" => (7 * interval, 0),
        "MONTHLY" => (31 * interval, rule.interval),
        _ => (366 * interval, 12 * rule.interval),
    };
    let periods = days / period - 1;
    if rule.counted || periods <= 0 {
        return start;
    }
    if months == 0 {
        return start + Duration::days(periods * period);
    }
    let steady = start.day() <= 28 && !rule.text.contains("BYWEEKNO");
    let ahead = u32::try_from(periods).unwrap_or(0).saturating_mul(months);
    start.checked_add_months(Months::new(ahead)).filter(|_| steady).unwrap_or(start)
}
