//! Why somebody could not be placed, in words for whoever plans: always the group, never a person, never "you".
//! Never tells of whom a resident wants to avoid.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::help::{HalfDay, Help, MOST};
use crate::domain::eligibility::Rule;

/// The smallest honest statement of why one resident has no seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// The resident's own first and last day leave nothing of the booking period: found before any plan.
    NotHere {
        /// First day of the booking period.
        from: NaiveDate,
        /// Its last day.
        until: NaiveDate,
    },
    /// No protected block touches the time in which the resident could be booked.
    NoProtectedTime {
        /// The first day of that time, in the resident's zone.
        from: NaiveDate,
        /// Its last day.
        until: NaiveDate,
    },
    /// There is protected time, but no slot fits it and all other rules.
    NothingFits {
        /// The rules of which each, if it alone were dropped, would let a slot fit.
        but_for: Vec<Rule>,
        /// All rules that keep slots out, where no single one would do.
        seen: Vec<Rule>,
        /// Their cohort.
        cohort: Option<String>,
        /// What would help all of the program and cohort who have protected time and whom nothing fits.
        help: Help,
    },
    /// Slots fit, but a group of residents, none of whom fits elsewhere, outnumbers their seats.
    Shortage {
        /// How many residents share the seats.
        people: usize,
        /// How many seats there are for them; all are taken.
        seats: usize,
        /// Their cohorts, with the program's code before each where there are several programs.
        cohorts: Vec<String>,
        /// Whether some of them have no cohort.
        without_cohort: bool,
        /// The first day, in their zones, on which none of them can be booked any more.
        before: NaiveDate,
        /// What would help those of them who have no seat.
        help: Help,
    },
}

impl Reason {
    /// Why, and what would help, each without the other; no help where nothing was looked for.
    #[must_use]
    pub fn in_two(&self) -> (String, Option<String>) {
        let whole = self.to_string();
        let why = match self {
            Self::NothingFits { but_for, seen, .. } => {
                fmt::from_fn(|f| nothing_fits(f, but_for, seen)).to_string()
            }
            Self::Shortage { .. } => fmt::from_fn(|f| shortage(f, self)).to_string(),
            Self::NotHere { .. } | Self::NoProtectedTime { .. } => return (whole, None),
        };
        let help = whole.strip_prefix(&why).and_then(|rest| rest.strip_prefix("; ")).map(str::to_owned);
        (why, help)
    }
}

/// Lists longer than this are cut, so that a sentence stays a sentence.
const LISTED: usize = 6;

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHere { from, until } => {
                write!(f, "not here between {} and {}, by the dates on the roster", date(*from), date(*until))
            }
            Self::NoProtectedTime { from, until } if from == until => {
                write!(f, "no protected time on {}", date(*from))
            }
            Self::NoProtectedTime { from, until } => {
                write!(f, "no protected time from {} to {}", date(*from), date(*until))
            }
            Self::NothingFits { but_for, seen, cohort, help } => {
                nothing_fits(f, but_for, seen)?;
                let whom = match cohort {
                    Some(cohort) => format!(" of cohort {cohort} whom nothing fits"),
                    None => " without a cohort whom nothing fits".to_owned(),
                };
                helped(f, help, &whom)
            }
            Self::Shortage { help, .. } => {
                shortage(f, self)?;
                helped(f, help, " without a seat")
            }
        }
    }
}

fn nothing_fits(f: &mut fmt::Formatter<'_>, but_for: &[Rule], seen: &[Rule]) -> fmt::Result {
    match (but_for, seen) {
        ([], []) => f.write_str("no therapist offers a slot that could be considered"),
        ([], seen) => {
            write!(f, "protected time, but no slot fits; more than one thing stands in the way: ")?;
            f.write_str(&list(seen, "and"))
        }
        ([rule], _) => write!(f, "protected time, but no slot fits; one would but for {rule}"),
        (rules, _) => {
            write!(f, "protected time, but no slot fits; one would but for one thing alone: ")?;
            f.write_str(&list(rules, "or"))
        }
    }
}

fn shortage(f: &mut fmt::Formatter<'_>, reason: &Reason) -> fmt::Result {
    let Reason::Shortage { people, seats, cohorts, without_cohort, before, .. } = reason else {
        return Ok(());
    };
    let alone = *people == 1;
    write!(f, "{people} resident{}", if alone { "" } else { "s" })?;
    if !cohorts.is_empty() {
        let plural = if cohorts.len() == 1 { "" } else { "s" };
        write!(f, " of cohort{plural} {}", list(cohorts, "and"))?;
        if *without_cohort {
            f.write_str(" or of none")?;
        }
    }
    let (before, verb) = (date(*before), if alone { "has" } else { "share" });
    match seats {
        0 => write!(f, " {verb} no open seat before {before}: every one that fits is taken or kept free"),
        1 => write!(f, " {verb} 1 seat before {before}, which is taken"),
        seats => write!(f, " {verb} {seats} seats before {before}, all taken"),
    }
}

