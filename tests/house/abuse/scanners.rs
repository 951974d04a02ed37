//! Scanners of mail at every address of every letter, by plain requests and with a real browser: whatever they look at, fetch
//! beforehand or press without choosing, nobody's visit changes, nobody is let in, and no letter leaves.

use super::scanner::{Scanner, addresses_in_letters};
use crate::access::kept::Kept;
use crate::access::town::Town;
use crate::harness::browser::Browser;
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;

/// So many requests every run of the tests sends; the long form is told how many.
const VISITS: usize = 2_500;

#[expect(clippy::print_stdout, reason = "what came of it is told")]
/// Sends so many requests at every address of a town with every kind of link; gives how many were forms.
async fn scanned(visits: usize) -> (usize, usize) {
    let db = TestDatabase::sqlite();
    let town = Town::on(&db).await;
    let house = &town.house;
    let addresses = addresses_in_letters(house);
    let ways = ["/v/", "/sign-in/", "/feed/", "/reminders", "/answer", "/new-address"];
    for way in ways {
        assert!(addresses.iter().any(|address| address.contains(way)), "no letter leads to {way}");
    }
    let code = format!("/survey/{}", town.names["code"]);
    let (bookings, letters) = (house.bookings().await, house.sink.received().len());
    let mut kept = Kept::of(&db).await;
    let mut scanner = Scanner::of(house);
    while scanner.visits < visits {
        scanner.begins_anew();
        scanner.scans(addresses.iter().cloned().chain([code.clone()]), visits).await;
        assert!(house.bookings().await == bookings, "a booking changed");
        assert_eq!(kept.differing().await, Vec::<String>::new(), "after {} visits", scanner.visits);
        assert!(!scanner.is_in(), "a scanner was let in");
    }
    house.post_goes().await;
    assert_eq!(house.sink.received().len(), letters, "a letter left");
    println!("{} visits, {} forms, {} addresses in letters", scanner.visits, scanner.forms, addresses.len());
    (scanner.visits, scanner.forms)
}

#[tokio::test]
async fn scanners_change_nothing_whatever_they_fetch_or_press() {
    let (_, forms) = scanned(VISITS).await;
    assert!(forms > 100, "only {forms} forms were sent");
}

/// The long form: `tests/nightly scanners --count N`.
#[tokio::test]
#[ignore = "long; tests/nightly scanners runs it"]
async fn many_scanners() {
    let count = std::env::var("HOLDSPACE_SCANNERS_COUNT").ok().and_then(|count| count.parse().ok());
    let (visits, _) = scanned(count.unwrap_or(10_000)).await;
    println!("scanners: {visits} runs, 0 failures");
}

/// One that opens letters in a browser, runs what scripts there are, and presses and sends everything as it stands.
#[tokio::test]
async fn a_scanner_with_a_browser_changes_nothing() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let [opted_out, held] = [0, 1].map(|n| house.resident(&house.town.people()[n].address));
    opted_out.opts_out(holdspace::domain::booking::Entry::Keep).await;
    house.form("/sign-in", &[("address", "mxiong@counseling.example.org")]).await;
    house.post_goes().await;
    let way_in = house.therapist("mxiong@counseling.example.org").way_in();
    let bookings = house.bookings().await;
    let mut kept = Kept::of(&db).await;
    let mut browser = Browser::open(&house.url()).await;
    let mut pressed = 0;
    let links = [
        held.link(),
        format!("{}/times", held.link()),
        format!("{}/reminders", held.link()),
        opted_out.link(),
        way_in,
    ];
    for link in &links {
        let here = browser.presses_everything(link).await;
        println!("{here} things to press");
        pressed += here;
        assert!(house.bookings().await == bookings, "a booking changed");
        assert_eq!(kept.differing().await, Vec::<String>::new());
    }
    assert!(pressed > 25, "only {pressed} things were pressed");
    browser.visit("/agenda").await;
    assert_eq!(browser.path().await, "/sign-in", "nobody was let in");
}
