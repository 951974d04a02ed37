//! What a verb answers: words for people, one line of JSON for machines, and the exit code. Never decides which
//! of the two is wanted.

use std::fmt::Display;
use std::io::{self, BufRead as _, Read as _, Write};
use std::process::ExitCode;

use comfy_table::{LineStyle, Table, TableStyle};
use serde::Serialize;

/// Done.
const DONE: u8 = 0;
/// Refused, or done in part.
const REFUSED: u8 = 1;

/// What a verb answers.
pub struct Answer {
    machines: String,
    people: String,
    reasons: Vec<String>,
    refused: bool,
}

impl Answer {
    /// An answer in both forms.
    ///
    /// # Errors
    /// Where a value has no JSON form, which none of ours lacks.
    pub fn new(machines: &impl Serialize, people: impl Into<String>) -> anyhow::Result<Self> {
        Ok(Self::of_json(serde_json::to_string(machines)?, people))
    }

    /// An answer whose JSON was written elsewhere.
    #[must_use]
    pub fn of_json(machines: String, people: impl Into<String>) -> Self {
        Self { machines, people: people.into(), reasons: Vec::new(), refused: false }
    }

    /// Says on standard error what people should know besides; machines find it in the JSON.
    #[must_use]
    pub fn with_notes<T: Display>(mut self, notes: impl IntoIterator<Item = T>) -> Self {
        self.reasons.extend(notes.into_iter().map(|note| note.to_string()));
        self
    }

    /// Ends with exit code 1 if `refused`.
    #[must_use]
    pub const fn refused_if(mut self, refused: bool) -> Self {
        self.refused = refused;
        self
    }

    /// Prints in the form that was asked for; gives the exit code.
    #[must_use]
    pub fn print(self, json: bool) -> ExitCode {
        if json {
            say(self.machines.trim_end());
        } else {
            for reason in &self.reasons {
                complain(reason);
            }
            say(self.people.trim_end());
        }
        ExitCode::from(if self.refused { REFUSED } else { DONE })
    }
}

/// Prints a refusal; for machines also as an object, so that they always find one.
#[must_use]
pub fn refuse(problem: &impl Display, json: bool) -> ExitCode {
    #[derive(Serialize)]
    struct Refused {
        error: String,
    }
    let problem = problem.to_string();
    complain(&problem);
    if json && let Ok(text) = serde_json::to_string(&Refused { error: problem }) {
        say(&text);
    }
    ExitCode::from(REFUSED)
}

/// One line on standard error.
pub fn complain(text: &str) {
    // There is nobody to tell that standard error is closed.
    let _ = writeln!(io::stderr().lock(), "holdspace: {text}");
}

/// Text on standard output.
pub fn say(text: &str) {
    if text.is_empty() {
        return;
    }
    let mut out = io::stdout().lock();
    // A reader such as `head` may have gone: that is no failure of ours.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A line under the headings and none elsewhere.
const STYLE: TableStyle = TableStyle::new()
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none());

/// A table for a terminal of any width; nothing where there are no rows.
#[must_use]
pub fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header);
    table.add_rows(rows);
    if table.is_empty() { String::new() } else { format!("{table}\n") }
}

/// A number with its noun: `1 letter`, `2 letters`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Asks the person at the terminal, on standard error, and gives what they type in one line.
///
/// # Errors
/// Where nobody can be asked.
pub fn ask(question: &str) -> io::Result<String> {
    let mut out = io::stderr();
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().take(1024).read_line(&mut line)?;
    Ok(line)
}
