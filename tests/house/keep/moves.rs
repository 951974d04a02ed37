//! The move of an installation from SQLite to PostgreSQL: nothing is lost that somebody was told was done, wherever it is broken
//! off, and nothing else is ever overwritten.

use std::time::Duration;

use holdspace::domain::booking::{Entry, Standing};
use holdspace::storage::Store;
use holdspace::storage::moving::Moving;

use super::{bookings_in, desk_on};
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;
use crate::harness::postgres::{drop_database, fresh_database};

async fn why<T>(done: Result<T, holdspace::storage::Error>) -> String {
    done.err().expect("it was not refused").to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_presses_while_the_house_moves_is_refused_or_finds_it_done_in_the_new_one() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let url = fresh_database().await;
    let to = Store::open(&url).await.unwrap();
    // As `holdspace migrate-to` does, beside the service.
    let from = Store::open(db.url()).await.unwrap();
    let moving = Moving::begin(&from, &to).await.unwrap();
    assert!(why(to.refuse_moved().await).await.contains("is not done"), "a server would start on half of it");
    let people = house.town.people();
    let presses = async {
        let mut told = Vec::new();
        for round in 0..200 {
            let person = &people[round % people.len()];
            let resident = house.resident(&person.address);
            let opts_out = (round / people.len()).is_multiple_of(2);
            let page =
                if opts_out { resident.opts_out(Entry::Keep).await } else { resident.comes_back().await };
            match page.status {
                303 => told.push((person.address.clone(), opts_out)),
                503 => return told,
                other => panic!("{other}: {}", page.body),
            }
        }
        panic!("the old house went on for ever");
    };
    let moves = async {
        let brought = moving.bring().await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        (brought, moving.finish(house.now()).await.unwrap())
    };
    let (told, (brought, (changed, verified))) = tokio::join!(presses, moves);
    assert!(brought > 200 && changed > 0 && told.len() > 3, "{brought} {changed} {}", told.len());
    assert!(verified.iter().any(|table| table.table == "data_keys" && table.rows > 32));
    // Everything that somebody was told was done, is done there.
    let desk = desk_on(&house, to.clone(), None);
    assert_eq!(desk.check_data().await.unwrap().findings, [] as [String; 0]);
    let (old, new) = (bookings_in(&house, &house.store).await, bookings_in(&house, &to).await);
    assert_eq!(old, new);
    let last: std::collections::BTreeMap<_, _> = told.into_iter().collect();
    let opted_out =
        new.iter().filter(|(_, booking)| matches!(booking.standing, Standing::OptedOut(_))).count();
    assert_eq!(opted_out, last.values().filter(|opts_out| **opts_out).count());
    // The old one is still to be read, and refuses every change, also of who opens it anew.
    let somebody = house.resident(&people[0].address);
    assert_eq!(somebody.opens_link().await.status, 200);
    assert_eq!(somebody.opts_out(Entry::Keep).await.status, 503);
    assert!(why(from.refuse_moved().await).await.contains("was moved to PostgreSQL"));
    to.refuse_moved().await.unwrap();
    // And once is enough.
    assert!(why(Moving::begin(&from, &to).await).await.contains("was moved there already"));
    to.close().await;
    drop_database(&url).await;
}

#[tokio::test]
async fn what_was_removed_and_changed_between_two_tries_is_so_in_the_new_house_too() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let url = fresh_database().await;
    let to = Store::open(&url).await.unwrap();
    let moving = Moving::begin(&house.store, &to).await.unwrap();
    let all = moving.bring().await.unwrap();
    assert_eq!(moving.bring().await.unwrap(), 0, "what is there is not brought again");
    let her = house.town.people()[0].address.parse().ok().unwrap();
    house.desk.erase_resident(house.desk.resident_to_erase(&her).await.unwrap()).await.unwrap();
    // Another process, after the first was killed.
    drop(moving);
    let moving = Moving::begin(&house.store, &to).await.unwrap();
    let changed = moving.bring().await.unwrap();
    assert!(changed > 5 && changed < all / 2, "{changed} of {all}");
    let (since, verified) = moving.finish(house.now()).await.unwrap();
    assert_eq!(since, 0);
    assert!(verified.iter().all(|table| table.sha256.len() == 64));
    assert_eq!(desk_on(&house, to.clone(), None).check_data().await.unwrap().findings, [] as [String; 0]);
    to.close().await;
    drop_database(&url).await;
}

#[tokio::test]
async fn nothing_that_is_somebody_elses_is_moved_into() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let other = TestDatabase::postgres().await;
    let to = Store::open(other.url()).await.unwrap();
    let run = |statement: &'static str| {
        let to = to.clone();
        async move {
            let mut tx = to.write().await.unwrap();
            sqlx::query(statement).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    run("CREATE TABLE payroll (id TEXT)").await;
    assert!(why(Moving::begin(&house.store, &to).await).await.contains("payroll"));
    run("DROP TABLE payroll").await;
    // Another installation's beginning, and another installation.
    run("CREATE TABLE moving (institution TEXT PRIMARY KEY)").await;
    run("INSERT INTO moving VALUES ('somebody')").await;
    assert!(
        why(Moving::begin(&house.store, &to).await).await.contains("another installation is being moved")
    );
    run("DROP TABLE moving").await;
    let theirs = House::on(&other).await;
    assert!(why(Moving::begin(&house.store, &to).await).await.contains("holds an installation already"));
    assert!(why(Moving::begin(&theirs.store, &to).await).await.contains("only an SQLite installation"));
    assert_eq!(theirs.desk.check_data().await.unwrap().findings, [] as [String; 0]);
    to.close().await;
    let url = other.url().to_owned();
    drop((theirs, other));
    drop_database(&url).await;
}
