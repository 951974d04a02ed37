//! `offering create`, `plan` and `book`: from a desk's answers to words and tables. Never decides who sits where.

use std::collections::BTreeMap;

use anyhow::Context;

use super::answer::{Answer, count, table};
use super::args::offering::Create;
use super::args::{OfOffering, Plan};
use super::house::House;
use crate::desk::season::{Booked, PlanShown};
use crate::domain::plan::Seed;

/// Makes an offering.
///
/// # Errors
/// A rule that cannot be.
pub async fn create(house: &House, words: Create) -> anyhow::Result<Answer> {
    let created = house.desk.create_offering(words.rules()).await?;
    let mut people = format!(
        "Offering {}\n  hash of its lottery's seed: {}\n  release on {}\n",
        created.id, created.seed_hash, created.release_on
    );
    if let Some(weights) = unusual(&created.weights) {
        people += &format!("  {weights}\n");
    }
    let warning = created.warning.clone();
    Ok(Answer::new(&created, people)?.with_notes(warning))
}

/// Shows who can be placed.
///
/// # Errors
/// Where there is no such offering, or the seed is none.
pub async fn plan(house: &House, words: Plan) -> anyhow::Result<Answer> {
    let seed = words.seed.as_deref().map(Seed::from_hex).transpose().context("--seed")?;
    let shown = house.desk.plan(words.of.offering.as_deref(), seed).await?;
    Answer::new(&shown, in_words(&shown))
}

/// The weights that are not the usual ones, in words.
fn unusual(weights: &BTreeMap<&'static str, u32>) -> Option<String> {
    let told = weights.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>();
    (!told.is_empty()).then(|| format!("weights other than usual: {}", told.join(", ")))
}

fn in_words(shown: &PlanShown) -> String {
    let PlanShown { residents, placed, already, reserve, .. } = shown;
    let mut text = format!(
        "{} on the roster: {placed} can be placed, {already} have a visit, {} cannot be placed. {} stay free.\n",
        count(*residents, "resident"),
        shown.unplaced.len(),
        count(*reserve, "seat"),
    );
    let number = |number: &usize| number.to_string();
    text += &table(
        ["Resident", "Program", "Cohort", "Why not"],
        shown.unplaced.iter().map(|unplaced| {
            let cohort = unplaced.cohort.clone().unwrap_or_default();
            [unplaced.resident.clone(), unplaced.program.clone(), cohort, unplaced.reason.clone()]
        }),
    );
    text += &table(["Day", "Visits"], shown.per_day.iter().map(|(day, n)| [day.to_string(), number(n)]));
    text += &table(
        ["Therapist", "Visits"],
        shown.per_therapist.iter().map(|(name, n)| [name.clone(), number(n)]),
    );
    if *placed > 0 {
        text += "Nothing of this is booked: `holdspace book` does it.\n";
    }
    if let Some(weights) = unusual(&shown.weights) {
        text += &format!("The offering has {weights}\n");
    }
    text + &format!("Hash of the seed: {}\n", shown.seed_hash)
}

/// Books the plan.
///
/// # Errors
/// Those of the desk; then nothing is booked.
pub async fn book(house: &House, words: OfOffering) -> anyhow::Result<Answer> {
    let booked = house.desk.book(words.offering.as_deref()).await?;
    let Booked { booked: now, already, waiting, letters_owed } = &booked;
    let people = format!(
        "{} booked; {already} had a visit, {waiting} wait for a seat. {} owed.\n",
        count(*now, "resident"),
        count(*letters_owed, "letter"),
    );
    Answer::new(&booked, people)
}
