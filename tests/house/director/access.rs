//! Who gets in, and who is led elsewhere.

use super::{coordinator_of, every_path};
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;

const ROSA: &str = "rosa@gme.example.edu";

#[tokio::test]
async fn a_directors_pages_are_a_directors_alone() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    let director = house.director().await;
    let role = coordinator_of(&house, "IM").await;
    director.sends("/institution/people", &[("name", "Rosa"), ("address", ROSA), ("role", &role)]).await;
    let coordinator = house.therapist(ROSA).signs_in().await;
    let therapist = house.therapist("mxiong@counseling.example.org").signs_in().await;
    for path in every_path(&house).await {
        assert_eq!(director.opens(&path).await.status, 200, "{path}");
        for (page, led_to) in [
            (house.get(&path).await, "/sign-in"),
            (coordinator.opens(&path).await, "/home"),
            (therapist.opens(&path).await, "/agenda"),
        ] {
            assert_eq!((page.status, page.header("location")), (303, led_to), "{path}");
            assert!(page.body.is_empty(), "{path}");
        }
    }
    let before = crate::harness::rest::at_rest(&db).await;
    for path in [
        "/institution/people",
        "/institution/people/take-away",
        "/institution/programs/new",
        "/institution/sites/new",
        "/institution/therapists/new",
        "/institution/offerings/new",
    ] {
        let form = [("name", "Eve"), ("address", ROSA), ("role", "director"), ("staff", "x")];
        for page in [house.form(path, &form).await, coordinator.sends(path, &form).await] {
            assert_eq!(page.status, 303, "{path}");
        }
    }
    assert!(crate::harness::rest::at_rest(&db).await == before, "somebody changed something");
}

#[tokio::test]
async fn what_there_is_not_is_answered_alike_everywhere() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    let director = house.director().await;
    let unknown = "a".repeat(26);
    let mut pages = Vec::new();
    for place in ["programs", "sites", "therapists", "offerings", "letters"] {
        for id in [unknown.as_str(), "x", "%00"] {
            pages.push(director.opens(&format!("/institution/{place}/{id}")).await);
        }
    }
    pages.push(director.opens(&format!("/institution/capacity?offering={unknown}")).await);
    pages.push(director.opens(&format!("/institution/releases/{unknown}/release.csv")).await);
    assert!(pages.iter().all(|page| page.status == 404 && *page == pages[0]), "{pages:?}");
}
