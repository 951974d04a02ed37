//! Protected time from a file: sent, looked through, taken. Never takes more than was shown.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::lines::Lines;
use crate::desk::draft::Draft;
use crate::desk::protect::{Format, ProtectionFile, ProtectionImported};
use crate::desk::session::Session;
use crate::domain::id::DraftId;
use crate::domain::people::Program;
use crate::domain::protection::{Assignment, Mapping, Taken};
use crate::web::body::{Fields, Upload};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Coordinator, with_origin};
use crate::web::shell::Shell;
use crate::web::words::protected::{ProtectedWords, protected};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, program_path, reading, told};

/// The routes of bringing in protected time.
pub fn routes() -> Doors {
    Doors::new()
        .route("/program/{program}/protected/import", get(ask).post(send))
        .route("/program/{program}/protected/import/{draft}", get(look).post(decide))
}

/// So many words of a schedule are shown and heard.
const WORDS: usize = 200;

#[derive(Template)]
#[template(path = "coordinator/protected-import.html")]
struct ImportPage {
    w: &'static Words,
    p: &'static ProtectedWords,
    shell: Shell,
    path: String,
    back: String,
    problem: String,
    taken: String,
}

#[derive(Template)]
#[template(path = "coordinator/protected-look.html")]
struct LookPage {
    w: &'static Words,
    p: &'static ProtectedWords,
    shell: Shell,
    path: String,
    draft: String,
    file_name: String,
    format: &'static str,
    replace: bool,
    changed: bool,
    digest: String,
    added: usize,
    unchanged: usize,
    removed: usize,
    refused: usize,
    /// What is not taken, and what is taken with a doubt.
    lists: [Lines; 2],
    ignored: String,
    meanings: Vec<Meaning>,
}

/// A schedule's word with the meanings it can have.
struct Meaning {
    name: String,
    lines: u32,
    choices: [(&'static str, &'static str, bool); 5],
}

impl Meaning {
    fn of(p: &'static ProtectedWords, assignment: Assignment) -> Self {
        let choice = |taken: Taken, label| (spelled(taken), label, assignment.taken == taken);
        Self {
            choices: [
                choice(Taken::Duty, p.means_duty),
                choice(Taken::Protected, p.means_protected),
                choice(Taken::Never, p.means_never),
                choice(Taken::NeverWithDayAfter, p.means_never_after),
                choice(Taken::DayAfter, p.means_after),
            ],
            name: assignment.name,
            lines: assignment.lines,
        }
    }
}

/// How a form writes a meaning.
const fn spelled(taken: Taken) -> &'static str {
    match taken {
        Taken::Protected => "protected",
        Taken::Never => "never",
        Taken::NeverWithDayAfter => "never-after",
        Taken::DayAfter => "after",
        Taken::Duty => "duty",
    }
}

/// What is asked of the reader of the file.
struct Wanted {
    format: Format,
    mapping: Mapping,
    replace: bool,
}

impl Wanted {
    /// From the fields of a form: `format`, `replace`, and pairs of `name` and `means`.
    fn read(fields: &[(String, String)]) -> Self {
        let one = |key: &str| fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        let format = if one("format") == Some("amion") { Format::Amion } else { Format::Csv };
        let of = |key: &'static str| {
            fields.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.clone())
        };
        let meanings: BTreeMap<String, String> = of("name").zip(of("means")).take(WORDS).collect();
        let meaning = |wanted: &[&str]| {
            let found = meanings.iter().filter(|(_, means)| wanted.contains(&means.as_str()));
            found.map(|(name, _)| name.clone()).collect()
        };
        let mapping = match meanings.is_empty() {
            true => Mapping::default(),
            false => Mapping {
                protected: meaning(&["protected"]),
                never: meaning(&["never", "never-after"]),
                day_after: meaning(&["never-after", "after"]),
            },
        };
        Self { format, mapping, replace: one("replace").is_some() }
    }

    const fn format_name(&self) -> &'static str {
        match self.format {
            Format::Csv => "csv",
            Format::Amion => "amion",
        }
    }
}

fn purpose(program: &Program) -> String {
    format!("protected/{}", program.id)
}

fn import_path(program: &Program) -> String {
    format!("{}/protected/import", program_path(&program.code))
}

fn asked(program: &Program, problem: String, taken: String) -> Response {
    let page = ImportPage {
        w: words(),
        p: protected(),
        shell: super::shell(program, "/protected"),
        path: import_path(program),
        back: format!("{}/protected", program_path(&program.code)),
        problem,
        taken,
    };
    with_origin(page::ok(&page))
}

async fn ask(Coordinator { session: _, program }: Coordinator) -> Response {
    asked(&program, String::new(), String::new())
}

