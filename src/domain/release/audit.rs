//! An audit of the noise: draws what would be published many times for pairs of worlds that differ in one person, by the very
//! functions that draw a release, and certifies how much it tells. Never reads a real count, and publishes nothing.
//!
//! A bound says what the figures tell *at least*. It can convict a sampler, a rounding or a division of epsilon that tells
//! too much; that nothing tells more than declared is what the proof and the exact sampler are for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::breakdown::{Cell, Cells, Traits, draw_breakdowns};
use super::twins::{self, Seen};
use super::{
    Budget, Counted, Division, Epsilon, Random, Release, Shown, Terms, Unit, budget, draw, draw_survey,
    questions_for, units,
};
use crate::domain::id::{CycleId, OfferingId, ProgramId, ReleaseId, SiteId};
use crate::domain::survey::{Question, Tally};

/// The audit of an honest sampler shows a bound above the truth in so many of a hundred runs at most.
pub const ERROR_PERCENT: u32 = 5;

/// What one pair of worlds told.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// Of which division; none where it is a whole release.
    pub division: Option<Division>,
    /// What the ledger charges for it.
    pub epsilon_declared: f64,
    /// What it tells at least.
    pub epsilon_lower_bound: f64,
    /// The people of the unit, of the part, or of the institution.
    pub people: usize,
    /// Those of them who attended, or agreed, in one world; in the other it is one more.
    pub count: usize,
}

/// What one division told at worst.
#[derive(Debug, Clone, Serialize)]
pub struct Worst {
    /// Of which division; none for a whole release.
    pub division: Option<Division>,
    /// What the ledger charges for it.
    pub epsilon_declared: f64,
    /// The largest bound among its pairs.
    pub epsilon_lower_bound: f64,
}

/// The whole audit.
#[derive(Debug, Clone, Serialize)]
pub struct Audit {
    /// What the ledger charges each resident for a whole release, at most.
    pub epsilon_declared: f64,
    /// The largest bound of all.
    pub epsilon_lower_bound: f64,
    /// How many releases were drawn.
    pub draws: usize,
    /// How sure all bounds are together, in percent.
    pub confidence_percent: u32,
    /// Whether no bound is above what is declared.
    pub holds: bool,
    /// Every division at every strength.
    pub divisions: Vec<Worst>,
    /// Every pair.
    pub pairs: Vec<Pair>,
}

/// Worlds to compare: what is released, of how many people, and how many attended in the first one.
#[derive(Clone, Copy)]
pub(super) struct Twins {
    pub(super) division: Option<Division>,
    /// Whether there are breakdowns, and a survey.
    pub(super) with: (bool, bool),
    pub(super) people: usize,
    pub(super) count: usize,
}

/// The institution of which a whole release is drawn: as many as six questions and breakdowns need.
const WHOLE: usize = 640;
/// The smallest unit of that institution, to which the one person belongs who differs.
const OWN: usize = 12;

/// Every pair that is looked at: the ends of the scale, where it is cut, and the middle.
fn pairs() -> Vec<Twins> {
    let mut all = Vec::new();
    let mut add = |division, with, people: usize, counts: &[usize]| {
        all.extend(counts.iter().map(|&count| Twins { division, with, people, count }));
    };
    for people in [12, 13, 40, 99, 100, 299, 300] {
        // The last count that reads as "10 % or less", and the first that reads as "90 % or more" less one.
        let step = usize::from(super::step(u32::try_from(people).unwrap_or(u32::MAX)));
        let low = ((20 + step) * people).div_ceil(200) - 1;
        let high = ((180 - step) * people).div_ceil(200) - 1;
        add(Some(Division::Units), (false, false), people, &[0, low, high, people - 1]);
    }
    add(Some(Division::Units), (false, true), 12, &[0, 1, 6, 11]);
    add(Some(Division::Units), (true, true), 12, &[1, 10]);
    add(Some(Division::TrainingYear), (true, false), 100, &[10, 50, 88]);
    add(Some(Division::Site), (true, false), 300, &[31, 150]);
    add(Some(Division::Survey), (false, true), 140, &[70]);
    add(Some(Division::Survey), (false, true), WHOLE, &[320]);
    for with in [(true, false), (false, true), (true, true)] {
        add(None, with, WHOLE, &[1, 10]);
    }
    all
}

