//! What coordinators send, and what somebody might send to bring the process down.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::domain::table::Row;

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/></cellXfs></styleSheet>"#;

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn workbook_with(cells: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let sheet = format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>"#
    );
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    parts.extend(more);
    zipped(&parts)
}

fn workbook(cells: &str) -> Vec<u8> {
    workbook_with(cells, &[])
}

/// The refusal of a file, which must come soon.
fn refused<T>(what: &str, read: impl FnOnce() -> Result<T, IntakeRefusal>) -> String {
    let begun = Instant::now();
    let refusal = read().err().expect(what).to_string();
    let took = begun.elapsed();
    println!("{what}: {took:?}: {refusal}");
    assert!(took < Duration::from_secs(5), "{what} took {took:?}");
    refusal
}

fn texts(rows: &[Row]) -> Vec<(u32, Vec<&str>)> {
    rows.iter().map(|row| (row.line, row.cells.iter().map(String::as_str).collect())).collect()
}

fn render(tables: &[Table]) -> String {
    let mut text = String::new();
    for table in tables {
        writeln!(text, "sheet {:?}", table.sheet).unwrap();
        for row in &table.rows {
            writeln!(text, "{:>4} {}", row.line, row.cells.join(" | ")).unwrap();
        }
    }
    text
}

#[test]
fn the_file_as_kept_in_excel_reads_as_it_stands() {
    insta::assert_snapshot!(
        "kept_in_excel_csv",
        render(&read(include_bytes!("../../demo/roster_as_kept_in_excel.csv"), "r.csv").unwrap())
    );
    insta::assert_snapshot!(
        "kept_in_excel_xlsx",
        render(&read(include_bytes!("../../demo/roster_as_kept_in_excel.xlsx"), "r.xlsx").unwrap())
    );
}

#[test]
fn every_sample_file_reads() {
    for (bytes, rows, columns) in [
        (include_bytes!("../../demo/roster.csv").as_slice(), 154, 8),
        (include_bytes!("../../demo/amion_625ctabs.txt"), 2500, 17),
        (include_bytes!("../../demo/availability.csv"), 40, 7),
        (include_bytes!("../../demo/protected_time.csv"), 90, 5),
        (include_bytes!("../../demo/therapists.csv"), 10, 11),
    ] {
        let tables = read(bytes, "file").unwrap();
        assert!(tables[0].rows.len() + 20 > rows, "{} rows", tables[0].rows.len());
        assert_eq!(tables[0].rows.last().unwrap().cells.len(), columns);
    }
}

#[test]
fn a_line_break_inside_quotation_marks_keeps_the_lines_below_right() {
    let rows = read(b"a,b\r\n\r\n\"one\r\ntwo\",x\r\ny,z\r\n", "f.csv").unwrap().remove(0).rows;
    assert_eq!(texts(&rows), [(1, vec!["a", "b"]), (3, vec!["one\r\ntwo", "x"]), (5, vec!["y", "z"])]);
    let old = read(b"a,b\rc,d\r", "f.csv").unwrap().remove(0).rows;
    assert_eq!(texts(&old), [(1, vec!["a", "b"]), (2, vec!["c", "d"])]);
}

