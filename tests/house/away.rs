//! A therapist is away, or the rules change, and default visits are lost: who is given which other one, what they hear of
//! it, and that nothing which residents did shows in any of it. Never asks what an absence would do; that is `absence`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDateTime, NaiveTime};
use holdspace::desk::Error;
use holdspace::desk::away::AwayShown;
use holdspace::desk::protect::Format;
use holdspace::domain::absence::Typed;
use holdspace::domain::booking::{Booking, Entry, Standing, Visit};
use holdspace::domain::identity::Address;
use holdspace::domain::offering::Rules;
use holdspace::domain::protection::Mapping;
use holdspace::domain::time::Instant;
use holdspace::jobs::post::Pace;
use holdspace::storage::{bookings, offerings, people, therapists};

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{Arrival, House, fortnight};
use crate::harness::letter::ReadLetter;
use crate::harness::person::{Resident, kind};
use crate::harness::rest::at_rest;
use crate::harness::town::{Town, tables};

/// The therapists of the small town; the first and the last are also those of a crowd.
const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

fn typed(text: &str) -> Typed {
    let (on, at) = text.split_once('T').map_or((text, None), |(on, at)| (on, Some(at)));
    Typed { on: on.parse().unwrap(), at: at.map(|at| NaiveTime::parse_from_str(at, "%H:%M").unwrap()) }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

async fn away(house: &House, therapist: &str, from: &str, until: Option<&str>) -> AwayShown {
    house.desk.away(&address(therapist), typed(from), until.map(typed)).await.unwrap()
}

/// A generous reserve, so that residents have times to move to.
async fn invited(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody_by(Rules { reserve_percent: 30, ..fortnight() }).await;
    house
}

/// A crowd in which everybody may sit anywhere, invited.
async fn crowd(db: &TestDatabase, people: usize) -> House {
    let mut house = House::on(db).await;
    house.town = Town::crowd(people);
    house.has_invited_everybody().await;
    house
}

/// The identifier under which a therapist's slots lie.
async fn id_of(house: &House, therapist: &str) -> String {
    let key = house.vault.address_key(&address(therapist));
    let mut db = house.store.read().await.unwrap();
    let institution = offerings::offerings(&mut db).await.unwrap().remove(0).institution;
    let rows = therapists::therapists(&mut db, institution).await.unwrap();
    rows.into_iter().find(|row| row.address_key == key).unwrap().id.to_string()
}

/// Bookings by the address of their resident.
async fn by_address(house: &House) -> BTreeMap<String, Booking> {
    let mut db = house.store.read().await.unwrap();
    let offering = offerings::offerings(&mut db).await.unwrap().remove(0);
    let rows = bookings::of_offering(&mut db, offering.id).await.unwrap();
    let residents = people::residents(&mut db, offering.institution).await.unwrap();
    drop(db);
    let bookings = house.bookings().await;
    let whose = |booking: &Booking| {
        let row = rows.iter().find(|row| row.id == booking.id).unwrap();
        let resident = residents.iter().find(|resident| resident.id == row.resident).unwrap();
        let own = |person: &crate::harness::town::OnRoster| {
            house.vault.address_key(&address(&person.address)) == resident.address_key
        };
        house.town.people().into_iter().find(own).unwrap().address
    };
    bookings.into_iter().map(|booking| (whose(&booking), booking)).collect()
}

/// Whose default visit is with a therapist.
async fn who_sees(house: &House, therapist: &str) -> Vec<String> {
    let id = id_of(house, therapist).await;
    let with = |booking: &Booking| {
        booking.default_visit.as_ref().is_some_and(|visit| visit.therapist.to_string() == id)
    };
    by_address(house).await.into_iter().filter(|(_, booking)| with(booking)).map(|(whose, _)| whose).collect()
}

/// The letters that came after a moment, by kind.
fn since(house: &House, resident: &Resident<'_>, moment: Instant) -> Vec<(String, ReadLetter)> {
    let own = |arrival: &&Arrival| arrival.at >= moment && arrival.received.to == [resident.address()];
    let arrivals = house.arrivals();
    let letters = arrivals.iter().filter(own).map(|arrival| arrival.received.read());
    letters.map(|letter| (kind(&letter), letter)).collect()
}

fn kinds_since(house: &House, resident: &Resident<'_>, moment: Instant) -> Vec<String> {
    since(house, resident, moment).into_iter().map(|(kind, _)| kind).collect()
}

fn property(letter: &ReadLetter, name: &str) -> String {
    let text = &letter.calendar.first().expect("it has a calendar part").text;
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
}

fn starts_at(letter: &ReadLetter) -> Instant {
    NaiveDateTime::parse_from_str(&property(letter, "DTSTART"), "%Y%m%dT%H%M%SZ").unwrap().and_utc()
}

/// What staff and the mail server's clock can see of letters for everyone: which, when and in which state.
async fn for_everyone(db: &TestDatabase) -> Vec<String> {
    let cell = |row: &str, name: &str| {
        let (_, from) = row.split_once(&format!("{name}=")).unwrap();
        from.split(' ').next().unwrap().to_owned()
    };
    let rows = at_rest(db).await["outbox"].clone();
    let everyone = rows.iter().filter(|row| row.contains("audience=everyone"));
    let mut seen: Vec<String> = everyone
        .map(|row| ["letter", "due_at", "state", "occasion_key"].map(|name| cell(row, name)).join(" "))
        .collect();
    seen.sort();
    seen
}

/// The default world: whose default visit is when and with whom.
async fn default_world(house: &House) -> BTreeMap<String, Option<(Instant, String, u32)>> {
    let told = |booking: Booking| {
        let number = booking.number;
        booking.default_visit.map(|visit| (visit.span.starts_at(), visit.therapist.to_string(), number))
    };
    by_address(house).await.into_iter().map(|(whose, booking)| (whose, told(booking))).collect()
}

/// Somebody moves to another therapist, who falls ill, and then so does everybody else: all letters about lost times. Over one
/// connection, so that links which are made while letters are written come in one order.
pub async fn walks_through_every_loss(house: &mut House) {
    house.town = Town::crowd(12);
    house.post.pace = Pace { per_minute: None, connections: 1 };
    house.has_invited_everybody().await;
    let (absent, other) = (THERAPISTS[0], THERAPISTS[2]);
    let (first, theirs) = (id_of(house, absent).await, who_sees(house, other).await);
    'moves: for (resident, seats) in house.who_are_offered().await {
        for seat in seats.iter().filter(|_| theirs.iter().any(|who| who == resident.address())) {
            assert_eq!(resident.takes(seat).await.status, 303);
            if by_address(house).await[resident.address()].visit().unwrap().therapist.to_string() == first {
                break 'moves;
            }
        }
    }
    for therapist in [absent, other] {
        house.hours_pass(1).await;
        away(house, therapist, "2027-07-05", None).await;
    }
    house.hours_pass(1).await;
}

