//! Who is free of duty when: a grid a week, days across, to look at and to print, and the same as CSV and calendar.
//! Reads protected blocks and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use super::plan::monday;
use crate::desk::coverage::{Coverage, Covered};
use crate::domain::people::Program;
use crate::domain::time::wall;
use crate::web::body::Token;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path, told};

/// So many lines one page shows at most; the week in which they end is shown whole, and the files hold all.
const LINES: usize = 3000;

/// The routes of coverage.
pub fn routes() -> Doors {
    Doors::new()
        .route("/program/{program}/coverage", get(show))
        .route("/program/{program}/coverage/coverage.csv", get(csv))
        .route("/program/{program}/coverage/coverage.ics", get(ics))
        .route("/program/{program}/coverage/feed", post(renew))
        .route("/coverage/{token}", get(feed))
}

#[derive(Template)]
#[template(path = "coordinator/coverage.html")]
struct CoveragePage {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: Shell,
    path: String,
    zone: String,
    is_empty: bool,
    whole: bool,
    weeks: Vec<Week>,
    earlier: Option<NaiveDate>,
    later: Option<NaiveDate>,
    /// The first week that did not fit.
    cut: Option<NaiveDate>,
    /// The address for a calendar; empty until it is made.
    feed_url: String,
}

/// One week as a grid.
struct Week {
    title: String,
    days: Vec<DayHead>,
    rows: Vec<Row>,
}

struct DayHead {
    weekday: &'static str,
    date: String,
}

/// One resident's week.
struct Row {
    name: String,
    cohort: String,
    /// The hours of each day.
    days: Vec<Vec<String>>,
}

/// Which weeks are asked for.
#[derive(Deserialize, Default)]
struct Turned {
    /// A day of the first.
    week: Option<NaiveDate>,
    /// `all` for all from there on.
    show: Option<String>,
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    query: Result<Query<Turned>, QueryRejection>,
) -> Result<Response, Refusal> {
    let turned = query.map(|Query(turned)| turned).unwrap_or_default();
    let coverage = state.desk.coverage_of(&session, &program).await?;
    let today = wall(state.desk.now(), program.zone).date();
    let mut page = CoveragePage::of(&program, &coverage, &turned, today);
    let address = state.desk.coverage_address(&session, &program).await?;
    page.feed_url = address.map(|url| url.to_string()).unwrap_or_default();
    Ok(with_origin(page::ok(&page)))
}

impl CoveragePage {
    fn of(program: &Program, coverage: &Coverage, turned: &Turned, today: NaiveDate) -> Self {
        let (w, c) = (words(), season());
        let all: BTreeSet<NaiveDate> = coverage.rows.iter().map(|row| monday(row.date)).collect();
        let whole = turned.show.as_deref() == Some("all");
        let from = begin(&all, turned.week.filter(|day| plausible(*day)), whole, today);
        let mut by_week: BTreeMap<NaiveDate, Vec<&Covered>> = BTreeMap::new();
        let shown = |row: &&Covered| {
            let week = monday(row.date);
            week == from || (whole && week > from)
        };
        for row in coverage.rows.iter().filter(shown) {
            by_week.entry(monday(row.date)).or_default().push(row);
        }
        let (mut weeks, mut lines, mut cut) = (Vec::new(), 0, None);
        for (monday, rows) in by_week {
            if lines > LINES {
                cut = Some(monday);
                break;
            }
            let week = Week::of(w, program, monday, &rows);
            lines += week.rows.len();
            weeks.push(week);
        }
        if weeks.is_empty() {
            weeks.push(Week::of(w, program, from, &[]));
        }
        Self {
            w,
            c,
            shell: super::shell(program, "/coverage"),
            path: format!("{}/coverage", program_path(&program.code)),
            zone: filled(c.coverage_zone, &[("zone", program.zone.name())]),
            is_empty: coverage.rows.is_empty(),
            whole,
            weeks,
            earlier: all.range(..from).next_back().copied().filter(|_| !whole),
            later: all.range(from..).find(|week| **week > from).copied().filter(|_| !whole),
            cut,
            feed_url: String::new(),
        }
    }
}

/// A day that a calendar can show.
fn plausible(day: NaiveDate) -> bool {
    (2000..2200).contains(&day.year())
}

/// The Monday that the page begins with: the one that is asked for; else, for all weeks the first, and otherwise this
/// week, or the next in which somebody is free of duty, or the last.
fn begin(all: &BTreeSet<NaiveDate>, asked: Option<NaiveDate>, whole: bool, today: NaiveDate) -> NaiveDate {
    if let Some(day) = asked {
        return monday(day);
    }
    let this = monday(today);
    let next = if whole { all.first() } else { all.range(this..).next().or_else(|| all.last()) };
    next.copied().unwrap_or(this)
}

