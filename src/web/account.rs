//! What everybody with a session has: a first page that leads on, and an end to sessions on all devices. Never says what
//! anybody else may do.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use zeroize::Zeroizing;

use super::refusal::Refusal;
use super::session::{self, Anybody, Staff, with_origin};
use super::shell::{Door, Shell};
use super::words::shell::shell;
use super::words::{Words, filled, words};
use super::{WebState, page};
use crate::desk::session::Session;
use crate::web::doors::Doors;

/// The routes of an account.
pub fn routes() -> Doors {
    Doors::new()
        .route("/home", get(home))
        .route("/account", get(show))
        .route("/account/sign-out", post(leave_everywhere))
        .route("/account/token", post(make_token))
        .route("/account/token/end", post(end_token))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    w: &'static Words,
    shell: Shell,
    places: Vec<(String, String)>,
}

/// Leads to the one place that somebody looks after, or lists them.
async fn home(State(state): State<WebState>, Staff(session): Staff) -> Result<Response, Refusal> {
    let mut places = places(&state, &session).await?;
    if places.len() == 1 {
        return Ok(Redirect::to(&places.remove(0).0).into_response());
    }
    let shell = Shell::new(String::new(), Vec::new(), "/home");
    Ok(with_origin(page::ok(&HomePage { w: words(), shell, places })))
}

async fn places(state: &WebState, session: &Session) -> Result<Vec<(String, String)>, Refusal> {
    let s = shell();
    let (_, grants) = session.staff()?;
    let mut places = Vec::new();
    if grants.directs() {
        places.push(("/overview".to_owned(), s.home_institution.to_owned()));
    }
    if grants.leads() {
        places.push(("/clinic".to_owned(), s.home_clinic.to_owned()));
    }
    let own: Vec<_> = grants.programs().collect();
    // A director comes to any program through the overview; here stand the ones that somebody looks after by name.
    for program in state.desk.programs_of(session).await?.into_iter().filter(|p| own.contains(&p.id)) {
        let label = filled(s.home_program, &[("name", &program.name), ("code", &program.code)]);
        places.push((super::program_path(&program.code), label));
    }
    Ok(places)
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    w: &'static Words,
    shell: Shell,
    devices: String,
    has_token: bool,
    /// A token that was made now: shown this once.
    token: Option<Zeroizing<String>>,
}

async fn show(State(state): State<WebState>, Anybody(session): Anybody) -> Result<Response, Refusal> {
    account(&state, &session, None).await
}

async fn make_token(State(state): State<WebState>, Anybody(session): Anybody) -> Result<Response, Refusal> {
    let token = state.desk.make_token(&session).await?;
    account(&state, &session, Some(token)).await
}

async fn end_token(State(state): State<WebState>, Anybody(session): Anybody) -> Result<Redirect, Refusal> {
    state.desk.drop_token(&session).await?;
    Ok(Redirect::to("/account"))
}

async fn account(
    state: &WebState,
    session: &Session,
    token: Option<Zeroizing<String>>,
) -> Result<Response, Refusal> {
    let s = shell();
    let devices = match state.desk.signed_in_on(session).await? {
        0 | 1 => s.account_devices_one.to_owned(),
        count => filled(s.account_devices, &[("count", &count.to_string())]),
    };
    let has_token = state.desk.has_token(session).await?;
    let home = Door::new(session::home(&session.who), s.home_title);
    let shell = Shell::new(String::new(), vec![home, Door::new("/account", s.account)], "/account");
    Ok(with_origin(page::ok(&AccountPage { w: words(), shell, devices, has_token, token })))
}

async fn leave_everywhere(
    State(state): State<WebState>,
    Anybody(session): Anybody,
) -> Result<Response, Refusal> {
    state.desk.sign_out_everywhere(&session).await?;
    let jar = CookieJar::new().add(session::closed(&state));
    Ok((jar, Redirect::to("/sign-in")).into_response())
}
