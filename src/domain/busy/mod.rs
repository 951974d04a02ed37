//! The events of a calendar -> the time in which somebody is busy. Never keeps what an event is about, and never
//! expands a recurrence past a stated bound.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDateTime};

use super::availability::union;
use super::table::{RowRefusal, Table};
use super::time::{Instant, Span, Zone, resolve, wall};

mod moment;
mod recurrence;

use moment::Moment;

/// Most stretches of busy time of one calendar.
pub const MAX_SPANS: usize = 20_000;
/// Recurrences that were given up after much searching, after which the calendar is not read on.
const MAX_EXHAUSTED: usize = 3;
/// Most events of one calendar that repeat.
const MAX_REPEATING: usize = 1_000;
/// Longest event, in days; a longer one is a slip.
const LONGEST: i64 = 400;

/// Busy time of one calendar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Busy {
    /// When, inside the period that was asked for or reaching into it; sorted, joined where they overlap or touch. More
    /// than [`MAX_SPANS`] only where it is not complete.
    pub spans: Vec<Span>,
    /// Events that could not be read: their time is not known to be busy.
    pub refused: Vec<RowRefusal>,
    /// Whether everything was looked at; not where it was too much.
    pub complete: bool,
}

/// Reads busy time from events, one table each, whose rows are properties: name, parameters, value.
///
/// Hours without a zone and whole days are meant in `floating`. Free and cancelled events are passed over
/// (RFC 5545, sections 3.8.2.7 and 3.8.1.11), as is what Outlook marks as free. Recurrences are expanded by the
/// clock on the wall; a changed occurrence (section 3.8.4.4) takes the place of the original one.
#[must_use]
pub fn busy(events: &[Table], floating: Zone, within: Span) -> Busy {
    let changed = changed(events, floating);
    let mut busy = Busy { complete: true, ..Busy::default() };
    let mut spans = Vec::new();
    let (mut exhausted, mut repeating) = (0, 0);
    for event in events.iter().map(Event) {
        if event.is_free() {
            continue;
        }
        repeating += usize::from(event.property("RRULE").is_some());
        match event.spans(floating, within, &changed) {
            Ok(more) => spans.extend(more),
            Err(why) => {
                exhausted += usize::from(why == Unreadable::Endless);
                busy.refused.push(event.refuse(why));
            }
        }
        if spans.len() > MAX_SPANS || exhausted == MAX_EXHAUSTED || repeating > MAX_REPEATING {
            busy.refused.push(event.refuse(Unreadable::TooMuch));
            busy.complete = false;
            break;
        }
    }
    busy.spans = union(spans);
    busy
}

/// When an event is that happens once: none where it does not say so in a zone that is known. A local time without a zone
/// means another moment to whoever reads it elsewhere.
pub(super) fn once(event: &Table) -> Option<Span> {
    let event = Event(event);
    let one = |name| {
        let mut all = event.properties(name);
        let (_, parameters, value) = all.next()?;
        if all.next().is_some() {
            return None;
        }
        moment_of(parameters, value)
    };
    let starts_at = one("DTSTART")?;
    let ends_at = match event.property("DURATION") {
        Some((_, _, value)) if event.property("DTEND").is_none() => {
            starts_at.checked_add_signed(moment::duration(value)?)?
        }
        _ => one("DTEND")?,
    };
    Span::new(starts_at, ends_at)
}

/// The moment that a DATE-TIME with a zone means.
pub(super) fn moment_of(parameters: &str, value: &str) -> Option<Instant> {
    let moment = Moment::read(parameters, value, Zone::UTC).ok()?;
    (!moment.whole_day && moment::is_zoned(parameters, value)).then(|| moment.instant())
}

/// Whether some event, busy or free, is inside a period or reaches into it; so is one that cannot be read.
#[must_use]
pub fn reaches(events: &[Table], floating: Zone, within: Span) -> bool {
    let changed = changed(events, floating);
    let mut events = events.iter().map(Event).take(MAX_REPEATING);
    events.any(|event| event.spans(floating, within, &changed).map_or(true, |spans| !spans.is_empty()))
}

