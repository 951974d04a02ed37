//! The front page, the style sheet, and what machines ask for. Never anything about a season.

use std::sync::LazyLock;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;
use super::words::{Words, words};
use super::{WebState, page};

const STYLE: &str = include_str!("style.css");

/// The style sheet's address bears a hash of its bytes, so that a browser may keep it for ever.
static STYLE_PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(STYLE.as_bytes());
    format!("/style.css?{}", HEXLOWER.encode(&digest[..6]))
});

/// Where the style sheet lies.
pub fn style_path() -> &'static str {
    &STYLE_PATH
}

/// The routes that everybody may open.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/", get(front))
        .route("/style.css", get(style))
        .route("/robots.txt", get(robots))
        .route("/health", get(health))
}

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage {
    w: &'static Words,
}

async fn front() -> Response {
    page::ok(&FrontPage { w: words() })
}

async fn style() -> impl IntoResponse {
    let headers =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, STYLE)
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
