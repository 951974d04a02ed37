//! What becomes of a booking when the rules of a time zone change: the clock on the wall stays what was agreed, so the
//! moment moves. Never decides where to.

use super::{Booking, Standing, Visit};

/// A booking with its visits at their new moments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retimed {
    /// The booking as it is afterwards.
    pub booking: Booking,
    /// Whether the default visit moved, of which letters for everyone speak.
    pub default: bool,
    /// The visit whose calendar entry must be sent again: none where no entry stands at a moment that moved.
    pub entry: Option<Visit>,
}

impl Booking {
    /// Puts every visit to where `at` says; none where nothing moves. `told` says whether the resident has been told of the
    /// default visit: nobody's calendar holds one that they never heard of.
    #[must_use]
    pub fn retimed(&self, at: impl Fn(&Visit) -> Option<Visit>, told: bool) -> Option<Retimed> {
        let moved = |visit: &Option<Visit>| visit.as_ref().and_then(&at);
        let (default, before) = (moved(&self.default_visit), moved(&self.own.before));
        let present = match &self.standing {
            Standing::Waiting => None,
            Standing::Held(visit) | Standing::OptedOut(visit) => at(visit),
        };
        if default.is_none() && before.is_none() && present.is_none() {
            return None;
        }
        let entry = present.clone().filter(|_| self.on_calendar && told);
        let mut booking = self.clone();
        booking.standing = match (self.standing.clone(), present) {
            (Standing::Held(_), Some(visit)) => Standing::Held(visit),
            (Standing::OptedOut(_), Some(visit)) => Standing::OptedOut(visit),
            (as_before, _) => as_before,
        };
        booking.number += u32::from(default.is_some());
        booking.sequence += u32::from(entry.is_some());
        let moves = default.is_some();
        booking.default_visit = default.or(booking.default_visit);
        booking.own.before = before.or(booking.own.before);
        Some(Retimed { booking, default: moves, entry })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, booked};
    use super::*;
    use crate::domain::booking::Entry;
    use crate::domain::time::Span;
    use chrono::Duration;

    fn an_hour_earlier(visit: &Visit) -> Option<Visit> {
        let hour = Duration::hours(1);
        let span = Span::new(visit.span.starts_at() - hour, visit.span.ends_at() - hour)?;
        Some(Visit { span, ..visit.clone() })
    }

    #[test]
    fn whoever_has_an_entry_gets_it_again_once_and_whoever_has_none_does_not() {
        let held = booked().retimed(an_hour_earlier, true).unwrap();
        assert_eq!((held.booking.number, held.booking.sequence), (1, 1));
        assert_eq!(held.entry.as_ref(), held.booking.visit());
        let out = booked().opt_out(Entry::Remove, at(0)).unwrap().booking;
        let out = out.retimed(an_hour_earlier, true).unwrap();
        assert_eq!((out.default, out.entry, out.booking.number), (true, None, 1));
        let kept = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
        assert!(kept.retimed(an_hour_earlier, true).unwrap().entry.is_some(), "the cover moves along");
        assert!(booked().retimed(an_hour_earlier, false).unwrap().entry.is_none(), "nobody was told yet");
        assert_eq!(booked().retimed(|_| None, true), None);
    }

    #[test]
    fn who_waits_after_all_takes_no_seat_by_it() {
        let mut waiting = booked();
        waiting.standing = Standing::Waiting;
        waiting.on_calendar = false;
        let retimed = waiting.retimed(an_hour_earlier, true).unwrap();
        assert_eq!(retimed.booking.standing, Standing::Waiting);
        assert!(retimed.default && retimed.entry.is_none());
    }
}
