//! The words of the command line and the help that teaches them. Never does anything.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub mod absence;
pub mod audit;
pub mod dkim;
pub mod found;
pub mod imports;
pub mod keep;
pub mod keys;
pub mod offering;
pub mod release;
pub mod solve;

use absence::{Absence, Away};
use audit::Audit;
use dkim::Dkim;
use found::{Director, Init};
use imports::{Availability, Busy, Programs, Protect, Roster, Sites, Therapists};
use keep::{Backup, Doctor, MigrateTo, Restore};
use keys::{Erase, Keys};
use offering::Create;
use release::Release;
use solve::Solve;

use crate::domain::identity::{Address, NotAnAddress};
use crate::domain::language::Language;

/// A season in order, under the list of verbs.
const SEASON: &str = "\
A season, in order:
  holdspace init --institution \"Example Hospital\" --director you@hospital.org
  holdspace programs import programs.csv
  holdspace sites import sites.csv
  holdspace roster import roster.xlsx --dry-run      (then without --dry-run)
  holdspace protect import protected_time.csv
  holdspace therapists import therapists.csv
  holdspace availability import availability.csv
  holdspace offering create --title \"Protected time\" --length 50 \\
      --from 2027-07-05 --until 2027-09-24
  holdspace plan                                     (shows, and writes nothing)
  holdspace book
  holdspace serve                                    (web and letters)
  holdspace release                                  (on the closing date)

Exit codes: 0 done; 1 refused, or done in part, with reasons; 2 wrong usage.
Answers go to standard output, as one line of JSON with --json; reasons, progress and logs go to
standard error. Settings stand in holdspace.toml, and in variables of the same names, which win:
HOLDSPACE_DATABASE_URL for database_url. HOLDSPACE_LOG=debug logs more.";

