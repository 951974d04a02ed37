//! Rows of text with the places they came from, and refusals that lead a person back to them.
//! Never knows what a column means.

use std::fmt;

use serde::Serialize;

/// One sheet of a workbook, or a whole text file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The sheet's name; none for a text file.
    pub sheet: Option<String>,
    /// Every row that holds anything, in file order.
    pub rows: Vec<Row>,
}

/// One row of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The line of the file or row of the sheet, counted from 1 as the person's own program shows it.
    pub line: u32,
    /// The texts of its cells from the first column on; an absent cell is an empty text.
    pub cells: Vec<String>,
}

impl Row {
    /// The trimmed text of a cell; empty where the row is shorter.
    #[must_use]
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |text| text.trim())
    }
}

/// Who reads why a row was not taken: they are told what they can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reader {
    /// Somebody with the command line, who sees every program.
    #[default]
    Terminal,
    /// Somebody at a page: a director, or a coordinator at the pages of one program.
    Page,
}

impl Reader {
    pub(in crate::domain) const fn choose<'t>(self, terminal: &'t str, page: &'t str) -> &'t str {
        match self {
            Self::Terminal => terminal,
            Self::Page => page,
        }
    }
}

/// Why one row of a file was not taken, in words for the person who keeps the file.
///
/// Names no person: the line leads to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowRefusal {
    /// The sheet, where the file has sheets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The line or row, from 1; 0 where the whole file is meant.
    pub line: u32,
    /// The column by its heading in the file, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong, such as `no e-mail address`.
    pub problem: String,
    /// What to do, such as `add one or remove the line`.
    pub remedy: String,
}

impl fmt::Display for RowRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sheet) = &self.sheet {
            write!(f, "sheet “{sheet}”, ")?;
        }
        if self.line > 0 {
            write!(f, "line {}", self.line)?;
        } else {
            f.write_str("the file")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column “{column}”")?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}
