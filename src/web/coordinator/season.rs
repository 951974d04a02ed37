//! A program's first page: what is done, what is next, and when. Never a count of what residents did.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::choice::{Asked, Choice, SeasonTold, choose, counted, period};
use crate::desk::booking_day::BookingDay;
use crate::desk::program_season::{SeasonName, Standing};
use crate::desk::readiness::Readiness;
use crate::domain::people::Program;
use crate::domain::time::{Zone, wall};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path, told};

/// The routes of the season.
pub fn routes() -> Doors {
    Doors::new().route("/program/{program}", get(show))
}

#[derive(Template)]
#[template(path = "coordinator/season.html")]
struct SeasonPage {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: Shell,
    title: String,
    period: String,
    steps: Vec<Step>,
    others: Vec<SeasonTold>,
    earlier: Vec<SeasonTold>,
}

/// One step of a season.
#[derive(Default)]
struct Step {
    title: &'static str,
    /// What holds, a sentence each.
    lines: Vec<String>,
    /// Something about a step that is done to look at.
    look: String,
    href: String,
    button: &'static str,
    done: bool,
    next: bool,
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    asked: Asked,
) -> Result<Response, Refusal> {
    let (w, c) = (words(), season());
    let choice = choose(&state, &session, &program, asked, ("", c.season_title)).await?;
    let (name, others) = match choice {
        Choice::One(name, others) => (name, others),
        Choice::Other(page) => return Ok(page),
    };
    let id = name.offering.to_string();
    let standing = state.desk.standing_of(&session, &program, &id).await?;
    let day = state.desk.booking_day(&session, &id).await?;
    let path = program_path(&program.code);
    let told = |over| {
        let some = others.iter().filter(|one: &&SeasonName| one.over == over);
        some.map(|one| SeasonTold::of(&path, one)).collect()
    };
    Ok(with_origin(page::ok(&SeasonPage {
        w,
        c,
        shell: super::shell(&program, ""),
        title: name.title.clone(),
        period: period(&name),
        steps: steps(&Facts { w, c, program: &program, path: &path, standing: &standing, day: &day }),
        others: told(false),
        earlier: told(true),
    })))
}

/// What the steps are told from.
struct Facts<'a> {
    w: &'static Words,
    c: &'static SeasonWords,
    program: &'a Program,
    path: &'a str,
    standing: &'a Standing,
    day: &'a BookingDay,
}

/// All steps in order; the first that is not done is the next.
fn steps(facts: &Facts<'_>) -> Vec<Step> {
    let mut steps = vec![facts.roster(), facts.protected(), facts.plan(), facts.book(), facts.invitations()];
    steps.extend([facts.coverage(), facts.release()]);
    if let Some(next) = steps.iter_mut().find(|step| !step.done) {
        next.next = true;
    }
    steps
}

