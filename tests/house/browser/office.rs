//! Everything that a coordinator does, with a keyboard only and again without scripts: from the file in Excel to booked,
//! protected time, a late starter, somebody who leaves, and the release.

use super::hand::{Hand, Way};
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;
use crate::program::{COORDINATOR, entrust};

/// Looks after every program of the small town, with an offering open.
async fn prepared(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    entrust(&house, COORDINATOR, &["IM", "NEPH"]).await;
    house
}

async fn at_work(house: &House, way: Way) -> Hand {
    let mut cory = Hand::at(house, way).await;
    cory.signs_in(house, COORDINATOR).await;
    cory.goes("Internal Medicine, IM").await;
    cory
}

async fn from_excel_to_booked(way: Way) {
    let db = TestDatabase::sqlite();
    let house = prepared(&db).await;
    let mut cory = at_work(&house, way).await;
    cory.goes("Roster").await;
    cory.goes("Upload a roster").await;
    cory.brings("Roster file", "docs/pictures/season.png").await;
    cory.goes("Look through it").await;
    cory.is_told("This file cannot be read").await;
    cory.brings("Roster file", "demo/roster_as_kept_in_excel.xlsx").await;
    cory.goes("Look through it").await;
    cory.browser.sees("Lines that are not taken").await;
    cory.goes("Save these changes").await;
    cory.browser.sees("Saved:").await;
    cory.goes("Season").await;
    cory.goes("Look at the plan").await;
    cory.goes("Go on to booking").await;
    cory.goes("Book everybody now").await;
    cory.browser.sees("Finished").await;
    cory.goes("Go on to the season").await;
    cory.browser.sees("Booked; the last time on Tuesday, June 1, 2027.").await;
    cory.browser.console_is_clean().await;
}

async fn protected_time_by_the_week_and_from_a_file(way: Way) {
    let db = TestDatabase::sqlite();
    let house = prepared(&db).await;
    let mut cory = at_work(&house, way).await;
    cory.goes("Protected time").await;
    cory.goes("Later").await;
    cory.writes("Day", "2027-07-14").await;
    cory.writes("From", "13:00").await;
    cory.writes("To", "13:00").await;
    cory.goes("Add").await;
    cory.is_told("end").await;
    cory.writes("To", "15:30").await;
    cory.goes("Add").await;
    cory.browser.sees("Saved.").await;
    cory.browser.sees("1:00–3:30 PM").await;
    cory.goes("Remove protected time, 1:00–3:30 PM").await;
    cory.browser.does_not_see("1:00–3:30 PM").await;
    cory.goes("Bring in a file").await;
    cory.brings("The file", "demo/amion_625ctabs.txt").await;
    cory.picks_other("A table (.xlsx or .csv)", "Amion, report 625c").await;
    cory.goes("Look it through").await;
    cory.browser.sees("What the schedule’s words mean").await;
    cory.goes("Look again").await;
    cory.goes("Take it").await;
    cory.browser.sees("Taken:").await;
    cory.browser.console_is_clean().await;
}

async fn one_is_corrected_one_comes_late_and_one_leaves(way: Way) {
    let db = TestDatabase::sqlite();
    let house = prepared(&db).await;
    let mut cory = at_work(&house, way).await;
    cory.goes("Roster").await;
    cory.goes("Add one person").await;
    cory.writes("Last name", "Okafor").await;
    cory.writes("First name", "Lena").await;
    cory.writes("E-mail address", "lokafor").await;
    cory.goes("Add to the roster").await;
    cory.is_told("Not saved yet").await;
    cory.goes("Not an e-mail address").await;
    cory.browser.has_the_field("E-mail address").await;
    cory.writes("E-mail address", "lokafor@im.example.edu").await;
    cory.writes("First day", "2027-07-08").await;
    cory.goes("Add to the roster").await;
    cory.browser.sees("Saved.").await;
    cory.writes("Name or e-mail address", "okafor").await;
    cory.goes("Search").await;
    cory.goes("Okafor").await;
    cory.writes("Last day", "2027-07-12").await;
    cory.goes("Save").await;
    cory.browser.sees("Saved.").await;
    cory.writes("Name or e-mail address", "okafor").await;
    cory.goes("Search").await;
    cory.goes("Okafor").await;
    cory.goes("Take off the roster").await;
    let danger = cory.browser.buttons().await;
    assert_eq!(danger.iter().filter(|name| name.starts_with("Take off the roster")).count(), 2, "{danger:?}");
    cory.takes_off().await;
    cory.browser.sees("Saved.").await;
    cory.goes("People who left (1)").await;
    cory.goes("Okafor").await;
    cory.goes("Put back on the roster").await;
    cory.browser.sees("Saved.").await;
    cory.browser.console_is_clean().await;
}

async fn reads_what_was_released(way: Way) {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    entrust(&house, COORDINATOR, &["IM", "NEPH"]).await;
    house.it_becomes("2027-08-16T12:00:00Z").await;
    let mut cory = at_work(&house, way).await;
    cory.goes("Releases").await;
    cory.browser.sees("14 people").await;
    cory.goes("How to read the figure").await;
    cory.browser.sees("Two seasons differ only if their bands do not overlap.").await;
    cory.goes("Download all seasons as CSV").await;
    cory.goes("Coverage").await;
    cory.browser.sees("Coverage").await;
    cory.browser.console_is_clean().await;
}

impl Hand {
    /// The button within the part that was opened bears the part's own words.
    async fn takes_off(&mut self) {
        self.browser.keys("Tab").await;
        self.browser.enter().await;
    }
}

#[tokio::test]
async fn a_coordinator_who_has_only_a_keyboard_takes_the_file_from_excel_to_booked() {
    from_excel_to_booked(Way::Keyboard).await;
}

#[tokio::test]
async fn a_coordinator_without_scripts_takes_the_file_from_excel_to_booked() {
    from_excel_to_booked(Way::NoScripts).await;
}

#[tokio::test]
async fn a_coordinator_who_has_only_a_keyboard_writes_protected_time_down() {
    protected_time_by_the_week_and_from_a_file(Way::Keyboard).await;
}

#[tokio::test]
async fn a_coordinator_without_scripts_writes_protected_time_down() {
    protected_time_by_the_week_and_from_a_file(Way::NoScripts).await;
}

#[tokio::test]
async fn a_coordinator_who_has_only_a_keyboard_keeps_the_roster() {
    one_is_corrected_one_comes_late_and_one_leaves(Way::Keyboard).await;
}

#[tokio::test]
async fn a_coordinator_without_scripts_keeps_the_roster() {
    one_is_corrected_one_comes_late_and_one_leaves(Way::NoScripts).await;
}

#[tokio::test]
async fn a_coordinator_who_has_only_a_keyboard_reads_the_release() {
    reads_what_was_released(Way::Keyboard).await;
}

#[tokio::test]
async fn a_coordinator_without_scripts_reads_the_release() {
    reads_what_was_released(Way::NoScripts).await;
}
