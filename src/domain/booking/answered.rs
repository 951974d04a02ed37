//! What answers of a calendar program do to a booking: what one changed, what others ask and nobody vouches for, and how
//! many letters they may cause. Sealed with the booking; holds no word that somebody wrote.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{Booking, Change, Entry, Refusal, Standing, Visit};
use crate::domain::time::{Instant, Span};

/// Hours after which a question that nobody answered is forgotten.
const WAIT_HOURS: i64 = 48;
/// So many letters a day one booking writes because of answers: somebody else may send them in its name.
const LETTERS_A_DAY: usize = 3;
/// A program's clock may be ahead of ours; what it says beyond this is taken for this.
const AHEAD_HOURS: i64 = 24;

/// What somebody wants who answered in their calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Not to have the visit.
    Out,
    /// To have it at another time; none where the answer did not say one that can be read.
    At(Option<Span>),
}

/// The same in seconds, because a booking has one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Small {
    #[serde(rename = "o")]
    Out,
    #[serde(rename = "t")]
    At(i64, i64),
    #[serde(rename = "n")]
    AtNone,
}

impl From<Wanted> for Small {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Out => Self::Out,
            Wanted::At(Some(span)) => Self::At(span.starts_at().timestamp(), span.ends_at().timestamp()),
            Wanted::At(None) => Self::AtNone,
        }
    }
}

impl From<Small> for Wanted {
    fn from(small: Small) -> Self {
        let at = |seconds| Instant::from_timestamp(seconds, 0);
        match small {
            Small::Out => Self::Out,
            Small::At(from, to) => Self::At(at(from).zip(at(to)).and_then(|(from, to)| Span::new(from, to))),
            Small::AtNone => Self::At(None),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    at: i64,
    wanted: Small,
    /// Whether its button was pressed: pressed twice, it says what already holds.
    done: bool,
}

/// What answers of a calendar program left in a booking.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Answered {
    /// The DTSTAMP of the newest answer that was heeded: one that is not newer is no news (RFC 5546, section 2.1.5).
    stamp: Option<i64>,
    /// The last change, where an answer made it.
    changed: Option<(Small, i64)>,
    /// What was asked by letter.
    asked: Vec<Asked>,
    /// A proposal that could not be met, and when it came.
    unmet: Option<(Small, i64)>,
    /// When the last letters were owed.
    letters: Vec<i64>,
    /// When the last letter was owed that says that an answer could not be read.
    unread: Option<i64>,
}

impl Booking {
    /// Whether an answer is news: about the entry as it is now, and newer than the last one that was heeded.
    #[must_use]
    pub fn is_news(&self, sequence: u32, stamp: Instant, now: Instant) -> bool {
        sequence >= self.told_sequence() && self.answered.stamp.is_none_or(|last| believed(stamp, now) > last)
    }

    /// The same booking once an answer was heeded, whatever came of it.
    #[must_use]
    pub fn heeded(mut self, stamp: Instant, now: Instant) -> Self {
        self.answered.stamp = Some(believed(stamp, now));
        self
    }

    /// Opts out by declining in a calendar, which has struck or removed the entry by itself: so no CANCEL is owed and the
    /// SEQUENCE stays, but whoever comes back needs a new REQUEST.
    ///
    /// # Errors
    /// As [`Booking::opt_out`].
    pub fn declined(&self, now: Instant) -> Result<Change, Refusal> {
        let change = self.opt_out(Entry::Keep, now)?;
        let mut booking = change.booking;
        booking.on_calendar = false;
        booking.shut = booking.shut.map(|_| Entry::Remove);
        booking.answered.changed = Some((Small::Out, now.timestamp()));
        Ok(Change { booking, ..change })
    }

    /// Takes the visit that was proposed in a calendar.
    ///
    /// # Errors
    /// As [`Booking::take`].
    pub fn countered(&self, to: Visit, now: Instant, earliest_start: Instant) -> Result<Change, Refusal> {
        let wanted = Small::from(Wanted::At(Some(to.span)));
        let mut change = self.take(to, now, earliest_start)?;
        change.booking.answered.changed = Some((wanted, now.timestamp()));
        Ok(change)
    }

    /// Whether there is anything that an answer of this kind could change.
    #[must_use]
    pub fn may_be_answered(&self, wanted: Wanted, now: Instant) -> bool {
        let begun = |visit: &Visit| visit.span.starts_at() <= now;
        match (wanted, &self.standing) {
            (Wanted::Out, Standing::Held(visit)) => !begun(visit),
            (Wanted::Out, Standing::OptedOut(_)) => self.on_calendar,
            (Wanted::Out, Standing::Waiting) => false,
            (Wanted::At(Some(span)), Standing::Held(visit)) if visit.span == span => false,
            (Wanted::At(_), _) => self.may_choose(now).is_ok(),
        }
    }

