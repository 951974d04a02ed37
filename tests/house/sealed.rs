//! What is sealed at rest: who is erased is gone from every file, a rotation changes the key under a running service, and a thief
//! of the database learns nothing of anybody. Never asks a page what a search of bytes can tell.

use holdspace::domain::booking::Entry;
use holdspace::domain::id::{BookingId, ResidentId};
use holdspace::storage::people::{self, ResidentRow};
use holdspace::storage::{Store, bookings, keys, places, releases, sealed};
use holdspace::vault::{Location, Vault};

use crate::harness::engines::{Engine, TestDatabase, on_both_engines};
use crate::harness::house::House;
use crate::harness::rest::at_rest;
use crate::harness::town::{OnRoster, Town, tables};

mod rotation;
mod thief;

/// An address of her own that is on no roster.
const HOME: &str = "zephyrine.canary@home.example.org";
const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

/// Somebody whose name is nobody else's, on the roster instead of the first.
fn canary(town: &mut Town) -> OnRoster {
    let first = town.people().remove(0);
    let canary = OnRoster {
        family: "Quillcanary".to_owned(),
        given: "Zephyrine".to_owned(),
        address: "zquillcanary@im.example.edu".to_owned(),
    };
    let line = |person: &OnRoster| format!("{},{},{}", person.family, person.given, person.address);
    let roster = town.roster.replacen(&line(&first), &line(&canary), 1);
    assert_ne!(roster, town.roster, "the roster spells its lines otherwise");
    town.roster = roster;
    canary
}

/// A season in which she does what leaves traces, until after her visit.
async fn she_was_here(house: &mut House) -> OnRoster {
    let her = canary(&mut house.town);
    house.has_invited_everybody().await;
    let resident = house.resident(&her.address);
    house.form(&format!("{}/address", resident.link()), &[("address", HOME)]).await;
    house.post_goes().await;
    let question = house.resident(HOME).newest("new-address").link("/v/");
    assert_eq!(house.form(&question, &[("address", "yes")]).await.status, 200);
    resident.wishes(&["confirm", "remind"]).await;
    resident.opts_out(Entry::Remove).await;
    resident.comes_back().await;
    for address in THERAPISTS {
        house.therapist(address).feed().await;
    }
    house.it_becomes("2027-07-02T12:00:00Z").await;
    her
}

/// Who she is to the database.
struct Traces {
    id: ResidentId,
    bookings: Vec<BookingId>,
    /// What was sealed about her, and the keys that opened it.
    sealed: Vec<Vec<u8>>,
    resident: ResidentRow,
}

async fn traces(house: &House, her: &OnRoster) -> Traces {
    let mut db = house.store.read().await.unwrap();
    let institution = places::institution(&mut db).await.unwrap().unwrap();
    let key = house.vault.address_key(&her.address.parse().ok().unwrap());
    let resident = people::resident_at(&mut db, institution, &key).await.unwrap().unwrap();
    let rows = bookings::of_resident(&mut db, resident.id).await.unwrap();
    let mut sealed = vec![resident.sealed.clone(), resident.key.wrapped.clone()];
    for row in &rows {
        sealed.extend([row.sealed.clone(), row.key.wrapped.clone()]);
        sealed.push(bookings::why(&mut db, row.id).await.unwrap().unwrap());
    }
    Traces { id: resident.id, bookings: rows.iter().map(|row| row.id).collect(), sealed, resident }
}

/// Everything that the key file opens by itself, as text.
async fn opened(house: &House) -> String {
    let mut db = house.store.read().await.unwrap();
    let mut text = String::new();
    for column in sealed::COLUMNS {
        for row in sealed::after(&mut db, column, "", 10_000).await.unwrap() {
            let plain =
                house.vault.open(Location { column: column.name, row: &row.row }, &row.sealed).unwrap();
            text += &String::from_utf8_lossy(&plain);
        }
    }
    drop(db);
    for (_, _, seat) in house.seats().await {
        text += &serde_json::to_string(&seat).unwrap();
    }
    text
}

