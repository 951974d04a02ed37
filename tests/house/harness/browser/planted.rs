//! Faults planted in pages, each of which must be found: a harness that finds nothing proves nothing. Also that
//! Chromium goes with whoever started it.

use std::io::{Read, Write};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use futures_util::FutureExt;

use super::{Browser, Look};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/browser.sh");

/// A page that has no fault.
const SOUND: &str = "<main><h1>Sound</h1><form>
    <label>Name <input name=name></label>
    <label>Day <input type=date name=day></label>
    <label>Program <select name=program><option>Surgery<option>Internal Medicine</select></label>
    <label>Roster <input type=file></label>
    <label><input type=radio name=a value=keep> Keep it</label> <label><input type=radio name=a value=remove> Remove it</label>
    <button name=sent value=yes>Send</button></form>
    <details><summary style=padding:4px>Why?</summary><p>Because.</p></details></main>";

/// A browser with a page of this main part and style.
async fn open(main: &str, style: &str) -> Browser {
    let page = format!(
        "<!doctype html><html lang=en><title>Planted</title><meta name=viewport content=width=device-width>\
         <link rel=icon href=data:,><style>{style}</style>{main}</html>"
    );
    let routes = Router::new().route("/", get(|| async { Html(page) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let mut browser = Browser::open(&url).await;
    browser.visit("/").await;
    // What is not there on these small pages comes by no waiting.
    browser.patience = Duration::from_secs(1);
    browser
}

/// Whether what was tried failed, as a test would.
async fn fails(tried: impl Future<Output = ()>) -> bool {
    AssertUnwindSafe(tried).catch_unwind().await.is_err()
}

#[tokio::test]
async fn a_page_without_a_fault_is_used_by_its_words() {
    let mut browser = open(SOUND, "").await;
    browser.has_no_axe_violations().await;
    browser.console_is_clean().await;
    browser.fits_its_window().await;
    browser.does_not_see("Because.").await;
    browser.press("Why?").await;
    browser.sees("Because.").await;
    browser.fill("Name", "Wren Abara").await;
    browser.fill("Name", "Wren").await;
    browser.fill("Day", "2027-07-05").await;
    browser.choose_from("Program", "Internal Medicine").await;
    browser.choose("Remove it").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().write_all(b"PGY,Name").unwrap();
    browser.attach("Roster", file.path()).await;
    assert_eq!(browser.asks("document.forms[0][3].files[0].size").await, 8);
    assert_eq!(browser.asks("document.forms[0][5].checked").await, true);
    assert_eq!(browser.presses(), 3);
    browser.tabs_to("Send").await;
    browser.enter().await;
    assert_eq!(
        browser.path().await,
        "/?name=Wren&day=2027-07-05&program=Internal+Medicine&a=remove&sent=yes"
    );
    assert_eq!((browser.status(), browser.weight().requests), (200, 1));
}

#[tokio::test]
async fn what_is_not_there_or_there_twice_or_covered_cannot_be_used() {
    let mut browser = open(SOUND, "").await;
    assert!(fails(browser.press("Submit")).await);
    assert!(fails(browser.choose("it")).await, "two are called so");
    assert!(fails(browser.choose_from("Program", "Dermatology")).await);
    assert!(fails(browser.attach("Name", Path::new(SCRIPT))).await, "that field takes no file");
    assert!(fails(browser.tabs_to("Because.")).await);
    assert!(fails(browser.sees("Because.")).await, "it is in a closed part");
    assert!(fails(browser.does_not_see("Sound")).await);
    let mut browser = open(SOUND, "main::after { content: ''; position: fixed; inset: 0 }").await;
    assert!(fails(browser.press("Send")).await, "something lies over it");
}

#[tokio::test]
async fn what_stands_in_somebodys_way_is_found_in_each_look_by_itself() {
    let style = "@media (prefers-color-scheme: dark) { :root { background: #222; color: #444 } }
        @media (max-width: 400px) { :root { color: #7a7a7a } h1 { width: 500px } }";
    let browser = open(SOUND, style).await;
    for look in Look::ALL {
        browser.looks(look).await;
        assert_eq!(fails(browser.has_no_axe_violations()).await, look.phone || look.dark, "{}", look.name());
        assert_eq!(fails(browser.fits_its_window()).await, look.phone, "{}", look.name());
    }
}

#[tokio::test]
async fn a_focus_that_comes_late_is_waited_for_and_one_that_never_comes_is_missed() {
    let late = "<main><h1 tabindex=-1>Sound</h1></main>
        <script>setTimeout(() => document.querySelector('h1').focus({ focusVisible: true }), 300)</script>";
    let browser = open(late, "").await;
    browser.has_the_focus_on("Sound").await;
    assert!(fails(browser.has_the_focus_on("Loud")).await);
}

#[tokio::test]
async fn a_focus_that_nobody_sees_is_found_on_the_way() {
    let mut browser = open(SOUND, "select:focus { outline: none }").await;
    browser.tabs_to("Name").await;
    assert!(fails(browser.tabs_to("Send")).await);
}

#[tokio::test]
async fn whoever_has_scripts_off_has_them_off_and_the_console_tells_of_faults() {
    let noisy = "<main><h1>Quiet</h1></main><script>document.querySelector('h1').textContent = 'Loud';
        console.error('no')</script>";
    let browser = open(noisy, "").await;
    browser.sees("Loud").await;
    assert!(fails(browser.console_is_clean()).await);
    let mut quiet = Browser::open(&browser.server).without_scripts().await;
    quiet.visit("/").await;
    quiet.sees("Quiet").await;
    quiet.console_is_clean().await;
    let browser = open("<main><h1>No picture</h1><img src=/nothing alt=Nothing></main>", "").await;
    assert!(fails(browser.console_is_clean()).await, "a part of the page is missing");
}

#[test]
fn chromium_and_its_profile_go_with_whoever_started_it() {
    let place = tempfile::tempdir().unwrap();
    let mut script = Command::new("bash")
        .arg(SCRIPT)
        .env("TMPDIR", place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = script.stdin.take().unwrap();
    input.write_all(b"{\"id\":1,\"method\":\"Target.getTargets\"}\0").unwrap();
    script.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "its profile");
    drop(input);
    script.wait().unwrap();
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn a_machine_without_chromium_or_axe_is_told_what_to_do() {
    let bare = tempfile::tempdir().unwrap();
    let axe = SCRIPT.replace("browser.sh", "axe.sh");
    for (script, remedy) in [
        (SCRIPT, "Chromium is missing: install it (apt-get install chromium) or run tests/run, which does"),
        (&axe, "axe-core is missing: run tests/run, which fetches it"),
    ] {
        let mut check = Command::new("/bin/bash");
        let check =
            check.args([script, "--check"]).env_clear().env("PATH", bare.path()).env("HOME", bare.path());
        let answer = check.output().unwrap();
        assert!(!answer.status.success());
        let said = String::from_utf8(answer.stderr).unwrap();
        assert!(said.contains(remedy), "{said}");
    }
}
