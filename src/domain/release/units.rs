//! The units of a release: who is counted together, fixed from roster facts when the cohort freezes.
//! Never sees an outcome: it is given programs and their sizes, and nothing else.
//!
//! # Why a pool that is too small may stand inside the total
//!
//! Programs of fewer than [`SMALLEST_UNIT`] people are counted together. Where even that pool has fewer people,
//! it has no figure of its own, but its people count in the institution's total. Somebody who subtracts every
//! published figure from the total then learns about the pool, so the pool is treated as what such a subtraction
//! would make of it: a unit like the others, which draws a noise of its own at full strength and charges its
//! residents. The total is the sum of noisy figures, never a noisy sum of counts, so the best that subtraction
//! can yield is the pool's count plus its own noise: the same protection (a factor of at most e^epsilon on any
//! belief about one resident) that a published figure has. Not showing it is a second wall, because a share of
//! five people is nothing but noise, and a share that nobody shows is not read as a fact. The total itself has
//! 12 people or more, or there is no release at all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::ProgramId;

/// The smallest number of people that has a figure of its own.
pub const SMALLEST_UNIT: usize = 12;

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "program")]
pub enum UnitKey {
    /// One program of 12 or more people.
    Program(ProgramId),
    /// All smaller programs together.
    Smaller,
}

/// People who are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    key: UnitKey,
    programs: Vec<ProgramId>,
    size: usize,
}

impl Unit {
    /// What it is.
    #[must_use]
    pub const fn key(&self) -> UnitKey {
        self.key
    }

    /// The programs whose residents it counts, in order of their identifiers.
    #[must_use]
    pub fn programs(&self) -> &[ProgramId] {
        &self.programs
    }

    /// How many residents belong to it; at least 1.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Whether it has a figure of its own; otherwise it stands only inside the institution's total.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        self.size >= SMALLEST_UNIT
    }
}

/// Every unit of one cohort. Every resident belongs to exactly one, unless the institution is too small for any.
///
/// To be stored when the cohort freezes and read back when the release is drawn: leavers stay where they were.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Units(Vec<Unit>);

impl Units {
    /// The units: programs in order of their identifiers, then the pool.
    pub fn iter(&self) -> impl Iterator<Item = &Unit> {
        self.0.iter()
    }

    /// Whether the institution has too few people for any figure: nothing is drawn and nobody is charged.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All residents of the cohort: 0, or 12 and more.
    #[must_use]
    pub fn people(&self) -> usize {
        self.0.iter().map(Unit::size).sum()
    }

    /// The unit in which a program's residents are counted.
    #[must_use]
    pub fn of_program(&self, program: ProgramId) -> Option<&Unit> {
        self.0.iter().find(|unit| unit.programs.contains(&program))
    }
}

/// Groups programs, each with the number of its residents in the cohort, into units.
///
/// A program named twice is taken once, with the sum; one without residents is left out.
#[must_use]
pub fn units(programs: &[(ProgramId, usize)]) -> Units {
    let mut sizes = BTreeMap::new();
    for &(program, size) in programs.iter().filter(|(_, size)| *size > 0) {
        *sizes.entry(program).or_insert(0_usize) += size;
    }
    if sizes.values().sum::<usize>() < SMALLEST_UNIT {
        return Units::default();
    }
    let (large, small): (BTreeMap<_, _>, BTreeMap<_, _>) =
        sizes.into_iter().partition(|(_, size)| *size >= SMALLEST_UNIT);
    let own = large.into_iter().map(|(program, size)| Unit {
        key: UnitKey::Program(program),
        programs: vec![program],
        size,
    });
    let pool = (!small.is_empty()).then(|| Unit {
        key: UnitKey::Smaller,
        size: small.values().sum(),
        programs: small.into_keys().collect(),
    });
    Units(own.chain(pool).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn program(number: u8) -> ProgramId {
        ProgramId::from_bytes([number; 16])
    }

    fn shape(sizes: &[usize]) -> Vec<(UnitKey, usize, bool)> {
        let programs: Vec<_> = sizes.iter().zip(1..).map(|(size, number)| (program(number), *size)).collect();
        units(&programs).iter().map(|unit| (unit.key(), unit.size(), unit.is_shown())).collect()
    }

    #[test]
    fn a_program_of_twelve_has_its_own_figure() {
        assert_eq!(shape(&[12]), [(UnitKey::Program(program(1)), 12, true)]);
    }

    #[test]
    fn smaller_programs_are_shown_together_once_they_are_twelve() {
        assert_eq!(
            shape(&[11, 40, 1]),
            [(UnitKey::Program(program(2)), 40, true), (UnitKey::Smaller, 12, true)]
        );
    }

    #[test]
    fn a_pool_of_eleven_is_counted_in_the_total_and_not_shown() {
        assert_eq!(
            shape(&[40, 6, 5]),
            [(UnitKey::Program(program(1)), 40, true), (UnitKey::Smaller, 11, false)]
        );
    }

    #[test]
    fn an_institution_of_eleven_gets_no_figure() {
        assert_eq!(shape(&[6, 5]), []);
        assert_eq!(shape(&[]), []);
        assert_eq!(shape(&[0, 11]), []);
    }

    #[test]
    fn a_program_named_twice_is_one_program() {
        let twice = units(&[(program(1), 6), (program(1), 6), (program(2), 0)]);
        assert_eq!(twice, units(&[(program(1), 12)]));
    }

    proptest! {
        #[test]
        fn every_resident_belongs_to_one_unit_whatever_the_order(
            sizes in prop::collection::vec(0_usize..40, 0..20),
            turn in 0_usize..20,
        ) {
            let mut programs: Vec<_> = sizes.iter().zip(1..).map(|(size, n)| (program(n), *size)).collect();
            let made = units(&programs);
            let people: usize = sizes.iter().sum();
            prop_assert_eq!(made.people(), if people < SMALLEST_UNIT { 0 } else { people });
            for (id, size) in &programs {
                let homes = made.iter().filter(|unit| unit.programs().contains(id)).count();
                prop_assert_eq!(homes, usize::from(*size > 0 && people >= SMALLEST_UNIT));
                if *size >= SMALLEST_UNIT {
                    prop_assert_eq!(made.of_program(*id).map(Unit::key), Some(UnitKey::Program(*id)));
                }
            }
            prop_assert!(made.iter().filter(|unit| !unit.is_shown()).count() <= 1);
            let turn = turn.min(programs.len());
            programs.rotate_left(turn);
            prop_assert_eq!(units(&programs), made);
        }
    }
}