/// The first day on which somebody of internal medicine is booked is no longer protected for cohort A; gives that day.
async fn loses_the_first_day(house: &House) -> String {
    let bookings = by_address(house).await;
    let own = bookings.iter().filter(|(who, _)| who.ends_with("@im.example.edu"));
    let days =
        own.filter_map(|(_, booking)| Some(booking.default_visit.as_ref()?.span.starts_at().date_naive()));
    let day = days.min().unwrap().to_string();
    let (heading, lines) = house.town.protected.split_once('\n').unwrap();
    let left: Vec<&str> =
        lines.lines().filter(|line| line.starts_with("IM,A,") && !line.contains(&day)).collect();
    let file = format!("{heading}\n{}\n", left.join("\n"));
    let (file, mapping) = (tables(&file), Mapping::default());
    let imported = house.desk.replace_protection(&file, Format::Csv, &mapping, false).await;
    assert_eq!(imported.unwrap().refused, []);
    day
}

/// What letters say, and what stands outside on them.
fn but_for_the_calendar(letters: &[(String, ReadLetter)]) -> Vec<[String; 5]> {
    let told = |(kind, letter): &(String, ReadLetter)| {
        let ReadLetter { subject, text, html, .. } = letter.clone();
        [kind.clone(), subject, text, html, letter.field("message-id").join(" ")]
    };
    letters.iter().map(told).collect()
}

/// Who opted out is opted out still, and may have the new time; who moved may have lost both times, with the seat.
async fn what_they_did_stands(house: &House, did: &BTreeMap<String, bool>, mover: &str) {
    for (who, booking) in by_address(house).await.iter().filter(|(who, _)| did.contains_key(*who)) {
        match (&booking.standing, &booking.default_visit) {
            (Standing::OptedOut(out), Some(new)) => {
                assert_eq!(out, new);
                assert_eq!(house.resident(who).comes_back().await.status, 303);
            }
            (Standing::OptedOut(_), None) => assert_eq!(house.resident(who).comes_back().await.status, 409),
            (Standing::Held(_) | Standing::Waiting, _) => assert_eq!(who, mover),
        }
    }
    house.everyone_sits_once().await;
}

