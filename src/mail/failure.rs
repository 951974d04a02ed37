//! Why a letter did not leave: a class and a code. Never a server's own words, which often repeat the address.

use std::error::Error as _;
use std::fmt;

use lettre::transport::smtp::Error;

/// Nothing came back.
pub(super) const SILENT: &str = "no answer in time";
/// No common way to encrypt, or a certificate that is not the relay's.
pub(super) const CERTIFICATE: &str = "no agreement; is the certificate valid for the relay's name?";

/// Nobody has the address.
const NO_MAILBOX: &str = "mailbox unavailable";
/// It is switched off.
const DISABLED: &str = "mailbox disabled";

/// What became of an attempt that did not end in "accepted".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Try again later: a 4xx, a refused or lost connection, a timeout, or a relay that refuses us altogether.
    #[error("{0}; it is tried again")]
    Later(Reason),
    /// Do not try again: a 5xx about this letter.
    #[error("{0}; it is not tried again")]
    Never(Reason),
    /// The connection was lost when the letter was out but not answered. Try again: a second copy bears the same
    /// Message-ID, UID and SEQUENCE and is harmless.
    #[error("{0}; it may have arrived, and is tried again")]
    Unknown(Reason),
}

impl Failure {
    /// The reason, to be stored and counted.
    #[must_use]
    pub const fn reason(&self) -> &Reason {
        match self {
            Self::Later(reason) | Self::Never(reason) | Self::Unknown(reason) => reason,
        }
    }

    /// Nothing was sent; in our own words.
    pub(super) fn later(stage: Stage, what: &'static str) -> Self {
        Self::Later(Reason::at(stage, what))
    }

    /// A silence or a lost connection. Once the letter is out, nobody knows whether it was taken.
    pub(super) fn lost(stage: Stage, what: &'static str) -> Self {
        match stage {
            Stage::Dot => Self::Unknown(Reason::at(stage, what)),
            _ => Self::later(stage, what),
        }
    }

    /// What the library met at a stage.
    pub(super) fn of(stage: Stage, error: &Error) -> Self {
        let Some(code) = error.status() else {
            return match stage {
                // The library tells a failed handshake and a lost connection alike.
                Stage::StartTls => Self::later(Stage::Tls, CERTIFICATE),
                Stage::Login if error.is_client() => {
                    Self::later(stage, "the relay offers no way to log in that we know")
                }
                _ => Self::lost(stage, "the connection was lost"),
            };
        };
        // The server's words are read for their enhanced code and dropped.
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        let code = u16::from(code);
        let reason = Reason::answered(stage, code, &said);
        // 530 asks us for a login: no letter's fault, and curable for all of them.
        if error.is_permanent() && stage.concerns_the_letter() && code != 530 {
            Self::Never(reason)
        } else {
            Self::Later(reason)
        }
    }

    /// Whether there is no such mailbox any more, so that the next letter would be refused as well.
    #[must_use]
    pub fn is_of_the_mailbox(&self) -> bool {
        let gone = [NO_MAILBOX, DISABLED].map(|meaning| format!("{}: {meaning}", Stage::Rcpt));
        matches!(self, Self::Never(Reason(reason)) if gone.iter().any(|gone| reason.ends_with(gone)))
    }

    /// Whether another attempt makes sense.
    #[must_use]
    pub const fn may_try_again(&self) -> bool {
        !matches!(self, Self::Never(_))
    }
}

/// A class of failure in our own words, with the code and the enhanced code of the answer where there was one:
/// `550 5.1.1 at RCPT: mailbox unavailable`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason(String);

impl Reason {
    /// Where it happened, and what. Both are our own words.
    #[must_use]
    pub(super) fn at(stage: Stage, what: &'static str) -> Self {
        Self(format!("{stage}: {what}"))
    }

