//! A director at work: setting up, inviting colleagues, looking at letters and at whether hours are enough.

mod access;
mod letters;
mod people;
mod setup;
mod supply;

use holdspace::storage::places;

use crate::harness::house::House;

/// What the form of an invitation sends for the coordinator of a program.
pub async fn coordinator_of(house: &House, code: &str) -> String {
    let mut db = house.store.read().await.unwrap();
    let institution = places::institution(&mut db).await.unwrap().unwrap();
    let programs = places::programs(&mut db, institution).await.unwrap();
    format!("coordinator:{}", programs.iter().find(|program| program.code == code).unwrap().id)
}

/// Every address that a director can look at while there is one offering.
pub async fn every_path(house: &House) -> Vec<String> {
    let offering = house.desk.show_offering(None).await.unwrap().id;
    let mut db = house.store.read().await.unwrap();
    let institution = places::institution(&mut db).await.unwrap().unwrap();
    let program = places::programs(&mut db, institution).await.unwrap().remove(0).id;
    let site = places::sites(&mut db, institution).await.unwrap().remove(0).id;
    let therapist =
        holdspace::storage::therapists::therapists(&mut db, institution).await.unwrap().remove(0).id;
    let fixed = [
        "/overview",
        "/institution/programs",
        "/institution/programs/new",
        "/institution/sites/new",
        "/institution/therapists",
        "/institution/therapists/new",
        "/institution/offerings",
        "/institution/offerings/new",
        "/institution/letters",
        "/institution/letters/invitation",
        "/institution/letters/invitation/page",
        "/institution/capacity",
        "/institution/releases",
        "/institution/releases.csv",
        "/institution/mail",
        "/institution/people",
    ];
    let own = [
        format!("/institution/programs/{program}"),
        format!("/institution/sites/{site}"),
        format!("/institution/therapists/{therapist}"),
        format!("/institution/offerings/{offering}"),
    ];
    fixed.into_iter().map(str::to_owned).chain(own).collect()
}
