//! The process's one Chromium and the pipe to it: commands in, answers and events out. Knows no page.
//!
//! Its end is certain: the kernel closes the pipe with this process, and Chromium ends with the pipe
//! (see `browser.sh`).

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Longer than this no command takes, not even one that starts a browser.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that happened in a tab.
#[derive(Debug, Clone)]
pub struct Event {
    /// What, such as `Page.loadEventFired`.
    pub method: String,
    /// Of which kind.
    pub params: Value,
}

/// What waits and what was told.
#[derive(Default)]
struct Heard {
    /// Who waits for the answer to which command.
    waiting: HashMap<u64, oneshot::Sender<Result<Value, String>>>,
    /// Every tab's events, in order.
    events: HashMap<String, Vec<Event>>,
    last: u64,
    ended: bool,
}

/// A running Chromium.
pub struct Chromium {
    input: Mutex<ChildStdin>,
    heard: Arc<Mutex<Heard>>,
}

/// The process's one Chromium, started at its first use: under cargo-nextest one a test.
pub fn chromium() -> &'static Chromium {
    static CHROMIUM: OnceLock<Chromium> = OnceLock::new();
    CHROMIUM.get_or_init(Chromium::start)
}

impl Chromium {
    #[expect(
        clippy::zombie_processes,
        reason = "it outlives this process by a moment, to clean up behind it"
    )]
    fn start() -> Self {
        let mut child = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/browser.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: an interrupt at the terminal must not end the script before it has cleaned up.
            .process_group(0)
            .spawn()
            .expect("bash is needed to start Chromium");
        let input = Mutex::new(child.stdin.take().unwrap());
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (output, mut errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let ear = Arc::clone(&heard);
        // A thread and not a task: the tests of one process may have a runtime each.
        std::thread::spawn(move || {
            listen(output, &ear);
            let mut why = String::new();
            errors.read_to_string(&mut why).unwrap_or_default();
            let mut heard = ear.lock().unwrap();
            heard.ended = true;
            let why = if why.trim().is_empty() { "Chromium ended" } else { why.trim() };
            heard.waiting.drain().for_each(|(_, waits)| drop(waits.send(Err(why.to_owned()))));
        });
        Self { input, heard }
    }

    /// Sends a command to a tab, or to the browser where `tab` is empty, and waits for the answer.
    ///
    /// # Errors
    /// What Chromium says against it.
    pub async fn tell(&self, tab: &str, method: &str, params: Value) -> Result<Value, String> {
        let (answer, waits) = oneshot::channel();
        self.send(tab, method, params, Some(answer));
        match tokio::time::timeout(PATIENCE, waits).await {
            Ok(Ok(answer)) => answer.map_err(|why| format!("{method}: {why}")),
            Ok(Err(_)) => Err(format!("{method}: Chromium ended")),
            Err(_) => Err(format!("{method}: Chromium does not answer")),
        }
    }

    /// Sends a command and does not wait.
    pub fn send(
        &self,
        tab: &str,
        method: &str,
        params: Value,
        answer: Option<oneshot::Sender<Result<Value, String>>>,
    ) {
        let mut heard = self.heard.lock().unwrap();
        heard.last += 1;
        let id = heard.last;
        if let Some(answer) = answer
            && !heard.ended
        {
            heard.waiting.insert(id, answer);
        }
        drop(heard);
        let mut command = json!({ "id": id, "method": method, "params": params });
        if !tab.is_empty() {
            command["sessionId"] = tab.into();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        // One that has ended says so to whoever waits.
        let _ = self.input.lock().unwrap().write_all(&bytes);
    }

    /// How many events a tab has told so far.
    pub fn count(&self, tab: &str) -> usize {
        self.heard.lock().unwrap().events.get(tab).map_or(0, Vec::len)
    }

    /// The events of a tab from a number on.
    pub fn events(&self, tab: &str, from: usize) -> Vec<Event> {
        let heard = self.heard.lock().unwrap();
        heard.events.get(tab).and_then(|events| events.get(from..)).unwrap_or_default().to_vec()
    }
}

/// Reads until Chromium ends.
fn listen(output: ChildStdout, heard: &Mutex<Heard>) {
    let mut output = BufReader::new(output);
    let mut bytes = Vec::new();
    while output.read_until(0, &mut bytes).is_ok_and(|read| read > 0) {
        bytes.pop();
        let mut said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        bytes.clear();
        let mut heard = heard.lock().unwrap();
        if let Some(waits) = said["id"].as_u64().and_then(|id| heard.waiting.remove(&id)) {
            let error = said["error"]["message"].as_str().map(str::to_owned);
            // Whoever has stopped waiting needs no answer.
            let _ = waits.send(error.map_or_else(|| Ok(said["result"].take()), Err));
        } else if let Some(method) = said["method"].as_str().map(str::to_owned) {
            let tab = said["sessionId"].as_str().unwrap_or_default().to_owned();
            heard.events.entry(tab).or_default().push(Event { method, params: said["params"].take() });
        }
    }
}