/// Draws `draws` releases of each world of every pair, at least 100, and certifies what they tell. `progress` is told after
/// each pair how many are done, of how many.
pub fn audit(draws: usize, random: &mut Random<'_>, progress: &mut dyn FnMut(usize, usize)) -> Audit {
    let (draws, all) = (draws.max(100), pairs());
    let error = f64::from(ERROR_PERCENT) / 100.0 / all.len() as f64;
    let mut told = Vec::new();
    for (at, twins) in all.iter().enumerate() {
        let Ok(shares) = budget(twins.with.0, twins.with.1, super::CYCLE_BUDGET_MILLIS) else { continue };
        let declared = declared(*twins, &shares);
        let bound = bound(*twins, &shares, draws, error, random);
        told.push(Pair {
            division: twins.division,
            epsilon_declared: f64::from(declared) / 1000.0,
            epsilon_lower_bound: bound.max(0.0),
            people: twins.people,
            count: twins.count,
        });
        progress(at + 1, all.len());
    }
    summed(told, draws)
}

fn summed(pairs: Vec<Pair>, draws: usize) -> Audit {
    let mut divisions: Vec<Worst> = Vec::new();
    for pair in &pairs {
        let same = |worst: &&mut Worst| {
            worst.division == pair.division
                && worst.epsilon_declared.total_cmp(&pair.epsilon_declared).is_eq()
        };
        match divisions.iter_mut().find(same) {
            Some(worst) => {
                worst.epsilon_lower_bound = worst.epsilon_lower_bound.max(pair.epsilon_lower_bound)
            }
            None => divisions.push(Worst {
                division: pair.division,
                epsilon_declared: pair.epsilon_declared,
                epsilon_lower_bound: pair.epsilon_lower_bound,
            }),
        }
    }
    let most = |of: fn(&Pair) -> f64| pairs.iter().map(of).fold(0.0, f64::max);
    Audit {
        epsilon_declared: most(|pair| pair.epsilon_declared),
        epsilon_lower_bound: most(|pair| pair.epsilon_lower_bound),
        draws: 2 * draws * pairs.len(),
        confidence_percent: 100 - ERROR_PERCENT,
        holds: pairs.iter().all(|pair| pair.epsilon_lower_bound <= pair.epsilon_declared),
        divisions,
        pairs,
    }
}

/// What the ledger charges for what a pair shows.
fn declared(twins: Twins, shares: &Budget) -> u32 {
    let of = |part: Option<Epsilon>| part.map_or(0, Epsilon::thousandths);
    match twins.division {
        Some(Division::Units) => shares.units.thousandths(),
        Some(Division::TrainingYear | Division::Site) => of(shares.breakdown),
        Some(Division::Survey) => of(shares.survey),
        None => shares.total_millis(),
    }
}

/// The certified bound of one pair.
pub(super) fn bound(twins: Twins, shares: &Budget, draws: usize, error: f64, random: &mut Random<'_>) -> f64 {
    // Both worlds draw from one source, one after the other.
    let random = std::cell::RefCell::new(random);
    let world = |more: usize| {
        let random = &random;
        move || seen(twins, shares, twins.count + more, &mut **random.borrow_mut()).unwrap_or_default()
    };
    let (mut one, mut other) = (world(0), world(1));
    twins::lower_bound(&mut one, &mut other, draws, error)
}

