//! A release as rows for a spreadsheet (RFC 4180). Never more than what the page shows.

use std::fmt::Write;

use super::{Figure, Release, Share, Subject};

pub(super) const HEADING: &str = "offering,subject,name,people,share_percent,share_bound,low_percent,low_bound,high_percent,\
    high_bound,in_words,epsilon,closing_date,released_on\r\n";

/// The figures of a release, a row each, under a row of headings.
///
/// `*_bound` is `or less` or `or more` where the percentage stands for everything beyond it.
#[must_use]
pub fn csv(release: &Release) -> String {
    let rows = release.figures.iter().map(|figure| row(release, figure));
    std::iter::once(HEADING.to_owned()).chain(rows).collect()
}

pub(super) fn row(release: &Release, figure: &Figure) -> String {
    let terms = &release.terms;
    let subject = match figure.subject {
        Subject::Unit(_) => "unit",
        Subject::Institution => "institution",
    };
    let mut row = format!("{},{subject},{},{}", cell(&terms.title), cell(&figure.name), figure.people);
    for share in [figure.shown.share, figure.shown.low, figure.shown.high] {
        row.push_str(&columns(share));
    }
    // Writing to a text cannot fail.
    let _ = write!(
        row,
        ",{},{},{},{}\r\n",
        cell(&figure.words()),
        terms.epsilon,
        terms.closing_date,
        terms.released_on
    );
    row
}

fn columns(share: Share) -> String {
    format!(",{},{}", share.percent(), share.bound())
}

/// One quoted cell. A text that a spreadsheet would run as a formula is led by an apostrophe.
fn cell(text: &str) -> String {
    let lead = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{lead}{}\"", text.replace('"', "\"\""))
}
