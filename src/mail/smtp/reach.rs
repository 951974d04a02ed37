//! Reaches a relay over whichever of its addresses answers, those that worked before first. Never waits for one address while
//! another is untried, and hands over no letter.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::Ehlo;
use secrecy::ExposeSecret;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::letter::Talk;
use super::{Lane, Line, Smtp, within};
use crate::domain::relay::{Leave, Standing};
use crate::domain::time::Instant;
use crate::mail::failure::{CERTIFICATE, Failure, SILENT, Stage};
use crate::mail::tls::TlsWire;
use crate::mail::wire::Wire;

/// How many addresses of a relay are tried before it counts as unreachable.
const ADDRESSES: usize = 4;
/// An address that has not come to a conversation after so long is not waited for alone (RFC 8305 speaks of 250 ms for the
/// connection; this covers greeting, encryption and login too). Addresses known from before are used where the name is not
/// answered for so long.
const HEAD_START: Duration = Duration::from_millis(400);

/// So long letters go step by step after a silence that could not be told whose it is, in seconds: as long as a destination that
/// hangs is gone around.
const APART_SECONDS: i64 = 60;

/// Says which addresses a name has, for a port.
pub type Names = Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The system's own answer.
pub(super) fn names() -> Names {
    Arc::new(|host: String, port: u16| -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        async move { Ok(lookup_host((host, port)).await?.collect()) }.boxed()
    })
}

/// A moment by the clock of whoever connects, which goes on from there: this room has none.
#[derive(Clone, Copy)]
pub(super) struct Since {
    at: Instant,
    began: tokio::time::Instant,
}

impl Since {
    pub(super) fn at(at: Instant) -> Self {
        Self { at, began: tokio::time::Instant::now() }
    }

    fn now(self) -> Instant {
        self.at + chrono::Duration::from_std(self.began.elapsed()).unwrap_or_default()
    }
}

/// How a relay stands, as a whole and by address.
#[derive(Default)]
pub(super) struct Ways {
    whole: Standing,
    addresses: BTreeMap<SocketAddr, Standing>,
    /// What its name had when it was last answered.
    known: Vec<SocketAddr>,
    /// Until then letters go step by step.
    apart: Option<Instant>,
}

impl Ways {
    fn of(&mut self, address: SocketAddr) -> &mut Standing {
        self.addresses.entry(address).or_default()
    }

    /// Those that may be tried, in the order in which to try them; all, where none may.
    fn in_order(&mut self, mut found: Vec<SocketAddr>, now: Instant) -> Vec<SocketAddr> {
        self.addresses.retain(|address, _| found.contains(address));
        if found.iter().any(|address| self.of(*address).leave(now) != Leave::Not) {
            found.retain(|address| self.of(*address).leave(now) != Leave::Not);
        }
        // Stable: of equals, the order of the name's answer holds.
        found.sort_by_key(|address| self.of(*address).rank(now));
        found
    }
}

/// A conversation that was begun, and with whom.
pub(super) struct Open {
    pub(super) talk: Talk,
    pub(super) address: SocketAddr,
    /// Whether a letter went over it.
    pub(super) used: bool,
}

impl Smtp {
    fn ways(&self, lane: Lane) -> MutexGuard<'_, Ways> {
        let [everyone, someone] = &*self.ways;
        let ways = match lane {
            Lane::Everyone => everyone,
            Lane::Someone => someone,
        };
        ways.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What may be done with the relay now. That hangs on connections alone, and never on what became of a letter: one that is
    /// not wanted any more is connected for like any other.
    #[must_use]
    pub fn may_be_tried(&self, lane: Lane, now: Instant) -> Leave {
        self.ways(lane).whole.leave(now)
    }

    /// One letter sets out to try it: until its end, no other does.
    pub fn is_tried(&self, lane: Lane, now: Instant) {
        self.stands(lane, |whole| whole.tried(now));
    }

    /// The letter that tried it came to an end.
    pub fn has_ended(&self, lane: Lane) {
        self.stands(lane, Standing::ended);
    }

    fn stands(&self, lane: Lane, change: impl FnOnce(Standing) -> Standing) {
        let mut ways = self.ways(lane);
        let (before, after) = (ways.whole, change(ways.whole));
        ways.whole = after;
        drop(ways);
        if lane == Lane::Someone {
            // That there were letters of one person would stand in the log.
            return;
        }
        match (before.is_closed(), after.is_closed()) {
            (true, false) => tracing::warn!(
                relay = %self.relay,
                "the mail server cannot be reached: letters wait, and it is tried again by itself"
            ),
            (false, true) => tracing::info!(relay = %self.relay, "the mail server is reached again"),
            _ => {}
        }
    }

    /// One of its addresses is tried.
    fn sets_out(&self, lane: Lane, address: SocketAddr, since: Since) {
        let mut ways = self.ways(lane);
        let standing = ways.of(address);
        if standing.leave(since.now()) == Leave::Once {
            *standing = standing.tried(since.now());
        }
    }

    /// An address took a letter or refused one in words.
    pub(super) fn answered(&self, lane: Lane, address: SocketAddr) {
        let mut ways = self.ways(lane);
        let standing = ways.of(address);
        *standing = standing.answered();
    }

    /// An address said nothing where it had to, or takes its time: until it answers, others go first.
    pub(super) fn lags(&self, lane: Lane, address: SocketAddr, since: Since) {
        let mut ways = self.ways(lane);
        let standing = ways.of(address);
        *standing = standing.failed(since.now());
    }

    /// After a silence of which nobody can tell whose it is: letters go step by step for a while.
    pub(super) fn goes_apart(&self, lane: Lane, since: Since) {
        self.ways(lane).apart = Some(since.now() + chrono::Duration::seconds(APART_SECONDS));
    }

