//! A program's coverage at a secret address, for the calendar of whoever looks after it. Never a visit; and the address
//! is worth nothing once the program is no longer theirs.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::link::Purpose;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::{ProgramId, StaffId};
use crate::domain::people::Program;
use crate::domain::staff::Grants;
use crate::storage::{places, staff};

/// Coverage as a calendar program fetches it.
pub struct CoverageFeed {
    /// `text/calendar; charset=utf-8`.
    pub body: String,
    /// A strong entity tag with its quotes, made of the bytes.
    pub etag: String,
}

impl Desk {
    /// The secret address that somebody has for a program, if they made one. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and the directors.
    pub async fn coverage_address(
        &self,
        session: &Session,
        program: &Program,
    ) -> Result<Option<Zeroizing<String>>> {
        let id = session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        self.known_url(&mut db, Purpose::Coverage, &subject(id, program.id)).await
    }

    /// Makes an address; the one before opens nothing any more.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and the directors.
    pub async fn renew_coverage_address(&self, session: &Session, program: &Program) -> Result<()> {
        let id = session.coordinator(program.id)?;
        let mut tx = self.store.write().await?;
        self.rotate(&mut tx, Purpose::Coverage, &subject(id, program.id)).await?;
        let act = Act::FeedRenewed { program: program.code.clone() };
        self.note_of(&mut tx, session, &act).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// The coverage behind a secret address.
    ///
    /// # Errors
    /// [`Error::Link`] for an address that opens nothing, or nothing any more.
    pub async fn coverage_feed(&self, token: &str) -> Result<CoverageFeed> {
        let mut db = self.store.read().await?;
        let subject = self.subject(&mut db, Purpose::Coverage, token).await?;
        let (id, program) = subject.split_once('/').ok_or(Error::Link)?;
        let id: StaffId = id.parse().map_err(|_| Error::Link)?;
        let program: ProgramId = program.parse().map_err(|_| Error::Link)?;
        let grants: Grants = staff::grants(&mut db, id).await?.into_iter().collect();
        if !grants.coordinates(program) {
            return Err(Error::Link);
        }
        let institution = self.institution(&mut db).await?;
        let programs = places::programs(&mut db, institution).await?;
        let program = programs.into_iter().find(|known| known.id == program).ok_or(Error::Link)?;
        let body = self.covering(&mut db, program).await?.ics();
        let digest = Sha256::digest(body.as_bytes());
        Ok(CoverageFeed { etag: format!("\"{}\"", HEXLOWER.encode(&digest[..16])), body })
    }
}

/// Whose address it is, and of what.
fn subject(id: StaffId, program: ProgramId) -> String {
    format!("{id}/{program}")
}
