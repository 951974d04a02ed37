//! What a coordinator does with protected time: a week of a cohort, one person's own, and a file. That no visit moves by
//! it is for the batch.

use super::{COORDINATOR, coordinator, words};
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page};
use crate::harness::person::SignedIn;

const PATH: &str = "/program/IM/protected";

async fn house(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.imports_the_sample_files().await;
    house
}

/// The hidden fields and the button of the first form that a page has for removing a block.
fn first_removal(page: &Page) -> Vec<(String, String)> {
    let form = page.body.split_once("/remove\"").expect("a block can be removed").1;
    let form = form.split("</form>").next().unwrap();
    let fields = form.split("name=\"").skip(1).map(|part| {
        let (name, rest) = part.split_once('"').unwrap();
        let value = rest.split_once("value=\"").unwrap().1.split('"').next().unwrap();
        (name.to_owned(), value.to_owned())
    });
    fields.collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What the page of a file that is looked through says, and its digest.
async fn looks_through(cory: &SignedIn<'_>, name: &str, text: &str) -> (String, Page, String) {
    let sent = cory.brings(&format!("{PATH}/import"), name, text).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let look = sent.header("location").to_owned();
    let page = cory.opens(&look).await;
    let shown = page.body.split_once("name=\"shown\" value=\"").expect("it can be taken").1;
    let shown = shown.split('"').next().unwrap().to_owned();
    (look.split('?').next().unwrap().to_owned(), page, shown)
}

#[tokio::test]
async fn a_cohorts_week_is_written_down_and_taken_back() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let fields = [
        ("whose", "cohort:a"),
        ("kind", "protected"),
        ("on", "2027-10-05"),
        ("from", "13:00"),
        ("to", "17:00"),
        ("until", "2027-10-19"),
    ];
    let added = cory.sends(PATH, &fields).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let page = cory.opens(added.header("location")).await;
    assert!(
        words(&page).contains("Saved.") && words(&page).contains("1:00–5:00 PM protected"),
        "{}",
        page.body
    );
    for week in ["2027-10-12", "2027-10-19"] {
        let page = cory.opens(&format!("{PATH}?whose=cohort%3Aa&week={week}")).await;
        assert!(words(&page).contains("1:00–5:00 PM"), "every week until the last day: {week}");
    }
    let after = cory.opens(&format!("{PATH}?whose=cohort%3Aa&week=2027-10-26")).await;
    assert!(words(&after).contains("Nothing is written down for this week."));
    let removal = first_removal(&page);
    let removed = cory.sends(&format!("{PATH}/remove"), &borrowed(&removal)).await;
    assert!(!words(&cory.opens(removed.header("location")).await).contains("1:00–5:00 PM"));
    let again = cory.sends(&format!("{PATH}/remove"), &borrowed(&removal)).await;
    assert_eq!(again.status, 303, "removed twice, it says what holds");
}

#[tokio::test]
async fn what_cannot_be_is_said_beside_what_was_typed() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let ask = |on: &'static str, from: &'static str, to: &'static str, until: &'static str| {
        let cory = &cory;
        async move {
            let fields = [
                ("whose", "cohort:a"),
                ("kind", "never"),
                ("on", on),
                ("from", from),
                ("to", to),
                ("until", until),
            ];
            let page = cory.sends(PATH, &fields).await;
            assert_eq!(page.status, 422, "{}", page.body);
            page
        }
    };
    let page = ask("2027-10-05", "13:00", "13:00", "").await;
    assert!(words(&page).contains("It ends when it begins"), "{}", page.body);
    assert!(page.body.contains("value=\"13:00\"") && page.body.contains("value=\"never\" selected"));
    assert!(
        words(&ask("2027-10-05", "noon", "13:00", "").await).contains("Give the hour at which it begins")
    );
    assert!(
        words(&ask("2027-10-05", "12:00", "13:00", "2027-10-01").await).contains("lies before the first")
    );
    assert!(words(&ask("2027-10-05", "12:00", "13:00", "2031-10-01").await).contains("more than two years"));
    assert!(words(&ask("9999-10-05", "12:00", "13:00", "").await).contains("between the years"));
}

