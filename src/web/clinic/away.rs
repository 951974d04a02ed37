//! Whoever leads the clinic blocks a therapist's time. Never says whom it concerned.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::desk::session::Session;
use crate::domain::id::{AbsenceId, TherapistId};
use crate::web::away::{AwayFields, AwayForm, note};
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Lead, with_origin};
use crate::web::shell::Shell;
use crate::web::words::clinic::{ClinicWords, clinic};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page};

/// The routes of blocking a therapist's time.
pub fn routes() -> Doors {
    Doors::new().route("/clinic/away", get(show).post(enter)).route("/clinic/away/undo", post(undo))
}

const PATH: &str = "/clinic/away";

#[derive(Template)]
#[template(path = "clinic/choose.html")]
struct ChoosePage {
    w: &'static Words,
    c: &'static ClinicWords,
    shell: Shell,
    therapists: Vec<(TherapistId, String)>,
}

#[derive(Template)]
#[template(path = "clinic/away.html")]
struct AwayPage {
    w: &'static Words,
    c: &'static ClinicWords,
    shell: Shell,
    title: String,
    note: &'static str,
    form: AwayForm,
}

#[derive(Deserialize)]
struct Whose {
    whose: Option<TherapistId>,
}

/// The page of a therapist; one that there is not is answered like an address that leads nowhere.
async fn told(
    state: &WebState,
    session: &Session,
    whose: TherapistId,
    (status, note, form): (StatusCode, &'static str, AwayForm),
) -> Result<Response, Refusal> {
    let (w, c) = (words(), clinic());
    let names = state.desk.clinic_therapists(session).await?;
    let name = names.into_iter().find(|(id, _)| *id == whose).ok_or_else(Refusal::nothing)?.1;
    let title = filled(c.clinic_away_of, &[("name", &name)]);
    Ok(with_origin(page::page(status, &AwayPage { w, c, shell: super::shell(PATH), title, note, form })))
}

async fn show(
    State(state): State<WebState>,
    Lead(session): Lead,
    query: Result<Query<Whose>, QueryRejection>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Refusal> {
    let Query(Whose { whose }) = query.map_err(|_| Refusal::nothing())?;
    let Some(whose) = whose else {
        let therapists = state.desk.clinic_therapists(&session).await?;
        let (w, c, shell) = (words(), clinic(), super::shell(PATH));
        return Ok(with_origin(page::ok(&ChoosePage { w, c, shell, therapists })));
    };
    let form = AwayForm::load(&state, &session, Some(whose), PATH, AwayFields::default()).await?;
    told(&state, &session, whose, (StatusCode::OK, note(raw.as_deref()), form)).await
}

async fn enter(
    State(state): State<WebState>,
    Lead(session): Lead,
    Fields(fields): Fields<AwayFields>,
) -> Result<Response, Refusal> {
    let whose: TherapistId = fields.whose.parse().map_err(|_| Refusal::nothing())?;
    let form = AwayForm::load(&state, &session, Some(whose), PATH, fields).await?;
    match form.carried_out(&state, &session, Some(whose)).await? {
        None => Ok(Redirect::to(&format!("{PATH}?whose={whose}&done")).into_response()),
        Some((status, form)) => told(&state, &session, whose, (status, "", form)).await,
    }
}

#[derive(Deserialize)]
struct Undone {
    whose: TherapistId,
    absence: AbsenceId,
}

async fn undo(
    State(state): State<WebState>,
    Lead(session): Lead,
    Fields(Undone { whose, absence }): Fields<Undone>,
) -> Result<Redirect, Refusal> {
    state.desk.unblock(&session, Some(whose), absence).await?;
    Ok(Redirect::to(&format!("{PATH}?whose={whose}&undone")))
}
