//! A mail server on loopback that keeps what it is sent, and fails where a test asks it to. Never relays.
//!
//! ```ignore
//! let sink = SmtpSink::start().await;
//! sink.fails(Stage::Recipient("lee@example.org"), Deed::Answer(451), Times(2));
//! // ... the worker delivers to sink.url() ...
//! let received = sink.wait_for(3).await;
//! assert_eq!(received[0].to, ["lee@example.org"]);
//! ```

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::smtp_talk::Talk;

/// How long [`SmtpSink::wait_for`] waits before it fails the test.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message as the server took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The envelope's sender: MAIL FROM.
    pub from: String,
    /// The envelope's accepted recipients: RCPT TO, in order.
    pub to: Vec<String>,
    /// The message: header and body with CRLF line ends, the dots of SMTP removed (RFC 5321, section 4.5.2).
    pub bytes: Vec<u8>,
}

/// Where in the conversation a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Instead of the greeting.
    Greeting,
    /// In answer to EHLO, encrypted or not.
    Hello,
    /// In answer to STARTTLS, where the server encrypts.
    Encryption,
    /// After STARTTLS was agreed upon, instead of the handshake: [`Deed::Drop`] or [`Deed::Hang`].
    Handshake,
    /// In answer to AUTH. Without this fault any credentials are right.
    Login,
    /// In answer to MAIL FROM.
    Sender,
    /// In answer to RCPT TO with this address (compared without case).
    Recipient(&'static str),
    /// In answer to RCPT TO with an address that ends so.
    RecipientAt(&'static str),
    /// In answer to any RCPT TO.
    AnyRecipient,
    /// In answer to DATA.
    Content,
    /// After the first line of the message.
    Body,
    /// After the dot. With [`Deed::Drop`] and [`Deed::Hang`] the message is kept first, as a server would
    /// that accepted it and whose answer was lost; with [`Deed::Answer`] it is not kept.
    Dot,
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Answers with this code; 421 also closes the connection. Means [`Deed::Drop`] at [`Stage::Body`].
    Answer(u16),
    /// Says these lines as they stand.
    Say(&'static str),
    /// Says so many bytes of one answer, in lines; without a line's end where it is `Greeting`.
    Flood(usize),
    /// Closes the connection without a word.
    Drop,
    /// Says nothing more, and keeps the connection open.
    Hang,
}

/// How often a fault strikes before all is well again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times(pub u32);

/// For ever.
pub const ALWAYS: Times = Times(u32::MAX);

struct Fault {
    stage: Stage,
    deed: Deed,
    left: u32,
}

/// What all conversations share.
pub(super) struct Shared {
    faults: Mutex<Vec<Fault>>,
    received: watch::Sender<Vec<Received>>,
    connections: watch::Sender<usize>,
    groups: AtomicBool,
    midway: AtomicBool,
    /// What STARTTLS is answered with; none where it is not offered.
    pub(super) acceptor: Option<TlsAcceptor>,
}

impl Shared {
    /// What to do at a stage, if a fault is due there; counts it as struck.
    pub(super) fn fault(&self, at: Stage) -> Option<Deed> {
        self.strike(|stage| stage == at)
    }

    /// What to do at DATA, in a conversation over which a letter went or none did.
    pub(super) fn fault_at_content(&self, used: bool) -> Option<Deed> {
        self.strike(|stage| stage == Stage::Content && self.strikes(used))
    }

    fn strikes(&self, used: bool) -> bool {
        used || !self.midway.load(Ordering::Relaxed)
    }

    /// What to do at RCPT TO with an address, in a conversation over which a letter went or none did.
    pub(super) fn fault_for(&self, address: &str, used: bool) -> Option<Deed> {
        self.strike(|stage| match stage {
            _ if !self.strikes(used) => false,
            Stage::AnyRecipient => true,
            Stage::Recipient(of) => of.eq_ignore_ascii_case(address),
            Stage::RecipientAt(end) => address.ends_with(end),
            _ => false,
        })
    }

    fn strike(&self, here: impl Fn(Stage) -> bool) -> Option<Deed> {
        let mut faults = self.faults.lock().unwrap();
        let fault = faults.iter_mut().find(|fault| fault.left > 0 && here(fault.stage))?;
        if fault.left != ALWAYS.0 {
            fault.left -= 1;
        }
        Some(fault.deed)
    }

    /// Whether several commands may come in one go.
    pub(super) fn groups(&self) -> bool {
        self.groups.load(Ordering::Relaxed)
    }

    /// Keeps a message.
    pub(super) fn keep(&self, message: Received) {
        self.received.send_modify(|all| all.push(message));
    }
}

/// The running server; it stops when this is dropped.
pub struct SmtpSink {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

impl SmtpSink {
    /// Starts one on a free port of loopback.
    pub async fn start() -> Self {
        Self::encrypting(None).await
    }

    /// The same, which offers STARTTLS with what it is given.
    pub async fn encrypting(acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            faults: Mutex::default(),
            received: watch::Sender::new(Vec::new()),
            connections: watch::Sender::new(0),
            groups: AtomicBool::new(false),
            midway: AtomicBool::new(false),
            acceptor,
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Self { address, shared, listening }
    }

    /// From now on offers PIPELINING (RFC 2920) to whoever comes, as nearly every mail server does.
    pub fn takes_groups(&self) {
        self.shared.groups.store(true, Ordering::Relaxed);
    }

    /// Faults at RCPT TO and DATA strike in the middle of a conversation only: the first letter of each goes well.
    pub fn fails_midway(&self) {
        self.shared.midway.store(true, Ordering::Relaxed);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a mail URL, without credentials.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// From now on does `deed` at `stage`, so many times. Of several faults that fit, the one asked for first
    /// strikes until it is used up.
    pub fn fails(&self, stage: Stage, deed: Deed, times: Times) {
        self.shared.faults.lock().unwrap().push(Fault { stage, deed, left: times.0 });
    }

    /// Forgets all faults.
    pub fn recovers(&self) {
        self.shared.faults.lock().unwrap().clear();
    }

    /// What it has kept so far, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.borrow().clone()
    }

    /// How many connections it has seen.
    pub fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }

    /// Waits until it has kept at least `count` messages, and gives all of them.
    ///
    /// # Panics
    /// After 20 seconds, saying how many there are.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut arrivals = self.shared.received.subscribe();
        let enough = tokio::time::timeout(PATIENCE, arrivals.wait_for(|all| all.len() >= count)).await;
        match enough {
            Ok(Ok(all)) => all.clone(),
            _ => panic!("{count} letters were expected within {PATIENCE:?}; {} came", self.received().len()),
        }
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Takes connections for ever; the set ends every conversation together with the listener.
async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut conversations = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.send_modify(|seen| *seen += 1);
        let shared = Arc::clone(&shared);
        // A broken connection ends its own conversation only; the client's side of it is what tests look at.
        conversations.spawn(async move { Talk::new(Box::new(stream), shared).hold().await });
        while conversations.try_join_next().is_some() {}
    }
}
