//! What a coordinator does in one program: roster, plan, readiness and coverage. Never what a resident did.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::problem::{Problem, Problems};
use super::who::Bearer;
use crate::desk::coverage::Covered;
use crate::desk::roster::{Asked, Listed};
use crate::desk::season::UnplacedShown;
use crate::desk::session::Session;
use crate::domain::people::Program;
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new()
        .routes(routes!(roster))
        .routes(routes!(plan))
        .routes(routes!(ready))
        .routes(routes!(coverage))
}

/// The program of a code, for whoever may do there what its coordinator may.
pub(super) async fn program(
    state: &WebState,
    session: &Session,
    code: Result<Path<String>, PathRejection>,
) -> Result<Program, Problem> {
    let Path(code) = code?;
    Ok(state.desk.program_of(session, &code).await?)
}

/// A page of a roster.
#[derive(Serialize, ToSchema)]
struct RosterTold {
    /// How many there are on all pages.
    found: usize,
    /// This page, from 0.
    page: usize,
    /// By family name.
    people: Vec<PersonTold>,
}

/// Somebody on a roster.
#[derive(Serialize, ToSchema)]
struct PersonTold {
    /// Identifier.
    id: String,
    /// The family name.
    family: String,
    /// The given name; may be empty.
    given: String,
    /// Where mail goes.
    email: String,
    /// The year of training.
    pgy: Option<u8>,
    /// The cohort.
    cohort: Option<String>,
    /// The site.
    site: Option<String>,
    /// First day on the roster.
    starts_on: Option<NaiveDate>,
    /// Last day on the roster.
    ends_on: Option<NaiveDate>,
    /// Whether the announcement, which everybody gets, could not be delivered.
    unreached: bool,
    /// Whether no protected time is on file for them or their cohort.
    unprotected: bool,
}

impl From<Listed> for PersonTold {
    fn from(one: Listed) -> Self {
        Self {
            id: one.known.id.to_string(),
            // Told to whoever keeps this roster.
            email: one.known.address.reveal().to_owned(),
            family: one.known.family,
            given: one.known.given,
            pgy: one.known.pgy,
            cohort: one.known.cohort,
            site: one.known.site,
            starts_on: one.known.starts_on,
            ends_on: one.known.ends_on,
            unreached: one.unreached,
            unprotected: one.unprotected,
        }
    }
}

#[derive(Deserialize, IntoParams)]
struct Wanted {
    /// What a name or an address contains; everybody if it is left away.
    #[serde(default)]
    #[param(max_length = 200, nullable = false)]
    search: Option<String>,
    /// Which page of a hundred, from 0.
    #[serde(default)]
    #[param(nullable = false)]
    page: Option<u32>,
}

/// The roster of a program, a hundred people a page.
#[utoipa::path(get, path = "/api/v1/programs/{program}/roster", tag = "programs",
    params(("program" = String, Path, description = "The program's code."), Wanted),
    responses((status = 200, body = RosterTold), Problems))]
async fn roster(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    code: Result<Path<String>, PathRejection>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<RosterTold>, Problem> {
    let program = program(&state, &session, code).await?;
    let Query(Wanted { search, page }) = query?;
    let search = search.unwrap_or_default();
    if search.chars().count() > 200 {
        return Err(Problem::unreadable("search: give at most 200 characters"));
    }
    let page = usize::try_from(page.unwrap_or(0)).unwrap_or(usize::MAX);
    let asked = Asked { search, left: false, page };
    let roster = state.desk.roster(&session, &program, &asked).await?;
    let people = roster.people.into_iter().map(PersonTold::from).collect();
    Ok(Json(RosterTold { found: roster.found, page: roster.page, people }))
}

/// What booking would do for one program.
#[derive(Serialize, ToSchema)]
struct PlanTold {
    /// Residents on the program's roster.
    residents: usize,
    /// How many of them this plan places.
    placed: usize,
    /// How many a batch placed before.
    already: usize,
    /// Who cannot be placed, and why.
    unplaced: Vec<UnplacedTold>,
    /// SHA-256 of the seed that decides this plan.
    seed_hash: String,
}

/// Somebody without a seat.
#[derive(Serialize, ToSchema)]
struct UnplacedTold {
    /// Name as on the roster.
    resident: String,
    /// Cohort.
    cohort: Option<String>,
    /// Why, and what would help, in words.
    reason: String,
}

impl From<UnplacedShown> for UnplacedTold {
    fn from(one: UnplacedShown) -> Self {
        Self { resident: one.resident, cohort: one.cohort, reason: one.reason }
    }
}

/// What booking would do for one program. Writes nothing.
#[utoipa::path(get, path = "/api/v1/programs/{program}/plan/{offering}", tag = "programs",
    params(("program" = String, Path, description = "The program's code."),
        ("offering" = String, Path, description = "Identifier of the offering.")),
    responses((status = 200, body = PlanTold), Problems))]
async fn plan(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<PlanTold>, Problem> {
    let Path((code, offering)) = path?;
    let program = program(&state, &session, Ok(Path(code))).await?;
    let plan = state.desk.plan_of(&session, &program, &offering).await?;
    Ok(Json(PlanTold {
        residents: plan.residents,
        placed: plan.placed,
        already: plan.already,
        unplaced: plan.unplaced.into_iter().map(UnplacedTold::from).collect(),
        seed_hash: plan.seed_hash,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Ready {
    /// Whether roster and protected time are complete.
    ready: bool,
}

/// Says that a program's roster and protected time are complete, or no longer are.
#[utoipa::path(put, path = "/api/v1/programs/{program}/ready/{offering}", tag = "programs", request_body = Ready,
    params(("program" = String, Path, description = "The program's code."),
        ("offering" = String, Path, description = "Identifier of the offering.")),
    responses((status = 204, description = "It is noted."), Problems))]
async fn ready(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Result<Json<Ready>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Path((code, offering)) = path?;
    let program = program(&state, &session, Ok(Path(code))).await?;
    let Json(Ready { ready }) = body?;
    state.desk.set_ready(&session, &offering, program.id, ready).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A protected block of one resident.
#[derive(Serialize, ToSchema)]
struct CoveredTold {
    /// Family name and given name.
    resident: String,
    /// Cohort; may be empty.
    cohort: String,
    /// The day on which it begins.
    date: NaiveDate,
    /// When it begins, by the clock on the wall.
    #[schema(example = "13:00")]
    start: String,
    /// When it ends; at or before the start it is on the next day.
    #[schema(example = "17:00")]
    end: String,
    /// Where the clock hangs, as IANA names it.
    zone: String,
}

impl From<Covered> for CoveredTold {
    fn from(row: Covered) -> Self {
        let zone = row.zone.name().to_owned();
        Self {
            resident: row.resident,
            cohort: row.cohort,
            date: row.date,
            start: row.start,
            end: row.end,
            zone,
        }
    }
}

/// When the residents of a program are free of duty, for whoever plans who covers whom.
#[utoipa::path(get, path = "/api/v1/programs/{program}/coverage", tag = "programs",
    params(("program" = String, Path, description = "The program's code.")),
    responses((status = 200, body = Vec<CoveredTold>), Problems))]
async fn coverage(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    code: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<CoveredTold>>, Problem> {
    let program = program(&state, &session, code).await?;
    let coverage = state.desk.coverage_fetched(&session, &program).await?;
    Ok(Json(coverage.rows.into_iter().map(CoveredTold::from).collect()))
}
