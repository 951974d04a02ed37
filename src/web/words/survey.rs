//! What a language must have for what a release tells of a survey. Never holds a sentence itself.

use super::catalogue;
use super::english::survey::SURVEY;

catalogue! {
    /// Every sentence about the results of a survey, by what it is for.
    SurveyWords {}
    title lead answered bars table
    read_title read_share read_range read_everyone read_destroyed
}

/// The sentences in use.
pub const fn survey() -> &'static SurveyWords {
    &SURVEY
}

#[cfg(test)]
mod tests {
    use crate::domain::language::Language;
    use crate::domain::survey::Question;
    use crate::web::words::words_in;

    #[test]
    fn a_release_repeats_the_very_sentences_that_residents_were_asked() {
        let w = words_in(Language::English);
        let asked = [
            w.survey_again,
            w.survey_cares,
            w.survey_easier,
            w.survey_satisfied,
            w.survey_worth,
            w.survey_suited,
        ];
        assert_eq!(asked, Question::ALL.map(Question::statement));
    }
}
