//! A relay for tests that answers, refuses, hangs and vanishes as it is told. Never leaves this machine.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the relay does at a step instead of going on.
#[derive(Clone, Copy)]
pub(super) enum Act {
    Say(&'static str),
    Hang,
    Vanish,
}

/// How a relay behaves: what it does at a step of its n-th connection, and whether it encrypts.
#[derive(Clone, Default)]
pub(super) struct Manners {
    pub(super) acts: HashMap<(usize, &'static str), Act>,
    pub(super) acceptor: Option<TlsAcceptor>,
    pub(super) implicit: bool,
    /// Whether it takes several commands in one go, and then answers them in one go.
    pub(super) groups: bool,
}

pub(super) struct Relayed {
    pub(super) port: u16,
    pub(super) letters: Arc<Mutex<Vec<Vec<u8>>>>,
    /// With `&` where more was said in one go.
    pub(super) commands: Arc<Mutex<Vec<String>>>,
    pub(super) connections: Arc<AtomicUsize>,
}

pub(super) async fn relay(manners: Manners) -> Relayed {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relayed = Relayed {
        port: listener.local_addr().unwrap().port(),
        letters: Arc::default(),
        commands: Arc::default(),
        connections: Arc::default(),
    };
    let (letters, commands) = (relayed.letters.clone(), relayed.commands.clone());
    let connections = relayed.connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = connections.fetch_add(1, Ordering::SeqCst);
            stream.set_nodelay(true).unwrap();
            let talk = Talk {
                number,
                manners: manners.clone(),
                letters: letters.clone(),
                commands: commands.clone(),
            };
            tokio::spawn(talk.held(stream));
        }
    });
    relayed
}

type Buffered<S> = BufReader<BufWriter<S>>;

struct Talk {
    number: usize,
    manners: Manners,
    pub(super) letters: Arc<Mutex<Vec<Vec<u8>>>>,
    pub(super) commands: Arc<Mutex<Vec<String>>>,
}

impl Talk {
    /// The whole conversation, encrypted from the start, from STARTTLS on, or not at all.
    async fn held(self, stream: TcpStream) {
        let acceptor = self.manners.acceptor.clone();
        if let (Some(acceptor), true) = (&acceptor, self.manners.implicit) {
            if let Ok(stream) = acceptor.accept(stream).await {
                self.over(stream, true).await;
            }
        } else if let (Some(stream), Some(acceptor)) = (self.over(stream, true).await, acceptor)
            && let Ok(stream) = acceptor.accept(stream).await
        {
            self.over(stream, false).await;
        }
    }

    /// Answers a step as told, or with `usual`; false where the conversation is over.
    async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut Buffered<S>,
        step: &'static str,
        usual: &str,
    ) -> bool {
        let waiting = self.manners.groups && !stream.buffer().is_empty();
        let said = match self.manners.acts.get(&(self.number, step)) {
            Some(Act::Vanish) => return false,
            Some(Act::Hang) => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                return false;
            }
            Some(Act::Say(line)) => line,
            None => usual,
        };
        let closes = said.starts_with("421");
        let written = stream.write_all(format!("{said}\r\n").as_bytes()).await;
        let flushed = if waiting && !closes { Ok(()) } else { stream.flush().await };
        written.is_ok() && flushed.is_ok() && !closes
    }

    /// Talks until the end; gives the stream back where STARTTLS asks for another layer.
    async fn over<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S, greets: bool) -> Option<S> {
        let mut stream = BufReader::new(BufWriter::new(stream));
        if greets && !self.answer(&mut stream, "greeting", "220 sink ready").await {
            return None;
        }
        let (mut line, mut hello) = (String::new(), "EHLO");
        loop {
            line.clear();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return None;
            }
            let more = if stream.buffer().is_empty() { "" } else { " &" };
            self.commands.lock().unwrap().push(line.trim_end().to_owned() + more);
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let more = match verb.as_str() {
                "EHLO" if greets && self.manners.acceptor.is_some() && !self.manners.implicit => {
                    self.answer(&mut stream, hello, "250-sink\r\n250 STARTTLS").await
                }
                "EHLO" if self.manners.groups => {
                    let offers = "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8";
                    self.answer(&mut stream, hello, offers).await
                }
                "EHLO" => self.answer(&mut stream, hello, "250-sink\r\n250 AUTH PLAIN").await,
                "STAR" => {
                    self.answer(&mut stream, "STARTTLS", "220 go on").await;
                    return Some(stream.into_inner().into_inner());
                }
                "AUTH" => self.answer(&mut stream, "AUTH", "235 welcome").await,
                "MAIL" => self.answer(&mut stream, "MAIL", "250 ok").await,
                "RCPT" => self.answer(&mut stream, "RCPT", "250 ok").await,
                "RSET" => self.answer(&mut stream, "RSET", "250 ok").await,
                "DATA" => {
                    let goes_on = self.answer(&mut stream, "DATA", "354 go on").await;
                    goes_on
                        && (self.manners.acts.contains_key(&(self.number, "DATA"))
                            || self.take_letter(&mut stream).await)
                }
                "QUIT" => {
                    self.answer(&mut stream, "QUIT", "221 bye").await;
                    return None;
                }
                _ => self.answer(&mut stream, "other", "500 what").await,
            };
            if !more {
                return None;
            }
            if verb == "EHLO" {
                hello = "EHLO again";
            }
        }
    }

    async fn take_letter<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut Buffered<S>) -> bool {
        let mut letter = Vec::new();
        while letter != b".\r\n" && !letter.ends_with(b"\r\n.\r\n") {
            if stream.read_until(b'\n', &mut letter).await.unwrap_or(0) == 0 {
                return false;
            }
        }
        letter.truncate(letter.len() - 3);
        if letter.is_empty() {
            return self.answer(stream, "empty", "554 5.5.1 nobody is there to get it").await;
        }
        self.letters.lock().unwrap().push(letter);
        self.answer(stream, "dot", "250 2.0.0 queued").await
    }
}
