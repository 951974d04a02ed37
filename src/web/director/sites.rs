//! Adding or changing one site, and a file of them. They are listed beside the programs.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::PROGRAMS;
use super::files;
use super::form::{Field, FormPage, Typed};
use crate::desk::furnish::Kind;
use crate::desk::session::Session;
use crate::domain::people::Site;
use crate::web::WebState;
use crate::web::body::{Token, Upload};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::Director;
use crate::web::words::filled;
use crate::web::words::setup::setup;

const NEW: &str = "/institution/sites/new";

/// The routes of sites.
pub fn routes() -> Doors {
    Doors::new()
        .route(NEW, get(new).post(add))
        .route("/institution/sites/file", post(file))
        .route("/institution/sites/{site}", get(edit).post(change))
}

/// The fields of a site; its name is fixed where it is on file.
fn fields(name: Option<&str>, value: impl Fn(&str) -> String) -> Vec<Field> {
    let s = setup();
    let site = match name {
        Some(name) => Field::new("site", "fixed", (s.f_site, s.f_site_hint)).with(name),
        None => Field::new("site", "text", (s.f_site, s.f_site_hint)).needed().with(value("site")),
    };
    vec![
        site,
        Field::new("zone", "zone", (s.f_zone, "")).needed().with(value("zone")),
        Field::new("state", "text", (s.f_state, "")).needed().with(value("state")),
        Field::new("address", "text", (s.f_address, "")).with(value("address")),
    ]
}

async fn new(Director(_): Director) -> Response {
    FormPage::new(setup().sites_add, NEW.to_owned(), PROGRAMS, fields(None, |_| String::new())).shown()
}

async fn add(
    State(state): State<WebState>,
    Director(session): Director,
    typed: Typed,
) -> Result<Response, Refusal> {
    let fields = fields(None, |name| typed.get(name));
    let form = FormPage::new(setup().sites_add, NEW.to_owned(), PROGRAMS, fields);
    form.save(&state, &session, Kind::Sites, true).await
}

async fn found(state: &WebState, session: &Session, id: &str) -> Result<Site, Refusal> {
    let furniture = state.desk.furniture(session).await?;
    furniture.sites.into_iter().find(|site| site.id.to_string() == id).ok_or_else(Refusal::nothing)
}

fn form(site: &Site, fields: Vec<Field>) -> FormPage {
    let title = filled(setup().programs_edit, &[("name", &site.name)]);
    FormPage::new(title, format!("/institution/sites/{}", site.id), PROGRAMS, fields)
}

async fn edit(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
) -> Result<Response, Refusal> {
    let site = found(&state, &session, &id).await?;
    let fields = fields(Some(&site.name), |name| match name {
        "zone" => site.zone.name().to_owned(),
        "state" => site.state.as_str().to_owned(),
        _ => site.address.clone(),
    });
    Ok(form(&site, fields).shown())
}

async fn change(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
    typed: Typed,
) -> Result<Response, Refusal> {
    let site = found(&state, &session, &id).await?;
    let fields = fields(Some(&site.name), |name| typed.get(name));
    form(&site, fields).save(&state, &session, Kind::Sites, false).await
}

async fn file(
    State(state): State<WebState>,
    Director(session): Director,
    upload: Upload,
) -> Result<Response, Refusal> {
    files::take(&state, &session, Kind::Sites, upload, PROGRAMS).await
}
