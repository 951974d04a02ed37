//! What a person does who has a keyboard and nothing else. Never touches an element: what has the focus gets the keys.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::names::tidy;
use super::{Browser, GLANCE};

/// What has the focus, and whether a person can see that.
const FOCUS: &str = "(() => {
    const it = document.activeElement;
    if (!it || it === document.body || it === document.documentElement) return 'nowhere';
    const box = it.getBoundingClientRect();
    if (!box.width || !box.height || box.right <= 0 || box.left >= innerWidth) return 'out of sight';
    // The focus lies on a link of the page in the frame, where Chromium draws its own mark.
    if (it.tagName === 'IFRAME') return 'seen';
    // Chromium itself marks the piece of a day or hour that is being written.
    if (['date', 'time', 'datetime-local', 'month', 'week'].includes(it.type)) return 'seen';
    for (let one = it, up = 0; one && up < 4; one = one.parentElement, up += 1) {
        const style = getComputedStyle(one);
        if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 && !/, 0\\)$/.test(style.outlineColor)) return 'seen';
    }
    return 'unseen';
})()";

/// A key: its name, its code, and the text that it writes.
type Key = (String, u32, String);

impl Browser {
    /// Presses Tab until what is called so has the focus.
    ///
    /// # Panics
    /// Where it never has, or where one on the way does not show that it has.
    pub async fn tabs_to(&mut self, label: &str) {
        let label = tidy(label);
        let mut passed: Vec<String> = Vec::new();
        let (mut around, mut before) = (0, String::new());
        while around < 2 && passed.len() < 300 {
            self.keys("Tab").await;
            let (name, shown) = self.focused().await;
            match shown.as_str() {
                // Between the end of the page and its beginning, or for a moment in a frame that is still loading.
                "nowhere" if before == "nowhere" => {}
                "nowhere" => around += 1,
                "seen" => {}
                other => panic!("{name:?} has the focus and it is {other}"),
            }
            if shown == "seen" && (name == label || name.starts_with(&label)) {
                return;
            }
            passed.push(name);
            before = shown;
        }
        panic!("Tab never comes to {label:?}, only to {passed:#?}");
    }

