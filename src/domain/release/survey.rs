//! The survey's part of a release: how many questions the noise leaves room for, and their shares. Never a question whose
//! interval would say nothing, and never a count.
//!
//! One sheet is one person, and it touches the number of sheets and every question's count by one each. So the survey's
//! share of epsilon is divided evenly among the questions and that number (basic composition), and what is asked follows
//! from what can be told: nobody is asked a question whose answer noise would drown.
//!
//! A share is `a / n`, both noisy: `a` those who agree, `n` the sheets. For a true share `p` of 0 to 1, the noisy
//! `a - p n` is off by the first noise less `p` times the second. Both are symmetric with one peak, so this lies within any
//! bound at least as often as the sum of two whole noises does; one more is added because `p` times a whole number need
//! not be whole. Whatever is made of noisy numbers is as fit to be shown as they are.

use serde::{Deserialize, Serialize};

use super::geometric::{self, Epsilon, Random};
use super::law::reach;
use super::{Shown, display};
use crate::domain::survey::{Question, Tally};

/// A first question is asked where its interval reaches at most so many points either way, if half of the cohort answers:
/// then its mean error, 12 points at worst, is about that of the attendance of the smallest unit.
const FIRST_POINTS: usize = 33;
/// Further questions are asked while all of them reach at most so far.
const FURTHER_POINTS: usize = 25;
/// A share is shown only where its interval reaches at most so far: where too few answered, it says nothing.
const SHOWN_POINTS: u64 = 40;
/// Shares of sheets are shown in steps of so many points: no interval here is finer.
const STEP: u8 = 5;

/// What is said with the shares.
pub const SURVEY_FACT: &str =
    "agree or strongly agree, of everybody who answered; who could not say counts as not agreeing";

/// One question's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// What was asked.
    pub question: Question,
    /// The share of those who answered that agree or strongly agree; none where too few answered to say.
    pub shown: Option<Shown>,
}

impl Agreement {
    /// The share in words.
    #[must_use]
    pub fn words(&self) -> String {
        let none = || "not shown: too few answered for a share that says anything".to_owned();
        self.shown.map_or_else(none, |shown| shown.words())
    }
}

/// What a release tells of the survey, for the institution as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// The strength of each noise: one for the number of sheets, and one for each question.
    pub epsilon: Epsilon,
    /// Who was asked: the cohort.
    pub people: u32,
    /// The share of them that answered.
    pub answered: Shown,
    /// The questions, in their order.
    pub questions: Vec<Agreement>,
}

impl Survey {
    /// What each member of the cohort was charged, in thousandths.
    #[must_use]
    pub fn spent_millis(&self) -> u32 {
        let draws = u32::try_from(self.questions.len() + 1).unwrap_or(u32::MAX);
        self.epsilon.thousandths().saturating_mul(draws)
    }
}

/// The strength of each noise where the survey's share is divided among so many questions and the number of sheets.
fn each(share: Epsilon, questions: usize) -> Option<Epsilon> {
    let draws = u32::try_from(questions + 1).ok()?;
    Epsilon::try_from(share.thousandths() / draws).ok()
}

/// How far a share's numerator may be off, in people.
fn reach_of_share(epsilon: Epsilon) -> u64 {
    reach(epsilon, 2) + 1
}

/// How many questions a cohort of so many people is asked, 0 to 6: as many as can be told something about, and none where
/// not even one can. Depends on the size and on epsilon, and on nothing that anybody answers.
#[must_use]
pub fn questions_for(people: usize, share: Epsilon) -> usize {
    let carried = |questions: &usize| {
        let most = if *questions == 1 { FIRST_POINTS } else { FURTHER_POINTS };
        let reach = each(share, *questions).map(reach_of_share);
        // Of half of the people, so many points.
        reach.is_some_and(|reach| u128::from(reach) * 200 <= people as u128 * most as u128)
    };
    (1..=Question::ALL.len()).rev().find(carried).unwrap_or(0)
}

