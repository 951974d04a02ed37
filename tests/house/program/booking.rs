//! One batch for all programs: who may press the button, what the page tells meanwhile, and that nobody is booked twice.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::COOKIE;

use super::{COORDINATOR, OTHER, coordinator, words};
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;

async fn prepared(db: &TestDatabase) -> (House, String) {
    let house = House::on(db).await;
    house.imports_the_sample_files().await;
    let offering = house.opens_an_offering().await.id.to_string();
    (house, offering)
}

on_both_engines! {
    async fn a_coordinator_of_some_programs_says_ready_and_a_director_books_all(db: TestDatabase) {
        let (house, offering) = prepared(&db).await;
        let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
        let page = cory.opens("/program/IM/book").await;
        assert!(!page.body.contains("Book everybody now") && page.body.contains("My program is ready"));
        let pressed = cory.sends("/program/IM/book", &[("season", &offering)]).await;
        assert_eq!(pressed.status, 404, "nobody books for a program that is not theirs");
        let said = cory.sends("/program/IM/ready", &[("season", &offering), ("ready", "yes")]).await;
        assert_eq!(said.status, 303);
        let page = words(&cory.opens(said.header("location")).await);
        assert!(page.contains("Internal Medicine is ready since Tuesday, June 1, 2027."), "{page}");
        assert!(page.contains("Nephrology Fellowship 2 not yet"), "{page}");

        let director = house.director_again().await;
        let path = format!("/offering/{offering}/book");
        let page = words(&director.opens(&path).await);
        assert!(page.contains("Not ready yet: Nephrology Fellowship. You can book all the same"), "{page}");
        // Of thirty a minute, twenty-five are for letters that everyone gets.
        assert!(page.contains("Announcements take about a minute: 16 at 25 a minute."), "{page}");
        let other = coordinator(&house, OTHER, &["NEPH"]).await;
        other.sends("/program/NEPH/ready", &[("season", &offering), ("ready", "yes")]).await;
        other.sends("/program/NEPH/ready", &[("season", &offering), ("ready", "no")]).await;
        assert!(words(&director.opens(&path).await).contains("Nephrology Fellowship 2 not yet"));
        let booked = director.sends(&path, &[]).await;
        let text = words(&booked);
        assert_eq!((booked.status, booked.header("cache-control")), (200, "no-store"));
        assert!(booked.header("content-security-policy").contains("script-src 'self'"));
        assert!(booked.body.contains("<progress max=\"100\" value=\"100\"") && booked.body.trim_end().ends_with("</html>"));
        assert!(text.contains("16 residents were given a time, over all programs. Nobody waits."), "{text}");
        assert!(text.contains("Announcements go out now. Invitations go out on Sunday, June 6, 2027"), "{text}");
        assert!(text.contains("Announcements take about a minute: 16 at 25 a minute."), "{text}");
        let again = words(&director.sends(&path, &[]).await);
        assert!(again.contains("nothing was changed. 16 residents had one before"), "{again}");
        assert!(!again.contains("a minute"), "nothing leaves: {again}");
        assert!(!words(&director.opens(&path).await).contains("a minute"), "nobody knows how many a further batch invites");
        let season = words(&cory.opens("/program/IM").await);
        assert!(season.contains("Booked; the last time on Tuesday, June 1, 2027."), "{season}");
    }
}

#[tokio::test]
async fn whoever_looks_after_every_program_books_alone() {
    let db = TestDatabase::sqlite();
    let (house, offering) = prepared(&db).await;
    let cory = coordinator(&house, COORDINATOR, &["IM", "NEPH"]).await;
    assert!(cory.opens("/program/IM/book").await.body.contains("Book everybody now"));
    let page = cory.sends("/program/IM/book", &[("season", &offering)]).await;
    assert!(words(&page).contains("16 residents were given a time"), "{}", page.body);
    assert!(page.body.contains(&format!("href=\"/program/IM?season={offering}\"")));
    assert_eq!(cory.sends("/program/IM/book", &[("season", "nonsense")]).await.status, 404);
}

#[tokio::test]
async fn a_batch_goes_on_when_its_page_is_closed() {
    let db = TestDatabase::sqlite();
    let (house, offering) = prepared(&db).await;
    let cory = coordinator(&house, COORDINATOR, &["IM", "NEPH"]).await;
    // Whoever waits for the lock sees so, and goes away.
    let before = house.store.write().await.unwrap();
    let request = house.request(Method::POST, "/program/IM/book").header(COOKIE, &cory.cookie);
    let mut response = request.form(&[("season", &offering)]).send().await.unwrap();
    let mut text = String::new();
    while !text.contains("Waiting for another booking") {
        text += &String::from_utf8_lossy(&response.chunk().await.unwrap().expect("a part of the page"));
    }
    assert!(!text.contains("</html>"), "the page came before the batch was done");
    drop(response);
    drop(before);
    for _ in 0..200 {
        if words(&cory.opens("/program/IM").await).contains("Booked; the last time") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the batch stopped with its page");
}
