//! The mirror of releases: what a crash or an older copy of the database leaves undone is done again with the same bytes, and
//! where the mirror cannot tell what was released, nothing is. Never asks how many really came.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use holdspace::clock::Clock;
use holdspace::desk::{Desk, Error};
use holdspace::entropy::Entropy;
use holdspace::storage::Store;
use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, PUBLIC_URL};
use crate::harness::rest::at_rest;
use crate::releases::{DAY, after_the_visits, refused};

/// A house whose visits are over and whose release is due, with a mirror of its own.
struct Mirrored {
    house: House,
    desk: Desk,
    folder: TempDir,
}

impl Mirrored {
    async fn on(db: &TestDatabase) -> Self {
        let house = after_the_visits(db).await;
        house.clock.set(DAY.parse().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let desk = house.desk.clone().with_mirror(&folder.path().join("mirror"));
        Self { house, desk, folder }
    }

    /// The mirror is begun, and nothing is released yet.
    async fn begins(&self) {
        self.house.clock.set("2027-08-01T12:00:00Z".parse().unwrap());
        assert!(refused(self.desk.release(None).await).contains("nothing is released before"));
        self.house.clock.set(DAY.parse().unwrap());
        assert_eq!(self.lines().len(), 1);
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mirror")
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path()).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'));
        text.lines().map(str::to_owned).collect()
    }
}

/// What is on file about releases.
async fn on_file(db: &TestDatabase) -> BTreeMap<&'static str, Vec<String>> {
    let mut rest = at_rest(db).await;
    let tables = ["releases", "ledger", "withdrawals", "release_mirror"];
    tables.map(|table| (table, rest.remove(table).unwrap())).into()
}

/// The hash of the one frozen release, and everybody who is charged with how much.
async fn released(db: &TestDatabase) -> (String, Vec<String>) {
    let rows = on_file(db).await;
    let [release] = rows["releases"].as_slice() else { panic!("{} releases", rows["releases"].len()) };
    let hash = release.split("sha256=").nth(1).unwrap().to_owned();
    (hash, rows["ledger"].clone())
}

