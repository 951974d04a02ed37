//! Rosters as coordinators keep them, and what a second one changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::merge::{Answer, Known, merge};
use super::*;
use crate::domain::id::ResidentId;
use crate::domain::table::Row;

fn places() -> KnownPlaces {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    KnownPlaces {
        programs: names(&["IM", "PEDS", "NEPH", "EM"]),
        sites: names(&[
            "Denver Main",
            "Denver VA",
            "Phoenix Main",
            "Phoenix VA",
            "Albany Main",
            "Albany VA",
            "Chicago Main",
            "Chicago VA",
        ]),
        ..KnownPlaces::default()
    }
}

fn table(text: &str) -> Vec<Table> {
    let rows = text.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(|(at, line)| Row {
        line: u32::try_from(at + 1).unwrap(),
        cells: line.split('|').map(str::to_owned).collect(),
    });
    vec![Table { sheet: None, rows: rows.collect() }]
}

fn taken(text: &str) -> Reading {
    read(&table(text), &ColumnMap::default(), Some("im"), &places())
}

fn render(reading: &Reading) -> String {
    let mut text = format!("sheet {:?}, ignored {:?}\n", reading.sheet, reading.ignored_columns);
    for e in &reading.entries {
        let date = e.starts_on.map(|on| on.to_string()).unwrap_or_default();
        let (given, family, address) = (&e.given, &e.family, e.address.reveal());
        writeln!(
            text,
            "{:>4} {} {given} + {family} <{address}> {:?} {:?} {:?} {date}",
            e.line, e.program_code, e.pgy, e.cohort, e.site
        )
        .unwrap();
    }
    for (kind, rows) in [("refused", &reading.refused), ("warning", &reading.warnings)] {
        for row in rows {
            writeln!(text, "{kind}: {row}").unwrap();
        }
    }
    text
}

fn of_file(bytes: &[u8], program: Option<&str>) -> Reading {
    read(&crate::intake::read(bytes, "f").unwrap(), &ColumnMap::default(), program, &places())
}

#[test]
fn the_sample_rosters_read_as_they_stand() {
    insta::assert_snapshot!("clean", render(&of_file(include_bytes!("../../../demo/roster.csv"), None)));
    let csv = of_file(include_bytes!("../../../demo/roster_as_kept_in_excel.csv"), Some("im"));
    let xlsx = of_file(include_bytes!("../../../demo/roster_as_kept_in_excel.xlsx"), Some("IM"));
    insta::assert_snapshot!("kept_in_excel_csv", render(&csv));
    insta::assert_snapshot!("kept_in_excel_xlsx", render(&xlsx));
    for reading in [csv, xlsx] {
        assert_eq!(reading.entries.len(), 79);
        assert!(reading.entries.iter().all(|entry| entry.pgy == Some(1)));
        assert!(reading.entries.iter().all(|e| e.starts_on.is_some_and(|on| on.to_string() == "2027-07-01")));
        assert!(reading.ignored_columns.contains(&"DOB".to_owned()));
    }
}

#[test]
fn a_repeated_person_is_taken_once_and_a_contradiction_names_the_first_line() {
    let reading = taken(
        "name|email|pgy\nDoe, Ann|ann@x.org|1\nDoe, Ann MD|ANN@x.org;|PGY-1\nDoe, Ann|ann@x.org|2\nDoe, Ann|ann2@x.org|1",
    );
    assert_eq!(reading.entries.len(), 2);
    assert!(reading.refused[0].to_string().starts_with("line 3: repeats line 2"));
    assert!(reading.refused[1].to_string().starts_with("line 4, column “email”: has the address of line 2"));
}

#[test]
fn a_refused_line_leads_to_itself_and_names_nobody() {
    let reading = taken(
        "name|email|program|start|avoid\nZorn, Ann||||\nZorn, Bob|zorn.bob||||\n=Zorn()|c@x.org||||\nZorn, Di|d@x.org|ZORN|||\nZorn, Ed|e@x.org||soon||\nZorn, Flo|f@x.org|||zorn\n|g@x.org|||\nTOTAL|6|||",
    );
    let all: Vec<String> = reading.refused.iter().chain(&reading.warnings).map(ToString::to_string).collect();
    insta::assert_snapshot!(all.join("\n"));
    assert!(reading.entries.is_empty());
    assert!(!all.join("").to_lowercase().contains("zorn"));
}

#[test]
fn without_a_program_the_only_one_is_taken_and_of_several_none() {
    let file = table("name|email\nDoe, Ann|ann@x.org");
    let one = KnownPlaces { programs: vec!["IM".to_owned()], ..KnownPlaces::default() };
    assert_eq!(read(&file, &ColumnMap::default(), None, &one).entries[0].program_code, "IM");
    let several = read(&file, &ColumnMap::default(), None, &places());
    assert!(several.refused[0].to_string().contains("--program CODE"));
    let unknown = read(&file, &ColumnMap::default(), Some("XX"), &places());
    assert!(unknown.refused[0].to_string().contains("holdspace programs import"));
}

