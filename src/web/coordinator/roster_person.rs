//! One person of a roster, to be corrected, added, taken off and put back. Never anything of visits.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::roster::name;
use crate::desk::roster_person::{OnRoster, Saved};
use crate::domain::id::ResidentId;
use crate::domain::people::Program;
use crate::domain::roster::{Column, Typed};
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::roster::{RosterWords, roster};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path};

/// The routes of one person.
pub fn routes() -> Doors {
    Doors::new()
        .route("/program/{program}/roster/person", get(blank).post(add))
        .route("/program/{program}/roster/person/{id}", get(show).post(save))
        .route("/program/{program}/roster/person/{id}/off", post(take_off))
        .route("/program/{program}/roster/person/{id}/back", post(put_back))
}

/// Most characters of a field, and of the one that holds a list.
const FIELD: usize = 300;
const LIST: usize = 2000;

#[derive(Template)]
#[template(path = "coordinator/roster-person.html")]
struct PersonPage {
    w: &'static Words,
    r: &'static RosterWords,
    shell: Shell,
    path: String,
    /// The address that the form is sent to.
    action: String,
    title: String,
    groups: Vec<GroupTold>,
    problem: &'static str,
    wrong: Vec<(String, String)>,
    /// Stands for what the roster said; empty for somebody new.
    seen: String,
    active: bool,
}

struct GroupTold {
    legend: &'static str,
    lead: &'static str,
    fields: Vec<FieldTold>,
}

struct FieldTold {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    /// `text`, `email`, `date`, `select` or `area`.
    kind: &'static str,
    value: String,
    options: Vec<(String, String)>,
    problem: String,
    /// What the roster has now, where that is something else.
    now: String,
    required: bool,
}

/// What was typed, and what is to be said of it.
struct Filled<'a> {
    typed: &'a Typed,
    wrong: &'a BTreeMap<Column, String>,
    now: Option<&'a Typed>,
    sites: &'a [String],
}

impl Filled<'_> {
    fn field(&self, r: &RosterWords, column: Column, kind: &'static str) -> FieldTold {
        let value = self.typed.get(&column).cloned().unwrap_or_default();
        let now = self.now.and_then(|now| now.get(&column)).filter(|now| **now != value);
        let (label, hint) = labelled(r, column);
        FieldTold {
            name: column.name(),
            label,
            hint,
            kind,
            options: self.options(r, column, &value),
            problem: self.wrong.get(&column).cloned().unwrap_or_default(),
            now: now.map(|text| filled(r.person_now, &[("text", text)])).unwrap_or_default(),
            required: matches!(column, Column::Family | Column::Email),
            value,
        }
    }

    fn options(&self, r: &RosterWords, column: Column, value: &str) -> Vec<(String, String)> {
        let plain = |text: &String| (text.clone(), text.clone());
        let mut options: Vec<(String, String)> = match column {
            Column::Pgy => (1..=10).map(|year| year.to_string()).map(|year| plain(&year)).collect(),
            Column::Site => self.sites.iter().map(plain).collect(),
            Column::Modality => {
                [("video", r.person_video), ("in person", r.person_in_person), ("phone", r.person_phone)]
                    .map(|(value, label)| (value.to_owned(), label.to_owned()))
                    .into()
            }
            _ => return Vec::new(),
        };
        options.insert(0, (String::new(), r.person_any.to_owned()));
        // What stands on file stays there until somebody chooses something else.
        if options.iter().all(|(known, _)| known != value) {
            options.push((value.to_owned(), value.to_owned()));
        }
        options
    }

    fn groups(&self, r: &'static RosterWords) -> Vec<GroupTold> {
        let field = |column, kind| self.field(r, column, kind);
        let who =
            vec![field(Column::Family, "text"), field(Column::Given, "text"), field(Column::Email, "email")];
        let training = vec![
            field(Column::Pgy, "select"),
            field(Column::Cohort, "text"),
            field(Column::Site, "select"),
            field(Column::StartsOn, "date"),
            field(Column::EndsOn, "date"),
        ];
        let wishes = vec![
            field(Column::Language, "text"),
            field(Column::TherapistGender, "text"),
            field(Column::Modality, "select"),
            field(Column::Avoid, "area"),
        ];
        vec![
            GroupTold { legend: r.person_who, lead: "", fields: who },
            GroupTold { legend: r.person_training, lead: "", fields: training },
            GroupTold { legend: r.person_wishes, lead: r.person_wishes_lead, fields: wishes },
        ]
    }
}

/// What a field is called, and a word about it.
pub(super) const fn labelled(r: &RosterWords, column: Column) -> (&'static str, &'static str) {
    match column {
        Column::Program => (r.person_program, ""),
        Column::Name => (r.person_whole_name, ""),
        Column::Family => (r.person_family, ""),
        Column::Given => (r.person_given, ""),
        Column::Email => (r.person_email, r.person_email_hint),
        Column::Pgy => (r.person_pgy, ""),
        Column::Cohort => (r.person_cohort, r.person_cohort_hint),
        Column::Site => (r.person_site, ""),
        Column::StartsOn => (r.person_starts, ""),
        Column::EndsOn => (r.person_ends, r.person_ends_hint),
        Column::Language => (r.person_language, ""),
        Column::TherapistGender => (r.person_gender, ""),
        Column::Modality => (r.person_modality, ""),
        Column::Avoid => (r.person_avoid, r.person_avoid_hint),
    }
}