/// All files beside the database, logs of SQLite among them.
fn files(db: &TestDatabase) -> Vec<u8> {
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(db.directory().unwrap()).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    // The beginning is on one page of the file, whatever the end is on.
    let part = &part[..part.len().min(48)];
    bytes.windows(part.len()).any(|window| window == part)
}

on_both_engines! {
    async fn who_is_erased_is_gone_from_every_row_and_file_and_nobody_is_written_to(db: TestDatabase) {
        let mut house = House::on(&db).await;
        let her = she_was_here(&mut house).await;
        let (link, before) = (house.resident(&her.address).link(), traces(&house, &her).await);
        let ids: Vec<String> =
            before.bookings.iter().map(ToString::to_string).chain([before.id.to_string()]).collect();
        assert!(opened(&house).await.contains(&ids[0]), "nothing speaks of her, so this proves nothing");
        house.store.truncate_log().await.unwrap();
        let on_file = db.directory().is_some();
        if on_file {
            let bytes = files(&db);
            assert!(before.sealed.iter().all(|one| holds(&bytes, one)), "this search finds nothing");
        }
        let letters = house.sink.received().len();
        let erased = house.desk.erase_resident(before.id).await.unwrap();
        assert_eq!((erased.keys, erased.residents, erased.bookings), (2, 1, 1));
        house.post_goes().await;
        assert_eq!(house.sink.received().len(), letters, "somebody was written to");

        for (table, rows) in at_rest(&db).await {
            let public = ["cohort_members", "ledger"].contains(&table.as_str());
            let told = rows.iter().any(|row| ids.iter().any(|id| row.contains(id)));
            assert!(!told || public, "{table} still speaks of her");
        }
        let text = opened(&house).await;
        for secret in ids.iter().take(ids.len() - 1).chain([&her.family, &her.address, &HOME.to_owned()]) {
            assert!(!text.contains(secret.as_str()), "something sealed still holds {secret}");
        }
        if on_file {
            let bytes = files(&db);
            let left = before.sealed.iter().filter(|one| holds(&bytes, one)).count();
            assert_eq!(left, 0, "what was sealed about her is still in a file");
        }
        assert_eq!(house.get(&link).await.status, house.get("/v/a-token-that-nobody-has").await.status);
        house.everyone_sits_once().await;
        house.hours_fly(24).await;
        // Again, as after a crash: there is nothing left to do.
        assert_eq!(house.desk.erase_resident(before.id).await.unwrap(), Default::default());
        assert_eq!(house.it_becomes("2027-08-13T12:00:00Z").await.released, 1);
    }

    async fn what_was_saved_before_an_erasure_does_not_open_with_the_keys_of_today(db: TestDatabase) {
        let mut house = House::on(&db).await;
        let her = she_was_here(&mut house).await;
        let before = traces(&house, &her).await;
        let row = before.resident.id.to_string();
        let at = Location { column: "residents.sealed", row: &row };
        let opens = |key: &keys::WrappedKey| {
            let key = house.vault.unwrap(&key.id, &key.wrapped).unwrap();
            key.open_value::<serde_json::Value>(at, &before.resident.sealed).is_ok()
        };
        assert!(opens(&before.resident.key));
        house.desk.erase_resident(before.id).await.unwrap();
        let mut reader = house.store.read().await.unwrap();
        let left = keys::after(&mut reader, "", 10_000).await.unwrap();
        assert!(left.len() > 16 && !left.iter().any(opens));
        assert!(house.vault.open(at, &before.resident.sealed).is_err());
    }

    async fn a_season_goes_after_its_release_and_the_release_stays(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let offering = house.desk.show_offering(None).await.unwrap().id;
        let why = house.desk.erase_season(offering).await.unwrap_err().to_string();
        assert!(why.contains("not frozen"), "{why}");
        assert_eq!(house.it_becomes("2027-08-13T12:00:00Z").await.released, 1);
        let frozen = releases::release(&mut house.store.read().await.unwrap(), offering).await.unwrap();
        let erased = house.desk.erase_season(offering).await.unwrap();
        assert_eq!((erased.keys, erased.bookings, erased.residents), (17, 16, 0));
        assert!(erased.seats > 16);
        let rest = at_rest(&db).await;
        for table in ["bookings", "seats", "slots", "survey_codes"] {
            assert!(rest[table].is_empty(), "{table} is not empty");
        }
        assert_eq!(rest["cohort_members"].len(), 16);
        assert_eq!(releases::release(&mut house.store.read().await.unwrap(), offering).await.unwrap(), frozen);
        let why = house.desk.book(None).await.unwrap_err().to_string();
        assert!(why.contains("erased"), "{why}");
        house.hours_fly(8).await;
        house.director_again().await.overview().await;
        assert_eq!(house.therapist(THERAPISTS[0]).signs_in().await.opens("/agenda").await.status, 200);
    }

    async fn a_season_that_is_erased_before_its_day_is_never_released(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let offering = house.desk.show_offering(None).await.unwrap().id;
        house.desk.erase_season_before_its_release(offering).await.unwrap();
        assert_eq!(house.it_becomes("2027-08-13T12:00:00Z").await.released, 0);
        assert!(house.desk.release(None).await.unwrap_err().to_string().contains("erased"));
    }

    async fn an_empty_store_of_keys_is_refused_instead_of_looking_like_an_empty_roster(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        house.desk.refuse_without_keys().await.unwrap();
        let mut tx = house.store.write_keys().await.unwrap();
        for key in keys::after(&mut tx, "", 10_000).await.unwrap() {
            keys::destroy(&mut tx, &key.id).await.unwrap();
        }
        tx.commit().await.unwrap();
        let why = house.desk.refuse_without_keys().await.unwrap_err().to_string();
        assert!(why.contains("restore"), "{why}");
    }
}

