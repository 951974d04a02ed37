//! Browsers that do nothing but ask: plain HTTP/1.1 over connections that are kept. Never thinks about a page, so
//! that what it measures is the server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::latency::Latencies;

/// What is asked, how often and for how long at most.
pub struct Visits {
    /// Whole requests, taken in turn.
    pub requests: Vec<String>,
    /// What every answer must begin with.
    pub status: &'static str,
    /// At most so many in all.
    pub count: usize,
    /// No new one after so long.
    pub patience: Duration,
    /// Connections at once.
    pub connections: usize,
}

/// A request for a page.
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")
}

/// A form, sent as a browser sends it from our own page.
pub fn post(path: &str, form: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    )
}

/// Asks, and measures each answer from the first byte sent to the last byte read.
pub async fn visit(server: SocketAddr, visits: Visits) -> anyhow::Result<Latencies> {
    let connections = visits.connections;
    let visits = Arc::new(visits);
    let begun = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    let watch = Instant::now();
    for visitor in 0..connections {
        let (visits, begun) = (Arc::clone(&visits), Arc::clone(&begun));
        running.spawn(async move {
            let mut line = connect(server).await?;
            let mut took = Vec::new();
            loop {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                if number >= visits.count || watch.elapsed() > visits.patience {
                    return Ok(took);
                }
                let one = Instant::now();
                let request = sent_for(visitor, &visits.requests[number % visits.requests.len()]);
                ask(&mut line, &request, visits.status).await?;
                took.push(one.elapsed());
            }
        });
    }
    Latencies::gather(running, watch).await
}

/// The same request for somebody with an address of their own, as a proxy on this machine passes it on: all from one
/// address would be held back as a flood.
fn sent_for(visitor: usize, request: &str) -> String {
    let line = format!("\r\nx-forwarded-for: 198.18.{}.{}\r\n", visitor / 256, visitor % 256);
    request.replacen("\r\n", &line, 1)
}

/// One page over a connection of its own.
pub async fn once(server: SocketAddr, path: &str) -> io::Result<()> {
    ask(&mut connect(server).await?, &get(path), "HTTP/1.1 200").await
}

async fn connect(server: SocketAddr) -> io::Result<BufStream<TcpStream>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(BufStream::new(stream))
}

async fn ask(line: &mut BufStream<TcpStream>, request: &str, status: &str) -> io::Result<()> {
    line.write_all(request.as_bytes()).await?;
    line.flush().await?;
    let (mut first, mut length) = (String::new(), 0);
    line.read_line(&mut first).await?;
    loop {
        let mut header = String::new();
        line.read_line(&mut header).await?;
        match header.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    line.read_exact(&mut body).await?;
    if first.starts_with(status) {
        return Ok(());
    }
    Err(io::Error::other(format!("the server answered {}", first.trim_end())))
}