    /// Whether a letter goes step by step now.
    pub(super) fn is_apart(&self, lane: Lane, since: Since) -> bool {
        self.ways(lane).apart.is_some_and(|until| since.now() < until)
    }

    /// Connects, encrypts and logs in, over the first address that comes so far.
    pub(super) async fn dial(&self, lane: Lane, since: Since) -> Result<Open, Failure> {
        let reached = self.race(lane, since).await;
        match &reached {
            Ok(_) => self.stands(lane, Standing::answered),
            Err(_) => self.stands(lane, |whole| whole.failed(since.now())),
        }
        reached
    }

    async fn race(&self, lane: Lane, since: Since) -> Result<Open, Failure> {
        let found = self.addresses(lane).await?;
        let mut waiting = self.ways(lane).in_order(found, since.now()).into_iter();
        let (mut begun, mut under_way) = (Vec::new(), FuturesUnordered::new());
        let mut failure = nameless();
        loop {
            match waiting.next() {
                Some(address) => {
                    begun.push(address);
                    self.sets_out(lane, address, since);
                    under_way.push(self.converse(address).map(move |outcome| (address, outcome)));
                }
                None if under_way.is_empty() => return Err(failure),
                None => {}
            }
            match timeout(HEAD_START, under_way.next()).await.unwrap_or_default() {
                Some((address, Ok(talk))) => {
                    // Whoever set out before and is not there yet would have made a letter wait.
                    for slow in begun.iter().take_while(|one| **one != address) {
                        self.lags(lane, *slow, since);
                    }
                    return Ok(Open { talk, address, used: false });
                }
                Some((address, Err(problem))) => {
                    begun.retain(|one| *one != address);
                    self.lags(lane, address, since);
                    failure = problem;
                }
                None => {}
            }
        }
    }

    /// The addresses of the relay's name; those of before where the name is not answered now.
    async fn addresses(&self, lane: Lane) -> Result<Vec<SocketAddr>, Failure> {
        let known = self.ways(lane).known.clone();
        let patience =
            if known.is_empty() { self.limits.connect } else { HEAD_START.min(self.limits.connect) };
        let found = match timeout(patience, (self.names)(self.relay.host.clone(), self.relay.port)).await {
            Ok(Ok(found)) => found,
            _ => Vec::new(),
        };
        match (found.is_empty(), known.is_empty()) {
            (false, _) => {
                let found: Vec<SocketAddr> = found.into_iter().take(ADDRESSES).collect();
                self.ways(lane).known.clone_from(&found);
                Ok(found)
            }
            (true, false) => Ok(known),
            (true, true) => Err(nameless()),
        }
    }

    /// Comes to a conversation over one address.
    async fn converse(&self, address: SocketAddr) -> Result<Talk, Failure> {
        let line = Box::new(Wire::over(self.line_to(address).await?));
        let greeted = AsyncSmtpConnection::connect_with_transport(line, &self.hello);
        let mut connection = within(Stage::Greeting, self.limits.greeting, greeted).await?;
        if let Line::StartTls(encryption) = &self.line {
            if !connection.can_starttls() {
                return Err(Failure::later(
                    Stage::StartTls,
                    "the relay does not offer it; use smtps:// or another port",
                ));
            }
            let upgrade = connection.starttls(encryption.for_upgrade(), &self.hello);
            within(Stage::StartTls, self.limits.greeting, upgrade).await?;
        }
        let groups = self.takes_groups(&mut connection).await?;
        if let Some(login) = &self.relay.login {
            let credentials = Credentials::new(login.user.clone(), login.password.expose_secret().to_owned());
            let auth = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            within(Stage::Login, self.limits.greeting, auth).await?;
        }
        Ok(Talk::over(connection, groups))
    }

    /// Whether the relay takes several commands in one go. The library keeps of its answer to EHLO what it knows itself, so that it
    /// has to be asked once more.
    async fn takes_groups(&self, connection: &mut AsyncSmtpConnection) -> Result<bool, Failure> {
        let asked = connection.command(Ehlo::new(self.hello.clone()));
        match timeout(self.limits.greeting, asked).await {
            Ok(Ok(answer)) => Ok(answer.message().any(|line| line.eq_ignore_ascii_case("PIPELINING"))),
            // Some do not like to be greeted twice, and are well otherwise.
            Ok(Err(error)) if error.status().is_some_and(|code| u16::from(code) != 421) => Ok(false),
            Ok(Err(error)) => Err(Failure::of(Stage::Greeting, &error)),
            Err(_) => Err(Failure::lost(Stage::Greeting, SILENT)),
        }
    }

    async fn line_to(&self, address: SocketAddr) -> Result<Box<dyn AsyncTokioStream>, Failure> {
        let stream = match timeout(self.limits.connect, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(_)) => {
                let what = "the relay refuses the connection, or is not there";
                return Err(Failure::later(Stage::Connect, what));
            }
            Err(_) => return Err(Failure::later(Stage::Connect, SILENT)),
        };
        // Without this every letter waits 44 ms for a delayed acknowledgement.
        stream.set_nodelay(true).map_err(|_| Failure::later(Stage::Connect, "the connection was lost"))?;
        let Line::Implicit(encryption) = &self.line else {
            return Ok(Box::new(stream));
        };
        match timeout(self.limits.connect, encryption.wrap(stream)).await {
            Ok(Ok(stream)) => Ok(Box::new(TlsWire::from(stream))),
            Ok(Err(_)) => Err(Failure::later(Stage::Tls, CERTIFICATE)),
            Err(_) => Err(Failure::later(Stage::Tls, SILENT)),
        }
    }
}

fn nameless() -> Failure {
    Failure::later(Stage::Connect, "the relay's name has no address now; check it")
}