impl Week {
    /// `rows` come by name and then by time; days on a weekend are shown where somebody is free of duty then.
    fn of(w: &'static Words, program: &Program, monday: NaiveDate, rows: &[&Covered]) -> Self {
        let date = |number: u64| monday.checked_add_days(Days::new(number)).unwrap_or(monday);
        let held = |day: NaiveDate| rows.iter().any(|row| row.date == day);
        let last = (5..7).rev().find(|number| held(date(*number))).unwrap_or(4);
        let days: Vec<NaiveDate> = (0..=last).map(date).collect();
        let head = |day: &NaiveDate| DayHead {
            weekday: w.weekdays[day.weekday().num_days_from_monday() as usize],
            date: format!("{} {}", w.months[day.month0() as usize], day.day()),
        };
        let people = rows.chunk_by(|one, other| one.is_same_person(other));
        Self {
            title: filled(season().coverage_week, &[("date", &told::date(w, monday))]),
            rows: people.map(|blocks| Row::of(program, &days, blocks)).collect(),
            days: days.iter().map(head).collect(),
        }
    }
}

impl Row {
    fn of(program: &Program, days: &[NaiveDate], blocks: &[&Covered]) -> Self {
        let hours = |block: &&Covered| {
            let zone = if block.zone == program.zone { String::new() } else { format!(" {}", block.zone) };
            format!("{}–{}{zone}", block.start, block.end)
        };
        let on = |day: &NaiveDate| blocks.iter().filter(|block| block.date == *day).map(hours).collect();
        let (name, cohort) =
            blocks.first().map(|one| (one.resident.clone(), one.cohort.clone())).unwrap_or_default();
        let cohort = match cohort.as_str() {
            "" => cohort,
            cohort => filled(season().coverage_cohort, &[("cohort", cohort)]),
        };
        Self { name, cohort, days: days.iter().map(on).collect() }
    }
}

async fn csv(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
) -> Result<Response, Refusal> {
    let coverage = state.desk.coverage_fetched(&session, &program).await?;
    Ok(file("text/csv; charset=utf-8", "attachment; filename=\"coverage.csv\"", coverage.csv()?))
}

async fn ics(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
) -> Result<Response, Refusal> {
    let coverage = state.desk.coverage_fetched(&session, &program).await?;
    Ok(file("text/calendar; charset=utf-8", "attachment; filename=\"coverage.ics\"", coverage.ics()))
}

fn file(content_type: &'static str, disposition: &'static str, body: String) -> Response {
    ([(CONTENT_TYPE, content_type), (CONTENT_DISPOSITION, disposition)], body).into_response()
}

async fn renew(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
) -> Result<Redirect, Refusal> {
    state.desk.renew_coverage_address(&session, &program).await?;
    Ok(Redirect::to(&format!("{}/coverage#feed", program_path(&program.code))))
}

/// What a coordinator's own calendar subscribes to; `304` as long as nothing in it changed.
async fn feed(
    State(state): State<WebState>,
    headers: HeaderMap,
    Token(file): Token,
) -> Result<Response, Refusal> {
    let token = file.strip_suffix(".ics").ok_or_else(Refusal::nothing)?;
    let feed = state.desk.coverage_feed(token).await?;
    let tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known =
        tags.flat_map(|tags| tags.split(',')).any(|tag| tag.trim().trim_start_matches("W/") == feed.etag);
    let about = [(CACHE_CONTROL, "private, no-cache".to_owned()), (ETAG, feed.etag)];
    Ok(if known {
        (StatusCode::NOT_MODIFIED, about).into_response()
    } else {
        (about, [(CONTENT_TYPE, "text/calendar; charset=utf-8")], feed.body).into_response()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_opens_in_this_week_or_in_the_next_that_holds_anything() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let all = BTreeSet::from([day("2027-07-05"), day("2027-08-02")]);
        let opens = |today: &str| begin(&all, None, false, day(today)).to_string();
        assert_eq!(opens("2027-06-01"), "2027-07-05");
        assert_eq!(opens("2027-07-09"), "2027-07-05");
        assert_eq!(opens("2027-07-12"), "2027-08-02");
        assert_eq!(opens("2027-12-24"), "2027-08-02");
        assert_eq!(begin(&all, None, true, day("2027-12-24")).to_string(), "2027-07-05");
        assert_eq!(begin(&all, Some(day("2027-07-18")), false, day("2027-06-01")).to_string(), "2027-07-12");
        assert_eq!(begin(&BTreeSet::new(), None, false, day("2027-06-03")).to_string(), "2027-05-31");
    }
}
