//! Text with separated columns: finds the encoding and the separator, and keeps true line numbers.
//! Never guesses what a column means.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{Bounds, IntakeRefusal, MAX_CELL, MAX_COLUMNS};
use crate::domain::table::{Row, Table};

/// The separators that are looked for; the first wins where two fit alike.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// Lines on which the separator is judged.
const SAMPLE: usize = 200;

pub(super) fn read(bytes: &[u8]) -> Result<Table, IntakeRefusal> {
    let text = decode(bytes)?;
    let text = with_line_feeds(&text);
    let separator = separator(&text);
    uncrowded(&text, separator)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut bounds = Bounds::default();
    let mut table = Table::default();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| unreadable())? {
        let line = first_line(&record, text.as_bytes());
        for (column, cell) in record.iter().enumerate() {
            bounds.cell(line, column, cell)?;
        }
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            bounds.row(line)?;
            table.rows.push(Row { line, cells: record.iter().map(str::to_owned).collect() });
        }
    }
    Ok(table)
}

fn unreadable() -> IntakeRefusal {
    IntakeRefusal::new("this is not a text file", "export the table as .xlsx or as CSV in UTF-8")
}

/// A byte order mark decides; then UTF-8 where it is valid; else Windows-1252, in which every byte means something.
pub(super) fn plain(bytes: &[u8]) -> Result<Cow<'_, str>, IntakeRefusal> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        None => UTF_8
            .decode_without_bom_handling_and_without_replacement(bytes)
            .unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(bytes).0),
    };
    if text.contains('\0') { Err(unreadable()) } else { Ok(text) }
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, IntakeRefusal> {
    let text = plain(bytes)?;
    let start = text.trim_start();
    if start.get(..15).is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        return Err(IntakeRefusal::new(
            "a calendar, not a table",
            "bring a table; where a therapist’s busy times are meant, they are read as a calendar of their own",
        ));
    }
    if start.starts_with("<html") || start.starts_with("<table") || start.starts_with("<!DOCTYPE") {
        return Err(IntakeRefusal::new(
            "a web page, not a table",
            "open it in a spreadsheet program and save it as .xlsx or CSV",
        ));
    }
    Ok(text)
}

/// Refuses a line with more separators than the longest cells of a row could hold: csv keeps two numbers for each before
/// anybody can count them.
fn uncrowded(text: &str, separator: u8) -> Result<(), IntakeRefusal> {
    let most = MAX_COLUMNS * (MAX_CELL + 1);
    for (number, line) in text.lines().enumerate() {
        if line.len() > most && line.bytes().filter(|byte| *byte == separator).count() > most {
            return Err(IntakeRefusal::new(
                format!("this row has more than {MAX_COLUMNS} columns"),
                "remove the columns that are far to the right, or export only the table itself",
            )
            .at(number + 1));
        }
    }
    Ok(())
}

/// A lone carriage return ends a line in old files; csv would split there, but not count it.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.bytes().zip(text.bytes().skip(1)).any(|pair| pair.0 == b'\r' && pair.1 != b'\n') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The line on which a record's first cell stands: csv counts from the blank lines before it.
fn first_line(record: &csv::StringRecord, text: &[u8]) -> u32 {
    let Some(position) = record.position() else { return 0 };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let blank = text.get(from..).unwrap_or_default().iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    let skipped = blank.filter(|b| **b == b'\n').count() as u64;
    u32::try_from(position.line() + skipped).unwrap_or(u32::MAX)
}

/// The separator that gives most lines the same, largest number of columns.
fn separator(text: &str) -> u8 {
    let mut lines: Vec<[usize; SEPARATORS.len()]> = vec![[0; SEPARATORS.len()]];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                if lines.len() == SAMPLE {
                    break;
                }
                lines.push([0; SEPARATORS.len()]);
            }
            _ if !quoted => {
                if let (Some(at), Some(line)) = (SEPARATORS.iter().position(|s| *s == byte), lines.last_mut())
                {
                    line[at] += 1;
                }
            }
            _ => {}
        }
    }
    let fit = |at: usize| -> usize {
        let counts = lines.iter().map(|line| line[at]).filter(|count| *count > 0);
        counts
            .clone()
            .map(|count| count * counts.clone().filter(|other| *other == count).count())
            .max()
            .unwrap_or(0)
    };
    let best = (0..SEPARATORS.len()).rev().max_by_key(|at| fit(*at)).unwrap_or(0);
    SEPARATORS[best]
}
