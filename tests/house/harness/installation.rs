//! An installation as an operator has it: a directory with a key file, a database, and the real binary, which goes by the
//! system's clock. Its people are a crowd who are all free at the same times. Never keeps the database open, because a
//! process that does would mend for others what a crash left there.

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use holdspace::clock::{Clock, SystemClock};
use holdspace::desk::Desk;
use holdspace::desk::admit::RosterOptions;
use holdspace::desk::protect::Format;
use holdspace::domain::offering::Rules;
use holdspace::domain::protection::Mapping;
use holdspace::entropy::{Entropy, SystemEntropy};
use holdspace::storage::Store;
use holdspace::vault::{MasterKey, Vault};
use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;
use tokio::process::Command;

use super::engines::{Engine, TestDatabase};
use super::house::{DIRECTOR, PUBLIC_URL, fortnight};
use super::server::Server;
use super::snapshot::Snapshot;
use super::town::{Town, tables};

/// So many residents find room with one therapist in two weeks, and a few seats stay free.
const RESIDENTS_OF_A_THERAPIST: usize = 75;

/// An installation.
pub struct Installation {
    /// Where the key file lies and the binary is started.
    pub directory: TempDir,
    /// What opens sealed rows.
    pub vault: Arc<Vault>,
    /// Addresses of its residents.
    pub people: Vec<String>,
    /// The link that lets the first director in, once.
    pub director_link: String,
    engine: Engine,
    url: String,
    mail_url: String,
}

impl Installation {
    /// Founds one with so many residents and an offering that nobody is booked in yet. Letters go to `mail_url`.
    pub async fn found(db: &TestDatabase, residents: usize, mail_url: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let key = MasterKey::draw(&*entropy);
        write_private(&directory.path().join("holdspace.key"), &format!("{}\n", *key.reveal_hex()));
        let vault = Arc::new(Vault::new(&key, Arc::clone(&entropy)));
        let store = Store::open(db.url()).await.unwrap();
        store.migrate().await.unwrap();
        let (clock, keys) = (Arc::new(SystemClock), Arc::clone(&vault));
        let desk = Desk::new(store.clone(), keys, Arc::clone(&clock) as Arc<dyn Clock>, entropy, PUBLIC_URL);
        let entrance = desk.found("Example Health", &DIRECTOR.parse().unwrap()).await.unwrap();
        let first = monday_after(clock.now().date_naive() + Days::new(28));
        let town = crowd(residents, clock.now().date_naive(), first);
        imports(&desk, &town).await;
        let until = first + Days::new(11);
        let rules = Rules { from: first, until, reserve_percent: 15, announce_days: None, ..fortnight() };
        desk.create_offering(rules).await.unwrap();
        store.close().await;
        Self {
            directory,
            vault,
            people: town.people().into_iter().map(|person| person.address).collect(),
            director_link: entrance.reveal_link().to_owned(),
            engine: db.engine(),
            url: db.url().to_owned(),
            mail_url: mail_url.to_owned(),
        }
    }

    /// The binary with this installation's settings, and none of this machine's.
    pub fn command(&self) -> Command {
        self.behind(&[env!("CARGO_BIN_EXE_holdspace")])
    }

