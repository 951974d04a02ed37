//! Hands letters to a relay over SMTP (RFC 5321), one at a time over a connection that is kept. Never says a
//! server's own words, and never waits without an end.
//!
//! The connection is our own: the library leaves Nagle's algorithm on, which costs 44 ms a letter, and its
//! timeout covers the connecting alone.

mod letter;
mod reach;

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use self::letter::{Met, Post};
pub use self::reach::Names;
use self::reach::{Open, Since, Ways};
use super::envelope::Envelope;
use super::failure::{Failure, SILENT, Stage};
use super::tls::Encryption;
use super::url::{MailUrlRefusal, Relay, Security};
use crate::domain::time::Instant;

/// Letters whose relay is judged apart: what happens to those of one person must not show in when everyone's leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Letters that everyone gets.
    Everyone,
    /// Letters of one person.
    Someone,
}

/// Who makes a letter wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stall {
    /// Its destination, as far as one can see: the relay thinks about the recipient.
    Destination,
    /// The relay.
    Relay,
    /// One of the two: several things were said in one go. Letters that go step by step meanwhile tell which.
    Unclear,
}

/// Hears at once when a letter has to wait.
pub type Told<'a> = &'a (dyn Fn(Stall) + Send + Sync);

/// How long each stage may take before the relay counts as gone.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connecting to one address, and each TLS handshake.
    pub connect: Duration,
    /// The greeting and the answer to EHLO, and the login.
    pub greeting: Duration,
    /// The answer to MAIL, to RCPT, and to RSET.
    pub command: Duration,
    /// The answer to DATA.
    pub data: Duration,
    /// Sending the letter and the answer to its end. Giving up earlier makes second copies.
    pub letter: Duration,
}

impl Default for Limits {
    /// Those of RFC 5321, section 4.5.3.2, but for connecting, which it leaves open.
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            data: minutes(2),
            letter: minutes(13),
        }
    }
}

/// A relay and how to speak with it.
#[derive(Clone)]
pub struct Smtp {
    relay: Relay,
    limits: Limits,
    line: Line,
    hello: ClientId,
    names: Names,
    ways: Arc<[Mutex<Ways>; 2]>,
}

/// How the line is kept private, with what that needs: an encrypted line without its keys cannot be built.
#[derive(Clone)]
enum Line {
    Plain,
    StartTls(Encryption),
    Implicit(Encryption),
}

/// A conversation with a relay; connects again by itself when it was lost.
pub struct SmtpSession {
    smtp: Smtp,
    lane: Lane,
    since: Since,
    open: Option<Open>,
}

impl Smtp {
    /// Reads what encryption needs; connects to nothing.
    ///
    /// # Errors
    /// Where the authority's file cannot be read, or the host cannot be in a certificate.
    pub fn new(relay: Relay, limits: Limits) -> Result<Self, MailUrlRefusal> {
        let encryption = || Encryption::with(&relay.host, relay.authority.as_deref());
        let line = match relay.security {
            Security::Plain => Line::Plain,
            Security::StartTls => Line::StartTls(encryption()?),
            Security::Implicit => Line::Implicit(encryption()?),
        };
        let (hello, names, ways) = (ClientId::default(), reach::names(), Arc::default());
        Ok(Self { relay, limits, line, hello, names, ways })
    }

    /// The same, with somebody else to ask for the addresses of the relay's name than the system.
    #[must_use]
    pub fn asking(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// Connects, encrypts and logs in; `now` is the time on the clock of whoever asks.
    ///
    /// # Errors
    /// Always [`Failure::Later`]: what is wrong here is no letter's fault.
    pub async fn connect(&self, lane: Lane, now: Instant) -> Result<SmtpSession, Failure> {
        let since = Since::at(now);
        let open = Some(self.dial(lane, since).await?);
        Ok(SmtpSession { smtp: self.clone(), lane, since, open })
    }
}

impl SmtpSession {
    /// Hands one letter over, connecting again first where the connection was lost. `told` hears when the letter has to wait.
    ///
    /// # Errors
    /// What became of the letter; see [`Failure`].
    pub async fn send(
        &mut self,
        envelope: &Envelope<'_>,
        letter: &[u8],
        told: Told<'_>,
    ) -> Result<(), Failure> {
        let limits = self.smtp.limits;
        let post = Post::of(envelope, letter)?;
        loop {
            let mut open = match self.open.take() {
                Some(open) => open,
                None => self.smtp.dial(self.lane, self.since).await?,
            };
            let (smtp, lane, since, address) = (&self.smtp, self.lane, self.since, open.address);
            let heard = |stall| {
                if stall != Stall::Destination {
                    smtp.lags(lane, address, since);
                }
                if stall == Stall::Unclear {
                    smtp.goes_apart(lane, since);
                }
                told(stall);
            };
            let apart = smtp.is_apart(lane, since);
            let outcome = open.talk.hand_over(&limits, &post, apart, &heard).await;
            // A relay may close between two letters; of this one it heard nothing yet.
            if open.used && matches!(&outcome, Err(attempt) if attempt.met == Met::Closed) {
                continue;
            }
            match &outcome {
                Ok(()) => smtp.answered(lane, address),
                Err(attempt) => match attempt.met {
                    Met::Answer => smtp.answered(lane, address),
                    Met::Closed | Met::Silence => smtp.lags(lane, address, since),
                    Met::Nothing => {}
                },
            }
            // A connection goes on only after an acceptance, or after a refusal that the relay forgets on request.
            let usable = match &outcome {
                Ok(()) => true,
                Err(attempt) => attempt.met == Met::Answer && open.talk.forgets(&limits).await,
            };
            if usable {
                self.open = Some(Open { used: true, ..open });
            }
            return outcome.map_err(|attempt| attempt.failure);
        }
    }

    /// Says QUIT; what the relay answers does not matter any more.
    pub async fn close(mut self) {
        if let Some(mut open) = self.open.take() {
            let goodbye = timeout(Duration::from_secs(2), open.talk.quit());
            drop(goodbye.await);
        }
    }
}

type Outcome<T> = Result<T, lettre::transport::smtp::Error>;

async fn within<T>(
    stage: Stage,
    limit: Duration,
    work: impl Future<Output = Outcome<T>>,
) -> Result<T, Failure> {
    match timeout(limit, work).await {
        Ok(outcome) => outcome.map_err(|error| Failure::of(stage, &error)),
        Err(_) => Err(Failure::lost(stage, SILENT)),
    }
}

#[cfg(test)]
mod sink;
#[cfg(test)]
mod tests;
