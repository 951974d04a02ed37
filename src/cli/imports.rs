//! The verbs that import files: reads bytes within a bound, hands rows to the desk, and says what became of each
//! line. Never knows what a column means.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use super::answer::{Answer, count, table};
use super::args::imports::{Busy, Import, ImportRoster, Person, Protect, Schedule};
use super::files;
use super::house::House;
use crate::desk::admit::{RosterImported, RosterOptions};
use crate::desk::imported::Imported;
use crate::desk::protect::{Format, ProtectionImported};
use crate::domain::roster::merge::Answer as Settled;
use crate::domain::table::{RowRefusal, Table};
use crate::intake::{self, ics};

/// A file that was read: how complaints call it, and its rows.
struct Source {
    name: String,
    tables: Vec<Table>,
}

impl Source {
    fn open(path: &Path) -> anyhow::Result<Self> {
        Self::read(path, intake::MAX_FILE, intake::read)
    }

    fn calendar(path: &Path) -> anyhow::Result<Self> {
        Self::read(path, ics::MAX_CALENDAR, |bytes, _| ics::read(bytes))
    }

    fn read(
        path: &Path,
        max: usize,
        reader: impl Fn(&[u8], &str) -> Result<Vec<Table>, intake::IntakeRefusal>,
    ) -> anyhow::Result<Self> {
        let bytes = files::read(path, max as u64)?;
        let name = path.display().to_string();
        let tables = reader(&bytes, &name).with_context(|| name.clone())?;
        Ok(Self { name, tables })
    }

    /// The answer with a line for each refusal and each doubt; refused if any line was.
    fn answer(
        &self,
        imported: &impl Serialize,
        counts: String,
        refused: &[RowRefusal],
        warnings: &[RowRefusal],
        ignored: &[String],
    ) -> anyhow::Result<Answer> {
        let mut people = counts;
        if !ignored.is_empty() {
            people += &format!("Columns that were not read: {}\n", ignored.join(", "));
        }
        let doubts = warnings.iter().map(|row| format!("{}: warning: {row}", self.name));
        let lines = refused.iter().map(|row| format!("{}: {row}", self.name)).chain(doubts);
        Ok(Answer::new(imported, people)?.with_notes(lines).refused_if(!refused.is_empty()))
    }
}

/// What an import of places, therapists or hours is called, and the use of the desk that does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Programs.
    Programs,
    /// Sites.
    Sites,
    /// Therapists.
    Therapists,
    /// Weekly hours and exceptions.
    Availability,
}

/// Imports a file of one of the simple kinds.
///
/// # Errors
/// Where the file cannot be read as a table, or the desk refuses as a whole.
pub async fn simple(house: &House, kind: Kind, words: &Import) -> anyhow::Result<Answer> {
    let source = Source::open(&words.file)?;
    let (desk, tables, dry) = (&house.desk, source.tables.as_slice(), words.dry_run);
    let imported = match kind {
        Kind::Programs => desk.import_programs(tables, dry).await,
        Kind::Sites => desk.import_sites(tables, dry).await,
        Kind::Therapists => desk.import_therapists(tables, dry).await,
        Kind::Availability => desk.import_availability(tables, dry).await,
    };
    told(&source, &imported?, dry)
}

/// Imports a therapist's busy time.
///
/// # Errors
/// As [`simple`].
pub async fn busy(house: &House, words: Busy) -> anyhow::Result<Answer> {
    let Busy::Import { file, therapist } = words;
    let source = Source::calendar(&file)?;
    let imported = house.desk.import_busy(&therapist.0, &source.tables, None).await?;
    told(&source, &imported, false)
}

fn told(source: &Source, imported: &Imported, dry_run: bool) -> anyhow::Result<Answer> {
    let Imported { added, changed, unchanged, removed, refused, warnings, ignored_columns } = imported;
    let refused_count = refused.len();
    let counts = format!(
        "{}{added} added, {changed} changed, {unchanged} unchanged, {removed} removed, {refused_count} refused.\n",
        dry(dry_run)
    );
    source.answer(imported, counts, refused, warnings, ignored_columns)
}

