//! Who a token speaks for, and what they may do.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::problem::{Problem, Problems};
use super::told::ProgramTold;
use super::who::Bearer;
use crate::desk::session::Who;
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new().routes(routes!(me)).routes(routes!(programs))
}

/// Who a token speaks for.
#[derive(Serialize, ToSchema)]
struct Me {
    /// What kind of user.
    kind: Kind,
    /// Whether they direct the institution.
    directs: bool,
    /// Whether they lead the clinic.
    leads: bool,
}

/// A kind of user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// Holds visits.
    Therapist,
    /// Runs something.
    Staff,
}

/// Who this token speaks for.
#[utoipa::path(get, path = "/api/v1/me", tag = "account", responses((status = 200, body = Me), Problems))]
async fn me(Bearer(session): Bearer) -> Json<Me> {
    Json(match &session.who {
        Who::Therapist(_) => Me { kind: Kind::Therapist, directs: false, leads: false },
        Who::Staff(_, grants) => Me { kind: Kind::Staff, directs: grants.directs(), leads: grants.leads() },
    })
}

/// The programs in which you may do what a coordinator may.
#[utoipa::path(get, path = "/api/v1/programs", tag = "programs",
    responses((status = 200, body = Vec<ProgramTold>), Problems))]
async fn programs(
    State(state): State<WebState>,
    Bearer(session): Bearer,
) -> Result<Json<Vec<ProgramTold>>, Problem> {
    let programs = state.desk.programs_of(&session).await?;
    Ok(Json(programs.into_iter().map(ProgramTold::from).collect()))
}
