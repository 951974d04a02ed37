//! Chromium as a person uses it: what to press, fill and see is named by its label or its words, never by its
//! place in the page. Never asserts anything about the product by itself.
//!
//! ```ignore
//! let mut browser = Browser::open(&house.url()).phone().dark().await;
//! browser.visit(&resident.link()).await;
//! browser.press("Choose another time").await;
//! browser.sees("Saved").await;
//! browser.has_no_axe_violations().await;
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `browser/chromium.rs` | the process and the pipe to it |
//! | `browser/names.rs` | elements by role and accessible name, as a screen reader has them |
//! | `browser/hands.rs` | pressing, filling, choosing, attaching |
//! | `browser/keys.rs` | the same with a keyboard and nothing else |
//! | `browser/eyes.rs` | words, titles, pictures, weight, the console |
//! | `browser/axe.rs` | what stands in somebody's way |
//! | `browser/scans.rs` | pressing everything without choosing anything, as a scanner does |
//! | `browser/planted.rs` | faults that all of this must find |

mod axe;
mod chromium;
mod eyes;
mod hands;
mod keys;
mod names;
mod planted;
mod scans;

use std::pin::Pin;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::house::PUBLIC_URL;
use chromium::{Chromium, Event, chromium};

/// How long a page may take, and how long a person waits for words to appear: on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often that is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// How the pages are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// On a phone of 390 by 844 points, or on a desk of 1280 by 800.
    pub phone: bool,
    /// Dark, or light.
    pub dark: bool,
}

impl Look {
    /// Light and dark, on a desk and on a phone.
    pub const ALL: [Self; 4] = [
        Self { phone: false, dark: false },
        Self { phone: false, dark: true },
        Self { phone: true, dark: false },
        Self { phone: true, dark: true },
    ];

    /// Such as `phone-dark`, for the name of a picture.
    pub fn name(self) -> &'static str {
        match (self.phone, self.dark) {
            (false, false) => "desk-light",
            (false, true) => "desk-dark",
            (true, false) => "phone-light",
            (true, true) => "phone-dark",
        }
    }
}

/// A browser that is about to be opened.
pub struct Opening {
    server: String,
    look: Look,
    scripts: bool,
}

impl Opening {
    /// On a phone.
    #[must_use]
    pub fn phone(mut self) -> Self {
        self.look.phone = true;
        self
    }

    /// By somebody who prefers dark.
    #[must_use]
    pub fn dark(mut self) -> Self {
        self.look.dark = true;
        self
    }

    /// With JavaScript off.
    #[must_use]
    pub fn without_scripts(mut self) -> Self {
        self.scripts = false;
        self
    }
}

impl IntoFuture for Opening {
    type Output = Browser;
    type IntoFuture = Pin<Box<dyn Future<Output = Browser> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(Browser::start(self))
    }
}

/// One person's browser: a window of its own with cookies of its own, and one tab.
pub struct Browser {
    chromium: &'static Chromium,
    window: String,
    tab: String,
    server: String,
    scripts: bool,
    /// The number of the first event that belongs to the present page.
    since: usize,
    presses: usize,
    /// [`PATIENCE`], where nobody says otherwise.
    patience: Duration,
}

impl Browser {
    /// A browser for the pages of a server, such as `http://127.0.0.1:8080`.
    pub fn open(server: &str) -> Opening {
        let look = Look { phone: false, dark: false };
        Opening { server: server.trim_end_matches('/').to_owned(), look, scripts: true }
    }

