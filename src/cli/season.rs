//! `offering create` and `show`, `plan` and `book`: from a desk's answers to words and tables. Never decides who sits where.

use std::collections::BTreeMap;

use anyhow::Context;

use super::absence;
use super::answer::{Answer, count, table};
use super::args::offering::Create;
use super::args::{OfOffering, Plan};
use super::house::House;
use super::post;
use crate::desk::lottery::BatchShown;
use crate::desk::mend::MendShown;
use crate::desk::season::{Booked, PlanShown, UnplacedShown};
use crate::domain::plan::{Away, Seed, Weights};

/// Makes an offering.
///
/// # Errors
/// A rule that cannot be.
pub async fn create(house: &House, words: Create) -> anyhow::Result<Answer> {
    let created = house.desk.create_offering(words.rules()).await?;
    let mut people = format!(
        "Offering {}\n  SHA-256 of its lottery's seed, to be shown before rosters close: {}\n  release on {}\n",
        created.id, created.seed_hash, created.release_on
    );
    if let Some(weights) = unusual(&created.weights) {
        people += &format!("  {weights}\n");
    }
    let warning = created.warning.clone();
    Ok(Answer::new(&created, people)?.with_notes(warning))
}

/// Shows an offering with the seeds of its batches.
///
/// # Errors
/// Where there is no such offering.
pub async fn show(house: &House, words: OfOffering) -> anyhow::Result<Answer> {
    let shown = house.desk.show_offering(words.offering.as_deref()).await?;
    let mut people = format!(
        "{}, offering {}\n  visits from {} to {}\n  release on {}\n",
        shown.title, shown.id, shown.from, shown.until, shown.release_on
    );
    people += &published(&shown.batches);
    people += &next(&shown.seed_hash);
    Answer::new(&shown, people)
}

/// The seeds of batches, and what can be checked with them; nothing before the first.
fn published(batches: &[BatchShown]) -> String {
    let mut text = String::new();
    for BatchShown { number, booked_at, seed, seed_hash, plan_hash, solver } in batches {
        text += &format!("Batch {number}, booked {} by holdspace {solver}\n", booked_at.to_rfc3339());
        text += &format!("  seed     {seed}\n  SHA-256  {seed_hash}, as it was shown before\n");
        text += &format!("  plan     {plan_hash}, a hash of who sits where\n");
    }
    if !batches.is_empty() {
        text += "Anybody can check that a seed is the one that was fixed: printf SEED | xxd -r -p | sha256sum\n\
            That it gives this plan can be checked by whoever holds this installation's key and a backup from\n\
            before the batch; nobody else, because identifiers and the key are shown nowhere.\n";
    }
    text
}

fn next(seed_hash: &str) -> String {
    format!("SHA-256 of the next batch's seed, to be shown before rosters close: {seed_hash}\n")
}

/// Shows who can be placed.
///
/// # Errors
/// Where there is no such offering, or the seed is none.
pub async fn plan(house: &House, words: Plan) -> anyhow::Result<Answer> {
    if let Some(therapist) = &words.absence.without {
        let (offering, days) = (words.of.offering.as_deref(), words.absence.days());
        return absence::absence(house, offering, &therapist.0, days).await;
    }
    let seed = words.seed.as_deref().map(Seed::from_hex).transpose().context("--seed")?;
    let shown = house.desk.plan(words.of.offering.as_deref(), seed).await?;
    Answer::new(&shown, in_words(&shown))
}

/// The weights that are not the usual ones, in words.
fn unusual(weights: &BTreeMap<&'static str, u32>) -> Option<String> {
    let told = weights.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>();
    (!told.is_empty()).then(|| format!("weights other than usual: {}", told.join(", ")))
}

/// The wished share of a program that is away at once, in percent.
fn share(weights: &BTreeMap<&'static str, u32>) -> u32 {
    weights.get("away-percent").copied().unwrap_or(Weights::default().away_percent)
}

/// What became of the wish for who is away at once.
fn away_at_once(away: &Away, percent: u32) -> String {
    let Away { rounds, over_before, over, half_days } = away;
    let share = if percent == 50 { "half".to_owned() } else { format!("{percent} percent") };
    let found = format!("{} over that in {}", count(*over_before, "visit"), count(*half_days, "half-day"));
    let left = match (over, rounds) {
        (0, _) => "none is left".to_owned(),
        (_, 0) => "nobody there could be elsewhere".to_owned(),
        _ => format!("{} left", count(*over, "visit")),
    };
    format!(
        "No more than {share} of a program away at once: the cheapest plan has {found}, {left}; \
         this part is a heuristic, not proved best\n"
    )
}

