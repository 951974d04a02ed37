//! A resident's pages, behind the link in their letter: no account, no script, and nobody's name.

mod answer;
mod further;
mod own;
mod reminders;
mod survey;
mod times;
mod visit;
mod why;
mod wished;

use axum::response::Redirect;

pub use reminders::ENDING as REMINDERS;

use super::refusal::Refusal;
use crate::web::WebState;
use crate::web::doors::Doors;

/// The routes of a resident.
pub fn routes() -> Doors {
    let own = visit::routes().merge(times::routes()).merge(own::routes());
    let own = own.merge(reminders::routes());
    own.merge(answer::routes()).merge(further::routes()).merge(survey::routes()).merge(wished::routes())
}

fn path(token: &str) -> String {
    format!("/v/{token}")
}

/// The page that says what now holds, and by one word what was done.
fn done(token: &str, deed: &str) -> Redirect {
    let equals = if deed.is_empty() { "" } else { "=" };
    Redirect::to(&format!("{}?saved{equals}{deed}", path(token)))
}

/// A refusal in the language that the resident chose, with a way back to their page.
async fn said(state: &WebState, refusal: impl Into<Refusal>, token: &str) -> Refusal {
    let language = state.desk.language_of(token).await;
    refusal.into().in_language(language).back_to(path(token))
}
