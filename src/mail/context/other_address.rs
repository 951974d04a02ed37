//! The letter to the address that a roster had. Never names either address.

use serde::Serialize;

use super::{BehindTheLink, Frame};
use crate::domain::language::Language;
use crate::mail::words::date_in_words;

/// That letters come to an address for a while yet, and where they can be kept there.
#[derive(Clone, Serialize)]
pub struct OtherAddress {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The offering's neutral title.
    pub title: String,
    /// The day from which on they go to the new one, in words.
    pub until: String,
    /// The resident's link.
    pub link: String,
}

impl OtherAddress {
    /// With an invented day.
    #[must_use]
    pub fn sample_in(language: Language) -> Self {
        let BehindTheLink { frame, title, link, .. } = BehindTheLink::sample();
        let on = chrono::NaiveDate::from_ymd_opt(2027, 7, 10).unwrap_or_default();
        Self { frame, title, until: date_in_words(on, language), link }
    }
}
