//! Days, times and spans in the words that letters use. Never a time without its zone's name.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use crate::domain::language::Language;
use crate::domain::time::{Instant, Span, WallTime, Zone, wall};

/// What a calendar entry says beside its title: the same for everyone, and nothing that tells.
#[must_use]
pub const fn entry_description(language: Language) -> &'static str {
    match language {
        Language::English => "This time is held for you. The letter that came with this entry says more.",
        Language::Spanish => {
            "Este horario está reservado para usted. El mensaje que acompaña a esta entrada dice más."
        }
    }
}

/// A span as a clock on the wall of `zone` shows it: `Tuesday, July 13, 2027, 1:00–5:00 PM MDT`, or
/// `martes, 13 de julio de 2027, 1:00–5:00 p. m. MDT`.
///
/// Both dates are written where it runs past midnight, and both abbreviations where clocks change within it.
#[must_use]
pub fn in_words(span: Span, zone: Zone, language: Language) -> String {
    let (from, to) = (wall(span.starts_at(), zone), wall(span.ends_at(), zone));
    let (starts_on, ends_on) = (date_in_words(from.date(), language), date_in_words(to.date(), language));
    let clock = |at, with_half| clock(at, with_half, language);
    let (zone_from, zone_to) = (zone_name(&from), zone_name(&to));
    if from.date() != to.date() || zone_from != zone_to {
        let ending = if from.date() == to.date() { String::new() } else { format!("{ends_on}, ") };
        let zone_from = if zone_from == zone_to { String::new() } else { format!(" {zone_from}") };
        let until = match language {
            Language::English => "to",
            Language::Spanish => "a",
        };
        return format!(
            "{starts_on}, {}{zone_from} {until} {ending}{} {zone_to}",
            clock(from.naive, true),
            clock(to.naive, true)
        );
    }
    let same_half = (from.naive.hour() < 12) == (to.naive.hour() < 12);
    format!("{starts_on}, {}–{} {zone_to}", clock(from.naive, !same_half), clock(to.naive, true))
}

/// A day: `Tuesday, July 13, 2027`, or `martes, 13 de julio de 2027`.
#[must_use]
pub fn date_in_words(on: NaiveDate, language: Language) -> String {
    let weekday = language.weekdays()[on.weekday().num_days_from_monday() as usize];
    let month = language.months()[on.month0() as usize];
    match language {
        Language::English => format!("{weekday}, {month} {}, {}", on.day(), on.year()),
        Language::Spanish => format!("{weekday}, {} de {month} de {}", on.day(), on.year()),
    }
}

/// A moment: `Tuesday, July 13, 2027, 6:00 AM MDT`.
#[must_use]
pub fn moment_in_words(at: Instant, zone: Zone, language: Language) -> String {
    let at = wall(at, zone);
    let (on, name) = (date_in_words(at.date(), language), zone_name(&at));
    format!("{on}, {} {name}", clock(at.naive, true, language))
}

fn clock(at: NaiveDateTime, with_half: bool, language: Language) -> String {
    let (afternoon, hour) = at.hour12();
    let half = match (with_half, afternoon, language) {
        (false, ..) => "",
        (true, true, Language::English) => " PM",
        (true, false, Language::English) => " AM",
        (true, true, Language::Spanish) => " p. m.",
        (true, false, Language::Spanish) => " a. m.",
    };
    format!("{hour}:{:02}{half}", at.minute())
}

/// `MDT`, or `UTC-03` where the zone has but a number.
fn zone_name(at: &WallTime) -> String {
    if at.abbreviation.starts_with(['+', '-']) {
        format!("UTC{}", at.abbreviation)
    } else {
        at.abbreviation.clone()
    }
}

/// Text whose only control characters are line feeds: what a body may hold.
#[must_use]
pub(super) fn clean(text: &str) -> String {
    let fits = |c: char| c == '\n' || !c.is_control();
    // By bytes, because nearly every text is clean: beyond ASCII all control characters begin with C2.
    let may_be_control = |byte: u8| (byte < b' ' && byte != b'\n') || matches!(byte, 0x7f | 0xc2);
    if !text.bytes().any(may_be_control) {
        return text.to_owned();
    }
    // A carriage return is a control character, too: with a line feed or without, it goes.
    text.chars().filter(|c| fits(*c)).collect()
}

