//! What is held for people: one neutral title with its rules. Never holds a person.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::plan::Weights;
use super::time::{Instant, Span, Zone, day};

/// The rules of one offering, fixed when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The neutral words that colleagues can see in a calendar.
    pub title: String,
    /// Length of a visit in minutes, 10 to 240.
    pub visit_minutes: u32,
    /// Minutes kept free after each visit and around a therapist's busy time, 0 to 120.
    pub buffer_minutes: u32,
    /// First day on which visits are held, in the resident's zone.
    pub from: NaiveDate,
    /// Last such day.
    pub until: NaiveDate,
    /// A visit is booked or moved at the latest so many hours before it begins, 0 to 336.
    pub notice_hours: u32,
    /// Share of seats that the batch leaves free, 0 to 50.
    pub reserve_percent: u8,
    /// Everyone is reminded so many hours before the default visit, each 1 to 336; at most four.
    pub reminder_hours: Vec<u32>,
    /// Days between the announcement and the invitation, 0 to 30; none where no announcement is sent.
    pub announce_days: Option<u32>,
    /// The day on which the aggregate is frozen; none before the first booking fixes it.
    pub release_on: Option<NaiveDate>,
    /// Privacy loss of the release in thousandths, 50 to 1000: it can be set lower than 1, not higher, and not off.
    pub epsilon_millis: u32,
    /// Whether everybody is asked a few anonymous questions afterwards, where the institution is large enough for the
    /// answers to be told.
    #[serde(default = "usual_survey")]
    pub survey: bool,
    /// Whether attendance is also released by training year and by site, where a part has 100 people or more.
    #[serde(default)]
    pub breakdowns: bool,
    /// What the plan weighs; an offering from before it could be said has the defaults.
    #[serde(default)]
    pub weights: Weights,
}

/// Surveys are held unless the offering says otherwise.
const fn usual_survey() -> bool {
    true
}

/// Days from the last day of visits to the release, unless the offering says otherwise.
pub const RELEASE_AFTER_DAYS: u32 = 28;

/// A rule of an offering that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct RuleRefusal {
    /// The setting, as the command line names it.
    pub setting: &'static str,
    /// What is wrong and what to do.
    pub problem: String,
}

impl Rules {
    /// Checks every bound that the fields name.
    ///
    /// # Errors
    /// The first [`RuleRefusal`] found.
    pub fn check(self) -> Result<Self, RuleRefusal> {
        let refuse = |setting, problem: &str| Err(RuleRefusal { setting, problem: problem.to_owned() });
        let title = self.title.trim();
        if title.is_empty() || title.chars().count() > 80 || title.chars().any(char::is_control) {
            return refuse(
                "title",
                "give one line of 1 to 80 characters, neutral to whoever reads it in a calendar",
            );
        }
        if !(10..=240).contains(&self.visit_minutes) {
            return refuse("length", "give 10 to 240 minutes");
        }
        if self.buffer_minutes > 120 {
            return refuse("buffer", "give 0 to 120 minutes");
        }
        if self.until < self.from || (self.until - self.from).num_days() > 400 {
            return refuse("until", "give a day on or after the first day, at most 400 days later");
        }
        if self.notice_hours > 336 {
            return refuse("notice", "give 0 to 336 hours");
        }
        if self.reserve_percent > 50 {
            return refuse("reserve", "give 0 to 50 percent");
        }
        if self.reminder_hours.len() > 4 || self.reminder_hours.iter().any(|h| !(1..=336).contains(h)) {
            return refuse("reminders", "give at most four, each 1 to 336 hours before the visit");
        }
        if self.announce_days.is_some_and(|days| days > 30) {
            return refuse("announce", "give 0 to 30 days");
        }
        if self.release_on.is_some_and(|on| on <= self.until) {
            return refuse("release-on", "give a day after the last day of visits");
        }
        if !(50..=1000).contains(&self.epsilon_millis) {
            return refuse("epsilon", "give 0.05 to 1; it can be set lower than 1, not higher, and not off");
        }
        self.weights.check()?;
        Ok(Self { title: title.to_owned(), ..self })
    }

    /// The booking period in a zone, from the first midnight to the last.
    #[must_use]
    pub fn period(&self, zone: Zone) -> Span {
        let first = day(self.from, zone);
        let last = day(self.until, zone);
        // `check` saw to it that the last day is not before the first.
        Span::new(first.starts_at(), last.ends_at()).unwrap_or(first)
    }

    /// The earliest moment at which a visit may begin if it is booked now.
    #[must_use]
    pub fn earliest_start(&self, now: Instant) -> Instant {
        now + chrono::Duration::hours(i64::from(self.notice_hours))
    }
}
