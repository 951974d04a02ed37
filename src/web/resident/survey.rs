//! The anonymous questions: the button on a resident's page that draws a code, and the page behind the code, which knows
//! nobody. Reading changes nothing. Never a free text.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::{path, said};
use crate::desk::survey::{PATH, SheetView, Stand};
use crate::domain::language::Language;
use crate::domain::survey::{Answer, Answers, Question};
use crate::web::body::{Fields, Token};
use crate::web::doors::Doors;
use crate::web::language::Asked;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, filled, words_in};
use crate::web::{WebState, page, told};

/// The routes of the survey.
pub fn routes() -> Doors {
    Doors::new().route("/v/{token}/survey", post(take)).route("/survey/{code}", get(show).post(answer))
}

/// What a resident's own page says of the survey.
pub(super) struct Offered {
    pub(super) title: String,
    /// What the code is, or that one was given out.
    pub(super) told: String,
    pub(super) has_code: bool,
}

/// The heading: how many questions there are.
fn title(w: &Words, questions: usize) -> String {
    let questions = w.questions.get(questions.saturating_sub(1)).copied().unwrap_or_default();
    filled(w.survey_title, &[("questions", questions)])
}

impl Offered {
    pub(super) fn of(w: &Words, stand: Stand) -> Self {
        let told = if stand.has_code { w.survey_has_code } else { w.survey_code };
        Self {
            title: title(w, stand.questions),
            told: filled(told, &[("date", &told::date(w, stand.until))]),
            has_code: stand.has_code,
        }
    }
}

/// The button must have been pressed: a scanner that merely posts to an address draws no code.
#[derive(Deserialize)]
struct Pressed {
    #[serde(rename = "survey")]
    _pressed: String,
}

async fn take(
    State(state): State<WebState>,
    Token(token): Token,
    Asked(asked): Asked,
    form: Result<Fields<Pressed>, Refusal>,
) -> Result<Redirect, Refusal> {
    if let Err(refusal) = form {
        return Err(said(&state, refusal, &token).await);
    }
    match state.desk.take_code(&token).await {
        Ok(Some(code)) => {
            let language = words_in(code.language.unwrap_or(asked)).lang;
            Ok(Redirect::to(&format!("{PATH}{}?{language}", *code.token)))
        }
        // What holds already is said there.
        Ok(None) => Ok(Redirect::to(&path(&token))),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

#[derive(Template)]
#[template(path = "resident/survey.html")]
struct SurveyPage<'a> {
    w: &'static Words,
    code: &'a str,
    title: String,
    keep: String,
    saved: Option<String>,
    questions: Vec<Asking>,
}

/// One question with what can be answered.
struct Asking {
    name: &'static str,
    statement: &'static str,
    answers: Vec<Choice>,
}

struct Choice {
    value: u8,
    label: &'static str,
    chosen: bool,
}

const fn statement(w: &Words, question: Question) -> &'static str {
    match question {
        Question::Again => w.survey_again,
        Question::Cares => w.survey_cares,
        Question::Easier => w.survey_easier,
        Question::Satisfied => w.survey_satisfied,
        Question::Worth => w.survey_worth,
        Question::Suited => w.survey_suited,
    }
}

fn label(w: &Words, answer: Answer) -> &'static str {
    match u8::from(answer) {
        5 => w.survey_5,
        4 => w.survey_4,
        3 => w.survey_3,
        2 => w.survey_2,
        1 => w.survey_1,
        _ => w.survey_0,
    }
}

impl Asking {
    fn of(w: &'static Words, question: Question, answered: Option<Answer>) -> Self {
        let choice = |answer: Answer| Choice {
            value: answer.into(),
            label: label(w, answer),
            chosen: answered == Some(answer),
        };
        Self {
            name: question.name(),
            statement: statement(w, question),
            answers: Answer::ALL.map(choice).into(),
        }
    }
}

/// The words of the address after the question mark: a language, and whether something was just handed in.
fn read(query: Option<&str>, asked: Language) -> (&'static Words, bool) {
    let parts = || query.unwrap_or_default().split('&');
    let language = parts().find_map(|part| part.parse().ok()).unwrap_or(asked);
    (words_in(language), parts().any(|part| part == "saved"))
}

async fn show(
    State(state): State<WebState>,
    Token(code): Token,
    RawQuery(query): RawQuery,
    Asked(asked): Asked,
) -> Result<Response, Refusal> {
    let (w, saved) = read(query.as_deref(), asked);
    let SheetView { questions, until, answers } =
        state.desk.sheet(&code).await.map_err(|error| in_words(error, w))?;
    let date = told::date(w, until);
    let handed_in = answers.is_some();
    let answers = answers.unwrap_or_default();
    let asking = |question| Asking::of(w, question, answers.to(question));
    Ok(page::ok(&SurveyPage {
        w,
        code: &code,
        title: title(w, questions),
        keep: filled(w.survey_keep, &[("date", &date)]),
        saved: (saved && handed_in).then(|| filled(w.survey_saved, &[("date", &date)])),
        questions: Question::first(questions).map(asking).collect(),
    }))
}

async fn answer(
    State(state): State<WebState>,
    Token(code): Token,
    RawQuery(query): RawQuery,
    Asked(asked): Asked,
    form: Result<Fields<BTreeMap<String, String>>, Refusal>,
) -> Result<Redirect, Refusal> {
    let (w, _) = read(query.as_deref(), asked);
    let Fields(fields) = form?;
    let SheetView { questions, .. } = state.desk.sheet(&code).await.map_err(|error| in_words(error, w))?;
    let answers = Answers::read(questions, |name| fields.get(name).map(String::as_str)).ok().flatten();
    let back = format!("{PATH}{code}?{}", w.lang);
    let Some(answers) = answers else { return Err(in_words(Refusal::no_choice(), w).back_to(back)) };
    match state.desk.answer(&code, answers).await {
        Ok(()) => Ok(Redirect::to(&format!("{back}&saved"))),
        Err(error) => Err(in_words(error, w)),
    }
}

fn in_words(refusal: impl Into<Refusal>, w: &Words) -> Refusal {
    refusal.into().in_language(w.lang.parse().ok())
}
