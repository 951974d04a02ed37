//! What one delivery came to, in counts. Never which letters, and never of letters that a resident made be owed.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What one delivery came to, in letters that nothing a resident did makes be owed: how many others there were would
/// tell something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Delivered {
    /// Letters that are done.
    pub sent: usize,
    /// Letters to be tried again.
    pub retrying: usize,
    /// Letters that the mail server refused for good.
    pub failed: usize,
    /// Letters that are due and wait for the pace.
    pub waiting: usize,
    /// Whether nothing at all is due any more that could leave now; not for anybody's eyes, because it knows of all letters.
    #[serde(skip)]
    pub drained: bool,
    /// Whether the mail server failed letters for everyone too often, and is left alone for a while.
    #[serde(skip)]
    pub stuck: bool,
}

/// What one delivery keeps while it goes on.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) sent: AtomicUsize,
    pub(super) retrying: AtomicUsize,
    pub(super) failed: AtomicUsize,
}

impl Tally {
    /// What may be told of it.
    pub(super) fn told(&self) -> Delivered {
        Delivered {
            sent: self.sent.load(Ordering::Relaxed),
            retrying: self.retrying.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            waiting: 0,
            drained: false,
            stuck: false,
        }
    }
}
