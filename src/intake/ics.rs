//! iCalendar text (RFC 5545): fences it by size, lines, depth and events, then hands out the properties of each
//! VEVENT as rows of text. Never recurses, and never knows what a property means.

use super::{IntakeRefusal, MAX_CELL, text};
use crate::domain::table::{Row, Table};

/// Most bytes of a calendar.
pub const MAX_CALENDAR: usize = 1 << 20;
/// Most lines, before they are unfolded.
const MAX_LINES: usize = 100_000;
/// Deepest nesting of components: a calendar needs three.
const MAX_DEPTH: usize = 8;
/// Most events.
pub const MAX_EVENTS: usize = 5_000;
/// Most properties of an event that are handed out: a large meeting has one for each attendee.
const MAX_PROPERTIES: usize = 2_000;

const EXPORT_LESS: &str = "export a shorter period, or only busy times";

/// A calendar as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    /// What it asks of whoever reads it, as written; none where it says nothing, or says it twice.
    pub method: Option<String>,
    /// One table an event, in file order.
    pub events: Vec<Table>,
}

/// Reads a calendar into one table an event, in file order.
///
/// Each row is one property: the line on which it begins, and three cells with its name in upper case, its
/// parameters as written (`TZID=America/Denver;VALUE=DATE`), and its value as written. Properties of
/// components inside an event (alarms) are left out, as is whatever stands outside of events.
///
/// # Errors
/// [`IntakeRefusal`] where the bytes are no calendar, or one larger than the bounds of this file.
pub fn read(bytes: &[u8]) -> Result<Vec<Table>, IntakeRefusal> {
    Ok(read_whole(bytes)?.events)
}

/// The same with what the calendar asks.
///
/// # Errors
/// As [`read`].
pub fn read_whole(bytes: &[u8]) -> Result<Calendar, IntakeRefusal> {
    if bytes.len() > MAX_CALENDAR {
        return Err(IntakeRefusal::new(
            format!("the calendar has {} bytes, and at most {MAX_CALENDAR} are read", bytes.len()),
            EXPORT_LESS,
        ));
    }
    let text = text::plain(bytes)?;
    if !text.trim_start().get(..15).is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        return Err(IntakeRefusal::new(
            "this is not a calendar",
            "export the calendar as an .ics file; it begins with BEGIN:VCALENDAR",
        ));
    }
    let mut events = Vec::new();
    let mut methods = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for (line, content) in unfolded(&text)? {
        if let ([_], Some((name, _, value))) = (open.as_slice(), split(&content))
            && name == "METHOD"
        {
            methods.push(value.trim().to_owned());
        }
        take(&mut events, &mut open, line, &content)?;
    }
    if open.is_empty() {
        let method = methods.pop().filter(|_| methods.is_empty());
        Ok(Calendar { method, events })
    } else {
        Err(IntakeRefusal::new(
            "the calendar ends in the middle of a component",
            "it was cut off on its way: export it again",
        ))
    }
}

/// Joins folded lines (RFC 5545, section 3.1), each with the number of its first line; blank lines are left out.
fn unfolded(text: &str) -> Result<Vec<(u32, String)>, IntakeRefusal> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if index >= MAX_LINES {
            let problem = format!("the calendar goes on after {MAX_LINES} lines");
            return Err(IntakeRefusal::new(problem, EXPORT_LESS).at(number));
        }
        match (raw.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some((_, content))) => content.push_str(more),
            _ if raw.trim().is_empty() => {}
            _ => lines.push((number, raw.to_owned())),
        }
    }
    Ok(lines)
}

fn take(
    events: &mut Vec<Table>,
    open: &mut Vec<String>,
    line: u32,
    content: &str,
) -> Result<(), IntakeRefusal> {
    let Some((name, parameters, value)) = split(content) else {
        // Real calendars hold stray lines of text; whoever wrote them meant no property.
        return Ok(());
    };
    match name.as_str() {
        "BEGIN" => {
            open.push(value.trim().to_ascii_uppercase());
            if open.len() > MAX_DEPTH {
                let problem = format!("components are nested more than {MAX_DEPTH} deep");
                return Err(
                    IntakeRefusal::new(problem, "no calendar program writes this: export it again").at(line)
                );
            }
            if open.last().is_some_and(|kind| kind == "VEVENT") {
                if events.len() == MAX_EVENTS {
                    let problem = format!("the calendar has more than {MAX_EVENTS} events");
                    return Err(IntakeRefusal::new(problem, EXPORT_LESS).at(line));
                }
                events.push(Table::default());
            }
        }
        "END" => {
            let closed = open.pop();
            if closed.is_none_or(|kind| !kind.eq_ignore_ascii_case(value.trim())) {
                let problem = "a component ends here that did not begin";
                return Err(IntakeRefusal::new(problem, "the file is damaged: export it again").at(line));
            }
        }
        _ if open.last().is_some_and(|kind| kind == "VEVENT") => {
            if let Some(event) = events.last_mut().filter(|event| event.rows.len() < MAX_PROPERTIES) {
                // Long values are descriptions; what says when somebody is busy is short.
                let value = value.chars().take(MAX_CELL).collect();
                event.rows.push(Row { line, cells: vec![name, parameters.to_owned(), value] });
            }
        }
        _ => {}
    }
    Ok(())
}

/// Splits `NAME;PARAMETERS:VALUE` at the first colon outside quotation marks (RFC 5545, section 3.1).
fn split(content: &str) -> Option<(String, &str, &str)> {
    let mut quoted = false;
    let colon = content.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    });
    let (head, value) = (&content[..colon?.0], &content[colon?.0 + 1..]);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((name.trim().to_ascii_uppercase(), parameters, value))
}
