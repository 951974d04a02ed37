//! What every season begins with: an installation with two therapists and protected time, as two files. Made once in a
//! process, because making it anew would cost more than a whole season.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use holdspace::clock::{Clock, HandSetClock};
use holdspace::desk::Desk;
use holdspace::desk::protect::Format;
use holdspace::domain::protection::Mapping;
use holdspace::domain::time::Instant;
use holdspace::entropy::Entropy;
use holdspace::storage::Store;
use holdspace::vault::{KeyRing, MasterKey};

use super::on_a_thread;
use crate::harness::engines::TestDatabase;
use crate::harness::house::{DIRECTOR, Dice, PUBLIC_URL};
use crate::harness::town::{Town, tables};

/// Who holds visits.
pub const THERAPISTS: [&str; 2] = ["mxiong@counseling.example.org", "tdsouza@counseling.example.org"];

/// Twenty seats on four days, ten for each of two cohorts, in slots of one therapist or of both.
const HOURS: &str = "therapist_email,weekday,start,end,zone,from,until
mxiong@counseling.example.org,MO,13:00,17:00,America/Denver,2027-07-05,2027-07-06
mxiong@counseling.example.org,TU,13:00,17:00,America/Denver,2027-07-12,2027-07-14
tdsouza@counseling.example.org,MO,13:00,15:00,America/Denver,2027-07-05,2027-07-06
tdsouza@counseling.example.org,WE,08:00,12:00,America/Denver,2027-07-05,2027-07-08
tdsouza@counseling.example.org,TU,13:00,15:00,America/Denver,2027-07-12,2027-07-14
tdsouza@counseling.example.org,TH,08:00,12:00,America/Denver,2027-07-12,2027-07-16
";
/// The heading of a roster.
pub const HEADING: &str = "program,last_name,first_name,email,pgy,cohort,site,start_date\n";

/// The database and its keys, at rest.
pub struct Base {
    files: [(&'static str, Vec<u8>); 2],
    /// What opens them.
    pub ring: KeyRing,
}

/// The files of a database, as a process that dies leaves them: the shared memory beside them is gone with it.
const FILES: [&str; 4] = ["holdspace.db", "holdspace.db-wal", "holdspace.keys.db", "holdspace.keys.db-wal"];

/// When a season begins.
pub fn beginning() -> Instant {
    "2027-06-16T12:00:00Z".parse().unwrap()
}

/// The address of the database in a directory.
pub fn url(home: &Path) -> String {
    format!("sqlite://{}?mode=rwc", home.join(FILES[0]).display())
}

/// Copies the files of a database.
pub fn copies(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in FILES {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

impl Base {
    /// The one of this process.
    pub fn get() -> &'static Self {
        static BASE: OnceLock<Base> = OnceLock::new();
        BASE.get_or_init(|| on_a_thread(make).unwrap())
    }

    /// Puts the files into a directory.
    pub fn lay_into(&self, home: &Path) {
        std::fs::create_dir_all(home).unwrap();
        for (name, bytes) in &self.files {
            std::fs::write(home.join(name), bytes).unwrap();
        }
    }
}

async fn make() -> Base {
    let db = TestDatabase::sqlite_in_memory();
    let home = db.directory().unwrap();
    let store = Store::open(&url(home)).await.unwrap();
    store.migrate().await.unwrap();
    let dice = Arc::new(Dice::of(1));
    let ring = KeyRing::of(MasterKey::draw(&*dice));
    let vault = Arc::new(dice.vault(&ring));
    let clock = Arc::new(HandSetClock::at(beginning())) as Arc<dyn Clock>;
    let desk = Desk::new(store.clone(), vault, clock, Arc::clone(&dice) as Arc<dyn Entropy>, PUBLIC_URL);
    desk.found("Example Health", &DIRECTOR.parse().unwrap()).await.unwrap();
    let town = Town::small();
    let of_two = |line: &&str| line.starts_with("name,") || THERAPISTS.iter().any(|who| line.contains(who));
    let therapists: String = town.therapists.lines().filter(of_two).flat_map(|line| [line, "\n"]).collect();
    let mapping = Mapping::default();
    for refused in [
        desk.import_programs(&tables(&town.programs), false).await.unwrap().refused,
        desk.import_sites(&tables(&town.sites), false).await.unwrap().refused,
        desk.import_therapists(&tables(&therapists), false).await.unwrap().refused,
        desk.import_availability(&tables(HOURS), false).await.unwrap().refused,
        desk.import_protection(&tables(&town.protected), Format::Csv, &mapping, false).await.unwrap().refused,
    ] {
        assert_eq!(refused, []);
    }
    store.truncate_log().await.unwrap();
    store.close().await;
    let files = [FILES[0], FILES[2]].map(|name| (name, std::fs::read(home.join(name)).unwrap()));
    Base { files, ring }
}
