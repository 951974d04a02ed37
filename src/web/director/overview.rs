//! A director's page: facts without outcomes, and frozen releases. Never a count of what residents did.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::desk::lottery::BatchShown;
use crate::desk::overview::SeasonFacts;
use crate::domain::release::{Release, chart, csv};
use crate::web::body::Token;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::director::{DirectorWords, director};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of the overview.
pub fn routes() -> Router<WebState> {
    Router::new().route("/overview", get(show)).route("/overview/{offering}/release.csv", get(release))
}

#[derive(Template)]
#[template(path = "director/overview.html")]
struct OverviewPage {
    w: &'static Words,
    d: &'static DirectorWords,
    shell: Shell,
    seasons: Vec<SeasonTold>,
    letters: Vec<LetterTold>,
    unreached: Vec<String>,
}

struct SeasonTold {
    offering: String,
    title: String,
    period: String,
    residents: usize,
    booked: bool,
    seed_hash: String,
    batches: Vec<BatchTold>,
    waits: String,
    release: Option<ReleaseTold>,
}

struct BatchTold {
    title: String,
    seed: String,
    seed_hash: String,
    plan_hash: String,
}

struct ReleaseTold {
    figures: Vec<FigureTold>,
    /// The same figures as a table.
    table: String,
}

struct FigureTold {
    name: String,
    words: String,
    people: String,
    /// An `svg` element.
    bar: String,
}

struct LetterTold {
    letter: String,
    state: String,
    count: i64,
    reason: String,
}

impl SeasonTold {
    /// `first` is the number of the season's first chart: charts of one page are told apart by it.
    fn of(w: &Words, d: &DirectorWords, facts: SeasonFacts, first: usize) -> Self {
        let release_on = told::date(w, facts.release_on);
        Self {
            period: format!("{} – {}", told::date(w, facts.from), told::date(w, facts.until)),
            waits: filled(d.release_waits, &[("date", &release_on)]),
            release: facts.release.map(|release| ReleaseTold::of(d, &release, first)),
            offering: facts.offering,
            title: facts.title,
            residents: facts.residents,
            booked: facts.booked,
            seed_hash: facts.seed_hash,
            batches: facts.batches.into_iter().map(|batch| BatchTold::of(w, d, batch)).collect(),
        }
    }
}

impl BatchTold {
    fn of(w: &Words, d: &DirectorWords, batch: BatchShown) -> Self {
        let (number, date) = (batch.number.to_string(), told::date(w, batch.booked_at.date_naive()));
        let gaps = [("number", number.as_str()), ("date", &date), ("version", &batch.solver)];
        Self {
            title: filled(d.batch_title, &gaps),
            seed: batch.seed,
            seed_hash: batch.seed_hash,
            plan_hash: batch.plan_hash,
        }
    }
}

impl ReleaseTold {
    fn of(d: &DirectorWords, release: &Release, first: usize) -> Self {
        let figures = release.figures.iter().enumerate().map(|(at, figure)| FigureTold {
            name: figure.name.clone(),
            words: figure.words(),
            people: filled(d.release_people, &[("people", &figure.people.to_string())]),
            bar: chart::bar(figure, first + at),
        });
        Self { figures: figures.collect(), table: chart::table(release) }
    }
}

async fn show(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let (w, d) = (words(), director());
    let overview = state.desk.overview(&session).await?;
    let mut charts = 0;
    let mut seasons = Vec::new();
    for facts in overview.seasons {
        let season = SeasonTold::of(w, d, facts, charts);
        charts += season.release.as_ref().map_or(0, |release| release.figures.len());
        seasons.push(season);
    }
    let letters = overview.letters.into_iter().map(|count| LetterTold {
        letter: count.letter,
        state: count.state,
        count: count.count,
        reason: count.reason,
    });
    Ok(with_origin(page::ok(&OverviewPage {
        w,
        d,
        shell: super::shell("/overview"),
        seasons,
        letters: letters.collect(),
        unreached: overview.unreached,
    })))
}

async fn release(
    State(state): State<WebState>,
    Director(session): Director,
    Token(offering): Token,
) -> Result<Response, Refusal> {
    let release = state.desk.frozen_release(&session, &offering).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"release.csv\""),
    ];
    Ok((headers, csv(&release)).into_response())
}
