//! Looking through a whole database: what holds together, and every kind of damage that must be found, on both engines.

use crate::harness::engines::on_both_engines;
use crate::harness::house::House;
use holdspace::domain::booking::Entry;

async fn does(house: &House, statement: &'static str) {
    let mut tx = house.store.write().await.unwrap();
    assert!(sqlx::query(statement).execute(&mut *tx).await.unwrap().rows_affected() > 0, "{statement}");
    tx.commit().await.unwrap();
}

async fn found(house: &House) -> Vec<String> {
    house.desk.check_data().await.unwrap().findings
}

on_both_engines! {
    async fn a_season_in_which_people_did_what_they_may_holds_together(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let people = house.town.people();
        house.resident(&people[0].address).opts_out(Entry::Remove).await;
        house.resident(&people[1].address).opts_out(Entry::Keep).await;
        house.resident(&people[1].address).comes_back().await;
        house.days_pass(3).await;
        house.somebody_offered().await.moves_to(0).await;
        let erased = house.desk.resident_to_erase(&people[2].address.parse().ok().unwrap()).await.unwrap();
        house.desk.erase_resident(erased).await.unwrap();
        house.it_becomes("2027-07-20T12:00:00Z").await;
        let sound = house.desk.check_data().await.unwrap();
        assert_eq!(sound.findings, [] as [String; 0]);
        assert_eq!((sound.residents, sound.bookings, sound.without_keys), (15, 15, [0, 0]));
        assert!(sound.letters > 40 && sound.entries > 3 && sound.opened > sound.letters, "{sound:?}");
    }

    async fn whatever_is_changed_behind_the_services_back_is_found(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        assert_eq!(found(&house).await, [] as [String; 0]);
        // A seat given back to what another one is.
        let rows: Vec<(String, Vec<u8>)> = {
            let mut db = house.store.read().await.unwrap();
            sqlx::query_as("SELECT id, sealed FROM bookings ORDER BY id").fetch_all(&mut *db).await.unwrap()
        };
        let person = house.town.people()[0].address.clone();
        house.resident(&person).opts_out(Entry::Keep).await;
        let mut tx = house.store.write().await.unwrap();
        for (id, sealed) in rows {
            sqlx::query("UPDATE bookings SET sealed = $2 WHERE id = $1").bind(id).bind(sealed).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        let told = found(&house).await;
        assert!(told.iter().any(|one| one.contains("which is free")), "{told:?}");
        assert!(told.iter().any(|one| one.contains("put back to what it was")), "{told:?}");
        does(&house, "UPDATE outbox SET errand = (SELECT sealed FROM staff) WHERE id = (SELECT MIN(id) FROM outbox)").await;
        does(&house, "UPDATE therapists SET practice = sealed WHERE id = (SELECT MIN(id) FROM therapists)").await;
        does(&house, "UPDATE residents SET sealed = (SELECT sealed FROM seats LIMIT 1) WHERE id = (SELECT MIN(id) FROM residents)").await;
        let told = found(&house).await.join("\n");
        for part in ["would never be written", "therapists.practice of", "resident "] {
            assert!(told.contains(part), "{part}: {told}");
        }
        for person in house.town.people() {
            assert!(!told.contains(&person.address) && !told.contains(&person.family));
        }
    }
}
