//! What a noisy figure is shown as: a share in steps, with ends that convict nobody, and the interval that the
//! noise implies. Never shows the noisy number itself, and never learns the true one.
//!
//! The interval follows from the shown share and from public numbers alone, not from the noisy count, so that it
//! tells nothing beyond the share: it holds every count that could be meant by this share, widened by the reach of
//! the noise, then rounded outwards. So it covers the true share in 90 % of releases or more.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Shares at or below it are all shown alike, as "10 % or less".
pub const LOW_END: u8 = 10;
/// Shares at or above it are all shown alike, as "90 % or more".
pub const HIGH_END: u8 = 90;

/// A share of people in percent as it is shown: from [`LOW_END`], which means "or less", to [`HIGH_END`], which
/// means "or more".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Share(u8);

/// A number of percent that is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a share is shown from 10 to 90 percent")]
pub struct NotAShare;

impl TryFrom<u8> for Share {
    type Error = NotAShare;

    fn try_from(percent: u8) -> Result<Self, NotAShare> {
        if (LOW_END..=HIGH_END).contains(&percent) { Ok(Self(percent)) } else { Err(NotAShare) }
    }
}

impl From<Share> for u8 {
    fn from(share: Share) -> Self {
        share.0
    }
}

impl Share {
    /// The nearest share to a number of percent that may lie beyond the ends.
    fn clamped(percent: i64) -> Self {
        let inside = percent.clamp(LOW_END.into(), HIGH_END.into());
        Self(u8::try_from(inside).unwrap_or(HIGH_END))
    }

    /// Percent, from 10 to 90.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }

    /// What the number leaves out: `or less`, `or more`, or nothing.
    #[must_use]
    pub const fn bound(self) -> &'static str {
        match self.0 {
            LOW_END => "or less",
            HIGH_END => "or more",
            _ => "",
        }
    }
}

/// "55 %", "10 % or less" or "90 % or more".
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)?;
        if !self.bound().is_empty() {
            write!(f, " {}", self.bound())?;
        }
        Ok(())
    }
}

/// A share with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The share.
    pub share: Share,
    /// The lower end of the interval.
    pub low: Share,
    /// Its upper end.
    pub high: Share,
}

/// The step in points in which the share of so many people is shown: 5 below 100 people, 2 below 300, then 1.
#[must_use]
pub const fn step(people: u32) -> u8 {
    match people {
        0..100 => 5,
        100..300 => 2,
        _ => 1,
    }
}

/// Shows a noisy number of people (which may be negative, or more than all) as a share of `people`, at least 1.
///
/// `reach` is how far the noise may reach in people ([`super::law::reach`]). Halves of a step round up.
#[must_use]
pub(super) fn show(noisy: i64, people: u32, reach: u64) -> Shown {
    show_in_steps(noisy, people, reach, step(people))
}

/// The same in steps of so many points.
#[must_use]
pub(super) fn show_in_steps(noisy: i64, people: u32, reach: u64, step: u8) -> Shown {
    let (n, step) = (i64::from(people.max(1)), i64::from(step));
    // Beyond 0..=n the share is at an end anyway; so nothing below can overflow.
    let inside = noisy.clamp(0, n);
    let rounded = (200 * inside + step * n).div_euclid(2 * step * n) * step;
    let share = Share::clamped(rounded);

    // The noisy numbers that round to this share are those with (2s - step) n <= 200 y < (2s + step) n.
    let s = i64::from(share.0);
    let reach = i64::try_from(reach).unwrap_or(i64::MAX).min(n);
    let least = ceil_div((2 * s - step) * n, 200) - reach;
    let most = ceil_div((2 * s + step) * n, 200) - 1 + reach;
    let low = (100 * least).div_euclid(step * n) * step;
    let high = ceil_div(100 * most, step * n) * step;
    Shown {
        share,
        low: if share.0 == LOW_END { share } else { Share::clamped(low) },
        high: if share.0 == HIGH_END { share } else { Share::clamped(high) },
    }
}

fn ceil_div(numerator: i64, denominator: i64) -> i64 {
    -(-numerator).div_euclid(denominator)
}

