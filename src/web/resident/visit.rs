//! A resident's visit behind their link: opt out, come back, and which letters come. Reading changes nothing; each button
//! answers with the page that says what now holds, the second time as the first. No button does anything unless something
//! was chosen before: mail scanners press buttons, too. Never a name.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::further::FurtherTold;
use super::survey::Offered;
use super::why::WhyTold;
use super::wished::{KeptTold, WayTold, ways};
use super::{done, said, times};
use crate::desk::Error;
use crate::desk::visit::{Shown, Standings, View};
use crate::domain::booking::{Entry, Wanted, Wishes};
use crate::domain::follow_up::State as Stood;
use crate::domain::people::Modality;
use crate::domain::time::{Instant, Span, Zone, wall};
use crate::web::body::{Fields, Token};
use crate::web::doors::Doors;
use crate::web::language::Asked;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, filled, words_in};
use crate::web::{WebState, page, told};

/// The routes behind a resident's link.
pub fn routes() -> Doors {
    Doors::new()
        .route("/v/{token}", get(show))
        .route("/v/{token}/opt-out", post(opt_out))
        .route("/v/{token}/come-back", post(come_back))
        .route("/v/{token}/letters", post(letters))
}

#[derive(Template)]
#[template(path = "resident/visit.html")]
struct VisitPage<'a> {
    w: &'static Words,
    token: &'a str,
    title: String,
    state: Stands,
    visit: Option<Told>,
    further: Vec<FurtherTold>,
    /// Whether one of those waits for an answer, which is the main thing to do then.
    asks: bool,
    may_choose: bool,
    on_calendar: bool,
    wishes: Wishes,
    price: String,
    survey: Option<Offered>,
    why: Option<WhyTold>,
    address: Option<String>,
    asked_address: Option<String>,
    /// That the roster has another address, and from when on letters go there.
    other_address: Option<String>,
    /// The seat that is kept for whoever waits, and the words about it.
    kept: Option<KeptTold>,
    /// In which other ways the visit can be attended.
    ways: Vec<WayTold>,
    /// That letters came back, where they did.
    returned: Option<&'static str>,
    /// What was done, after something was.
    saved: Option<&'static str>,
    /// The words of the button that takes a move back, right after it.
    undo: Option<String>,
    /// What an answer in a calendar changed, and the words of the button that takes it back where the page has none.
    answered: Option<(String, Option<String>)>,
}

/// Where a booking stands, without what is shown of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Waiting,
    Held,
    Past,
    OptedOut,
}

/// A visit in words.
pub(super) struct Told {
    pub(super) day: String,
    pub(super) times: String,
    pub(super) how: &'static str,
    modality: Modality,
    pub(super) place: String,
    /// Where the place leads when it is pressed.
    pub(super) href: Option<String>,
    pub(super) site_address: String,
}

impl Told {
    pub(super) fn of(w: &Words, shown: Shown, zone: Zone) -> Self {
        Self {
            day: told::day_of(w, shown.span, zone),
            times: told::times(w, shown.span, zone),
            how: how(w, shown.modality),
            href: href(shown.modality, &shown.place),
            modality: shown.modality,
            place: shown.place,
            site_address: shown.site_address,
        }
    }

    fn is_video(&self) -> bool {
        self.modality == Modality::Video
    }
}

pub(super) const fn how(w: &Words, modality: Modality) -> &'static str {
    match modality {
        Modality::Video => w.by_video,
        Modality::Phone => w.by_phone,
        Modality::InPerson => w.in_person,
    }
}

/// An address that a browser may open; other schemes stay text.
fn href(modality: Modality, place: &str) -> Option<String> {
    match modality {
        Modality::Video => place.starts_with("https://").then(|| place.to_owned()),
        Modality::Phone => {
            let number: String = place.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            (!number.is_empty()).then(|| format!("tel:{number}"))
        }
        Modality::InPerson => None,
    }
}

