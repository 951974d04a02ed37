//! The words of each reason.

use super::*;
use crate::domain::time::Zone;

fn half_day(on: &str, from: u32, visits: usize) -> HalfDay {
    let hour = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    HalfDay {
        on: on.parse().unwrap(),
        afternoon: from >= 12,
        from: hour(from),
        to: hour(from + 4),
        zone: Zone::UTC,
        visits,
        programs: Vec::new(),
    }
}

fn shortage(people: usize, seats: usize, cohorts: &[&str]) -> Reason {
    let without = people - seats;
    let help = Help { without, ..Help::default() };
    Reason::Shortage {
        people,
        seats,
        cohorts: cohorts.iter().map(|name| (*name).to_owned()).collect(),
        without_cohort: false,
        before: NaiveDate::from_ymd_opt(2027, 9, 1).unwrap(),
        help,
    }
}

fn helped_by(places: usize, half_days: &[HalfDay], cut_short: bool) -> String {
    let mut reason = shortage(7, 4, &["B"]);
    if let Reason::Shortage { help, .. } = &mut reason {
        *help = Help { without: 3, places, half_days: half_days.to_vec(), cut_short };
    }
    let words = reason.to_string();
    words
        .strip_prefix("7 residents of cohort B share 4 seats before 1 September 2027, all taken; ")
        .unwrap()
        .to_owned()
}

#[test]
fn a_shortage_reads_as_a_coordinator_would_say_it() {
    let nothing = "; no half-day of anybody on file who may see them and is free then would place ";
    assert_eq!(
        shortage(7, 4, &["B"]).to_string(),
        format!(
            "7 residents of cohort B share 4 seats before 1 September 2027, all taken{nothing}any of them"
        )
    );
    assert_eq!(
        shortage(6, 1, &["B", "D"]).to_string(),
        format!(
            "6 residents of cohorts B and D share 1 seat before 1 September 2027, which is taken{nothing}any of them"
        )
    );
    assert_eq!(
        shortage(1, 0, &[]).to_string(),
        format!(
            "1 resident has no open seat before 1 September 2027: every one that fits is taken or kept \
             free{nothing}them"
        )
    );
    let nine = ["A", "B", "C", "D", "E", "F", "G", "H", "I"];
    assert!(shortage(9, 2, &nine).to_string().contains("cohorts A, B, C, D, E, F and 3 more share"));
    let mut reason = shortage(7, 4, &["B"]);
    if let Reason::Shortage { without_cohort, .. } = &mut reason {
        *without_cohort = true;
    }
    assert!(reason.to_string().starts_with("7 residents of cohort B or of none share 4 seats"));
}

#[test]
fn what_would_help_is_told_as_days_hours_and_visits() {
    let thursdays = [half_day("2027-08-12", 8, 2), half_day("2027-08-19", 8, 2)];
    assert_eq!(
        helped_by(3, &thursdays, false),
        "two more half-days would place all three: Thursday 12 August, morning (8:00 to 12:00) and \
         Thursday 19 August, morning (8:00 to 12:00), 2 visits each"
    );
    assert_eq!(
        helped_by(3, &[half_day("2027-08-12", 13, 4)], false),
        "one more half-day would place all three: Thursday 12 August, afternoon (13:00 to 17:00), 4 visits"
    );
    assert_eq!(
        helped_by(2, &[half_day("2027-08-12", 8, 2)], false),
        "one more half-day would place two of the three without a seat: Thursday 12 August, morning (8:00 to \
         12:00), 2 visits; no further one would place more"
    );
    let twice = [half_day("2027-08-12", 8, 2), half_day("2027-08-12", 8, 2), half_day("2027-08-19", 8, 1)];
    assert_eq!(
        helped_by(3, &twice, true),
        "three more half-days would place all three: Thursday 12 August, morning (8:00 to 12:00, two therapists with 2 \
         visits each) and Thursday 19 August, morning (8:00 to 12:00, 1 visit); not everything was tried, so \
         fewer may do"
    );
    let for_one = HalfDay { programs: vec!["IM".to_owned()], ..half_day("2027-08-12", 8, 4) };
    assert!(helped_by(3, &[for_one], false).ends_with("(8:00 to 12:00), 4 visits for IM"));
}

#[test]
fn a_misfit_names_the_rule_that_alone_stands_in_the_way() {
    let fit = |but_for: &[Rule], seen: &[Rule]| {
        let (but_for, seen) = (but_for.to_vec(), seen.to_vec());
        let help =
            Help { without: 3, places: 3, half_days: vec![half_day("2027-08-12", 8, 4)], cut_short: false };
        Reason::NothingFits { but_for, seen, cohort: Some("C".to_owned()), help }.to_string()
    };
    assert_eq!(
        fit(&[Rule::Notice], &[]),
        "protected time, but no slot fits; one would but for the notice period; one more half-day would place all \
         three of cohort C whom nothing fits: Thursday 12 August, morning (8:00 to 12:00), 4 visits"
    );
    assert!(fit(&[Rule::Notice, Rule::NoSite], &[]).starts_with(
        "protected time, but no slot fits; one would but for one thing alone: \
         the notice period or the missing site in the roster; "
    ));
    assert!(fit(&[], &[Rule::Notice, Rule::NoSite]).contains("more than one thing"));
    assert!(fit(&[], &[]).starts_with("no therapist offers a slot that could be considered; "));
}

#[test]
fn a_reason_reads_back_from_what_a_machine_gets() {
    let reason = shortage(7, 4, &["B"]);
    let text = serde_json::to_string(&reason).unwrap();
    assert!(text.starts_with(r#"{"kind":"shortage","people":7"#), "{text}");
    assert_eq!(serde_json::from_str::<Reason>(&text).unwrap(), reason);
}
