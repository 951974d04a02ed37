//! What is kept of a season: backups under a running service, what putting one back does and cannot do, and the move to another
//! engine. Never looks at a file where a page or the desk can be asked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use holdspace::clock::Clock;
use holdspace::desk::Desk;
use holdspace::desk::backup::Settled;
use holdspace::domain::booking::Booking;
use holdspace::domain::id::BookingId;
use holdspace::entropy::Entropy;
use holdspace::storage::backup::manifest;
use holdspace::storage::restore::Staged;
use holdspace::storage::{Store, bookings, offerings};
use holdspace::vault::Location;
use tempfile::TempDir;

use crate::harness::house::{House, PUBLIC_URL};

mod backups;
mod load;
mod moves;
mod sound;
mod tools;

/// A backup that was put back, somewhere else, and is opened there by the same key file.
struct PutBack {
    desk: Desk,
    settled: Settled,
    folder: TempDir,
}

impl PutBack {
    /// Puts a backup back; with a mirror of releases, and with another store of keys, if one is named.
    async fn of(house: &House, backup: &Path, mirror: Option<&Path>, keys: Option<&Path>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("holdspace.db");
        let manifest = manifest(backup).unwrap();
        let staged = Staged::begin(&main).unwrap();
        staged.fetch(backup, &manifest, keys).await.unwrap();
        let store = Store::open(&format!("sqlite://{}", staged.main().display())).await.unwrap();
        store.migrate().await.unwrap();
        let desk = desk_on(house, store, mirror);
        let settled = desk.settle_restored(manifest.at).await.unwrap();
        desk.store().close().await;
        staged.put().unwrap();
        let store = Store::open(&format!("sqlite://{}", main.display())).await.unwrap();
        Self { desk: desk_on(house, store, mirror), settled, folder }
    }

    fn main(&self) -> PathBuf {
        self.folder.path().join("holdspace.db")
    }
}

/// A desk of a house's people, key file and clock on another database.
fn desk_on(house: &House, store: Store, mirror: Option<&Path>) -> Desk {
    let (clock, dice) =
        (Arc::clone(&house.clock) as Arc<dyn Clock>, Arc::clone(&house.dice) as Arc<dyn Entropy>);
    let desk = Desk::new(store, Arc::clone(&house.vault), clock, dice, PUBLIC_URL);
    mirror.map_or_else(|| desk.clone(), |path| desk.clone().with_mirror(path))
}

/// A backup of a house, a second after everything before.
async fn backup_of(house: &House, desk: &Desk, place: &Path) -> PathBuf {
    house.clock.advance(chrono::Duration::seconds(1));
    let done = desk.back_up(place).await.unwrap();
    assert_eq!(done.soundness.findings, [] as [String; 0]);
    done.folder
}

/// All bookings of the only offering in some database, opened.
async fn bookings_in(house: &House, store: &Store) -> Vec<(BookingId, Booking)> {
    let mut db = store.read().await.unwrap();
    let all = offerings::offerings(&mut db).await.unwrap();
    let rows = bookings::of_offering(&mut db, all[0].id).await.unwrap();
    let opened = rows.iter().map(|row| {
        let id = row.id.to_string();
        let at = Location { column: "bookings.sealed", row: &id };
        (row.id, house.data_key(&row.key).open_value(at, &row.sealed).unwrap())
    });
    opened.collect()
}

async fn count(store: &Store, table: &str) -> i64 {
    let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    sqlx::query_scalar(text).fetch_one(&mut *store.read().await.unwrap()).await.unwrap()
}
