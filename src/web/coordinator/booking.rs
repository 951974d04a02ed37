//! A page that arrives while a batch is booked: its head at once, then a bar for every step, then what came of it. Needs
//! no script. Never stops the batch: that goes on where the browser is closed.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use chrono::Days;
use futures_util::stream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::choice::counted;
use crate::desk::Error;
use crate::desk::booking_day::BookingDay;
use crate::desk::progress::Progress;
use crate::desk::season::Booked;
use crate::desk::session::Session;
use crate::domain::pace::{Shares, about, grouped};
use crate::domain::time::{Zone, wall};
use crate::web::refusal::{Dressed, Refusal};
use crate::web::session::with_origin;
use crate::web::shell::Shell;
use crate::web::words::season::{SeasonWords, season};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, told};

/// Between two bars at least so long: faster ones nobody sees.
const PACE: Duration = Duration::from_millis(80);
/// Where the page is cut in two, as its template writes it.
const CUT: &str = "<!--live-->";
/// Bars run to this.
const WHOLE: usize = 100;

/// Where the page stands and where it leads.
pub struct Place {
    /// Its frame.
    pub shell: Shell,
    /// In which days are told.
    pub zone: Zone,
    /// Where to go on.
    pub onward: String,
    /// Where it stands who waits and why; empty where nowhere.
    pub why: String,
    /// Back to the button.
    pub back: String,
}

#[derive(Template)]
#[template(path = "coordinator/booking.html")]
struct LivePage<'a> {
    w: &'static Words,
    c: &'static SeasonWords,
    shell: &'a Shell,
}

/// What came of it.
#[derive(Template)]
#[template(path = "coordinator/booked.html")]
struct BookedPart<'a> {
    c: &'static SeasonWords,
    title: &'static str,
    lines: Vec<String>,
    done: bool,
    waits: bool,
    place: &'a Place,
}

/// Begins the batch, and answers with the page that follows it.
///
/// # Errors
/// Whoever may not book is answered as if there were no such page.
pub async fn live(
    state: &WebState,
    session: Session,
    offering: &str,
    place: Place,
) -> Result<Response, Refusal> {
    let day = state.desk.booking_day(&session, offering).await?;
    if !day.may_book {
        return Err(Refusal::nothing());
    }
    let page = LivePage { w: words(), c: season(), shell: &place.shell }.render();
    let page = page.map_err(|_| Refusal::broken())?;
    let (head, tail) = page.split_once(CUT).ok_or_else(Refusal::broken)?;
    let (head, tail) = (head.to_owned(), tail.to_owned());
    let (tell, progress) = watch::channel(Progress::default());
    let (desk, offering) = (state.desk.clone(), day.offering.id().to_string());
    // A task of its own: it goes on when nobody reads the answer any more.
    let work = tokio::spawn(async move {
        let told = |progress| {
            tell.send_replace(progress);
        };
        desk.book_for_all(&session, &offering, &told).await
    });
    let page = Live { stage: Stage::Head, head, tail, progress, work, place, day, pace: state.pace };
    let body = Body::from_stream(stream::unfold(page, |page| async { page.next().await.map(ok) }));
    let headers = [(CONTENT_TYPE.as_str(), "text/html; charset=utf-8"), ("x-accel-buffering", "no")];
    Ok(with_origin((Extension(Dressed), headers, body).into_response()))
}

fn ok((part, page): (String, Live)) -> (Result<Bytes, Infallible>, Live) {
    (Ok(Bytes::from(part)), page)
}

enum Stage {
    Head,
    Working,
    Over,
}

/// A page on its way.
struct Live {
    stage: Stage,
    head: String,
    tail: String,
    progress: watch::Receiver<Progress>,
    work: JoinHandle<Result<Booked, Error>>,
    place: Place,
    day: BookingDay,
    pace: Option<Shares>,
}

impl Live {
    /// The next part of the page.
    async fn next(mut self) -> Option<(String, Self)> {
        match self.stage {
            Stage::Head => {
                self.stage = Stage::Working;
                let first = bar(Progress::default());
                Some((format!("{}{first}", self.head), self))
            }
            Stage::Working => {
                if self.progress.changed().await.is_ok() {
                    let newest = *self.progress.borrow_and_update();
                    tokio::time::sleep(PACE).await;
                    return Some((bar(newest), self));
                }
                self.stage = Stage::Over;
                // The batch is over, however it ended.
                let end = (&mut self.work).await;
                let end = self.end(end.unwrap_or_else(|problem| Err(Error::Refused(problem.to_string()))));
                Some((format!("{end}{}", self.tail), self))
            }
            Stage::Over => None,
        }
    }

