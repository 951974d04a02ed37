//! Draws from the two-sided geometric distribution, exactly: P(x) is proportional to e^(-epsilon |x|).
//! Never a floating-point number, and never a source of randomness of its own.
//!
//! Clément Canonne, Gautam Kamath, Thomas Steinke: "The Discrete Gaussian for Differential Privacy" (NeurIPS 2020,
//! arXiv 2004.00010), Algorithm 1 (a coin of probability e^(-gamma)) and Algorithm 2 (the discrete Laplace
//! distribution, another name of this one). Samplers that compute with floating-point logarithms leave holes in
//! the set of values that they can reach, which tell the count (Mironov, CCS 2012); here every step is a
//! comparison of integers, so the probabilities are what the proof says.
//!
//! How long a draw takes depends on its value. So draw in a job, never while somebody waits for an answer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Fills a buffer with random bytes, each uniform and independent of the others.
pub type Random<'a> = dyn FnMut(&mut [u8]) + 'a;

/// The denominator of epsilon, which is given in thousandths.
const THOUSAND: u64 = 1000;

/// The strength of the noise: epsilon in thousandths, from 1 to 1000. A larger one means less noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Epsilon(u32);

/// A number of thousandths that is no strength of noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("epsilon is from 0.001 to 1: it can be set lower than 1, not higher, and not off")]
pub struct NotAnEpsilon;

impl TryFrom<u32> for Epsilon {
    type Error = NotAnEpsilon;

    fn try_from(thousandths: u32) -> Result<Self, NotAnEpsilon> {
        if (1..=1000).contains(&thousandths) { Ok(Self(thousandths)) } else { Err(NotAnEpsilon) }
    }
}

impl From<Epsilon> for u32 {
    fn from(epsilon: Epsilon) -> Self {
        epsilon.0
    }
}

impl Epsilon {
    /// Epsilon times one thousand.
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }
}

/// As a decimal number: "0.700".
impl fmt::Display for Epsilon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

/// Draws one noise. Halts with probability one, after about ten random numbers on average at epsilon 1.
#[must_use]
pub fn draw(epsilon: Epsilon, random: &mut Random<'_>) -> i64 {
    let numerator = u64::from(epsilon.0);
    // Algorithm 2 with s = the thousandths and t = 1000, so that the scale t / s is 1 / epsilon.
    loop {
        let remainder = below(THOUSAND, random);
        if !exp_coin(remainder, THOUSAND, random) {
            continue;
        }
        let mut whole = 0;
        while exp_coin(1, 1, random) {
            whole += 1;
        }
        let size = (remainder + THOUSAND * whole) / numerator;
        let negative = below(2, random) == 1;
        // Without this rejection zero would be drawn twice as often as it should.
        if negative && size == 0 {
            continue;
        }
        // A size beyond i64 needs more coins in a row than will ever be thrown.
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        return if negative { -size } else { size };
    }
}

/// Algorithm 1: true with probability e^(-numerator / denominator), for a fraction from 0 to 1.
fn exp_coin(numerator: u64, denominator: u64, random: &mut Random<'_>) -> bool {
    let mut flips = 1;
    while below(denominator * flips, random) < numerator {
        flips += 1;
    }
    flips % 2 == 1
}

