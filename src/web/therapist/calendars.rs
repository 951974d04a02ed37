//! A therapist's visits in their own calendar: the secret address, how each program subscribes to it, and the calendar
//! itself. Never a name.

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LAST_MODIFIED};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::passwords::PasswordsTold;
use crate::desk::session::Session;
use crate::domain::time::Instant;
use crate::web::body::Token;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Therapist, with_origin};
use crate::web::shell::Shell;
use crate::web::words::therapist::{TherapistWords, therapist};
use crate::web::words::{Words, words};
use crate::web::{WebState, page as answer};

/// The routes of the feed.
pub fn routes() -> Doors {
    Doors::new()
        .route("/agenda/calendars", get(show))
        .route("/agenda/feed", post(rotate))
        .route("/feed/{token}", get(feed))
}

#[derive(Template)]
#[template(path = "therapist/calendars.html")]
struct CalendarsPage {
    w: &'static Words,
    t: &'static TherapistWords,
    shell: Shell,
    url: String,
    /// The same address as calendar programs claim it.
    webcal: String,
    programs: [Program; 3],
    a: PasswordsTold,
}

/// A calendar program that takes the address from a button, or by hand.
struct Program {
    name: &'static str,
    button: &'static str,
    /// Where its button leads; only the program that the therapist chooses learns the address, as it must to follow it.
    href: String,
    steps: [&'static str; 3],
}

fn programs(t: &'static TherapistWords, url: &str, webcal: &str) -> [Program; 3] {
    let quoted = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    [
        Program {
            name: t.google_title,
            button: t.google_button,
            href: format!("https://calendar.google.com/calendar/r?cid={}", quoted(webcal)),
            steps: [t.google_1, t.google_2, t.google_3],
        },
        Program {
            name: t.outlook_title,
            button: t.outlook_button,
            href: format!("https://outlook.office.com/calendar/0/addfromweb?url={}", quoted(url)),
            steps: [t.outlook_1, t.outlook_2, t.outlook_3],
        },
        Program {
            name: t.thunderbird_title,
            button: t.thunderbird_button,
            href: webcal.to_owned(),
            steps: [t.thunderbird_1, t.thunderbird_2, t.thunderbird_3],
        },
    ]
}

async fn show(State(state): State<WebState>, Therapist(session): Therapist) -> Result<Response, Refusal> {
    page(&state, &session, None).await
}

/// The page; `fresh` is a password that was made now.
pub(super) async fn page(
    state: &WebState,
    session: &Session,
    fresh: Option<Zeroizing<String>>,
) -> Result<Response, Refusal> {
    let a = PasswordsTold::of(state, session, fresh).await?;
    let url = state.desk.feed_address(session).await?.map(|url| url.to_string()).unwrap_or_default();
    let webcal = url.split_once("://").map(|(_, rest)| format!("webcal://{rest}")).unwrap_or_default();
    let (w, t, shell) = (words(), therapist(), super::shell("/agenda/calendars"));
    let programs = programs(t, &url, &webcal);
    Ok(with_origin(answer::ok(&CalendarsPage { w, t, shell, url, webcal, programs, a })))
}

async fn rotate(State(state): State<WebState>, Therapist(session): Therapist) -> Result<Redirect, Refusal> {
    state.desk.rotate_feed(&session).await?;
    Ok(Redirect::to("/agenda/calendars#address"))
}

/// The calendar that a therapist's own program subscribes to; `304` as long as nothing in it changed.
async fn feed(
    State(state): State<WebState>,
    headers: HeaderMap,
    Token(file): Token,
) -> Result<Response, Refusal> {
    let token = file.strip_suffix(".ics").ok_or_else(Refusal::nothing)?;
    let feed = state.desk.feed(token).await?;
    let etag = feed.etag();
    let mut response = if is_known(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, "text/calendar; charset=utf-8")], feed.body()).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    // A tag is a hash in quotes, and a date is digits and letters: both are header values.
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.insert(ETAG, etag);
    }
    if let Some(Ok(at)) = feed.last_modified().map(|at| HeaderValue::from_str(&http_date(at))) {
        answer.insert(LAST_MODIFIED, at);
    }
    Ok(response)
}

/// Whether a subscriber has these bytes already (RFC 9110, section 13.1.2). A date alone is not enough: two changes
/// may fall into one second, so `If-Modified-Since` is never answered with `304`.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        let mut tags = value.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|tag| tag == "*" || tag == etag)
    })
}

/// RFC 9110, section 5.6.7.
fn http_date(at: Instant) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
