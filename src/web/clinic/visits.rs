//! The clinic's visits of a week by day, time, therapist and code. Never who comes.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use crate::desk::clinic::{Clinic, ClinicVisit};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Lead, with_origin};
use crate::web::shell::Shell;
use crate::web::words::clinic::{ClinicWords, clinic};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of the visits.
pub fn routes() -> Doors {
    Doors::new().route("/clinic", get(show))
}

/// A page shows so many days, and turns over by as many.
const WEEK: u64 = 7;

#[derive(Template)]
#[template(path = "clinic/visits.html")]
struct ClinicPage {
    w: &'static Words,
    c: &'static ClinicWords,
    shell: Shell,
    title: String,
    turned: bool,
    earlier: Option<NaiveDate>,
    later: Option<NaiveDate>,
    days: Vec<DayTold>,
}

struct DayTold {
    day: String,
    count: String,
    visits: Vec<VisitTold>,
}

struct VisitTold {
    times: String,
    therapist: String,
    code: String,
}

impl DayTold {
    fn of(w: &Words, c: &ClinicWords, on: NaiveDate, visits: Vec<ClinicVisit>) -> Self {
        let count = match visits.len() {
            1 => c.clinic_day_one.to_owned(),
            many => filled(c.clinic_day_count, &[("count", &many.to_string())]),
        };
        let visits = visits.into_iter().map(|visit| VisitTold {
            times: told::times(w, visit.span, visit.zone),
            therapist: visit.therapist,
            code: visit.code,
        });
        Self { day: told::date(w, on), count, visits: visits.collect() }
    }
}

#[derive(Deserialize)]
struct Turned {
    from: Option<NaiveDate>,
}

fn plausible(day: NaiveDate) -> bool {
    (2000..2200).contains(&day.year())
}

async fn show(
    State(state): State<WebState>,
    Lead(session): Lead,
    query: Result<Query<Turned>, QueryRejection>,
) -> Result<Response, Refusal> {
    let (w, c) = (words(), clinic());
    let asked = query.ok().and_then(|Query(Turned { from })| from).filter(|day| plausible(*day));
    let Clinic { today, days } = state.desk.clinic(&session, asked, WEEK).await?;
    let from = asked.unwrap_or(today);
    Ok(with_origin(page::ok(&ClinicPage {
        w,
        c,
        shell: super::shell("/clinic"),
        title: match asked {
            Some(from) => filled(c.clinic_week_title, &[("date", &told::date(w, from))]),
            None => c.clinic_title.to_owned(),
        },
        turned: asked.is_some(),
        earlier: from.checked_sub_days(Days::new(WEEK)).filter(|day| plausible(*day)),
        later: from.checked_add_days(Days::new(WEEK)).filter(|day| plausible(*day)),
        days: days.into_iter().map(|(on, visits)| DayTold::of(w, c, on, visits)).collect(),
    })))
}