/// Somebody in an address: one that is no identifier is answered like one of nobody.
fn id_of(text: &str) -> Result<ResidentId, Refusal> {
    text.parse().map_err(|_| Refusal::nothing())
}

fn typed_in(form: &BTreeMap<String, String>) -> Typed {
    let most = |column| if column == Column::Avoid { LIST } else { FIELD };
    let text = |column: Column| form.get(column.name()).map(|text| text.chars().take(most(column)).collect());
    Column::ALL.into_iter().filter_map(|column| Some((column, text(column)?))).collect()
}

/// What a page is made of beside what was typed.
struct Frame<'a> {
    program: &'a Program,
    on_file: Option<&'a OnRoster>,
    problem: &'static str,
}

fn shown(frame: &Frame<'_>, filled: &Filled<'_>) -> Response {
    let r = roster();
    let path = format!("{}/roster", program_path(&frame.program.code));
    let person = frame.on_file.map(|one| &one.known);
    let labelled = |(column, problem): (&Column, &String)| (column.name().to_owned(), problem.clone());
    let page = PersonPage {
        w: words(),
        r,
        shell: super::shell(frame.program, "/roster"),
        action: person.map_or_else(|| format!("{path}/person"), |one| format!("{path}/person/{}", one.id)),
        path,
        title: person.map_or_else(|| r.person_add_title.to_owned(), |one| name(&one.family, &one.given)),
        groups: filled.groups(r),
        problem: frame.problem,
        wrong: filled.wrong.iter().map(labelled).collect(),
        seen: frame.on_file.map(|one| one.seen.clone()).unwrap_or_default(),
        active: person.is_none_or(|one| one.active),
    };
    let status = if frame.problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    with_origin(page::page(status, &page))
}

async fn blank(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
) -> Result<Response, Refusal> {
    let sites = state.desk.site_names(&session, &program).await?;
    let (typed, wrong) = (Typed::new(), BTreeMap::new());
    let filled = Filled { typed: &typed, wrong: &wrong, now: None, sites: &sites };
    Ok(shown(&Frame { program: &program, on_file: None, problem: "" }, &filled))
}

async fn add(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Fields(form): Fields<BTreeMap<String, String>>,
) -> Result<Response, Refusal> {
    let typed = typed_in(&form);
    match state.desk.add_person(&session, &program, &typed).await? {
        Saved::Done(_) | Saved::Changed(_) => Ok(to_list(&program)),
        Saved::Wrong(wrong) => {
            let sites = state.desk.site_names(&session, &program).await?;
            let filled = Filled { typed: &typed, wrong: &wrong, now: None, sites: &sites };
            let frame = Frame { program: &program, on_file: None, problem: roster().person_problems };
            Ok(shown(&frame, &filled))
        }
    }
}

fn to_list(program: &Program) -> Response {
    Redirect::to(&format!("{}/roster?saved=1", program_path(&program.code))).into_response()
}

async fn show(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let person = state.desk.on_roster(&session, &program, id_of(&id)?).await?;
    let sites = state.desk.site_names(&session, &program).await?;
    let (typed, wrong) = (person.known.written(), BTreeMap::new());
    let filled = Filled { typed: &typed, wrong: &wrong, now: None, sites: &sites };
    Ok(shown(&Frame { program: &program, on_file: Some(&person), problem: "" }, &filled))
}

async fn save(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Path((_, id)): Path<(String, String)>,
    Fields(form): Fields<BTreeMap<String, String>>,
) -> Result<Response, Refusal> {
    let (r, id, typed) = (roster(), id_of(&id)?, typed_in(&form));
    let seen = form.get("seen").map_or("", String::as_str);
    let (person, wrong, problem, conflict) =
        match state.desk.save_person(&session, &program, id, &typed, seen).await? {
            Saved::Done(_) => return Ok(to_list(&program)),
            Saved::Changed(now) => (*now, BTreeMap::new(), r.person_conflict, true),
            Saved::Wrong(wrong) => {
                let person = state.desk.on_roster(&session, &program, id).await?;
                (person, wrong, r.person_problems, false)
            }
        };
    let sites = state.desk.site_names(&session, &program).await?;
    let written = person.known.written();
    let now = conflict.then_some(&written);
    let filled = Filled { typed: &typed, wrong: &wrong, now, sites: &sites };
    // What was looked at stays what was looked at, unless the page says what has changed.
    let person = if conflict { person } else { OnRoster { seen: seen.to_owned(), ..person } };
    Ok(shown(&Frame { program: &program, on_file: Some(&person), problem }, &filled))
}

async fn take_off(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    state.desk.set_on_roster(&session, &program, id_of(&id)?, false).await?;
    Ok(to_list(&program))
}

async fn put_back(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    state.desk.set_on_roster(&session, &program, id_of(&id)?, true).await?;
    Ok(to_list(&program))
}
