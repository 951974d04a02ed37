//! Rows of text -> the residents of a program, or refusals by line. Never guesses who somebody is, and never puts
//! a name, an address or any other text of a cell into a refusal: line and column lead there.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::headings::{self, Headed, Record, refuse_file};
use super::identity::Address;
use super::people::Modality;
use super::table::{Reader, RowRefusal, Table};
use super::written::plain;

mod columns;
mod form;
mod layout;
pub mod merge;
mod row;
mod told;

pub use columns::{Column, ColumnMap};
pub use form::{Typed, person};
pub use layout::{Chosen, Layout, Place, Readable, layout};
pub(in crate::domain) use row::modality;
pub use told::Difference;

/// What a resident would rather have; an empty wish is none.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Wishes {
    /// The language of the visit, as the file has it.
    pub language: Option<String>,
    /// The gender of the therapist, as the file has it.
    pub therapist_gender: Option<String>,
    /// How the visit is held.
    pub modality: Option<Modality>,
    /// Therapists with whom this person is never booked.
    pub avoid: Vec<Address>,
}

/// One resident as a line of a roster has them. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The line of the file or row of the sheet, from 1.
    pub line: u32,
    /// The sheet, where the file has sheets.
    pub sheet: Option<String>,
    /// The program's code, spelled as it is known.
    pub program_code: String,
    /// The given name; may be empty.
    pub given: String,
    /// The family name, without degrees.
    pub family: String,
    /// Where mail goes.
    pub address: Address,
    /// The year of training, 1 to 10.
    pub pgy: Option<u8>,
    /// The cohort.
    pub cohort: Option<String>,
    /// The site, spelled as it is known.
    pub site: Option<String>,
    /// First day on the roster.
    pub starts_on: Option<NaiveDate>,
    /// Last day on the roster.
    pub ends_on: Option<NaiveDate>,
    /// What they would rather have.
    pub wishes: Wishes,
}

impl Entry {
    /// Whether two lines say the same of the same person.
    fn says_the_same(&self, other: &Self) -> bool {
        let unplaced = Self { line: other.line, sheet: other.sheet.clone(), ..self.clone() };
        unplaced == *other
    }
}

/// What is on file already, against which a roster is checked: compared without regard to case and punctuation.
#[derive(Debug, Clone, Default)]
pub struct KnownPlaces {
    /// Codes of programs.
    pub programs: Vec<String>,
    /// Names of sites.
    pub sites: Vec<String>,
    /// Who reads the refusals.
    pub reader: Reader,
}

impl KnownPlaces {
    pub(in crate::domain) fn program(&self, text: &str) -> Option<&String> {
        known(&self.programs, text)
    }

    pub(in crate::domain) fn site(&self, text: &str) -> Option<&String> {
        known(&self.sites, text)
    }
}

fn known<'k>(names: &'k [String], text: &str) -> Option<&'k String> {
    let text = plain(text);
    names.iter().find(|name| !text.is_empty() && plain(name) == text)
}

/// A roster as it was read.
#[derive(Clone, Default)]
pub struct Reading {
    /// The lines that were taken, in their order.
    pub entries: Vec<Entry>,
    /// The lines that were not, each with its reason; a lone one of line 0 means the whole file.
    pub refused: Vec<RowRefusal>,
    /// What was taken or passed over with a doubt that somebody should look at; blocks nothing.
    pub warnings: Vec<RowRefusal>,
    /// The headings of columns that were not read: births, telephones, comments.
    pub ignored_columns: Vec<String>,
    /// The sheet that was read, where the file has sheets.
    pub sheet: Option<String>,
}

