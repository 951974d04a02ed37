//! The cookie of a therapist or a member of staff, the session behind it, and who may open which page. Never a
//! resident's: they have none.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use super::WebState;
use super::refusal::Refusal;
use crate::desk::Error;
use crate::desk::session::{Session, Who};
use crate::domain::people::Program;

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

/// The page that somebody comes to first.
pub const fn home(who: &Who) -> &'static str {
    match who {
        Who::Therapist(_) => "/agenda",
        Who::Staff(..) => "/home",
    }
}

/// Pages behind a session may run the one script of the house; residents' pages run none.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
    img-src 'self' data:; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A page behind a session gives `Origin` to its own forms, so that they can be told from foreign ones, and may run the
/// script of the house.
pub fn with_origin(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
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

async fn signed_in(parts: &Parts, state: &WebState) -> Result<Session, Outside> {
    let Some(secret) = secret(state, &parts.headers) else { return Err(Outside::Elsewhere("/sign-in")) };
    match state.desk.session(&secret).await {
        Ok(session) => Ok(session),
        Err(Error::Link) => Err(Outside::Elsewhere("/sign-in")),
        Err(other) => Err(Outside::Refused(other.into())),
    }
}

/// Whoever is signed in, if `may` lets them; anybody else is led to their own first page.
async fn let_in(parts: &Parts, state: &WebState, may: impl Fn(&Session) -> bool) -> Result<Session, Outside> {
    let session = signed_in(parts, state).await?;
    if may(&session) { Ok(session) } else { Err(Outside::Elsewhere(home(&session.who))) }
}

/// Declares who may open a page.
macro_rules! visitors {
    ($($(#[$doc:meta])+ $name:ident = $may:expr;)+) => {$(
        $(#[$doc])+
        pub struct $name(pub Session);

        impl FromRequestParts<WebState> for $name {
            type Rejection = Outside;

            async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Outside> {
                let_in(parts, state, $may).await.map(Self)
            }
        }
    )+};
}

visitors! {
    /// Anybody who is signed in.
    Anybody = |_| true;
    /// A therapist.
    Therapist = |session| session.therapist().is_ok();
    /// Anybody among the staff, whatever they may do.
    Staff = |session| session.staff().is_ok();
    /// A director.
    Director = |session| session.director().is_ok();
    /// Who leads the clinic.
    Lead = |session| session.lead().is_ok();
}

/// Somebody who may do what the coordinator of the `{program}` in the address may. Somebody else's program is answered
/// like one that does not exist.
pub struct Coordinator {
    /// Who.
    pub session: Session,
    /// The program.
    pub program: Program,
}

impl FromRequestParts<WebState> for Coordinator {
    type Rejection = Outside;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Outside> {
        let session = let_in(parts, state, |session| session.staff().is_ok()).await?;
        let gone = |_| Outside::Refused(Refusal::nothing());
        let fields = RawPathParams::from_request_parts(parts, state).await.map_err(gone)?;
        let code = fields.iter().find(|(name, _)| *name == "program").map_or("", |(_, code)| code);
        let program = state.desk.program_of(&session, code).await;
        Ok(Self { session, program: program.map_err(|error| Outside::Refused(error.into()))? })
    }
}
