//! A release as rows for a spreadsheet (RFC 4180). Never more than what the page shows.

use std::fmt::Write;

use super::{Agreement, Epsilon, Figure, Frozen, Release, Share, Shown, Subject, Survey, Withdrawal};

pub(super) const HEADING: &str = "offering,subject,name,people,share_percent,share_bound,low_percent,low_bound,high_percent,\
    high_bound,in_words,epsilon,closing_date,released_on\r\n";

/// The figures of a release, a row each, under a row of headings: `unit`, `institution`, and for breakdowns
/// `training-year` and `site`, each with the epsilon of its own noise.
///
/// What a survey told follows: `survey-answered` for the share that answered, and `survey` for each question, of those who
/// answered; the share is empty where it is not shown. `people` are those who were asked.
///
/// `*_bound` is `or less` or `or more` where the percentage stands for everything beyond it.
#[must_use]
pub fn csv(release: &Release) -> String {
    std::iter::once(HEADING.to_owned()).chain([rows(release)]).collect()
}

/// What stands in the place of a release that was withdrawn: one row, `withdrawn`, with the reason and no figure.
#[must_use]
pub fn csv_of_withdrawn(withdrawal: &Withdrawal) -> String {
    format!("{HEADING}{}", withdrawn(withdrawal))
}

fn withdrawn(withdrawal: &Withdrawal) -> String {
    let Withdrawal { title, .. } = withdrawal;
    format!("{},withdrawn,,,,,,,,,{},,,\r\n", cell(title), cell(&withdrawal.words()))
}

/// The rows of what stands where a release was frozen.
pub(super) fn rows_of(frozen: &Frozen) -> String {
    match frozen {
        Frozen::Shown(release) => rows(release),
        Frozen::Withdrawn(withdrawal) => withdrawn(withdrawal),
    }
}

/// The rows alone.
pub(super) fn rows(release: &Release) -> String {
    let figures = release.every_figure().map(|(figure, epsilon)| row(release, figure, epsilon));
    figures.chain(release.survey.iter().map(|it| asked(release, it))).collect()
}

fn asked(release: &Release, survey: &Survey) -> String {
    let answered = ("survey-answered", "Answered the survey", Some(survey.answered), survey.answered.words());
    let told = |told: &Agreement| ("survey", told.question.statement(), told.shown, told.words());
    let lines = std::iter::once(answered).chain(survey.questions.iter().map(told));
    let line = |(subject, name, shown, words): (&str, &str, Option<Shown>, String)| {
        line(release, (subject, name, survey.people), shown, &words, survey.epsilon)
    };
    lines.map(line).collect()
}

fn row(release: &Release, figure: &Figure, epsilon: Epsilon) -> String {
    let subject = match figure.subject {
        Subject::Unit(_) => "unit",
        Subject::Institution => "institution",
        Subject::TrainingYear(_) => "training-year",
        Subject::Site(_) => "site",
    };
    let told = (subject, figure.name.as_str(), figure.people);
    line(release, told, Some(figure.shown), &figure.words(), epsilon)
}

fn line(
    release: &Release,
    (subject, name, people): (&str, &str, u32),
    shown: Option<Shown>,
    words: &str,
    epsilon: Epsilon,
) -> String {
    let terms = &release.terms;
    let mut row = format!("{},{subject},{},{people}", cell(&terms.title), cell(name));
    match shown {
        Some(shown) => {
            [shown.share, shown.low, shown.high].map(columns).iter().for_each(|it| row.push_str(it))
        }
        None => row.push_str(",,,,,,"),
    }
    // Writing to a text cannot fail.
    let _ = write!(row, ",{},{epsilon},{},{}\r\n", cell(words), terms.closing_date, terms.released_on);
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