/// Breaks lines longer than `width` characters at spaces, drops spaces at line ends and more than one blank line
/// in a row. A word longer than a line, such as a link, stands whole on its own.
#[must_use]
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let (mut current, mut filled) = (String::new(), 0);
        for word in line.split_whitespace() {
            let wide = word.chars().count();
            if filled > 0 && filled + 1 + wide > width {
                lines.push(std::mem::take(&mut current));
                filled = 0;
            }
            if filled > 0 {
                current.push(' ');
                filled += 1;
            }
            current.push_str(word);
            filled += wide;
        }
        let blank_again = current.is_empty() && lines.last().is_none_or(String::is_empty);
        if !blank_again {
            lines.push(current);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(from: &str, to: &str, zone: &str) -> String {
        let span = Span::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();
        in_words(span, zone.parse().unwrap(), Language::English)
    }

    #[test]
    fn a_resident_reads_their_time_in_spanish() {
        let told = |from: &str, to: &str| {
            let span = Span::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();
            in_words(span, "America/Denver".parse().unwrap(), Language::Spanish)
        };
        assert_eq!(
            told("2027-07-13T15:00:00Z", "2027-07-13T19:30:00Z"),
            "martes, 13 de julio de 2027, 9:00 a. m.–1:30 p. m. MDT"
        );
        assert_eq!(
            told("2027-07-14T02:00:00Z", "2027-07-14T14:00:00Z"),
            "martes, 13 de julio de 2027, 8:00 p. m. a miércoles, 14 de julio de 2027, 8:00 a. m. MDT"
        );
    }

    #[test]
    fn a_resident_reads_their_time_on_their_own_clock() {
        assert_eq!(
            words("2027-07-13T19:00:00Z", "2027-07-13T23:00:00Z", "America/Denver"),
            "Tuesday, July 13, 2027, 1:00–5:00 PM MDT"
        );
        assert_eq!(
            words("2027-07-13T19:00:00Z", "2027-07-13T23:00:00Z", "America/Phoenix"),
            "Tuesday, July 13, 2027, 12:00–4:00 PM MST"
        );
        assert_eq!(
            words("2027-07-13T15:00:00Z", "2027-07-13T19:30:00Z", "America/Denver"),
            "Tuesday, July 13, 2027, 9:00 AM–1:30 PM MDT"
        );
    }

    #[test]
    fn a_span_over_midnight_or_over_a_clock_change_says_so() {
        assert_eq!(
            words("2027-07-14T02:00:00Z", "2027-07-14T14:00:00Z", "America/Denver"),
            "Tuesday, July 13, 2027, 8:00 PM to Wednesday, July 14, 2027, 8:00 AM MDT"
        );
        assert_eq!(
            words("2026-11-01T05:30:00Z", "2026-11-01T06:20:00Z", "America/New_York"),
            "Sunday, November 1, 2026, 1:30 AM EDT to 1:20 AM EST"
        );
    }

    #[test]
    fn a_zone_without_letters_is_still_named() {
        assert!(
            words("2027-07-13T15:00:00Z", "2027-07-13T16:00:00Z", "America/Sao_Paulo").ends_with("PM UTC-03")
        );
    }

    #[test]
    fn a_body_holds_no_control_character_but_line_feeds_and_loses_nothing_else() {
        for c in (0..0x3000).filter_map(char::from_u32) {
            let text = format!("Dear {c}\nAnn");
            let stays = c == '\n' || !c.is_control();
            assert_eq!(clean(&text), if stays { text } else { "Dear \nAnn".to_owned() });
        }
    }

    #[test]
    fn a_link_is_never_broken_over_two_lines() {
        let link = format!("https://holdspace.example.org/l/{}", "x".repeat(90));
        let text = wrapped(&format!("one two   three\n\n\n\n{link} four\nfive \n\n"), 9);
        assert_eq!(text, format!("one two\nthree\n\n{link}\nfour\nfive\n"));
    }
}
