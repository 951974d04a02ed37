//! A program's first page: what is done, what is next, and when. Never a count of what residents did.

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, words};
use crate::web::{WebState, page};

/// The routes of the season.
pub fn routes() -> Router<WebState> {
    Router::new().route("/program/{program}", get(show))
}

#[derive(Template)]
#[template(path = "coordinator/season.html")]
struct SeasonPage {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: Shell,
}

async fn show(Coordinator { session: _, program }: Coordinator) -> Response {
    with_origin(page::ok(&SeasonPage { w: words(), c: season(), shell: super::shell(&program, "") }))
}
