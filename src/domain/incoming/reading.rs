//! The properties of a calendar's one event -> an answer. Refuses whatever is more than one answer of one person about one
//! entry: a second event, a recurrence, a second attendee. Reads no comment.

use std::collections::BTreeSet;

use super::{Answer, Reply};
use crate::domain::busy;
use crate::domain::id::BookingId;
use crate::domain::identity::Address;
use crate::domain::table::Table;

/// Whether a text has the form of our own UIDs.
#[must_use]
pub fn is_uid(text: &str) -> bool {
    text.parse::<BookingId>().is_ok()
}

/// Reads an answer from a calendar's METHOD and events, whose rows are properties: name, parameters, value.
///
/// None for what is no answer, or not to a letter of ours. Exchange leaves ORGANIZER out, so it is not asked for.
#[must_use]
pub fn answer(method: &str, events: &[Table]) -> Option<Reply> {
    let [event] = events else { return None };
    let one_of_many = ["RECURRENCE-ID", "RRULE", "RDATE", "EXDATE", "EXRULE"];
    if one_of_many.iter().any(|name| properties(event, name).next().is_some()) {
        return None;
    }
    let (_, uid) = only(event, "UID")?;
    let uid = uid.to_ascii_lowercase();
    let (attendee, parameters) = attendee(event)?;
    let answer = match method.to_ascii_uppercase().as_str() {
        "COUNTER" => Answer::Counter(busy::once(event)),
        "REPLY" => match parameter(parameters, "PARTSTAT")?.to_ascii_uppercase().as_str() {
            "ACCEPTED" => Answer::Accepted,
            "TENTATIVE" => Answer::Tentative,
            "DECLINED" => Answer::Declined,
            _ => return None,
        },
        _ => return None,
    };
    let sequence = match properties(event, "SEQUENCE").next() {
        Some(_) => only(event, "SEQUENCE")?.1.parse().ok()?,
        None => 0,
    };
    let (stamp_parameters, stamp) = only(event, "DTSTAMP")?;
    let stamp = busy::moment_of(stamp_parameters, stamp)?;
    is_uid(&uid).then_some(Reply { uid, answer, sequence, stamp, attendee })
}

/// Parameters and values of all properties of a name.
fn properties<'t>(event: &'t Table, name: &str) -> impl Iterator<Item = (&'t str, &'t str)> {
    event.rows.iter().filter(move |row| row.cell(0) == name).map(|row| (row.cell(1), row.cell(2)))
}

/// The one property of a name; none where it is there twice, because nobody knows which of the two counts.
fn only<'t>(event: &'t Table, name: &str) -> Option<(&'t str, &'t str)> {
    let mut all = properties(event, name);
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// Who answers: the one attendee. The organizer, whom some programs list too, is nobody's answer.
fn attendee(event: &Table) -> Option<(Address, &str)> {
    let organizers: BTreeSet<String> =
        properties(event, "ORGANIZER").map(|(_, value)| value.to_lowercase()).collect();
    let mut answering =
        properties(event, "ATTENDEE").filter(|(_, value)| !organizers.contains(&value.to_lowercase()));
    let (parameters, value) = answering.next()?;
    if answering.next().is_some() {
        return None;
    }
    let scheme = value.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))?;
    Some((value[scheme.len()..].parse().ok()?, parameters))
}

/// The one value of a parameter (`NAME=VALUE;OTHER="x;y"`).
fn parameter<'t>(parameters: &'t str, name: &str) -> Option<&'t str> {
    let mut quoted = false;
    let mut parts = parameters.split(move |c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    let value = |part: &'t str| {
        let (own, value) = part.split_once('=')?;
        own.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    };
    let found = parts.by_ref().find_map(value)?;
    parts.find_map(value).is_none().then_some(found)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
