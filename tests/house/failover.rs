//! A PostgreSQL that dies and its standby that takes over, behind an address that stays the same, as operators have it. With
//! synchronous replication nothing that was acknowledged is lost, and the service goes on by itself.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;

use crate::harness::engines::{TestDatabase, apart};
use crate::harness::installation::Installation;
use crate::harness::smtp::SmtpSink;
use crate::harness::snapshot::Stand;
use crate::kills::clicks::{Resident, press};
use crate::kills::{all_letters_leave, letters};

/// How many rounds.
const COUNT: &str = "HOLDSPACE_FAILOVER_COUNT";
/// A service that has not found its way back by then never will.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many changes are acknowledged before the primary dies, and after.
const SOME: usize = 6;

/// A PostgreSQL with a standby.
struct Pair {
    _script: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    ports: [u16; 2],
}

impl Pair {
    async fn start() -> Self {
        let mut script = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/standby.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let input = script.stdin.take();
        let mut output = BufReader::new(script.stdout.take().unwrap()).lines();
        let mut ports = [0; 2];
        for port in &mut ports {
            *port = output.next_line().await.unwrap().expect("a pair of PostgreSQL starts").parse().unwrap();
        }
        Self { _script: script, input, output, ports }
    }

    /// Kills the first and promotes the second.
    async fn fails(&mut self) {
        self.input.as_mut().unwrap().write_all(b"fail\n").await.unwrap();
        assert_eq!(self.output.next_line().await.unwrap().as_deref(), Some("promoted"));
    }

    /// Ends both, and waits until they are gone.
    async fn ends(mut self) {
        drop(self.input.take());
        self._script.wait().await.unwrap();
    }
}

/// An address that leads to whatever server it is told to: what operators have a proxy, a name or a floating address for.
struct Address {
    at: SocketAddr,
    leads_to: Arc<Mutex<u16>>,
    silent: watch::Sender<bool>,
}

impl Address {
    async fn leading_to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, leads_to) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(port)));
        let (target, silent) = (Arc::clone(&leads_to), watch::Sender::new(false));
        let was_cut = silent.clone();
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let (port, mut cut) = (*target.lock().unwrap(), was_cut.subscribe());
                tokio::spawn(async move {
                    let Ok(mut to) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut from, &mut to) => {}
                        // Nobody hangs up, and nobody ever answers.
                        _ = cut.changed() => std::future::pending().await,
                    }
                });
            }
        });
        Self { at, leads_to, silent }
    }

    /// Every line that there is falls silent without being hung up, as where a machine loses its power.
    fn falls_silent(&self) {
        self.silent.send_replace(true);
    }
}

async fn round(silently: bool) -> (Duration, usize) {
    let mut pair = Pair::start().await;
    let address = Address::leading_to(pair.ports[0]).await;
    let db = TestDatabase::elsewhere(format!("postgres://postgres@{}/postgres", address.at));
    let sink = SmtpSink::start().await;
    sink.takes_groups();
    let house = Installation::found(&db, 60, &sink.url()).await;
    house.books().await;
    let server = house.serves().await;
    all_letters_leave(&house).await;
    let snapshot = house.snapshot().await;
    let invited = sink.received().into_iter().filter_map(|received| {
        let (address, link) = (received.to[0].clone(), letters::link_of(&received)?);
        let possible = vec![Stand::of(snapshot.of(&house.vault, &address))];
        Some(Resident { address, link, possible })
    });
    let seats = Arc::new(snapshot.offered());
    let crowd = press(invited.collect(), vec![server.browser.clone()], Arc::clone(&seats));
    crowd.has_done(SOME).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let died = Instant::now();
    if silently {
        address.falls_silent();
    }
    pair.fails().await;
    *address.leads_to.lock().unwrap() = pair.ports[1];
    while server.browser.status("/ready").await != Some(200) {
        assert!(died.elapsed() < PATIENCE, "the service did not find its way back: {:#?}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let away = died.elapsed();
    let pressed = crowd.ends().await;
    assert!(pressed.failed.iter().all(|status| *status == 503), "{:?}", pressed.failed);
    let before = pressed.done;
    let mut residents = pressed.residents;
    let snapshot = house.snapshot().await;
    snapshot.is_right();
    residents.iter_mut().for_each(|resident| resident.stands_as_told(&snapshot, &house.vault));
    // And everybody goes on, with the same process.
    let crowd = press(residents, vec![server.browser.clone()], seats);
    crowd.has_done(SOME).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let mut pressed = crowd.ends().await;
    assert!(pressed.failed.is_empty(), "{:?}", pressed.failed);
    assert!(before >= SOME && pressed.done >= SOME, "{before} and {}", pressed.done);
    server.stop().await;
    house.leases_run_out().await;
    let server = house.serves().await;
    all_letters_leave(&house).await;
    server.stop().await;
    let snapshot = house.snapshot().await;
    snapshot.is_right();
    pressed.residents.iter_mut().for_each(|resident| resident.stands_as_told(&snapshot, &house.vault));
    letters::everybody_knows(&sink.received(), &house.people, &snapshot, &house.vault);
    letters::second_copies(&sink.received());
    pair.ends().await;
    (away, before)
}

/// A primary is killed and its standby promoted while residents press buttons.
#[test]
#[ignore = "for tests/nightly failover"]
fn failover() {
    let count = std::env::var(COUNT).ok().and_then(|text| text.parse().ok()).unwrap_or(1_u32);
    let mut failures = 0;
    for number in 1..=count {
        let silently = number % 2 == 0;
        match apart(move || round(silently)) {
            Ok((away, before)) => {
                let how = if silently { "fell silent" } else { "was killed" };
                println!("{number}: {how}; {before} changes held; away for {away:?}, promotion and all");
            }
            Err(_) => failures += 1,
        }
    }
    println!("failover: {count} runs, {failures} failures");
    assert_eq!(failures, 0);
}
