//! What a resident does behind their link. Reading changes nothing; each button answers with the page that says what
//! now holds, the second time as the first. Never a name.

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::why::WhyTold;
use crate::desk::Error;
use crate::desk::visit::{Offer, Offers, Shown, Standings, View};
use crate::domain::booking::{Entry, Wishes};
use crate::domain::id::SeatId;
use crate::domain::people::Modality;
use crate::domain::time::{Zone, wall};
use crate::web::body::{Fields, Token};
use crate::web::refusal::Refusal;
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes behind a resident's link.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/v/{token}", get(show))
        .route("/v/{token}/opt-out", post(opt_out))
        .route("/v/{token}/come-back", post(come_back))
        .route("/v/{token}/times", get(times).post(take))
        .route("/v/{token}/letters", post(letters))
}

/// What follows the address of a page once something was saved.
const SAVED: &str = "saved";

#[derive(Template)]
#[template(path = "resident/visit.html")]
struct VisitPage<'a> {
    w: &'static Words,
    token: &'a str,
    title: String,
    state: Stands,
    visit: Option<Told>,
    may_choose: bool,
    on_calendar: bool,
    wishes: Wishes,
    price: String,
    why: Option<WhyTold>,
    saved: bool,
}

/// Where a booking stands, without what is shown of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Waiting,
    Held,
    Past,
    OptedOut,
}

/// A visit in words.
struct Told {
    day: String,
    times: String,
    how: &'static str,
    modality: Modality,
    place: String,
    /// Where the place leads when it is pressed.
    href: Option<String>,
    site_address: String,
}

impl Told {
    fn of(w: &Words, shown: Shown, zone: Zone) -> Self {
        Self {
            day: told::day_of(w, shown.span, zone),
            times: told::times(w, shown.span, zone),
            how: how(w, shown.modality),
            href: href(shown.modality, &shown.place),
            modality: shown.modality,
            place: shown.place,
            site_address: shown.site_address,
        }
    }

    fn is_video(&self) -> bool {
        self.modality == Modality::Video
    }
}

const fn how(w: &Words, modality: Modality) -> &'static str {
    match modality {
        Modality::Video => w.by_video,
        Modality::Phone => w.by_phone,
        Modality::InPerson => w.in_person,
    }
}

/// An address that a browser may open; other schemes stay text.
fn href(modality: Modality, place: &str) -> Option<String> {
    match modality {
        Modality::Video => place.starts_with("https://").then(|| place.to_owned()),
        Modality::Phone => {
            let number: String = place.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            (!number.is_empty()).then(|| format!("tel:{number}"))
        }
        Modality::InPerson => None,
    }
}

fn path(token: &str) -> String {
    format!("/v/{token}")
}

/// The page that says what now holds.
fn done(token: &str) -> Redirect {
    Redirect::to(&format!("{}?{SAVED}", path(token)))
}

fn refused(error: Error, token: &str) -> Refusal {
    Refusal::from(error).back_to(path(token))
}

async fn show(
    State(state): State<WebState>,
    Token(token): Token,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let w = words();
    let view = state.desk.visit(&token).await?;
    let price = price(w, view.spent_millis);
    let View { title, zone, standing, may_choose, on_calendar, wishes, why, .. } = view;
    let (state, shown) = match standing {
        Standings::Waiting => (Stands::Waiting, None),
        Standings::Held(shown) => (Stands::Held, Some(shown)),
        Standings::Past(shown) => (Stands::Past, Some(shown)),
        Standings::OptedOut(shown) => (Stands::OptedOut, shown),
    };
    Ok(page::ok(&VisitPage {
        w,
        token: &token,
        title,
        state,
        visit: shown.map(|shown| Told::of(w, shown, zone)),
        may_choose,
        on_calendar,
        wishes,
        price,
        why: why.map(|(chosen, here)| WhyTold::of(w, chosen, &here, zone)),
        saved: query.as_deref() == Some(SAVED),
    }))
}

/// What releases told about this resident at most, in words: epsilon, and how sure somebody could be who knew
/// everyone else's outcome and had tossed a coin about this one.
fn price(w: &Words, millis: i64) -> String {
    if millis <= 0 {
        return w.price_none.to_owned();
    }
    let epsilon = f64::from(i32::try_from(millis).unwrap_or(i32::MAX)) / 1000.0;
    let percent = (100.0 / (1.0 + (-epsilon).exp())).ceil();
    filled(w.price_some, &[("epsilon", &epsilon.to_string()), ("percent", &percent.to_string())])
}

