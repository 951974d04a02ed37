//! The sentences about the results of a survey, in English.

use crate::web::words::survey::SurveyWords;

/// English as it is spoken in the United States.
pub static SURVEY: SurveyWords = SurveyWords {
    title: "What people said, anonymously",
    lead: "Across the whole institution, {people} people were asked after their visit date, whether they came or not.",
    answered: "Answered",
    bars: "The share that agrees or strongly agrees, of everybody who answered",
    table: "The same answers as a table",
    read_title: "How to read these",
    read_share: "Each bar is the share of those who answered that agree or strongly agree. Who could not say, or left a \
        sentence out, counts as not agreeing.",
    read_range: "The line across is where the share most likely lies. These lines are wide, because each question has its \
        own noise. A share whose line would say nothing is not shown.",
    read_everyone: "The figures are the institution’s: those of one program would be nothing but noise. The share that \
        answered has its own noise, too.",
    read_destroyed: "Answers were given under codes that nothing joins to a person. When the figures were drawn, the answers \
        were destroyed.",
};
