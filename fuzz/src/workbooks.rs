//! Workbooks by whomever, from their parts: a packed file has checksums that hardly any changed byte gets past, so the parts
//! are given as text, and packed here.

use std::io::{Cursor, Write};

use holdspace::intake::read;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::calendars::says_what_to_do;
use super::tables::holds;

/// Stands between the parts: the sheet, its shared texts, its styles, the list of sheets.
const BETWEEN: &[u8] = b"\n====\n";

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const OF_THE_WORKBOOK: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/></cellXfs></styleSheet>"#;

/// Packs the parts of a workbook and reads it.
pub fn workbooks(bytes: &[u8]) {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        parts.push(&rest[..at]);
        rest = &rest[at + BETWEEN.len()..];
    }
    parts.push(rest);
    let part = |number: usize, usual: &'static str| -> Vec<u8> {
        parts.get(number).filter(|part| !part.is_empty()).map_or(usual.as_bytes(), |part| part).to_vec()
    };
    let files = [
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes().to_vec()),
        ("_rels/.rels", RELATIONS.as_bytes().to_vec()),
        ("xl/workbook.xml", part(3, WORKBOOK)),
        ("xl/_rels/workbook.xml.rels", OF_THE_WORKBOOK.as_bytes().to_vec()),
        ("xl/sharedStrings.xml", part(1, "<sst/>")),
        ("xl/styles.xml", part(2, STYLES)),
        ("xl/worksheets/sheet1.xml", part(0, "<worksheet/>")),
    ];
    let Some(packed) = packed(&files) else { return };
    match read(&packed, "roster.xlsx") {
        Err(refusal) => says_what_to_do(&refusal),
        Ok(tables) => holds(&tables),
    }
}

fn packed(files: &[(&str, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(*name, stored).ok()?;
        zip.write_all(bytes).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}
