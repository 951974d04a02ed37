//! Another visit that a therapist offered: take it, say no, give it up, and its entry for the resident's own calendar. Reading
//! changes nothing, and whatever is not theirs is answered like a link that opens nothing.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::visit::Told;
use super::{done, said};
use crate::calendar::invitation::kept;
use crate::desk::follow_up::answer::{Answer, Further};
use crate::domain::follow_up::State as Stands;
use crate::domain::id::FollowUpId;
use crate::domain::time::{Zone, wall};
use crate::web::body::{Fields, Token};
use crate::web::doors::Doors;
use crate::web::language::Asked;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, filled, words_in};
use crate::web::{WebState, told};

/// The routes of another visit.
pub fn routes() -> Doors {
    Doors::new()
        .route("/v/{token}/further", post(answer))
        .route("/v/{token}/further/{id}/time.ics", get(entry))
}

/// A follow-up in words.
pub(super) struct FurtherTold {
    pub(super) id: FollowUpId,
    pub(super) visit: Told,
    /// Until when it waits for an answer; none where it does not.
    pub(super) until: Option<String>,
    pub(super) taken: bool,
    pub(super) begun: bool,
    /// What is said of one that came to nothing without the resident's doing.
    pub(super) sorry: String,
}

impl FurtherTold {
    /// In words; none of what the resident said no to, or gave up.
    pub(super) fn of(w: &'static Words, one: Further, zone: Zone) -> Option<Self> {
        let span = one.shown.span;
        let (day, times) = (told::day_of(w, span, zone), told::times(w, span, zone));
        let sorry = |sentence| filled(sentence, &[("day", &day), ("times", &times)]);
        let (until, sorry) = match one.state {
            Stands::Offered(until) => {
                let until = wall(until, zone);
                let (day, time) = (told::date(w, until.date()), told::time(w, until.naive));
                (Some(filled(w.further_until, &[("day", &day), ("time", &time)])), String::new())
            }
            Stands::Taken => (None, String::new()),
            Stands::Lapsed => (None, sorry(w.further_lapsed)),
            Stands::Withdrawn => (None, sorry(w.further_withdrawn)),
            Stands::Declined | Stands::GivenUp => return None,
        };
        let taken = one.state == Stands::Taken;
        Some(Self { id: one.id, visit: Told::of(w, one.shown, zone), until, taken, begun: one.begun, sorry })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Take,
    Leave,
}

/// Both are in the form: a scanner that merely posts to an address says nothing.
#[derive(Deserialize)]
struct Answered {
    visit: FollowUpId,
    answer: Said,
}

async fn answer(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Answered>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(Answered { visit, answer }) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(said(&state, refusal, &token).await),
    };
    let (answer, deed) = match answer {
        Said::Take => (Answer::Take, "further"),
        Said::Leave => (Answer::Leave, "further-off"),
    };
    match state.desk.answer_further(&token, visit, answer).await {
        Ok(()) => Ok(done(&token, deed)),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

async fn entry(
    State(state): State<WebState>,
    Path((token, id)): Path<(String, String)>,
    Asked(asked): Asked,
) -> Result<Response, Refusal> {
    let id = id.parse().map_err(|_| Refusal::nothing())?;
    let entry = state.desk.further_entry(&token, id).await?;
    let w = words_in(entry.language.unwrap_or(asked));
    let text = kept(&entry.uid, entry.sequence, entry.now, &entry.span, &entry.title, w.calendar_entry);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"time.ics\""),
    ];
    Ok((headers, text).into_response())
}
