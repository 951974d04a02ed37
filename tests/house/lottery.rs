//! The lottery as anybody may check it: the hash before, the seed afterwards, each seed for one batch. Never asks who
//! sits where.

use std::collections::BTreeSet;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use holdspace::desk::admit::RosterOptions;
use holdspace::domain::offering::Rules;
use holdspace::domain::plan::Seed;
use holdspace::storage::{batches, offerings};
use holdspace::vault::Location;
use sha2::{Digest, Sha256};

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, fortnight};
use crate::harness::log::CapturedLog;
use crate::harness::rest::at_rest;
use crate::harness::town::tables;

/// What `printf SEED | xxd -r -p | sha256sum` prints.
fn sha256(seed: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(HEXLOWER_PERMISSIVE.decode(seed.as_bytes()).unwrap()))
}

/// Everything that anybody can see, and everything that lies anywhere or was logged.
async fn everything(house: &House, db: &TestDatabase, log: &CapturedLog) -> String {
    let plan = serde_json::to_string(&house.desk.plan(None, None).await.unwrap()).unwrap();
    let shown = serde_json::to_string(&house.desk.show_offering(None).await.unwrap()).unwrap();
    let page = house.director_again().await.offering().await.body;
    let rows = at_rest(db).await.into_values().flatten().collect::<Vec<_>>().join("\n");
    let all = [plan, shown, page, rows, log.text()].join("\n").to_lowercase();
    let next = house.desk.show_offering(None).await.unwrap().seed_hash;
    assert!(all.matches(&next).count() >= 4, "this search would not find a seed either");
    all
}

async fn somebody_comes_late(house: &House) {
    let line = "IM,Okafor,Lena,lokafor@im.example.edu,1,A,Denver Main,2027-07-01";
    let roster = format!("{}{line}\n", house.town.roster);
    let imported = house.desk.import_roster(&tables(&roster), &RosterOptions::default()).await.unwrap();
    assert_eq!(imported.added, 1);
}

async fn prepared(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    house
}

/// Puts another seed where the offering's own lies, sealed as the program does.
async fn has_another_seed(house: &House, seed: [u8; 32]) {
    let mut tx = house.store.write().await.unwrap();
    let row = offerings::offerings(&mut tx).await.unwrap().remove(0);
    let id = row.id.to_string();
    let sealed = house.vault.seal(Location { column: "offerings.seed", row: &id }, &seed).unwrap();
    let hash = Seed::from_bytes(seed).hash();
    assert!(offerings::swap_seed(&mut tx, row.id, &row.seed_hash, sealed, &hash).await.unwrap());
    tx.commit().await.unwrap();
}

/// The seats that stayed free, by therapist and time.
async fn kept_free(house: &House) -> BTreeSet<(String, i64)> {
    let mut db = house.store.read().await.unwrap();
    let offering = offerings::offerings(&mut db).await.unwrap().remove(0).id;
    let slots = offerings::all_slots(&mut db).await.unwrap();
    let seats = offerings::seats(&mut db, offering).await.unwrap();
    let kept = seats.iter().filter(|seat| seat.pool != "plan");
    let slot = kept.filter_map(|seat| slots.iter().find(|slot| slot.id == seat.slot));
    slot.map(|slot| (slot.therapist.to_string(), slot.span.starts_at().timestamp())).collect()
}

