//! The ways out of the house, behind one door: a relay, a directory, or the demo's mailbox. Never decides when
//! to try again.

use super::captured::Mailbox;
use super::directory::Directory;
use super::envelope::Envelope;
use super::failure::Failure;
use super::smtp::{Lane, Limits, Smtp, SmtpSession, Told};
use super::url::{MailUrl, MailUrlRefusal};
use crate::domain::relay::Leave;
use crate::domain::time::Instant;

/// A way out.
#[derive(Clone)]
pub enum Transport {
    /// To a relay.
    Smtp(Box<Smtp>),
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
            MailUrl::Smtp(relay) => Self::Smtp(Box::new(Smtp::new(relay.clone(), limits)?)),
            MailUrl::Directory(path) => Self::Directory(Directory::at(path.clone())),
            MailUrl::Captured => Self::Captured(Mailbox::default()),
        })
    }

    /// Opens a session, to see whether it can be done.
    ///
    /// # Errors
    /// [`Failure::Later`] where the way is blocked; nothing was sent.
    pub async fn connect(&self) -> Result<Session, Failure> {
        self.connect_for(Lane::Everyone, Instant::default()).await
    }

    /// Opens a session, over which letters go one after the other; `now` is the time on the clock of whoever asks.
    ///
    /// # Errors
    /// [`Failure::Later`] where the way is blocked; nothing was sent.
    pub async fn connect_for(&self, lane: Lane, now: Instant) -> Result<Session, Failure> {
        Ok(match self {
            Self::Smtp(smtp) => Session::Smtp(Box::new(smtp.connect(lane, now).await?)),
            Self::Directory(directory) => {
                directory.prepare().await?;
                Session::Directory(directory.clone())
            }
            Self::Captured(mailbox) => Session::Captured(mailbox.clone()),
        })
    }

    /// What may be done with the way now: one that failed too often is left alone for a while.
    #[must_use]
    pub fn may_be_tried(&self, lane: Lane, now: Instant) -> Leave {
        match self {
            Self::Smtp(smtp) => smtp.may_be_tried(lane, now),
            Self::Directory(_) | Self::Captured(_) => Leave::Freely,
        }
    }

    /// One letter sets out to try a way that may be tried once.
    pub fn is_tried(&self, lane: Lane, now: Instant) {
        if let Self::Smtp(smtp) = self {
            smtp.is_tried(lane, now);
        }
    }

    /// That letter is done with, whatever became of it.
    pub fn has_ended(&self, lane: Lane) {
        if let Self::Smtp(smtp) = self {
            smtp.has_ended(lane);
        }
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
        self.send_telling(envelope, letter, &|_| {}).await
    }

    /// The same; `told` hears when the letter has to wait.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub async fn send_telling(
        &mut self,
        envelope: &Envelope<'_>,
        letter: &[u8],
        told: Told<'_>,
    ) -> Result<(), Failure> {
        match self {
            Self::Smtp(session) => session.send(envelope, letter, told).await,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identity::Address;
    use crate::domain::letter::Letter;
    use crate::mail::preview::previews;
    use crate::mail::template::Templates;

    fn invitation() -> Vec<u8> {
        let files =
            previews(&Templates::embedded().unwrap(), crate::domain::language::Language::English).unwrap();
        files.into_iter().find(|file| file.name == format!("{}.eml", Letter::Invitation)).unwrap().bytes
    }

    #[tokio::test]
    async fn a_resident_of_the_demo_opens_the_invitation_and_finds_link_and_entry() {
        let transport = Transport::open(&MailUrl::Captured, Limits::default()).unwrap();
        let mut session = transport.connect().await.unwrap();
        let address: Address = "tcastellanos@im.example.edu".parse().ok().unwrap();
        let envelope = Envelope { from: &address, to: &address, message_id: "<u.0.invitation@example.org>" };
        session.send(&envelope, &invitation()).await.unwrap();
        session.close().await;
        let Transport::Captured(mailbox) = transport else { panic!("another way out") };
        let opened = mailbox.get(1).unwrap().open();
        assert_eq!(opened.subject, "Protected time: Tuesday, July 13, 2027, 1:00–5:00 PM MDT");
        assert_eq!(opened.from, "Holdspace");
        for part in [&opened.text, &opened.html] {
            assert!(part.contains("https://holdspace.example.org/l/hq3jz7m2vyt4c6dkwnbsx5pfae"));
        }
        assert!(opened.calendar.unwrap().contains("METHOD:REQUEST\r\n"));
    }

    #[tokio::test]
    async fn a_letter_into_a_directory_is_there_to_the_byte() {
        let temp = tempfile::tempdir().unwrap();
        let url: MailUrl = format!("file://{}", temp.path().display()).parse().unwrap();
        let mut session = Transport::open(&url, Limits::default()).unwrap().connect().await.unwrap();
        let address: Address = "a@x.org".parse().ok().unwrap();
        let envelope = Envelope { from: &address, to: &address, message_id: "<u.0.invitation@example.org>" };
        session.send(&envelope, &invitation()).await.unwrap();
        let path = temp.path().join("u.0.invitation@example.org.eml");
        assert!(std::fs::read(path).unwrap() == invitation());
    }
}
