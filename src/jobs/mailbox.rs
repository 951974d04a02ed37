//! Looks into the mailbox in which answers and returned letters arrive, one process at a time, by the numbers of messages and
//! not by who read them. A message is taken in first and its number saved then: after a crash it is taken in twice, which
//! changes nothing twice. Logs nothing of a message.

use std::sync::Arc;
use std::time::Duration as Wait;

use chrono::Duration;
use tokio::sync::watch;

use super::patience::answered;
use super::receive;
use crate::desk::{Desk, Error};
use crate::domain::time::Instant;
use crate::mail::mailbox::{Folder, Listed, MAX_MESSAGE, Mailbox, Trouble};
use crate::storage;
use crate::storage::mailboxes::{self, Cursor};

/// A mailbox is looked into every so often, and after trouble less and less often.
const EVERY: Wait = Wait::from_secs(60);
/// The longest wait after trouble.
const LONGEST: Wait = Wait::from_secs(30 * 60);
/// So many messages a round.
const AT_MOST: usize = 200;
/// A process that holds the mailbox and dies lets it go after so many minutes.
const HOLD_MINUTES: i64 = 10;

/// The mailbox, and where its messages go.
pub struct MailRoom {
    /// Who takes messages in.
    pub desk: Desk,
    /// Where they lie.
    pub mailbox: Mailbox,
    /// The name by which the institution's own mail server vouches for senders.
    pub trusted: Option<String>,
}

/// Why a round was broken off.
#[derive(Debug, thiserror::Error)]
pub enum Interruption {
    /// The mailbox.
    #[error(transparent)]
    Mailbox(#[from] Trouble),
    /// The desk.
    #[error(transparent)]
    Desk(#[from] Error),
}

impl From<storage::Error> for Interruption {
    fn from(problem: storage::Error) -> Self {
        Self::Desk(problem.into())
    }
}

/// What one look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// Another process looks into it at present.
    Elsewhere,
    /// So many messages were passed, and whether there may be more.
    Passed(usize, bool),
}

impl MailRoom {
    /// Looks into the mailbox once.
    ///
    /// # Errors
    /// Where it cannot be reached, or a message cannot be taken in now. It is looked at again in the next round.
    pub async fn look(&self) -> Result<Looked, Interruption> {
        let id = self.desk.mailbox_id(&self.mailbox.name());
        let Some((cursor, held)) = self.hold(&id).await? else { return Ok(Looked::Elsewhere) };
        let mut hold = Hold { desk: &self.desk, id, held, cursor };
        let passed = self.pass(&mut hold).await;
        // Let go in any case, so that the next look need not wait; one that was lost meanwhile is not ours to let go.
        let let_go = self.desk.now() - Duration::seconds(1);
        hold.save(let_go).await?;
        passed
    }

    async fn hold(&self, id: &str) -> Result<Option<(Cursor, Instant)>, Interruption> {
        let (now, until) = (self.desk.now(), self.desk.now() + Duration::minutes(HOLD_MINUTES));
        let held = answered(async {
            let mut tx = self.desk.store().write().await?;
            let held = mailboxes::hold(&mut tx, id, now, until).await?;
            tx.commit().await.map_err(storage::Error::from)?;
            Ok(held)
        });
        Ok(held.await?.map(|cursor| (cursor, until)))
    }

    async fn pass(&self, hold: &mut Hold<'_>) -> Result<Looked, Interruption> {
        let mut folder = self.mailbox.open().await?;
        if hold.cursor.uid_validity != i64::from(folder.validity()) {
            // The first look, or a mailbox that was made anew: from the beginning. What was taken in before changes nothing.
            hold.cursor = Cursor { uid_validity: i64::from(folder.validity()), last_uid: 0 };
        }
        let last = u32::try_from(hold.cursor.last_uid).unwrap_or(u32::MAX);
        let listed = folder.after(last, AT_MOST).await?;
        for message in &listed {
            self.take(&mut folder, *message).await?;
            hold.cursor.last_uid = i64::from(message.uid);
            if !hold.save(self.desk.now() + Duration::minutes(HOLD_MINUTES)).await? {
                return Ok(Looked::Elsewhere);
            }
        }
        folder.close().await;
        Ok(Looked::Passed(listed.len(), listed.len() == AT_MOST))
    }

    async fn take(&self, folder: &mut Folder, message: Listed) -> Result<(), Interruption> {
        if message.size > MAX_MESSAGE {
            return Ok(());
        }
        let Some(raw) = folder.message(message.uid).await? else { return Ok(()) };
        match answered(receive::message(&self.desk, self.trusted.as_deref(), &raw)).await {
            Ok(_) => Ok(folder.mark_read(message.uid).await?),
            // The database may answer again; anything else is about this one message, and must not hold up the others.
            Err(problem @ (Error::Storage(_) | Error::Contended)) => Err(problem.into()),
            Err(_) => {
                tracing::warn!("a message of the mailbox could not be taken in, and is left unread there");
                Ok(())
            }
        }
    }
}

/// A mailbox that is held, and how far it was looked into.
struct Hold<'a> {
    desk: &'a Desk,
    id: String,
    held: Instant,
    cursor: Cursor,
}

impl Hold<'_> {
    async fn save(&mut self, until: Instant) -> Result<bool, Interruption> {
        let ours = answered(async {
            let mut tx = self.desk.store().write().await?;
            let ours = mailboxes::advance(&mut tx, &self.id, self.held, self.cursor, until).await?;
            tx.commit().await.map_err(storage::Error::from)?;
            Ok(ours)
        });
        let ours = ours.await?;
        if ours {
            self.held = until;
        }
        Ok(ours)
    }
}

/// Looks into the mailbox again and again until `stop` says so. Trouble is logged in our own words.
pub async fn go(room: Arc<MailRoom>, mut stop: watch::Receiver<bool>) {
    let mut wait = EVERY;
    while !*stop.borrow() {
        wait = match room.look().await {
            Ok(Looked::Passed(_, true)) => Wait::ZERO,
            Ok(_) => EVERY,
            Err(problem) => {
                tracing::warn!("the mailbox was not looked into: {problem}");
                wait.max(EVERY).saturating_mul(2).min(LONGEST)
            }
        };
        tokio::select! {
            _ = tokio::time::sleep(wait) => {}
            _ = stop.changed() => {}
        }
    }
}
