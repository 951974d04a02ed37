//! A therapist's own visits, and their marks. Never anybody else's.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::problem::{Problem, Problems};
use super::told::{ModalityTold, SpanTold};
use super::who::Bearer;
use crate::domain::booking::Mark;
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new().routes(routes!(agenda)).routes(routes!(mark))
}

/// Two weeks of visits.
#[derive(Serialize, ToSchema)]
struct AgendaTold {
    /// The zone of the therapist's days, as IANA names it.
    zone: String,
    /// The visits, in order of time.
    visits: Vec<VisitTold>,
}

/// A visit.
#[derive(Serialize, ToSchema)]
struct VisitTold {
    /// What it is marked by.
    seat: String,
    /// When.
    #[serde(flatten)]
    span: SpanTold,
    /// The code under which the calendar feed shows it.
    code: String,
    /// Who comes.
    name: String,
    /// How it is attended.
    modality: ModalityTold,
    /// What was noted; none for nothing yet.
    mark: Option<MarkTold>,
    /// Whether it has begun, so that it can be marked.
    may_mark: bool,
}

/// A note on a visit. Nothing clinical.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum MarkTold {
    /// The resident came.
    Kept,
    /// The resident did not come.
    Missed,
}

/// An answer spans so many days.
const DAYS: u64 = 14;

#[derive(Deserialize, IntoParams)]
struct From {
    /// The first of the fourteen days, in the therapist's zone; today if it is left away.
    from: Option<NaiveDate>,
}

/// Your visits in fourteen days.
#[utoipa::path(get, path = "/api/v1/agenda", tag = "therapists", params(From),
    responses((status = 200, body = AgendaTold), Problems))]
async fn agenda(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    query: Result<Query<From>, QueryRejection>,
) -> Result<Json<AgendaTold>, Problem> {
    let Query(From { from }) = query?;
    if from.is_some_and(|day| !(2000..2200).contains(&day.year())) {
        return Err(Problem::unreadable("from: give a day between the years 2000 and 2199"));
    }
    let agenda = state.desk.agenda(&session, from, DAYS).await?;
    let visits = agenda.days.into_iter().flat_map(|day| day.visits).map(|visit| VisitTold {
        seat: visit.seat.to_string(),
        span: visit.span.into(),
        code: visit.code,
        name: visit.name,
        modality: visit.modality.into(),
        mark: visit.mark.map(|mark| match mark {
            Mark::Kept => MarkTold::Kept,
            Mark::Missed => MarkTold::Missed,
        }),
        may_mark: visit.may_mark,
    });
    Ok(Json(AgendaTold { zone: agenda.zone.name().to_owned(), visits: visits.collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMark {
    /// What to note; none to take the note back.
    mark: Option<MarkTold>,
}

/// Marks one of your visits that has begun, or takes the mark back.
#[utoipa::path(put, path = "/api/v1/agenda/{seat}/mark", tag = "therapists", request_body = NewMark,
    params(("seat" = String, Path, description = "The seat of a visit of your agenda.")),
    responses((status = 204, description = "It is noted."), Problems))]
async fn mark(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    seat: Result<Path<String>, PathRejection>,
    body: Result<Json<NewMark>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    session.therapist()?;
    let Path(seat) = seat?;
    let Json(NewMark { mark }) = body?;
    let seat = seat.parse().map_err(|_| Problem::nothing())?;
    let mark = mark.map(|mark| match mark {
        MarkTold::Kept => Mark::Kept,
        MarkTold::Missed => Mark::Missed,
    });
    state.desk.mark(&session, seat, mark).await?;
    Ok(StatusCode::NO_CONTENT)
}
