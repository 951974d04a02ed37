//! Importing a roster: who comes onto it, of whom something changed, who leaves. Never guesses who somebody is, and
//! never deletes anybody: who leaves keeps what they had.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::readdress::Readdressed;
use super::record::{Attributes, Resident};
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::eligibility;
use crate::domain::id::{InstitutionId, ProgramId, ResidentId};
use crate::domain::identity::Identity;
use crate::domain::people::Program;
use crate::domain::roster::merge::{Answer, Diff, Known, merge};
use crate::domain::roster::{self, ColumnMap, Entry, KnownPlaces, Wishes};
use crate::domain::table::{Reader, RowRefusal, Table};
use crate::domain::time::Instant;
use crate::storage::people::ResidentRow;
use crate::storage::{self, Db, people, places};

/// How a roster is to be read and taken.
#[derive(Clone, Default)]
pub struct RosterOptions {
    /// The program of lines that name none.
    pub program: Option<String>,
    /// What the file's columns are called.
    pub columns: ColumnMap,
    /// Answers to the questions of an earlier import, by line.
    pub answers: BTreeMap<u32, Answer>,
    /// Whether the file is the whole roster of its programs, so that who is missing leaves it.
    pub replace: bool,
    /// Whether only to say what would happen.
    pub dry_run: bool,
    /// Whether one refused line, or one open question, stops the whole import.
    pub strict: bool,
}

/// One line of a roster that said something new of somebody on file. Names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedLine {
    /// The line of the file or row of the sheet.
    pub line: u32,
    /// What differs, such as `cohort`.
    pub fields: Vec<&'static str>,
}

/// What an import of a roster did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RosterImported {
    /// People who were not on file.
    pub added: usize,
    /// People of whom something changed.
    pub changed: usize,
    /// People of whom the file says what is on file.
    pub unchanged: usize,
    /// What changed, line by line.
    pub changes: Vec<ChangedLine>,
    /// People who leave the roster, because the file is the whole of it.
    pub leaving: usize,
    /// People of the file's programs whom it does not name, and who stay.
    pub absent: usize,
    /// Lines that were not taken, and lines that wait for an answer, in their order.
    pub refused: Vec<RowRefusal>,
    /// What was taken with a doubt that somebody should look at.
    pub warnings: Vec<RowRefusal>,
    /// The headings of columns that were not read.
    pub ignored_columns: Vec<String>,
    /// The sheet that was read, where the file has sheets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Whether it was only a dry run.
    pub dry_run: bool,
    /// Whether anything of this was saved: not in a dry run, and not where `strict` met a refusal.
    pub applied: bool,
}

impl Desk {
    /// Imports a roster: a refused line never blocks the good ones, unless the options are strict.
    ///
    /// # Errors
    /// Those of loading and saving; then nothing is imported. Lines that cannot be taken are no error.
    pub async fn import_roster(&self, tables: &[Table], options: &RosterOptions) -> Result<RosterImported> {
        let mut tx = self.store.write().await?;
        let institution = self.lock_for_import(&mut tx).await?;
        let rows = people::residents(&mut tx, institution).await?;
        let file = self.roster_on_file(&mut tx, institution, rows, Reader::Terminal).await?;
        let reading = roster::read(tables, &options.columns, options.program.as_deref(), &file.places);
        // A line that was refused may be somebody on file, who would be taken off the roster by a slip.
        let replace = options.replace && reading.refused.is_empty();
        let diff = merge(&file.known(), reading.entries, &options.answers, replace);
        let mut imported = RosterImported {
            refused: reading.refused,
            warnings: reading.warnings,
            ignored_columns: reading.ignored_columns,
            sheet: reading.sheet,
            dry_run: options.dry_run,
            ..RosterImported::of(&diff)
        };
        if options.replace && !replace {
            imported.warnings.push(nobody_left());
        }
        imported.refused.extend(diff.questions.iter().cloned());
        imported.refused.sort_by_key(|refusal| refusal.line);
        imported.applied = !options.dry_run && (!options.strict || imported.refused.is_empty());
        if imported.applied {
            self.admit(&mut tx, &file, diff).await?;
            let counts = vec![
                ("added", imported.added),
                ("changed", imported.changed),
                ("left", imported.leaving),
                ("not taken", imported.refused.len()),
            ];
            let program = options.program.clone();
            self.note(&mut tx, &Act::Imported { what: "a roster", program, counts }).await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(imported)
    }

    /// What is on file beside these people.
    pub(super) async fn roster_on_file(
        &self,
        db: &mut Db,
        institution: InstitutionId,
        rows: Vec<ResidentRow>,
        reader: Reader,
    ) -> Result<OnFile> {
        let programs = places::programs(db, institution).await?;
        let sites = places::sites(db, institution).await?;
        let residents = rows.iter().map(|row| self.open_resident(row)).collect::<Result<_>>()?;
        let places = KnownPlaces {
            programs: programs.iter().map(|program| program.code.clone()).collect(),
            sites: sites.into_iter().map(|site| site.name).collect(),
            reader,
        };
        Ok(OnFile { institution, programs, places, residents })
    }

    /// Saves what was compared.
    pub(super) async fn admit(&self, db: &mut Db, file: &OnFile, diff: Diff) -> Result<()> {
        let on_file: HashMap<ResidentId, &Resident> =
            file.residents.iter().map(|one| (one.id, one)).collect();
        let mut readdressed = Vec::new();
        for (id, entry, _) in diff.changed {
            let Some(known) = on_file.get(&id) else { continue };
            let resident = file.resident(id, &entry, known.admitted_at)?;
            readdressed.extend(Readdressed::of(known, &resident));
            let sealed = self.reseal_resident(db, &resident).await?;
            people::change_resident(db, sealed).await?;
        }
        self.readdress(db, &readdressed).await?;
        for id in diff.leaving {
            let Some(known) = on_file.get(&id) else { continue };
            let left = Resident { active: false, ..(*known).clone() };
            let sealed = self.reseal_resident(db, &left).await?;
            people::change_resident(db, sealed).await?;
        }
        let ids: Vec<ResidentId> = diff.added.iter().map(|_| ResidentId::from_bytes(self.draw())).collect();
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        for ((entry, id), key) in diff.added.iter().zip(ids).zip(self.draw_keys(&names).await?) {
            let resident = file.resident(id, entry, self.now())?;
            people::add_resident(db, file.institution, self.seal_resident(key, &resident)?).await?;
        }
        Ok(())
    }
}

/// What is on file when a roster comes.
pub(super) struct OnFile {
    pub(super) institution: InstitutionId,
    pub(super) programs: Vec<Program>,
    pub(super) places: KnownPlaces,
    pub(super) residents: Vec<Resident>,
}

impl OnFile {
    /// The program of a code that is spelled as on file, which is how rosters are read.
    fn program(&self, code: &str) -> Result<ProgramId> {
        let program = self.programs.iter().find(|program| program.code == code);
        program.map(|program| program.id).ok_or_else(|| Error::UnknownProgram(code.to_owned()))
    }

