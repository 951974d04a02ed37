//! The frozen figures that a program sees, season by season, and how to read them. Never another program's figure, and
//! before the day nothing but the day.

use askama::Template;
use axum::Router;
use axum::extract::{RawPathParams, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::choice::period;
use crate::desk::program_releases::{ProgramRelease, Scope};
use crate::domain::id::OfferingId;
use crate::domain::release::{Figure, chart, csv};
use crate::web::agreed::AgreedTold;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path, told};

/// The routes of releases.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/program/{program}/releases", get(show))
        .route("/program/{program}/releases/{offering}/release.csv", get(file))
}

#[derive(Template)]
#[template(path = "coordinator/releases.html")]
struct ReleasesPage {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: Shell,
    seasons: Vec<SeasonTold>,
}

/// So many charts a season has at most: each is told from the others of the page by its number.
const FIRST_OF_SEASON: usize = 10;

struct SeasonTold {
    title: String,
    period: String,
    /// What is to be known of it, a sentence each.
    lines: Vec<String>,
    figure: Option<FigureTold>,
    agreed: Option<AgreedTold>,
}

struct FigureTold {
    name: String,
    words: String,
    people: String,
    /// An `svg` element.
    bar: String,
    /// A `table` element.
    table: String,
    table_name: String,
    csv: String,
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
) -> Result<Response, Refusal> {
    let path = program_path(&program.code);
    let releases = state.desk.releases_of(&session, &program).await?;
    let told = releases.iter().enumerate().map(|(number, one)| SeasonTold::of(&path, number, one));
    Ok(with_origin(page::ok(&ReleasesPage {
        w: words(),
        c: season(),
        shell: super::shell(&program, "/releases"),
        seasons: told.collect(),
    })))
}

impl SeasonTold {
    fn of(path: &str, number: usize, one: &ProgramRelease) -> Self {
        let c = season();
        let figure = one.release.as_ref().and_then(|release| release.figures.first());
        let lines = match &one.release {
            Some(_) => of_frozen(c, one.scope),
            None => to_come(c, one),
        };
        Self {
            title: one.season.title.clone(),
            period: period(&one.season),
            lines: lines.into_iter().filter(|line| !line.is_empty()).collect(),
            figure: figure.map(|figure| FigureTold::of(path, FIRST_OF_SEASON * number, one, figure)),
            agreed: one.release.as_ref().and_then(|release| {
                AgreedTold::of(release, &period(&one.season), FIRST_OF_SEASON * number + 1)
            }),
        }
    }
}

/// What a frozen figure is about, where that is not the program itself.
fn of_frozen(c: &SeasonWords, scope: Scope) -> Vec<String> {
    let line = match scope {
        Scope::Own => "",
        Scope::Smaller => c.releases_is_smaller,
        Scope::Institution => c.releases_is_institution,
        Scope::Nothing => c.releases_is_nothing,
    };
    vec![line.to_owned()]
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

impl FigureTold {
    fn of(path: &str, number: usize, one: &ProgramRelease, figure: &Figure) -> Self {
        let c = season();
        let table = one.release.as_ref().map(chart::table).unwrap_or_default();
        Self {
            name: figure.name.clone(),
            words: figure.words(),
            people: filled(c.releases_people, &[("people", &figure.people.to_string())]),
            bar: chart::bar(figure, number),
            table,
            table_name: filled(c.releases_table, &[("season", &period(&one.season))]),
            csv: format!("{path}/releases/{}/release.csv", one.season.offering),
        }
    }
}

async fn file(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    fields: RawPathParams,
) -> Result<Response, Refusal> {
    let offering = fields.iter().find(|(name, _)| *name == "offering").map_or("", |(_, id)| id);
    let offering: OfferingId = offering.parse().map_err(|_| Refusal::nothing())?;
    let release = state.desk.release_of(&session, &program, offering).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"release.csv\""),
    ];
    Ok((headers, csv(&release)).into_response())
}
