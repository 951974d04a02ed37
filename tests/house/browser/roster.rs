//! A coordinator takes the file that is kept in Excel to an applied roster.

use std::path::Path;

use holdspace::desk::session::{Session, Who};
use holdspace::domain::id::StaffId;
use holdspace::domain::staff::{Grants, Role};

use super::signs_in;
use crate::harness::browser::Browser;
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;

/// Keeps the roster of Internal Medicine.
pub const COORDINATOR: &str = "coordinator@im.example.edu";

/// Makes the coordinator one.
pub async fn has_a_coordinator(house: &House) {
    let grants: Grants = [Role::Director].into_iter().collect();
    let director = Session { who: Who::Staff(StaffId::from_bytes([1; 16]), grants) };
    let program = house.desk.program_of(&director, "IM").await.unwrap();
    let role = Role::Coordinator(program.id);
    house.desk.grant(&director, "Cory Coordinator", &COORDINATOR.parse().unwrap(), role).await.unwrap();
}

async fn brings_the_file(house: &House, browser: &mut Browser) {
    has_a_coordinator(house).await;
    signs_in(browser, house, COORDINATOR).await;
    browser.visit("/program/IM/roster").await;
    browser.press("Upload a roster").await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/roster_as_kept_in_excel.xlsx");
    browser.attach("Roster file", &file).await;
    browser.press("Look through it").await;
    browser.sees("Look through the file").await;
    browser.sees("Lines that are not taken").await;
    browser.screenshot("roster-look").await;
    browser.press("Save these changes").await;
    browser.sees("Saved:").await;
    browser.console_is_clean().await;
}

#[tokio::test]
async fn a_coordinator_takes_the_file_from_excel_to_a_roster() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let mut browser = Browser::open(&house.url()).await;
    brings_the_file(&house, &mut browser).await;
    browser.has_no_axe_violations().await;
}

#[tokio::test]
async fn a_coordinator_without_scripts_does_the_same() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let mut browser = Browser::open(&house.url()).without_scripts().await;
    brings_the_file(&house, &mut browser).await;
}
