//! What is read of mails, and whom they are believed to be from.

use mail_parser::MessageParser;

use super::*;
use crate::domain::incoming::Answer;

const HEAD: &str = "From: Ann <ann@im.example.edu>\r\n";

fn is_aligned(results: &str) -> bool {
    let mail = format!("{results}\r\n{HEAD}Subject: x\r\n\r\nwords\r\n");
    read(mail.as_bytes(), Some("mx.example.org")).aligned
}

#[test]
fn a_server_vouches_by_dmarc_or_for_that_very_domain_or_one_above_it() {
    for results in [
        "mx.example.org; dmarc=pass",
        "mx.example.org; dmarc=pass (p=reject dis=none) header.from=im.example.edu",
        "MX.example.org 1; spf=fail smtp.mailfrom=x.example; dmarc=pass action=none header.from=IM.example.edu",
        "mx.example.org;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=im.example.edu header.i=@im.example.edu header.b=\"a;b\"",
        "mx.example.org; dkim/1 = pass header.d = example.edu",
        "mx.example.org; dkim=fail header.d=im.example.edu; dkim=pass header.i=@im.example.edu",
        "mx.example.org; spf=pass smtp.mailfrom=bounce@im.example.edu",
        "mx.example.org; auth=pass smtp.auth=x; dmarc=pass",
    ] {
        assert!(is_aligned(&format!("Authentication-Results: {results}")), "{results}");
    }
}

#[test]
fn a_server_that_found_nothing_or_something_else_vouches_for_nobody() {
    for results in [
        "mx.example.org; none",
        "mx.example.org; dmarc=none; spf=none; dkim=none",
        "mx.example.org; dmarc=fail header.from=im.example.edu",
        "mx.example.org; dmarc=pass header.from=elsewhere.example",
        "mx.example.org; dkim=pass header.d=elsewhere.example",
        "mx.example.org; dkim=pass header.d=edu",
        "mx.example.org; dkim=pass header.d=mail.im.example.edu",
        "mx.example.org; dkim=pass header.d=m.example.edu",
        "mx.example.org; spf=pass smtp.helo=im.example.edu",
        "mx.example.org; spf=pass smtp.mailfrom=im.example.edu.elsewhere.example",
        "mx.example.org; dmarc=temperror reason=\"; dmarc=pass\"",
        "mx.example.org; dmarc=fail (dmarc=pass); spf=fail",
        "mx.example.org; dmarc=fail (unclosed; dmarc=pass",
        "mx.example.org; spf=fail smtp.mailfrom=\"x; dmarc=pass\"",
        "mx.example.org.elsewhere.example; dmarc=pass",
        "elsewhere.example; dmarc=pass",
        "dmarc=pass header.from=im.example.edu",
        "",
    ] {
        assert!(!is_aligned(&format!("Authentication-Results: {results}")), "{results}");
    }
    assert!(!is_aligned("X-Authentication-Results: mx.example.org; dmarc=pass"));
}

#[test]
fn only_the_topmost_line_of_the_trusted_server_counts() {
    let pass = "Authentication-Results: mx.example.org; dmarc=pass";
    let fail = "Authentication-Results: mx.example.org; dmarc=fail";
    let other = "Authentication-Results: elsewhere.example; dmarc=pass";
    assert!(is_aligned(&format!("{pass}\r\n{fail}")));
    assert!(!is_aligned(&format!("{fail}\r\n{pass}")));
    assert!(is_aligned(&format!("{other}\r\n{pass}")));
    assert!(!is_aligned(&format!("{other}\r\n{fail}\r\nReceived: from x\r\n{pass}")));
    let mail = format!("{pass}\r\n{HEAD}\r\nwords");
    assert!(!read(mail.as_bytes(), None).aligned, "nobody is trusted unless somebody says so");
}

fn reply_of(part: &str, body: &[u8]) -> Option<Answer> {
    let mut mail = format!("{HEAD}MIME-Version: 1.0\r\n{part}\r\n\r\n").into_bytes();
    mail.extend_from_slice(body);
    match read(&mail, None).content {
        Content::Reply(reply) => Some(reply.answer),
        _ => None,
    }
}

