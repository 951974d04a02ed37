//! What is sealed for calendar programs, and at which size: as `record` does for everything else. Never decides.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::dav::Collection;
use super::{Desk, Result};
use crate::domain::id::{AppPasswordId, BusyEventId};
use crate::domain::sync::SyncLog;
use crate::domain::time::Instant;
use crate::storage::app_passwords::AppPasswordRow;
use crate::storage::busy_events::BusyEventRow;
use crate::vault::{Location, VaultError};

/// Bytes of what is sealed of a password.
const PASSWORD_BYTES: usize = 512;
/// What sealing adds, and the length that stands before bytes that are filled up.
const ADDED: usize = crate::vault::OVERHEAD + 4;
/// Bytes of a sealed list of changes of visits: room for the most that is listed, and as much that is gone.
const HELD_LOG_BYTES: usize = 256 * 1024;
/// Sizes of a sealed list of changes of busy events, which the number of their rows tells anyway.
const BUSY_LOG_BYTES: [usize; 3] = [64 * 1024, 256 * 1024, 1024 * 1024];
/// Bytes of a sealed name.
const NAME_BYTES: usize = 256;
/// Sizes of a sealed event of a therapist's own: two hundred hours of meetings must not cost what one big one does.
const EVENT_BYTES: [usize; 3] = [4 * 1024, 16 * 1024, 68 * 1024];

/// What is known of a password beside its hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SealedPassword {
    /// What the therapist calls it.
    pub(super) name: String,
    /// Whether its program is told who comes.
    pub(super) names: bool,
    /// When it was made.
    pub(super) made_at: Instant,
}

const fn at<'a>(column: &'static str, row: &'a str) -> Location<'a> {
    Location { column, row }
}

fn log_row(id: AppPasswordId, collection: Collection) -> String {
    format!("{id}/{}", collection.name())
}

impl Desk {
    pub(super) fn seal_password(&self, id: AppPasswordId, password: &SealedPassword) -> Result<Vec<u8>> {
        Ok(self.vault.seal_at_size(at("app_passwords.sealed", &id.to_string()), password, PASSWORD_BYTES)?)
    }

    pub(super) fn open_password(&self, row: &AppPasswordRow) -> Result<SealedPassword> {
        Ok(self.vault.open_value(at("app_passwords.sealed", &row.id.to_string()), &row.sealed)?)
    }

    /// Seals a list of changes; forgets what went longest ago where there is no room.
    pub(super) fn seal_log(
        &self,
        id: AppPasswordId,
        collection: Collection,
        log: &mut SyncLog,
    ) -> Result<Vec<u8>> {
        let sizes = match collection {
            Collection::Held => &[HELD_LOG_BYTES][..],
            Collection::Busy => &BUSY_LOG_BYTES,
        };
        let most = sizes.last().map_or(0, |size| size - ADDED);
        let bytes = log.written(most).ok_or(VaultError::TooLong)?;
        self.seal_filled("sync_logs.sealed", &log_row(id, collection), &bytes, sizes)
    }

    pub(super) fn open_log(
        &self,
        id: AppPasswordId,
        collection: Collection,
        sealed: &[u8],
    ) -> Result<SyncLog> {
        let bytes = self.open_filled("sync_logs.sealed", &log_row(id, collection), sealed)?;
        Ok(SyncLog::read(&bytes).ok_or(VaultError::DoesNotOpen)?)
    }

    pub(super) fn seal_event_name(&self, id: BusyEventId, name: &str) -> Result<Vec<u8>> {
        self.seal_filled("busy_events.name", &id.to_string(), name.as_bytes(), &[NAME_BYTES])
    }

    pub(super) fn open_event_name(&self, row: &BusyEventRow) -> Result<String> {
        let bytes = self.open_filled("busy_events.name", &row.id.to_string(), &row.name)?;
        Ok(String::from_utf8(bytes.to_vec()).map_err(|_| VaultError::DoesNotOpen)?)
    }

    pub(super) fn seal_event(&self, id: BusyEventId, text: &str) -> Result<Vec<u8>> {
        self.seal_filled("busy_events.sealed", &id.to_string(), text.as_bytes(), &EVENT_BYTES)
    }

    pub(super) fn open_event(&self, row: &BusyEventRow) -> Result<String> {
        let bytes = self.open_filled("busy_events.sealed", &row.id.to_string(), &row.sealed)?;
        Ok(String::from_utf8(bytes.to_vec()).map_err(|_| VaultError::DoesNotOpen)?)
    }

    /// Seals bytes at the smallest of some sizes that has room for them.
    fn seal_filled(&self, column: &'static str, row: &str, bytes: &[u8], sizes: &[usize]) -> Result<Vec<u8>> {
        let size = sizes.iter().find(|size| bytes.len() + ADDED <= **size).ok_or(VaultError::TooLong)?;
        let length = u32::try_from(bytes.len()).map_err(|_| VaultError::TooLong)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(*size));
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(bytes);
        plain.resize(size - ADDED + 4, 0);
        Ok(self.vault.seal(at(column, row), &plain)?)
    }

    fn open_filled(&self, column: &'static str, row: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let plain = self.vault.open(at(column, row), sealed)?;
        let (length, rest) = plain.split_first_chunk::<4>().ok_or(VaultError::DoesNotOpen)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| VaultError::DoesNotOpen)?;
        Ok(Zeroizing::new(rest.get(..length).ok_or(VaultError::DoesNotOpen)?.to_vec()))
    }
}
