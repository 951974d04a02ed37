//! One group's figures over the seasons: side by side in one picture, the same as a table, and as rows. Made of frozen
//! releases and of nothing else, and never says itself whether two seasons differ.

use std::fmt::Write;

use chrono::Datelike;

use super::chart::escape;
use super::csv::{HEADING, rows_of};
use super::{Epsilon, FACT, Figure, Frozen, Release, Subject, Terms};
use crate::domain::language::Language;

/// The newest seasons that a picture shows: more would be read as a trend that the noise does not bear.
const DRAWN: usize = 6;
/// Longest title of a season in the picture, in characters; the table has it whole.
const LABEL: usize = 22;
/// Left edge of the scale, and its length for one percent, in tenths of a unit.
const LEFT: u32 = 200;
const PERCENT: u32 = 34;
/// Height of a season's line.
const LINE: usize = 48;

/// What a group was shown as, season by season.
pub struct Seasons<'r> {
    subject: Subject,
    figures: Vec<(&'r Terms, &'r Figure, Epsilon)>,
}

/// The figures of releases, given newest first, by the group that they are about; the groups in the order of the newest
/// release that has them.
pub fn seasons<'r>(releases: impl IntoIterator<Item = &'r Release>) -> Vec<Seasons<'r>> {
    let mut groups: Vec<Seasons<'r>> = Vec::new();
    for release in releases {
        for (figure, epsilon) in release.every_figure() {
            let one = (&release.terms, figure, epsilon);
            match groups.iter_mut().find(|group| group.subject == figure.subject) {
                Some(group) => group.figures.push(one),
                None => groups.push(Seasons { subject: figure.subject, figures: vec![one] }),
            }
        }
    }
    groups
}

/// All figures of releases, a row each, under one row of headings; as [`super::csv()`] has those of one.
pub fn csv_of_all<'r>(frozen: impl IntoIterator<Item = &'r Frozen>) -> String {
    std::iter::once(HEADING.to_owned()).chain(frozen.into_iter().map(rows_of)).collect()
}

impl<'r> Seasons<'r> {
    /// What the figures are about.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        self.subject
    }

    /// The newest figure; there is one.
    #[must_use]
    pub fn newest(&self) -> Option<&'r Figure> {
        self.figures.first().map(|(_, figure, _)| *figure)
    }

    /// The name of the group, as the newest release has it.
    #[must_use]
    pub fn name(&self) -> &'r str {
        self.newest().map_or("", |figure| figure.name.as_str())
    }

    /// Of how many seasons there is a figure.
    #[must_use]
    pub fn count(&self) -> usize {
        self.figures.len()
    }

    /// The newest seasons, a line each, as an `svg` element to stand inside a page: the scale from 0 to 100 %, on it a band
    /// for where the true share most likely lies, and a mark for the share.
    ///
    /// Colours are the page's own (`currentColor`). `number` sets it apart from the other charts of the page.
    #[must_use]
    pub fn chart(&self, number: usize) -> String {
        let shown = &self.figures[..self.figures.len().min(DRAWN)];
        let (foot, name) = (LINE * shown.len() + 8, escape(self.name()));
        let heard: Vec<String> = shown
            .iter()
            .map(|(terms, figure, _)| {
                let people = figure.people;
                escape(&format!("{}: {}, of {people} people.", season(terms, usize::MAX), figure.words()))
            })
            .collect();
        let mut svg = format!(
            "<svg role=\"img\" aria-labelledby=\"seasons-{number}-title seasons-{number}-desc\" viewBox=\"0 0 384 {}\" \
             font-size=\"13\" fill=\"currentColor\" xmlns=\"http://www.w3.org/2000/svg\">\
             <title id=\"seasons-{number}-title\">{name}: share that attended, by season</title>\
             <desc id=\"seasons-{number}-desc\">{}</desc>",
            foot + 18,
            heard.join(" "),
        );
        for percent in [0, 25, 50, 75, 100] {
            // Writing to a text cannot fail.
            let _ = write!(
                svg,
                "<path d=\"M{at} 22V{foot}\" stroke=\"currentColor\" stroke-opacity=\"0.25\"/>\
                 <text x=\"{at}\" y=\"{}\" text-anchor=\"middle\">{percent} %</text>",
                foot + 15,
                at = along(percent),
            );
        }
        for (at, (terms, figure, _)) in shown.iter().enumerate() {
            line(&mut svg, at * LINE, terms, figure);
        }
        svg.push_str("</svg>");
        svg
    }

    /// Every season as a `table` element with a caption, a row each.
    #[must_use]
    pub fn table(&self) -> String {
        let mut html = format!(
            "<table><caption>{}: share of people who {FACT}</caption><thead><tr><th scope=\"col\">Season</th>\
             <th scope=\"col\">People</th><th scope=\"col\">Share</th><th scope=\"col\">With its uncertainty</th>\
             <th scope=\"col\">Noise (epsilon)</th></tr></thead><tbody>",
            escape(self.name()),
        );
        for (terms, figure, epsilon) in &self.figures {
            let _ = write!(
                html,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(&season(terms, usize::MAX)),
                figure.people,
                figure.shown.share,
                escape(&figure.words()),
                epsilon,
            );
        }
        html.push_str("</tbody></table>");
        html
    }
}

/// One season's line, from `top` down.
fn line(svg: &mut String, top: usize, terms: &Terms, figure: &Figure) {
    let shown = figure.shown;
    let [share, low, high] = [shown.share, shown.low, shown.high].map(|share| u32::from(share.percent()));
    // An end stands for everything beyond it, so the band runs to the edge there.
    let from = if shown.low.bound() == "or less" { 0 } else { low };
    let to = if shown.high.bound() == "or more" { 100 } else { high };
    let (words, middle, up, down) = (top + 15, top + 31, top + 25, top + 37);
    let [from, to, share] = [from, to, share].map(along);
    let _ = write!(
        svg,
        "<text x=\"20\" y=\"{words}\">{}</text><text x=\"360\" y=\"{words}\" text-anchor=\"end\" \
         font-weight=\"600\">{}</text>\
         <path d=\"M{from} {middle}H{to}\" stroke=\"currentColor\" stroke-opacity=\"0.3\" stroke-width=\"12\"/>\
         <path d=\"M{from} {middle}H{to}M{from} {up}V{down}M{to} {up}V{down}\" stroke=\"currentColor\" \
         stroke-width=\"2\" fill=\"none\"/><circle cx=\"{share}\" cy=\"{middle}\" r=\"5\"/>",
        escape(&season(terms, LABEL)),
        shown.share,
    );
}

/// Where a number of percent lies on the scale.
fn along(percent: u32) -> String {
    let tenths = LEFT + PERCENT * percent;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What a season is called: its title, cut to so many characters, and the month of its release.
fn season(terms: &Terms, longest: usize) -> String {
    let month = Language::English.months()[terms.released_on.month0() as usize];
    let mut title: String = terms.title.chars().take(longest).collect();
    if title.len() < terms.title.len() {
        title.truncate(title.trim_end().len());
        title.push('…');
    }
    format!("{title}, {} {}", &month[..3], terms.released_on.year())
}