impl Facts<'_> {
    fn date(&self, sentence: &str, on: chrono::NaiveDate) -> String {
        filled(sentence, &[("date", &told::date(self.w, on))])
    }

    fn href(&self, page: &str) -> String {
        format!("{}{page}?season={}", self.path, self.standing.season.offering)
    }

    fn residents(&self, count: usize) -> String {
        counted(count, self.c.one_resident, self.c.residents)
    }

    fn roster(&self) -> Step {
        let (c, count) = (self.c, self.standing.residents);
        let line = match count {
            0 => c.roster_none.to_owned(),
            _ => filled(c.roster_some, &[("residents", &self.residents(count))]),
        };
        let href = format!("{}/roster", self.path);
        Step {
            title: c.roster_step,
            lines: vec![line],
            href,
            button: c.roster_button,
            done: count > 0,
            ..Step::default()
        }
    }

    fn protected(&self) -> Step {
        let (c, Standing { residents, protected, .. }) = (self.c, self.standing);
        let bare = residents.saturating_sub(*protected);
        let (some, none) = (protected.to_string(), bare.to_string());
        let line = match (protected, bare) {
            (0, _) => c.protected_none.to_owned(),
            (_, 0) => c.protected_all.to_owned(),
            _ => filled(c.protected_some, &[("protected", &some), ("bare", &none)]),
        };
        let look = if *protected > 0 && bare > 0 {
            filled(c.protected_bare, &[("bare", &none)])
        } else {
            String::new()
        };
        let href = format!("{}/protected", self.path);
        let done = *protected > 0;
        Step {
            title: c.protected_step,
            lines: vec![line],
            look,
            href,
            button: c.protected_button,
            done,
            ..Step::default()
        }
    }

    /// Since when the program is ready.
    fn ready(&self) -> Option<&Readiness> {
        self.day.programs.iter().find(|one| one.program == self.program.id && one.since.is_some())
    }

    fn plan(&self) -> Step {
        let c = self.c;
        let booked = self.standing.booked_at.is_some();
        let ready = self.ready().and_then(|one| one.since);
        let line = match ready {
            _ if booked => c.plan_done.to_owned(),
            Some(at) => self.date(c.plan_ready, wall(at, self.program.zone).date()),
            None => c.plan_before.to_owned(),
        };
        let (href, done) = (self.href("/plan"), booked || ready.is_some());
        Step { title: c.plan_step, lines: vec![line], href, button: c.plan_button, done, ..Step::default() }
    }

    fn book(&self) -> Step {
        let (c, standing) = (self.c, self.standing);
        let mut lines = Vec::new();
        if let Some(on) = standing.booked_on {
            lines.push(self.date(c.book_done, on));
            if standing.came_since > 0 {
                let came = self.residents(standing.came_since);
                lines.push(filled(c.book_since, &[("residents", &came)]));
            }
        } else {
            let late = standing.today > standing.book_by;
            lines.push(self.date(if late { c.book_late } else { c.book_by }, standing.book_by));
            lines.extend(
                missing(&self.day.programs).map(|names| filled(c.book_waits, &[("programs", &names)])),
            );
        }
        let done = standing.booked_at.is_some();
        let button = if self.day.may_book || done { c.book_button } else { c.book_look };
        Step { title: c.book_step, lines, href: self.href("/book"), button, done, ..Step::default() }
    }

    fn invitations(&self) -> Step {
        let (c, standing) = (self.c, self.standing);
        let went = standing.invites_on.is_some_and(|on| standing.today > on);
        let mut lines = Vec::new();
        match (standing.invites_on, standing.announce_days) {
            (Some(on), _) => lines.push(self.date(if went { c.invite_went } else { c.invite_on }, on)),
            (None, Some(days)) if days > 0 => {
                lines.push(filled(c.invite_before, &[("days", &days.to_string())]))
            }
            (None, _) => lines.push(c.invite_before_none.to_owned()),
        }
        if !went && standing.announce_days.is_some_and(|days| days > 0) {
            lines.push(c.invite_sooner.to_owned());
        }
        Step { title: c.invite_step, lines, done: went, ..Step::default() }
    }

    fn coverage(&self) -> Step {
        let c = self.c;
        let done = self.standing.today > self.standing.season.until;
        let (lines, href) = (vec![c.coverage_any.to_owned()], format!("{}/coverage", self.path));
        Step { title: c.coverage_step, lines, href, button: c.coverage_button, done, ..Step::default() }
    }

    fn release(&self) -> Step {
        let (c, Standing { season, released, today, .. }) = (self.c, self.standing);
        let line = match (released, *today > season.release_on) {
            (true, _) => c.release_done.to_owned(),
            (false, false) => self.date(c.release_on, season.release_on),
            (false, true) => self.date(c.release_past, season.release_on),
        };
        let href = format!("{}/releases", self.path);
        Step {
            title: c.release_step,
            lines: vec![line],
            href,
            button: c.release_button,
            done: *released,
            ..Step::default()
        }
    }
}

/// The names of programs that are not ready, with a comma between.
pub fn missing(programs: &[Readiness]) -> Option<String> {
    let names: Vec<&str> =
        programs.iter().filter(|one| one.since.is_none()).map(|one| one.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The day of a moment in a zone, in words.
pub fn day_in(at: crate::domain::time::Instant, zone: Zone) -> String {
    told::date(words(), wall(at, zone).date())
}
