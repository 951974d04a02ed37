//! What stands between an acknowledged click and its loss: the disk has it before anybody is told, and where the disk takes
//! nothing, nobody is told that it did. Runs the real binary, watched by strace, or under a limit of what it may write.

use std::process::Command;

use reqwest::Method;

use crate::harness::engines::{Engine, TestDatabase, on_both_engines};
use crate::harness::house::House;
use crate::harness::installation::Installation;
use crate::harness::server::{Browser, Server};
use crate::harness::smtp::SmtpSink;
use crate::harness::snapshot::Stand;
use crate::kills::clicks::{Resident, Told};
use crate::kills::{all_letters_leave, letters};

/// A season of three, invited; the first of them has a link.
async fn three_invited(db: &TestDatabase) -> (Installation, Resident) {
    let sink = SmtpSink::start().await;
    let house = Installation::found(db, 3, &sink.url()).await;
    house.books().await;
    let server = house.serves().await;
    all_letters_leave(&house).await;
    server.stop().await;
    let received = sink.received();
    let letter = received.iter().find(|letter| letter.to == [house.people[0].as_str()]).unwrap();
    let stand = Stand::of(house.snapshot().await.of(&house.vault, &house.people[0]));
    let link = letters::link_of(letter).unwrap();
    let resident = Resident { address: house.people[0].clone(), link, possible: vec![stand] };
    (house, resident)
}

/// The two buttons that undo each other, and what they send.
const OPTS_OUT: (&str, (&str, &str)) = ("opt-out", ("entry", "remove"));
const COMES_BACK: (&str, (&str, &str)) = ("come-back", ("back", "yes"));

/// The buttons of a resident's page, and what they send.
const BUTTONS: [(&str, &[(&str, &str)]); 6] = [
    ("opt-out", &[("entry", "remove")]),
    ("come-back", &[("back", "yes")]),
    ("letters", &[("letters", "1"), ("confirm", "on")]),
    ("language", &[("language", "es")]),
    ("address", &[("address", "elsewhere@example.org")]),
    ("reminders", &[("reminders", "off")]),
];

fn fields(of: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    of.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// What lies between a request that begins so and the answer that acknowledges it.
fn between<'a>(trace: &'a [&'a str], request: &str) -> &'a [&'a str] {
    let asked = trace.iter().position(|line| line.contains(request));
    let asked = asked.unwrap_or_else(|| panic!("the trace has no {request}"));
    let answered = trace[asked..].iter().position(|line| line.contains("\"HTTP/1.1 "));
    let answered = asked + answered.expect("the trace has no answer");
    assert!(trace[answered].contains("HTTP/1.1 303"), "{}", trace[answered]);
    &trace[asked..answered]
}

/// The file of a call that was traced as ended well, where it is one of `names`.
fn ended<'a>(line: &'a str, names: &[&str]) -> Option<&'a str> {
    let call = line.split_once(' ')?.1.trim_start();
    let name = names.iter().find(|name| call.starts_with(&format!("{name}(")))?;
    let rest = &call[name.len() + 1..];
    // A call that another interrupted has a blank where its two halves were joined.
    rest.split([',', ')']).next().map(str::trim_end)
}

/// Fails unless whatever was written of a file was brought to the disk afterwards, and something was.
fn is_on_the_disk(calls: &[&str], door: &str) {
    let syncs = ["fsync", "fdatasync"];
    let mut synced = 0;
    for (at, line) in calls.iter().enumerate() {
        // The index of the log is shared memory, made anew from the log after a crash.
        let of_ours = |file: &&str| file.contains("holdspace") && !file.contains("-shm");
        let Some(file) = ended(line, &["pwrite64", "write"]).filter(of_ours) else { continue };
        let later = calls[at..].iter().any(|line| ended(line, &syncs) == Some(file) && line.ends_with("= 0"));
        assert!(later, "{door}: written and acknowledged before it was on the disk: {line}\n{calls:#?}");
        synced += 1;
    }
    assert!(synced > 0, "{door}: acknowledged, and nothing was written\n{calls:#?}");
}

on_both_engines! {
    /// On PostgreSQL the disk is its own server's; here it must have said that it has committed.
    async fn whatever_is_acknowledged_was_on_the_disk_before(db: TestDatabase) {
        let (house, resident) = three_invited(&db).await;
        let trace = house.directory.path().join("trace");
        // -D: the server stays our own child. One line a call: a call that another interrupts is written when it ends.
        // -y: with the names of files.
        let calls = "trace=fsync,fdatasync,pwrite64,recvfrom,read,sendto,write,writev";
        let watched = ["strace", "-D", "-f", "-q", "-y", "-s", "160", "-e", calls, "-o", trace.to_str().unwrap()];
        let program = [&watched[..], &[env!("CARGO_BIN_EXE_holdspace")]].concat();
        // Without workers, so that what reaches the disk does so because of the click.
        let server = Server::start(house.behind(&program), &["--no-workers"]).await;
        for (door, sent) in BUTTONS {
            assert_eq!(resident.sends(&server.browser, door, &fields(sent)).await, Told::Done, "{door}");
        }
        let signs_in = server.browser.request(Method::POST, &house.director_link).form(&[("mine", "yes")]);
        assert_eq!(signs_in.send().await.unwrap().status().as_u16(), 303);
        let process = server.id();
        server.stop().await;
        let trace = whole(&written_to_its_end(&trace, process).await);
        let trace: Vec<&str> = trace.iter().map(String::as_str).collect();
        let token = resident.link.rsplit('/').next().unwrap();
        let doors = BUTTONS.map(|(door, _)| format!("POST /v/{token}/{door} ")).into_iter();
        for request in doors.chain(["POST /sign-in/".to_owned()]) {
            let calls = between(&trace, &request);
            match db.engine() {
                Engine::Sqlite => is_on_the_disk(calls, &request),
                Engine::Postgres => {
                    assert!(calls.iter().any(|line| has_committed(line)), "{request}: {calls:#?}");
                }
            }
        }
    }
}