    /// A resident as a line of the roster has them.
    pub(super) fn resident(&self, id: ResidentId, entry: &Entry, admitted_at: Instant) -> Result<Resident> {
        Ok(Resident {
            id,
            program: self.program(&entry.program_code)?,
            identity: Identity::new(&entry.given, &entry.family, entry.address.clone()),
            attributes: attributes(entry),
            admitted_at,
            active: true,
        })
    }

    pub(super) fn known(&self) -> Vec<Known> {
        let codes: HashMap<ProgramId, &str> =
            self.programs.iter().map(|program| (program.id, program.code.as_str())).collect();
        let code = |resident: &Resident| codes.get(&resident.program).copied().unwrap_or_default();
        self.residents.iter().map(|resident| known(resident, code(resident))).collect()
    }
}

/// A resident as a roster is compared with them.
pub(super) fn known(resident: &Resident, program_code: &str) -> Known {
    let Resident { id, identity, attributes, active, .. } = resident;
    Known {
        id: *id,
        program_code: program_code.to_owned(),
        // Revealed to be compared with the file, and kept no longer than that.
        given: identity.reveal_given().to_owned(),
        family: identity.reveal_family().to_owned(),
        address: identity.address().clone(),
        pgy: attributes.pgy,
        cohort: attributes.cohort.clone(),
        site: attributes.site.clone(),
        starts_on: attributes.starts_on,
        ends_on: attributes.ends_on,
        wishes: Wishes {
            language: attributes.wishes.language.clone(),
            therapist_gender: attributes.wishes.gender.clone(),
            modality: attributes.wishes.modality,
            avoid: attributes.avoids.clone(),
        },
        active: *active,
    }
}

fn attributes(entry: &Entry) -> Attributes {
    Attributes {
        pgy: entry.pgy,
        cohort: entry.cohort.clone(),
        site: entry.site.clone(),
        starts_on: entry.starts_on,
        ends_on: entry.ends_on,
        wishes: eligibility::Wishes {
            language: entry.wishes.language.clone(),
            gender: entry.wishes.therapist_gender.clone(),
            modality: entry.wishes.modality,
        },
        avoids: entry.wishes.avoid.clone(),
    }
}

impl RosterImported {
    fn of(diff: &Diff) -> Self {
        let line = |(_, entry, fields): &(ResidentId, Entry, Vec<&'static str>)| ChangedLine {
            line: entry.line,
            fields: fields.clone(),
        };
        Self {
            added: diff.added.len(),
            changed: diff.changed.len(),
            unchanged: diff.unchanged.len(),
            changes: diff.changed.iter().map(line).collect(),
            leaving: diff.leaving.len(),
            absent: diff.absent.len(),
            ..Self::default()
        }
    }
}

fn nobody_left() -> RowRefusal {
    RowRefusal {
        sheet: None,
        line: 0,
        column: None,
        problem: "nobody was taken off the roster, because a line that was refused may be somebody on file"
            .to_owned(),
        remedy: "correct or remove the refused lines, and import again with --replace".to_owned(),
    }
}
