//! `zones`, and what servers do at their start: everything stored follows the zone rules that this program carries. Never
//! names anybody.

use super::answer::{Answer, count};
use super::args::Zones;
use super::house::House;
use crate::desk::zones::ZonesShown;
use crate::domain::retiming::Rules;

/// Shows what changed zone rules would move, or moves it.
///
/// # Errors
/// Those of loading and saving; then nothing has changed.
pub async fn zones(house: &House, words: Zones) -> anyhow::Result<Answer> {
    let shown = house.desk.follow_zones(&Rules::built_in(), words.apply).await?;
    let mut text = told(&shown);
    if !words.apply {
        text += "Nothing is written. `holdspace zones --apply` does it, and so does the next start of the server after an \
                 upgrade.\n";
    }
    Answer::new(&shown, text)
}

/// Follows rules that are new since the last start.
///
/// # Errors
/// Those of loading and saving: who serves visits an hour off should rather not start.
pub async fn at_start(house: &House) -> anyhow::Result<()> {
    if let Some(shown) = house.desk.follow_new_zones(&Rules::built_in()).await? {
        let ZonesShown { before, now, slots, left, visits, .. } = shown;
        tracing::info!(
            before,
            now,
            slots,
            left,
            visits,
            "stored times follow the zone rules of this version"
        );
    }
    Ok(())
}

fn told(shown: &ZonesShown) -> String {
    let ZonesShown { before, now, blocks, absences, slots, left, visits } = shown;
    let before = if before.is_empty() { "not noted yet" } else { before };
    let mut text = format!(
        "Worked out by: {before}. This program: {now}.\nAt another moment: {}, {}, {}, {}.\n",
        count(*blocks, "block"),
        count(*absences, "absence"),
        count(*slots, "slot"),
        count(*visits, "default visit"),
    );
    if *left > 0 {
        text += &format!(
            "{} of a therapist would fall together and stay where they are; `holdspace away` takes one of them away.\n",
            count(*left, "slot"),
        );
    }
    if *blocks + *absences + *slots > 0 {
        text += "Where a visit no longer lies in protected time, the next `holdspace book` gives another.\n";
    }
    text
}
