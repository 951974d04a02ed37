//! How far the noise of a figure may reach: what the interval beside a figure says.
//! Never draws anything, and never sees a count.
//!
//! Floating point is enough here, because nothing secret depends on it: the reach is a whole number of people
//! that follows from two public numbers. Every step multiplies or adds positive numbers (no cancellation), so the
//! error of a tail is some `2^-50` of it; the answer would differ only where a tail met one tenth that closely.

use super::geometric::Epsilon;

/// The interval holds the noise with at least this probability.
pub const CONFIDENCE_PERCENT: u32 = 90;

const TAIL: f64 = 0.1;

/// The smallest number of people `k` for which the sum of `draws` independent noises stays within `-k..=k` with
/// a probability of at least 90 %. With no draw at all, 0.
#[must_use]
pub fn reach(epsilon: Epsilon, draws: usize) -> u64 {
    let ratio = (-f64::from(epsilon.thousandths()) / 1000.0).exp();
    // The tail of one noise is 2 q^(k+1) / (1 + q); a sum has no such form and is folded together.
    let half = if draws == 1 { single(ratio) } else { folded(ratio, draws) };
    // Mass outside of -k..=k, counted from the far end.
    let mut outside = 0.0;
    let mut reach = half.len();
    while reach > 0 {
        let next = 2.0 * half[reach - 1];
        if outside + next > TAIL {
            break;
        }
        outside += next;
        reach -= 1;
    }
    (reach as u64).saturating_sub(1)
}

/// `P(x)` for x from 0 on, as far as it matters; the last entry bears the rest.
fn single(ratio: f64) -> Vec<f64> {
    let mut half = vec![(1.0 - ratio) / (1.0 + ratio)];
    while half.last().is_some_and(|last| *last > 1e-15) {
        half.extend(half.last().map(|last| last * ratio));
    }
    half
}

/// `P(x)` of the sum of noises, x from 0 on.
///
/// A two-sided geometric noise is the difference of two one-sided ones, whose law `(1 - q) q^x` folds into an array
/// in one pass: `out[x] = (1 - q) in[x] + q out[x - 1]`. So each noise costs one pass up and one pass down.
fn folded(ratio: f64, draws: usize) -> Vec<f64> {
    let deviation = (2.0 * ratio).sqrt() / (1.0 - ratio);
    // Ten standard deviations of the sum and forty decays of one noise: what is cut off is below 1e-15.
    let width = (10.0 * deviation * (draws as f64).sqrt() + 40.0 / -ratio.ln()).ceil() as usize;
    let mut law = vec![0.0; 2 * width + 1];
    law[width] = 1.0;
    for _ in 0..draws {
        let pass = |before: &mut f64, at: &mut f64| {
            *at = (1.0 - ratio) * *at + ratio * *before;
            *before = *at;
        };
        let mut before = 0.0;
        law.iter_mut().for_each(|at| pass(&mut before, at));
        let mut before = 0.0;
        law.iter_mut().rev().for_each(|at| pass(&mut before, at));
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
    fn the_fold_of_one_is_one_and_of_two_is_their_convolution() {
        let ratio = (-0.7_f64).exp();
        let one = single(ratio);
        let p = |x: i32| one.get(x.unsigned_abs() as usize).copied().unwrap_or_default();
        for (x, folded) in folded(ratio, 1).iter().take(30).enumerate() {
            assert!((folded - one[x]).abs() < 1e-12);
        }
        for (x, folded) in (0..30).zip(folded(ratio, 2)) {
            let expected: f64 = (-80..=80).map(|a| p(a) * p(x - a)).sum();
            assert!((folded - expected).abs() < 1e-12);
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
