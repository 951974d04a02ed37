//! Whether the hours that are offered are enough: a sentence, what would help, and need and offer by week, month, state
//! and site, as a table with bars. Never who has no place, and never what is taken.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::{CAPACITY, OFFERINGS, THERAPISTS};
use crate::desk::capacity::{CapacityShown, Need};
use crate::domain::capacity::{Reach, Stretch};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::capacity::{CapacityWords, capacity};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// More reasons than this are not told.
const REASONS: usize = 12;
/// Length of the longest bar.
const BAR: usize = 100;

/// The routes of capacity.
pub fn routes() -> Doors {
    Doors::new().route(CAPACITY, get(show))
}

#[derive(Debug, Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    offering: String,
}

#[derive(Template)]
#[template(path = "director/capacity.html")]
struct CapacityPage {
    w: &'static Words,
    c: &'static CapacityWords,
    shell: Shell,
    /// Identifier, title, and whether it is shown.
    offerings: Vec<(String, String, bool)>,
    new_offering: &'static str,
    therapists: &'static str,
    told: Option<Told>,
}

struct Told {
    plan: String,
    enough: bool,
    headline: String,
    why: String,
    time: String,
    reserve: String,
    needs: Vec<(String, String)>,
    more: String,
    weeks_short: String,
    weeks: Vec<StretchTold>,
    months: Vec<StretchTold>,
    states: Vec<ReachTold>,
    sites: Vec<ReachTold>,
}

struct StretchTold {
    label: String,
    stretch: Stretch,
    short: usize,
    verdict: String,
    wanted_bar: usize,
    usable_bar: usize,
}

struct ReachTold {
    label: String,
    reach: Reach,
}

fn one_or(one: &str, many: &str, count: usize, more: &[(&str, &str)]) -> String {
    let count_text = count.to_string();
    let mut gaps = vec![("count", count_text.as_str())];
    gaps.extend(more);
    filled(if count == 1 { one } else { many }, &gaps)
}

/// A day without its weekday: `July 5`.
fn short_day(w: &Words, day: NaiveDate) -> String {
    format!("{} {}", w.months[day.month0() as usize], day.day())
}

fn short_weeks(c: &CapacityWords, weeks: &[StretchTold]) -> String {
    let short: Vec<&str> =
        weeks.iter().filter(|week| week.short > 0).map(|week| week.label.as_str()).collect();
    match short.len() {
        0 => c.weeks_all.to_owned(),
        count => one_or(c.weeks_short_one, c.weeks_short, count, &[("weeks", &short.join(", "))]),
    }
}

impl StretchTold {
    fn all<'a>(
        c: &CapacityWords,
        stretches: impl Iterator<Item = (String, &'a Stretch)>,
        reserve: u8,
    ) -> Vec<Self> {
        let stretches: Vec<(String, Stretch)> = stretches.map(|(label, stretch)| (label, *stretch)).collect();
        let most = stretches.iter().map(|(_, stretch)| stretch.wanted.max(stretch.usable)).max();
        let most = most.unwrap_or_default().max(1);
        let told = |(label, stretch): (String, Stretch)| {
            let short = stretch.short(reserve);
            let verdict = match (stretch.free, short) {
                (0, _) => c.no_need.to_owned(),
                (_, 0) => c.ok.to_owned(),
                (_, short) => filled(c.short_by, &[("count", &short.to_string())]),
            };
            let (wanted_bar, usable_bar) = (stretch.wanted * BAR / most, stretch.usable * BAR / most);
            Self { label, stretch, short, verdict, wanted_bar, usable_bar }
        };
        stretches.into_iter().map(told).collect()
    }
}

impl Told {
    fn of(w: &Words, c: &CapacityWords, shown: CapacityShown) -> Self {
        let rules = &shown.rules;
        let month = |day: NaiveDate| w.months[day.month0() as usize];
        let (from, until) = (told::date(w, rules.from), told::date(w, rules.until));
        let (placed, people) = (shown.placed.to_string(), shown.residents.to_string());
        let between = [("from", month(rules.from)), ("until", month(rules.until))];
        let one_month = (rules.from.year(), rules.from.month()) == (rules.until.year(), rules.until.month());
        let when = filled(if one_month { c.when_in } else { c.when_between }, &between);
        let (headline, why) = if shown.residents == 0 {
            (c.no_people.to_owned(), c.no_people_why.to_owned())
        } else if shown.missing == 0 {
            let gaps = [("people", placed.as_str()), ("from", &from), ("until", &until)];
            (c.enough.to_owned(), filled(c.enough_why, &gaps))
        } else {
            let why = filled(c.missing_why, &[("placed", &placed), ("people", &people)]);
            (one_or(c.missing_one, c.missing, shown.missing, &[("when", &when)]), why)
        };
        let time = match shown.without_time {
            0 => String::new(),
            count => format!("{} {}", one_or(c.time_one, c.time, count, &[]), c.time_why),
        };
        let capacity = &shown.capacity;
        let reserve = rules.reserve_percent;
        let weeks = capacity.weeks.iter().map(|(day, week)| (short_day(w, *day), week));
        let weeks = StretchTold::all(c, weeks, reserve);
        let months =
            capacity.months.iter().map(|(day, stretch)| (format!("{} {}", month(*day), day.year()), stretch));
        let states = capacity.states.iter().map(|(state, reach)| (state.as_str().to_owned(), *reach));
        let reach = |(label, reach)| ReachTold { label, reach };
        let more = match shown.needs.len().saturating_sub(REASONS) {
            0 => String::new(),
            more => filled(c.needs_more, &[("count", &more.to_string())]),
        };
        Self {
            plan: format!("/offering/{}/book", shown.offering),
            enough: shown.missing == 0,
            headline,
            why,
            time,
            reserve: filled(c.reserve, &[("percent", &reserve.to_string())]),
            needs: shown.needs.iter().take(REASONS).map(|need| need_told(c, need)).collect(),
            more,
            weeks_short: short_weeks(c, &weeks),
            weeks,
            months: StretchTold::all(c, months, reserve),
            states: states.map(reach).collect(),
            sites: shown.sites.iter().cloned().map(reach).collect(),
        }
    }
}

fn need_told(c: &CapacityWords, need: &Need) -> (String, String) {
    let people = one_or(c.needs_people_one, c.needs_people, need.people, &[]);
    let whom = filled(c.needs_of, &[("people", &people), ("programs", &need.programs.join(", "))]);
    (whom, need.reason.clone())
}

async fn show(
    State(state): State<WebState>,
    Director(session): Director,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Refusal> {
    let (w, c) = (words(), capacity());
    let known = state.desk.offerings_of(&session).await?;
    let newest = known.first().map(|offering| offering.id().to_string()).unwrap_or_default();
    let shown = if chosen.offering.is_empty() { newest } else { chosen.offering };
    let told = if shown.is_empty() {
        None
    } else {
        Some(Told::of(w, c, state.desk.capacity(&session, &shown).await?))
    };
    let offering = |offering: &crate::desk::offering::Offering| {
        let id = offering.id().to_string();
        (id.clone(), offering.rules.title.clone(), id == shown)
    };
    Ok(with_origin(page::ok(&CapacityPage {
        w,
        c,
        shell: super::shell(CAPACITY),
        offerings: known.iter().map(offering).collect(),
        new_offering: OFFERINGS,
        therapists: THERAPISTS,
        told,
    })))
}
