//! Reports in the shapes in which mail servers write them. Never a real person's.

use super::super::read_for;
use super::*;
use crate::domain::bounce::Reason;
use crate::domain::incoming::Content;

/// A token of the vault's form.
const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz234567abcdefghij";

const POSTFIX: &str = include_str!("reports/postfix.eml");
const POSTFIX_DELAYED: &str = include_str!("reports/postfix-delayed.eml");
const EXCHANGE: &str = include_str!("reports/exchange.eml");
const GMAIL: &str = include_str!("reports/gmail.eml");
const PROSE: &str = include_str!("reports/prose.eml");
const AWAY: &str = include_str!("reports/away.eml");

fn read(text: &str) -> Option<(Report, Vec<String>)> {
    let raw = text.replace("TOKEN", TOKEN).replace('\n', "\r\n");
    match read_for(raw.as_bytes(), None, None).content {
        Content::Report { report, tokens, .. } => Some((report, tokens)),
        _ => None,
    }
}

#[test]
fn every_servers_report_of_an_unknown_address_is_read_and_leads_to_the_letter() {
    for (name, text) in [("Postfix", POSTFIX), ("Exchange", EXCHANGE), ("Gmail", GMAIL), ("prose", PROSE)] {
        let (report, tokens) = read(text).unwrap_or_else(|| panic!("{name} is no report"));
        assert_eq!((report.action, report.reason()), (Action::Failed, Reason::NoMailbox), "{name}");
        assert!(report.is_final(), "{name}");
        assert_eq!(tokens, [TOKEN], "{name}");
    }
}

#[test]
fn a_delay_is_no_failure_and_an_answer_of_somebody_away_is_no_report() {
    let (report, tokens) = read(POSTFIX_DELAYED).unwrap();
    assert_eq!((report.action, report.is_final(), tokens.len()), (Action::Delayed, false, 1));
    assert!(read(AWAY).is_none());
}

#[test]
fn a_report_of_success_is_none_and_one_who_has_it_is_enough() {
    assert!(read(&POSTFIX.replace("Action: failed", "Action: relayed")).is_none());
    let passed_on = POSTFIX
        .replace("Action: failed", "Action: failed\n\nFinal-Recipient: rfc822; b@x.org\nAction: delivered");
    assert!(read(&passed_on).is_none());
}

#[test]
fn an_enhanced_code_in_the_servers_words_goes_before_a_bare_one() {
    let bare = POSTFIX.replace("Status: 5.1.1", "Status: 5.0.0");
    let full = bare.replace("550 5.1.1", "552 5.2.2");
    assert_eq!(read(&bare).unwrap().0.reason(), Reason::NoMailbox);
    assert_eq!(read(&full).unwrap().0.reason(), Reason::Full);
}

#[test]
fn the_address_of_the_envelope_is_enough() {
    let raw = PROSE.replace("TOKEN", "x");
    let recipient = format!("bounces+{}@in.hospital.example", TOKEN.to_uppercase());
    match read_for(raw.as_bytes(), None, Some(&recipient)).content {
        Content::Report { tokens, .. } => assert_eq!(tokens, [TOKEN]),
        _ => panic!("no report"),
    }
}

#[test]
fn whatever_bytes_come_the_reader_comes_to_an_end() {
    for text in [POSTFIX, EXCHANGE, GMAIL, PROSE] {
        for end in 0..text.len() {
            if text.is_char_boundary(end) {
                drop(read_for(&text.as_bytes()[..end], None, None));
            }
        }
    }
    let many = format!(
        "{}\n{}",
        &POSTFIX[..POSTFIX.find("Action:").unwrap()],
        "\n \nAction: failed\n".repeat(20_000)
    );
    read(&many);
}
