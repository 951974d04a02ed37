//! What becomes of a resident's wishes: a time is proposed, or given at a fixed hour to who asked for it, and the same visit
//! is attended in another way. Never looks at which seat it is by the database, but that nobody sits twice.

use holdspace::domain::booking::Entry;
use holdspace::domain::offering::Rules;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page, fortnight};
use crate::harness::person::Resident;
use crate::harness::rest::at_rest;
use crate::harness::town::OnRoster;

/// The only therapist of the small town who speaks Spanish.
const SPEAKS_SPANISH: &str = "mxiong@counseling.example.org";
/// The only one who holds visits in two ways.
const TWO_WAYS: &str = "tdsouza@counseling.example.org";

/// A house without a reserve, so that a seat is free only where somebody gave it up.
async fn full_house(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody_by(Rules { reserve_percent: 0, ..fortnight() }).await;
    house
}

/// Who has a visit with a therapist in the first two weeks.
async fn guests(house: &House, therapist: &str) -> Vec<OnRoster> {
    let agenda = house.therapist(therapist).signs_in().await.agenda("2027-07-05").await;
    let comes = |person: &OnRoster| {
        agenda.iter().any(|visit| visit.name == format!("{} {}", person.given, person.family))
    };
    house.town.people().into_iter().filter(comes).collect()
}

/// The cohort of somebody, with their program: who shares it shares protected time.
fn cohort(house: &House, person: &OnRoster) -> String {
    let line = house.town.roster.lines().find(|line| line.contains(&person.address)).unwrap();
    let cells: Vec<&str> = line.split(',').collect();
    format!("{}{}", cells[0], cells[5])
}

/// Two of one cohort with another therapist, and one with the therapist who speaks Spanish.
async fn rivals(house: &House) -> (Vec<OnRoster>, OnRoster) {
    let guests = guests(house, SPEAKS_SPANISH).await;
    for guest in &guests {
        let others = house
            .town
            .people()
            .into_iter()
            .filter(|other| cohort(house, other) == cohort(house, guest) && !guests.contains(other));
        let others: Vec<OnRoster> = others.collect();
        if others.len() >= 2 {
            return (others, guest.clone());
        }
    }
    panic!("no cohort is divided among therapists")
}

async fn prefers(house: &House, who: &Resident<'_>, fields: &[(&str, &str)]) {
    let mut all = vec![("language", ""), ("gender", ""), ("way", "")];
    all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
    all.extend(fields);
    let page = house.form(&format!("{}/preferences", who.link()), &all).await;
    assert_eq!(page.status, 303, "{}", page.body);
}

async fn times(house: &House, who: &Resident<'_>) -> Page {
    house.get(&format!("{}/times", who.link())).await
}

fn sequence(letter: &crate::harness::letter::ReadLetter) -> u32 {
    let text = &letter.calendar[0].text;
    text.lines().find_map(|line| line.strip_prefix("SEQUENCE:")).unwrap().trim().parse().unwrap()
}

const MOVED: &str = "you were moved to it, as you had asked";

