//! Who waits for a time, for whoever leads the clinic. Never open to a program.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::desk::clinic::Waiting;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Lead, with_origin};
use crate::web::shell::Shell;
use crate::web::words::clinic::{ClinicWords, clinic};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page};

/// The routes of the waiting list.
pub fn routes() -> Doors {
    Doors::new().route("/clinic/waiting", get(show))
}

#[derive(Template)]
#[template(path = "clinic/waiting.html")]
struct WaitingPage {
    w: &'static Words,
    c: &'static ClinicWords,
    shell: Shell,
    count: String,
    people: Vec<Waiting>,
}

async fn show(State(state): State<WebState>, Lead(session): Lead) -> Result<Response, Refusal> {
    let (w, c) = (words(), clinic());
    let people = state.desk.clinic_waiting(&session).await?;
    let count = match people.len() {
        1 => c.clinic_waiting_one.to_owned(),
        many => filled(c.clinic_waiting_many, &[("count", &many.to_string())]),
    };
    Ok(with_origin(page::ok(&WaitingPage { w, c, shell: super::shell("/clinic/waiting"), count, people })))
}
