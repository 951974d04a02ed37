//! The release: one noisy, frozen aggregate of an offering, the only thing that a program ever sees of outcomes.
//! Never keeps a count, a noise or a noisy number: what leaves [`draw`] is what may be shown to anybody.
//!
//! # One release, from its cohort to its bytes
//!
//! 1. When the first booking freezes the cohort, [`units()`] groups the programs; the caller stores the [`Units`] and
//!    who belongs to them, and [`budget`] says how strong the noise will be.
//! 2. On the closing date the caller counts, for each unit, who attended at least one visit ([`Counted`]).
//! 3. In one transaction: [`charge`] writes the ledger, [`draw`] makes the [`Release`], [`draw_breakdowns`] adds training
//!    years and sites where that was chosen beforehand, [`draw_survey`] adds what the
//!    anonymous sheets told, the sheets are destroyed, and the [`Document`] is inserted once. Where that fails, nothing was released, and a new draw is as good as the first.
//! 4. From then on only the stored bytes speak: [`Document::read`], then [`csv`], [`chart`] and the words of a
//!    [`Figure`]. A wrong release is withdrawn, never redrawn.

mod audit;
mod breakdown;
pub mod chart;
mod csv;
mod display;
mod document;
mod geometric;
mod law;
mod ledger;
mod mirrored;
mod proportion;
mod seasons;
mod survey;
#[cfg(test)]
mod tests;
mod twins;
mod units;
mod withdrawal;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::csv::{csv, csv_of_withdrawn};
pub use audit::{Audit, ERROR_PERCENT, audit};
pub use breakdown::{Breakdown, Cell, Cells, Traits, draw_breakdowns};
pub use display::{HIGH_END, LOW_END, NotAShare, Share, Shown, step};
pub use document::{Document, NotADocument};
pub use geometric::{Epsilon, NotAnEpsilon, Random};
pub use law::{CONFIDENCE_PERCENT, reach};
pub use ledger::{
    Budget, CYCLE_BUDGET_MILLIS, ChargeRefusal, Division, Entry, Partition, SMALLEST_BREAKDOWN_CELL, budget,
    charge, spent_millis,
};
pub use mirrored::{BrokenMirror, MIRROR_FORMAT, Mirrored, MirroredCharge, Note};
pub use seasons::{Seasons, csv_of_all, seasons};
pub use survey::{Agreement, SURVEY_FACT, Survey, draw_survey, questions_for};
pub use units::{SMALLEST_UNIT, Unit, UnitKey, Units, units};
pub use withdrawal::{Frozen, NoReason, Withdrawal, reason};

use super::id::{CycleId, OfferingId, ProgramId, ReleaseId, SiteId};

/// The one fact that is counted.
pub const FACT: &str = "attended at least one visit by the closing date";

/// What is said with every figure.
pub const NOISE_NOTE: &str = "noise of known strength was added on purpose, so that the figure describes the group \
    and nobody can be sure from it about any one person";

/// How many people of one unit attended, as counted on the closing date. Cannot be printed, and does not outlive
/// [`draw`].
pub struct Counted {
    /// The unit.
    pub unit: UnitKey,
    /// Its people, as frozen.
    pub size: usize,
    /// Those of them who attended at least one visit; at most `size`.
    pub count: usize,
}

/// Everything about a release but its figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Identifier of the release.
    pub id: ReleaseId,
    /// What was held.
    pub offering: OfferingId,
    /// Whose budget it uses.
    pub cycle: CycleId,
    /// The offering's title.
    pub title: String,
    /// The institution's name, which the total bears.
    pub institution: String,
    /// Visits up to this day count; fixed when the cohort froze.
    pub closing_date: NaiveDate,
    /// The day on which the figures were drawn.
    pub released_on: NaiveDate,
    /// The strength of each unit's noise, which is also what each resident is charged.
    pub epsilon: Epsilon,
}

/// What a figure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// One unit.
    Unit(UnitKey),
    /// All units together: the sum of their noisy figures.
    Institution,
    /// Everybody of one training year, across the institution.
    TrainingYear(u8),
    /// Everybody of one site.
    Site(SiteId),
}

/// One share that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What it is about.
    pub subject: Subject,
    /// The name of the program, of the pool or of the institution.
    pub name: String,
    /// The programs whose residents it counts.
    pub programs: Vec<ProgramId>,
    /// Its people, as frozen: 12 or more.
    pub people: u32,
    /// The share with its interval.
    pub shown: Shown,
}

impl Figure {
    /// The figure in words, without its name: "about 55 %, most likely between 45 % and 65 %".
    #[must_use]
    pub fn words(&self) -> String {
        self.shown.words()
    }

    /// The same as a sentence that says why it is uncertain.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} of {} people: {NOISE_NOTE}.", self.shown.words(), self.people)
    }
}

/// A frozen aggregate: nothing in it is more than what may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Everything but the figures.
    pub terms: Terms,
    /// The units that are shown, then the institution; none where the institution has fewer than 12 people.
    pub figures: Vec<Figure>,
    /// The same fact by training year and by site, for who looks after the whole institution.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breakdowns: Vec<Breakdown>,
    /// What everybody answered together, where a survey was held: the same for whoever sees any figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<Survey>,
}

