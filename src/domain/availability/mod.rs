//! When therapists offer visits: weekly patterns in their own zone with exceptions, cut into slots in UTC. Never
//! knows who sits in a slot.

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use super::time::{Instant, LocalSpan, Span, Zone, day, wall};

mod reading;
pub mod typed;

pub use reading::{Draft, Offered, read};

/// Longest period that is cut into slots, in days; what lies behind is not looked at.
const LONGEST: i64 = 800;

/// Hours that a therapist offers on one weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The weekday on which the hours begin.
    pub weekday: Weekday,
    /// When they begin, by the clock on the wall.
    pub from: NaiveTime,
    /// When they end; midnight or an earlier time than `from` is on the next day.
    pub to: NaiveTime,
    /// Where the clock hangs.
    pub zone: Zone,
    /// First date on which they are offered; none for always.
    pub first: Option<NaiveDate>,
    /// Last such date; none for ever.
    pub last: Option<NaiveDate>,
}

/// Whether an exception takes hours away or adds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Nothing is offered then.
    Away,
    /// Offered besides the pattern.
    Extra,
}

/// One date that differs from the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// What it does.
    pub change: Change,
    /// The date.
    pub on: NaiveDate,
    /// Start and end; none for the whole day.
    pub hours: Option<(NaiveTime, NaiveTime)>,
    /// Where the clock hangs.
    pub zone: Zone,
}

impl Exception {
    fn span(&self) -> Option<Span> {
        match self.hours {
            None => Some(day(self.on, self.zone)),
            Some((from, to)) => LocalSpan { on: self.on, from, to, zone: self.zone }.resolve(),
        }
    }
}

/// Cuts what is offered into slots of `visit_minutes`, one after another with `buffer_minutes` between, from the
/// start of each stretch of hours on.
///
/// A slot that overlaps busy time padded by the buffer, or an absence, is left out; it does not shift the others, so
/// that a slot keeps its time when a calendar changes. Only slots wholly inside `within` are given: sorted, never
/// overlapping, the same for the same input. A clock change moves the hours with the clock on the wall.
#[must_use]
pub fn slots(
    patterns: &[Pattern],
    exceptions: &[Exception],
    busy: &[Span],
    visit_minutes: u32,
    buffer_minutes: u32,
    within: Span,
) -> Vec<Span> {
    let (visit, buffer) =
        (Duration::minutes(i64::from(visit_minutes)), Duration::minutes(i64::from(buffer_minutes)));
    if visit.is_zero() {
        return Vec::new();
    }
    let taken =
        union(busy.iter().map(|span| span.padded(buffer_minutes)).chain(spans(exceptions, Change::Away)));
    let mut slots: Vec<Span> = Vec::new();
    let mut free_from = Instant::MIN_UTC;
    for hours in offered(patterns, exceptions, within) {
        let mut start = hours.starts_at();
        while let Some(slot) = Span::new(start, start + visit).filter(|slot| hours.contains(slot)) {
            start = slot.ends_at() + buffer;
            // Hours of two patterns may overlap; the earlier slot stands.
            if slot.starts_at() >= free_from {
                free_from = start;
                slots.push(slot);
            }
        }
    }
    slots.retain(|slot| within.contains(slot) && !meets(&taken, slot));
    slots
}

/// Whether a span meets hours that are offered: those of the pattern and besides it, without those taken away.
#[must_use]
pub fn meets_hours(patterns: &[Pattern], exceptions: &[Exception], span: Span) -> bool {
    // A stretch of hours is shorter than a day, so those that begin a day earlier are all that can reach so far.
    let around = span.padded(24 * 60);
    let away: Vec<Span> = away(exceptions).collect();
    // What is left of the hours within the span: looked at from one end of an absence to the next.
    let mut hours = offered(patterns, exceptions, around);
    for gone in away {
        hours = hours.into_iter().flat_map(|hours| without(hours, gone)).collect();
    }
    hours.iter().any(|hours| hours.overlaps(&span))
}

/// What is left of a span without another.
fn without(span: Span, gone: Span) -> impl Iterator<Item = Span> {
    let before = Span::new(span.starts_at(), span.ends_at().min(gone.starts_at()));
    let after = Span::new(span.starts_at().max(gone.ends_at()), span.ends_at());
    before.into_iter().chain(after)
}

/// When nothing is offered, whatever the pattern says.
pub fn away(exceptions: &[Exception]) -> impl Iterator<Item = Span> {
    spans(exceptions, Change::Away)
}

/// All hours that may hold a slot of the period, by start and then by end.
fn offered(patterns: &[Pattern], exceptions: &[Exception], within: Span) -> Vec<Span> {
    let mut hours: Vec<Span> = patterns
        .iter()
        .flat_map(|pattern| dates(pattern, within))
        .filter_map(|span| span.resolve())
        .collect();
    let extra = spans(exceptions, Change::Extra).filter(|span| span.overlaps(&within));
    hours.extend(extra);
    hours.sort_by_key(|span| (span.starts_at(), span.ends_at()));
    hours.dedup();
    hours
}

fn dates(pattern: &Pattern, within: Span) -> impl Iterator<Item = LocalSpan> {
    let pattern = *pattern;
    // A day more on either side: hours may run past midnight, and zones are up to a day apart.
    let from = wall(within.starts_at(), pattern.zone).date();
    let from = from.checked_sub_days(Days::new(2)).unwrap_or(from);
    let until = wall(within.ends_at(), pattern.zone).date().min(from + Duration::days(LONGEST));
    from.iter_days()
        .take_while(move |on| *on <= until)
        .filter(move |on| on.weekday() == pattern.weekday)
        .filter(move |on| pattern.first.is_none_or(|first| first <= *on))
        .filter(move |on| pattern.last.is_none_or(|last| *on <= last))
        .map(move |on| LocalSpan { on, from: pattern.from, to: pattern.to, zone: pattern.zone })
}

fn spans(exceptions: &[Exception], change: Change) -> impl Iterator<Item = Span> {
    exceptions.iter().filter(move |one| one.change == change).filter_map(Exception::span)
}

/// The same moments as sorted spans that neither overlap nor touch.
#[must_use]
pub fn union(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.into_iter().collect();
    spans.sort();
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.starts_at() <= last.ends_at() => {
                let end = last.ends_at().max(span.ends_at());
                *last = Span::new(last.starts_at(), end).unwrap_or(*last);
            }
            _ => joined.push(span),
        }
    }
    joined
}

/// Whether a slot overlaps any of some joined spans.
fn meets(joined: &[Span], slot: &Span) -> bool {
    let after = joined.partition_point(|span| span.ends_at() <= slot.starts_at());
    joined.get(after).is_some_and(|span| span.overlaps(slot))
}

#[cfg(test)]
mod tests;