impl Shown {
    /// The share and its interval in words: "about 55 %, most likely between 45 % and 65 %".
    #[must_use]
    pub fn words(&self) -> String {
        let share = match self.share.bound() {
            "" => format!("about {}", self.share),
            _ => self.share.to_string(),
        };
        let likely = match (self.low.bound(), self.high.bound()) {
            ("", "") => format!("most likely between {} and {}", self.low, self.high),
            ("or less", "or more") => "and the noise leaves every other share possible".to_owned(),
            // An interval that lies within one end says nothing that the end does not.
            ("or less", "or less") | ("or more", "or more") => return share,
            ("or less", _) => format!("most likely {} % or less", self.high.percent()),
            (_, _) => format!("most likely {} % or more", self.low.percent()),
        };
        format!("{share}, {likely}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::geometric::Epsilon;
    use super::super::law::reach;
    use super::*;

    fn reach_of(thousandths: u32) -> u64 {
        reach(Epsilon::try_from(thousandths).unwrap(), 1)
    }

    /// The exact probability of everything that can be shown of `count` among `people`.
    fn shown_law(count: i64, people: u32, thousandths: u32) -> std::collections::HashMap<Shown, f64> {
        let ratio = (-f64::from(thousandths) / 1000.0).exp();
        let reach = reach_of(thousandths);
        let mut law = std::collections::HashMap::new();
        let far = 40_000 / i64::from(thousandths) + i64::from(people);
        for noisy in -far..=far {
            let distance = i32::try_from((noisy - count).abs()).unwrap();
            *law.entry(show(noisy, people, reach)).or_insert(0.0) +=
                (1.0 - ratio) / (1.0 + ratio) * ratio.powi(distance);
        }
        law
    }

    #[test]
    fn twelve_of_twelve_reads_as_90_percent_or_more_and_convicts_nobody() {
        let all = show(12, 12, reach_of(1000));
        assert_eq!(all.words(), "90 % or more, most likely 75 % or more");
        // Eleven of twelve with a noise of one reads the same, and so does everything above.
        assert_eq!(all, show(11, 12, reach_of(1000)));
        assert_eq!(all, show(900, 12, reach_of(1000)));
        assert_eq!(show(-3, 12, reach_of(1000)).words(), "10 % or less, most likely 25 % or less");
    }

    #[test]
    fn a_figure_is_said_with_the_interval_that_the_noise_implies() {
        assert_eq!(show(23, 80, reach_of(700)).words(), "about 30 %, most likely between 20 % and 35 %");
        assert_eq!(show(44, 80, reach_of(700)).words(), "about 55 %, most likely between 45 % and 60 %");
        assert_eq!(show(182, 334, reach_of(700)).words(), "about 54 %, most likely between 52 % and 56 %");
        assert_eq!(
            show(6, 12, reach_of(50)).words(),
            "about 50 %, and the noise leaves every other share possible"
        );
    }

    #[test]
    fn steps_are_as_fine_as_the_noise_justifies() {
        assert_eq!([12, 99, 100, 299, 300, 5000].map(step), [5, 5, 2, 2, 1, 1]);
    }

    #[test]
    fn a_colleague_who_knows_everyone_else_moves_their_belief_by_no_more_than_epsilon() {
        for (people, thousandths) in [(12, 1000), (12, 700), (13, 150), (20, 700), (101, 1000), (300, 700)] {
            let limit = (f64::from(thousandths) / 1000.0).exp() * (1.0 + 1e-9);
            for count in 0..i64::from(people) {
                let one = shown_law(count, people, thousandths);
                let other = shown_law(count + 1, people, thousandths);
                for (shown, p) in &one {
                    let q = other[shown];
                    assert!(p / q <= limit && q / p <= limit, "{count} of {people}: {shown:?} {p} {q}");
                }
            }
        }
    }

    #[test]
    fn the_interval_covers_the_true_share_in_nine_releases_of_ten() {
        for (people, thousandths) in [(12, 1000), (12, 700), (80, 700), (150, 300), (400, 1000)] {
            for count in 0..=i64::from(people) {
                let percent = 100.0 * f64::from(i32::try_from(count).unwrap()) / f64::from(people);
                let covered: f64 = shown_law(count, people, thousandths)
                    .iter()
                    .filter(|(shown, _)| {
                        let (low, high) = (shown.low, shown.high);
                        (low.percent() == LOW_END || f64::from(low.percent()) <= percent)
                            && (high.percent() == HIGH_END || percent <= f64::from(high.percent()))
                    })
                    .map(|(_, p)| p)
                    .sum();
                assert!(covered >= 0.9, "{count} of {people}: {covered}");
            }
        }
    }

    proptest! {
        #[test]
        fn more_people_never_read_as_fewer(
            people in 12_u32..5000, a in -9000_i64..9000, b in -9000_i64..9000, thousandths in 50_u32..=1000,
        ) {
            let reach = reach_of(thousandths);
            let (less, more) = (show(a.min(b), people, reach), show(a.max(b), people, reach));
            prop_assert!(less.share <= more.share && less.low <= more.low && less.high <= more.high);
        }

        #[test]
        fn what_is_shown_keeps_to_its_bounds_and_steps(
            people in 12_u32..=u32::MAX, noisy: i64, thousandths in 50_u32..=1000,
        ) {
            let shown = show(noisy, people, reach_of(thousandths));
            prop_assert!(shown.low <= shown.share && shown.share <= shown.high);
            for share in [shown.low, shown.share, shown.high] {
                prop_assert!((LOW_END..=HIGH_END).contains(&share.percent()));
                prop_assert_eq!(share.percent() % step(people), 0);
            }
        }

        #[test]
        fn the_interval_tells_nothing_beyond_the_share(
            people in 12_u32..2000, a in -100_i64..2100, b in -100_i64..2100, thousandths in 50_u32..=1000,
        ) {
            let reach = reach_of(thousandths);
            let (one, other) = (show(a, people, reach), show(b, people, reach));
            prop_assert!(one.share != other.share || one == other);
        }

        #[test]
        fn the_share_is_the_nearest_step(people in 12_u32..3000, part in 0.0..=1.0_f64) {
            let noisy = (f64::from(people) * part).round() as i64;
            let percent = 100.0 * noisy as f64 / f64::from(people);
            let shown = f64::from(show(noisy, people, 2).share.percent());
            prop_assert!((shown - percent.clamp(10.0, 90.0)).abs() <= f64::from(step(people)) / 2.0 + 1e-9);
        }
    }
}
