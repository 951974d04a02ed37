//! The languages that residents can choose between, and what days and months are called in them. Never holds a sentence.

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

    /// The names of the days of the week from Monday on, as a sentence holds them.
    #[must_use]
    pub const fn weekdays(self) -> [&'static str; 7] {
        match self {
            Self::English => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            Self::Spanish => ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
        }
    }

    /// The names of the months from January on, as a sentence holds them.
    #[must_use]
    #[rustfmt::skip]
    pub const fn months(self) -> [&'static str; 12] {
        match self {
            Self::English => [
                "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December",
            ],
            Self::Spanish => [
                "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
                "noviembre", "diciembre",
            ],
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