    /// What came of it, as the end of the page.
    fn end(&self, booked: Result<Booked, Error>) -> String {
        let c = season();
        let (part, bar) = match booked {
            Ok(booked) => {
                let waits = booked.waiting > 0;
                let lines = told_of(&booked, &self.day, self.place.zone, self.pace);
                (self.part(c.booked_title, lines, true, waits), full())
            }
            Err(problem) => {
                tracing::error!(%problem, "a batch could not be booked from its page");
                let lines = vec![c.booked_failed.to_owned()];
                (self.part(c.booked_failed_title, lines, false, false), String::new())
            }
        };
        // Where even this cannot be written, the page says less and is still whole.
        format!("{bar}</div>{}", part.render().unwrap_or_default())
    }

    const fn part(&self, title: &'static str, lines: Vec<String>, done: bool, waits: bool) -> BookedPart<'_> {
        BookedPart { c: season(), title, lines, done, waits, place: &self.place }
    }
}

/// A bar of one step. Of all that came, the style sheet shows the newest.
fn bar(progress: Progress) -> String {
    let c = season();
    let (words, value) = match progress {
        Progress::Waiting => (c.live_waiting.to_owned(), 2),
        Progress::Planning => (c.live_planning.to_owned(), 5),
        Progress::Preparing => (c.live_preparing.to_owned(), 15),
        Progress::Writing { done, of } => {
            let gaps = [("done", &*done.to_string()), ("of", &*of.to_string())];
            (filled(c.live_writing, &gaps), 20 + done * 78 / of.max(1))
        }
    };
    drawn(&words, value)
}

fn full() -> String {
    drawn(season().live_written, WHOLE)
}

fn drawn(words: &str, value: usize) -> String {
    format!("<p><progress max=\"{WHOLE}\" value=\"{value}\" aria-hidden=\"true\"></progress> {words}</p>\n")
}

/// How long the first letters of so many residents take; nothing where there is no limit. It hangs on everyone's letters alone.
pub fn takes(pace: Option<Shares>, residents: usize, announced: bool) -> Option<String> {
    let (c, pace) = (season(), pace.filter(|_| residents > 0)?);
    let sentence = if announced { c.pace_announcements } else { c.pace_invitations };
    let long = about(pace.minutes_for(residents));
    let gaps = [("about", &*long), ("count", &grouped(residents)), ("pace", &pace.everyone.to_string())];
    Some(filled(sentence, &gaps))
}

/// What a batch came to, a sentence each.
fn told_of(booked: &Booked, day: &BookingDay, zone: Zone, pace: Option<Shares>) -> Vec<String> {
    let c = season();
    let residents = |sentence: &str, count: usize| {
        filled(sentence, &[("residents", &counted(count, c.one_resident, c.residents))])
    };
    let mut lines = vec![match booked.booked {
        0 => c.booked_none.to_owned(),
        count => residents(c.booked_some, count),
    }];
    if booked.already > 0 {
        lines.push(residents(c.booked_already, booked.already));
    }
    lines.push(match booked.waiting {
        0 => c.booked_waiting_none.to_owned(),
        count => residents(c.booked_waiting, count),
    });
    let lead = day.offering.rules.announce_days.filter(|days| *days > 0);
    lines.push(match (booked.letters_owed, lead, &booked.batch) {
        (1.., Some(days), Some(batch)) => {
            let on = wall(batch.booked_at, zone).date().checked_add_days(Days::new(days.into()));
            let on = on.map(|on| told::date(words(), on)).unwrap_or_default();
            filled(c.booked_announce, &[("date", &on)])
        }
        (1.., ..) => c.booked_invite.to_owned(),
        (0, ..) => c.booked_no_letters.to_owned(),
    });
    lines.extend(takes(pace, booked.booked, lead.is_some()));
    lines.extend(booked.batch.iter().map(|batch| filled(c.booked_seed, &[("seed", &batch.seed)])));
    lines
}
