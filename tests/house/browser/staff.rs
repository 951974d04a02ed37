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
    browser.tabs_to("I asked for this letter").await;
    browser.keys("Space").await;
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
async fn a_therapist_offers_another_visit_and_the_resident_takes_it_on_a_phone() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, THERAPIST).await;
    let (page, link) = crate::follow_ups::somebody_seen_by(&house, THERAPIST).await;
    browser.visit(&page).await;
    browser.sees("Offer another visit").await;
    browser.choose("This date and time").await;
    browser.fill("Date", "2027-07-24").await;
    browser.fill("Begins at", "10:00").await;
    browser.press("Offer this visit").await;
    browser.sees("Offered. They see it behind their link").await;
    browser.sees("Saturday, July 24, 2027, 10:00–10:50 AM MDT").await;
    let mut phone = Browser::open(&house.url()).phone().without_scripts().await;
    phone.visit(&link).await;
    phone.sees("Another visit was offered to you").await;
    phone.choose("Take it").await;
    phone.press("Send my answer").await;
    phone.sees("Saved. The other visit below is yours.").await;
    browser.visit("/agenda?from=2027-07-24").await;
    browser.sees("Another visit Taken").await;
    browser.has_no_axe_violations().await;
    phone.choose("Yes: Give it up").await;
    phone.press("Give it up").await;
    phone.does_not_see("nother visit is held").await;
    phone.console_is_clean().await;
    browser.console_is_clean().await;
}

#[tokio::test]
async fn a_director_reads_the_overview_and_finds_no_outcome_in_it() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, DIRECTOR).await;
    assert_eq!(browser.path().await, "/overview");
    browser.sees("Protected time").await;
    browser.sees("Residents on the rosters 16").await;
    browser.does_not_see("opted").await;
    browser.visit("/agenda").await;
    assert_eq!(browser.path().await, "/overview", "an agenda is for whoever holds visits");
    browser.console_is_clean().await;
}

#[tokio::test]
async fn a_director_invites_a_coordinator_and_takes_the_role_away_again() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, DIRECTOR).await;
    browser.press("People").await;
    browser.fill("Name", "Rosa Imani").await;
    browser.fill("Work e-mail", "rosa@gme.example.edu").await;
    browser.choose_from("What they may do", "Coordinator of Internal Medicine (IM)").await;
    browser.press("Send the invitation").await;
    browser.sees("The invitation is on its way").await;
    browser.sees("Rosa Imani").await;
    browser.has_no_axe_violations().await;
    let take =
        browser.buttons().await.into_iter().find(|name| name.contains("Rosa Imani")).expect("a button");
    browser.press(&take).await;
    browser.sees("That role was taken away").await;
    browser.does_not_see("Rosa Imani").await;
    browser.console_is_clean().await;
}
