//! What a survey told, as a part of the pages of releases: bars, a table, and how to read them. Draws nothing and counts nothing.

use crate::domain::release::{Release, chart};
use crate::web::words::filled;
use crate::web::words::survey::{SurveyWords, survey};

/// The survey's part of a release.
pub struct AgreedTold {
    /// Of which season.
    pub season: String,
    /// The sentences around it.
    pub s: &'static SurveyWords,
    /// Who was asked.
    pub lead: String,
    /// The share that answered, in words.
    pub answered: String,
    /// The questions.
    pub questions: Vec<QuestionTold>,
    /// A `table` element.
    pub table: String,
    /// What tells the table from others of the page.
    pub table_name: String,
}

/// One question.
pub struct QuestionTold {
    /// What was asked.
    pub statement: &'static str,
    /// Its share in words.
    pub words: String,
    /// An `svg` element; empty where the share is not shown.
    pub bar: String,
}

impl AgreedTold {
    /// The surveys of some releases, each with what tells its season from others; the first chart has the number `first`.
    pub fn all<'r>(releases: impl Iterator<Item = (&'r Release, String)>, mut first: usize) -> Vec<Self> {
        let mut all = Vec::new();
        for (release, season) in releases {
            if let Some(told) = Self::of(release, &season, first) {
                first += told.questions.len();
                all.push(told);
            }
        }
        all
    }

    fn of(release: &Release, season: &str, first: usize) -> Option<Self> {
        let (s, told) = (survey(), release.survey.as_ref()?);
        let questions = told.questions.iter().enumerate().map(|(at, question)| QuestionTold {
            statement: question.question.statement(),
            words: question.words(),
            bar: chart::agreement(question, first + at),
        });
        Some(Self {
            s,
            season: season.to_owned(),
            lead: filled(s.lead, &[("people", &told.people.to_string())]),
            answered: told.answered.words(),
            questions: questions.collect(),
            table: chart::survey_table(release),
            table_name: format!("{season}: {}", s.table),
        })
    }
}
