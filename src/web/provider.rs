//! Coming in through the institution's own sign-in. Sends people to the provider and takes them back; what the provider's
//! answer is worth is said by whoever was put in here, and whom it lets in by the desk.
//!
//! `GET /sign-in/back` changes something, as no other GET of the house does: the protocol has the provider send people back
//! by a redirect. So it is bound to the cookie of whoever began, holds once, and for minutes.

use std::pin::Pin;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::body::Fields;
use super::refusal::Refusal;
use super::words::{Words, words};
use super::{WebState, page, sign_in};
use crate::desk::Error;
use crate::desk::provider::{Admitted, As, Asked, MINUTES};
use crate::web::doors::Doors;

/// What a provider answers in its own time.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<String, Trouble>> + Send + 'a>>;

/// The institution's provider of sign-ins, as far as pages know it.
pub trait Provider: Send + Sync {
    /// What the button says.
    fn label(&self) -> &str;
    /// Scheme, host and port of its pages, for the browser to let the button lead there.
    fn origin(&self) -> &str;
    /// Where somebody goes who signs in.
    fn door<'a>(&'a self, asked: &'a Asked) -> Answer<'a>;
    /// The verified address of whoever came back; `now` is in UTC seconds.
    fn address<'a>(&'a self, asked: &'a Asked, back: &'a Back, now: i64) -> Answer<'a>;
}

/// Why a provider lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It does not answer, or not as it should.
    Outage,
    /// It does not vouch for whoever came.
    Refused,
}

/// What comes back from a provider. Anybody can write it.
#[derive(Debug, Deserialize)]
pub struct Back {
    /// The code, if it let somebody in.
    #[serde(default)]
    pub code: String,
    /// What went along.
    #[serde(default)]
    pub state: String,
    /// Whose answer it is.
    pub iss: Option<String>,
}

/// Longer than this no part of what comes back is, in bytes.
const MAX_PART: usize = 4096;

/// The provider of an installation, if it has one.
pub type SharedProvider = Option<Arc<dyn Provider>>;

/// The routes of coming in through a provider.
pub fn routes() -> Doors {
    Doors::new()
        .route("/sign-in/provider", post(leave))
        .route("/sign-in/back", get(come_back))
        .route("/sign-in/choice", post(choose))
}

/// Lets the form of a page lead to the provider: Chromium holds the redirect behind a form against `form-action`, too.
pub fn lets_out(mut response: Response, provider: &dyn Provider) -> Response {
    let policy = super::manners::POLICY
        .replace("form-action 'self'", &format!("form-action 'self' {}", provider.origin()));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn leave(State(state): State<WebState>) -> Result<Response, Refusal> {
    let provider = state.provider.as_deref().ok_or_else(Refusal::nothing)?;
    let begun = state.desk.begin_sign_in().await?;
    let door = provider.door(&begun.asked).await.map_err(refused)?;
    with_cookie(&state, Redirect::to(&door).into_response(), &begun.cookie)
}

async fn come_back(
    State(state): State<WebState>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Refusal> {
    let provider = state.provider.as_deref().ok_or_else(Refusal::nothing)?;
    let parts = [Some(&back.code), Some(&back.state), back.iss.as_ref()];
    if parts.into_iter().flatten().any(|part| part.len() > MAX_PART) {
        return Err(Refusal::not_let_in());
    }
    let cookie = cookie(&state, &headers).ok_or_else(Refusal::not_let_in)?;
    let asked = state.desk.take_sign_in(&cookie, &back.state).await.map_err(unknown)?;
    if back.code.is_empty() {
        return Err(Refusal::not_let_in());
    }
    let now = state.desk.now().timestamp();
    let address = provider.address(&asked, &back, now).await.map_err(refused)?;
    match state.desk.let_in(&address).await.map_err(unknown)? {
        Admitted::One(signed_in) => {
            let response = sign_in::let_in(&state, &headers, &signed_in).await?;
            with_cookie(&state, response, "")
        }
        Admitted::Both(secret) => with_cookie(&state, page::ok(&ChoicePage { w: words() }), &secret),
    }
}

#[derive(Template)]
#[template(path = "sign-in-choice.html")]
struct ChoicePage {
    w: &'static Words,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(rename = "as")]
    wish: String,
}

async fn choose(
    State(state): State<WebState>,
    headers: HeaderMap,
    Fields(form): Fields<Choice>,
) -> Result<Response, Refusal> {
    let wish = match form.wish.as_str() {
        "therapist" => As::Therapist,
        "staff" => As::Staff,
        _ => return Err(Refusal::no_choice()),
    };
    let cookie = cookie(&state, &headers).ok_or_else(Refusal::not_let_in)?;
    let signed_in = state.desk.choose_sign_in(&cookie, wish).await.map_err(unknown)?;
    let response = sign_in::let_in(&state, &headers, &signed_in).await?;
    with_cookie(&state, response, "")
}

/// A sign-in that is unknown, over or another's, an address of nobody, and a provider's no: one answer.
fn unknown(error: Error) -> Refusal {
    match error {
        Error::Link => Refusal::not_let_in(),
        other => other.into(),
    }
}

fn refused(trouble: Trouble) -> Refusal {
    match trouble {
        Trouble::Refused => Refusal::not_let_in(),
        Trouble::Outage => Refusal::no_provider(),
    }
}

const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-holdspace-sign-in" } else { "holdspace-sign-in" }
}

fn cookie(state: &WebState, headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(cookie_name(state.secure)).map(|cookie| cookie.value().to_owned())
}

/// Sets the cookie of a sign-in, or takes it away where it is empty. `Lax`, because people come back from another site.
fn with_cookie(state: &WebState, mut response: Response, value: &str) -> Result<Response, Refusal> {
    let (name, secure) = (cookie_name(state.secure), if state.secure { "; Secure" } else { "" });
    let seconds = if value.is_empty() { 0 } else { MINUTES * 60 };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let value = HeaderValue::try_from(text).map_err(|_| Refusal::broken())?;
    response.headers_mut().append(SET_COOKIE, value);
    Ok(response)
}
