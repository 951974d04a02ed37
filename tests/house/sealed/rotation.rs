//! The key that seals is changed while people book and move; the change is broken off and taken up again. Afterwards everything
//! opens by the new key and nothing by the old one.

use std::sync::Arc;

use holdspace::clock::Clock;
use holdspace::desk::Desk;
use holdspace::domain::booking::Entry;
use holdspace::entropy::{Entropy, SeededEntropy};
use holdspace::storage::{keys, sealed};
use holdspace::vault::{KeyRing, Location, MasterKey, Vault};

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, PUBLIC_URL};

/// Another process on the same database, with keys of its own reading and randomness of its own.
fn process(house: &House, ring: &KeyRing, seed: u64) -> Desk {
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
    let vault = Arc::new(Vault::of(ring, Arc::clone(&entropy)));
    Desk::new(house.store.clone(), vault, Arc::clone(&house.clock) as Arc<dyn Clock>, entropy, PUBLIC_URL)
}

/// People change their minds, letters go, and a therapist notes who came.
async fn life_goes_on(house: &House, from: usize) {
    let people = house.town.people();
    for person in &people[from..from + 3] {
        let resident = house.resident(&person.address);
        assert_eq!(resident.opts_out(Entry::Keep).await.status, 303);
        assert_eq!(resident.comes_back().await.status, 303);
        house.post_goes().await;
    }
    house.hours_fly(8).await;
    house.director_again().await.overview().await;
}

on_both_engines! {
    async fn a_rotation_that_is_killed_half_way_is_taken_up_again_under_a_service_that_goes_on(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let link = house.resident(&house.town.people()[0].address).link();
        let old = house.keys.lock().unwrap().clone();
        let both = old.with(MasterKey::draw(&SeededEntropy::new(77)), house.now()).unwrap();
        let [new_id, old_id] = both.ids()[..] else { panic!("two keys") };

        // The file first; then the verb, which dies after three transactions.
        *house.keys.lock().unwrap() = both.clone();
        let verb = process(&house, &both, 78);
        let done = verb.reseal_all(3).await.unwrap();
        assert!(done.broken_off && done.values > 0, "{done:?}");
        life_goes_on(&house, 0).await;
        let by = verb.sealed_by().await.unwrap();
        assert!(by[&new_id] > 0 && by[&old_id] > 0, "{by:?}");

        // Taken up again while people book, broken off once more, and brought to its end.
        let again = process(&house, &both, 79);
        let (_, done) = tokio::join!(life_goes_on(&house, 3), again.reseal_all(2));
        assert!(done.unwrap().broken_off);
        let (_, done) = tokio::join!(life_goes_on(&house, 6), again.reseal_all(usize::MAX));
        assert!(!done.unwrap().broken_off);
        again.reseal_all(usize::MAX).await.unwrap();
        assert_eq!(again.sealed_by().await.unwrap().keys().copied().collect::<Vec<_>>(), [new_id]);

        // The old key leaves the file. The service goes on, and so does one that starts with the new key alone.
        let alone = both.without_old();
        *house.keys.lock().unwrap() = alone.clone();
        let fresh = process(&house, &alone, 80);
        assert_eq!(fresh.standing().await.unwrap().residents, 16);
        assert_eq!(house.get(&link).await.status, 200, "a link that was mailed before leads nowhere");
        assert_eq!(fresh.reseal_all(usize::MAX).await.unwrap().values, 0);
        life_goes_on(&house, 9).await;
        house.everyone_sits_once().await;
        assert_eq!(house.it_becomes("2027-08-13T12:00:00Z").await.released, 1);
        everything_opens_by(&house, &alone, true).await;
        everything_opens_by(&house, &old, false).await;
    }
}

/// Tries every value that a key of a key file seals, data keys among them.
async fn everything_opens_by(house: &House, ring: &KeyRing, expected: bool) {
    let vault = Vault::of(ring, Arc::new(SeededEntropy::new(1)));
    let mut db = house.store.read().await.unwrap();
    let mut tried = 0;
    for column in sealed::COLUMNS {
        for row in sealed::after(&mut db, column, "", 10_000).await.unwrap() {
            let opens = vault.open(Location { column: column.name, row: &row.row }, &row.sealed).is_ok();
            assert_eq!(opens, expected, "{}", column.name);
            tried += 1;
        }
    }
    for key in keys::after(&mut db, "", 10_000).await.unwrap() {
        assert_eq!(vault.unwrap(&key.id, &key.wrapped).is_ok(), expected, "a data key");
        tried += 1;
    }
    assert!(tried > 100, "{tried}");
}
