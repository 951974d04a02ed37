//! What a resident keeps for themselves: a language, another address for their letters, and the visit as a file for their
//! own calendar. The page behind the letter to a new address shows nothing of a visit: its reader may be a stranger.

use askama::Template;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::{done, path, said};
use crate::calendar::invitation::kept;
use crate::domain::identity::Address;
use crate::domain::language::Language;
use crate::web::body::{Fields, Token};
use crate::web::doors::Doors;
use crate::web::language::Asked;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, words_in};
use crate::web::{WebState, page};

/// The routes of what a resident keeps.
pub fn routes() -> Doors {
    Doors::new()
        .route("/v/{token}/language", post(speak))
        .route("/v/{token}/address", post(ask))
        .route("/v/{token}/roster-address", post(leave))
        .route("/v/{token}/other-address", post(choose))
        .route("/v/{token}/new-address", get(asked_for).post(confirm))
        .route("/v/{token}/time.ics", get(entry))
}

#[derive(Deserialize)]
struct Speak {
    language: Language,
}

async fn speak(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Speak>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(Speak { language }) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(said(&state, refusal, &token).await),
    };
    match state.desk.speak(&token, language).await {
        Ok(()) => Ok(Redirect::to(&path(&token))),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

#[derive(Deserialize)]
struct NewAddress {
    address: String,
}

/// An address that was mistyped is said so at once, and nothing is asked of anybody.
async fn ask(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<NewAddress>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(form) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(said(&state, refusal, &token).await),
    };
    let Ok(address) = form.address.parse::<Address>() else {
        return Err(said(&state, Refusal::no_address(), &token).await);
    };
    match state.desk.ask_address(&token, address).await {
        Ok(()) => Ok(done(&token, "asked")),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

/// The button must have been pressed: a bare form says nothing.
#[derive(Deserialize)]
struct Pressed {
    #[serde(rename = "address")]
    _pressed: String,
}

async fn leave(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Pressed>, Refusal>,
) -> Result<Redirect, Refusal> {
    if let Err(refusal) = form {
        return Err(said(&state, refusal, &token).await);
    }
    match state.desk.leave_address(&token).await {
        Ok(()) => Ok(done(&token, "roster")),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Which {
    Old,
    New,
}

#[derive(Deserialize)]
struct Choice {
    letters: Which,
}

/// Which of the two addresses letters go to: that the roster had, or the one that it has.
async fn choose(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Choice>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(Choice { letters }) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(said(&state, refusal, &token).await),
    };
    let (chosen, deed) = match letters {
        Which::Old => (state.desk.keep_old_address(&token).await, "old"),
        Which::New => (state.desk.take_new_address(&token).await, "new"),
    };
    match chosen {
        Ok(()) => Ok(done(&token, deed)),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

#[derive(Template)]
#[template(path = "resident/new-address.html")]
struct NewAddressPage<'a> {
    w: &'static Words,
    token: &'a str,
    done: bool,
}

async fn asked_for(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
) -> Result<Response, Refusal> {
    let language = state.desk.new_address(&token).await?;
    Ok(page::ok(&NewAddressPage { w: words_in(language.unwrap_or(asked)), token: &token, done: false }))
}

/// Scanners that press buttons send no field.
async fn confirm(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
    form: Result<Fields<Pressed>, Refusal>,
) -> Result<Response, Refusal> {
    form?;
    let language = state.desk.confirm_address(&token).await?;
    Ok(page::ok(&NewAddressPage { w: words_in(language.unwrap_or(asked)), token: &token, done: true }))
}

async fn entry(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
) -> Result<Response, Refusal> {
    let entry = match state.desk.own_entry(&token).await {
        Ok(entry) => entry,
        Err(error) => return Err(said(&state, error, &token).await),
    };
    let w = words_in(entry.language.unwrap_or(asked));
    let text = kept(&entry.uid, entry.sequence, entry.now, &entry.span, &entry.title, w.calendar_entry);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"time.ics\""),
    ];
    Ok((headers, text).into_response())
}
