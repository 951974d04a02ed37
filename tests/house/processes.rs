//! Many equal processes on one PostgreSQL: sessions and links are everybody's, work is done once, and a newer version may
//! come among older ones. Never says which process does what.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use holdspace::desk::Desk;
use holdspace::entropy::SystemEntropy;
use holdspace::jobs::rounds;
use holdspace::storage::Store;
use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use sqlx::Connection;

use crate::harness::engines::{TestDatabase, on_postgres};
use crate::harness::house::{House, PUBLIC_URL};
use crate::harness::installation::Installation;
use crate::harness::person::kind;
use crate::harness::server::{Browser, Server};
use crate::harness::smtp::SmtpSink;
use crate::harness::snapshot::Stand;
use crate::kills::clicks::{Resident, below, press};
use crate::kills::{all_letters_leave, letters};

/// Three, as an operator has who wants to upgrade at noon.
const PROCESSES: usize = 3;

async fn three(house: &Installation) -> Vec<Server> {
    join_all((0..PROCESSES).map(|_| house.serves())).await
}

/// Those who were invited, with where they stand.
async fn invited(house: &Installation, sink: &SmtpSink) -> Vec<Resident> {
    let snapshot = house.snapshot().await;
    let all = sink.received();
    let resident = |received: &crate::harness::smtp::Received| {
        let (address, link) = (received.to[0].clone(), letters::link_of(received)?);
        let possible = vec![Stand::of(snapshot.of(&house.vault, &address))];
        Some(Resident { address, link, possible })
    };
    let mut residents: Vec<_> = all.iter().filter_map(resident).collect();
    residents.sort_by(|one, other| one.address.cmp(&other.address));
    residents.dedup_by(|one, other| one.address == other.address);
    residents
}

/// Signs in by the link that founding gave; the cookie.
async fn enters(browser: &Browser, link: &str) -> String {
    let answer = browser.request(Method::POST, link).form(&[("mine", "yes")]).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 303);
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn opens(browser: &Browser, link: &str, cookie: &str) -> (u16, String) {
    let answer = browser.request(Method::GET, link).header(COOKIE, cookie).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_send_every_letter_once_and_know_each_others_sessions_and_links() {
    on_postgres(async |db: TestDatabase| {
        let sink = SmtpSink::start().await;
        sink.takes_groups();
        let house = Installation::found(&db, 60, &sink.url()).await;
        house.books().await;
        let servers = three(&house).await;
        all_letters_leave(&house).await;
        // Nobody died, so nobody gets anything twice.
        let received = sink.received();
        assert_eq!(letters::second_copies(&received), 0);
        letters::everybody_knows(&received, &house.people, &house.snapshot().await, &house.vault);

        let cookie = enters(&servers[0].browser, &house.director_link).await;
        let link = invited(&house, &sink).await.remove(0).link;
        let mut pages = Vec::new();
        for server in &servers {
            let (status, home) = opens(&server.browser, &format!("{PUBLIC_URL}/overview"), &cookie).await;
            assert_eq!(status, 200, "{home}");
            pages.push((home, opens(&server.browser, &link, "").await));
        }
        assert!(pages.iter().all(|page| *page == pages[0]), "three processes, three answers");
        // Who signs out at one is out everywhere.
        let out = servers[1].browser.request(Method::POST, "/sign-out").header(COOKIE, &cookie);
        assert_eq!(out.send().await.unwrap().status().as_u16(), 303);
        for server in &servers {
            assert_eq!(opens(&server.browser, "/overview", &cookie).await.0, 303);
        }
        for server in servers {
            server.stop().await;
        }
    })
    .await;
}

/// Each of three is killed and started again while residents press buttons at all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_that_are_killed_in_turn_lose_nothing_and_repeat_only_what_was_under_way() {
    const KILLS: usize = 6;
    on_postgres(async |db: TestDatabase| {
        let sink = SmtpSink::start().await;
        sink.takes_groups();
        let house = Installation::found(&db, 60, &sink.url()).await;
        house.books().await;
        let mut servers = three(&house).await;
        let (mut done, mut residents) = (0, Vec::new());
        for _ in 0..KILLS {
            let snapshot = house.snapshot().await;
            snapshot.is_right();
            if residents.is_empty() {
                residents = invited(&house, &sink).await;
            }
            let browsers = servers.iter().map(|server| server.browser.clone()).collect();
            let seats = Arc::new(snapshot.offered());
            let crowd = press(std::mem::take(&mut residents), browsers, seats);
            tokio::time::sleep(Duration::from_millis(100 + below(300) as u64)).await;
            servers.swap_remove(below(PROCESSES)).kill().await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            let pressed = crowd.ends().await;
            assert!(pressed.failed.is_empty(), "{:?}", pressed.failed);
            done += pressed.done;
            residents = pressed.residents;
            let snapshot = house.snapshot().await;
            snapshot.is_right();
            for resident in &mut residents {
                resident.stands_as_told(&snapshot, &house.vault);
            }
            servers.push(house.serves().await);
        }
        for server in servers {
            server.stop().await;
        }
        house.leases_run_out().await;
        let servers = three(&house).await;
        all_letters_leave(&house).await;
        for server in servers {
            server.stop().await;
        }
        let (received, snapshot) = (sink.received(), house.snapshot().await);
        let copies = letters::second_copies(&received);
        letters::everybody_knows(&received, &house.people, &snapshot, &house.vault);
        println!("{done} changes, {} letters, {copies} second copies after {KILLS} kills", received.len());
        assert!(done > 0 && copies <= 4 * KILLS, "{copies} second copies");
    })
    .await;
}

