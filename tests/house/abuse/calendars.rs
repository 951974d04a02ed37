//! Hostile calendars: nesting, folding and repetitions without end.

use super::files::{Hostile, each, times};

fn calendar(inside: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n")
}

fn events(count: usize, lines: &str) -> String {
    calendar(&each(count, |n| {
        format!(
            "BEGIN:VEVENT\r\nUID:{n}@x\r\nDTSTART:20200101T080000Z\r\nDTEND:20200101T090000Z\r\n{lines}\r\nEND:VEVENT\r\n"
        )
    }))
}

fn list(from: u32, to: u32) -> String {
    (from..=to).map(|n| n.to_string()).collect::<Vec<_>>().join(",")
}

/// All of them.
pub fn calendars() -> Vec<Hostile> {
    let every = format!(
        "BYMONTH={};BYMONTHDAY={};BYHOUR={};BYMINUTE={};BYSECOND={}",
        list(1, 12),
        list(1, 31),
        list(0, 23),
        list(0, 59),
        list(0, 59)
    );
    let rules = [
        ("a thousand events of every second", "FREQ=SECONDLY".to_owned()),
        ("a thousand events of every minute", "FREQ=MINUTELY;INTERVAL=1".to_owned()),
        ("a hundred million times", "FREQ=DAILY;COUNT=99999999".to_owned()),
        ("a count beyond any number", "FREQ=DAILY;COUNT=99999999999999999999".to_owned()),
        ("an end before the beginning", "FREQ=DAILY;UNTIL=19700101T000000Z".to_owned()),
        ("every second of every year", format!("FREQ=YEARLY;{every}")),
        ("every second of every day", format!("FREQ=DAILY;{every}")),
        ("the thirtieth of February", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30".to_owned()),
        ("the 366th day every seventh year", "FREQ=YEARLY;INTERVAL=7;BYYEARDAY=366;BYDAY=MO".to_owned()),
        ("the last of many", format!("FREQ=MONTHLY;{every};BYSETPOS=-366")),
        ("no interval", "FREQ=HOURLY;INTERVAL=0".to_owned()),
        ("an interval as long as a number", "FREQ=YEARLY;INTERVAL=65535".to_owned()),
        ("a rule of a megabyte", format!("FREQ=DAILY;BYDAY={}", times("MO,", 300_000))),
    ];
    let ruled = rules.into_iter().map(|(name, rule)| {
        let count = if rule.len() > 1000 { 1 } else { 1000 };
        Hostile::new(name, events(count, &format!("RRULE:{rule}")))
    });
    ruled.chain(without_rules()).collect()
}

fn without_rules() -> Vec<Hostile> {
    vec![
        Hostile::new("20,000 nested events", format!("BEGIN:VCALENDAR\n{}", times("BEGIN:VEVENT\n", 20_000))),
        Hostile::new("a line of a megabyte", calendar(&format!("X:{}\r\n", times("x", 1_000_000)))),
        Hostile::new("folding without end", calendar(&format!("X:a\r\n{}", times(" \r\n", 95_000)))),
        Hostile::new("5,000 events of one day", events(5_000, "TRANSP:OPAQUE")),
        Hostile::new(
            "40,000 exceptions of one event",
            events(1, &times("EXDATE:20270101T080000Z\r\n", 40_000)),
        ),
        Hostile::new(
            "60,000 further dates",
            events(1, &format!("RDATE:{}20270101T080000Z", times("20270101T080000Z,", 55_000))),
        ),
        Hostile::new(
            "a beginning before all years",
            events(1000, "DTSTART:00010101T000000Z\r\nRRULE:FREQ=DAILY"),
        ),
        Hostile::new("a length of a million weeks", events(1000, "DURATION:P9999999W\r\nRRULE:FREQ=DAILY")),
        Hostile::new("a zone of a megabyte", events(1, &format!("X;TZID={}:1", times("Z", 900_000)))),
        Hostile::new(
            "a zone that changes its clock every second",
            calendar(&format!(
                "BEGIN:VTIMEZONE\r\nTZID:X\r\n{}END:VTIMEZONE\r\n",
                times("BEGIN:STANDARD\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\n", 15_000)
            )),
        ),
        Hostile::new("100,000 quotation marks", events(1, &format!("X;A={}:b", times("\"", 100_001)))),
        Hostile::new("NULs", vec![0; 1 << 20]),
        Hostile::new("two megabytes", vec![b'B'; 2 << 20]),
    ]
}
