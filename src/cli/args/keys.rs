//! The words of `keys` and `erase`. Never does anything.

use clap::{Args, Subcommand};

use super::{Mail, address};

/// What `keys --help` teaches besides.
pub const HELP: &str = "\
Examples:
  holdspace keys show
  holdspace keys rotate              (draws a new key and seals everything anew; call it again if it was broken off)
  holdspace keys rotate --drop       (a quarter of an hour later: takes the old key out of the key file)

The service goes on meanwhile and finds the new key by itself. Where several machines have a copy of the key file, stop all
but one first. Links in letters that were sent stay as they are: they hang on secrets that a rotation leaves alone.";

/// See [`super::Verb::Keys`].
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Name the keys of the key file, and say how many values each seals
    Show,
    /// Seal everything anew by a new key, while the service goes on
    Rotate {
        /// Take the old key out of the key file, once nothing is sealed by it
        #[arg(long)]
        drop: bool,
    },
}

/// What `erase --help` teaches besides.
pub const ERASE_HELP: &str = "\
Examples:
  holdspace erase resident somebody@hospital.org
  holdspace erase season 1f0c2d3e4f5a6b7c8d9e0f1a2b

Destroys the data keys first, then what they sealed: backups of the database from before open no more, as long as the store of
keys is not put back from before too. Letters that were sent are where they were sent to. Nobody is written to.";

/// See [`super::Verb::Erase`].
#[derive(Debug, Subcommand)]
pub enum Erase {
    /// A resident: who they are, their bookings, their links and letters. Their reporting entry keeps a random number
    Resident {
        /// Their address on the roster
        #[arg(value_name = "EMAIL", value_parser = address)]
        address: Mail,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// A season: its bookings, seats, answers and letters. The frozen release stays
    Season(Season),
}

/// See [`Erase::Season`].
#[derive(Debug, Args)]
pub struct Season {
    /// The offering's id
    #[arg(value_name = "OFFERING")]
    pub offering: String,
    /// Also where no release was frozen, so that there will never be one
    #[arg(long)]
    pub without_release: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}
