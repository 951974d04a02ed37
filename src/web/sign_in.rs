//! How therapists and directors come in: a link by mail, then a box and a button. Opening the link changes nothing, nor does
//! the button alone, because mail scanners open links and press buttons; and nobody learns here whether an address is known.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::body::{Fields, Token};
use super::provider::{self, Provider};
use super::refusal::Refusal;
use super::words::{Words, words};
use super::{WebState, page, session};
use crate::desk::sign_in::SignedIn;
use crate::web::doors::Doors;

/// The routes of coming in and going out.
pub fn routes() -> Doors {
    Doors::new()
        .route("/sign-in", get(ask).post(send))
        .route("/sign-in/{token}", get(confirm).post(enter))
        .route("/sign-out", post(leave))
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct AskPage<'a> {
    w: &'static Words,
    /// What the button of the institution's own sign-in says, where it has one.
    provider: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "sign-in-sent.html")]
struct SentPage {
    w: &'static Words,
}

#[derive(Template)]
#[template(path = "sign-in-confirm.html")]
struct ConfirmPage {
    w: &'static Words,
}

async fn ask(State(state): State<WebState>) -> Response {
    let provider = state.provider.as_deref();
    let page = page::ok(&AskPage { w: words(), provider: provider.map(Provider::label) });
    match provider {
        Some(provider) => provider::lets_out(page, provider),
        None => page,
    }
}

#[derive(Deserialize)]
struct Ask {
    address: String,
}

async fn send(State(state): State<WebState>, Fields(form): Fields<Ask>) -> Result<Response, Refusal> {
    state.desk.ask_to_sign_in(form.address.trim()).await?;
    Ok(page::ok(&SentPage { w: words() }))
}

/// Shows the button to whatever token, so that a used link looks like a fresh one until it is pressed.
async fn confirm(Token(_): Token) -> Response {
    page::ok(&ConfirmPage { w: words() })
}

/// The box must have been ticked: a scanner that presses the button would use the link up, and walk in.
#[derive(Deserialize)]
struct Enter {
    #[serde(rename = "mine")]
    _chosen: String,
}

async fn enter(
    State(state): State<WebState>,
    headers: HeaderMap,
    Token(token): Token,
    form: Result<Fields<Enter>, Refusal>,
) -> Result<Response, Refusal> {
    form?;
    let signed_in = state.desk.sign_in(&token).await?;
    let_in(&state, &headers, &signed_in).await
}

/// Gives somebody their session and leads them to their first page.
pub async fn let_in(
    state: &WebState,
    headers: &HeaderMap,
    signed_in: &SignedIn,
) -> Result<Response, Refusal> {
    // Whoever was signed in on this device before is not any more.
    if let Some(secret) = session::secret(state, headers) {
        state.desk.sign_out(&secret).await?;
    }
    let jar = CookieJar::new().add(session::opened(state, &signed_in.cookie));
    Ok((jar, Redirect::to(session::home(&signed_in.who))).into_response())
}

async fn leave(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Refusal> {
    if let Some(secret) = session::secret(&state, &headers) {
        state.desk.sign_out(&secret).await?;
    }
    let jar = CookieJar::new().add(session::closed(&state));
    Ok((jar, Redirect::to("/sign-in")).into_response())
}