/// Books a confidential default visit for every resident, inside time that is already protected, and tells the
/// program nothing but frozen aggregates.
#[derive(Debug, Parser)]
#[command(name = "holdspace", version, after_help = SEASON, max_term_width = 110, propagate_version = true)]
pub struct Arguments {
    /// Answer in JSON on standard output; with serve and work, log in JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// The configuration file [default: holdspace.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "HOLDSPACE_CONFIG")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// A whole season with invented people, a mailbox to look into and a clock to move
    #[command(
        after_help = "Example:\n  holdspace demo --port 9000\n\nNeeds no configuration and keeps nothing."
    )]
    Demo(Demo),
    /// Write holdspace.toml, the key and the database here, and print the first director's sign-in link
    #[command(
        after_help = "Example:\n  holdspace init --institution \"Example Hospital\" --director you@hospital.org\n\n\
        Overwrites nothing. Keep a copy of the key file apart from the database and its backups: without it,\n\
        nobody can read them, and with both, anybody can."
    )]
    Init(Init),
    /// Let a director in
    #[command(subcommand)]
    Director(Director),
    /// Web and workers in one process, until it is told to stop
    #[command(
        after_help = "Examples:\n  holdspace serve\n  holdspace serve --no-workers --listen 0.0.0.0:8080\n\n\
        Several of them may run on one PostgreSQL."
    )]
    Serve(Serve),
    /// Workers only: letters, reminders, offers, releases
    #[command(after_help = "Example:\n  holdspace work\n\nGoes with `holdspace serve --no-workers`.")]
    Work,
    /// Programs: code, name, zone, state, coordinator's address
    #[command(subcommand)]
    Programs(Programs),
    /// Sites: name, zone, state, address
    #[command(subcommand)]
    Sites(Sites),
    /// The residents of programs
    #[command(subcommand)]
    Roster(Roster),
    /// Protected time, and time in which nobody is booked
    #[command(subcommand)]
    Protect(Protect),
    /// Therapists: modality, sites, licensed states, places of their visits
    #[command(subcommand)]
    Therapists(Therapists),
    /// Therapists' weekly hours with exceptions
    #[command(subcommand)]
    Availability(Availability),
    /// A therapist's busy time
    #[command(subcommand)]
    Busy(Busy),
    /// What is held for people
    #[command(subcommand)]
    Offering(Offering),
    /// Show who can be placed, and why others cannot; writes nothing
    #[command(
        after_help = "Examples:\n  holdspace plan\n  holdspace plan --json | jq '.unplaced[].reason'\n  \
        holdspace plan --without therapist@clinic.org --on 2027-07-05\n\n\
        `book` commits exactly this plan. --seed asks what another lottery would have given. --without asks what an\n\
        absence would do to a season that is booked: as it was planned, whatever residents did since."
    )]
    Plan(Plan),
    /// A therapist is away, for a while or for good: whoever loses a default visit is given another one
    #[command(after_help = absence::HELP)]
    Away(Away),
    /// Book the plan: nobody twice, and nobody whose visit can be held is moved
    #[command(
        after_help = "Example:\n  holdspace book\n\nSafe to repeat: after a later roster it books the new ones only."
    )]
    Book(OfOffering),
    /// Send the letters that are due
    #[command(after_help = "Examples:\n  holdspace deliver\n  holdspace deliver --once --json\n\n\
        Goes on until nothing is due but what must be tried again later; --once sends one round.")]
    Deliver(Deliver),
    /// Take one mail in from standard input, for a mail server: answers of calendar programs, letters that came back
    #[command(
        after_help = "Example, in Postfix's master.cf:\n  holdspace unix - n n - - pipe user=holdspace argv=/usr/local/bin/holdspace receive --recipient ${original_recipient}\n\n\
        Prints nothing. Exit codes: 0 taken; 65 no mail; 75 hand it over again later. docs/mail.md says how to set it up."
    )]
    Receive(Receive),
    /// Every resident's protected blocks, for whoever arranges coverage; knows nothing of visits
    #[command(after_help = "Example:\n  holdspace coverage --program IM --format ics > coverage.ics")]
    Coverage(Coverage),
    /// Freeze the aggregates that are due, and print them
    #[command(after_help = release::HELP, args_conflicts_with_subcommands = true)]
    Release(Release),
    /// The letters that people get
    #[command(subcommand)]
    Letters(Letters),
    /// Keys that sign letters, and what DNS must say of them
    #[command(subcommand)]
    Dkim(Dkim),
    /// Say what is destroyed when, because its time is up
    #[command(after_help = "Examples:\n  holdspace retention\n  holdspace retention --now\n\n\
        How long things are kept is said in holdspace.toml. The workers destroy by themselves what is past its time.")]
    Retention(Retention),
    /// What staff did, what happened to bookings, and whether somebody changed either
    #[command(subcommand, after_help = audit::HELP)]
    Audit(Audit),
    /// Say what is wrong with this installation, line by line, and what to do
    #[command(
        after_help = "Example:\n  holdspace doctor\n\nChanges nothing and sends nothing. Exit code 1 if anything fails; warnings do not count."
    )]
    Doctor(Doctor),
    /// Copy a running SQLite installation, and look through the copy
    #[command(after_help = keep::BACKUP_HELP)]
    Backup(Backup),
    /// Put a backup where no database is, and say what is not in it
    #[command(after_help = keep::RESTORE_HELP)]
    Restore(Restore),
    /// Move an SQLite installation into PostgreSQL while the service goes on, every row compared
    #[command(after_help = keep::MIGRATE_HELP)]
    MigrateTo(MigrateTo),
    /// Show what changed rules of time zones move; the server follows them by itself at its first start after an upgrade
    #[command(after_help = "Examples:\n  holdspace zones\n  holdspace zones --apply\n\n\
        What was agreed by the clock on the wall stands; whoever's visit is at another moment by it is told once.")]
    Zones(Zones),
    /// The keys that seal what lies in the database
    #[command(subcommand, after_help = keys::HELP)]
    Keys(Keys),
    /// Erase a resident, or a season that is over, for good
    #[command(subcommand, after_help = keys::ERASE_HELP)]
    Erase(Erase),
    /// Have the engine of the plan answer an instance of numbers, and prove the answer
    #[command(after_help = solve::HELP)]
    Solve(Solve),
    /// Completions for a shell
    #[command(
        after_help = "Example:\n  holdspace completions bash > ~/.local/share/bash-completion/completions/holdspace"
    )]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// See [`Verb::Demo`].
