//! The words of `solve` and the help that teaches them. Never does anything.

use std::path::PathBuf;

use clap::Args;

/// Under the options.
pub const HELP: &str = "\
Example:
  holdspace solve instance.bin --fair --assignment pairs.txt

As many as possible are placed, and of those plans the one that costs least. The answer is one JSON object, and
every answer was proved against the file before it is printed. Needs no configuration.

Forms, told by the first bytes and not by the name:
  binary            header and words of 32 bits, little-endian
  p asg R S T P     residents, slots, therapists, pairs; lines `s` of slots, then lines `r` of residents
  p min NODES ARCS  DIMACS minimum-cost flow, where it is an assignment; arcs past the slots are dropped
  p asg NODES ARCS  DIMACS assignment
In the DIMACS forms, all arcs of a resident stand together, residents in ascending order.";

/// See [`super::Verb::Solve`].
#[derive(Debug, Args)]
pub struct Solve {
    /// The instance
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Let a therapist's further seats cost more and more; DIMACS files say that themselves
    #[arg(long)]
    pub fair: bool,
    /// Write `RESIDENT SLOT` for everybody placed into this new file: counted from 0, or DIMACS nodes
    #[arg(long, value_name = "OUT")]
    pub assignment: Option<PathBuf>,
    /// Keep slots apart that are the same to everybody
    #[arg(long, hide = true)]
    pub no_merge: bool,
}
