//! Which programs said that their roster and protected time are complete. One batch books all programs together, so that
//! nobody's place hangs on whose office was faster; this tells whoever books when all are there.

use super::session::Session;
use super::{Desk, Result};
use crate::domain::audit::Act;
use crate::domain::id::ProgramId;
use crate::domain::time::Instant;
use crate::storage::{people, places, staff};

/// One program before a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// The program.
    pub program: ProgramId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Residents on its roster.
    pub residents: usize,
    /// Since when it is ready.
    pub since: Option<Instant>,
}

impl Desk {
    /// Every program with residents, ready or not, by code. Programs of an institution see of each other only this.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for a therapist.
    pub async fn readiness(&self, session: &Session, offering: &str) -> Result<Vec<Readiness>> {
        session.staff()?;
        let mut db = self.store.read().await?;
        let offering = self.offering(&mut db, Some(offering)).await?;
        let institution = offering.row.institution;
        let ready = staff::readiness(&mut db, offering.id()).await?;
        let residents = people::residents(&mut db, institution).await?;
        let programs = places::programs(&mut db, institution).await?.into_iter().map(|program| Readiness {
            residents: residents.iter().filter(|row| row.active && row.program == program.id).count(),
            since: ready.iter().find(|(id, _)| *id == program.id).map(|(_, at)| *at),
            program: program.id,
            code: program.code,
            name: program.name,
        });
        Ok(programs.filter(|program| program.residents > 0).collect())
    }

    /// Notes that a program is ready, or no longer is.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but its coordinators and the directors.
    pub async fn set_ready(
        &self,
        session: &Session,
        offering: &str,
        program: ProgramId,
        ready: bool,
    ) -> Result<()> {
        session.coordinator(program)?;
        let mut tx = self.store.write().await?;
        let offering = self.offering(&mut tx, Some(offering)).await?;
        staff::set_ready(&mut tx, offering.id(), program, ready.then(|| self.now())).await?;
        let institution = self.institution(&mut tx).await?;
        let programs = places::programs(&mut tx, institution).await?;
        let code = programs.into_iter().find(|known| known.id == program).map(|known| known.code);
        let act = Act::Ready { program: code.unwrap_or_default(), ready };
        self.note_of(&mut tx, session, &act).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }
}
