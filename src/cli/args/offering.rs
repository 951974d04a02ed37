//! The words of `offering create`, and the rules they make. Never checks a bound: that is the domain's.

use chrono::NaiveDate;
use clap::Args;

use crate::domain::offering::Rules;
use crate::domain::plan::{Setting, Weights};

/// See [`super::Offering::Create`].
#[derive(Debug, Args)]
pub struct Create {
    /// The neutral words that colleagues can see in a calendar
    #[arg(long, value_name = "T")]
    pub title: String,
    /// Length of a visit in minutes, 10 to 240
    #[arg(long, value_name = "MIN")]
    pub length: u32,
    /// First day of visits
    #[arg(long, value_name = "DATE")]
    pub from: NaiveDate,
    /// Last day of visits
    #[arg(long, value_name = "DATE")]
    pub until: NaiveDate,
    /// Minutes kept free after each visit, 0 to 120
    #[arg(long, value_name = "MIN", default_value_t = 10)]
    pub buffer: u32,
    /// Percent of seats that the batch leaves free for moves and late starters, 0 to 50
    #[arg(long, value_name = "PERCENT", default_value_t = 15)]
    pub reserve: u8,
    /// Hours before a visit at which booking and moving end, 0 to 336
    #[arg(long, value_name = "H", default_value_t = 24)]
    pub notice: u32,
    /// Hours before the visit at which everyone is reminded; at most four, or none for no reminder
    #[arg(long, value_name = "H,H", default_value = "48,24", value_parser = hours)]
    pub reminders: Hours,
    /// Days from the announcement to the invitation, 0 to 30
    #[arg(long, value_name = "DAYS", default_value_t = 5, conflicts_with = "no_announcement")]
    pub announce: u32,
    /// Send invitations at once; some mail programs then hide them from people who do not know the sender
    #[arg(long)]
    pub no_announcement: bool,
    /// The day of the release [default: 28 days after the last day of visits]
    #[arg(long, value_name = "DATE")]
    pub release_on: Option<NaiveDate>,
    /// Privacy loss of the release, 0.05 to 1: less is more private and less exact
    #[arg(long, value_name = "E", default_value = "1", value_parser = thousandths)]
    pub epsilon: Thousandths,
    /// Ask no anonymous questions after the visits; otherwise 30 percent of the privacy loss are kept for the answers where
    /// the institution is large enough to tell them
    #[arg(long)]
    pub no_survey: bool,
    /// Release attendance by training year and by site too, across the institution and only for 100 people or more; takes
    /// 30 percent of the privacy loss (20 beside a survey) where there is such a group. Fixed at the first booking
    #[arg(long)]
    pub breakdowns: bool,
    /// Sets one weight of the plan, such as language=80, and may be repeated; see the list below
    #[arg(long = "weight", value_name = "NAME=POINTS", value_parser = weighing)]
    pub weights: Vec<Weighing>,
}

/// A weight with its value.
#[derive(Clone)]
pub struct Weighing(&'static Setting, u32);

impl std::fmt::Debug for Weighing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.0.name, self.1)
    }
}

fn weighing(text: &str) -> Result<Weighing, String> {
    let (name, value) = text.split_once('=').ok_or("give a name and points, such as language=80")?;
    let setting = Setting::named(name.trim()).map_err(|unknown| unknown.to_string())?;
    let (least, most) = setting.bounds().into_inner();
    let value = value.trim().parse();
    let value = value.map_err(|_| format!("{}: give {least} to {most} {}", setting.name, setting.unit()))?;
    Ok(Weighing(setting, value))
}

/// What stands below the options of `offering create`.
pub fn after_help() -> String {
    let usual = Weights::default();
    let weights = Setting::ALL
        .iter()
        .map(|setting| format!("  {:<15} {} [{}]\n", setting.name, setting.meaning, setting.of(usual)));
    format!(
        "Example:\n  holdspace offering create --title \"Protected time\" --length 50 \\\n    \
        --from 2027-07-05 --until 2027-09-24 --buffer 10\n\n\
        A lone offering is the default of plan, book and release. The title stands in calendars that colleagues\n\
        can see: keep it neutral. The hash can be published before rosters close; it proves later that nobody\n\
        chose the lottery.\n\n\
        Weights, with their defaults: 0 to 1000 points for\n{}\n\
        The cheapest seating of all is taken. Points decide where somebody sits, never whether. Who states a\n\
        wish for language, gender or modality has the sum of these three weights, shared out among what they\n\
        stated. Costs are rounded to tens. away-percent is 1 to 100.",
        weights.collect::<String>(),
    )
}

/// Hours before a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours(pub Vec<u32>);

/// A number in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thousandths(pub u32);

fn hours(text: &str) -> Result<Hours, String> {
    if text.trim() == "none" {
        return Ok(Hours(Vec::new()));
    }
    let hours: Result<Vec<u32>, _> = text.split(',').map(|hour| hour.trim().parse()).collect();
    hours.map(Hours).map_err(|_| "give hours before the visit, such as 48,24, or none".to_owned())
}

/// Reads up to three decimals exactly: 0.5 is 500.
fn thousandths(text: &str) -> Result<Thousandths, String> {
    let refuse = || "give 0.05 to 1, with at most three decimals".to_owned();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Err(refuse());
    }
    let all = format!("{whole}{decimals:0<3}");
    all.parse().map(Thousandths).map_err(|_| refuse())
}

impl Create {
    /// The rules that these words make, not checked yet.
    #[must_use]
    pub fn rules(self) -> Rules {
        let mut weights = Weights::default();
        for Weighing(setting, value) in self.weights {
            setting.set(&mut weights, value);
        }
        Rules {
            title: self.title,
            visit_minutes: self.length,
            buffer_minutes: self.buffer,
            from: self.from,
            until: self.until,
            notice_hours: self.notice,
            reserve_percent: self.reserve,
            reminder_hours: self.reminders.0,
            announce_days: (!self.no_announcement).then_some(self.announce),
            release_on: self.release_on,
            epsilon_millis: self.epsilon.0,
            survey: !self.no_survey,
            breakdowns: self.breakdowns,
            weights,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_privacy_loss_is_read_to_the_thousandth() {
        for (text, millis) in [("1", 1000), ("0.5", 500), ("0.05", 50), ("0.125", 125), ("2", 2000)] {
            assert_eq!(thousandths(text), Ok(Thousandths(millis)));
        }
        for wrong in ["", ".5", "0.", "0.1234", "-1", "1e3", "a"] {
            assert!(thousandths(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reminders_are_hours_or_none() {
        assert_eq!(hours("48, 24"), Ok(Hours(vec![48, 24])));
        assert_eq!(hours("none"), Ok(Hours(Vec::new())));
        assert!(hours("two days").is_err());
    }
}
