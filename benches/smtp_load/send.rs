//! A sender that does nothing but send: one ready-made message, as often and over as many connections as asked.
//! Never builds, signs or retries; an answer that is not yes ends the run.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How much to send.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Messages in all.
    pub count: usize,
    /// Connections at once.
    pub connections: usize,
    /// About how many bytes a message has.
    pub bytes: usize,
}

/// Sends the load and tells how long it took, from the first connection to the last answer.
///
/// # Errors
/// Where the server breaks off or refuses anything.
pub async fn send(address: &str, load: Load) -> io::Result<Duration> {
    let message: Arc<[u8]> = message(load.bytes).into();
    let begun = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut senders = JoinSet::new();
    for _ in 0..load.connections.max(1) {
        senders.spawn(one(address.to_owned(), load.count, Arc::clone(&begun), Arc::clone(&message)));
    }
    while let Some(sender) = senders.join_next().await {
        sender.map_err(io::Error::other)??;
    }
    Ok(start.elapsed())
}

/// One connection: takes the next message as long as there is one to take.
async fn one(address: String, count: usize, begun: Arc<AtomicUsize>, message: Arc<[u8]>) -> io::Result<()> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufStream::new(stream);
    hear(&mut stream, b'2').await?;
    say(&mut stream, b"EHLO load.invalid\r\n", b'2').await?;
    loop {
        let number = begun.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return say(&mut stream, b"QUIT\r\n", b'2').await;
        }
        say(&mut stream, b"MAIL FROM:<office@example.org>\r\n", b'2').await?;
        say(&mut stream, format!("RCPT TO:<resident{number}@example.org>\r\n").as_bytes(), b'2').await?;
        say(&mut stream, b"DATA\r\n", b'3').await?;
        say(&mut stream, &message, b'2').await?;
    }
}

async fn say(stream: &mut BufStream<TcpStream>, bytes: &[u8], yes: u8) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await?;
    hear(stream, yes).await
}

/// Reads one answer, of one line or several (RFC 5321, section 4.2.1).
async fn hear(stream: &mut BufStream<TcpStream>, yes: u8) -> io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        match line.as_bytes() {
            [first, _, _, b'-', ..] if *first == yes => {}
            [first, ..] if *first == yes => return Ok(()),
            _ => return Err(io::Error::other(format!("the server answered {line:?}"))),
        }
    }
}

/// A message of about so many bytes, with its dot.
fn message(bytes: usize) -> Vec<u8> {
    let mut message = b"From: office@example.org\r\nSubject: Protected time\r\n\r\n".to_vec();
    while message.len() + 3 < bytes {
        message.extend_from_slice(b"Your time is protected, and what you do with it is yours alone.\r\n");
    }
    message.extend_from_slice(b".\r\n");
    message
}
