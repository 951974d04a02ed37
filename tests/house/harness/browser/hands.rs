//! What a person does with a pointer or a finger. Never runs a page's own code in its place: presses go
//! through Chromium's input.

use std::path::Path;

use serde_json::json;

use super::Browser;
use super::names::{CHOSEN, Named, PICKED_FROM, PRESSED, WRITTEN, tidy};

/// Whether something else lies over the middle of an element, and what.
const COVERED: &str = "function (x, y) {
    const top = document.elementFromPoint(x, y);
    const own = top && (top === this || this.contains(top) || [...(this.labels ?? [])].some(l => l.contains(top)));
    return own ? '' : (top ? top.outerHTML.slice(0, 200) : 'nothing: it lies outside of the window');
}";

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
}
