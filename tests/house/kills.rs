//! The real binary under `kill -9`: amid a batch, amid letters and amid residents' clicks, on both engines. Nothing is lost,
//! nothing is there twice, and nothing is broken. Never kills anything that it did not start.

pub mod clicks;
pub mod letters;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::harness::engines::{TestDatabase, apart, on_both_engines};
use crate::harness::installation::Installation;
use crate::harness::postgres::drop_database;
use crate::harness::smtp::SmtpSink;
use crate::harness::snapshot::Stand;
use clicks::{Resident, below, press};

/// How many are killed.
const COUNT: &str = "HOLDSPACE_KILL_COUNT";
/// Nobody waits longer than this for letters that are owed.
const PATIENCE: Duration = Duration::from_secs(120);
/// A server that was killed is ready again by then, also on a machine that is busy. What it really took is told.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// Letters on their way at a time, or there and not marked yet: one for each of three connections for everyone's, a handful that
/// these may run ahead of the marks, and one of one person.
const ON_THEIR_WAY: usize = 3 + 64 + 1;

/// What a season under kills came to.
#[derive(Debug, Default)]
struct Came {
    amid_the_batch: usize,
    amid_the_service: usize,
    done: usize,
    letters: usize,
    second_copies: usize,
    slowest: Duration,
}

/// Kills `book` again and again, each time somewhere in its life; after each, everybody is booked or nobody.
async fn batch(house: &Installation, kills: usize, came: &mut Came) {
    let begun = Instant::now();
    assert!(house.command().arg("plan").output().await.unwrap().status.success());
    // Booking plans, too, and then writes.
    let life = begun.elapsed().as_millis() * 2;
    for _ in 0..kills {
        let mut booking = house.command();
        let mut booking = booking.arg("book").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = Duration::from_millis(below(usize::try_from(life).unwrap()) as u64);
        if let Ok(ended) = tokio::time::timeout(moment, booking.wait()).await {
            assert!(ended.unwrap().success());
            break;
        }
        booking.kill().await.unwrap();
        came.amid_the_batch += 1;
        let snapshot = house.snapshot().await;
        snapshot.is_right();
        house.is_sound().await;
        let booked = snapshot.bookings.len();
        assert!(
            booked == 0 || booked == house.people.len(),
            "half a batch: {booked} of {}",
            house.people.len()
        );
    }
    house.books().await;
    let snapshot = house.snapshot().await;
    snapshot.is_right();
    assert!(snapshot.bookings.values().all(|booking| booking.visit().is_some()));
    assert_eq!(snapshot.bookings.len(), house.people.len());
}

/// Residents who press buttons and a server that is killed meanwhile, again and again.
struct Service<'a> {
    house: &'a Installation,
    sink: &'a SmtpSink,
    residents: Vec<Resident>,
    /// Letters that were looked at for a link.
    seen: usize,
}

impl Service<'_> {
    /// Whoever got an invitation by now presses buttons from now on.
    async fn whoever_is_invited(&mut self) {
        let known: BTreeSet<_> = self.residents.iter().map(|resident| resident.address.clone()).collect();
        let all = self.sink.received();
        let mut new = BTreeSet::new();
        let snapshot = self.house.snapshot().await;
        for received in &all[self.seen..] {
            let address = received.to[0].clone();
            if known.contains(&address) || !new.insert(address.clone()) {
                continue;
            }
            if let Some(link) = letters::link_of(received) {
                let possible = vec![Stand::of(snapshot.of(&self.house.vault, &address))];
                self.residents.push(Resident { address, link, possible });
            }
        }
        self.seen = all.len();
    }

    async fn everything_holds(&mut self) -> Arc<Vec<String>> {
        let snapshot = self.house.snapshot().await;
        snapshot.is_right();
        self.house.is_sound().await;
        for resident in &mut self.residents {
            resident.stands_as_told(&snapshot, &self.house.vault);
        }
        Arc::new(snapshot.offered())
    }

    /// One life of a server.
    async fn lives(&mut self, came: &mut Came) {
        let server = self.house.serves().await;
        came.slowest = came.slowest.max(server.ready_after);
        let seats = self.everything_holds().await;
        self.whoever_is_invited().await;
        let crowd = press(std::mem::take(&mut self.residents), vec![server.browser.clone()], seats);
        tokio::time::sleep(Duration::from_millis(20 + below(700) as u64)).await;
        server.kill().await;
        let pressed = crowd.ends().await;
        assert!(pressed.failed.is_empty(), "{:?}", pressed.failed);
        came.amid_the_service += 1;
        came.done += pressed.done;
        self.residents = pressed.residents;
        // Where nobody opens the database meanwhile, the next server alone mends what this one left.
        if below(2) == 0 {
            self.house.leases_run_out().await;
        }
    }
}

