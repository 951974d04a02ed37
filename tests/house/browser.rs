//! Whole errands in Chromium, as sentences: on a phone, at a desk, by keyboard, without scripts; and every page in light
//! and dark with nothing in anybody's way. Never finds an element by anything but its words.

mod demo;
mod every_page;
mod hand;
mod institution;
mod mistakes;
mod office;
mod program;
mod residents;
mod roster;
mod staff;

use crate::harness::browser::Browser;
use crate::harness::house::House;

/// Asks for a way in with an address, gets the letter, and goes in by its button.
async fn signs_in(browser: &mut Browser, house: &House, address: &str) {
    house.clock.advance(chrono::Duration::minutes(1));
    browser.visit("/sign-in").await;
    browser.fill("Your e-mail address", address).await;
    browser.press("Mail me a link").await;
    browser.sees("Look at your mail").await;
    house.post_goes().await;
    browser.visit(&house.therapist(address).way_in()).await;
    browser.choose("I asked for this letter").await;
    browser.press("Sign in").await;
}
