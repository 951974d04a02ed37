//! What a coordinator is told when a therapist may be away: figures of the season as it was planned. Never moves anybody.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use holdspace::desk::absence::AbsenceShown;
use holdspace::desk::{Error, admit::RosterOptions};
use holdspace::domain::booking::Entry;
use holdspace::domain::offering::Rules;
use holdspace::domain::time::Instant;
use holdspace::storage::offerings;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, fortnight};
use crate::harness::rest::at_rest;
use crate::harness::town::{Town, tables};

type Days = (Option<NaiveDate>, Option<NaiveDate>);

const ALWAYS: Days = (None, None);
/// The therapists of the small town; the first and the last are also those of a crowd.
const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

fn on(day: NaiveDate) -> Days {
    (Some(day), Some(day))
}

async fn without(house: &House, therapist: &str, days: Days) -> AbsenceShown {
    let shown = house.desk.absence(None, &therapist.parse().unwrap(), days).await.unwrap();
    assert_eq!(shown.visits, shown.another_time + shown.without, "nobody else can lose their seat");
    shown
}

/// All answers that there are in the two weeks, as a coordinator's own tool would keep them.
async fn every_answer(house: &House) -> Vec<String> {
    let mut answers = Vec::new();
    for therapist in THERAPISTS {
        let first: NaiveDate = "2027-07-05".parse().unwrap();
        for days in first.iter_days().take(12).map(on).chain([ALWAYS]) {
            answers.push(serde_json::to_string(&without(house, therapist, days).await).unwrap());
        }
    }
    answers
}

/// Default visits by therapist, and by day, as they stand in the bookings.
async fn default_visits(house: &House) -> (Vec<usize>, BTreeMap<NaiveDate, usize>) {
    let (mut of_whom, mut by_day) = (BTreeMap::new(), BTreeMap::new());
    for visit in house.bookings().await.into_iter().filter_map(|booking| booking.default_visit) {
        *of_whom.entry(visit.therapist.to_string()).or_insert(0) += 1;
        // Visits of this town are at noon or later in UTC: the day is the same there.
        *by_day.entry(visit.span.starts_at().date_naive()).or_insert(0) += 1;
    }
    let mut of_whom: Vec<usize> = of_whom.into_values().collect();
    of_whom.sort_unstable();
    (of_whom, by_day)
}

/// Seats that no batch has filled and one may still fill, and those that one has, by therapist; in the one week in which
/// a crowd is free.
async fn batches_seats(house: &House) -> BTreeMap<String, (usize, usize)> {
    let mut db = house.store.read().await.unwrap();
    let offering = offerings::offerings(&mut db).await.unwrap().remove(0).id;
    let rows = offerings::seats(&mut db, offering).await.unwrap();
    let slots = offerings::all_slots(&mut db).await.unwrap();
    drop(db);
    let mut seats: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (id, pool, seat) in house.seats().await {
        let slot = rows.iter().find(|row| row.id.to_string() == id).unwrap().slot;
        let slot = slots.iter().find(|row| row.id == slot).unwrap();
        if slot.span.starts_at() > "2027-07-10T06:00:00Z".parse::<Instant>().unwrap() {
            continue;
        }
        let whose = slot.therapist.to_string();
        let (free, filled) = seats.entry(whose).or_default();
        *free += usize::from(pool != "moves" && seat.planned.is_none());
        *filled += usize::from(seat.planned.is_some());
    }
    seats
}

