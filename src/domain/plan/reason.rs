//! Why somebody could not be placed, in words for whoever plans: always the group, never a person, never "you".
//! Never tells of whom a resident wants to avoid.

use std::fmt;

use chrono::{NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

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
        /// Half-days of the week in which they have protected time, but no therapist whom they may see has a slot.
        unserved: Vec<HalfDay>,
    },
}

/// A half-day of the week, in the resident's zone: the day is cut at noon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HalfDay {
    /// The day of the week.
    pub weekday: Weekday,
    /// Whether it is the half after noon.
    pub afternoon: bool,
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
            Self::NothingFits { but_for, seen } => nothing_fits(f, but_for, seen),
            Self::Shortage { unserved, .. } => {
                shortage(f, self)?;
                if unserved.is_empty() {
                    return Ok(());
                }
                write!(f, "; no slot fits their protected time on {}", list(unserved, "and"))
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

impl fmt::Display for HalfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weekday = match self.weekday {
            Weekday::Mon => "Monday",
            Weekday::Tue => "Tuesday",
            Weekday::Wed => "Wednesday",
            Weekday::Thu => "Thursday",
            Weekday::Fri => "Friday",
            Weekday::Sat => "Saturday",
            Weekday::Sun => "Sunday",
        };
        write!(f, "{weekday} {}", if self.afternoon { "afternoons" } else { "mornings" })
    }
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
mod tests {
    use super::*;

    fn shortage(people: usize, seats: usize, cohorts: &[&str]) -> Reason {
        Reason::Shortage {
            people,
            seats,
            cohorts: cohorts.iter().map(|name| (*name).to_owned()).collect(),
            without_cohort: false,
            before: NaiveDate::from_ymd_opt(2027, 9, 1).unwrap(),
            unserved: Vec::new(),
        }
    }

    #[test]
    fn a_shortage_reads_as_a_coordinator_would_say_it() {
        assert_eq!(
            shortage(7, 4, &["B"]).to_string(),
            "7 residents of cohort B share 4 seats before 1 September 2027, all taken"
        );
        assert_eq!(
            shortage(6, 1, &["B", "D"]).to_string(),
            "6 residents of cohorts B and D share 1 seat before 1 September 2027, which is taken"
        );
        assert_eq!(
            shortage(1, 0, &[]).to_string(),
            "1 resident has no open seat before 1 September 2027: every one that fits is taken or kept free"
        );
        let nine = ["A", "B", "C", "D", "E", "F", "G", "H", "I"];
        assert!(shortage(9, 2, &nine).to_string().contains("cohorts A, B, C, D, E, F and 3 more share"));
        let half = |weekday, afternoon| HalfDay { weekday, afternoon };
        let mut reason = shortage(7, 4, &["B"]);
        if let Reason::Shortage { unserved, without_cohort, .. } = &mut reason {
            *unserved = vec![half(Weekday::Tue, true), half(Weekday::Thu, false)];
            *without_cohort = true;
        }
        assert_eq!(
            reason.to_string(),
            "7 residents of cohort B or of none share 4 seats before 1 September 2027, all taken; \
             no slot fits their protected time on Tuesday afternoons and Thursday mornings"
        );
    }

    #[test]
    fn a_misfit_names_the_rule_that_alone_stands_in_the_way() {
        let fit = |but_for: &[Rule], seen: &[Rule]| {
            Reason::NothingFits { but_for: but_for.to_vec(), seen: seen.to_vec() }.to_string()
        };
        assert_eq!(
            fit(&[Rule::Notice], &[]),
            "protected time, but no slot fits; one would but for the notice period"
        );
        assert_eq!(
            fit(&[Rule::Notice, Rule::NoSite], &[]),
            "protected time, but no slot fits; one would but for one thing alone: \
             the notice period or the missing site in the roster"
        );
        assert!(fit(&[], &[Rule::Notice, Rule::NoSite]).contains("more than one thing"));
        assert_eq!(fit(&[], &[]), "no therapist offers a slot that could be considered");
    }

    #[test]
    fn a_reason_reads_back_from_what_a_machine_gets() {
        let reason = shortage(7, 4, &["B"]);
        let text = serde_json::to_string(&reason).unwrap();
        assert!(text.starts_with(r#"{"kind":"shortage","people":7"#), "{text}");
        assert_eq!(serde_json::from_str::<Reason>(&text).unwrap(), reason);
    }
}
