//! What is written down of those who run a season: each act in words, without a name of a resident and without anything
//! from which an outcome follows. Never of a resident or a therapist, and never that somebody looked in or signed in: when
//! somebody last came says more of a person than an institution needs in order to see what was done in its name.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::time::Instant;

/// Bytes of the longest name or detail that is kept; what is longer ends there.
const LONGEST: usize = 280;

/// One act. Residents and therapists are not named: this log outlives them, and what was erased must not stand here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The institution was founded.
    Founded,
    /// A sign-in link of a director was printed at the command line.
    LinkPrinted,
    /// A role was given to a colleague.
    Granted {
        /// Which, in words.
        role: String,
        /// To whom.
        to: String,
    },
    /// A role was taken from a colleague.
    TakenAway {
        /// Which, in words.
        role: String,
        /// From whom.
        from: String,
    },
    /// A file was taken in.
    Imported {
        /// Which kind.
        what: &'static str,
        /// The program's code, where the file was about one alone.
        program: Option<String>,
        /// What came of it, by name: counts of what the file says, never of what residents did.
        counts: Vec<(&'static str, usize)>,
    },
    /// One person of a roster was changed.
    Person {
        /// The program's code.
        program: String,
        /// What was done with them.
        done: Done,
    },
    /// Time was written down as protected, or as never to be booked.
    Protected {
        /// The program's code.
        program: String,
        /// So many blocks.
        blocks: usize,
    },
    /// A block was removed.
    Unprotected {
        /// The program's code.
        program: String,
    },
    /// An offering was made.
    OfferingMade {
        /// Its title.
        title: String,
    },
    /// Its settings were changed.
    OfferingChanged {
        /// Its title.
        title: String,
    },
    /// A program said that it is ready, or that it is not.
    Ready {
        /// The program's code.
        program: String,
        /// Whether it is.
        ready: bool,
    },
    /// A batch was booked.
    Booked {
        /// The offering's title.
        title: String,
        /// Who was placed of those whom no batch had placed before: the same whatever residents do.
        placed: usize,
    },
    /// A therapist's absence was entered for them.
    Away,
    /// An absence was taken back for them.
    BackAgain,
    /// The figures of a season were frozen.
    Released {
        /// The offering's title.
        title: String,
    },
    /// A release was withdrawn.
    Withdrawn {
        /// The offering's title.
        title: String,
        /// Why, in the words of who did it.
        why: String,
    },
    /// A file with protected time was fetched.
    Exported {
        /// Which kind.
        what: &'static str,
        /// Of which program.
        program: String,
    },
    /// An address at which a calendar of coverage can be followed was made anew.
    FeedRenewed {
        /// The program's code.
        program: String,
    },
    /// A token for programs was made.
    TokenMade,
    /// It was taken back.
    TokenEnded,
    /// Changed zone rules were followed.
    ZonesFollowed,
    /// The outcome log was read. About whom is not said.
    OutcomesRead {
        /// Why, in the words of who read it.
        reason: String,
    },
    /// A resident was erased.
    ResidentErased,
    /// A finished season was erased.
    SeasonErased {
        /// The offering's title.
        title: String,
    },
    /// The keys were changed.
    Rotated,
    /// A backup was put in the place of the database.
    Restored {
        /// From when it is.
        of: Instant,
    },
    /// Something was destroyed because its time was up.
    Destroyed {
        /// What, in words.
        what: String,
    },
    /// The oldest entries of this log were destroyed because their time was up.
    Shortened {
        /// The last of them.
        through: i64,
        /// What stands for all of them: whoever kept a head of that time can still compare it.
        mac: String,
    },
}

/// What was done with one person of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// They were added.
    Added,
    /// Something of them was corrected.
    Corrected,
    /// They were taken off.
    TakenOff,
    /// They were put back.
    PutBack,
}

/// An entry of the staff log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place: counted from 1, without a gap.
    pub number: i64,
    /// When.
    pub at: Instant,
    /// Who: a member of staff by name, whoever keeps the server by the name there, or the service itself.
    pub who: String,
    /// What, in one word for machines.
    pub act: String,
    /// What, in words.
    pub details: String,
}

