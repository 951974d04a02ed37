//! A program's protected time from a file: looked through, then taken as it was shown. Never another program's.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::file::{LineTold, lines, tables};
use super::problem::{Problem, Problems};
use super::programs::program;
use super::who::Bearer;
use crate::desk::protect::{Format, ProtectionFile, ProtectionImported};
use crate::domain::protection::Mapping;
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new().routes(routes!(protect))
}

/// The form of a file of protected time.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum FormatTold {
    /// Rows of cohort or person, date, start and end.
    #[default]
    Csv,
    /// Amion's report 625c; its assignments are read by their usual names.
    Amion,
}

#[derive(Deserialize, IntoParams)]
struct Taking {
    /// The form of the file.
    #[serde(default)]
    #[param(inline)]
    format: FormatTold,
    /// Whether the file is the whole of the time of every cohort and person that it names, so that what is missing goes.
    #[serde(default)]
    replace: bool,
    /// What an answer without it said: then exactly that is done. Without it nothing is.
    #[serde(default)]
    #[param(max_length = 64, nullable = false)]
    shown: Option<String>,
}

/// What a file of protected time would do, or did.
#[derive(Serialize, ToSchema)]
struct ProtectionTold {
    /// Whether it was done.
    applied: bool,
    /// Send it back to have exactly this done.
    shown: String,
    /// Blocks that were not on file.
    added: usize,
    /// Blocks that stay as they are.
    unchanged: usize,
    /// Blocks that go.
    removed: usize,
    /// Lines that are not taken.
    refused: Vec<LineTold>,
    /// What is taken with a doubt.
    doubts: Vec<LineTold>,
    /// The headings of columns that were not read.
    ignored_columns: Vec<String>,
}

impl From<ProtectionImported> for ProtectionTold {
    fn from(imported: ProtectionImported) -> Self {
        Self {
            applied: imported.applied,
            shown: imported.digest(),
            added: imported.added,
            unchanged: imported.unchanged,
            removed: imported.removed,
            refused: lines(imported.refused),
            doubts: lines(imported.warnings),
            ignored_columns: imported.ignored_columns,
        }
    }
}

/// Looks protected time through, at most 2 MB of CSV; with `shown`, takes it. Visits are not moved.
#[utoipa::path(post, path = "/api/v1/programs/{program}/protected-time", tag = "programs",
    params(("program" = String, Path, description = "The program's code."), Taking),
    request_body(content = String, content_type = "text/csv",
        example = "program,cohort,date,start,end\nIM,A,2027-07-13,13:00,17:00\n"),
    responses((status = 200, body = ProtectionTold), Problems))]
async fn protect(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    code: Result<Path<String>, PathRejection>,
    query: Result<Query<Taking>, QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ProtectionTold>, Problem> {
    let program = program(&state, &session, code).await?;
    let Query(Taking { format, replace, shown }) = query?;
    let tables = tables(&headers, &body, "protected-time.csv").await?;
    let format = match format {
        FormatTold::Csv => Format::Csv,
        FormatTold::Amion => Format::Amion,
    };
    let mapping = Mapping::default();
    let file = ProtectionFile { tables: &tables, format, mapping: &mapping, replace };
    let Some(shown) = shown else {
        return Ok(Json(state.desk.look_at_protection(&session, &program, &file).await?.into()));
    };
    let taken = state.desk.take_shown_protection(&session, &program, &file, &shown).await?;
    if taken.applied { Ok(Json(taken.into())) } else { Err(Problem::changed()) }
}
