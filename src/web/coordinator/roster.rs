//! A program's roster: who is on it, page by page, and as a file. Never anything of visits.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{Datelike, NaiveDate};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::desk::roster::{Asked, Listed, PAGE};
use crate::domain::audit::Act;
use crate::domain::roster::merge::Known;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::roster::{RosterWords, roster};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path};

/// The routes of the list.
pub fn routes() -> Doors {
    Doors::new()
        .route("/program/{program}/roster", get(show))
        .route("/program/{program}/roster/export.csv", get(export))
}

/// Most characters of a search.
const SEARCH: usize = 100;

/// What an address asks for; what it asks for that cannot be is not asked.
#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    left: Option<String>,
    page: Option<usize>,
    saved: Option<String>,
    added: Option<u32>,
    changed: Option<u32>,
    gone: Option<u32>,
}

#[derive(Template)]
#[template(path = "coordinator/roster.html")]
struct RosterPage {
    w: &'static Words,
    r: &'static RosterWords,
    shell: Shell,
    path: String,
    search: String,
    left: bool,
    note: String,
    people: Vec<PersonTold>,
    range: String,
    earlier: String,
    later: String,
    active: usize,
    unreached: usize,
    unprotected: usize,
    left_link: String,
}

struct PersonTold {
    href: String,
    name: String,
    email: String,
    pgy: String,
    cohort: String,
    site: String,
    starts: String,
    ends: String,
    unreached: bool,
    unprotected: bool,
}

/// As rosters write it.
pub(super) fn name(family: &str, given: &str) -> String {
    if given.is_empty() { family.to_owned() } else { format!("{family}, {given}") }
}

/// A day that fits into a table: `Jul 1, 2027`.
pub(super) fn day(w: &Words, on: NaiveDate) -> String {
    let month: String = w.months[on.month0() as usize].chars().take(3).collect();
    format!("{month} {}, {}", on.day(), on.year())
}

impl PersonTold {
    fn of(w: &Words, path: &str, listed: &Listed, active: bool) -> Self {
        let Listed { known, unreached, unprotected } = listed;
        let Known { family, given, address, pgy, cohort, site, .. } = known;
        let told = |date: Option<NaiveDate>| date.map(|date| day(w, date)).unwrap_or_default();
        Self {
            href: format!("{path}/person/{}", known.id),
            name: name(family, given),
            email: address.reveal().to_owned(),
            pgy: pgy.map(|pgy| pgy.to_string()).unwrap_or_default(),
            cohort: cohort.clone().unwrap_or_default(),
            site: site.clone().unwrap_or_default(),
            starts: told(known.starts_on),
            ends: told(known.ends_on),
            unreached: active && *unreached,
            unprotected: active && *unprotected,
        }
    }
}

impl Wanted {
    fn note(&self, r: &RosterWords) -> String {
        match (self.added, self.changed, self.gone) {
            (Some(added), Some(changed), Some(left)) => filled(
                r.roster_saved,
                &[
                    ("added", &added.to_string()),
                    ("changed", &changed.to_string()),
                    ("left", &left.to_string()),
                ],
            ),
            _ if self.saved.is_some() => r.roster_person_saved.to_owned(),
            _ => String::new(),
        }
    }

    /// The address of another page of the same list.
    fn turned(&self, path: &str, page: usize) -> String {
        let left = if self.left.is_some() { "&left=1" } else { "" };
        format!("{path}?q={}&page={page}{left}", utf8_percent_encode(&self.q, NON_ALPHANUMERIC))
    }
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refusal> {
    let (w, r) = (words(), roster());
    let mut wanted = query.map_or_else(|_| Wanted::default(), |Query(wanted)| wanted);
    wanted.q = wanted.q.trim().chars().take(SEARCH).collect();
    let left = wanted.left.is_some();
    let asked = Asked { search: wanted.q.clone(), left, page: wanted.page.unwrap_or(0) };
    let shown = state.desk.roster(&session, &program, &asked).await?;
    let path = format!("{}/roster", program_path(&program.code));
    let (first, count) = (shown.page * PAGE, shown.people.len());
    let numbers = [first + 1, first + count, shown.found].map(|number| number.to_string());
    let [from, to, found] = &numbers;
    let turned = |there: bool, page: usize| if there { wanted.turned(&path, page) } else { String::new() };
    Ok(with_origin(page::ok(&RosterPage {
        w,
        r,
        shell: super::shell(&program, "/roster"),
        note: wanted.note(r),
        range: filled(r.roster_found, &[("from", from), ("to", to), ("found", found)]),
        earlier: turned(shown.page > 0, shown.page.saturating_sub(1)),
        later: turned(first + count < shown.found, shown.page + 1),
        people: shown.people.iter().map(|one| PersonTold::of(w, &path, one, !left)).collect(),
        active: shown.active,
        unreached: shown.unreached,
        unprotected: shown.unprotected,
        left_link: match shown.left {
            0 => String::new(),
            left => filled(r.roster_left_show, &[("left", &left.to_string())]),
        },
        search: wanted.q.clone(),
        left,
        path,
    })))
}

async fn export(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
) -> Result<Response, Refusal> {
    let file = state.desk.roster_csv(&session, &program).await?;
    let act = Act::Exported { what: "the roster", program: program.code.clone() };
    state.desk.note_fetched(&session, &act).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"roster.csv\""),
    ];
    Ok((headers, file).into_response())
}
