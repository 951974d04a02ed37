//! Hostile mails and reports of mail servers.

use data_encoding::BASE64;

use super::files::{Hostile, each, times};

const HEAD: &str = "From: a@im.example.edu\r\nTo: office@holdspace.example.org\r\nMIME-Version: 1.0\r\n";

/// All of them.
pub fn mails() -> Vec<Hostile> {
    let mail = |header: &str, body: &str| format!("{HEAD}{header}\r\n\r\n{body}");
    let nested = each(10_000, |n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"));
    let forwarded = times("Content-Type: message/rfc822\r\n\r\n", 10_000);
    let flat = times("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", 20_000);
    let bare = times("--b\r\n\r\nx\r\n", 90_000);
    let calendar = format!("BEGIN:VCALENDAR\nMETHOD:REPLY\n{}", times("BEGIN:VEVENT\n", 20_000));
    let coded = BASE64.encode(calendar.as_bytes());
    let fields = times("Final-Recipient: rfc822; a@b.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n", 10_000);
    let words = times("=?utf-8?B?QUFBQUFBQUFBQUFB?= ", 30_000);
    let zip = BASE64.encode(&vec![0; 700_000]);
    let mixed = "Content-Type: multipart/mixed; boundary=b";
    let report = "Content-Type: multipart/report; report-type=delivery-status; boundary=b";
    let notes = "--b\r\nContent-Type: message/delivery-status\r\n\r\n";
    vec![
        Hostile::new("10,000 parts within each other", format!("{HEAD}{nested}")),
        Hostile::new("10,000 mails within each other", format!("{HEAD}{forwarded}")),
        Hostile::new("20,000 parts beside each other", mail(mixed, &flat)),
        Hostile::new("90,000 parts without a header", mail(mixed, &bare)),
        Hostile::new("100,000 lines of header", mail(&times("X: y\r\n", 100_000), "")),
        Hostile::new("a header of a megabyte", mail(&format!("Subject: {}", times("x", 1_000_000)), "")),
        Hostile::new(
            "a header folded 300,000 times",
            mail(&format!("Subject: x{}", times("\r\n ", 300_000)), ""),
        ),
        Hostile::new("20,000 encoded words", mail(&format!("Subject: {words}"), "")),
        Hostile::new("40,000 recipients", mail(&format!("Cc: {}", times("a@b.org, ", 40_000)), "")),
        Hostile::new("a group within a group", mail(&format!("Cc: {}", times("a:(", 300_000)), "")),
        Hostile::new(
            "a verdict of brackets",
            mail(&format!("Authentication-Results: {}", times("(", 900_000)), ""),
        ),
        Hostile::new(
            "60,000 answered letters",
            mail(&format!("References: {}", times("<a.b@c> ", 60_000)), ""),
        ),
        Hostile::new(
            "a coded calendar that is nested",
            mail("Content-Type: text/calendar; method=REPLY\r\nContent-Transfer-Encoding: base64", &coded),
        ),
        Hostile::new(
            "base64 of nothing but zeros",
            mail("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64", &zip),
        ),
        Hostile::new("a report of 10,000 people", mail(report, &format!("{notes}{fields}--b--\r\n"))),
        Hostile::new(
            "a report of one endless line",
            mail(report, &format!("{notes}Final-Recipient: {}\r\n--b--\r\n", times("x", 900_000))),
        ),
        Hostile::new(
            "soft line breaks alone",
            mail("Content-Transfer-Encoding: quoted-printable", &times("=\r\n", 300_000)),
        ),
        Hostile::new(
            "a boundary that is everywhere",
            mail("Content-Type: multipart/mixed; boundary=\"\"", &times("--\r\n", 250_000)),
        ),
        Hostile::new("20 MB", times("x", 20 << 20)),
        Hostile::new("NULs", vec![0; 1 << 20]),
    ]
}