/// A whole backup from before, put back beside the store of keys of today: she is nobody in it, everybody else is there, and the
/// erasure can be finished.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_backup_from_before_an_erasure_she_is_nobody() {
    let db = TestDatabase::sqlite();
    let mut house = House::on(&db).await;
    let her = she_was_here(&mut house).await;
    let before = traces(&house, &her).await;
    house.store.truncate_log().await.unwrap();
    let folder = db.directory().unwrap();
    let backup = std::fs::read(folder.join("holdspace.db")).unwrap();
    house.desk.erase_resident(before.id).await.unwrap();
    let restored = TestDatabase::sqlite();
    let there = restored.directory().unwrap();
    std::fs::write(there.join("holdspace.db"), backup).unwrap();
    std::fs::copy(folder.join("holdspace.keys.db"), there.join("holdspace.keys.db")).unwrap();
    let store = Store::open(restored.url()).await.unwrap();
    let mut reader = store.read().await.unwrap();
    let institution = places::institution(&mut reader).await.unwrap().unwrap();
    let rows = people::residents(&mut reader, institution).await.unwrap();
    assert_eq!(rows.len(), 15);
    assert!(rows.iter().all(|row| row.id != before.id));
    assert_eq!(keys::without(&mut reader).await.unwrap(), [1, 1]);
    drop(reader);
    let entropy = std::sync::Arc::clone(&house.dice) as std::sync::Arc<dyn holdspace::entropy::Entropy>;
    let vault = std::sync::Arc::new(Vault::of(&house.keys.lock().unwrap(), std::sync::Arc::clone(&entropy)));
    let clock = std::sync::Arc::clone(&house.clock) as _;
    let desk =
        holdspace::desk::Desk::new(store.clone(), vault, clock, entropy, "https://holdspace.example.org");
    desk.refuse_without_keys().await.unwrap();
    let id = desk.resident_to_erase(&her.address.parse().ok().unwrap()).await.unwrap();
    let erased = desk.erase_resident(id).await.unwrap();
    assert_eq!((erased.keys, erased.residents, erased.bookings), (0, 1, 1));
    assert_eq!(desk.without_keys().await.unwrap(), [0, 0]);
    let options = holdspace::desk::admit::RosterOptions::default();
    let imported = desk.import_roster(&tables(&house.town.roster), &options).await.unwrap();
    assert_eq!(imported.refused, [], "she can come back as somebody new");
    assert_eq!(db.engine(), Engine::Sqlite);
}
