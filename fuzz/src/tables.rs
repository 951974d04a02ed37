//! Files of tables, by whomever: bounded, the same when they are written again, and every line is taken or refused.

use holdspace::domain::protection::{self, OnFile};
use holdspace::domain::roster::{self, ColumnMap, KnownPlaces};
use holdspace::domain::table::{Row, Table};
use holdspace::domain::time::Zone;
use holdspace::intake::{MAX_CELL, MAX_COLUMNS, MAX_FILE, MAX_ROWS, MAX_TEXT, read};

use super::calendars::says_what_to_do;

/// Reads a file of tables, and a roster and protected time in it.
pub fn tables(bytes: &[u8]) {
    match read(bytes, "roster.csv") {
        Err(refusal) => says_what_to_do(&refusal),
        Ok(tables) => holds(&tables),
    }
}

/// What holds of every file that was read.
pub fn holds(tables: &[Table]) {
    let rows = || tables.iter().flat_map(|table| &table.rows);
    let cells = || rows().flat_map(|row| &row.cells);
    assert!(rows().count() <= MAX_ROWS);
    assert!(cells().map(String::len).sum::<usize>() <= MAX_TEXT);
    assert!(cells().all(|cell| cell.chars().count() <= MAX_CELL));
    assert!(rows().all(|row| row.cells.len() <= MAX_COLUMNS));
    for table in tables {
        let lines = || table.rows.iter().map(|row| row.line);
        assert!(lines().all(|line| line >= 1), "lines are counted from 1");
        assert!(lines().zip(lines().skip(1)).all(|(one, next)| one < next), "lines come in their order");
        assert!(table.rows.iter().all(|row| row.cells.iter().any(|cell| !cell.trim().is_empty())));
        reads_back(table);
    }
    no_line_is_lost(tables);
}

/// A table that is written with commas has the same cells.
fn reads_back(table: &Table) {
    // Old files end lines with a carriage return, so none is kept as it is.
    let plain = |row: &Row| -> Vec<String> {
        row.cells.iter().map(|cell| cell.replace("\r\n", "\n").replace('\r', "\n")).collect()
    };
    let rows: Vec<Vec<String>> = table.rows.iter().map(plain).collect();
    let quoted = csv::QuoteStyle::Always;
    let mut writer = csv::WriterBuilder::new().flexible(true).quote_style(quoted).from_writer(Vec::new());
    for row in &rows {
        assert!(writer.write_record(row).is_ok(), "writing into memory does not fail");
    }
    let Ok(text) = writer.into_inner() else { return };
    if text.len() > MAX_FILE || text.contains(&0) {
        return;
    }
    let again = read(&text, "again.csv").unwrap_or_default();
    let again: Vec<Vec<String>> = again.iter().flat_map(|table| &table.rows).map(plain).collect();
    assert_eq!(again, rows);
}

/// Whoever reads a roster or protected time takes each line, or says why not.
fn no_line_is_lost(tables: &[Table]) {
    let known = KnownPlaces {
        programs: vec!["IM".to_owned()],
        sites: vec!["Main".to_owned()],
        ..KnownPlaces::default()
    };
    let roster = roster::read(tables, &ColumnMap::default(), None, &known);
    let lines: Vec<u32> = tables.iter().flat_map(|table| &table.rows).map(|row| row.line).collect();
    let has = |line: u32| line == 0 || lines.contains(&line);
    assert!(roster.entries.len() <= lines.len());
    assert!(roster.refused.iter().chain(&roster.warnings).all(|refusal| has(refusal.line)));
    assert!(roster.refused.iter().all(|refusal| !refusal.problem.is_empty() && !refusal.remedy.is_empty()));
    let on_file = OnFile { programs: vec![("IM".to_owned(), Zone::UTC)], ..OnFile::default() };
    let protected = protection::table(tables, &on_file);
    assert!(protected.refused.iter().chain(&protected.warnings).all(|refusal| has(refusal.line)));
}
