//! What a file looks like before it is read as a roster: its headings, what each is taken for, and its first rows. Never
//! shows what stands in a column that is never read.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{self, Column, ColumnMap, is_never_read};
use crate::domain::headings;
use crate::domain::table::Table;
use crate::domain::written::plain;

/// Rows that are shown.
const FIRST: usize = 5;
/// Characters of a cell that are shown.
const SHOWN: usize = 60;

/// Whether a column can be given a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// It can.
    Yes,
    /// Births, numbers and telephones are never read.
    Never,
    /// It has no heading, or one that stands further to the left, too.
    Unnamed,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which column of the sheet, from 0.
    pub at: usize,
    /// Its heading, cut.
    pub heading: String,
    /// What it is taken for; none where it is left out.
    pub meaning: Option<Column>,
    /// Whether that can be changed.
    pub readable: Readable,
}

/// The look of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The sheet that is read, where the file has sheets.
    pub sheet: Option<String>,
    /// Every sheet.
    pub sheets: Vec<String>,
    /// The line of the headings, from 1.
    pub line: u32,
    /// The columns that hold anything at the top.
    pub columns: Vec<Place>,
    /// The first rows below the headings with their lines, cut; a cell of each column.
    pub first: Vec<(u32, Vec<String>)>,
}

/// What somebody says of the columns, by place: a meaning, or that it is left out.
pub type Chosen = BTreeMap<usize, Option<Column>>;

/// Looks at a file; nothing where it holds no row at all.
#[must_use]
pub fn layout(tables: &[Table], map: &ColumnMap) -> Option<Layout> {
    let (usual, said) = (&columns::USUAL, map.said());
    let named = |has: &dyn Fn(Column) -> bool| has(Column::Name) || has(Column::Family);
    let headed = headings::find(tables, usual, &said, |has| has(Column::Email) && named(has))
        // Whoever has such a file says themselves what its columns hold.
        .or_else(|| headings::find(tables, usual, &said, |_| true))?;
    let rows: Vec<_> = headed.rows().take(FIRST).collect();
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(headed.headings().len());
    let mut seen = BTreeSet::new();
    let mut places = Vec::new();
    for at in 0..width {
        let heading = headed.headings().get(at).map_or("", |text| text.trim());
        if heading.is_empty() && rows.iter().all(|row| row.cell(at).is_empty()) {
            continue;
        }
        let key = plain(heading);
        let readable = if is_never_read(heading) {
            Readable::Never
        } else if key.is_empty() || !seen.insert(key) {
            Readable::Unnamed
        } else {
            Readable::Yes
        };
        places.push(Place { at, heading: cut(heading), meaning: headed.meaning(at), readable });
    }
    let cells = |row: &crate::domain::table::Row| {
        let hidden = |place: &Place| place.readable == Readable::Never;
        places
            .iter()
            .map(|place| if hidden(place) { String::new() } else { cut(row.cell(place.at)) })
            .collect()
    };
    Some(Layout {
        sheet: headed.sheet().map(str::to_owned),
        sheets: tables.iter().filter_map(|table| table.sheet.clone()).collect(),
        line: headed.line(),
        first: rows.into_iter().map(|row| (row.line, cells(row))).collect(),
        columns: places,
    })
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

impl Layout {
    /// How the file is to be read when somebody says this of its columns. Of two columns with one meaning the one
    /// that was changed has it.
    #[must_use]
    pub fn map(&self, chosen: &Chosen) -> ColumnMap {
        let mut columns: BTreeMap<Column, String> =
            Column::ALL.into_iter().map(|column| (column, String::new())).collect();
        let said = |place: &Place| chosen.get(&place.at).copied().unwrap_or(place.meaning);
        for changed in [false, true] {
            for place in self.columns.iter().filter(|place| place.readable == Readable::Yes) {
                let meaning = said(place);
                if let (Some(column), true) = (meaning, (meaning != place.meaning) == changed) {
                    columns.insert(column, place.heading.clone());
                }
            }
        }
        ColumnMap { sheet: self.sheet.clone(), header_line: Some(self.line), columns }
    }
}
