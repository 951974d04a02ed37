//! What a group was shown as over the seasons, for the pages of a program and of the institution alike: the newest figure
//! in words, the seasons side by side, and the same as a table. Draws nothing itself, and holds no sentence.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::words::filled;
use crate::domain::release::{Frozen, Seasons, csv, csv_of_all, csv_of_withdrawn};

/// One group over the seasons.
pub struct GroupTold {
    /// Its name.
    pub name: String,
    /// How many people it had last.
    pub people: String,
    /// What is to be known of the group; may be empty.
    pub about: &'static str,
    /// The newest figure.
    pub words: String,
    /// An `svg` element.
    pub chart: String,
    /// A `table` element.
    pub table: String,
    /// What the table is called.
    pub table_name: String,
}

impl GroupTold {
    /// `people` has a gap of that name, `table` one for the group's `name`; `number` tells the charts of a page apart.
    pub fn of(
        group: &Seasons<'_>,
        (people, table): (&str, &str),
        about: &'static str,
        number: usize,
    ) -> Self {
        let newest = group.newest();
        let count = newest.map_or(0, |figure| figure.people).to_string();
        Self {
            name: group.name().to_owned(),
            people: filled(people, &[("people", &count)]),
            about,
            words: newest.map(crate::domain::release::Figure::words).unwrap_or_default(),
            chart: group.chart(number),
            table: group.table(),
            table_name: filled(table, &[("name", group.name())]),
        }
    }
}

/// The file of one frozen release, or of its withdrawal.
pub fn file(frozen: &Frozen) -> Response {
    let rows = match frozen {
        Frozen::Shown(release) => csv(release),
        Frozen::Withdrawn(withdrawal) => csv_of_withdrawn(withdrawal),
    };
    sent("release.csv", rows)
}

/// The file of all.
pub fn file_of_all<'r>(releases: impl IntoIterator<Item = &'r Frozen>) -> Response {
    sent("releases.csv", csv_of_all(releases))
}

fn sent(name: &str, rows: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, rows).into_response()
}