    /// The same, started by other programs.
    pub fn behind(&self, program: &[&str]) -> Command {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).kill_on_drop(true).current_dir(&self.directory);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HOLDSPACE_") {
                command.env_remove(name);
            }
        }
        command.envs([
            ("HOLDSPACE_DATABASE_URL", self.url.as_str()),
            ("HOLDSPACE_MAIL_URL", self.mail_url.as_str()),
            ("HOLDSPACE_MAIL_FROM", "Protected time <office@holdspace.example.org>"),
            ("HOLDSPACE_PUBLIC_URL", PUBLIC_URL),
        ]);
        command
    }

    /// Starts a server and waits until it is ready.
    pub async fn serves(&self) -> Server {
        Server::start(self.command(), &[]).await
    }

    /// Books everybody, undisturbed.
    pub async fn books(&self) {
        let done = self.command().args(["book", "--json"]).output().await.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// What the database holds at one moment, opened.
    pub async fn snapshot(&self) -> Snapshot {
        let store = Store::open(&self.url).await.unwrap();
        let snapshot = Snapshot::take(&store, &self.vault).await;
        store.close().await;
        snapshot
    }

    /// A connection of the test's own, with nothing prepared.
    pub async fn connect(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        AnyConnection::connect(&self.url).await.unwrap()
    }

    /// Lets the quarter of an hour pass after which letters of a worker that died are another's. No worker may live meanwhile,
    /// for theirs would be another's too.
    pub async fn leases_run_out(&self) {
        let mut connection = self.connect().await;
        sqlx::query("UPDATE outbox SET lease_until = 0").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Letters that are owed by now, whoever has them at the moment; and those that were given up.
    pub async fn owed_and_given_up(&self) -> (i64, i64) {
        let mut connection = self.connect().await;
        let now = SystemClock.now().timestamp();
        let owed = "SELECT COUNT(*) FROM outbox WHERE state = 'owed' AND due_at <= $1";
        let owed = sqlx::query_scalar(owed).bind(now).fetch_one(&mut connection).await.unwrap();
        let failed = "SELECT COUNT(*) FROM outbox WHERE state = 'failed'";
        let failed = sqlx::query_scalar(failed).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        (owed, failed)
    }

    /// Fails where SQLite finds its file or the store of keys damaged.
    pub async fn is_sound(&self) {
        if self.engine == Engine::Postgres {
            // Its server was never harmed; that its rows open and fit each other is what a snapshot shows.
            return;
        }
        let path = self.url.trim_start_matches("sqlite://").split('?').next().unwrap();
        for file in [path.to_owned(), path.replace(".db", ".keys.db")] {
            let url = format!("sqlite://{file}?mode=rw");
            let mut connection = AnyConnection::connect(&url).await.unwrap();
            let told: Vec<String> =
                sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await.unwrap();
            assert_eq!(told, ["ok"], "{file}");
            connection.close().await.unwrap();
        }
    }
}

/// Makes a file that only its owner may read.
fn write_private(path: &std::path::Path, text: &str) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn monday_after(day: NaiveDate) -> NaiveDate {
    day.iter_days().find(|day| day.weekday() == Weekday::Mon).unwrap()
}

/// One program of residents who are free from eight to six on the ten working days of two weeks, and as many therapists as
/// they need.
fn crowd(residents: usize, today: NaiveDate, first: NaiveDate) -> Town {
    let small = Town::small();
    let heading = |text: &str| format!("{}\n", text.lines().next().unwrap_or_default());
    let mut town = Town {
        therapists: heading(&small.therapists),
        availability: heading(&small.availability),
        roster: heading(&small.roster),
        protected: heading(&small.protected),
        ..small
    };
    for n in 0..residents {
        let person = format!("IM,Crowd{n},Resident{n},crowd{n}@im.example.edu,1,A,Denver Main,{today}\n");
        town.roster += &person;
    }
    let last = first + Days::new(11);
    for n in 0..residents.div_ceil(RESIDENTS_OF_A_THERAPIST) {
        let address = format!("host{n}@counseling.example.org");
        town.therapists += &format!(
            "\"Host{n} Counselor, LCSW\",{address},female,Denver Main,video,English,CO,https://video.example.org/room/{n},,,\n"
        );
        for day in ["MO", "TU", "WE", "TH", "FR"] {
            town.availability += &format!("{address},{day},08:00,18:00,America/Denver,{first},{last}\n");
        }
    }
    for day in first.iter_days().take_while(|day| *day <= last) {
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            town.protected += &format!("IM,A,{day},08:00,18:00\n");
        }
    }
    town
}

async fn imports(desk: &Desk, town: &Town) {
    for refused in [
        desk.import_programs(&tables(&town.programs), false).await.unwrap().refused,
        desk.import_sites(&tables(&town.sites), false).await.unwrap().refused,
        desk.import_therapists(&tables(&town.therapists), false).await.unwrap().refused,
        desk.import_availability(&tables(&town.availability), false).await.unwrap().refused,
        desk.import_roster(&tables(&town.roster), &RosterOptions::default()).await.unwrap().refused,
        desk.import_protection(&tables(&town.protected), Format::Csv, &Mapping::default(), false)
            .await
            .unwrap()
            .refused,
    ] {
        assert_eq!(refused, []);
    }
}
