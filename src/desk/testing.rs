//! A desk for tests: a database of its own in a folder that the test owns, a hand-set clock and seeded entropy.
//! Never part of the program.

use std::path::Path;
use std::sync::Arc;

use super::Desk;
use super::admit::RosterOptions;
use super::protect::Format;
use crate::clock::HandSetClock;
use crate::domain::id::InstitutionId;
use crate::domain::offering::Rules;
use crate::domain::plan::Weights;
use crate::domain::protection::Mapping;
use crate::domain::table::Table;
use crate::entropy::{Entropy, SeededEntropy};
use crate::storage::{Store, places};
use crate::vault::{MasterKey, Vault};

/// When the clock of such a desk stands at first: a month before the sample season.
pub(crate) const NOW: &str = "2027-06-01T15:00:00Z";

/// A migrated database in `folder`, one institution, and nothing else on file.
pub(crate) async fn desk_in(folder: &Path) -> (Desk, Arc<HandSetClock>) {
    let store = Store::open(&format!("sqlite://{}/desk.db", folder.display())).await.unwrap();
    store.migrate().await.unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
    let vault = Arc::new(Vault::new(&MasterKey::draw(&*entropy), Arc::clone(&entropy)));
    let clock = Arc::new(HandSetClock::at(NOW.parse().unwrap()));
    let desk = Desk::new(store, vault, Arc::clone(&clock) as _, entropy, "https://holdspace.example.org");
    let mut tx = desk.store.write().await.unwrap();
    places::add_institution(&mut tx, InstitutionId::from_bytes(desk.draw()), "Example Health").await.unwrap();
    tx.commit().await.unwrap();
    (desk, clock)
}

/// The tables of a file of `demo/`.
#[cfg(test)]
pub(crate) fn demo(name: &str) -> Vec<Table> {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(name)).unwrap();
    crate::intake::read(&bytes, name).unwrap()
}

/// The events of a calendar of `demo/`.
#[cfg(test)]
pub(crate) fn demo_calendar(name: &str) -> Vec<Table> {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(name)).unwrap();
    crate::intake::ics::read(&bytes).unwrap()
}

/// The tables of a text that a test writes.
#[cfg(test)]
pub(crate) fn table(text: &str) -> Vec<Table> {
    crate::intake::read(text.as_bytes(), "table.csv").unwrap()
}

/// Imports the programs, sites and therapists of `demo/`.
pub(crate) async fn furnish(desk: &Desk) {
    desk.import_programs(&demo("programs.csv"), false).await.unwrap();
    desk.import_sites(&demo("sites.csv"), false).await.unwrap();
    desk.import_therapists(&demo("therapists.csv"), false).await.unwrap();
}

/// Imports all of `demo/` but the schedule: everything that a plan stands on.
pub(crate) async fn furnish_season(desk: &Desk) {
    furnish(desk).await;
    desk.import_availability(&demo("availability.csv"), false).await.unwrap();
    desk.import_roster(&demo("roster.csv"), &RosterOptions::default()).await.unwrap();
    let protected = demo("protected_time.csv");
    desk.import_protection(&protected, Format::Csv, &Mapping::default(), false).await.unwrap();
}

/// The rules of an offering over the sample season.
pub(crate) fn rules() -> Rules {
    Rules {
        title: "Protected time".to_owned(),
        visit_minutes: 50,
        buffer_minutes: 10,
        from: "2027-07-05".parse().unwrap(),
        until: "2027-09-24".parse().unwrap(),
        notice_hours: 24,
        reserve_percent: 15,
        reminder_hours: vec![48],
        announce_days: Some(5),
        release_on: None,
        epsilon_millis: 1000,
        survey: true,
        breakdowns: false,
        weights: Weights::default(),
    }
}
