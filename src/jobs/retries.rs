//! When a letter that could not be sent is tried again, and when no more. Never sends one, and never asks what time it is.

use chrono::Duration;

use crate::domain::id::LetterId;

/// The first wait after a failure that may pass, in minutes; doubled each time.
const FIRST_WAIT_MINUTES: i64 = 5;
/// The longest wait.
const LONGEST_WAIT_MINUTES: i64 = 240;
/// Tried so often, over about four days, a letter is given up.
pub(super) const TRIES_MAX: i64 = 30;
/// Tried so often, over about half a day, an address of a resident's own choosing is given up for that letter.
const ELSEWHERE_TRIES_MAX: i64 = 8;

/// Whether a letter is given up that was tried so often.
pub(super) const fn are_enough(tries: i64) -> bool {
    tries >= TRIES_MAX
}

/// Whether an address of a resident's own choosing is given up for a letter that was tried there so often.
pub(super) const fn are_enough_elsewhere(tries: i64) -> bool {
    tries >= ELSEWHERE_TRIES_MAX
}

/// How long to wait after so many tries: doubled each time, with up to a quarter more, so that letters which failed together
/// do not come back together.
pub(super) fn wait(letter: LetterId, tries: i64) -> Duration {
    let doublings = u32::try_from(tries - 1).unwrap_or(0).min(6);
    let minutes = (FIRST_WAIT_MINUTES << doublings).min(LONGEST_WAIT_MINUTES);
    let jitter = minutes * 60 / 4 * i64::from(letter.as_bytes()[0]) / 256;
    Duration::seconds(minutes * 60 + jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(first: u8) -> LetterId {
        let mut bytes = [0; 16];
        bytes[0] = first;
        LetterId::from_bytes(bytes)
    }

    /// From the first try of a letter to the one of a number.
    fn until_try(number: i64, of: LetterId) -> Duration {
        (1..number).map(|tries| wait(of, tries)).sum()
    }

    #[test]
    fn a_letter_waits_five_minutes_then_twice_as_long_each_time_and_never_more_than_four_hours() {
        let minutes: Vec<i64> = (1..=9).map(|tries| wait(letter(0), tries).num_minutes()).collect();
        assert_eq!(minutes, [5, 10, 20, 40, 80, 160, 240, 240, 240]);
        assert_eq!(wait(letter(0), TRIES_MAX).num_minutes(), 240);
        // One that was never tried waits as after the first try.
        assert_eq!(wait(letter(0), 0).num_minutes(), 5);
    }

    #[test]
    fn letters_that_failed_together_come_back_within_a_quarter_of_the_wait_and_not_together() {
        let seconds = |first| [1, 7].map(|tries| wait(letter(first), tries).num_seconds());
        assert_eq!(seconds(0), [300, 14_400]);
        assert_eq!(seconds(128), [337, 16_200]);
        assert_eq!(seconds(255), [374, 17_985]);
    }

    #[test]
    fn a_letter_is_given_up_after_four_days_and_an_own_address_after_half_a_day() {
        for first in [0, 255] {
            let given_up = until_try(TRIES_MAX, letter(first));
            assert!((Duration::days(4)..Duration::days(6)).contains(&given_up), "{given_up}");
            let elsewhere = until_try(ELSEWHERE_TRIES_MAX, letter(first));
            assert!((Duration::hours(9)..Duration::hours(13)).contains(&elsewhere), "{elsewhere}");
        }
        assert_eq!([29, 30, 31].map(are_enough), [false, true, true]);
        assert_eq!([7, 8, 9].map(are_enough_elsewhere), [false, true, true]);
    }
}
