//! Two worlds that differ in one person, as many draws of what each would publish, and what the draws prove: a lower
//! bound on the epsilon that is really spent. Never trusts the formula that the noise is drawn by.
//!
//! Whatever an event `S` is, epsilon is at least `ln(P(S in one world) / P(S in the other))`. So the draws are cut in two, and
//! the first half once more, so that weights are not judged by the draws that they come from.
//! The first half chooses the event: what is published is ordered by how much likelier it was in one world, and the best
//! cut is taken. The second half, which had no part in that, counts the event in both worlds, and Clopper and Pearson's
//! exact bounds make a certificate of the counts: the real epsilon is at least so large, or a rare thing happened.

use std::collections::{BTreeMap, HashMap};

use super::proportion::{lower, upper};

/// Where the first half looks for the best cut.
const CUTS: usize = 64;

/// What one release shows, a number for each of its figures; equal numbers are equal figures.
pub(super) type Seen = Vec<u32>;

/// A lower bound on epsilon from so many draws of each world, wrong in `error` of audits at most. May be negative where the
/// draws are too few to say anything.
pub(super) fn lower_bound(
    one: &mut dyn FnMut() -> Seen,
    other: &mut dyn FnMut() -> Seen,
    draws: usize,
    error: f64,
) -> f64 {
    let part = (draws / 4).max(1);
    let weighing = [drawn(one, part), drawn(other, part)];
    let choosing = [drawn(one, part), drawn(other, part)];
    let fresh = [drawn(one, 2 * part), drawn(other, 2 * part)];
    let weighings = [Weights::of_values(&weighing), Weights::of_sides(&weighing)];
    // Two directions share the error.
    let error = error / 2.0;
    let certify = |backwards: bool| {
        let chosen = weighings.iter().filter_map(|weights| {
            let [likely, unlikely] = weights.ordered(&choosing, backwards);
            best_cut(&likely, &unlikely, error).map(|(promise, cut)| (promise, cut, weights))
        });
        let (_, cut, weights) = chosen.max_by(|a, b| a.0.total_cmp(&b.0))?;
        let [likely, unlikely] = weights.ordered(&fresh, backwards);
        Some(certified(&likely, &unlikely, cut, error))
    };
    [false, true].into_iter().filter_map(certify).fold(f64::NEG_INFINITY, f64::max)
}

fn drawn(world: &mut dyn FnMut() -> Seen, many: usize) -> Vec<Seen> {
    (0..many).map(|_| world()).collect()
}

/// How much likelier each figure was in the first world than in the other, in logarithms; figures add up.
struct Weights(Vec<HashMap<u32, f64>>);

/// How often each value of one figure was seen in both worlds, in the order of the values.
type Counts = BTreeMap<u32, [f64; 2]>;

fn counts([one, other]: &[Vec<Seen>; 2]) -> Vec<Counts> {
    let mut counts: Vec<Counts> = Vec::new();
    for (world, draws) in [one, other].into_iter().enumerate() {
        for seen in draws {
            counts.resize_with(counts.len().max(seen.len()), Counts::new);
            seen.iter().zip(&mut counts).for_each(|(figure, counts)| {
                counts.entry(*figure).or_default()[world] += 1.0;
            });
        }
    }
    counts
}

/// Half a draw for what was never seen, so that nothing weighs without end.
fn weight([one, other]: [f64; 2]) -> f64 {
    ((one + 0.5) / (other + 0.5)).ln()
}

impl Weights {
    /// Each value for itself: finds what a single value gives away, and needs many draws of each.
    fn of_values(weighing: &[Vec<Seen>; 2]) -> Self {
        let weigh = |counts: Counts| counts.into_iter().map(|(value, seen)| (value, weight(seen))).collect();
        Self(counts(weighing).into_iter().map(weigh).collect())
    }

    /// Each figure only as large or small, cut where the two worlds differ most: finds what many figures tell together.
    fn of_sides(weighing: &[Vec<Seen>; 2]) -> Self {
        let weigh = |counts: Counts| {
            let all = counts.values().fold([0.0; 2], |sum, seen| [sum[0] + seen[0], sum[1] + seen[1]]);
            let (mut below, mut best) = ([0.0_f64; 2], (0.0_f64, 0_u32, [0.0_f64; 2]));
            for (value, seen) in &counts {
                let apart = (below[0] - below[1]).abs();
                if apart > best.0 {
                    best = (apart, *value, below);
                }
                below = [below[0] + seen[0], below[1] + seen[1]];
            }
            let (_, cut, below) = best;
            let above = [all[0] - below[0], all[1] - below[1]];
            let side = |value: u32| weight(if value < cut { below } else { above });
            counts.keys().map(|value| (*value, side(*value))).collect()
        };
        Self(counts(weighing).into_iter().map(weigh).collect())
    }

    /// The weights of both worlds' draws, smallest first: of the first world and the other, or backwards of the other and the
    /// first, with what speaks for the other.
    fn ordered(&self, [one, other]: &[Vec<Seen>; 2], backwards: bool) -> [Vec<f64>; 2] {
        let sign = if backwards { -1.0 } else { 1.0 };
        let weigh = |seen: &Seen| {
            let parts = seen.iter().zip(&self.0);
            let known = parts.map(|(figure, weights)| weights.get(figure).copied().unwrap_or(0.0));
            sign * known.sum::<f64>()
        };
        let ordered = |draws: &[Seen]| {
            let mut weights: Vec<f64> = draws.iter().map(weigh).collect();
            weights.sort_by(f64::total_cmp);
            weights
        };
        if backwards { [ordered(other), ordered(one)] } else { [ordered(one), ordered(other)] }
    }
}

/// How many of an ordered list are `cut` or more.
fn beyond(ordered: &[f64], cut: f64) -> u64 {
    (ordered.len() - ordered.partition_point(|weight| *weight < cut)) as u64
}

/// What the counts of the event "weighs `cut` or more" certify.
fn certified(one: &[f64], other: &[f64], cut: f64, error: f64) -> f64 {
    // Both bounds hold together but for the whole of the error.
    let least = lower(beyond(one, cut), one.len() as u64, error / 2.0);
    let most = upper(beyond(other, cut), other.len() as u64, error / 2.0);
    (least / most).ln()
}

/// The cut of which the draws promise most, and what they promise.
fn best_cut(likely: &[f64], unlikely: &[f64], error: f64) -> Option<(f64, f64)> {
    let mut cuts: Vec<f64> =
        (0..CUTS).filter_map(|at| likely.get(at * likely.len() / CUTS).copied()).collect();
    // The far end too: what is never seen in the other world lies there.
    cuts.extend([1, 2, 4, 8, 16, 32, 64, 128].iter().filter_map(|rare| likely.iter().rev().nth(*rare)));
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let promise = |cut: f64| certified(likely, unlikely, cut, error);
    cuts.into_iter().map(|cut| (promise(cut), cut)).max_by(|a, b| a.0.total_cmp(&b.0))
}
