//! A figure as a picture: one bar with its interval, inline SVG, and the same figures as a table for whoever does
//! not see it. Never a script, a style sheet or a reference to anything outside.

use std::fmt::Write;

use super::{Agreement, FACT, Figure, NOISE_NOTE, Release, SURVEY_FACT, Shown};

/// One bar of 0 to 100 %, with the interval as a line, as an `svg` element to stand inside a page.
///
/// Colours are the page's own (`currentColor`), so that it is legible in dark mode and in print. `number` sets it
/// apart from the other charts of the page, because its title and description are found by their `id`.
#[must_use]
pub fn bar(figure: &Figure, number: usize) -> String {
    let title = format!("{}: share that attended", escape(&figure.name));
    drawn(&title, &escape(&figure.sentence()), &figure.shown, number)
}

/// The same of what people agreed with; nothing where its share is not shown.
#[must_use]
pub fn agreement(told: &Agreement, number: usize) -> String {
    let title = format!("{} Share that agrees", escape(told.question.statement()));
    let bar = told
        .shown
        .map(|shown| drawn(&title, &escape(&format!("{}: {NOISE_NOTE}.", shown.words())), &shown, number));
    bar.unwrap_or_default()
}

/// A bar with escaped words.
fn drawn(title: &str, sentence: &str, shown: &Shown, number: usize) -> String {
    let [share, low, high] = [shown.share, shown.low, shown.high].map(|share| u32::from(share.percent()));
    // An end stands for everything beyond it, so the line runs to the edge there.
    let from = if shown.low.bound() == "or less" { 0 } else { low };
    let to = if shown.high.bound() == "or more" { 100 } else { high };
    format!(
        "<svg role=\"img\" aria-labelledby=\"figure-{number}-title figure-{number}-desc\" viewBox=\"0 0 104 14\" \
         width=\"100%\" height=\"42\" preserveAspectRatio=\"none\" xmlns=\"http://www.w3.org/2000/svg\">\
         <title id=\"figure-{number}-title\">{title}</title>\
         <desc id=\"figure-{number}-desc\">{sentence}</desc>\
         <rect x=\"2\" y=\"3\" width=\"100\" height=\"8\" fill=\"currentColor\" fill-opacity=\"0.08\"/>\
         <rect x=\"2\" y=\"3\" width=\"{share}\" height=\"8\" fill=\"currentColor\" fill-opacity=\"0.35\"/>\
         <path d=\"M{start} 7H{end}M{start} 5V9M{end} 5V9\" stroke=\"currentColor\" fill=\"none\" \
         vector-effect=\"non-scaling-stroke\"/></svg>",
        start = from + 2,
        end = to + 2,
    )
}

/// What a survey told as a `table` element with a caption, a row for each question.
#[must_use]
pub fn survey_table(release: &Release) -> String {
    let Some(survey) = &release.survey else { return String::new() };
    let mut html = format!(
        "<table><caption>{}: share of people who {SURVEY_FACT}, with noise of epsilon {} for each figure</caption>\
         <thead><tr><th scope=\"col\">Sentence</th><th scope=\"col\">Share</th><th scope=\"col\">With its \
         uncertainty</th></tr></thead><tbody>",
        escape(&release.terms.title),
        survey.epsilon,
    );
    let row = |name: &str, shown: Option<Shown>, words: &str| {
        let share = shown.map_or_else(|| "–".to_owned(), |shown| shown.share.to_string());
        format!("<tr><th scope=\"row\">{}</th><td>{share}</td><td>{}</td></tr>", escape(name), escape(words))
    };
    html += &row("Answered at all", Some(survey.answered), &survey.answered.words());
    for told in &survey.questions {
        html += &row(told.question.statement(), told.shown, &told.words());
    }
    html + "</tbody></table>"
}

/// All figures of a release as a `table` element with a caption, a row each.
#[must_use]
pub fn table(release: &Release) -> String {
    let mut html = format!(
        "<table><caption>{}: share of people who {FACT}, with noise of \
         epsilon {}</caption><thead><tr><th scope=\"col\">Group</th>\
         <th scope=\"col\">People</th><th scope=\"col\">Share</th><th scope=\"col\">With its uncertainty</th></tr>\
         </thead><tbody>",
        escape(&release.terms.title),
        release.terms.epsilon,
    );
    for figure in &release.figures {
        // Writing to a text cannot fail.
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&figure.name),
            figure.people,
            figure.shown.share,
            escape(&figure.words()),
        );
    }
    html.push_str("</tbody></table>");
    html
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
