//! XLSX: measures the archive before anything is parsed, then streams cells. Never builds a sheet in memory from
//! the corners it declares: two cells far apart would ask for gigabytes.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};

use super::{Bounds, IntakeRefusal};
use crate::domain::table::{Row, Table};

/// Most entries of the archive.
const MAX_ENTRIES: usize = 200;
/// Most bytes of all entries unpacked.
const MAX_UNPACKED: u64 = 20 << 20;
/// An entry may grow to so many times its packed size; sheets of repeated cells reach about 60.
const MAX_RATIO: u64 = 400;
/// Entries below this size may have any ratio: a short run of zeros is harmless.
const SMALL: u64 = 1 << 20;
/// Most formats of cells: spreadsheet programs allow 65,490. Each costs its reader some 150 bytes, and a file five.
const MAX_FORMATS: usize = 70_000;
/// Most shared texts.
const MAX_SHARED: usize = 500_000;
/// The longest reference to a cell, `XFD1048576`.
const LONGEST_REFERENCE: usize = 10;
/// Most sheets.
const MAX_SHEETS: usize = 20;

const SAVE_AGAIN: &str = "open it in a spreadsheet program and save it again as .xlsx, or as CSV";

fn broken() -> IntakeRefusal {
    IntakeRefusal::new("the workbook is damaged, or is no .xlsx", SAVE_AGAIN)
}

fn too_large() -> IntakeRefusal {
    IntakeRefusal::new(
        format!("the workbook unpacks to more than {MAX_UNPACKED} bytes"),
        "copy the one sheet that is needed into a new workbook",
    )
}

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Table>, IntakeRefusal> {
    measure(bytes)?;
    // calamine overflows its arithmetic on some malformed cell references, which panics in builds that check
    // it; one bad upload must not take the process's other work along.
    catch_unwind(AssertUnwindSafe(|| sheets(bytes))).unwrap_or_else(|_| Err(broken()))
}

/// Refuses an archive that is too large, too crowded or too dense, first by what it declares, then by unpacking
/// each entry into nothing: a declared size can lie.
fn measure(bytes: &[u8]) -> Result<(), IntakeRefusal> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > MAX_ENTRIES {
        return Err(IntakeRefusal::new(
            format!("the workbook has more than {MAX_ENTRIES} parts"),
            "copy the one sheet that is needed into a new workbook",
        ));
    }
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| broken())?;
        declared = declared.saturating_add(entry.size());
        let dense = entry.size() > SMALL && entry.size() / entry.compressed_size().max(1) > MAX_RATIO;
        if declared > MAX_UNPACKED || dense {
            return Err(too_large());
        }
    }
    let mut left = MAX_UNPACKED;
    let mut part = Vec::new();
    for index in 0..archive.len() {
        part.clear();
        let entry = archive.by_index(index).map_err(|_| broken())?;
        let read = entry.take(left + 1).read_to_end(&mut part).map_err(|_| broken())?;
        left = left.checked_sub(read as u64).ok_or_else(too_large)?;
        believable(&part)?;
    }
    Ok(())
}