on_both_engines! {
    async fn an_absence_concerns_the_default_visits_of_its_days_and_no_others(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let (of_whom, by_day) = default_visits(&house).await;
        let mut lost = Vec::new();
        for therapist in THERAPISTS {
            lost.push(without(&house, therapist, ALWAYS).await.visits);
        }
        lost.sort_unstable();
        assert_eq!((lost.iter().sum::<usize>(), &lost), (16, &of_whom));
        for (day, visits) in by_day {
            let mut lost = 0;
            for therapist in THERAPISTS {
                lost += without(&house, therapist, on(day)).await.visits;
            }
            assert_eq!(lost, visits, "{day}");
        }
        // What has begun cannot be lost any more.
        house.it_becomes("2027-07-10T12:00:00Z").await;
        let second_week = |at: &NaiveDate| *at > "2027-07-10".parse().unwrap();
        let left: usize = default_visits(&house).await.1.iter().filter(|(at, _)| second_week(at)).map(|(_, n)| n).sum();
        let mut lost = 0;
        for therapist in THERAPISTS {
            lost += without(&house, therapist, ALWAYS).await.visits;
        }
        assert_eq!(lost, left);
    }

    async fn who_loses_a_visit_gets_a_seat_that_a_batch_may_still_fill_or_is_named_with_the_reason(db: TestDatabase) {
        let house = House::on(&db).await;
        let town = Town::crowd(70);
        house.imports(&town).await;
        house.opens(fortnight()).await;
        assert_eq!(house.books().await.booked, 70);
        let seats: Vec<(usize, usize)> = batches_seats(&house).await.into_values().collect();
        let mut found = Vec::new();
        for therapist in [THERAPISTS[0], THERAPISTS[2]] {
            let shown = without(&house, therapist, ALWAYS).await;
            // Everybody could sit anywhere, so nobody helps by moving.
            assert_eq!(shown.only_if_others_moved, 0);
            let crowd = |one: &holdspace::desk::absence::WithoutShown| one.reason.contains("residents of cohort A share");
            assert!(shown.unplaced.iter().all(crowd), "{:?}", shown.unplaced);
            let told = serde_json::to_string(&shown).unwrap();
            assert!(town.people().iter().all(|person| !told.contains(&person.family)), "nobody is named: {told}");
            found.push((shown.visits, shown.another_time));
        }
        let [(free, filled), (other_free, other_filled)] = seats.try_into().unwrap();
        let mut expected = vec![(filled, filled.min(other_free)), (other_filled, other_filled.min(free))];
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert!(found.iter().any(|(visits, another)| *another > 0 && another < visits), "{found:?}");
    }

    async fn what_residents_did_changes_no_answer(db: TestDatabase) {
        let (house, other) = (House::on(&db).await, TestDatabase::sqlite());
        let twin = House::on(&other).await;
        let rules = Rules { reserve_percent: 30, ..fortnight() };
        for house in [&house, &twin] {
            house.has_invited_everybody_by(rules.clone()).await;
        }
        let planned = every_answer(&house).await;
        assert_eq!(every_answer(&twin).await, planned);
        for person in twin.town.people().iter().take(6) {
            assert_eq!(twin.resident(&person.address).opts_out(Entry::Remove).await.status, 303);
        }
        let (mover, seats) = twin.who_are_offered().await.pop().unwrap();
        assert_eq!(mover.takes(&seats[0]).await.status, 303);
        assert_eq!(every_answer(&twin).await, planned);
        // The fixed hour offers what was given up to others, and no batch may fill it.
        for house in [&house, &twin] {
            house.hours_fly(12).await;
        }
        assert_eq!(every_answer(&twin).await, every_answer(&house).await);
    }

    async fn asking_writes_nothing(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let before = at_rest(&db).await;
        let first = every_answer(&house).await;
        assert_eq!(at_rest(&db).await, before);
        assert_eq!(every_answer(&house).await, first);
    }

    async fn who_left_the_roster_and_who_waits_are_no_part_of_the_answer(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let mut visits = 0;
        for therapist in THERAPISTS {
            visits += without(&house, therapist, ALWAYS).await.visits;
        }
        // One leaves, and one comes for whom no time is protected.
        let mut lines: Vec<&str> = house.town.roster.lines().collect();
        lines.remove(1);
        lines.push("IM,Sato,Ren,rsato@im.example.edu,1,,Denver Main,2027-07-01");
        let options = RosterOptions { replace: true, ..RosterOptions::default() };
        let imported = house.desk.import_roster(&tables(&(lines.join("\n") + "\n")), &options).await.unwrap();
        assert_eq!(imported.added, 1);
        house.books().await;
        let mut lost = 0;
        for therapist in THERAPISTS {
            let shown = without(&house, therapist, ALWAYS).await;
            lost += shown.visits;
        }
        assert_eq!(lost, visits - 1);
    }

    async fn an_absence_that_cannot_be_answered_is_refused_with_what_to_do(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        let ask = async |therapist: &str, days| house.desk.absence(None, &therapist.parse().unwrap(), days).await;
        let unbooked = ask(THERAPISTS[0], ALWAYS).await.unwrap_err().to_string();
        assert!(unbooked.contains("nothing is booked yet") && unbooked.contains("`holdspace plan`"), "{unbooked}");
        house.books().await;
        assert!(matches!(ask("nobody@counseling.example.org", ALWAYS).await, Err(Error::UnknownTherapist)));
        let [monday, friday] = ["2027-07-05", "2027-07-09"].map(|day| day.parse().ok());
        let backwards = ask(THERAPISTS[0], (friday, monday)).await.unwrap_err().to_string();
        assert!(backwards.contains("swap --from and --until"), "{backwards}");
        for days in [(Some(NaiveDate::MIN), Some(NaiveDate::MAX)), (None, Some(NaiveDate::MIN)), (Some(NaiveDate::MAX), None)] {
            assert!(ask(THERAPISTS[0], days).await.is_ok(), "{days:?}");
        }
    }
}
