//! Changes that are saved together, on a real file.

use futures_util::future::join_all;
use sqlx::Executor as _;

use super::super::Store;

async fn a_store() -> (Store, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}", home.path().join("a.db").display())).await.unwrap();
    let mut tx = store.write().await.unwrap();
    tx.execute("CREATE TABLE notes (of INTEGER PRIMARY KEY)").await.unwrap();
    tx.commit().await.unwrap();
    (store, home)
}

async fn notes(store: &Store) -> Vec<i64> {
    sqlx::query_scalar("SELECT of FROM notes ORDER BY of")
        .fetch_all(&mut *store.read().await.unwrap())
        .await
        .unwrap()
}

async fn note(store: &Store, of: i64) -> sqlx::Result<()> {
    let mut tx = store.write_with_others().await.unwrap();
    sqlx::query("INSERT INTO notes VALUES ($1)").bind(of).execute(&mut *tx).await?;
    tx.commit().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_told_that_it_is_saved_finds_it_saved() {
    let (store, _home) = a_store().await;
    let all = (0..200).map(|of| {
        let store = store.clone();
        tokio::spawn(async move {
            note(&store, of).await.unwrap();
            assert!(notes(&store).await.contains(&of));
        })
    });
    assert!(join_all(all).await.into_iter().all(|done| done.is_ok()));
    assert_eq!(notes(&store).await, (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_who_is_refused_or_goes_away_takes_nothing_from_the_others() {
    let (store, _home) = a_store().await;
    note(&store, 1).await.unwrap();
    let twice = async { assert!(note(&store, 1).await.is_err()) };
    let gone = async {
        let mut tx = store.write_with_others().await.unwrap();
        tx.execute("INSERT INTO notes VALUES (7)").await.unwrap();
    };
    let done = async |of| note(&store, of).await.unwrap();
    tokio::join!(done(2), twice, done(3), gone, done(4));
    assert_eq!(notes(&store).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn what_was_dropped_is_taken_back_though_nobody_comes_after() {
    let (store, _home) = a_store().await;
    let mut tx = store.write_with_others().await.unwrap();
    tx.execute("INSERT INTO notes VALUES (1)").await.unwrap();
    tx.rollback().await.unwrap();
    // Another process would find the file locked for ever.
    let mut tx = store.write().await.unwrap();
    tx.execute("INSERT INTO notes VALUES (2)").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(notes(&store).await, [2]);
}

#[tokio::test]
async fn a_long_change_waits_for_its_turn_and_saves_those_before_it_first() {
    let (store, _home) = a_store().await;
    let short = async |of| {
        note(&store, of).await.unwrap();
        of
    };
    let long = async {
        let mut tx = store.write().await.unwrap();
        assert!(notes(&store).await.contains(&1), "those before it are saved by now");
        tx.execute("INSERT INTO notes VALUES (5)").await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::join!(short(1), long, short(2));
    assert_eq!(notes(&store).await, [1, 2, 5]);
}

#[tokio::test]
async fn where_the_disk_is_full_everybody_hears_it_and_the_next_can_write() {
    let (store, _home) = a_store().await;
    let mut tx = store.write().await.unwrap();
    tx.execute("CREATE TABLE large (body BLOB)").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.write().await.unwrap();
    tx.execute("PRAGMA max_page_count = 20").await.unwrap();
    tx.commit().await.unwrap();
    let large = async {
        let mut tx = store.write_with_others().await.unwrap();
        let full = tx.execute("INSERT INTO large VALUES (randomblob(400000))").await;
        assert!(full.is_err());
        tx.commit().await
    };
    // Whichever of the two came first, nobody is told of something that is not there.
    let (small, large) = tokio::join!(note(&store, 1), large);
    assert_eq!(notes(&store).await.contains(&1), small.is_ok());
    drop(large);
    note(&store, 2).await.unwrap();
    assert!(notes(&store).await.contains(&2));
}
