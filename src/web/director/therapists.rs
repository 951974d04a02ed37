//! Therapists: how, where and for whom they hold visits, and the hours that they offer. Never what of them is taken.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::files::{self, FileForm, Said};
use super::form::{Field, FormPage, Typed};
use super::{PROGRAMS, THERAPISTS};
use crate::desk::furnish::Kind;
use crate::desk::furniture::{TherapistShown, Therapists};
use crate::domain::people::{Modality, Program, Site, Therapist};
use crate::web::body::{Token, Upload};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::{Door, Shell};
use crate::web::words::setup::{SetupWords, setup};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page};

const NEW: &str = "/institution/therapists/new";

/// The routes of therapists.
pub fn routes() -> Doors {
    Doors::new()
        .route(THERAPISTS, get(list))
        .route(NEW, get(new).post(add))
        .route("/institution/therapists/file", post(file))
        .route("/institution/therapists/{therapist}", get(edit).post(change))
}

#[derive(Template)]
#[template(path = "director/therapists.html")]
struct TherapistsPage {
    w: &'static Words,
    s: &'static SetupWords,
    shell: Shell,
    beside: Vec<Door>,
    said: String,
    therapists: Vec<TherapistTold>,
    file: FileForm,
}

struct TherapistTold {
    name: String,
    how: String,
    states: String,
    languages: String,
    sites: String,
    hours: String,
    offers: bool,
    look: String,
    edit: String,
}

fn said(s: &SetupWords, modality: Modality) -> &'static str {
    match modality {
        Modality::Video => s.by_video,
        Modality::Phone => s.by_phone,
        Modality::InPerson => s.in_person,
    }
}

impl TherapistTold {
    fn of(s: &'static SetupWords, shown: &TherapistShown, sites: &[Site]) -> Self {
        let practice = &shown.therapist.practice;
        let how: Vec<&str> = practice.modalities.iter().map(|modality| said(s, *modality)).collect();
        let states: Vec<&str> = practice.licensed_states.iter().map(|state| state.as_str()).collect();
        let sites = sites.iter().filter(|site| practice.sites.contains(&site.id));
        let hours = match shown.half_hours {
            Some(half_hours) => {
                filled(s.therapists_hours_about, &[("hours", &format!("{:.1}", half_hours / 2.0))])
            }
            None => s.therapists_hours_none.to_owned(),
        };
        let look = obstacle(s, &shown.therapist);
        Self {
            name: shown.therapist.identity.reveal_name(),
            how: how.join(", "),
            states: states.join(", "),
            languages: practice.languages.join(", "),
            sites: sites.map(|site| site.name.as_str()).collect::<Vec<_>>().join(", "),
            hours,
            offers: shown.half_hours.is_some(),
            look: look.map(|why| filled(s.therapists_look, &[("why", why)])).unwrap_or_default(),
            edit: format!("{THERAPISTS}/{}", shown.therapist.id),
        }
    }
}