#[test]
fn a_mapping_file_overrides_and_cannot_ask_for_births() {
    let map: ColumnMap = toml::from_str("[columns]\nname = \"Who\"\nemail = \"Account\"\n").unwrap();
    let reading =
        read(&table("Who|Account|Email\nDoe, Ann|ann@x.org|other@x.org"), &map, Some("IM"), &places());
    assert_eq!(reading.entries[0].address.reveal(), "ann@x.org");
    assert_eq!(reading.ignored_columns, ["Email"]);
    assert!(toml::from_str::<ColumnMap>("[columns]\nemail = \"Date of Birth\"\n").is_err());
    assert!(toml::from_str::<ColumnMap>("colums = 1\n").is_err());
    assert!(toml::from_str::<ColumnMap>("[columns]\nbirth = \"x\"\n").is_err());
}

fn on_file(reading: &Reading) -> Vec<Known> {
    let known = |(at, e): (usize, &Entry)| Known {
        id: ResidentId::from_bytes((at as u128).to_be_bytes()),
        program_code: e.program_code.clone(),
        given: e.given.clone(),
        family: e.family.clone(),
        address: e.address.clone(),
        pgy: e.pgy,
        cohort: e.cohort.clone(),
        site: e.site.clone(),
        starts_on: e.starts_on,
        ends_on: e.ends_on,
        wishes: e.wishes.clone(),
        active: true,
    };
    reading.entries.iter().enumerate().map(known).collect()
}

#[test]
fn a_second_import_of_the_same_file_changes_nothing() {
    let reading = of_file(include_bytes!("../../../demo/roster.csv"), None);
    let known = on_file(&reading);
    for replace in [false, true] {
        let diff = merge(&known, reading.entries.clone(), &BTreeMap::new(), replace);
        assert_eq!(diff.unchanged.len(), known.len());
        assert!(diff.added.is_empty() && diff.changed.is_empty() && diff.questions.is_empty());
        assert!(diff.absent.is_empty() && diff.leaving.is_empty());
    }
}

#[test]
fn a_new_address_is_asked_about_and_done_as_answered() {
    let known =
        on_file(&taken("name|email|pgy\nDoe, Ann|ann@x.org|1\nRoe, Bob|bob@x.org|1\nPoe, Cy|cy@x.org|1"));
    let later = taken("name|email|pgy\nDoe, Ann|ann.doe@x.org|\nRoe, Bob|bob@x.org|2").entries;
    let diff = |answers: &[(u32, Answer)], replace| {
        merge(&known, later.clone(), &answers.iter().copied().collect(), replace)
    };
    let asked = diff(&[], true);
    assert!(asked.questions[0].remedy.contains("--answer 2=same"));
    assert_eq!(asked.changed[0].2, ["pgy"]);
    assert_eq!(asked.leaving, [known[2].id], "whom a question may mean does not leave");
    let same = diff(&[(2, Answer::Same)], false);
    assert!(same.questions.is_empty());
    assert_eq!((same.changed[0].0, &same.changed[0].2[..]), (known[0].id, ["address"].as_slice()));
    assert_eq!(same.changed[0].1.pgy, Some(1), "an empty cell leaves what is on file");
    let new = diff(&[(2, Answer::New)], false);
    assert_eq!((new.added.len(), &new.absent[..]), (1, [known[0].id, known[2].id].as_slice()));
}

#[test]
fn two_people_of_one_name_stay_two_people() {
    let both = taken("name|email\nMacLeod, Uma|u1@x.org\nMacLeod, Uma|u2@x.org");
    assert_eq!(both.entries.len(), 2);
    let known = on_file(&both);
    let diff = merge(&known[..1], both.entries.clone(), &BTreeMap::new(), false);
    assert_eq!((diff.unchanged.len(), diff.added.len(), diff.questions.len()), (1, 1, 0));
}

#[test]
fn a_file_of_one_program_misses_nobody_of_another() {
    let known = on_file(&taken("name|email|program\nDoe, Ann|ann@x.org|IM\nRoe, Bob|bob@x.org|EM"));
    let diff = merge(&known, taken("name|email\nDoe, Ann|ann@x.org").entries, &BTreeMap::new(), true);
    assert!(diff.leaving.is_empty());
}

proptest! {
    #[test]
    fn no_roster_panics_and_every_line_is_answered_for(rows in proptest::collection::vec(".{0,12}\\|[a-c@.xorg]{0,9}\\|.{0,6}", 0..8)) {
        let text = format!("name|email|pgy\n{}", rows.join("\n"));
        let reading = taken(&text);
        let blank = |text: &str| {
            let stray = |c: char| c == ';' || c == '\u{feff}' || c.is_whitespace();
            matches!(text.trim_matches(stray), "" | "-" | "–" | "—")
        };
        let table = table(&text);
        let rows = table[0].rows.iter().skip(1);
        let lines = rows.filter(|row| (0..3).any(|at| !blank(row.cell(at)))).count();
        prop_assert!(reading.entries.len() + reading.refused.len() + reading.warnings.len() >= lines);
    }
}
