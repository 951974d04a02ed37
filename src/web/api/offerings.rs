//! What is held for people: seasons, plans, batches and releases. Never what a resident did.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::problem::{Problem, Problems};
use super::who::Bearer;
use crate::desk::lottery::BatchShown;
use crate::desk::overview::SeasonFacts;
use crate::domain::release::{Figure, Frozen, Withdrawal};
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new()
        .routes(routes!(offerings))
        .routes(routes!(offering))
        .routes(routes!(release))
        .routes(routes!(book))
        .routes(routes!(letters))
}

/// An offering in facts that depend on no outcome.
#[derive(Serialize, ToSchema)]
struct OfferingTold {
    /// Identifier.
    id: String,
    /// Its neutral title.
    title: String,
    /// First day of visits.
    from: NaiveDate,
    /// Last day of visits.
    until: NaiveDate,
    /// Residents on the rosters.
    residents: usize,
    /// Whether its first batch was booked.
    booked: bool,
    /// The day of its release.
    release_on: NaiveDate,
    /// SHA-256 of the seed of its next lottery.
    seed_hash: String,
    /// Its lotteries that were drawn, oldest first.
    batches: Vec<BatchTold>,
}

/// A batch that booked somebody.
#[derive(Serialize, ToSchema)]
struct BatchTold {
    /// From 1.
    number: i64,
    /// The seed that decided it.
    seed: String,
    /// The hash of it that was shown before.
    seed_hash: String,
    /// Keyed hash of who sits where.
    plan_hash: String,
}

impl From<BatchShown> for BatchTold {
    fn from(batch: BatchShown) -> Self {
        let BatchShown { number, seed, seed_hash, plan_hash, .. } = batch;
        Self { number, seed, seed_hash, plan_hash }
    }
}

impl OfferingTold {
    fn of(facts: SeasonFacts, residents: usize) -> Self {
        Self {
            id: facts.offering,
            title: facts.title,
            from: facts.from,
            until: facts.until,
            residents,
            booked: facts.booked,
            release_on: facts.release_on,
            seed_hash: facts.seed_hash,
            batches: facts.batches.into_iter().map(BatchTold::from).collect(),
        }
    }
}

/// Every offering of the institution, for its directors.
#[utoipa::path(get, path = "/api/v1/offerings", tag = "offerings",
    responses((status = 200, body = Vec<OfferingTold>), Problems))]
async fn offerings(
    State(state): State<WebState>,
    Bearer(session): Bearer,
) -> Result<Json<Vec<OfferingTold>>, Problem> {
    let overview = state.desk.overview(&session).await?;
    let residents = overview.residents;
    let told = |facts| OfferingTold::of(facts, residents);
    // Oldest first.
    Ok(Json(overview.seasons.into_iter().rev().map(told).collect()))
}

/// An offering with its rules.
#[derive(Serialize, ToSchema)]
struct OfferingWhole {
    /// Identifier.
    id: String,
    /// The neutral words that colleagues can see in a calendar.
    title: String,
    /// First day of visits.
    from: NaiveDate,
    /// Last day of visits.
    until: NaiveDate,
    /// Length of a visit.
    visit_minutes: u32,
    /// Minutes kept free after each visit.
    buffer_minutes: u32,
    /// A visit is booked or moved at the latest so many hours before it begins.
    notice_hours: u32,
    /// Share of seats that the batch leaves free.
    reserve_percent: u8,
    /// Everyone is reminded so many hours before the default visit.
    reminder_hours: Vec<u32>,
    /// Days between the announcement and the invitation; none where no announcement is sent.
    announce_days: Option<u32>,
    /// The day of its release.
    release_on: NaiveDate,
    /// Privacy loss of the release in thousandths.
    epsilon_millis: u32,
    /// SHA-256 of the seed of its next lottery.
    seed_hash: String,
    /// Its lotteries that were drawn, oldest first.
    batches: Vec<BatchTold>,
}

/// One offering with its rules, for directors.
#[utoipa::path(get, path = "/api/v1/offerings/{offering}", tag = "offerings",
    params(("offering" = String, Path, description = "Identifier of the offering.")),
    responses((status = 200, body = OfferingWhole), Problems))]
