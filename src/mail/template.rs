//! Turns a letter's words into subject, text and HTML. Never sends, and never says a value in an error.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use super::context::Context;
use super::embedded;
use super::words::{clean, wrapped};
use crate::calendar::text::line;
use crate::domain::language::Language;
use crate::domain::letter::Letter;

/// Steps that one part of a letter may take: a template that somebody edited must not run for ever.
const FUEL: u64 = 20_000;
/// Largest template file in bytes.
const FILE_BYTES: u64 = 64 * 1024;
/// Largest rendered part in bytes; Gmail cuts letters off at about 102 kB.
const PART_BYTES: usize = 90_000;
/// Longest subject in characters.
const SUBJECT_CHARS: usize = 150;
/// Longest line of the plain text in characters, where spaces allow.
const TEXT_COLUMNS: usize = 76;

/// A letter in words.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text, lines ended by `\n`.
    pub text: String,
    /// A whole HTML page.
    pub html: String,
}

/// A template that cannot be used. Names the file, and a value only where the people in it are invented.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The file is there and cannot be read as UTF-8 text.
    #[error(
        "template {file}: cannot be read ({reason}); make it a readable UTF-8 text file, or remove it to use the one built in"
    )]
    Unreadable {
        /// Its path under the directory.
        file: String,
        /// The kind of failure.
        reason: String,
    },
    /// The file is larger than 64 KiB.
    #[error("template {file}: larger than 64 KiB; shorten it")]
    TooLarge {
        /// Its path under the directory.
        file: String,
    },
    /// A folder that belongs to no letter.
    #[error("template folder “{folder}”: there is no such letter; rename it to one of: {known}")]
    NoSuchLetter {
        /// Its name.
        folder: String,
        /// The letters there are.
        known: String,
    },
    /// Jinja refused it.
    #[error("template {file}, line {line}: {problem}")]
    Broken {
        /// Its path under the directory.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A part came out empty, or larger than mail programs show.
    #[error("template {file}: it gives {problem}")]
    Unfit {
        /// Its path under the directory.
        file: String,
        /// What is wrong.
        problem: &'static str,
    },
}

/// The templates in use: those built in, each of which a file may replace.
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// The templates built in.
    ///
    /// # Errors
    /// None in a tested build; a broken template is an error like one from a directory.
    pub fn embedded() -> Result<Self, TemplateError> {
        Self::of(HashMap::new())
    }

    /// The templates of a directory, with the one built in for each file that it lacks. All are tried with
    /// invented people, so that a mistake is found at start and not when a letter is due.
    ///
    /// # Errors
    /// The first file that cannot be used.
    pub fn with_overrides(directory: &Path) -> Result<Self, TemplateError> {
        refuse_unknown_folders(directory)?;
        let mut overrides = HashMap::new();
        for &(name, _) in embedded::FILES {
            if let Some(source) = read(directory, name)? {
                overrides.insert(name, source);
            }
        }
        let templates = Self::of(overrides)?;
        for (letter, language) in written() {
            let sample = Context::sample(letter, language);
            for part in ["subject.txt", "body.txt", "body.html"] {
                let file = file(letter, language, part);
                // The people in it are invented, so the whole story may be told.
                templates.part(&file, &sample.value()).map_err(|error| broken(&file, &error, true))?;
            }
            templates.render(&sample, language)?;
        }
        Ok(templates)
    }

    fn of(mut overrides: HashMap<&str, String>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        });
        environment.set_formatter(write_value);
        for &(name, source) in embedded::FILES {
            let source = overrides.remove(name).unwrap_or_else(|| source.to_owned());
            environment.add_template_owned(name, source).map_err(|error| broken(name, &error, true))?;
        }
        Ok(Self { environment })
    }

    /// Renders a letter. Those who work here are written to in English.
    ///
    /// # Errors
    /// Where a template asks for what the letter does not have, runs too long, or gives nothing.
    pub fn render(&self, context: &Context, language: Language) -> Result<Rendered, TemplateError> {
        let (letter, value) = (context.letter(), context.value());
        let part = |part: &str| -> Result<String, TemplateError> {
            let file = file(letter, language, part);
            let text = self.part(&file, &value).map_err(|error| broken(&file, &error, false))?;
            fit(file, text)
        };
        let subject = part("subject.txt")?;
        let subject: String = line(&subject).chars().take(SUBJECT_CHARS).collect();
        let text = wrapped(&clean(&part("body.txt")?), TEXT_COLUMNS);
        let html = clean(&part("body.html")?);
        Ok(Rendered { subject, text, html })
    }

    fn part(&self, file: &str, value: &Value) -> Result<String, Error> {
        self.environment.get_template(file)?.render(value)
    }
}

