//! The demo's lines on the terminal: one step a line, aligned, with a bar where letters go out. Never says what is
//! not so.

use std::fmt::Display;
use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::answer::say;

/// The column in which sentences begin.
const COLUMN: usize = 17;

/// How the demo speaks to whoever started it.
pub struct Telling {
    silent: bool,
    styled: bool,
}

impl Telling {
    /// Speaks unless `silent`; in two weights of type where that shows.
    #[must_use]
    pub fn new(silent: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { silent, styled: io::stdout().is_terminal() && !plain }
    }

    /// A step: its name, and what happened.
    pub fn step(&self, name: &str, happened: impl Display) {
        let indent = COLUMN.saturating_sub(2);
        self.line(format_args!("  {}{happened}", self.bold(&format!("{name:<indent$}"))));
    }

    /// Something that belongs to the step before.
    pub fn detail(&self, text: impl Display) {
        let text = self.dim(&text.to_string());
        self.line(format_args!("{:COLUMN$}{text}", ""));
    }

    /// A line of its own.
    pub fn line(&self, text: impl Display) {
        if !self.silent {
            let text = text.to_string();
            say(if text.is_empty() { " " } else { &text });
        }
    }

    /// In the heavier weight.
    #[must_use]
    pub fn bold(&self, text: &str) -> String {
        if self.styled { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn dim(&self, text: &str) -> String {
        if self.styled { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A bar on a terminal, for letters on their way; nothing elsewhere.
    #[must_use]
    pub fn bar(&self, letters: usize) -> ProgressBar {
        let shown = !self.silent && io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(letters as u64), target);
        match ProgressStyle::with_template("  delivering     {bar:40} {pos}/{len}") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}
