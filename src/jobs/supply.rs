//! When more letters are asked for, and how many: seldom where none were due just now, and where many leave before the last of
//! them is gone. Never takes one.

use std::time::Duration;

use tokio::time::Instant as Moment;

/// Whoever has nothing to do while others wait looks again after so long for what became due.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// So many letters that leave fast are taken at a time at most: more gain nothing that could be measured, and those that a process
/// has taken wait for another if it dies.
const TAKEN_AT_ONCE: usize = 192;
/// At most so many letters to destinations that make others wait are looked past.
const LOOKED_PAST: usize = 2_000;

/// How far the work on the letters of an audience is.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    /// Whether no connection has a letter.
    pub(super) idle: bool,
    /// How many letters are done.
    pub(super) done: u64,
}

/// What is known of the letters that nobody has taken yet.
#[derive(Default)]
pub(super) struct Supply {
    /// When nothing was due, and how many letters were done by then.
    dry: Option<(Moment, u64)>,
}

impl Supply {
    /// Nothing is due, and nothing was when so many letters were `done`.
    pub(super) const fn is_out(&mut self, now: Moment, done: u64) {
        self.dry = Some((now, done));
    }

    /// Whether nothing was due just now, and nothing has changed since.
    fn is_dry(&self, now: Moment, progress: Progress) -> bool {
        let Progress { idle, done } = progress;
        self.dry.is_some_and(|(at, by)| if idle { by == done } else { now - at < LOOK_AGAIN })
    }

    /// Whether to ask for more, where none of so many that wait may go.
    pub(super) fn is_worth_asking(&self, now: Moment, progress: Progress, waiting: usize) -> bool {
        !self.is_dry(now, progress) && waiting < LOOKED_PAST
    }

    /// Whether to ask for the next before the last of so many that wait is gone, over so many connections, while letters are made
    /// ready so far `ahead`.
    pub(super) fn is_running_low(
        &self,
        now: Moment,
        progress: Progress,
        connections: u32,
        waiting: usize,
        ahead: usize,
    ) -> bool {
        // Twice what is being made, so that there is always a whole handful to begin with. One connection waits for each letter.
        connections > 1 && waiting < 2 * ahead && !self.is_dry(now, progress)
    }
}

/// So many letters are taken at a time: more than `unhurried` where they leave fast, because whoever takes some holds up who marks
/// others.
pub(super) fn at_once(unhurried: i64, ahead: usize) -> i64 {
    let hurried = i64::try_from(ahead.min(TAKEN_AT_ONCE)).unwrap_or(unhurried);
    unhurried.max(hurried)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_WORK: Progress = Progress { idle: false, done: 7 };
    const JUST_BEFORE: Duration = LOOK_AGAIN.saturating_sub(Duration::from_millis(1));

    /// A supply that was out when seven letters were done, and when that was.
    fn out() -> (Supply, Moment) {
        let (mut supply, now) = (Supply::default(), Moment::now());
        supply.is_out(now, 7);
        (supply, now)
    }

    #[tokio::test]
    async fn while_letters_are_on_their_way_nobody_asks_again_within_a_second_whatever_was_done_meanwhile() {
        let (supply, now) = out();
        for done in [7, 8] {
            let progress = Progress { done, ..AT_WORK };
            assert!(!supply.is_worth_asking(now + JUST_BEFORE, progress, 0));
            assert!(supply.is_worth_asking(now + LOOK_AGAIN, progress, 0));
        }
        assert!(Supply::default().is_worth_asking(now, AT_WORK, 0), "nobody has asked yet");
    }

    #[tokio::test]
    async fn who_is_done_with_all_asks_once_more_and_then_it_is_the_end() {
        let (supply, now) = out();
        let idle = |done| Progress { idle: true, done };
        assert!(supply.is_worth_asking(now, idle(8), 0), "one was done since, and another may be due");
        assert!(!supply.is_worth_asking(now + LOOK_AGAIN, idle(7), 0), "else it would never end");
    }

    #[tokio::test]
    async fn no_more_than_two_thousand_are_looked_past() {
        let ask = |waiting| Supply::default().is_worth_asking(Moment::now(), AT_WORK, waiting);
        assert_eq!([0, 1_999, 2_000].map(ask), [true, true, false]);
    }

    #[tokio::test]
    async fn the_next_are_asked_for_while_two_times_those_that_are_made_ready_are_left() {
        let (supply, now) = (Supply::default(), Moment::now());
        let low = |connections, waiting| supply.is_running_low(now, AT_WORK, connections, waiting, 64);
        assert_eq!([0, 127, 128].map(|waiting| low(2, waiting)), [true, true, false]);
        assert!(!low(1, 0), "one connection has time to ask when it has none left");
        let (supply, now) = out();
        let low = |now, waiting| supply.is_running_low(now, AT_WORK, 2, waiting, 64);
        assert!(!low(now + JUST_BEFORE, 0) && low(now + LOOK_AGAIN, 127) && !low(now + LOOK_AGAIN, 128));
    }

    #[test]
    fn more_are_taken_at_a_time_where_they_leave_fast_and_never_more_than_gain_anything() {
        assert_eq!([2, 64, 192, 256].map(|ahead| at_once(80, ahead)), [80, 80, 192, 192]);
        assert_eq!(at_once(320, 256), 320, "as many as many connections ask for");
    }
}