/// Whether PostgreSQL says in this answer that something is saved: a transaction, or a statement that changed a row and after
/// which none is open, so that it was a transaction by itself.
fn has_committed(line: &str) -> bool {
    line.contains("COMMIT\\0Z") || (line.contains("UPDATE 1\\000") && line.contains("Z\\0\\0\\0\\5I"))
}

#[test]
fn a_statement_in_a_transaction_that_goes_on_is_not_taken_for_saved() {
    let answer = |end: &str| {
        format!("7 recvfrom(16<socket:[1]>, \"2\\0\\0\\0\\4C\\0\\0\\0\\r{end}\", 6388, 0, NULL, NULL) = 30")
    };
    assert!(has_committed(&answer("UPDATE 1\\0003\\0\\0\\0\\4Z\\0\\0\\0\\5I")));
    assert!(!has_committed(&answer("UPDATE 1\\0003\\0\\0\\0\\4Z\\0\\0\\0\\5T")), "more is to come");
    assert!(!has_committed(&answer("UPDATE 0\\0003\\0\\0\\0\\4Z\\0\\0\\0\\5I")), "nothing was changed");
}

/// The trace, once strace has noticed that all is over.
async fn written_to_its_end(trace: &std::path::Path, process: u32) -> String {
    // Not of one of its threads: strace may be behind by much.
    let (process, over) = (process.to_string(), "+++ exited with 0 +++");
    for _ in 0..600 {
        let text = std::fs::read_to_string(trace).unwrap();
        if text.lines().any(|line| line.strip_prefix(&process).is_some_and(|rest| rest.trim_start() == over))
        {
            return text;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("strace does not come to an end");
}

/// The lines of a trace, with calls that others interrupted in one piece where they ended.
fn whole(trace: &str) -> Vec<String> {
    let mut begun = std::collections::HashMap::new();
    let mut lines = Vec::new();
    for line in trace.lines() {
        let Some((process, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if let Some(start) = call.strip_suffix("<unfinished ...>") {
            if start.starts_with("sendto(") || start.starts_with("writev(") {
                // An answer counts from its beginning, and everything else from its end.
                lines.push(format!("{process} {start}"));
            } else {
                begun.insert(process, start.to_owned());
            }
        } else if let Some(rest) = call.strip_prefix("<... ") {
            let end = rest.split_once("resumed>").map_or("", |(_, end)| end);
            if let Some(start) = begun.remove(process) {
                lines.push(format!("{process} {start}{end}"));
            }
        } else {
            lines.push(line.to_owned());
        }
    }
    lines
}

#[test]
fn an_answer_before_the_disk_has_it_is_noticed() {
    let caught = |calls: &[&str]| std::panic::catch_unwind(|| is_on_the_disk(calls, "a button")).is_err();
    let write = "7 pwrite64(12</x/holdspace.db-wal>, \"x\", 1, 0) = 1";
    let sync = "7 fdatasync(12</x/holdspace.db-wal>) = 0";
    assert!(!caught(&[write, sync]));
    assert!(!caught(&[write, "7 fdatasync(12</x/holdspace.db-wal> ) = 0"]), "interrupted and resumed");
    for calls in [
        &[write][..],
        &[sync, write],
        &[],
        &[sync],
        &[write, "7 fdatasync(13</x/holdspace.keys.db-wal>) = 0"],
        &[write, "7 fdatasync(12</x/holdspace.db-wal>) = -1 EIO (Input/output error)"],
        &[write, sync, write],
    ] {
        assert!(caught(calls), "{calls:?}");
    }
}

/// Presses a button until the server cannot keep it any more.
async fn press_until_it_fails(resident: &mut Resident, browser: &Browser) -> u16 {
    for turn in 0..400 {
        let (door, field) = if turn % 2 == 0 { OPTS_OUT } else { COMES_BACK };
        let (Stand::Held(seat) | Stand::Out(seat)) = resident.possible[0].clone();
        match resident.sends(browser, door, &fields(&[field])).await {
            Told::Done if turn % 2 == 0 => resident.possible = vec![Stand::Out(seat)],
            Told::Done => resident.possible = vec![Stand::Held(seat)],
            Told::Failed(status) => return status,
            other => panic!("{door}: {other:?}"),
        }
        // Nobody presses more often than this.
        tokio::time::sleep(std::time::Duration::from_millis(if turn > 100 { 250 } else { 0 })).await;
    }
    panic!("four hundred changes found room where there is none");
}

/// So many bytes of a file a process may write from now on.
fn may_write(server: &Server, bytes: &str) {
    let id = server.id().to_string();
    let done = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={bytes}:unlimited")]).status();
    assert!(done.unwrap().success());
}

/// Writes fail from one moment on, as they do on a disk that breaks, and work again later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_is_told_as_503_and_all_is_well_once_it_works_again() {
    let db = TestDatabase::sqlite();
    let (house, mut resident) = three_invited(&db).await;
    // The signal that goes with the limit would end the process; without it, the write fails.
    let ignoring = ["bash", "-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_holdspace")];
    let server = Server::start(house.behind(&ignoring), &[]).await;
    let stand = |resident: &Resident| resident.possible[0].clone();
    for _ in 0..2 {
        let log = db.directory().unwrap().join("holdspace.db-wal");
        let size = std::fs::metadata(log).unwrap().len();
        may_write(&server, &size.to_string());
        assert_eq!(press_until_it_fails(&mut resident, &server.browser).await, 503);
        let held = stand(&resident);
        // It goes on saying so, to everybody who wants something kept, and shows what there is to everybody else.
        let answer = server.browser.request(Method::POST, &format!("{}/letters", resident.link));
        let answer = answer.form(&[("letters", "1"), ("confirm", "on")]).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 503);
        assert_eq!(answer.headers()["retry-after"], "10");
        assert!(answer.text().await.unwrap().contains("please try again"));
        assert_eq!(server.browser.status(&resident.link).await, Some(200));
        assert_eq!(server.browser.status("/ready").await, Some(200));
        may_write(&server, "unlimited");
        let (door, field) = if matches!(held, Stand::Held(_)) { OPTS_OUT } else { COMES_BACK };
        let again = resident.sends(&server.browser, door, &fields(&[field])).await;
        assert_eq!(again, Told::Done, "it works again by itself: {:#?}", server.log());
        let (Stand::Held(seat) | Stand::Out(seat)) = held.clone();
        let after = if matches!(held, Stand::Held(_)) { Stand::Out(seat) } else { Stand::Held(seat) };
        resident.possible = vec![after];
    }
    server.kill().await;
    let snapshot = house.snapshot().await;
    snapshot.is_right();
    house.is_sound().await;
    resident.stands_as_told(&snapshot, &house.vault);
}

/// A disk that is full, as SQLite knows it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_is_told_as_503_and_all_is_well_once_there_is_room() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let people = house.town.people();
    let resident = house.resident(&people[0].address);
    let full = async |is_full: bool| {
        // The store has one connection that writes.
        let mut writer = house.store.write().await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *writer).await.unwrap();
        let most = if is_full { pages } else { 1 << 30 };
        let set = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {most}"));
        sqlx::query(set).execute(&mut *writer).await.unwrap();
        writer.commit().await.unwrap();
    };
    let mut failed = None;
    for turn in 0..200 {
        full(true).await;
        let page = match turn % 2 {
            0 => resident.opts_out(holdspace::domain::booking::Entry::Remove).await,
            _ => resident.comes_back().await,
        };
        if page.status != 303 {
            failed = Some(page);
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(if turn > 100 { 250 } else { 0 })).await;
    }
    let failed = failed.expect("two hundred changes found room where there is none");
    assert_eq!((failed.status, failed.header("retry-after")), (503, "10"));
    assert_eq!(resident.opens_link().await.status, 200);
    full(false).await;
    let wishes = resident.wishes(&["confirm"]).await;
    assert_eq!(wishes.status, 303, "there is room again, and nobody did anything about the server");
    house.everyone_sits_once().await;
}

/// Why the product's pools look at a connection before they hand it out. Should this fail one day, the driver has learnt it.
#[tokio::test]
async fn the_driver_alone_never_writes_again_once_sqlite_ended_a_transaction_by_itself() {
    sqlx::any::install_default_drivers();
    let home = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", home.path().join("full.db").display());
    let one = sqlx::any::AnyPoolOptions::new().max_connections(1).test_before_acquire(false);
    let one = one.connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE t (x BYTEA)").execute(&one).await.unwrap();
    sqlx::query("PRAGMA max_page_count = 4").execute(&one).await.unwrap();
    let mut tx = one.begin_with("BEGIN IMMEDIATE").await.unwrap();
    while sqlx::query("INSERT INTO t VALUES (zeroblob(3000))").execute(&mut *tx).await.is_ok() {}
    drop(tx);
    sqlx::query("PRAGMA max_page_count = 400").execute(&one).await.unwrap();
    let again = one.begin_with("BEGIN IMMEDIATE").await;
    assert!(matches!(again, Err(sqlx::Error::InvalidSavePointStatement)), "{:?}", again.err());
}
