//! Releases across the institution: every group's frozen figures over the seasons, how to read them, and the same as CSV.
//! Draws nothing.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::RELEASES;
use crate::desk::released::SeasonRelease;
use crate::domain::release::{Frozen, Release, Subject, seasons};
use crate::web::agreed::AgreedTold;
use crate::web::body::Token;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::seasons::{self as told_seasons, GroupTold};
use crate::web::session::{Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::director::{DirectorWords, director};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// Every figure of every season as a file.
const ALL: &str = "/institution/releases.csv";

/// The routes of releases.
pub fn routes() -> Doors {
    Doors::new()
        .route(RELEASES, get(show))
        .route(ALL, get(all))
        .route("/institution/releases/{offering}/release.csv", get(release))
}

/// Charts of surveys are numbered from here, beyond those of groups.
const SURVEYS_FROM: usize = 1000;

#[derive(Template)]
#[template(path = "director/releases.html")]
struct ReleasesPage {
    w: &'static Words,
    d: &'static DirectorWords,
    shell: Shell,
    seasons: Vec<SeasonTold>,
    /// The institution, then the groups.
    groups: Vec<GroupTold>,
    agreed: Vec<AgreedTold>,
    all: &'static str,
}

struct SeasonTold {
    title: String,
    period: String,
    /// When the figures come, or why there are none.
    line: String,
    /// Where they are as a file; empty where there are none.
    csv: String,
}

impl SeasonTold {
    fn of(w: &Words, d: &DirectorWords, season: &SeasonRelease) -> Self {
        let line = match (&season.release, &season.withdrawn) {
            (_, Some(withdrawal)) => told::withdrawn(w, withdrawal),
            (None, None) => filled(d.release_waits, &[("date", &told::date(w, season.release_on))]),
            (Some(release), None) if release.figures.is_empty() => d.release_none.to_owned(),
            (Some(_), None) => String::new(),
        };
        let csv = if line.is_empty() {
            format!("{RELEASES}/{}/release.csv", season.offering)
        } else {
            String::new()
        };
        Self { title: season.title.clone(), period: told::period(w, season.from, season.until), line, csv }
    }
}

/// Every group over the seasons, the institution first and breakdowns last.
fn groups(d: &DirectorWords, released: &[&Release]) -> Vec<GroupTold> {
    let mut groups = seasons(released.iter().copied());
    // The institution, then the units, then its breakdowns, each in its own order.
    groups.sort_by_key(|group| match group.subject() {
        Subject::Institution => 0,
        Subject::Unit(_) => 1,
        Subject::TrainingYear(_) => 2,
        Subject::Site(_) => 3,
    });
    let words = (d.release_people, d.release_table);
    groups.iter().enumerate().map(|(at, group)| GroupTold::of(group, words, "", at)).collect()
}

/// What the surveys told, numbered behind the groups.
fn agreed(w: &Words, known: &[SeasonRelease]) -> Vec<AgreedTold> {
    let told = known.iter().filter_map(|season| {
        let period = told::period(w, season.from, season.until);
        Some((season.release.as_ref()?, format!("{}, {period}", season.title)))
    });
    AgreedTold::all(told, SURVEYS_FROM)
}

async fn show(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let (w, d) = (words(), director());
    let known = state.desk.releases(&session).await?;
    let released: Vec<&Release> = known.iter().filter_map(|season| season.release.as_ref()).collect();
    Ok(with_origin(page::ok(&ReleasesPage {
        w,
        d,
        shell: super::shell(RELEASES),
        seasons: known.iter().map(|season| SeasonTold::of(w, d, season)).collect(),
        groups: groups(d, &released),
        agreed: agreed(w, &known),
        all: ALL,
    })))
}

async fn release(
    State(state): State<WebState>,
    Director(session): Director,
    Token(offering): Token,
) -> Result<Response, Refusal> {
    Ok(told_seasons::file(&state.desk.frozen_release(&session, &offering).await?))
}

async fn all(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let known = state.desk.releases(&session).await?;
    let frozen: Vec<Frozen> = known.iter().filter_map(SeasonRelease::frozen).collect();
    Ok(told_seasons::file_of_all(&frozen))
}
