//! Which properties make an answer, and which make none.

use super::*;
use crate::domain::incoming::Answer;
use crate::domain::table::Row;
use crate::domain::time::Span;

const UID: &str = "aebagbafaydqqcikbmga2dqpca";

fn event(lines: &[&str]) -> Table {
    let row = |line: &&str| {
        let mut quoted = false;
        let colon = line.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        });
        let (head, value) = (&line[..colon.unwrap()], &line[colon.unwrap() + 1..]);
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        Row { line: 1, cells: [name, parameters, value].map(str::to_owned).to_vec() }
    };
    Table { sheet: None, rows: lines.iter().map(row).collect() }
}

fn read(method: &str, more: &[&str]) -> Option<Reply> {
    let uid = format!("UID:{UID}");
    let usual =
        [uid.as_str(), "DTSTAMP:20270616T150000Z", "ATTENDEE;PARTSTAT=DECLINED:MAILTO:Ann@IM.example.edu"];
    answer(method, &[event(&[&usual, more].concat())])
}

fn proposed(times: &[&str]) -> Option<Span> {
    match read("COUNTER", times).unwrap().answer {
        Answer::Counter(span) => span,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_needs_neither_organizer_nor_sequence() {
    let reply = read("reply", &[]).unwrap();
    assert_eq!((reply.uid.as_str(), reply.answer, reply.sequence), (UID, Answer::Declined, 0));
    assert_eq!(reply.attendee.reveal(), "ann@im.example.edu");
    let with_both = read(
        "REPLY",
        &["SEQUENCE:3", "ORGANIZER:mailto:hold@example.org", "ATTENDEE:mailto:hold@example.org"],
    );
    assert_eq!(with_both.unwrap().sequence, 3);
}

#[test]
fn whatever_is_more_or_less_than_one_answer_is_none() {
    for more in [
        &["SEQUENCE:-1"][..],
        &["SEQUENCE:1", "SEQUENCE:2"],
        &["UID:aebagbafaydqqcikbmga2dqpcb"],
        &["DTSTAMP:20270616T150001Z"],
        &["ATTENDEE;PARTSTAT=DECLINED:mailto:bob@im.example.edu"],
        &["RDATE:20270701T150000Z"],
        &["RECURRENCE-ID:20270701T150000Z"],
    ] {
        assert!(read("REPLY", more).is_none(), "{more:?}");
    }
    for method in ["", "REQUEST", "CANCEL", "PUBLISH", "DECLINECOUNTER", "REFRESH"] {
        assert!(read(method, &[]).is_none(), "{method}");
    }
    assert!(answer("REPLY", &[]).is_none());
    for uid in ["UID:x", "UID:aebagbafaydqqcikbmga2dqpca\\nX:1", "UID:"] {
        let lines = [uid, "DTSTAMP:20270616T150000Z", "ATTENDEE;PARTSTAT=DECLINED:mailto:ann@im.example.edu"];
        assert!(answer("REPLY", &[event(&lines)]).is_none(), "{uid}");
    }
}

#[test]
fn a_proposed_time_is_read_in_the_zones_that_calendar_programs_name() {
    let utc = proposed(&["DTSTART:20270706T190000Z", "DTEND:20270706T195000Z"]);
    assert!(utc.is_some());
    for zone in [
        "Mountain Standard Time",
        "\"Mountain Standard Time\"",
        "America/Denver",
        "\"(UTC-07:00) Mountain Time (US & Canada)\"",
    ] {
        let times =
            [format!("DTSTART;TZID={zone}:20270706T130000"), format!("DTEND;TZID={zone}:20270706T135000")];
        assert_eq!(proposed(&[&times[0], &times[1]]), utc, "{zone}");
    }
    assert_eq!(proposed(&["DTSTART:20270706T190000Z", "DURATION:PT50M"]), utc);
    // An hour of nobody's clock, of an unknown zone, of a whole day, or none at all, is no time.
    for times in [
        &["DTSTART:20270706T190000", "DTEND:20270706T195000"][..],
        &["DTSTART;TZID=Customized:20270706T190000", "DTEND;TZID=Customized:20270706T195000"],
        &["DTSTART;VALUE=DATE:20270706", "DTEND;VALUE=DATE:20270707"],
        &["DTSTART:20270706T190000Z", "DTEND:20270706T180000Z"],
        &["DTSTART:20270706T190000Z", "DTSTART:20270707T190000Z", "DTEND:20270706T195000Z"],
        &[],
    ] {
        assert_eq!(proposed(times), None, "{times:?}");
    }
}
