//! Mail that comes in: hands each to whoever answers for its kind, and counts it. Never says what became of one.

use super::{Desk, Result};
use crate::domain::incoming::{Content, Incoming};

/// What an operator may know of a mail that came in. Tells nothing of what somebody answered: whatever a calendar program
/// sent is one kind, done or dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counted {
    /// An answer of a calendar program to a letter of ours, whatever it said and whatever came of it.
    CalendarAnswer,
    /// An answer that cannot be read, of somebody who is known.
    Unreadable,
    /// What a mail server said of a letter of ours, whatever it said and whatever came of it.
    Returned,
    /// Dropped: an answer to no letter of ours, and of nobody who is known.
    Stranger,
    /// Dropped: nothing that is read here.
    Nothing,
}

impl Desk {
    /// Takes in a mail.
    ///
    /// # Errors
    /// Those of loading and saving.
    pub async fn take_in(&self, incoming: Incoming) -> Result<Counted> {
        let Incoming { from, aligned, automatic, content } = incoming;
        let counted = match content {
            Content::Reply(reply) => self.answered(from.as_ref(), aligned, reply).await?,
            Content::WinmailDat { uid } => self.unreadable(from.as_ref(), aligned, automatic, uid).await?,
            Content::Report { report, tokens, id } => self.came_back(report, &tokens, &id).await?,
            Content::Nothing => Counted::Nothing,
        };
        self.count_mail(counted).await?;
        Ok(counted)
    }
}
