//! The languages that residents can choose between. Never holds a sentence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of residents' pages and letters. Whoever chose none reads English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// As it is spoken in the United States.
    #[default]
    #[serde(rename = "en")]
    English,
    /// As it is spoken in the United States.
    #[serde(rename = "es")]
    Spanish,
}

/// A text that names no language of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language that letters are written in; en or es is expected")]
pub struct NotALanguage;

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its code (ISO 639-1), which is also the name of its folder of templates.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = NotALanguage;

    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        Self::ALL.into_iter().find(|language| language.code() == text).ok_or(NotALanguage)
    }
}
