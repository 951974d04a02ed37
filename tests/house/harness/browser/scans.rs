//! What a mail scanner with a browser of its own does with a page: it runs its scripts, presses every button, opens every part
//! and sends every form as it stands. It never chooses or writes anything.

use serde_json::Value;

use super::Browser;

/// Whatever can be pressed.
const BUTTONS: &str = "document.querySelectorAll('button, input[type=submit], summary, [role=button]')";
/// Sends a form without asking whether what must be chosen is.
const SENDS: &str = "HTMLFormElement.prototype.submit.call(document.forms";

impl Browser {
    /// Opens an address anew for every button and every form that is there, and presses or sends that one; how many.
    pub async fn presses_everything(&mut self, link: &str) -> usize {
        self.visit(link).await;
        let count = |value: Value| value.as_u64().unwrap_or_default();
        let buttons = count(self.asks(&format!("{BUTTONS}.length")).await);
        let forms = count(self.asks("document.forms.length").await);
        let presses = (0..buttons).map(|n| format!("{BUTTONS}[{n}].click()"));
        let presses = presses.chain((0..forms).map(|n| format!("{SENDS}[{n}])")));
        for press in presses {
            self.visit(link).await;
            let from = self.chromium.count(&self.tab);
            // The page may be gone before it answers.
            let ask = serde_json::json!({ "expression": press });
            drop(self.chromium.tell(&self.tab, "Runtime.evaluate", ask).await);
            self.settles(from, &press).await;
            self.presses += 1;
        }
        usize::try_from(buttons + forms).unwrap_or_default()
    }
}
