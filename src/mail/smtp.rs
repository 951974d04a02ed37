//! Hands letters to a relay over SMTP (RFC 5321), one at a time over a connection that is kept. Never says a
//! server's own words, and never waits without an end.
//!
//! The connection is our own: the library leaves Nagle's algorithm on, which costs 44 ms a letter, and its
//! timeout covers the connecting alone.

mod reach;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::time::timeout;

pub use self::reach::Names;
use self::reach::{Open, Since, Ways};
use super::envelope::Envelope;
use super::failure::{Failure, Reason, SILENT, Stage};
use super::tls::Encryption;
use super::url::{MailUrlRefusal, Relay, Security};
use crate::domain::time::Instant;

/// An answer to MAIL, RCPT or DATA that takes longer makes others go around it; with what it takes to connect that is less than
/// a second.
const STALLED: Duration = Duration::from_millis(600);
/// The same for the answer to a whole letter: relays look through it meanwhile.
const STALLED_LETTER: Duration = Duration::from_secs(10);

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
        loop {
            let mut open = match self.open.take() {
                Some(open) if !open.connection.has_broken() => open,
                _ => self.smtp.dial(self.lane, self.since).await?,
            };
            let (smtp, lane, since, address) = (&self.smtp, self.lane, self.since, open.address);
            let heard = |stall| {
                if stall == Stall::Relay {
                    smtp.lags(lane, address, since);
                }
                told(stall);
            };
            let outcome = hand_over(&mut open.connection, &limits, envelope, letter, &heard).await;
            // A relay may close between two letters; of this one it heard nothing yet.
            if open.used && matches!(&outcome, Err(attempt) if attempt.met == Met::Closed) {
                continue;
            }
            // A connection goes on only after an acceptance, or after a refusal that the relay forgets on request.
            let usable = match &outcome {
                Ok(()) => true,
                Err(attempt) if attempt.met == Met::Answer => {
                    within(Stage::Reset, limits.command, open.connection.command(Rset)).await.is_ok()
                }
                Err(_) => false,
            };
            match &outcome {
                Ok(()) => smtp.answered(lane, address),
                Err(attempt) => match attempt.met {
                    Met::Answer => smtp.answered(lane, address),
                    Met::Closed | Met::Silence => smtp.lags(lane, address, since),
                    Met::Nothing => {}
                },
            }
            if usable {
                self.open = Some(Open { used: true, ..open });
            }
            return outcome.map_err(|attempt| attempt.failure);
        }
    }

    /// Says QUIT; what the relay answers does not matter any more.
    pub async fn close(mut self) {
        if let Some(mut open) = self.open.take() {
            let goodbye = timeout(Duration::from_secs(2), open.connection.quit());
            drop(goodbye.await);
        }
    }
}

/// A failed attempt, and what it says of the relay.
struct Attempt {
    failure: Failure,
    met: Met,
}

/// What a failed attempt met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// An answer; the relay still listens.
    Answer,
    /// A connection that was closed before the relay heard whom the letter is for.
    Closed,
    /// Silence, or a connection that was lost later.
    Silence,
    /// Nothing that the relay is to blame for.
    Nothing,
}

impl From<Failure> for Attempt {
    fn from(failure: Failure) -> Self {
        Self { failure, met: Met::Nothing }
    }
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    limits: &Limits,
    envelope: &Envelope<'_>,
    letter: &[u8],
    told: Told<'_>,
) -> Result<(), Attempt> {
    // The relay has to learn both addresses: this is the envelope.
    let address = |text: &str, stage| {
        text.parse::<lettre::Address>()
            .map_err(|_| Failure::Never(Reason::at(stage, "the address has a form that mail cannot carry")))
    };
    let from = address(envelope.from.reveal(), Stage::Mail)?;
    let to = address(envelope.to.reveal(), Stage::Rcpt)?;
    let parameters = parameters(connection, &[&from, &to], letter)?;
    step(Stage::Mail, limits.command, told, connection.command(Mail::new(Some(from), parameters))).await?;
    step(Stage::Rcpt, limits.command, told, connection.command(Rcpt::new(to, Vec::new()))).await?;
    step(Stage::Data, limits.data, told, connection.command(Data)).await?;
    // The library ends the last line itself.
    let letter = letter.strip_suffix(b"\r\n").unwrap_or(letter);
    step(Stage::Dot, limits.letter, told, connection.message(letter)).await
}

/// What MAIL must announce: characters beyond ASCII in an address (RFC 6531) or in the letter (RFC 6152).
fn parameters(
    connection: &AsyncSmtpConnection,
    addresses: &[&lettre::Address],
    letter: &[u8],
) -> Result<Vec<MailParameter>, Failure> {
    let mut parameters = Vec::new();
    if addresses.iter().any(|address| !AsRef::<str>::as_ref(*address).is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let what = "the relay takes no addresses beyond ASCII";
            return Err(Failure::Never(Reason::at(Stage::Mail, what)));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !letter.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

type Outcome<T> = Result<T, lettre::transport::smtp::Error>;

async fn step<T>(
    stage: Stage,
    limit: Duration,
    told: Told<'_>,
    work: impl Future<Output = Outcome<T>>,
) -> Result<(), Attempt> {
    let mut work = pin!(work);
    let patience = limit.min(if stage == Stage::Dot { STALLED_LETTER } else { STALLED });
    let answer = match timeout(patience, &mut work).await {
        Ok(answer) => Ok(answer),
        Err(_) => {
            told(if stage == Stage::Rcpt { Stall::Destination } else { Stall::Relay });
            timeout(limit.saturating_sub(patience), work).await
        }
    };
    // What happens after the recipient is told may be the recipient's doing.
    let silence = if stage == Stage::Rcpt { Met::Nothing } else { Met::Silence };
    match answer {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            // After a 421 the relay closes; nothing more can be said over this connection.
            let met = match error.status().map(u16::from) {
                Some(421) | None if stage == Stage::Mail => Met::Closed,
                Some(421) | None => silence,
                Some(_) => Met::Answer,
            };
            Err(Attempt { failure: Failure::of(stage, &error), met })
        }
        Err(_) => Err(Attempt { failure: Failure::lost(stage, SILENT), met: silence }),
    }
}

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
