//! A therapist blocks time: what it would do is shown first, and done by a second button. Never says whom it concerned.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::domain::id::AbsenceId;
use crate::web::away::{AwayFields, AwayForm, note};
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Therapist, with_origin};
use crate::web::shell::Shell;
use crate::web::words::therapist::{TherapistWords, therapist};
use crate::web::words::{Words, words};
use crate::web::{WebState, page};

/// The routes of blocking time.
pub fn routes() -> Doors {
    Doors::new().route("/agenda/away", get(show).post(enter)).route("/agenda/away/undo", post(undo))
}

const PATH: &str = "/agenda/away";

#[derive(Template)]
#[template(path = "therapist/away.html")]
struct AwayPage {
    w: &'static Words,
    t: &'static TherapistWords,
    shell: Shell,
    note: &'static str,
    form: AwayForm,
}

fn told(status: StatusCode, note: &'static str, form: AwayForm) -> Response {
    let (w, t, shell) = (words(), therapist(), super::shell(PATH));
    with_origin(page::page(status, &AwayPage { w, t, shell, note, form }))
}

async fn show(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let form = AwayForm::load(&state, &session, None, PATH, AwayFields::default()).await?;
    Ok(told(StatusCode::OK, note(query.as_deref()), form))
}

async fn enter(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(fields): Fields<AwayFields>,
) -> Result<Response, Refusal> {
    let form = AwayForm::load(&state, &session, None, PATH, fields).await?;
    Ok(match form.carried_out(&state, &session, None).await? {
        None => Redirect::to(&format!("{PATH}?done")).into_response(),
        Some((status, form)) => told(status, "", form),
    })
}

#[derive(Deserialize)]
struct Undone {
    absence: AbsenceId,
}

async fn undo(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(Undone { absence }): Fields<Undone>,
) -> Result<Redirect, Refusal> {
    state.desk.unblock(&session, None, absence).await?;
    Ok(Redirect::to(&format!("{PATH}?undone")))
}
