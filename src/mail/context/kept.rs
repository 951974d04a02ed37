//! The letter about a time that is kept for somebody who waits. Never says whose it was, or that it was anybody's.

use serde::Serialize;

use super::{Frame, HeldTime};
use crate::domain::language::Language;
use crate::domain::time::Zone;
use crate::mail::words::moment_in_words;

/// A time that can be had.
#[derive(Clone, Serialize)]
pub struct KeptTime {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The offering's neutral title.
    pub title: String,
    /// The resident's own protected block that it lies in, in words with its zone.
    pub protected_time: String,
    /// Until when it is kept, in words with its zone.
    pub kept_until: String,
    /// The resident's link.
    pub link: String,
}

impl KeptTime {
    /// With an invented time.
    #[must_use]
    pub fn sample_in(language: Language) -> Self {
        let HeldTime { frame, title, protected_time, link } = HeldTime::sample_in(language);
        let zone = "America/Denver".parse().unwrap_or(Zone::UTC);
        let until = "2027-07-10T12:00:00Z".parse().ok();
        let kept_until = until.map(|until| moment_in_words(until, zone, language)).unwrap_or_default();
        Self { frame, title, protected_time, kept_until, link }
    }
}
