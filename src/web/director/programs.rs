//! Programs and sites: who looks after each program and whether it is ready, and adding or changing one. Never a
//! resident.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::PROGRAMS;
use super::files::{self, FileForm, Said};
use super::form::{Field, FormPage, Typed};
use crate::desk::furnish::Kind;
use crate::desk::furniture::ProgramShown;
use crate::desk::session::Session;
use crate::domain::people::Site;
use crate::web::body::{Token, Upload};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::{Door, Shell};
use crate::web::words::setup::{SetupWords, setup};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path, told};

const NEW: &str = "/institution/programs/new";

/// The routes of programs.
pub fn routes() -> Doors {
    Doors::new()
        .route(PROGRAMS, get(list))
        .route(NEW, get(new).post(add))
        .route("/institution/programs/file", post(file))
        .route("/institution/programs/{program}", get(edit).post(change))
}

#[derive(Template)]
#[template(path = "director/programs.html")]
struct ProgramsPage {
    w: &'static Words,
    s: &'static SetupWords,
    shell: Shell,
    beside: Vec<Door>,
    said: String,
    programs: Vec<ProgramTold>,
    sites: Vec<Site>,
    ready_heading: String,
    file: FileForm,
    sites_file: FileForm,
}

struct ProgramTold {
    name: String,
    code: String,
    place: String,
    residents: usize,
    coordinators: Vec<String>,
    ready: Option<String>,
    open: String,
    edit: String,
}

impl ProgramTold {
    fn of(w: &Words, s: &SetupWords, shown: ProgramShown) -> Self {
        let since = |at: crate::domain::time::Instant| {
            let day = crate::domain::time::wall(at, shown.program.zone).date();
            filled(s.programs_ready_since, &[("date", &told::date(w, day))])
        };
        Self {
            ready: shown.ready.map(since),
            open: program_path(&shown.program.code),
            edit: format!("{PROGRAMS}/{}", shown.program.id),
            place: format!("{}, {}", shown.program.state.as_str(), shown.program.zone.name()),
            name: shown.program.name,
            code: shown.program.code,
            residents: shown.residents,
            coordinators: shown.coordinators,
        }
    }
}

async fn list(
    State(state): State<WebState>,
    Director(session): Director,
    Query(said): Query<Said>,
) -> Result<Response, Refusal> {
    let (w, s) = (words(), setup());
    let furniture = state.desk.furniture(&session).await?;
    let ready_heading =
        furniture.season.map(|season| filled(s.programs_ready, &[("season", &season)])).unwrap_or_default();
    Ok(with_origin(page::ok(&ProgramsPage {
        w,
        s,
        shell: super::shell(PROGRAMS),
        beside: super::beside(PROGRAMS),
        said: said.in_words(),
        programs: furniture.programs.into_iter().map(|shown| ProgramTold::of(w, s, shown)).collect(),
        sites: furniture.sites,
        ready_heading,
        file: FileForm::of(Kind::Programs),
        sites_file: FileForm::of(Kind::Sites),
    })))
}

/// The fields of a program; `code` is fixed where it is on file.
fn fields(code: Option<&str>, value: impl Fn(&str) -> String) -> Vec<Field> {
    let s = setup();
    let code = match code {
        Some(code) => Field::new("code", "fixed", (s.f_code, s.f_code_hint)).with(code),
        None => Field::new("code", "text", (s.f_code, s.f_code_hint)).needed().with(value("code")),
    };
    let field = |name, kind, words| Field::new(name, kind, words).needed().with(value(name));
    vec![
        code,
        field("name", "text", (s.f_program_name, "")),
        field("zone", "zone", (s.f_zone, s.f_zone_hint)),
        field("state", "text", (s.f_state, s.f_state_hint)),
        field("coordinator_email", "email", (s.f_contact, s.f_contact_hint)),
    ]
}

fn form(title: String, action: String, fields: Vec<Field>) -> FormPage {
    FormPage::new(title, action, PROGRAMS, fields)
}

async fn new(Director(_): Director) -> Response {
    form(setup().programs_add.to_owned(), NEW.to_owned(), fields(None, |_| String::new())).shown()
}

async fn add(
    State(state): State<WebState>,
    Director(session): Director,
    typed: Typed,
) -> Result<Response, Refusal> {
    let fields = fields(None, |name| typed.get(name));
    let form = form(setup().programs_add.to_owned(), NEW.to_owned(), fields);
    form.save(&state, &session, Kind::Programs, true).await
}

async fn found(state: &WebState, session: &Session, id: &str) -> Result<ProgramShown, Refusal> {
    let furniture = state.desk.furniture(session).await?;
    let found = furniture.programs.into_iter().find(|shown| shown.program.id.to_string() == id);
    found.ok_or_else(Refusal::nothing)
}

async fn edit(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
) -> Result<Response, Refusal> {
    let shown = found(&state, &session, &id).await?;
    let fields = fields(Some(&shown.program.code), |name| match name {
        "name" => shown.program.name.clone(),
        "zone" => shown.program.zone.name().to_owned(),
        "state" => shown.program.state.as_str().to_owned(),
        _ => shown.contact.clone(),
    });
    Ok(form(title(&shown), format!("{PROGRAMS}/{id}"), fields).shown())
}

fn title(shown: &ProgramShown) -> String {
    filled(setup().programs_edit, &[("name", &shown.program.name)])
}

async fn change(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
    typed: Typed,
) -> Result<Response, Refusal> {
    let shown = found(&state, &session, &id).await?;
    let fields = fields(Some(&shown.program.code), |name| typed.get(name));
    let form = form(title(&shown), format!("{PROGRAMS}/{id}"), fields);
    form.save(&state, &session, Kind::Programs, false).await
}

async fn file(
    State(state): State<WebState>,
    Director(session): Director,
    upload: Upload,
) -> Result<Response, Refusal> {
    files::take(&state, &session, Kind::Programs, upload, PROGRAMS).await
}
