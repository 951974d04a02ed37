//! A therapist's own hours: the week, and dates that differ. Says beside each field what is wrong with it, and keeps what
//! was typed.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{NaiveTime, Weekday};
use serde::Deserialize;

use crate::desk::own_hours::{OwnHours, WEEK_MAX};
use crate::desk::session::Session;
use crate::domain::availability::typed::{Flaw, TypedDate, TypedHours};
use crate::domain::availability::{Change, Exception, Pattern};
use crate::domain::id::BlockId;
use crate::domain::time::Zone;
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Therapist, with_origin};
use crate::web::shell::Shell;
use crate::web::words::therapist::{TherapistWords, therapist};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of a therapist's hours.
pub fn routes() -> Doors {
    Doors::new()
        .route("/agenda/hours", get(show).post(save))
        .route("/agenda/hours/date", post(add))
        .route("/agenda/hours/date/remove", post(remove))
}

const PATH: &str = "/agenda/hours";
/// The longest entry of a field that is looked at, in bytes.
const TEXT_MAX: usize = 40;

#[derive(Template)]
#[template(path = "therapist/hours.html")]
struct HoursPage {
    w: &'static Words,
    t: &'static TherapistWords,
    shell: Shell,
    zone: String,
    saved: bool,
    problems: String,
    days: Vec<DayForm>,
    dates: Vec<DateTold>,
    date: DateForm,
}

/// The lines of one weekday.
struct DayForm {
    name: &'static str,
    short: String,
    lines: Vec<LineForm>,
}

/// One stretch of hours as its fields hold it.
struct LineForm {
    number: usize,
    from: String,
    to: String,
    first: String,
    last: String,
    /// Another zone than the therapist's own, in which the line was meant.
    zone: Option<Zone>,
    flaw: Option<Flaw>,
}

impl LineForm {
    fn of(typed: &TypedHours) -> Self {
        let TypedHours { from, to, first, last, zone, .. } = typed.clone();
        Self { number: 0, from, to, first, last, zone, flaw: None }
    }

    fn dated(&self) -> bool {
        !self.first.is_empty() || !self.last.is_empty()
    }

    /// What is wrong, and with which field of the line.
    fn problem(&self, t: &'static TherapistWords) -> Option<(&'static str, &'static str)> {
        self.flaw.map(|flaw| problem(t, flaw))
    }

    /// Whether a field is wrong.
    fn wrong(&self, t: &'static TherapistWords, field: &str) -> bool {
        self.problem(t).is_some_and(|(wrong, _)| wrong == field)
    }
}

/// The form of a date that differs.
#[derive(Default)]
struct DateForm {
    on: String,
    extra: bool,
    from: String,
    to: String,
    flaw: Option<Flaw>,
}

impl DateForm {
    fn problem(&self, t: &'static TherapistWords) -> Option<(&'static str, &'static str)> {
        self.flaw.map(|flaw| problem(t, flaw))
    }

    fn wrong(&self, t: &'static TherapistWords, field: &str) -> bool {
        self.problem(t).is_some_and(|(wrong, _)| wrong == field)
    }
}

struct DateTold {
    id: BlockId,
    told: String,
}

/// The field that a flaw is about, and a sentence.
const fn problem(t: &TherapistWords, flaw: Flaw) -> (&'static str, &'static str) {
    match flaw {
        Flaw::From => ("from", t.hours_not_from),
        Flaw::To => ("to", t.hours_not_to),
        Flaw::Long => ("to", t.hours_too_long),
        Flaw::First => ("first", t.hours_not_first),
        Flaw::Last => ("last", t.hours_not_last),
        Flaw::Backwards => ("last", t.hours_backwards),
        Flaw::Date => ("on", t.hours_not_date),
        Flaw::Over => ("on", t.hours_date_over),
    }
}

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// The weekdays with their lines and an empty one each; lines are numbered through the page as they are sent.
fn days(w: &'static Words, lines: &[TypedHours], flaws: &[(usize, Flaw)]) -> Vec<DayForm> {
    let mut number = 0;
    let day = |weekday: Weekday| {
        let name = w.weekdays[weekday.num_days_from_monday() as usize];
        let mut forms = Vec::new();
        for (line, typed) in lines.iter().enumerate().filter(|(_, typed)| typed.weekday == weekday) {
            let flaw = flaws.iter().find(|(flawed, _)| *flawed == line).map(|(_, flaw)| *flaw);
            forms.push(LineForm { flaw, ..LineForm::of(typed) });
        }
        forms.push(LineForm::of(&empty(weekday)));
        for form in &mut forms {
            number += 1;
            form.number = number;
        }
        DayForm { name, short: weekday.to_string(), lines: forms }
    };
    WEEK.map(day).into()
}

const fn empty(weekday: Weekday) -> TypedHours {
    let nothing = String::new;
    TypedHours { weekday, from: nothing(), to: nothing(), first: nothing(), last: nothing(), zone: None }
}

fn typed(own: Zone, pattern: &Pattern) -> TypedHours {
    let time = |at: NaiveTime| at.format("%H:%M").to_string();
    let date = |on: Option<chrono::NaiveDate>| on.map(|on| on.to_string()).unwrap_or_default();
    TypedHours {
        weekday: pattern.weekday,
        from: time(pattern.from),
        to: time(pattern.to),
        first: date(pattern.first),
        last: date(pattern.last),
        zone: Some(pattern.zone).filter(|zone| *zone != own),
    }
}