#[derive(Debug, Args)]
pub struct Demo {
    /// The port on this machine; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = 7878)]
    pub port: u16,
}

/// See [`Verb::Serve`].
#[derive(Debug, Args)]
pub struct Serve {
    /// Web only; `holdspace work` does the rest elsewhere
    #[arg(long)]
    pub no_workers: bool,
    /// Address and port to listen on [default: the setting `listen`, or 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// When told to stop, answer so many seconds more, /ready with 503, so that a proxy sends people elsewhere first
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=300))]
    pub drain: u64,
}

/// See [`Verb::Offering`].
#[derive(Debug, Subcommand)]
pub enum Offering {
    /// Make an offering, print its id and the SHA-256 of its lottery's seed
    #[command(after_help = offering::after_help())]
    Create(Create),
    /// Show an offering: the hash of the next lottery's seed, and the seeds of the batches that were booked
    #[command(after_help = "Example:\n  holdspace offering show\n\n\
        Names nobody: it can be published as it is. A seed belongs to the hash that was shown before if\n\
        `printf SEED | xxd -r -p | sha256sum` prints that hash.")]
    Show(OfOffering),
}

/// Which offering.
#[derive(Debug, Args)]
pub struct OfOffering {
    /// The offering's id [default: the only one]
    #[arg(long, value_name = "ID")]
    pub offering: Option<String>,
}

/// See [`Verb::Plan`].
#[derive(Debug, Args)]
pub struct Plan {
    /// Which.
    #[command(flatten)]
    pub of: OfOffering,
    /// What would another lottery give? 64 hexadecimal digits; nothing is written
    #[arg(long, value_name = "HEX")]
    pub seed: Option<String>,
    /// Without whom.
    #[command(flatten)]
    pub absence: Absence,
}

/// See [`Verb::Deliver`].
#[derive(Debug, Args)]
pub struct Deliver {
    /// One round only
    #[arg(long)]
    pub once: bool,
}

/// See [`Verb::Receive`].
#[derive(Debug, Args)]
pub struct Receive {
    /// The address to which the mail was delivered, with everything that stands after a +
    #[arg(long, value_name = "ADDRESS")]
    pub recipient: Option<String>,
}

/// See [`Verb::Retention`].
#[derive(Debug, Args)]
pub struct Retention {
    /// Destroy what is past its time now
    #[arg(long)]
    pub now: bool,
}

/// See [`Verb::Zones`].
#[derive(Debug, Args)]
pub struct Zones {
    /// Move it, and owe the letters
    #[arg(long)]
    pub apply: bool,
}

/// See [`Verb::Coverage`].
#[derive(Debug, Args)]
pub struct Coverage {
    /// The program's code
    #[arg(long, value_name = "CODE")]
    pub program: String,
    /// As what
    #[arg(long, value_enum, default_value_t = Table::Csv)]
    pub format: Table,
}

/// A form of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    /// Comma-separated values
    Csv,
    /// A calendar
    Ics,
}

/// See [`Verb::Letters`].
#[derive(Debug, Subcommand)]
pub enum Letters {
    /// Render every letter with invented people: the mail, its page and its text
    #[command(
        after_help = "Examples:\n  holdspace letters preview\n  holdspace letters preview --out preview\n  holdspace letters preview --lang es\n\n\
        Uses the setting `templates`, so that changed letters can be looked at before they are sent."
    )]
    Preview {
        /// Write .eml, .html and .txt files into this directory; without it, the texts are printed
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// The language of the letters: en, or es for the letters to residents in Spanish
        #[arg(long, value_name = "LANG", default_value_t)]
        lang: Language,
    },
}

/// A mail address of the command line; not printable.
#[derive(Clone)]
pub struct Mail(pub Address);

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(..)")
    }
}

fn address(text: &str) -> Result<Mail, NotAnAddress> {
    text.parse().map(Mail)
}

impl Arguments {
    /// Whether this verb goes on until it is stopped, and so logs what it does.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        matches!(self.verb, Verb::Serve(_) | Verb::Work | Verb::Demo(_))
    }
    /// Whether this verb says nothing, whatever happens.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        matches!(self.verb, Verb::Receive(_))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Arguments::command().debug_assert();
    }
}
