//! Importing protected time, and time in which nobody is booked. Never moves a booking, and never knows whether
//! anybody uses the time.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ground::{whose_cohort, whose_resident};
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::{BlockId, ProgramId, ResidentId};
use crate::domain::people::Program;
use crate::domain::protection::{
    self, Assignment, BlockDraft, Enrolled, Kind, Mapping, OnFile, Reading, Whose,
};
use crate::domain::table::{Reader, RowRefusal, Table};
use crate::domain::time::Span;
use crate::storage::people::{self, BlockRow};
use crate::storage::{self, Db, places};

/// The form of a file of protected time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A table with headings, as text or in a workbook.
    #[default]
    Csv,
    /// Amion's report 625c as tabs.
    Amion,
}

/// What an import of protected time did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProtectionImported {
    /// Blocks that were not on file.
    pub added: usize,
    /// Blocks that were on file already.
    pub unchanged: usize,
    /// Blocks that were on file and that a file which replaces them does not have.
    pub removed: usize,
    /// Lines that were not taken.
    pub refused: Vec<RowRefusal>,
    /// What was taken with a doubt that somebody should look at.
    pub warnings: Vec<RowRefusal>,
    /// The headings of columns that were not read.
    pub ignored_columns: Vec<String>,
    /// The names of a schedule's assignments and how each was read, so that the mapping can be mended.
    pub assignments: Vec<Assignment>,
    /// Whether it was done.
    #[serde(skip)]
    pub applied: bool,
}

impl ProtectionImported {
    /// Tells this answer from every other one: what was looked through is what is taken.
    #[must_use]
    pub fn digest(&self) -> String {
        let written = serde_json::to_vec(self).unwrap_or_default();
        data_encoding::HEXLOWER.encode(&Sha256::digest(&written)[..16])
    }
}

/// A file of protected time as somebody on a page wants it read.
#[derive(Clone, Copy)]
pub struct ProtectionFile<'a> {
    /// Its rows.
    pub tables: &'a [Table],
    /// Its form.
    pub format: Format,
    /// What a schedule's assignments mean.
    pub mapping: &'a Mapping,
    /// Whether it is the whole of the time of every cohort and person that it names.
    pub replace: bool,
}

/// How a file is taken.
#[derive(Clone, Copy)]
struct Taking<'a> {
    replace: bool,
    dry_run: bool,
    /// The one program that the file may be about.
    only: Option<ProgramId>,
    /// The digest of what was shown before; none where nothing was.
    shown: Option<&'a str>,
}

impl Taking<'_> {
    const fn of(dry_run: bool) -> Self {
        Self { replace: false, dry_run, only: None, shown: None }
    }
}

impl Desk {
    /// Imports protected and never-bookable time, besides what is on file. The mapping is for schedules only.
    ///
    /// # Errors
    /// [`Error::Refused`] for a mapping that contradicts itself; those of loading and saving, and then nothing is
    /// imported. Lines that cannot be taken are no error.
    pub async fn import_protection(
        &self,
        tables: &[Table],
        format: Format,
        mapping: &Mapping,
        dry_run: bool,
    ) -> Result<ProtectionImported> {
        self.take_protection(tables, format, mapping, Taking { replace: false, ..Taking::of(dry_run) }).await
    }

    /// The same where the file is the whole of the time of every cohort and person that it names: what else is on
    /// file for them is removed. Others keep theirs, and while a line is refused nothing is removed. Visits that
    /// are booked stay where they are until the next batch.
    ///
    /// # Errors
    /// As [`Desk::import_protection`].
    pub async fn replace_protection(
        &self,
        tables: &[Table],
        format: Format,
        mapping: &Mapping,
        dry_run: bool,
    ) -> Result<ProtectionImported> {
        self.take_protection(tables, format, mapping, Taking { replace: true, ..Taking::of(dry_run) }).await
    }

    /// What a coordinator's file would do to the time of their own program; lines about others are refused.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and directors; as [`Desk::import_protection`].
    pub async fn look_at_protection(
        &self,
        session: &Session,
        program: &Program,
        file: &ProtectionFile<'_>,
    ) -> Result<ProtectionImported> {
        session.coordinator(program.id)?;
        let taking = Taking { replace: file.replace, only: Some(program.id), ..Taking::of(true) };
        self.take_protection(file.tables, file.format, file.mapping, taking).await
    }

    /// Does what [`Desk::look_at_protection`] showed, if it still is what was shown. Answers what it did, or would do now:
    /// [`ProtectionImported::applied`] tells which.
    ///
    /// # Errors
    /// As [`Desk::look_at_protection`].
    pub async fn take_shown_protection(
        &self,
        session: &Session,
        program: &Program,
        file: &ProtectionFile<'_>,
        shown: &str,
    ) -> Result<ProtectionImported> {
        session.coordinator(program.id)?;
        let taking =
            Taking { replace: file.replace, only: Some(program.id), shown: Some(shown), ..Taking::of(false) };
        self.acting(session).take_protection(file.tables, file.format, file.mapping, taking).await
    }

