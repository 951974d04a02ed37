//! Reads the table. Never guesses: a line that it does not understand fails with its number.

use std::collections::BTreeMap;

/// What somebody is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `+`: it opens, or is done: something changed, unless it was only looked at.
    Opens,
    /// `=`: answered as if done, and nothing changes.
    AsIfDone,
    /// `!`: they may, and what they ask for is refused: nothing changes.
    Heard,
    /// `s`: led to the page where one signs in.
    SignIn,
    /// `h`: led to their own first page.
    Home,
    /// `k`: asked for a token or a password.
    Unknown,
    /// `f`: refused in words.
    Refused,
    /// `-`: there is nothing here.
    Nothing,
    /// `m`: asked in the wrong way.
    WrongWay,
}

impl Class {
    fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "+" => Self::Opens,
            "=" => Self::AsIfDone,
            "!" => Self::Heard,
            "s" => Self::SignIn,
            "h" => Self::Home,
            "k" => Self::Unknown,
            "f" => Self::Refused,
            "-" => Self::Nothing,
            "m" => Self::WrongWay,
            _ => return None,
        })
    }
}

/// Those who have a column, in its order: nobody, then people.
pub const COLUMNS: [&str; 7] = ["nobody", "Tess", "Theo", "Cory", "Nora", "Dana", "Lena"];

/// A line of the table.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number in the file.
    pub line: usize,
    /// The door, as the router writes it.
    pub door: String,
    /// The method.
    pub method: String,
    /// The address, with `@names` in it.
    pub at: String,
    /// The name of what is sent along; empty for nothing.
    pub sends: String,
    /// The answers, in the order of [`COLUMNS`].
    pub answers: [Class; 7],
}

/// The table: its rows, before and after the day of release.
#[derive(Debug, Default)]
pub struct Table {
    /// While visits take place.
    pub during: Vec<Row>,
    /// Once the release is out.
    pub afterwards: Vec<Row>,
}

impl Table {
    /// Reads the file.
    pub fn read(text: &str) -> Self {
        let (mut table, mut door, mut late) = (Self::default(), String::new(), false);
        for (number, line) in text.lines().enumerate() {
            let line_number = number + 1;
            let bare = line.split('#').next().unwrap_or_default();
            if bare.trim().is_empty() {
                continue;
            }
            if bare.starts_with('/') {
                (door, late) = (bare.trim().to_owned(), false);
                continue;
            }
            if bare.trim() == "afterwards" {
                late = true;
                continue;
            }
            let row = row(line_number, &door, bare).unwrap_or_else(|| panic!("line {line_number}: {line}"));
            if late { &mut table.afterwards } else { &mut table.during }.push(row);
        }
        table
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.during.iter().chain(&self.afterwards)
    }

    /// The methods that the table gives each door.
    pub fn methods(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut methods: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in self.rows() {
            let of_door = methods.entry(&row.door).or_default();
            if !of_door.contains(&row.method.as_str()) {
                of_door.push(&row.method);
            }
        }
        methods
    }
}

/// `METHOD [field=value ..] [?query] [: sends] | + s h ..`: fields of the door's template, a query, the name of a body.
fn row(line: usize, door: &str, text: &str) -> Option<Row> {
    let (asked, answers) = text.split_once('|')?;
    let (asked, sends) = asked.split_once(" : ").unwrap_or((asked, ""));
    let mut words = asked.split_whitespace();
    let method = words.next()?.to_owned();
    let (mut at, mut query) = (door.to_owned(), "");
    for word in words {
        if word.starts_with('?') {
            query = word;
            continue;
        }
        let (name, value) = word.split_once('=')?;
        let written = [format!("{{{name}}}"), format!("{{*{name}}}")];
        let found = written.iter().find(|field| at.contains(field.as_str()))?.clone();
        at = at.replace(&found, value);
    }
    if at.contains('{') || door.is_empty() {
        return None;
    }
    let answers: Vec<Class> = answers.split_whitespace().map(Class::of).collect::<Option<_>>()?;
    let (door, sends) = (door.to_owned(), sends.trim().to_owned());
    Some(Row { line, door, method, at: at + query, sends, answers: answers.try_into().ok()? })
}
