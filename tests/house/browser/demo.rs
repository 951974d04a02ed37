//! The demo in a newcomer's browser: opens a letter, opts out, sees that the coverage is the same.

use crate::demo::Demo;
use crate::harness::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_opens_a_letter_and_every_page_of_the_demo_is_open_to_everybody() {
    let demo = Demo::start();
    let mut browser = Browser::open(&demo.url).await;
    browser.visit("/demo").await;
    browser.is_open_to_everybody("demo-home").await;

    browser.press("Invitations only").await;
    browser.sees("Everybody’s mailbox").await;
    browser.is_open_to_everybody("demo-mailbox").await;
    let letter = browser.buttons().await.into_iter().find(|name| name.contains(" · ")).expect("a letter");
    browser.press(&letter).await;
    browser.press("The letter as plain text").await;
    browser.is_open_to_everybody("demo-letter").await;

    browser.visit("/demo").await;
    browser.press("Internal Medicine").await;
    browser.sees("✓ the same to the byte").await;
    browser.is_open_to_everybody("demo-coverage").await;
    browser.console_is_clean().await;
    assert_eq!(demo.stop(), Some(0));
}
