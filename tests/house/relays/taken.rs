//! How many letters a process takes at a time, over how many connections; that it loses sight of none of them; and that it comes to
//! an end where the database fails it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use holdspace::desk::Error;
use holdspace::domain::offering::Rules;
use holdspace::jobs::post::{Delivered, Pace, PostOffice};
use holdspace::jobs::rounds;
use sqlx::{AnyConnection, Connection};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::{Book, URL, patience, way};
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, fortnight};
use crate::harness::smtp::{ALWAYS, Deed, Stage};
use crate::harness::town::Town;

/// Longer than any of these tests waits for anything.
const LONG: Duration = Duration::from_secs(60);
/// Longer than it takes to take letters, and a greeting that never comes is waited for so long.
const GREETING: Duration = Duration::from_secs(5);
/// More than any number of connections here takes at first.
const CROWD: usize = 240;

/// A house that owes each of a crowd an invitation now.
async fn owing_a_crowd(db: &TestDatabase) -> House {
    let mut house = House::on(db).await;
    house.town = Town::crowd(CROWD);
    house.imports_the_sample_files().await;
    // As many seats as a whole town has.
    let rules = Rules {
        announce_days: None,
        visit_minutes: 15,
        buffer_minutes: 5,
        reserve_percent: 0,
        ..fortnight()
    };
    house.opens(rules).await;
    assert_eq!(house.books().await.booked, CROWD);
    house
}

/// Its post over so many connections, with so much patience.
fn post_over(house: &House, connections: u32, limit: Duration) -> PostOffice {
    let post = house.another_office(house.desk.clone());
    let transport = way(URL, patience(limit), &Book::of(&[house.sink.address()]));
    PostOffice { transport, pace: Pace { connections, ..post.pace }, ..post }
}

/// One number that the database knows of the letters that everyone gets.
async fn told(db: &TestDatabase, what: &str) -> i64 {
    let mut connection = AnyConnection::connect(db.url()).await.unwrap();
    let asked = format!("SELECT {what} FROM outbox WHERE audience = 'everyone' AND due_at < 1900000000");
    let told = sqlx::query_scalar(sqlx::AssertSqlSafe(asked)).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    told
}

const TAKEN: &str = "COUNT(CASE WHEN lease_until > 0 THEN 1 END)";
const TRIES: &str = "CAST(COALESCE(SUM(attempts), 0) AS BIGINT)";

/// Does something to the tables that the house does not know of.
async fn changes(db: &TestDatabase, how: &'static str) {
    let mut connection = AnyConnection::connect(db.url()).await.unwrap();
    sqlx::query(how).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// What a delivery comes to, which must come to an end.
async fn delivery(post: &PostOffice) -> Result<Delivered, Error> {
    timeout(LONG, post.deliver(&|_| {})).await.expect("an end")
}

on_both_engines! {
    /// The clock stands still: whatever were lost sight of would be another's only when it had moved by a quarter of an hour.
    async fn some_hundred_letters_over_four_connections_leave_in_one_go_and_each_once(db: TestDatabase) {
        let house = owing_a_crowd(&db).await;
        let delivered = delivery(&post_over(&house, 4, GREETING)).await.unwrap();
        assert!(delivered.drained, "{delivered:?}");
        let mut to: Vec<_> = house.sink.received().into_iter().map(|one| one.to).collect();
        let all = to.len();
        to.sort();
        to.dedup();
        assert!(all >= CROWD && to.len() == all, "{} of {all}", to.len());
        assert_eq!(told(&db, TAKEN).await, 0);
    }

    /// Nobody is greeted, so that each connection stays with its first letter; then the service is told to stop.
    async fn the_next_letters_are_taken_before_the_last_is_gone_and_all_are_given_back_at_the_end(db: TestDatabase) {
        let house = owing_a_crowd(&db).await;
        house.sink.fails(Stage::Greeting, Deed::Hang, ALWAYS);
        // One connection asks when it has none left, and seven have enough of them. Two ask for as many again as they took at first;
        // by then, what the first of them asked for may have come, or not.
        for (connections, least, most) in [(1, 20, 20), (2, 128, 192), (4, 160, 160), (7, 140, 140)] {
            let tries = told(&db, TRIES).await;
            let post = post_over(&house, connections, GREETING);
            let (tell, stop) = watch::channel(false);
            let going = tokio::spawn(rounds::go(Arc::new(post), stop));
            let begun = Instant::now();
            while told(&db, TAKEN).await < least {
                assert!(begun.elapsed() < LONG, "{connections}: {}", told(&db, TAKEN).await);
                sleep(Duration::from_millis(20)).await;
            }
            sleep(Duration::from_millis(500)).await;
            tell.send_replace(true);
            let taken = told(&db, TAKEN).await;
            assert!((least..=most).contains(&taken), "{connections}: {taken}");
            timeout(LONG, going).await.expect("an end").unwrap();
            assert_eq!(told(&db, TAKEN).await, 0, "{connections}");
            assert_eq!(told(&db, TRIES).await - tries, i64::from(connections), "only what was tried counts as tried");
            // What was tried is due again.
            house.clock.advance(chrono::Duration::hours(1));
        }
    }

    /// All four connections wait for a greeting when the outbox cannot be written to any more, and nobody waits for them for good.
    async fn who_cannot_note_what_became_of_a_letter_ends_the_delivery(db: TestDatabase) {
        let house = owing_a_crowd(&db).await;
        house.sink.fails(Stage::Greeting, Deed::Hang, ALWAYS);
        let post = post_over(&house, 4, Duration::from_secs(2));
        let breaks = async {
            while house.sink.connections() < 4 {
                sleep(Duration::from_millis(20)).await;
            }
            changes(&db, "ALTER TABLE outbox RENAME TO elsewhere").await;
        };
        let (ended, ()) = tokio::join!(delivery(&post), breaks);
        assert!(ended.is_err(), "{ended:?}");
        changes(&db, "ALTER TABLE elsewhere RENAME TO outbox").await;
        house.sink.recovers();
        house.clock.advance(chrono::Duration::minutes(16));
        assert!(delivery(&post).await.unwrap().drained);
    }

    /// Letters can be marked and not opened: whoever asks for the next gets an error, while others wait for a turn.
    async fn who_cannot_open_the_next_letter_ends_the_delivery(db: TestDatabase) {
        let house = owing_a_crowd(&db).await;
        let post = post_over(&house, 4, GREETING);
        let breaks = async {
            house.sink.wait_for(1).await;
            changes(&db, "ALTER TABLE residents RENAME TO elsewhere").await;
        };
        let (ended, ()) = tokio::join!(delivery(&post), breaks);
        assert!(ended.is_err(), "{ended:?}");
        assert!(house.sink.received().len() < CROWD);
        assert_eq!(told(&db, TAKEN).await, 0, "no lease has to end first");
        changes(&db, "ALTER TABLE elsewhere RENAME TO residents").await;
        assert!(delivery(&post).await.unwrap().drained);
        let mut to: Vec<_> = house.sink.received().into_iter().map(|one| one.to).collect();
        to.sort();
        to.dedup();
        assert!(to.len() >= CROWD, "{}", to.len());
    }
}
