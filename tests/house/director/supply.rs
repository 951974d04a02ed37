//! Whether hours are enough: the page says what the plan says.

use crate::harness::engines::TestDatabase;
use crate::harness::house::House;
use crate::harness::town::Town;

#[tokio::test]
async fn the_headline_is_the_plans_own_answer_and_names_nobody() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let town = Town::crowd(120);
    house.imports(&town).await;
    house.opens_an_offering().await;
    let plan = house.desk.plan(None, None).await.unwrap();
    assert!(plan.unplaced.len() > 1, "{} are placed", plan.placed);
    let page = house.director().await.opens("/institution/capacity").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let headline = format!("You need {} more visits in July", plan.unplaced.len());
    assert!(page.body.contains(&headline), "{headline} is not in {}", page.body);
    assert!(page.body.contains(&plan.unplaced[0].reason), "the reason is not told");
    assert!(page.body.contains("Short by"), "{}", page.body);
    for secret in town.secrets() {
        assert!(!page.body.contains(&secret), "the page holds {secret}");
    }
}

#[tokio::test]
async fn where_everybody_has_a_place_it_says_so_and_without_a_roster_too() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let director = house.director().await;
    let page = director.opens("/institution/capacity").await;
    assert!(page.body.contains("No offering yet"), "{}", page.body);
    house.opens_an_offering().await;
    let page = director.opens("/institution/capacity").await;
    assert!(page.body.contains("No resident is on a roster yet"), "{}", page.body);
    house.imports_the_sample_files().await;
    let page = director.opens("/institution/capacity").await;
    assert!(page.body.contains("There is a place for everybody"), "{}", page.body);
    assert!(page.body.contains("Week") && page.body.contains("<svg aria-hidden"), "{}", page.body);
}