on_both_engines! {
    async fn a_seed_is_seen_nowhere_before_its_batch_and_belongs_to_the_hash_that_was(db: TestDatabase) {
        let log = CapturedLog::everything();
        let house = prepared(&db).await;
        let planned = house.desk.plan(None, None).await.unwrap();
        let before = everything(&house, &db, &log).await;
        let first = house.books().await;
        let batch = first.batch.unwrap();
        assert_eq!((batch.number, batch.booked_at), (1, house.now()));
        assert_eq!(sha256(&batch.seed), planned.seed_hash);
        assert_eq!((&batch.seed_hash, &batch.plan_hash), (&planned.seed_hash, &planned.plan_hash));
        assert!(!before.contains(&batch.seed));

        somebody_comes_late(&house).await;
        let between = everything(&house, &db, &log).await;
        assert_ne!(first.seed_hash, batch.seed_hash);
        let late = house.books().await;
        let second = late.batch.unwrap();
        assert_eq!((second.number, sha256(&second.seed)), (2, first.seed_hash));
        assert_ne!(second.seed, batch.seed);
        assert!(!between.contains(&second.seed));

        let page = house.director_again().await.offering().await.body;
        for text in [&batch.seed, &second.seed, &batch.plan_hash, &second.plan_hash, &late.seed_hash] {
            assert!(page.contains(text), "the page lacks {text}");
        }
        assert_eq!(house.desk.show_offering(None).await.unwrap().batches, [batch.clone(), second.clone()]);
        log.names_none_of([batch.seed.as_str(), &second.seed]);
    }

    async fn a_batch_that_books_nobody_draws_no_seed(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        // Nobody is protected in the winter.
        let [from, until] = ["2027-12-06", "2027-12-17"].map(|day| day.parse().unwrap());
        let created = house.opens(Rules { from, until, ..fortnight() }).await;
        for _ in 0..3 {
            let booked = house.books().await;
            assert_eq!((booked.booked, booked.waiting, booked.batch), (0, 16, None));
            assert_eq!(booked.seed_hash, created.seed_hash);
        }
        let house_of_summer = TestDatabase::sqlite();
        let house = prepared(&house_of_summer).await;
        let first = house.books().await;
        for _ in 0..3 {
            let again = house.books().await;
            assert_eq!((again.booked, again.batch), (0, None));
            assert_eq!(again.seed_hash, first.seed_hash);
        }
    }

    async fn a_published_seed_gives_the_same_plan_from_what_there_was_before(db: TestDatabase) {
        let (house, other) = (prepared(&db).await, TestDatabase::sqlite());
        let backup = prepared(&other).await;
        let batch = house.books().await.batch.unwrap();
        has_another_seed(&backup, [7; 32]).await;
        let seed = Seed::from_hex(&batch.seed).unwrap();
        let again = backup.desk.plan(None, Some(seed)).await.unwrap();
        assert_eq!((again.plan_hash, again.seed_hash), (batch.plan_hash, batch.seed_hash));
    }

    async fn what_stays_free_cannot_be_told_from_the_seed(db: TestDatabase) {
        let (house, other) = (prepared(&db).await, TestDatabase::sqlite());
        let twin = prepared(&other).await;
        has_another_seed(&twin, [7; 32]).await;
        let hashes = [house.books().await, twin.books().await].map(|booked| booked.batch.unwrap().plan_hash);
        assert_ne!(hashes[0], hashes[1]);
        let kept = kept_free(&house).await;
        assert!(kept.len() > 3, "{kept:?}");
        assert_eq!(kept, kept_free(&twin).await);
    }

    async fn a_crash_while_the_next_seed_is_drawn_books_nobody_and_publishes_nothing(db: TestDatabase) {
        let other = TestDatabase::sqlite();
        let twin = prepared(&other).await;
        twin.dice.die_after(Some(u32::MAX));
        twin.books().await;
        let draws = u32::MAX - twin.dice.left().unwrap();
        let house = prepared(&db).await;
        let before = at_rest(&db).await;
        // The seed is the last but one thing that is drawn; the nonce that seals it is the last.
        for draws in [draws - 2, draws - 1] {
            house.dice.die_after(Some(draws));
            let desk = house.desk.clone();
            assert!(tokio::spawn(async move { desk.book(None).await }).await.is_err());
            house.dice.die_after(None);
            assert!(at_rest(&db).await == before, "half of it is there after {draws} draws");
        }
        assert_eq!(house.books().await.batch.map(|batch| batch.number), Some(1));
    }

    async fn the_database_takes_no_seed_twice(db: TestDatabase) {
        let house = prepared(&db).await;
        let batch = house.books().await.batch.unwrap();
        let mut tx = house.store.write().await.unwrap();
        let offering = offerings::offerings(&mut tx).await.unwrap().remove(0).id;
        let again = batches::NewBatch {
            offering,
            booked_at: house.now(),
            seed: &batch.seed,
            seed_hash: &batch.seed_hash,
            plan_hash: "another",
            solver: &batch.solver,
        };
        assert!(batches::add(&mut tx, &again).await.is_err());
    }
}
