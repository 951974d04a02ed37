//! The frozen releases as one program's coordinator sees them: the figure of their own unit, or the institution's where
//! the program is too small for one. Never another program's figure, and never anything that is not frozen.

use std::collections::BTreeMap;

use super::offering::Offering;
use super::program_season::SeasonName;
use super::released::stands;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::id::{OfferingId, ProgramId};
use crate::domain::people::Program;
use crate::domain::release::{Frozen, Release, Subject, UnitKey, Withdrawal, units};
use crate::storage::{Db, people, releases};

/// In which figure a program's residents are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In one of the program alone.
    Own,
    /// In one of all small programs together.
    Smaller,
    /// In the institution's total alone.
    Institution,
    /// In none: fewer than twelve people, or nobody of the program.
    Nothing,
}

/// One season's release for one program.
pub struct ProgramRelease {
    /// Which season.
    pub season: SeasonName,
    /// Whether the first batch was booked; without one there is no release.
    pub booked: bool,
    /// In which figure the program stands, or will stand.
    pub scope: Scope,
    /// The frozen release with that figure alone, if it is shown.
    pub release: Option<Release>,
    /// That it was withdrawn.
    pub withdrawn: Option<Withdrawal>,
}

impl ProgramRelease {
    /// What stands where it was frozen; nothing before that.
    #[must_use]
    pub fn frozen(&self) -> Option<Frozen> {
        stands(self.release.clone(), self.withdrawn.clone())
    }
}

impl Desk {
    /// The releases of every season, the newest first.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and the directors.
    pub async fn releases_of(&self, session: &Session, program: &Program) -> Result<Vec<ProgramRelease>> {
        let seasons = self.seasons_of(session, program).await?;
        let mut db = self.store.read().await?;
        let offerings = self.offerings(&mut db).await?;
        let mut shown = Vec::new();
        for season in seasons {
            let Some(offering) = offerings.iter().find(|one| one.id() == season.offering) else { continue };
            let frozen = self.frozen(&mut db, offering).await?;
            let (scope, release) = match frozen {
                Some(frozen) => {
                    let (scope, own) = of_program(&frozen, program.id);
                    (scope, Some(own))
                }
                None => (self.scope(&mut db, offering, program.id).await?, None),
            };
            let withdrawn = self.withdrawal(&mut db, offering).await?;
            shown.push(ProgramRelease {
                booked: offering.row.booked_at.is_some(),
                season,
                scope,
                release,
                withdrawn,
            });
        }
        Ok(shown)
    }

    /// One frozen release with the program's figure alone, or that it was withdrawn, for its CSV.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and the directors, and where nothing is frozen.
    pub async fn release_of(
        &self,
        session: &Session,
        program: &Program,
        offering: OfferingId,
    ) -> Result<Frozen> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let offering = self.known_offering(&mut db, &offering.to_string()).await?;
        let withdrawn = self.withdrawal(&mut db, &offering).await?;
        let own = self.frozen(&mut db, &offering).await?.map(|frozen| of_program(&frozen, program.id).1);
        stands(own, withdrawn).ok_or(Error::Link)
    }

    /// In which figure a program will stand: by the frozen cohort, or by the rosters as long as nothing is booked.
    async fn scope(&self, db: &mut Db, offering: &Offering, program: ProgramId) -> Result<Scope> {
        let mut sizes: BTreeMap<ProgramId, usize> = BTreeMap::new();
        let members = releases::members(db, offering.row.cycle).await?;
        if members.is_empty() {
            for row in people::residents(db, offering.row.institution).await?.iter().filter(|row| row.active)
            {
                *sizes.entry(row.program).or_default() += 1;
            }
        }
        for (_, program) in members {
            *sizes.entry(program).or_default() += 1;
        }
        let units = units(&sizes.into_iter().collect::<Vec<_>>());
        Ok(match units.of_program(program) {
            None => Scope::Nothing,
            Some(unit) if !unit.is_shown() => Scope::Institution,
            Some(unit) => Scope::of(Subject::Unit(unit.key())),
        })
    }
}

/// The figure in which a program stands, and the release with nothing but it.
fn of_program(frozen: &Release, program: ProgramId) -> (Scope, Release) {
    let own = frozen.of_program(program);
    if let Some(figure) = own.figures.first() {
        return (Scope::of(figure.subject), own);
    }
    let total = frozen.figures.iter().filter(|one| one.subject == Subject::Institution);
    let total = total.filter(|one| one.programs.contains(&program)).cloned().collect::<Vec<_>>();
    let scope = if total.is_empty() { Scope::Nothing } else { Scope::Institution };
    (scope, Release { figures: total, ..own })
}

impl Scope {
    /// What a figure that has a program in it is for that program.
    #[must_use]
    pub const fn of(subject: Subject) -> Self {
        match subject {
            Subject::Unit(UnitKey::Program(_)) => Self::Own,
            Subject::Unit(UnitKey::Smaller) => Self::Smaller,
            Subject::Institution | Subject::TrainingYear(_) | Subject::Site(_) => Self::Institution,
        }
    }
}
