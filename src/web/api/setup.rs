//! Sites and therapists of the institution: listed, and taken from files whole or not at all, for directors. Never which of
//! a therapist's hours are taken.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::file::{TakenTold, tables};
use super::problem::{Problem, Problems};
use super::told::ModalityTold;
use super::who::Bearer;
use crate::desk::furnish::Kind;
use crate::desk::furniture::{TherapistShown, Therapists};
use crate::domain::people::Site;
use crate::web::WebState;
use crate::web::doors::Operations;

pub(super) fn operations() -> Operations {
    Operations::new().routes(routes!(sites, import_sites)).routes(routes!(therapists, import_therapists))
}

/// A place with an address.
#[derive(Serialize, ToSchema)]
struct SiteTold {
    /// Identifier.
    id: String,
    /// Its name.
    name: String,
    /// Its zone, as IANA names it.
    zone: String,
    /// Its state, in two letters.
    state: String,
    /// The postal address; may be empty.
    address: String,
}

impl From<Site> for SiteTold {
    fn from(site: Site) -> Self {
        Self {
            id: site.id.to_string(),
            name: site.name,
            zone: site.zone.name().to_owned(),
            state: site.state.as_str().to_owned(),
            address: site.address,
        }
    }
}

/// Every site, by name.
#[utoipa::path(get, path = "/api/v1/sites", tag = "setting up",
    responses((status = 200, body = Vec<SiteTold>), Problems))]
async fn sites(
    State(state): State<WebState>,
    Bearer(session): Bearer,
) -> Result<Json<Vec<SiteTold>>, Problem> {
    let furniture = state.desk.furniture(&session).await?;
    Ok(Json(furniture.sites.into_iter().map(SiteTold::from).collect()))
}

/// Takes a file of sites, at most 2 MB of CSV, if no line of it is refused.
#[utoipa::path(post, path = "/api/v1/sites", tag = "setting up",
    request_body(content = String, content_type = "text/csv",
        example = "site,zone,state,address\nDenver Main,America/Denver,CO,1 Example Street\n"),
    responses((status = 200, body = TakenTold), Problems))]
async fn import_sites(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<TakenTold>, Problem> {
    session.director()?;
    let tables = tables(&headers, &body, "sites.csv").await?;
    Ok(Json(TakenTold::of(state.desk.furnish(&session, Kind::Sites, &tables).await?)?))
}

/// A therapist with what they offer.
#[derive(Serialize, ToSchema)]
struct TherapistTold {
    /// Identifier.
    id: String,
    /// The name.
    name: String,
    /// Where mail goes.
    email: String,
    /// The gender, as their file has it; may be empty.
    gender: String,
    /// How they hold visits.
    modalities: Vec<ModalityTold>,
    /// Languages.
    languages: Vec<String>,
    /// States in which they are licensed, in two letters.
    licensed_states: Vec<String>,
    /// The sites that they serve in person, by name.
    sites: Vec<String>,
    /// The programs whose residents they supervise, by code.
    supervises: Vec<String>,
    /// Hours a week that they offer on average, taken or not; none where they gave no hours.
    hours_a_week: Option<f64>,
}

impl TherapistTold {
    fn of(shown: &TherapistShown, all: &Therapists) -> Self {
        let (identity, practice) = (&shown.therapist.identity, &shown.therapist.practice);
        let sites = all.sites.iter().filter(|site| practice.sites.contains(&site.id));
        let programs = all.programs.iter().filter(|program| practice.supervises.contains(&program.id));
        Self {
            id: shown.therapist.id.to_string(),
            name: identity.reveal_name(),
            // Told to whoever set them up.
            email: identity.address().reveal().to_owned(),
            gender: practice.gender.clone(),
            modalities: practice.modalities.iter().copied().map(ModalityTold::from).collect(),
            languages: practice.languages.clone(),
            licensed_states: practice.licensed_states.iter().map(|state| state.as_str().to_owned()).collect(),
            sites: sites.map(|site| site.name.clone()).collect(),
            supervises: programs.map(|program| program.code.clone()).collect(),
            hours_a_week: shown.half_hours.map(|half_hours| half_hours / 2.0),
        }
    }
}

/// Every therapist with what they offer, by name.
#[utoipa::path(get, path = "/api/v1/therapists", tag = "setting up",
    responses((status = 200, body = Vec<TherapistTold>), Problems))]
async fn therapists(
    State(state): State<WebState>,
    Bearer(session): Bearer,
) -> Result<Json<Vec<TherapistTold>>, Problem> {
    let all = state.desk.therapists_shown(&session).await?;
    Ok(Json(all.therapists.iter().map(|shown| TherapistTold::of(shown, &all)).collect()))
}

/// Takes a file of therapists, at most 2 MB of CSV, if no line of it is refused.
#[utoipa::path(post, path = "/api/v1/therapists", tag = "setting up",
    request_body(content = String, content_type = "text/csv",
        example = "name,email,modality,licensed_states\n\"Nadia Rahman, PsyD\",nadia@example.org,video,CO;NM\n"),
    responses((status = 200, body = TakenTold), Problems))]
async fn import_therapists(
    State(state): State<WebState>,
    Bearer(session): Bearer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<TakenTold>, Problem> {
    session.director()?;
    let tables = tables(&headers, &body, "therapists.csv").await?;
    Ok(Json(TakenTold::of(state.desk.furnish(&session, Kind::Therapists, &tables).await?)?))
}
