//! A therapist's first page: today, the week, what waits for a mark, and what is to come. Never anybody else's visits.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use super::another;
use crate::desk::agenda::{Agenda, AgendaDay, AgendaVisit, Unmarked};
use crate::desk::follow_up::shown::AgendaFollowUp;
use crate::domain::booking::Mark;
use crate::domain::id::SeatId;
use crate::domain::time::{Instant, Zone};
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::load::LoadTold;
use crate::web::refusal::Refusal;
use crate::web::session::{Therapist, with_origin};
use crate::web::shell::Shell;
use crate::web::words::dav::dav;
use crate::web::words::follow_up::{FollowUpWords, follow_up};
use crate::web::words::therapist::{TherapistWords, therapist};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of the agenda.
pub fn routes() -> Doors {
    Doors::new().route("/agenda", get(show)).route("/agenda/mark", post(mark))
}

/// So many visits that wait for a mark do not push today out of sight.
const FEW: usize = 3;
/// An agenda turns over by so many days.
const WEEK: u64 = 7;

#[derive(Template)]
#[template(path = "therapist/agenda.html")]
struct AgendaPage {
    w: &'static Words,
    t: &'static TherapistWords,
    f: &'static FollowUpWords,
    shell: Shell,
    title: String,
    zone: String,
    view: View,
    earlier: Option<String>,
    later: Option<String>,
    waiting: String,
    /// Visits to come at which the therapist is busy.
    clashes: Vec<VisitTold>,
    clash: &'static str,
    unmarked: Vec<VisitTold>,
    /// Whether they stand open: few, or one of them was just marked.
    unmarked_open: bool,
    today: Option<DayTold>,
    days: Vec<DayTold>,
    load: LoadTold,
}

struct DayTold {
    on: NaiveDate,
    day: String,
    is_today: bool,
    visits: Vec<VisitTold>,
}

struct VisitTold {
    seat: String,
    times: String,
    name: String,
    code: String,
    how: &'static str,
    place: String,
    mark: Option<Mark>,
    may_mark: bool,
    may_offer: bool,
    /// Of a follow-up: where it stands, and whether it can be taken back.
    follow_up: Option<(String, bool)>,
    begins: Instant,
    /// Where the page comes back to once it is marked: fields of the form.
    back: Vec<(&'static str, String)>,
}

impl VisitTold {
    fn of(w: &'static Words, visit: AgendaVisit, zone: Zone, back: &[(&'static str, String)]) -> Self {
        Self {
            seat: visit.seat.to_string(),
            times: told::times(w, visit.span, zone),
            name: visit.name,
            code: visit.code,
            how: another::how(w, visit.modality),
            place: visit.place,
            mark: visit.mark,
            may_mark: visit.may_mark,
            may_offer: visit.may_offer,
            follow_up: None,
            begins: visit.span.starts_at(),
            back: back.to_vec(),
        }
    }

    /// A follow-up, which is no visit that could be marked.
    fn offered(w: &'static Words, one: AgendaFollowUp, zone: Zone, back: &[(&'static str, String)]) -> Self {
        Self {
            seat: one.id.to_string(),
            times: told::times(w, one.span, zone),
            name: one.name,
            code: one.code,
            how: another::how(w, one.modality),
            place: one.place,
            mark: None,
            may_mark: false,
            may_offer: false,
            follow_up: Some((another::standing(w, one.state, zone), one.may_withdraw)),
            begins: one.span.starts_at(),
            back: back.to_vec(),
        }
    }

    /// One of another day, with that day before its time.
    fn dated(w: &'static Words, visit: AgendaVisit, zone: Zone) -> Self {
        let day = told::day_of(w, visit.span, zone);
        let visit = Self::of(w, visit, zone, &[("waits", "1".to_owned())]);
        // Where it was held helps nobody any more.
        Self { times: format!("{day}, {}", visit.times), place: String::new(), ..visit }
    }

    fn is_kept(&self) -> bool {
        self.mark == Some(Mark::Kept)
    }
}

impl DayTold {
    fn of(w: &'static Words, day: AgendaDay, today: NaiveDate, zone: Zone, view: View) -> Self {
        let fields = view.fields();
        let visits = day.visits.into_iter().map(|visit| VisitTold::of(w, visit, zone, &fields));
        let offered = day.follow_ups.into_iter().map(|one| VisitTold::offered(w, one, zone, &fields));
        let mut visits: Vec<VisitTold> = visits.chain(offered).collect();
        visits.sort_by_key(|visit| visit.begins);
        Self { on: day.day, day: told::date(w, day.day), is_today: day.day == today, visits }
    }
}

/// Which days a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// Today and the rest of a week from today, with all that waits.
    Home,
    /// A week from a day.
    Week(NaiveDate),
    /// One day.
    Day(NaiveDate),
}

impl View {
    fn of(asked: &Asked) -> Self {
        match (asked.day, asked.from) {
            (Some(day), _) if plausible(day) => Self::Day(day),
            (_, Some(from)) if plausible(from) => Self::Week(from),
            _ => Self::Home,
        }
    }

    const fn is_home(self) -> bool {
        matches!(self, Self::Home)
    }

    const fn from(self) -> Option<NaiveDate> {
        match self {
            Self::Home => None,
            Self::Week(from) | Self::Day(from) => Some(from),
        }
    }

