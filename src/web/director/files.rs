//! Files of programs, sites and therapists: taken whole, or told line by line why not. Never keeps one.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::desk::furnish::Kind;
use crate::desk::session::Session;
use crate::web::body::Upload;
use crate::web::refusal::Refusal;
use crate::web::session::with_origin;
use crate::web::shell::{Door, Shell};
use crate::web::words::setup::{SetupWords, setup};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page, reading, told};

/// More lines than this are not told one by one.
const TOLD: usize = 100;

/// What a list says after something was done.
#[derive(Debug, Default, Deserialize)]
pub struct Said {
    #[serde(default)]
    said: String,
    #[serde(default)]
    added: u32,
    #[serde(default)]
    changed: u32,
    #[serde(default)]
    same: u32,
}

impl Said {
    /// In words; empty where nothing was done.
    pub fn in_words(&self) -> String {
        let s = setup();
        let [added, changed, same] = [self.added, self.changed, self.same].map(|count| count.to_string());
        match self.said.as_str() {
            "file" => filled(s.file_done, &[("added", &added), ("changed", &changed), ("same", &same)]),
            "saved" => s.saved.to_owned(),
            _ => String::new(),
        }
    }
}

/// A form that brings a file.
pub struct FileForm {
    /// What it is called.
    pub title: &'static str,
    /// Where it goes.
    pub action: &'static str,
    /// Its columns.
    pub columns: String,
    /// Its field's identifier.
    pub id: &'static str,
}

impl FileForm {
    /// The form of a kind of file.
    pub fn of(kind: Kind) -> Self {
        let s = setup();
        let (title, action, columns, id) = match kind {
            Kind::Programs => {
                (s.file_programs, "/institution/programs/file", s.columns_programs, "programs-file")
            }
            Kind::Sites => (s.file_sites, "/institution/sites/file", s.columns_sites, "sites-file"),
            Kind::Therapists => {
                (s.file_therapists, "/institution/therapists/file", s.columns_therapists, "therapists-file")
            }
        };
        Self { title, action, columns: filled(s.file_columns, &[("columns", columns)]), id }
    }
}

#[derive(Template)]
#[template(path = "director/refused.html")]
struct RefusedPage {
    w: &'static Words,
    s: &'static SetupWords,
    shell: Shell,
    beside: Vec<Door>,
    refused: Vec<String>,
    more: String,
    back: &'static str,
}

/// Takes a file that somebody brought, and leads back to the list at `back`.
pub async fn take(
    state: &WebState,
    session: &Session,
    kind: Kind,
    upload: Upload,
    back: &'static str,
) -> Result<Response, Refusal> {
    if upload.bytes.is_empty() {
        return Ok(refused(vec![setup().file_none.to_owned()], back));
    }
    let (_, tables) = reading::tables(upload.bytes, &upload.file_name).await;
    let tables = match tables {
        Ok(tables) => tables,
        Err(problem) => return Ok(refused(vec![told::sentence(&problem.to_string())], back)),
    };
    let imported = state.desk.furnish(session, kind, &tables).await?;
    if !imported.refused.is_empty() {
        let told = imported.refused.iter().map(|one| told::sentence(&one.to_string()));
        return Ok(refused(told.collect(), back));
    }
    let (added, changed, same) = (imported.added, imported.changed, imported.unchanged);
    let path = format!("{back}?said=file&added={added}&changed={changed}&same={same}");
    Ok(Redirect::to(&path).into_response())
}

fn refused(mut lines: Vec<String>, back: &'static str) -> Response {
    let s = setup();
    let more = match lines.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => filled(s.file_refused_more, &[("count", &more.to_string())]),
    };
    lines.truncate(TOLD);
    let (shell, beside) = (super::shell(super::PROGRAMS), super::beside(back));
    let page = RefusedPage { w: words(), s, shell, beside, refused: lines, more, back };
    with_origin(page::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}
