//! Exact bounds of a probability from a count: Clopper and Pearson, "The use of confidence or fiducial limits illustrated
//! in the case of the binomial" (Biometrika 26, 1934). Never an approximation by the normal law.
//!
//! The bound is the probability at which so many hits or more would be as rare as the error that is allowed. It is found by
//! bisection on the binomial tail itself, in logarithms, so that no beta quantile is needed. Rounding is off by some 1e-8 of
//! the allowed error at a million trials, and every bisection ends on the safe side.

/// The smallest probability that is believable after `hits` of `trials`, wrong in `error` of cases at most (0 to 1, both excluded).
#[must_use]
pub fn lower(hits: u64, trials: u64, error: f64) -> f64 {
    if hits == 0 || trials == 0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, hits.min(trials) as f64 / trials as f64);
    // Each step halves what is left: after 100 nothing changes any more.
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if ln_at_least(hits, trials, middle) <= error.ln() { low = middle } else { high = middle }
    }
    low
}

/// The largest such probability.
#[must_use]
pub fn upper(hits: u64, trials: u64, error: f64) -> f64 {
    1.0 - lower(trials.saturating_sub(hits), trials, error)
}

/// `ln P(X >= hits)` of a binomial X, for a probability of at most `hits / trials`: from there on each term is smaller
/// than the one before, so the sum is cut where a term no longer counts.
fn ln_at_least(hits: u64, trials: u64, probability: f64) -> f64 {
    if probability <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if probability >= 1.0 {
        return 0.0;
    }
    let rest = trials - hits;
    let ways = ln_factorial(trials) - ln_factorial(hits) - ln_factorial(rest);
    let first = ways + hits as f64 * probability.ln() + rest as f64 * (-probability).ln_1p();
    let odds = probability / (1.0 - probability);
    let (mut sum, mut term) = (1.0, 1.0);
    for more in 0..rest {
        term *= (rest - more) as f64 / (hits + more + 1) as f64 * odds;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    first + sum.ln()
}

/// `ln n!`: multiplied out where that is short, then by Stirling's series, whose next term is below 2e-14 there.
fn ln_factorial(n: u64) -> f64 {
    if n < 16 {
        return (2..=n).map(|factor| factor as f64).product::<f64>().ln();
    }
    let x = n as f64;
    let series = 1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * x * x)) / (x * x)) / (x * x);
    x * x.ln() - x + 0.5 * (std::f64::consts::TAU * x).ln() + series / x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hit_and_only_hits_have_the_bounds_that_a_root_gives() {
        for (trials, error) in [(1, 0.05), (10, 0.025), (1000, 0.001)] {
            let root = |of: f64| of.powf(1.0 / trials as f64);
            assert!((upper(0, trials, error) - (1.0 - root(error))).abs() < 1e-12);
            assert!((lower(trials, trials, error) - root(error)).abs() < 1e-12);
            assert_eq!((lower(0, trials, error), upper(trials, trials, error)), (0.0, 1.0));
        }
    }

    #[test]
    fn the_bounds_are_those_of_published_tables() {
        // 95 % intervals (2.5 % each side) as tables of Clopper and Pearson's bounds have them.
        for (hits, trials, low, high) in [
            (1, 10, 0.0025, 0.4450),
            (5, 10, 0.1871, 0.8129),
            (8, 10, 0.4439, 0.9748),
            (10, 100, 0.0490, 0.1762),
        ] {
            let seen = (lower(hits, trials, 0.025), upper(hits, trials, 0.025));
            assert!((seen.0 - low).abs() < 1e-4 && (seen.1 - high).abs() < 1e-4, "{hits}/{trials}: {seen:?}");
        }
    }

    #[test]
    fn at_a_bound_the_tail_is_exactly_the_error() {
        for (hits, trials) in [(3, 20), (40_000, 100_000), (730_000, 1_000_000)] {
            let bound = lower(hits, trials, 1e-4);
            // Term by term from the far end, without a shortcut.
            let mut tail = 0.0_f64;
            for x in (hits..=trials.min(hits + 20_000)).rev() {
                let ways = ln_factorial(trials) - ln_factorial(x) - ln_factorial(trials - x);
                tail += (ways + x as f64 * bound.ln() + (trials - x) as f64 * (1.0 - bound).ln()).exp();
            }
            assert!((tail / 1e-4 - 1.0).abs() < 1e-6, "{hits} of {trials}: {tail}");
        }
    }

    #[test]
    fn factorials_are_right_on_both_sides_of_the_series() {
        let mut sum = 0.0;
        for n in 1..400_u64 {
            sum += (n as f64).ln();
            assert!((ln_factorial(n) - sum).abs() < 1e-10, "{n}");
        }
    }
}
