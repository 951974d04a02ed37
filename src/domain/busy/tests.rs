//! Calendars as their programs write them, and as somebody might write them to keep a process busy.

use proptest::prelude::*;
use rrule::RRuleSet;

use super::*;

fn denver() -> Zone {
    "America/Denver".parse().unwrap()
}

fn within(from: &str, until: &str) -> Span {
    Span::new(from.parse().unwrap(), until.parse().unwrap()).unwrap()
}

fn events(events: &[&str]) -> Vec<Table> {
    let body: String = events.iter().map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n")).collect();
    crate::intake::ics::read(format!("BEGIN:VCALENDAR\n{body}END:VCALENDAR\n").as_bytes()).unwrap()
}

fn spans(busy: &Busy) -> Vec<String> {
    let show = |at: Instant| at.format("%Y-%m-%d %H:%M").to_string();
    busy.spans.iter().map(|span| format!("{} to {}", show(span.starts_at()), show(span.ends_at()))).collect()
}

fn of(list: &[&str], from: &str, until: &str) -> Busy {
    busy(&events(list), denver(), within(from, until))
}

#[test]
fn the_sample_calendar_reads_as_it_stands() {
    let tables = crate::intake::ics::read(include_bytes!("../../../demo/busy_therapist_1.ics")).unwrap();
    let busy = busy(&tables, denver(), within("2027-07-01T00:00:00Z", "2027-10-01T00:00:00Z"));
    assert!(busy.refused.is_empty());
    assert_eq!(
        spans(&busy),
        [
            "2027-07-12 14:00 to 2027-07-12 16:00",
            "2027-07-13 18:00 to 2027-07-13 20:00",
            "2027-07-19 00:00 to 2027-07-24 00:00"
        ]
    );
}

#[test]
fn every_way_of_writing_a_time_is_read() {
    for (event, wanted) in [
        (
            "DTSTART;TZID=America/New_York:20270712T100000\nDTEND;TZID=America/New_York:20270712T110000",
            "14:00 to 2027-07-12 15:00",
        ),
        (
            "DTSTART;TZID=\"Eastern Standard Time\":20270712T100000\nDURATION:PT1H",
            "14:00 to 2027-07-12 15:00",
        ),
        (
            "DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20270712T100000\nDURATION:PT60M",
            "14:00 to 2027-07-12 15:00",
        ),
        ("DTSTART:20270712T080000\nDTEND:20270712T090000", "14:00 to 2027-07-12 15:00"),
        ("DTSTART;VALUE=DATE:20270712", "06:00 to 2027-07-13 06:00"),
    ] {
        let busy = of(&[event], "2027-07-01T00:00:00Z", "2027-08-01T00:00:00Z");
        assert_eq!(spans(&busy), [format!("2027-07-12 {wanted}")], "{event}");
    }
}

#[test]
fn free_and_cancelled_events_keep_nobody_busy() {
    let start = "DTSTART:20270712T140000Z\nDURATION:PT1H\n";
    for how in ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"] {
        assert_eq!(
            of(&[&format!("{start}{how}")], "2027-07-01T00:00:00Z", "2027-08-01T00:00:00Z"),
            Busy { complete: true, ..Busy::default() }
        );
    }
}

#[test]
fn a_weekly_meeting_follows_the_clock_on_the_wall_with_its_exceptions() {
    let rule = "UID:w\nDTSTART;TZID=America/New_York:20200106T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270330T130000Z\nEXDATE;TZID=America/New_York:20270315T090000";
    let moved =
        "UID:w\nRECURRENCE-ID;TZID=America/New_York:20270322T090000\nDTSTART:20270323T150000Z\nDURATION:PT2H";
    let busy = of(&[rule, moved], "2027-03-01T00:00:00Z", "2027-05-01T00:00:00Z");
    assert!(busy.refused.is_empty(), "{:?}", busy.refused);
    assert_eq!(
        spans(&busy),
        [
            "2027-03-01 14:00 to 2027-03-01 15:00",
            "2027-03-08 14:00 to 2027-03-08 15:00",
            "2027-03-23 15:00 to 2027-03-23 17:00",
            "2027-03-29 13:00 to 2027-03-29 14:00"
        ]
    );
}