/// Refuses a part that announces more shared texts than it has bytes for: calamine reserves memory for what is
/// announced, and a process that cannot get it is aborted.
fn believable(part: &[u8]) -> Result<(), IntakeRefusal> {
    const COUNT: &[u8] = b"uniqueCount";
    if part.starts_with(b"\xFF\xFE") || part.starts_with(b"\xFE\xFF") || part.starts_with(b"<\0") {
        return Err(broken()); // UTF-16 would hide the word that is looked for
    }
    if !part.first().is_some_and(|first| matches!(first, b'<' | b'\xEF' | b' ' | b'\r' | b'\n' | b'\t')) {
        return Ok(()); // a picture, for instance
    }
    if crowded(part) {
        return Err(IntakeRefusal::new(
            format!("the workbook has more than {MAX_FORMATS} formats or {MAX_SHARED} texts"),
            "copy the one sheet that is needed into a new workbook",
        ));
    }
    if part.split(|byte| *byte == b'<').any(refers_nowhere) {
        return Err(broken());
    }
    for (at, window) in part.windows(COUNT.len()).enumerate() {
        if window == COUNT {
            let rest = &part[at + COUNT.len()..];
            let digits = rest.iter().skip_while(|b| !b.is_ascii_digit() && **b != b'>');
            let digits: String = digits.take_while(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
            let shortest = "<si/>".len() as u128;
            if digits.len() > 12 || digits.parse::<u128>().unwrap_or(0) * shortest > part.len() as u128 {
                return Err(broken());
            }
        }
    }
    Ok(())
}

/// The name of a tag without its prefix.
fn local_name(tag: &[u8]) -> &[u8] {
    let ends = |byte: &u8| matches!(byte, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n');
    let name = &tag[..tag.iter().position(ends).unwrap_or(tag.len())];
    name.rsplit(|byte| *byte == b':').next().unwrap_or_default()
}

/// Whether a tag refers to a cell beyond the last one: letters and digits of which calamine reckons a number that overflows.
fn refers_nowhere(tag: &[u8]) -> bool {
    if !matches!(local_name(tag), b"c" | b"dimension" | b"mergeCell") {
        return false;
    }
    let inside = tag.split(|byte| *byte == b'>').next().unwrap_or_default();
    inside.split(|byte| !byte.is_ascii_alphanumeric()).any(|word| {
        let digits = word.iter().skip_while(|byte| byte.is_ascii_alphabetic());
        word.len() > LONGEST_REFERENCE && digits.clone().count() > 0 && digits.clone().all(u8::is_ascii_digit)
    })
}

/// Whether a part has more formats or shared texts than a workbook that people made: small as they are written, each is
/// kept as something larger.
fn crowded(part: &[u8]) -> bool {
    let (mut formats, mut shared) = (0_usize, 0_usize);
    for tag in part.split(|byte| *byte == b'<') {
        match local_name(tag) {
            b"xf" => formats += 1,
            b"si" => shared += 1,
            _ => {}
        }
    }
    formats > MAX_FORMATS || shared > MAX_SHARED
}

fn sheets(bytes: &[u8]) -> Result<Vec<Table>, IntakeRefusal> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| broken())?;
    let shown = |sheet: &&calamine::Sheet| {
        sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible
    };
    let names: Vec<String> =
        workbook.sheets_metadata().iter().filter(shown).map(|sheet| sheet.name.clone()).collect();
    if names.len() > MAX_SHEETS {
        return Err(IntakeRefusal::new(
            format!("the workbook has more than {MAX_SHEETS} sheets"),
            "copy the one sheet that is needed into a new workbook",
        ));
    }
    let mut bounds = Bounds::default();
    names
        .into_iter()
        .map(|name| {
            let rows = rows(&mut workbook, &name, &mut bounds).map_err(|refusal| refusal.on(Some(&name)))?;
            Ok(Table { sheet: Some(name), rows })
        })
        .collect()
}

fn rows(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    bounds: &mut Bounds,
) -> Result<Vec<Row>, IntakeRefusal> {
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|_| broken())?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(|_| broken())? {
        let (row, column) = cell.get_position();
        let line = row.saturating_add(1);
        let text = words(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        bounds.cell(line, column as usize, &text)?;
        if rows.last().is_none_or(|last| last.line < line) {
            bounds.row(line)?;
            rows.push(Row { line, cells: Vec::new() });
        }
        let Some(last) = rows.last_mut().filter(|last| last.line == line) else {
            return Err(broken().at(line)); // rows come in order, or the file was not written by a spreadsheet
        };
        if last.cells.len() <= column as usize {
            last.cells.resize(column as usize + 1, String::new());
        }
        last.cells[column as usize] = text;
    }
    Ok(rows)
}

/// A cell as a person would type it: dates in ISO 8601, whole numbers without a fraction, errors as nothing.
///
/// A formula gives the value saved with it, and nothing where none was saved.
fn words(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTime(moment) => moment_words(moment),
        DataRef::Int(number) => number.to_string(),
        // Rust prints a whole float without a fraction.
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn moment_words(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let days = moment.as_f64();
    if days < 1.0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else if days.fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
