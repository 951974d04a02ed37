//! Hours to come by therapist and week. Never whose visits they are.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::desk::clinic::TherapistLoad;
use crate::web::doors::Doors;
use crate::web::load::{LoadTold, hours};
use crate::web::refusal::Refusal;
use crate::web::session::{Lead, with_origin};
use crate::web::shell::Shell;
use crate::web::words::clinic::{ClinicWords, clinic};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, told};

/// The routes of the load.
pub fn routes() -> Doors {
    Doors::new().route("/clinic/load", get(show))
}

#[derive(Template)]
#[template(path = "clinic/load.html")]
struct LoadPage {
    w: &'static Words,
    c: &'static ClinicWords,
    shell: Shell,
    lead: String,
    weeks: Vec<String>,
    rows: Vec<RowTold>,
    total: Vec<String>,
}

struct RowTold {
    name: String,
    hours: Vec<String>,
}

async fn show(State(state): State<WebState>, Lead(session): Lead) -> Result<Response, Refusal> {
    let (w, c) = (words(), clinic());
    let (zone, loads) = state.desk.clinic_load(&session).await?;
    let row = |load: &TherapistLoad| RowTold {
        name: load.name.clone(),
        hours: LoadTold::of(w, &load.weeks).weeks.into_iter().map(|week| week.hours).collect(),
    };
    let first = loads.first().map(|load| load.weeks.as_slice()).unwrap_or_default();
    let minutes =
        |week: usize| loads.iter().filter_map(|load| load.weeks.get(week)).map(|week| week.minutes).sum();
    Ok(with_origin(page::ok(&LoadPage {
        w,
        c,
        shell: super::shell("/clinic/load"),
        lead: filled(c.clinic_load_lead, &[("zone", zone.name())]),
        weeks: first.iter().map(|week| told::short_date(w, week.monday)).collect(),
        rows: loads.iter().map(row).collect(),
        total: (0..first.len()).map(|week| hours(minutes(week))).collect(),
    })))
}
