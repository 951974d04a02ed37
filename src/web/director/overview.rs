//! A director's first page: how far the season is, what comes next, and all seasons in facts. Never a count of what
//! residents did.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::{CAPACITY, OFFERINGS, OVERVIEW, PEOPLE, PROGRAMS, RELEASES, THERAPISTS};
use crate::desk::overview::{Overview, SeasonFacts};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::director::{DirectorWords, director};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of the overview.
pub fn routes() -> Doors {
    Doors::new().route(OVERVIEW, get(show))
}

#[derive(Template)]
#[template(path = "director/overview.html")]
struct OverviewPage {
    w: &'static Words,
    d: &'static DirectorWords,
    shell: Shell,
    overview: Overview,
    title: String,
    steps: Vec<Step>,
    seasons: Vec<SeasonTold>,
    capacity: Option<String>,
}

/// A step towards a season.
struct Step {
    title: &'static str,
    why: String,
    done: bool,
    next: bool,
    go: Option<(String, &'static str)>,
}

struct SeasonTold {
    href: String,
    title: String,
    period: String,
    state: &'static str,
    release: String,
}

impl SeasonTold {
    fn of(w: &Words, d: &DirectorWords, facts: &SeasonFacts) -> Self {
        Self {
            href: format!("{OFFERINGS}/{}", facts.offering),
            title: facts.title.clone(),
            period: told::period(w, facts.from, facts.until),
            state: match (facts.booked, facts.released) {
                (_, true) => d.state_released,
                (true, false) => d.state_booked,
                (false, false) => d.state_planned,
            },
            release: told::date(w, facts.release_on),
        }
    }
}

/// What has to happen for a season, in order; the first that is not done is next.
fn steps(w: &Words, d: &'static DirectorWords, overview: &Overview) -> Vec<Step> {
    let season = overview.current();
    let booked = season.is_some_and(|season| season.booked);
    let step = |title, why: &str, done, go: Option<(String, &'static str)>| Step {
        title,
        why: why.to_owned(),
        done,
        next: false,
        go,
    };
    let go = |href: &str, label| Some((href.to_owned(), label));
    let therapists = if overview.therapists > 0 && !overview.hours {
        d.step_therapists_hours
    } else {
        d.step_therapists_why
    };
    let book = |label| season.map(|season| (format!("/offering/{}/book", season.offering), label));
    let mut steps = vec![
        step(d.step_programs, d.step_programs_why, overview.programs > 0, go(PROGRAMS, d.step_programs_go)),
        step(
            d.step_therapists,
            therapists,
            overview.therapists > 0 && overview.hours,
            go(THERAPISTS, d.step_therapists_go),
        ),
        step(
            d.step_offering,
            d.step_offering_why,
            season.is_some(),
            go(&format!("{OFFERINGS}/new"), d.step_offering_go),
        ),
        ready(d, overview, booked),
        step(
            d.step_book,
            if booked { d.step_book_done } else { d.step_book_why },
            booked,
            book(if booked { d.step_book_look } else { d.step_book_go }),
        ),
    ];
    if let Some(season) = season {
        let why = filled(d.step_release_why, &[("date", &told::date(w, season.release_on))]);
        steps.push(step(d.step_release, &why, false, go(RELEASES, d.step_release_go)));
    }
    if let Some(next) = steps.iter_mut().find(|step| !step.done) {
        next.next = true;
    }
    steps
}

fn ready(d: &'static DirectorWords, overview: &Overview, booked: bool) -> Step {
    let (ready, all) = (overview.current().map_or(0, |season| season.ready), overview.with_residents);
    let why = if booked {
        d.step_ready_booked.to_owned()
    } else if all == 0 {
        d.step_ready_none.to_owned()
    } else {
        filled(d.step_ready_why, &[("ready", &ready.to_string()), ("all", &all.to_string())])
    };
    let go = if all == 0 { (PEOPLE, d.step_ready_invite) } else { (PROGRAMS, d.step_ready_go) };
    let done = booked || (all > 0 && ready >= all);
    Step { title: d.step_ready, why, done, next: false, go: Some((go.0.to_owned(), go.1)) }
}

async fn show(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let (w, d) = (words(), director());
    let overview = state.desk.overview(&session).await?;
    let title = match overview.current() {
        Some(season) => filled(d.steps_title_of, &[("title", &season.title)]),
        None => d.steps_title.to_owned(),
    };
    Ok(with_origin(page::ok(&OverviewPage {
        w,
        d,
        shell: super::shell(OVERVIEW),
        title,
        steps: steps(w, d, &overview),
        seasons: overview.seasons.iter().map(|facts| SeasonTold::of(w, d, facts)).collect(),
        capacity: overview.current().map(|season| format!("{CAPACITY}?offering={}", season.offering)),
        overview,
    })))
}