    /// The answer of a server, of which only the codes are taken.
    #[must_use]
    pub(super) fn answered(stage: Stage, code: u16, text: &str) -> Self {
        let enhanced = enhanced_code(code, text);
        let meaning = meaning(code, enhanced);
        let enhanced = enhanced.map(|(a, b, c)| format!(" {a}.{b}.{c}")).unwrap_or_default();
        Self(format!("{code}{enhanced} at {stage}: {meaning}"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A step of handing a letter over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Connect,
    Tls,
    Greeting,
    StartTls,
    Login,
    Mail,
    Rcpt,
    Data,
    Dot,
    Reset,
    File,
}

impl Stage {
    /// Whether a refusal here is about the letter, and not about us or our settings.
    pub(super) const fn concerns_the_letter(self) -> bool {
        matches!(self, Self::Mail | Self::Rcpt | Self::Data | Self::Dot)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "TLS",
            Self::Greeting => "greeting",
            Self::StartTls => "STARTTLS",
            Self::Login => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Dot => "end of letter",
            Self::Reset => "RSET",
            Self::File => "file",
        })
    }
}

type EnhancedCode = (u8, u16, u16);

/// The enhanced status code at the start of an answer (RFC 3463), where its class agrees with the code.
fn enhanced_code(code: u16, text: &str) -> Option<EnhancedCode> {
    let word = text.split_whitespace().next()?;
    let mut numbers = word.split('.');
    let class: u8 = numbers.next()?.parse().ok()?;
    let subject: u16 = numbers.next()?.parse().ok().filter(|n| *n < 1000)?;
    let detail: u16 = numbers.next()?.parse().ok().filter(|n| *n < 1000)?;
    (numbers.next().is_none() && u16::from(class) == code / 100).then_some((class, subject, detail))
}

/// Our words for a code (RFC 5321, section 4.2.3; RFC 3463, section 3).
const fn meaning(code: u16, enhanced: Option<EnhancedCode>) -> &'static str {
    match enhanced {
        Some((_, 1, 0..=6)) => return NO_MAILBOX,
        Some((_, 1, 7 | 8)) => return "sender's address refused",
        Some((_, 2, 1)) => return DISABLED,
        Some((_, 2, 2)) => return "mailbox full",
        Some((_, 3, 4) | (_, 2, 3)) => return "letter too large",
        Some((_, 4, _)) => return "the relay cannot route it now",
        Some((_, 7, 8 | 9)) => return "login refused; check the user and password of the mail setting",
        Some((_, 7, _)) => return "refused by policy",
        _ => {}
    }
    match code {
        421 => "the relay closes",
        450 => "mailbox busy or greylisted",
        451 => "trouble at the relay",
        452 => "the relay is short of space",
        454 => "TLS or login is not available now",
        530 => "the relay asks for a login; give a user and password in the mail setting",
        535 | 538 => "login refused; check the user and password of the mail setting",
        500..=504 => "the relay does not know the command",
        550 | 551 => NO_MAILBOX,
        552 => "letter too large or mailbox full",
        553 => "address refused",
        554 => "refused",
        400..=499 => "refused for now",
        _ => "refused for good",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_repeats_the_address_is_kept_without_it() {
        let reason = Reason::answered(
            Stage::Rcpt,
            550,
            "5.1.1 <tcastellanos@im.example.edu>: Recipient address rejected: Thuy-Anh Castellanos left",
        );
        assert_eq!(reason.to_string(), "550 5.1.1 at RCPT: mailbox unavailable");
    }

    #[test]
    fn only_what_is_said_of_the_mailbox_gives_it_up() {
        let refused = |stage, code, text| Failure::Never(Reason::answered(stage, code, text));
        assert!(refused(Stage::Rcpt, 550, "5.1.1 who?").is_of_the_mailbox());
        assert!(refused(Stage::Rcpt, 550, "who?").is_of_the_mailbox());
        assert!(refused(Stage::Rcpt, 550, "5.2.1 off").is_of_the_mailbox());
        assert!(!refused(Stage::Rcpt, 550, "5.7.1 spam").is_of_the_mailbox());
        assert!(!refused(Stage::Dot, 550, "no").is_of_the_mailbox());
        assert!(!Failure::Later(Reason::answered(Stage::Rcpt, 450, "4.1.1 later")).is_of_the_mailbox());
    }

    #[test]
    fn a_code_is_enough_and_a_false_enhanced_code_is_dropped() {
        let reason = |code, text| Reason::answered(Stage::Dot, code, text).to_string();
        assert_eq!(reason(451, "try later"), "451 at end of letter: trouble at the relay");
        assert_eq!(reason(550, "4.1.1 x"), "550 at end of letter: mailbox unavailable");
        assert_eq!(reason(554, "5.7.1.9 a@b.org"), "554 at end of letter: refused");
        assert_eq!(reason(552, "5.2.2 over quota"), "552 5.2.2 at end of letter: mailbox full");
    }
}
