//! Forgetting what is past its time: dead links, ended sessions, sign-ins that were given up, old drafts, and letters whose
//! mere existence tells something.

use chrono::Duration;

use super::{Desk, Result};
use crate::storage::{drafts, links, outbox, sessions, sign_ins};

/// Ended links are kept so long, so that they answer like any other link that opens nothing.
const LINK_DAYS: i64 = 1;
/// Finished letters that were not for everyone are kept so long, against sending one twice.
const LETTER_DAYS: i64 = 2;

impl Desk {
    /// Forgets what is past its time.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn tidy(&self) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        links::tidy(&mut tx, now - Duration::days(LINK_DAYS)).await?;
        sessions::tidy(&mut tx, now).await?;
        sign_ins::tidy(&mut tx, now).await?;
        drafts::tidy(&mut tx, now).await?;
        outbox::tidy(&mut tx, now - Duration::days(LETTER_DAYS)).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }
}
