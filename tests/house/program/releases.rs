//! The one figure that a program sees, and what stands in its place before the day.

use holdspace::domain::offering::Rules;

use super::{COORDINATOR, OTHER, coordinator, words};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, fortnight};

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

#[tokio::test]
async fn last_years_figure_stands_beside_the_new_one_and_stays_as_it_was() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    coordinator(&house, COORDINATOR, &["IM"]).await;
    assert_eq!(house.it_becomes("2027-08-13T12:00:00Z").await.released, 1);
    let cory = house.therapist(COORDINATOR).signs_in().await;
    let before = cory.opens("/program/IM/releases.csv").await.body;
    assert_eq!(before.lines().count(), 2, "{before}");

    house.it_becomes("2028-06-05T12:00:00Z").await;
    let (from, until) = ("2028-07-03".parse().unwrap(), "2028-07-14".parse().unwrap());
    let next = house.opens(Rules { from, until, ..fortnight() }).await.id.to_string();
    house.desk.book(Some(&next)).await.unwrap();
    assert_eq!(house.it_becomes("2028-08-14T12:00:00Z").await.released, 1);
    let cory = house.therapist(COORDINATOR).signs_in().await;
    let page = cory.opens("/program/IM/releases").await;
    assert_eq!(page.body.matches("<svg role=\"img\"").count(), 1, "one picture of both: {}", page.body);
    let text = words(&page);
    let (new, old) = (text.find("Protected time, Aug 2028"), text.find("Protected time, Aug 2027"));
    assert!(new.unwrap() < old.unwrap(), "{text}");
    let both = cory.opens("/program/IM/releases.csv").await.body;
    assert_eq!(both.lines().count(), 3, "{both}");
    assert!(both.contains(before.lines().nth(1).unwrap()), "what was frozen stays: {both}");

    let page = house.director_again().await.opens("/institution/releases").await;
    assert_eq!(page.body.matches("<svg role=\"img\"").count(), 2, "the institution and one program");
    let text = words(&page);
    assert!(
        text.find("Example Health 16 people").unwrap() < text.find("Internal Medicine 14 people").unwrap()
    );
}