const fn dry(dry_run: bool) -> &'static str {
    if dry_run { "Dry run, nothing is saved: " } else { "" }
}

/// Imports a roster.
///
/// # Errors
/// As [`simple`], and for a column map that cannot be read.
pub async fn roster(house: &House, words: ImportRoster) -> anyhow::Result<Answer> {
    let ImportRoster { import, program, columns, strict, replace, answers } = words;
    let source = Source::open(&import.file)?;
    let options = RosterOptions {
        program,
        columns: columns.as_deref().map(files::read_map).transpose()?.unwrap_or_default(),
        answers: settled(answers)?,
        replace,
        dry_run: import.dry_run,
        strict,
    };
    let imported = house.desk.import_roster(&source.tables, &options).await?;
    let counts = roster_in_words(&imported);
    source.answer(&imported, counts, &imported.refused, &imported.warnings, &imported.ignored_columns)
}

fn settled(answers: Vec<(u32, Person)>) -> anyhow::Result<BTreeMap<u32, Settled>> {
    let mut settled = BTreeMap::new();
    for (line, person) in answers {
        let answer = match person {
            Person::Same => Settled::Same,
            Person::New => Settled::New,
        };
        if settled.insert(line, answer).is_some_and(|before| before != answer) {
            anyhow::bail!("--answer: line {line} is answered in two ways; keep one");
        }
    }
    Ok(settled)
}

fn roster_in_words(imported: &RosterImported) -> String {
    let RosterImported { added, changed, unchanged, leaving, absent, refused, .. } = imported;
    let refused = refused.len();
    let mut text = dry(imported.dry_run).to_owned();
    if !imported.applied && !imported.dry_run {
        text += "Nothing is saved, because --strict was given: ";
    }
    if let Some(sheet) = &imported.sheet {
        text += &format!("sheet “{sheet}”: ");
    }
    text += &format!("{added} added, {changed} changed, {unchanged} unchanged, {refused} refused.\n");
    if *leaving > 0 {
        text += &format!("{} the roster.\n", verb(*leaving, "leaves", "leave"));
    }
    if *absent > 0 {
        text += &format!(
            "{} in this file and {} on the roster; --replace says that the file is the whole roster.\n",
            verb(*absent, "is not", "are not"),
            if *absent == 1 { "stays" } else { "stay" }
        );
    }
    let changes = imported.changes.iter();
    text + &table(
        ["Line", "Changed"],
        changes.map(|change| [change.line.to_string(), change.fields.join(", ")]),
    )
}

fn verb(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number, "resident"), if number == 1 { one } else { many })
}

/// Imports protected time.
///
/// # Errors
/// As [`simple`], and for a mapping that cannot be read or contradicts itself.
pub async fn protection(house: &House, words: Protect) -> anyhow::Result<Answer> {
    let Protect::Import { import, format, mapping, replace } = words;
    let source = Source::open(&import.file)?;
    let format = match format {
        Schedule::Csv => Format::Csv,
        Schedule::Amion => Format::Amion,
    };
    let mapping = mapping.as_deref().map(files::read_map).transpose()?.unwrap_or_default();
    let imported = if replace {
        house.desk.replace_protection(&source.tables, format, &mapping, import.dry_run).await?
    } else {
        house.desk.import_protection(&source.tables, format, &mapping, import.dry_run).await?
    };
    let ProtectionImported { added, unchanged, removed, refused, assignments, .. } = &imported;
    let refused = refused.len();
    let mut counts = format!(
        "{}{added} added, {unchanged} unchanged, {removed} removed, {refused} refused.\n",
        dry(import.dry_run)
    );
    counts += &table(
        ["Assignment", "Lines", "Read as"],
        assignments.iter().map(|assignment| {
            let taken = serde_json::to_value(assignment.taken).unwrap_or_default();
            let taken = taken.as_str().unwrap_or_default().replace('_', " ");
            [assignment.name.clone(), assignment.lines.to_string(), taken]
        }),
    );
    source.answer(&imported, counts, &imported.refused, &imported.warnings, &imported.ignored_columns)
}