/// When the only event of a calendar is. None where there are several, where it repeats, or where it cannot be read.
#[must_use]
pub fn single(events: &[Table], floating: Zone) -> Option<Span> {
    let [event] = events else { return None };
    let event = Event(event);
    if ["RRULE", "RDATE", "RECURRENCE-ID"].iter().any(|name| event.property(name).is_some()) {
        return None;
    }
    let (_, parameters, value) = event.property("DTSTART")?;
    let start = Moment::read(parameters, value, floating).ok()?;
    let end = start.local.checked_add_signed(event.length(start, floating).ok()?)?;
    Span::new(start.instant(), resolve(end, start.zone))
}

/// The UID that all events of a calendar have. None where they have several, or none.
#[must_use]
pub fn uid(events: &[Table]) -> Option<&str> {
    let mut uids = events.iter().map(|event| Event(event).property("UID").map(|(_, _, uid)| uid.trim()));
    let first = uids.next()?.filter(|uid| !uid.is_empty())?;
    uids.all(|uid| uid == Some(first)).then_some(first)
}

/// Why an event was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unreadable {
    Start,
    End,
    UnknownZone(u32),
    Rule(u32),
    TooOften(u32),
    Endless,
    Date(u32),
    TooMuch,
}

/// Occurrences that another event of the same UID replaces: UID and the start that they had.
fn changed(events: &[Table], floating: Zone) -> BTreeSet<(&str, Instant)> {
    let one = |event: &'_ Table| -> Option<Instant> {
        let (_, parameters, value) = Event(event).property("RECURRENCE-ID")?;
        Some(Moment::read(parameters, value, floating).ok()?.instant())
    };
    events.iter().filter_map(|event| Some((Event(event).property("UID")?.2, one(event)?))).collect()
}

/// One VEVENT.
#[derive(Clone, Copy)]
struct Event<'t>(&'t Table);

impl<'t> Event<'t> {
    fn properties(self, name: &str) -> impl Iterator<Item = (u32, &'t str, &'t str)> {
        let rows = self.0.rows.iter().filter(move |row| row.cell(0) == name);
        rows.map(|row| (row.line, row.cell(1), row.cell(2)))
    }

    fn property(self, name: &str) -> Option<(u32, &'t str, &'t str)> {
        self.properties(name).next()
    }

