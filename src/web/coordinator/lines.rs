//! Lines of a file with what is to be said of each, as every page has them on which a file is looked through. Never the text
//! of a cell.

use crate::domain::table::RowRefusal;
use crate::web::words::filled;
use crate::web::words::roster::{RosterWords, roster};

/// So many lines of a kind are shown; the rest are counted.
const MOST: usize = 300;

/// Lines of one kind; the template `coordinator/lines.html` shows them as a table, and nothing where there are none.
pub(super) struct Lines {
    pub r: &'static RosterWords,
    pub title: &'static str,
    /// A sentence above them; may be empty.
    pub lead: &'static str,
    pub rows: Vec<LineTold>,
    /// How many more there are, in words.
    pub more: String,
}

pub(super) struct LineTold {
    pub line: String,
    pub column: String,
    pub problem: String,
    pub remedy: String,
}

impl Lines {
    /// The first of many.
    pub fn of(title: &'static str, lead: &'static str, refusals: &[RowRefusal]) -> Self {
        let r = roster();
        let more = match refusals.len().saturating_sub(MOST) {
            0 => String::new(),
            count => filled(r.look_more, &[("count", &count.to_string())]),
        };
        let rows = refusals.iter().take(MOST).map(|one| LineTold::of(r, one)).collect();
        Self { r, title, lead, rows, more }
    }
}

impl LineTold {
    fn of(r: &RosterWords, refusal: &RowRefusal) -> Self {
        let line = match (refusal.line, &refusal.sheet) {
            (0, _) => r.look_whole_file.to_owned(),
            (line, None) => line.to_string(),
            (line, Some(sheet)) => format!("{sheet} {line}"),
        };
        Self {
            line,
            column: refusal.column.clone().unwrap_or_default(),
            problem: refusal.problem.clone(),
            remedy: refusal.remedy.clone(),
        }
    }
}
