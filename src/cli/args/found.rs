//! The words of `init` and `director`. Never does anything.

use clap::{Args, Subcommand};

use super::{Mail, address};

/// See [`super::Verb::Init`].
#[derive(Debug, Args)]
pub struct Init {
    /// The sponsoring institution's name
    #[arg(long, value_name = "NAME", default_value = "Our institution")]
    pub institution: String,
    /// The first director's mail address; without a real one, only the printed link lets anybody in
    #[arg(long, value_name = "EMAIL", value_parser = address, default_value = "director@holdspace.invalid")]
    pub director: Mail,
}

/// See [`super::Verb::Director`].
#[derive(Debug, Subcommand)]
pub enum Director {
    /// Print a fresh sign-in link of a director
    #[command(
        after_help = "Example:\n  holdspace director link colleague@hospital.org --new\n\nThe link opens once, within 15 minutes."
    )]
    Link {
        /// The director's mail address
        #[arg(value_name = "EMAIL", value_parser = address)]
        email: Mail,
        /// Let in somebody who is no director yet
        #[arg(long)]
        new: bool,
    },
}
