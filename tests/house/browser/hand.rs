//! One errand, done in two ways: with a keyboard and nothing else, or with a pointer and no scripts. Knows no page.

use std::path::Path;

use crate::harness::browser::Browser;
use crate::harness::house::House;

/// How somebody uses a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Tab, arrows, Space and Enter; every focus on the way must be seen.
    Keyboard,
    /// A pointer, in a browser that runs no scripts.
    NoScripts,
}

/// Somebody at work.
pub struct Hand {
    /// What they look at.
    pub browser: Browser,
    way: Way,
}

impl Hand {
    /// Somebody with a browser of their own.
    pub async fn at(house: &House, way: Way) -> Self {
        let opening = Browser::open(&house.url());
        let browser = match way {
            Way::Keyboard => opening.await,
            Way::NoScripts => opening.without_scripts().await,
        };
        Self { browser, way }
    }

    /// Comes in by a mailed link.
    pub async fn signs_in(&mut self, house: &House, address: &str) {
        house.clock.advance(chrono::Duration::minutes(1));
        self.browser.visit("/sign-in").await;
        self.writes("Your e-mail address", address).await;
        self.goes("Mail me a link").await;
        self.browser.sees("Look at your mail").await;
        house.post_goes().await;
        self.browser.visit(&house.therapist(address).way_in()).await;
        self.ticks("I asked for this letter").await;
        self.goes("Sign in").await;
    }

    /// Follows a link, presses a button or opens a closed part.
    pub async fn goes(&mut self, label: &str) {
        match self.way {
            Way::Keyboard => {
                self.browser.tabs_to(label).await;
                self.browser.enter().await;
            }
            Way::NoScripts => self.browser.press(label).await,
        }
    }

    /// Writes into a field.
    pub async fn writes(&mut self, label: &str, text: &str) {
        match self.way {
            Way::Keyboard => self.browser.writes(label, text).await,
            Way::NoScripts => self.browser.fill(label, text).await,
        }
    }

    /// Picks from a list.
    pub async fn picks(&mut self, label: &str, option: &str) {
        match self.way {
            Way::Keyboard => self.browser.picks(label, option).await,
            Way::NoScripts => self.browser.choose_from(label, option).await,
        }
    }

    /// Ticks a box.
    pub async fn ticks(&mut self, label: &str) {
        match self.way {
            Way::Keyboard => {
                self.browser.tabs_to(label).await;
                self.browser.keys("Space").await;
            }
            Way::NoScripts => self.browser.choose(label).await,
        }
    }

    /// Picks the other one of two, of which the first is picked.
    pub async fn picks_other(&mut self, first: &str, other: &str) {
        match self.way {
            Way::Keyboard => {
                self.browser.tabs_to(first).await;
                self.browser.keys("ArrowDown").await;
            }
            Way::NoScripts => self.browser.choose(other).await,
        }
    }

    /// Gives a file to a field.
    pub async fn brings(&mut self, label: &str, file: &str) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        match self.way {
            Way::Keyboard => self.browser.brings(label, &file).await,
            Way::NoScripts => self.browser.attach(label, &file).await,
        }
    }

    /// Is told what is wrong, where the focus lies then.
    pub async fn is_told(&self, text: &str) {
        self.browser.sees(text).await;
        self.browser.has_the_focus_on(text).await;
    }
}
