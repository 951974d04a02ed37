//! Places, hours, busy and protected time as offices send them, and what the coverage shows of it.

use chrono::Duration;

use super::admit::RosterOptions;
use super::link::Purpose;
use super::protect::{Format, ProtectionImported};
use super::testing::{demo, demo_calendar, desk_in, furnish, furnish_season, rules, table};
use super::{Desk, Error};
use crate::domain::booking::Entry;
use crate::domain::protection::Mapping;
use crate::storage::{offerings, outbox, people, places, therapists};

async fn letters_due(desk: &Desk) -> i64 {
    outbox::due(&mut desk.store.read().await.unwrap(), desk.now()).await.unwrap()
}

async fn protect(desk: &Desk, file: &str, format: Format, dry_run: bool) -> ProtectionImported {
    desk.import_protection(&demo(file), format, &Mapping::default(), dry_run).await.unwrap()
}

async fn blocks(desk: &Desk) -> usize {
    people::blocks(&mut desk.store.read().await.unwrap()).await.unwrap().len()
}

#[tokio::test]
async fn the_same_programs_and_sites_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    for (added, unchanged) in [(4, 0), (0, 4)] {
        let dry = desk.import_programs(&demo("programs.csv"), true).await.unwrap();
        let imported = desk.import_programs(&demo("programs.csv"), false).await.unwrap();
        assert_eq!((imported.added, imported.changed, imported.unchanged), (added, 0, unchanged));
        assert_eq!(dry, imported);
    }
    for (added, unchanged) in [(8, 0), (0, 8)] {
        let imported = desk.import_sites(&demo("sites.csv"), false).await.unwrap();
        assert_eq!((imported.added, imported.changed, imported.unchanged), (added, 0, unchanged));
    }
    let text = "site,zone,state,address\ndenver va,America/Denver,CO,9 Elm\n";
    assert_eq!(desk.import_sites(&table(text), false).await.unwrap().changed, 1);
}

#[tokio::test]
async fn a_program_with_a_new_coordinator_stays_the_same_program() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    desk.import_programs(&demo("programs.csv"), false).await.unwrap();
    let mut db = desk.store.read().await.unwrap();
    let before = desk.program(&mut db, "IM").await.unwrap();
    let text =
        "code,name,zone,state,coordinator\nim,Internal Medicine,America/Chicago,CO,new@im.example.edu\n";
    let imported = desk.import_programs(&table(text), false).await.unwrap();
    assert_eq!((imported.added, imported.changed, imported.warnings.len()), (0, 1, 1));
    let after = desk.program(&mut db, "im").await.unwrap();
    assert_eq!((after.id, after.code.as_str(), after.zone.name()), (before.id, "IM", "America/Chicago"));
    let sealed = places::coordinator(&mut db, after.id).await.unwrap().unwrap();
    assert_eq!(desk.open_coordinator(after.id, &sealed).unwrap(), "new@im.example.edu");
    assert_eq!(desk.import_programs(&table(text), false).await.unwrap().unchanged, 1);
    assert!(matches!(desk.program(&mut db, "XX").await, Err(Error::UnknownProgram(_))));
}

#[tokio::test]
async fn a_therapist_is_welcomed_once() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    desk.import_programs(&demo("programs.csv"), false).await.unwrap();
    desk.import_sites(&demo("sites.csv"), false).await.unwrap();
    let therapists = demo("therapists.csv");
    assert_eq!(desk.import_therapists(&therapists, true).await.unwrap().added, 9);
    assert_eq!(letters_due(&desk).await, 0);
    assert_eq!(desk.import_therapists(&therapists, false).await.unwrap().added, 9);
    assert_eq!(desk.import_therapists(&therapists, false).await.unwrap().unchanged, 9);
    assert_eq!(letters_due(&desk).await, 9);
    let text = "name,email,modality,licensed_states,phone\n\
        \"María-José Xiong, LCSW\",MXiong@counseling.example.org,phone,CO,+1-555-010-0000\n";
    let imported = desk.import_therapists(&table(text), false).await.unwrap();
    assert_eq!((imported.changed, letters_due(&desk).await), (1, 9));
}

