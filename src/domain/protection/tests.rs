//! Protected time as coordinators keep it.

use proptest::prelude::*;

use super::*;
use crate::domain::table::{Row, Table};
use crate::domain::written;

fn on_file() -> OnFile {
    let zone = |name: &str| name.parse().unwrap();
    let roster = crate::domain::roster::read(
        &crate::intake::read(include_bytes!("../../../demo/roster.csv"), "f").unwrap(),
        &crate::domain::roster::ColumnMap::default(),
        None,
        &crate::domain::roster::KnownPlaces {
            programs: ["IM", "PEDS", "NEPH", "EM"].map(str::to_owned).to_vec(),
            sites: Vec::new(),
            ..Default::default()
        },
    );
    let enrolled = roster.entries.iter().map(|e| Enrolled {
        address: e.address.clone(),
        given: e.given.clone(),
        family: e.family.clone(),
        program_code: e.program_code.clone(),
        cohort: e.cohort.clone(),
    });
    OnFile {
        programs: [
            ("IM", "America/Denver"),
            ("PEDS", "America/Phoenix"),
            ("NEPH", "America/New_York"),
            ("EM", "America/Chicago"),
        ]
        .map(|(code, name)| (code.to_owned(), zone(name)))
        .to_vec(),
        residents: enrolled.collect(),
        ..OnFile::default()
    }
}

fn schedule(lines: &[&str]) -> Vec<Table> {
    crate::intake::read(lines.join("\n").as_bytes(), "f").unwrap()
}

