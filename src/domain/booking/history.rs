//! What happened to a booking, told by what it was before and after. Never why, and nothing that a resident keeps for
//! themselves: wishes, addresses, language, or whether they took part in a survey.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{Booking, Mark, Standing, Visit};
use crate::domain::id::SeatId;

/// So many of the newest lines are kept; of older ones only that there were some.
pub const KEPT: usize = 32;

/// By whose hand something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hand {
    /// The resident's, behind their link.
    Resident,
    /// The resident's calendar program, by an answer.
    Calendar,
    /// Their therapist's.
    Therapist,
    /// A batch's, or an absence's that was mended.
    Batch,
    /// The service's, at a fixed hour or by changed rules of clocks.
    Service,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// A visit was booked by a batch.
    Booked,
    /// No seat was found.
    Waits,
    /// The default visit was lost, and another one given.
    GivenAgain,
    /// The visit was lost, and none given.
    Lost,
    /// Another time was taken.
    Moved,
    /// The same time, held otherwise or at a moment that changed rules of clocks moved.
    Changed,
    /// Opted out.
    OptedOut,
    /// Came back to the visit that was given up.
    CameBack,
    /// Took a time after having had none.
    Took,
    /// Took another time after a visit that had begun.
    TookAgain,
    /// The entry was removed from the calendar.
    EntryRemoved,
    /// Marked as kept.
    Kept,
    /// Marked as missed.
    Missed,
    /// The mark was taken back.
    Unmarked,
    /// A follow-up was offered.
    FurtherOffered,
    /// It was taken.
    FurtherTaken,
    /// It was declined, or given up.
    FurtherLeft,
}

/// One line of a history: when, what, by whose hand, and the visit's beginning, in UTC seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line(pub i64, pub Deed, pub Hand, pub Option<i64>);

impl Deed {
    /// In words.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Waits => "waits for a seat",
            Self::GivenAgain => "given again",
            Self::Lost => "lost, and none given",
            Self::Moved => "moved",
            Self::Changed => "held otherwise",
            Self::OptedOut => "opted out",
            Self::CameBack => "came back",
            Self::Took => "took a time",
            Self::TookAgain => "took another time afterwards",
            Self::EntryRemoved => "entry removed from the calendar",
            Self::Kept => "marked as kept",
            Self::Missed => "marked as missed",
            Self::Unmarked => "mark taken back",
            Self::FurtherOffered => "follow-up offered",
            Self::FurtherTaken => "follow-up taken",
            Self::FurtherLeft => "follow-up declined or given up",
        }
    }
}

impl Hand {
    /// In words.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Resident => "the resident",
            Self::Calendar => "the resident's calendar",
            Self::Therapist => "the therapist",
            Self::Batch => "a batch",
            Self::Service => "the service",
        }
    }
}

fn begins(visit: &Visit) -> Option<i64> {
    Some(visit.span.starts_at().timestamp())
}

impl Booking {
    /// What happened when this booking took the place of another state of itself, with the visits that it was about.
    #[must_use]
    pub fn deeds_since(&self, before: &Self, by: Hand) -> Vec<(Deed, Option<i64>)> {
        let mut deeds = Vec::new();
        if let Some((deed, visit)) = self.stood_up(before, by) {
            deeds.push((deed, visit.and_then(begins)));
        }
        if before.on_calendar && !self.on_calendar && !matches!(self.standing, Standing::Waiting) {
            deeds.push((Deed::EntryRemoved, None));
        }
        for visit in self.all_visits() {
            let (was, is) = (before.mark_of(visit.seat), self.mark_of(visit.seat));
            if was != is {
                let deed = match is {
                    Some(Mark::Kept) => Deed::Kept,
                    Some(Mark::Missed) => Deed::Missed,
                    None => Deed::Unmarked,
                };
                deeds.push((deed, begins(visit)));
            }
        }
        deeds
    }

    fn stood_up<'b>(&'b self, before: &'b Self, by: Hand) -> Option<(Deed, Option<&'b Visit>)> {
        let batch = by == Hand::Batch;
        Some(match (&before.standing, &self.standing) {
            (Standing::Waiting, Standing::Waiting) => return None,
            (Standing::Waiting, Standing::Held(to) | Standing::OptedOut(to)) => {
                let first = before.default_visit.is_none() && before.number == 0;
                let deed = match (batch, first) {
                    (true, true) => Deed::Booked,
                    (true, false) => Deed::GivenAgain,
                    (false, _) => Deed::Took,
                };
                (deed, Some(to))
            }
            (Standing::Held(from) | Standing::OptedOut(from), Standing::Waiting) => (Deed::Lost, Some(from)),
            (Standing::Held(from), Standing::OptedOut(_)) => (Deed::OptedOut, Some(from)),
            (Standing::OptedOut(from), Standing::Held(to)) if from.seat == to.seat => {
                (Deed::CameBack, Some(to))
            }
            (Standing::OptedOut(_), Standing::Held(to)) => (Deed::Took, Some(to)),
            (Standing::Held(from), Standing::Held(to)) if from.span == to.span => {
                return (from != to).then_some((Deed::Changed, Some(to)));
            }
            (Standing::Held(from), Standing::Held(to)) if from.seat == to.seat => (Deed::Changed, Some(to)),
            (Standing::Held(_), Standing::Held(to)) if self.past.len() > before.past.len() => {
                (Deed::TookAgain, Some(to))
            }
            (Standing::Held(_), Standing::Held(to)) => {
                (if batch { Deed::GivenAgain } else { Deed::Moved }, Some(to))
            }
            (Standing::OptedOut(from), Standing::OptedOut(to)) => {
                return (from.seat != to.seat).then_some((Deed::GivenAgain, Some(to)));
            }
        })
    }

    fn all_visits(&self) -> impl Iterator<Item = &Visit> {
        self.visit().into_iter().chain(self.past.iter().map(|past| &past.visit))
    }

    /// What the history vouches for, as bytes that stay the same from version to version: where the booking stands, and every
    /// mark.
    #[must_use]
    pub fn vouched(&self) -> String {
        let mut text = match &self.standing {
            Standing::Waiting => "waiting".to_owned(),
            Standing::Held(visit) => format!("held {} {}", visit.seat, visit.span.starts_at().timestamp()),
            Standing::OptedOut(visit) => format!("out {} {}", visit.seat, visit.span.starts_at().timestamp()),
        };
        let told = |seat: SeatId| match self.mark_of(seat) {
            Some(Mark::Kept) => "kept",
            Some(Mark::Missed) => "missed",
            None => "-",
        };
        for visit in self.all_visits() {
            let _ = write!(text, " {}={}", visit.seat, told(visit.seat));
        }
        text
    }
}

#[cfg(test)]
mod tests;
