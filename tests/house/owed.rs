//! Letters owed, as storage keeps them on both engines: who may take one, when it comes back, and what is told of it. Never
//! writes or sends one.

use chrono::Duration;
use holdspace::domain::id::LetterId;
use holdspace::domain::owed::Fate;
use holdspace::domain::time::Instant;
use holdspace::storage::Store;
use holdspace::storage::outbox::{self, Audience, LetterCount, Owed};

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;

const OCCASION: &str = "somebody's first";

fn id(number: u8) -> LetterId {
    LetterId::from_bytes([number; 16])
}

fn owed(number: u8, audience: Audience, due_at: Instant) -> Owed {
    let letter = match audience {
        Audience::Everyone => "invitation",
        Audience::Someone => "",
    };
    let occasion_key = if number == 1 { OCCASION.to_owned() } else { format!("occasion {number}") };
    Owed { id: id(number), occasion_key, audience, letter, errand: vec![number; 3], due_at }
}

/// Does something with the database, and saves it.
macro_rules! saved {
    ($store:expr, $use:path $(, $argument:expr)* $(,)?) => {{
        let mut tx = $store.write().await.unwrap();
        let done = $use(&mut tx $(, $argument)*).await.unwrap();
        tx.commit().await.unwrap();
        done
    }};
}

/// A house that owes nothing yet, and its clock's time in whole seconds, as storage keeps it.
async fn empty(db: &TestDatabase) -> (House, Store, Instant) {
    let house = House::on(db).await;
    let (store, now) = (house.store.clone(), house.now());
    (house, store, now)
}

/// The letters of an audience that a worker can take at a moment, for a quarter of an hour: by number, with their tries.
async fn taken(store: &Store, audience: Audience, now: Instant) -> Vec<(u8, i64)> {
    let leased = saved!(store, outbox::lease, audience, now, now + Duration::minutes(15), 16);
    leased.into_iter().map(|letter| (letter.id.as_bytes()[0], letter.attempts)).collect()
}

