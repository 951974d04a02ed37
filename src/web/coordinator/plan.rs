//! The plan of a program's residents: who can be placed, who cannot and what would help, and how full it gets. Never
//! who sits where, and never anything of what residents did.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use chrono::{Datelike, Days, NaiveDate};

use super::choice::{Asked, Choice, choose, counted, period};
use crate::desk::lottery::BatchShown;
use crate::desk::program_plan::{FEWEST_COUNTED, Load, ProgramPlan};
use crate::desk::season::UnplacedShown;
use crate::domain::plan::{Away, Reason, Weights};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path, told};

/// So many names stand under one reason; the others are counted.
const NAMES: usize = 100;

/// The routes of the plan.
pub fn routes() -> Doors {
    Doors::new().route("/program/{program}/plan", get(show))
}

#[derive(Template)]
#[template(path = "coordinator/plan.html")]
struct PlanPage {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: Shell,
    period: String,
    path: String,
    book: String,
    may_book: bool,
    plan: ProgramPlan,
    reasons: Vec<ReasonTold>,
    load: Option<LoadTold>,
    few: String,
    lines: Vec<String>,
    batches: Vec<BatchTold>,
}

impl PlanPage {
    fn is_booked(&self) -> bool {
        self.plan.offering.row.booked_at.is_some()
    }
}

/// One reason with those whom it keeps out.
struct ReasonTold {
    why: String,
    help: String,
    people: Vec<String>,
    more: String,
    /// Where it can be mended, and in what words; nowhere for a director's matter.
    href: String,
    mend: &'static str,
}

/// Bars of one picture.
struct LoadTold {
    weeks: Vec<Bar>,
    days: Vec<Bar>,
    therapists: Vec<Bar>,
}

/// A row of a picture.
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How many.
    pub count: usize,
    /// The length of the bar, of 100.
    pub length: usize,
}

struct BatchTold {
    line: String,
    batch: BatchShown,
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    asked: Asked,
) -> Result<Response, Refusal> {
    let (w, c) = (words(), season());
    let name = match choose(&state, &session, &program, asked, ("/plan", c.plan_title)).await? {
        Choice::One(name, _) => name,
        Choice::Other(page) => return Ok(page),
    };
    let id = name.offering.to_string();
    let plan = state.desk.plan_of(&session, &program, &id).await?;
    let day = state.desk.booking_day(&session, &id).await?;
    let path = program_path(&program.code);
    let few = filled(c.load_few, &[("count", &FEWEST_COUNTED.to_string())]);
    Ok(with_origin(page::ok(&PlanPage {
        w,
        c,
        shell: super::shell(&program, "/plan"),
        period: period(&name),
        book: format!("{path}/book?season={id}"),
        may_book: day.may_book,
        reasons: by_reason(c, &path, &plan.unplaced),
        load: plan.load.as_ref().map(|load| LoadTold::of(w, load)),
        few: if plan.load.is_none() && plan.placed > 0 { few } else { String::new() },
        lines: lines(c, &plan),
        batches: plan.batches.iter().map(|batch| BatchTold::of(w, c, batch)).collect(),
        plan,
        path,
    })))
}

/// Each reason once, over everybody whom it keeps out, in the order in which it first comes.
fn by_reason(c: &'static SeasonWords, path: &str, unplaced: &[UnplacedShown]) -> Vec<ReasonTold> {
    let mut reasons: Vec<(&UnplacedShown, Vec<&UnplacedShown>)> = Vec::new();
    for one in unplaced {
        match reasons.iter_mut().find(|(first, _)| first.reason == one.reason) {
            Some((_, people)) => people.push(one),
            None => reasons.push((one, vec![one])),
        }
    }
    reasons.into_iter().map(|(first, people)| ReasonTold::of(c, path, &first.detail, &people)).collect()
}

