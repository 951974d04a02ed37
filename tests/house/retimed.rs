//! Laws change clocks: what was agreed by the clock on the wall stands, everyone concerned is told once, and nobody twice.

use chrono::{Duration, NaiveDateTime};
use holdspace::domain::booking::Entry;
use holdspace::domain::retiming::Rules;
use holdspace::domain::time::{Instant, Zone, resolve};

use crate::harness::engines::on_both_engines;
use crate::harness::house::House;
use crate::harness::letter::ReadLetter;
use crate::harness::rest::at_rest;

/// Rules before the law: clocks in Vancouver stood an hour further back, and so every local time there was an hour later.
fn old(local: NaiveDateTime, zone: Zone) -> Instant {
    let late = i64::from(zone.name() == "America/Vancouver");
    resolve(local, zone) + Duration::hours(late)
}

const OLD: Rules<'static> = Rules { version: "2025b", resolve: &old };

/// A town whose Denver is Vancouver, booked, and stored as the old rules had it; nobody has been told of a time yet.
async fn before_the_law(house: &mut House) {
    let there = |text: &str| text.replace("America/Denver", "America/Vancouver");
    house.town.programs = there(&house.town.programs);
    house.town.sites = there(&house.town.sites);
    house.town.availability = there(&house.town.availability);
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    house.books().await;
    let shown = house.desk.follow_zones(&OLD, true).await.unwrap();
    assert!(shown.slots > 0 && shown.blocks > 0 && shown.visits > 0, "{shown:?}");
    assert_eq!(shown.left, 0);
    house.post_goes().await;
    house.sleeps(5).await;
}

/// The same, and everyone has been invited by the old rules; then the law changes and the server starts anew.
pub async fn walks_through_a_changed_law(house: &mut House) {
    before_the_law(house).await;
    house.desk.follow_new_zones(&Rules::built_in()).await.unwrap().unwrap();
    house.post_goes().await;
}

fn property(letter: &ReadLetter, name: &str) -> String {
    let line = letter.calendar[0].text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("no {name}")).to_owned()
}

fn starts(letter: &ReadLetter) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(&property(letter, "DTSTART"), "%Y%m%dT%H%M%SZ").unwrap()
}

/// Residents of the program whose clocks change, by address.
fn concerned(house: &House) -> Vec<String> {
    let people = house.town.people().into_iter().map(|person| person.address);
    people.filter(|address| address.ends_with("@im.example.edu")).collect()
}

on_both_engines! {
    async fn everyones_invitation_is_sent_again_once_and_a_second_start_sends_nothing(db: TestDatabase) {
        let mut house = House::on(&db).await;
        before_the_law(&mut house).await;
        let concerned = concerned(&house);
        let [stays, kept, gone, ..] = concerned.as_slice() else { panic!("a small town") };
        house.resident(kept).opts_out(Entry::Keep).await;
        house.resident(gone).opts_out(Entry::Remove).await;
        house.hours_pass(1).await;
        let before = house.sink.received().len();
        let looked = house.desk.follow_zones(&Rules::built_in(), false).await.unwrap();
        assert_eq!(house.desk.follow_zones(&Rules::built_in(), false).await.unwrap(), looked, "looking changes nothing");
        let shown = house.desk.follow_new_zones(&Rules::built_in()).await.unwrap().expect("new rules");
        assert_eq!((shown.visits, shown.before.as_str()), (looked.visits, "2025b"));
        assert!(shown.visits >= concerned.len());
        let counted = house.post_goes().await;
        assert_eq!(counted.sent, shown.visits, "one letter each, and all of them may be counted");
        assert_eq!(house.sink.received().len() - before, shown.visits);
        for address in [stays, kept] {
            let person = house.resident(address);
            let (old, new) = (person.newest("invitation"), person.newest("retimed"));
            assert_eq!(starts(&old) - starts(&new), Duration::hours(1), "20:00Z is 19:00Z");
            assert_eq!(property(&old, "UID"), property(&new, "UID"));
            assert_eq!((property(&old, "SEQUENCE").as_str(), property(&new, "SEQUENCE").as_str()), ("0", "1"));
            assert!(new.calendar[0].text.contains("METHOD:REQUEST"));
        }
        // Whoever took the entry off has none that were wrong; the words are everybody's.
        let without = house.resident(gone).newest("retimed");
        assert!(without.calendar.is_empty() && without.subject.starts_with("Clocks changed: "));
        // A second start, and a second process.
        assert_eq!(house.desk.follow_new_zones(&Rules::built_in()).await.unwrap(), None);
        assert_eq!(house.desk.follow_zones(&Rules::built_in(), true).await.unwrap().visits, 0);
        house.post_goes().await;
        assert_eq!(house.sink.received().len() - before, shown.visits);
        house.everyone_sits_once().await;
    }

    async fn reminders_follow_the_clock_on_the_wall(db: TestDatabase) {
        let mut house = House::on(&db).await;
        walks_through_a_changed_law(&mut house).await;
        house.it_becomes("2027-07-20T12:00:00Z").await;
        for address in concerned(&house) {
            let kinds = house.resident(&address).kinds();
            let times = |kind: &str| kinds.iter().filter(|it| *it == kind).count();
            assert_eq!((times("invitation"), times("retimed"), times("afterwards")), (1, 1, 1), "{kinds:?}");
        }
    }

    /// Broken off anywhere, nothing has happened, and the next start does all of it.
    async fn broken_off_in_the_middle_nothing_is_lost_and_nothing_goes_twice(db: TestDatabase) {
        let mut house = House::on(&db).await;
        before_the_law(&mut house).await;
        let before = house.sink.received().len();
        let slots = at_rest(&db).await["slots"].clone();
        house.dice.die_after(Some(30));
        let desk = house.desk.clone();
        let broken = tokio::spawn(async move { desk.follow_new_zones(&Rules::built_in()).await }).await;
        assert!(broken.is_err(), "it died on the way");
        house.dice.die_after(None);
        assert_eq!(at_rest(&db).await["slots"], slots);
        house.post_goes().await;
        assert_eq!(house.sink.received().len(), before);
        let shown = house.desk.follow_new_zones(&Rules::built_in()).await.unwrap().expect("still to do");
        house.post_goes().await;
        assert_eq!(house.sink.received().len() - before, shown.visits);
    }
}
