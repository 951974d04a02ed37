//! What the imports have in common: what they answer, and that only one runs at a time. Reads no file itself.
//!
//! An import loads what is on file, asks the domain, and saves, all in one transaction. A dry run does the same and
//! lets the transaction fall, so that it says what would be refused to the last row, and leaves nothing behind.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Desk, Result};
use crate::domain::audit::Act;
use crate::domain::id::InstitutionId;
use crate::domain::places::Drafts;
use crate::domain::table::RowRefusal;
use crate::storage::{Db, places};

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// What was not on file.
    pub added: usize,
    /// What was on file and said something else.
    pub changed: usize,
    /// What was on file as the file has it.
    pub unchanged: usize,
    /// Stretches of time that were on file and are in the file no more; only of hours and of busy time.
    pub removed: usize,
    /// Lines that were not taken.
    pub refused: Vec<RowRefusal>,
    /// What was taken with a doubt that somebody should look at.
    pub warnings: Vec<RowRefusal>,
    /// The headings of columns that were not read.
    pub ignored_columns: Vec<String>,
}

/// What a line means beside what is on file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meets {
    /// Nothing of the kind is on file.
    Nothing,
    /// Something else is.
    Other,
    /// The same is.
    Same,
}

impl Imported {
    /// Takes a file's drafts apart: what to say of it, and the lines that were taken.
    pub(super) fn of<T>(drafts: Drafts<T>) -> (Self, Vec<(u32, T)>) {
        let Drafts { taken, refused, warnings, ignored_columns } = drafts;
        (Self { refused, warnings, ignored_columns, ..Self::default() }, taken)
    }

    /// The import as the log of what staff did has it.
    pub(super) fn act(&self, what: &'static str) -> Act {
        let counts = vec![
            ("added", self.added),
            ("changed", self.changed),
            ("removed", self.removed),
            ("not taken", self.refused.len()),
        ];
        Act::Imported { what, program: None, counts }
    }

    pub(super) fn count(&mut self, meets: Meets) {
        match meets {
            Meets::Nothing => self.added += 1,
            Meets::Other => self.changed += 1,
            Meets::Same => self.unchanged += 1,
        }
    }

    /// Counts what takes the place of something else, each once; says whether anything differs.
    pub(super) fn count_replaced<T: Ord>(&mut self, before: &BTreeSet<T>, after: &BTreeSet<T>) -> bool {
        let kept = after.intersection(before).count();
        self.unchanged += kept;
        self.added += after.len() - kept;
        self.removed += before.len() - kept;
        before != after
    }
}

impl Desk {
    /// The institution, locked until the transaction ends: two imports of one file at once would else both find
    /// nobody on file.
    pub(super) async fn lock_for_import(&self, db: &mut Db) -> Result<InstitutionId> {
        let institution = self.institution(db).await?;
        places::lock_institution(db, institution).await?;
        Ok(institution)
    }
}