impl Act {
    /// The one word by which machines find an act again. Words are added and never changed.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Founded => "founded",
            Self::LinkPrinted => "link-printed",
            Self::Granted { .. } => "granted",
            Self::TakenAway { .. } => "taken-away",
            Self::Imported { .. } => "imported",
            Self::Person { .. } => "person",
            Self::Protected { .. } => "protected",
            Self::Unprotected { .. } => "unprotected",
            Self::OfferingMade { .. } => "offering-made",
            Self::OfferingChanged { .. } => "offering-changed",
            Self::Ready { .. } => "ready",
            Self::Booked { .. } => "booked",
            Self::Away => "away",
            Self::BackAgain => "back-again",
            Self::Released { .. } => "released",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Exported { .. } => "exported",
            Self::FeedRenewed { .. } => "feed-renewed",
            Self::TokenMade => "token-made",
            Self::TokenEnded => "token-ended",
            Self::ZonesFollowed => "zones-followed",
            Self::OutcomesRead { .. } => "outcomes-read",
            Self::ResidentErased => "resident-erased",
            Self::SeasonErased { .. } => "season-erased",
            Self::Rotated => "rotated",
            Self::Restored { .. } => "restored",
            Self::Destroyed { .. } => "destroyed",
            Self::Shortened { .. } => "shortened",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Founded => "founded the institution".to_owned(),
            Self::LinkPrinted => "printed a director's sign-in link".to_owned(),
            Self::Granted { role, to } => format!("gave {} the role {role}", short(to)),
            Self::TakenAway { role, from } => format!("took the role {role} from {}", short(from)),
            Self::Imported { what, program, counts } => imported(what, program.as_deref(), counts),
            Self::Person { program, done } => match done {
                Done::Added => format!("added one person to the roster of {program}"),
                Done::Corrected => format!("corrected one person on the roster of {program}"),
                Done::TakenOff => format!("took one person off the roster of {program}"),
                Done::PutBack => format!("put one person back on the roster of {program}"),
            },
            Self::Protected { program, blocks } => {
                format!("wrote down protected time of {program}: {blocks} new")
            }
            Self::Unprotected { program } => format!("removed one block of protected time of {program}"),
            Self::OfferingMade { title } => format!("made the offering “{}”", short(title)),
            Self::OfferingChanged { title } => {
                format!("changed the settings of the offering “{}”", short(title))
            }
            Self::Ready { program, ready: true } => format!("said that {program} is ready"),
            Self::Ready { program, ready: false } => format!("said that {program} is not ready"),
            Self::Booked { title, placed } => {
                format!("booked a batch of “{}”: {placed} placed", short(title))
            }
            Self::Away => "entered an absence for a therapist".to_owned(),
            Self::BackAgain => "took back an absence for a therapist".to_owned(),
            Self::Released { title } => format!("froze the figures of “{}”", short(title)),
            Self::Withdrawn { title, why } => {
                format!("withdrew the release of “{}”: {}", short(title), short(why))
            }
            Self::Exported { what, program } => format!("fetched {what} of {program}"),
            Self::FeedRenewed { program } => format!("made the address of the coverage of {program} anew"),
            Self::TokenMade => "made a token for programs".to_owned(),
            Self::TokenEnded => "took back the token for programs".to_owned(),
            Self::ZonesFollowed => "followed changed rules of time zones".to_owned(),
            Self::OutcomesRead { reason } => format!("read the outcome log: {}", short(reason)),
            Self::ResidentErased => "erased a resident".to_owned(),
            Self::SeasonErased { title } => format!("erased the season of “{}”", short(title)),
            Self::Rotated => "changed the keys".to_owned(),
            Self::Restored { of } => format!(
                "put the database back as it was at {} UTC; what was done between then and now is not in it",
                of.format("%Y-%m-%d %H:%M:%S")
            ),
            Self::Destroyed { what } => format!("destroyed what had passed its time: {}", short(what)),
            Self::Shortened { through, mac } => {
                format!("destroyed the entries of this log up to number {through}, which ended in {mac}")
            }
        }
    }
}

fn imported(what: &str, program: Option<&str>, counts: &[(&str, usize)]) -> String {
    let mut text = format!("imported {what}");
    if let Some(program) = program {
        let _ = write!(text, " of {program}");
    }
    for (at, (name, count)) in counts.iter().enumerate() {
        let _ = write!(text, "{} {count} {name}", if at == 0 { ":" } else { "," });
    }
    text
}

/// Words of a person, on one line and no longer than there is room for.
#[must_use]
pub fn short(text: &str) -> String {
    let mut kept = String::new();
    for letter in text.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter }) {
        if kept.len() + letter.len_utf8() > LONGEST {
            break;
        }
        kept.push(letter);
    }
    kept
}

/// A table of entries, as spreadsheets read it.
#[must_use]
pub fn csv<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> String {
    let mut text = "number,at,who,act,details\r\n".to_owned();
    for Entry { number, at, who, act, details } in entries {
        let at = at.format("%Y-%m-%dT%H:%M:%SZ");
        let _ = write!(text, "{number},{at},{},{act},{}\r\n", cell(who), cell(details));
    }
    text
}

/// A cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_person_stay_on_one_line_and_have_an_end() {
        assert_eq!(short(" asked by\ncounsel "), "asked by counsel");
        assert_eq!(short(&"é".repeat(400)).len(), LONGEST);
    }

    #[test]
    fn a_name_that_looks_like_a_formula_is_none_in_the_table() {
        let at = "2027-07-01T12:00:00Z".parse().unwrap();
        let (who, details) = ("=cmd()".to_owned(), "said \"no\", twice".to_owned());
        let entry = Entry { number: 1, at, who, act: "noted".to_owned(), details };
        let row = "1,2027-07-01T12:00:00Z,\"'=cmd()\",noted,\"said \"\"no\"\", twice\"\r\n";
        assert_eq!(csv([&entry]), format!("number,at,who,act,details\r\n{row}"));
    }

    #[test]
    fn an_import_is_told_with_its_counts() {
        let act = Act::Imported {
            what: "a roster",
            program: Some("IM".to_owned()),
            counts: vec![("added", 12), ("changed", 1)],
        };
        assert_eq!(act.told(), "imported a roster of IM: 12 added, 1 changed");
    }
}
