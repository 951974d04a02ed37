//! `release`: prints what was frozen, and nothing that was counted. Never draws.

use super::answer::{Answer, table};
use super::args::OfOffering;
use super::house::House;
use crate::domain::release::{Document, Release, SURVEY_FACT};

/// Freezes the release if it is due, and prints the frozen one.
///
/// # Errors
/// Before its day, and where the privacy budget does not reach.
pub async fn release(house: &House, words: OfOffering) -> anyhow::Result<Answer> {
    let release = house.desk.release(words.offering.as_deref()).await?;
    let document = Document::of(&release);
    let json = String::from_utf8_lossy(document.bytes()).into_owned();
    Ok(Answer::of_json(json, in_words(&release, &document.hash())))
}

fn in_words(release: &Release, hash: &str) -> String {
    let terms = &release.terms;
    let mut text = format!("{}: visits up to {}\n", terms.title, terms.closing_date);
    if release.figures.is_empty() {
        text += "No figure is shown: a share of fewer than 12 people would tell too much.\n";
    }
    let figures = release.figures.iter();
    text += &table(
        ["Unit", "People", "Attended"],
        figures.map(|figure| [figure.name.clone(), figure.people.to_string(), figure.words()]),
    );
    if let Some(survey) = &release.survey {
        let answered = ["Answered at all".to_owned(), survey.answered.words()];
        let told = survey.questions.iter().map(|told| [told.question.statement().to_owned(), told.words()]);
        text += &format!("\nThe survey, of {} people: share of people who {SURVEY_FACT}\n", survey.people);
        text += &table(["Sentence", "Share"], std::iter::once(answered).chain(told));
    }
    text + &format!("Frozen; asking again prints the same. SHA-256 {hash}\n")
}