on_both_engines! {
    async fn the_letters_of_a_batch_lie_in_the_order_in_which_they_leave_and_never_resident_by_resident(db: TestDatabase) {
        let (house, store, _) = empty(&db).await;
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        let booked = house.books().await;
        // No index holds all of these, so either engine goes through the table as it lies.
        let as_they_lie = "SELECT due_at, id, audience, occasion_key FROM outbox";
        let mut db = store.read().await.unwrap();
        let mut lie: Vec<(i64, String, String, String)> =
            sqlx::query_as(as_they_lie).fetch_all(&mut *db).await.unwrap();
        lie.retain(|(_, _, audience, _)| audience == "everyone");
        assert!(lie.len() >= booked.letters_owed && lie.len() > 2 * booked.booked, "{} of them", lie.len());
        assert!(lie.is_sorted(), "{lie:?}");
    }

    async fn a_letter_that_nobody_took_can_be_held_and_taken_back_and_one_that_was_tried_cannot(db: TestDatabase) {
        let (_house, store, now) = empty(&db).await;
        let due_at = now + Duration::hours(3);
        assert!(saved!(store, outbox::owe, owed(1, Audience::Someone, due_at)));
        assert!(!saved!(store, outbox::owe, owed(1, Audience::Someone, now)), "it is owed already");
        let mut db = store.read().await.unwrap();
        assert_eq!(outbox::fate(&mut db, OCCASION).await.unwrap(), Some(Fate::Untouched(due_at)));
        drop(db);
        assert_eq!(saved!(store, outbox::hold, OCCASION), Some(due_at));
        assert_eq!(saved!(store, outbox::hold, "nobody's"), None);
        assert_eq!(saved!(store, outbox::take_back, OCCASION), Some(due_at));
        assert_eq!(saved!(store, outbox::take_back, OCCASION), None);
        assert_eq!(saved!(store, outbox::hold, OCCASION), None);

        assert!(saved!(store, outbox::owe, owed(1, Audience::Someone, now)));
        assert_eq!(taken(&store, Audience::Someone, now).await, [(1, 1)]);
        assert_eq!(saved!(store, outbox::hold, OCCASION), None);
        assert_eq!(saved!(store, outbox::take_back, OCCASION), None);
        let mut db = store.read().await.unwrap();
        assert_eq!(outbox::fate(&mut db, OCCASION).await.unwrap(), Some(Fate::Left(now)));
        assert_eq!(outbox::fate(&mut db, "nobody's").await.unwrap(), None);
    }

    async fn a_letter_that_is_taken_comes_back_when_its_lease_ends_and_later_where_it_is_kept(db: TestDatabase) {
        let (_house, store, now) = empty(&db).await;
        let minutes = Duration::minutes;
        saved!(store, outbox::owe, owed(1, Audience::Everyone, now));
        assert_eq!(taken(&store, Audience::Someone, now).await, [], "it is for everyone");
        assert_eq!(taken(&store, Audience::Everyone, now - minutes(1)).await, [], "it is not due");
        assert_eq!(taken(&store, Audience::Everyone, now).await, [(1, 1)]);
        assert_eq!(taken(&store, Audience::Everyone, now + minutes(15)).await, []);
        saved!(store, outbox::keep, id(1), now + minutes(30));
        assert_eq!(taken(&store, Audience::Everyone, now + minutes(30)).await, []);
        assert_eq!(taken(&store, Audience::Everyone, now + minutes(31)).await, [(1, 2)]);
        saved!(store, outbox::sent, &[id(1)]);
        saved!(store, outbox::keep, id(1), now + minutes(90));
        assert_eq!(taken(&store, Audience::Everyone, now + minutes(120)).await, [], "it was sent");
    }

    async fn a_letter_given_back_is_as_if_nobody_had_taken_it_and_one_to_be_tried_later_is_not(db: TestDatabase) {
        let (_house, store, now) = empty(&db).await;
        let soon = now + Duration::minutes(2);
        for number in [1, 2] {
            saved!(store, outbox::owe, owed(number, Audience::Someone, now));
        }
        assert_eq!(taken(&store, Audience::Someone, now).await, [(1, 1), (2, 1)]);
        saved!(store, outbox::give_back, id(1), soon);
        saved!(store, outbox::later, id(2), soon, "451 later");
        let mut db = store.read().await.unwrap();
        assert_eq!(outbox::tried_since(&mut db, Audience::Someone, now - Duration::seconds(1)).await.unwrap(), 1);
        assert_eq!(outbox::tried_since(&mut db, Audience::Everyone, now - Duration::seconds(1)).await.unwrap(), 0);
        assert_eq!(outbox::next_due(&mut db).await.unwrap(), Some(soon));
        drop(db);
        assert_eq!(taken(&store, Audience::Someone, now + Duration::minutes(1)).await, []);
        assert_eq!(taken(&store, Audience::Someone, soon).await, [(1, 1), (2, 2)]);
    }

    async fn what_is_counted_is_what_everyone_gets_and_what_may_be_told(db: TestDatabase) {
        let (_house, store, now) = empty(&db).await;
        for (number, audience) in [(1, Audience::Someone), (2, Audience::Everyone), (3, Audience::Everyone), (4, Audience::Everyone)] {
            let due_at = now - Duration::minutes(i64::from(number));
            saved!(store, outbox::owe, owed(number, audience, due_at));
        }
        let mut db = store.read().await.unwrap();
        assert_eq!(outbox::due(&mut db, now).await.unwrap(), 4);
        assert_eq!(outbox::due(&mut db, now - Duration::minutes(3)).await.unwrap(), 2);
        assert_eq!(outbox::due_told(&mut db, now).await.unwrap(), 3);
        let oldest = now - Duration::minutes(4);
        assert_eq!(outbox::due_to_everyone(&mut db, now).await.unwrap(), (3, Some(oldest)));
        assert_eq!(outbox::due_to_everyone(&mut db, oldest - Duration::minutes(1)).await.unwrap(), (0, None));
        drop(db);
        saved!(store, outbox::sent, &[id(1), id(2)]);
        saved!(store, outbox::failed, id(3), "550 no such mailbox", "a hash");
        let mut db = store.read().await.unwrap();
        let count = |state: &str, reason: &str| LetterCount {
            letter: "invitation".to_owned(),
            state: state.to_owned(),
            reason: reason.to_owned(),
            count: 1,
        };
        let all = [count("failed", "550 no such mailbox"), count("owed", ""), count("sent", "")];
        assert_eq!(outbox::counts(&mut db).await.unwrap(), all);
        assert_eq!(outbox::failed_for(&mut db).await.unwrap(), ["a hash"]);
        assert_eq!(outbox::fate(&mut db, "occasion 3").await.unwrap(), Some(Fate::Refused));
    }

    async fn what_was_for_one_person_is_forgotten_once_it_is_over_and_what_was_for_everyone_is_not(db: TestDatabase) {
        let (_house, store, now) = empty(&db).await;
        let all = [(1, Audience::Someone), (2, Audience::Someone), (3, Audience::Everyone), (4, Audience::Someone)];
        for (number, audience) in all {
            saved!(store, outbox::owe, owed(number, audience, now));
        }
        for audience in Audience::ALL {
            taken(&store, audience, now).await;
        }
        saved!(store, outbox::sent, &[id(1), id(3)]);
        saved!(store, outbox::failed, id(4), "550 no such mailbox", "a hash");
        saved!(store, outbox::tidy, now);
        let numbers = async || {
            let rows = outbox::errands(&mut store.read().await.unwrap()).await.unwrap();
            rows.into_iter().map(|(id, errand)| (id.as_bytes()[0], errand.len())).collect::<Vec<_>>()
        };
        assert_eq!(numbers().await, [(1, 3), (2, 3), (3, 3), (4, 3)], "it was tried at this very moment");
        saved!(store, outbox::tidy, now + Duration::seconds(1));
        assert_eq!(numbers().await, [(2, 3), (3, 3), (4, 3)]);
        let one = outbox::one(&mut store.read().await.unwrap(), id(3)).await.unwrap();
        assert_eq!(one, Some(("invitation".to_owned(), vec![3; 3])));
        saved!(store, outbox::destroy, id(3));
        assert_eq!(outbox::one(&mut store.read().await.unwrap(), id(3)).await.unwrap(), None);
    }
}