on_both_engines! {
    async fn everybody_who_loses_a_visit_gets_another_by_one_letter_and_nobody_else_is_disturbed(db: TestDatabase) {
        let house = crowd(&db, 24).await;
        let absent = THERAPISTS[0];
        let concerned: BTreeSet<String> = who_sees(&house, absent).await.into_iter().collect();
        let (before, rows) = (by_address(&house).await, at_rest(&db).await);
        let days = ("2027-07-05".parse().ok(), "2027-07-09".parse().ok());
        let preview = house.desk.absence(None, &address(absent), days).await.unwrap();
        house.clock.advance(Duration::minutes(10));
        let moment = house.now();
        let shown = away(&house, absent, "2027-07-05", Some("2027-07-09")).await;
        assert_eq!(
            (shown.mend.visits, shown.mend.another_time, shown.mend.without),
            (preview.visits, preview.another_time, preview.without)
        );
        assert_eq!((shown.mend.visits, shown.mend.without), (concerned.len(), 0));
        assert!(concerned.len() > 3, "{concerned:?}");
        house.post_goes().await;
        house.everyone_sits_once().await;
        let (after, rows_after) = (by_address(&house).await, at_rest(&db).await);
        let row = |rows: &BTreeMap<String, Vec<String>>, id: &str| {
            rows["bookings"].iter().find(|row| row.contains(&format!("id={id}"))).cloned()
        };
        for person in house.town.people() {
            let (was, is) = (&before[&person.address], &after[&person.address]);
            let resident = house.resident(&person.address);
            let letters = since(&house, &resident, moment);
            if !concerned.contains(&person.address) {
                assert_eq!(row(&rows_after, &is.id.to_string()), row(&rows, &was.id.to_string()));
                assert!(letters.is_empty());
                continue;
            }
            let new = is.default_visit.as_ref().unwrap();
            assert_eq!(is.visit(), Some(new));
            assert_ne!(new.therapist, was.default_visit.as_ref().unwrap().therapist);
            assert!(new.block.contains(&new.span));
            let [(kind, letter)] = letters.as_slice() else { panic!("{} letters", letters.len()) };
            assert_eq!((kind.as_str(), property(letter, "METHOD")), ("rearranged", "REQUEST".to_owned()));
            assert_eq!((starts_at(letter), property(letter, "SEQUENCE")), (new.span.starts_at(), "1".to_owned()));
            assert_eq!(property(letter, "UID"), property(&resident.newest("invitation"), "UID"));
            assert_eq!(resident.opens_link().await.status, 200);
        }
        // The absent therapist learns only that it is done.
        assert_eq!(house.therapist(absent).kinds(), ["therapist-welcome"]);
    }

    async fn the_old_time_is_never_reminded_of_and_the_new_one_is(db: TestDatabase) {
        let house = crowd(&db, 12).await;
        let concerned = who_sees(&house, THERAPISTS[0]).await;
        house.it_becomes("2027-07-01T12:00:00Z").await;
        away(&house, THERAPISTS[0], "2027-07-05", None).await;
        house.post_goes().await;
        house.days_pass(14).await;
        let bookings = by_address(&house).await;
        for who in &concerned {
            let new = bookings[who].default_visit.clone().unwrap();
            let to_them = |arrival: &Arrival| arrival.received.to == [who.as_str()];
            let came: Vec<(String, Instant)> =
                house.arrivals().iter().filter(|arrival| to_them(arrival)).map(|arrival| (kind(&arrival.received.read()), arrival.at)).collect();
            let kinds: Vec<&str> = came.iter().map(|(kind, _)| kind.as_str()).collect();
            assert_eq!(kinds, ["announcement", "invitation", "rearranged", "reminder", "afterwards"]);
            assert_eq!(came[3].1, new.span.starts_at() - Duration::hours(48));
            assert_eq!(came[4].1, new.span.ends_at() + Duration::hours(24) + Duration::minutes(10));
        }
    }

    async fn what_residents_did_changes_neither_who_is_given_what_nor_a_letter(db: TestDatabase) {
        let (house, other) = (invited(&db).await, TestDatabase::sqlite());
        let twin = invited(&other).await;
        let mut deeds = BTreeMap::new();
        let concerned = [who_sees(&twin, THERAPISTS[0]).await, who_sees(&twin, THERAPISTS[2]).await].concat();
        for (who, entry) in concerned.iter().zip([Entry::Keep, Entry::Remove, Entry::Keep]) {
            assert_eq!(twin.resident(who).opts_out(entry).await.status, 303);
            deeds.insert(who.clone(), entry == Entry::Keep);
        }
        let mut offered = twin.who_are_offered().await;
        offered.retain(|(resident, _)| concerned.iter().any(|who| who == resident.address()) && !deeds.contains_key(resident.address()));
        let (mover, seats) = offered.pop().expect("nobody is offered a time");
        assert_eq!(mover.takes(&seats[0]).await.status, 303);
        deeds.insert(mover.address().to_owned(), false);
        for house in [&house, &twin] {
            house.hours_fly(12).await;
            house.post_goes().await;
            house.clock.advance(Duration::minutes(10));
        }
        let moment = house.now();
        for therapist in [THERAPISTS[0], THERAPISTS[2]] {
            let [one, two] = [&house, &twin].map(|house| away(house, therapist, "2027-07-06", Some("2027-07-13")));
            let (one, two) = (one.await, two.await);
            assert_eq!(one, two);
        }
        assert_eq!(default_world(&house).await, default_world(&twin).await);
        assert_eq!(for_everyone(&db).await, for_everyone(&other).await);
        let mut mended = 0;
        for house in [&house, &twin] {
            house.post_goes().await;
            house.everyone_sits_once().await;
        }
        assert_eq!(for_everyone(&db).await, for_everyone(&other).await);
        for person in house.town.people() {
            let of = |house: &House| -> Vec<(String, ReadLetter)> {
                let mut letters = since(house, &house.resident(&person.address), moment);
                letters.retain(|(kind, _)| ["rearranged", "released"].contains(&kind.as_str()));
                letters
            };
            let (plain, deed) = (of(&house), of(&twin));
            assert_eq!(but_for_the_calendar(&plain), but_for_the_calendar(&deed), "{}", person.address);
            mended += plain.len();
            // The calendar is told only where an entry stands at the lost time: also of who opted out and kept it.
            let touched = deeds.get(&person.address).copied().unwrap_or(true);
            assert!(deed.iter().all(|(_, letter)| letter.calendar.is_empty() != touched), "{}", person.address);
        }
        assert!(mended > 3, "{mended}");
        what_they_did_stands(&twin, &deeds, mover.address()).await;
    }

    async fn who_had_moved_into_the_absent_hours_is_given_another_time(db: TestDatabase) {
        let (house, other) = (invited(&db).await, TestDatabase::sqlite());
        let twin = invited(&other).await;
        // Somebody moves from one therapist to another, who then falls ill.
        let (mut moved, mut lost): (Option<String>, Option<Visit>) = (None, None);
        for (resident, seats) in house.who_are_offered().await {
            let own = by_address(&house).await[resident.address()].default_visit.clone().unwrap();
            for seat in seats {
                assert_eq!(resident.takes(&seat).await.status, 303);
                let visit = by_address(&house).await[resident.address()].visit().cloned().unwrap();
                if visit.therapist != own.therapist {
                    (moved, lost) = (Some(resident.address().to_owned()), Some(visit));
                    break;
                }
            }
            if moved.is_some() {
                break;
            }
        }
        let (moved, lost) = (moved.expect("nobody can move to another therapist"), lost.unwrap());
        let mut absent = THERAPISTS[0];
        for therapist in THERAPISTS {
            if id_of(&house, therapist).await == lost.therapist.to_string() {
                absent = therapist;
            }
        }
        let day = lost.span.starts_at().date_naive().to_string();
        for house in [&house, &twin] {
            house.post_goes().await;
            house.clock.advance(Duration::minutes(10));
        }
        let moment = house.now();
        assert_eq!(away(&house, absent, &day, Some(&day)).await, away(&twin, absent, &day, Some(&day)).await);
        assert_eq!(default_world(&house).await, default_world(&twin).await);
        assert_eq!(for_everyone(&db).await, for_everyone(&other).await);
        assert_eq!(house.post_goes().await.sent, twin.post_goes().await.sent, "their own letter is counted nowhere");
        house.everyone_sits_once().await;
        let booking = by_address(&house).await[&moved].clone();
        let resident = house.resident(&moved);
        let letters = since(&house, &resident, moment);
        let [(kind, letter)] = letters.as_slice() else { panic!("{} letters", letters.len()) };
        match booking.visit() {
            Some(new) => {
                assert_eq!((kind.as_str(), property(letter, "METHOD")), ("replaced", "REQUEST".to_owned()));
                assert_eq!(starts_at(letter), new.span.starts_at());
            }
            None => {
                assert_eq!((kind.as_str(), property(letter, "METHOD")), ("lapsed", "CANCEL".to_owned()));
                assert_eq!(starts_at(letter), lost.span.starts_at());
            }
        }
        assert_eq!(property(letter, "SEQUENCE"), booking.sequence.to_string());
        assert_ne!(booking.visit().map(|visit| visit.seat), Some(lost.seat));
        assert_eq!(resident.opens_link().await.status, 200);
    }

    async fn where_no_seat_is_left_people_wait_and_are_given_the_next_one(db: TestDatabase) {
        let house = crowd(&db, 6).await;
        house.clock.advance(Duration::minutes(10));
        let moment = house.now();
        let two = [THERAPISTS[0], THERAPISTS[2]];
        for therapist in two {
            away(&house, therapist, "2027-07-05", None).await;
        }
        house.post_goes().await;
        house.everyone_sits_once().await;
        let mut once = 0;
        for person in house.town.people() {
            let resident = house.resident(&person.address);
            let letters = since(&house, &resident, moment);
            // Who was given a visit with the second therapist has lost that too, before the first letter went out.
            let [(kind, letter)] = letters.as_slice() else { panic!("{} letters", letters.len()) };
            assert_eq!((kind.as_str(), property(letter, "METHOD")), ("released", "CANCEL".to_owned()));
            once += usize::from(property(letter, "SEQUENCE") == "1");
            assert_eq!(resident.opens_link().await.status, 200);
            assert_eq!(resident.is_offered().await, Vec::<String>::new(), "nobody is there to be seen");
        }
        assert!(once > 0);
        assert_eq!(house.books().await.waiting, 6);
        let moment = house.now() + Duration::hours(1);
        house.clock.set(moment);
        for therapist in two {
            house.desk.back(&address(therapist), typed("2027-07-05"), None).await.unwrap();
        }
        let booked = house.books().await;
        assert_eq!((booked.booked, booked.waiting), (6, 0));
        house.post_goes().await;
        house.everyone_sits_once().await;
        for (who, booking) in by_address(&house).await {
            let letters = since(&house, &house.resident(&who), moment);
            let [(kind, letter)] = letters.as_slice() else { panic!("{} letters", letters.len()) };
            assert_eq!((kind.as_str(), property(letter, "METHOD")), ("rearranged", "REQUEST".to_owned()));
            assert_eq!(property(letter, "SEQUENCE"), booking.sequence.to_string());
            assert_eq!(starts_at(letter), booking.visit().unwrap().span.starts_at());
        }
    }

    async fn who_opts_out_while_waiting_for_a_seat_to_come_is_not_booked_into_it(db: TestDatabase) {
        let house = crowd(&db, 6).await;
        let people = house.town.people();
        let ann = house.resident(&people[0].address);
        assert_eq!(ann.opts_out(Entry::Remove).await.status, 303);
        house.post_goes().await;
        for therapist in [THERAPISTS[0], THERAPISTS[2]] {
            away(&house, therapist, "2027-07-05", None).await;
        }
        // The way back is shut with the slot.
        assert_eq!(ann.comes_back().await.status, 409);
        for therapist in [THERAPISTS[0], THERAPISTS[2]] {
            house.desk.back(&address(therapist), typed("2027-07-05"), None).await.unwrap();
        }
        assert_eq!(ann.comes_back().await.status, 409, "a batch may fill that seat now");
        let moment = house.now() + Duration::minutes(10);
        house.clock.set(moment);
        assert_eq!(house.books().await.booked, 6);
        house.everyone_sits_once().await;
        let booking = by_address(&house).await[&people[0].address].clone();
        assert!(matches!(booking.standing, Standing::OptedOut(_)) && booking.default_visit.is_some());
        house.post_goes().await;
        let letters = since(&house, &ann, moment);
        let [(kind, letter)] = letters.as_slice() else { panic!("{} letters", letters.len()) };
        assert!(kind == "rearranged" && letter.calendar.is_empty(), "the entry that was removed stays away");
        assert_eq!(ann.comes_back().await.status, 303);
        house.everyone_sits_once().await;
    }

    async fn closed_slots_are_offered_to_nobody_and_open_again_as_they_were(db: TestDatabase) {
        let house = invited(&db).await;
        let (resident, seats) = house.who_are_offered().await.remove(0);
        for therapist in THERAPISTS {
            away(&house, therapist, "2027-07-01", None).await;
        }
        assert_eq!(house.who_are_offered().await.len(), 0);
        let before = at_rest(&db).await;
        for seat in &seats {
            assert_eq!(resident.takes(seat).await.status, 409);
        }
        let all: Vec<String> = house.seats().await.into_iter().map(|(id, ..)| id).collect();
        for seat in &all {
            assert_ne!(resident.takes(seat).await.status, 303);
        }
        assert_eq!(at_rest(&db).await, before);
        assert!(house.seats().await.iter().all(|(_, _, seat)| seat.planned.is_none() && seat.holder.is_none()));
        for therapist in THERAPISTS {
            house.desk.back(&address(therapist), typed("2027-07-01"), None).await.unwrap();
        }
        // What was set aside for moves is offered again; what batches may fill is not.
        let pools: BTreeMap<String, String> =
            house.seats().await.into_iter().map(|(id, pool, _)| (id, pool)).collect();
        let offered: Vec<String> = house.who_are_offered().await.into_iter().flat_map(|(_, seats)| seats).collect();
        assert!(!offered.is_empty() && offered.iter().all(|seat| pools[seat] == "moves"));
    }

    async fn a_second_time_over_the_same_days_nothing_happens(db: TestDatabase) {
        let house = invited(&db).await;
        let first = away(&house, THERAPISTS[0], "2027-07-05", Some("2027-07-09")).await;
        assert!(first.mend.visits > 0);
        let mut before = at_rest(&db).await;
        for (from, until) in [("2027-07-05", "2027-07-09"), ("2027-07-06T09:00", "2027-07-08")] {
            assert_eq!(away(&house, THERAPISTS[0], from, Some(until)).await.mend.visits, 0);
            let after = at_rest(&db).await;
            // The one thing that is always touched is the counter that makes batches wait for each other.
            before.insert("institutions".to_owned(), after["institutions"].clone());
            assert_eq!(after, before);
        }
        assert_eq!(house.books().await.letters_owed, 0);
    }

    async fn changed_protected_time_is_told_by_the_plan_and_mended_by_the_next_batch(db: TestDatabase) {
        let house = invited(&db).await;
        let before = by_address(&house).await;
        let day = loses_the_first_day(&house).await;
        let seen = at_rest(&db).await;
        let plan = house.desk.plan(None, None).await.unwrap();
        assert_eq!(at_rest(&db).await, seen);
        let told = plan.mend.expect("the plan says so");
        assert!(told.visits > 0);
        house.clock.advance(Duration::minutes(10));
        let moment = house.now();
        let booked = house.books().await;
        assert_eq!((booked.mend, booked.booked, booked.batch), (Some(told), 0, None));
        assert_eq!((booked.waiting, plan.unplaced.len()), (told.without, told.without));
        house.post_goes().await;
        house.everyone_sits_once().await;
        let after = by_address(&house).await;
        let mut changed = 0;
        for (who, is) in &after {
            if is == &before[who] {
                assert!(since(&house, &house.resident(who), moment).is_empty());
                continue;
            }
            changed += 1;
            let kinds = kinds_since(&house, &house.resident(who), moment);
            match &is.default_visit {
                Some(new) => {
                    assert!(new.span.starts_at().date_naive().to_string() != day && new.block.contains(&new.span));
                    assert_eq!(kinds, ["rearranged"]);
                }
                None => assert_eq!(kinds, ["released"]),
            }
        }
        assert_eq!(changed, told.visits);
        assert_eq!(house.desk.plan(None, None).await.unwrap().mend, None);
    }

    async fn a_batch_that_mends_answers_the_same_whatever_residents_did(db: TestDatabase) {
        let (house, other) = (invited(&db).await, TestDatabase::sqlite());
        let twin = invited(&other).await;
        for (n, person) in twin.town.people().iter().enumerate().filter(|(n, _)| n % 2 == 0) {
            let entry = if n % 4 == 0 { Entry::Keep } else { Entry::Remove };
            assert_eq!(twin.resident(&person.address).opts_out(entry).await.status, 303);
        }
        for house in [&house, &twin] {
            house.hours_fly(12).await;
        }
        // Some have taken what others gave up.
        for (resident, seats) in twin.who_are_offered().await.into_iter().skip(1).step_by(2) {
            resident.takes(&seats[0]).await;
        }
        let (mut plans, mut answers) = (Vec::new(), Vec::new());
        for house in [&house, &twin] {
            loses_the_first_day(house).await;
            plans.push(serde_json::to_string(&house.desk.plan(None, None).await.unwrap()).unwrap());
            answers.push(serde_json::to_string(&house.books().await).unwrap());
            house.everyone_sits_once().await;
        }
        assert_eq!(plans[0], plans[1]);
        assert_eq!(answers[0], answers[1]);
        assert!(answers[0].contains("\"mend\":{\"visits\":"), "{}", answers[0]);
        assert_eq!(default_world(&house).await, default_world(&twin).await);
        assert_eq!(for_everyone(&db).await, for_everyone(&other).await);
        for _ in 0..2 {
            for house in [&house, &twin] {
                house.hours_fly(8).await;
                house.everyone_sits_once().await;
            }
            assert_eq!(twin.books().await.letters_owed, 0);
        }
    }

    async fn hours_that_were_offered_since_the_batch_are_used(db: TestDatabase) {
        let house = crowd(&db, 10).await;
        let new = Town::small().availability;
        let mine = |line: &&str| line.starts_with("pmbeki@");
        let file: Vec<&str> = new.lines().take(1).chain(new.lines().filter(mine)).collect();
        house.desk.import_availability(&tables(&(file.join("\n") + "\n")), false).await.unwrap();
        for therapist in [THERAPISTS[0], THERAPISTS[2]] {
            let preview = house.desk.absence(None, &address(therapist), (None, None)).await.unwrap();
            let shown = away(&house, therapist, "2027-07-01", None).await;
            assert_eq!((shown.mend.visits, shown.mend.without), (preview.visits, preview.without));
        }
        house.everyone_sits_once().await;
        let mended = who_sees(&house, THERAPISTS[1]).await;
        assert!(mended.len() > 3, "{mended:?}");
        house.post_goes().await;
        for who in mended {
            assert_eq!(house.resident(&who).opens_link().await.status, 200);
        }
        // Some of the new seats stay free, for moves and for who comes late.
        assert!(house.seats().await.iter().filter(|(_, pool, _)| pool != "plan").count() > 1);
    }

    async fn residents_who_choose_at_the_same_moment_and_the_absence_do_not_lose_each_other(db: TestDatabase) {
        let house = invited(&db).await;
        let people = house.town.people();
        let everybody = people.iter().map(|person| async {
            house.resident(&person.address).opts_out(Entry::Keep).await.status
        });
        let (shown, answers) = tokio::join!(
            away(&house, THERAPISTS[0], "2027-07-05", None),
            futures_util::future::join_all(everybody)
        );
        assert!(shown.mend.visits > 0);
        for (person, answer) in people.iter().zip(&answers) {
            let booking = by_address(&house).await[&person.address].clone();
            let out = matches!(booking.standing, Standing::OptedOut(_));
            // Whose visit went before they pressed the button had nothing to opt out of.
            assert!(out == (*answer == 303), "{answer}: {:?}", booking.standing);
            if let (Standing::OptedOut(visit), Some(default)) = (&booking.standing, &booking.default_visit) {
                assert_eq!(visit, default);
            }
        }
        house.everyone_sits_once().await;
    }

    async fn before_the_invitation_nobody_hears_of_the_old_time(db: TestDatabase) {
        let mut house = House::on(&db).await;
        house.town = Town::crowd(12);
        house.imports(&house.town).await;
        house.opens(fortnight()).await;
        let booked_at = house.now();
        house.books().await;
        house.post_goes().await;
        house.clock.advance(Duration::hours(1));
        let shown = away(&house, THERAPISTS[0], "2027-07-05", None).await;
        assert!(shown.mend.visits > 0 && shown.mend.without == 0);
        house.post_goes().await;
        house.it_becomes("2027-06-06T12:00:00Z").await;
        for (who, booking) in by_address(&house).await {
            let resident = house.resident(&who);
            assert_eq!(resident.kinds(), ["announcement", "invitation"]);
            let invitation = resident.newest("invitation");
            assert_eq!(starts_at(&invitation), booking.visit().unwrap().span.starts_at());
            assert_eq!((property(&invitation, "SEQUENCE"), booking.sequence), ("0".to_owned(), 0));
            let arrival = house.arrivals().into_iter().rfind(|arrival| arrival.received.to == [who.as_str()]).unwrap();
            assert_eq!(arrival.at, booked_at + Duration::days(5));
        }
        assert_eq!(house.therapist(THERAPISTS[0]).kinds(), ["therapist-welcome"]);
    }

    async fn the_feeds_show_who_is_there_now(db: TestDatabase) {
        let house = crowd(&db, 8).await;
        let held = |feed: &str| feed.matches("STATUS:CONFIRMED").count();
        let [absent, other] = [THERAPISTS[0], THERAPISTS[2]];
        let before = held(&house.therapist(absent).feed().await.body);
        assert!(before > 0);
        away(&house, absent, "2027-07-05", None).await;
        let feed = house.therapist(absent).feed().await.body;
        assert_eq!((held(&feed), feed.matches("STATUS:CANCELLED").count()), (0, before));
        assert_eq!(held(&house.therapist(other).feed().await.body), 8);
        // They are told the evening before, once for all changes of a day.
        house.it_becomes("2027-07-10T12:00:00Z").await;
        assert!(house.therapist(other).kinds().iter().any(|kind| kind == "therapist-day"));
    }

    async fn a_therapist_enters_and_takes_back_an_absence_and_hears_no_number(db: TestDatabase) {
        let house = invited(&db).await;
        let id = id_of(&house, THERAPISTS[0]).await.parse().unwrap();
        let other = id_of(&house, THERAPISTS[1]).await.parse().unwrap();
        let () = house.desk.absent(id, typed("2027-07-05"), Some(typed("2027-07-06T12:00"))).await.unwrap();
        let on_file = house.desk.absences(id).await.unwrap();
        let [one] = on_file.as_slice() else { panic!("{on_file:?}") };
        assert_eq!(one.absence.starts_at(), "2027-07-05T06:00:00Z".parse::<Instant>().unwrap());
        assert_eq!(one.absence.ends_at(), "2027-07-06T18:00:00Z".parse().ok());
        house.desk.present_again(other, one.id).await.unwrap();
        assert_eq!(house.desk.absences(id).await.unwrap(), on_file, "nobody takes back another's");
        let before = by_address(&house).await;
        for _ in 0..2 {
            house.desk.present_again(id, one.id).await.unwrap();
            assert_eq!(house.desk.absences(id).await.unwrap(), []);
        }
        assert_eq!(by_address(&house).await, before, "who was given another time keeps it");
    }

    async fn an_absence_that_cannot_be_is_refused_with_what_to_do(db: TestDatabase) {
        let house = invited(&db).await;
        let before = at_rest(&db).await;
        let ask = async |who: &str, from: &str, until: &str| {
            house.desk.away(&address(who), typed(from), Some(typed(until))).await
        };
        assert!(matches!(ask("nobody@counseling.example.org", "2027-07-05", "2027-07-06").await, Err(Error::UnknownTherapist)));
        for (from, until, says) in [
            ("2027-07-06", "2027-07-05", "ends before it begins"),
            ("2027-05-01", "2027-05-31", "over already"),
            ("2027-07-06", "2127-07-05", "ten years"),
        ] {
            let refused = ask(THERAPISTS[0], from, until).await.unwrap_err().to_string();
            assert!(refused.contains(says), "{refused}");
        }
        let none = house.desk.back(&address(THERAPISTS[0]), typed("2027-07-05"), None).await.unwrap_err().to_string();
        assert!(none.contains("On file: none"), "{none}");
        assert_eq!(at_rest(&db).await, before);
        away(&house, THERAPISTS[0], "2027-07-05", Some("2027-07-06")).await;
        let none = house.desk.back(&address(THERAPISTS[0]), typed("2027-07-05"), None).await.unwrap_err().to_string();
        assert!(none.contains("from 2027-07-05 00:00:00 until 2027-07-07 00:00:00, exclusive, America/Denver"), "{none}");
    }
}
