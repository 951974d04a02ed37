//! The front page, style sheets and script, and what machines ask for. Never anything about a season.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::language::Asked;
use super::refusal::Refusal;
use super::words::{Words, words_in};
use super::{WebState, page};
use crate::domain::language::Language;
use crate::web::doors::Doors;

/// A file that browsers may keep for ever: its address bears a hash of its bytes.
struct Kept {
    path: String,
    text: &'static str,
    kind: &'static str,
}

impl Kept {
    fn new(name: &str, kind: &'static str, text: &'static str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        Self { path: format!("/{name}?{}", HEXLOWER.encode(&digest[..6])), text, kind }
    }

    fn answer(&self) -> Response {
        let headers = [(CONTENT_TYPE, self.kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
        (headers, self.text).into_response()
    }
}

const CSS: &str = "text/css; charset=utf-8";

static STYLE: LazyLock<Kept> = LazyLock::new(|| Kept::new("style.css", CSS, include_str!("style.css")));
static STAFF_STYLE: LazyLock<Kept> = LazyLock::new(|| Kept::new("staff.css", CSS, include_str!("staff.css")));
static SCRIPT: LazyLock<Kept> =
    LazyLock::new(|| Kept::new("script.js", "text/javascript; charset=utf-8", include_str!("script.js")));

/// Where the style sheet of every page lies.
pub fn style_path() -> &'static str {
    &STYLE.path
}

/// Where the further style sheet lies of pages behind a session.
pub fn staff_style_path() -> &'static str {
    &STAFF_STYLE.path
}

/// Where their script lies.
pub fn script_path() -> &'static str {
    &SCRIPT.path
}

/// The routes that everybody may open.
pub fn routes() -> Doors {
    Doors::new()
        .route("/", get(front))
        .route("/about", get(about))
        .route("/style.css", get(async || STYLE.answer()))
        .route("/staff.css", get(async || STAFF_STYLE.answer()))
        .route("/script.js", get(async || SCRIPT.answer()))
        .route("/robots.txt", get(robots))
        .route("/health", get(health))
        .route("/ready", get(ready))
}

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage {
    w: &'static Words,
}

/// What this is, free of any season: for whoever asks.
#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    w: &'static Words,
}

/// The language that the address names, else the one that the browser asks for.
fn spoken(query: Option<&str>, asked: Language) -> &'static Words {
    words_in(query.and_then(|code| code.parse().ok()).unwrap_or(asked))
}

async fn front(Asked(asked): Asked, RawQuery(query): RawQuery) -> Response {
    page::ok(&FrontPage { w: spoken(query.as_deref(), asked) })
}

async fn about(Asked(asked): Asked, RawQuery(query): RawQuery) -> Response {
    page::ok(&AboutPage { w: spoken(query.as_deref(), asked) })
}

async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}

/// Whether the database answers a real question.
async fn health(State(state): State<WebState>) -> Result<&'static str, Refusal> {
    let mut db = state.desk.store().read().await.map_err(crate::desk::Error::from)?;
    state.desk.offerings(&mut db).await?;
    Ok("ok\n")
}

/// Whether somebody should be sent here: a server that was told to stop answers those who come, and wants no more.
async fn ready(State(state): State<WebState>) -> Result<&'static str, Refusal> {
    if state.stopping.as_ref().is_some_and(|stopping| *stopping.borrow()) {
        return Err(Refusal::busy());
    }
    health(State(state)).await
}
