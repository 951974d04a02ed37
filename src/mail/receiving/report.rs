//! What a mail server reports of a letter (RFC 3464), and the older shapes that say it in prose. Never keeps a word of the
//! report, and never believes that it is about a letter of ours: that is the token's matter.

use mail_parser::{Message, MessagePart, PartType};

use super::{MAX_PARTS, is_type};
use crate::domain::bounce::{Action, Report, Status, tokens_in};

/// So many bytes of a report's fields or prose are looked at; what follows is the letter itself.
const MAX_TEXT: usize = 32 * 1024;
/// So many lines of a header are looked at for the address to which a mail was delivered.
const MAX_HEADERS: usize = 200;
/// So many tokens are tried.
const MAX_TOKENS: usize = 8;
/// Headers in which the address stands to which a mail was delivered, and `To` for mailboxes whose server writes none.
const DELIVERED: [&str; 6] =
    ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To"];
/// Who writes such reports.
const DAEMONS: [&str; 4] = ["mailer-daemon", "postmaster", "mail-daemon", "microsoftexchange"];

/// What a mail reports; none where it is no report, or one of success.
pub(super) fn report(message: &Message<'_>) -> Option<Report> {
    let parts = || message.parts.iter().take(MAX_PARTS);
    let status = parts().find(|part| {
        is_type(part, "message", "delivery-status") || is_type(part, "message", "global-delivery-status")
    });
    match status {
        Some(part) => of_fields(&text(part)),
        None if is_prose(message) => {
            parts().find(|part| matches!(part.body, PartType::Text(_))).and_then(|part| in_prose(&text(part)))
        }
        None => None,
    }
}

/// What could stand for the letter, in the address to which the report came: that of the envelope first.
pub(super) fn tokens(message: &Message<'_>, recipient: Option<&str>) -> Vec<String> {
    let delivered = message
        .headers_raw()
        .take(MAX_HEADERS)
        .filter(|(name, _)| DELIVERED.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let mut tokens: Vec<String> = Vec::new();
    for token in recipient.into_iter().chain(delivered.map(|(_, value)| value)).flat_map(tokens_in) {
        if tokens.len() < MAX_TOKENS && !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    tokens
}

/// The report's own Message-ID.
pub(super) fn id(message: &Message<'_>) -> String {
    message.message_id().unwrap_or_default().chars().take(MAX_HEADERS).collect()
}

fn text(part: &MessagePart<'_>) -> String {
    let bytes = part.contents();
    String::from_utf8_lossy(bytes.get(..MAX_TEXT).unwrap_or(bytes)).into_owned()
}

/// Whether a mail without fields may be a report: written by a mail server, and no answer of somebody who is away.
fn is_prose(message: &Message<'_>) -> bool {
    let header = |name: &str| message.header_raw(name).map(|value| value.trim().to_ascii_lowercase());
    let from =
        message.from().and_then(|from| from.first()).and_then(|from| from.address()).unwrap_or_default();
    let from = from.to_ascii_lowercase();
    let daemon = DAEMONS.iter().any(|name| from.starts_with(name));
    let nobody = header("Return-Path").is_some_and(|path| path == "<>");
    // Answers of people who are away have no sender in their envelope either, and say so here (RFC 3834, section 5).
    let by_itself =
        ["Auto-Submitted", "X-Autoreply", "X-Autorespond"].into_iter().any(|name| header(name).is_some());
    daemon || (nobody && !by_itself)
}

/// A final refusal is one by its code; what says only that it goes on trying has one that may pass.
fn in_prose(text: &str) -> Option<Report> {
    let status = Status::first_in(text)?;
    match status.class {
        5 => Some(Report { action: Action::Failed, status: Some(status) }),
        4 => Some(Report { action: Action::Delayed, status: Some(status) }),
        _ => None,
    }
}

/// The groups of fields, of which the first is about the report itself. A letter has one recipient; where a server lists
/// several, it was passed on, and one that has it is enough.
fn of_fields(text: &str) -> Option<Report> {
    let mut worst = None;
    for group in unfolded(text).split(|line| line.trim().is_empty()) {
        let field = |name: &str| {
            group.iter().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        let Some(action) = field("Action") else { continue };
        let word = action.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        let action = match word.to_ascii_lowercase().as_str() {
            "failed" => Action::Failed,
            "delayed" => Action::Delayed,
            _ => return None,
        };
        let told = field("Status").and_then(Status::first_in);
        // Many servers give a bare code, and the remote one's whole code in its words.
        let said = field("Diagnostic-Code").and_then(Status::first_in);
        let status = match (told, said) {
            (Some(told), Some(said)) if told.is_bare() && told.class == said.class => Some(said),
            (told, said) => told.or(said),
        };
        if worst.is_none() || action == Action::Failed {
            worst = Some(Report { action, status });
        }
    }
    worst
}

/// Lines, each with those that go on from it (RFC 5322, section 2.2.3).
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(before)
                if line.starts_with([' ', '\t']) && !line.trim().is_empty() && !before.is_empty() =>
            {
                before.push(' ');
                before.push_str(line.trim());
            }
            _ => lines.push(line.trim_end().to_owned()),
        }
    }
    lines
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