#[tokio::test]
async fn time_of_another_program_is_not_there_to_look_at_or_to_change() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    // Both programs have residents of a cohort A; this one lies in the other program alone.
    let neph = house
        .desk
        .programs_of(&super::session(&house, house.director_again().await.cookie()).await)
        .await
        .unwrap();
    let neph = neph.into_iter().find(|program| program.code == "NEPH").unwrap();
    let mut db = house.store.read().await.unwrap();
    let rows = holdspace::storage::people::residents_of(&mut db, neph.id).await.unwrap();
    drop(db);
    let foreign = format!("resident:{}", rows[0].id);
    let foreign = foreign.as_str();
    assert_eq!(cory.opens(&format!("{PATH}?whose={foreign}")).await.status, 404);
    let fields = [
        ("whose", foreign),
        ("kind", "protected"),
        ("on", "2027-10-05"),
        ("from", "13:00"),
        ("to", "17:00"),
        ("until", ""),
    ];
    assert_eq!(cory.sends(PATH, &fields).await.status, 404);
    let file = "program,cohort,date,start,end\nNEPH,N,2027-10-06,13:00,17:00\n";
    let (_, page, _) = looks_through(&cory, "time.csv", file).await;
    assert!(
        words(&page).contains("New blocks 0") && words(&page).contains("Lines not taken 1"),
        "{}",
        page.body
    );
}

on_both_engines! {
    async fn a_file_is_looked_through_and_taken_as_it_was_shown(db: TestDatabase) {
        let house = house(&db).await;
        let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
        let file = "program,cohort,date,start,end\nIM,A,2027-10-06,13:00,17:00\nIM,A,noday,13:00,17:00\n";
        let (path, page, shown) = looks_through(&cory, "time.csv", file).await;
        let text = words(&page);
        assert!(text.contains("New blocks 1") && text.contains("Lines not taken 1"), "{text}");
        assert!(text.contains(" 3 "), "the line is named: {text}");
        let nothing = cory.opens(&format!("{PATH}?whose=cohort%3Aa&week=2027-10-06")).await;
        assert!(words(&nothing).contains("Nothing is written down for this week."), "looking takes nothing");

        // Meanwhile a colleague writes the same time down.
        let fields = [
            ("whose", "cohort:a"),
            ("kind", "protected"),
            ("on", "2027-10-06"),
            ("from", "13:00"),
            ("to", "17:00"),
            ("until", ""),
        ];
        cory.sends(PATH, &fields).await;
        let page = cory.sends(&path, &[("format", "csv"), ("shown", &shown)]).await;
        assert!(words(&page).contains("Meanwhile something else changed"), "{}", page.body);
        let shown = page.body.split_once("name=\"shown\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        let page = cory.sends(&path, &[("format", "csv"), ("shown", &shown)]).await;
        assert!(words(&page).contains("Taken: 0 new, 0 removed."), "{}", page.body);
        assert_eq!(cory.sends(&path, &[("format", "csv"), ("shown", &shown)]).await.status, 404, "it is done with");
        let nothing = cory.brings(&format!("{PATH}/import"), "time.pdf", "%PDF-1.7").await;
        assert_eq!(nothing.status, 422);
        assert!(words(&nothing).contains("PDF, not a table"));
    }
}

#[tokio::test]
async fn a_schedules_words_mean_what_the_coordinator_says() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let schedule = include_str!("../../../demo/amion_625ctabs.txt");
    let sent = cory.brings(&format!("{PATH}/import"), "amion.txt", schedule).await;
    let path = sent.header("location").split('?').next().unwrap().to_owned();
    let page = cory.opens(&format!("{path}?format=amion")).await;
    assert!(words(&page).contains("What the schedule’s words mean"), "{}", page.body);
    let count = |page: &Page| {
        let text = words(page);
        text.split_once("New blocks ").unwrap().1.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    let usual = count(&page);
    assert!(usual > 0);
    // Every word is duty: nothing is left to be taken.
    let names: Vec<&str> = page
        .body
        .split("name=\"name\" value=\"")
        .skip(1)
        .map(|part| part.split('"').next().unwrap())
        .collect();
    let mut fields = vec![("format", "amion")];
    for name in &names {
        fields.extend([("name", *name), ("means", "duty")]);
    }
    assert_eq!(count(&cory.sends(&path, &fields).await), 0, "{names:?}");
}