/// Three processes with one clock: a whole season of reminders, offers, letters afterwards and its release.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_season_that_three_processes_work_at_is_worked_through_once() {
    on_postgres(async |db: TestDatabase| {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let mut offices = Vec::new();
        for _ in 0..PROCESSES {
            let store = Store::open(db.url()).await.unwrap();
            let (clock, entropy) = (Arc::clone(&house.clock), Arc::new(SystemEntropy));
            let desk = Desk::new(store, Arc::clone(&house.vault), clock, entropy, PUBLIC_URL);
            offices.push(house.another_office(desk));
        }
        let mut released = 0;
        // From the invitations to a few days after the release.
        for _ in 0..75 {
            house.clock.advance(chrono::Duration::hours(24));
            for round in join_all(offices.iter().map(rounds::round)).await {
                released += round.unwrap().released;
            }
        }
        assert_eq!(released, 1, "the release is frozen once");
        let received = house.sink.received();
        assert_eq!(letters::second_copies(&received), 0);
        let kinds = |wanted: &str| received.iter().filter(|letter| kind(&letter.read()) == wanted).count();
        let people = house.town.people().len();
        for once in ["announcement", "invitation", "reminder", "afterwards"] {
            assert_eq!(kinds(once), people, "{once}");
        }
        house.everyone_sits_once().await;
    })
    .await;
}

/// A later version's table and column, beside the ones of this version.
const EXPAND: &str = "ALTER TABLE bookings ADD COLUMN note TEXT; ALTER TABLE outbox ADD COLUMN note TEXT NOT NULL DEFAULT ''; \
    ALTER TABLE seats ADD COLUMN note BIGINT; ALTER TABLE sessions ADD COLUMN note TEXT; \
    CREATE TABLE notes (id TEXT PRIMARY KEY, booking_id TEXT NOT NULL REFERENCES bookings (id)); \
    CREATE INDEX notes_by_booking ON notes (booking_id);";

/// Does to the tables what the next version does at its start.
async fn migrates(house: &Installation, name: &str, version: i64, statements: &str) {
    let folder = tempfile::tempdir().unwrap();
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    for file in std::fs::read_dir(own).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    std::fs::write(folder.path().join(format!("{version:04}_{name}.sql")), statements).unwrap();
    let mut migrator = sqlx::migrate::Migrator::new(folder.path()).await.unwrap();
    migrator.set_ignore_missing(true);
    let mut connection = house.connect().await;
    // Broken off in favour of residents' changes, it is tried again, as a start does.
    for left in (0..5).rev() {
        match migrator.run(&mut connection).await {
            Ok(()) => break,
            Err(problem) => assert!(left > 0 && problem.to_string().contains("deadlock"), "{problem}"),
        }
    }
    connection.close().await.unwrap();
}

/// What a start says that is refused.
async fn refused_start(house: &Installation) -> String {
    let mut start = house.command();
    let start = start.args(["serve", "--listen", "127.0.0.1:0"]).output();
    let ended = tokio::time::timeout(Duration::from_secs(20), start).await.expect("it serves").unwrap();
    assert!(!ended.status.success());
    String::from_utf8(ended.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_version_adds_its_tables_while_residents_press_and_nobody_is_refused() {
    on_postgres(async |db: TestDatabase| {
        let sink = SmtpSink::start().await;
        let house = Installation::found(&db, 30, &sink.url()).await;
        house.books().await;
        let old = house.serves().await;
        all_letters_leave(&house).await;
        let residents = invited(&house, &sink).await;
        let seats = Arc::new(house.snapshot().await.offered());
        let crowd = press(residents, vec![old.browser.clone()], Arc::clone(&seats));
        tokio::time::sleep(Duration::from_millis(300)).await;
        migrates(&house, "expand_notes", 9001, EXPAND).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        // One of the old version that is started now goes on beside the new one.
        let beside = house.serves().await;
        let pressed = crowd.ends().await;
        assert!(pressed.failed.is_empty(), "{:?}", pressed.failed);
        let store = Store::open(db.url()).await.unwrap();
        store.check_statements().await.unwrap();
        store.close().await;
        let both = vec![old.browser.clone(), beside.browser.clone()];
        let before = pressed.done;
        let crowd = press(pressed.residents, both, seats);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut pressed = crowd.ends().await;
        assert!(pressed.failed.is_empty(), "{:?}", pressed.failed);
        assert!(before > 0 && pressed.done > 0, "{before} and {}", pressed.done);
        let snapshot = house.snapshot().await;
        snapshot.is_right();
        pressed.residents.iter_mut().for_each(|resident| resident.stands_as_told(&snapshot, &house.vault));
        // What takes something away is done when nobody of the old version is left, and then none comes back.
        old.stop().await;
        beside.stop().await;
        migrates(&house, "contract_notes", 9002, "DROP TABLE notes;").await;
        let said = refused_start(&house).await;
        assert!(said.contains("migration 9002") && said.contains("upgrade this program"), "{said}");
    })
    .await;
}