    /// Fails unless the focus comes to lie, to be seen, on something that holds these words: on what went wrong, say.
    /// Chromium gives a page its focus with the first picture it draws of it, which can be later than its end.
    pub async fn has_the_focus_on(&self, text: &str) {
        let begun = Instant::now();
        loop {
            let shown = self.asks(FOCUS).await;
            let words = self.asks("document.activeElement.innerText").await;
            let words = tidy(words.as_str().unwrap_or_default());
            if shown == "seen" && words.contains(&tidy(text)) {
                return;
            }
            assert!(begun.elapsed() < self.patience, "the focus is {shown} and lies on {words:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Fails unless the focus comes to lie, to be seen, in the field of a label.
    pub async fn has_the_field(&self, label: &str) {
        let begun = Instant::now();
        loop {
            let (name, shown) = self.focused().await;
            if shown == "seen" && name.starts_with(label) {
                return;
            }
            assert!(begun.elapsed() < self.patience, "the focus is {shown} and lies on {name:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The accessible name of what has the focus, and whether that can be seen.
    async fn focused(&self) -> (String, String) {
        let shown = self.asks(FOCUS).await.as_str().unwrap_or_default().to_owned();
        let active = self.tell("Runtime.evaluate", json!({ "expression": "document.activeElement" })).await;
        let of = json!({ "objectId": active["result"]["objectId"], "fetchRelatives": false });
        let node = self.tell("Accessibility.getPartialAXTree", of).await;
        (tidy(node["nodes"][0]["name"]["value"].as_str().unwrap_or_default()), shown)
    }

    /// Presses Enter on what has the focus.
    pub async fn enter(&mut self) {
        self.keys("Enter").await;
    }

    /// Presses keys one after another: `Tab`, `Shift+Tab`, `Enter`, `Space`, `Escape`, `Home`, `ArrowDown`, `ArrowUp`;
    /// several with a blank between.
    pub async fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let (shift, key) = key.strip_prefix("Shift+").map_or((0, key), |key| (8, key));
            let (name, code, text) = match key {
                "Tab" => ("Tab", 9, ""),
                "Enter" => ("Enter", 13, "\r"),
                "Space" => (" ", 32, " "),
                "Escape" => ("Escape", 27, ""),
                "Home" => ("Home", 36, ""),
                "ArrowUp" => ("ArrowUp", 38, ""),
                "ArrowDown" => ("ArrowDown", 40, ""),
                other => panic!("this keyboard has no {other}"),
            };
            self.stroke((name.to_owned(), code, text.to_owned()), shift).await;
        }
    }

    async fn stroke(&mut self, (name, code, text): Key, shift: u32) {
        let from = self.chromium.count(&self.tab);
        let stroke = |kind: &str, text: &str| -> Value {
            json!({ "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code,
                    "modifiers": shift, "text": text })
        };
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        self.tell("Input.dispatchKeyEvent", stroke(down, &text)).await;
        self.tell("Input.dispatchKeyEvent", stroke("keyUp", "")).await;
        self.settles(from, &name).await;
    }

    /// Writes where the focus is, over what Tab has marked.
    pub async fn types(&mut self, text: &str) {
        self.tell("Input.insertText", json!({ "text": text })).await;
    }

    /// Goes to a field with Tab and writes into it; a day such as `2027-07-05` and an hour such as `13:00` piece by piece,
    /// as the field takes them.
    pub async fn writes(&mut self, label: &str, text: &str) {
        self.tabs_to(label).await;
        let mut kind = self.asks("document.activeElement.type").await;
        // A link to the field may begin with the same words.
        if kind.is_null() || kind == "" {
            self.tabs_to(label).await;
            kind = self.asks("document.activeElement.type").await;
        }
        let pieces = match kind.as_str().unwrap_or_default() {
            "date" => text.get(5..).map(|day| format!("{day}{}", &text[..4]).replace('-', "")),
            "time" => text.split_once(':').map(|(hour, minute)| {
                let hour: u32 = hour.parse().unwrap();
                let half = if hour < 12 { 'A' } else { 'P' };
                format!("{:02}{minute}{half}", (hour + 11) % 12 + 1)
            }),
            _ => None,
        };
        match pieces {
            None => self.types(text).await,
            Some(pieces) => {
                for piece in pieces.chars() {
                    self.stroke((piece.to_string(), u32::from(piece), piece.to_string()), 0).await;
                }
            }
        }
        assert_eq!(self.asks("document.activeElement.value").await, text, "{label}");
    }

    /// Goes to a list with Tab, and down in it until the option is chosen.
    pub async fn picks(&mut self, label: &str, option: &str) {
        self.tabs_to(label).await;
        self.keys("Home").await;
        let mut passed = Vec::new();
        loop {
            let now = self.asks("document.activeElement.selectedOptions[0].text").await;
            let now = tidy(now.as_str().unwrap_or_default());
            if now == tidy(option) {
                return;
            }
            assert!(passed.last() != Some(&now), "{label:?} has no option {option:?}, only {passed:#?}");
            passed.push(now);
            self.keys("ArrowDown").await;
        }
    }

    /// Goes to the field of a file with Tab, opens the dialogue with Space, and chooses the file there.
    pub async fn brings(&mut self, label: &str, file: &Path) {
        let file = file.canonicalize().unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        self.tell("Page.setInterceptFileChooserDialog", json!({ "enabled": true })).await;
        self.tabs_to(label).await;
        let from = self.chromium.count(&self.tab);
        self.keys("Space").await;
        let begun = Instant::now();
        let field = loop {
            let events = self.chromium.events(&self.tab, from);
            let opened = events.into_iter().find(|event| event.method == "Page.fileChooserOpened");
            if let Some(opened) = opened {
                break opened.params["backendNodeId"].clone();
            }
            assert!(begun.elapsed() < self.patience, "Space opens no dialogue for a file");
            tokio::time::sleep(GLANCE).await;
        };
        self.tell("DOM.setFileInputFiles", json!({ "files": [file], "backendNodeId": field })).await;
        self.tell("Page.setInterceptFileChooserDialog", json!({ "enabled": false })).await;
    }
}
