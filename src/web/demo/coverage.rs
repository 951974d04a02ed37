//! The coordinator's view: a program's coverage as a table, CSV and calendar, and proof that it stays the same to the
//! byte. Decides nothing, and knows of no visit.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{Demo, dressed};
use crate::desk::Result;
use crate::desk::coverage::Coverage;
use crate::web::doors::Doors;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, words};

/// So many rows of the table are shown; the files hold all of them.
const ROWS: usize = 100;

/// The routes of the coordinator's view.
pub fn routes() -> Doors<Demo> {
    Doors::new()
        .route("/demo/coverage/{program}", get(show))
        .route("/demo/coverage/{program}/coverage.csv", get(csv))
        .route("/demo/coverage/{program}/coverage.ics", get(ics))
}

/// A program's coverage as it was once, by its hashes.
pub struct Baseline {
    /// The program's code.
    pub code: String,
    /// Its name.
    pub program: String,
    csv: String,
    ics: String,
}

impl Baseline {
    /// Keeps the hashes of both files.
    ///
    /// # Errors
    /// Those of writing them.
    pub fn of(code: &str, coverage: &Coverage) -> Result<Self> {
        Ok(Self {
            code: code.to_owned(),
            program: coverage.program.clone(),
            csv: sha256(&coverage.csv()?),
            ics: sha256(&coverage.ics()),
        })
    }
}

fn sha256(file: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(file.as_bytes()))
}

/// A program on the demo's home page.
pub struct Compared {
    /// The program's code.
    pub code: String,
    /// Its name.
    pub program: String,
    /// Whether both files are what they were.
    pub same: bool,
}

/// Compares every program's coverage with what it was.
///
/// # Errors
/// Those of loading.
pub async fn compare(demo: &Demo) -> Result<Vec<Compared>> {
    let mut compared = Vec::new();
    for before in &demo.0.baselines {
        let now = Baseline::of(&before.code, &demo.desk().coverage(&before.code).await?)?;
        compared.push(Compared {
            code: now.code,
            program: now.program,
            same: now.csv == before.csv && now.ics == before.ics,
        });
    }
    Ok(compared)
}

#[derive(Template)]
#[template(path = "demo/coverage.html")]
struct CoveragePage<'a> {
    w: &'static Words,
    code: &'a str,
    program: &'a str,
    files: [File<'a>; 2],
    rows: Vec<[String; 4]>,
    left_off: usize,
}

/// One of the two files, with its hash then and now.
struct File<'a> {
    name: &'static str,
    before: &'a str,
    now: String,
}

impl File<'_> {
    fn is_same(&self) -> bool {
        self.before == self.now
    }
}

async fn show(State(demo): State<Demo>, Path(code): Path<String>) -> Result<Response, Refusal> {
    let (before, coverage) = find(&demo, &code).await?;
    let now = Baseline::of(&code, &coverage)?;
    let row = |row: &crate::desk::coverage::Covered| {
        let hours = format!("{}–{}", row.start, row.end);
        [row.resident.clone(), row.cohort.clone(), row.date.format("%a, %b %-d").to_string(), hours]
    };
    Ok(dressed(page::ok(&CoveragePage {
        w: words(),
        code: &before.code,
        program: &before.program,
        files: [
            File { name: "coverage.csv", before: &before.csv, now: now.csv },
            File { name: "coverage.ics", before: &before.ics, now: now.ics },
        ],
        rows: coverage.rows.iter().take(ROWS).map(row).collect(),
        left_off: coverage.rows.len().saturating_sub(ROWS),
    })))
}

async fn csv(State(demo): State<Demo>, Path(code): Path<String>) -> Result<Response, Refusal> {
    let (_, coverage) = find(&demo, &code).await?;
    Ok(file("text/csv; charset=utf-8", "attachment; filename=\"coverage.csv\"", coverage.csv()?))
}

async fn ics(State(demo): State<Demo>, Path(code): Path<String>) -> Result<Response, Refusal> {
    let (_, coverage) = find(&demo, &code).await?;
    Ok(file("text/calendar; charset=utf-8", "attachment; filename=\"coverage.ics\"", coverage.ics()))
}

fn file(content_type: &'static str, disposition: &'static str, body: String) -> Response {
    ([(CONTENT_TYPE, content_type), (CONTENT_DISPOSITION, disposition)], body).into_response()
}

async fn find<'a>(demo: &'a Demo, code: &str) -> Result<(&'a Baseline, Coverage), Refusal> {
    let before = demo.0.baselines.iter().find(|baseline| baseline.code == code);
    let before = before.ok_or_else(Refusal::nothing)?;
    Ok((before, demo.desk().coverage(code).await?))
}
