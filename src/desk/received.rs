//! How much mail came in, for whoever looks after the installation: by kind, sealed at one size. Never what an answer said,
//! or what came of it.

use serde::{Deserialize, Serialize};

use super::incoming::Counted;
use super::{Desk, Result};
use crate::storage::received;
use crate::vault::Location;

/// The one row.
const ROW: &str = "all";
const HERE: Location<'static> = Location { column: "received.sealed", row: ROW };
/// Bytes of the sealed counts.
const BYTES: usize = 512;
/// So often counting is tried while others count.
const TRIES: usize = 4;

/// Mail that came in so far, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Received {
    /// Answers of calendar programs to letters of ours.
    pub calendar_answers: u64,
    /// Answers that could not be read.
    pub unreadable: u64,
    /// What mail servers said of letters of ours.
    pub returned: u64,
    /// Answers to no letter of ours, of nobody who is known.
    pub strangers: u64,
    /// Everything else: automatic replies, plain words.
    pub nothing: u64,
}

impl Received {
    const fn and(self, counted: Counted) -> Self {
        let mut all = self;
        match counted {
            Counted::CalendarAnswer => all.calendar_answers += 1,
            Counted::Unreadable => all.unreadable += 1,
            Counted::Returned => all.returned += 1,
            Counted::Stranger => all.strangers += 1,
            Counted::Nothing => all.nothing += 1,
        }
        all
    }
}

impl Desk {
    /// How much mail came in so far.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn received(&self) -> Result<Received> {
        let mut db = self.store.read().await?;
        let sealed = received::counts(&mut db, ROW).await?;
        Ok(sealed.map(|sealed| self.vault.open_value(HERE, &sealed)).transpose()?.unwrap_or_default())
    }

    /// Counts a mail. Where many come at once one may be left out: a count is not worth a mail that comes twice.
    pub(super) async fn count_mail(&self, counted: Counted) -> Result<()> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let before = received::counts(&mut tx, ROW).await?;
            let done = match &before {
                None => {
                    let sealed = self.vault.seal_at_size(HERE, &Received::default().and(counted), BYTES)?;
                    received::add(&mut tx, ROW, sealed).await?
                }
                Some(before) => {
                    let all: Received = self.vault.open_value(HERE, before)?;
                    let sealed = self.vault.seal_at_size(HERE, &all.and(counted), BYTES)?;
                    received::swap(&mut tx, ROW, before, sealed).await?
                }
            };
            if done {
                return Ok(tx.commit().await.map_err(crate::storage::Error::from)?);
            }
        }
        Ok(())
    }
}
