//! A time that a therapist types for a follow-up: what it means in their zone, and whether a batch could ever plan there.
//! Never knows for whom.

use chrono::{Duration, NaiveDateTime};

use super::Refusal;
use crate::domain::absence::Absence;
use crate::domain::availability::{Exception, Pattern, meets_hours};
use crate::domain::time::{Meaning, Span, Zone, meaning};

/// What a therapist has beside follow-ups.
#[derive(Debug, Clone, Copy, Default)]
pub struct Engaged<'a> {
    /// The weekly hours that they offer.
    pub patterns: &'a [Pattern],
    /// Dates that differ.
    pub exceptions: &'a [Exception],
    /// Their slots.
    pub slots: &'a [Span],
    /// When their calendar is busy.
    pub busy: &'a [Span],
    /// When they are away.
    pub absences: &'a [Absence],
}

/// The span of a time that was typed. Where clocks show it twice, the first is meant (RFC 5545, section 3.3.5), and a page that
/// tells it back says which by the zone's abbreviation.
///
/// # Errors
/// [`Refusal`] where clocks skip the time, a batch might plan there, or the therapist has something else.
pub fn typed(local: NaiveDateTime, zone: Zone, minutes: u32, of: &Engaged<'_>) -> Result<Span, Refusal> {
    let starts_at = match meaning(local, zone) {
        Meaning::Skipped(_) => return Err(Refusal::Skipped),
        once_or_first => once_or_first.instant(),
    };
    let span = Span::new(starts_at, starts_at + Duration::minutes(i64::from(minutes.max(1))));
    let span = span.ok_or(Refusal::Skipped)?;
    if meets_hours(of.patterns, of.exceptions, span) {
        return Err(Refusal::InHours);
    }
    let meets = |spans: &[Span]| spans.iter().any(|other| other.overlaps(&span));
    if meets(of.slots) {
        return Err(Refusal::SlotThere);
    }
    if of.absences.iter().any(|absence| absence.closes(&span)) {
        return Err(Refusal::Away);
    }
    if meets(of.busy) {
        return Err(Refusal::Busy);
    }
    Ok(span)
}
