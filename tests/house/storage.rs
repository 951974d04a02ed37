//! What the database must hold on both engines: every statement, every race, every crash. Never asks what a page says.

use std::collections::HashSet;

use chrono::Duration;
use futures_util::future::join_all;
use holdspace::desk::Error;
use holdspace::desk::admit::RosterOptions;
use holdspace::domain::id::{LetterId, SeatId};
use holdspace::domain::offering::Rules;
use holdspace::storage::outbox::{self, Audience, Owed};
use holdspace::storage::{Store, people, places};
use sqlx::{AnyConnection, Connection as _};
use tokio::task::JoinSet;

use crate::harness::engines::{TestDatabase, on_both_engines, on_postgres};
use crate::harness::house::{House, fortnight};
use crate::harness::rest::at_rest;
use crate::harness::town::{Town, tables};

/// Does some of the work, as much as so many draws of randomness allow, and then dies; tells whether it did.
async fn dies_after<T: Send + 'static>(
    house: &House,
    draws: u32,
    work: impl Future<Output = T> + Send + 'static,
) -> bool {
    house.dice.die_after(Some(draws));
    let done = tokio::spawn(work).await;
    house.dice.die_after(None);
    done.is_err()
}

/// Sixty residents who are all free at the same times, invited without an announcement.
async fn sixty_invited(db: &TestDatabase) -> House {
    let mut house = House::on(db).await;
    house.town = Town::crowd(60);
    house.imports_the_sample_files().await;
    let until = "2027-07-09".parse().unwrap();
    house.opens(Rules { until, reserve_percent: 30, announce_days: None, ..fortnight() }).await;
    let booked = house.books().await;
    assert_eq!((booked.booked, booked.waiting), (60, 0));
    house.post_goes().await;
    house
}

fn tokens(house: &House) -> Vec<String> {
    house.town.people().iter().map(|person| house.resident(&person.address).token()).collect()
}

/// Seats that are kept for moves and free.
async fn free_for_moves(house: &House) -> Vec<SeatId> {
    let seats = house.seats().await.into_iter();
    let free = seats.filter(|(_, pool, seat)| pool == "moves" && seat.offered_to_all(pool.parse().unwrap()));
    free.map(|(id, _, _)| id.parse().unwrap()).collect()
}

/// Everybody wants one of `seats`, each of them wanted by many, at the same moment; how many got one.
async fn all_reach_for(house: &House, seats: &[SeatId]) -> JoinSet<Result<(), Error>> {
    let mut tasks = JoinSet::new();
    for (n, token) in tokens(house).into_iter().enumerate() {
        let (desk, seat) = (house.desk.clone(), seats[n % seats.len()]);
        tasks.spawn(async move { desk.reschedule(&token, seat, true).await });
    }
    tasks
}

fn won(results: &[Result<(), Error>]) -> usize {
    for result in results {
        assert!(matches!(result, Ok(()) | Err(Error::Taken)), "{result:?}");
    }
    results.iter().filter(|result| result.is_ok()).count()
}

