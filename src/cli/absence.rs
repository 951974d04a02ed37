//! `plan --without` and `away`: what an absence would do and what it did, in words. Never decides who is given what.

use chrono::NaiveDate;

use super::answer::{Answer, count};
use super::args::absence::Away;
use super::house::House;
use crate::desk::absence::{AbsenceShown, WithoutShown};
use crate::desk::mend::MendShown;
use crate::domain::identity::Address;

/// Shows what an absence would do to the booked season.
///
/// # Errors
/// Those of the desk.
pub async fn absence(
    house: &House,
    offering: Option<&str>,
    therapist: &Address,
    days: (Option<NaiveDate>, Option<NaiveDate>),
) -> anyhow::Result<Answer> {
    let shown = house.desk.absence(offering, therapist, days).await?;
    Answer::new(&shown, in_words(&shown))
}

/// Enters an absence or takes one back.
///
/// # Errors
/// Those of the desk; then nothing is done.
pub async fn away(house: &House, words: Away) -> anyhow::Result<Answer> {
    let Away { therapist, from, until, undo } = words;
    if undo {
        house.desk.back(&therapist.0, from, until).await?;
        let people = "The absence is taken back. Who was given another time keeps it.\n";
        return Answer::new(&Undone { undone: true }, people);
    }
    let shown = house.desk.away(&therapist.0, from, until).await?;
    let until = shown.until.map_or("until further notice".to_owned(), |until| format!("to {until}"));
    let people = format!("Away from {} {until}, {}.\n{}", shown.from, shown.zone, mended(&shown.mend));
    Answer::new(&shown, people)
}

#[derive(serde::Serialize)]
struct Undone {
    undone: bool,
}

/// What became of default visits that could not be held.
pub fn mended(mend: &MendShown) -> String {
    let MendShown { visits, another_time, without } = mend;
    if *visits == 0 {
        return "No default visit was lost.\n".to_owned();
    }
    let lost = count(*visits, "default visit");
    format!(
        "{lost} could not be held: {another_time} given another time, {without} without one at present.\n"
    )
}

fn in_words(shown: &AbsenceShown) -> String {
    let AbsenceShown { visits, another_time, without, only_if_others_moved, unplaced, .. } = shown;
    let mut text = if *visits == 0 {
        "No default visit would be lost.\n".to_owned()
    } else {
        let lost = count(*visits, "default visit");
        format!(
            "{lost} would be lost: {another_time} would get another time, {without} could not be placed.\n"
        )
    };
    if *only_if_others_moved > 0 {
        text += &format!(
            "{only_if_others_moved} more could be placed only if others moved, who are not asked to.\n"
        );
    }
    for WithoutShown { residents, reason, .. } in unplaced {
        text += &format!("  {}: {reason}\n", count(*residents, "resident"));
    }
    text + "Nothing of this was done; `holdspace away` does it. It counts what batches planned, as if no resident had changed anything since.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_is_told_in_numbers_and_says_that_nothing_happened() {
        let shown = |visits, another_time, only_if_others_moved| AbsenceShown {
            offering: String::new(),
            visits,
            another_time,
            without: visits - another_time,
            only_if_others_moved,
            unplaced: Vec::new(),
        };
        let told =
            |shown| in_words(&shown).split("Nothing of this was done").next().unwrap_or_default().to_owned();
        assert_eq!(told(shown(0, 0, 0)), "No default visit would be lost.\n");
        assert_eq!(
            told(shown(1, 1, 0)),
            "1 default visit would be lost: 1 would get another time, 0 could not be placed.\n"
        );
        assert_eq!(
            told(shown(4, 2, 1)),
            "4 default visits would be lost: 2 would get another time, 2 could not be placed.\n\
             1 more could be placed only if others moved, who are not asked to.\n"
        );
        assert!(in_words(&shown(0, 0, 0)).contains("Nothing of this was done;"));
    }

    #[test]
    fn what_was_done_is_told_in_numbers() {
        let told = |visits, another_time| {
            mended(&MendShown { visits, another_time, without: visits - another_time })
        };
        assert_eq!(told(0, 0), "No default visit was lost.\n");
        assert_eq!(
            told(1, 0),
            "1 default visit could not be held: 0 given another time, 1 without one at present.\n"
        );
    }
}
