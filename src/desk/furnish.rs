//! A director's files and forms of programs, sites and therapists: taken whole or not at all. The same rules as for the
//! command line's files.

use super::imported::Imported;
use super::session::Session;
use super::{Desk, Result};
use crate::domain::table::{Reader, RowRefusal, Table};

/// What a file or a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Programs.
    Programs,
    /// Sites.
    Sites,
    /// Therapists.
    Therapists,
}

/// What became of one line that somebody typed.
pub enum Saved {
    /// It is on file.
    Done,
    /// It holds nothing at all.
    Empty,
    /// Something of this code, name or address was on file already, and stays as it was.
    Known,
    /// It cannot be taken.
    Refused(Vec<RowRefusal>),
}

impl Desk {
    /// Imports a file if no line of it is refused; otherwise nothing changes. Says which it was.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but a director; those of loading and saving.
    pub async fn furnish(&self, session: &Session, kind: Kind, tables: &[Table]) -> Result<Imported> {
        session.director()?;
        let desk = self.acting(session);
        let tried = desk.import(kind, tables, true).await?;
        if !tried.refused.is_empty() {
            return Ok(tried);
        }
        desk.import(kind, tables, false).await
    }

    /// Saves one line that somebody typed. `new` says that it is to be something that is not on file yet.
    ///
    /// # Errors
    /// As [`Desk::furnish`].
    pub async fn furnish_one(&self, session: &Session, kind: Kind, table: Table, new: bool) -> Result<Saved> {
        session.director()?;
        let tables = [table];
        let desk = self.acting(session);
        let tried = desk.import(kind, &tables, true).await?;
        if !tried.refused.is_empty() {
            return Ok(Saved::Refused(tried.refused));
        }
        if tried.added + tried.changed + tried.unchanged == 0 {
            return Ok(Saved::Empty);
        }
        if new && tried.added == 0 {
            return Ok(Saved::Known);
        }
        let done = desk.import(kind, &tables, false).await?;
        Ok(if done.refused.is_empty() { Saved::Done } else { Saved::Refused(done.refused) })
    }

    async fn import(&self, kind: Kind, tables: &[Table], dry_run: bool) -> Result<Imported> {
        match kind {
            Kind::Programs => self.import_programs(tables, dry_run).await,
            Kind::Sites => self.import_sites(tables, dry_run).await,
            Kind::Therapists => self.take_therapists(tables, dry_run, Reader::Page).await,
        }
    }
}