async fn send(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    upload: Upload,
) -> Result<Response, Refusal> {
    let refuse = |problem: String| {
        let mut page = asked(&program, problem, String::new());
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(page)
    };
    if upload.bytes.is_empty() {
        return refuse(protected().import_none.to_owned());
    }
    let (bytes, tables) = reading::tables(upload.bytes, &upload.file_name).await;
    if let Err(problem) = tables {
        return refuse(told::sentence(&problem.to_string()));
    }
    let format =
        if upload.fields.get("format").is_some_and(|format| format == "amion") { "amion" } else { "csv" };
    let draft = Draft { file_name: upload.file_name, bytes };
    let id = state.desk.keep_draft(&session, &purpose(&program), &draft).await?;
    Ok(Redirect::to(&format!("{}/{id}?format={format}", import_path(&program))).into_response())
}

/// The part of the address after the program.
#[derive(serde::Deserialize)]
struct At {
    draft: String,
}

async fn look(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Path(At { draft }): Path<At>,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Response, Refusal> {
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    shown(&state, &session, &program, &draft, &fields).await
}

async fn shown(
    state: &WebState,
    session: &Session,
    program: &Program,
    draft: &str,
    fields: &[(String, String)],
) -> Result<Response, Refusal> {
    let id: DraftId = draft.parse().map_err(|_| Refusal::nothing())?;
    let kept = state.desk.draft(session, &purpose(program), id).await?;
    let wanted = Wanted::read(fields);
    // It was read once before it was kept.
    let (_, tables) = reading::tables(kept.bytes, &kept.file_name).await;
    let tables = tables.map_err(|_| Refusal::no_choice())?;
    let file = ProtectionFile {
        tables: &tables,
        format: wanted.format,
        mapping: &wanted.mapping,
        replace: wanted.replace,
    };
    let imported = match state.desk.look_at_protection(session, program, &file).await {
        Err(crate::desk::Error::Refused(problem)) => {
            return Ok(asked(program, told::sentence(&problem), String::new()));
        }
        other => other?,
    };
    Ok(told(program, id, &kept.file_name, &wanted, imported, false))
}

fn told(
    program: &Program,
    draft: DraftId,
    file_name: &str,
    wanted: &Wanted,
    imported: ProtectionImported,
    changed: bool,
) -> Response {
    let p = protected();
    let digest = imported.digest();
    let ignored = imported.ignored_columns.join(", ");
    let meanings = imported.assignments.into_iter().take(WORDS).map(|one| Meaning::of(p, one));
    with_origin(page::ok(&LookPage {
        w: words(),
        p,
        shell: super::shell(program, "/protected"),
        path: import_path(program),
        draft: draft.to_string(),
        file_name: file_name.to_owned(),
        format: wanted.format_name(),
        replace: wanted.replace,
        changed,
        digest,
        added: imported.added,
        unchanged: imported.unchanged,
        removed: imported.removed,
        refused: imported.refused.len(),
        lists: [
            Lines::of(p.look_refused_title, "", &imported.refused),
            Lines::of(p.look_warned_title, "", &imported.warnings),
        ],
        ignored: if ignored.is_empty() { ignored } else { filled(p.look_ignored, &[("columns", &ignored)]) },
        meanings: meanings.collect(),
    }))
}

async fn decide(
    State(state): State<WebState>,
    Coordinator { session, program }: Coordinator,
    Path(At { draft }): Path<At>,
    Fields(fields): Fields<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let Some((_, digest)) = fields.iter().find(|(name, _)| name == "shown") else {
        return shown(&state, &session, &program, &draft, &fields).await;
    };
    let id: DraftId = draft.parse().map_err(|_| Refusal::nothing())?;
    let kept = state.desk.draft(&session, &purpose(&program), id).await?;
    let wanted = Wanted::read(&fields);
    let (_, tables) = reading::tables(kept.bytes, &kept.file_name).await;
    let tables = tables.map_err(|_| Refusal::no_choice())?;
    let file = ProtectionFile {
        tables: &tables,
        format: wanted.format,
        mapping: &wanted.mapping,
        replace: wanted.replace,
    };
    let imported = state.desk.take_shown_protection(&session, &program, &file, digest).await?;
    if !imported.applied {
        return Ok(told(&program, id, &kept.file_name, &wanted, imported, true));
    }
    state.desk.forget_draft(&session, &purpose(&program)).await?;
    let (added, removed) = (imported.added.to_string(), imported.removed.to_string());
    let taken = filled(protected().taken, &[("added", &added), ("removed", &removed)]);
    Ok(asked(&program, String::new(), taken))
}
