//! Which season a page is about: the one that its address names, the only one that is open, or none until somebody
//! chooses. Never decides for anybody which of several is meant.

use askama::Template;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::Response;
use serde::Deserialize;

use crate::desk::program_season::SeasonName;
use crate::desk::session::Session;
use crate::domain::people::Program;
use crate::web::refusal::Refusal;
use crate::web::session::with_origin;
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// What an address may name.
#[derive(Deserialize, Default)]
pub struct Named {
    /// An offering.
    season: Option<String>,
}

/// The query of such a page; one that cannot be read names nothing.
pub type Asked = Result<Query<Named>, QueryRejection>;

/// What a page goes on with.
pub enum Choice {
    /// The season is clear; the others go with it.
    One(Box<SeasonName>, Vec<SeasonName>),
    /// None is open, or it has to be chosen: this is the page that says so.
    Other(Response),
}

/// An offering as a choice, and with its dates in words.
pub struct SeasonTold {
    /// Where it leads.
    pub href: String,
    /// Its title.
    pub title: String,
    /// From when to when.
    pub period: String,
}

impl SeasonTold {
    /// A season as a link to a page of its own, whose address is `path`.
    pub fn of(path: &str, season: &SeasonName) -> Self {
        Self {
            href: format!("{path}?season={}", season.offering),
            title: season.title.clone(),
            period: period(season),
        }
    }
}

/// From when to when a season is.
pub fn period(season: &SeasonName) -> String {
    let (from, until) = (told::date(words(), season.from), told::date(words(), season.until));
    filled(self::season().period, &[("from", &from), ("until", &until)])
}

#[derive(Template)]
#[template(path = "coordinator/choice.html")]
struct ChoicePage {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: Shell,
    title: &'static str,
    path: String,
    seasons: Vec<SeasonTold>,
    earlier: Vec<SeasonTold>,
}

/// The season that a page is about. `current` is the last part of its address, and `title` what it is called.
pub async fn choose(
    state: &WebState,
    session: &Session,
    program: &Program,
    asked: Asked,
    (current, title): (&str, &'static str),
) -> Result<Choice, Refusal> {
    let seasons = state.desk.seasons_of(session, program).await?;
    if let Some(id) = asked.ok().and_then(|Query(named)| named.season) {
        let found = seasons.iter().position(|season| season.offering.to_string() == id);
        let mut others = seasons;
        let season = others.remove(found.ok_or_else(Refusal::nothing)?);
        return Ok(Choice::One(Box::new(season), others));
    }
    let (earlier, mut open): (Vec<_>, Vec<_>) = seasons.into_iter().partition(|season| season.over);
    if open.len() == 1
        && let Some(season) = open.pop()
    {
        return Ok(Choice::One(Box::new(season), earlier));
    }
    Ok(Choice::Other(ask(program, (current, title), &open, &earlier)))
}

fn ask(
    program: &Program,
    (current, title): (&str, &'static str),
    open: &[SeasonName],
    earlier: &[SeasonName],
) -> Response {
    let path = crate::web::program_path(&program.code);
    let here = format!("{path}{current}");
    let told = |seasons: &[SeasonName]| seasons.iter().map(|one| SeasonTold::of(&here, one)).collect();
    with_origin(page::ok(&ChoicePage {
        w: words(),
        c: season(),
        shell: super::shell(program, current),
        title,
        seasons: told(open),
        earlier: told(earlier),
        path,
    }))
}

/// A number of things in words.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { one.to_owned() } else { filled(many, &[("count", &count.to_string())]) }
}
