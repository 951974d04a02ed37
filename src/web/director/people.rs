//! The people who help: who may do what, inviting a colleague, and taking a role away. Never a resident or a therapist.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::PEOPLE;
use crate::desk::Error;
use crate::desk::invite::called;
use crate::desk::session::Session;
use crate::domain::identity::Address;
use crate::domain::people::Program;
use crate::domain::staff::Role;
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::director::{DirectorWords, director};
use crate::web::words::setup::setup;
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page};

/// The routes of the people.
pub fn routes() -> Doors {
    Doors::new().route(PEOPLE, get(show).post(invite)).route("/institution/people/take-away", post(take_away))
}

#[derive(Template)]
#[template(path = "director/people.html")]
struct PeoplePage {
    w: &'static Words,
    d: &'static DirectorWords,
    shell: Shell,
    colleagues: Vec<ColleagueTold>,
    roles: Vec<RoleTold>,
    said: &'static str,
    refused: Wrong,
    name: String,
    address: String,
}

/// What of the form cannot be taken.
#[derive(Default)]
struct Wrong {
    name: &'static str,
    address: &'static str,
    role: &'static str,
    last: &'static str,
}

impl Wrong {
    /// What stands above the form; empty where nothing is wrong.
    fn summary(&self) -> &'static str {
        match self {
            Self { last, .. } if !last.is_empty() => last,
            wrong if wrong.fields().is_empty() => "",
            _ => setup().form_wrong,
        }
    }

    /// What is wrong, each with its field.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let d = director();
        let fields = [
            ("name", d.people_name, self.name),
            ("address", d.people_address, self.address),
            ("role", d.people_role, self.role),
        ];
        let wrong = fields.into_iter().filter(|(_, _, problem)| !problem.is_empty());
        wrong.map(|(name, label, problem)| (name, format!("{label}: {problem}"))).collect()
    }
}

struct ColleagueTold {
    id: String,
    name: String,
    address: String,
    roles: Vec<RoleTold>,
}

struct RoleTold {
    value: String,
    label: String,
    take: String,
    chosen: bool,
}

/// A role as a form writes it: its name, and behind a colon the program.
fn written(role: Role) -> String {
    match role.program() {
        Some(program) => format!("{}:{program}", role.name()),
        None => role.name().to_owned(),
    }
}

fn read(text: &str) -> Option<Role> {
    let (name, program) = text.split_once(':').map_or((text, None), |(name, id)| (name, Some(id)));
    let program = program.map(str::parse).transpose().ok()?;
    Role::read(name, program).ok()
}

fn label(d: &DirectorWords, role: Role, programs: &[Program]) -> String {
    match role {
        Role::Director => d.role_director.to_owned(),
        Role::Lead => d.role_lead.to_owned(),
        Role::Coordinator(id) => match programs.iter().find(|program| program.id == id) {
            Some(program) => filled(d.role_coordinator, &[("name", &program.name), ("code", &program.code)]),
            None => d.role_gone.to_owned(),
        },
    }
}

/// What was typed, kept where it cannot be taken.
#[derive(Debug, Default, Deserialize)]
struct Invitation {
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    role: String,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    said: String,
}

async fn people(
    state: &WebState,
    session: &Session,
    typed: Invitation,
    wrong: Wrong,
) -> Result<PeoplePage, Refusal> {
    let d = director();
    let mut programs = state.desk.programs_of(session).await?;
    programs.sort_by_cached_key(|program| program.name.to_lowercase());
    let told = |role: Role, who: &str| {
        let (value, label) = (written(role), label(d, role, &programs));
        let take = filled(d.people_take_of, &[("who", who), ("role", &label)]);
        RoleTold { chosen: value == typed.role, value, label, take }
    };
    let colleagues = state.desk.colleagues(session).await?.into_iter().map(|colleague| {
        let name = called(&colleague.identity);
        // Colleagues write to each other.
        let address = colleague.identity.address().reveal().to_owned();
        let roles = colleague.roles.into_iter().map(|role| told(role, &name)).collect();
        ColleagueTold { id: colleague.id.to_string(), name, address, roles }
    });
    let colleagues = colleagues.collect();
    let all = programs.iter().map(|program| Role::Coordinator(program.id));
    let roles = all.chain([Role::Lead, Role::Director]).map(|role| told(role, "")).collect();
    let shell = super::shell(PEOPLE);
    let Invitation { name, address, .. } = typed;
    Ok(PeoplePage { w: words(), d, shell, colleagues, roles, said: "", refused: wrong, name, address })
}

async fn show(
    State(state): State<WebState>,
    Director(session): Director,
    Query(query): Query<Said>,
) -> Result<Response, Refusal> {
    let d = director();
    let said = match query.said.as_str() {
        "invited" => d.people_invited,
        "known" => d.people_known,
        "taken" => d.people_taken,
        _ => "",
    };
    let page = people(&state, &session, Invitation::default(), Wrong::default()).await?;
    Ok(with_origin(page::ok(&PeoplePage { said, ..page })))
}

async fn invite(
    State(state): State<WebState>,
    Director(session): Director,
    Fields(form): Fields<Invitation>,
) -> Result<Response, Refusal> {
    let d = director();
    let (address, role) = (form.address.parse::<Address>(), read(&form.role));
    let name = form.name.trim();
    let named = (1..=100).contains(&name.chars().count());
    if let (true, Ok(address), Some(role)) = (named, &address, role) {
        let said = match state.desk.invite(&session, name, address, role).await {
            Ok(true) => "invited",
            Ok(false) => "known",
            Err(Error::Refused(_)) => {
                let wrong = Wrong { role: d.people_apart, ..Wrong::default() };
                let page = people(&state, &session, form, wrong).await?;
                return Ok(with_origin(page::page(StatusCode::CONFLICT, &page)));
            }
            Err(other) => return Err(other.into()),
        };
        return Ok(Redirect::to(&format!("{PEOPLE}?said={said}")).into_response());
    }
    let wrong = Wrong {
        name: if named { "" } else { d.people_no_name },
        address: if address.is_ok() { "" } else { d.people_no_address },
        role: if role.is_some() { "" } else { d.people_no_role },
        last: "",
    };
    let page = people(&state, &session, form, wrong).await?;
    Ok(with_origin(page::page(StatusCode::UNPROCESSABLE_ENTITY, &page)))
}

#[derive(Deserialize)]
struct Taken {
    staff: String,
    role: String,
}

async fn take_away(
    State(state): State<WebState>,
    Director(session): Director,
    Fields(form): Fields<Taken>,
) -> Result<Response, Refusal> {
    let staff = form.staff.parse().map_err(|_| Refusal::nothing())?;
    let role = read(&form.role).ok_or_else(Refusal::nothing)?;
    match state.desk.revoke(&session, staff, role).await {
        Ok(()) => Ok(Redirect::to(&format!("{PEOPLE}?said=taken")).into_response()),
        Err(Error::Refused(_)) => {
            let wrong = Wrong { last: director().people_last, ..Wrong::default() };
            let page = people(&state, &session, Invitation::default(), wrong).await?;
            Ok(with_origin(page::page(StatusCode::CONFLICT, &page)))
        }
        Err(other) => Err(other.into()),
    }
}
