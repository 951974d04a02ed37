//! Backups that are put back: what is in them again, what is not, and what goes a second time.

use std::collections::BTreeMap;

use holdspace::domain::booking::{Booking, Entry, Standing};
use holdspace::domain::id::BookingId;
use holdspace::storage::outbox::{self, Audience};

use super::{PutBack, backup_of, bookings_in, count};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, post_office};
use crate::harness::smtp::SmtpSink;
use crate::releases::{DAY, after_the_visits, refused};
use holdspace::mail::template::Templates;

/// Letters by their Message-ID.
fn by_id(sink: &SmtpSink) -> BTreeMap<String, Vec<u8>> {
    let all = sink.received().into_iter();
    all.map(|one| (one.read().field("Message-ID")[0].to_owned(), one.bytes)).collect()
}

/// Where everybody stands.
fn standing(bookings: Vec<(BookingId, Booking)>) -> Vec<(BookingId, Standing)> {
    bookings.into_iter().map(|(id, booking)| (id, booking.standing)).collect()
}

/// The SEQUENCE of the newest letter with one.
fn newest_sequence(sink: &SmtpSink, to: &str) -> (u32, String) {
    let letters = sink.received().into_iter().filter(|one| one.to == [to]).map(|one| one.read());
    let mut numbered = letters.filter_map(|letter| {
        let lines = letter.calendar.first()?.text.clone();
        let number = lines.lines().find_map(|line| line.trim().strip_prefix("SEQUENCE:")?.parse().ok())?;
        Some((number, letter.field("Message-ID")[0].to_owned()))
    });
    numbered.next_back().unwrap()
}

#[tokio::test]
async fn what_somebody_changes_after_a_restore_is_newer_than_what_their_calendar_was_told_before() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let place = tempfile::tempdir().unwrap();
    let backup = backup_of(&house, &house.desk, place.path()).await;
    let ann = house.resident(&house.town.people()[0].address);
    ann.opts_out(Entry::Remove).await;
    house.post_goes().await;
    let (told, letter) = newest_sequence(&house.sink, ann.address());
    assert_eq!(told, 1);
    let back = PutBack::of(&house, &backup, None, None).await;
    back.desk.opt_out(&ann.token(), Entry::Remove).await.unwrap();
    let sink = SmtpSink::start().await;
    post_office(back.desk.clone(), &sink, Templates::embedded().unwrap()).deliver(&|_| {}).await.unwrap();
    let (again, other) = newest_sequence(&sink, ann.address());
    assert!(again > told, "a calendar would take {again} for older than {told}");
    assert_ne!(other, letter, "two letters under one Message-ID are one in a mailbox");
}

#[tokio::test]
async fn what_residents_did_before_a_backup_is_in_it_and_what_they_did_since_is_not() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let people = house.town.people();
    let [ann, bob] = [&people[0], &people[1]].map(|person| house.resident(&person.address));
    ann.opts_out(Entry::Keep).await;
    let place = tempfile::tempdir().unwrap();
    let backup = backup_of(&house, &house.desk, &place.path().join("backups")).await;
    let then = bookings_in(&house, &house.store).await;
    bob.opts_out(Entry::Keep).await;
    let back = PutBack::of(&house, &backup, None, None).await;
    assert_eq!(back.settled.soundness.findings, [] as [String; 0]);
    assert!(
        back.settled.soundness.bookings == 16 && back.settled.soundness.opened > 200,
        "{:?}",
        back.settled.soundness
    );
    assert_eq!(standing(bookings_in(&house, back.desk.store()).await), standing(then.clone()));
    assert_ne!(standing(bookings_in(&house, &house.store).await), standing(then));
    // Whoever looks into the log sees that something was put back, and from when.
    let log = back.desk.staff_entries(None, 1).await.unwrap();
    assert_eq!(log[0].act, "restored");
    assert!(log[0].details.contains("is not in it"), "{}", log[0].details);
    assert!(back.desk.check_audit(&[]).await.unwrap().findings.is_empty());
}

#[tokio::test]
async fn letters_that_went_since_a_backup_go_once_more_as_the_same_letters() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    house.books().await;
    // Somebody has just taken some of them, for a long time, when the backup is made.
    let until = house.now() + chrono::Duration::days(300);
    let mut tx = house.store.write().await.unwrap();
    let taken = outbox::lease(&mut tx, Audience::Everyone, house.now(), until, 5).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(taken.len(), 5);
    let place = tempfile::tempdir().unwrap();
    let backup = backup_of(&house, &house.desk, place.path()).await;
    house.post_goes().await;
    let back = PutBack::of(&house, &backup, None, None).await;
    let sink = SmtpSink::start().await;
    let delivered =
        post_office(back.desk.clone(), &sink, Templates::embedded().unwrap()).deliver(&|_| {}).await.unwrap();
    assert!(delivered.drained, "the letters that were taken wait for somebody who is not there");
    let (first, second) = (by_id(&house.sink), by_id(&sink));
    let went_twice: Vec<&String> = second.keys().filter(|id| first.contains_key(*id)).collect();
    assert!(went_twice.len() > 10, "{}", went_twice.len());
    for id in went_twice {
        assert_eq!(first[id], second[id], "{id} is another letter the second time");
    }
}

