//! Breakdowns: the same fact by training year and by site, across the institution. Never a table of both together, and never
//! a part of fewer than [`SMALLEST_BREAKDOWN_CELL`] people.
//!
//! Who is in which part is frozen with the cohort, from the roster alone. A part that is too small has no figure: nothing is
//! drawn for it, its people are in no figure of this division, and they are not charged for it. Nor can it be had by
//! subtraction, because every figure, the institution's total too, has noise of its own, and what all of them tell of one
//! person adds up to what the ledger says. A division that nobody asked for beforehand is never drawn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::geometric::{self, Epsilon, Random};
use super::law::reach;
use super::ledger::{Division, SMALLEST_BREAKDOWN_CELL};
use super::{DrawRefusal, Figure, Subject, display, people};
use crate::domain::id::SiteId;

/// What of the roster decides to which parts a member of the cohort belongs. Frozen with the cohort; cannot be printed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traits {
    /// Year of training.
    pub pgy: Option<u8>,
    /// Where they are.
    pub site: Option<SiteId>,
}

/// One part of a division.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// Everybody of one training year.
    TrainingYear(u8),
    /// Everybody of one site.
    Site(SiteId),
}

impl Cell {
    /// Of which division it is a part.
    #[must_use]
    pub const fn division(self) -> Division {
        match self {
            Self::TrainingYear(_) => Division::TrainingYear,
            Self::Site(_) => Division::Site,
        }
    }

    const fn subject(self) -> Subject {
        match self {
            Self::TrainingYear(year) => Subject::TrainingYear(year),
            Self::Site(site) => Subject::Site(site),
        }
    }
}

impl Traits {
    /// The part of a division to which somebody belongs, however large it is; at most one.
    #[must_use]
    pub fn cell(&self, division: Division) -> Option<Cell> {
        match division {
            Division::TrainingYear => self.pgy.map(Cell::TrainingYear),
            Division::Site => self.site.map(Cell::Site),
            Division::Units | Division::Survey => None,
        }
    }
}

/// The parts that are large enough for a figure, with their people, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cells(BTreeMap<Cell, usize>);

impl Cells {
    /// Those of a frozen cohort.
    #[must_use]
    pub fn of<'t>(members: impl IntoIterator<Item = &'t Traits>) -> Self {
        let mut sizes = BTreeMap::new();
        for traits in members {
            for cell in [Division::TrainingYear, Division::Site].into_iter().filter_map(|it| traits.cell(it))
            {
                *sizes.entry(cell).or_insert(0) += 1;
            }
        }
        sizes.retain(|_, size| *size >= SMALLEST_BREAKDOWN_CELL);
        Self(sizes)
    }

    /// Whether there is none: then the units keep the whole epsilon.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The parts, each with its people.
    pub fn iter(&self) -> impl Iterator<Item = (Cell, usize)> {
        self.0.iter().map(|(cell, size)| (*cell, *size))
    }

    /// Whether somebody is counted in a division, and so charged for it.
    #[must_use]
    pub fn counts(&self, traits: &Traits, division: Division) -> bool {
        traits.cell(division).is_some_and(|cell| self.0.contains_key(&cell))
    }
}

/// What a release tells of one division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breakdown {
    /// How the people are divided.
    pub division: Division,
    /// The strength of each part's noise, which is also what each of its people is charged.
    pub epsilon: Epsilon,
    /// The parts of 100 or more people.
    pub figures: Vec<Figure>,
}

