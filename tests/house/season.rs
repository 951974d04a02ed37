//! One season from the roster to the letter afterwards, as coordinators and residents live through it. Never looks at
//! what residents do with their links; that is in `links`.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use holdspace::desk::admit::RosterOptions;
use holdspace::desk::season::PlanShown;
use holdspace::domain::time::Instant;

use crate::harness::engines::{TestDatabase, on_both_engines, on_sqlite};
use crate::harness::house::{House, Page, fortnight};
use crate::harness::letter::ReadLetter;
use crate::harness::rest::at_rest;
use crate::harness::town::{Town, tables};

/// A moment of the calendar part of a letter, such as DTSTART.
fn moment(letter: &ReadLetter, property: &str) -> Instant {
    let calendar = &letter.calendar.first().expect("it has a calendar part").text;
    let line = calendar.lines().find_map(|line| line.strip_prefix(&format!("{property}:")));
    let text = line.unwrap_or_else(|| panic!("no {property} in {calendar}"));
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").unwrap().and_utc()
}

fn json(plan: &PlanShown) -> String {
    serde_json::to_string_pretty(plan).unwrap()
}

/// The whole roster, and who else comes.
async fn joins(house: &House, lines: &[&str]) {
    let roster = format!("{}{}\n", house.town.roster, lines.join("\n"));
    let imported = house.desk.import_roster(&tables(&roster), &RosterOptions::default()).await.unwrap();
    assert_eq!((imported.added, imported.changed, imported.refused), (lines.len(), 0, vec![]));
}

/// The page behind everybody's link.
async fn everybodys_pages(house: &House) -> Vec<Page> {
    let mut pages = Vec::new();
    for person in house.town.people() {
        pages.push(house.resident(&person.address).opens_link().await);
    }
    pages
}

/// When letters of a kind came to somebody.
fn arrived(house: &House, address: &str, kind: &str) -> Vec<Instant> {
    let to = |at: &&crate::harness::house::Arrival| at.received.to == [address];
    let of = |arrival: &&crate::harness::house::Arrival| {
        crate::harness::person::kind(&arrival.received.read()) == kind
    };
    house.arrivals().iter().filter(to).filter(of).map(|arrival| arrival.at).collect()
}

on_both_engines! {
    /// Announcement, invitation, reminder and the letter afterwards, each once and each at its moment.
    async fn everybody_gets_the_same_four_letters(db: TestDatabase) {
        let house = House::on(&db).await;
        let booked_at = house.now();
        house.has_invited_everybody().await;
        house.it_becomes("2027-07-02T12:00:00Z").await;
        house.days_pass(15).await;
        for person in house.town.people() {
            let resident = house.resident(&person.address);
            assert_eq!(resident.kinds(), ["announcement", "invitation", "reminder", "afterwards"]);
            let invitation = resident.newest("invitation");
            let (starts_at, ends_at) = (moment(&invitation, "DTSTART"), moment(&invitation, "DTEND"));
            let came = |kind| arrived(&house, &person.address, kind);
            assert_eq!(came("announcement"), [booked_at]);
            assert_eq!(came("invitation"), [booked_at + Duration::days(5)]);
            assert_eq!(came("reminder"), [starts_at - Duration::hours(48)]);
            // The visit ends ten minutes before the hour, and the post goes on the hour.
            assert_eq!(came("afterwards"), [ends_at + Duration::hours(24) + Duration::minutes(10)]);
            assert_eq!(resident.opens_link().await.status, 200);
        }
        house.everyone_sits_once().await;
    }

    async fn who_is_booked_sits_where_the_plan_said(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        let plan = house.desk.plan(None, None).await.unwrap();
        assert_eq!((plan.residents, plan.placed, plan.already, plan.unplaced.len()), (16, 16, 0, 0));
        let booked = house.books().await;
        assert_eq!((booked.booked, booked.already, booked.waiting), (16, 0, 0));
        let mut per_day: BTreeMap<NaiveDate, usize> = BTreeMap::new();
        for booking in house.bookings().await {
            // Visits of this town are at noon or later in UTC: the day is the same there.
            *per_day.entry(booking.visit().unwrap().span.starts_at().date_naive()).or_default() += 1;
        }
        assert_eq!(per_day, plan.per_day);
        assert_eq!(plan.per_therapist.values().sum::<usize>(), 16);
    }

    async fn a_second_booking_books_nobody_and_owes_nothing(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let (pages, before) = (everybodys_pages(&house).await, at_rest(&db).await);
        let again = house.books().await;
        assert_eq!((again.booked, again.already, again.waiting, again.letters_owed), (0, 16, 0, 0));
        assert_eq!(everybodys_pages(&house).await, pages);
        let mut after = at_rest(&db).await;
        // The one thing that a batch always touches is the counter that makes batches wait for each other.
        assert_ne!(after["institutions"], before["institutions"]);
        after.insert("institutions".to_owned(), before["institutions"].clone());
        assert_eq!(after, before);
        assert_eq!(house.post_goes().await.sent, 0);
    }

    async fn who_comes_later_is_added_and_nobody_is_moved(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let pages = everybodys_pages(&house).await;
        let late = "IM,Okafor,Lena,lokafor@im.example.edu,1,A,Denver Main,2027-07-01";
        joins(&house, &[late]).await;
        let plan = house.desk.plan(None, None).await.unwrap();
        assert_eq!((plan.placed, plan.already), (1, 16));
        let booked = house.books().await;
        assert_eq!((booked.booked, booked.already, booked.letters_owed), (1, 16, 4));
        assert_eq!(everybodys_pages(&house).await, pages);
        house.post_goes().await;
        let newcomer = house.resident("lokafor@im.example.edu");
        assert_eq!(newcomer.kinds(), ["announcement"]);
        house.sleeps(5).await;
        assert_eq!(newcomer.opens_link().await.status, 200);
        house.everyone_sits_once().await;
    }

    async fn planning_writes_nothing(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        let before = at_rest(&db).await;
        let plan = house.desk.plan(None, None).await.unwrap();
        let other = house.desk.plan(None, Some(holdspace::domain::plan::Seed::from_bytes([7; 32]))).await.unwrap();
        assert_eq!(at_rest(&db).await, before);
        assert_ne!(plan.seed_hash, other.seed_hash);
        assert_eq!(json(&house.desk.plan(None, None).await.unwrap()), json(&plan));
    }

    async fn the_same_seed_and_files_give_the_same_plan(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        let created = house.opens_an_offering().await;
        let plan = house.desk.plan(None, None).await.unwrap();
        assert_eq!(plan.seed_hash, created.seed_hash);
        let twin_db = TestDatabase::sqlite();
        let twin = House::on(&twin_db).await;
        twin.imports_the_sample_files().await;
        twin.opens_an_offering().await;
        assert_eq!(json(&twin.desk.plan(None, None).await.unwrap()), json(&plan));
        let other_db = TestDatabase::sqlite();
        let other = House::with_seed(&other_db, 2).await;
        other.imports_the_sample_files().await;
        other.opens_an_offering().await;
        let other = other.desk.plan(None, None).await.unwrap();
        assert_eq!(other.placed, plan.placed);
        assert_ne!(other.plan_hash, plan.plan_hash);
    }
}

