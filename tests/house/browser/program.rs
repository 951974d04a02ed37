//! A program's coordinator in a browser: from the season to the plan and the batch, with and without scripts.

use super::signs_in;
use crate::harness::browser::Browser;
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;
use crate::program::{COORDINATOR, entrust};

async fn prepared(db: &TestDatabase, codes: &[&str]) -> House {
    let house = House::on(db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    entrust(&house, COORDINATOR, codes).await;
    house
}

/// From the first page by the one filled button of each to everybody's time.
async fn books_everybody(house: &House, browser: &mut Browser) {
    signs_in(browser, house, COORDINATOR).await;
    browser.visit("/program/IM").await;
    browser.sees("Season: Protected time").await;
    browser.press("Look at the plan").await;
    browser.sees("Everybody on your roster can be given a time.").await;
    browser.press("Go on to booking").await;
    browser.press("Book everybody now").await;
    browser.sees("16 residents were given a time, over all programs.").await;
    // Of all bars that came, the newest shows.
    browser.sees("Finished").await;
    browser.does_not_see("Waiting for another booking").await;
    browser.press("Go on to the season").await;
    browser.sees("Booked; the last time on Tuesday, June 1, 2027.").await;
    browser.console_is_clean().await;
}

#[tokio::test]
async fn a_coordinator_of_every_program_books_everybody() {
    let db = TestDatabase::sqlite();
    let house = prepared(&db, &["IM", "NEPH"]).await;
    let mut browser = Browser::open(&house.url()).await;
    books_everybody(&house, &mut browser).await;
}

#[tokio::test]
async fn a_coordinator_without_scripts_books_everybody_on_a_phone() {
    let db = TestDatabase::sqlite();
    let house = prepared(&db, &["IM", "NEPH"]).await;
    let mut browser = Browser::open(&house.url()).phone().without_scripts().await;
    books_everybody(&house, &mut browser).await;
}

#[tokio::test]
async fn a_coordinator_says_ready_and_takes_it_back() {
    let db = TestDatabase::sqlite();
    let house = prepared(&db, &["IM"]).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, COORDINATOR).await;
    assert_eq!(browser.path().await, "/program/IM", "who looks after one program is led there");
    browser.press("Look at the plan").await;
    browser.press("Say that your program is ready").await;
    browser.does_not_see("Book everybody now").await;
    browser.press("My program is ready").await;
    browser.sees("Internal Medicine is ready since").await;
    browser.press("Not ready after all").await;
    browser.does_not_see("is ready since").await;
    browser.console_is_clean().await;
}

#[tokio::test]
async fn pages_before_booking_are_open_to_everybody() {
    let db = TestDatabase::sqlite();
    let house = prepared(&db, &["IM", "NEPH"]).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, COORDINATOR).await;
    for (name, path) in [("season", ""), ("plan", "/plan"), ("book", "/book"), ("releases", "/releases")] {
        browser.visit(&format!("/program/IM{path}")).await;
        browser.is_open_to_everybody(&format!("before-{name}")).await;
    }
    browser.visit("/program/IM/book").await;
    browser.press("Book everybody now").await;
    browser.sees("Go on to the season").await;
    browser.has_no_axe_violations().await;
    browser.console_is_clean().await;
}
