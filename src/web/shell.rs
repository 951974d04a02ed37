//! The frame around the pages of those who work here: where they are, where they can go, and the way out. Never decides
//! who may go there.

use super::words::shell::{ShellWords, shell};

/// A link of the frame.
pub struct Door {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub label: &'static str,
    /// Whether it is the page that is open.
    pub current: bool,
}

impl Door {
    /// A link to a page.
    pub fn new(href: impl Into<String>, label: &'static str) -> Self {
        Self { href: href.into(), label, current: false }
    }
}

/// What the frame shows.
pub struct Shell {
    /// Its sentences.
    pub s: &'static ShellWords,
    /// The program or institution that the pages are about; empty for one's own.
    pub place: String,
    /// The pages that belong together.
    pub doors: Vec<Door>,
}

impl Shell {
    /// A frame; `current` is the address of the page that is open, or of the one that it belongs to.
    pub fn new(place: String, doors: Vec<Door>, current: &str) -> Self {
        let doors = doors.into_iter().map(|door| Door { current: door.href == current, ..door });
        Self { s: shell(), place, doors: doors.collect() }
    }
}
