//! Hands letters to a relay over SMTP (RFC 5321), one at a time over a connection that is kept. Never says a
//! server's own words, and never waits without an end.
//!
//! The connection is our own: the library leaves Nagle's algorithm on, which costs 44 ms a letter, and its
//! timeout covers the connecting alone.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::ExposeSecret;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::envelope::Envelope;
use super::failure::{CERTIFICATE, Failure, Reason, SILENT, Stage};
use super::tls::{Encryption, TlsWire};
use super::url::{MailUrlRefusal, Relay, Security};

/// How many addresses of a relay are tried before it counts as unreachable.
const ADDRESSES: usize = 4;

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
    connection: Option<AsyncSmtpConnection>,
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
        Ok(Self { relay, limits, line, hello: ClientId::default() })
    }

    /// Connects, encrypts and logs in.
    ///
    /// # Errors
    /// Always [`Failure::Later`]: what is wrong here is no letter's fault.
    pub async fn connect(&self) -> Result<SmtpSession, Failure> {
        let connection = Some(self.dial().await?);
        Ok(SmtpSession { smtp: self.clone(), connection })
    }

    async fn dial(&self) -> Result<AsyncSmtpConnection, Failure> {
        let wire = self.wire().await?;
        let greeted = AsyncSmtpConnection::connect_with_transport(wire, &self.hello);
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
        if let Some(login) = &self.relay.login {
            let credentials = Credentials::new(login.user.clone(), login.password.expose_secret().to_owned());
            let auth = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            within(Stage::Login, self.limits.greeting, auth).await?;
        }
        Ok(connection)
    }

    async fn wire(&self) -> Result<Box<dyn AsyncTokioStream>, Failure> {
        let stream = self.reach().await?;
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

    /// Tries one address after the other, so that a dead IPv6 route does not hide a living IPv4 one.
    async fn reach(&self) -> Result<TcpStream, Failure> {
        let target = (self.relay.host.as_str(), self.relay.port);
        let addresses: Vec<SocketAddr> = match timeout(self.limits.connect, lookup_host(target)).await {
            Ok(Ok(addresses)) => addresses.take(ADDRESSES).collect(),
            _ => return Err(Failure::later(Stage::Connect, "the relay's name has no address now; check it")),
        };
        let mut failure = Failure::later(Stage::Connect, "the relay's name has no address now; check it");
        for address in addresses {
            failure = match timeout(self.limits.connect, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(_)) => {
                    Failure::later(Stage::Connect, "the relay refuses the connection, or is not there")
                }
                Err(_) => Failure::later(Stage::Connect, SILENT),
            };
        }
        Err(failure)
    }
}

impl SmtpSession {
    /// Hands one letter over, connecting again first where the connection was lost.
    ///
    /// # Errors
    /// What became of the letter; see [`Failure`].
    pub async fn send(&mut self, envelope: &Envelope<'_>, letter: &[u8]) -> Result<(), Failure> {
        let mut connection = match self.connection.take() {
            Some(connection) if !connection.has_broken() => connection,
            _ => self.smtp.dial().await?,
        };
        let limits = self.smtp.limits;
        let outcome = hand_over(&mut connection, &limits, envelope, letter).await;
        // A connection goes on only after an acceptance, or after a refusal that the relay forgets on request.
        let usable = match &outcome {
            Ok(()) => true,
            Err(attempt) if attempt.answered => {
                within(Stage::Reset, limits.command, connection.command(Rset)).await.is_ok()
            }
            Err(_) => false,
        };
        if usable {
            self.connection = Some(connection);
        }
        outcome.map_err(|attempt| attempt.failure)
    }

    /// Says QUIT; what the relay answers does not matter any more.
    pub async fn close(mut self) {
        if let Some(mut connection) = self.connection.take() {
            let goodbye = timeout(Duration::from_secs(2), connection.quit());
            drop(goodbye.await);
        }
    }
}

/// A failed attempt, and whether the relay still listens.
struct Attempt {
    failure: Failure,
    answered: bool,
}

impl From<Failure> for Attempt {
    fn from(failure: Failure) -> Self {
        Self { failure, answered: false }
    }
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    limits: &Limits,
    envelope: &Envelope<'_>,
    letter: &[u8],
) -> Result<(), Attempt> {
    // The relay has to learn both addresses: this is the envelope.
    let address = |text: &str, stage| {
        text.parse::<lettre::Address>()
            .map_err(|_| Failure::Never(Reason::at(stage, "the address has a form that mail cannot carry")))
    };
    let from = address(envelope.from.reveal(), Stage::Mail)?;
    let to = address(envelope.to.reveal(), Stage::Rcpt)?;
    let parameters = parameters(connection, &[&from, &to], letter)?;
    step(Stage::Mail, limits.command, connection.command(Mail::new(Some(from), parameters))).await?;
    step(Stage::Rcpt, limits.command, connection.command(Rcpt::new(to, Vec::new()))).await?;
    step(Stage::Data, limits.data, connection.command(Data)).await?;
    // The library ends the last line itself.
    let letter = letter.strip_suffix(b"\r\n").unwrap_or(letter);
    step(Stage::Dot, limits.letter, connection.message(letter)).await
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
    work: impl Future<Output = Outcome<T>>,
) -> Result<(), Attempt> {
    match timeout(limit, work).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            // After a 421 the relay closes; nothing more can be said over this connection.
            let answered = error.status().is_some_and(|code| u16::from(code) != 421);
            Err(Attempt { failure: Failure::of(stage, &error), answered })
        }
        Err(_) => Err(Failure::lost(stage, SILENT).into()),
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