/// Draws the noise of a survey: one for the number of sheets and one for each question. None where nothing is asked.
///
/// `people` is the size of the cohort. Call it where [`super::draw`] is called, once.
#[must_use]
pub fn draw_survey(people: usize, share: Epsilon, tally: Tally, random: &mut Random<'_>) -> Option<Survey> {
    let epsilon = each(share, tally.agree.len()).filter(|_| !tally.agree.is_empty())?;
    let people = super::people(people);
    let mut noisy = |count: usize| {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        count.saturating_add(geometric::draw(epsilon, random))
    };
    let sheets = noisy(tally.answered);
    let answered = display::show(sheets, people, reach(epsilon, 1));
    // More than all nobody believes; nearer to the truth the interval only gets safer.
    let sheets = u32::try_from(sheets.clamp(0, people.into())).unwrap_or(people);
    let off = reach_of_share(epsilon);
    let tells = sheets > 0 && 100 * off <= SHOWN_POINTS * u64::from(sheets);
    let questions = tally.agree.into_iter().map(|(question, agree)| {
        // Drawn whether it is shown or not: what is charged does not hang on what was answered.
        let agree = noisy(agree);
        Agreement { question, shown: tells.then(|| display::show_in_steps(agree, sheets, off, STEP)) }
    });
    let questions = questions.collect();
    Some(Survey { epsilon, people, answered, questions })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::geometric::tests::stream;
    use super::*;

    fn share(thousandths: u32) -> Epsilon {
        Epsilon::try_from(thousandths).unwrap()
    }

    fn tallied(answered: usize, agree: &[usize]) -> Tally {
        Tally { answered, agree: Question::ALL.into_iter().zip(agree.iter().copied()).collect() }
    }

    #[test]
    fn nobody_is_asked_what_cannot_be_told() {
        let asked = |people| questions_for(people, share(300));
        assert_eq!([0, 12, 80, 149, 300, 400, 500, 600, 1500].map(asked), [0, 0, 0, 1, 2, 3, 4, 5, 6]);
        // Where one more is asked: the sentences of the offering's form say these numbers.
        let from = [(140, 1), (272, 2), (632, 6)];
        assert!(
            from.iter().all(|(people, count)| asked(*people) == *count && asked(people - 1) == count - 1)
        );
        // With less to spend, only larger institutions are asked.
        assert_eq!([15, 100, 300].map(|millis| questions_for(1500, share(millis))), [0, 4, 6]);
    }

    #[test]
    fn a_share_that_says_nothing_is_not_shown_and_is_paid_for_all_the_same() {
        let few = draw_survey(300, share(300), tallied(3, &[3, 3]), &mut stream(1)).unwrap();
        assert!(few.questions.iter().all(|one| one.shown.is_none()));
        assert!(few.questions[0].words().starts_with("not shown"));
        let many = draw_survey(300, share(300), tallied(200, &[150, 20]), &mut stream(1)).unwrap();
        assert!(many.questions.iter().all(|one| one.shown.is_some()));
        assert_eq!((few.spent_millis(), many.spent_millis()), (300, 300));
        assert!(draw_survey(80, share(300), tallied(40, &[]), &mut stream(1)).is_none());
    }

    #[test]
    fn the_interval_covers_the_true_share_in_nine_surveys_of_ten() {
        let mut random = stream(5);
        for (people, answered, agree) in [(1500, 700, 600), (1500, 400, 90), (400, 250, 125), (160, 120, 100)]
        {
            let questions = questions_for(people, share(300));
            let percent = 100.0 * agree as f64 / answered as f64;
            let (mut drawn, mut covered) = (0.0, 0.0);
            for _ in 0..2_000 {
                let tally = tallied(answered, &vec![agree; questions]);
                let survey = draw_survey(people, share(300), tally, &mut random).unwrap();
                let Some(shown) = survey.questions[0].shown else { continue };
                drawn += 1.0;
                let low = shown.low.bound() == "or less" || f64::from(shown.low.percent()) <= percent;
                let high = shown.high.bound() == "or more" || percent <= f64::from(shown.high.percent());
                covered += f64::from(u8::from(low && high));
            }
            assert!(
                drawn > 1_900.0 && covered / drawn >= 0.9,
                "{people} {answered} {agree}: {covered} of {drawn}"
            );
        }
    }

    #[test]
    fn one_sheet_more_or_less_moves_every_count_by_one_and_no_more() {
        // What the division of epsilon rests on: k questions and the number of sheets, each off by at most one.
        let sheet = |number: u8| crate::domain::survey::Sheet {
            given: true,
            answers: serde_json::from_str(&format!("{{\"again\":{number},\"cares\":{number},\"worth\":0}}"))
                .unwrap(),
        };
        let counted = |sheets: &[crate::domain::survey::Sheet]| {
            let tally = crate::domain::survey::tally(6, sheets);
            let agree = tally.agree.into_iter().map(|(_, count)| count);
            std::iter::once(tally.answered).chain(agree).collect::<Vec<_>>()
        };
        let others = [sheet(5), sheet(1)];
        let worlds = [None, Some(0), Some(1), Some(5)]
            .map(|number| counted(&others.iter().cloned().chain(number.map(sheet)).collect::<Vec<_>>()));
        for (one, other) in worlds.iter().flat_map(|one| worlds.iter().map(move |other| (one, other))) {
            assert_eq!(one.len(), 7);
            assert!(one.iter().zip(other).all(|(a, b)| a.abs_diff(*b) <= 1), "{one:?} {other:?}");
        }
    }

    proptest! {
        #[test]
        fn a_survey_never_costs_more_than_its_share(
            people in 12_usize..5000, thousandths in 15_u32..=300, answered in 0_usize..5000, seed: u64,
        ) {
            let questions = questions_for(people, share(thousandths));
            let answered = answered.min(people);
            let tally = tallied(answered, &vec![answered / 2; questions]);
            let survey = draw_survey(people, share(thousandths), tally, &mut stream(seed));
            prop_assert_eq!(survey.is_some(), questions > 0);
            if let Some(survey) = survey {
                prop_assert!(survey.spent_millis() <= thousandths);
                prop_assert_eq!(survey.questions.len(), questions);
                for shown in survey.questions.iter().filter_map(|one| one.shown) {
                    for share in [shown.share, shown.low, shown.high] {
                        prop_assert!((10..=90).contains(&share.percent()) && share.percent() % 5 == 0);
                    }
                }
            }
        }
    }
}
