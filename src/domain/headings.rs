//! Finds the row of headings among preambles and title sheets, and hands out the cells below it by meaning.
//! Never reads a column that it was not asked for.

use std::collections::BTreeMap;

use super::table::{Row, RowRefusal, Table};
use super::written::plain;

/// Rows at the top of a sheet among which headings are looked for.
const TOP: usize = 60;

/// A column that a file may have: what it means, and its usual headings without spaces and punctuation, the most
/// telling first.
pub type Usual<C> = (C, &'static [&'static str]);

/// What the person who keeps the file says about it; wins over what is usual.
#[derive(Debug, Clone)]
pub struct Said<C> {
    /// The sheet to read.
    pub sheet: Option<String>,
    /// The row of headings, from 1.
    pub line: Option<u32>,
    /// Headings by meaning.
    pub headings: BTreeMap<C, String>,
}

impl<C> Default for Said<C> {
    fn default() -> Self {
        Self { sheet: None, line: None, headings: BTreeMap::new() }
    }
}

/// A sheet whose headings were found.
pub struct Headed<'t, C> {
    table: &'t Table,
    header: usize,
    columns: BTreeMap<C, usize>,
    /// The headings of columns that are not read, in their order.
    pub ignored: Vec<String>,
    /// Other sheets that have such headings too, and were not read.
    pub rivals: Vec<String>,
}

/// One row below the headings.
pub struct Record<'h, 't, C> {
    headed: &'h Headed<'t, C>,
    row: &'t Row,
}

/// Finds the sheet and row with the most known headings among those that `suffice`.
pub fn find<'t, C: Copy + Ord>(
    tables: &'t [Table],
    usual: &[Usual<C>],
    said: &Said<C>,
    suffice: impl Fn(&dyn Fn(C) -> bool) -> bool,
) -> Option<Headed<'t, C>> {
    let wanted = |table: &&Table| match (&said.sheet, &table.sheet) {
        (Some(said), Some(sheet)) => plain(said) == plain(sheet),
        _ => true,
    };
    let mut found: Vec<Headed<'t, C>> = Vec::new();
    for table in tables.iter().filter(wanted) {
        let best = (0..table.rows.len().min(TOP))
            .filter(|at| said.line.is_none_or(|line| table.rows[*at].line == line))
            .map(|at| (at, columns(&table.rows[at], usual, said)))
            .filter(|(_, columns)| suffice(&|column| columns.contains_key(&column)))
            // Of equals the first, which `max_by_key` would give only in reverse.
            .rev()
            .max_by_key(|(_, columns)| columns.len());
        if let Some((header, columns)) = best {
            found.push(Headed { table, header, columns, ignored: Vec::new(), rivals: Vec::new() });
        }
    }
    let best = (0..found.len()).rev().max_by_key(|at| found[*at].columns.len())?;
    let mut headed = found.swap_remove(best);
    headed.rivals = found.into_iter().filter_map(|other| other.table.sheet.clone()).collect();
    let headings = headed.table.rows[headed.header].cells.iter().enumerate();
    headed.ignored = headings
        .filter(|(at, text)| !text.trim().is_empty() && !headed.columns.values().any(|column| column == at))
        .map(|(_, text)| text.trim().chars().take(60).collect())
        .collect();
    Some(headed)
}

fn columns<C: Copy + Ord>(row: &Row, usual: &[Usual<C>], said: &Said<C>) -> BTreeMap<C, usize> {
    let cells: Vec<String> = row.cells.iter().map(|cell| plain(cell)).collect();
    let place = |name: &str| cells.iter().position(|cell| !cell.is_empty() && cell == name);
    let mut columns = BTreeMap::new();
    for (column, names) in usual {
        let place = match said.headings.get(column) {
            Some(name) => place(&plain(name)),
            None => names.iter().find_map(|name| place(name)),
        };
        if let Some(place) = place {
            columns.insert(*column, place);
        }
    }
    // A heading that was said to mean one thing does not mean another by custom.
    let taken: Vec<(C, usize)> = said.headings.keys().filter_map(|c| Some((*c, *columns.get(c)?))).collect();
    columns.retain(|column, place| {
        said.headings.contains_key(column) || taken.iter().all(|(_, other)| other != place)
    });
    columns
}

