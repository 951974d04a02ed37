//! One person as somebody typed them -> one entry, or what is wrong with each field. The rules are those of a line of a
//! file; here they are all told at once, and nothing is taken with a doubt.

use std::collections::BTreeMap;

use super::{Column, Entry, KnownPlaces, row};
use crate::domain::headings::{self, Said};
use crate::domain::table::{Row, RowRefusal, Table};

/// Texts by what they mean.
pub type Typed = BTreeMap<Column, String>;

/// The fields of a person: a program is known from where they are typed, and a name has two parts.
const FIELDS: [(Column, &str); 12] = [
    (Column::Family, "X"),
    (Column::Given, ""),
    (Column::Email, "x@example.org"),
    (Column::Pgy, ""),
    (Column::Cohort, ""),
    (Column::Site, ""),
    (Column::StartsOn, ""),
    (Column::EndsOn, ""),
    (Column::Language, ""),
    (Column::TherapistGender, ""),
    (Column::Modality, ""),
    (Column::Avoid, ""),
];

/// Reads one person of a program.
///
/// # Errors
/// What is wrong, by field.
pub fn person(
    program_code: &str,
    typed: &Typed,
    known: &KnownPlaces,
) -> Result<Entry, BTreeMap<Column, RowRefusal>> {
    let mut typed = typed.clone();
    let mut wrong = BTreeMap::new();
    // Each round finds what is wrong with one field more, and takes what can be read in its place.
    for _ in 0..=FIELDS.len() {
        let mut doubts = Vec::new();
        let read = read(program_code, &typed, known, &mut doubts);
        for doubt in doubts {
            // A question mark in a name is a doubt about a file, and here what somebody typed.
            if let Some(column @ (Column::Pgy | Column::Site | Column::Modality)) = column_of(&doubt) {
                wrong.entry(column).or_insert(doubt);
            }
        }
        match read {
            Ok(entry) if wrong.is_empty() => return Ok(entry),
            Ok(_) => return Err(wrong),
            Err(refusal) => {
                let column = column_of(&refusal).unwrap_or(Column::Family);
                let spare = FIELDS.iter().find(|(field, _)| *field == column).map_or("", |(_, spare)| *spare);
                typed.insert(column, spare.to_owned());
                if column == Column::Family {
                    typed.remove(&Column::Given);
                }
                wrong.entry(column).or_insert(refusal);
            }
        }
    }
    Err(wrong)
}

fn column_of(refusal: &RowRefusal) -> Option<Column> {
    refusal.column.as_deref().and_then(Column::of_name)
}

fn read(
    program_code: &str,
    typed: &Typed,
    known: &KnownPlaces,
    doubts: &mut Vec<RowRefusal>,
) -> Result<Entry, RowRefusal> {
    let heading = FIELDS.iter().map(|(column, _)| column.name().to_owned()).collect();
    let cells = FIELDS.iter().map(|(column, _)| typed.get(column).cloned().unwrap_or_default()).collect();
    let rows = vec![Row { line: 1, cells: heading }, Row { line: 2, cells }];
    let tables = [Table { sheet: None, rows }];
    let named = FIELDS.iter().map(|(column, _)| (*column, column.name().to_owned())).collect();
    let said = Said { sheet: None, line: Some(1), headings: named };
    let headed = headings::find(&tables, &super::columns::USUAL, &said, |_| true);
    let record = headed.as_ref().and_then(|headed| headed.records().next());
    match record {
        Some(record) => row::read(&record, Some(program_code), known, doubts),
        // A table of two rows has a second one.
        None => Err(headings::refuse_file("nothing was typed", "type a name and an address")),
    }
}
