//! An SMTP server that says yes to everything and only counts. Never keeps a byte of a message.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};

/// A running sink; it lives as long as the process.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    count: Arc<Count>,
}

/// What came in.
#[derive(Default)]
struct Count {
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

impl Sink {
    /// Starts one.
    pub async fn start(address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let count = Arc::new(Count::default());
        let counter = Arc::clone(&count);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that breaks off ends its own conversation and nothing else.
                tokio::spawn(talk(stream, Arc::clone(&counter)));
            }
        });
        Ok(Self { address, count })
    }

    /// How many messages it has taken so far.
    pub fn kept(&self) -> usize {
        self.count.messages.load(Ordering::Relaxed)
    }

    /// How many bytes these had together.
    pub fn bytes(&self) -> usize {
        self.count.bytes.load(Ordering::Relaxed)
    }
}

/// What a conversation goes over.
type Line = BufReader<BufWriter<TcpStream>>;

async fn talk(stream: TcpStream, count: Arc<Count>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(BufWriter::new(stream));
    let mut line = Vec::new();
    say(&mut stream, "220 sink.invalid ESMTP").await?;
    while next(&mut stream, &mut line).await? {
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match verb.as_slice() {
            b"EHLO" => {
                say(&mut stream, "250-sink.invalid\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8").await?
            }
            b"DATA" => {
                say(&mut stream, "354 Go on").await?;
                let mut bytes = 0;
                while next(&mut stream, &mut line).await? && line != b".\r\n" {
                    bytes += line.len();
                }
                count.bytes.fetch_add(bytes, Ordering::Relaxed);
                count.messages.fetch_add(1, Ordering::Relaxed);
                say(&mut stream, "250 Kept").await?;
            }
            b"QUIT" => return say(&mut stream, "221 Bye").await,
            _ => say(&mut stream, "250 OK").await?,
        }
    }
    Ok(())
}

async fn next(stream: &mut Line, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    Ok(stream.read_until(b'\n', line).await? > 0)
}

async fn say(stream: &mut Line, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    // Whoever said more in one go is answered in one go (RFC 2920, section 3.2).
    if stream.buffer().is_empty() { stream.flush().await } else { Ok(()) }
}
