//! The binary itself as a process that can be killed. Never shares memory with the test.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::house::PUBLIC_URL;

/// A server that is not ready by then never will be.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who sends requests to one server.
#[derive(Clone)]
pub struct Browser {
    address: String,
    client: Client,
}

impl Browser {
    fn to(address: String) -> Self {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        Self { address, client: client.build().unwrap() }
    }

    /// A request to the path of a link.
    pub fn request(&self, method: Method, link: &str) -> RequestBuilder {
        let path = link.strip_prefix(PUBLIC_URL).unwrap_or(link);
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// What is answered to a GET; none where nobody answers.
    pub async fn status(&self, path: &str) -> Option<u16> {
        self.request(Method::GET, path).send().await.ok().map(|answer| answer.status().as_u16())
    }
}

/// A running server.
pub struct Server {
    child: Child,
    /// Somebody who asks it.
    pub browser: Browser,
    /// How long it took from its start until it was ready.
    pub ready_after: Duration,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts `serve` on a port of its own, and waits until it says that it is ready.
    ///
    /// # Panics
    /// With its log, where it ends before that or takes too long.
    pub async fn start(mut command: Command, words: &[&str]) -> Self {
        let begun = Instant::now();
        command.args(["serve", "--listen", "127.0.0.1:0", "--json"]).args(words);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut address = None;
        while address.is_none() {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
            let Ok(Ok(Some(line))) = line else {
                panic!("the server did not start: {:#?}", log.lock().unwrap())
            };
            let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            address = event["fields"]["address"].as_str().map(str::to_owned);
            log.lock().unwrap().push(line);
        }
        let kept = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                kept.lock().unwrap().push(line);
            }
        });
        let browser = Browser::to(address.unwrap());
        let mut server = Self { child, browser, ready_after: Duration::ZERO, log };
        while server.browser.status("/ready").await != Some(200) {
            assert!(begun.elapsed() < PATIENCE, "the server is not ready: {:#?}", server.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.ready_after = begun.elapsed();
        server
    }

    /// Its number among the processes of this machine.
    pub fn id(&self) -> u32 {
        self.child.id().expect("the server still runs")
    }

    /// What it logged so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Tells it to stop, and waits until it has ended well.
    pub async fn stop(mut self) {
        let told = std::process::Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        assert!(told.unwrap().success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        assert!(ended.is_ok_and(|ended| ended.unwrap().success()), "it did not stop: {:#?}", self.log());
    }
}