    async fn start(opening: Opening) -> Self {
        let chromium = chromium();
        let tell = async |tab: &str, method: &str, params: Value| {
            chromium.tell(tab, method, params).await.unwrap_or_else(|why| panic!("{why}"))
        };
        let text = |answer: Value, field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        let window = text(tell("", "Target.createBrowserContext", json!({})).await, "browserContextId");
        let target = json!({ "url": "about:blank", "browserContextId": window });
        let target = text(tell("", "Target.createTarget", target).await, "targetId");
        let attach = json!({ "targetId": target, "flatten": true });
        let tab = text(tell("", "Target.attachToTarget", attach).await, "sessionId");
        for domain in ["Page", "Runtime", "Log", "Network", "DOM"] {
            tell(&tab, &format!("{domain}.enable"), json!({})).await;
        }
        let Opening { server, look, scripts } = opening;
        let browser =
            Self { chromium, window, tab, server, scripts, since: 0, presses: 0, patience: PATIENCE };
        if !scripts {
            browser.tell("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
        }
        browser.looks(look).await;
        browser
    }

    /// Looks at the pages otherwise from now on; the present page stays.
    pub async fn looks(&self, look: Look) {
        let (width, height, scale) = if look.phone { (390, 844, 2) } else { (1280, 800, 1) };
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": look.phone });
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await;
        let touch = json!({ "enabled": look.phone, "maxTouchPoints": 1 });
        self.tell("Emulation.setTouchEmulationEnabled", touch).await;
        // Without motion, or a colour would be judged halfway between light and dark.
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": if look.dark { "dark" } else { "light" } },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.tell("Emulation.setEmulatedMedia", features).await;
    }

    /// Opens a path of the server, or a link as a letter bears it, and waits until the page is there.
    pub async fn visit(&mut self, link: &str) {
        let path = link.strip_prefix(PUBLIC_URL).or_else(|| link.strip_prefix(&self.server)).unwrap_or(link);
        assert!(path.starts_with('/'), "this link leads out of the house: {link}");
        self.since = self.chromium.count(&self.tab);
        let url = format!("{}{path}", self.server);
        let answer = self.tell("Page.navigate", json!({ "url": url })).await;
        if let Some(problem) = answer["errorText"].as_str() {
            panic!("{path} does not open: {problem}");
        }
        self.settles(self.since, path).await;
    }

    /// The path and query of the present page.
    pub async fn path(&self) -> String {
        let url = self.asks("location.href").await;
        let url = url.as_str().unwrap_or_default();
        url.strip_prefix(&self.server).unwrap_or(url).to_owned()
    }

    /// How often something was pressed or chosen since the browser was opened.
    pub fn presses(&self) -> usize {
        self.presses
    }

    /// Waits for the end of a way to another page that began after the event of a number, if one did.
    async fn settles(&mut self, from: usize, doing: &str) {
        // The page answers this after whatever the last input began; it may have gone meanwhile.
        let probe = json!({ "expression": "0" });
        let _ = self.chromium.tell(&self.tab, "Runtime.evaluate", probe).await;
        let begun = Instant::now();
        while self.is_under_way(from) {
            assert!(
                begun.elapsed() < self.patience,
                "after {doing:?} no page came within {:?}",
                self.patience
            );
            tokio::time::sleep(GLANCE).await;
        }
    }

    fn is_under_way(&mut self, from: usize) -> bool {
        let events = self.chromium.events(&self.tab, from);
        let last = |names: &[&str]| events.iter().rposition(|event| names.contains(&event.method.as_str()));
        let asked =
            ["Page.frameRequestedNavigation", "Page.frameScheduledNavigation", "Page.frameStartedLoading"];
        let ended = ["Page.frameStoppedLoading", "Page.navigatedWithinDocument", "Page.downloadWillBegin"];
        let Some(began) = events.iter().position(|event| asked.contains(&event.method.as_str())) else {
            return false;
        };
        if last(&["Page.frameStartedLoading"]).is_some() {
            self.since = from;
        }
        last(&ended).is_none_or(|end| end < began || last(&asked[2..]).is_some_and(|again| again > end))
    }

    /// The events of the present page.
    fn events(&self) -> Vec<Event> {
        self.chromium.events(&self.tab, self.since)
    }

    /// Sends a command to the tab.
    async fn tell(&self, method: &str, params: Value) -> Value {
        self.chromium.tell(&self.tab, method, params).await.unwrap_or_else(|why| panic!("{why}"))
    }

    /// The value of an expression in the page, which the tests may ask even where scripts are off.
    async fn asks(&self, expression: &str) -> Value {
        let ask = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.tell("Runtime.evaluate", ask).await;
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let window = json!({ "browserContextId": self.window });
        self.chromium.send("", "Target.disposeBrowserContext", window, None);
    }
}
