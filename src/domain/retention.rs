//! How long what was stored is kept before it is destroyed. Never shorter than what somebody may still need to act upon, and
//! never for ever. Days are counted; nothing here hangs on what anybody did.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::time::Instant;

/// How many days of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// A season's bookings, marks and choices, counted from the day on which its figures were frozen: 7 to 3650.
    pub visits: u32,
    /// Residents who left a roster, counted from the day on which that was noticed: 30 to 3650.
    pub former_residents: u32,
    /// Entries of the log of what staff did: 365 to 3650.
    pub staff_log: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { visits: 90, former_residents: 365, staff_log: 730 }
    }
}

/// What is destroyed when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// What.
    pub kind: Kind,
    /// The season's title; empty for everything else.
    pub name: String,
    /// The day, in UTC, on which it is destroyed; none where it is destroyed already.
    pub on: Option<NaiveDate>,
    /// How many people, where that is known in their program anyway.
    pub people: Option<usize>,
    /// Whether the day hangs on a release that is still to come.
    pub after_release: bool,
}

/// What can be destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A season's bookings, marks and choices.
    Season,
    /// People who left a roster.
    FormerResidents,
    /// The oldest entries of the log of what staff did.
    StaffLog,
}

/// The day on which something of a moment is destroyed.
#[must_use]
pub fn due(since: Instant, days: u32) -> NaiveDate {
    day_after(since.date_naive(), days)
}

/// A day so many days later.
#[must_use]
pub fn day_after(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_frozen_in_october_is_destroyed_in_january() {
        let frozen = "2027-10-22T09:00:00Z".parse().unwrap();
        assert_eq!(due(frozen, Retention::default().visits).to_string(), "2028-01-20");
    }
}