/// A uniform integer from 0 to `bound - 1`, by rejection; `bound` is at least 1.
fn below(bound: u64, random: &mut Random<'_>) -> u64 {
    let mask = u64::MAX.checked_shr((bound - 1).leading_zeros()).unwrap_or(0);
    loop {
        let mut bytes = [0; 8];
        random(&mut bytes);
        let candidate = u64::from_le_bytes(bytes) & mask;
        if candidate < bound {
            return candidate;
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// SplitMix64 (Steele, Lea, Flood 2014): a quick stream for counting many draws, and no secret.
    pub fn stream(mut state: u64) -> impl FnMut(&mut [u8]) {
        move |buffer| {
            for chunk in buffer.chunks_mut(8) {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..chunk.len()]);
            }
        }
    }

    const DRAWS: usize = 200_000;

    fn draws(thousandths: u32, seed: u64) -> Vec<i64> {
        let mut random = stream(seed);
        let epsilon = Epsilon::try_from(thousandths).unwrap();
        (0..DRAWS).map(|_| draw(epsilon, &mut random)).collect()
    }

    /// An honest sampler fails a test whose chi-square is this rare. The seeds are fixed, so the verdict is the same in every run.
    const RARE: f64 = 1e-4;

    /// The probability that an honest sampler strays from the law of `thousandths` as far as these draws, by Pearson's
    /// chi-square. Cells that expect fewer than 20 draws are put together at either end.
    fn p_value(drawn: &[i64], thousandths: u32) -> f64 {
        let ratio = (-f64::from(thousandths) / 1000.0).exp();
        let total = drawn.len() as f64;
        let at = |x: i64| total * (1.0 - ratio) / (1.0 + ratio) * ratio.powi(x.abs() as i32);
        let beyond = |x: i64| total * ratio.powi(x as i32) / (1.0 + ratio);
        let edge = (1..).find(|x| beyond(*x) < 20.0).unwrap() - 1;
        let mut cells = std::collections::HashMap::new();
        drawn.iter().for_each(|x| *cells.entry((*x).clamp(-edge, edge)).or_insert(0) += 1);
        let mut statistic = 0.0;
        for x in -edge..=edge {
            let seen = f64::from(cells.get(&x).copied().unwrap_or(0));
            let expected = if x.abs() == edge { beyond(edge) } else { at(x) };
            statistic += (seen - expected).powi(2) / expected;
        }
        beyond_chi_square(statistic, 2 * edge as usize)
    }

    /// `P(X > statistic)` of a chi-square with an even number of degrees of freedom: a sum of Poisson terms, in logarithms.
    fn beyond_chi_square(statistic: f64, freedom: usize) -> f64 {
        let half = statistic / 2.0;
        let mut term = -half;
        let mut sum = term.exp();
        for i in 1..freedom / 2 {
            term += (half / i as f64).ln();
            sum += term.exp();
        }
        sum
    }

    #[test]
    fn the_p_value_is_that_of_the_tables() {
        for (statistic, freedom, p) in
            [(5.991, 2, 0.05), (18.307, 10, 0.05), (37.566, 20, 0.01), (149.449, 100, 0.001)]
        {
            let seen = beyond_chi_square(statistic, freedom);
            assert!((seen / p - 1.0).abs() < 1e-3, "{statistic} on {freedom}: {seen}");
        }
    }

    #[test]
    fn the_noise_follows_its_law_to_the_last_cell() {
        for (thousandths, seed) in [(150, 1), (700, 2), (1000, 3), (333, 4), (42, 5), (1, 6)] {
            let p = p_value(&draws(thousandths, seed), thousandths);
            // Draws that fit too well would be no draws either.
            assert!(p > RARE && p < 1.0 - RARE, "epsilon {thousandths}/1000: p = {p}");
        }
    }

    #[test]
    fn a_noise_that_is_three_percent_too_weak_would_be_found_out() {
        let p = p_value(&draws(720, 2), 700);
        assert!(p < RARE / 100.0, "{p}");
    }

    /// For a nightly run, which compares these draws with those of another program: a count for each value, of the operating
    /// system's randomness.
    #[test]
    #[ignore = "writes draws for tests/nightly sampler"]
    fn draws_for_another_implementation() {
        use crate::entropy::{Entropy, SystemEntropy};
        let given = |name: &str| std::env::var(name).unwrap();
        let (count, folder) =
            (given("HOLDSPACE_TEST_DRAWS").parse::<usize>().unwrap(), given("HOLDSPACE_TEST_FOLDER"));
        for thousandths in [42, 150, 500, 700, 1000] {
            let epsilon = Epsilon::try_from(thousandths).unwrap();
            let mut random = |buffer: &mut [u8]| SystemEntropy.fill(buffer);
            let mut cells = std::collections::BTreeMap::new();
            (0..count).for_each(|_| *cells.entry(draw(epsilon, &mut random)).or_insert(0_u64) += 1);
            let lines: String = cells.iter().map(|(value, many)| format!("{value} {many}\n")).collect();
            std::fs::write(std::path::Path::new(&folder).join(thousandths.to_string()), lines).unwrap();
        }
    }

    #[test]
    fn the_noise_favours_neither_side_and_is_as_wide_as_stated() {
        for (thousandths, seed) in [(150, 11), (700, 12), (1000, 13)] {
            let drawn = draws(thousandths, seed);
            let total = drawn.len() as f64;
            let ratio = (-f64::from(thousandths) / 1000.0).exp();
            let variance = 2.0 * ratio / (1.0 - ratio).powi(2);
            let mean = drawn.iter().sum::<i64>() as f64 / total;
            let seen = drawn.iter().map(|x| (x * x) as f64).sum::<f64>() / total;
            let signs = drawn.iter().map(|x| x.signum()).sum::<i64>() as f64;
            assert!(mean.abs() < 4.0 * (variance / total).sqrt(), "mean {mean}");
            assert!(signs.abs() < 4.0 * total.sqrt(), "signs {signs}");
            // The law's kurtosis is below 7, so the standard error of its variance is below 2.5 / sqrt(total).
            assert!((seen / variance - 1.0).abs() < 4.0 * 2.5 / total.sqrt(), "{seen} for {variance}");
        }
    }

    #[test]
    fn the_same_bytes_draw_the_same_noise() {
        assert_eq!(draws(700, 9)[..64], draws(700, 9)[..64]);
        assert_ne!(draws(700, 9)[..64], draws(700, 10)[..64]);
    }

    #[test]
    fn uniform_numbers_reach_every_value_and_no_other() {
        let mut random = stream(21);
        for bound in [1, 2, 3, 5, 1000, u64::MAX] {
            assert!((0..200).all(|_| below(bound, &mut random) < bound));
        }
        let seen: std::collections::BTreeSet<_> = (0..500).map(|_| below(10, &mut random)).collect();
        assert_eq!(seen.len(), 10);
    }

    #[test]
    fn noise_cannot_be_switched_off_or_made_weaker_than_one() {
        assert_eq!(Epsilon::try_from(0), Err(NotAnEpsilon));
        assert_eq!(Epsilon::try_from(1001), Err(NotAnEpsilon));
        assert!(serde_json::from_str::<Epsilon>("0").is_err());
    }
}