/// What one draw shows: a number for each figure.
fn seen(twins: Twins, shares: &Budget, count: usize, random: &mut Random<'_>) -> Option<Seen> {
    let mut seen = Vec::new();
    let has = |division| twins.division.is_none_or(|only| only == division);
    if has(Division::Units) {
        let release = of_units(twins, shares.units, count, random)?;
        seen.extend(release.figures.iter().map(|figure| number(Some(figure.shown))));
    }
    if let Some(epsilon) = shares.breakdown {
        for division in [Division::TrainingYear, Division::Site].into_iter().filter(|it| has(*it)) {
            seen.extend(of_cell(twins, division, epsilon, count, random)?);
        }
    }
    if let Some(share) = shares.survey.filter(|_| has(Division::Survey)) {
        let questions = questions_for(twins.people, share);
        // Half of the sheets agree, and in the other world one more that agrees with everything: as much as one person can change.
        let (before, more) = match twins.division {
            Some(_) => (twins.count, count - twins.count),
            None => (twins.people / 2, count - twins.count),
        };
        let agree = Question::first(questions).map(|question| (question, before / 2 + more)).collect();
        let told = draw_survey(twins.people, share, Tally { answered: before + more, agree }, random)?;
        seen.push(number(Some(told.answered)));
        seen.extend(told.questions.iter().map(|one| number(one.shown)));
    }
    Some(seen)
}

/// A release of units: of the one that is looked at, or of the smallest unit in a whole institution.
fn of_units(twins: Twins, epsilon: Epsilon, count: usize, random: &mut Random<'_>) -> Option<Release> {
    let program = |number: u8| ProgramId::from_bytes([number; 16]);
    let mut sizes = vec![(program(1), if twins.division.is_some() { twins.people } else { OWN })];
    if twins.division.is_none() {
        sizes.push((program(2), twins.people - OWN));
    }
    let units = units(&sizes);
    let counted = |unit: &Unit| Counted {
        unit: unit.key(),
        size: unit.size(),
        count: if unit.programs().contains(&program(1)) { count } else { unit.size() / 2 },
    };
    let counted = units.iter().map(counted).collect();
    let names: BTreeMap<ProgramId, String> = sizes.iter().map(|(id, _)| (*id, String::new())).collect();
    draw(terms(epsilon), &units, counted, &names, random).ok()
}

/// The part of a division to which the person belongs who differs. Nobody else's figure is touched by them.
fn of_cell(
    twins: Twins,
    division: Division,
    epsilon: Epsilon,
    count: usize,
    random: &mut Random<'_>,
) -> Option<Vec<u32>> {
    let site = SiteId::from_bytes([1; 16]);
    let traits = match division {
        Division::Site => Traits { pgy: None, site: Some(site) },
        _ => Traits { pgy: Some(1), site: None },
    };
    let (people, count) = match twins.division {
        Some(_) => (twins.people, count),
        // The smallest part that is shown, half of whom came.
        None => (super::SMALLEST_BREAKDOWN_CELL, super::SMALLEST_BREAKDOWN_CELL / 2 + count - twins.count),
    };
    let cells = Cells::of(std::iter::repeat_n(&traits, people));
    let counts: BTreeMap<Cell, usize> = traits.cell(division).into_iter().map(|cell| (cell, count)).collect();
    let names = BTreeMap::from([(site, String::new())]);
    let drawn = draw_breakdowns(epsilon, &cells, &counts, &names, random).ok()?;
    Some(drawn.iter().flat_map(|it| &it.figures).map(|figure| number(Some(figure.shown))).collect())
}

/// A figure as it is shown, as a number.
fn number(shown: Option<Shown>) -> u32 {
    let of = |shown: Shown| [0, shown.share.percent(), shown.low.percent(), shown.high.percent()];
    shown.map_or(0, |shown| u32::from_be_bytes(of(shown)))
}

fn terms(epsilon: Epsilon) -> Terms {
    Terms {
        id: ReleaseId::from_bytes([0; 16]),
        offering: OfferingId::from_bytes([0; 16]),
        cycle: CycleId::from_bytes([0; 16]),
        title: String::new(),
        institution: String::new(),
        closing_date: chrono::NaiveDate::default(),
        released_on: chrono::NaiveDate::default(),
        epsilon,
    }
}

#[cfg(test)]
mod tests {
    use super::super::display;
    use super::super::geometric::tests::stream;
    use super::super::law::reach;
    use super::*;

    const DRAWS: usize = 40_000;

    fn of(division: Option<Division>, with: (bool, bool), people: usize, count: usize) -> (Twins, Budget) {
        (Twins { division, with, people, count }, budget(with.0, with.1, 1000).unwrap())
    }