#[tokio::test]
async fn hours_take_the_place_of_the_named_therapists_hours_only() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let hours = demo("availability.csv");
    assert_eq!(desk.import_availability(&hours, true).await.unwrap().added, 42);
    let on_file =
        async || therapists::availability(&mut desk.store.read().await.unwrap()).await.unwrap().len();
    assert_eq!(on_file().await, 0);
    assert_eq!(desk.import_availability(&hours, false).await.unwrap().added, 42);
    let again = desk.import_availability(&hours, false).await.unwrap();
    assert_eq!((again.added, again.unchanged, again.removed), (0, 42, 0));
    let text = "therapist_email,weekday,start,end,zone,from,until\n\
        mxiong@counseling.example.org,MO,12:00,17:00,America/Denver,2027-07-05,2027-09-24\n\
        mxiong@counseling.example.org,SA,09:00,12:00,America/Denver,,\n\
        nobody@counseling.example.org,SA,09:00,12:00,America/Denver,,\n";
    let imported = desk.import_availability(&table(text), false).await.unwrap();
    assert_eq!((imported.added, imported.unchanged, imported.refused.len()), (1, 1, 1));
    assert_eq!(on_file().await, 42 + 1 - imported.removed);
    assert!(imported.removed > 0);
}

#[tokio::test]
async fn busy_time_is_read_where_the_therapist_is_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let therapist = "mxiong@counseling.example.org".parse().ok().unwrap();
    let events = demo_calendar("busy_therapist_1.ics");
    for (added, unchanged) in [(3, 0), (0, 3)] {
        let imported = desk.import_busy(&therapist, &events, None).await.unwrap();
        assert_eq!((imported.added, imported.unchanged, imported.removed), (added, unchanged, 0));
    }
    let whole_day =
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20270705\nEND:VEVENT\nEND:VCALENDAR\n";
    let events = crate::intake::ics::read(whole_day.as_bytes()).unwrap();
    let imported = desk.import_busy(&therapist, &events, None).await.unwrap();
    assert_eq!((imported.added, imported.unchanged, imported.removed), (1, 0, 3));
    let spans = therapists::busy(&mut desk.store.read().await.unwrap()).await.unwrap();
    assert_eq!(
        spans[0].1.starts_at(),
        "2027-07-05T06:00:00Z".parse::<crate::domain::time::Instant>().unwrap()
    );
    let stranger = "nobody@x.org".parse().ok().unwrap();
    assert!(matches!(desk.import_busy(&stranger, &events, None).await, Err(Error::UnknownTherapist)));
}

#[tokio::test]
async fn protected_time_is_filed_once() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    desk.import_roster(&demo("roster.csv"), &RosterOptions::default()).await.unwrap();
    let dry = protect(&desk, "protected_time.csv", Format::Csv, true).await;
    assert_eq!((dry.added, blocks(&desk).await), (96, 0));
    let done = protect(&desk, "protected_time.csv", Format::Csv, false).await;
    assert!(done.applied && !dry.applied);
    assert_eq!(ProtectionImported { applied: false, ..done }, dry);
    let again = protect(&desk, "protected_time.csv", Format::Csv, false).await;
    assert_eq!((again.added, again.unchanged, blocks(&desk).await), (0, 96, 96));

    let schedule = protect(&desk, "amion_625ctabs.txt", Format::Amion, false).await;
    insta::assert_snapshot!("amion", serde_json::to_string_pretty(&schedule).unwrap());
    assert_eq!(blocks(&desk).await, 96 + schedule.added);
    let again = protect(&desk, "amion_625ctabs.txt", Format::Amion, false).await;
    assert_eq!((again.added, again.unchanged), (0, schedule.added));
}

#[tokio::test]
async fn an_hour_that_clocks_skip_is_refused_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let text = "program,cohort,date,start,end\nIM,A,2028-03-12,02:00,03:00\nIM,A,2028-03-12,08:00,09:00\n";
    let imported =
        desk.import_protection(&table(text), Format::Csv, &Mapping::default(), false).await.unwrap();
    assert_eq!((imported.added, imported.refused.len(), imported.refused[0].line), (1, 1, 2));
    let both = Mapping { protected: vec!["VACA".to_owned()], ..Mapping::default() };
    let refused = desk.import_protection(&table(text), Format::Csv, &both, false).await;
    assert!(matches!(refused, Err(Error::Refused(_))));
}