fn in_words(shown: &PlanShown) -> String {
    let PlanShown { residents, placed, already, reserve, .. } = shown;
    let mut text = format!(
        "{} on the roster: {placed} can be placed, {already} have a visit, {} cannot be placed. {} stay free.\n",
        count(*residents, "resident"),
        shown.unplaced.len(),
        count(*reserve, "seat"),
    );
    if let Some(MendShown { visits, another_time, without }) = &shown.mend {
        text += &format!(
            "{} can no longer be held as booked: {another_time} would be given another time, {without} could not.\n",
            count(*visits, "default visit"),
        );
    }
    let number = |number: &usize| number.to_string();
    text += &by_reason(&shown.unplaced);
    text += &table(["Day", "Visits"], shown.per_day.iter().map(|(day, n)| [day.to_string(), number(n)]));
    text += &table(
        ["Therapist", "Visits"],
        shown.per_therapist.iter().map(|(name, n)| [name.clone(), number(n)]),
    );
    if let Some(away) = &shown.away {
        text += &away_at_once(away, share(&shown.weights));
    }
    if *placed > 0 || shown.mend.is_some() {
        text += "Nothing of this is booked: `holdspace book` does it.\n";
    }
    if let Some(weights) = unusual(&shown.weights) {
        text += &format!("The offering has {weights}\n");
    }
    text += &published(&shown.batches);
    text + &format!(
        "SHA-256 of this plan's seed: {}\nHash of this plan: {}\n",
        shown.seed_hash, shown.plan_hash
    )
}

/// Who cannot be placed: each reason once, with those whom it keeps out under it.
fn by_reason(unplaced: &[UnplacedShown]) -> String {
    let mut reasons: Vec<(&str, Vec<&UnplacedShown>)> = Vec::new();
    for one in unplaced {
        match reasons.iter_mut().find(|(reason, _)| *reason == one.reason) {
            Some((_, people)) => people.push(one),
            None => reasons.push((&one.reason, vec![one])),
        }
    }
    let mut text = String::new();
    for (reason, people) in reasons {
        text += &format!("\n{reason}:\n");
        for UnplacedShown { resident, program, cohort, .. } in people {
            let cohort = cohort.as_ref().map(|cohort| format!(", cohort {cohort}")).unwrap_or_default();
            text += &format!("  {resident}, {program}{cohort}\n");
        }
    }
    if text.is_empty() { text } else { text + "\n" }
}

/// Books the plan.
///
/// # Errors
/// Those of the desk; then nothing is booked.
pub async fn book(house: &House, words: OfOffering) -> anyhow::Result<Answer> {
    let booked = house.desk.book(words.offering.as_deref()).await?;
    let Booked { booked: now, already, waiting, letters_owed, seed_hash, batch, mend } = &booked;
    let mut people = format!(
        "{} booked; {already} had a visit, {waiting} wait for a seat. {} owed.\n",
        count(*now, "resident"),
        count(*letters_owed, "letter"),
    );
    // On everyone's first letter alone: what somebody's own letters take is nobody's business.
    if let Some(shares) = post::shares(&house.config).filter(|_| *now > 0) {
        people += &format!("Their first letters: {}.\n", post::estimate(shares, *now));
    }
    if let Some(mend) = mend {
        people += &absence::mended(mend);
    }
    people += &published(batch.as_slice());
    people += &next(seed_hash);
    Answer::new(&booked, people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_away_at_once_is_told_as_a_heuristic() {
        let away = Away { rounds: 2, over_before: 5, over: 1, half_days: 2 };
        assert_eq!(
            away_at_once(&away, share(&BTreeMap::new())),
            "No more than half of a program away at once: the cheapest plan has 5 visits over that in 2 half-days, 1 visit \
             left; this part is a heuristic, not proved best\n"
        );
        let told = |away, percent| away_at_once(&away, share(&BTreeMap::from([("away-percent", percent)])));
        assert!(told(Away { over: 0, ..away }, 30).contains("30 percent of a program away at once: the"));
        assert!(told(Away { over: 0, ..away }, 30).contains("in 2 half-days, none is left; this"));
        assert!(told(Away { rounds: 0, ..away }, 30).contains("nobody there could be elsewhere; this"));
    }
    use crate::domain::plan::Reason;

    #[test]
    fn each_reason_stands_once_over_those_whom_it_keeps_out() {
        let one = |resident: &str, cohort: Option<&str>, day: &str| {
            let (from, until) = (day.parse().unwrap(), day.parse().unwrap());
            let detail = Reason::NoProtectedTime { from, until };
            let (resident, program) = (resident.to_owned(), "IM".to_owned());
            let cohort = cohort.map(str::to_owned);
            UnplacedShown { resident, program, cohort, reason: detail.to_string(), detail }
        };
        let unplaced = [
            one("Ren Sato", None, "2027-07-05"),
            one("Iva Novak", Some("A"), "2027-07-06"),
            one("Lena Okafor", Some("B"), "2027-07-05"),
        ];
        assert_eq!(
            by_reason(&unplaced),
            "\nno protected time on 5 July 2027:\n  Ren Sato, IM\n  Lena Okafor, IM, cohort B\n\
             \nno protected time on 6 July 2027:\n  Iva Novak, IM, cohort A\n\n"
        );
        assert_eq!(by_reason(&[]), "");
    }
}