    #[test]
    fn the_bound_of_an_honest_unit_is_just_below_what_is_declared() {
        for (count, least) in [(0, 0.0), (1, 0.9), (6, 0.9), (10, 0.9), (11, 0.0)] {
            let (twins, shares) = of(Some(Division::Units), (false, false), 12, count);
            let bound = bound(twins, &shares, DRAWS, 0.001, &mut stream(5 + count as u64));
            assert!(bound >= least && bound <= 1.0, "{count} of 12: {bound}");
        }
    }

    #[test]
    fn noise_that_is_a_fifth_too_small_is_convicted() {
        let (twins, mut shares) = of(Some(Division::Units), (false, true), 12, 6);
        assert_eq!(declared(twins, &shares), 700);
        shares.units = Epsilon::try_from(840).unwrap();
        let bound = bound(twins, &shares, DRAWS, 0.001, &mut stream(1));
        assert!(bound > 0.7, "{bound}");
    }

    /// Samplers that people have really written: each is convicted by what is shown alone.
    #[test]
    fn broken_samplers_are_convicted() {
        let epsilon = Epsilon::try_from(700).unwrap();
        let convicted = |noise: &mut dyn FnMut(&mut Random<'_>) -> i64| {
            let mut random = stream(9);
            let noise = std::cell::RefCell::new(noise);
            let random: std::cell::RefCell<&mut Random<'_>> = std::cell::RefCell::new(&mut random);
            let show = |count: i64| {
                let noisy = count + (*noise.borrow_mut())(&mut **random.borrow_mut());
                vec![number(Some(display::show(noisy, 20, reach(epsilon, 1))))]
            };
            twins::lower_bound(&mut || show(9), &mut || show(10), DRAWS, 0.001)
        };
        // Zero twice as often as it should be: both signs of it were kept.
        let twice = &mut |random: &mut Random<'_>| loop {
            let drawn = super::super::geometric::draw(epsilon, random);
            let mut byte = [0];
            random(&mut byte);
            // Half of what is not zero is thrown away.
            if drawn == 0 || byte[0] < 128 {
                return drawn;
            }
        };
        assert!(convicted(twice) > 0.7);
        // Noise that is cut off at two people: sometimes it tells everything.
        let cut = &mut |random: &mut Random<'_>| super::super::geometric::draw(epsilon, random).clamp(-2, 2);
        assert!(convicted(cut) > 0.7);
        // Noise of one sign.
        let positive = &mut |random: &mut Random<'_>| super::super::geometric::draw(epsilon, random).abs();
        assert!(convicted(positive) > 0.7);
        // None at all.
        assert!(convicted(&mut |_: &mut Random<'_>| 0) > 5.0);
        let honest = &mut |random: &mut Random<'_>| super::super::geometric::draw(epsilon, random);
        let honest = convicted(honest);
        assert!((0.6..=0.7).contains(&honest), "{honest}");
    }

    #[test]
    fn a_whole_release_with_everything_tells_no_more_than_the_ledger_charges() {
        let mut random = stream(2);
        let told = audit(800, &mut random, &mut |_, _| {});
        assert!(told.holds && told.epsilon_lower_bound <= told.epsilon_declared, "{told:?}");
        assert_eq!((told.epsilon_declared, told.draws), (1.0, 1_600 * told.pairs.len()));
        assert!(told.pairs.len() == pairs().len() && told.divisions.len() >= 6);
        let whole = |worst: &&Worst| worst.division.is_none();
        assert!(
            told.divisions.iter().any(|worst| whole(&worst) && worst.epsilon_lower_bound > 0.0),
            "{told:?}"
        );
    }

    #[test]
    fn a_survey_that_forgot_to_divide_its_share_is_convicted() {
        let (twins, mut shares) = of(Some(Division::Survey), (false, true), 140, 70);
        assert_eq!(declared(twins, &shares), 300);
        let honest = bound(twins, &shares, DRAWS / 8, 0.001, &mut stream(4));
        assert!(honest <= 0.3, "{honest}");
        // As if its two figures had one half of the whole budget each, and not of the survey's share.
        shares.survey = Epsilon::try_from(1000).ok();
        let broken = bound(twins, &shares, DRAWS / 2, 0.001, &mut stream(4));
        assert!(broken > 0.3, "{broken}");
    }
}
