//! In Chromium: the way out and back again over the provider's own pages.

use super::{BUTTON, Door, THERAPIST};
use crate::harness::browser::Browser;
use crate::harness::engines::TestDatabase;
use crate::harness::house::DIRECTOR;

/// From our page to the provider's, where they say who they are.
async fn goes_through_the_provider(browser: &mut Browser, login: &str) {
    browser.visit("/sign-in").await;
    browser.press(BUTTON).await;
    browser.fill("User name", login).await;
    browser.press("Go on").await;
}

#[tokio::test]
async fn a_director_signs_in_through_the_provider_and_a_second_time_without_a_word() {
    let db = TestDatabase::sqlite();
    let door = Door::on(&db).await;
    let mut browser = Browser::open(&door.url).await;
    browser.visit("/sign-in").await;
    browser.is_open_to_everybody("sign-in-provider").await;
    goes_through_the_provider(&mut browser, DIRECTOR).await;
    assert_eq!(browser.path().await, "/overview");
    browser.press("Sign out").await;
    // The provider knows them still, so that the form leads there and back without a page between.
    browser.press(BUTTON).await;
    assert_eq!(browser.path().await, "/overview");
    browser.console_is_clean().await;
}

#[tokio::test]
async fn somebody_whom_nobody_here_knows_is_not_let_in_and_told_whom_to_ask() {
    let db = TestDatabase::sqlite();
    let door = Door::on(&db).await;
    let mut browser = Browser::open(&door.url).phone().without_scripts().await;
    goes_through_the_provider(&mut browser, "somebody@gme.example.edu").await;
    browser.sees("ask a director").await;
    browser.visit("/overview").await;
    assert_eq!(browser.path().await, "/sign-in");

    let mut browser = Browser::open(&door.url).await;
    goes_through_the_provider(&mut browser, "somebody@gme.example.edu").await;
    browser.sees("ask a director").await;
    browser.is_open_to_everybody("sign-in-refused").await;
}

#[tokio::test]
async fn a_therapist_who_is_a_director_too_is_asked_where_to_go() {
    let db = TestDatabase::sqlite();
    let door = Door::on(&db).await;
    door.house.desk.director_entrance(&THERAPIST.parse().unwrap(), true).await.unwrap();
    let mut browser = Browser::open(&door.url).await;
    goes_through_the_provider(&mut browser, THERAPIST).await;
    browser.sees("Where would you like to go?").await;
    browser.is_open_to_everybody("sign-in-choice").await;
    browser.press("To my agenda").await;
    assert_eq!(browser.path().await, "/agenda");
    browser.console_is_clean().await;
}
