//! A release that was withdrawn: no page, file or answer shows a figure of it again, all of them say when and why, and what it
//! spent stays spent. Never asks how many really came.

use crate::harness::engines::on_both_engines;
use crate::harness::house::House;
use crate::harness::rest::at_rest;
use crate::program::{self, COORDINATOR};
use crate::releases::{DAY, after_the_visits, refused};

const WHY: &str = "The roster was that of last year <sic>";

/// The token that an account page shows once.
fn token(page: &str) -> String {
    let shown = page.split("id=\"token\"").nth(1).expect("the page shows a token");
    shown.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn asks(house: &House, token: &str, path: &str) -> (u16, String) {
    let answer = house.request(reqwest::Method::GET, path).bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

on_both_engines! {
    async fn a_withdrawn_release_is_told_and_not_shown(db: TestDatabase) {
        let house = after_the_visits(&db).await;
        let offering = house.desk.plan(None, None).await.unwrap().offering;
        let nothing_yet = refused(house.desk.withdraw(None, WHY).await);
        assert!(nothing_yet.contains("nothing is released yet"), "{nothing_yet}");
        assert_eq!(house.it_becomes(DAY).await.released, 1);
        let release = house.desk.release(None).await.unwrap();
        let (rest, figure) = (at_rest(&db).await, release.figures[0].words());
        let no_reason = refused(house.desk.withdraw(None, " ").await);
        assert!(no_reason.contains("say in one line"), "{no_reason}");

        house.sleeps(1).await;
        let done = house.desk.withdraw(None, WHY).await.unwrap();
        assert_eq!((done.on.to_string().as_str(), done.reason.as_str()), ("2027-08-14", WHY));
        let shown = WHY.replace('<', "&#60;").replace('>', "&#62;");
        let director = house.director_again().await;
        let page = director.opens("/institution/releases").await.body;
        assert!(page.contains("were withdrawn on Saturday, August 14, 2027") && page.contains(&shown), "{page}");
        let csv = director.release_csv(&offering).await;
        assert_eq!((csv.status, csv.body.lines().count()), (200, 2));
        assert!(csv.body.contains(",withdrawn,,,") && csv.body.contains(WHY), "{}", csv.body);
        let all = director.opens("/institution/releases.csv").await.body;
        assert_eq!(all, csv.body);
        program::entrust(&house, COORDINATOR, &["IM"]).await;
        let cory = house.therapist(COORDINATOR).signs_in().await;
        let own = cory.opens("/program/IM/releases").await.body;
        let own_csv = cory.opens(&format!("/program/IM/releases/{offering}/release.csv")).await.body;
        assert!(own.contains(&shown) && own_csv == csv.body, "{own}");
        for text in [&page, &own, &csv.body] {
            assert!(!text.contains(&figure) && !text.contains("<svg"), "a figure is still shown: {text}");
        }
        let ann = house.resident("tcastellanos@im.example.edu").opens_link().await.body;
        assert!(ann.contains("1 of at most 1 this year"), "what was spent is spent: {ann}");
        // The bytes and the charges stay, and nothing is ever drawn again.
        let now = at_rest(&db).await;
        assert_eq!((&now["releases"], &now["ledger"]), (&rest["releases"], &rest["ledger"]));
        house.dice.turn_to(5);
        assert_eq!(house.sleeps(3).await.released, 0);
        for _ in 0..2 {
            let why = refused(house.desk.release(None).await);
            assert!(why.contains("withdrawn on 2027-08-14, and never drawn again") && why.contains(WHY), "{why}");
        }
        let again = refused(house.desk.withdraw(None, "another reason").await);
        assert!(again.contains(WHY), "{again}");
        assert_eq!(at_rest(&db).await["ledger"], rest["ledger"]);
    }

    async fn programs_that_ask_in_json_are_told_the_reason_too(db: TestDatabase) {
        let house = after_the_visits(&db).await;
        house.it_becomes(DAY).await;
        house.desk.withdraw(None, WHY).await.unwrap();
        let offering = house.desk.plan(None, None).await.unwrap().offering;
        let director = house.director_again().await;
        let page = director.sends("/account/token", &[]).await.body;
        let token = token(&page);
        let (status, body) = asks(&house, &token, &format!("/api/v1/offerings/{offering}/release")).await;
        assert!(status >= 400 && body.contains("withdrawn on 2027-08-13") && body.contains("that of last year"), "{body}");
        let (status, body) = asks(&house, &token, "/api/v1/programs/IM/releases").await;
        assert_eq!(status, 200);
        assert!(body.contains("\"released\":false") && body.contains("\"withdrawn\":{\"on\":\"2027-08-13\""), "{body}");
        assert!(body.contains("\"figures\":[]"), "{body}");
    }
}
