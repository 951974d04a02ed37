//! The ways out of the house, behind one door: a relay, a directory, or the demo's mailbox. Never decides when
//! to try again.

use super::captured::Mailbox;
use super::directory::Directory;
use super::failure::Failure;
use super::smtp::{Limits, Smtp, SmtpSession};
use super::url::{MailUrl, MailUrlRefusal};
use crate::domain::identity::Address;

/// Who sends a letter to whom, and which.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    /// Where bounces go.
    pub from: &'a Address,
    /// The one recipient.
    pub to: &'a Address,
    /// The letter's Message-ID, by which a second copy is known.
    pub message_id: &'a str,
}

/// A way out.
#[derive(Clone)]
pub enum Transport {
    /// To a relay.
    Smtp(Smtp),
    /// Into a directory.
    Directory(Directory),
    /// Into memory.
    Captured(Mailbox),
}

impl Transport {
    /// The way that a mail setting names; nothing is connected yet.
    ///
    /// # Errors
    /// Where the setting's authority cannot be read, or its host cannot have a certificate.
    pub fn open(url: &MailUrl, limits: Limits) -> Result<Self, MailUrlRefusal> {
        Ok(match url {
            MailUrl::Smtp(relay) => Self::Smtp(Smtp::new(relay.clone(), limits)?),
            MailUrl::Directory(path) => Self::Directory(Directory::at(path.clone())),
            MailUrl::Captured => Self::Captured(Mailbox::default()),
        })
    }

    /// Opens a session, over which letters go one after the other.
    ///
    /// # Errors
    /// [`Failure::Later`] where the way is blocked; nothing was sent.
    pub async fn connect(&self) -> Result<Session, Failure> {
        Ok(match self {
            Self::Smtp(smtp) => Session::Smtp(Box::new(smtp.connect().await?)),
            Self::Directory(directory) => {
                directory.prepare().await?;
                Session::Directory(directory.clone())
            }
            Self::Captured(mailbox) => Session::Captured(mailbox.clone()),
        })
    }
}

/// An open way out.
pub enum Session {
    /// To a relay.
    Smtp(Box<SmtpSession>),
    /// Into a directory.
    Directory(Directory),
    /// Into memory.
    Captured(Mailbox),
}

impl Session {
    /// Hands one letter over. A session stays usable after a failure: it connects again where it must.
    ///
    /// # Errors
    /// What became of the letter; see [`Failure`].
    pub async fn send(&mut self, envelope: &Envelope<'_>, letter: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Smtp(session) => session.send(envelope, letter).await,
            Self::Directory(directory) => directory.send(envelope, letter).await,
            Self::Captured(mailbox) => {
                mailbox.put(envelope, letter);
                Ok(())
            }
        }
    }

    /// Says goodbye where that is the custom.
    pub async fn close(self) {
        if let Self::Smtp(session) = self {
            session.close().await;
        }
    }
}
