//! Letters as a director looks at them before anybody gets one.

use holdspace::domain::letter::Letter;

use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, fortnight};
use holdspace::domain::offering::Rules;

#[tokio::test]
async fn every_letter_can_be_looked_at_in_a_frame_that_can_do_nothing() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.opens(Rules { title: "Held half-hour".to_owned(), ..fortnight() }).await;
    let director = house.director().await;
    let list = director.opens("/institution/letters").await;
    for letter in Letter::ALL {
        assert!(list.body.contains(&format!("/institution/letters/{letter}?offering=")), "{letter}");
        let page = director.opens(&format!("/institution/letters/{letter}")).await;
        assert_eq!(page.status, 200);
        let frames: Vec<&str> =
            page.body.split("<iframe ").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
        assert_eq!(frames.len(), 2, "{letter}");
        for frame in frames {
            assert!(frame.ends_with(" sandbox") && frame.contains("title=\""), "{frame}");
        }
        let source = page.body.split("src=\"/institution").nth(1).unwrap().split('"').next().unwrap();
        let framed = director.opens(&format!("/institution{source}")).await;
        assert_eq!(framed.status, 200, "{letter}");
        let policy = framed.header("content-security-policy");
        assert!(policy.contains("sandbox;") && policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(policy.contains("default-src 'none'") && !policy.contains("script"), "{policy}");
        assert!(!page.header("content-security-policy").contains("unsafe-inline"));
        if letter.for_everyone() {
            assert!(page.body.contains("Held half-hour"), "{letter}: {}", page.body);
        }
    }
}
