//! The demo's own pages: a clock to move, a mailbox to look into, and doors to every side of a season with invented
//! people. Mounted by the demo alone; nothing here is served by an installation.
//!
//! These pages show what nobody may see in the real thing, and say so. They speak English only, so their sentences
//! stand in their templates and not in `words`.

mod coverage;
mod enter;
mod entry;
mod home;
mod letter;
mod mail;

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use super::session::with_origin;
use super::words::words;
use super::{WebState, told};
use crate::desk::{Desk, Result};
use crate::domain::letter::Letter;
use crate::domain::time::{Instant, Zone, wall};
use crate::mail::captured::Mailbox;
use crate::web::doors::Doors;
use coverage::Baseline;

/// How far the clock is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jump {
    /// One hour.
    Hour,
    /// One day.
    Day,
    /// One week.
    Week,
    /// To the moment at which the next letter goes out.
    NextLetter,
    /// To the day of the release.
    Release,
}

/// What the last move of the clock came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// From when.
    pub from: Instant,
    /// To when.
    pub to: Instant,
    /// The letters that were delivered, by kind.
    pub letters: Vec<(Letter, usize)>,
    /// Whether a fixed hour passed, so that the offers are fresh ones.
    pub refreshed: bool,
    /// Whether the release was frozen.
    pub frozen: bool,
    /// Where simulated people live: how many opted out, moved, came and stayed away.
    pub lived: Option<[usize; 4]>,
}

/// How the season stands.
#[derive(Debug, Clone)]
pub struct Glance {
    /// The time on the demo's clock.
    pub now: Instant,
    /// Where the clock is on its way to.
    pub moving_to: Option<Instant>,
    /// What the last move came to.
    pub last: Option<Moved>,
    /// When the next letter goes out.
    pub next_letter: Option<Instant>,
    /// When the release is frozen.
    pub release_at: Instant,
    /// Whether it was.
    pub frozen: bool,
    /// Whether simulated people act by themselves.
    pub living: bool,
    /// Residents on the rosters.
    pub residents: usize,
    /// Residents for whom a visit was held.
    pub booked: usize,
    /// Letters in the mailbox.
    pub letters: usize,
}

/// The hand that moves the clock and the people. It stands where all parts are put together; these pages only ask.
pub trait Hand: Send + Sync {
    /// How the season stands.
    fn glance(&self) -> BoxFuture<'_, Result<Glance>>;
    /// Moves the clock; a long way goes on after the answer. While it is on its way, nothing.
    fn move_clock(&self, jump: Jump) -> BoxFuture<'_, Result<()>>;
    /// Has everybody act by themselves from now on, by published rates.
    fn let_live(&self) -> BoxFuture<'_, Result<()>>;
    /// Has the owner of an address ask for a way in, and delivers the letter.
    fn ask_in<'a>(&'a self, address: &'a str) -> BoxFuture<'a, Result<()>>;
}

/// Somebody invented whose place one may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What they are called.
    pub name: String,
    /// Where their mail goes.
    pub address: String,
}

/// Everything that the demo's pages need.
#[derive(Clone)]
pub struct Demo(Arc<Parts>);

struct Parts {
    web: WebState,
    hand: Box<dyn Hand>,
    mailbox: Mailbox,
    director: String,
    coordinator: Person,
    therapists: Vec<Person>,
    /// Each program's coverage as it was when this was put together.
    baselines: Vec<Baseline>,
}

impl Demo {
    /// Puts the pages together, and keeps what the coordinator's coverage is now, for comparison.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn new(
        web: WebState,
        hand: Box<dyn Hand>,
        mailbox: Mailbox,
        director: &str,
        coordinator: Person,
        therapists: Vec<Person>,
        programs: &[String],
    ) -> Result<Self> {
        let mut baselines = Vec::new();
        for code in programs {
            baselines.push(Baseline::of(code, &web.desk.coverage(code).await?)?);
        }
        let director = director.to_owned();
        Ok(Self(Arc::new(Parts { web, hand, mailbox, director, coordinator, therapists, baselines })))
    }

    fn desk(&self) -> &Desk {
        &self.0.web.desk
    }
}

/// In this zone the demo tells its time: that of most of its residents.
fn zone() -> Zone {
    "America/Denver".parse().unwrap_or(Zone::UTC)
}

/// A moment in full: `Monday, June 14, 2027, 9:00 AM MDT`.
fn moment(at: Instant) -> String {
    let wall = wall(at, zone());
    format!("{}, {} {}", told::date(words(), wall.date()), wall.naive.format("%-I:%M %p"), wall.abbreviation)
}

/// The style of these pages, beside the house's own.
const STYLE: &str = include_str!("style.css");
/// As for all pages, and one frame of our own: the letter.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
    frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The demo's routes.
pub fn routes(demo: Demo) -> Router {
    doors().with_state(demo)
}

/// The template of every address that the demo adds, sorted.
#[must_use]
pub fn every_door() -> Vec<String> {
    doors().templates()
}

fn doors() -> Doors<Demo> {
    Doors::new()
        .route("/demo/style.css", get(style))
        .merge(home::routes())
        .merge(mail::routes())
        .merge(letter::routes())
        .merge(coverage::routes())
        .merge(enter::routes())
}

async fn style() -> impl IntoResponse {
    ([(axum::http::header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// A page of the demo, which may frame a letter and sends forms with their origin.
fn dressed(mut page: Response) -> Response {
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    with_origin(page)
}
