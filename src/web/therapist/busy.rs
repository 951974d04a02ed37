//! A therapist's calendars elsewhere: which are read, how that went, and a form for one more. Shows of an address only its
//! host, and never a password.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::desk::Error;
use crate::desk::published::OwnCalendar;
use crate::domain::id::BusyCalendarId;
use crate::domain::published::Refusal as Refused;
use crate::domain::time::{Instant, Zone, wall};
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Therapist, with_origin};
use crate::web::shell::Shell;
use crate::web::words::busy::{BusyWords, busy};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of calendars elsewhere.
pub fn routes() -> Doors {
    Doors::new()
        .route("/agenda/busy", get(show).post(add))
        .route("/agenda/busy/remove", post(remove))
        .route("/agenda/busy/now", post(read_now))
}

const PATH: &str = "/agenda/busy";

/// One more calendar, as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    address: String,
    user: String,
    password: String,
}

/// A field that is wrong, with a sentence.
struct Problem {
    field: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "therapist/busy.html")]
struct BusyPage {
    w: &'static Words,
    b: &'static BusyWords,
    shell: Shell,
    note: &'static str,
    calendars: Vec<Told>,
    typed: Typed,
    problem: Option<Problem>,
}

impl BusyPage {
    fn wrong(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.field == field)
    }
}

/// A calendar in words.
struct Told {
    id: String,
    host: String,
    read: String,
    trouble: String,
    refused: String,
    stale: bool,
}

impl Told {
    fn of(own: OwnCalendar, zone: Zone) -> Self {
        let b = busy();
        let at = |at: Instant| {
            let local = wall(at, zone);
            format!("{}, {}", told::short_date(words(), local.date()), told::time(words(), local.naive))
        };
        let read = match own.read_at {
            Some(read) => filled(b.read, &[("time", &at(read)), ("count", &own.spans.to_string())]),
            None if own.trouble.is_empty() => b.unread.to_owned(),
            None => b.never.to_owned(),
        };
        let trouble = match own.trouble.as_str() {
            "" => String::new(),
            trouble => filled(b.trouble, &[("reason", trouble)]),
        };
        let refused = match own.refused {
            0 => String::new(),
            count => filled(b.refused, &[("count", &count.to_string())]),
        };
        Self { id: own.id.to_string(), host: own.host, read, trouble, refused, stale: own.stale }
    }
}

async fn told_page(
    state: &WebState,
    session: &crate::desk::session::Session,
    status: StatusCode,
    note: &'static str,
    wrong: Option<(Typed, Problem)>,
) -> Result<Response, Refusal> {
    let (zone, _) = state.desk.blocked(session, None).await?;
    let own = state.desk.own_calendars(session).await?;
    let (typed, problem) = wrong.map_or((Typed::default(), None), |(typed, problem)| (typed, Some(problem)));
    let calendars = own.into_iter().map(|own| Told::of(own, zone)).collect();
    let (w, b, shell) = (words(), busy(), super::shell(PATH));
    Ok(with_origin(page::page(status, &BusyPage { w, b, shell, note, calendars, typed, problem })))
}

async fn show(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let b = busy();
    let note = match query.as_deref() {
        Some("added") => b.added,
        Some("removed") => b.removed,
        Some("soon") => b.soon,
        _ => "",
    };
    told_page(&state, &session, StatusCode::OK, note, None).await
}

async fn add(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(typed): Fields<Typed>,
) -> Result<Response, Refusal> {
    match state.desk.add_calendar(&session, &typed.address, &typed.user, &typed.password).await {
        Ok(()) => Ok(Redirect::to(&format!("{PATH}?added")).into_response()),
        Err(Error::Published(refused)) => {
            // A password is never sent back to a page.
            let typed = Typed { password: String::new(), ..typed };
            let wrong = Some((typed, problem(refused)));
            told_page(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, "", wrong).await
        }
        Err(other) => Err(other.into()),
    }
}

fn problem(refused: Refused) -> Problem {
    let b = busy();
    let (field, text) = match refused {
        Refused::Address => ("address", b.no_address),
        Refused::Insecure => ("address", b.insecure),
        Refused::Credentials => ("address", b.credentials),
        Refused::TooLong => ("address", b.too_long),
        Refused::Enough => ("address", b.enough),
        Refused::HalfAnAccount => ("user", b.half),
    };
    Problem { field, text }
}

#[derive(Deserialize)]
struct Which {
    calendar: BusyCalendarId,
}

async fn remove(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(Which { calendar }): Fields<Which>,
) -> Result<Redirect, Refusal> {
    state.desk.remove_calendar(&session, calendar).await?;
    Ok(Redirect::to(&format!("{PATH}?removed")))
}

async fn read_now(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(Which { calendar }): Fields<Which>,
) -> Result<Redirect, Refusal> {
    state.desk.read_calendar_soon(&session, calendar).await?;
    Ok(Redirect::to(&format!("{PATH}?soon")))
}