on_both_engines! {
    async fn the_engine_takes_every_statement(db: TestDatabase) {
        let store = Store::open(db.url()).await.unwrap();
        store.migrate().await.unwrap();
        assert!(store.check_statements().await.unwrap() > 70);
    }

    async fn five_that_start_at_once_migrate_once(db: TestDatabase) {
        let start = || async {
            let store = Store::open(db.url()).await?;
            store.migrate().await?;
            store.migrate().await?;
            store.check_statements().await
        };
        for started in join_all((0..5).map(|_| start())).await {
            started.unwrap();
        }
        assert!(at_rest(&db).await.values().all(Vec::is_empty));
    }

    async fn sixty_who_want_ten_seats_get_ten(db: TestDatabase) {
        let house = sixty_invited(&db).await;
        let mut seats = free_for_moves(&house).await;
        assert!(seats.len() > 10, "only {} seats are free for moves", seats.len());
        seats.truncate(10);
        let results = all_reach_for(&house, &seats).await.join_all().await;
        assert_eq!(won(&results), 10);
        house.everyone_sits_once().await;
        assert_eq!(house.bookings().await.iter().filter(|booking| booking.visit().is_some()).count(), 60);
        let taken = house.seats().await.into_iter().filter(|(id, ..)| seats.contains(&id.parse().unwrap()));
        assert!(taken.map(|(_, _, seat)| seat.holder).all(|holder| holder.is_some()));
    }

    /// The fixed hour seals every seat anew while residents take and give up seats.
    async fn a_fixed_hour_that_strikes_amid_moves_breaks_none_of_them(db: TestDatabase) {
        let house = sixty_invited(&db).await;
        let seats = free_for_moves(&house).await;
        house.clock.advance(Duration::hours(7));
        let moves = all_reach_for(&house, &seats).await;
        let desk = house.desk.clone();
        let hour = tokio::spawn(async move { desk.refresh_offers().await });
        let results = moves.join_all().await;
        assert_eq!(hour.await.unwrap().unwrap(), 1);
        assert_eq!(won(&results), seats.len());
        house.everyone_sits_once().await;
    }

    async fn two_who_book_at_once_book_everybody_once(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        let (one, other) = tokio::join!(house.desk.book(None), house.desk.book(None));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!((one.booked + other.booked, one.already + other.already), (16, 16));
        assert_ne!(one.batch.is_some(), other.batch.is_some(), "one seed for one batch");
        house.everyone_sits_once().await;
        // Three letters of welcome to therapists, and every announcement once.
        assert_eq!(house.post_goes().await.sent, 3 + 16);
    }

    async fn a_crash_amid_booking_leaves_nothing(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        let before = at_rest(&db).await;
        for draws in [0, 1, 20, 60, 110, 160, 250] {
            let desk = house.desk.clone();
            let died = dies_after(&house, draws, async move { desk.book(None).await }).await;
            assert!(died, "it was done after {draws} draws");
            assert!(at_rest(&db).await == before, "half of it is there after {draws} draws");
        }
        assert_eq!(house.books().await.booked, 16);
        house.everyone_sits_once().await;
        assert_eq!(house.bookings().await.len(), 16);
    }

    async fn a_crash_amid_a_move_leaves_the_old_visit(db: TestDatabase) {
        let house = sixty_invited(&db).await;
        let (token, seat) = (tokens(&house).remove(0), free_for_moves(&house).await[0]);
        let before = at_rest(&db).await;
        for draws in 0..10 {
            let (desk, token) = (house.desk.clone(), token.clone());
            let died = dies_after(&house, draws, async move { desk.reschedule(&token, seat, true).await }).await;
            assert!(died, "it was done after {draws} draws");
            assert!(at_rest(&db).await == before, "half of it is there after {draws} draws");
        }
        house.everyone_sits_once().await;
        house.desk.reschedule(&token, seat, true).await.unwrap();
        house.everyone_sits_once().await;
    }

    async fn eight_workers_take_three_hundred_letters_once_each(db: TestDatabase) {
        let house = House::on(&db).await;
        let now = house.now();
        let mut tx = house.store.write().await.unwrap();
        for n in 0..300_u16 {
            let mut id = [0; 16];
            id[..2].copy_from_slice(&n.to_be_bytes());
            let owed = Owed {
                id: LetterId::from_bytes(id),
                occasion_key: n.to_string(),
                audience: Audience::Everyone,
                letter: "invitation",
                errand: vec![0],
                due_at: now,
            };
            assert!(outbox::owe(&mut tx, owed).await.unwrap());
        }
        tx.commit().await.unwrap();
        let mut workers = JoinSet::new();
        for _ in 0..8 {
            let store = house.store.clone();
            workers.spawn(async move {
                let mut taken = Vec::new();
                loop {
                    let mut tx = store.write().await.unwrap();
                    let leased = outbox::lease(&mut tx, Audience::Everyone, now, now + Duration::minutes(15), 7).await.unwrap();
                    tx.commit().await.unwrap();
                    if leased.is_empty() {
                        return taken;
                    }
                    taken.extend(leased.into_iter().map(|letter| letter.id));
                }
            });
        }
        let taken: Vec<LetterId> = workers.join_all().await.concat();
        assert_eq!((taken.len(), taken.iter().collect::<HashSet<_>>().len()), (300, 300));
    }

    async fn what_residents_did_cannot_be_told_from_the_size_of_a_row(db: TestDatabase) {
        let house = sixty_invited(&db).await;
        let sizes = |rest: &std::collections::BTreeMap<String, Vec<String>>, table: &str| {
            rest[table].iter().map(String::len).collect::<HashSet<_>>()
        };
        let before = at_rest(&db).await;
        let seats = free_for_moves(&house).await;
        all_reach_for(&house, &seats).await.join_all().await;
        let after = at_rest(&db).await;
        assert_eq!(sizes(&before, "bookings").len(), 1);
        assert_eq!(sizes(&before, "bookings"), sizes(&after, "bookings"));
        assert_eq!(sizes(&before, "seats"), sizes(&after, "seats"));
        assert_eq!((before["seats"].len(), before["bookings"].len()), (after["seats"].len(), after["bookings"].len()));
    }

    /// SQLite notes in a file of its own what such a statement would take back.
    async fn a_statement_that_changes_thousands_of_rows_is_carried_out_and_taken_back(db: TestDatabase) {
        let house = House::on(&db).await;
        let mut tx = house.store.write().await.unwrap();
        for n in 0..6_000_u16 {
            let owed = Owed {
                id: LetterId::from_bytes([n.to_be_bytes(); 8].concat().try_into().unwrap()),
                occasion_key: n.to_string(),
                audience: Audience::Everyone,
                letter: "invitation",
                errand: vec![0; 1_000],
                due_at: house.desk.now(),
            };
            assert!(outbox::owe(&mut tx, owed).await.unwrap());
        }
        tx.commit().await.unwrap();
        let mut tx = house.store.write().await.unwrap();
        let all = sqlx::query("UPDATE outbox SET reason = 'later'").execute(&mut *tx).await.unwrap();
        assert_eq!(all.rows_affected(), 6_000);
        // Each is changed before the last one is seen to be wrong.
        let wrong = "UPDATE outbox SET reason = CASE WHEN occasion_key = '5999' THEN NULL ELSE 'never' END";
        let mut tried = tx.begin().await.unwrap();
        assert!(sqlx::query(wrong).execute(&mut *tried).await.is_err());
        tried.rollback().await.unwrap();
        tx.commit().await.unwrap();
        let told: Vec<String> = {
            let mut reader = house.store.read().await.unwrap();
            sqlx::query_scalar("SELECT DISTINCT reason FROM outbox").fetch_all(&mut *reader).await.unwrap()
        };
        assert_eq!(told, ["later"]);
    }

    async fn what_was_written_is_there_after_a_restart(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let before = at_rest(&db).await;
        house.store.close().await;
        let store = Store::open(db.url()).await.unwrap();
        store.migrate().await.unwrap();
        assert_eq!(at_rest(&db).await, before);
        let mut reader = store.read().await.unwrap();
        let institution = places::institution(&mut reader).await.unwrap().unwrap();
        assert_eq!(people::residents(&mut reader, institution).await.unwrap().len(), 16);
    }
}

