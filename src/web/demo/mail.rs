//! The mailbox of everybody, newest first, by kind or by person. Only a demo has such a thing.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::{Demo, dressed, home, moment};
use crate::domain::letter::Letter;
use crate::mail::captured::Captured;
use crate::web::doors::Doors;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, words};

/// Letters on one page.
const PAGE: usize = 40;

/// The route of the list.
pub fn routes() -> Doors<Demo> {
    Doors::new().route("/demo/mail", get(show))
}

#[derive(Deserialize, Default)]
struct Sought {
    /// A part of the recipient's address.
    #[serde(default)]
    who: String,
    /// One kind of letter.
    #[serde(default)]
    kind: String,
    /// Which page, from 1.
    page: Option<usize>,
}

impl Sought {
    fn fits(&self, letter: &Captured) -> bool {
        let kind = self.kind.parse::<Letter>().ok();
        let who = self.who.trim().to_lowercase();
        // Revealed to be compared; the people of the demo are invented.
        kind.is_none_or(|kind| letter.letter() == Some(kind))
            && (who.is_empty() || letter.to.reveal().to_lowercase().contains(&who))
    }
}

#[derive(Template)]
#[template(path = "demo/mail.html")]
struct MailPage {
    w: &'static Words,
    who: String,
    kinds: Vec<Kind>,
    letters: Vec<Line>,
    all: usize,
    earlier: Option<usize>,
    later: Option<usize>,
    kind: String,
}

struct Kind {
    value: &'static str,
    name: String,
    chosen: bool,
}

struct Line {
    number: u64,
    to: String,
    subject: String,
    at: String,
}

async fn show(
    State(demo): State<Demo>,
    query: Result<Query<Sought>, QueryRejection>,
) -> Result<Response, Refusal> {
    let sought = query.map(|Query(sought)| sought).unwrap_or_default();
    let mut found = demo.0.mailbox.list();
    found.retain(|letter| sought.fits(letter));
    let pages = found.len().div_ceil(PAGE).max(1);
    let page = sought.page.unwrap_or(1).clamp(1, pages);
    let line = |letter: &Captured| {
        let opened = letter.open();
        Line {
            number: letter.number,
            to: opened.to,
            subject: opened.subject,
            at: opened.date.map(moment).unwrap_or_default(),
        }
    };
    let kinds = Letter::ALL.into_iter().map(|letter| Kind {
        value: letter.name(),
        name: home::name(letter, 2),
        chosen: letter.name() == sought.kind,
    });
    Ok(dressed(page::ok(&MailPage {
        w: words(),
        kinds: kinds.collect(),
        letters: found.iter().skip((page - 1) * PAGE).take(PAGE).map(line).collect(),
        all: found.len(),
        earlier: (page < pages).then_some(page + 1),
        later: (page > 1).then(|| page - 1),
        who: sought.who,
        kind: sought.kind,
    })))
}
