//! The log of what staff did, page by page and as a table; and what is destroyed when. Never a word of what a resident did.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::{LOG, RETENTION};
use crate::domain::audit::{Entry, csv};
use crate::domain::retention::{Due, Kind};
use crate::domain::time::Zone;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::log::{LogWords, log};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// Entries on one page.
const EACH: usize = 50;
/// The same and one more, which tells whether there are older ones.
const MORE: i64 = 51;
/// Entries read at once for the whole table.
const AT_ONCE: i64 = 500;
/// All of it as a file.
const FILE: &str = "/institution/log.csv";

/// The routes of the log.
pub fn routes() -> Doors {
    Doors::new().route(LOG, get(show)).route(FILE, get(file)).route(RETENTION, get(retention))
}

#[derive(Template)]
#[template(path = "director/log.html")]
struct LogPage {
    w: &'static Words,
    l: &'static LogWords,
    shell: Shell,
    entries: Vec<EntryTold>,
    /// Where older ones are; empty where there are none.
    older: String,
    /// Where the newest are; empty on their page.
    newest: &'static str,
    file: &'static str,
    retention: &'static str,
}

struct EntryTold {
    number: i64,
    at: String,
    who: String,
    details: String,
}

impl EntryTold {
    fn of(w: &Words, entry: Entry) -> Self {
        let Entry { number, at, who, details, .. } = entry;
        Self { number, at: told::moment(w, at, Zone::UTC), who, details }
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    before: Option<String>,
}

async fn show(
    State(state): State<WebState>,
    Director(session): Director,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let (w, l) = (words(), log());
    let before = asked.before.as_deref().and_then(|number| number.parse::<i64>().ok());
    let mut entries = state.desk.staff_log(&session, before, MORE).await?;
    let more = entries.len() > EACH;
    entries.truncate(EACH);
    let older = match entries.last() {
        Some(last) if more => format!("{LOG}?before={}", last.number),
        _ => String::new(),
    };
    Ok(with_origin(page::ok(&LogPage {
        w,
        l,
        shell: super::shell(LOG),
        entries: entries.into_iter().map(|entry| EntryTold::of(w, entry)).collect(),
        older,
        newest: if before.is_some() { LOG } else { "" },
        file: FILE,
        retention: RETENTION,
    })))
}

async fn file(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let entries = state.desk.staff_log(&session, before, AT_ONCE).await?;
        let Some(last) = entries.last() else { break };
        before = Some(last.number);
        all.extend(entries);
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"log.csv\""),
    ];
    Ok((headers, csv(&all)).into_response())
}

#[derive(Template)]
#[template(path = "director/retention.html")]
struct RetentionPage {
    w: &'static Words,
    l: &'static LogWords,
    shell: Shell,
    kept: [String; 3],
    due: Vec<DueTold>,
    log: &'static str,
}

struct DueTold {
    on: String,
    what: String,
}

impl DueTold {
    fn of(w: &Words, l: &LogWords, due: &Due) -> Self {
        let on = due.on.map(|on| told::date(w, on));
        let on = match on {
            None => l.retention_gone.to_owned(),
            Some(on) if due.after_release => filled(l.retention_earliest, &[("date", &on)]),
            Some(on) => on,
        };
        let people = due.people.unwrap_or_default().to_string();
        let what = match due.kind {
            Kind::Season => filled(l.retention_season, &[("title", &due.name)]),
            Kind::FormerResidents => filled(l.retention_former, &[("count", &people)]),
            Kind::StaffLog => l.retention_log.to_owned(),
        };
        Self { on, what }
    }
}

async fn retention(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let (w, l) = (words(), log());
    let shown = state.desk.retention_for(&session).await?;
    let days = |sentence: &str, days: u32| filled(sentence, &[("days", &days.to_string())]);
    let kept = [
        days(l.retention_kept_visits, shown.days.visits),
        days(l.retention_kept_former, shown.days.former_residents),
        days(l.retention_kept_log, shown.days.staff_log),
    ];
    let due = shown.due.iter().map(|due| DueTold::of(w, l, due)).collect();
    let shell = super::shell(LOG);
    Ok(with_origin(page::ok(&RetentionPage { w, l, shell, kept, due, log: LOG })))
}
