//! What a language must have for a program's season, plan, coverage and releases. Never holds a sentence itself.

use super::catalogue;
use super::english::season::SEASON;

catalogue! {
    /// Every sentence of a program's season, plan, coverage and releases, by what it is for.
    SeasonWords {}
    season_title
}

/// The sentences in use.
pub const fn season() -> &'static SeasonWords {
    &SEASON
}