/// What is said after something was done: by the word in the address, where the booking bears it out.
fn done_before(w: &'static Words, query: Option<&str>, state: Stands, view: &View) -> Option<&'static str> {
    let query = query?.strip_prefix("saved")?;
    let told = match (query.trim_start_matches('='), state) {
        ("moved", Stands::Held) if view.came_from.is_some() => w.saved_moved,
        ("out", Stands::OptedOut) => w.saved_out,
        ("back", Stands::Held) => w.saved_back,
        ("way", Stands::Held) => w.saved_way,
        ("asked", _) if view.asked_address.is_some() => w.saved_asked,
        ("further", _) if view.further.iter().any(|one| one.state == Stood::Taken) => w.saved_further,
        ("further-off", _) => w.saved_further_off,
        ("roster", _) if view.address.is_none() => w.saved_roster,
        ("old", _) if view.address.is_some() => w.saved_old,
        ("new", _) if view.address.is_none() && view.other_address.is_none() => w.saved_new,
        _ => w.saved,
    };
    Some(told)
}

fn undo(w: &Words, span: Span, zone: Zone) -> String {
    filled(w.undo_move, &[("day", &told::day_of(w, span, zone)), ("times", &told::times(w, span, zone))])
}

/// What an answer in a calendar changed. Who declined finds the way back further down.
fn answered(w: &Words, view: &View) -> Option<(String, Option<String>)> {
    let (wanted, at) = view.answered?;
    let day = told::date(w, wall(at, view.zone).date());
    let (sentence, back) = match wanted {
        Wanted::Out => (w.answered_out, None),
        Wanted::At(_) => (w.answered_moved, view.came_from),
    };
    Some((filled(sentence, &[("day", &day)]), back.map(|span| undo(w, span, view.zone))))
}

async fn show(
    State(state): State<WebState>,
    Token(token): Token,
    RawQuery(query): RawQuery,
    Asked(asked): Asked,
) -> Result<Response, Refusal> {
    let view = state.desk.visit(&token).await?;
    let w = words_in(view.wishes.language.unwrap_or(asked));
    let stands = match &view.standing {
        Standings::Waiting => Stands::Waiting,
        Standings::Held(_) => Stands::Held,
        Standings::Past(_) => Stands::Past,
        Standings::OptedOut(_) => Stands::OptedOut,
    };
    let saved = done_before(w, query.as_deref(), stands, &view);
    // What happened by itself is told until it is undone or overtaken.
    let saved = saved.or(view.moved_as_asked.then_some(w.moved_as_asked));
    let moved = saved == Some(w.saved_moved) || saved == Some(w.moved_as_asked);
    let undo = view.came_from.filter(|_| moved).map(|span| undo(w, span, view.zone));
    let (price, returned) = (price(w, view.spent_millis), returned(w, &view));
    let answered = answered(w, &view).filter(|_| !moved);
    let other_ways = ways(w, &view.ways);
    let kept = view.kept.as_ref().map(|kept| KeptTold::of(w, kept, view.zone));
    let View {
        survey,
        title,
        zone,
        standing,
        may_choose,
        on_calendar,
        wishes,
        why,
        address,
        asked_address,
        other_address,
        further,
        ..
    } = view;
    let further: Vec<FurtherTold> =
        further.into_iter().filter_map(|one| FurtherTold::of(w, one, zone)).collect();
    let shown = shown(standing);
    Ok(page::ok(&VisitPage {
        w,
        token: &token,
        title,
        state: stands,
        visit: shown.map(|shown| Told::of(w, shown, zone)),
        asks: further.iter().any(|one| one.until.is_some()),
        further,
        may_choose,
        on_calendar,
        wishes,
        price,
        survey: survey.map(|stand| Offered::of(w, stand)),
        why: why.map(|(chosen, here)| WhyTold::of(w, chosen, &here, zone)),
        address: address.map(|address| filled(w.address_here, &[("address", &address)])),
        returned,
        asked_address: asked_address.map(|address| filled(w.address_asked, &[("address", &address)])),
        other_address: other_address.map(|other| other_told(w, &other, zone)),
        kept,
        ways: other_ways,
        saved,
        undo,
        answered,
    }))
}

/// The visit that a page is about.
fn shown(standing: Standings) -> Option<Shown> {
    match standing {
        Standings::Waiting => None,
        Standings::Held(shown) | Standings::Past(shown) => Some(shown),
        Standings::OptedOut(shown) => shown,
    }
}

/// That the roster has another address, and from when on letters go there.
fn other_told(w: &Words, (address, until): &(String, Instant), zone: Zone) -> String {
    let day = told::date(w, wall(*until, zone).date());
    filled(w.other_address, &[("address", address), ("day", &day)])
}

/// That letters came back from where they go, and where they go now.
fn returned(w: &'static Words, view: &View) -> Option<&'static str> {
    match (view.address.is_some(), view.address_returned, view.roster_returned) {
        (true, true, false) => Some(w.address_returned),
        (true, true, true) | (false, _, true) => Some(w.roster_returned),
        _ => None,
    }
}

/// What releases told about this resident at most, in words: epsilon, and how sure somebody could be who knew
/// everyone else's outcome and had tossed a coin about this one.
fn price(w: &Words, millis: i64) -> String {
    if millis <= 0 {
        return w.price_none.to_owned();
    }
    let epsilon = f64::from(i32::try_from(millis).unwrap_or(i32::MAX)) / 1000.0;
    let percent = (100.0 / (1.0 + (-epsilon).exp())).ceil();
    filled(w.price_some, &[("epsilon", &epsilon.to_string()), ("percent", &percent.to_string())])
}

#[derive(Deserialize)]
struct OptOut {
    entry: Entry,
}

/// The choice must be in the form: a scanner that merely posts to an address says nothing.
async fn opt_out(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<OptOut>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(OptOut { entry }) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(said(&state, refusal, &token).await),
    };
    match state.desk.opt_out(&token, entry).await {
        Ok(()) => Ok(done(&token, "out")),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

/// The box must have been ticked: a form sent as it stands says nothing.
#[derive(Deserialize)]
struct ComeBack {
    #[serde(rename = "back")]
    _chosen: String,
}

/// The seat may be gone meanwhile; then the other times are shown.
async fn come_back(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
    form: Result<Fields<ComeBack>, Refusal>,
) -> Result<Response, Refusal> {
    if let Err(refusal) = form {
        return Err(said(&state, refusal, &token).await);
    }
    match state.desk.opt_back_in(&token).await {
        Ok(()) => Ok(done(&token, "back").into_response()),
        Err(Error::Taken) => times::fresh_list(&state, &token, None, asked).await,
        Err(error) => Err(said(&state, error, &token).await),
    }
}

#[derive(Deserialize)]
struct Letters {
    /// Always there, so that an empty form is not read as three unchecked boxes.
    #[serde(rename = "letters")]
    _present: String,
    confirm: Option<String>,
    remind: Option<String>,
    none: Option<String>,
}

async fn letters(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Letters>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(form) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(said(&state, refusal, &token).await),
    };
    let wishes = Wishes {
        confirm_by_mail: form.confirm.is_some(),
        remind_of_new_time: form.remind.is_some(),
        no_letters: form.none.is_some(),
        // The desk keeps what was chosen elsewhere.
        no_reminders: false,
        language: None,
    };
    match state.desk.wish(&token, wishes).await {
        Ok(()) => Ok(done(&token, "")),
        Err(error) => Err(said(&state, error, &token).await),
    }
}
