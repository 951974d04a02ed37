//! A backup of a running service, looked through before anybody relies on it; and what a backup that is put back needs before it
//! may be used. Never puts the key file or the mirror of releases into one.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::invariants::Soundness;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::booking::Hand;
use crate::domain::id::CodeId;
use crate::domain::time::Instant;
use crate::storage::backup::{BackupTrouble, FORMAT, FileNote, Manifest, MirrorNote, Place};
use crate::storage::survey_codes::{self, CodeRow};
use crate::storage::{Engine, Store, bookings, copies, releases};

/// What a backup came to.
#[derive(Debug, Clone, Serialize)]
pub struct BackedUp {
    /// Where it is.
    pub folder: PathBuf,
    /// Whatever was answered for before this moment is in it.
    pub at: Instant,
    /// How long its files are together, in bytes.
    pub bytes: u64,
    /// How many older copies of the store of keys were deleted, because their days were over.
    pub keys_deleted: usize,
    /// What came of looking through it.
    #[serde(flatten)]
    pub soundness: Soundness,
}

/// What a backup that is put back was brought to.
#[derive(Debug, Clone, Serialize)]
pub struct Settled {
    /// Releases that the mirror holds and the backup did not: shown again as they were, and never drawn again.
    pub releases_put_back: usize,
    /// Why nothing is released for now, where the mirror cannot be used.
    pub mirror_trouble: Option<String>,
    /// What came of looking through it.
    #[serde(flatten)]
    pub soundness: Soundness,
}

impl From<BackupTrouble> for Error {
    fn from(trouble: BackupTrouble) -> Self {
        Self::Refused(trouble.to_string())
    }
}

impl Desk {
    /// Writes a backup into a place of backups while the service goes on, looks through it, and deletes copies of the store of
    /// keys there whose days are over. One in which something does not hold together is kept too, because it may be the only
    /// one, and says so.
    ///
    /// # Errors
    /// [`Error::Refused`] for PostgreSQL, whose own tools do that, and where the place cannot be used; then there is no backup.
    pub async fn back_up(&self, place: &Path) -> Result<BackedUp> {
        if self.store.engine() == Engine::Postgres {
            return Err(Error::Refused(
                "PostgreSQL is backed up by its own tools: pg_dump or pg_basebackup, as docs/operating.md has it".to_owned(),
            ));
        }
        let place = Place::open(place)?;
        let at = self.now();
        let unfinished = place.begin(at)?;
        self.store.copy_to(&unfinished.main(), &unfinished.keys()).await?;
        let files = unfinished.files()?;
        let bytes = files.iter().map(|file| file.bytes).sum();
        let copy = Self { store: Store::open_copy(&unfinished.main()).await?, ..self.clone() };
        let soundness = copy.check_data().await;
        let manifest = copy.manifest(at, files, &soundness).await;
        copy.store.close().await;
        let (soundness, manifest) = (soundness?, manifest?);
        let folder = unfinished.finish(&manifest)?;
        let keys_deleted = place.expire_keys(at)?;
        Ok(BackedUp { folder, at, bytes, keys_deleted, soundness })
    }

    async fn manifest(
        &self,
        at: Instant,
        files: Vec<FileNote>,
        soundness: &Result<Soundness>,
    ) -> Result<Manifest> {
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let mirror = releases::mirror(&mut db, institution).await?;
        let schema = copies::schema_version(&mut db).await?;
        drop(db);
        Ok(Manifest {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            at,
            schema,
            files,
            mirror: mirror.map(|(lines, head)| MirrorNote { lines, head }),
            sealed_by: self.sealed_by().await?.keys().map(ToString::to_string).collect(),
            findings: soundness.as_ref().map(|sound| sound.findings.clone()).unwrap_or_default(),
        })
    }

    /// Brings a backup of a moment, not in its place yet, to what is known outside of it, writes down that it is put back, and
    /// looks through it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn settle_restored(&self, of: Instant) -> Result<Settled> {
        let before = releases::all(&mut *self.store.read().await?).await?.len();
        let mirror_trouble = match self.catch_up().await {
            Ok(()) => None,
            Err(Error::Refused(why)) => Some(why),
            Err(other) => return Err(other),
        };
        let after = releases::all(&mut *self.store.read().await?).await?.len();
        self.begin_behind().await?;
        self.note_alone(&Act::Restored { of }).await?;
        let soundness = self.check_data().await?;
        self.store.truncate_log().await?;
        Ok(Settled { releases_put_back: after - before, mirror_trouble, soundness })
    }

    /// Takes care that nothing is used twice that may have been used since the backup: numbers of calendar messages, and codes
    /// of the survey, of which one given meanwhile would be given to somebody else.
    async fn begin_behind(&self) -> Result<()> {
        let mut tx = self.store.write().await?;
        for offering in self.offerings(&mut tx).await? {
            for row in bookings::of_offering(&mut tx, offering.id()).await? {
                // What does not open is told by the look through everything.
                let Ok(booking) = self.open_booking(&row) else { continue };
                self.put_booking(&mut tx, &row, &booking.skips_numbers(), Hand::Service).await?;
            }
            for row in survey_codes::of_offering(&mut tx, offering.id()).await? {
                let Some(sheet) = self.open_sheet(&row).ok().filter(|sheet| !sheet.given) else { continue };
                let id = CodeId::from_bytes(self.draw());
                let sealed = self.seal_sheet(&row.key, id, &sheet)?;
                survey_codes::take_out(&mut tx, row.id, &row.sealed).await?;
                survey_codes::add(&mut tx, &CodeRow { id, sealed, ..row }).await?;
            }
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }
}