#[test]
fn the_separator_and_the_encoding_are_found() {
    let wanted = [(1, vec!["Núñez, Noé", "x", "y"])];
    for bytes in [
        "Núñez, Noé;x;y".as_bytes().to_vec(),
        "\u{feff}Núñez, Noé\tx\ty".as_bytes().to_vec(),
        "\"Núñez, Noé\",x,y".as_bytes().to_vec(),
        b"N\xfa\xf1ez, No\xe9;x;y".to_vec(),
        [vec![0xff, 0xfe], "Núñez, Noé\tx\ty".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
    ] {
        assert_eq!(texts(&read(&bytes, "f").unwrap()[0].rows), wanted);
    }
}

#[test]
fn a_workbook_gives_dates_times_and_numbers_as_a_person_would_type_them() {
    let cells = r#"<row r="2"><c r="A2" s="1"><v>46569</v></c><c r="B2" s="2"><v>0.5416666666666666</v></c><c r="C2"><v>3.0</v></c>
        <c r="D2"><f>A1+1</f><v>46569</v></c><c r="E2"><f>A1</f></c><c r="F2" t="b"><v>1</v></c><c r="G2" t="e"><v>#REF!</v></c><c r="H2" s="1"><v>46569.5</v></c></row>"#;
    let tables = read(&workbook(cells), "f.xlsx").unwrap();
    assert_eq!(
        texts(&tables[0].rows),
        [(2, vec!["2027-07-01", "13:00:00", "3", "46569", "", "TRUE", "", "2027-07-01 12:00:00"])]
    );
}

#[test]
fn a_workbook_that_is_a_bomb_is_refused_soon() {
    let zeros = vec![b'0'; 30 << 20];
    let bomb = zipped(&[("xl/worksheets/sheet1.xml", &zeros)]);
    assert!(bomb.len() < MAX_FILE);
    assert!(refused("zip of 30 MB", || read(&bomb, "f.xlsx")).contains("unpacks to more"));

    let mut liar = bomb.clone();
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..liar.len() - 4).filter(|at| liar[*at..at + 4] == size).collect();
    assert!(!places.is_empty());
    for at in places {
        liar[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    let refusal = refused("zip of 30 MB that declares 1,000 bytes", || read(&liar, "f.xlsx"));
    assert!(refusal.contains("unpacks to more") || refusal.contains("damaged"));

    let crowd: Vec<(String, &[u8])> = (0..300).map(|n| (format!("part{n}"), b"x".as_slice())).collect();
    let crowd: Vec<(&str, &[u8])> = crowd.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert!(refused("300 parts", || read(&zipped(&crowd), "f.xlsx")).contains("200 parts"));
}

#[test]
fn a_workbook_with_far_corners_endless_rows_or_vast_cells_is_refused_soon() {
    let far = workbook(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#,
    );
    assert!(refused("a cell at XFD1048576", || read(&far, "f.xlsx")).contains("line 1048576"));

    let mut rows = String::new();
    for _ in 0..500_000 {
        rows.push_str("<row><c><v>1</v></c></row>");
    }
    assert!(refused("half a million rows", || read(&workbook(&rows), "f.xlsx")).contains("after 20000 rows"));
    let rows = "<row><c><v>1</v></c></row>".repeat(1_000_000);
    assert!(refused("a million rows", || read(&workbook(&rows), "f.xlsx")).contains("unpacks to more"));

    let noise: String =
        (0..10_u32 << 20).map(|n| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 29) as u8)).collect();
    let cell = workbook(&format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{noise}</t></is></c></row>"#));
    let refusal = refused("a cell of 10 MB", || read(&cell, "f.xlsx"));
    assert!(refusal.contains("more than 4096 characters") || refusal.contains("bytes"), "{refusal}");
}

#[test]
fn a_shared_text_shown_many_times_and_a_made_up_count_are_refused_soon() {
    let rels = WORKBOOK_RELS.replace("</Relationships>", r#"<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#);
    let shared = |count: &str| {
        format!(
            r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="{count}"><si><t>{}</t></si></sst>"#,
            "x".repeat(4000)
        )
    };
    let cells = format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(60)).repeat(5_000);
    let book = |count: &str| {
        let sheet = format!(
            r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>"#
        );
        zipped(&[
            ("_rels/.rels", RELS.as_bytes()),
            ("xl/workbook.xml", WORKBOOK.as_bytes()),
            ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
            ("xl/sharedStrings.xml", shared(count).as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ])
    };
    assert!(refused("1.2 GB of shared text", || read(&book("1"), "f.xlsx")).contains("bytes of text"));
    assert!(refused("a count of 10^11 texts", || read(&book("99999999999"), "f.xlsx")).contains("damaged"));
}

#[test]
fn a_text_file_that_is_a_bomb_is_refused_soon() {
    let cell = format!("a,b\nc,\"{}\"\n", "x".repeat(1 << 20));
    assert!(refused("a cell of 1 MB", || read(cell.as_bytes(), "f.csv")).contains("line 2"));
    let cell = "x".repeat(10 << 20);
    assert!(refused("a cell of 10 MB", || read(cell.as_bytes(), "f.csv")).contains("at most"));
    let rows = "a,b\n".repeat(500_000);
    assert!(refused("half a million rows", || read(rows.as_bytes(), "f.csv")).contains("after 20000 rows"));
    let columns = ",".repeat(1 << 20);
    assert!(refused("a million columns", || read(columns.as_bytes(), "f.csv")).contains("64 columns"));
    let open = format!("a,b\nc,\"d\n{}", "e,f\n".repeat(20_000));
    assert!(
        refused("a quotation mark never closed", || read(open.as_bytes(), "f.csv")).contains("never closed")
    );
}

#[test]
fn what_is_no_table_is_refused_with_the_way_out() {
    for (bytes, words) in [
        (b"\xD0\xCF\x11\xE0 old".as_slice(), "save it as .xlsx"),
        (b"%PDF-1.7", "export the table"),
        (b"BEGIN:VCALENDAR\r\n", "busy times"),
        (b"<html><table>", "a web page"),
        (b"a\0b", "not a text file"),
        (b"PK\x03\x04 not really", "damaged"),
    ] {
        assert!(refused("no table", || read(bytes, "f.csv")).contains(words));
    }
    assert!(refused("no workbook", || read(b"a,b", "f.XLSX")).contains("no workbook"));
}

#[test]
fn a_calendar_gives_its_events_as_rows() {
    let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=\"A:B\";VALUE=DATE-TIME:2027\r\n 0712T140000\r\nBEGIN:VALARM\r\nTRIGGER:x\r\nEND:VALARM\r\nrrule:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let events = ics::read(text.as_bytes()).unwrap();
    assert_eq!(
        texts(&events[0].rows),
        [
            (3, vec!["DTSTART", "TZID=\"A:B\";VALUE=DATE-TIME", "20270712T140000"]),
            (8, vec!["RRULE", "", "FREQ=DAILY"])
        ]
    );
    insta::assert_snapshot!(
        "busy",
        render(&ics::read(include_bytes!("../../demo/busy_therapist_1.ics")).unwrap())
    );
}

#[test]
fn a_calendar_that_is_a_bomb_is_refused_soon() {
    let nested = format!("BEGIN:VCALENDAR\n{}", "BEGIN:VEVENT\n".repeat(20_000));
    assert!(refused("20,000 nested events", || ics::read(nested.as_bytes())).contains("8 deep"));
    let many = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", "BEGIN:VEVENT\nEND:VEVENT\n".repeat(10_000));
    assert!(refused("10,000 events", || ics::read(many.as_bytes())).contains("5000 events"));
    let folded = format!("BEGIN:VCALENDAR\nX:{}\nEND:VCALENDAR\n", "\n x".repeat(120_000));
    assert!(refused("120,000 folded lines", || ics::read(folded.as_bytes())).contains("100000 lines"));
    let large = vec![b'x'; 2 << 20];
    assert!(refused("2 MB", || ics::read(&large)).contains("bytes"));
    let lines =
        format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{}END:VEVENT\nEND:VCALENDAR\n", "X-A:b\n".repeat(10_000));
    let begun = Instant::now();
    assert_eq!(ics::read(lines.as_bytes()).unwrap()[0].rows.len(), 2_000);
    println!("ten thousand lines in one event: {:?}", begun.elapsed());
    assert!(refused("cut off", || ics::read(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n")).contains("in the middle"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes, "f");
        let _ = ics::read(&bytes);
    }

    #[test]
    fn no_damaged_workbook_panics(at in 0_usize..9302, byte in any::<u8>()) {
        let mut bytes = include_bytes!("../../demo/roster_as_kept_in_excel.xlsx").to_vec();
        bytes[at] = byte;
        let _ = read(&bytes, "f.xlsx");
    }

    #[test]
    fn no_damaged_sheet_panics(cells in r#"(<row( r="[A-Z]{0,12}[0-9]{0,12}")?>|<c( r="[A-Z]{0,8}[0-9]{0,12}")?( s="[0-9]{0,21}")?( t="[a-z]{1,3}")?>|<v>|</v>|</c>|</row>|<f si="9">|[-0-9.e]{1,20}|&#x[0-9A-F]{1,9};){0,20}"#) {
        let _ = read(&workbook(&cells), "f.xlsx");
    }

    #[test]
    fn no_calendar_panics(text in r#"BEGIN:VCALENDAR(\n|\r\n|[ -~]|é|"|;|BEGIN:VEVENT|END:VEVENT|END:VCALENDAR|:){0,40}"#) {
        let _ = ics::read(text.as_bytes());
    }
}
