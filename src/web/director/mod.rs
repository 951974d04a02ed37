//! A director's pages: facts without outcomes across the institution, and what is offered. Never a count of what
//! residents did.

mod overview;

use axum::Router;

use super::WebState;
use super::shell::{Door, Shell};
use super::words::director::director;

/// The routes of a director.
pub fn routes() -> Router<WebState> {
    overview::routes()
}

/// The frame of a director's page; `current` is the address of the page that is open.
pub(super) fn shell(current: &str) -> Shell {
    let d = director();
    Shell::new(String::new(), vec![Door::new("/overview", d.overview_title)], current)
}
