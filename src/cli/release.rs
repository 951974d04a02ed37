//! `release`: prints what was frozen, and nothing that was counted; withdraws it; and says how its mirror stands. Never draws.

use serde::Serialize;

use super::answer::{Answer, count, table};
use super::args::release::{Act, MirrorWords, Release as Words};
use super::house::House;
use crate::domain::release::{Division, Document, Release, SURVEY_FACT};

/// Does what the words say of a release.
///
/// # Errors
/// Before its day, where the privacy budget does not reach, and where the mirror cannot say what was released before.
pub async fn release(house: &House, words: Words) -> anyhow::Result<Answer> {
    let offering = words.of.offering.as_deref();
    match (words.act, words.reason) {
        (Some(Act::Mirror(words)), _) => mirror(house, &words).await,
        (_, Some(reason)) if words.withdraw => withdraw(house, offering, &reason).await,
        _ => {
            let release = house.desk.release(offering).await?;
            let document = Document::of(&release);
            let json = String::from_utf8_lossy(document.bytes()).into_owned();
            Ok(Answer::of_json(json, in_words(&release, &document.hash())))
        }
    }
}

async fn withdraw(house: &House, offering: Option<&str>, reason: &str) -> anyhow::Result<Answer> {
    #[derive(Serialize)]
    struct Told<'a> {
        withdrawn_on: chrono::NaiveDate,
        reason: &'a str,
    }
    let done = house.desk.withdraw(offering, reason).await?;
    let told = format!(
        "{}: {}\nPages, files and answers say so from now on. What was spent on each resident stays spent.\n",
        done.title,
        done.words()
    );
    Answer::new(&Told { withdrawn_on: done.on, reason: &done.reason }, told)
}

async fn mirror(house: &House, words: &MirrorWords) -> anyhow::Result<Answer> {
    #[derive(Serialize)]
    struct Told {
        path: String,
        releases: usize,
        withdrawals: usize,
        lines_unknown: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        put_aside: Option<String>,
    }
    let put_aside = if words.renew { house.desk.renew_mirror().await? } else { None };
    let Some(stand) = house.desk.mirror_stand().await? else {
        anyhow::bail!("there is no mirror; set release_mirror")
    };
    let mut text = format!(
        "{}: {}, {}\n",
        stand.path,
        count(stand.releases, "release"),
        count(stand.withdrawals, "withdrawal")
    );
    if stand.is_new {
        text += "It begins with the first booking.\n";
    }
    if stand.unknown > 0 {
        text +=
            &format!("{} the database lacks; the next round puts them back.\n", count(stand.unknown, "line"));
    }
    if let Some(aside) = &put_aside {
        text += &format!("The file that was there is now {aside}\n");
    }
    let told = Told {
        path: stand.path,
        releases: stand.releases,
        withdrawals: stand.withdrawals,
        lines_unknown: stand.unknown,
        put_aside,
    };
    Answer::new(&told, text)
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
    for breakdown in &release.breakdowns {
        let heading = if breakdown.division == Division::Site { "Site" } else { "Training year" };
        text += &format!("\nAcross the institution, with noise of epsilon {}\n", breakdown.epsilon);
        text += &table(
            [heading, "People", "Attended"],
            breakdown.figures.iter().map(|one| [one.name.clone(), one.people.to_string(), one.words()]),
        );
    }
    if let Some(survey) = &release.survey {
        let answered = ["Answered at all".to_owned(), survey.answered.words()];
        let told = survey.questions.iter().map(|told| [told.question.statement().to_owned(), told.words()]);
        text += &format!("\nThe survey, of {} people: share of people who {SURVEY_FACT}\n", survey.people);
        text += &table(["Sentence", "Share"], std::iter::once(answered).chain(told));
    }
    text + &format!("Frozen; asking again prints the same. SHA-256 {hash}\n")
}
