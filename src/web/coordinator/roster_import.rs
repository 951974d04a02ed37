//! A coordinator's file on its way to the roster: chosen, looked through, saved as it was shown. Never decides what a line
//! means.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::roster_look::{LookPage, Told};
use crate::desk::Error;
use crate::desk::draft::Draft;
use crate::desk::roster_import::Choices;
use crate::desk::session::Session;
use crate::domain::id::DraftId;
use crate::domain::people::Program;
use crate::domain::roster::Column;
use crate::domain::roster::merge::Answer;
use crate::domain::table::Table;
use crate::web::body::{Fields, Upload};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::roster::{RosterWords, roster};
use crate::web::words::{Words, words};
use crate::web::{WebState, page, program_path, reading};

/// The routes of a file.
pub fn routes() -> Doors {
    Doors::new()
        .route("/program/{program}/roster/import", get(choose).post(receive))
        .route("/program/{program}/roster/import/{draft}", get(look))
        .route("/program/{program}/roster/import/{draft}/apply", post(apply))
}

/// Most characters of a file's name.
const NAME: usize = 120;
/// Most lines that one page answers for.
const ANSWERS: usize = 1000;

#[derive(Template)]
#[template(path = "coordinator/roster-upload.html")]
struct UploadPage {
    w: &'static Words,
    r: &'static RosterWords,
    shell: Shell,
    path: String,
    problem: String,
}

fn upload_page(program: &Program, status: StatusCode, problem: String) -> Response {
    let path = format!("{}/roster", program_path(&program.code));
    let shell = super::shell(program, "/roster");
    with_origin(page::page(status, &UploadPage { w: words(), r: roster(), shell, path, problem }))
}

async fn choose(Coordinator { session: _, program }: Coordinator) -> Response {
    upload_page(&program, StatusCode::OK, String::new())
}

fn purpose(program: &Program) -> String {
    format!("roster:{}", program.code)
}

async fn receive(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    upload: Upload,
) -> Result<Response, Refusal> {
    let refused = |problem: String| upload_page(&program, StatusCode::UNPROCESSABLE_ENTITY, problem);
    if upload.bytes.is_empty() {
        return Ok(refused(roster().upload_none.to_owned()));
    }
    let (bytes, tables) = reading::tables(upload.bytes, &upload.file_name).await;
    if let Err(refusal) = tables {
        return Ok(refused(refusal.to_string()));
    }
    let file_name = upload.file_name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    let draft = Draft { file_name, bytes };
    let id = state.desk.keep_draft(&session, &purpose(&program), &draft).await?;
    Ok(Redirect::to(&format!("{}/roster/import/{id}", program_path(&program.code))).into_response())
}

/// The file of an address with its tables; nothing where there is none any more.
async fn opened(
    state: &WebState,
    session: &Session,
    program: &Program,
    draft: &str,
) -> Result<Option<(String, Vec<Table>)>, Refusal> {
    let Ok(id) = draft.parse::<DraftId>() else { return Ok(None) };
    let draft = match state.desk.draft(session, &purpose(program), id).await {
        Ok(draft) => draft,
        Err(Error::Link) => return Ok(None),
        Err(other) => return Err(other.into()),
    };
    // It was read when it came.
    let (_, tables) = reading::tables(draft.bytes, &draft.file_name).await;
    Ok(tables.ok().map(|tables| (draft.file_name, tables)))
}

fn gone(program: &Program) -> Response {
    upload_page(program, StatusCode::NOT_FOUND, roster().upload_gone.to_owned())
}

/// What a form says of a file: `sheet` and `line` of the headings, `c3` for what a column holds, `a12` for who the person
/// of a line is, `same` for all others, `whole` where the file is the whole roster. Columns that were shown for
/// another sheet or line say nothing.
fn choices(fields: &BTreeMap<String, String>) -> Choices {
    let text = |name: &str| fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let mut choices = Choices {
        sheet: text("sheet").map(|sheet| sheet.chars().take(NAME).collect()),
        line: text("line").and_then(|line| line.parse().ok()),
        all_same: text("same").is_some(),
        whole: text("whole").is_some(),
        ..Choices::default()
    };
    let shown_for = (text("columns_sheet"), text("columns_line"));
    let stands = shown_for == (text("sheet"), text("line"));
    for (name, value) in fields {
        let number = |rest: &str| rest.parse::<u32>().ok();
        if let Some(at) = name.strip_prefix('c').and_then(number).filter(|at| stands && *at < 64) {
            choices.columns.insert(at as usize, Column::of_name(value));
        } else if let Some(line) = name.strip_prefix('a').and_then(number)
            && choices.answers.len() < ANSWERS
        {
            let answer = match value.as_str() {
                "same" => Answer::Same,
                "new" => Answer::New,
                _ => continue,
            };
            choices.answers.insert(line, answer);
        }
    }
    choices
}

async fn look(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Path((_, draft)): Path<(String, String)>,
    query: Result<Query<BTreeMap<String, String>>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Some((file_name, tables)) = opened(&state, &session, &program, &draft).await? else {
        return Ok(gone(&program));
    };
    let fields = query.map(|Query(fields)| fields).unwrap_or_default();
    let choices = choices(&fields);
    let proposal = state.desk.look_through(&session, &program, &tables, &choices).await?;
    let path = format!("{}/roster", program_path(&program.code));
    let told = Told { file: &file_name, again: fields.contains_key("again"), choices: &choices };
    let shell = super::shell(&program, "/roster");
    let action = format!("{path}/import/{draft}");
    Ok(with_origin(page::ok(&LookPage::of(shell, path, action, proposal, &told))))
}

async fn apply(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Path((_, draft)): Path<(String, String)>,
    Fields(mut fields): Fields<BTreeMap<String, String>>,
) -> Result<Response, Refusal> {
    let Some((_, tables)) = opened(&state, &session, &program, &draft).await? else {
        return Ok(gone(&program));
    };
    let shown = fields.remove("shown").unwrap_or_default();
    let choices = choices(&fields);
    let path = format!("{}/roster", program_path(&program.code));
    let taken = state.desk.take_roster(&session, &program, &tables, &choices, &shown).await?;
    let Some(taken) = taken else {
        fields.insert("again".to_owned(), "1".to_owned());
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        return Ok(Redirect::to(&format!("{path}/import/{draft}?{query}")).into_response());
    };
    state.desk.forget_draft(&session, &purpose(&program)).await?;
    let (added, changed, left) = (taken.added, taken.changed, taken.left);
    let saved = format!("{path}?added={added}&changed={changed}&gone={left}");
    Ok(Redirect::to(&saved).into_response())
}
