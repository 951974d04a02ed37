//! How the installation fares, for whoever runs it: counts of the letters that everyone gets alike, and whether they leave
//! in time. Never a person, and never a letter that one person made be owed.

use super::{Desk, Result};
use crate::storage::outbox;

pub use crate::storage::outbox::LetterCount;

/// What may be watched from outside.
pub struct Health {
    /// The letters that everyone gets, by kind and state.
    pub letters: Vec<LetterCount>,
    /// How many of them are due.
    pub due: i64,
    /// For how many seconds the oldest of those has been.
    pub overdue_seconds: i64,
}

impl Desk {
    /// How it fares now.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn health(&self) -> Result<Health> {
        let now = self.now();
        let mut db = self.store.read().await?;
        let (due, oldest) = outbox::due_to_everyone(&mut db, now).await?;
        let overdue_seconds = oldest.map_or(0, |since| (now - since).num_seconds());
        Ok(Health { letters: outbox::counts(&mut db).await?, due, overdue_seconds })
    }
}
