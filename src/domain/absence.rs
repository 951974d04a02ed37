//! When a therapist holds no visits, for a while or from some moment on. Never knows who, or whom it concerns.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::time::{Instant, Span, Zone, day, resolve};

/// A day, or a time of day, as somebody typed it by the clock on their own wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed {
    /// The day.
    pub on: NaiveDate,
    /// The time of day; none for the whole day.
    pub at: Option<NaiveTime>,
}

/// A span in which a therapist holds no visits: what was typed, in the zone that was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// When it begins, by the clock on the wall.
    pub from: NaiveDateTime,
    /// The first moment after it, by the same clock; none until further notice.
    pub until: Option<NaiveDateTime>,
    /// Where that clock hangs.
    pub zone: Zone,
}

/// An absence that cannot be. Each is a sentence for whoever typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The end is not after the beginning.
    #[error("the absence ends before it begins; give an end after the beginning")]
    Backwards,
    /// It is over.
    #[error("the absence is over already; nothing that has begun is changed any more")]
    Over,
    /// A day that nobody means.
    #[error(
        "the absence lies more than ten years away; correct its days, or leave the end away for until further notice"
    )]
    FarOff,
}

/// Nobody speaks of a day further away than this.
const DAYS_MAX: i64 = 3653;

impl Absence {
    /// An absence as it is typed: days count whole, both included; a time of day is the very moment.
    ///
    /// # Errors
    /// [`Refusal`] for an end that is not after the beginning, and for a span that is over.
    pub fn new(from: Typed, until: Option<Typed>, zone: Zone, now: Instant) -> Result<Self, Refusal> {
        let begins = from.on.and_time(from.at.unwrap_or(NaiveTime::MIN));
        let end = |until: Typed| match until.at {
            Some(at) => until.on.and_time(at),
            // Only the last date that chrono knows has no next day.
            None => until.on.succ_opt().unwrap_or(until.on).and_time(NaiveTime::MIN),
        };
        let absence = Self { from: begins, until: until.map(end), zone };
        let far = |on: NaiveDate| (on - now.date_naive()).num_days().abs() > DAYS_MAX;
        if far(from.on) || until.is_some_and(|until| far(until.on)) {
            return Err(Refusal::FarOff);
        }
        match absence.ends_at() {
            Some(ends_at) if ends_at <= absence.starts_at() => Err(Refusal::Backwards),
            Some(ends_at) if ends_at <= now => Err(Refusal::Over),
            _ => Ok(absence),
        }
    }

    /// When it begins.
    #[must_use]
    pub fn starts_at(&self) -> Instant {
        resolve(self.from, self.zone)
    }

    /// The first moment after it; none until further notice.
    #[must_use]
    pub fn ends_at(&self) -> Option<Instant> {
        self.until.map(|until| resolve(until, self.zone))
    }

    /// Whether a visit could not be held because of it.
    #[must_use]
    pub fn closes(&self, visit: &Span) -> bool {
        self.starts_at() < visit.ends_at() && self.ends_at().is_none_or(|end| visit.starts_at() < end)
    }

    /// Whether another absence lies wholly inside.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        let ends_later = match (self.ends_at(), other.ends_at()) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(other)) => other <= own,
        };
        self.starts_at() <= other.starts_at() && ends_later
    }

    /// As much of it as lies before a day's end: a span even where it has no end.
    #[must_use]
    pub fn until_day(&self, last: NaiveDate) -> Option<Span> {
        let last = day(last, self.zone).ends_at();
        Span::new(self.starts_at(), self.ends_at().map_or(last, |end| end.min(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Typed {
        match text.split_once('T') {
            None => Typed { on: text.parse().unwrap(), at: None },
            Some((on, at)) => {
                Typed { on: on.parse().unwrap(), at: Some(NaiveTime::parse_from_str(at, "%H:%M").unwrap()) }
            }
        }
    }

    fn absence(from: &str, until: Option<&str>) -> Result<Absence, Refusal> {
        let zone = "America/Denver".parse().unwrap();
        Absence::new(typed(from), until.map(typed), zone, "2027-07-06T12:00:00Z".parse().unwrap())
    }

    fn visit(starts_at: &str) -> Span {
        let starts_at: Instant = starts_at.parse().unwrap();
        Span::new(starts_at, starts_at + chrono::Duration::minutes(50)).unwrap()
    }

    #[test]
    fn days_count_whole_and_hours_to_the_minute() {
        let week = absence("2027-07-12", Some("2027-07-16")).unwrap();
        // Midnight in Denver is six in the morning in UTC.
        assert!(week.closes(&visit("2027-07-12T06:00:00Z")) && week.closes(&visit("2027-07-17T05:00:00Z")));
        assert!(!week.closes(&visit("2027-07-12T05:10:00Z")) && !week.closes(&visit("2027-07-17T06:00:00Z")));
        let noon = absence("2027-07-12T09:00", Some("2027-07-12T12:00")).unwrap();
        assert!(noon.closes(&visit("2027-07-12T14:30:00Z")) && !noon.closes(&visit("2027-07-12T18:00:00Z")));
        let for_good = absence("2027-07-12", None).unwrap();
        assert!(for_good.closes(&visit("2099-01-01T12:00:00Z")) && for_good.contains(&week));
        assert!(!week.contains(&for_good) && week.contains(&noon) && !noon.contains(&week));
    }

    #[test]
    fn an_end_before_the_beginning_and_what_is_over_are_refused() {
        assert_eq!(absence("2027-07-12", Some("2027-07-11")), Err(Refusal::Backwards));
        assert_eq!(absence("2027-07-12T09:00", Some("2027-07-12T09:00")), Err(Refusal::Backwards));
        assert_eq!(absence("2027-07-01", Some("2027-07-05")), Err(Refusal::Over));
        // Who has been ill since yesterday may say so today.
        assert!(absence("2027-07-05", Some("2027-07-06")).is_ok());
    }

    #[test]
    fn a_day_that_nobody_means_is_refused() {
        let zone = "America/Denver".parse().unwrap();
        let whole = |on| Typed { on, at: None };
        for (from, until) in [
            (NaiveDate::MIN, NaiveDate::MAX),
            (NaiveDate::MAX, NaiveDate::MIN),
            ("2027-07-06".parse().unwrap(), NaiveDate::MAX),
        ] {
            let now = "2027-07-06T12:00:00Z".parse().unwrap();
            assert_eq!(Absence::new(whole(from), Some(whole(until)), zone, now), Err(Refusal::FarOff));
        }
    }
}