impl ReasonTold {
    fn of(c: &'static SeasonWords, path: &str, reason: &Reason, people: &[&UnplacedShown]) -> Self {
        let (why, help) = reason.in_two();
        let (href, mend) = match reason {
            Reason::NotHere { .. } => (format!("{path}/roster"), c.do_roster),
            Reason::NoProtectedTime { .. } => (format!("{path}/protected"), c.do_protected),
            Reason::NothingFits { .. } | Reason::Shortage { .. } => (String::new(), c.do_hours),
        };
        let name = |one: &&UnplacedShown| match &one.cohort {
            Some(cohort) => {
                format!("{}, {}", one.resident, filled(c.coverage_cohort, &[("cohort", cohort)]))
            }
            None => one.resident.clone(),
        };
        let more = people.len().saturating_sub(NAMES);
        Self {
            why: sentence(&why),
            help: help.map(|help| sentence(&help)).unwrap_or_default(),
            people: people.iter().take(NAMES).map(name).collect(),
            more: if more == 0 {
                String::new()
            } else {
                filled(c.more_names, &[("count", &more.to_string())])
            },
            href,
            mend,
        }
    }
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// Rows with the longest bar at 100.
fn bars(rows: impl Iterator<Item = (String, usize)>) -> Vec<Bar> {
    let rows: Vec<(String, usize)> = rows.collect();
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    rows.into_iter().map(|(label, count)| Bar { label, count, length: count * 100 / most }).collect()
}

impl LoadTold {
    fn of(w: &Words, load: &Load) -> Self {
        let mut weeks: BTreeMap<NaiveDate, usize> = BTreeMap::new();
        for (day, count) in &load.per_day {
            *weeks.entry(monday(*day)).or_insert(0) += count;
        }
        Self {
            weeks: bars(weeks.into_iter().map(|(monday, count)| (told::date(w, monday), count))),
            days: bars(load.per_day.iter().map(|(day, count)| (told::date(w, *day), *count))),
            therapists: bars(load.per_therapist.iter().map(|(name, count)| (name.clone(), *count))),
        }
    }
}

/// The Monday of a day's week.
pub fn monday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day)
}

/// What else bears on the plan: who is away at once, and weights that are not the usual ones.
fn lines(c: &SeasonWords, plan: &ProgramPlan) -> Vec<String> {
    let weights = plan.offering.rules.weights;
    let mut lines: Vec<String> = plan.away.iter().map(|away| away_at_once(c, away, weights)).collect();
    let unusual = weights.unusual();
    if !unusual.is_empty() {
        let one = |(name, value): &(&str, u32)| {
            filled(c.weight_value, &[("name", name), ("value", &value.to_string())])
        };
        let all: Vec<String> = unusual.iter().map(one).collect();
        lines.push(filled(c.weights_line, &[("weights", &all.join(", "))]));
    }
    lines
}

fn away_at_once(c: &SeasonWords, away: &Away, weights: Weights) -> String {
    let Away { rounds, over_before, over, half_days } = away;
    let visits = |count: usize| counted(count, c.one_visit, c.visits);
    let left = match (over, rounds) {
        (0, _) => c.away_kept.to_owned(),
        (_, 0) => c.away_stuck.to_owned(),
        _ => filled(c.away_left, &[("visits", &visits(*over))]),
    };
    let gaps = [
        ("percent", &*weights.away_percent.to_string()),
        ("over", &visits(*over_before)),
        ("half_days", &counted(*half_days, c.one_half_day, c.half_days)),
        ("left", &left),
    ];
    filled(c.away_line, &gaps)
}

impl BatchTold {
    fn of(w: &Words, c: &SeasonWords, batch: &BatchShown) -> Self {
        let date = told::date(w, batch.booked_at.date_naive());
        let gaps = [("number", &*batch.number.to_string()), ("date", &date), ("version", &batch.solver)];
        Self { line: filled(c.batch_line, &gaps), batch: batch.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_the_longest_bar_is_whole() {
        assert_eq!(monday("2027-07-11".parse().unwrap()).to_string(), "2027-07-05");
        assert_eq!(monday("2027-07-05".parse().unwrap()).to_string(), "2027-07-05");
        let bars = bars([("a".to_owned(), 3), ("b".to_owned(), 12)].into_iter());
        assert_eq!(bars.iter().map(|bar| bar.length).collect::<Vec<_>>(), [25, 100]);
    }

    #[test]
    fn each_reason_stands_once_as_a_sentence_with_the_way_to_mend_it() {
        let (from, until) = ("2027-07-05".parse().unwrap(), "2027-07-16".parse().unwrap());
        let one = |resident: &str, detail: Reason| {
            let (resident, program) = (resident.to_owned(), "IM".to_owned());
            UnplacedShown { resident, program, cohort: None, reason: detail.to_string(), detail }
        };
        let unplaced = [
            one("Iva Novak", Reason::NoProtectedTime { from, until }),
            one("Ren Sato", Reason::NotHere { from, until }),
            one("Lena Okafor", Reason::NoProtectedTime { from, until }),
        ];
        let told = by_reason(season(), "/program/IM", &unplaced);
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].why, "No protected time from 5 July 2027 to 16 July 2027.");
        assert_eq!(told[0].people, ["Iva Novak", "Lena Okafor"]);
        assert_eq!(
            (told[0].href.as_str(), told[1].href.as_str()),
            ("/program/IM/protected", "/program/IM/roster")
        );
    }
}
