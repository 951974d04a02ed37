//! What releases spend on each resident: the arithmetic of privacy loss in thousandths of epsilon.
//! Never knows what was released, and never names a resident in a refusal.
//!
//! The losses of all releases that count a resident add up (basic composition), so each resident has one budget
//! a cycle, over all offerings. The units of one release share no resident, so one release charges each of its
//! residents once. Breakdowns of the same people (by training year, by site) each charge them again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::geometric::Epsilon;
use crate::domain::id::{CycleId, OfferingId, ResidentId};

/// What may be spent on one resident in one cycle, in thousandths.
pub const CYCLE_BUDGET_MILLIS: u32 = 1000;

/// A breakdown is released only for cells of so many people or more.
pub const SMALLEST_BREAKDOWN_CELL: usize = 100;

/// One way in which the people of an offering are divided; nobody is in two parts of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Division {
    /// Into programs, and the pool of the smaller ones.
    Units,
    /// Into training years, across the institution.
    TrainingYear,
    /// Into sites, across the institution.
    Site,
    /// Not at all: the anonymous answers of everybody together.
    Survey,
}

/// A division of the people of one offering: what a resident is charged for at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Partition {
    /// Whose people.
    pub offering: OfferingId,
    /// How divided.
    pub division: Division,
}

/// One line of the ledger. Unique by cycle, partition and resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// The cycle whose budget it uses.
    pub cycle: CycleId,
    /// What was released.
    pub partition: Partition,
    /// Who was counted.
    pub resident: ResidentId,
    /// How strong the noise was.
    pub epsilon: Epsilon,
}

/// A charge that cannot be. It says nothing about any one resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChargeRefusal {
    /// Somebody would be charged beyond the budget of the cycle.
    #[error(
        "epsilon of {asked_millis}/1000 was asked, and some residents have only {left_millis}/1000 left in this \
         cycle; lower the epsilon of the offering before its first booking, or release it in the next cycle"
    )]
    OverBudget {
        /// Thousandths that were asked.
        asked_millis: u32,
        /// Thousandths that are left to whoever has the least.
        left_millis: u32,
    },
    /// A release is drawn once.
    #[error("this release was already charged, and a release is drawn once; read the stored one")]
    AlreadyCharged,
    /// An epsilon that no offering may have.
    #[error(
        "epsilon of {asked_millis}/1000 was asked; give 0.05 to 1: it can be set lower, not higher, and not off"
    )]
    NoSuchEpsilon {
        /// Thousandths that were asked.
        asked_millis: u32,
    },
}

/// How the privacy loss of one offering is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// For the units.
    pub units: Epsilon,
    /// For each of the two breakdowns, by training year and by site, where they are released.
    pub breakdown: Option<Epsilon>,
    /// For all that a survey tells, where one is held.
    pub survey: Option<Epsilon>,
}

impl Budget {
    /// What one resident is charged in all, in thousandths.
    #[must_use]
    pub fn total_millis(&self) -> u32 {
        let of = |part: Option<Epsilon>| part.map_or(0, Epsilon::thousandths);
        self.units.thousandths() + 2 * of(self.breakdown) + of(self.survey)
    }
}

/// Shares out an offering's epsilon, 50 to 1000 thousandths, rounded down. Percent of it:
///
/// | released | units | each of two breakdowns | survey |
/// | --- | --- | --- | --- |
/// | attendance by unit | 100 | | |
/// | and by training year and site | 70 | 15 | |
/// | and a survey | 70 | | 30 |
/// | and both | 50 | 10 | 30 |
///
/// # Errors
/// [`ChargeRefusal::NoSuchEpsilon`] beyond these bounds.
pub fn budget(breakdowns: bool, survey: bool, offering_epsilon_millis: u32) -> Result<Budget, ChargeRefusal> {
    let refusal = ChargeRefusal::NoSuchEpsilon { asked_millis: offering_epsilon_millis };
    if !(50..=CYCLE_BUDGET_MILLIS).contains(&offering_epsilon_millis) {
        return Err(refusal);
    }
    let part = |percent: u32| Epsilon::try_from(offering_epsilon_millis * percent / 100).map_err(|_| refusal);
    let some = |percent: u32| part(percent).map(Some);
    let (units, breakdown, survey) = match (breakdowns, survey) {
        (false, false) => (part(100)?, None, None),
        (true, false) => (part(70)?, some(15)?, None),
        (false, true) => (part(70)?, None, some(30)?),
        (true, true) => (part(50)?, some(10)?, some(30)?),
    };
    Ok(Budget { units, breakdown, survey })
}

