//! A therapist's pages: own visits, hours and calendars. Never anybody else's visits.

mod agenda;

use axum::Router;

use super::WebState;
use super::shell::{Door, Shell};
use super::words::therapist::therapist;

/// The routes of a therapist.
pub fn routes() -> Router<WebState> {
    agenda::routes()
}

/// The frame of a therapist's page; `current` is the address of the page that is open.
fn shell(current: &str) -> Shell {
    let t = therapist();
    Shell::new(String::new(), vec![Door::new("/agenda", t.agenda_title)], current)
}
