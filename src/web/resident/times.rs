//! The free times inside a resident's protected time, by day, and what they would rather have. Never names a therapist,
//! and says nothing of who sits elsewhere.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::visit::how;
use super::wished::BetterTold;
use super::{done, path, said};
use crate::desk::Error;
use crate::desk::own::Choices;
use crate::desk::visit::{Offer, Offers};
use crate::domain::eligibility::Wishes;
use crate::domain::id::SeatId;
use crate::domain::language::Language;
use crate::domain::people::Modality;
use crate::domain::time::{Zone, wall};
use crate::web::body::{Fields, Token};
use crate::web::doors::Doors;
use crate::web::language::Asked;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, words_in};
use crate::web::{WebState, page, told};

/// The routes of times.
pub fn routes() -> Doors {
    Doors::new()
        .route("/v/{token}/times", get(times).post(take))
        .route("/v/{token}/move-back", post(move_back))
        .route("/v/{token}/preferences", post(prefer))
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
    saved: Option<&'static str>,
    /// Whether there are wishes that times are compared with.
    wishes: bool,
    better: Option<BetterTold>,
    move_me: bool,
    matching: Vec<DayOfTimes>,
    others: Vec<DayOfTimes>,
    languages: Vec<Wished>,
    genders: Vec<Wished>,
    ways: Vec<Wished>,
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

/// Something that can be wished for.
struct Wished {
    value: String,
    label: String,
    chosen: bool,
}

/// Times by the day on which they begin, in the resident's zone; they come in order.
fn by_day(w: &'static Words, times: &[Offer], zone: Zone, matching: bool) -> Vec<DayOfTimes> {
    let times: Vec<&Offer> = times.iter().filter(|offer| offer.matches == matching).collect();
    let day = |offer: &Offer| wall(offer.span.starts_at(), zone).date();
    let days = times.chunk_by(|one, other| day(one) == day(other));
    let told = |offer: &&Offer| TimeToChoose {
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

/// What therapists' files call something, in the words of the page.
pub(super) fn named(w: &Words, text: &str) -> String {
    let known = w.names.iter().find(|(name, _)| *name == text.to_lowercase());
    let text = known.map_or(text, |(_, told)| told);
    let mut signs = text.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

fn texts(w: &Words, all: &[String], chosen: Option<&String>) -> Vec<Wished> {
    let wished = |text: &String| Wished {
        value: text.clone(),
        label: named(w, text),
        chosen: chosen.is_some_and(|chosen| chosen.to_lowercase() == text.to_lowercase()),
    };
    all.iter().map(wished).collect()
}

pub(super) const fn way(modality: Modality) -> &'static str {
    match modality {
        Modality::Video => "video",
        Modality::InPerson => "in-person",
        Modality::Phone => "phone",
    }
}

fn ways(w: &Words, choices: &Choices, chosen: Option<Modality>) -> Vec<Wished> {
    let wished = |modality: &Modality| Wished {
        value: way(*modality).to_owned(),
        label: how(w, *modality).to_owned(),
        chosen: chosen == Some(*modality),
    };
    choices.modalities.iter().map(wished).collect()
}

fn times_page(token: &str, offers: Offers, gone: bool, query: Option<&str>, asked: Language) -> Response {
    let w = words_in(offers.language.unwrap_or(asked));
    let status = if gone { StatusCode::CONFLICT } else { StatusCode::OK };
    let wishes = offers.prefers != Wishes::default();
    let saved = query
        .filter(|query| *query == "saved")
        .map(|_| if wishes { w.wishes_saved } else { w.wishes_cleared });
    let prefers = &offers.prefers;
    let page = TimesPage {
        w,
        token,
        holds_one: offers.holds_one,
        remind: offers.remind,
        gone,
        saved,
        wishes,
        better: BetterTold::of(w, &offers),
        move_me: offers.move_me,
        matching: by_day(w, &offers.times, offers.zone, true),
        others: by_day(w, &offers.times, offers.zone, false),
        languages: texts(w, &offers.choices.languages, prefers.language.as_ref()),
        genders: texts(w, &offers.choices.genders, prefers.gender.as_ref()),
        ways: ways(w, &offers.choices, prefers.modality),
        title: offers.title,
    };
    page::page(status, &page)
}

/// The list after a seat turned out to be gone, without that seat.
pub(super) async fn fresh_list(
    state: &WebState,
    token: &str,
    gone: Option<SeatId>,
    asked: Language,
) -> Result<Response, Refusal> {
    match state.desk.offers(token).await {
        Ok(mut offers) => {
            offers.times.retain(|offer| Some(offer.seat) != gone);
            Ok(times_page(token, offers, true, None, asked))
        }
        Err(error) => Err(said(state, error, token).await),
    }
}

async fn times(
    State(state): State<WebState>,
    Token(token): Token,
    RawQuery(query): RawQuery,
    Asked(asked): Asked,
) -> Result<Response, Refusal> {
    match state.desk.offers(&token).await {
        Ok(offers) => Ok(times_page(&token, offers, false, query.as_deref(), asked)),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

#[derive(Deserialize)]
struct Take {
    seat: SeatId,
    remind: Option<String>,
}

async fn take(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
    form: Result<Fields<Take>, Refusal>,
) -> Result<Response, Refusal> {
    let back = |refusal: Refusal| refusal.back_to(format!("{}/times", path(&token)));
    let Fields(Take { seat, remind }) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(back(said(&state, refusal, &token).await)),
    };
    match state.desk.reschedule(&token, seat, remind.is_some()).await {
        Ok(()) => Ok(done(&token, "moved").into_response()),
        Err(Error::Taken) => fresh_list(&state, &token, Some(seat), asked).await,
        Err(error) => Err(back(said(&state, error, &token).await)),
    }
}

/// The button must have been pressed: a bare form says nothing.
#[derive(Deserialize)]
struct Back {
    #[serde(rename = "back")]
    _pressed: String,
}

/// The seat that was given up may be gone meanwhile; then the other times are shown.
async fn move_back(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
    form: Result<Fields<Back>, Refusal>,
) -> Result<Response, Refusal> {
    if let Err(refusal) = form {
        return Err(said(&state, refusal, &token).await);
    }
    match state.desk.move_back(&token).await {
        Ok(()) => Ok(done(&token, "back").into_response()),
        Err(Error::Taken) => fresh_list(&state, &token, None, asked).await,
        Err(error) => Err(said(&state, error, &token).await),
    }
}

#[derive(Deserialize)]
struct Preferences {
    language: String,
    gender: String,
    /// Empty where nothing is preferred.
    way: String,
    #[serde(rename = "move")]
    move_me: Option<String>,
    clear: Option<String>,
}

async fn prefer(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Preferences>, Refusal>,
) -> Result<Redirect, Refusal> {
    let back = |refusal: Refusal| refusal.back_to(format!("{}/times", path(&token)));
    let Fields(form) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(back(said(&state, refusal, &token).await)),
    };
    let all = [Modality::Video, Modality::InPerson, Modality::Phone];
    let wishes = Wishes {
        language: Some(form.language).filter(|text| !text.is_empty()),
        gender: Some(form.gender).filter(|text| !text.is_empty()),
        modality: all.into_iter().find(|modality| way(*modality) == form.way),
    };
    let wishes = if form.clear.is_some() { Wishes::default() } else { wishes };
    match state.desk.prefer(&token, wishes, form.move_me.is_some()).await {
        Ok(()) => Ok(Redirect::to(&format!("{}/times?saved", path(&token)))),
        Err(error) => Err(back(said(&state, error, &token).await)),
    }
}
