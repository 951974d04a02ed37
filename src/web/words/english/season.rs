//! English for a program's season, plan, coverage and releases. Sentences only: plain and true, and never one that names
//! a person.

use crate::web::words::season::SeasonWords;

/// English as it is spoken in the United States.
pub static SEASON: SeasonWords = SeasonWords { season_title: "Season" };
