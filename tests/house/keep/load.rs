//! Backups of a service that is used meanwhile: residents press buttons, letters leave, and each copy is put back and looked
//! through. What somebody was told was done before a backup began is in it.

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use holdspace::domain::booking::{Entry, Standing};
use holdspace::domain::id::BookingId;
use holdspace::storage::{bookings, people, places};

use super::{PutBack, bookings_in};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, post_office};
use crate::harness::smtp::SmtpSink;
use holdspace::mail::template::Templates;

/// How many backups at night.
const COUNT: &str = "HOLDSPACE_BACKUPS_COUNT";

/// What a resident did last, and when they began and were answered.
#[derive(Clone, Copy)]
struct Pressed {
    began: Instant,
    answered: Option<Instant>,
    opted_out: bool,
}

/// Everything that residents pressed.
#[derive(Default)]
struct Pressing {
    of: Mutex<BTreeMap<String, Vec<Pressed>>>,
    over: AtomicBool,
}

impl Pressing {
    fn begins(&self, whose: &str, opted_out: bool) {
        let pressed = Pressed { began: Instant::now(), answered: None, opted_out };
        self.of.lock().unwrap().entry(whose.to_owned()).or_default().push(pressed);
    }

    fn is_answered(&self, whose: &str) {
        let mut of = self.of.lock().unwrap();
        of.get_mut(whose).unwrap().last_mut().unwrap().answered = Some(Instant::now());
    }

    fn is_refused(&self, whose: &str) {
        self.of.lock().unwrap().get_mut(whose).unwrap().pop();
    }

    /// Whether somebody had opted out at a moment, where nobody could doubt it.
    fn at(&self, moment: Instant, until: Instant) -> BTreeMap<String, bool> {
        let mut certain = BTreeMap::new();
        for (whose, all) in self.of.lock().unwrap().iter() {
            let meanwhile =
                all.iter().any(|one| one.began < until && one.answered.is_none_or(|at| at > moment));
            let before = all.iter().rev().find(|one| one.answered.is_some_and(|at| at <= moment));
            if let Some(before) = before.filter(|_| !meanwhile) {
                certain.insert(whose.clone(), before.opted_out);
            }
        }
        certain
    }
}

/// Some residents opt out and come back, one after the other, until it is over.
async fn presses(house: &House, these: &[String], pressing: &Pressing) {
    let mut opted_out = false;
    while !pressing.over.load(Ordering::Relaxed) {
        opted_out = !opted_out;
        for address in these {
            let resident = house.resident(address);
            pressing.begins(address, opted_out);
            let page = match opted_out {
                true => resident.opts_out(Entry::Remove).await,
                false => resident.comes_back().await,
            };
            match page.status {
                303 => pressing.is_answered(address),
                // They press more often than people do.
                429 => pressing.is_refused(address),
                other => panic!("{other}: {}", page.body),
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn letters_leave(house: &House, pressing: &Pressing) {
    while !pressing.over.load(Ordering::Relaxed) {
        house.post_goes().await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn whose(house: &House) -> BTreeMap<String, BookingId> {
    let mut db = house.store.read().await.unwrap();
    let institution = places::institution(&mut db).await.unwrap().unwrap();
    let mut all = BTreeMap::new();
    for person in house.town.people() {
        let key = house.vault.address_key(&person.address.parse().ok().unwrap());
        let row = people::resident_at(&mut db, institution, &key).await.unwrap().unwrap();
        let bookings = bookings::of_resident(&mut db, row.id).await.unwrap();
        all.insert(person.address, bookings[0].id);
    }
    all
}

/// Makes a backup while everybody presses, and looks whether it is what people were told; says what is wrong.
async fn one(
    house: &House,
    place: &std::path::Path,
    whose: &BTreeMap<String, BookingId>,
    pressing: &Pressing,
) -> Result<(), String> {
    tokio::time::sleep(Duration::from_millis(120)).await;
    house.clock.advance(chrono::Duration::seconds(1));
    let began = Instant::now();
    let done = house.desk.back_up(place).await.map_err(|why| why.to_string())?;
    let ended = Instant::now();
    if !done.soundness.holds() {
        return Err(format!("{:?}", done.soundness.findings));
    }
    let back = PutBack::of(house, &done.folder, None, None).await;
    if !back.settled.soundness.holds() {
        return Err(format!("put back: {:?}", back.settled.soundness.findings));
    }
    let there: BTreeMap<_, _> = bookings_in(house, back.desk.store()).await.into_iter().collect();
    let certain = pressing.at(began, ended);
    for (address, opted_out) in &certain {
        let standing = &there[&whose[address]].standing;
        if matches!(standing, Standing::OptedOut(_)) != *opted_out {
            return Err(format!(
                "somebody was told that opted out is {opted_out}, and the backup has it otherwise"
            ));
        }
    }
    // Letters that leave from the copy are the same ones, as far as they left before.
    let sink = SmtpSink::start().await;
    post_office(back.desk.clone(), &sink, Templates::embedded().unwrap())
        .deliver(&|_| {})
        .await
        .map_err(|why| why.to_string())?;
    let first: BTreeMap<String, Vec<u8>> = by_id(&house.sink);
    let changed =
        by_id(&sink).into_iter().find(|(id, bytes)| first.get(id).is_some_and(|before| before != bytes));
    changed.map_or(Ok(()), |(id, _)| Err(format!("the letter {id} is another one the second time")))
}

fn by_id(sink: &SmtpSink) -> BTreeMap<String, Vec<u8>> {
    // A removal and what follows it speak of one entry; each letter has an id of its own.
    let all = sink.received().into_iter();
    all.map(|one| (one.read().field("Message-ID")[0].to_owned(), one.bytes)).collect()
}

/// Backups under load; says how many were wrong.
#[expect(clippy::print_stdout, reason = "what went wrong in the night is told")]
async fn backups(count: usize) -> usize {
    let mut failures = 0;
    // A new season after each ten: nobody presses a thousand times in one.
    for some in (0..count).step_by(10) {
        let db = TestDatabase::sqlite();
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        for person in house.town.people() {
            house.resident(&person.address).wishes(&["confirm", "remind"]).await;
        }
        let (whose, pressing) = (whose(&house).await, Pressing::default());
        let addresses: Vec<String> = whose.keys().cloned().collect();
        let place = tempfile::tempdir().unwrap();
        let made = async {
            let mut failures = 0;
            for number in some..count.min(some + 10) {
                if let Err(why) = one(&house, place.path(), &whose, &pressing).await {
                    println!("backup {number}: {why}");
                    failures += 1;
                }
            }
            pressing.over.store(true, Ordering::Relaxed);
            failures
        };
        let (one, other) = addresses.split_at(addresses.len() / 2);
        let (wrong, (), (), ()) = tokio::join!(
            made,
            presses(&house, one, &pressing),
            presses(&house, other, &pressing),
            letters_leave(&house, &pressing)
        );
        failures += wrong;
        let pressed: usize = pressing.of.lock().unwrap().values().map(Vec::len).sum();
        assert!(pressed > 20, "nobody pressed anything, so this proves nothing: {pressed}");
        assert!(!house.sink.received().is_empty());
    }
    failures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_service_that_is_used_is_what_people_were_told() {
    assert_eq!(backups(2).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for tests/nightly backups"]
async fn nights() {
    let count = env::var(COUNT).ok().and_then(|text| text.parse().ok()).unwrap_or(50);
    let failures = backups(count).await;
    println!("backups: {count} runs, {failures} failures");
    assert_eq!(failures, 0);
}
