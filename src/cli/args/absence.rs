//! The words of `plan --without`. Never checks which day comes first: that is the desk's.

use chrono::NaiveDate;
use clap::Args;

use super::{Mail, address};

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
