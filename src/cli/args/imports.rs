//! The words of the verbs that import files. Never opens one.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Mail, address};

/// A file to import.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Import {
    /// CSV, tab text or XLSX, at most 2 MB
    pub file: PathBuf,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// See [`super::Verb::Programs`].
#[derive(Debug, Subcommand)]
pub enum Programs {
    /// Add or change programs
    #[command(after_help = "Example, programs.csv:\n  code,name,zone,state,coordinator_email\n  \
        IM,Internal Medicine,America/Denver,CO,coordinator@im.hospital.org")]
    Import(Import),
}

/// See [`super::Verb::Sites`].
#[derive(Debug, Subcommand)]
pub enum Sites {
    /// Add or change sites
    #[command(after_help = "Example, sites.csv:\n  site,zone,state,address\n  \
        Denver Main,America/Denver,CO,\"100 Example Avenue, Denver\"")]
    Import(Import),
}

/// See [`super::Verb::Roster`].
#[derive(Debug, Subcommand)]
pub enum Roster {
    /// Add, change or leave residents as a coordinator's file says
    #[command(after_help = "Examples:\n  holdspace roster import roster.csv --dry-run\n  \
        holdspace roster import interns.xlsx --program IM --columns interns.toml\n  \
        holdspace roster import interns.xlsx --program IM --answer 14=same --answer 20=new\n\n\
        Columns are found by their usual names; --columns says what others mean:\n  \
        header_line = 4\n  [columns]\n  name = \"Trainee (last, first)\"\n  email = \"Hospital account\"\n\n\
        Birth dates, social security numbers and the like are never read. Good lines are taken although others\n\
        are refused, and then the exit code is 1.")]
    Import(ImportRoster),
}

/// See [`Roster::Import`].
#[derive(Debug, Args)]
pub struct ImportRoster {
    /// The file.
    #[command(flatten)]
    pub import: Import,
    /// The program of lines that name none
    #[arg(long, value_name = "CODE")]
    pub program: Option<String>,
    /// Which column means what
    #[arg(long, value_name = "MAP.toml")]
    pub columns: Option<PathBuf>,
    /// Take nothing if any line is refused
    #[arg(long)]
    pub strict: bool,
    /// The file is the whole roster of its programs: who is missing leaves
    #[arg(long)]
    pub replace: bool,
    /// Answer to a line that was asked about: the person on file with a new address, or somebody new
    #[arg(long = "answer", value_name = "LINE=same|new", value_parser = answer)]
    pub answers: Vec<(u32, Person)>,
}

/// An answer to a question about one line of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// The person on file, with a new address.
    Same,
    /// Somebody new of the same name.
    New,
}

/// See [`super::Verb::Protect`].
#[derive(Debug, Subcommand)]
pub enum Protect {
    /// Add protected and never-bookable time
    #[command(after_help = "Examples:\n  holdspace protect import protected_time.csv\n  \
        holdspace protect import schedule.txt --format amion --mapping amion.toml\n\n\
        A table has program, cohort or resident, date, start and end. Of an Amion export, --mapping says which\n\
        assignments mean what; a key that is left out keeps its default:\n  \
        protected = [\"Wellness half-day\"]\n  never = [\"Nights\", \"VACA\"]\n  day_after = [\"Nights\"]")]
    Import {
        /// The file.
        #[command(flatten)]
        import: Import,
        /// What the file is
        #[arg(long, value_enum, default_value_t = Schedule::Csv)]
        format: Schedule,
        /// Which assignments mean what
        #[arg(long, value_name = "MAP.toml")]
        mapping: Option<PathBuf>,
        /// The file is the whole of the time of everybody it names: what else is on file for them goes
        #[arg(long)]
        replace: bool,
    },
}

/// What a file of protected time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Schedule {
    /// A table of blocks, as CSV or XLSX
    Csv,
    /// A tab export after Amion's report 625c
    Amion,
}

/// See [`super::Verb::Therapists`].
#[derive(Debug, Subcommand)]
pub enum Therapists {
    /// Add or change therapists
    #[command(
        after_help = "Example, therapists.csv:\n  name,email,modality,sites,languages,licensed_states,video_url\n  \
        \"Ann Example, LCSW\",ann@clinic.org,video,,English;Spanish,CO;AZ,https://video.clinic.org/ann\n\n\
        Nobody is booked with a therapist for a kind of visit that has no place: video_url, phone or room."
    )]
    Import(Import),
}

/// See [`super::Verb::Availability`].
#[derive(Debug, Subcommand)]
pub enum Availability {
    /// Put weekly hours and exceptions in place of what the therapists of the file had
    #[command(
        after_help = "Example, availability.csv:\n  therapist_email,weekday,start,end,zone,from,until\n  \
        ann@clinic.org,MO,12:00,17:00,America/Denver,2027-07-05,2027-09-24"
    )]
    Import(Import),
}

/// See [`super::Verb::Busy`].
#[derive(Debug, Subcommand)]
pub enum Busy {
    /// Put the busy times of a calendar file in place of what the therapist had; its titles are not kept
    #[command(after_help = "Example:\n  holdspace busy import calendar.ics --therapist ann@clinic.org")]
    Import {
        /// A calendar file, at most 2 MB
        file: PathBuf,
        /// The therapist's mail address
        #[arg(long, value_name = "EMAIL", value_parser = address)]
        therapist: Mail,
    },
}

fn answer(text: &str) -> Result<(u32, Person), String> {
    let (line, person) = text.split_once('=').ok_or("give a line and an answer, such as 14=same")?;
    let line = line.trim().parse().map_err(|_| "the part before = is the line's number, such as 14=same")?;
    let person = match person.trim() {
        "same" => Person::Same,
        "new" => Person::New,
        _ => return Err("the part after = is same or new".to_owned()),
    };
    Ok((line, person))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_line_and_a_word() {
        assert_eq!(answer("14=same"), Ok((14, Person::Same)));
        assert_eq!(answer("3 = new"), Ok((3, Person::New)));
        for wrong in ["14", "x=same", "14=maybe", ""] {
            assert!(answer(wrong).is_err(), "{wrong}");
        }
    }
}
