//! Rosters as offices send them, against a desk with its own database.

use std::collections::BTreeMap;

use super::Desk;
use super::admit::{ChangedLine, RosterImported, RosterOptions};
use super::record::Resident;
use super::testing::{demo, desk_in, furnish, table};
use crate::domain::roster::merge::Answer;
use crate::storage::{people, therapists};

const HEADINGS: &str = "program,last_name,first_name,email,pgy,cohort";

/// A roster with these lines.
fn lines(lines: &[&str]) -> String {
    format!("{HEADINGS}\n{}\n", lines.join("\n"))
}

async fn import(desk: &Desk, text: &str, options: RosterOptions) -> RosterImported {
    desk.import_roster(&table(text), &options).await.unwrap()
}

async fn residents(desk: &Desk) -> Vec<Resident> {
    let mut db = desk.store.read().await.unwrap();
    let institution = desk.institution(&mut db).await.unwrap();
    let rows = people::residents(&mut db, institution).await.unwrap();
    rows.iter().map(|row| desk.open_resident(row).unwrap()).collect()
}

async fn active(desk: &Desk) -> usize {
    residents(desk).await.iter().filter(|resident| resident.active).count()
}

/// Added, changed, unchanged, refused.
fn counts(imported: &RosterImported) -> (usize, usize, usize, usize) {
    (imported.added, imported.changed, imported.unchanged, imported.refused.len())
}

fn answered(line: u32, answer: Answer) -> RosterOptions {
    RosterOptions { answers: BTreeMap::from([(line, answer)]), ..RosterOptions::default() }
}

#[tokio::test]
async fn a_roster_brings_everybody_once() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let roster = demo("roster.csv");
    let dry = RosterOptions { dry_run: true, ..RosterOptions::default() };
    let imported = desk.import_roster(&roster, &dry).await.unwrap();
    assert_eq!((counts(&imported), imported.applied), ((149, 0, 0, 0), false));
    assert_eq!(residents(&desk).await.len(), 0);

    let imported = desk.import_roster(&roster, &RosterOptions::default()).await.unwrap();
    assert_eq!((counts(&imported), imported.applied), ((149, 0, 0, 0), true));
    assert_eq!(active(&desk).await, 149);

    let before = residents(&desk).await;
    let imported = desk.import_roster(&roster, &RosterOptions::default()).await.unwrap();
    assert_eq!(counts(&imported), (0, 0, 149, 0));
    assert!(imported.changes.is_empty() && imported.absent == 0 && residents(&desk).await == before);
}

#[tokio::test]
async fn a_coordinators_own_workbook_reads_like_its_csv_and_mends_the_letters_that_were_lost() {
    let im = RosterOptions { program: Some("im".to_owned()), ..RosterOptions::default() };
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let from_csv = desk.import_roster(&demo("roster_as_kept_in_excel.csv"), &im).await.unwrap();
    let from_xlsx = desk.import_roster(&demo("roster_as_kept_in_excel.xlsx"), &im).await.unwrap();
    let both = serde_json::to_string_pretty(&[&from_csv, &from_xlsx]).unwrap();
    insta::assert_snapshot!("as_kept_in_excel", both);
    let lost = from_csv.warnings.iter().filter(|warning| warning.problem.contains("a letter")).count();
    assert_eq!((from_xlsx.unchanged, from_xlsx.changed), (from_csv.added - lost, lost));
    assert!(from_xlsx.changes.iter().all(|change| change.fields == ["name"]));
    assert_eq!(active(&desk).await, from_csv.added);
}

#[tokio::test]
async fn a_changed_file_yields_a_small_diff() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, clock) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let first = lines(&["IM,Abara,Ann,ann@x.org,1,A", "IM,Brandt,Bo,bo@x.org,1,B", "IM,Celik,Cy,cy@x.org,,"]);
    import(&desk, &first, RosterOptions::default()).await;
    let before = residents(&desk).await;
    clock.advance(chrono::Duration::days(1));
    // The empty cells of the second line say nothing; the third person is not named and stays.
    let second = lines(&["IM,Abara,Anna,ann@x.org,2,A", "IM,Brandt,Bo,bo@x.org,,", "IM,Dia,Di,di@x.org,1,C"]);
    let imported = import(&desk, &second, RosterOptions::default()).await;
    assert_eq!(counts(&imported), (1, 1, 1, 0));
    assert_eq!(imported.changes, [ChangedLine { line: 2, fields: vec!["name", "pgy"] }]);
    assert_eq!((imported.absent, imported.leaving), (1, 0));
    let after = residents(&desk).await;
    for known in &before {
        let now = after.iter().find(|one| one.id == known.id).unwrap();
        assert_eq!((now.admitted_at, now.active), (known.admitted_at, true));
    }
    assert_eq!(after.len(), 4);
}