/// What would help, after a semicolon. `whom` follows a number of people that needs saying what they are.
fn helped(f: &mut fmt::Formatter<'_>, help: &Help, whom: &str) -> fmt::Result {
    let Help { without, places, half_days, cut_short } = help;
    let (found, open) = (half_days.len(), without.saturating_sub(*places));
    if found == 0 {
        let all = if *cut_short { "no half-day that was tried" } else { "no half-day" };
        return write!(
            f,
            "; {all} of anybody on file who may see them and is free then would place {}",
            match without {
                0 | 1 => "them",
                _ => "any of them",
            }
        );
    }
    let plural = if found == 1 { "" } else { "s" };
    write!(f, "; {} more half-day{plural} would place ", in_words(found))?;
    match (open, without) {
        (0, 1) => f.write_str("them")?,
        (0, 2) => f.write_str("both")?,
        (0, _) => write!(f, "all {}", in_words(*without))?,
        _ => write!(f, "{} of the {}{whom}", in_words(*places), in_words(*without))?,
    }
    if open == 0 && *without > 1 && whom.starts_with(" of cohort") {
        f.write_str(whom)?;
    }
    write!(f, ": {}", half_days_in_words(half_days))?;
    if *cut_short {
        let rest = if open == 0 { "fewer may do" } else { "others may place more" };
        write!(f, "; not everything was tried, so {rest}")?;
    } else if open > 0 && found < MOST {
        f.write_str("; no further one would place more")?;
    }
    Ok(())
}

/// The half-days, those at the same hours as one, with their visits and whom the therapist must be able to see.
fn half_days_in_words(half_days: &[HalfDay]) -> String {
    let mut half_days = half_days.to_vec();
    half_days.sort_by_key(|one| (one.on, one.afternoon, one.from, one.zone.name(), one.to, one.visits));
    let groups: Vec<&[HalfDay]> = half_days.chunk_by(|one, other| one == other).collect();
    // The same clock hangs in several zones: then the hours say where.
    let one_zone = half_days.iter().all(|one| one.zone == half_days[0].zone);
    let extras: Vec<String> = groups.iter().map(|group| extras(group)).collect();
    let alike = extras.iter().all(|one| *one == extras[0])
        && (groups.len() == 1 || groups.iter().all(|group| group.len() == 1));
    let when = groups.iter().zip(&extras).map(|(group, extra)| {
        let HalfDay { on, afternoon, from, to, zone, .. } = &group[0];
        let half = if *afternoon { "afternoon" } else { "morning" };
        let place = if one_zone { String::new() } else { format!(" {}", zone.place()) };
        let hours = format!("{} to {}{place}", from.format("%-H:%M"), to.format("%-H:%M"));
        let told = if alike { String::new() } else { format!(", {extra}") };
        format!("{}, {half} ({hours}{told})", on.format("%A %-d %B"))
    });
    let when: Vec<String> = when.collect();
    match (alike, when.len()) {
        (true, 1) => format!("{}, {}", when[0], extras[0]),
        (true, _) => format!("{}, {} each", join(&when, "and"), extras[0]),
        (false, _) => join(&when, "and"),
    }
}

fn extras(group: &[HalfDay]) -> String {
    let HalfDay { visits, programs, .. } = &group[0];
    let visits = format!("{visits} visit{}", if *visits == 1 { "" } else { "s" });
    let visits = match group.len() {
        1 => visits,
        several => format!("{} therapists with {visits} each", in_words(several)),
    };
    let whom = if programs.is_empty() { String::new() } else { format!(" for {}", list(programs, "and")) };
    format!("{visits}{whom}")
}

/// Small numbers as words.
fn in_words(number: usize) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

fn date(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// "A", "A and B", "A, B and C", "A, B, C, D, E, F and 3 more".
fn list<T: fmt::Display>(things: &[T], conjunction: &str) -> String {
    let mut texts: Vec<String> = things.iter().take(LISTED).map(T::to_string).collect();
    if things.len() > LISTED {
        texts.push(format!("{} more", things.len() - LISTED));
        return join(&texts, "and");
    }
    join(&texts, conjunction)
}

fn join(texts: &[String], conjunction: &str) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {conjunction} {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests;
