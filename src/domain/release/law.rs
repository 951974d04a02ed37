//! How far the noise of a figure may reach: what the interval beside a figure says.
//! Never draws anything, and never sees a count.
//!
//! Floating point is enough here, because nothing secret depends on it: the reach is a whole number of people
//! that follows from two public numbers. Every step multiplies or adds positive numbers (nothing cancels), so the
//! error of a tail is some `2^-50` of it; the answer would differ only where a tail met one tenth that closely.

use super::geometric::Epsilon;

/// The interval holds the noise with at least this probability.
pub const CONFIDENCE_PERCENT: u32 = 90;

const TAIL: f64 = 0.1;

/// The smallest number of people `k` for which the sum of `draws` independent noises stays within `-k..=k` with
/// a probability of at least 90 %. With no draw at all, 0.
#[must_use]
pub fn reach(epsilon: Epsilon, draws: usize) -> u64 {
    // From the far end inwards: give up whatever can be given up on both sides.
    let mut outside = 0.0;
    let given_up = |p: &&f64| {
        outside += 2.0 * **p;
        outside <= TAIL
    };
    let law = sum_law(epsilon, draws);
    let kept = law.len() - law.iter().rev().take_while(given_up).count();
    (kept as u64).saturating_sub(1)
}

/// `P(x)` of the sum of so many noises, for x from 0 on; the other side is its mirror.
///
/// A two-sided geometric noise is the difference of two one-sided ones, whose law `(1 - q) q^x` folds into an array
/// in one pass: `out[x] = (1 - q) in[x] + q out[x - 1]`. So each noise costs one pass up and one pass down.
fn sum_law(epsilon: Epsilon, draws: usize) -> Vec<f64> {
    let exponent = -f64::from(epsilon.thousandths()) / 1000.0;
    let (ratio, rest) = (exponent.exp(), -exponent.exp_m1());
    let deviation = (2.0 * ratio).sqrt() / rest;
    // Ten standard deviations of the sum and forty decays of one noise: what is cut off is below 1e-15.
    let width = (10.0 * deviation * (draws as f64).sqrt() - 40.0 / exponent).ceil() as usize;
    let mut law = vec![0.0; 2 * width + 1];
    law[width] = 1.0;
    let pass = |before: &mut f64, at: &mut f64| {
        *at = rest * *at + ratio * *before;
        *before = *at;
        Some(())
    };
    for _ in 0..draws {
        law.iter_mut().scan(0.0, pass).for_each(drop);
        law.iter_mut().rev().scan(0.0, pass).for_each(drop);
    }
    law.split_off(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(thousandths: u32, draws: usize) -> u64 {
        reach(Epsilon::try_from(thousandths).unwrap(), draws)
    }

    #[test]
    fn one_noise_reaches_as_far_as_its_closed_form_says() {
        for thousandths in 1..=1000 {
            let ratio = (-f64::from(thousandths) / 1000.0).exp();
            let tail = |k: i32| 2.0 * ratio.powi(k + 1) / (1.0 + ratio);
            let expected = (0..).find(|k| tail(*k) <= TAIL).unwrap();
            assert_eq!(of(thousandths, 1), u64::try_from(expected).unwrap(), "epsilon {thousandths}/1000");
        }
    }

    #[test]
    fn twelve_people_stand_three_either_way_at_seven_tenths_and_two_at_one() {
        assert_eq!((of(700, 1), of(1000, 1), of(150, 1)), (3, 2, 15));
    }

    #[test]
    fn the_law_of_one_noise_is_geometric_and_of_two_their_convolution() {
        let ratio = (-0.7_f64).exp();
        let p = |x: i32| (1.0 - ratio) / (1.0 + ratio) * ratio.powi(x.abs());
        let law = |draws| sum_law(Epsilon::try_from(700).unwrap(), draws).into_iter().zip(0..30);
        for (seen, x) in law(1) {
            assert!((seen / p(x) - 1.0).abs() < 1e-12);
        }
        for (seen, x) in law(2) {
            let expected: f64 = (-80..=80).map(|a| p(a) * p(x - a)).sum();
            assert!((seen / expected - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_total_of_many_units_reaches_as_far_as_the_normal_law_says() {
        // Central limit: 1.645 standard deviations of 1.98 people, times the root of 400.
        assert!((63..=67).contains(&of(700, 400)), "{}", of(700, 400));
        assert_eq!(of(700, 0), 0);
        assert!(of(700, 2) > of(700, 1));
    }
}
