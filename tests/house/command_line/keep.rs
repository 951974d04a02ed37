//! `backup`, `restore` and `migrate-to` at the terminal: what is written where, what is refused in which words, and a move that is
//! killed and called again.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Terminal;
use crate::harness::postgres::{drop_database, fresh_database};

/// A season of 149 residents, booked.
fn booked() -> Terminal {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    terminal.makes_an_offering();
    assert_eq!(terminal.types(&["book"]).code, 0);
    terminal
}

fn backup(terminal: &Terminal) -> PathBuf {
    let (code, told) = terminal.asks(&["backup", "backups"]);
    assert_eq!((code, &told["findings"]), (0, &serde_json::json!([])), "{told}");
    assert_eq!((&told["residents"], &told["bookings"]), (&149.into(), &149.into()));
    terminal.path(told["folder"].as_str().unwrap())
}

fn put_aside(terminal: &Terminal) {
    std::fs::create_dir(terminal.path("aside")).unwrap();
    for file in std::fs::read_dir(terminal.path("")).unwrap().map(|file| file.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.starts_with("holdspace.") && name.contains(".db") {
            std::fs::rename(&file, terminal.path("aside").join(name)).unwrap();
        }
    }
}

fn is_refused(terminal: &Terminal, words: &[&str], because: &str) {
    let got = terminal.types(words);
    assert!(got.code == 1 && got.err.contains(because), "{words:?}: {}{}", got.out, got.err);
}

#[cfg(unix)]
#[test]
fn a_backup_is_for_its_owner_alone_and_put_back_only_where_nothing_lies() {
    use std::os::unix::fs::PermissionsExt;
    let terminal = booked();
    let folder = backup(&terminal);
    let text = folder.to_str().unwrap();
    let mut names: Vec<String> = Vec::new();
    for file in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        names.push(file.file_name().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["holdspace.db", "holdspace.keys.db", "manifest.json"]);
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let key = std::fs::read_to_string(terminal.path("holdspace.key")).unwrap();
    assert!(!std::fs::read_to_string(folder.join("manifest.json")).unwrap().contains(key.trim()));

    is_refused(&terminal, &["backup", "."], "holds something that is no backup");
    is_refused(&terminal, &["restore", text], "Move it aside first");
    is_refused(&terminal, &["restore", "backups"], "is no backup");
    put_aside(&terminal);
    // One byte of the copy is another one.
    let main = folder.join("holdspace.db");
    let whole = std::fs::read(&main).unwrap();
    let mut torn = whole.clone();
    torn[whole.len() / 2] ^= 1;
    std::fs::write(&main, torn).unwrap();
    is_refused(&terminal, &["restore", text], "is not what was backed up");
    assert!(!terminal.path("holdspace.db").exists());
    std::fs::write(&main, whole).unwrap();
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    std::fs::write(folder.join("manifest.json"), manifest.replace("\"format\": 1", "\"format\": 9")).unwrap();
    is_refused(&terminal, &["restore", text], "is of form 9");
    std::fs::write(folder.join("manifest.json"), &manifest).unwrap();

    let got = terminal.types(&["restore", text]);
    assert_eq!(got.code, 0, "{}", got.err);
    for part in
        ["is not in it", "same to the byte", "signs in again", "erase them again", "audit verify --heads"]
    {
        assert!(got.out.contains(part), "{part}: {}", got.out);
    }
    let about = terminal.path("holdspace.db").metadata().unwrap();
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    let left: Vec<_> =
        std::fs::read_dir(terminal.path("")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".holdspace-restore")), "{left:?}");
    let (code, report) = terminal.asks(&["doctor", "--data"]);
    let data = report["findings"].as_array().unwrap().iter().find(|one| one["check"] == "data").unwrap();
    assert!(code <= 1 && data["state"] == "ok", "{report}");
    assert_eq!(terminal.types(&["audit", "verify"]).code, 0);
    is_refused(&terminal, &["restore", text], "Move it aside first");
}

#[test]
fn nothing_is_put_under_a_running_server_and_a_backup_of_it_is_taken() {
    let terminal = booked();
    let mut server = Command::new(env!("CARGO_BIN_EXE_holdspace"))
        .current_dir(terminal.path(""))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = std::io::BufReader::new(server.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("the pages are open") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut log, &mut line).unwrap() > 0, "the server ended");
    }
    let folder = backup(&terminal);
    put_aside(&terminal);
    is_refused(&terminal, &["restore", folder.to_str().unwrap()], "stop `holdspace serve`");
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(terminal.types(&["restore", folder.to_str().unwrap()]).code, 0);
}