#[tokio::test]
async fn who_cannot_be_placed_is_told_why_in_a_coordinators_words() {
    on_sqlite(|db| async move {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        // Cohort C is protected only after these two weeks; D has no time at all; and one comes when all is over.
        joins(
            &house,
            &[
                "IM,Okafor,Lena,lokafor@im.example.edu,1,C,Denver Main,2027-07-01",
                "IM,Sato,Ren,rsato@im.example.edu,1,,Denver Main,2027-07-01",
                "IM,Novak,Iva,inovak@im.example.edu,1,A,Denver Main,2027-08-01",
            ],
        )
        .await;
        house.opens(fortnight()).await;
        let plan = house.desk.plan(None, None).await.unwrap();
        assert_eq!((plan.residents, plan.placed), (19, 16));
        insta::assert_snapshot!(serde_json::to_string_pretty(&plan.unplaced).unwrap());
        let booked = house.books().await;
        assert_eq!((booked.booked, booked.waiting), (16, 3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_sample_is_booked_inside_protected_time_and_invited() {
    on_sqlite(|db| async move {
        let house = House::on(&db).await;
        house.imports(&Town::whole()).await;
        house
            .opens(holdspace::domain::offering::Rules { until: "2027-09-24".parse().unwrap(), ..fortnight() })
            .await;
        let plan = house.desk.plan(None, None).await.unwrap();
        assert_eq!((plan.residents, plan.placed), (149, 149));
        let booked = house.books().await;
        assert_eq!((booked.booked, booked.waiting, booked.letters_owed), (149, 0, 4 * 149));
        house.everyone_sits_once().await;
        house.post_goes().await;
        house.sleeps(5).await;
        let mut blocks = BTreeMap::new();
        for code in ["IM", "PEDS", "NEPH", "EM"] {
            for row in house.desk.coverage(code).await.unwrap().rows {
                blocks.entry(row.resident).or_insert_with(Vec::new).push(row.span);
            }
        }
        for person in Town::whole().people() {
            let resident = house.resident(&person.address);
            assert_eq!(resident.kinds(), ["announcement", "invitation"]);
            let invitation = resident.newest("invitation");
            let (starts_at, ends_at) = (moment(&invitation, "DTSTART"), moment(&invitation, "DTEND"));
            assert_eq!(ends_at - starts_at, Duration::minutes(50));
            let own = &blocks[&format!("{}, {}", person.family, person.given)];
            assert!(own.iter().any(|block| block.starts_at() <= starts_at && ends_at <= block.ends_at()));
        }
    })
    .await;
}
