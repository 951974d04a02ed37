//! The one figure that a program sees, and what stands in its place before the day.

use super::{COORDINATOR, OTHER, coordinator, words};
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;

#[tokio::test]
async fn a_program_sees_its_own_figure_and_a_small_one_the_institutions() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let page = words(&cory.opens("/program/IM/releases").await);
    assert!(page.contains("It comes on Friday, August 13, 2027."), "{page}");
    assert!(page.contains("which share of your program’s residents"), "{page}");
    let other = coordinator(&house, OTHER, &["NEPH"]).await;
    let page = words(&other.opens("/program/NEPH/releases").await);
    assert!(page.contains("You will see the institution’s total"), "{page}");

    assert_eq!(house.it_becomes("2027-08-13T12:00:00Z").await.released, 1);
    let cory = house.therapist(COORDINATOR).signs_in().await;
    let page = cory.opens("/program/IM/releases").await;
    let text = words(&page);
    assert!(
        text.contains("Internal Medicine 14 people") && page.body.contains("<svg role=\"img\""),
        "{text}"
    );
    assert!(!page.body.contains("Example Health"), "the total is not the program's");
    let csv = page.body.split_once("/releases/").unwrap().1.split('"').next().unwrap();
    let file = cory.opens(&format!("/program/IM/releases/{csv}")).await;
    assert_eq!((file.status, file.body.lines().count()), (200, 2), "{}", file.body);
    assert!(file.body.contains(",unit,\"Internal Medicine\",14,"), "{}", file.body);

    let other = house.therapist(OTHER).signs_in().await;
    let page = words(&other.opens("/program/NEPH/releases").await);
    assert!(
        page.contains("so this is the institution’s total") && page.contains("Example Health 16 people"),
        "{page}"
    );
    assert!(!page.contains("Internal Medicine"), "{page}");
    let file = other.opens(&format!("/program/NEPH/releases/{csv}")).await;
    assert!(file.body.contains(",institution,\"Example Health\",16,"), "{}", file.body);
    assert!(!file.body.contains("Internal Medicine"));
}
