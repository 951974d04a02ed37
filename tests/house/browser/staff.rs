//! Therapists and directors, by the link in their mail.

use super::signs_in;
use crate::harness::browser::Browser;
use crate::harness::engines::TestDatabase;
use crate::harness::house::{DIRECTOR, House};

/// Holds visits in the small town on Mondays and Tuesdays.
const THERAPIST: &str = "mxiong@counseling.example.org";

async fn under_way(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house.it_becomes("2027-07-13T23:30:00Z").await;
    house
}

/// Marks the first visit that has begun as kept, and takes it back.
async fn marks_and_takes_back(house: &House, browser: &mut Browser) {
    signs_in(browser, house, THERAPIST).await;
    assert_eq!(browser.title().await, "Your agenda");
    let mark =
        browser.buttons().await.into_iter().find(|name| name.starts_with("Kept")).expect("a visit that was");
    browser.press(&mark).await;
    browser.sees("Marked as kept").await;
    browser.press("Undo").await;
    browser.does_not_see("Marked as kept").await;
    assert!(browser.buttons().await.contains(&mark));
    browser.press("Sign out").await;
    browser.visit("/agenda").await;
    assert_eq!(browser.path().await, "/sign-in", "whoever signed out is out");
    browser.console_is_clean().await;
}

#[tokio::test]
async fn a_therapist_marks_a_visit_as_kept_and_takes_it_back() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let mut browser = Browser::open(&house.url()).await;
    marks_and_takes_back(&house, &mut browser).await;
}

#[tokio::test]
async fn a_therapist_without_scripts_does_the_same() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let mut browser = Browser::open(&house.url()).without_scripts().await;
    marks_and_takes_back(&house, &mut browser).await;
}

#[tokio::test]
async fn a_therapist_who_has_only_a_keyboard_signs_in_and_marks_a_visit() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    house.clock.advance(chrono::Duration::minutes(1));
    let mut browser = Browser::open(&house.url()).await;
    browser.visit("/").await;
    browser.tabs_to("sign in here").await;
    browser.enter().await;
    browser.tabs_to("Your e-mail address").await;
    browser.types(THERAPIST).await;
    browser.enter().await;
    browser.sees("Look at your mail").await;
    browser.has_no_axe_violations().await;
    house.post_goes().await;
    browser.visit(&house.therapist(THERAPIST).way_in()).await;
    browser.tabs_to("Sign in").await;
    browser.enter().await;
    browser.tabs_to("Kept").await;
    browser.enter().await;
    browser.sees("Marked as kept").await;
    browser.tabs_to("Undo").await;
    browser.keys("Space").await;
    browser.does_not_see("Marked as kept").await;
}

#[tokio::test]
async fn a_director_reads_the_overview_and_finds_no_outcome_in_it() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, DIRECTOR).await;
    assert_eq!(browser.path().await, "/overview");
    browser.sees("Protected time").await;
    browser.sees("Residents on the roster 16").await;
    browser.does_not_see("opted").await;
    browser.visit("/agenda").await;
    assert_eq!(browser.path().await, "/overview", "an agenda is for whoever holds visits");
    browser.console_is_clean().await;
}
