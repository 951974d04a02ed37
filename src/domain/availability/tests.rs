//! Weekly hours across clock changes, and the sample file.

use proptest::prelude::*;

use super::*;
use crate::domain::identity::Address;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn within(from: &str, until: &str) -> Span {
    Span::new(at(from), at(until)).unwrap()
}

fn time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour % 24, 0, 0).unwrap()
}

fn pattern(weekday: Weekday, from: u32, to: u32, zone: &str) -> Pattern {
    Pattern { weekday, from: time(from), to: time(to), zone: zone.parse().unwrap(), first: None, last: None }
}

fn starts(slots: &[Span]) -> Vec<String> {
    slots.iter().map(|slot| slot.starts_at().format("%m-%d %H:%M").to_string()).collect()
}

#[test]
fn the_sample_file_reads_as_it_stands() {
    let tables = crate::intake::read(include_bytes!("../../../demo/availability.csv"), "f").unwrap();
    let therapists: Vec<Address> =
        tables[0].rows[1..].iter().map(|row| row.cell(0).parse().ok().unwrap()).collect();
    let drafts = read(&tables, &therapists);
    assert!(drafts.refused.is_empty() && drafts.warnings.is_empty());
    let text: Vec<String> = drafts
        .taken
        .iter()
        .map(|(line, d)| format!("{line} {} {:?}", d.therapist.reveal(), d.offered))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
    assert_eq!(read(&tables, &[]).taken.len(), 0);
}

#[test]
fn dates_are_taken_away_and_added() {
    let file = "therapist_email,weekday,start,end,zone,from,until,date,kind\n\
        a@x.org,MO,9:00,12:00,America/Denver,,,,\na@x.org,,,,America/Denver,,,2027-07-12,away\n\
        a@x.org,,13:00,15:00,America/Denver,,,2027-07-13,extra\na@x.org,,,,America/Denver,,,2027-07-14,extra\n\
        a@x.org,,9:00,10:00,America/Denver,,,2027-07-14,\na@x.org,XX,9:00,10:00,America/Denver,,,,\nb@x.org,MO,9:00,10:00,America/Denver,,,,";
    let drafts =
        read(&crate::intake::read(file.as_bytes(), "f").unwrap(), &["a@x.org".parse().ok().unwrap()]);
    let refused: Vec<String> = drafts.refused.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(refused.join("\n"));
    let mut patterns = Vec::new();
    let mut exceptions = Vec::new();
    for (_, draft) in &drafts.taken {
        match draft.offered {
            Offered::Weekly(pattern) => patterns.push(pattern),
            Offered::Once(exception) => exceptions.push(exception),
        }
    }
    let slots =
        slots(&patterns, &exceptions, &[], 60, 0, within("2027-07-05T00:00:00Z", "2027-07-20T00:00:00Z"));
    assert_eq!(
        starts(&slots),
        [
            "07-05 15:00",
            "07-05 16:00",
            "07-05 17:00",
            "07-13 19:00",
            "07-13 20:00",
            "07-19 15:00",
            "07-19 16:00",
            "07-19 17:00"
        ]
    );
}

#[test]
fn hours_follow_the_clock_on_the_wall_across_a_change() {
    let mondays = [pattern(Weekday::Mon, 9, 10, "America/New_York")];
    let slots = slots(&mondays, &[], &[], 50, 10, within("2027-03-07T00:00:00Z", "2027-03-16T00:00:00Z"));
    assert_eq!(starts(&slots), ["03-08 14:00", "03-15 13:00"]);
}

#[test]
fn a_busy_hour_takes_its_slot_and_the_buffer_but_moves_no_other() {
    let busy = [within("2027-07-05T16:00:00Z", "2027-07-05T16:30:00Z")];
    let mondays = [pattern(Weekday::Mon, 9, 13, "America/Denver")];
    let period = within("2027-07-05T00:00:00Z", "2027-07-06T12:00:00Z");
    assert_eq!(
        starts(&slots(&mondays, &[], &busy, 50, 10, period)),
        ["07-05 15:00", "07-05 17:00", "07-05 18:00"]
    );
    assert_eq!(slots(&mondays, &[], &[], 50, 10, period).len(), 4);
    assert!(slots(&mondays, &[], &[], 0, 0, period).is_empty());
}

proptest! {
    #[test]
    fn slots_are_sorted_apart_free_and_offered(
        hours in proptest::collection::vec((0_u32..7, 0_u32..24, 1_u32..10), 0..6),
        zone in proptest::sample::select(vec!["America/Denver", "America/St_Johns", "America/Phoenix", "Pacific/Honolulu"]),
        busy in proptest::collection::vec((0_i64..30_000, 1_i64..500), 0..8),
        visit in 10_u32..120, buffer in 0_u32..30, first_minute in 0_i64..500_000,
    ) {
        let base = at("2027-01-01T00:00:00Z") + Duration::minutes(first_minute);
        let period = Span::new(base, base + Duration::days(21)).unwrap();
        let patterns: Vec<Pattern> = hours.iter().map(|(day, from, long)| {
            pattern(Weekday::try_from(u8::try_from(*day).unwrap()).unwrap(), *from, from + long, zone)
        }).collect();
        let busy: Vec<Span> = busy.iter().map(|(from, long)| {
            let from = base + Duration::minutes(*from);
            Span::new(from, from + Duration::minutes(*long)).unwrap()
        }).collect();
        let found = slots(&patterns, &[], &busy, visit, buffer, period);
        for pair in found.windows(2) {
            prop_assert!(pair[0].ends_at() + Duration::minutes(i64::from(buffer)) <= pair[1].starts_at());
        }
        for slot in &found {
            prop_assert_eq!(slot.minutes(), i64::from(visit));
            prop_assert!(period.contains(slot));
            prop_assert!(busy.iter().all(|busy| !busy.padded(buffer).overlaps(slot)));
            let begins = wall(slot.starts_at(), zone.parse().unwrap()).naive;
            let days = [begins.date(), begins.date().pred_opt().unwrap()];
            let offers = |p: &Pattern, on: NaiveDate| {
                let hours = LocalSpan { on, from: p.from, to: p.to, zone: p.zone };
                on.weekday() == p.weekday && hours.resolve().is_some_and(|span| span.contains(slot))
            };
            let offered = patterns.iter().any(|p| days.iter().any(|on| offers(p, *on)));
            prop_assert!(offered);
        }
        let free = slots(&patterns, &[], &[], visit, buffer, period);
        prop_assert!(found.iter().all(|slot| free.contains(slot)), "busy time only takes away");
    }
}
