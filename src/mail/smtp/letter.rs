//! One letter over one connection: who writes, for whom, and what. Never connects, and never tries a second time.
//!
//! A relay that offers it is told several things in one go (PIPELINING, RFC 2920), because every wait for an answer costs a
//! connection as much as writing a letter: RCPT together with DATA, and the end of a letter together with the MAIL of the next,
//! where both have the same sender. Then nobody can tell by a silence whether the recipient or DATA is thought about. So the
//! first letter of a connection goes step by step, and after such a silence every letter for a while: those tell which it is.

use std::fmt::{self, Display};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use memchr::memmem;
use tokio::time::timeout;

use super::{Limits, Outcome, Stall, Told, within};
use crate::mail::envelope::Envelope;
use crate::mail::failure::{Failure, Reason, SILENT, Stage};

/// An answer to MAIL, RCPT or DATA that takes longer makes others go around it; with what it takes to connect that is less than
/// a second.
const STALLED: Duration = Duration::from_millis(600);
/// The same for the answer to a whole letter: relays look through it meanwhile.
const STALLED_LETTER: Duration = Duration::from_secs(10);

/// A letter as a relay is handed it.
pub(super) struct Post<'a> {
    from: lettre::Address,
    to: lettre::Address,
    letter: &'a [u8],
}

impl<'a> Post<'a> {
    /// # Errors
    /// Where an address has a form that mail cannot carry.
    pub(super) fn of(envelope: &Envelope<'_>, letter: &'a [u8]) -> Result<Self, Failure> {
        // The relay has to learn both addresses: this is the envelope.
        let address = |text: &str, stage| {
            let unfit = "the address has a form that mail cannot carry";
            text.parse::<lettre::Address>().map_err(|_| Failure::Never(Reason::at(stage, unfit)))
        };
        Ok(Self {
            from: address(envelope.from.reveal(), Stage::Mail)?,
            to: address(envelope.to.reveal(), Stage::Rcpt)?,
            // The last line is ended together with the letter.
            letter: letter.strip_suffix(b"\r\n").unwrap_or(letter),
        })
    }

    /// MAIL, with what it must announce: characters beyond ASCII in an address (RFC 6531) or in the letter (RFC 6152).
    fn opening(&self, connection: &AsyncSmtpConnection) -> Result<String, Failure> {
        let mut parameters = Vec::new();
        if [&self.from, &self.to].into_iter().any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let what = "the relay takes no addresses beyond ASCII";
                return Err(Failure::Never(Reason::at(Stage::Mail, what)));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !self.letter.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(Mail::new(Some(self.from.clone()), parameters).to_string())
    }
}

/// A failed attempt, and what it says of the relay.
pub(super) struct Attempt {
    pub(super) failure: Failure,
    pub(super) met: Met,
}

/// What a failed attempt met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// An answer; the relay still listens.
    Answer,
    /// A connection that was closed before the relay heard whom the letter is for, or that did not keep what it was told ahead.
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

/// A conversation in which letters are handed over.
pub(super) struct Talk {
    connection: AsyncSmtpConnection,
    /// Whether the relay takes several commands in one go.
    groups: bool,
    /// The MAIL of the letter before, if it was taken.
    before: Option<String>,
    /// Whether the same was said once more, for the next letter, and not answered yet.
    said_ahead: bool,
}

impl Talk {
    pub(super) const fn over(connection: AsyncSmtpConnection, groups: bool) -> Self {
        Self { connection, groups, before: None, said_ahead: false }
    }

    /// Hands one letter over, `apart` from whatever else is said where a silence must be told whose it is. `told` hears when it
    /// has to wait.
    pub(super) async fn hand_over(
        &mut self,
        limits: &Limits,
        post: &Post<'_>,
        apart: bool,
        told: Told<'_>,
    ) -> Result<(), Attempt> {
        let opening = post.opening(&self.connection)?;
        let (before, ahead) = (self.before.take(), self.said_ahead);
        let steps = Steps { limits, told, ahead };
        self.begin(&steps, before.as_deref(), &opening).await?;
        self.address(&steps, &post.to, self.groups && before.is_some() && !apart).await?;
        // Who writes as before will probably write again.
        let next = before.filter(|before| self.groups && *before == opening);
        let connection = &mut self.connection;
        if let Ok(letter) = std::str::from_utf8(post.letter) {
            self.said_ahead = next.is_some();
            let whole = Whole { letter, next: next.as_deref().unwrap_or_default() };
            steps.step(Stage::Dot, connection.command(whole)).await?;
        } else {
            steps.step(Stage::Dot, connection.message(post.letter)).await?;
        }
        self.before = Some(opening);
        Ok(())
    }

    /// Says who writes, or hears what is answered to that where it was said ahead.
    async fn begin(&mut self, steps: &Steps<'_>, before: Option<&str>, opening: &str) -> Result<(), Attempt> {
        if std::mem::take(&mut self.said_ahead) {
            steps.step(Stage::Mail, self.connection.read_response()).await?;
            if before == Some(opening) {
                return Ok(());
            }
            steps.step(Stage::Mail, self.connection.command(Rset)).await?;
        }
        steps.step(Stage::Mail, self.connection.command(opening)).await
    }

