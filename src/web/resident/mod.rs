//! A resident's pages, behind the link in their letter: no account, no script, and nobody's name.

mod visit;
mod why;

use axum::Router;

use super::WebState;

/// The routes of a resident.
pub fn routes() -> Router<WebState> {
    visit::routes()
}