async fn run(db: &TestDatabase, statements: &[&'static str]) {
    let mut connection = AnyConnection::connect(db.url()).await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// Takes back what the transaction of a release wrote, as an older copy or a crash before the commit would: the mirror is known
/// as far as its first line.
async fn loses_the_release(db: &TestDatabase, first_head: &str) {
    run(db, &["DELETE FROM withdrawals", "DELETE FROM ledger", "DELETE FROM releases"]).await;
    let mut connection = AnyConnection::connect(db.url()).await.unwrap();
    let known = sqlx::query("UPDATE release_mirror SET lines = 1, head = $1").bind(first_head);
    known.execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn head(line: &str) -> &str {
    line.split(' ').next().unwrap()
}

on_both_engines! {
    async fn what_an_older_database_has_forgotten_is_put_back_and_never_drawn_again(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        let first = it.desk.release(None).await.unwrap();
        let before = released(&db).await;
        let lines = it.lines();
        assert_eq!(lines.len(), 2);
        for (round, seed) in [(0, 98), (1, 99)] {
            loses_the_release(&db, head(&lines[0])).await;
            it.house.dice.turn_to(seed);
            if round == 0 {
                // By itself, as the rounds do it; nothing is left to be drawn.
                assert_eq!(it.desk.clone().with_mirror(&it.path()).release_due().await.unwrap(), 0);
            }
            assert!(it.desk.release(None).await.unwrap() == first);
            assert_eq!(released(&db).await, before);
            assert_eq!(it.lines(), lines, "the mirror was written to");
        }
    }

    /// The line is on the disk, the commit is not: the same as an older copy, but for the moment.
    async fn a_crash_between_mirror_and_commit_loses_no_release_and_draws_no_second(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        let first = it.desk.release(None).await.unwrap();
        let lines = it.lines();
        loses_the_release(&db, head(&lines[0])).await;
        // Whoever comes first after the crash, even before the day by a clock that was set back, finds it released.
        it.house.clock.set("2027-08-01T12:00:00Z".parse().unwrap());
        it.house.dice.turn_to(77);
        let desk = it.house.desk.clone().with_mirror(&it.path());
        assert!(desk.release(None).await.unwrap() == first);
    }

    async fn a_line_that_was_cut_off_was_never_released(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        it.desk.release(None).await.unwrap();
        let (hash, lines) = (released(&db).await.0, it.lines());
        loses_the_release(&db, head(&lines[0])).await;
        // The machine stopped in the middle of writing the second line, and so before the commit.
        std::fs::write(it.path(), format!("{}\n{}", lines[0], &lines[1][..lines[1].len() / 2])).unwrap();
        it.house.dice.turn_to(55);
        it.desk.release(None).await.unwrap();
        let now = it.lines();
        assert_eq!((now.len(), &now[0]), (2, &lines[0]));
        assert_ne!(released(&db).await.0, hash);
        assert!(now[1].contains(&released(&db).await.0));
    }

    async fn a_mirror_that_is_missing_changed_shorter_or_anothers_stops_releases_and_says_what_to_do(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        it.desk.release(None).await.unwrap();
        let (lines, file) = (it.lines(), std::fs::read(it.path()).unwrap());
        let rows = on_file(&db).await;
        let changed = String::from_utf8(file.clone()).unwrap().replacen("\"division\":\"units\"", "\"division\":\"site\"", 1);
        assert_ne!(changed.as_bytes(), file);
        for (spoilt, says) in [
            (None, "is missing or empty"),
            (Some(String::new()), "is missing or empty"),
            (Some(changed), "from line 2 on it is not what this installation wrote"),
            (Some(format!("{}\n", lines[0])), "it has 1 lines, and this database knows of 2"),
            (Some(format!("{}\n", lines[1])), "from line 1 on it is not what this installation wrote"),
        ] {
            std::fs::remove_file(it.path()).unwrap();
            if let Some(spoilt) = &spoilt {
                std::fs::write(it.path(), spoilt).unwrap();
            }
            let why = refused(it.desk.release(None).await);
            assert!(why.contains(says) && why.contains(it.path().to_str().unwrap()), "{why}");
            let stand = it.desk.mirror_stand().await.unwrap_err().to_string();
            assert!(stand.contains(says), "{stand}");
            // The rounds of everything else go on.
            assert_eq!(it.desk.release_due().await.unwrap(), 0);
            std::fs::write(it.path(), &file).unwrap();
        }
        assert!(it.desk.release(None).await.is_ok());
        assert_eq!(on_file(&db).await, rows);
        let stand = it.desk.mirror_stand().await.unwrap().unwrap();
        assert_eq!((stand.releases, stand.withdrawals, stand.unknown, stand.is_new), (1, 0, 0, false));
    }

    /// Two processes whose settings name different files: the second says so and draws nothing.
    async fn a_process_that_does_not_reach_the_mirror_releases_nothing(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        it.begins().await;
        let elsewhere = it.house.desk.clone().with_mirror(&it.folder.path().join("another"));
        let why = refused(elsewhere.release(None).await);
        assert!(why.contains("every process needs the same file"), "{why}");
        assert!(on_file(&db).await["releases"].is_empty());
        let unwritable = it.house.desk.clone().with_mirror(Path::new("/nowhere/at/all"));
        assert!(refused(unwritable.release(None).await).contains("/nowhere/at/all"));
        assert!(it.desk.release(None).await.is_ok());
    }

    async fn a_mirror_that_is_lost_for_good_is_written_anew_only_where_somebody_says_so(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        let first = it.desk.release(None).await.unwrap();
        it.desk.withdraw(None, "the roster was that of last year").await.unwrap();
        let whole = it.lines();
        assert!(it.desk.renew_mirror().await.is_err_and(|why| why.to_string().contains("nothing to renew")));
        std::fs::write(it.path(), "something else\n").unwrap();
        let aside = it.desk.renew_mirror().await.unwrap().unwrap();
        assert_eq!(std::fs::read(aside).unwrap(), b"something else\n");
        assert_eq!(it.lines().len(), whole.len());
        // The new one does what the old one did.
        loses_the_release(&db, head(&it.lines()[0])).await;
        assert!(refused(it.desk.release(None).await).contains("that of last year"));
        assert_eq!(released(&db).await.0, holdspace::domain::release::Document::of(&first).hash());
    }

    async fn a_withdrawal_outlives_an_older_database(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        it.desk.release(None).await.unwrap();
        it.desk.withdraw(None, "the roster was that of last year").await.unwrap();
        let (rows, lines) = (on_file(&db).await, it.lines());
        // An older copy that has the release and not the withdrawal, then one that has neither.
        run(&db, &["DELETE FROM withdrawals"]).await;
        let mut connection = AnyConnection::connect(db.url()).await.unwrap();
        let known = sqlx::query("UPDATE release_mirror SET lines = 2, head = $1").bind(head(&lines[1]).to_owned());
        known.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        it.desk.clone().with_mirror(&it.path()).release_due().await.unwrap();
        assert_eq!(on_file(&db).await, rows);
        loses_the_release(&db, head(&lines[0])).await;
        assert!(refused(it.desk.release(None).await).contains("never drawn again: the roster was that of last year"));
        assert_eq!(on_file(&db).await["withdrawals"], rows["withdrawals"]);
        assert_eq!(on_file(&db).await["ledger"].len(), rows["ledger"].len());
    }

    async fn two_who_release_at_once_leave_one_line(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        let other = it.house.desk.clone().with_mirror(&it.path());
        let (one, two) = tokio::join!(it.desk.release(None), other.release(None));
        // The slower one finds the release, or is told to come again.
        let released = [one, two].into_iter().filter_map(|done| match done {
            Ok(release) => Some(release),
            Err(Error::Contended) => None,
            Err(other) => panic!("{other:?}"),
        });
        assert!(released.collect::<Vec<_>>().windows(2).all(|both| both[0] == both[1]));
        assert_eq!(it.lines().len(), 2);
        assert!(it.desk.release(None).await.is_ok());
    }

    async fn the_mirror_names_nobody(db: TestDatabase) {
        let it = Mirrored::on(&db).await;
        it.desk.release(None).await.unwrap();
        let text = std::fs::read_to_string(it.path()).unwrap();
        let mut rest = at_rest(&db).await;
        let ids = rest.remove("residents").unwrap();
        assert!(!ids.is_empty());
        for row in ids {
            let id = row.split(' ').find_map(|cell| cell.strip_prefix("id=")).unwrap().to_owned();
            assert!(!text.contains(&id));
        }
        for person in it.house.town.people() {
            assert!(!text.contains(&person.address));
        }
    }
}

/// From the first booking on the database knows that there is a mirror: before there is any outcome that could be drawn twice.
#[tokio::test]
async fn whoever_books_first_begins_the_mirror() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror");
    let desk = house.desk.clone().with_mirror(&path);
    assert!(desk.mirror_stand().await.unwrap().unwrap().is_new);
    let unwritable = house.desk.clone().with_mirror(&folder.path().join("no").join("such"));
    let why = unwritable.book(None).await.unwrap_err().to_string();
    assert!(why.contains("release_mirror"), "{why}");
    assert!(!path.exists());
    assert!(desk.book(None).await.unwrap().booked > 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    std::fs::remove_file(&path).unwrap();
    house.clock.set(DAY.parse().unwrap());
    assert!(refused(desk.release(None).await).contains("is missing"));
}

/// The real thing: a copy of the file, made before the release and put back after it.
#[tokio::test]
async fn a_restored_copy_of_the_file_shows_the_very_bytes_that_were_released() {
    let db = TestDatabase::sqlite();
    let it = Mirrored::on(&db).await;
    it.begins().await;
    let copy = db.directory().unwrap().join("older.db");
    let mut connection = AnyConnection::connect(db.url()).await.unwrap();
    let into = sqlx::AssertSqlSafe(format!("VACUUM INTO '{}'", copy.display()));
    sqlx::query(into).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let first = it.desk.release(None).await.unwrap();
    // Beside the present store of keys, as the guide has it.
    it.house.store.truncate_log().await.unwrap();
    std::fs::copy(db.directory().unwrap().join("holdspace.keys.db"), copy.with_file_name("older.keys.db"))
        .unwrap();

    let store = Store::open(&format!("sqlite://{}", copy.display())).await.unwrap();
    it.house.dice.turn_to(4711);
    let (clock, dice) =
        (Arc::clone(&it.house.clock) as Arc<dyn Clock>, Arc::clone(&it.house.dice) as Arc<dyn Entropy>);
    let restored =
        Desk::new(store, Arc::clone(&it.house.vault), clock, dice, PUBLIC_URL).with_mirror(&it.path());
    let stand = restored.mirror_stand().await.unwrap().unwrap();
    assert_eq!((stand.releases, stand.unknown), (1, 1));
    assert!(restored.release(None).await.unwrap() == first);
    assert_eq!(restored.mirror_stand().await.unwrap().unwrap().unknown, 0);
    // Nobody is charged less than before, so nothing else of this cycle can be released either.
    let spent = |store: &Store| {
        let store = store.clone();
        async move {
            let mut db = store.read().await.unwrap();
            let cycle = holdspace::storage::offerings::offerings(&mut db).await.unwrap()[0].cycle;
            holdspace::storage::releases::ledger(&mut db, cycle).await.unwrap()
        }
    };
    assert_eq!(spent(restored.store()).await, spent(it.desk.store()).await);
}
