//! Who among the staff may do what: listed, invited and taken away, for directors. Never a resident or a therapist.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::problem::{Problem, Problems};
use super::who::Bearer;
use crate::desk::invite::called;
use crate::desk::session::Session;
use crate::domain::identity::Address;
use crate::domain::people::Program;
use crate::domain::staff::Role;
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new().routes(routes!(staff)).routes(routes!(invite)).routes(routes!(revoke))
}

/// A member of staff.
#[derive(Serialize, ToSchema)]
struct ColleagueTold {
    /// Identifier.
    id: String,
    /// What they are called among colleagues.
    name: String,
    /// Where mail goes.
    email: String,
    /// What they may do.
    roles: Vec<RoleTold>,
}

/// Something that somebody may do.
#[derive(Serialize, ToSchema)]
struct RoleTold {
    /// Which role.
    role: RoleName,
    /// The code of a coordinator's program.
    program: Option<String>,
}

/// A role.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum RoleName {
    /// Sets up what is offered, and sees facts without outcomes.
    Director,
    /// Leads the clinic, and belongs to no program.
    Lead,
    /// Looks after one program.
    Coordinator,
}

impl RoleTold {
    fn of(role: Role, programs: &[Program]) -> Self {
        let name = match role {
            Role::Director => RoleName::Director,
            Role::Lead => RoleName::Lead,
            Role::Coordinator(_) => RoleName::Coordinator,
        };
        let program = role.program().and_then(|id| programs.iter().find(|program| program.id == id));
        Self { role: name, program: program.map(|program| program.code.clone()) }
    }
}

/// A role of a name; a coordinator's with the program of a code, and no other with one.
async fn role(
    state: &WebState,
    session: &Session,
    name: RoleName,
    program: Option<&str>,
) -> Result<Role, Problem> {
    match (name, program) {
        (RoleName::Director, None) => Ok(Role::Director),
        (RoleName::Lead, None) => Ok(Role::Lead),
        (RoleName::Coordinator, Some(code)) => {
            Ok(Role::Coordinator(state.desk.program_of(session, code).await?.id))
        }
        (RoleName::Coordinator, None) => {
            Err(Problem::unreadable("program: a coordinator has one; give its code"))
        }
        (_, Some(_)) => Err(Problem::unreadable("program: only a coordinator has one; leave it away")),
    }
}

/// Everybody among the staff with what they may do, for directors.
#[utoipa::path(get, path = "/api/v1/staff", tag = "staff",
    responses((status = 200, body = Vec<ColleagueTold>), Problems))]
async fn staff(
    State(state): State<WebState>,
    Bearer(session): Bearer,
) -> Result<Json<Vec<ColleagueTold>>, Problem> {
    let colleagues = state.desk.colleagues(&session).await?;
    let programs = state.desk.programs_of(&session).await?;
    let told = colleagues.into_iter().map(|one| ColleagueTold {
        id: one.id.to_string(),
        name: called(&one.identity),
        // Colleagues write to each other.
        email: one.identity.address().reveal().to_owned(),
        roles: one.roles.into_iter().map(|role| RoleTold::of(role, &programs)).collect(),
    });
    Ok(Json(told.collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Invitation {
    /// What they are called.
    #[schema(min_length = 1, max_length = 100, example = "Rosa Example")]
    name: String,
    /// Where the letter goes.
    #[schema(max_length = 254, example = "rosa@example.edu")]
    email: String,
    /// What they are asked to do.
    role: RoleName,
    /// The code of a coordinator's program; none for the other roles.
    #[serde(default)]
    program: Option<String>,
}

/// What came of an invitation.
#[derive(Serialize, ToSchema)]
struct InvitedTold {
    /// Whether a letter is owed: not to somebody who had the role already.
    invited: bool,
}

/// Asks a colleague to help: grants the role, and owes them the letter that says so.
#[utoipa::path(post, path = "/api/v1/staff", tag = "staff", request_body = Invitation,
    responses((status = 200, body = InvitedTold), Problems))]
async fn invite(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    body: Result<Json<Invitation>, JsonRejection>,
) -> Result<Json<InvitedTold>, Problem> {
    session.director()?;
    let Json(invitation) = body?;
    let name = invitation.name.trim();
    if !(1..=100).contains(&name.chars().count()) {
        return Err(Problem::unreadable("name: give 1 to 100 characters"));
    }
    let address: Address = invitation
        .email
        .parse()
        .map_err(|_| Problem::unreadable("email: not an address; write one such as rosa@example.edu"))?;
    let role = role(&state, &session, invitation.role, invitation.program.as_deref()).await?;
    Ok(Json(InvitedTold { invited: state.desk.invite(&session, name, &address, role).await? }))
}

#[derive(Deserialize, IntoParams)]
struct OfProgram {
    /// The code of a coordinator's program.
    #[serde(default)]
    #[param(max_length = 100, nullable = false)]
    program: Option<String>,
}

/// Takes a role away. Whoever has none left is signed out everywhere. Done twice, it says the same.
#[utoipa::path(delete, path = "/api/v1/staff/{member}/roles/{role}", tag = "staff",
    params(("member" = String, Path, description = "Identifier of the member of staff."),
        ("role" = inline(RoleName), Path, description = "Which role."), OfProgram),
    responses((status = 204, description = "It is taken away."), Problems))]
async fn revoke(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    path: Result<Path<(String, RoleName)>, PathRejection>,
    query: Result<Query<OfProgram>, QueryRejection>,
) -> Result<StatusCode, Problem> {
    session.director()?;
    let Path((member, name)) = path?;
    let Query(OfProgram { program }) = query?;
    let member = member.parse().map_err(|_| Problem::nothing())?;
    let role = role(&state, &session, name, program.as_deref()).await?;
    state.desk.revoke(&session, member, role).await?;
    Ok(StatusCode::NO_CONTENT)
}
