//! One letter of the demo's mailbox as its reader has it: the page in a frame of its own that can do nothing but open
//! links, the text, the calendar entry in words, and the files as they are.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::entry::{self, EntryTold};
use super::{Demo, dressed, moment, zone};
use crate::mail::captured::Captured;
use crate::web::doors::Doors;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, words};

/// What the letter's own page may do: show itself, and open links in a new tab.
const FRAME_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
    style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/// The routes of one letter.
pub fn routes() -> Doors<Demo> {
    Doors::new()
        .route("/demo/mail/{number}", get(show))
        .route("/demo/mail/{number}/page", get(framed))
        .route("/demo/mail/{number}/letter.eml", get(eml))
        .route("/demo/mail/{number}/invite.ics", get(ics))
}

#[derive(Template)]
#[template(path = "demo/letter.html")]
struct LetterPage {
    w: &'static Words,
    number: u64,
    subject: String,
    from: String,
    to: String,
    address: String,
    at: String,
    message_id: String,
    text: Vec<Piece>,
    entry: Option<EntryTold>,
    raw_entry: Option<String>,
    earlier: Option<u64>,
    later: Option<u64>,
}

/// A piece of plain text, which may lead somewhere.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    is_link: bool,
}

/// Plain text as mail programs show it: addresses can be pressed.
fn pieces(text: &str) -> Vec<Piece> {
    let is_address = |word: &str| word.starts_with("http://") || word.starts_with("https://");
    let words = text.split_inclusive(char::is_whitespace);
    words
        .flat_map(|word| {
            let bare = word.trim_end().trim_end_matches(['.', ',', ')']);
            let (bare, rest) = if is_address(word) { word.split_at(bare.len()) } else { ("", word) };
            [Piece { text: bare.to_owned(), is_link: true }, Piece { text: rest.to_owned(), is_link: false }]
        })
        .filter(|piece| !piece.text.is_empty())
        .collect()
}

fn find(demo: &Demo, number: &str) -> Result<Captured, Refusal> {
    let number = number.parse().map_err(|_| Refusal::nothing())?;
    demo.0.mailbox.get(number).ok_or_else(Refusal::nothing)
}

async fn show(State(demo): State<Demo>, Path(number): Path<String>) -> Result<Response, Refusal> {
    let letter = find(&demo, &number)?;
    let opened = letter.open();
    let beside = |number: u64| demo.0.mailbox.get(number).map(|letter| letter.number);
    Ok(dressed(page::ok(&LetterPage {
        w: words(),
        number: letter.number,
        subject: opened.subject,
        from: opened.from,
        to: opened.to,
        // Shown because everybody here is invented.
        address: letter.to.reveal().to_owned(),
        at: opened.date.map(moment).unwrap_or_default(),
        message_id: letter.message_id.clone(),
        text: pieces(&opened.text),
        entry: opened.calendar.as_deref().and_then(|calendar| entry::in_words(calendar, zone())),
        raw_entry: opened.calendar,
        earlier: beside(letter.number - 1),
        later: beside(letter.number + 1),
    })))
}

async fn framed(State(demo): State<Demo>, Path(number): Path<String>) -> Result<Response, Refusal> {
    let html = find(&demo, &number)?.open().html;
    // As in a mail program, a link opens beside the letter; else it would be caught in the frame.
    let html = html.replacen("<head>", "<head><base target=\"_blank\">", 1);
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, FRAME_POLICY)];
    Ok((headers, html).into_response())
}

async fn eml(State(demo): State<Demo>, Path(number): Path<String>) -> Result<Response, Refusal> {
    let letter = find(&demo, &number)?;
    Ok(file("message/rfc822", "attachment; filename=\"letter.eml\"", letter.bytes.to_vec()))
}

async fn ics(State(demo): State<Demo>, Path(number): Path<String>) -> Result<Response, Refusal> {
    let calendar = find(&demo, &number)?.open().calendar.ok_or_else(Refusal::nothing)?;
    Ok(file("text/calendar; charset=utf-8", "attachment; filename=\"invite.ics\"", calendar.into_bytes()))
}

fn file(content_type: &'static str, disposition: &'static str, body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, content_type), (CONTENT_DISPOSITION, disposition)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_text_can_be_pressed_and_nothing_is_lost() {
        let text = "See it:\nhttp://127.0.0.1:1/v/abc.\n\nBye";
        let pieces = pieces(text);
        let links: Vec<&str> = pieces.iter().filter(|p| p.is_link).map(|p| p.text.as_str()).collect();
        assert_eq!(links, ["http://127.0.0.1:1/v/abc"]);
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
    }
}
