//! Everything that a director does, with a keyboard only and again without scripts: invites a colleague, adds a therapist,
//! makes an offering and looks at its letters, reads what may be read.

use super::hand::{Hand, Way};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{DIRECTOR, House};

async fn at_work(house: &House, way: Way) -> Hand {
    let mut dana = Hand::at(house, way).await;
    dana.signs_in(house, DIRECTOR).await;
    dana
}

async fn invites_a_coordinator(way: Way) {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let mut dana = at_work(&house, way).await;
    dana.goes("People").await;
    dana.writes("Name", " ").await;
    dana.writes("Work e-mail", "rosa@gme.example.edu").await;
    dana.picks("What they may do", "Coordinator of Internal Medicine (IM)").await;
    dana.goes("Send the invitation").await;
    dana.is_told("Write the name").await;
    dana.goes("Name: Write the name").await;
    dana.browser.has_the_field("Name").await;
    dana.writes("Name", "Rosa Imani").await;
    dana.goes("Send the invitation").await;
    dana.browser.sees("The invitation is on its way").await;
    dana.goes("Take away from Rosa Imani").await;
    dana.browser.sees("That role was taken away").await;
    dana.browser.console_is_clean().await;
}

async fn adds_a_therapist(way: Way) {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let mut dana = at_work(&house, way).await;
    dana.goes("Setting up").await;
    dana.goes("Therapists").await;
    dana.goes("Add a therapist").await;
    dana.writes("First name", "Ines").await;
    dana.writes("Last name and credentials", "Quiroga, LCSW").await;
    dana.writes("E-mail", "iquiroga@counseling.example.org").await;
    dana.writes("Video address", "https://video.example.org/iq").await;
    dana.writes("Licensed states", "Colorado Springs").await;
    dana.goes("Save").await;
    dana.is_told("Something here cannot be taken yet").await;
    dana.writes("Licensed states", "CO; NM").await;
    dana.ticks("Telephone").await;
    dana.writes("Telephone", "+1-555-010-0199").await;
    dana.goes("Save").await;
    dana.browser.sees("Saved.").await;
    dana.browser.sees("Ines Quiroga").await;
    dana.browser.console_is_clean().await;
}

async fn makes_an_offering_and_looks_at_a_letter(way: Way) {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let mut dana = at_work(&house, way).await;
    dana.goes("Setting up").await;
    dana.goes("Offerings").await;
    dana.goes("Make an offering").await;
    dana.writes("Title", "Protected time").await;
    dana.writes("First day of visits", "2027-07-05").await;
    dana.writes("Last day of visits", "2027-07-02").await;
    dana.goes("Make the offering").await;
    dana.is_told("Last day of visits:").await;
    dana.writes("Last day of visits", "2027-07-16").await;
    dana.goes("Make the offering").await;
    dana.browser.sees("Nothing was booked by these rules yet").await;
    dana.goes("See its letters").await;
    dana.goes("Invitation").await;
    dana.browser.sees("The people, times and addresses are invented.").await;
    dana.goes("All letters").await;
    dana.browser.console_is_clean().await;
}

async fn reads_what_a_director_may_read(way: Way) {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let mut dana = at_work(&house, way).await;
    dana.goes("Capacity").await;
    dana.goes("Month by month").await;
    dana.goes("Mail").await;
    dana.browser.sees("Letters that everyone gets").await;
    dana.goes("Releases").await;
    dana.goes("How to read a figure").await;
    dana.browser.sees("Two seasons differ only if their bands do not overlap.").await;
    dana.goes("Overview").await;
    dana.browser.sees("Residents on the rosters 16").await;
    dana.goes("Your account").await;
    dana.goes("Sign out").await;
    dana.browser.console_is_clean().await;
}

#[tokio::test]
async fn a_director_who_has_only_a_keyboard_invites_a_coordinator() {
    invites_a_coordinator(Way::Keyboard).await;
}

#[tokio::test]
async fn a_director_without_scripts_invites_a_coordinator() {
    invites_a_coordinator(Way::NoScripts).await;
}

#[tokio::test]
async fn a_director_who_has_only_a_keyboard_adds_a_therapist() {
    adds_a_therapist(Way::Keyboard).await;
}

#[tokio::test]
async fn a_director_without_scripts_adds_a_therapist() {
    adds_a_therapist(Way::NoScripts).await;
}

#[tokio::test]
async fn a_director_who_has_only_a_keyboard_makes_an_offering_and_looks_at_a_letter() {
    makes_an_offering_and_looks_at_a_letter(Way::Keyboard).await;
}

#[tokio::test]
async fn a_director_without_scripts_makes_an_offering_and_looks_at_a_letter() {
    makes_an_offering_and_looks_at_a_letter(Way::NoScripts).await;
}

#[tokio::test]
async fn a_director_who_has_only_a_keyboard_reads_what_may_be_read() {
    reads_what_a_director_may_read(Way::Keyboard).await;
}

#[tokio::test]
async fn a_director_without_scripts_reads_what_may_be_read() {
    reads_what_a_director_may_read(Way::NoScripts).await;
}
