//! The calendar programs that a therapist lets in: a password for each, shown once, and its end. Never shows one again.

use axum::extract::State;
use axum::response::{Redirect, Response};
use axum::routing::post;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::calendars;
use crate::desk::app_password::{AppPassword, PASSWORDS_MAX};
use crate::desk::session::Session;
use crate::domain::id::AppPasswordId;
use crate::domain::time::{Zone, wall};
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::Therapist;
use crate::web::words::dav::{DavWords, dav};
use crate::web::words::{filled, words};
use crate::web::{WebState, told};

/// The routes of passwords.
pub fn routes() -> Doors {
    Doors::new()
        .route("/agenda/calendars/passwords", post(make))
        .route("/agenda/calendars/passwords/end", post(end))
}

/// The part of the calendars page that is about programs.
pub struct PasswordsTold {
    pub d: &'static DavWords,
    pub server: String,
    pub login: String,
    pub known: Vec<PasswordTold>,
    pub full: bool,
    /// One that was made now: shown this once.
    pub fresh: Option<Zeroizing<String>>,
    pub programs: [(&'static str, &'static str); 5],
}

/// One password, without the password.
pub struct PasswordTold {
    pub id: String,
    pub name: String,
    pub made_on: String,
    pub sees: &'static str,
}

impl PasswordsTold {
    /// What is told of a therapist's own.
    pub async fn of(
        state: &WebState,
        session: &Session,
        fresh: Option<Zeroizing<String>>,
    ) -> Result<Self, Refusal> {
        let d = dav();
        let known = state.desk.app_passwords(session).await?;
        let url = state.desk.public_url();
        Ok(Self {
            d,
            server: url.split_once("://").map_or(url, |(_, host)| host).to_owned(),
            login: state.desk.calendar_login(session)?,
            full: known.len() >= PASSWORDS_MAX,
            known: known.into_iter().map(PasswordTold::of).collect(),
            fresh,
            programs: [
                (d.apple, d.apple_steps),
                (d.thunderbird, d.thunderbird_steps),
                (d.davx, d.davx_steps),
                (d.evolution, d.evolution_steps),
                (d.outlook, d.outlook_steps),
            ],
        })
    }
}

impl PasswordTold {
    fn of(password: AppPassword) -> Self {
        let d = dav();
        let day = told::date(words(), wall(password.made_at, Zone::UTC).date());
        Self {
            id: password.id.to_string(),
            name: password.name,
            made_on: filled(d.made_on, &[("date", &day)]),
            sees: if password.names { d.sees_names } else { d.sees_codes },
        }
    }
}

#[derive(Deserialize)]
struct New {
    #[serde(default)]
    name: String,
    names: Option<String>,
}

async fn make(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(form): Fields<New>,
) -> Result<Response, Refusal> {
    // Who presses the button of an old page while there are as many as can be sees that there are.
    let full = state.desk.app_passwords(&session).await?.len() >= PASSWORDS_MAX;
    let fresh = match full {
        true => None,
        false => Some(state.desk.make_app_password(&session, &form.name, form.names.is_some()).await?),
    };
    calendars::page(&state, &session, fresh).await
}

#[derive(Deserialize)]
struct Ended {
    password: AppPasswordId,
}

async fn end(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(form): Fields<Ended>,
) -> Result<Redirect, Refusal> {
    state.desk.end_app_password(&session, form.password).await?;
    Ok(Redirect::to("/agenda/calendars#programs"))
}