/// Draws one noise for each part. Pure, given the random bytes; call it where [`super::draw`] is called, once.
///
/// `counts` are those who attended, by part; a part without any may be left out. `names` are the names of sites.
///
/// # Errors
/// [`DrawRefusal`], before anything is drawn.
pub fn draw_breakdowns(
    epsilon: Epsilon,
    cells: &Cells,
    counts: &BTreeMap<Cell, usize>,
    names: &BTreeMap<SiteId, String>,
    random: &mut Random<'_>,
) -> Result<Vec<Breakdown>, DrawRefusal> {
    let mut counted = Vec::new();
    for (cell, size) in cells.iter() {
        let count = counts.get(&cell).copied().unwrap_or(0);
        let count = i64::try_from(count).ok().filter(|_| count <= size).ok_or(DrawRefusal::OtherUnits)?;
        let name = match cell {
            Cell::TrainingYear(year) => format!("Training year {year}"),
            Cell::Site(site) => names.get(&site).cloned().ok_or(DrawRefusal::NoName)?,
        };
        counted.push((cell, people(size), count, name));
    }
    let reach = reach(epsilon, 1);
    let mut breakdowns: Vec<Breakdown> = Vec::new();
    for (cell, people, count, name) in counted {
        let noisy = count.saturating_add(geometric::draw(epsilon, random));
        let shown = display::show(noisy, people, reach);
        let figure = Figure { subject: cell.subject(), name, programs: Vec::new(), people, shown };
        match breakdowns.last_mut().filter(|last| last.division == cell.division()) {
            Some(last) => last.figures.push(figure),
            None => breakdowns.push(Breakdown { division: cell.division(), epsilon, figures: vec![figure] }),
        }
    }
    Ok(breakdowns)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::geometric::tests::stream;
    use super::*;

    fn site(number: u8) -> SiteId {
        SiteId::from_bytes([number; 16])
    }

    fn members(groups: &[(Option<u8>, Option<u8>, usize)]) -> Vec<Traits> {
        let one = |(pgy, at, many): &(Option<u8>, Option<u8>, usize)| {
            std::iter::repeat_n(Traits { pgy: *pgy, site: at.map(site) }, *many)
        };
        groups.iter().flat_map(one).collect()
    }

    fn epsilon() -> Epsilon {
        Epsilon::try_from(150).unwrap()
    }

    #[test]
    fn a_part_of_ninety_nine_has_no_figure_and_its_people_are_not_charged() {
        let cohort = members(&[(Some(1), Some(1), 100), (Some(2), Some(1), 99), (None, Some(2), 150)]);
        let cells = Cells::of(&cohort);
        let found: Vec<_> = cells.iter().collect();
        assert_eq!(
            found,
            [(Cell::TrainingYear(1), 100), (Cell::Site(site(1)), 199), (Cell::Site(site(2)), 150)]
        );
        let charged = |division| cohort.iter().filter(|one| cells.counts(one, division)).count();
        assert_eq!((charged(Division::TrainingYear), charged(Division::Site)), (100, 349));
        assert_eq!((charged(Division::Units), charged(Division::Survey)), (0, 0));
        assert!(Cells::of(&members(&[(Some(1), None, 99), (Some(2), None, 99)])).is_empty());
    }

    #[test]
    fn each_part_draws_its_own_noise_and_says_which_it_is() {
        let cells = Cells::of(&members(&[(Some(1), Some(1), 200), (Some(2), Some(1), 100)]));
        let counts = BTreeMap::from([(Cell::TrainingYear(1), 200), (Cell::Site(site(1)), 200)]);
        let names = BTreeMap::from([(site(1), "Main".to_owned())]);
        let drawn = draw_breakdowns(epsilon(), &cells, &counts, &names, &mut stream(3)).unwrap();
        let told: Vec<Vec<(&str, u32)>> =
            drawn.iter().map(|it| it.figures.iter().map(|f| (f.name.as_str(), f.people)).collect()).collect();
        assert_eq!(told, [vec![("Training year 1", 200), ("Training year 2", 100)], vec![("Main", 300)]]);
        assert_eq!((drawn[0].division, drawn[1].division), (Division::TrainingYear, Division::Site));
        // All of the first year came and nobody of the second: noise of 0.15 does not hide that.
        let shares: Vec<u8> = drawn[0].figures.iter().map(|figure| figure.shown.share.percent()).collect();
        assert!(shares[0] >= 70 && shares[1] <= 30, "{shares:?}");
    }

    #[test]
    fn what_does_not_fit_the_frozen_parts_is_refused_before_anything_is_drawn() {
        let cells = Cells::of(&members(&[(Some(1), Some(1), 100)]));
        let mut nothing = |_: &mut [u8]| panic!("nothing is drawn");
        let mut draw = |count, names: &BTreeMap<SiteId, String>| {
            let counts = BTreeMap::from([(Cell::TrainingYear(1), count)]);
            draw_breakdowns(epsilon(), &cells, &counts, names, &mut nothing)
        };
        let named = BTreeMap::from([(site(1), "Main".to_owned())]);
        assert_eq!(draw(101, &named), Err(DrawRefusal::OtherUnits));
        assert_eq!(draw(100, &BTreeMap::new()), Err(DrawRefusal::NoName));
    }

    proptest! {
        #[test]
        fn nobody_is_in_two_parts_of_one_division(years in prop::collection::vec((0_u8..4, 0_u8..3), 0..600)) {
            let cohort: Vec<Traits> = years
                .iter()
                .map(|(year, at)| Traits { pgy: (*year > 0).then_some(*year), site: (*at > 0).then(|| site(*at)) })
                .collect();
            let cells = Cells::of(&cohort);
            for division in [Division::TrainingYear, Division::Site] {
                let counted = cohort.iter().filter(|one| cells.counts(one, division)).count();
                let people: usize =
                    cells.iter().filter(|(cell, _)| cell.division() == division).map(|(_, size)| size).sum();
                prop_assert_eq!(counted, people);
            }
            prop_assert!(cells.iter().all(|(_, size)| size >= SMALLEST_BREAKDOWN_CELL));
        }
    }
}
