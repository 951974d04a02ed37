//! A file in the body of a request: read within bounds, and told line by line where it is refused. Never keeps one.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::desk::imported::Imported;
use crate::domain::table::{RowRefusal, Table};
use crate::web::reading;

/// Something to be said of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineTold {
    /// The line of the file.
    line: u32,
    /// The column's heading.
    column: Option<String>,
    /// What is wrong.
    problem: String,
    /// What to do.
    remedy: String,
}

impl From<RowRefusal> for LineTold {
    fn from(row: RowRefusal) -> Self {
        Self { line: row.line, column: row.column, problem: row.problem, remedy: row.remedy }
    }
}

/// Lines in the order of the file.
pub fn lines(rows: Vec<RowRefusal>) -> Vec<LineTold> {
    rows.into_iter().map(LineTold::from).collect()
}

/// What a file did that is taken whole or not at all.
#[derive(Serialize, ToSchema)]
pub struct TakenTold {
    /// What was not on file.
    added: usize,
    /// What was on file and said something else.
    changed: usize,
    /// What was on file as the file has it.
    unchanged: usize,
    /// What is taken with a doubt.
    doubts: Vec<LineTold>,
    /// The headings of columns that were not read.
    ignored_columns: Vec<String>,
}

impl TakenTold {
    /// What was taken; a problem with its lines where nothing was.
    pub fn of(imported: Imported) -> Result<Self, Problem> {
        if !imported.refused.is_empty() {
            return Err(Problem::of_lines(lines(imported.refused)));
        }
        Ok(Self {
            added: imported.added,
            changed: imported.changed,
            unchanged: imported.unchanged,
            doubts: lines(imported.warnings),
            ignored_columns: imported.ignored_columns,
        })
    }
}

/// The rows of a body of CSV; its length is bounded before it comes here. `name` stands in refusals.
pub async fn tables(headers: &HeaderMap, body: &[u8], name: &str) -> Result<Vec<Table>, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/csv") {
        return Err(Problem::not_csv());
    }
    let (_, tables) = reading::tables(body.to_vec(), name).await;
    tables.map_err(|problem| Problem::unreadable(problem.to_string()))
}