/// By its own measure PostgreSQL tries to compress each sealed booking, and stores it in pieces elsewhere.
#[tokio::test]
async fn a_start_lays_bookings_out_by_our_measure_and_waits_for_nobody_who_reads_them() {
    on_postgres(async |db: TestDatabase| {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let mut reader = AnyConnection::connect(db.url()).await.unwrap();
        let kept_as_they_are = "SELECT COUNT(*) FROM pg_attribute WHERE attrelid = CAST('bookings' AS regclass) \
            AND attname IN ('sealed', 'history') AND attstorage = 'e'";
        let as_before = "ALTER TABLE bookings ALTER COLUMN sealed SET STORAGE EXTENDED";
        sqlx::query(as_before).execute(&mut reader).await.unwrap();
        let mut reads = reader.begin().await.unwrap();
        sqlx::query("SELECT id FROM bookings").fetch_all(&mut *reads).await.unwrap();
        house.store.migrate().await.unwrap();
        let kept: i64 = sqlx::query_scalar(kept_as_they_are).fetch_one(&mut *reads).await.unwrap();
        assert_eq!(kept, 1, "somebody reads");
        reads.commit().await.unwrap();
        house.store.migrate().await.unwrap();
        let kept: i64 = sqlx::query_scalar(kept_as_they_are).fetch_one(&mut reader).await.unwrap();
        assert_eq!(kept, 2);
    })
    .await;
}

/// SQLite ends a transaction by itself when the disk is full, which its driver does not notice.
#[tokio::test]
async fn a_disk_that_was_full_is_written_to_again_once_there_is_room() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let mut tx = house.store.write().await.unwrap();
    // As many pages as there are, and no more.
    sqlx::query("PRAGMA max_page_count = 1").fetch_all(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let town = Town::crowd(200);
    let programs = house.desk.import_programs(&tables(&town.programs), false).await;
    let sites = house.desk.import_sites(&tables(&town.sites), false).await;
    let roster = house.desk.import_roster(&tables(&town.roster), &RosterOptions::default()).await;
    assert!(programs.is_err() || sites.is_err() || roster.is_err(), "the disk was not full");
    let mut tx = house.store.write().await.unwrap();
    sqlx::query("PRAGMA max_page_count = 1073741823").fetch_all(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    house.imports(&town).await;
}

/// A build that does not see the settings beside the house makes one that works, and is slower.
#[tokio::test]
async fn the_embedded_sqlite_is_built_as_the_settings_beside_the_house_say() {
    let db = TestDatabase::sqlite();
    House::on(&db).await;
    let mut file = AnyConnection::connect(db.url()).await.unwrap();
    let settings = [
        ("DEFAULT_MEMSTATUS=0", 1),
        ("ENABLE_MEMORY_MANAGEMENT", 0),
        ("DEFAULT_PCACHE_INITSZ=250", 1),
        ("STMTJRNL_SPILL=131071", 1),
    ];
    for (setting, is) in settings {
        let used = sqlx::query_scalar("SELECT sqlite_compileoption_used($1)").bind(setting);
        let used: i64 = used.fetch_one(&mut file).await.unwrap();
        assert_eq!(used, is, "{setting}");
    }
    file.close().await.unwrap();
}
