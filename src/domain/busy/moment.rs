//! DATE, DATE-TIME and DURATION values (RFC 5545, section 3.3) -> local time in a zone. Never asks a calendar's own
//! VTIMEZONE: its rules may be as old as the program that wrote it.

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};

use super::Unreadable;
use crate::domain::time::{Instant, Zone, resolve};

/// When something begins or ends, as the calendar has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// What the clock on the wall shows.
    pub local: NaiveDateTime,
    /// Where the clock hangs.
    pub zone: Zone,
    /// Whether only a date was given.
    pub whole_day: bool,
}

/// Why a value is no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    Value,
    Zone,
}

impl Bad {
    pub(super) fn at(self, line: u32, value: Unreadable) -> Unreadable {
        match self {
            Self::Value => value,
            Self::Zone => Unreadable::UnknownZone(line),
        }
    }
}

impl Moment {
    /// `20270719`, `20270719T130000`, `20270719T130000Z`; what has no zone of its own is meant in `floating`.
    pub(super) fn read(parameters: &str, value: &str, floating: Zone) -> Result<Self, Bad> {
        let value = value.trim();
        let (date, time) = value.split_once('T').unwrap_or((value, ""));
        let date = date_of(date).ok_or(Bad::Value)?;
        if time.is_empty() {
            return Ok(Self { local: date.and_time(NaiveTime::MIN), zone: floating, whole_day: true });
        }
        let (time, utc) = time.strip_suffix('Z').map_or((time, false), |time| (time, true));
        let time = time_of(time).ok_or(Bad::Value)?;
        let zone = match tzid(parameters) {
            _ if utc => Zone::UTC,
            None => floating,
            Some(name) => zone(name).ok_or(Bad::Zone)?,
        };
        Ok(Self { local: date.and_time(time), zone, whole_day: false })
    }

    pub(super) fn instant(self) -> Instant {
        resolve(self.local, self.zone)
    }
}

/// Whether a DATE-TIME says where its clock hangs.
pub(super) fn is_zoned(parameters: &str, value: &str) -> bool {
    value.trim().ends_with('Z') || tzid(parameters).is_some()
}

fn digits(text: &str, from: usize, to: usize) -> Option<u32> {
    text.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

fn date_of(text: &str) -> Option<NaiveDate> {
    let year = i32::try_from(digits(text, 0, 4)?).ok()?;
    // Calendars reach from the first events of their owners to birthdays far ahead; the rest is damage.
    let date = NaiveDate::from_ymd_opt(year, digits(text, 4, 6)?, digits(text, 6, 8)?)?;
    (text.len() == 8 && (1900..=2200).contains(&year)).then_some(date)
}

fn time_of(text: &str) -> Option<NaiveTime> {
    let second = digits(text, 4, 6)?.min(59); // a leap second is the second before it
    let time = NaiveTime::from_hms_opt(digits(text, 0, 2)?, digits(text, 2, 4)?, second)?;
    (text.len() == 6).then_some(time)
}

fn tzid(parameters: &str) -> Option<&str> {
    let mut parts = parameters.split(';').filter_map(|part| part.split_once('='));
    parts.find(|(name, _)| name.eq_ignore_ascii_case("TZID")).map(|(_, value)| value.trim().trim_matches('"'))
}

/// Windows' names of the zones of the United States and Canada, which Outlook writes (CLDR, windowsZones).
const WINDOWS: [(&str, &str); 17] = [
    ("Eastern Standard Time", "America/New_York"),
    ("US Eastern Standard Time", "America/Indianapolis"),
    ("Central Standard Time", "America/Chicago"),
    ("Canada Central Standard Time", "America/Regina"),
    ("Mountain Standard Time", "America/Denver"),
    ("US Mountain Standard Time", "America/Phoenix"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("Yukon Standard Time", "America/Whitehorse"),
    ("Alaskan Standard Time", "America/Anchorage"),
    ("Hawaiian Standard Time", "Pacific/Honolulu"),
    ("Aleutian Standard Time", "America/Adak"),
    ("Atlantic Standard Time", "America/Halifax"),
    ("Newfoundland Standard Time", "America/St_Johns"),
    ("SA Western Standard Time", "America/Puerto_Rico"),
    ("UTC", "Etc/UTC"),
    ("GMT Standard Time", "Europe/London"),
    ("West Pacific Standard Time", "Pacific/Guam"),
];

/// An IANA name, one behind a vendor's prefix (`/mozilla.org/20050126_1/America/Denver`), or a Windows name.
fn zone(name: &str) -> Option<Zone> {
    let windows = WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name));
    if let Some((_, iana)) = windows {
        return iana.parse().ok();
    }
    let mut rest = name;
    // Three steps are enough for every vendor's prefix.
    for _ in 0..4 {
        if let Ok(zone) = rest.parse() {
            return Some(zone);
        }
        rest = rest.split_once('/')?.1;
    }
    None
}

/// `P1W`, `P1DT2H30M`, `PT45M` (section 3.3.6); a negative one is none.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let rest = text.trim().trim_start_matches('+').strip_prefix('P')?;
    let mut seconds: i64 = 0;
    let mut number = String::new();
    for c in rest.chars() {
        let unit = match c {
            '0'..='9' if number.len() < 6 => {
                number.push(c);
                continue;
            }
            'T' if number.is_empty() => continue,
            'W' => 7 * 86_400,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        seconds += unit * number.parse::<i64>().ok()?;
        number.clear();
    }
    (number.is_empty() && rest.len() > 1).then(|| Duration::seconds(seconds))
}