/// Reads a roster.
///
/// `default_program` is the program of lines that name none; where it is missing too, the one known program is
/// taken, and with several the whole file is refused. A person is taken once: by address, the first line wins. Two
/// addresses are two people, whatever their names.
#[must_use]
pub fn read(
    tables: &[Table],
    columns: &ColumnMap,
    default_program: Option<&str>,
    known: &KnownPlaces,
) -> Reading {
    let named = |has: &dyn Fn(Column) -> bool| has(Column::Name) || has(Column::Family);
    let suffice = |has: &dyn Fn(Column) -> bool| has(Column::Email) && named(has);
    let Some(headed) = headings::find(tables, &columns::USUAL, &columns.said(), suffice) else {
        return refused_whole(refuse_file(
            "no row of headings was found with a name and an e-mail address",
            known.reader.choose(
                "name the columns so, or say what they are called in a file given with --columns",
                "say below which column holds what, and look again",
            ),
        ));
    };
    let program = match fallback(&headed, default_program, known) {
        Ok(program) => program,
        Err(refusal) => return refused_whole(refusal),
    };
    let mut reading = Reading {
        ignored_columns: headed.ignored.clone(),
        sheet: headed.sheet().map(str::to_owned),
        ..Reading::default()
    };
    if let (false, Some(sheet)) = (headed.rivals.is_empty(), headed.sheet()) {
        reading.warnings.push(refuse_file(
            format!("the sheet “{sheet}” was read, and not “{}”", headed.rivals.join("”, “")),
            known.reader.choose(
                "if another is meant, name it as `sheet` in a file given with --columns",
                "if another is meant, choose it below and look again",
            ),
        ));
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for record in headed.records() {
        take(&mut reading, &mut seen, &record, program.as_deref(), known);
    }
    reading
}

fn refused_whole(refusal: RowRefusal) -> Reading {
    Reading { refused: vec![refusal], ..Reading::default() }
}

/// The program of lines that name none.
fn fallback(
    headed: &Headed<'_, Column>,
    default_program: Option<&str>,
    known: &KnownPlaces,
) -> Result<Option<String>, RowRefusal> {
    match (default_program, &known.programs[..]) {
        (Some(code), _) => known.program(code).map(|code| Some(code.clone())).ok_or_else(|| {
            refuse_file(
                known
                    .reader
                    .choose("the program given with --program is not known", "this program is not known"),
                known.reader.choose(
                    "import it first with `holdspace programs import`, or correct the code",
                    "ask a director to add it",
                ),
            )
        }),
        (None, [only]) => Ok(Some(only.clone())),
        (None, _) if headed.has(Column::Program) => Ok(None),
        (None, []) => Err(refuse_file(
            "no program is known yet",
            known.reader.choose(
                "import the programs first with `holdspace programs import`",
                "ask a director to add your program",
            ),
        )),
        (None, _) => Err(refuse_file(
            "the file does not say which program its people belong to",
            known.reader.choose(
                "give it with --program CODE, or add a column “program”",
                "add a column “program” with its code",
            ),
        )),
    }
}

fn take(
    reading: &mut Reading,
    seen: &mut BTreeMap<String, usize>,
    record: &Record<'_, '_, Column>,
    program: Option<&str>,
    known: &KnownPlaces,
) {
    if record.is_blank() {
        return;
    }
    if is_total(record) {
        let remedy = "if it is a person, add the e-mail address";
        reading.warnings.push(record.refuse(None, "taken for a line of totals and passed over", remedy));
        return;
    }
    let entry = match row::read(record, program, known, &mut reading.warnings) {
        Ok(entry) => entry,
        Err(refusal) => return reading.refused.push(refusal),
    };
    // The address is looked up as text and not kept beyond this reading.
    match seen.get(entry.address.reveal()).map(|at| &reading.entries[*at]) {
        None => {
            seen.insert(entry.address.reveal().to_owned(), reading.entries.len());
            reading.entries.push(entry);
        }
        Some(first) if first.says_the_same(&entry) => {
            let problem = format!("repeats line {}, which was taken", first.line);
            let refusal = record.refuse(None, problem, "nothing is lost; remove the line");
            reading.refused.push(refusal);
        }
        Some(first) => {
            let problem = format!("has the address of line {} but says something else", first.line);
            let remedy = "that line was taken; correct the address of one, or remove the line that is wrong";
            reading.refused.push(record.refuse(Some(Column::Email), problem, remedy));
        }
    }
}

/// A line of totals has such a word first, and no address.
fn is_total(record: &Record<'_, '_, Column>) -> bool {
    let first = plain(record.first_text());
    !record.text(Column::Email).contains('@')
        && ["total", "grandtotal", "subtotal", "count", "sum", "totals"]
            .iter()
            .any(|word| first.strip_prefix(word).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit())))
}

#[cfg(test)]
mod tests;
