//! Over HTTP: what is bound to what, what holds once, and that nobody learns why they stay outside.

use chrono::Duration;
use holdspace::desk::Error;

use super::{Door, Returning, THERAPIST, cookie_set};
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{DIRECTOR, House};
use crate::harness::provider::Says;

#[tokio::test]
async fn a_therapist_comes_in_by_a_cookie_that_holds_for_minutes_and_an_answer_that_holds_once() {
    let db = TestDatabase::sqlite();
    let door = Door::on(&db).await;
    let cookie = door.sets_out().await.cookie;
    for word in ["__Host-holdspace-sign-in=", "Path=/", "Max-Age=600", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let who = door.comes_from_the_provider(THERAPIST).await;
    let page = door.takes_back(&who).await;
    assert_eq!((page.status, page.header("location")), (303, "/agenda"));
    assert!(cookie_set(&page, "__Host-holdspace").unwrap().contains("SameSite=Lax"));
    assert!(cookie_set(&page, "__Host-holdspace-sign-in").unwrap().contains("Max-Age=0"));
    // Somebody else reads the address in a history; the cookie has not helped since.
    let again = door.takes_back(&who).await;
    assert_eq!((again.status, cookie_set(&again, "__Host-holdspace")), (403, None));
}

#[tokio::test]
async fn whoever_was_signed_in_on_this_device_before_is_not_any_more() {
    let db = TestDatabase::sqlite();
    let door = Door::on(&db).await;
    let page = door.signs_in(DIRECTOR).await;
    let first = cookie_set(&page, "__Host-holdspace").unwrap().split(';').next().unwrap().to_owned();
    let secret = first.split_once('=').unwrap().1;
    assert!(door.house.desk.session(secret).await.is_ok());
    let mut who = door.comes_from_the_provider(THERAPIST).await;
    who.cookie = format!("{}; {first}", who.cookie);
    let page = door.takes_back(&who).await;
    assert_ne!(cookie_set(&page, "__Host-holdspace").unwrap().split(';').next().unwrap(), first);
    assert!(matches!(door.house.desk.session(secret).await, Err(Error::Link)));
}

#[tokio::test]
async fn everybody_who_stays_outside_gets_the_same_answer() {
    let db = TestDatabase::sqlite();
    let door = Door::on(&db).await;
    let unknown = door.signs_in("nobody@gme.example.edu").await;
    assert_eq!(unknown.status, 403);
    assert!(unknown.body.contains("ask a director") && cookie_set(&unknown, "__Host-holdspace").is_none());
    assert_eq!(door.signs_in(&format!("unverified:{DIRECTOR}")).await, unknown);

    let (mine, theirs) =
        (door.comes_from_the_provider(DIRECTOR).await, door.comes_from_the_provider(THERAPIST).await);
    let without = Returning { cookie: String::new(), ..mine.clone() };
    assert_eq!(door.takes_back(&without).await, unknown, "an address without the cookie of whoever began");
    let stolen = Returning { cookie: theirs.cookie.clone(), ..mine.clone() };
    assert_eq!(door.takes_back(&stolen).await, unknown, "an address with somebody else's cookie");
    assert_eq!(door.takes_back(&theirs).await, unknown, "a sign-in that somebody tried to use");
    assert_eq!(door.takes_back(&mine).await.status, 303, "which does not touch another's");

    // Somebody else's code under one's own state: the verifier does not fit it.
    let (mine, theirs) =
        (door.comes_from_the_provider(DIRECTOR).await, door.comes_from_the_provider(THERAPIST).await);
    let part = |who: &Returning, name: &str| {
        who.back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    let mut injected = theirs.clone();
    let answer = [("code", part(&mine, "code")), ("state", part(&theirs, "state"))];
    injected.back.query_pairs_mut().clear().extend_pairs(answer);
    assert_eq!(door.takes_back(&injected).await, unknown, "a code of another sign-in");
    let mut elsewhere = door.comes_from_the_provider(DIRECTOR).await;
    let answer = [("code", part(&elsewhere, "code")), ("state", part(&elsewhere, "state"))];
    elsewhere.back.query_pairs_mut().clear().extend_pairs(answer).append_pair("iss", "https://example.org");
    assert_eq!(door.takes_back(&elsewhere).await, unknown, "an answer of another provider");

    let late = door.comes_from_the_provider(DIRECTOR).await;
    door.house.clock.advance(Duration::minutes(10));
    assert_eq!(door.takes_back(&late).await, unknown, "a sign-in that took too long");
}

#[tokio::test]
async fn a_provider_that_says_addresses_only_when_asked_is_asked() {
    let db = TestDatabase::sqlite();
    let door = Door::whose_provider(&db, 0, Says::WhenAsked).await;
    assert_eq!(door.signs_in(DIRECTOR).await.status, 303);
    assert_eq!(door.signs_in(&format!("unverified:{DIRECTOR}")).await.status, 403);
}

#[tokio::test]
async fn a_token_past_its_end_lets_nobody_in() {
    let db = TestDatabase::sqlite();
    let door = Door::whose_provider(&db, -7200, Says::InToken).await;
    assert_eq!(door.signs_in(DIRECTOR).await.status, 403);
}

#[tokio::test]
async fn a_page_without_a_provider_leads_to_none_and_with_one_to_that_alone() {
    let db = TestDatabase::sqlite();
    let door = Door::on(&db).await;
    let bare = door.house.get("/sign-in").await;
    assert!(!bare.body.contains("/sign-in/provider"));
    assert!(bare.header("content-security-policy").contains("form-action 'self';"));
    assert_eq!(door.house.form("/sign-in/provider", &[]).await.status, 404);
    assert_eq!(door.house.get("/sign-in/back?code=a&state=b").await.status, 404);
    let page = super::Page::of(Door::client().get(format!("{}/sign-in", door.url))).await;
    let allowed = format!("form-action 'self' {};", door.provider.issuer);
    assert!(page.header("content-security-policy").contains(&allowed), "{page:?}");
    let elsewhere = super::Page::of(Door::client().get(format!("{}/", door.url))).await;
    assert!(elsewhere.header("content-security-policy").contains("form-action 'self';"));
}

on_both_engines! {
    async fn a_sign_in_is_taken_by_one_of_two_who_come_at_once(db: TestDatabase) {
        let house = House::on(&db).await;
        let begun = house.desk.begin_sign_in().await.unwrap();
        let take = || house.desk.take_sign_in(&begun.cookie, &begun.asked.state);
        let (one, other) = tokio::join!(take(), take());
        assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|taken| **taken).count(), 1);
        assert!(matches!(take().await, Err(Error::Link)));

        let begun = house.desk.begin_sign_in().await.unwrap();
        assert!(matches!(house.desk.take_sign_in(&begun.cookie, "guessed").await, Err(Error::Link)));
        let begun = house.desk.begin_sign_in().await.unwrap();
        house.clock.advance(Duration::minutes(11));
        house.desk.tidy().await.unwrap();
        assert!(matches!(house.desk.take_sign_in(&begun.cookie, &begun.asked.state).await, Err(Error::Link)));
    }
}