#[test]
fn keys_are_in_no_backup_for_more_than_a_week_and_the_present_ones_open_it_then() {
    let terminal = booked();
    let old = terminal.path("backups/20200101T000000Z");
    let folder = backup(&terminal);
    std::fs::rename(&folder, &old).unwrap();
    let newer = terminal.types(&["backup", "backups"]);
    assert!(
        newer.code == 0 && newer.out.contains("of 1 older backup it was just now"),
        "{}{}",
        newer.out,
        newer.err
    );
    assert!(!old.join("holdspace.keys.db").exists() && old.join("holdspace.db").exists());
    put_aside(&terminal);
    let words = ["restore", old.to_str().unwrap()];
    is_refused(&terminal, &words, "Name the present store of keys");
    let got = terminal.types(&[&words[..], &["--keys", "aside/holdspace.keys.db"]].concat());
    assert_eq!(got.code, 0, "{}", got.err);
    assert!(got.out.contains("stays erased"), "{}", got.out);
}

#[test]
fn what_does_not_hold_together_is_kept_with_a_warning_and_put_back_only_on_an_explicit_word() {
    let terminal = booked();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let url = format!("sqlite://{}", terminal.path("holdspace.db").display());
        let store = holdspace::storage::Store::open(&url).await.unwrap();
        let mut tx = store.write().await.unwrap();
        let statement = "UPDATE therapists SET practice = sealed WHERE id = (SELECT MIN(id) FROM therapists)";
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
    });
    let (code, told) = terminal.asks(&["backup", "backups"]);
    assert!(code == 1 && told["findings"][0].as_str().unwrap().contains("therapists.practice"), "{told}");
    let folder = told["folder"].as_str().unwrap().to_owned();
    let got = terminal.types(&["doctor", "--data"]);
    assert!(got.code == 1 && got.out.contains("FAIL  data"), "{}", got.out);
    put_aside(&terminal);
    let (code, told) = terminal.asks(&["restore", &folder]);
    assert_eq!((code, &told["put"]), (1, &false.into()));
    assert!(!terminal.path("holdspace.db").exists());
    let (code, told) = terminal.asks(&["restore", &folder, "--even-so"]);
    assert_eq!((code, &told["put"]), (0, &true.into()));
}

#[test]
fn postgresql_is_backed_up_by_its_own_tools_and_says_so() {
    let mut terminal = Terminal::founded();
    terminal.set("HOLDSPACE_DATABASE_URL", "postgres://hold:s3cret@127.0.0.1:1/hold");
    for words in [["backup", "backups"], ["restore", "backups"]] {
        is_refused(&terminal, &words, "docs/operating.md");
    }
    is_refused(&terminal, &["migrate-to", "postgres://127.0.0.1:1/x"], "is PostgreSQL already");
    assert!(!terminal.path("backups").exists());
}

fn moves(directory: &Path, url: &str) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdspace"));
    command.current_dir(directory).args(["migrate-to", url]).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn a_move_that_is_killed_anywhere_goes_on_where_it_was() {
    let mut terminal = booked();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = runtime.block_on(fresh_database());
    let mut killed = 0;
    for wait in [150, 300, 450, 700, 1000, 1400, 1900] {
        let mut child = moves(&terminal.path(""), &url);
        std::thread::sleep(Duration::from_millis(wait));
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
    assert!(killed > 0, "it was done before anybody could kill it");
    let got = terminal.types(&["migrate-to", &url]);
    assert!(got.code == 0 || got.err.contains("was moved there already"), "{}", got.err);
    is_refused(&terminal, &["book"], "set database_url");
    is_refused(&terminal, &["backup", "backups"], "set database_url");
    is_refused(&terminal, &["migrate-to", &url], "was moved there already");
    terminal.set("HOLDSPACE_DATABASE_URL", &url);
    let (_, report) = terminal.asks(&["doctor", "--data"]);
    let data = report["findings"].as_array().unwrap().iter().find(|one| one["check"] == "data").unwrap();
    assert!(data["state"] == "ok" && data["says"].as_str().unwrap().contains("149 bookings"), "{report}");
    // As after a restore by PostgreSQL's own tools.
    let got = terminal.types(&["restore", "--settle", "2027-07-11T02:00:00Z"]);
    assert!(got.code == 0 && got.out.contains("2027-07-11 02:00:00 UTC and"), "{}{}", got.out, got.err);
    assert_eq!(terminal.types(&["audit", "verify"]).code, 0);
    runtime.block_on(drop_database(&url));
}
