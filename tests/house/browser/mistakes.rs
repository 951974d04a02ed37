//! Pages that say that something is wrong, or that nothing is there yet: open to everybody like all others, and the focus
//! lies on what went wrong.

use super::roster::{COORDINATOR, has_a_coordinator};
use super::signs_in;
use crate::harness::browser::{Browser, Look};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{DIRECTOR, House};

/// Holds visits in the small town.
const THERAPIST: &str = "mxiong@counseling.example.org";

/// What a page is called, where it is, what is filled in wrongly, the button that is pressed, and what is said then.
type Mistake =
    (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

/// The forms of a director.
const DIRECTORS: &[Mistake] = &[
    (
        "program",
        "/institution/programs/new",
        &[
            ("Short code", "X"),
            ("Name in full", "X"),
            ("Time zone", "Mars/Base"),
            ("State or province", "Colorado"),
            ("Coordinator’s e-mail", "x@example.edu"),
        ],
        "Save",
        "Time zone:",
    ),
    (
        "site",
        "/institution/sites/new",
        &[("Name of the site", "X"), ("Time zone", "Mars/Base"), ("State or province", "CO")],
        "Save",
        "Time zone:",
    ),
    (
        "therapist",
        "/institution/therapists/new",
        &[("Last name and credentials", "Quiroga"), ("E-mail", "q@example.edu"), ("Licensed states", "Mars")],
        "Save",
        "Licensed states: Not a state",
    ),
    (
        "offering",
        "/institution/offerings/new",
        &[
            ("Title", "Protected time"),
            ("First day of visits", "2027-07-05"),
            ("Last day of visits", "2027-07-02"),
            ("Length of a visit, in minutes", "5"),
        ],
        "Make the offering",
        "Something here cannot be taken yet.",
    ),
];

/// Those of a coordinator.
const COORDINATORS: &[Mistake] = &[
    (
        "person",
        "/program/IM/roster/person",
        &[("E-mail address", "nobody")],
        "Add to the roster",
        "Not saved yet",
    ),
    (
        "protected",
        "/program/IM/protected",
        &[("Day", "2027-07-14"), ("From", "13:00"), ("To", "13:00")],
        "Add",
        "end",
    ),
];

async fn makes(browser: &mut Browser, mistakes: &[Mistake]) {
    for (name, path, fields, button, said) in mistakes {
        browser.looks(Look::ALL[0]).await;
        browser.visit(path).await;
        for (label, text) in *fields {
            browser.fill(label, text).await;
        }
        browser.press(button).await;
        browser.sees(said).await;
        browser.has_the_focus_on(said).await;
        browser.is_open_to_everybody(&format!("wrong-{name}")).await;
    }
    browser.console_is_clean().await;
}

#[tokio::test]
async fn a_director_who_mistypes_is_told_where_in_every_form() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, DIRECTOR).await;
    makes(&mut browser, DIRECTORS).await;

    browser.looks(Look::ALL[0]).await;
    browser.visit("/institution/people").await;
    browser.press("Take away from").await;
    browser.has_the_focus_on("Somebody must direct").await;
    browser.is_open_to_everybody("wrong-people").await;

    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("therapists_with_mistakes.csv");
    let lines = "name,email,modality,licensed_states,sites,supervises\n\
                 A Quiroga,q@example.edu,video,CO,Nowhere Site,\nB Quiroga,r@example.edu,video,CO,,NOPE\n";
    std::fs::write(&file, lines).unwrap();
    browser.looks(Look::ALL[0]).await;
    browser.visit("/institution/therapists").await;
    browser.press("Therapists from a file").await;
    browser.attach("File", &file).await;
    browser.press("Bring this file").await;
    browser.has_the_focus_on("Some lines of the file cannot be taken").await;
    for text in ["holdspace", "`", "--"] {
        assert!(!browser.main_words().await.contains(text), "{text:?} is for a terminal");
    }
    browser.is_open_to_everybody("wrong-file").await;
}

#[tokio::test]
async fn a_coordinator_who_mistypes_is_told_where_in_every_form() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    has_a_coordinator(&house).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, COORDINATOR).await;
    makes(&mut browser, COORDINATORS).await;

    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (calendar, lines) = (folder.join("calendar.csv"), folder.join("protected_with_mistakes.csv"));
    std::fs::write(&calendar, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n").unwrap();
    let text = "program,cohort,email,date,start,end\nNOPE,A,,2027-07-14,13:00,17:00\n\
                IM,,nobody@example.edu,2027-07-14,13:00,17:00\n";
    std::fs::write(&lines, text).unwrap();
    for (name, path, field, button, file, said) in [
        (
            "roster-file",
            "roster/import",
            "Roster file",
            "Look through it",
            &calendar,
            "This file cannot be read",
        ),
        (
            "protected-file",
            "protected/import",
            "The file",
            "Look it through",
            &calendar,
            "calendar, not a table",
        ),
        (
            "protected-lines",
            "protected/import",
            "The file",
            "Look it through",
            &lines,
            "Lines that are not taken",
        ),
    ] {
        browser.looks(Look::ALL[0]).await;
        browser.visit(&format!("/program/IM/{path}")).await;
        browser.attach(field, file).await;
        browser.press(button).await;
        browser.sees(said).await;
        for text in ["holdspace", "`", "--"] {
            assert!(!browser.main_words().await.contains(text), "{text:?} is for a terminal: {name}");
        }
        browser.is_open_to_everybody(&format!("wrong-{name}")).await;
    }
    browser.console_is_clean().await;
}

#[tokio::test]
async fn a_therapist_who_mistypes_is_told_where() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, THERAPIST).await;
    browser.visit("/agenda/away").await;
    browser.fill("First day", "2027-07-14").await;
    browser.fill("Last day", "2027-07-12").await;
    browser.press("See what").await;
    browser.is_open_to_everybody("wrong-away").await;
    browser.visit("/agenda/hours").await;
    browser.press("Add this date").await;
    browser.is_open_to_everybody("wrong-hours").await;
    browser.console_is_clean().await;
}

#[tokio::test]
async fn pages_on_which_nothing_stands_yet_are_open_to_everybody() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, DIRECTOR).await;
    for page in ["programs", "therapists", "offerings", "letters", "capacity", "releases", "mail", "people"] {
        browser.visit(&format!("/institution/{page}")).await;
        browser.is_open_to_everybody(&format!("empty-{page}")).await;
    }
    browser.visit("/overview").await;
    browser.is_open_to_everybody("empty-overview").await;
    browser.console_is_clean().await;
}

#[tokio::test]
async fn pages_of_a_program_of_which_nothing_is_known_are_open_to_everybody() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let programs = crate::harness::town::tables(&house.town.programs);
    house.desk.import_programs(&programs, false).await.unwrap();
    has_a_coordinator(&house).await;
    let mut browser = Browser::open(&house.url()).await;
    signs_in(&mut browser, &house, COORDINATOR).await;
    for page in ["", "/roster", "/protected", "/plan", "/book", "/coverage", "/releases"] {
        browser.visit(&format!("/program/IM{page}")).await;
        browser.is_open_to_everybody(&format!("bare-{}", page.trim_start_matches('/'))).await;
    }
    browser.visit("/account").await;
    browser.is_open_to_everybody("account-staff").await;
    browser.console_is_clean().await;
}