#[test]
fn an_old_recurrence_keeps_its_days_when_it_is_read_from_later_on() {
    for rule in [
        "FREQ=DAILY;INTERVAL=45",
        "FREQ=WEEKLY;INTERVAL=6;BYDAY=TU",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=7",
        "FREQ=YEARLY;BYMONTH=8;BYDAY=-1MO",
    ] {
        let event = format!("DTSTART:19990105T100000Z\nDURATION:PT1H\nRRULE:{rule}");
        let whole: RRuleSet = format!("DTSTART:19990105T100000Z\nRRULE:{rule}").parse().unwrap();
        let august = within("2027-08-01T00:00:00Z", "2027-09-01T00:00:00Z");
        let all = whole.all(60_000).dates.into_iter().map(|date| date.to_utc());
        let all: Vec<Instant> =
            all.filter(|at| august.starts_at() <= *at && *at < august.ends_at()).collect();
        let found: Vec<Instant> =
            busy(&events(&[&event]), denver(), august).spans.iter().map(Span::starts_at).collect();
        assert_eq!(found, all, "{rule}");
    }
}

#[test]
fn a_zone_of_2026_is_right_in_a_recurrence() {
    let rule = "DTSTART;TZID=America/Vancouver:20261001T120000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;COUNT=3";
    let busy = of(&[rule], "2026-11-15T00:00:00Z", "2026-12-15T00:00:00Z");
    assert_eq!(spans(&busy), ["2026-12-01 19:00 to 2026-12-01 20:00"]);
}

#[test]
fn what_cannot_be_read_is_refused_by_line() {
    let start = "DTSTART:20270712T140000Z\nDURATION:PT1H";
    let list = [
        "SUMMARY:x",
        "DTSTART;TZID=Mars/Base:20270712T140000",
        "DTSTART:20270712T140000Z\nDTEND:20270711T140000Z",
        &format!("{start}\nRRULE:FREQ=SECONDLY"),
        &format!("{start}\nRRULE:FREQ=DAILY;BYMINUTE=1,2"),
        &format!("{start}\nRRULE:FREQ=DAILY;BYMONTH=77"),
        &format!("{start}\nEXDATE:yesterday"),
    ];
    let busy = of(&list, "2027-07-01T00:00:00Z", "2027-08-01T00:00:00Z");
    let refused: Vec<String> = busy.refused.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(refused.join("\n"));
    assert!(busy.spans.is_empty());
}

#[test]
fn recurrences_that_are_bombs_end_soon() {
    for (what, rule) in [
        ("daily since 1900", "DTSTART:19000101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"),
        (
            "daily since 1900, counted",
            "DTSTART:19000101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=1000000",
        ),
        (
            "30 February, daily",
            "DTSTART:19000101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        ),
        (
            "30 February, yearly",
            "DTSTART:19000101T000000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        ),
        (
            "all days of a year",
            "DTSTART:19000101T000000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        ),
    ] {
        let begun = std::time::Instant::now();
        let one = of(&[rule], "2027-07-01T00:00:00Z", "2028-07-01T00:00:00Z");
        println!("{what}: {:?}, {} spans, {} refused", begun.elapsed(), one.spans.len(), one.refused.len());
        let begun = std::time::Instant::now();
        let many = of(&vec![rule; 300], "2027-07-01T00:00:00Z", "2028-07-01T00:00:00Z");
        println!("{what}, 300 of them: {:?}, {} refused", begun.elapsed(), many.refused.len());
        assert!(begun.elapsed().as_secs() < 30, "{what}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_event_panics(
        start in "(2027[01][0-9][0-3][0-9])?(T[0-9]{6})?Z?|.{0,9}",
        zone in "[A-Za-z/ ]{0,12}",
        long in "P(T?[0-9]{1,8}[WDHMS]){0,3}",
        rule in "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(BYDAY|BYMONTH|BYMONTHDAY|BYSETPOS|BYYEARDAY|BYWEEKNO|INTERVAL|COUNT|WKST|BYHOUR)=[-0-9A-Zé]{0,4}){0,3}",
    ) {
        let event = format!("DTSTART;TZID={zone}:{start}\nDURATION:{long}\nRRULE:{rule}");
        let rows = event.lines().zip(1..).filter_map(|(text, line)| {
            let (head, value) = text.split_once(':')?;
            let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
            Some(crate::domain::table::Row { line, cells: vec![name.into(), parameters.into(), value.into()] })
        });
        let tables = [Table { sheet: None, rows: rows.collect() }];
        let _ = busy(&tables, denver(), within("2027-07-01T00:00:00Z", "2027-09-01T00:00:00Z"));
    }
}
