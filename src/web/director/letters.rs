//! Every letter with invented people, as its reader gets it: on a phone, on a computer, and as plain text. Never a letter
//! that was sent.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::names::name;
use super::{LETTERS, PROGRAMS};
use crate::desk::session::Session;
use crate::domain::letter::Letter;
use crate::mail::preview::Letterhead;
use crate::mail::template::Rendered;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::{Door, Shell};
use crate::web::words::director::director;
use crate::web::words::setup::{SetupWords, setup};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page};

/// What a letter's own page may do: show itself with the styles that mail programs read, inside a page of ours.
const FRAME_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/// The routes of letters.
pub fn routes() -> Doors {
    Doors::new()
        .route(LETTERS, get(list))
        .route("/institution/letters/{letter}", get(show))
        .route("/institution/letters/{letter}/page", get(framed))
}

/// The offering whose title stands in a letter.
#[derive(Debug, Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    offering: String,
}

#[derive(Template)]
#[template(path = "director/letters.html")]
struct LettersPage {
    w: &'static Words,
    s: &'static SetupWords,
    shell: Shell,
    beside: Vec<Door>,
    offerings: Vec<(String, String, bool)>,
    groups: Vec<(&'static str, Vec<LetterTold>)>,
}

struct LetterTold {
    href: String,
    name: &'static str,
    subject: String,
}

#[derive(Template)]
#[template(path = "director/letter.html")]
struct LetterPage {
    w: &'static Words,
    s: &'static SetupWords,
    shell: Shell,
    beside: Vec<Door>,
    name: &'static str,
    subject: String,
    text: String,
    frame: String,
    frame_phone: String,
    frame_desk: String,
    back: String,
    earlier: Option<(String, String)>,
    later: Option<(String, String)>,
}

/// The titles of all offerings, newest first, each with whether it is the chosen one; the newest is, where none was.
async fn titles(
    state: &WebState,
    session: &Session,
    chosen: &Chosen,
) -> Result<Vec<(String, String, bool)>, Refusal> {
    let offerings = state.desk.offerings_of(session).await?;
    let title = |offering: crate::desk::offering::Offering| {
        let id = offering.id().to_string();
        (offering.rules.title.clone(), id)
    };
    let mut titles: Vec<(String, String, bool)> = offerings
        .into_iter()
        .map(title)
        .map(|(title, id)| (chosen.offering == id, title, id))
        .map(|(is, t, id)| (id, t, is))
        .collect();
    if !titles.iter().any(|(_, _, chosen)| *chosen)
        && let Some(first) = titles.first_mut()
    {
        first.2 = true;
    }
    Ok(titles)
}

fn rendered(state: &WebState, letter: Letter, title: Option<&str>) -> Result<Rendered, Refusal> {
    let broken = |problem| {
        tracing::error!(%problem, "a letter could not be shown");
        Refusal::broken()
    };
    match &state.letterhead {
        Some(letterhead) => letterhead.preview(letter, title).map_err(broken),
        None => Letterhead::sample().and_then(|sample| sample.preview(letter, title)).map_err(broken),
    }
}

/// The chosen offering's title, and what an address says of it.
fn chosen_of(titles: &[(String, String, bool)]) -> (Option<&str>, String) {
    let chosen = titles.iter().find(|(_, _, chosen)| *chosen);
    let query = chosen.map(|(id, ..)| format!("?offering={id}")).unwrap_or_default();
    (chosen.map(|(_, title, _)| title.as_str()), query)
}

/// Which letters stand together.
fn group(s: &SetupWords, letter: Letter) -> &'static str {
    match letter {
        _ if letter.for_everyone() => s.letters_everyone,
        _ if letter.for_residents() => s.letters_asked,
        Letter::StaffWelcome | Letter::SignIn => s.letters_staff,
        _ => s.letters_therapists,
    }
}

async fn list(
    State(state): State<WebState>,
    Director(session): Director,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Refusal> {
    let (s, d) = (setup(), director());
    let offerings = titles(&state, &session, &chosen).await?;
    let (title, query) = chosen_of(&offerings);
    let mut groups: Vec<(&'static str, Vec<LetterTold>)> = Vec::new();
    for letter in Letter::ALL {
        let subject = rendered(&state, letter, title)?.subject;
        let told = LetterTold { href: format!("{LETTERS}/{letter}{query}"), name: name(d, letter), subject };
        match groups.last_mut().filter(|(last, _)| *last == group(s, letter)) {
            Some((_, letters)) => letters.push(told),
            None => groups.push((group(s, letter), vec![told])),
        }
    }
    let (shell, beside) = (super::shell(PROGRAMS), super::beside(LETTERS));
    Ok(with_origin(page::ok(&LettersPage { w: words(), s, shell, beside, offerings, groups })))
}

async fn show(
    State(state): State<WebState>,
    Director(session): Director,
    Path(letter): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Refusal> {
    let letter: Letter = letter.parse().map_err(|_| Refusal::nothing())?;
    let (s, d) = (setup(), director());
    let offerings = titles(&state, &session, &chosen).await?;
    let (title, query) = chosen_of(&offerings);
    let Rendered { subject, text, .. } = rendered(&state, letter, title)?;
    let at = Letter::ALL.iter().position(|one| *one == letter).unwrap_or_default();
    let beside_it = |other: Option<&Letter>, sentence: &str| {
        other.map(|other| {
            let label = filled(sentence, &[("letter", name(d, *other))]);
            (format!("{LETTERS}/{other}{query}"), label)
        })
    };
    let named = [("letter", name(d, letter))];
    Ok(with_origin(page::ok(&LetterPage {
        w: words(),
        s,
        shell: super::shell(PROGRAMS),
        beside: super::beside(LETTERS),
        name: name(d, letter),
        subject,
        text,
        frame: format!("{LETTERS}/{letter}/page{query}"),
        frame_phone: filled(s.letter_frame_phone, &named),
        frame_desk: filled(s.letter_frame_desk, &named),
        back: format!("{LETTERS}{query}"),
        earlier: beside_it(at.checked_sub(1).and_then(|before| Letter::ALL.get(before)), s.letter_earlier),
        later: beside_it(Letter::ALL.get(at + 1), s.letter_later),
    })))
}

/// The letter's own page, for a frame.
async fn framed(
    State(state): State<WebState>,
    Director(session): Director,
    Path(letter): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Refusal> {
    let letter: Letter = letter.parse().map_err(|_| Refusal::nothing())?;
    let offerings = titles(&state, &session, &chosen).await?;
    let html = rendered(&state, letter, chosen_of(&offerings).0)?.html;
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, FRAME_POLICY)];
    Ok((headers, html).into_response())
}
