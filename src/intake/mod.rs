//! Bytes of CSV, tab text, XLSX or ICS -> bounded rows of text with the places they came from.
//! Never knows what a column means, and never reads past a stated bound.

use std::fmt;

use crate::domain::table::{RowRefusal, Table};

pub mod ics;
mod text;
mod workbook;

/// Most bytes of a table's file.
pub const MAX_FILE: usize = 2 << 20;
/// Most rows of a file that hold anything, all its sheets together.
pub const MAX_ROWS: usize = 20_000;
/// Most columns of a row.
pub const MAX_COLUMNS: usize = 64;
/// Most characters of a cell.
pub const MAX_CELL: usize = 4096;
/// Most bytes of text of a whole file once it is unpacked: shared texts of a workbook may be shown many times.
pub const MAX_TEXT: usize = 20 << 20;

/// Why a file was not read at all, in words for the person who keeps it. Repeats nothing that a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeRefusal {
    /// The sheet at which reading stopped, where the file has sheets.
    pub sheet: Option<String>,
    /// The line or row at which reading stopped, from 1; none where the whole file is meant.
    pub line: Option<u32>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: &'static str,
}

impl IntakeRefusal {
    fn new(problem: impl Into<String>, remedy: &'static str) -> Self {
        Self { sheet: None, line: None, problem: problem.into(), remedy }
    }

    fn at(mut self, line: impl TryInto<u32>) -> Self {
        self.line = line.try_into().ok();
        self
    }

    fn on(mut self, sheet: Option<&str>) -> Self {
        self.sheet = sheet.map(str::to_owned);
        self
    }
}

impl From<IntakeRefusal> for RowRefusal {
    fn from(refusal: IntakeRefusal) -> Self {
        Self {
            sheet: refusal.sheet,
            line: refusal.line.unwrap_or(0),
            column: None,
            problem: refusal.problem,
            remedy: refusal.remedy.to_owned(),
        }
    }
}

impl fmt::Display for IntakeRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RowRefusal::from(self.clone()).fmt(f)
    }
}

impl std::error::Error for IntakeRefusal {}

/// Reads a table from a file: XLSX, or text with commas, semicolons or tabs in UTF-8, UTF-16 or Windows-1252.
///
/// The format is chosen by content; `name` only words a refusal better. Hidden sheets and rows that hold
/// nothing are left out; every row keeps its line as the person's own program shows it. A workbook's dates come
/// as ISO 8601, its formulas as the values that were saved with them.
///
/// # Errors
/// [`IntakeRefusal`] where the bytes are no such file, or one larger than the bounds of this module.
pub fn read(bytes: &[u8], name: &str) -> Result<Vec<Table>, IntakeRefusal> {
    if bytes.len() > MAX_FILE {
        return Err(IntakeRefusal::new(
            format!("the file has {} bytes, and at most {MAX_FILE} are read", bytes.len()),
            "remove sheets, pictures and empty formatted rows, or split the file",
        ));
    }
    let starts_with = |mark: &[u8]| bytes.starts_with(mark);
    if starts_with(b"PK\x03\x04") || starts_with(b"PK\x05\x06") {
        return workbook::read(bytes);
    }
    if starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(IntakeRefusal::new(
            "an old Excel workbook (.xls), or one with a password",
            "save it as .xlsx without a password, or as CSV",
        ));
    }
    if starts_with(b"%PDF") {
        return Err(IntakeRefusal::new("a PDF, not a table", "export the table as .xlsx or CSV"));
    }
    if name.to_ascii_lowercase().ends_with(".xlsx") {
        return Err(IntakeRefusal::new(
            "the name says .xlsx, but this is no workbook",
            "open it in the program it comes from, and save it as .xlsx or CSV",
        ));
    }
    text::read(bytes).map(|table| vec![table])
}

/// Collects rows and stops at the bounds.
#[derive(Default)]
struct Bounds {
    rows: usize,
    text: usize,
}

impl Bounds {
    /// Counts a row that holds something.
    fn row(&mut self, line: u32) -> Result<(), IntakeRefusal> {
        self.rows += 1;
        if self.rows > MAX_ROWS {
            return Err(IntakeRefusal::new(
                format!("the file goes on after {MAX_ROWS} rows"),
                "split the file, or remove what is far below the table",
            )
            .at(line));
        }
        Ok(())
    }

    /// Counts a cell.
    fn cell(&mut self, line: u32, column: usize, text: &str) -> Result<(), IntakeRefusal> {
        if column >= MAX_COLUMNS {
            return Err(IntakeRefusal::new(
                format!("this row has more than {MAX_COLUMNS} columns"),
                "remove the columns that are far to the right, or export only the table itself",
            )
            .at(line));
        }
        // Bytes first: counting the characters of a cell of 10 MB is work that a refusal does not need.
        if text.len() > 4 * MAX_CELL || (text.len() > MAX_CELL && text.chars().count() > MAX_CELL) {
            return Err(IntakeRefusal::new(
                format!("a cell of this row holds more than {MAX_CELL} characters"),
                "shorten it; in a text file, look for a quotation mark that is opened here and never closed",
            )
            .at(line));
        }
        self.text += text.len();
        if self.text > MAX_TEXT {
            return Err(IntakeRefusal::new(
                format!("the file unpacks to more than {MAX_TEXT} bytes of text"),
                "export only the sheet and the columns that are needed",
            )
            .at(line));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
