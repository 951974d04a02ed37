//! The words of `release`. Never does anything.

use clap::{Args, Subcommand};

use super::OfOffering;

/// What stands below the options of `release`.
pub const HELP: &str = "Examples:\n  holdspace release\n  holdspace release --withdraw --reason \"The roster was that of last year\"\n  \
    holdspace release audit\n  holdspace release mirror\n\n\
    A release is drawn once; asking again prints the same one. A wrong one is withdrawn: it is no longer shown, never\n\
    drawn again, and what it spent on each resident stays spent.";

/// See [`super::Verb::Release`].
#[derive(Debug, Args)]
pub struct Release {
    /// Which.
    #[command(flatten)]
    pub of: OfOffering,
    /// Show a frozen release no longer, for good; everybody who sees releases is told when and why
    #[arg(long, requires = "reason")]
    pub withdraw: bool,
    /// Why, in one line that names nobody
    #[arg(long, value_name = "WORDS", requires = "withdraw")]
    pub reason: Option<String>,
    /// What else.
    #[command(subcommand)]
    pub act: Option<Act>,
}

/// What else can be done about releases.
#[derive(Debug, Subcommand)]
pub enum Act {
    /// Draw what would be published many times in pairs of worlds that differ in one person, and certify how much it tells
    #[command(
        after_help = "Examples:\n  holdspace release audit\n  holdspace release audit --draws 1000000 --json | jq .epsilon_lower_bound\n\n\
        Needs no installation and publishes nothing. Exit code 1 if anything tells more than the ledger charges for it. All\n\
        bounds hold together in 95 audits of 100 (Clopper and Pearson's exact bounds)."
    )]
    Audit(Audit),
    /// Say how the mirror of releases stands to the database
    #[command(after_help = "Examples:\n  holdspace release mirror\n  holdspace release mirror --renew\n\n\
        The mirror keeps a restored database from releasing anything twice. Where it was lost, nothing is released until\n\
        its copy is back. --renew gives that up: it writes a mirror of what this database holds, so use it only if the\n\
        database is no restored copy.")]
    Mirror(MirrorWords),
}

/// See [`Act::Audit`].
#[derive(Debug, Args)]
pub struct Audit {
    /// How often each world of each pair is drawn; more bring the bound nearer to the truth
    #[arg(long, value_name = "N", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    pub draws: u32,
}

/// See [`Act::Mirror`].
#[derive(Debug, Args)]
pub struct MirrorWords {
    /// Write it anew from this database, where it was lost for good
    #[arg(long)]
    pub renew: bool,
}
