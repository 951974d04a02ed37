//! The cookie of a therapist or director, and the session behind it. Never a resident's: they have none.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use super::WebState;
use super::refusal::Refusal;
use crate::desk::Error;
use crate::desk::sign_in::{Role, Session};

/// The `__Host-` prefix makes browsers insist on https, our host alone and no domain; loopback has no https.
const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-holdspace" } else { "holdspace" }
}

/// The cookie that opens a session. It ends with the browser, and earlier at the desk.
pub fn opened(state: &WebState, secret: &str) -> Cookie<'static> {
    cookie(state, secret.to_owned())
}

/// The cookie that takes the place of one that is over.
pub fn closed(state: &WebState) -> Cookie<'static> {
    let mut cookie = cookie(state, String::new());
    cookie.make_removal();
    cookie
}

fn cookie(state: &WebState, value: String) -> Cookie<'static> {
    Cookie::build((cookie_name(state.secure), value))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.secure)
        .path("/")
        .build()
}

/// The secret that a browser brought.
pub fn secret(state: &WebState, headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(cookie_name(state.secure)).map(|cookie| cookie.value().to_owned())
}

/// Whether a session's cookie speaks for a request.
pub fn carries_session(headers: &HeaderMap) -> bool {
    let jar = CookieJar::from_headers(headers);
    [true, false].into_iter().any(|secure| jar.get(cookie_name(secure)).is_some())
}

/// The page of a role.
pub const fn home(role: Role) -> &'static str {
    match role {
        Role::Therapist => "/agenda",
        Role::Director => "/overview",
    }
}

/// A page behind a session gives `Origin` to its own forms, so that they can be told from foreign ones.
pub fn with_origin(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// Why somebody does not get in: whoever is not signed in is led there, anybody else to their own page.
pub enum Outside {
    /// Elsewhere.
    Elsewhere(&'static str),
    /// The desk cannot tell.
    Refused(Refusal),
}

impl IntoResponse for Outside {
    fn into_response(self) -> Response {
        match self {
            Self::Elsewhere(path) => Redirect::to(path).into_response(),
            Self::Refused(refusal) => refusal.into_response(),
        }
    }
}

async fn signed_in(parts: &Parts, state: &WebState, role: Role) -> Result<Session, Outside> {
    let Some(secret) = secret(state, &parts.headers) else { return Err(Outside::Elsewhere("/sign-in")) };
    match state.desk.session(&secret).await {
        Ok(session) if session.role == role => Ok(session),
        Ok(session) => Err(Outside::Elsewhere(home(session.role))),
        Err(Error::Link) => Err(Outside::Elsewhere("/sign-in")),
        Err(other) => Err(Outside::Refused(other.into())),
    }
}

/// A therapist who is signed in.
pub struct Therapist(pub Session);

impl FromRequestParts<WebState> for Therapist {
    type Rejection = Outside;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Outside> {
        signed_in(parts, state, Role::Therapist).await.map(Self)
    }
}

/// A director who is signed in.
pub struct Director(pub Session);

impl FromRequestParts<WebState> for Director {
    type Rejection = Outside;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Outside> {
        signed_in(parts, state, Role::Director).await.map(Self)
    }
}
