//! What holds for every answer: headers, limits, whose forms are heard, and what is logged. Never logs an address, a
//! token or a query, and of residents nothing at all unless the server itself failed.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use super::refusal::Refusal;
use super::session::carries_session;
use super::{WebState, api, body, language, limits, resident};

/// Longer than this nobody waits for a page, nor a page for what is sent to it.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Pages load their own style sheet and their own icon, send forms home, and do nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";
const FETCH_SITE: &str = "sec-fetch-site";

/// Puts the manners around routes.
pub fn around(routes: Router, state: WebState) -> Router {
    // The last is the outermost.
    routes
        .layer(from_fn_with_state(state.clone(), body::bounded))
        .layer(from_fn_with_state(state.clone(), own_forms))
        .layer(from_fn_with_state(state.clone(), limits::held_back))
        .layer(from_fn_with_state(state.clone(), patient))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(from_fn_with_state(state, dressed))
        .layer(from_fn(logged))
}

/// Adds the headers, and a page where a library answered with a bare status code.
async fn dressed(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let operation = api::is_here(request.uri().path());
    let asked = language::asked(request.headers());
    let response = next.run(request).await;
    let mut response = if operation { api::dress(response) } else { Refusal::dress(response, asked) };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(REFERRER_POLICY, "no-referrer");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if state.secure {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// Refuses forms that another site had the browser send.
async fn own_forms(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_one_click(request.uri().path()) || is_own(request.headers(), &state) {
        next.run(request).await
    } else {
        Refusal::foreign_form().into_response()
    }
}

/// Whether an address stops reminders: a mail program presses there from wherever it runs. The token in the address is all
/// that it has, and no cookie counts there.
fn is_one_click(path: &str) -> bool {
    path.starts_with("/v/") && path.ends_with(resident::REMINDERS)
}

/// Whether the headers of a form are those of our own page.
///
/// Fetch metadata decides where a browser sends it. Elsewhere `Origin` does; it reads `null` from a page whose
/// referrer policy is `no-referrer`, which is why such a form is heard only where no cookie speaks for it.
fn is_own(headers: &HeaderMap, state: &WebState) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = text(FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    match text(ORIGIN.as_str()) {
        None => true,
        Some("null") => !carries_session(headers),
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin.eq_ignore_ascii_case(&state.origin) || (host.is_some() && host == text(HOST.as_str()))
        }
    }
}

async fn patient(State(state): State<WebState>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(state.patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::busy().into_response(),
    }
}

fn after_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a page panicked");
    Refusal::broken().into_response()
}

/// The doors of those who hold visits.
const WITHIN_CARE: [&str; 5] = ["/agenda", "/clinic", "/dav", "/feed/", "/api/v1/agenda"];

/// One line a request, with the route's template in the place of the address.
///
/// What residents do is not logged: a line for each press of a button would be a timetable of their choices. Only a
/// failure of the server is, without the page or the button. Nor is what therapists do: so many marks were so many visits,
/// and another visit that is offered was wanted by somebody.
async fn logged(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "none".to_owned());
    let method = request.method().clone();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let private = route.starts_with("/v/") || route.starts_with("/survey/");
    if status >= 500 {
        // Not which page of a resident, either: that of the survey would tell that somebody answers.
        let (method, route) = if private { ("any", "/v/{token}") } else { (method.as_str(), route.as_str()) };
        tracing::warn!(method, route, status, "answered");
    } else if !private && !WITHIN_CARE.iter().any(|within| route.starts_with(within)) {
        tracing::debug!(%method, route, status, "answered");
    }
    response
}
