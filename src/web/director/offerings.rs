//! Offerings: making one, changing its rules until something is booked by them, and showing them from then on, with the
//! lottery's hash and the seeds that were published.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::form::{FormPage, Typed};
use super::rules::{RuleFields, epsilon_in_words, hours_in_words, usual, written};
use super::{CAPACITY, LETTERS, OFFERINGS, PROGRAMS};
use crate::desk::Error;
use crate::desk::lottery::BatchShown;
use crate::desk::offered::Offered;
use crate::desk::offering::Offering;
use crate::domain::letter::telling_word;
use crate::domain::offering::Rules;
use crate::web::body::Token;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::{Door, Shell};
use crate::web::words::director::director;
use crate::web::words::setup::{SetupWords, setup};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

const NEW: &str = "/institution/offerings/new";

/// The routes of offerings.
pub fn routes() -> Doors {
    Doors::new()
        .route(OFFERINGS, get(list))
        .route(NEW, get(new).post(make))
        .route("/institution/offerings/{offering}", get(show))
        .route("/institution/offerings/{offering}/edit", get(edit).post(change))
}

#[derive(Template)]
#[template(path = "director/offerings.html")]
struct OfferingsPage {
    w: &'static Words,
    s: &'static SetupWords,
    shell: Shell,
    beside: Vec<Door>,
    offerings: Vec<(String, String, String, &'static str)>,
}

#[derive(Template)]
#[template(path = "director/offering.html")]
struct OfferingPage {
    w: &'static Words,
    s: &'static SetupWords,
    shell: Shell,
    beside: Vec<Door>,
    title: String,
    state: String,
    warning: String,
    /// Where it can still be changed.
    edit: Option<String>,
    facts: Vec<(&'static str, String)>,
    seed_hash: String,
    batches: Vec<BatchTold>,
    links: Vec<(String, &'static str)>,
}

struct BatchTold {
    title: String,
    seed: String,
    seed_hash: String,
    plan_hash: String,
}

impl BatchTold {
    fn of(w: &Words, s: &SetupWords, batch: BatchShown) -> Self {
        let (number, date) = (batch.number.to_string(), told::date(w, batch.booked_at.date_naive()));
        let gaps = [("number", number.as_str()), ("date", &date), ("version", &batch.solver)];
        Self {
            title: filled(s.batch_title, &gaps),
            seed: batch.seed,
            seed_hash: batch.seed_hash,
            plan_hash: batch.plan_hash,
        }
    }
}

async fn list(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let (w, s, d) = (words(), setup(), director());
    let row = |offering: Offering| {
        let rules = &offering.rules;
        let state = if offering.row.booked_at.is_some() { d.state_booked } else { d.state_planned };
        let href = format!("{OFFERINGS}/{}", offering.id());
        (href, rules.title.clone(), told::period(w, rules.from, rules.until), state)
    };
    let offerings = state.desk.offerings_of(&session).await?.into_iter().map(row).collect();
    let (shell, beside) = (super::shell(PROGRAMS), super::beside(OFFERINGS));
    Ok(with_origin(page::ok(&OfferingsPage { w, s, shell, beside, offerings })))
}

/// What the title tells, in words; empty where it tells nothing.
fn warning(s: &SetupWords, title: &str) -> String {
    telling_word(title).map(|word| filled(s.title_warning, &[("word", word.trim())])).unwrap_or_default()
}

fn facts(w: &Words, s: &'static SetupWords, offering: &Offering) -> Vec<(&'static str, String)> {
    let rules: &Rules = &offering.rules;
    let count = |sentence: &str, count: &dyn ToString| filled(sentence, &[("count", &count.to_string())]);
    let or_none = |text: Option<String>| text.unwrap_or_else(|| s.rules_none.to_owned());
    let reminders = (!rules.reminder_hours.is_empty()).then(|| count(s.rules_hours, &hours_in_words(rules)));
    let mut facts = vec![
        (s.offering_visits, told::period(w, rules.from, rules.until)),
        (s.r_length, count(s.rules_minutes, &rules.visit_minutes)),
        (s.r_buffer, count(s.rules_minutes, &rules.buffer_minutes)),
        (s.r_notice, count(s.rules_hours, &rules.notice_hours)),
        (s.r_announce, or_none(rules.announce_days.map(|days| count(s.rules_days, &days)))),
        (s.r_reminders, or_none(reminders)),
        (s.r_reserve, count(s.rules_percent, &rules.reserve_percent)),
        (s.r_release, told::date(w, offering.release_on())),
        (s.r_epsilon, epsilon_in_words(rules)),
        (s.r_survey, if rules.survey { s.rules_survey } else { s.rules_none }.to_owned()),
        (s.r_breakdowns, if rules.breakdowns { s.rules_breakdowns } else { s.rules_none }.to_owned()),
    ];
    let unusual = rules.weights.unusual();
    if !unusual.is_empty() {
        let told: Vec<String> = unusual.iter().map(|(name, value)| format!("{name} {value}")).collect();
        facts.push((s.r_weights, told.join(", ")));
    }
    facts
}

async fn show(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
) -> Result<Response, Refusal> {
    let (w, s) = (words(), setup());
    let Offered { offering, batches } = state.desk.offered(&session, &id).await?;
    let fixed = offering.row.booked_at.map(|at| {
        let date = told::date(w, at.date_naive());
        filled(s.offering_fixed, &[("date", &date)])
    });
    Ok(with_origin(page::ok(&OfferingPage {
        w,
        s,
        shell: super::shell(PROGRAMS),
        beside: super::beside(OFFERINGS),
        title: offering.rules.title.clone(),
        edit: fixed.is_none().then(|| format!("{OFFERINGS}/{id}/edit")),
        state: fixed.unwrap_or_else(|| s.offering_open.to_owned()),
        warning: warning(s, &offering.rules.title),
        facts: facts(w, s, &offering),
        seed_hash: offering.row.seed_hash.clone(),
        batches: batches.into_iter().map(|batch| BatchTold::of(w, s, batch)).collect(),
        links: vec![
            (format!("{LETTERS}?offering={id}"), s.offering_letters),
            (format!("{CAPACITY}?offering={id}"), s.offering_capacity),
            (format!("/offering/{id}/book"), s.offering_plan),
        ],
    })))
}

fn form(title: &str, action: String, fields: RuleFields, button: &'static str) -> FormPage {
    let typed = fields.fields.first().map(|field| field.value.clone()).unwrap_or_default();
    FormPage::new(title, action, OFFERINGS, fields.fields)
        .warning(warning(setup(), &typed))
        .more(fields.more)
        .button(button)
}

fn new_form(fields: RuleFields) -> FormPage {
    let s = setup();
    form(s.offering_new, NEW.to_owned(), fields, s.offering_make).lead(s.offerings_lead)
}

async fn new(Director(_): Director) -> Response {
    new_form(RuleFields::of(usual)).shown()
}

async fn make(
    State(state): State<WebState>,
    Director(session): Director,
    typed: Typed,
) -> Result<Response, Refusal> {
    let (mut fields, rules) = RuleFields::read(&typed);
    let Some(rules) = rules else { return Ok(new_form(fields).refused(String::new())) };
    match state.desk.make_offering(&session, rules).await {
        Ok(made) => Ok(Redirect::to(&format!("{OFFERINGS}/{}", made.id)).into_response()),
        Err(Error::Rule(refusal)) => {
            let problem = fields.refuse(&refusal);
            Ok(new_form(fields).refused(problem))
        }
        Err(other) => Err(other.into()),
    }
}

fn edit_form(id: &str, title: &str, fields: RuleFields) -> FormPage {
    let s = setup();
    form(title, format!("{OFFERINGS}/{id}/edit"), fields, s.offering_save).lead(s.offering_open)
}

async fn edit(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
) -> Result<Response, Refusal> {
    let Offered { offering, .. } = state.desk.offered(&session, &id).await?;
    if offering.row.booked_at.is_some() {
        return Ok(Redirect::to(&format!("{OFFERINGS}/{id}")).into_response());
    }
    let fields = RuleFields::of(|name| written(&offering.rules, name));
    Ok(edit_form(&id, &offering.rules.title, fields).shown())
}

async fn change(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
    typed: Typed,
) -> Result<Response, Refusal> {
    let Offered { offering, .. } = state.desk.offered(&session, &id).await?;
    let (mut fields, rules) = RuleFields::read(&typed);
    let title = &offering.rules.title;
    let Some(rules) = rules else { return Ok(edit_form(&id, title, fields).refused(String::new())) };
    match state.desk.change_offering(&session, &id, rules).await {
        Ok(()) => Ok(Redirect::to(&format!("{OFFERINGS}/{id}")).into_response()),
        Err(Error::Rule(refusal)) => {
            let problem = fields.refuse(&refusal);
            Ok(edit_form(&id, title, fields).refused(problem))
        }
        Err(other) => Err(Refusal::from(other).back_to(format!("{OFFERINGS}/{id}"))),
    }
}
