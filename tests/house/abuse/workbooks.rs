//! Hostile workbooks: small archives that unpack to much, or that say they hold much.

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::files::{Hostile, each, laughs, times};

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const SHEET_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of one sheet with this in it, and other parts beside.
fn workbook(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let sheet = format!("<worksheet xmlns=\"{MAIN}\">{sheet}</worksheet>");
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
         <sheets><sheet name=\"One\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let own = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", book.as_str()),
        ("xl/_rels/workbook.xml.rels", SHEET_RELS),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    let own = own.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    zipped(&own.chain(more).copied().collect::<Vec<_>>())
}

fn rows(text: &str) -> String {
    format!("<sheetData>{text}</sheetData>")
}

fn typed(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// One entry of an archive, listed as often as that: each listing unpacks to the whole of it.
fn overlapping(listings: u16) -> Vec<u8> {
    let single = zipped(&[("xl/workbook.xml", &times("<a/>", 1 << 20))]);
    let find = |mark: &[u8]| single.windows(4).rposition(|window| window == mark).unwrap();
    let (list, end) = (find(b"PK\x01\x02"), find(b"PK\x05\x06"));
    let mut bytes = single[..list].to_vec();
    for _ in 0..listings {
        bytes.extend(&single[list..end]);
    }
    let mut tail = single[end..].to_vec();
    let size = u32::try_from((end - list) * usize::from(listings)).unwrap();
    tail[8..10].copy_from_slice(&listings.to_le_bytes());
    tail[10..12].copy_from_slice(&listings.to_le_bytes());
    tail[12..16].copy_from_slice(&size.to_le_bytes());
    bytes.extend(tail);
    bytes
}

/// The same workbook with a list that says that every part is small.
fn lying(mut bytes: Vec<u8>) -> Vec<u8> {
    let lists: Vec<usize> =
        bytes.windows(4).enumerate().filter(|(_, mark)| mark == b"PK\x01\x02").map(|(at, _)| at).collect();
    for at in lists {
        bytes[at + 24..at + 28].copy_from_slice(&64_u32.to_le_bytes());
    }
    bytes
}

/// A workbook in a workbook in a workbook.
fn nested(depth: usize) -> Vec<u8> {
    let mut inner = workbook(&rows(""), &[]);
    for _ in 0..depth {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
        zip.write_all(&inner).unwrap();
        inner = zip.finish().unwrap().into_inner();
    }
    inner
}

/// All of them.
pub fn workbooks() -> Vec<Hostile> {
    let bomb = workbook(&rows(&times("<row/>", 4 << 20)), &[]);
    let long = times("x", 4000);
    let shared = format!("<sst xmlns=\"{MAIN}\" uniqueCount=\"1\"><si><t>{long}</t></si></sst>");
    let shown = each(20_000, |n| format!("<row r=\"{0}\"><c r=\"A{0}\" t=\"s\"><v>0</v></c></row>", n + 1));
    let announced = format!("<sst xmlns=\"{MAIN}\" count=\"4294967295\" uniqueCount=\"4294967295\"></sst>");
    let sheets = each(10_000, |n| format!("<sheet name=\"S{n}\" sheetId=\"{n}\" r:id=\"rId1\"/>"));
    let sheets = format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"r\"><sheets>{sheets}</sheets></workbook>");
    let styles =
        format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", times("<xf numFmtId=\"14\"/>", 500_000));
    // Noise, so that the part is not refused for being dense.
    let noise = each(6_000, |n| format!("<!--{:x}-->", (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let bare = format!("<styleSheet>{noise}<cellXfs>{}</cellXfs></styleSheet>", times("<xf/>", 3_000_000));
    let empty = format!("<sst xmlns=\"{MAIN}\">{noise}{}</sst>", times("<si/>", 3_000_000));
    let merged = times("<mergeCell ref=\"A1:XFD1048576\"/>", 100_000);
    let corner = format!("{}</row><row r=\"1048576\">{}", typed("A1", "program"), typed("XFD1048576", "far"));
    let (one_row, deep) =
        (|cells: &str| rows(&format!("<row r=\"1\">{cells}</row>")), times("<is>", 100_000));
    vec![
        Hostile::new("three million styles without a word", workbook(&rows(""), &[("xl/styles.xml", &bare)])),
        Hostile::new("three million empty texts", workbook(&rows(""), &[("xl/sharedStrings.xml", &empty)])),
        Hostile::new("24 MB of rows in 24 kB", bomb.clone()),
        Hostile::new("the same, said to be small", lying(bomb)),
        Hostile::new("one part listed 199 times", overlapping(199)),
        Hostile::new("one part listed 60,000 times", overlapping(60_000)),
        Hostile::new("a workbook thirty deep in itself", nested(30)),
        Hostile::new("two cells in opposite corners", workbook(&one_row(&corner), &[])),
        Hostile::new(
            "a sheet said to be as large as sheets can be",
            workbook(&format!("<dimension ref=\"A1:XFD1048576\"/>{}", one_row(&typed("A1", "program"))), &[]),
        ),
        Hostile::new("10,000 sheets", workbook(&rows(""), &[("xl/workbook.xml", &sheets)])),
        Hostile::new(
            "one long text shown 20,000 times",
            workbook(&rows(&shown), &[("xl/sharedStrings.xml", &shared)]),
        ),
        Hostile::new(
            "four thousand million texts announced",
            workbook(&rows(""), &[("xl/sharedStrings.xml", &announced)]),
        ),
        Hostile::new(
            "texts made of entities",
            workbook(&rows(""), &[("xl/sharedStrings.xml", &laughs("sst"))]),
        ),
        Hostile::new("elements 100,000 deep", workbook(&one_row(&format!("<c r=\"A1\">{deep}")), &[])),
        Hostile::new("an attribute of 3 MB", workbook(&format!("<x a=\"{}\"/>", times("y", 3 << 20)), &[])),
        Hostile::new("half a million styles", workbook(&rows(""), &[("xl/styles.xml", &styles)])),
        Hostile::new(
            "the whole sheet merged, 100,000 times",
            workbook(&format!("{}{merged}", rows("")), &[]),
        ),
        Hostile::new("a cell of 3 MB", workbook(&one_row(&typed("A1", &times("z", 3 << 20))), &[])),
        Hostile::new("references that overflow", workbook(&one_row(&typed("ZZZZZZZ99999999999", "a")), &[])),
        Hostile::new("no workbook behind the first bytes", b"PK\x03\x04".repeat(200_000)),
    ]
}
