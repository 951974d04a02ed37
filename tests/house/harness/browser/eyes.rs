//! What a person sees of a page, and what its maker should: words, title, picture, weight, console.

use std::path::{Path, PathBuf};
use std::time::Instant;

use data_encoding::BASE64;
use serde_json::json;

use super::names::tidy;
use super::{Browser, GLANCE, Look};

/// What a page costs whoever opens it with an empty cache or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// Bytes over the wire with headers.
    pub bytes: u64,
    /// Requests, the page's own among them; none for what came from the cache or stands in the page.
    pub requests: usize,
}

impl Browser {
    /// The words that can be seen, with single spaces within a line.
    pub async fn words(&self) -> String {
        let words = self.asks("document.body ? document.body.innerText : ''").await;
        let lines = words.as_str().unwrap_or_default().lines().map(tidy);
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The words of the page's own part, without the frame around it.
    pub async fn main_words(&self) -> String {
        self.asks("document.querySelector('main').innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until words can be seen; they may run over lines.
    pub async fn sees(&self, text: &str) {
        let begun = Instant::now();
        loop {
            let words = self.words().await;
            if tidy(&words).contains(&tidy(text)) {
                return;
            }
            let path = self.path().await;
            assert!(begun.elapsed() < self.patience, "{text:?} is not to be seen; {path} says:\n{words}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Fails where words can be seen.
    pub async fn does_not_see(&self, text: &str) {
        let words = self.words().await;
        let path = self.path().await;
        assert!(!tidy(&words).contains(&tidy(text)), "{text:?} is to be seen; {path} says:\n{words}");
    }

    /// The title of the page.
    pub async fn title(&self) -> String {
        self.asks("document.title").await.as_str().unwrap_or_default().to_owned()
    }

    /// The status code with which the page came.
    pub fn status(&self) -> u64 {
        let events = self.events();
        let mut pages = events
            .iter()
            .rev()
            .filter(|event| event.method == "Network.responseReceived" && event.params["type"] == "Document");
        pages.next().and_then(|event| event.params["response"]["status"].as_u64()).unwrap_or_default()
    }

    /// A picture of the whole page under `target/tmp/pictures`, and where `HOLDSPACE_TEST_PICTURES` names a folder, there
    /// too. What a frame of another origin holds may be blank in it.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let size = self.tell("Page.getLayoutMetrics", json!({})).await;
        let mut clip = size["cssContentSize"].clone();
        clip["scale"] = 1.into();
        let shot = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let shot = self.tell("Page.captureScreenshot", shot).await;
        let bytes = BASE64.decode(shot["data"].as_str().unwrap_or_default().as_bytes()).unwrap();
        let own = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        let wanted = std::env::var_os("HOLDSPACE_TEST_PICTURES").map(PathBuf::from);
        for folder in [Some(&own), wanted.as_ref()].into_iter().flatten() {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join(format!("{name}.png")), &bytes).unwrap();
        }
        own.join(format!("{name}.png"))
    }

    /// Fails where one has to scroll sideways to read the page.
    pub async fn fits_its_window(&self) {
        let over =
            self.asks("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
        let path = self.path().await;
        assert!(
            over.as_f64().is_some_and(|over| over <= 0.0),
            "{path} is {over} points wider than its window"
        );
    }

    /// Fails where more than one thing on the page is drawn as the main thing to do.
    pub async fn has_at_most_one_main_button(&self) {
        let main = "[...document.querySelectorAll('main .button:not(.quiet):not(.plain):not(.danger)')]
            .filter(one => one.checkVisibility()).map(one => one.innerText)";
        let main = self.asks(main).await;
        let path = self.path().await;
        assert!(
            main.as_array().is_some_and(|all| all.len() <= 1),
            "{path} has more than one main button: {main}"
        );
    }

    /// Fails where anything stands in somebody's way in any look: by axe's rules, by the width of the window, or by more
    /// than one thing to do. Takes pictures where they are wanted.
    pub async fn is_open_to_everybody(&self, name: &str) {
        self.has_at_most_one_main_button().await;
        for look in Look::ALL {
            self.looks(look).await;
            self.has_no_axe_violations().await;
            self.fits_its_window().await;
            if std::env::var_os("HOLDSPACE_TEST_PICTURES").is_some() {
                self.screenshot(&format!("{name}-{}", look.name())).await;
            }
        }
    }

    /// What the present page cost since it was asked for, redirects and forms before it included.
    pub fn weight(&self) -> Weight {
        let events = self.events();
        let loaded = events.iter().filter(|event| event.method == "Network.loadingFinished");
        let sizes = loaded.filter_map(|event| event.params["encodedDataLength"].as_f64());
        let sizes: Vec<f64> = sizes.filter(|bytes| *bytes > 0.0).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of bytes")]
        Weight { bytes: sizes.iter().sum::<f64>() as u64, requests: sizes.len() }
    }

    /// Fails where the console has anything to complain about, from the first page on: an error, a warning, something
    /// that the content security policy stopped. That a page came with a status of refusal is no complaint.
    pub async fn console_is_clean(&self) {
        let path = self.path().await;
        let events = self.chromium.events(&self.tab, 0);
        let complaints = events.iter().filter_map(|event| {
            let params = &event.params;
            match event.method.as_str() {
                "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" if params["type"] == "error" || params["type"] == "warning" => {
                    Some(params["args"].to_string())
                }
                "Log.entryAdded" => {
                    let entry = &params["entry"];
                    let refused_page = entry["source"] == "network"
                        && entry["text"]
                            .as_str()
                            .is_some_and(|text| text.contains("responded with a status"))
                        && self.was_a_page(entry["url"].as_str().unwrap_or_default());
                    let grave = entry["level"] == "error" || entry["level"] == "warning";
                    (grave && !refused_page).then(|| format!("{}: {}", entry["source"], entry["text"]))
                }
                _ => None,
            }
        });
        let complaints: Vec<String> = complaints.collect();
        assert!(complaints.is_empty(), "the console complains ({path}):\n{}", complaints.join("\n"));
    }

    /// Whether an address was opened as a page.
    fn was_a_page(&self, url: &str) -> bool {
        let events = self.chromium.events(&self.tab, 0);
        let mut pages = events
            .iter()
            .filter(|event| event.method == "Network.responseReceived" && event.params["type"] == "Document");
        pages.any(|event| event.params["response"]["url"] == url)
    }
}
