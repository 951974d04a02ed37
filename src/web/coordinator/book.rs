//! Before a batch: who is ready, and one button for whoever may book everybody. Never books one program before another.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::booking::{Place, live, takes};
use super::choice::{Asked, Choice, choose};
use super::season::{day_in, missing};
use crate::desk::booking_day::BookingDay;
use crate::desk::session::Session;
use crate::domain::pace::Shares;
use crate::domain::people::Program;
use crate::domain::time::Zone;
use crate::web::body::{Fields, Token};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, director, page, program_path, told};

/// The routes of booking, from a program's pages and from a director's.
pub fn routes() -> Doors {
    Doors::new()
        .route("/program/{program}/book", get(show).post(book))
        .route("/program/{program}/ready", post(ready))
        .route("/offering/{offering}/book", get(show_all).post(book_all))
}

#[derive(Template)]
#[template(path = "coordinator/book.html")]
struct BookPage {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: Shell,
    title: String,
    period: String,
    offering: String,
    /// Where the button leads.
    action: String,
    may_book: bool,
    /// When it was booked before, as a sentence.
    before: String,
    /// Who is not ready, as a sentence.
    missing: String,
    rows: Vec<Row>,
    /// How long everyone's first letters will take, as a sentence; empty where that is not known.
    pace: String,
    /// What a coordinator who may not book says of their own program.
    own: Option<Own>,
}

/// A program before a batch.
struct Row {
    name: String,
    residents: usize,
    /// Since when it is ready; empty where it is not.
    since: String,
}

/// One's own program.
struct Own {
    action: String,
    /// Since when it is ready, as a sentence; empty where it is not.
    ready: String,
}

impl BookPage {
    fn of(shell: Shell, day: &BookingDay, action: String, zone: Zone, pace: Option<Shares>) -> Self {
        let (w, c) = (words(), season());
        let rules = &day.offering.rules;
        let (from, until) = (told::date(w, rules.from), told::date(w, rules.until));
        let before = day.booked_at.map(|at| filled(c.booked_before, &[("date", &day_in(at, zone))]));
        let names = missing(&day.programs).map(|names| filled(c.book_missing, &[("programs", &names)]));
        // Before the first batch everybody on the rosters gets one; at a later one, nobody knows yet how many do.
        let residents: usize = day.programs.iter().map(|one| one.residents).sum();
        let announced = rules.announce_days.is_some_and(|days| days > 0);
        let pace = pace.filter(|_| day.booked_at.is_none());
        let pace = takes(pace, residents, announced);
        let row = |one: &crate::desk::readiness::Readiness| Row {
            name: one.name.clone(),
            residents: one.residents,
            since: one.since.map(|at| day_in(at, zone)).unwrap_or_default(),
        };
        Self {
            w,
            c,
            shell,
            title: rules.title.clone(),
            period: filled(c.period, &[("from", &from), ("until", &until)]),
            offering: day.offering.id().to_string(),
            action,
            may_book: day.may_book,
            before: before.unwrap_or_default(),
            missing: names.unwrap_or_default(),
            rows: day.programs.iter().map(row).collect(),
            pace: pace.unwrap_or_default(),
            own: None,
        }
    }
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    asked: Asked,
) -> Result<Response, Refusal> {
    let c = season();
    let name = match choose(&state, &session, &program, asked, ("/book", c.book_title)).await? {
        Choice::One(name, _) => name,
        Choice::Other(page) => return Ok(page),
    };
    let day = state.desk.booking_day(&session, &name.offering.to_string()).await?;
    let path = program_path(&program.code);
    let shell = super::shell(&program, "/book");
    let mut page = BookPage::of(shell, &day, format!("{path}/book"), program.zone, state.pace);
    if !day.may_book {
        let since = day.programs.iter().find(|one| one.program == program.id).and_then(|one| one.since);
        let ready = since.map(|at| {
            filled(c.ready_lead, &[("program", &program.name), ("date", &day_in(at, program.zone))])
        });
        page.own = Some(Own { action: format!("{path}/ready"), ready: ready.unwrap_or_default() });
    }
    Ok(with_origin(page::ok(&page)))
}

/// A form that names an offering.
#[derive(Deserialize)]
struct OfSeason {
    season: String,
}

async fn book(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Fields(form): Fields<OfSeason>,
) -> Result<Response, Refusal> {
    let path = program_path(&program.code);
    let query = format!("?season={}", urlencoded(&form.season));
    let place = Place {
        shell: super::shell(&program, "/book"),
        zone: program.zone,
        onward: format!("{path}{query}"),
        why: format!("{path}/plan{query}"),
        back: format!("{path}/book{query}"),
    };
    live(&state, session, &form.season, place).await
}

/// What a coordinator says of their program.
#[derive(Deserialize)]
struct Said {
    season: String,
    ready: Answer,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    Yes,
    No,
}

async fn ready(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Fields(form): Fields<Said>,
) -> Result<Response, Refusal> {
    // An offering that there is not answers like a page that there is not.
    let day = state.desk.booking_day(&session, &form.season).await?;
    let offering = day.offering.id().to_string();
    state.desk.set_ready(&session, &offering, program.id, form.ready == Answer::Yes).await?;
    let path = program_path(&program.code);
    Ok(Redirect::to(&format!("{path}/book?season={offering}")).into_response())
}

async fn show_all(
    State(state): State<WebState>,
    Director(session): Director,
    Token(offering): Token,
) -> Result<Response, Refusal> {
    let day = state.desk.booking_day(&session, &offering).await?;
    let action = format!("/offering/{}/book", day.offering.id());
    let zone = a_zone(&state, &session).await?;
    Ok(with_origin(page::ok(&BookPage::of(director::shell(&action), &day, action, zone, state.pace))))
}

async fn book_all(
    State(state): State<WebState>,
    Director(session): Director,
    Token(offering): Token,
) -> Result<Response, Refusal> {
    let back = format!("/offering/{}/book", urlencoded(&offering));
    let place = Place {
        shell: director::shell(&back),
        zone: a_zone(&state, &session).await?,
        onward: "/overview".to_owned(),
        why: String::new(),
        back,
    };
    live(&state, session, &offering, place).await
}

/// In this zone days are told to whoever looks after several: that of the first program.
async fn a_zone(state: &WebState, session: &Session) -> Result<Zone, Refusal> {
    let programs: Vec<Program> = state.desk.programs_of(session).await?;
    Ok(programs.first().map_or(Zone::UTC, |program| program.zone))
}

/// A value as a query writes it.
fn urlencoded(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}