#[tokio::test]
async fn a_season_that_was_released_since_shows_the_very_same_bytes_or_nothing() {
    let db = TestDatabase::sqlite();
    let house = after_the_visits(&db).await;
    house.clock.set(DAY.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mirror = folder.path().join("holdspace.releases");
    let desk = house.desk.clone().with_mirror(&mirror);
    house.clock.set("2027-08-01T12:00:00Z".parse().unwrap());
    assert!(refused(desk.release(None).await).contains("nothing is released before"));
    let backup = backup_of(&house, &desk, &folder.path().join("backups")).await;
    house.clock.set(DAY.parse().unwrap());
    let first = desk.release(None).await.unwrap();
    house.dice.turn_to(4711);
    let back = PutBack::of(&house, &backup, Some(&mirror), None).await;
    assert_eq!((back.settled.releases_put_back, &back.settled.mirror_trouble), (1, &None));
    assert!(back.desk.release(None).await.unwrap() == first);
    // Without the mirror nobody could tell what was drawn, so nothing is.
    let lost = folder.path().join("lost.releases");
    let without = PutBack::of(&house, &backup, Some(&lost), None).await;
    assert!(without.settled.mirror_trouble.unwrap().contains("is missing"));
    assert!(refused(without.desk.release(None).await).contains("is missing"));
}

#[tokio::test]
async fn who_was_erased_stays_erased_beside_the_present_keys_and_in_no_backup_for_longer_than_a_week() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let place = tempfile::tempdir().unwrap();
    let backup = backup_of(&house, &house.desk, place.path()).await;
    let her = house.town.people()[0].address.parse().ok().unwrap();
    let id = house.desk.resident_to_erase(&her).await.unwrap();
    house.desk.erase_resident(id).await.unwrap();

    let with_old_keys = PutBack::of(&house, &backup, None, None).await;
    assert_eq!(with_old_keys.settled.soundness.without_keys, [0, 0], "the promise of a week hangs on this");
    let present = db.directory().unwrap().join("holdspace.keys.db");
    let back = PutBack::of(&house, &backup, None, Some(&present)).await;
    assert_eq!(back.settled.soundness.without_keys, [1, 1]);
    assert_eq!(back.settled.soundness.findings, [] as [String; 0]);
    assert_eq!(bookings_in(&house, back.desk.store()).await.len(), 15);
    // What is left of her goes when she is erased again.
    back.desk.erase_resident(back.desk.resident_to_erase(&her).await.unwrap()).await.unwrap();
    let sound = back.desk.check_data().await.unwrap();
    assert_eq!((sound.without_keys, sound.findings.len()), ([0, 0], 0));

    house.clock.advance(chrono::Duration::days(6));
    backup_of(&house, &house.desk, place.path()).await;
    assert!(backup.join("holdspace.keys.db").exists());
    house.clock.advance(chrono::Duration::days(1));
    let newest = backup_of(&house, &house.desk, place.path()).await;
    assert!(!backup.join("holdspace.keys.db").exists() && backup.join("holdspace.db").exists());
    let back = PutBack::of(&house, &backup, None, Some(&newest.join("holdspace.keys.db"))).await;
    assert_eq!(back.settled.soundness.without_keys, [1, 1]);
    assert!(back.main().exists());
}

#[tokio::test]
async fn sessions_and_files_that_somebody_looks_through_are_in_no_backup() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let director = house.director_again().await;
    let mut tx = house.store.write().await.unwrap();
    sqlx::query("INSERT INTO drafts (id, staff_id, purpose, sealed, ends_at) SELECT 'x', id, 'roster', sealed, 0 FROM staff")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(count(&house.store, "sessions").await > 0);
    let place = tempfile::tempdir().unwrap();
    // A draft that nothing opens is no finding of a copy without drafts.
    let backup = backup_of(&house, &house.desk, place.path()).await;
    let back = PutBack::of(&house, &backup, None, None).await;
    for table in ["sessions", "sign_ins", "drafts"] {
        assert_eq!(count(back.desk.store(), table).await, 0, "{table}");
    }
    drop(director);
    // A resident's link hangs on nothing that a backup leaves out.
    assert!(count(back.desk.store(), "links").await > 0);
}
