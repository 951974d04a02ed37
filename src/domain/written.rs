//! How people write dates, times of day, weekdays, names and lists in their files. Never resolves a zone, and
//! never refuses: what cannot be read is nothing, and the caller words the refusal.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};

/// The letters and digits of a text, in lower case: how headings and codes are compared.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Reads a date: ISO 8601, `7/1/2027`, `7/1/27`, `7-1-27`, `1-Jul-2027`, `July 1, 2027`, or the day number that
/// spreadsheets show when a date lost its format (`46569`). A time of day behind it is ignored.
///
/// Of two numbers the month comes first, as in the United States, unless the first cannot be one. Years of two
/// digits are of this century. Only years from 1950 to 2100 are dates; anything else is a slip.
#[must_use]
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return serial(text.parse().ok()?);
    }
    // The T of ISO 8601 stands behind a digit; that of `OCT` does not.
    let end = text
        .match_indices('T')
        .map(|(at, _)| at)
        .find(|at| text[..*at].ends_with(|c: char| c.is_ascii_digit()));
    let text = end.map_or(text, |at| &text[..at]);
    let parts: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '.' | ','))
        .filter(|part| !part.is_empty())
        .collect();
    let [first, second, third, ..] = parts[..] else { return None };
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 4);
    // What stands last is a year of two or of four digits.
    let year_of = |part: &str| match part.len() {
        2 => number(part).map(|year| 2000 + year),
        4 => number(part),
        _ => None,
    };
    let (year, month, day) = match (number(first), month(first), number(second), month(second)) {
        (Some(year), _, Some(month), _) if first.len() == 4 => (year, month, number(third)?),
        (Some(a), _, Some(b), _) if a > 12 => (year_of(third)?, b, a),
        (Some(a), _, Some(b), _) => (year_of(third)?, a, b),
        (Some(day), _, None, Some(month)) => (year_of(third)?, month, day),
        (None, Some(month), Some(day), _) => (year_of(third)?, month, day),
        _ => return None,
    };
    within_reason(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?)
}

/// Days since 1899-12-30, which is what spreadsheets count since 1900-03-01.
fn serial(days: u64) -> Option<NaiveDate> {
    within_reason(NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(days))?)
}

fn within_reason(date: NaiveDate) -> Option<NaiveDate> {
    (1950..=2100).contains(&date.year()).then_some(date)
}

fn month(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = text.to_lowercase();
    let found =
        MONTHS.iter().position(|name| text.len() >= 3 && name.starts_with(&text) || text == "sept")?;
    u32::try_from(found + 1).ok().map(|found| if text == "sept" { 9 } else { found })
}

/// Reads a time of day: `13:00`, `1:00 PM`, `1pm`, `1300`, `800` for 08:00, or a workbook's `13:00:00`.
/// `24:00` and `2400` are midnight.
#[must_use]
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    let text: String = text.trim().to_lowercase().replace(['.', ' '], "");
    let (digits, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(rest), _) => (rest, Some(0)),
        (_, Some(rest)) => (rest, Some(12)),
        _ => (text.as_str(), None),
    };
    let whole = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 2);
    let (hour, minute) = if let Some((hour, rest)) = digits.split_once(':') {
        (whole(hour)?, whole(rest.split_once(':').map_or(rest, |(minute, _)| minute))?)
    } else {
        let number = digits.parse::<u32>().ok().filter(|_| digits.len() <= 4)?;
        if half.is_some() && digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) }
    };
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None if hour == 24 && minute == 0 => 0,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// Reads a weekday: `MO`, `Mon`, `monday`.
#[must_use]
pub fn weekday(text: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Mon),
        ("tuesday", Weekday::Tue),
        ("wednesday", Weekday::Wed),
        ("thursday", Weekday::Thu),
        ("friday", Weekday::Fri),
        ("saturday", Weekday::Sat),
        ("sunday", Weekday::Sun),
    ];
    let text = plain(text);
    DAYS.iter().find(|(name, _)| text.len() >= 2 && name.starts_with(&text)).map(|(_, day)| *day)
}

/// The entries of a list in one cell, separated by semicolons or line breaks; empty ones left out.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '\n']).map(str::trim).filter(|entry| !entry.is_empty())
}

/// A name in its parts.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// The family name.
    pub family: String,
    /// The given name; may be empty.
    pub given: String,
    /// Degrees and licences, such as `MD, PhD`; may be empty.
    pub credentials: String,
}

const CREDENTIALS: [&str; 26] = [
    "md", "do", "mbbs", "mbchb", "mbbch", "bmbs", "phd", "mph", "mba", "msc", "pharmd", "dds", "dmd", "dpm",
    "psyd", "lcsw", "lmsw", "lmft", "lpc", "lmhc", "edd", "msw", "rn", "np", "pa", "mdphd",
];

/// `Do` and `Pa` are names as well: only capitals make them credentials.
fn is_credential(word: &str) -> bool {
    let letters = plain(word);
    CREDENTIALS.contains(&letters.as_str())
        && (letters.len() > 2 || letters == "md" || word.chars().all(|c| !c.is_lowercase()))
}

