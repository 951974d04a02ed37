//! Whether a way out may be tried: freely while it works, not at all for a while after failures in a row, then with one
//! letter. Values in, values out; never asks a clock and never connects.

use chrono::Duration;

use super::time::Instant;

/// After so many failures in a row a way is left alone for a while.
const FAILURES: u32 = 5;
/// So long at first, in seconds; doubled each time.
const FIRST_WAIT_SECONDS: i64 = 15;
/// And never longer: a relay that is well again is found within five minutes.
const LONGEST_WAIT_SECONDS: i64 = 300;
/// The one letter that tries may take so long, in minutes: longer than any letter may. If whoever tries dies, another may
/// then.
const TRY_MINUTES: i64 = 45;

/// What may be done with a way out now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leave {
    /// Try it with one letter, and say so by [`Standing::tried`].
    Once,
    /// As much as one likes.
    Freely,
    /// Nothing.
    Not,
}

/// How a way out stands: a circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It works, but for so many failures since it last did.
    Closed {
        /// In a row.
        failures: u32,
    },
    /// It failed too often, and is left alone.
    Open {
        /// How often it was left alone since it last worked.
        times: u32,
        /// Until then.
        until: Instant,
    },
    /// One letter tries it.
    Tried {
        /// How often it was left alone since it last worked.
        times: u32,
        /// The trial counts as lost after this.
        until: Instant,
    },
}

impl Default for Standing {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Standing {
    /// Whether it works, as far as one knows.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// What may be done now.
    #[must_use]
    pub fn leave(self, now: Instant) -> Leave {
        match self {
            Self::Closed { .. } => Leave::Freely,
            Self::Open { until, .. } | Self::Tried { until, .. } if now < until => Leave::Not,
            Self::Open { .. } | Self::Tried { .. } => Leave::Once,
        }
    }

    /// After a letter set out to try it.
    #[must_use]
    pub fn tried(self, now: Instant) -> Self {
        match self {
            Self::Closed { .. } => self,
            Self::Open { times, .. } | Self::Tried { times, .. } => {
                Self::Tried { times, until: now + Duration::minutes(TRY_MINUTES) }
            }
        }
    }

    /// After the letter that tried it came to an end that tells nothing of it: at least it was reached.
    #[must_use]
    pub const fn ended(self) -> Self {
        match self {
            Self::Tried { .. } => Self::Closed { failures: 0 },
            Self::Closed { .. } | Self::Open { .. } => self,
        }
    }

    /// After it could not be reached, or said nothing where it had to.
    #[must_use]
    pub fn failed(self, now: Instant) -> Self {
        match self {
            Self::Closed { failures } if failures + 1 < FAILURES => Self::Closed { failures: failures + 1 },
            Self::Closed { .. } => Self::Open { times: 1, until: now + wait(1) },
            // Another connection that failed at the same time: it tells nothing new.
            Self::Open { .. } => self,
            Self::Tried { times, .. } => {
                Self::Open { times: times.saturating_add(1), until: now + wait(times.saturating_add(1)) }
            }
        }
    }

    /// After it was reached, or answered.
    #[must_use]
    pub const fn answered(self) -> Self {
        Self::Closed { failures: 0 }
    }

    /// Of several ways, those that failed less go first; one that is to be tried again goes before all.
    #[must_use]
    pub fn rank(self, now: Instant) -> (Leave, u32) {
        match self {
            Self::Closed { failures } => (Leave::Freely, failures),
            Self::Open { times, .. } | Self::Tried { times, .. } => (self.leave(now), times),
        }
    }
}

/// How long a way is left alone for the n-th time.
fn wait(times: u32) -> Duration {
    let doublings = times.saturating_sub(1).min(6);
    Duration::seconds((FIRST_WAIT_SECONDS << doublings).min(LONGEST_WAIT_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_timestamp(1_800_000_000, 0).unwrap();

    fn later(seconds: i64) -> Instant {
        NOW + Duration::seconds(seconds)
    }

    fn failed_at(times: u32) -> Standing {
        (0..times).fold(Standing::default(), |standing, _| standing.failed(NOW))
    }

    #[test]
    fn a_relay_that_fails_now_and_then_is_never_left_alone() {
        assert_eq!(failed_at(FAILURES - 1).leave(NOW), Leave::Freely);
        assert_eq!(failed_at(FAILURES - 1).answered().failed(NOW), failed_at(1));
        assert!(failed_at(1).rank(NOW) > failed_at(0).rank(NOW), "but others go before it");
    }

    #[test]
    fn a_relay_that_fails_in_a_row_is_left_alone_and_then_tried_by_one_letter() {
        let open = failed_at(FAILURES);
        assert_eq!(
            (open.leave(NOW), open.leave(later(14)), open.leave(later(15))),
            (Leave::Not, Leave::Not, Leave::Once)
        );
        let tried = open.tried(later(15));
        assert_eq!(tried.leave(later(16)), Leave::Not, "one letter is enough");
        assert_eq!(tried.answered().leave(later(16)), Leave::Freely);
        let again = tried.failed(later(20));
        assert_eq!(
            (again.leave(later(49)), again.leave(later(50))),
            (Leave::Not, Leave::Once),
            "twice as long"
        );
    }

    #[test]
    fn however_long_a_relay_is_gone_it_is_tried_every_five_minutes() {
        let mut standing = failed_at(FAILURES);
        let (mut now, mut waits) = (NOW, Vec::new());
        for _ in 0..40 {
            let began = now;
            while standing.leave(now) == Leave::Not {
                now += Duration::seconds(1);
            }
            waits.push((now - began).num_seconds());
            standing = standing.tried(now).failed(now);
        }
        assert_eq!(waits[..6], [15, 30, 60, 120, 240, 300]);
        assert!(waits[6..].iter().all(|wait| *wait == 300));
    }

    #[test]
    fn others_that_fail_at_the_same_time_make_nobody_wait_longer() {
        let open = failed_at(FAILURES);
        assert_eq!((0..16).fold(open, |standing, _| standing.failed(later(1))), open);
    }

    #[test]
    fn a_trial_whose_letter_was_never_heard_of_again_is_made_by_another() {
        let tried = failed_at(FAILURES).tried(NOW);
        assert_eq!((tried.leave(later(44 * 60)), tried.leave(later(45 * 60))), (Leave::Not, Leave::Once));
    }

    #[test]
    fn what_works_is_tried_before_what_failed_and_what_is_due_for_a_trial_before_all() {
        let mut ranks = [
            failed_at(FAILURES).rank(NOW),
            failed_at(2).rank(NOW),
            failed_at(0).rank(NOW),
            failed_at(5).rank(later(60)),
        ];
        ranks.sort_unstable();
        assert_eq!(ranks, [(Leave::Once, 1), (Leave::Freely, 0), (Leave::Freely, 2), (Leave::Not, 1)]);
    }
}