impl Release {
    /// What a resident was charged at most, in thousandths: nothing where nothing was drawn.
    #[must_use]
    pub fn spent_millis(&self) -> u32 {
        let units = if self.figures.is_empty() { 0 } else { self.terms.epsilon.thousandths() };
        let breakdowns: u32 = self.breakdowns.iter().map(|it| it.epsilon.thousandths()).sum();
        units + breakdowns + self.survey.as_ref().map_or(0, Survey::spent_millis)
    }

    /// Every figure of attendance with the strength of its noise: units, the institution, then the breakdowns.
    pub fn every_figure(&self) -> impl Iterator<Item = (&Figure, Epsilon)> {
        let parts =
            self.breakdowns.iter().flat_map(|it| it.figures.iter().map(|figure| (figure, it.epsilon)));
        self.figures.iter().map(|figure| (figure, self.terms.epsilon)).chain(parts)
    }

    /// With breakdowns.
    #[must_use]
    pub fn with_breakdowns(self, breakdowns: Vec<Breakdown>) -> Self {
        Self { breakdowns, ..self }
    }

    /// With what a survey told.
    #[must_use]
    pub fn with_survey(self, survey: Option<Survey>) -> Self {
        Self { survey, ..self }
    }

    /// What the coordinator of a program sees: the figure of their own unit, or none where it has none of its own; and
    /// what everybody in the institution answered together. No breakdown: those are about the whole institution.
    #[must_use]
    pub fn of_program(&self, program: ProgramId) -> Self {
        let own = |f: &&Figure| f.subject != Subject::Institution && f.programs.contains(&program);
        let figures = self.figures.iter().filter(own).cloned().collect();
        Self { terms: self.terms.clone(), figures, breakdowns: Vec::new(), survey: self.survey.clone() }
    }
}

/// Why no release can be drawn. Nothing was drawn, and it says nothing about a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawRefusal {
    /// A unit without a count, a count without a unit, twice the same, another size, or more counted than there are.
    #[error("what was counted is not what was frozen; count each frozen unit once, with its frozen people")]
    OtherUnits,
    /// A program whose name the caller does not give.
    #[error("a program of the cohort has no name; give the names of all programs that were frozen")]
    NoName,
}

/// Draws one noise for each unit and keeps what may be shown. Pure, given the random bytes.
///
/// Each unit draws its own noise, the pool that is not shown like the others (see the reasons in `units.rs`), and the
/// institution's figure is the sum of the noisy numbers. `names` are the programs' names as frozen.
///
/// Call it in a job, once, in the transaction that charges the ledger. With no units at all, the release has no
/// figure, no byte of randomness is used, and nobody is to be charged.
///
/// # Errors
/// [`DrawRefusal`], before anything is drawn.
pub fn draw(
    terms: Terms,
    units: &Units,
    counted: Vec<Counted>,
    names: &BTreeMap<ProgramId, String>,
    random: &mut Random<'_>,
) -> Result<Release, DrawRefusal> {
    let counts = by_unit(units, counted)?;
    let named = units.iter().map(|unit| name(unit, names)).collect::<Result<Vec<_>, _>>()?;
    let (mut figures, mut total) = (Vec::new(), 0);
    let (own_reach, total_reach) = (reach(terms.epsilon, 1), reach(terms.epsilon, counts.len()));
    for ((unit, name), count) in units.iter().zip(named).zip(counts) {
        let noisy = count.saturating_add(geometric::draw(terms.epsilon, random));
        total = noisy.saturating_add(total);
        if unit.is_shown() {
            let people = people(unit.size());
            figures.push(Figure {
                subject: Subject::Unit(unit.key()),
                name,
                programs: unit.programs().to_vec(),
                people,
                shown: display::show(noisy, people, own_reach),
            });
        }
    }
    if !units.is_empty() {
        let people = people(units.people());
        figures.push(Figure {
            subject: Subject::Institution,
            name: terms.institution.clone(),
            programs: units.iter().flat_map(Unit::programs).copied().collect(),
            people,
            shown: display::show(total, people, total_reach),
        });
    }
    Ok(Release { terms, figures, breakdowns: Vec::new(), survey: None })
}

/// The counts in the order of the units, each checked against what was frozen.
fn by_unit(units: &Units, counted: Vec<Counted>) -> Result<Vec<i64>, DrawRefusal> {
    let distinct: BTreeSet<UnitKey> = counted.iter().map(|c| c.unit).collect();
    if distinct.len() != counted.len() || counted.len() != units.iter().count() {
        return Err(DrawRefusal::OtherUnits);
    }
    let of = |unit: &Unit| {
        let found =
            counted.iter().find(|c| c.unit == unit.key() && c.size == unit.size() && c.count <= c.size);
        found.and_then(|c| i64::try_from(c.count).ok()).ok_or(DrawRefusal::OtherUnits)
    };
    units.iter().map(of).collect()
}

fn name(unit: &Unit, names: &BTreeMap<ProgramId, String>) -> Result<String, DrawRefusal> {
    match unit.key() {
        UnitKey::Program(program) => names.get(&program).cloned().ok_or(DrawRefusal::NoName),
        UnitKey::Smaller => Ok("Smaller programs together".to_owned()),
    }
}

fn people(size: usize) -> u32 {
    // No institution has four thousand million residents; a larger one is shown as that many.
    u32::try_from(size).unwrap_or(u32::MAX)
}
