//! Days and times as pages tell them. Never a time without its zone's name.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::words::season::season;
use super::words::{Words, filled};
use crate::domain::release::Withdrawal;
use crate::domain::time::{Instant, Span, WallTime, Zone, wall};

/// A day in full: `Tuesday, July 13, 2027`.
pub fn date(w: &Words, on: NaiveDate) -> String {
    let weekday = w.weekdays[on.weekday().num_days_from_monday() as usize];
    let month = w.months[on.month0() as usize];
    let (day, year) = (on.day().to_string(), on.year().to_string());
    filled(w.date, &[("weekday", weekday), ("month", month), ("day", &day), ("year", &year)])
}

/// From one day to another: `Monday, July 5, 2027 – Friday, September 24, 2027`.
pub fn period(w: &Words, from: NaiveDate, until: NaiveDate) -> String {
    format!("{} – {}", date(w, from), date(w, until))
}

/// That a release was withdrawn, when and why.
pub fn withdrawn(w: &Words, withdrawal: &Withdrawal) -> String {
    filled(season().releases_withdrawn, &[("date", &date(w, withdrawal.on)), ("reason", &withdrawal.reason)])
}

/// A day of a year that is known: `July 13`.
pub fn short_date(w: &Words, on: NaiveDate) -> String {
    format!("{} {}", w.months[on.month0() as usize], on.day())
}

/// The day on which a span begins.
pub fn day_of(w: &Words, span: Span, zone: Zone) -> String {
    date(w, wall(span.starts_at(), zone).date())
}

/// The times of a span: `1:00–1:50 PM MDT`; with the day of its end where that is another one.
pub fn times(w: &Words, span: Span, zone: Zone) -> String {
    let (from, to) = (wall(span.starts_at(), zone), wall(span.ends_at(), zone));
    let same_day = from.date() == to.date();
    if same_day && from.abbreviation == to.abbreviation {
        let one_half = (from.naive.hour() < 12) == (to.naive.hour() < 12);
        return format!("{}–{} {}", clock(w, from.naive, !one_half), clock(w, to.naive, true), name(&to));
    }
    let ending = if same_day { String::new() } else { format!("{}, ", date(w, to.date())) };
    let (starts, ends) = (clock(w, from.naive, true), clock(w, to.naive, true));
    format!("{starts} {} – {ending}{ends} {}", name(&from), name(&to))
}

/// Two times of one day, as on a clock on the wall: `1:00–5:00 PM`. Say nearby where the clock hangs.
pub fn hours(w: &Words, from: NaiveTime, to: NaiveTime) -> String {
    let day = NaiveDate::default();
    let one_half = (from.hour() < 12) == (to.hour() < 12) && from < to;
    format!("{}–{}", clock(w, day.and_time(from), !one_half), clock(w, day.and_time(to), true))
}

/// A time of day by itself: `9:00 AM`. Whoever shows it names the zone beside it.
pub fn time(w: &Words, at: NaiveDateTime) -> String {
    clock(w, at, true)
}

/// A refusal as a sentence of a page: with a capital letter and a full stop, which it has not among others of its kind.
pub fn sentence(refusal: &str) -> String {
    let mut letters = refusal.trim().chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    let rest = letters.as_str();
    let stop = if rest.ends_with(['.', '!', '?']) || first.is_empty() { "" } else { "." };
    format!("{first}{rest}{stop}")
}

/// A moment in full: `Tuesday, July 13, 2027, 6:00 AM MDT`.
pub fn moment(w: &Words, at: Instant, zone: Zone) -> String {
    let at = wall(at, zone);
    format!("{}, {} {}", date(w, at.date()), clock(w, at.naive, true), name(&at))
}

fn clock(w: &Words, at: NaiveDateTime, with_half: bool) -> String {
    let (afternoon, hour) = at.hour12();
    let half = if afternoon { w.pm } else { w.am };
    let half = if with_half { half } else { "" };
    format!("{hour}:{:02}{half}", at.minute())
}

/// `MDT`, or `UTC-03` where the zone has but a number.
fn name(at: &WallTime) -> String {
    let bare = at.abbreviation.starts_with(['+', '-']);
    format!("{}{}", if bare { "UTC" } else { "" }, at.abbreviation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::words;

    fn told(from: &str, to: &str, zone: &str) -> (String, String) {
        let span = Span::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();
        let zone = zone.parse().unwrap();
        (day_of(words(), span, zone), times(words(), span, zone))
    }

    #[test]
    fn a_resident_in_denver_reads_the_day_the_hour_and_the_zone() {
        let (day, times) = told("2027-07-13T19:00:00Z", "2027-07-13T19:50:00Z", "America/Denver");
        assert_eq!((day.as_str(), times.as_str()), ("Tuesday, July 13, 2027", "1:00–1:50 PM MDT"));
    }

    #[test]
    fn a_refusal_reads_as_a_sentence() {
        assert_eq!(
            sentence("it ends when it begins; give another hour"),
            "It ends when it begins; give another hour."
        );
        assert_eq!((sentence("Done."), sentence("")), ("Done.".to_owned(), String::new()));
    }

    #[test]
    fn noon_midnight_and_a_change_of_clocks_are_told_in_full() {
        let (_, times) = told("2027-07-13T17:30:00Z", "2027-07-13T18:20:00Z", "America/Denver");
        assert_eq!(times, "11:30 AM–12:20 PM MDT");
        let (_, times) = told("2027-11-07T07:30:00Z", "2027-11-07T08:20:00Z", "America/Denver");
        assert_eq!(times, "1:30 AM MDT – 1:20 AM MST");
        let (_, times) = told("2027-07-13T05:30:00Z", "2027-07-13T06:20:00Z", "America/Denver");
        assert_eq!(times, "11:30 PM MDT – Tuesday, July 13, 2027, 12:20 AM MDT");
    }

    #[test]
    fn a_zone_without_letters_is_told_by_its_distance() {
        let (_, times) = told("2027-07-13T17:30:00Z", "2027-07-13T18:20:00Z", "America/Sao_Paulo");
        assert_eq!(times, "2:30–3:20 PM UTC-03");
    }
}