    const fn days(self) -> u64 {
        match self {
            Self::Home | Self::Week(_) => WEEK,
            Self::Day(_) => 1,
        }
    }

    /// The view from which a form was sent.
    pub(super) fn back(from: Option<NaiveDate>, day: Option<NaiveDate>) -> String {
        Self::of(&Asked { from, day, marked: None }).path()
    }

    fn path(self) -> String {
        match self {
            Self::Home => "/agenda".to_owned(),
            Self::Week(from) => format!("/agenda?from={from}"),
            Self::Day(day) => format!("/agenda?day={day}"),
        }
    }

    /// The same as fields of a form.
    fn fields(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Home => Vec::new(),
            Self::Week(from) => vec![("from", from.to_string())],
            Self::Day(day) => vec![("day", day.to_string())],
        }
    }

    /// The view as long before or after.
    fn turned(self, today: NaiveDate, later: bool) -> Option<String> {
        let (from, days) = (self.from().unwrap_or(today), Days::new(self.days()));
        let from = if later { from.checked_add_days(days) } else { from.checked_sub_days(days) };
        let from = from.filter(|day| plausible(*day))?;
        Some(if matches!(self, Self::Day(_)) { Self::Day(from) } else { Self::Week(from) }.path())
    }
}

#[derive(Deserialize, Default)]
struct Asked {
    from: Option<NaiveDate>,
    day: Option<NaiveDate>,
    /// The visit that was marked last among those that waited.
    marked: Option<SeatId>,
}

/// A day that an agenda can begin with: calendars end somewhere, and so do people's plans.
fn plausible(day: NaiveDate) -> bool {
    (2000..2200).contains(&day.year())
}

async fn show(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let (w, t) = (words(), therapist());
    let asked = query.map(|Query(asked)| asked).unwrap_or_default();
    let view = View::of(&asked);
    let Agenda { zone, today, days } = state.desk.agenda(&session, view.from(), view.days()).await?;
    let mut days: Vec<DayTold> = days.into_iter().map(|day| DayTold::of(w, day, today, zone, view)).collect();
    let (unmarked, load) = if view.is_home() {
        let unmarked = state.desk.unmarked(&session, asked.marked).await?;
        (unmarked, LoadTold::of(w, &state.desk.own_load(&session).await?.1))
    } else {
        (Unmarked { visits: Vec::new(), waiting: 0 }, LoadTold::default())
    };
    let clashes = if view.is_home() { state.desk.clashes(&session).await?.1 } else { Vec::new() };
    let first_is_today = days.first().is_some_and(|day| day.is_today);
    let of_today = (view.is_home() && first_is_today).then(|| days.remove(0));
    Ok(with_origin(page::ok(&AgendaPage {
        w,
        t,
        f: follow_up(),
        shell: super::shell("/agenda"),
        title: match view {
            View::Home => t.agenda_title.to_owned(),
            View::Week(from) => filled(t.agenda_week_title, &[("date", &told::date(w, from))]),
            View::Day(day) => told::date(w, day),
        },
        zone: filled(t.agenda_zone, &[("zone", zone.name())]),
        view,
        earlier: view.turned(today, false),
        later: view.turned(today, true),
        waiting: waiting(t, unmarked.waiting),
        clashes: clashes.into_iter().map(|visit| VisitTold::dated(w, visit, zone)).collect(),
        clash: dav().has_clash,
        unmarked_open: asked.marked.is_some() || unmarked.waiting <= FEW,
        unmarked: unmarked.visits.into_iter().map(|visit| VisitTold::dated(w, visit, zone)).collect(),
        today: view.is_home().then(|| of_today.unwrap_or_else(|| DayTold::empty(w, today))),
        days,
        load,
    })))
}

impl DayTold {
    fn empty(w: &'static Words, today: NaiveDate) -> Self {
        Self { on: today, day: told::date(w, today), is_today: true, visits: Vec::new() }
    }
}

fn waiting(t: &TherapistWords, count: usize) -> String {
    match count {
        0 => t.unmarked_none.to_owned(),
        1 => t.unmarked_one.to_owned(),
        many => filled(t.unmarked_many, &[("count", &many.to_string())]),
    }
}

#[derive(Deserialize)]
struct Marked {
    seat: SeatId,
    mark: Note,
    from: Option<NaiveDate>,
    day: Option<NaiveDate>,
    /// Whether it was among those that wait.
    waits: Option<String>,
}

/// A mark as a button sends it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Note {
    Kept,
    Missed,
    None,
}

async fn mark(
    State(state): State<WebState>,
    Therapist(session): Therapist,
    Fields(form): Fields<Marked>,
) -> Result<Redirect, Refusal> {
    let mark = match form.mark {
        Note::Kept => Some(Mark::Kept),
        Note::Missed => Some(Mark::Missed),
        Note::None => None,
    };
    let mut back = View::back(form.from, form.day);
    if form.waits.is_some() {
        back = format!("/agenda?marked={}", form.seat);
    }
    let marked = state.desk.mark(&session, form.seat, mark).await;
    marked.map_err(|error| Refusal::from(error).back_to(back.clone()))?;
    Ok(Redirect::to(&format!("{back}#{}", form.seat)))
}