const DECLINED: &str = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:aebagbafaydqqcikbmga2dqpca\r\n\
    DTSTAMP:20270616T150000Z\r\nATTENDEE;PARTSTAT=DECLINED:mailto:ann@im.example.edu\r\n\
    DESCRIPTION:老 x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn an_answer_is_read_in_every_encoding_that_programs_use() {
    use data_encoding::BASE64;
    let utf16: Vec<u8> = DECLINED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xff\xfe".as_slice(), &utf16].concat();
    let base64 = "\r\nContent-Transfer-Encoding: base64";
    for (part, body) in [
        ("Content-Type: text/calendar; charset=utf-8".to_owned(), DECLINED.as_bytes().to_vec()),
        (
            format!("Content-Type: text/calendar; charset=utf-8{base64}"),
            BASE64.encode(DECLINED.as_bytes()).into(),
        ),
        (format!("Content-Type: text/calendar; charset=utf-16le{base64}"), BASE64.encode(&utf16).into()),
        (format!("Content-Type: application/ics; name=invite.ics{base64}"), BASE64.encode(&marked).into()),
        (
            "Content-Type: TEXT/Calendar; charset=\"utf-8\"\r\nContent-Transfer-Encoding: Quoted-Printable"
                .to_owned(),
            DECLINED.replace('=', "=3D").into_bytes(),
        ),
    ] {
        assert_eq!(reply_of(&part, &body), Some(Answer::Declined), "{part}");
    }
}

#[test]
fn nothing_that_is_nested_or_large_is_followed_to_its_end() {
    let deep = "BEGIN:VEVENT\r\n".repeat(40_000);
    let calendar = format!("BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n{deep}");
    assert_eq!(reply_of("Content-Type: text/calendar", calendar.as_bytes()), None);
    let mut parts = String::from(HEAD);
    for depth in 0..20_000 {
        parts += &format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n");
    }
    assert!(matches!(read(parts.as_bytes(), None).content, Content::Nothing));
    for deep in ["Content-Type: message/rfc822\r\n\r\n", "content-type:message/global\n\n"] {
        assert!(matches!(
            read(format!("{HEAD}{}", deep.repeat(60)).as_bytes(), None).content,
            Content::Nothing
        ));
    }
    let mails = "Content-Type: message/rfc822\r\n\r\n".repeat(20_000);
    assert!(matches!(read(format!("{HEAD}{mails}").as_bytes(), None).content, Content::Nothing));
    let large = DECLINED.replace("老", &"X".repeat(3 << 20));
    assert_eq!(
        reply_of("Content-Type: text/calendar", large.as_bytes()),
        None,
        "it is cut off, and so no calendar"
    );
    assert!(matches!(read(b"", None).content, Content::Nothing));
    assert!(matches!(read(&[0xff; 4096], None).content, Content::Nothing));
}

#[test]
fn an_answer_that_lies_in_a_forwarded_mail_is_not_the_senders() {
    let inner = format!(
        "From: Bob <bob@im.example.edu>\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n{DECLINED}"
    );
    assert_eq!(reply_of("Content-Type: message/rfc822", inner.as_bytes()), None);
}

#[test]
fn the_letter_that_is_answered_is_known_by_its_message_id() {
    let answered_by = |headers: &str| {
        let mail = format!("{HEAD}{headers}Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx");
        match read(mail.as_bytes(), None).content {
            Content::WinmailDat { uid } => uid,
            _ => panic!("{headers}"),
        }
    };
    let ours = "<aebagbafaydqqcikbmga2dqpca.0.invitation@example.org>";
    let uid = Some("aebagbafaydqqcikbmga2dqpca".to_owned());
    assert_eq!(answered_by(&format!("In-Reply-To: {ours}\r\n")), uid);
    assert_eq!(answered_by(&format!("References: <x@y.example> {ours}\r\n")), uid);
    assert_eq!(answered_by("In-Reply-To: <x@y.example>\r\n"), None);
    assert_eq!(answered_by(""), None);
}

#[test]
fn from_is_one_address_or_nobody() {
    let from = |header: &str| {
        let mail = format!("{header}\r\nSubject: x\r\n\r\nwords");
        read(mail.as_bytes(), None).from.map(|from| from.reveal().to_owned())
    };
    assert_eq!(from("From: \"Example, Ann\" <Ann@IM.example.edu>").as_deref(), Some("ann@im.example.edu"));
    for header in [
        "From: ann@im.example.edu, eve@x.example",
        "From: ann@im.example.edu\r\nFrom: eve@x.example",
        "From: undisclosed:;",
        "From: Ann",
        "X-From: ann@im.example.edu",
    ] {
        assert_eq!(from(header), None, "{header}");
    }
    assert!(MessageParser::default().parse(b"".as_slice()).is_none_or(|message| from_of(&message).is_none()));
}

fn from_of(message: &Message<'_>) -> Option<Address> {
    super::from(message)
}