on_both_engines! {
    async fn who_asked_is_moved_at_the_fixed_hour_once_is_told_and_may_go_back(db: TestDatabase) {
        let house = full_house(&db).await;
        let (others, guest) = rivals(&house).await;
        let (ann, guest) = (house.resident(&others[0].address), house.resident(&guest.address));
        prefers(&house, &ann, &[("language", "Spanish"), ("move", "on")]).await;
        let page = times(&house, &ann).await;
        assert!(page.body.contains("name=\"move\" checked") && !page.body.contains("Move me to"), "{}", page.body);
        let before = ann.opens_link().await.body;
        assert_eq!(guest.opts_out(Entry::Keep).await.status, 303);
        // Nothing happens on the event.
        house.round().await;
        assert_eq!(ann.opens_link().await.body, before);
        house.hours_pass(6).await;
        let page = ann.opens_link().await.body;
        assert!(page.contains(MOVED) && page.contains("Undo: back to"), "{page}");
        let letter = ann.newest("moved");
        assert_eq!(sequence(&letter), 1);
        assert_eq!(ann.kinds().iter().filter(|kind| *kind == "moved").count(), 1);
        house.everyone_sits_once().await;
        assert!(guests(&house, SPEAKS_SPANISH).await.iter().any(|person| person.address == ann.address()));
        // She goes back, and is not moved a second time though the same seat comes free again.
        assert_eq!(house.form(&format!("{}/move-back", ann.link()), &[("back", "yes")]).await.status, 303);
        assert!(!ann.opens_link().await.body.contains(MOVED));
        house.hours_pass(12).await;
        assert_eq!(ann.kinds().iter().filter(|kind| *kind == "moved").count(), 2, "the way back is a move too");
        assert!(!ann.opens_link().await.body.contains(MOVED));
        house.everyone_sits_once().await;
        // Now the seat is hers by one button.
        let page = times(&house, &ann).await;
        assert!(page.body.contains("with somebody who speaks Spanish</button>"), "{}", page.body);
        assert_eq!(ann.takes(&page.values("seat")[0]).await.status, 303);
        assert!(!times(&house, &ann).await.body.contains("Move me to"));
    }

    async fn nobody_is_moved_who_takes_it_back_or_opted_out_or_gets_no_letters(db: TestDatabase) {
        let house = full_house(&db).await;
        let (others, guest) = rivals(&house).await;
        let asks = [("language", "Spanish"), ("move", "on")];
        let (ann, bob) = (house.resident(&others[0].address), house.resident(&others[1].address));
        prefers(&house, &ann, &asks).await;
        prefers(&house, &ann, &asks[..1]).await;
        prefers(&house, &bob, &asks).await;
        assert_eq!(bob.wishes(&["none"]).await.status, 303);
        for other in &others[2..] {
            let other = house.resident(&other.address);
            prefers(&house, &other, &asks).await;
            other.opts_out(Entry::Keep).await;
        }
        house.resident(&guest.address).opts_out(Entry::Keep).await;
        let before = house.bookings().await;
        house.hours_pass(12).await;
        assert_eq!(house.bookings().await, before);
    }

    async fn the_way_changes_without_the_time_and_no_calendar_is_told(db: TestDatabase) {
        let house = full_house(&db).await;
        let guests = guests(&house, TWO_WAYS).await;
        let ann = house.resident(&guests[0].address);
        let page = ann.opens_link().await;
        let ways = page.values("way");
        let [way] = ways.as_slice() else { panic!("{ways:?}: {}", page.body) };
        let before = at_rest(&db).await;
        let letters = ann.kinds();
        for _ in 0..2 {
            assert_eq!(house.form(&format!("{}/way", ann.link()), &[("way", way)]).await.status, 303);
        }
        let now = ann.opens_link().await;
        assert_ne!(now.values("way"), ways, "the other way is offered now");
        assert_eq!(now.body.contains("room 216"), way == "in-person", "{}", now.body);
        house.hours_pass(2).await;
        assert_eq!(ann.kinds(), letters);
        let after = at_rest(&db).await;
        let sizes = |rest: &std::collections::BTreeMap<String, Vec<String>>| -> Vec<usize> {
            rest["bookings"].iter().map(String::len).collect()
        };
        assert_eq!(sizes(&before), sizes(&after));
        // He has a telephone, and does not hold visits by it.
        for no in ["phone", "carrier-pigeon", ""] {
            let page = house.form(&format!("{}/way", ann.link()), &[("way", no)]).await;
            assert!((400..500).contains(&page.status), "{no}: {}", page.status);
        }
        let first = house.therapist(TWO_WAYS).kinds().iter().filter(|kind| *kind == "therapist-day").count();
        house.it_becomes("2027-07-16T12:00:00Z").await;
        let told = house.therapist(TWO_WAYS).kinds().iter().filter(|kind| *kind == "therapist-day").count();
        assert!(told > first, "the therapist hears of it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_asked_a_drawn_order_decides_and_who_asked_first_does_not() {
    let mut first = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let db = TestDatabase::sqlite();
        let house = full_house(&db).await;
        let (others, guest) = rivals(&house).await;
        for n in order {
            let who = house.resident(&others[n].address);
            prefers(&house, &who, &[("language", "Spanish"), ("move", "on")]).await;
        }
        house.resident(&guest.address).opts_out(Entry::Keep).await;
        house.hours_pass(6).await;
        let mut moved = Vec::new();
        for other in &others[..2] {
            if house.resident(&other.address).opens_link().await.body.contains(MOVED) {
                moved.push(other.address.clone());
            }
        }
        assert_eq!(moved.len(), 1, "one seat came free");
        house.everyone_sits_once().await;
        first.push(moved);
    }
    assert_eq!(first[0], first[1], "the same house draws the same order, whoever asked first");
}