#[tokio::test]
async fn a_new_address_is_asked_and_never_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    import(&desk, &lines(&["IM,Abara,Ann,ann@x.org,1,A"]), RosterOptions::default()).await;
    let moved = lines(&["IM,Abara,Ann,ann@y.org,1,A", "IM,Brandt,Bo,bo@x.org,1,B"]);
    let imported = import(&desk, &moved, RosterOptions::default()).await;
    assert_eq!(counts(&imported), (1, 0, 0, 1));
    assert!(imported.refused[0].remedy.contains("--answer 2=same"), "{}", imported.refused[0]);
    let before = residents(&desk).await;
    let ann = before.iter().find(|one| one.identity.address().reveal() == "ann@x.org").unwrap().id;

    let imported = import(&desk, &moved, answered(2, Answer::Same)).await;
    assert_eq!((counts(&imported), &imported.changes[0].fields[..]), ((0, 1, 1, 0), &["address"][..]));
    let after = residents(&desk).await;
    assert_eq!(after.len(), 2);
    assert!(after.iter().any(|one| one.id == ann && one.identity.address().reveal() == "ann@y.org"));
    // The answer stays in somebody's script and is harmless.
    assert_eq!(counts(&import(&desk, &moved, answered(2, Answer::Same)).await), (0, 0, 2, 0));

    let namesake = lines(&["IM,Abara,Ann,ann2@y.org,1,A"]);
    assert_eq!(counts(&import(&desk, &namesake, answered(2, Answer::New)).await), (1, 0, 0, 0));
    assert_eq!(active(&desk).await, 3);
}

#[tokio::test]
async fn a_strict_import_takes_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let text = lines(&["IM,Abara,Ann,ann@x.org,1,A", "IM,Brandt,Bo,,1,B", "XX,Celik,Cy,cy@x.org,1,A"]);
    let strict = || RosterOptions { strict: true, ..RosterOptions::default() };
    let imported = import(&desk, &text, strict()).await;
    assert_eq!((counts(&imported), imported.applied), ((1, 0, 0, 2), false));
    assert_eq!(residents(&desk).await.len(), 0);
    assert!(imported.refused[1].remedy.contains("holdspace programs import"), "{}", imported.refused[1]);

    let imported = import(&desk, &text, RosterOptions::default()).await;
    assert_eq!((imported.applied, active(&desk).await), (true, 1));
    // An open question is as good as a refusal.
    let moved = lines(&["IM,Abara,Ann,ann@y.org,1,A", "IM,Dia,Di,di@x.org,1,C"]);
    assert!(!import(&desk, &moved, strict()).await.applied);
    assert_eq!(active(&desk).await, 1);
}

#[tokio::test]
async fn who_is_missing_leaves_only_when_the_file_is_the_whole_roster() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let all = lines(&["IM,Abara,Ann,ann@x.org,1,A", "IM,Brandt,Bo,bo@x.org,1,B", "EM,Celik,Cy,cy@x.org,1,A"]);
    import(&desk, &all, RosterOptions::default()).await;
    let whole = || RosterOptions { replace: true, ..RosterOptions::default() };

    let with_slip = lines(&["IM,Abara,Ann,ann@x.org,1,A", "IM,Brandt,Bo,bo(at)x.org,1,B"]);
    let imported = import(&desk, &with_slip, whole()).await;
    assert_eq!((imported.leaving, imported.absent, active(&desk).await), (0, 1, 3));
    assert!(imported.warnings[0].problem.contains("nobody was taken off the roster"));

    let one = lines(&["IM,Abara,Ann,ann@x.org,1,A"]);
    let imported = import(&desk, &one, whole()).await;
    // Nobody of another program is missed.
    assert_eq!((imported.leaving, imported.absent, active(&desk).await), (1, 0, 2));
    assert_eq!(residents(&desk).await.len(), 3);

    let imported = import(&desk, &all, RosterOptions::default()).await;
    assert_eq!((counts(&imported), &imported.changes[0].fields[..]), ((0, 1, 2, 0), &["active"][..]));
    assert_eq!((residents(&desk).await.len(), active(&desk).await), (3, 3));
}

#[tokio::test]
async fn whom_somebody_avoids_is_kept_whatever_becomes_of_the_therapists_file() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let text = "program,name,email,cohort,language,modality,avoid\n\
        IM,\"Abara, Ann\",ann@x.org,A,Spanish,video,mxiong@counseling.example.org;later@counseling.example.org\n";
    import(&desk, text, RosterOptions::default()).await;
    assert_eq!(counts(&import(&desk, text, RosterOptions::default()).await), (0, 0, 1, 0));
    let avoided = async || {
        let resident = residents(&desk).await.remove(0);
        let mut db = desk.store.read().await.unwrap();
        let institution = desk.institution(&mut db).await.unwrap();
        let therapists = therapists::therapists(&mut db, institution).await.unwrap();
        super::record::avoided(&desk.vault, &resident.attributes, &therapists).len()
    };
    assert_eq!(avoided().await, 1);
    let later = "name,email,modality,licensed_states\nLee Later,later@counseling.example.org,phone,CO\n";
    desk.import_therapists(&table(later), false).await.unwrap();
    desk.import_therapists(&demo("therapists.csv"), false).await.unwrap();
    assert_eq!(avoided().await, 2);
}

#[tokio::test]
async fn fifteen_hundred_residents_are_one_import() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, _) = desk_in(folder.path()).await;
    furnish(&desk).await;
    let many: Vec<String> =
        (0..1500).map(|n| format!("IM,Family{n},Given{n},r{n}@im.example.edu,1,A")).collect();
    let text = lines(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let started = std::time::Instant::now();
    let first = import(&desk, &text, RosterOptions::default()).await;
    let added = started.elapsed();
    let second = import(&desk, &text, RosterOptions::default()).await;
    println!("1,500 residents: added in {added:?}, found again in {:?}", started.elapsed() - added);
    assert_eq!((counts(&first), counts(&second)), ((1500, 0, 0, 0), (0, 0, 1500, 0)));
}