/// Waits until nothing is owed any more.
pub async fn all_letters_leave(house: &Installation) {
    let begun = Instant::now();
    while house.owed_and_given_up().await != (0, 0) {
        let left = house.owed_and_given_up().await;
        assert!(begun.elapsed() < PATIENCE, "letters owed and given up: {left:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A season of so many residents in which so many processes are killed.
#[expect(clippy::print_stdout, reason = "what came of it is told")]
async fn season(db: &TestDatabase, residents: usize, kills: usize) -> Came {
    let sink = SmtpSink::start().await;
    sink.takes_groups();
    let house = Installation::found(db, residents, &sink.url()).await;
    let mut came = Came::default();
    batch(&house, kills.div_ceil(4), &mut came).await;
    let mut service = Service { house: &house, sink: &sink, residents: Vec::new(), seen: 0 };
    while came.amid_the_batch + came.amid_the_service < kills {
        service.lives(&mut came).await;
    }
    house.leases_run_out().await;
    let server = house.serves().await;
    service.everything_holds().await;
    all_letters_leave(&house).await;
    server.stop().await;
    service.everything_holds().await;
    let received = sink.received();
    came.letters = received.len();
    came.second_copies = letters::second_copies(&received);
    letters::everybody_knows(&received, &house.people, &house.snapshot().await, &house.vault);
    assert!(came.second_copies <= ON_THEIR_WAY * came.amid_the_service, "{came:?}");
    assert!(came.done > 0 && came.slowest < READY_WITHIN, "{came:?}");
    println!("{came:?}");
    came
}

on_both_engines! {
    async fn ten_processes_are_killed_and_nothing_is_lost_double_or_broken(db: TestDatabase) {
        let came = season(&db, 100, 10).await;
        assert_eq!(came.amid_the_batch + came.amid_the_service, 10);
    }
}

/// One season after another, on each engine in turn, until so many were killed.
#[test]
#[ignore = "for tests/nightly kill"]
fn kill() {
    const A_SEASON: usize = 50;
    let count = std::env::var(COUNT).ok().and_then(|text| text.parse().ok()).unwrap_or(1000_usize);
    let (mut killed, mut failures, mut slowest, mut copies) = (0, 0, Duration::ZERO, 0);
    for number in 0.. {
        if killed >= count {
            break;
        }
        let kills = A_SEASON.min(count - killed);
        let season = apart(async move || {
            if number % 2 == 0 {
                return season(&TestDatabase::sqlite(), 1000, kills).await;
            }
            let db = TestDatabase::postgres().await;
            let came = season(&db, 1000, kills).await;
            drop_database(db.url()).await;
            came
        });
        match season {
            Ok(came) => (slowest, copies) = (slowest.max(came.slowest), copies + came.second_copies),
            Err(_) => failures += 1,
        }
        killed += kills;
        println!("{killed} killed; {failures} seasons failed; ready again after {slowest:?} at the latest");
    }
    println!("{copies} second copies, each the same to the byte as the first");
    println!("kill: {killed} runs, {failures} failures");
    assert_eq!(failures, 0);
}
