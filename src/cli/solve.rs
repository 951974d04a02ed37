//! `solve`: hands a file of numbers to the engine and prints what it answered. Never decides what is right.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};

use super::answer::Answer;
use super::args::solve::Solve;
use crate::solve::{Wish, solve as answer};

/// Answers an instance; the pairs go into a file where that was asked for.
///
/// # Errors
/// What is wrong with either file, or that the answer could not be proved.
pub fn solve(words: &Solve) -> anyhow::Result<Answer> {
    // Said before the work, not after it.
    if let Some(out) = words.assignment.as_deref().filter(|out| out.exists()) {
        bail!("{}: lies there already; name a file that does not", out.display());
    }
    let wish = Wish { fair: words.fair, merge: !words.no_merge };
    let solved = answer(&words.file, wish).with_context(|| words.file.display().to_string())?;
    if let Some(out) = &words.assignment {
        write(out, &solved.pairs).with_context(|| format!("{}: cannot be written", out.display()))?;
    }
    // A verb for machines: the same object with and without --json.
    Answer::new(&solved, serde_json::to_string(&solved)?)
}

fn write(out: &Path, pairs: &[(u32, u32)]) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create_new(out)?);
    for (resident, slot) in pairs {
        writeln!(file, "{resident} {slot}")?;
    }
    file.flush()
}