#[derive(Deserialize)]
struct OptOut {
    entry: Entry,
}

/// The choice must be in the form: a scanner that merely posts to an address says nothing.
async fn opt_out(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<OptOut>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(OptOut { entry }) = form.map_err(|refusal| refusal.back_to(path(&token)))?;
    state.desk.opt_out(&token, entry).await.map_err(|error| refused(error, &token))?;
    Ok(done(&token))
}

/// The seat may be gone meanwhile; then the other times are shown.
async fn come_back(State(state): State<WebState>, Token(token): Token) -> Result<Response, Refusal> {
    match state.desk.opt_back_in(&token).await {
        Ok(()) => Ok(axum::response::IntoResponse::into_response(done(&token))),
        Err(Error::Taken) => fresh_list(&state, &token, None).await,
        Err(error) => Err(refused(error, &token)),
    }
}

#[derive(Deserialize)]
struct Letters {
    /// Always there, so that an empty form is not read as three unchecked boxes.
    #[serde(rename = "letters")]
    _present: String,
    confirm: Option<String>,
    remind: Option<String>,
    none: Option<String>,
}

async fn letters(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Letters>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(form) = form.map_err(|refusal| refusal.back_to(path(&token)))?;
    let wishes = Wishes {
        confirm_by_mail: form.confirm.is_some(),
        remind_of_new_time: form.remind.is_some(),
        no_letters: form.none.is_some(),
    };
    state.desk.wish(&token, wishes).await.map_err(|error| refused(error, &token))?;
    Ok(done(&token))
}

#[derive(Template)]
#[template(path = "resident/times.html")]
struct TimesPage<'a> {
    w: &'static Words,
    token: &'a str,
    title: String,
    holds_one: bool,
    remind: bool,
    gone: bool,
    days: Vec<DayOfTimes>,
}

/// The times of one day.
struct DayOfTimes {
    day: String,
    times: Vec<TimeToChoose>,
}

struct TimeToChoose {
    seat: String,
    times: String,
    how: &'static str,
}

/// Times by the day on which they begin, in the resident's zone; they come in order.
fn by_day(w: &'static Words, times: &[Offer], zone: Zone) -> Vec<DayOfTimes> {
    let day = |offer: &Offer| wall(offer.span.starts_at(), zone).date();
    let days = times.chunk_by(|one, other| day(one) == day(other));
    let told = |offer: &Offer| TimeToChoose {
        seat: offer.seat.to_string(),
        times: told::times(w, offer.span, zone),
        how: how(w, offer.modality),
    };
    days.map(|offers| DayOfTimes {
        day: offers.first().map(|first| told::date(w, day(first))).unwrap_or_default(),
        times: offers.iter().map(told).collect(),
    })
    .collect()
}

fn times_page(token: &str, offers: Offers, gone: bool) -> Response {
    let w = words();
    let status = if gone { StatusCode::CONFLICT } else { StatusCode::OK };
    let days = by_day(w, &offers.times, offers.zone);
    let Offers { title, holds_one, remind, .. } = offers;
    page::page(status, &TimesPage { w, token, title, holds_one, remind, gone, days })
}

/// The times again, without the one that this resident just learned is gone.
async fn fresh_list(state: &WebState, token: &str, gone: Option<SeatId>) -> Result<Response, Refusal> {
    let mut offers = state.desk.offers(token).await.map_err(|error| refused(error, token))?;
    offers.times.retain(|offer| Some(offer.seat) != gone);
    Ok(times_page(token, offers, true))
}

async fn times(State(state): State<WebState>, Token(token): Token) -> Result<Response, Refusal> {
    let offers = state.desk.offers(&token).await.map_err(|error| refused(error, &token))?;
    Ok(times_page(&token, offers, false))
}

#[derive(Deserialize)]
struct Take {
    seat: SeatId,
    remind: Option<String>,
}

async fn take(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Take>, Refusal>,
) -> Result<Response, Refusal> {
    let back = |refusal: Refusal| refusal.back_to(format!("{}/times", path(&token)));
    let Fields(Take { seat, remind }) = form.map_err(back)?;
    match state.desk.reschedule(&token, seat, remind.is_some()).await {
        Ok(()) => Ok(axum::response::IntoResponse::into_response(done(&token))),
        Err(Error::Taken) => fresh_list(&state, &token, Some(seat)).await,
        Err(error) => Err(back(error.into())),
    }
}