    /// Says for whom it is, and that it follows.
    async fn address(
        &mut self,
        steps: &Steps<'_>,
        to: &lettre::Address,
        in_one: bool,
    ) -> Result<(), Attempt> {
        let recipient = Rcpt::new(to.clone(), Vec::new());
        if !in_one {
            steps.step(Stage::Rcpt, self.connection.command(recipient)).await?;
            return steps.step(Stage::Data, self.connection.command(Data)).await;
        }
        let both = self.connection.command(Both(recipient, Data));
        let taken = steps.step_of(Stage::Rcpt, Stall::Unclear, both).await;
        match taken {
            Ok(()) => steps.step(Stage::Data, self.connection.read_response()).await,
            Err(attempt) => {
                if attempt.met == Met::Answer && !self.takes_back().await {
                    return Err(Attempt { met: Met::Nothing, ..attempt });
                }
                Err(attempt)
            }
        }
    }

    /// Hears what is answered to DATA after nobody was there to get a letter. Some go on nevertheless, and are given an empty one,
    /// which they refuse (RFC 2920, section 3.1). Whether the connection can be used after that.
    async fn takes_back(&mut self) -> bool {
        let answered = timeout(STALLED, async {
            match self.connection.read_response().await {
                Ok(_) => is_answer(&self.connection.command(".\r\n").await),
                refused => is_answer(&refused),
            }
        });
        answered.await.unwrap_or(false)
    }

    /// Has the relay forget a letter that it refused; whether the connection can be used after that.
    pub(super) async fn forgets(&mut self, limits: &Limits) -> bool {
        self.before = None;
        let ahead = std::mem::take(&mut self.said_ahead);
        if ahead {
            let heard = timeout(limits.command, self.connection.read_response()).await;
            if !heard.is_ok_and(|answer| is_answer(&answer)) {
                return false;
            }
        }
        within(Stage::Reset, limits.command, self.connection.command(Rset)).await.is_ok()
    }

    /// Says QUIT, after what is still to be heard.
    pub(super) async fn quit(&mut self) -> Outcome<Response> {
        if std::mem::take(&mut self.said_ahead) {
            drop(self.connection.read_response().await);
        }
        self.connection.quit().await
    }
}

/// Whether something was answered, good or bad, after which the relay listens on.
fn is_answer(outcome: &Outcome<Response>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(error) => error.status().is_some_and(|code| u16::from(code) != 421),
    }
}

/// Two commands that are said in one go.
struct Both<A, B>(A, B);

impl<A: Display, B: Display> Display for Both<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, self.1)
    }
}

/// A letter and its end, and what is said after it in one go.
struct Whole<'a> {
    letter: &'a str,
    next: &'a str,
}

impl Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A dot at the start of a line travels doubled (RFC 5321, section 4.5.2).
        if self.letter.starts_with('.') {
            f.write_str(".")?;
        }
        let mut rest = self.letter;
        while let Some(at) = memmem::find(rest.as_bytes(), b"\r\n.") {
            let (lines, dotted) = rest.split_at(at + 2);
            f.write_str(lines)?;
            f.write_str("..")?;
            rest = &dotted[1..];
        }
        f.write_str(rest)?;
        f.write_str("\r\n.\r\n")?;
        f.write_str(self.next)
    }
}

/// The steps of one letter: how long each may take, and who hears when it takes long.
struct Steps<'a> {
    limits: &'a Limits,
    told: Told<'a>,
    /// Whether the relay was told ahead who writes.
    ahead: bool,
}

impl Steps<'_> {
    async fn step<T>(&self, stage: Stage, work: impl Future<Output = Outcome<T>>) -> Result<(), Attempt> {
        let stall = if stage == Stage::Rcpt { Stall::Destination } else { Stall::Relay };
        self.step_of(stage, stall, work).await
    }

    /// A step whose silence is laid to this.
    async fn step_of<T>(
        &self,
        stage: Stage,
        stall: Stall,
        work: impl Future<Output = Outcome<T>>,
    ) -> Result<(), Attempt> {
        let (limit, stalled) = match stage {
            Stage::Dot => (self.limits.letter, STALLED_LETTER),
            Stage::Data => (self.limits.data, STALLED),
            _ => (self.limits.command, STALLED),
        };
        let mut work = pin!(work);
        let patience = limit.min(stalled);
        let answer = match timeout(patience, &mut work).await {
            Ok(answer) => Ok(answer),
            Err(_) => {
                (self.told)(stall);
                timeout(limit.saturating_sub(patience), work).await
            }
        };
        match answer {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let met = self.met(stage, error.status().map(u16::from));
                Err(Attempt { failure: Failure::of(stage, &error), met })
            }
            Err(_) => {
                Err(Attempt { failure: Failure::lost(stage, SILENT), met: Self::met_by_silence(stage) })
            }
        }
    }

    /// What a refusal with this code says of the relay, or a connection that was lost.
    fn met(&self, stage: Stage, code: Option<u16>) -> Met {
        match (stage, code) {
            // What was refused ahead may have been asked for long ago: it is said once more over another connection.
            (Stage::Mail, _) if self.ahead => Met::Closed,
            // After a 421 the relay closes; nothing more can be said over this connection.
            (Stage::Mail, Some(421) | None) => Met::Closed,
            // It may have closed after it was told ahead who writes.
            (Stage::Rcpt, Some(421) | None) if self.ahead => Met::Closed,
            (_, Some(421) | None) => Self::met_by_silence(stage),
            (_, Some(_)) => Met::Answer,
        }
    }

    /// What happens after the recipient is told may be the recipient's doing.
    fn met_by_silence(stage: Stage) -> Met {
        if stage == Stage::Rcpt { Met::Nothing } else { Met::Silence }
    }
}

#[cfg(test)]
mod tests;