async fn offering(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    offering: Result<Path<String>, PathRejection>,
) -> Result<Json<OfferingWhole>, Problem> {
    let Path(offering) = offering?;
    let offered = state.desk.offered(&session, &offering).await?;
    let (release_on, seed_hash) = (offered.offering.release_on(), offered.offering.row.seed_hash);
    let rules = offered.offering.rules;
    Ok(Json(OfferingWhole {
        id: offered.offering.row.id.to_string(),
        title: rules.title,
        from: rules.from,
        until: rules.until,
        visit_minutes: rules.visit_minutes,
        buffer_minutes: rules.buffer_minutes,
        notice_hours: rules.notice_hours,
        reserve_percent: rules.reserve_percent,
        reminder_hours: rules.reminder_hours,
        announce_days: rules.announce_days,
        release_on,
        epsilon_millis: rules.epsilon_millis,
        seed_hash,
        batches: offered.batches.into_iter().map(BatchTold::from).collect(),
    }))
}

/// A frozen figure.
#[derive(Serialize, ToSchema)]
pub(super) struct FigureTold {
    /// The group.
    name: String,
    /// How many people it has.
    people: u32,
    /// The share who attended at least one visit by the closing date, with its uncertainty, in words.
    words: String,
}

/// That a release is no longer shown.
#[derive(Serialize, ToSchema)]
pub(super) struct WithdrawnTold {
    /// When.
    on: NaiveDate,
    /// Why.
    reason: String,
}

impl From<Withdrawal> for WithdrawnTold {
    fn from(withdrawal: Withdrawal) -> Self {
        Self { on: withdrawal.on, reason: withdrawal.reason }
    }
}

impl From<&Figure> for FigureTold {
    fn from(figure: &Figure) -> Self {
        Self { name: figure.name.clone(), people: figure.people, words: figure.words() }
    }
}

/// The frozen release of an offering with its breakdowns, for directors. Noise of known strength was added on purpose; of a
/// release that was withdrawn there is no figure.
#[utoipa::path(get, path = "/api/v1/offerings/{offering}/release", tag = "offerings",
    params(("offering" = String, Path, description = "Identifier of the offering.")),
    responses((status = 200, body = Vec<FigureTold>), Problems))]
async fn release(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    offering: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<FigureTold>>, Problem> {
    let Path(offering) = offering?;
    match state.desk.frozen_release(&session, &offering).await? {
        Frozen::Shown(release) => {
            Ok(Json(release.every_figure().map(|(figure, _)| FigureTold::from(figure)).collect()))
        }
        Frozen::Withdrawn(withdrawal) => Err(crate::desk::Error::Refused(withdrawal.words()).into()),
    }
}

/// What booking came to. It counts what batches planned, and nothing that residents did.
#[derive(Serialize, ToSchema)]
struct BookedTold {
    /// Residents who were given a visit now.
    booked: usize,
    /// Residents who had one.
    already: usize,
    /// Residents who wait, because no seat fits.
    waiting: usize,
    /// Letters for everyone that are owed now, to be sent in their time.
    letters_owed: usize,
}

/// Books the plan of all programs together. Nobody is booked twice: asked again, it books whoever came since.
#[utoipa::path(post, path = "/api/v1/offerings/{offering}/batches", tag = "offerings",
    params(("offering" = String, Path, description = "Identifier of the offering.")),
    responses((status = 200, body = BookedTold), Problems))]
async fn book(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    offering: Result<Path<String>, PathRejection>,
) -> Result<Json<BookedTold>, Problem> {
    let Path(offering) = offering?;
    let booked = state.desk.book_for_all(&session, &offering, &|_| {}).await?;
    Ok(Json(BookedTold {
        booked: booked.booked,
        already: booked.already,
        waiting: booked.waiting,
        letters_owed: booked.letters_owed,
    }))
}

/// A count of letters that everyone gets.
#[derive(Serialize, ToSchema)]
struct LettersTold {
    /// Which letter.
    letter: String,
    /// `owed`, `sent` or `failed`.
    state: String,
    /// The mail server's reason, without an address.
    reason: String,
    /// How many.
    count: i64,
}

/// The letters that everyone gets, by kind and state, for directors. Never by person.
#[utoipa::path(get, path = "/api/v1/letters", tag = "mail",
    responses((status = 200, body = Vec<LettersTold>), Problems))]
async fn letters(
    State(state): State<WebState>,
    Bearer(session): Bearer,
) -> Result<Json<Vec<LettersTold>>, Problem> {
    let letters = state.desk.posted(&session).await?.letters.into_iter().map(|count| LettersTold {
        letter: count.letter,
        state: count.state,
        reason: count.reason,
        count: count.count,
    });
    Ok(Json(letters.collect()))
}
