//! Elements by role and accessible name, as Chromium computes them for a screen reader: what has no name there cannot
//! be found here. Never looks at classes or places.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Browser, GLANCE};

/// What a person presses.
pub const PRESSED: &[&str] =
    &["button", "link", "DisclosureTriangle", "summary", "tab", "menuitem", "switch", "toggle button"];
/// What a person writes into.
pub const WRITTEN: &[&str] =
    &["textbox", "searchbox", "spinbutton", "combobox", "Date", "DateTime", "InputTime", "slider"];
/// What a person ticks or picks.
pub const CHOSEN: &[&str] = &["radio", "checkbox", "switch", "option", "menuitemradio", "menuitemcheckbox"];
/// What a person opens to pick from.
pub const PICKED_FROM: &[&str] = &["combobox", "listbox"];

/// An element of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its role.
    pub role: String,
    /// Its accessible name, with single spaces.
    pub name: String,
    /// Chromium's number for it.
    pub(super) node: u64,
}

/// Words with single spaces.
pub fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The nodes of a tree, each before its children; Chromium gives them level by level.
fn in_reading_order(nodes: &[Value]) -> Vec<&Value> {
    let by_id: HashMap<&str, &Value> =
        nodes.iter().filter_map(|node| Some((node["nodeId"].as_str()?, node))).collect();
    let mut ordered = Vec::with_capacity(nodes.len());
    let mut next: Vec<&Value> = nodes.first().into_iter().collect();
    while let Some(node) = next.pop() {
        ordered.push(node);
        let children = node["childIds"].as_array().map(Vec::as_slice).unwrap_or_default();
        let children = children.iter().rev().filter_map(|id| by_id.get(id.as_str()?));
        next.extend(children);
    }
    ordered
}

impl Browser {
    /// Every element of some roles, in the order of the page.
    pub(super) async fn named(&self, roles: &[&str]) -> Vec<Named> {
        let tree = self.tell("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |value: &Value| tidy(value["value"].as_str().unwrap_or_default());
        let named =
            in_reading_order(nodes).into_iter().filter(|node| node["ignored"] != true).filter_map(|node| {
                let node = Named {
                    role: text(&node["role"]),
                    name: text(&node["name"]),
                    node: node["backendDOMNodeId"].as_u64()?,
                };
                roles.contains(&node.role.as_str()).then_some(node)
            });
        named.collect()
    }

    /// The one element of some roles that is called so; or, where none is, the one whose name begins so or has the
    /// words in it. Waits until it is there.
    ///
    /// # Panics
    /// Where there is none or more than one, with the names that there are.
    pub(super) async fn the(&self, label: &str, roles: &[&str]) -> Named {
        let begun = std::time::Instant::now();
        loop {
            let all = self.named(roles).await;
            let label = tidy(label);
            let fits: [&dyn Fn(&&Named) -> bool; 3] =
                [&|one| one.name == label, &|one| one.name.starts_with(&label), &|one| {
                    one.name.contains(&label)
                }];
            let found = fits.iter().map(|fit| all.iter().filter(fit).collect::<Vec<_>>());
            let found = found.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
            if let [one] = found.as_slice() {
                return (*one).clone();
            }
            let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
            assert!(found.is_empty(), "{} are called {label:?} among {names:#?}", found.len());
            let (path, words) = (self.path().await, self.words().await);
            assert!(
                begun.elapsed() < self.patience,
                "nothing here is called {label:?} ({path}); there are {names:#?}; the page says:\n{words}"
            );
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Calls a function in the page with an element as `this`.
    pub(super) async fn on(&self, element: &Named, function: &str, arguments: &[Value]) -> Value {
        let object = self.tell("DOM.resolveNode", json!({ "backendNodeId": element.node })).await;
        let arguments: Vec<Value> = arguments.iter().map(|value| json!({ "value": value })).collect();
        let call = json!({
            "objectId": object["object"]["objectId"],
            "functionDeclaration": function,
            "arguments": arguments,
            "returnByValue": true,
        });
        let mut answer = self.tell("Runtime.callFunctionOn", call).await;
        assert!(answer["exceptionDetails"].is_null(), "{}: {}", element.name, answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }
}