#[tokio::test]
async fn the_coverage_shows_who_is_free_of_duty_and_when() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, clock) = desk_in(folder.path()).await;
    furnish_season(&desk).await;
    let coverage = desk.coverage("neph").await.unwrap();
    insta::assert_snapshot!("coverage_csv", coverage.csv().unwrap().replace('\r', ""));
    let calendar = coverage.ics();
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), coverage.rows.len());
    // Exported another day, it is the same to the byte.
    clock.advance(Duration::days(3));
    assert_eq!(desk.coverage("NEPH").await.unwrap().ics(), calendar);
    assert!(matches!(desk.coverage("XX").await, Err(Error::UnknownProgram(_))));
}

#[tokio::test]
async fn the_coverage_is_the_same_to_the_byte_when_somebody_opts_out() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish_season(&desk).await;
    let export = async || {
        let coverage = desk.coverage("IM").await.unwrap();
        (coverage.csv().unwrap(), coverage.ics(), serde_json::to_string(&coverage).unwrap())
    };
    let before = export().await;
    let offering = desk.create_offering(rules()).await.unwrap();
    assert!(desk.book(None).await.unwrap().booked > 0);
    assert!(export().await == before, "booking showed in the coverage");
    let mut tx = desk.store.write().await.unwrap();
    let bookings = crate::storage::bookings::of_offering(&mut tx, offering.id).await.unwrap();
    assert!(!offerings::seats(&mut tx, offering.id).await.unwrap().is_empty());
    let mut urls = Vec::new();
    for booking in &bookings {
        urls.push(desk.url(&mut tx, Purpose::Visit, &booking.id.to_string()).await.unwrap());
    }
    tx.commit().await.unwrap();
    let mut out = 0;
    for url in &urls {
        let token = url.rsplit('/').next().unwrap();
        out += usize::from(desk.opt_out(token, Entry::Keep).await.is_ok());
    }
    assert!(out > 50 && export().await == before, "{out} opted out, and the coverage showed it");
}

#[tokio::test]
async fn a_cohort_that_looks_like_a_formula_is_fenced() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let roster = "program,name,email,cohort\nIM,\"Abara, Ann\",ann@x.org,+A 1\n";
    desk.import_roster(&table(roster), &RosterOptions::default()).await.unwrap();
    // Written another way, it is the same cohort; and a block inside another one is not said twice.
    let blocks = "program,cohort,date,start,end\nIM,a1,2027-07-05,13:00,17:00\n";
    let own = "email,date,start,end,kind\nann@x.org,2027-07-05,14:00,15:00,\nann@x.org,2027-07-06,08:00,17:00,never\n";
    for text in [blocks, own] {
        let imported = desk.import_protection(&table(text), Format::Csv, &Mapping::default(), false).await;
        assert!(imported.unwrap().refused.is_empty());
    }
    let written = desk.coverage("IM").await.unwrap().csv().unwrap();
    assert_eq!(
        written,
        "resident,cohort,date,start,end,zone\r\n\"Abara, Ann\",'+A 1,2027-07-05,13:00,17:00,America/Denver\r\n"
    );
}

#[tokio::test]
async fn a_file_that_replaces_removes_what_it_lacks_for_whom_it_names_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let two = "program,cohort,date,start,end\nIM,A,2027-07-05,13:00,17:00\nIM,A,2027-07-07,08:00,12:00\n\
        IM,B,2027-07-13,13:00,17:00\n";
    desk.import_protection(&table(two), Format::Csv, &Mapping::default(), false).await.unwrap();
    let one = "program,cohort,date,start,end\nIM,A,2027-07-05,13:00,17:00\n";
    let dry = desk.replace_protection(&table(one), Format::Csv, &Mapping::default(), true).await.unwrap();
    assert_eq!((dry.added, dry.unchanged, dry.removed), (0, 1, 1));
    let done = desk.replace_protection(&table(one), Format::Csv, &Mapping::default(), false).await.unwrap();
    let done = ProtectionImported { applied: false, ..done };
    assert_eq!(done, dry, "a dry run says what happens, and changes nothing");
    let again = desk.import_protection(&table(two), Format::Csv, &Mapping::default(), false).await.unwrap();
    assert_eq!((again.added, again.unchanged), (1, 2), "cohort B kept its own");
    let slip = "program,cohort,date,start,end\nIM,A,2027-07-05,13:00,17:00\nIM,A,2027-07-07,late,12:00\n";
    let kept = desk.replace_protection(&table(slip), Format::Csv, &Mapping::default(), false).await.unwrap();
    assert_eq!((kept.refused.len(), kept.removed), (1, 0), "while a line is refused nothing is removed");
}
