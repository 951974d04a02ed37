//! Calendar files, by whomever: bounded, the same when they are written again, and never busy outside of the period.

use chrono::{DateTime, Duration, Utc};
use holdspace::domain::busy::{self, Busy, MAX_SPANS};
use holdspace::domain::table::{Row, RowRefusal, Table};
use holdspace::domain::time::{Span, Zone};
use holdspace::intake::ics::{self, Calendar, MAX_CALENDAR, MAX_EVENTS};
use holdspace::intake::{IntakeRefusal, MAX_CELL};

/// Most properties of an event.
const MAX_PROPERTIES: usize = 2_000;
/// Events of which it is asked at once whether they reach into a period.
const LOOKED_AT: usize = 1_000;
/// Longest event of which busy time is read, in days.
const LONGEST: i64 = 400;

/// Reads a calendar and the busy time in it.
pub fn calendars(bytes: &[u8]) {
    match ics::read_whole(bytes) {
        Err(refusal) => says_what_to_do(&refusal),
        Ok(calendar) => holds(&calendar, bytes.len()),
    }
}

/// A refusal leads to a line or to the whole file, and says what to do.
pub fn says_what_to_do(refusal: &IntakeRefusal) {
    let told = refusal.to_string();
    assert!(!refusal.problem.is_empty() && !refusal.remedy.is_empty(), "{told}");
    assert!(told.contains("line ") || told.contains("the file"), "it says where: {told}");
    assert_ne!(refusal.line, Some(0), "lines are counted from 1");
}

fn holds(calendar: &Calendar, bytes: usize) {
    let events = &calendar.events;
    assert!(events.len() <= MAX_EVENTS);
    for event in events {
        assert!(event.rows.len() <= MAX_PROPERTIES);
        for row in &event.rows {
            assert_eq!(row.cells.len(), 3, "name, parameters, value");
            assert!(row.cells[2].chars().count() <= MAX_CELL);
            assert!(row.line >= 1 && row.line as usize <= bytes + 1, "no line beyond the file");
        }
    }
    reads_back(calendar);
    // Both are zones; a fallback would only be a third one. A file is read in one of them, because dates that never come
    // are looked for long.
    let zone = if bytes.is_multiple_of(2) { "America/Denver" } else { "Pacific/Kiritimati" };
    is_bounded(events, zone.parse().unwrap_or(Zone::UTC));
}

/// What was read is the same once it is written again.
fn reads_back(calendar: &Calendar) {
    let mut text = "BEGIN:VCALENDAR\r\n".to_owned();
    if let Some(method) = &calendar.method {
        text += &format!("METHOD:{method}\r\n");
    }
    for event in &calendar.events {
        text += "BEGIN:VEVENT\r\n";
        for Row { cells, .. } in &event.rows {
            let semicolon = if cells[1].is_empty() { "" } else { ";" };
            text += &format!("{}{semicolon}{}:{}\r\n", cells[0], cells[1], cells[2]);
        }
        text += "END:VEVENT\r\n";
    }
    text += "END:VCALENDAR\r\n";
    if text.len() > MAX_CALENDAR {
        return;
    }
    let again = ics::read_whole(text.as_bytes()).unwrap_or_default();
    assert_eq!(again.method, calendar.method);
    assert_eq!(again.events.len(), calendar.events.len());
    for (again, before) in again.events.iter().zip(&calendar.events) {
        let cells =
            |event: &Table| -> Vec<Vec<String>> { event.rows.iter().map(|row| row.cells.clone()).collect() };
        assert_eq!(cells(again), cells(before));
    }
}

/// The period in which busy time is asked for.
fn within() -> Span {
    let from = DateTime::<Utc>::UNIX_EPOCH + Duration::days(20_620);
    span(from, from + Duration::days(801))
}

fn span(from: DateTime<Utc>, until: DateTime<Utc>) -> Span {
    Span::new(from, until).unwrap_or_else(|| panic!("{from} is not before {until}"))
}

fn is_bounded(events: &[Table], zone: Zone) {
    let within = within();
    let busy = busy::busy(events, zone, within);
    let Busy { spans, refused, complete } = &busy;
    assert!(spans.iter().all(|span| span.overlaps(&within)), "nothing outside of the period");
    assert!(spans.windows(2).all(|two| two[0].ends_at() < two[1].starts_at()), "in order, and joined");
    assert!(spans.len() <= MAX_SPANS || !complete);
    assert!(refused.len() <= events.len() + 1, "one refusal an event, and one for what was too much");
    refused.iter().for_each(leads_somewhere);
    let looked_at = events.len() <= LOOKED_AT && *complete;
    assert!(!looked_at || spans.is_empty() || busy::reaches(events, zone, within));
    if let Some(single) = busy::single(events, zone) {
        assert!(spans.is_empty() || spans.contains(&single), "a single event is busy when it is");
    }
    assert!(busy::uid(events).is_none_or(|uid| !uid.is_empty()));
    is_the_same_again(spans);
}

fn leads_somewhere(refusal: &RowRefusal) {
    assert!(!refusal.problem.is_empty() && !refusal.remedy.is_empty(), "{refusal}");
}

/// Busy time that is written as events is the same busy time.
fn is_the_same_again(spans: &[Span]) {
    let short = |span: &&Span| span.minutes() < LONGEST * 24 * 60;
    let spans: Vec<Span> = spans.iter().filter(short).take(MAX_EVENTS).copied().collect();
    let property = |name: &str, at: DateTime<Utc>| Row {
        line: 1,
        cells: vec![name.to_owned(), String::new(), at.format("%Y%m%dT%H%M%SZ").to_string()],
    };
    let event = |span: &Span| Table {
        sheet: None,
        rows: vec![property("DTSTART", span.starts_at()), property("DTEND", span.ends_at())],
    };
    let events: Vec<Table> = spans.iter().map(event).collect();
    let again = busy::busy(&events, Zone::UTC, within());
    assert_eq!((again.spans, again.refused.len(), again.complete), (spans, 0, true));
}
