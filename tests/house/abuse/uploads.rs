//! Hostile files and forms at the doors of the real server, one after another and several at once, while somebody else opens
//! a page again and again.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode, redirect};
use tokio::task::JoinHandle;

use super::files::{each, laughs, times};
use super::run::{LONGEST, MORE_KB, Place, binary, most_kb};
use super::tables::tables;
use super::workbooks::workbooks;

/// Somebody who asks waits at most so long: generous, because nothing is optimized here and other tests run beside.
const WAITS: Duration = Duration::from_secs(8);

/// The server in a process of its own.
struct Served {
    child: Child,
    url: String,
    client: Client,
    cookie: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Served {
    /// The server of a place, with its director signed in.
    async fn of(place: &Place) -> Self {
        let link = place.types(&["director", "link", "lead@hospital.org", "--json"]);
        let link: serde_json::Value = serde_json::from_str(&link).unwrap();
        let path = link["link"].as_str().unwrap().split_once("/sign-in/").unwrap().1.to_owned();
        let mut command = binary(place.path());
        let words = ["serve", "--listen", "127.0.0.1:0", "--json", "--no-workers"];
        let mut child = command.args(words).stdout(Stdio::null()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended before it listened");
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            if let Some(address) = event["fields"]["address"].as_str() {
                break address.to_owned();
            }
        };
        // Nobody else reads what it says, and it must not wait for that.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        // A connection for each request: one on which something was refused may be cut off a moment later, under the next.
        let client =
            Client::builder().redirect(redirect::Policy::none()).pool_max_idle_per_host(0).build().unwrap();
        let url = format!("http://{address}");
        let sent =
            client.post(format!("{url}/sign-in/{path}")).form(&[("mine", "yes")]).send().await.unwrap();
        let cookie = sent.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { child, url, client, cookie }
    }

    /// Sends a body to a door, as the director; the status that came, and none where the connection was cut.
    async fn sends(&self, path: &str, kind: &str, body: Vec<u8>) -> Option<StatusCode> {
        let request = self.client.post(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        let sent = request.header("content-type", kind).body(body).send().await;
        sent.ok().map(|answer| answer.status())
    }

    async fn brings(&self, name: &str, file: &[u8]) -> Option<StatusCode> {
        self.sends("/institution/therapists/file", "multipart/form-data; boundary=edge", wrapped(name, file))
            .await
    }

    fn most_kb(&self) -> u64 {
        most_kb(self.child.id()).expect("the server lives")
    }

    /// Somebody opens a page again and again until they are told to stop; how often they did, and how long they waited at most.
    fn asked_by_others(&self, stop: &Arc<AtomicBool>) -> JoinHandle<(u32, Duration)> {
        let (url, stop) = (format!("{}/about", self.url), Arc::clone(stop));
        // Theirs alone: over a connection of whoever was refused they might be cut off with them.
        let client = Client::new();
        tokio::spawn(async move {
            let (mut count, mut longest) = (0, Duration::ZERO);
            while !stop.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let answer = client.get(&url).send().await.unwrap();
                // So often one may not ask on and on, as the limits have it.
                assert!(matches!(answer.status().as_u16(), 200 | 429), "{}", answer.status());
                answer.bytes().await.unwrap();
                (count, longest) = (count + 1, longest.max(begun.elapsed()));
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            (count, longest)
        })
    }
}

fn wrapped(name: &str, file: &[u8]) -> Vec<u8> {
    let head =
        format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat()
}

/// Forms that are hostile in themselves, with their kind.
fn forms() -> Vec<(&'static str, &'static str, String)> {
    let part = "--edge\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
    let multipart = "multipart/form-data; boundary=edge";
    let plain = "application/x-www-form-urlencoded";
    vec![
        ("10,000 parts", multipart, format!("{}--edge--\r\n", times(part, 10_000))),
        ("a part that never ends", multipart, format!("{part}--edge\r\n\r\n{}", times("x", 2_000_000))),
        ("a boundary alone, again and again", multipart, times("--edge\r\n", 200_000)),
        (
            "a part with a header of a megabyte",
            multipart,
            format!("--edge\r\nX: {}\r\n\r\n", times("y", 1_000_000)),
        ),
        ("a part with 100,000 headers", multipart, format!("--edge\r\n{}\r\n", times("X: y\r\n", 100_000))),
        ("no boundary", "multipart/form-data", times("x", 10_000)),
        ("a boundary of 7,000 signs", "multipart/form-data; boundary=", times("x", 10_000)),
        ("100,000 fields", plain, each(100_000, |n| format!("a{n}=b&"))),
        ("4,000 fields in a small form", plain, times("a=b&", 4_000)),
        ("a field of 20 MB", plain, format!("name={}", times("x", 20 << 20))),
        ("nothing but signs", plain, times("%", 16_000)),
        ("entities", "application/xml", laughs("d")),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_files_and_forms_are_refused_while_others_are_answered() {
    let place = Place::founded();
    let served = Served::of(&place).await;
    let good = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/therapists.csv")).unwrap();
    assert_eq!(served.brings("therapists.csv", &good).await, Some(StatusCode::SEE_OTHER));
    let before = served.most_kb();
    let stop = Arc::new(AtomicBool::new(false));
    let others = served.asked_by_others(&stop);
    for (ending, files) in [("csv", tables()), ("xlsx", workbooks())] {
        for file in files {
            let begun = Instant::now();
            let status = served.brings(&format!("bomb.{ending}"), &file.bytes).await;
            println!("{}: {status:?}, {:?}, {} kB", file.name, begun.elapsed(), served.most_kb() - before);
            // Beyond some megabytes nobody listens to the end of it, and the connection is cut.
            let cut = status.is_none() && file.bytes.len() > 4 << 20;
            let refused = status.is_some_and(|status| matches!(status.as_u16(), 413 | 422 | 429));
            assert!(cut || refused, "{}: {status:?}", file.name);
            assert!(begun.elapsed() < LONGEST, "{}: {:?}", file.name, begun.elapsed());
        }
    }
    let long_boundary = format!("multipart/form-data; boundary={}", times("x", 7_000));
    for (name, kind, body) in forms() {
        let kind = if name.starts_with("a boundary of") { long_boundary.as_str() } else { kind };
        let large = body.len() > 4 << 20;
        for path in ["/institution/therapists/file", "/v/nothing/opt-out", "/v/nothing/reminders", "/sign-in"]
        {
            let status = served.sends(path, kind, body.clone().into_bytes()).await;
            // Somebody who asks to sign in is told the same whatever the address is.
            let told = status.is_some_and(|status| status.is_client_error());
            assert!(told || (large && status.is_none()), "{name} at {path}: {status:?}");
        }
    }
    let more = served.most_kb() - before;
    println!("one after another: {more} kB more");
    assert!(more <= MORE_KB, "{more} kB more than an honest file needed");
    // Several at once take turns: two are read, the others wait with what they hold.
    let costly = &workbooks()[10];
    let at_once: Vec<_> = (0..8).map(|_| served.brings("bomb.xlsx", &costly.bytes)).collect();
    for status in futures_util::future::join_all(at_once).await {
        assert!(status.is_some_and(|status| matches!(status.as_u16(), 422 | 503)), "{status:?}");
    }
    let more = served.most_kb() - before;
    println!("eight at once: {more} kB more");
    assert!(more <= 2 * MORE_KB, "{more} kB more");
    stop.store(true, Ordering::Relaxed);
    let (count, longest) = others.await.unwrap();
    println!("meanwhile {count} pages, the slowest in {longest:?}");
    assert!(count > 20 && longest < WAITS, "{count} pages, the slowest in {longest:?}");
    assert_eq!(served.brings("therapists.csv", &good).await, Some(StatusCode::SEE_OTHER), "all is as before");
}

/// Whoever merely claims to be signed in does not have megabytes held for them, and learns what an empty hand learns.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_claims_to_be_signed_in_has_nothing_held_for_it() {
    let place = Place::founded();
    let mut served = Served::of(&place).await;
    let large = vec![b'x'; 2_000_000];
    served.cookie = "holdspace=nobody".to_owned();
    assert_eq!(served.brings("a.csv", b"a").await, Some(StatusCode::SEE_OTHER), "to signing in");
    let before = served.most_kb();
    let crowd: Vec<_> = (0..60).map(|_| served.brings("a.csv", &large)).collect();
    for status in futures_util::future::join_all(crowd).await {
        assert!(status.is_none_or(|status| matches!(status.as_u16(), 303 | 429)), "{status:?}");
    }
    let bearer = served.client.post(format!("{}/api/v1/sites", served.url)).bearer_auth("nothing");
    let answer = bearer.header("content-type", "text/csv").body(large).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let more = served.most_kb() - before;
    println!("a crowd of sixty with 2 MB each: {more} kB more");
    assert!(more < 60 * 1024, "{more} kB more for 120 MB that nobody may send");
}
