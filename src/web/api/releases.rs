//! The releases of one program: the figure of its own unit, frozen. Never another program's, and nothing that is not frozen.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::offerings::{FigureTold, WithdrawnTold};
use super::problem::{Problem, Problems};
use super::programs::program;
use super::who::Bearer;
use crate::desk::program_releases::{ProgramRelease, Scope};
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new().routes(routes!(releases))
}

/// A season's release for one program.
#[derive(Serialize, ToSchema)]
struct ReleaseTold {
    /// Identifier of the offering.
    offering: String,
    /// Its neutral title.
    title: String,
    /// The day of its release.
    release_on: NaiveDate,
    /// In which figure the program stands.
    counted_in: ScopeTold,
    /// Whether the release is frozen and shown.
    released: bool,
    /// That it was withdrawn, and is never drawn again.
    withdrawn: Option<WithdrawnTold>,
    /// The frozen figure in which the program stands; none before the day, and none for too few people.
    figures: Vec<FigureTold>,
}

/// In which figure a program's residents are counted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ScopeTold {
    /// In one of the program alone.
    Program,
    /// In one of all small programs together.
    SmallerPrograms,
    /// In the institution's total alone.
    Institution,
    /// In none: too few people.
    Nothing,
}

impl From<ProgramRelease> for ReleaseTold {
    fn from(one: ProgramRelease) -> Self {
        let figures = one.release.iter().flat_map(|release| &release.figures);
        Self {
            figures: figures.map(FigureTold::from).collect(),
            released: one.release.is_some(),
            withdrawn: one.withdrawn.map(WithdrawnTold::from),
            counted_in: match one.scope {
                Scope::Own => ScopeTold::Program,
                Scope::Smaller => ScopeTold::SmallerPrograms,
                Scope::Institution => ScopeTold::Institution,
                Scope::Nothing => ScopeTold::Nothing,
            },
            offering: one.season.offering.to_string(),
            title: one.season.title,
            release_on: one.season.release_on,
        }
    }
}

/// The releases of a program, the newest first. Noise of known strength was added on purpose.
#[utoipa::path(get, path = "/api/v1/programs/{program}/releases", tag = "programs",
    params(("program" = String, Path, description = "The program's code.")),
    responses((status = 200, body = Vec<ReleaseTold>), Problems))]
async fn releases(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    code: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<ReleaseTold>>, Problem> {
    let program = program(&state, &session, code).await?;
    let releases = state.desk.releases_of(&session, &program).await?;
    Ok(Json(releases.into_iter().map(ReleaseTold::from).collect()))
}
