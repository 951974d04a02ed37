//! A therapist offers another visit to somebody whom they saw, and takes such an offer back. Never without a visit of theirs,
//! and never a word to anybody else.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;

use super::agenda::View;
use crate::desk::Error;
use crate::desk::follow_up::offer::{Another, FreeTime, When};
use crate::desk::follow_up::shown::AgendaFollowUp;
use crate::desk::session::Session;
use crate::domain::follow_up::{Refusal, State as Stands};
use crate::domain::id::{FollowUpId, SeatId};
use crate::domain::people::Modality;
use crate::domain::time::{Zone, wall};
use crate::domain::written;
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal as Refused;
use crate::web::session::{Therapist, with_origin};
use crate::web::shell::Shell;
use crate::web::words::follow_up::{FollowUpWords, follow_up};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of offering another visit.
pub fn routes() -> Doors {
    Doors::new()
        .route("/agenda/another/{seat}", get(show).post(offer))
        .route("/agenda/withdraw", post(withdraw))
}

/// A form as it is sent.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    /// A seat, or `typed`.
    when: String,
    on: String,
    at: String,
    mail: Option<String>,
}

/// The longest entry of a field that is looked at, in bytes.
const TEXT_MAX: usize = 40;
/// The choice of a time that is typed.
const TYPED: &str = "typed";

#[derive(Template)]
#[template(path = "therapist/another.html")]
struct AnotherPage {
    w: &'static Words,
    f: &'static FollowUpWords,
    shell: Shell,
    seat: SeatId,
    note: &'static str,
    lead: String,
    typed_why: String,
    inside: Vec<Choice>,
    others: Vec<Choice>,
    offered: Vec<Known>,
    fields: Typed,
    problem: Option<Problem>,
}

/// A time that can be chosen.
struct Choice {
    seat: String,
    when: String,
}

/// One that was offered.
struct Known {
    id: FollowUpId,
    when: String,
    standing: String,
    may_withdraw: bool,
}

/// What is wrong, and with which field.
struct Problem {
    field: &'static str,
    text: &'static str,
}

impl AnotherPage {
    /// Whether a field is the one that is wrong.
    fn wrong(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.field == field)
    }

    /// Whether a time is the one that was chosen.
    fn chosen(&self, when: &str) -> bool {
        self.fields.when == when
    }
}

/// How a visit is attended.
pub(super) const fn how(w: &Words, modality: Modality) -> &'static str {
    match modality {
        Modality::Video => w.by_video,
        Modality::Phone => w.by_phone,
        Modality::InPerson => w.in_person,
    }
}

/// Where a follow-up stands, in words.
pub(super) fn standing(w: &Words, state: Stands, zone: Zone) -> String {
    let f = follow_up();
    match state {
        Stands::Offered(until) => {
            let until = wall(until, zone);
            let (day, time) = (told::date(w, until.date()), told::time(w, until.naive));
            filled(f.another_offered, &[("day", &day), ("time", &time)])
        }
        Stands::Taken => f.another_taken.to_owned(),
        Stands::Declined => f.another_declined.to_owned(),
        Stands::GivenUp => f.another_given_up.to_owned(),
        Stands::Lapsed | Stands::Withdrawn => f.another_lapsed.to_owned(),
    }
}

fn when(w: &Words, span: crate::domain::time::Span, zone: Zone) -> String {
    format!("{}, {}", told::day_of(w, span, zone), told::times(w, span, zone))
}

fn page_of(another: Another, note: &'static str, fields: Typed, problem: Option<Problem>) -> AnotherPage {
    let (w, f) = (words(), follow_up());
    let Another { seat, name, last, zone, minutes, page_ends, inside, others, offered } = another;
    let choice = |time: FreeTime| Choice { seat: time.seat.to_string(), when: when(w, time.span, zone) };
    let known = |one: AgendaFollowUp| Known {
        id: one.id,
        when: when(w, one.span, zone),
        standing: standing(w, one.state, zone),
        may_withdraw: one.may_withdraw,
    };
    let (day, times) = (told::day_of(w, last, zone), told::times(w, last, zone));
    let closes = told::date(w, wall(page_ends, zone).date());
    let why = [("zone", zone.name()), ("minutes", &minutes.to_string()), ("last", &closes)];
    AnotherPage {
        w,
        f,
        shell: super::shell("/agenda"),
        seat,
        note,
        lead: filled(f.another_lead, &[("name", &name), ("day", &day), ("times", &times)]),
        typed_why: filled(f.another_typed_why, &why),
        inside: inside.into_iter().map(choice).collect(),
        others: others.into_iter().map(choice).collect(),
        offered: offered.into_iter().map(known).collect(),
        fields,
        problem,
    }
}

