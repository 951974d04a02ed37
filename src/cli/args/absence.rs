//! The words of `plan --without` and of `away`. Never checks which day comes first: that is the desk's.

use chrono::{NaiveDate, NaiveTime};
use clap::Args;

use super::{Mail, address};
use crate::domain::absence::Typed;

/// A therapist who would offer nothing for a while, or for good.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Absence {
    /// What if this therapist offered nothing, in a season that is booked? Writes nothing
    #[arg(long, value_name = "EMAIL", value_parser = address, conflicts_with = "seed")]
    pub without: Option<Mail>,
    /// Only on this day
    #[arg(long, value_name = "DATE", requires = "without", conflicts_with_all = ["from", "until"])]
    pub on: Option<NaiveDate>,
    /// Only from this day on
    #[arg(long, value_name = "DATE", requires = "without")]
    pub from: Option<NaiveDate>,
    /// Only to this day, which is included
    #[arg(long, value_name = "DATE", requires = "without")]
    pub until: Option<NaiveDate>,
}

impl Absence {
    /// The first and the last day; none where there is no such bound.
    #[must_use]
    pub fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        (self.on.or(self.from), self.on.or(self.until))
    }
}

/// What `away --help` teaches besides.
pub const HELP: &str = "\
Examples:
  holdspace away therapist@clinic.org --from 2027-08-03 --until 2027-08-05
  holdspace away therapist@clinic.org --from 2027-08-03T09:00 --until 2027-08-03T12:00
  holdspace away therapist@clinic.org --from 2027-09-01                (until further notice, or for good)
  holdspace away therapist@clinic.org --from 2027-08-03 --until 2027-08-05 --undo

Times are those of the therapist's zone; days count whole, both included. `plan --without` asks beforehand.
Everybody whose default visit lies in it is given another one, if there is any; nobody else is moved.";

/// See [`super::Verb::Away`].
#[derive(Debug, Args)]
pub struct Away {
    /// The therapist's mail address
    #[arg(value_name = "EMAIL", value_parser = address)]
    pub therapist: Mail,
    /// From this day or moment on
    #[arg(long, value_name = "DATE[THH:MM]", value_parser = typed)]
    pub from: Typed,
    /// To this day, which is included, or to this moment [default: until further notice]
    #[arg(long, value_name = "DATE[THH:MM]", value_parser = typed)]
    pub until: Option<Typed>,
    /// Take back what was entered with the same words; who was given another time keeps it
    #[arg(long)]
    pub undo: bool,
}

fn typed(text: &str) -> Result<Typed, &'static str> {
    const WANTED: &str = "give a day such as 2027-08-03, or a moment such as 2027-08-03T09:00";
    let (on, at) = text.split_once('T').map_or((text, None), |(on, at)| (on, Some(at)));
    let on = on.parse().map_err(|_| WANTED)?;
    let at = at.map(|at| NaiveTime::parse_from_str(at, "%H:%M")).transpose().map_err(|_| WANTED)?;
    Ok(Typed { on, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_whole_and_a_moment_has_hours_and_minutes() {
        let on = "2027-08-03".parse().unwrap();
        assert_eq!(typed("2027-08-03"), Ok(Typed { on, at: None }));
        assert_eq!(typed("2027-08-03T09:30"), Ok(Typed { on, at: NaiveTime::from_hms_opt(9, 30, 0) }));
        for wrong in ["", "August", "2027-08-03T", "2027-08-03T9", "2027-08-03T25:00", "2027-08-03 09:00"] {
            assert!(typed(wrong).is_err(), "{wrong}");
        }
    }
}