fn render(blocks: &[BlockDraft]) -> String {
    let one = |block: &BlockDraft| {
        let whose = match &block.whose {
            Whose::Cohort { program_code, cohort } => format!("{program_code} {cohort}"),
            Whose::Person(address) => address.reveal().to_owned(),
        };
        let span = &block.span;
        format!(
            "{:>4} {whose} {:?} {} {}-{} {}",
            block.line, block.kind, span.on, span.from, span.to, span.zone
        )
    };
    blocks.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_of_cohorts_reads_as_it_stands() {
    let reading = table(
        &crate::intake::read(include_bytes!("../../../demo/protected_time.csv"), "f").unwrap(),
        &on_file(),
    );
    assert!(reading.refused.is_empty() && reading.warnings.is_empty());
    insta::assert_snapshot!(render(&reading.blocks));
}

#[test]
fn the_sample_of_amion_reads_as_it_stands() {
    let reading = amion(
        &crate::intake::read(include_bytes!("../../../demo/amion_625ctabs.txt"), "f").unwrap(),
        &Mapping::default(),
        &on_file(),
    );
    let first: Vec<BlockDraft> = reading.blocks.iter().take(30).cloned().collect();
    let protected = reading.blocks.iter().filter(|block| block.kind == Kind::Protected).count();
    assert_eq!(protected, 96);
    assert!(reading.refused.is_empty());
    insta::assert_snapshot!(format!("{:#?}\n{}", reading.assignments, render(&first)));
}

const NIGHT: &str =
    "Castellanos, Thuy-Anh\t1\t\tNights\t1\t\t7-19-27\t1900\t700\tR1\t\t\ttcastellanos@im.example.edu";

#[test]
fn a_night_runs_past_midnight_and_forbids_the_day_after() {
    let reading = amion(&schedule(&["IM\t", NIGHT]), &Mapping::default(), &on_file());
    assert_eq!(
        render(&reading.blocks),
        "   2 tcastellanos@im.example.edu Never 2027-07-19 19:00:00-07:00:00 America/Denver\n   2 tcastellanos@im.example.edu Never 2027-07-20 07:00:00-00:00:00 America/Denver"
    );
}

#[test]
fn vacation_is_not_the_veterans_hospital() {
    let line = |assignment: &str| NIGHT.replace("Nights", assignment).replace("1900\t700", "800\t1700");
    let (va, vaca) = (line("VA Wards"), line(" vaca "));
    let reading = amion(&schedule(&[&va, &vaca]), &Mapping::default(), &on_file());
    assert_eq!(reading.blocks.len(), 1);
    assert_eq!(reading.blocks[0].line, 2);
    let taken: Vec<(String, Taken)> =
        reading.assignments.into_iter().map(|one| (one.name, one.taken)).collect();
    assert_eq!(taken, [("VA Wards".to_owned(), Taken::Duty), ("vaca".to_owned(), Taken::Never)]);
}

#[test]
fn somebody_of_another_department_is_mentioned_once() {
    let stranger = NIGHT.replace("tcastellanos@im", "who@surgery");
    let nameless = NIGHT.replace("tcastellanos@im.example.edu", "");
    let shared = nameless.replace("Castellanos, Thuy-Anh", "MacLeod, Uma");
    let broken = NIGHT.replace("7-19-27", "soon");
    let reading = amion(
        &schedule(&[&stranger, &stranger, &nameless, &shared, &broken]),
        &Mapping::default(),
        &on_file(),
    );
    assert_eq!(reading.blocks.len(), 2, "found by name where there is no address");
    let refused: Vec<String> = reading.refused.iter().map(ToString::to_string).collect();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert!(refused[0].starts_with("line 1: the person of this line is on no roster (2 lines in all)"));
    assert!(refused[1].starts_with("line 4: "), "two people of one name are not told apart by it");
    assert!(refused[2].starts_with("line 5: no date"));
    assert!(!refused.join("").to_lowercase().contains("castellanos"));
}

#[test]
fn half_days_that_overlap_are_joined_and_weekdays_are_counted_out() {
    let file = "program,cohort,email,weekday,from,until,date,start,end,kind\n\
        IM,A,,,,,2027-07-05,8:00,12:00,\nIM,a,,,,,7/5/27,11:00,1:00 PM,\n\
        ,,tcastellanos@im.example.edu,Mon,2027-07-01,2027-07-31,,13:00,17:00,never\n\
        XX,A,,,,,2027-07-05,8:00,12:00,\nIM,Z,,,,,2027-07-05,8:00,12:00,\n,,who@x.org,,,,2027-07-05,8:00,9:00,\nIM,A,,,,,2027-07-05,8:00,8:00,";
    let reading = table(&crate::intake::read(file.as_bytes(), "f").unwrap(), &on_file());
    insta::assert_snapshot!(format!(
        "{}\n{}",
        render(&reading.blocks),
        reading
            .refused
            .iter()
            .chain(&reading.warnings)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    ));
}

#[test]
fn a_mapping_is_strict_and_cannot_contradict_itself() {
    let mapping: Mapping = toml::from_str("protected = [\"Clinic\"]\nnever = []\n").unwrap();
    assert_eq!(mapping.taken(" CLINIC "), Taken::Protected);
    assert_eq!(mapping.taken("Nights"), Taken::DayAfter, "a key that is left out keeps its default");
    assert!(toml::from_str::<Mapping>("protect = []").is_err());
    let torn: Mapping = toml::from_str("protected = [\"nights\"]").unwrap();
    assert!(torn.check().is_err());
    assert!(Mapping::default().check().is_ok());
}

proptest! {
    #[test]
    fn joined_time_holds_the_same_hours(spans in proptest::collection::vec((0_u32..5, 0_u32..24, 1_u32..24), 1..12)) {
        let zone: Zone = "America/Denver".parse().unwrap();
        let blocks: Vec<BlockDraft> = spans.iter().map(|(day, from, long)| {
            let on = written::date("2027-07-01").unwrap() + Duration::days(i64::from(*day));
            let at = |hour: u32| NaiveTime::from_hms_opt(hour % 24, 0, 0).unwrap();
            BlockDraft { line: 1, whose: Whose::Cohort { program_code: "IM".into(), cohort: "A".into() }, kind: Kind::Protected,
                span: LocalSpan { on, from: at(*from), to: at(from + long), zone } }
        }).collect();
        let hours = |blocks: &[BlockDraft]| {
            let mut hours: Vec<NaiveDateTime> = blocks.iter().flat_map(|block| {
                let (start, end) = (starts(&block.span), ends(&block.span));
                (0..24).map(move |hour| start + Duration::hours(hour)).filter(move |at| *at < end)
            }).collect();
            hours.sort();
            hours
        };
        let joined = join(blocks.clone());
        let mut before = hours(&blocks);
        before.dedup();
        // No duplicates after: joined blocks neither overlap nor repeat.
        prop_assert_eq!(before, hours(&joined));
    }

    #[test]
    fn no_schedule_panics(cells in proptest::collection::vec("[0-9a-zA-Z:@., -]{0,9}", 0..40)) {
        let rows = cells.chunks(13).map(|cells| Row { line: 1, cells: cells.to_vec() }).collect();
        let tables = [Table { sheet: None, rows }];
        let _ = amion(&tables, &Mapping::default(), &OnFile::default());
        let _ = table(&tables, &OnFile::default());
    }
}