fn date_told(w: &Words, t: &TherapistWords, own: Zone, (id, one): &(BlockId, Exception)) -> DateTold {
    let hours = one.hours.map(|(from, to)| {
        let hours =
            format!("{}–{}", told::time(w, one.on.and_time(from)), told::time(w, one.on.and_time(to)));
        if one.zone == own { hours } else { format!("{hours} ({})", one.zone.name()) }
    });
    let sentence = match (one.change, &hours) {
        (Change::Away, None) => t.hours_date_off,
        (Change::Away, Some(_)) => t.hours_date_off_hours,
        (Change::Extra, _) => t.hours_date_extra,
    };
    let gaps = [("date", told::date(w, one.on)), ("hours", hours.unwrap_or_default())];
    let gaps = gaps.each_ref().map(|(gap, value)| (*gap, value.as_str()));
    DateTold { id: *id, told: filled(sentence, &gaps) }
}

impl HoursPage {
    fn of(own: &OwnHours) -> Self {
        let (w, t) = (words(), therapist());
        let lines: Vec<TypedHours> = own.weekly.iter().map(|pattern| typed(own.zone, pattern)).collect();
        Self {
            w,
            t,
            shell: super::shell(PATH),
            zone: filled(t.hours_zone, &[("zone", own.zone.name())]),
            saved: false,
            problems: String::new(),
            days: days(w, &lines, &[]),
            dates: own.once.iter().map(|one| date_told(w, t, own.zone, one)).collect(),
            date: DateForm::default(),
        }
    }

    fn refused(self, count: usize) -> Response {
        let problems = match count {
            1 => self.t.hours_problem_one.to_owned(),
            many => filled(self.t.hours_problems, &[("count", &many.to_string())]),
        };
        with_origin(page::page(StatusCode::UNPROCESSABLE_ENTITY, &Self { problems, ..self }))
    }
}

async fn show(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let own = state.desk.own_hours(&session).await?;
    Ok(with_origin(page::ok(&HoursPage { saved: query.as_deref() == Some("saved"), ..HoursPage::of(&own) })))
}

fn saved() -> Response {
    Redirect::to(&format!("{PATH}?saved")).into_response()
}

/// The lines of a week as a form sends them: each begins with its weekday.
fn lines(fields: Vec<(String, String)>) -> Result<Vec<TypedHours>, Refusal> {
    let mut lines: Vec<TypedHours> = Vec::new();
    for (name, value) in fields {
        if value.len() > TEXT_MAX || lines.len() > 2 * WEEK_MAX {
            return Err(Refusal::too_large());
        }
        if name == "weekday" {
            let weekday = value.parse().map_err(|_| Refusal::no_choice())?;
            lines.push(empty(weekday));
            continue;
        }
        let line = lines.last_mut().ok_or_else(Refusal::no_choice)?;
        match name.as_str() {
            "from" => line.from = value,
            "to" => line.to = value,
            "first" => line.first = value,
            "last" => line.last = value,
            "zone" => line.zone = Some(value.parse().map_err(|_| Refusal::no_choice())?),
            _ => return Err(Refusal::no_choice()),
        }
    }
    if lines.is_empty() {
        return Err(Refusal::no_choice());
    }
    lines.retain(|line| !(line.from.is_empty() && line.to.is_empty()));
    if lines.len() > WEEK_MAX { Err(Refusal::too_large()) } else { Ok(lines) }
}

async fn save(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(fields): Fields<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let lines = lines(fields)?;
    let flaws = state.desk.replace_week(&session, &lines).await?;
    if flaws.is_empty() {
        return Ok(saved());
    }
    let page = HoursPage::of(&state.desk.own_hours(&session).await?);
    let days = days(page.w, &lines, &flaws);
    Ok(HoursPage { days, ..page }.refused(flaws.len()))
}

#[derive(Deserialize)]
struct Dated {
    on: String,
    kind: Kind,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Off,
    Extra,
}

async fn add(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(Dated { on, kind, from, to }): Fields<Dated>,
) -> Result<Response, Refusal> {
    if [&on, &from, &to].into_iter().any(|text| text.len() > TEXT_MAX) {
        return Err(Refusal::too_large());
    }
    let change = match kind {
        Kind::Off => Change::Away,
        Kind::Extra => Change::Extra,
    };
    let line = TypedDate { on, change, from, to };
    let Some(flaw) = state.desk.add_date(&session, &line).await? else { return Ok(saved()) };
    date_refused(&state, &session, line, flaw).await
}

async fn date_refused(
    state: &WebState,
    session: &Session,
    line: TypedDate,
    flaw: Flaw,
) -> Result<Response, Refusal> {
    let TypedDate { on, change, from, to } = line;
    let date = DateForm { on, extra: change == Change::Extra, from, to, flaw: Some(flaw) };
    Ok(HoursPage { date, ..HoursPage::of(&state.desk.own_hours(session).await?) }.refused(1))
}

#[derive(Deserialize)]
struct Removed {
    id: BlockId,
}

async fn remove(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(Removed { id }): Fields<Removed>,
) -> Result<Response, Refusal> {
    state.desk.remove_date(&session, id).await?;
    Ok(saved())
}
