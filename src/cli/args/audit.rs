//! The words of `audit`. Never does anything.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Mail, address};

/// Under the list of what `audit` can do.
pub const HELP: &str = "\
Examples:
  holdspace audit staff
  holdspace audit staff --csv > log.csv
  holdspace audit head >> heads-kept-elsewhere.txt
  holdspace audit verify --heads heads-kept-elsewhere.txt
  holdspace audit outcomes --resident ann@hospital.org --reason \"Request of 3 May by counsel\"

`outcomes` is for the privacy officer. That it was read, by whom and why stands in the staff log; about whom does not.";

/// See [`super::Verb::Audit`].
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// What staff and operators did, the newest first
    Staff(Staff),
    /// What happened to bookings, by name; needs a reason, which the institution can read
    Outcomes(Outcomes),
    /// Look whether both logs are as they were written; exit code 1 if not
    Verify(Verify),
    /// Print what the logs end in, to be kept where nobody who can change the database can change it
    Head,
}

/// See [`Audit::Staff`].
#[derive(Debug, Args)]
pub struct Staff {
    /// So many entries
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Only entries before this number
    #[arg(long, value_name = "NUMBER")]
    pub before: Option<i64>,
    /// As a table of comma-separated values, all of it
    #[arg(long)]
    pub csv: bool,
}

/// See [`Audit::Outcomes`].
#[derive(Debug, Args)]
pub struct Outcomes {
    /// Of whom.
    #[command(flatten)]
    pub of: Whose,
    /// Why; stands in the staff log
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// Of one resident, or of everybody for a time.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// Of one resident
    #[arg(long, value_name = "EMAIL", value_parser = address)]
    pub resident: Option<Mail>,
    /// Of everybody, from this day on
    #[arg(long, value_name = "DATE")]
    pub since: Option<NaiveDate>,
}

/// See [`Audit::Verify`].
#[derive(Debug, Args)]
pub struct Verify {
    /// A file of heads that `audit head` printed, one a line
    #[arg(long, value_name = "FILE")]
    pub heads: Option<PathBuf>,
}
