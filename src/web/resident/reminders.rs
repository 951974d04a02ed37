//! The page behind a mail program's "unsubscribe" (RFC 8058): it stops reminders and nothing else, and sends them again.
//! Looking at it changes nothing. It shows nothing of a visit.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::done;
use crate::desk::reminders::Reminders;
use crate::web::body::{Fields, Token, Upload};
use crate::web::doors::Doors;
use crate::web::language::Asked;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, words_in};
use crate::web::{WebState, page};

/// What follows a token in the address of this page.
pub const ENDING: &str = "/reminders";

/// The routes of reminders.
pub fn routes() -> Doors {
    Doors::new().route("/v/{token}/reminders", get(show).post(choose))
}

#[derive(Template)]
#[template(path = "resident/reminders.html")]
struct RemindersPage<'a> {
    w: &'static Words,
    token: &'a str,
    wanted: bool,
}

fn shown(token: &str, told: Reminders, w: &'static Words) -> Response {
    page::ok(&RemindersPage { w, token, wanted: told.wanted })
}

async fn show(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
) -> Result<Response, Refusal> {
    let told = state.desk.reminders(&token).await?;
    Ok(shown(&token, told, words_in(told.language.unwrap_or(asked))))
}

/// A mail program sends one field, from wherever it runs and without a cookie; the answer is a page, never a redirect. The
/// buttons of pages send another.
async fn choose(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
    request: Request,
) -> Result<Response, Refusal> {
    let wanted = wanted(&fields(request).await?).ok_or_else(Refusal::no_choice)?;
    let told = state.desk.remind(&token, wanted).await?;
    if state.desk.opens_the_visit(&token).await {
        return Ok(done(&token, "").into_response());
    }
    Ok(shown(&token, told, words_in(told.language.unwrap_or(asked))))
}

/// In both forms that RFC 8058 allows.
async fn fields(request: Request) -> Result<BTreeMap<String, String>, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        return Ok(Upload::from_request(request, &()).await?.fields);
    }
    Ok(Fields::<BTreeMap<String, String>>::from_request(request, &()).await?.0)
}

fn wanted(fields: &BTreeMap<String, String>) -> Option<bool> {
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|given| given == value);
    match () {
        () if is("List-Unsubscribe", "One-Click") || is("reminders", "off") => Some(false),
        () if is("reminders", "on") => Some(true),
        () => None,
    }
}
