//! A program's protected time, week by week: looked at, written down, removed. Never a visit, and never whether anybody
//! uses the time.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use serde::Deserialize;

use crate::desk::Error;
use crate::desk::protected::{BlockShown, Holder, NewBlock, Week};
use crate::desk::session::Session;
use crate::domain::people::Program;
use crate::domain::protection::Kind;
use crate::domain::time::Span;
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::protected::{ProtectedWords, protected};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path, told};

/// The routes of protected time.
pub fn routes() -> Doors {
    Doors::new()
        .route("/program/{program}/protected", get(show).post(add))
        .route("/program/{program}/protected/remove", post(remove))
}

/// So many people without time are named; the rest are counted.
const NAMED: usize = 40;

#[derive(Template)]
#[template(path = "coordinator/protected.html")]
struct ProtectedPage {
    w: &'static Words,
    p: &'static ProtectedWords,
    shell: Shell,
    path: String,
    holders: Vec<Choice>,
    holder: Option<Holder>,
    heading: String,
    monday: NaiveDate,
    earlier: Option<NaiveDate>,
    later: Option<NaiveDate>,
    days: Vec<DayTold>,
    nothing: bool,
    without: Vec<Holder>,
    more_without: String,
    without_words: String,
    problem: String,
    typed: Typed,
    saved: bool,
}

/// A cohort that can be chosen.
struct Choice {
    whose: String,
    label: String,
    chosen: bool,
}

struct DayTold {
    day: NaiveDate,
    name: &'static str,
    blocks: Vec<BlockTold>,
}

struct BlockTold {
    never: bool,
    hours: String,
    what: String,
    kind: &'static str,
    from: i64,
    to: i64,
}

/// A form as somebody filled it in; kept when it is refused.
#[derive(Clone, Default, Deserialize)]
struct Typed {
    whose: String,
    kind: String,
    on: String,
    from: String,
    to: String,
    until: String,
}

#[derive(Default, Deserialize)]
struct Asked {
    whose: Option<String>,
    week: Option<NaiveDate>,
    #[serde(default)]
    saved: bool,
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(asked) = query.unwrap_or_default();
    let whose = asked.whose.as_deref().filter(|whose| !whose.is_empty());
    let week = state.desk.protected_week(&session, &program, whose, asked.week).await?;
    Ok(told_week(&program, week, Typed::default(), String::new(), asked.saved))
}

fn told_week(program: &Program, week: Week, typed: Typed, problem: String, saved: bool) -> Response {
    let (w, p) = (words(), protected());
    let Week { cohorts, holder, monday, days, without } = week;
    let chosen = holder.as_ref().map(|holder| holder.whose.clone()).unwrap_or_default();
    let holders = cohorts.into_iter().map(|cohort| Choice {
        chosen: cohort.whose == chosen,
        label: filled(p.cohort, &[("name", &cohort.name), ("count", &cohort.residents.to_string())]),
        whose: cohort.whose,
    });
    let days: Vec<DayTold> = days.into_iter().map(|(day, blocks)| DayTold::of(w, p, day, blocks)).collect();
    let heading = holder.as_ref().map(|holder| {
        let sentence = if holder.is_person { p.week_of_person } else { p.week_of_cohort };
        filled(sentence, &[("name", &holder.name), ("date", &told::date(w, monday))])
    });
    let count = without.len();
    let without_words = match count {
        0 => p.without_nobody.to_owned(),
        1 => p.without_one.to_owned(),
        _ => filled(p.without_some, &[("count", &count.to_string())]),
    };
    let more = count.saturating_sub(NAMED);
    with_origin(page::ok(&ProtectedPage {
        w,
        p,
        shell: super::shell(program, "/protected"),
        path: format!("{}/protected", program_path(&program.code)),
        holders: holders.collect(),
        heading: heading.unwrap_or_default(),
        holder,
        monday,
        earlier: monday.checked_sub_days(Days::new(7)),
        later: monday.checked_add_days(Days::new(7)),
        nothing: days.iter().all(|day| day.blocks.is_empty()),
        days,
        without: without.into_iter().take(NAMED).collect(),
        more_without: if more > 0 {
            filled(p.without_more, &[("count", &more.to_string())])
        } else {
            String::new()
        },
        without_words,
        problem,
        typed,
        saved,
    }))
}