    async fn take_protection(
        &self,
        tables: &[Table],
        format: Format,
        mapping: &Mapping,
        taking: Taking<'_>,
    ) -> Result<ProtectionImported> {
        let mapping = mapping.clone().check().map_err(|problem| Error::Refused(problem.to_string()))?;
        let mut tx = self.store.write().await?;
        let (on_file, filing) = self.protection_on_file(&mut tx, taking.only).await?;
        let reading = match format {
            Format::Csv => protection::table(tables, &on_file),
            Format::Amion => protection::amion(tables, &mapping, &on_file),
        };
        let Reading { blocks, refused, warnings, ignored_columns, assignments } = reading;
        let mut imported =
            ProtectionImported { refused, warnings, ignored_columns, assignments, ..Default::default() };
        let mut known: HashSet<_> = people::blocks(&mut tx).await?.into_iter().map(key).collect();
        let mut named = HashSet::new();
        for draft in blocks {
            let row = match filing.file(self, &draft) {
                Ok(row) => row,
                Err(refusal) => {
                    imported.refused.push(refusal);
                    continue;
                }
            };
            named.insert(key(row.clone()));
            if known.insert(key(row.clone())) {
                imported.added += 1;
                people::add_block(&mut tx, BlockId::from_bytes(self.draw()), &row).await?;
            } else {
                imported.unchanged += 1;
            }
        }
        imported.refused.sort_by_key(|refusal| refusal.line);
        // A line that was refused may be the one that names a block which would be removed by a slip.
        if taking.replace && imported.refused.is_empty() {
            imported.removed = remove_others(&mut tx, &known, &named).await?;
        }
        imported.applied = !taking.dry_run && taking.shown.is_none_or(|shown| shown == imported.digest());
        if imported.applied {
            let counts = vec![
                ("added", imported.added),
                ("removed", imported.removed),
                ("not taken", imported.refused.len()),
            ];
            self.note(
                &mut tx,
                &Act::Imported { what: "protected time", program: filing.only(taking.only), counts },
            )
            .await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(imported)
    }

    async fn protection_on_file(&self, db: &mut Db, only: Option<ProgramId>) -> Result<(OnFile, Filing)> {
        let institution = self.lock_for_import(db).await?;
        let mine = |program: ProgramId| only.is_none_or(|only| only == program);
        let mut programs = places::programs(db, institution).await?;
        programs.retain(|one| mine(one.id));
        let codes: HashMap<ProgramId, &Program> = programs.iter().map(|one| (one.id, one)).collect();
        let mut residents = Vec::new();
        let mut people = HashMap::new();
        for row in people::residents(db, institution)
            .await?
            .into_iter()
            .filter(|row| row.active && mine(row.program))
        {
            let resident = self.open_resident(&row)?;
            people.insert(row.address_key, (resident.program, resident.id));
            residents.push(Enrolled {
                // Revealed to be compared with the file, and kept no longer than that.
                given: resident.identity.reveal_given().to_owned(),
                family: resident.identity.reveal_family().to_owned(),
                address: resident.identity.address().clone(),
                program_code: codes.get(&resident.program).map(|one| one.code.clone()).unwrap_or_default(),
                cohort: resident.attributes.cohort,
            });
        }
        let on_file = OnFile {
            programs: programs.iter().map(|one| (one.code.clone(), one.zone)).collect(),
            residents,
            // A file about one program alone comes by that program's pages.
            reader: if only.is_some() { Reader::Page } else { Reader::Terminal },
        };
        let programs = programs.into_iter().map(|one| (one.code, one.id)).collect();
        Ok((on_file, Filing { programs, people }))
    }
}

/// Under what a block is filed.
struct Filing {
    programs: HashMap<String, ProgramId>,
    /// Program and identifier by the keyed hash of the address.
    people: HashMap<String, (ProgramId, ResidentId)>,
}

impl Filing {
    /// The code of the one program that a file is about.
    fn only(&self, only: Option<ProgramId>) -> Option<String> {
        let found = self.programs.iter().find(|(_, id)| Some(**id) == only);
        found.map(|(code, _)| code.clone())
    }

    fn file(&self, desk: &Desk, draft: &BlockDraft) -> Result<BlockRow, RowRefusal> {
        let filed = match &draft.whose {
            Whose::Cohort { program_code, cohort } => {
                self.programs.get(program_code).map(|program| (*program, whose_cohort(cohort)))
            }
            Whose::Person(address) => {
                let found = self.people.get(&desk.vault.address_key(address));
                found.map(|(program, resident)| (*program, whose_resident(*resident)))
            }
        };
        let (program, whose) = filed.ok_or_else(|| {
            refuse(draft.line, "this person or program is not known", "import the roster first")
        })?;
        let span = draft.span.resolve().ok_or_else(|| {
            let problem = "clocks change on that day and leave no time between start and end";
            refuse(draft.line, problem, "write hours that the day has, or remove the line")
        })?;
        Ok(BlockRow { program, whose, kind: kind_name(draft.kind).to_owned(), local: draft.span, span })
    }
}

fn refuse(line: u32, problem: &str, remedy: &str) -> RowRefusal {
    RowRefusal { sheet: None, line, column: None, problem: problem.to_owned(), remedy: remedy.to_owned() }
}

/// How a kind of time is filed.
pub(super) const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Protected => "protected",
        Kind::Never => "never",
    }
}

/// Removes the blocks of everybody who is named that are not named themselves; says how many those were.
async fn remove_others(db: &mut Db, known: &HashSet<Key>, named: &HashSet<Key>) -> Result<usize> {
    let whose: HashSet<_> = named.iter().map(|(program, whose, ..)| (*program, whose.as_str())).collect();
    let mut removed = 0;
    for (program, of, kind, span) in known.difference(named) {
        if whose.contains(&(*program, of.as_str())) {
            people::remove_block(db, *program, of, kind, *span).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

type Key = (ProgramId, String, String, Span);

/// What makes two blocks one.
fn key(row: BlockRow) -> Key {
    (row.program, row.whose, row.kind, row.span)
}
