//! What a person does with a pointer, a finger or the keyboard. Never runs a page's own code in its place: presses and
//! keys go through Chromium's input.

use std::path::Path;

use serde_json::{Value, json};

use super::Browser;
use super::names::{CHOSEN, Named, PICKED_FROM, PRESSED, WRITTEN, tidy};

/// Whether something else lies over the middle of an element, and what.
const COVERED: &str = "function (x, y) {
    const top = document.elementFromPoint(x, y);
    const own = top && (top === this || this.contains(top) || [...(this.labels ?? [])].some(l => l.contains(top)));
    return own ? '' : (top ? top.outerHTML.slice(0, 200) : 'nothing: it lies outside of the window');
}";

/// What has the focus, and whether a person can see that.
const FOCUS: &str = "(() => {
    const it = document.activeElement;
    if (!it || it === document.body || it === document.documentElement) return 'nowhere';
    const box = it.getBoundingClientRect();
    if (!box.width || !box.height || box.right <= 0 || box.left >= innerWidth) return 'out of sight';
    // Chromium itself marks the piece of a day or hour that is being written.
    if (['date', 'time', 'datetime-local', 'month', 'week'].includes(it.type)) return 'seen';
    for (let one = it, up = 0; one && up < 4; one = one.parentElement, up += 1) {
        const style = getComputedStyle(one);
        if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 && !/, 0\\)$/.test(style.outlineColor)) return 'seen';
    }
    return 'unseen';
})()";

impl Browser {
    /// Presses the button, link or heading of a closed part that is called so.
    pub async fn press(&mut self, label: &str) {
        let element = self.the(label, PRESSED).await;
        self.taps(&element).await;
    }

    /// Ticks or picks the radio button, box or option that is called so.
    pub async fn choose(&mut self, label: &str) {
        let element = self.the(label, CHOSEN).await;
        self.taps(&element).await;
    }

    /// What the page lets a person tick or pick, in its order.
    pub async fn choices(&self) -> Vec<String> {
        self.named(CHOSEN).await.into_iter().map(|one| one.name).collect()
    }

    /// What the page lets a person press, in its order.
    pub async fn buttons(&self) -> Vec<String> {
        self.named(PRESSED).await.into_iter().map(|one| one.name).collect()
    }

    /// Picks an option of a list that opens.
    pub async fn choose_from(&mut self, label: &str, option: &str) {
        let list = self.the(label, PICKED_FROM).await;
        let pick = "function (wanted) {
            const tidy = text => text.trim().replace(/\\s+/g, ' ');
            const option = [...this.options].find(option => tidy(option.text) === wanted);
            if (!option) return [...this.options].map(option => tidy(option.text)).join('; ') || 'no options';
            this.value = option.value;
            for (const kind of ['input', 'change']) this.dispatchEvent(new Event(kind, { bubbles: true }));
            return '';
        }";
        let others = self.on(&list, pick, &[tidy(option).into()]).await;
        assert_eq!(others, "", "{label:?} has no option {option:?}");
        self.presses += 1;
    }

    /// Writes into the field of a label, in the place of what stands there.
    pub async fn fill(&mut self, label: &str, text: &str) {
        let field = self.the(label, WRITTEN).await;
        self.tell("DOM.focus", json!({ "backendNodeId": field.node })).await;
        // The fields of days and times are written into piece by piece, in an order that depends on the language.
        let write = "function (text) {
            if (!['date', 'time', 'datetime-local', 'month', 'week'].includes(this.type)) { this.select(); return false; }
            this.value = text;
            for (const kind of ['input', 'change']) this.dispatchEvent(new Event(kind, { bubbles: true }));
            return true;
        }";
        if self.on(&field, write, &[text.into()]).await == false {
            self.tell("Input.insertText", json!({ "text": text })).await;
        }
        assert_eq!(self.on(&field, "function () { return this.value }", &[]).await, text, "{label}");
    }

    /// Gives a file to the field of a label.
    pub async fn attach(&mut self, label: &str, file: &Path) {
        let file = file.canonicalize().unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        let fields = self.named(&["button"]).await;
        let mut found = Vec::new();
        for field in fields.iter().filter(|field| field.name.contains(&tidy(label))) {
            if self.on(field, "function () { return this.type }", &[]).await == "file" {
                found.push(field);
            }
        }
        let [field] = found.as_slice() else {
            panic!("not one field for files is called {label:?}: {fields:#?}")
        };
        self.tell("DOM.setFileInputFiles", json!({ "files": [file], "backendNodeId": field.node })).await;
    }

    async fn taps(&mut self, element: &Named) {
        let from = self.chromium.count(&self.tab);
        let node = json!({ "backendNodeId": element.node });
        self.tell("DOM.scrollIntoViewIfNeeded", node.clone()).await;
        let quads = self.tell("DOM.getContentQuads", node).await;
        let corner = |number: usize| quads["quads"][0][number].as_f64().unwrap_or_default();
        let (x, y) = ((corner(0) + corner(4)) / 2.0, (corner(1) + corner(5)) / 2.0);
        let covered = self.on(element, COVERED, &[x.into(), y.into()]).await;
        assert_eq!(covered, "", "something lies over {:?}", element.name);
        for kind in ["mousePressed", "mouseReleased"] {
            let mouse = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.tell("Input.dispatchMouseEvent", mouse).await;
        }
        self.presses += 1;
        self.settles(from, &element.name).await;
    }

    /// Presses Tab until what is called so has the focus.
    ///
    /// # Panics
    /// Where it never has, or where one on the way does not show that it has.
    pub async fn tabs_to(&mut self, label: &str) {
        let label = tidy(label);
        let mut passed: Vec<String> = Vec::new();
        let mut around = 0;
        while around < 2 && passed.len() < 300 {
            self.keys("Tab").await;
            let (name, shown) = self.focused().await;
            match shown.as_str() {
                "nowhere" => around += 1,
                "seen" => {}
                other => panic!("{name:?} has the focus and it is {other}"),
            }
            if shown == "seen" && (name == label || name.starts_with(&label)) {
                return;
            }
            passed.push(name);
        }
        panic!("Tab never comes to {label:?}, only to {passed:#?}");
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

    /// Presses keys one after another: `Tab`, `Shift+Tab`, `Enter`, `Space`, `Escape`, `ArrowDown`, `ArrowUp`; several
    /// with a blank between.
    pub async fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let from = self.chromium.count(&self.tab);
            let (shift, key) = key.strip_prefix("Shift+").map_or((0, key), |key| (8, key));
            let (name, code, text) = match key {
                "Tab" => ("Tab", 9, ""),
                "Enter" => ("Enter", 13, "\r"),
                "Space" => (" ", 32, " "),
                "Escape" => ("Escape", 27, ""),
                "ArrowUp" => ("ArrowUp", 38, ""),
                "ArrowDown" => ("ArrowDown", 40, ""),
                other => panic!("this keyboard has no {other}"),
            };
            let stroke = |kind: &str, text: &str| -> Value {
                json!({ "type": kind, "key": name, "code": key, "windowsVirtualKeyCode": code,
                        "modifiers": shift, "text": text })
            };
            let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
            self.tell("Input.dispatchKeyEvent", stroke(down, text)).await;
            self.tell("Input.dispatchKeyEvent", stroke("keyUp", "")).await;
            self.settles(from, key).await;
        }
    }

    /// Writes where the focus is.
    pub async fn types(&mut self, text: &str) {
        self.tell("Input.insertText", json!({ "text": text })).await;
    }
}
