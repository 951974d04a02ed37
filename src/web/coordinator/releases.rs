//! The frozen figures that a program sees, season by season, and how to read them. Never another program's figure, and
//! before the day nothing but the day.

use askama::Template;
use axum::extract::{RawPathParams, State};
use axum::response::Response;
use axum::routing::get;

use super::choice::period;
use crate::desk::program_releases::{ProgramRelease, Scope};
use crate::domain::id::OfferingId;
use crate::domain::release::{Frozen, Release, seasons};
use crate::web::agreed::AgreedTold;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::seasons::{self as told_seasons, GroupTold};
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path, told};

/// The routes of releases.
pub fn routes() -> Doors {
    Doors::new()
        .route("/program/{program}/releases", get(show))
        .route("/program/{program}/releases.csv", get(all))
        .route("/program/{program}/releases/{offering}/release.csv", get(file))
}

/// Charts of surveys are numbered from here, beyond those of groups.
const SURVEYS_FROM: usize = 1000;

#[derive(Template)]
#[template(path = "coordinator/releases.html")]
struct ReleasesPage {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: Shell,
    seasons: Vec<SeasonTold>,
    /// The groups in which the program was counted; most often there is one.
    groups: Vec<GroupTold>,
    agreed: Vec<AgreedTold>,
    /// All figures as a file.
    all: String,
}

struct SeasonTold {
    title: String,
    period: String,
    /// What is to be known of it, a sentence each.
    lines: Vec<String>,
    /// The figure as a file; empty where there is none.
    csv: String,
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
) -> Result<Response, Refusal> {
    let path = program_path(&program.code);
    let releases = state.desk.releases_of(&session, &program).await?;
    let told = releases.iter().map(|one| SeasonTold::of(&path, one));
    Ok(with_origin(page::ok(&ReleasesPage {
        w: words(),
        c: season(),
        shell: super::shell(&program, "/releases"),
        seasons: told.collect(),
        agreed: agreed(&releases),
        groups: groups(&releases),
        all: format!("{path}/releases.csv"),
    })))
}

impl SeasonTold {
    fn of(path: &str, one: &ProgramRelease) -> Self {
        let c = season();
        let lines = match (&one.release, &one.withdrawn) {
            (_, Some(withdrawal)) => vec![told::withdrawn(words(), withdrawal)],
            (Some(_), None) => vec![of_frozen(c, one.scope).to_owned()],
            (None, None) => to_come(c, one),
        };
        let has_figure = one.release.as_ref().is_some_and(|release| !release.figures.is_empty());
        let csv = if has_figure {
            format!("{path}/releases/{}/release.csv", one.season.offering)
        } else {
            String::new()
        };
        Self {
            title: one.season.title.clone(),
            period: period(&one.season),
            lines: lines.into_iter().filter(|line| !line.is_empty()).collect(),
            csv,
        }
    }
}

/// What a frozen figure is about, where that is not the program itself.
const fn of_frozen(c: &SeasonWords, scope: Scope) -> &'static str {
    match scope {
        Scope::Own => "",
        Scope::Smaller => c.releases_is_smaller,
        Scope::Institution => c.releases_is_institution,
        Scope::Nothing => c.releases_is_nothing,
    }
}

/// The groups in which the program was counted, each over the seasons.
fn groups(releases: &[ProgramRelease]) -> Vec<GroupTold> {
    let c = season();
    let groups = seasons(frozen(releases));
    let told = groups.iter().enumerate().map(|(at, group)| {
        let about = of_frozen(c, Scope::of(group.subject()));
        GroupTold::of(group, (c.releases_people, c.releases_table), about, at)
    });
    told.collect()
}

/// What the surveys told, numbered behind the groups.
fn agreed(releases: &[ProgramRelease]) -> Vec<AgreedTold> {
    let told = releases.iter().filter_map(|one| {
        let season = format!("{}, {}", one.season.title, period(&one.season));
        Some((one.release.as_ref()?, season))
    });
    AgreedTold::all(told, SURVEYS_FROM)
}

fn frozen(releases: &[ProgramRelease]) -> impl Iterator<Item = &Release> {
    releases.iter().filter_map(|one| one.release.as_ref())
}

/// When a figure comes, and what it will say.
fn to_come(c: &SeasonWords, one: &ProgramRelease) -> Vec<String> {
    let date = told::date(words(), one.season.release_on);
    let when = if one.season.over { c.releases_late } else { c.releases_waits };
    let what = match one.scope {
        Scope::Own => c.releases_will_own,
        Scope::Smaller => c.releases_will_smaller,
        Scope::Institution => c.releases_will_institution,
        Scope::Nothing => c.releases_will_nothing,
    };
    match (one.booked, one.season.over) {
        (false, true) => vec![c.releases_unbooked.to_owned()],
        (false, false) => {
            vec![filled(when, &[("date", &date)]), what.to_owned(), c.releases_unbooked.to_owned()]
        }
        (true, _) => vec![filled(when, &[("date", &date)]), what.to_owned()],
    }
}

async fn file(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    fields: RawPathParams,
) -> Result<Response, Refusal> {
    let offering = fields.iter().find(|(name, _)| *name == "offering").map_or("", |(_, id)| id);
    let offering: OfferingId = offering.parse().map_err(|_| Refusal::nothing())?;
    Ok(told_seasons::file(&state.desk.release_of(&session, &program, offering).await?))
}

async fn all(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
) -> Result<Response, Refusal> {
    let releases = state.desk.releases_of(&session, &program).await?;
    let frozen: Vec<Frozen> = releases.iter().filter_map(ProgramRelease::frozen).collect();
    Ok(told_seasons::file_of_all(&frozen))
}
