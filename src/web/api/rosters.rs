//! A program's roster from a file: looked through, then taken as it was shown. Never by half, and never another program's.

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
use crate::desk::roster_import::{Choices, Proposal};
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new().routes(routes!(import))
}

#[derive(Deserialize, IntoParams)]
struct Taking {
    /// Whether the file is the whole roster, so that who is missing leaves it.
    #[serde(default)]
    whole: bool,
    /// What an answer without it said: then exactly that is done. Without it nothing is.
    #[serde(default)]
    #[param(max_length = 64, nullable = false)]
    shown: Option<String>,
}

/// What a file would do, or did.
#[derive(Serialize, ToSchema)]
struct ProposalTold {
    /// Whether it was done.
    applied: bool,
    /// Send it back to have exactly this done.
    shown: String,
    /// People who were not on file.
    added: usize,
    /// People of whom something changes.
    changed: usize,
    /// People who stay as they are.
    unchanged: usize,
    /// People who leave.
    leaving: usize,
    /// People whom the file does not name, and who stay.
    absent: usize,
    /// Lines on which somebody must say whether they mean a person on file; they are not taken.
    questions: usize,
    /// Lines that are not taken.
    refused: Vec<LineTold>,
    /// What is taken with a doubt.
    doubts: Vec<LineTold>,
}

impl ProposalTold {
    fn of(proposal: Proposal, applied: bool) -> Self {
        Self {
            applied,
            shown: proposal.shown,
            added: proposal.added.len(),
            changed: proposal.changed.len(),
            unchanged: proposal.unchanged,
            leaving: proposal.leaving.len(),
            absent: proposal.absent.len(),
            questions: proposal.questions.len(),
            refused: lines(proposal.refused),
            doubts: lines(proposal.doubts),
        }
    }
}

/// Looks a roster through, at most 2 MB of CSV; with `shown`, takes it.
#[utoipa::path(post, path = "/api/v1/programs/{program}/roster", tag = "programs",
    params(("program" = String, Path, description = "The program's code."), Taking),
    request_body(content = String, content_type = "text/csv",
        example = "program,last_name,first_name,email,pgy,cohort,site,start_date\nIM,Example,Rosa,rosa@im.example.edu,1,A,Denver Main,2027-07-01\n"),
    responses((status = 200, body = ProposalTold), Problems))]
async fn import(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    code: Result<Path<String>, PathRejection>,
    query: Result<Query<Taking>, QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ProposalTold>, Problem> {
    let program = program(&state, &session, code).await?;
    let Query(Taking { whole, shown }) = query?;
    let tables = tables(&headers, &body, "roster.csv").await?;
    let choices = Choices { whole, ..Choices::default() };
    let proposal = state.desk.look_through(&session, &program, &tables, &choices).await?;
    let Some(shown) = shown else { return Ok(Json(ProposalTold::of(proposal, false))) };
    let taken = state.desk.take_roster(&session, &program, &tables, &choices, &shown).await?;
    taken.ok_or_else(Problem::changed)?;
    Ok(Json(ProposalTold::of(proposal, true)))
}
