//! Hours per week as a picture in words and lengths. Never says whose visits they are.

use super::told;
use super::words::Words;
use crate::desk::agenda::WeekLoad;

/// Some weeks.
#[derive(Default)]
pub struct LoadTold {
    /// The weeks, in order.
    pub weeks: Vec<WeekTold>,
}

/// One week.
pub struct WeekTold {
    /// Its Monday.
    pub monday: String,
    /// The same as an address writes it.
    pub on: chrono::NaiveDate,
    /// How many visits.
    pub visits: u32,
    /// How many hours, to a tenth.
    pub hours: String,
    /// The same as a length of a bar, of 100 for the fullest week.
    pub share: i64,
}

impl LoadTold {
    /// Weeks in words.
    pub fn of(w: &Words, weeks: &[WeekLoad]) -> Self {
        let most = weeks.iter().map(|week| week.minutes).max().unwrap_or_default().max(1);
        let told = weeks.iter().map(|week| WeekTold {
            monday: told::date(w, week.monday),
            on: week.monday,
            visits: week.visits,
            hours: hours(week.minutes),
            share: week.minutes * 100 / most,
        });
        Self { weeks: told.collect() }
    }

    /// Whether nothing is to come.
    pub fn is_empty(&self) -> bool {
        self.weeks.iter().all(|week| week.visits == 0)
    }
}

/// Minutes as hours, to a tenth: `3.3`, and `3` where it is whole.
pub fn hours(minutes: i64) -> String {
    let tenths = (minutes + 3) / 6;
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_told_to_a_tenth() {
        let told = [0, 50, 60, 100, 200, 599].map(hours);
        assert_eq!(told, ["0", "0.8", "1", "1.7", "3.3", "10"]);
    }
}