    fn is_free(self) -> bool {
        let says = |name, word: &str| {
            self.property(name).is_some_and(|(_, _, value)| value.eq_ignore_ascii_case(word))
        };
        says("TRANSP", "TRANSPARENT")
            || says("STATUS", "CANCELLED")
            || says("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
    }

    fn spans(
        self,
        floating: Zone,
        within: Span,
        changed: &BTreeSet<(&str, Instant)>,
    ) -> Result<Vec<Span>, Unreadable> {
        let (line, parameters, value) = self.property("DTSTART").ok_or(Unreadable::Start)?;
        let start =
            Moment::read(parameters, value, floating).map_err(|bad| bad.at(line, Unreadable::Start))?;
        let length = self.length(start, floating)?;
        let is_change = self.property("RECURRENCE-ID").is_some();
        let uid = self.property("UID").map_or("", |(_, _, value)| value);
        let starts =
            if is_change { vec![start.local] } else { self.occurrences(start, length, floating, within)? };
        let spans = starts.into_iter().filter_map(|local| {
            let starts_at = resolve(local, start.zone);
            let replaced = !is_change && changed.contains(&(uid, starts_at));
            let ends_at = resolve(local.checked_add_signed(length)?, start.zone);
            Span::new(starts_at, ends_at).filter(|span| !replaced && span.overlaps(&within))
        });
        Ok(spans.collect())
    }

    /// How long it lasts by the clock on the wall: until DTEND, by DURATION, or for a whole day (section 3.6.1).
    fn length(self, start: Moment, floating: Zone) -> Result<Duration, Unreadable> {
        let length = if let Some((line, parameters, value)) = self.property("DTEND") {
            let end =
                Moment::read(parameters, value, floating).map_err(|bad| bad.at(line, Unreadable::End))?;
            let end = if end.zone == start.zone { end.local } else { wall(end.instant(), start.zone).naive };
            end - start.local
        } else if let Some((_, _, value)) = self.property("DURATION") {
            moment::duration(value).ok_or(Unreadable::End)?
        } else if start.whole_day {
            Duration::days(1)
        } else {
            Duration::zero()
        };
        if length < Duration::zero() || length > Duration::days(LONGEST) {
            return Err(Unreadable::End);
        }
        Ok(length)
    }

    /// The local starts of all occurrences that may reach into the period.
    fn occurrences(
        self,
        start: Moment,
        length: Duration,
        floating: Zone,
        within: Span,
    ) -> Result<Vec<NaiveDateTime>, Unreadable> {
        // A day more on either side, because the period is given in UTC.
        let from = wall(within.starts_at(), start.zone).naive - length - Duration::days(1);
        let until = wall(within.ends_at(), start.zone).naive + Duration::days(1);
        let mut starts = BTreeSet::from([start.local]);
        for (line, _, rule) in self.properties("RRULE").take(4) {
            starts.extend(recurrence::expand(rule, start, from, until).map_err(|why| why.at(line))?);
        }
        starts.extend(self.dates("RDATE", start, floating)?);
        for excepted in self.dates("EXDATE", start, floating)? {
            starts.remove(&excepted);
        }
        Ok(starts.into_iter().filter(|local| (from..=until).contains(local)).collect())
    }

    /// The dates of RDATE or EXDATE, by the clock of the event's own zone; of a period only its start counts.
    fn dates(self, name: &str, start: Moment, floating: Zone) -> Result<Vec<NaiveDateTime>, Unreadable> {
        let mut dates = Vec::new();
        for (line, parameters, values) in self.properties(name) {
            for value in values.split(',').filter(|value| !value.trim().is_empty()) {
                let value = value.split_once('/').map_or(value, |(start, _)| start);
                let moment = Moment::read(parameters, value, floating)
                    .map_err(|bad| bad.at(line, Unreadable::Date(line)))?;
                let same = moment.zone == start.zone;
                dates.push(if same { moment.local } else { wall(moment.instant(), start.zone).naive });
            }
        }
        Ok(dates)
    }

    fn refuse(self, why: Unreadable) -> RowRefusal {
        let own = self.0.rows.first().map_or(0, |row| row.line);
        let (line, column, problem, remedy) = match why {
            Unreadable::Start => {
                (own, "DTSTART", "the event has no start that can be read", "export it again")
            }
            Unreadable::End => (
                own,
                "DTEND",
                "the event has no end that can be read, or is longer than a year",
                "shorten it",
            ),
            Unreadable::UnknownZone(line) => (
                line,
                "TZID",
                "this time zone is not known",
                "export with IANA names, such as America/Denver",
            ),
            Unreadable::Date(line) => (line, "EXDATE", "a date that cannot be read", "export it again"),
            Unreadable::Rule(line) => {
                (line, "RRULE", "a recurrence that cannot be read", "export single events")
            }
            Unreadable::TooOften(line) => (
                line,
                "RRULE",
                "repeats within the hour, or more than 2,000 times",
                "make it one longer event",
            ),
            Unreadable::Endless => (own, "RRULE", "a recurrence that finds no date", "remove the event"),
            Unreadable::TooMuch => {
                (own, "RRULE", "too much busy time; nothing was read from here on", "export a shorter period")
            }
        };
        RowRefusal {
            sheet: None,
            line,
            column: Some(column.to_owned()),
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
