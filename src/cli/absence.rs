//! `plan --without`: what an absence would do, in words. Never decides who moves.

use chrono::NaiveDate;

use super::answer::{Answer, count};
use super::house::House;
use crate::desk::absence::{AbsenceShown, WithoutShown};
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

fn in_words(shown: &AbsenceShown) -> String {
    let AbsenceShown { visits, another_time, others_moved, without, unplaced, .. } = shown;
    let mut text = if *visits == 0 {
        "No default visit would be lost.\n".to_owned()
    } else {
        let lost = count(*visits, "default visit");
        let room = match others_moved {
            0 => "Nobody else would have to move.".to_owned(),
            1 => "1 other resident would have to move to make room.".to_owned(),
            more => format!("{more} other residents would have to move to make room."),
        };
        format!(
            "{lost} would be lost: {another_time} would get another time, {without} could not be placed. {room}\n"
        )
    };
    for WithoutShown { residents, reason, .. } in unplaced {
        text += &format!("  {}: {reason}\n", count(*residents, "resident"));
    }
    text + "Nothing of this was done. It counts what batches planned, as if no resident had changed anything since.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_is_told_in_numbers_and_says_that_nothing_happened() {
        let shown = |visits, another_time, others_moved| AbsenceShown {
            offering: String::new(),
            visits,
            another_time,
            others_moved,
            without: visits - another_time,
            unplaced: Vec::new(),
        };
        let told = |shown| in_words(&shown).lines().next().unwrap_or_default().to_owned();
        assert_eq!(told(shown(0, 0, 0)), "No default visit would be lost.");
        assert_eq!(
            told(shown(1, 1, 1)),
            "1 default visit would be lost: 1 would get another time, 0 could not be placed. \
             1 other resident would have to move to make room."
        );
        assert!(told(shown(4, 4, 0)).ends_with("Nobody else would have to move."));
        assert!(in_words(&shown(0, 0, 0)).contains("Nothing of this was done."));
    }
}
