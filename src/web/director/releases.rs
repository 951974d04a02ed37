//! Releases across the institution: every season's frozen figures, how to read them, and the same as CSV. Draws nothing.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::RELEASES;
use crate::desk::released::SeasonRelease;
use crate::domain::release::{Release, chart, csv};
use crate::web::agreed::AgreedTold;
use crate::web::body::Token;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::director::{DirectorWords, director};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of releases.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route(RELEASES, get(show))
        .route("/institution/releases/{offering}/release.csv", get(release))
}

#[derive(Template)]
#[template(path = "director/releases.html")]
struct ReleasesPage {
    w: &'static Words,
    d: &'static DirectorWords,
    shell: Shell,
    seasons: Vec<SeasonTold>,
}

struct SeasonTold {
    title: String,
    period: String,
    waits: String,
    csv: String,
    csv_of: String,
    release: Option<ReleaseTold>,
}

struct ReleaseTold {
    figures: Vec<FigureTold>,
    /// The same figures as a table.
    table: String,
    agreed: Option<AgreedTold>,
}

struct FigureTold {
    name: String,
    words: String,
    people: String,
    /// An `svg` element.
    bar: String,
}

impl SeasonTold {
    /// `first` is the number of the season's first chart: charts of one page are told apart by it.
    fn of(w: &Words, d: &DirectorWords, season: &SeasonRelease, first: usize) -> Self {
        Self {
            title: season.title.clone(),
            period: told::period(w, season.from, season.until),
            waits: filled(d.release_waits, &[("date", &told::date(w, season.release_on))]),
            csv: format!("{RELEASES}/{}/release.csv", season.offering),
            csv_of: filled(d.release_csv_of, &[("title", &season.title)]),
            release: season.release.as_ref().map(|release| ReleaseTold::of(d, release, first)),
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
        let agreed = AgreedTold::of(release, &release.terms.title, first + release.figures.len());
        Self { figures: figures.collect(), table: chart::table(release), agreed }
    }
}

async fn show(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let (w, d) = (words(), director());
    let mut charts = 0;
    let mut seasons = Vec::new();
    for season in state.desk.releases(&session).await? {
        seasons.push(SeasonTold::of(w, d, &season, charts));
        charts +=
            season.release.map_or(0, |it| it.figures.len() + it.survey.map_or(0, |it| it.questions.len()));
    }
    Ok(with_origin(page::ok(&ReleasesPage { w, d, shell: super::shell(RELEASES), seasons })))
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
