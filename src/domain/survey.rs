//! The anonymous survey after the visit: what is asked, what can be answered, and what one code's sheet holds. Never a free
//! text, a name, a time or a reason for not coming, and never a question that only makes sense to who came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A question: a statement to agree or disagree with. In the order of what a program needs to know first, because a small
/// institution is asked the first ones only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Whether it should go on.
    Again,
    /// Whether one feels that the program cares.
    Cares,
    /// Whether it lowers the barrier to seeking care.
    Easier,
    /// Whether one is satisfied.
    Satisfied,
    /// Whether it is worth the time.
    Worth,
    /// Whether it was convenient.
    Suited,
}

impl Question {
    /// All of them, the first one first.
    pub const ALL: [Self; 6] =
        [Self::Again, Self::Cares, Self::Easier, Self::Satisfied, Self::Worth, Self::Suited];

    /// The first so many of them.
    pub fn first(count: usize) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().take(count)
    }

    /// Its name in forms and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Cares => "cares",
            Self::Easier => "easier",
            Self::Satisfied => "satisfied",
            Self::Worth => "worth",
            Self::Suited => "suited",
        }
    }

    /// The statement, in English: what residents are asked and what a release repeats.
    #[must_use]
    pub const fn statement(self) -> &'static str {
        match self {
            Self::Again => "This should be offered again.",
            Self::Cares => "It shows me that my program cares how I am.",
            Self::Easier => "It makes it easier for me to seek care, should I want to.",
            Self::Satisfied => "All in all, I am satisfied with it.",
            Self::Worth => "The time that is set aside for it is well spent.",
            Self::Suited => "The day, the time and the way it was arranged suited me.",
        }
    }
}

/// An answer: 1 strongly disagree, 2 disagree, 3 neither, 4 agree, 5 strongly agree; 0 cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Answer(u8);

/// A number that is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an answer is 0 to 5")]
pub struct NotAnAnswer;

impl TryFrom<u8> for Answer {
    type Error = NotAnAnswer;

    fn try_from(number: u8) -> Result<Self, NotAnAnswer> {
        if number <= 5 { Ok(Self(number)) } else { Err(NotAnAnswer) }
    }
}

impl From<Answer> for u8 {
    fn from(answer: Answer) -> Self {
        answer.0
    }
}

impl Answer {
    /// As a form offers them, from strong agreement down, and last that one cannot say.
    pub const ALL: [Self; 6] = [Self(5), Self(4), Self(3), Self(2), Self(1), Self(0)];
    /// That one cannot say, for example because one did not come.
    pub const CANNOT_SAY: Self = Self(0);

    /// Whether it is one of the two that a release counts.
    #[must_use]
    pub const fn agrees(self) -> bool {
        self.0 >= 4
    }
}

/// What one person answered. What was left out reads as "cannot say".
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<Question, Answer>);

impl Answers {
    /// What a form says of the first so many questions; nothing where it answers none of them, as a scanner's does.
    ///
    /// # Errors
    /// [`NotAnAnswer`] where it says something else.
    pub fn read<'a>(
        questions: usize,
        field: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Self>, NotAnAnswer> {
        let mut answers = BTreeMap::new();
        for question in Question::first(questions) {
            let Some(text) = field(question.name()) else { continue };
            let number: u8 = text.parse().map_err(|_| NotAnAnswer)?;
            answers.insert(question, number.try_into()?);
        }
        Ok(Some(Self(answers)).filter(|answers| !answers.0.is_empty()))
    }

    /// What was answered to a question.
    #[must_use]
    pub fn to(&self, question: Question) -> Option<Answer> {
        self.0.get(&question).copied()
    }
}

/// What lies behind one code. The same size whatever it holds; there is no time in it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sheet {
    /// Whether the code was given to somebody; to whom, nothing says.
    pub given: bool,
    /// What they answered last.
    pub answers: Option<Answers>,
}

/// What the sheets of a survey add up to: whole counts, which live until the noise is drawn. Cannot be printed.
pub struct Tally {
    /// Sheets that were handed in.
    pub(super) answered: usize,
    /// For each question that is asked, those who agree or strongly agree.
    pub(super) agree: Vec<(Question, usize)>,
}

/// Counts sheets for the first so many questions.
#[must_use]
pub fn tally(questions: usize, sheets: &[Sheet]) -> Tally {
    let answered: Vec<&Answers> = sheets.iter().filter_map(|sheet| sheet.answers.as_ref()).collect();
    let agreeing = |question| {
        let agrees = |answers: &&&Answers| answers.to(question).is_some_and(Answer::agrees);
        answered.iter().filter(agrees).count()
    };
    let agree = Question::first(questions).map(|question| (question, agreeing(question))).collect();
    Tally { answered: answered.len(), agree }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(numbers: &[(&'static str, &'static str)]) -> Answers {
        let field = |name: &str| numbers.iter().find(|(own, _)| *own == name).map(|(_, number)| *number);
        Answers::read(6, field).unwrap().unwrap()
    }

    #[test]
    fn only_the_two_that_agree_are_counted_and_what_is_left_out_is_not() {
        let sheet = |numbers| Sheet { given: true, answers: Some(answers(numbers)) };
        let sheets = [
            sheet(&[("again", "5"), ("cares", "3")]),
            sheet(&[("again", "4")]),
            sheet(&[("again", "0"), ("cares", "1")]),
            Sheet { given: true, answers: None },
            Sheet::default(),
        ];
        let counted = tally(2, &sheets);
        assert_eq!(counted.answered, 3);
        assert_eq!(counted.agree, [(Question::Again, 2), (Question::Cares, 0)]);
    }

    #[test]
    fn a_form_without_an_answer_says_nothing_and_a_wrong_one_is_refused() {
        assert!(Answers::read(6, |_| None).unwrap().is_none());
        for wrong in ["6", "-1", "", "yes", "256"] {
            assert!(Answers::read(6, |_| Some(wrong)).is_err(), "{wrong}");
        }
        // What is not asked is not taken.
        let first = Answers::read(1, |_| Some("4")).unwrap().unwrap();
        assert!(first.to(Question::Again).is_some() && first.to(Question::Cares).is_none());
    }

    #[test]
    fn a_sheet_reads_back() {
        let sheet = Sheet { given: true, answers: Some(answers(&[("again", "5"), ("suited", "0")])) };
        let text = serde_json::to_string(&sheet).unwrap();
        assert!(serde_json::from_str::<Sheet>(&text).unwrap() == sheet, "{text}");
    }
}
