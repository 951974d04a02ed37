//! Mail that comes in, by whomever: nobody is believed whom the institution's own server does not vouch for, and nothing is
//! taken out of a mail but what has our own form.

use holdspace::domain::incoming::{Answer, Content, Incoming, is_uid};
use holdspace::mail::receiving::read_for;

/// The mail server that is believed.
const SERVER: &str = "mx.example.org";
/// Characters of a token of a letter.
const TOKEN: usize = 42;

/// Reads a mail.
pub fn mails(bytes: &[u8]) {
    let recipient = "bounces+abcdefghijklmnopqrstuvwxyz234567abcdefghij@in.example.org";
    let read = read_for(bytes, Some(SERVER), Some(recipient));
    assert!(!read.aligned || read.from.is_some(), "nobody is vouched for without a name");
    has_our_form(&read, 1);
    let alone = read_for(bytes, None, None);
    assert!(!alone.aligned, "nobody is trusted unless somebody says so");
    has_our_form(&alone, 0);
    // The server puts its own line above whatever came with the mail, and another header of its own between them.
    let above = format!("Authentication-Results: {SERVER}; none\r\nX-Own: line\r\n");
    let judged = read_for(&[above.as_bytes(), bytes].concat(), Some(SERVER), Some(recipient));
    assert!(!judged.aligned, "a line that came with the mail outdid the server's own");
}

fn has_our_form(read: &Incoming, least_tokens: usize) {
    match &read.content {
        Content::Reply(reply) => {
            assert!(is_uid(&reply.uid) && reply.uid == reply.uid.to_ascii_lowercase());
            if let Answer::Counter(Some(span)) = reply.answer {
                assert!(span.starts_at() < span.ends_at());
            }
        }
        Content::Report { report, tokens, id } => {
            assert!((least_tokens..=8).contains(&tokens.len()), "{} tokens", tokens.len());
            let is_token = |token: &String| {
                let base32 = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
                token.len() == TOKEN && token.bytes().all(base32)
            };
            assert!(tokens.iter().all(is_token));
            assert!(id.chars().count() <= 200);
            if let Some(status) = report.status {
                assert!([2, 4, 5].contains(&status.class) && status.subject <= 999 && status.detail <= 999);
            }
            let _every_report_has_a_reason = report.reason();
        }
        Content::WinmailDat { uid } => assert!(uid.as_deref().is_none_or(is_uid)),
        Content::Nothing => {}
    }
}
