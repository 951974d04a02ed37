//! A file that somebody looks through before it is taken: kept sealed for an hour, for its sender alone. Never taken by
//! itself.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::id::DraftId;
use crate::storage::drafts;
use crate::vault::Location;

/// A file as it was sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What the sender calls it.
    pub file_name: String,
    /// Its bytes.
    #[serde(with = "base64")]
    pub bytes: Vec<u8>,
}

/// Bytes as one text: as a list of numbers they would be four times as long.
mod base64 {
    use data_encoding::BASE64_NOPAD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_NOPAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_NOPAD.decode(text.as_bytes()).map_err(D::Error::custom)
    }
}

/// A draft is forgotten after so many minutes.
const MINUTES: i64 = 60;

impl Desk {
    /// Keeps a file in the place of whatever the same person looked through for the same purpose, such as
    /// `roster` and a program.
    ///
    /// # Errors
    /// [`Error::Link`] for a therapist.
    pub async fn keep_draft(&self, session: &Session, purpose: &str, draft: &Draft) -> Result<DraftId> {
        let (staff, _) = session.staff()?;
        let id = DraftId::from_bytes(self.draw());
        let text = id.to_string();
        let sealed = self.vault.seal_value(Location { column: "drafts.sealed", row: &text }, draft)?;
        let mut tx = self.store.write().await?;
        let ends_at = self.now() + Duration::minutes(MINUTES);
        drafts::put(&mut tx, id, staff, purpose, sealed, ends_at).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(id)
    }

    /// The file that somebody looks through.
    ///
    /// # Errors
    /// [`Error::Link`] where it is somebody else's, for something else, or past its time.
    pub async fn draft(&self, session: &Session, purpose: &str, id: DraftId) -> Result<Draft> {
        let (staff, _) = session.staff()?;
        let mut db = self.store.read().await?;
        let sealed = drafts::draft(&mut db, id, staff, purpose, self.now()).await?.ok_or(Error::Link)?;
        let text = id.to_string();
        Ok(self.vault.open_value(Location { column: "drafts.sealed", row: &text }, &sealed)?)
    }

    /// Forgets the file, because it was taken or is not wanted.
    ///
    /// # Errors
    /// [`Error::Link`] for a therapist.
    pub async fn forget_draft(&self, session: &Session, purpose: &str) -> Result<()> {
        let (staff, _) = session.staff()?;
        let mut tx = self.store.write().await?;
        drafts::drop(&mut tx, staff, purpose).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }
}