/// Takes a name apart: `Last, First`, `Last, First MD`, `Last, MD, First`, `First Last, PhD`, `First van Last`.
#[must_use]
pub fn name(text: &str) -> Name {
    let mut credentials: Vec<&str> = Vec::new();
    let mut parts: Vec<Vec<&str>> = Vec::new();
    for part in text.split(',') {
        let words: Vec<&str> = part.split_whitespace().collect();
        // What stands first is a name, whatever it looks like.
        let keep = usize::from(parts.is_empty());
        let end = words.iter().rposition(|word| !is_credential(word)).map_or(0, |last| last + 1).max(keep);
        let end = end.min(words.len());
        credentials.extend(&words[end..]);
        if end > 0 {
            parts.push(words[..end].to_vec());
        }
    }
    let credentials = credentials.join(", ");
    match &parts[..] {
        [] => Name { credentials, ..Name::default() },
        [words] => {
            let family = family_start(words);
            Name { given: words[..family].join(" "), family: words[family..].join(" "), credentials }
        }
        [family, given @ ..] => {
            Name { family: family.join(" "), given: given.concat().join(" "), credentials }
        }
    }
}

/// Where the family name begins in `First van der Last`: at the last word, or at the particles before it.
fn family_start(words: &[&str]) -> usize {
    const PARTICLES: [&str; 14] =
        ["van", "von", "der", "den", "de", "del", "della", "la", "da", "dos", "di", "bin", "al", "st."];
    let mut start = words.len().saturating_sub(1);
    while start > 1 && PARTICLES.contains(&words[start - 1].to_lowercase().as_str()) {
        start -= 1;
    }
    start
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_day_is_read_however_it_is_written() {
        for text in [
            "2027-07-01",
            "2027-07-01 00:00:00",
            "2027-07-01T00:00",
            "07/01/2027",
            "7/1/27",
            "7-1-27",
            "46569",
            "01-Jul-2027",
            "1 July 2027",
            "July 1, 2027",
            "Jul 1 2027",
            " 7/1/2027 ",
        ] {
            assert_eq!(date(text), NaiveDate::from_ymd_opt(2027, 7, 1), "{text}");
        }
        assert_eq!(date("25/12/2027"), NaiveDate::from_ymd_opt(2027, 12, 25));
        assert_eq!(date("03-SEPT-2027"), NaiveDate::from_ymd_opt(2027, 9, 3));
        assert_eq!(date("9-OCT-27"), NaiveDate::from_ymd_opt(2027, 10, 9));
        assert_eq!(date("Sept 3, 2027"), NaiveDate::from_ymd_opt(2027, 9, 3));
        for text in ["", "1", "13/13/2027", "2/30/2027", "July", "soon", "0001-01-01", "99999999999999999999"]
        {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn one_hour_is_read_however_it_is_written() {
        for text in ["8:00", "08:00", "800", "0800", "8:00 AM", "8am", "8 a.m.", "08:00:00"] {
            assert_eq!(time_of_day(text), NaiveTime::from_hms_opt(8, 0, 0), "{text}");
        }
        assert_eq!(time_of_day("12:30 pm"), NaiveTime::from_hms_opt(12, 30, 0));
        assert_eq!(time_of_day("12 am"), NaiveTime::from_hms_opt(0, 0, 0));
        assert_eq!(time_of_day("2400"), NaiveTime::from_hms_opt(0, 0, 0));
        for text in ["", "25:00", "861", "13pm", "noon", "12345"] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
        assert_eq!(weekday("TH"), Some(Weekday::Thu));
        assert_eq!(weekday("Tues"), Some(Weekday::Tue));
        assert_eq!(weekday("T"), None);
    }

    #[test]
    fn a_name_is_taken_apart_and_its_titles_set_aside() {
        for (text, family, given, credentials) in [
            ("van-der-Berg, Giulia MD", "van-der-Berg", "Giulia", "MD"),
            ("Smith, MD, John", "Smith", "John", "MD"),
            ("María-José Xiong, LCSW", "Xiong", "María-José", "LCSW"),
            ("Ana de la Cruz M.D.", "de la Cruz", "Ana", "M.D."),
            ("Do, Minh DO", "Do", "Minh", "DO"),
            ("Minh Do", "Do", "Minh", ""),
            ("O'Brien", "O'Brien", "", ""),
            ("", "", "", ""),
        ] {
            let name = name(text);
            assert_eq!(
                (&*name.family, &*name.given, &*name.credentials),
                (family, given, credentials),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_written_panics(text in ".{0,40}") {
            let _ = (date(&text), time_of_day(&text), weekday(&text), list(&text).count());
            let _ = name(&text);
        }

        #[test]
        fn a_date_reads_back_in_every_form(days in 18_300_u64..73_000) {
            let day = serial(days).unwrap();
            for form in ["%Y-%m-%d", "%m/%d/%Y", "%d-%b-%Y", "%B %d, %Y"] {
                prop_assert_eq!(date(&day.format(form).to_string()), Some(day));
            }
        }
    }
}
