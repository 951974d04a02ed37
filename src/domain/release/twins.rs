//! Two worlds that differ in one person, as many draws of what each would publish, and what the draws prove: a lower
//! bound on the epsilon that is really spent. Never trusts the formula that the noise is drawn by.
//!
//! Whatever an event `S` is, epsilon is at least `ln(P(S in one world) / P(S in the other))`. So the draws are cut in two.
//! The first half chooses the event: what is published is ordered by how much likelier it was in one world, and the best
//! cut is taken. The second half, which had no part in that, counts the event in both worlds, and Clopper and Pearson's
//! exact bounds make a certificate of the counts: the real epsilon is at least so large, or a rare thing happened.

use std::collections::HashMap;

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
    let half = (draws / 2).max(1);
    let choosing = [drawn(one, half), drawn(other, half)];
    let weights = Weights::of(&choosing);
    let [a, b] = choosing.map(|seen| weights.ordered(&seen));
    let (fresh_a, fresh_b) = (weights.ordered(&drawn(one, half)), weights.ordered(&drawn(other, half)));
    // Two directions share the error.
    let error = error / 2.0;
    let up = best_cut(&a, &b, error).map(|cut| certified(&fresh_a, &fresh_b, cut, error));
    let negated = |scores: &[f64]| scores.iter().rev().map(|score| -score).collect::<Vec<_>>();
    let (a, b) = (negated(&a), negated(&b));
    let down =
        best_cut(&b, &a, error).map(|cut| certified(&negated(&fresh_b), &negated(&fresh_a), cut, error));
    up.into_iter().chain(down).fold(f64::NEG_INFINITY, f64::max)
}

fn drawn(world: &mut dyn FnMut() -> Seen, many: usize) -> Vec<Seen> {
    (0..many).map(|_| world()).collect()
}

/// How much likelier each figure was in the first world than in the other, in logarithms; figures add up.
struct Weights(Vec<HashMap<u32, f64>>);

impl Weights {
    fn of([one, other]: &[Vec<Seen>; 2]) -> Self {
        let mut counts: Vec<HashMap<u32, [f64; 2]>> = Vec::new();
        for (world, draws) in [one, other].into_iter().enumerate() {
            for seen in draws {
                counts.resize_with(counts.len().max(seen.len()), HashMap::new);
                // Half a draw for what was never seen, so that nothing weighs without end.
                seen.iter().zip(&mut counts).for_each(|(figure, counts)| {
                    counts.entry(*figure).or_insert([0.5; 2])[world] += 1.0;
                });
            }
        }
        let weigh = |counts: HashMap<u32, [f64; 2]>| {
            counts.into_iter().map(|(figure, [one, other])| (figure, (one / other).ln())).collect()
        };
        Self(counts.into_iter().map(weigh).collect())
    }

    /// The weights of draws, smallest first.
    fn ordered(&self, draws: &[Seen]) -> Vec<f64> {
        let weigh = |seen: &Seen| {
            let parts =
                seen.iter().zip(&self.0).map(|(figure, weights)| weights.get(figure).copied().unwrap_or(0.0));
            parts.sum::<f64>()
        };
        let mut weights: Vec<f64> = draws.iter().map(weigh).collect();
        weights.sort_by(f64::total_cmp);
        weights
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

/// The cut of which the draws promise most.
fn best_cut(one: &[f64], other: &[f64], error: f64) -> Option<f64> {
    let mut cuts: Vec<f64> = (0..CUTS).filter_map(|at| one.get(at * one.len() / CUTS).copied()).collect();
    cuts.dedup();
    let promise = |cut: f64| certified(one, other, cut, error);
    cuts.into_iter().map(|cut| (promise(cut), cut)).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, cut)| cut)
}
