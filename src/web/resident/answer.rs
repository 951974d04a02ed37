//! The page behind the letter that asks whether an answer which came from a calendar is the resident's own. Reading changes
//! nothing; the button does what the answer asks. Never a name.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::{done, times};
use crate::desk::Error;
use crate::desk::question::Question;
use crate::domain::booking::Wanted;
use crate::domain::time::{Span, Zone};
use crate::web::body::{Fields, Token};
use crate::web::doors::Doors;
use crate::web::language::Asked;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, filled, words_in};
use crate::web::{WebState, page, told};

/// The routes of a question.
pub fn routes() -> Doors {
    Doors::new().route("/v/{token}/answer", get(show).post(settle))
}

#[derive(Template)]
#[template(path = "resident/answer.html")]
struct AnswerPage<'a> {
    w: &'static Words,
    token: &'a str,
    open: bool,
    /// What would be changed.
    asks: String,
    /// What is held as long as nobody presses the button.
    held: Option<String>,
    button: &'static str,
}

fn with_time(w: &Words, sentence: &str, span: Span, zone: Zone) -> String {
    filled(sentence, &[("day", &told::day_of(w, span, zone)), ("times", &told::times(w, span, zone))])
}

async fn show(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
) -> Result<Response, Refusal> {
    let Question { zone, language, wanted, held, open, .. } = state.desk.question(&token).await?;
    let w = words_in(language.unwrap_or(asked));
    let (asks, button) = match wanted {
        Wanted::Out => (w.answer_out.to_owned(), w.opt_out_button),
        Wanted::At(Some(span)) => (with_time(w, w.answer_move, span, zone), w.times_move),
        Wanted::At(None) => (w.answer_move_unread.to_owned(), w.choose_time),
    };
    let held = held.map(|span| with_time(w, w.answer_held, span, zone));
    Ok(page::ok(&AnswerPage { w, token: &token, open, asks, held, button }))
}

/// The button must have been pressed: a bare form says nothing.
#[derive(Deserialize)]
struct Pressed {
    #[serde(rename = "answer")]
    _pressed: String,
}

/// Leads to the resident's own page, where it can be undone; or to the times, where the proposed one cannot be had.
async fn settle(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
    form: Result<Fields<Pressed>, Refusal>,
) -> Result<Response, Refusal> {
    form?;
    let settled = state.desk.settle(&token).await;
    let own = state.desk.page_of_question(&token).await?;
    match settled {
        Ok(()) => Ok(done(&own, "").into_response()),
        Err(Error::Taken) => times::fresh_list(&state, &own, None, asked).await,
        Err(error) => Err(super::said(&state, error, &own).await),
    }
}
