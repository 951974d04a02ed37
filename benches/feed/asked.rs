//! Asks one question over and over, over connections that are kept where the server keeps them, and tells how long answers
//! took and what processor time they cost. Never counts an answer that is not the expected one.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::{Client, StatusCode};
use tokio::task::JoinSet;

use crate::latency::Latencies;
use crate::questions::{Answer, Request};

/// Connections at once.
pub const CONNECTIONS: usize = 4;
/// No new request after so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// What one question cost.
pub struct Cost {
    pub latencies: Latencies,
    /// Processor time of the server for one answer.
    pub cpu: Duration,
}

/// One request, answered.
pub async fn once(client: &Client, request: &Request, visitor: usize) -> anyhow::Result<Answer> {
    let asked = client.request(request.method.clone(), &request.url).body(request.body.clone());
    // As a proxy on this machine passes it on: all from one address would be held back as a flood.
    let asked = asked.header("x-forwarded-for", format!("198.18.0.{visitor}"));
    let asked = request.headers.iter().fold(asked, |asked, (name, value)| asked.header(*name, value));
    let asked = match &request.login {
        Some((name, password)) => asked.basic_auth(name, Some(password)),
        None => asked,
    };
    let answer = asked.send().await?;
    let status = answer.status();
    let etag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    Ok(Answer { status, etag, body: answer.text().await? })
}

/// Asks in turn for each of some requests, at most `most` times in all after a warm-up.
pub async fn over_and_over(
    process: u32,
    requests: Vec<Request>,
    status: StatusCode,
    most: usize,
) -> anyhow::Result<Cost> {
    let requests = Arc::new(requests);
    ask(&requests, status, requests.len() * 2).await?;
    quiet(process).await?;
    let before = cpu_of(process)?;
    let latencies = ask(&requests, status, most).await?;
    let spent = cpu_of(process)?.saturating_sub(before);
    let count = u32::try_from(latencies.count())?;
    Ok(Cost { latencies, cpu: spent / count })
}

async fn ask(requests: &Arc<Vec<Request>>, status: StatusCode, most: usize) -> anyhow::Result<Latencies> {
    let begun = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    let watch = Instant::now();
    for _ in 0..CONNECTIONS {
        let (requests, begun) = (Arc::clone(requests), Arc::clone(&begun));
        let client = Client::builder().pool_max_idle_per_host(1).build()?;
        running.spawn(async move {
            let mut took = Vec::new();
            loop {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                if number >= most || watch.elapsed() > PATIENCE {
                    return Ok(took);
                }
                let visitor = number % requests.len();
                let one = Instant::now();
                let answer = once(&client, &requests[visitor], visitor).await?;
                took.push(one.elapsed());
                ensure!(answer.status == status, "{} answers {}", requests[visitor].url, answer.status);
            }
        });
    }
    Latencies::gather(running, watch).await
}

/// Waits until a server is done with what it does of its own accord after its start.
async fn quiet(process: u32) -> anyhow::Result<()> {
    for _ in 0..120 {
        let before = cpu_of(process)?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        if cpu_of(process)?.saturating_sub(before) <= Duration::from_millis(10) {
            return Ok(());
        }
    }
    anyhow::bail!("a server that nobody asks anything is busy for a minute")
}

/// Processor time that a process has taken, its threads' that have ended among it.
fn cpu_of(process: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    let stat = stat.context("processor time is read from /proc, which Linux has")?;
    // The name, in parentheses, may hold anything; user and system time are the fourteenth and fifteenth field.
    let (_, fields) = stat.rsplit_once(')').context("a process has a name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks: u64 = ticks.sum::<Result<u64, _>>()?;
    // Linux tells hundredths of a second here on every architecture.
    Ok(Duration::from_millis(ticks * 10))
}
