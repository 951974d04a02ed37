//! The mail: letters that everyone gets, counted by kind, and whose address the announcement did not reach. Never a
//! later letter by person.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::MAIL;
use super::names::name;
use crate::desk::posted::Posted;
use crate::domain::letter::Letter;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session::{Director, with_origin};
use crate::web::shell::Shell;
use crate::web::words::director::{DirectorWords, director};
use crate::web::words::{Words, filled, words};
use crate::web::{WebState, page};

/// The routes of the mail.
pub fn routes() -> Doors {
    Doors::new().route(MAIL, get(show))
}

#[derive(Template)]
#[template(path = "director/mail.html")]
struct MailPage {
    w: &'static Words,
    d: &'static DirectorWords,
    shell: Shell,
    letters: Vec<LetterTold>,
    unreached: Vec<String>,
    more: String,
    returned: Vec<String>,
}

#[derive(Default)]
struct LetterTold {
    name: &'static str,
    owed: i64,
    sent: i64,
    failed: i64,
    reasons: Vec<String>,
}

/// One row for each letter that everyone gets.
fn rows(d: &'static DirectorWords, posted: &Posted) -> Vec<LetterTold> {
    let row = |letter: Letter| {
        let mut row = LetterTold { name: name(d, letter), ..LetterTold::default() };
        for count in posted.letters.iter().filter(|count| count.letter == letter.name()) {
            match count.state.as_str() {
                "owed" => row.owed += count.count,
                "sent" => row.sent += count.count,
                _ => row.failed += count.count,
            }
            if !count.reason.is_empty() {
                let gaps = [("reason", count.reason.as_str()), ("count", &count.count.to_string())];
                row.reasons.push(filled(d.mail_reason_times, &gaps));
            }
        }
        row
    };
    Letter::ALL.into_iter().filter(|letter| letter.for_everyone()).map(row).collect()
}

async fn show(State(state): State<WebState>, Director(session): Director) -> Result<Response, Refusal> {
    let d = director();
    let posted = state.desk.posted(&session).await?;
    let letters = if posted.letters.is_empty() { Vec::new() } else { rows(d, &posted) };
    let more = match posted.more {
        0 => String::new(),
        more => filled(d.check_more, &[("count", &more.to_string())]),
    };
    let times = |reason: &str, count: i64| {
        filled(d.mail_reason_times, &[("reason", reason), ("count", &count.to_string())])
    };
    let mut returned: Vec<String> =
        posted.returned.iter().map(|(reason, count)| times(reason, *count)).collect();
    if posted.strays > 0 {
        returned.push(filled(d.mail_returned_strays, &[("count", &posted.strays.to_string())]));
    }
    let (shell, unreached) = (super::shell(MAIL), posted.unreached);
    Ok(with_origin(page::ok(&MailPage { w: words(), d, shell, letters, unreached, more, returned })))
}