impl<'t, C: Copy + Ord> Headed<'t, C> {
    /// The sheet that is read, where the file has sheets.
    #[must_use]
    pub fn sheet(&self) -> Option<&'t str> {
        self.table.sheet.as_deref()
    }

    /// The line of the headings, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.table.rows[self.header].line
    }

    /// The headings as they stand, by place.
    #[must_use]
    pub fn headings(&self) -> &'t [String] {
        &self.table.rows[self.header].cells
    }

    /// What the column at a place means, where it is read.
    #[must_use]
    pub fn meaning(&self, place: usize) -> Option<C> {
        self.columns.iter().find(|(_, at)| **at == place).map(|(column, _)| *column)
    }

    /// The rows below the headings, as they stand.
    pub fn rows(&self) -> impl Iterator<Item = &'t Row> {
        self.table.rows.iter().skip(self.header + 1)
    }

    /// Whether the file has the column.
    #[must_use]
    pub fn has(&self, column: C) -> bool {
        self.columns.contains_key(&column)
    }

    /// The rows below the headings.
    pub fn records(&self) -> impl Iterator<Item = Record<'_, 't, C>> {
        self.table.rows.iter().skip(self.header + 1).map(|row| Record { headed: self, row })
    }
}

impl<C: Copy + Ord> Record<'_, '_, C> {
    /// The line of the file or row of the sheet.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.row.line
    }

    /// The trimmed text in a column; empty where the file has none.
    #[must_use]
    pub fn text(&self, column: C) -> &str {
        let text = self.headed.columns.get(&column).map_or("", |at| self.row.cell(*at));
        // What real files hold for "nothing", and the separators that stray into cells.
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == ';' || c == '\u{feff}');
        if matches!(text, "-" | "–" | "—") {
            return "";
        }
        // A cell that was written so that no spreadsheet takes it for a formula.
        text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text)
    }

    /// The first text of the row, whatever its column means.
    #[must_use]
    pub fn first_text(&self) -> &str {
        self.row.cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty()).unwrap_or("")
    }

    /// Whether none of the known columns holds anything.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.headed.columns.keys().all(|column| self.text(*column).is_empty())
    }

    /// A refusal that leads to this row, and to a column where one is to blame.
    pub fn refuse(
        &self,
        column: Option<C>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> RowRefusal {
        let heading = column.and_then(|column| self.headed.columns.get(&column)).map(|at| {
            self.headed.table.rows[self.headed.header].cell(*at).chars().take(60).collect::<String>()
        });
        RowRefusal {
            sheet: self.headed.table.sheet.clone(),
            line: self.row.line,
            column: heading,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// A refusal of the whole file.
pub fn refuse_file(problem: impl Into<String>, remedy: impl Into<String>) -> RowRefusal {
    RowRefusal { sheet: None, line: 0, column: None, problem: problem.into(), remedy: remedy.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Column {
        Name,
        Mail,
    }

    const USUAL: [Usual<Column>; 2] = [(Column::Name, &["name"]), (Column::Mail, &["email", "mail"])];

    fn table(sheet: &str, rows: &[&[&str]]) -> Table {
        let row = |(at, cells): (usize, &&[&str])| Row {
            line: u32::try_from(at + 1).unwrap(),
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        };
        Table { sheet: Some(sheet.to_owned()), rows: rows.iter().enumerate().map(row).collect() }
    }

    #[test]
    fn the_sheet_with_headings_is_found_behind_a_title_sheet_and_a_preamble() {
        let tables = [
            table("Title", &[&["See tab 2"]]),
            table("Real", &[&["Our list"], &["E-Mail ", "DOB", "Name"], &["a@x.org", "1/1/98", "Ann"]]),
            table("Last year", &[&["Name", "Mail"]]),
        ];
        let headed = find(&tables, &USUAL, &Said::default(), |has| has(Column::Mail)).unwrap();
        assert_eq!(headed.sheet(), Some("Real"));
        assert_eq!(
            (headed.ignored.clone(), headed.rivals.clone()),
            (vec!["DOB".to_owned()], vec!["Last year".to_owned()])
        );
        let record = headed.records().next().unwrap();
        assert_eq!((record.text(Column::Mail), record.text(Column::Name)), ("a@x.org", "Ann"));
        let refusal = record.refuse(Some(Column::Mail), "p", "r").to_string();
        assert_eq!(refusal, "sheet “Real”, line 3, column “E-Mail”: p; r");
    }

    #[test]
    fn what_the_person_says_about_the_file_wins_over_what_is_usual() {
        let tables = [table("One", &[&["Name", "Nickname"], &["ann@x.org", "Ann"]])];
        let headings = [(Column::Mail, "name".to_owned()), (Column::Name, "NICK NAME".to_owned())].into();
        let headed =
            find(&tables, &USUAL, &Said { headings, ..Said::default() }, |has| has(Column::Mail)).unwrap();
        assert_eq!(headed.records().next().unwrap().text(Column::Name), "Ann");
        assert!(find(&tables, &USUAL, &Said::default(), |has| has(Column::Mail)).is_none());
    }
}