/// What was spent on one resident in one cycle, in thousandths.
#[must_use]
pub fn spent_millis(ledger: &[Entry], cycle: CycleId, resident: ResidentId) -> u32 {
    ledger
        .iter()
        .filter(|entry| entry.cycle == cycle && entry.resident == resident)
        .fold(0, |sum, entry| sum.saturating_add(entry.epsilon.thousandths()))
}

/// The entries that charge everybody whom one division of one offering counts, in order of their identifiers:
/// all of them, or none.
///
/// `ledger` is what stands; entries of other cycles and of people who are not charged now do no harm. Who is charged
/// depends on membership alone: the residents of every unit, those of a pool that is not shown among them.
///
/// # Errors
/// [`ChargeRefusal::AlreadyCharged`] where anybody has an entry for the partition,
/// [`ChargeRefusal::OverBudget`] where anybody has too little left.
pub fn charge(
    ledger: &[Entry],
    cycle: CycleId,
    partition: Partition,
    residents: &BTreeSet<ResidentId>,
    epsilon: Epsilon,
) -> Result<Vec<Entry>, ChargeRefusal> {
    let mut spent: BTreeMap<ResidentId, u32> = BTreeMap::new();
    for entry in ledger.iter().filter(|e| e.cycle == cycle && residents.contains(&e.resident)) {
        if entry.partition == partition {
            return Err(ChargeRefusal::AlreadyCharged);
        }
        let sum = spent.entry(entry.resident).or_default();
        *sum = sum.saturating_add(entry.epsilon.thousandths());
    }
    let most = spent.values().max().copied().unwrap_or(0);
    let left_millis = CYCLE_BUDGET_MILLIS.saturating_sub(most);
    if epsilon.thousandths() > left_millis {
        return Err(ChargeRefusal::OverBudget { asked_millis: epsilon.thousandths(), left_millis });
    }
    Ok(residents.iter().map(|&resident| Entry { cycle, partition, resident, epsilon }).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resident(number: u8) -> ResidentId {
        ResidentId::from_bytes([number; 16])
    }

    fn everyone(numbers: std::ops::Range<u8>) -> BTreeSet<ResidentId> {
        numbers.map(resident).collect()
    }

    fn cycle(number: u8) -> CycleId {
        CycleId::from_bytes([number; 16])
    }

    fn partition(number: u8, division: Division) -> Partition {
        Partition { offering: OfferingId::from_bytes([number; 16]), division }
    }

    fn epsilon(thousandths: u32) -> Epsilon {
        Epsilon::try_from(thousandths).unwrap()
    }

    #[test]
    fn units_get_all_of_it_unless_breakdowns_take_their_part() {
        let plain = budget(false, false, 1000).unwrap();
        assert_eq!((plain.units.thousandths(), plain.breakdown, plain.survey), (1000, None, None));
        let asked = budget(false, true, 1000).unwrap();
        assert_eq!((asked.units, asked.breakdown, asked.survey), (epsilon(700), None, Some(epsilon(300))));
        let both = budget(true, true, 1000).unwrap();
        assert_eq!(
            (both.units, both.breakdown, both.survey),
            (epsilon(500), Some(epsilon(100)), Some(epsilon(300)))
        );
        assert_eq!((asked.total_millis(), both.total_millis()), (1000, 1000));
        let parted = budget(true, false, 1000).unwrap();
        assert_eq!((parted.units, parted.breakdown), (epsilon(700), Some(epsilon(150))));
        assert_eq!(parted.total_millis(), 1000);
        assert_eq!(budget(true, false, 1001), Err(ChargeRefusal::NoSuchEpsilon { asked_millis: 1001 }));
        assert_eq!(budget(false, true, 0), Err(ChargeRefusal::NoSuchEpsilon { asked_millis: 0 }));
    }

    #[test]
    fn nobody_is_charged_twice_for_one_release() {
        let units = partition(1, Division::Units);
        let ledger = charge(&[], cycle(1), units, &everyone(0..3), epsilon(300)).unwrap();
        assert_eq!(ledger.len(), 3);
        // One resident in common is enough to refuse.
        let again = charge(&ledger, cycle(1), units, &everyone(2..9), epsilon(300));
        assert_eq!(again, Err(ChargeRefusal::AlreadyCharged));
    }

    #[test]
    fn a_second_offering_gets_what_the_first_one_left() {
        let first =
            charge(&[], cycle(1), partition(1, Division::Units), &everyone(0..3), epsilon(700)).unwrap();
        let second = partition(2, Division::Units);
        assert_eq!(
            charge(&first, cycle(1), second, &everyone(2..4), epsilon(301)),
            Err(ChargeRefusal::OverBudget { asked_millis: 301, left_millis: 300 })
        );
        assert!(charge(&first, cycle(1), second, &everyone(2..4), epsilon(300)).is_ok());
        assert!(charge(&first, cycle(1), second, &everyone(3..4), epsilon(1000)).is_ok());
        assert!(charge(&first, cycle(2), second, &everyone(0..3), epsilon(1000)).is_ok());
    }

    #[test]
    fn a_breakdown_of_the_same_people_charges_them_again() {
        let split = budget(true, false, 1000).unwrap();
        let mut ledger = Vec::new();
        for (division, epsilon) in [
            (Division::Units, split.units),
            (Division::TrainingYear, split.breakdown.unwrap()),
            (Division::Site, split.breakdown.unwrap()),
        ] {
            let entries = charge(&ledger, cycle(1), partition(1, division), &everyone(0..2), epsilon);
            ledger.extend(entries.unwrap());
        }
        assert_eq!(spent_millis(&ledger, cycle(1), resident(1)), 1000);
        let one_more = charge(&ledger, cycle(1), partition(2, Division::Units), &everyone(1..2), epsilon(1));
        assert_eq!(one_more, Err(ChargeRefusal::OverBudget { asked_millis: 1, left_millis: 0 }));
    }

    #[test]
    fn a_refusal_leads_to_the_setting_and_to_nobody() {
        let text = ChargeRefusal::OverBudget { asked_millis: 700, left_millis: 300 }.to_string();
        assert!(text.contains("lower the epsilon of the offering"), "{text}");
    }

    proptest! {
        #[test]
        fn nobody_is_ever_charged_more_than_one_in_a_cycle(
            wishes in prop::collection::vec((0_u8..2, 0_u8..6, 0_u8..10, 1_u8..10, 1_u32..=1000), 0..30),
            breakdowns: bool, survey: bool, asked in 50_u32..=1000,
        ) {
            let mut ledger = Vec::new();
            for (year, offering, first, many, thousandths) in wishes {
                let people = everyone(first..first + many);
                let partition = partition(offering, Division::Units);
                if let Ok(entries) = charge(&ledger, cycle(year), partition, &people, epsilon(thousandths)) {
                    prop_assert_eq!(entries.len(), usize::from(many));
                    ledger.extend(entries);
                }
                for number in 0..20 {
                    prop_assert!(spent_millis(&ledger, cycle(year), resident(number)) <= CYCLE_BUDGET_MILLIS);
                }
            }
            let lines: BTreeSet<_> = ledger.iter().map(|e| (e.cycle, e.partition, e.resident)).collect();
            prop_assert_eq!(lines.len(), ledger.len());
            prop_assert!(budget(breakdowns, survey, asked).unwrap().total_millis() <= asked);
        }
    }
}