impl DayTold {
    fn of(w: &'static Words, p: &'static ProtectedWords, day: NaiveDate, blocks: Vec<BlockShown>) -> Self {
        use chrono::Datelike;
        let date = told::date(w, day);
        let blocks = blocks.into_iter().map(|block| {
            let hours = told::hours(w, block.from, block.to);
            let never = block.kind == Kind::Never;
            let sentence = if never { p.remove_never } else { p.remove_protected };
            BlockTold {
                what: filled(sentence, &[("hours", &hours), ("date", &date)]),
                hours,
                never,
                kind: if never { "never" } else { "protected" },
                from: block.span.starts_at().timestamp(),
                to: block.span.ends_at().timestamp(),
            }
        });
        let blocks = blocks.collect();
        Self { day, name: w.weekdays[day.weekday().num_days_from_monday() as usize], blocks }
    }
}

/// What a form says, or what is missing in it.
fn read(typed: &Typed) -> Result<NewBlock, &'static str> {
    let p = protected();
    let time = |text: &str| {
        let text = text.trim();
        NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"))
    };
    let until = typed.until.trim();
    Ok(NewBlock {
        kind: if typed.kind == "never" { Kind::Never } else { Kind::Protected },
        on: typed.on.trim().parse().map_err(|_| p.bad_day)?,
        from: time(&typed.from).map_err(|_| p.bad_from)?,
        to: time(&typed.to).map_err(|_| p.bad_to)?,
        weekly_until: if until.is_empty() { None } else { Some(until.parse().map_err(|_| p.bad_until)?) },
    })
}

async fn add(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Fields(typed): Fields<Typed>,
) -> Result<Response, Refusal> {
    let new = match read(&typed) {
        Ok(new) => new,
        Err(problem) => return again(&state, &session, &program, typed, problem.to_owned()).await,
    };
    match state.desk.add_protected(&session, &program, &typed.whose, new).await {
        Ok(_) => Ok(Redirect::to(&at(&program, &typed.whose, new.on, true)).into_response()),
        Err(Error::Refused(problem)) => {
            again(&state, &session, &program, typed, told::sentence(&problem)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The same page with what was typed, and what is wrong with it.
async fn again(
    state: &WebState,
    session: &Session,
    program: &Program,
    typed: Typed,
    problem: String,
) -> Result<Response, Refusal> {
    let week = typed.on.trim().parse().ok();
    let week = state.desk.protected_week(session, program, Some(&typed.whose), week).await?;
    let mut response = told_week(program, week, typed, problem, false);
    *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// The address of a week of somebody.
fn at(program: &Program, whose: &str, week: NaiveDate, saved: bool) -> String {
    let path = program_path(&program.code);
    let whose = percent_encoding::utf8_percent_encode(whose, percent_encoding::NON_ALPHANUMERIC);
    format!("{path}/protected?whose={whose}&week={week}{}", if saved { "&saved=true" } else { "" })
}

#[derive(Deserialize)]
struct Removed {
    whose: String,
    kind: String,
    from: i64,
    to: i64,
    week: NaiveDate,
}

async fn remove(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Fields(form): Fields<Removed>,
) -> Result<Redirect, Refusal> {
    let moment = |seconds| DateTime::from_timestamp(seconds, 0);
    let span = moment(form.from).zip(moment(form.to)).and_then(|(from, to)| Span::new(from, to));
    let span = span.ok_or_else(Refusal::no_choice)?;
    let kind = if form.kind == "never" { Kind::Never } else { Kind::Protected };
    state.desk.remove_protected(&session, &program, &form.whose, kind, span).await?;
    Ok(Redirect::to(&at(&program, &form.whose, form.week, true)))
}
