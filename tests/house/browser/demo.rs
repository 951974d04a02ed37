//! The demo in a newcomer's browser: opens a letter, opts out, sees that the coverage is the same.

use crate::demo::Demo;
use crate::harness::browser::{Browser, Look};

/// In every look: nothing in anybody's way, nothing wider than the window.
async fn is_open_to_everybody(browser: &Browser, name: &str) {
    for look in Look::ALL {
        browser.looks(look).await;
        browser.has_no_axe_violations().await;
        browser.fits_its_window().await;
        if std::env::var_os("HOLDSPACE_TEST_PICTURES").is_some() {
            browser.screenshot(&format!("demo-{name}-{}", look.name())).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_opens_a_letter_and_every_page_of_the_demo_is_open_to_everybody() {
    let demo = Demo::start();
    let mut browser = Browser::open(&demo.url).await;
    browser.visit("/demo").await;
    is_open_to_everybody(&browser, "home").await;

    browser.press("Invitations only").await;
    browser.sees("Everybody’s mailbox").await;
    is_open_to_everybody(&browser, "mailbox").await;
    let letter = browser.buttons().await.into_iter().find(|name| name.contains(" · ")).expect("a letter");
    browser.press(&letter).await;
    browser.press("The letter as plain text").await;
    is_open_to_everybody(&browser, "letter").await;

    browser.visit("/demo").await;
    browser.press("Internal Medicine").await;
    browser.sees("✓ the same to the byte").await;
    is_open_to_everybody(&browser, "coverage").await;
    browser.console_is_clean().await;
    assert_eq!(demo.stop(), Some(0));
}