/// Why nobody can be booked with a therapist, whoever they are.
fn obstacle(s: &'static SetupWords, therapist: &Therapist) -> Option<&'static str> {
    let practice = &therapist.practice;
    let placed = |modality: &&Modality| practice.places.of(**modality).is_some();
    let held: Vec<Modality> = practice.modalities.iter().filter(placed).copied().collect();
    if held.is_empty() {
        return Some(s.therapists_no_place);
    }
    let far = held.iter().any(|modality| *modality != Modality::InPerson);
    let near = held.contains(&Modality::InPerson) && !practice.sites.is_empty();
    match (far && !practice.licensed_states.is_empty(), near) {
        (false, false) if far => Some(s.therapists_no_state),
        (false, false) => Some(s.therapists_no_site),
        _ => None,
    }
}

async fn list(
    State(state): State<WebState>,
    Director(session): Director,
    Query(query): Query<Said>,
) -> Result<Response, Refusal> {
    let s = setup();
    let Therapists { therapists, sites, .. } = state.desk.therapists_shown(&session).await?;
    Ok(with_origin(page::ok(&TherapistsPage {
        w: words(),
        s,
        shell: super::shell(PROGRAMS),
        beside: super::beside(THERAPISTS),
        said: query.in_words(),
        therapists: therapists.iter().map(|shown| TherapistTold::of(s, shown, &sites)).collect(),
        file: FileForm::of(Kind::Therapists),
    })))
}

/// Values of one field, several where it is one of boxes.
type Values<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// The fields of a therapist; the address is fixed where it is on file.
fn fields(address: Option<&str>, programs: &[Program], sites: &[Site], values: Values<'_>) -> Vec<Field> {
    let s = setup();
    let value = |name: &str| values(name).into_iter().next().unwrap_or_default();
    let field = |name, kind, words| Field::new(name, kind, words).with(value(name));
    let address = match address {
        Some(address) => Field::new("email", "fixed", (s.f_mail, s.f_mail_hint)).with(address),
        None => field("email", "email", (s.f_mail, s.f_mail_hint)).needed(),
    };
    let modalities = [("video", s.by_video), ("phone", s.by_phone), ("in person", s.in_person)];
    let modalities = modalities.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let site = |site: &Site| (site.name.clone(), site.name.clone());
    let program = |program: &Program| (program.code.clone(), format!("{} ({})", program.name, program.code));
    vec![
        field("first_name", "text", (s.f_given, "")),
        field("last_name", "text", (s.f_family, "")).needed(),
        address,
        Field::boxes("modality", (s.f_modality, ""), modalities.into(), &values("modality")),
        field("video_url", "url", (s.f_video, s.f_video_hint)),
        field("phone", "text", (s.f_phone, s.f_phone_hint)),
        field("room", "text", (s.f_room, "")),
        field("licensed_states", "text", (s.f_states, s.f_states_hint)),
        Field::boxes("sites", (s.f_sites, ""), sites.iter().map(site).collect(), &values("sites")),
        field("languages", "text", (s.f_languages, s.f_languages_hint)),
        field("gender", "text", (s.f_gender, s.f_gender_hint)),
        Field::boxes(
            "supervises",
            (s.f_supervises, s.f_supervises_hint),
            programs.iter().map(program).collect(),
            &values("supervises"),
        ),
    ]
}

fn form(title: String, action: String, fields: Vec<Field>) -> FormPage {
    FormPage::new(title, action, THERAPISTS, fields)
}

async fn new(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let known = state.desk.therapists_shown(&session).await?;
    let usual = |name: &str| if name == "modality" { vec!["video".to_owned()] } else { Vec::new() };
    let fields = fields(None, &known.programs, &known.sites, &usual);
    Ok(form(setup().therapists_add.to_owned(), NEW.to_owned(), fields).shown())
}

async fn add(
    State(state): State<WebState>,
    Director(session): Director,
    typed: Typed,
) -> Result<Response, Refusal> {
    let known = state.desk.therapists_shown(&session).await?;
    let fields = fields(None, &known.programs, &known.sites, &|name| typed.all(name));
    let form = form(setup().therapists_add.to_owned(), NEW.to_owned(), fields);
    form.save(&state, &session, Kind::Therapists, true).await
}

/// What is on file of a therapist, as the fields have it.
fn on_file(therapist: &Therapist, known: &Therapists, name: &str) -> Vec<String> {
    let (identity, practice) = (&therapist.identity, &therapist.practice);
    let place = |place: &Option<String>| place.iter().cloned().collect();
    match name {
        "first_name" => vec![identity.reveal_given().to_owned()],
        "last_name" => vec![identity.reveal_family().to_owned()],
        "modality" => {
            let cell = |modality: &Modality| match modality {
                Modality::Video => "video".to_owned(),
                Modality::Phone => "phone".to_owned(),
                Modality::InPerson => "in person".to_owned(),
            };
            practice.modalities.iter().map(cell).collect()
        }
        "video_url" => place(&practice.places.video_url),
        "phone" => place(&practice.places.phone),
        "room" => place(&practice.places.room),
        "licensed_states" => {
            vec![practice.licensed_states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join("; ")]
        }
        "sites" => {
            let own = known.sites.iter().filter(|site| practice.sites.contains(&site.id));
            own.map(|site| site.name.clone()).collect()
        }
        "languages" => vec![practice.languages.join("; ")],
        "gender" => vec![practice.gender.clone()],
        "supervises" => {
            let own = known.programs.iter().filter(|program| practice.supervises.contains(&program.id));
            own.map(|program| program.code.clone()).collect()
        }
        _ => Vec::new(),
    }
}

fn title(therapist: &Therapist) -> String {
    filled(setup().therapists_edit, &[("name", &therapist.identity.reveal_name())])
}

async fn edit(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
) -> Result<Response, Refusal> {
    let known = state.desk.therapists_shown(&session).await?;
    let therapist = known.one(id.parse().map_err(|_| Refusal::nothing())?)?;
    let values = |name: &str| on_file(therapist, &known, name);
    // The director writes to therapists, and has brought the address.
    let address = therapist.identity.address().reveal();
    let fields = fields(Some(address), &known.programs, &known.sites, &values);
    Ok(form(title(therapist), format!("{THERAPISTS}/{id}"), fields).shown())
}

async fn change(
    State(state): State<WebState>,
    Director(session): Director,
    Token(id): Token,
    typed: Typed,
) -> Result<Response, Refusal> {
    let known = state.desk.therapists_shown(&session).await?;
    let therapist = known.one(id.parse().map_err(|_| Refusal::nothing())?)?;
    let address = therapist.identity.address().reveal();
    let fields = fields(Some(address), &known.programs, &known.sites, &|name| typed.all(name));
    let form = form(title(therapist), format!("{THERAPISTS}/{id}"), fields);
    form.save(&state, &session, Kind::Therapists, false).await
}

async fn file(
    State(state): State<WebState>,
    Director(session): Director,
    upload: Upload,
) -> Result<Response, Refusal> {
    files::take(&state, &session, Kind::Therapists, upload, THERAPISTS).await
}
