//! The demo as somebody who has just cloned the repository meets it: starts it, opens a letter, opts out, moves the
//! clock to the day of release. Runs the binary itself, on a port that the system picks.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;

/// The demo starts well within this, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A demo that runs.
pub struct Demo {
    process: Child,
    out: BufReader<ChildStdout>,
    /// Where.
    pub url: String,
    booked: usize,
    client: Client,
}

impl Demo {
    /// Starts one.
    pub fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_holdspace"))
            .args(["demo", "--port", "0", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let open: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self {
            process,
            out,
            url: open["url"].as_str().unwrap().to_owned(),
            booked: usize::try_from(open["booked"].as_u64().unwrap()).unwrap(),
            client: Client::builder().cookie_store(true).build().unwrap(),
        }
    }

    async fn get(&self, path: &str) -> String {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let answer = self.client.get(url).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> String {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let answer = self.client.post(url).form(form).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    }

    /// Moves the clock, and waits until it rests.
    async fn move_clock(&self, to: &str) -> String {
        let mut page = self.post("/demo/clock", &[("to", to)]).await;
        let begun = Instant::now();
        while page.contains("On its way") {
            assert!(begun.elapsed() < Duration::from_secs(300), "the clock never comes to rest");
            tokio::time::sleep(Duration::from_millis(300)).await;
            page = self.get("/demo").await;
        }
        page
    }

    /// Tells it to stop; gives its exit code.
    pub fn stop(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let code = self.process.wait().unwrap().code();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        code
    }
}

/// The text between two others.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).unwrap_or_else(|| panic!("no {start:?} in {text}")).1;
    rest.split_once(end).unwrap().0
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_opts_out_of_an_invented_visit_and_sees_the_release() {
    let begun = Instant::now();
    let demo = Demo::start();
    assert!(begun.elapsed() < PATIENCE, "the demo took {:?} to start", begun.elapsed());

    let invitations = demo.get("/demo/mail?kind=invitation").await;
    assert!(invitations.contains(&format!("{} letters", demo.booked)), "one invitation for each resident");
    let coverage = demo.get("/demo/coverage/IM/coverage.csv").await;

    let letter = between(&invitations, "<li><a href=\"", "\"").to_owned();
    let letter = demo.get(&format!("{letter}/page")).await;
    let link = format!("{}/v/{}", demo.url, between(&letter, &format!("{}/v/", demo.url), "\""));
    assert!(demo.get(&link).await.contains("Held for you"));
    let answer = demo.post(&format!("{link}/opt-out"), &[("entry", "remove")]).await;
    assert!(answer.contains("You have opted out"));

    let hour_later = demo.move_clock("hour").await;
    assert!(hour_later.contains("1 removal"), "whoever wants the entry gone gets a letter that says so");
    assert_eq!(demo.get("/demo/coverage/IM/coverage.csv").await, coverage, "not one byte changes");
    assert!(!hour_later.contains("tag changed"));

    let released = demo.move_clock("release").await;
    assert!(released.contains("drawn and frozen"), "{released}");
    let overview = demo.post("/demo/enter", &[("address", "director@gme.example.edu")]).await;
    assert!(overview.contains("Internal Medicine") && overview.contains("release.csv"));
    assert_eq!(demo.stop(), Some(0));
}