async fn show(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Path(seat): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let seat = seat.parse().map_err(|_| Refused::nothing())?;
    let another = state.desk.another(&session, seat).await?;
    let note = match query.as_deref() {
        Some("done") => follow_up().another_done,
        Some("withdrawn") => follow_up().another_withdrawn,
        _ => "",
    };
    Ok(with_origin(page::ok(&page_of(another, note, Typed::default(), None))))
}

async fn offer(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Path(seat): Path<String>,
    Fields(fields): Fields<Typed>,
) -> Result<Response, Refused> {
    let seat = seat.parse().map_err(|_| Refused::nothing())?;
    let problem = match chosen(&fields) {
        Err(problem) => problem,
        Ok(when) => match state.desk.offer_another(&session, seat, when, fields.mail.is_some()).await {
            Ok(_) => return Ok(Redirect::to(&format!("/agenda/another/{seat}?done")).into_response()),
            Err(error) => problem_of(error, when)?,
        },
    };
    refused(&state, &session, seat, fields, problem).await
}

async fn refused(
    state: &WebState,
    session: &Session,
    seat: SeatId,
    fields: Typed,
    problem: Problem,
) -> Result<Response, Refused> {
    let another = state.desk.another(session, seat).await?;
    let page = page_of(another, "", fields, Some(problem));
    Ok(with_origin(page::page(StatusCode::UNPROCESSABLE_ENTITY, &page)))
}

/// The time that a form says.
fn chosen(fields: &Typed) -> Result<When, Problem> {
    let f = follow_up();
    let typed = fields.when == TYPED || (fields.when.is_empty() && !fields.on.is_empty());
    if !typed {
        let seat = fields.when.parse();
        return seat.map(When::Free).map_err(|_| Problem { field: "when", text: f.another_no_when });
    }
    let short = |text: &&str| text.len() <= TEXT_MAX;
    let on = Some(fields.on.as_str()).filter(short).and_then(written::date);
    let at = Some(fields.at.as_str()).filter(short).and_then(written::time_of_day);
    let on = on.ok_or(Problem { field: "on", text: f.another_no_date })?;
    let at = at.ok_or(Problem { field: "at", text: f.another_no_time })?;
    Ok(When::Typed(on.and_time(at)))
}

/// What the desk refuses of a time, beside its field; other refusals are no matter of the form.
fn problem_of(error: Error, when: When) -> Result<Problem, Error> {
    let f = follow_up();
    let text = match error {
        Error::Taken => f.another_gone,
        Error::FollowUp(refusal) => match refusal {
            Refusal::TooSoon | Refusal::HasBegun => f.another_too_soon,
            Refusal::TooLate => f.another_too_late,
            Refusal::Skipped => f.another_skipped,
            Refusal::InHours => f.another_in_hours,
            Refusal::SlotThere => f.another_slot,
            Refusal::Busy => f.another_busy,
            Refusal::Away => f.another_away,
            Refusal::Offered => f.another_twice,
            Refusal::Theirs => f.another_theirs,
            Refusal::EnoughForThem => f.another_enough_them,
            Refusal::EnoughForYou => f.another_enough_you,
            Refusal::Gone => f.another_gone,
        },
        other => return Err(other),
    };
    Ok(Problem { field: if matches!(when, When::Typed(_)) { "at" } else { "when" }, text })
}

#[derive(Deserialize)]
struct TakenBack {
    offer: FollowUpId,
    /// The visit from whose page it is taken back.
    seat: Option<SeatId>,
    from: Option<NaiveDate>,
    day: Option<NaiveDate>,
}

async fn withdraw(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(form): Fields<TakenBack>,
) -> Result<Redirect, Refused> {
    let back = match form.seat {
        Some(seat) => format!("/agenda/another/{seat}?withdrawn"),
        None => View::back(form.from, form.day),
    };
    let done = state.desk.withdraw_another(&session, form.offer).await;
    done.map_err(|error| Refused::from(error).back_to(back.clone()))?;
    Ok(Redirect::to(&back))
}