/// Every letter in every language that it is written in.
pub(super) fn written() -> impl Iterator<Item = (Letter, Language)> {
    Language::ALL.into_iter().flat_map(|language| {
        let there = move |letter: &Letter| language == Language::English || letter.for_residents();
        Letter::ALL.into_iter().filter(there).map(move |letter| (letter, language))
    })
}

/// The path of a part: English stands at the top, other languages in folders of their own.
fn file(letter: Letter, language: Language, part: &str) -> String {
    match language {
        Language::Spanish if letter.for_residents() => format!("{language}/{letter}/{part}"),
        Language::English | Language::Spanish => format!("{letter}/{part}"),
    }
}

fn fit(file: String, text: String) -> Result<String, TemplateError> {
    if text.trim().is_empty() {
        Err(TemplateError::Unfit { file, problem: "nothing at all" })
    } else if text.len() > PART_BYTES {
        Err(TemplateError::Unfit { file, problem: "more than 90 kB, which mail programs cut off" })
    } else {
        Ok(text)
    }
}

/// Escapes what HTML needs and no more: the usual `&#x2f;` for a slash makes spam filters take a link for a
/// hidden one.
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_safe() || !matches!(state.auto_escape(), AutoEscape::Html) {
        return write!(out, "{value}").map_err(Error::from);
    }
    for c in value.to_string().chars() {
        match c {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            '\'' => out.write_str("&#39;"),
            c => out.write_char(c),
        }?;
    }
    Ok(())
}

fn broken(file: &str, error: &Error, invented: bool) -> TemplateError {
    let problem = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "runs too long; is there a loop without an end?".to_owned(),
        (kind, Some(detail)) if invented => format!("{kind}: {detail}"),
        (kind, _) => kind.to_string(),
    };
    let file = error.name().unwrap_or(file).to_owned();
    TemplateError::Broken { file, line: error.line().unwrap_or(1), problem }
}

fn read(directory: &Path, name: &str) -> Result<Option<String>, TemplateError> {
    let unreadable = |error: &std::io::Error| TemplateError::Unreadable {
        file: name.to_owned(),
        reason: error.kind().to_string(),
    };
    let file = match File::open(directory.join(name)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    let mut source = String::new();
    file.take(FILE_BYTES + 1).read_to_string(&mut source).map_err(|error| unreadable(&error))?;
    if source.len() as u64 > FILE_BYTES {
        return Err(TemplateError::TooLarge { file: name.to_owned() });
    }
    Ok(Some(source))
}

/// A misspelt folder would be ignored in silence, and its author would wonder for a season.
fn refuse_unknown_folders(directory: &Path) -> Result<(), TemplateError> {
    let unreadable = |error: std::io::Error| TemplateError::Unreadable {
        file: directory.display().to_string(),
        reason: error.kind().to_string(),
    };
    let spanish = directory.join(Language::Spanish.code());
    if spanish.is_dir() {
        refuse_unknown_folders(&spanish)?;
    }
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let folder = entry.file_name().to_string_lossy().into_owned();
        let hidden = folder.starts_with('.');
        let language = folder == Language::Spanish.code();
        if !hidden && !language && entry.path().is_dir() && folder.parse::<Letter>().is_err() {
            let known = Letter::ALL.map(Letter::name).join(", ");
            return Err(TemplateError::NoSuchLetter { folder, known });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
