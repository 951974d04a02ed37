//! A therapist's pages: own visits with names, marks, and the feed without names. Never anybody else's visits.

use askama::Template;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LAST_MODIFIED};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use crate::desk::agenda::{Agenda, AgendaDay, AgendaVisit};
use crate::domain::booking::Mark;
use crate::domain::id::SeatId;
use crate::domain::people::Modality;
use crate::domain::time::{Instant, Zone};
use crate::web::body::{Fields, Token};
use crate::web::refusal::Refusal;
use crate::web::session::{Therapist, with_origin};
use crate::web::shell::Shell;
use crate::web::words::therapist::{TherapistWords, therapist};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of the agenda and the feed.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/agenda", get(show))
        .route("/agenda/mark", post(mark))
        .route("/agenda/feed", post(rotate))
        .route("/feed/{token}", get(feed))
}

/// An agenda turns over by so many days.
const PAGE_DAYS: u64 = 14;

#[derive(Template)]
#[template(path = "therapist/agenda.html")]
struct AgendaPage {
    w: &'static Words,
    t: &'static TherapistWords,
    shell: Shell,
    zone: String,
    from: NaiveDate,
    turned: bool,
    earlier: Option<NaiveDate>,
    later: Option<NaiveDate>,
    days: Vec<DayTold>,
    feed_url: String,
}

struct DayTold {
    day: String,
    is_today: bool,
    visits: Vec<VisitTold>,
}

struct VisitTold {
    seat: String,
    times: String,
    name: String,
    code: String,
    how: &'static str,
    place: String,
    mark: Option<Mark>,
    may_mark: bool,
}

impl VisitTold {
    fn of(w: &'static Words, visit: AgendaVisit, zone: Zone) -> Self {
        Self {
            seat: visit.seat.to_string(),
            times: told::times(w, visit.span, zone),
            name: visit.name,
            code: visit.code,
            how: match visit.modality {
                Modality::Video => w.by_video,
                Modality::Phone => w.by_phone,
                Modality::InPerson => w.in_person,
            },
            place: visit.place,
            mark: visit.mark,
            may_mark: visit.may_mark,
        }
    }

    fn is_kept(&self) -> bool {
        self.mark == Some(Mark::Kept)
    }
}

impl DayTold {
    fn of(w: &'static Words, day: AgendaDay, today: NaiveDate, zone: Zone) -> Self {
        Self {
            day: told::date(w, day.day),
            is_today: day.day == today,
            visits: day.visits.into_iter().map(|visit| VisitTold::of(w, visit, zone)).collect(),
        }
    }
}

#[derive(Deserialize)]
struct Turned {
    from: Option<NaiveDate>,
}

/// A day that an agenda can begin with: calendars end somewhere, and so do people's plans.
fn plausible(day: NaiveDate) -> bool {
    (2000..2200).contains(&day.year())
}

async fn show(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    query: Result<Query<Turned>, QueryRejection>,
) -> Result<Response, Refusal> {
    let (w, t) = (words(), therapist());
    let asked = query.ok().and_then(|Query(Turned { from })| from).filter(|day| plausible(*day));
    let Agenda { zone, today, days, feed_url } = state.desk.agenda(&session, asked).await?;
    let from = asked.unwrap_or(today);
    Ok(with_origin(page::ok(&AgendaPage {
        w,
        t,
        shell: super::shell("/agenda"),
        zone: filled(t.agenda_zone, &[("zone", zone.name())]),
        from,
        turned: from != today,
        earlier: from.checked_sub_days(Days::new(PAGE_DAYS)).filter(|day| plausible(*day)),
        later: from.checked_add_days(Days::new(PAGE_DAYS)).filter(|day| plausible(*day)),
        days: days.into_iter().map(|day| DayTold::of(w, day, today, zone)).collect(),
        feed_url: feed_url.map(|url| url.to_string()).unwrap_or_default(),
    })))
}

#[derive(Deserialize)]
struct Marked {
    seat: SeatId,
    mark: Note,
    from: Option<NaiveDate>,
}

/// A mark as a button sends it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Note {
    Kept,
    Missed,
    None,
}

async fn mark(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(form): Fields<Marked>,
) -> Result<Redirect, Refusal> {
    let mark = match form.mark {
        Note::Kept => Some(Mark::Kept),
        Note::Missed => Some(Mark::Missed),
        Note::None => None,
    };
    let back = form.from.map_or_else(|| "/agenda".to_owned(), |from| format!("/agenda?from={from}"));
    let marked = state.desk.mark(&session, form.seat, mark).await;
    marked.map_err(|error| Refusal::from(error).back_to(back.clone()))?;
    Ok(Redirect::to(&format!("{back}#{}", form.seat)))
}

async fn rotate(State(state): State<WebState>, Therapist(session): Therapist) -> Result<Redirect, Refusal> {
    state.desk.rotate_feed(&session).await?;
    Ok(Redirect::to("/agenda#feed"))
}

/// The calendar that a therapist's own program subscribes to; `304` as long as nothing in it changed.
async fn feed(
    State(state): State<WebState>,
    headers: HeaderMap,
    Token(file): Token,
) -> Result<Response, Refusal> {
    let token = file.strip_suffix(".ics").ok_or_else(Refusal::nothing)?;
    let feed = state.desk.feed(token).await?;
    let mut response = if is_known(&headers, &feed.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, "text/calendar; charset=utf-8")], feed.body).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    // A tag is a hash in quotes, and a date is digits and letters: both are header values.
    if let Ok(etag) = HeaderValue::from_str(&feed.etag) {
        answer.insert(ETAG, etag);
    }
    if let Some(Ok(at)) = feed.last_modified.map(|at| HeaderValue::from_str(&http_date(at))) {
        answer.insert(LAST_MODIFIED, at);
    }
    Ok(response)
}

/// Whether a subscriber has these bytes already (RFC 9110, section 13.1.2). A date alone is not enough: two changes
/// may fall into one second, so `If-Modified-Since` is never answered with `304`.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        let mut tags = value.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|tag| tag == "*" || tag == etag)
    })
}

/// RFC 9110, section 5.6.7.
fn http_date(at: Instant) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