    /// What an answer in a calendar changed, and when, as long as nothing else was done since.
    #[must_use]
    pub fn changed_by_answer(&self) -> Option<(Wanted, Instant)> {
        let (wanted, at) = self.answered.changed?;
        let wanted = Wanted::from(wanted);
        let still = match (wanted, &self.standing) {
            (Wanted::Out, Standing::OptedOut(_)) => true,
            (Wanted::At(span), Standing::Held(held)) => span == Some(held.span),
            _ => false,
        };
        Some((wanted, Instant::from_timestamp(at, 0)?)).filter(|_| still)
    }

    /// Asks by letter whether an answer is the resident's own. None where enough letters were written today.
    #[must_use]
    pub fn asks_about(&self, wanted: Wanted, now: Instant) -> Option<Self> {
        let mut booking = self.one_more_letter(now)?;
        booking.answered.asked.retain(|asked| asked.at > now.timestamp() - WAIT_HOURS * 3600);
        let room = LETTERS_A_DAY - 1;
        let old = booking.answered.asked.len().saturating_sub(room);
        booking.answered.asked.drain(..old);
        booking.answered.asked.push(Asked { at: now.timestamp(), wanted: wanted.into(), done: false });
        Some(booking)
    }

    /// What was asked at a moment, and whether it is done, while the question is open.
    #[must_use]
    pub fn question(&self, asked_at: Instant, now: Instant) -> Option<(Wanted, bool)> {
        self.questions(now)
            .find(|(at, ..)| *at == asked_at.timestamp())
            .map(|(_, wanted, done)| (wanted, done))
    }

    /// All open questions: the second at which each was asked, what it asks, and whether it is done.
    pub fn questions(&self, now: Instant) -> impl Iterator<Item = (i64, Wanted, bool)> {
        let since = now.timestamp() - WAIT_HOURS * 3600;
        let open = self.answered.asked.iter().filter(move |asked| asked.at > since);
        open.map(|asked| (asked.at, asked.wanted.into(), asked.done))
    }

    /// The same booking once the button of a question was pressed.
    #[must_use]
    pub fn settled(mut self, asked_at: i64) -> Self {
        for asked in self.answered.asked.iter_mut().filter(|asked| asked.at == asked_at) {
            asked.done = true;
        }
        self
    }

    /// Notes a proposal that cannot be met, which a letter answers. None where enough letters were written today.
    #[must_use]
    pub fn cannot_meet(&self, proposed: Option<Span>, now: Instant) -> Option<Self> {
        let mut booking = self.one_more_letter(now)?;
        booking.answered.unmet = Some((Wanted::At(proposed).into(), now.timestamp()));
        Some(booking)
    }

    /// The proposal that could not be met at a moment.
    #[must_use]
    pub fn unmet(&self, at: Instant) -> Option<Option<Span>> {
        let (wanted, noted) = self.answered.unmet?;
        match Wanted::from(wanted) {
            Wanted::At(span) if noted == at.timestamp() => Some(span),
            _ => None,
        }
    }

    /// Notes a letter that says that an answer could not be read. None where one was written within a day.
    #[must_use]
    pub fn cannot_read(&self, now: Instant) -> Option<Self> {
        let day = Duration::days(1).num_seconds();
        let lately = self.answered.unread.is_some_and(|last| now.timestamp() - last < day);
        let mut booking = self.clone();
        booking.answered.unread = Some(now.timestamp());
        (!lately).then_some(booking)
    }

    fn one_more_letter(&self, now: Instant) -> Option<Self> {
        let mut booking = self.clone();
        let (letters, now) = (&mut booking.answered.letters, now.timestamp());
        letters.retain(|at| *at > now - 24 * 3600);
        // Each letter is known by its second.
        let room = letters.len() < LETTERS_A_DAY && !letters.contains(&now);
        letters.push(now);
        room.then_some(booking)
    }

    /// Forgets that an answer made the last change: something else was done since.
    pub(super) fn changed_otherwise(&mut self) {
        self.answered.changed = None;
    }
}

fn believed(stamp: Instant, now: Instant) -> i64 {
    stamp.min(now + Duration::hours(AHEAD_HOURS)).timestamp()
}

#[cfg(test)]
mod tests;
