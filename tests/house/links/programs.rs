//! Programs that act for people with a token: what they may do, and what they are told when they may not.

use super::season::{DIRECTOR, Season};
use super::staff::THERAPIST;
use crate::harness::engines::TestDatabase;
use reqwest::StatusCode;
use serde_json::Value;

/// The token that somebody's account page shows once.
async fn token(season: &Season, cookie: &str) -> String {
    let page = season.post_as(cookie, "/account/token", &[]).await;
    let shown = page.text.split("id=\"token\"").nth(1).expect("the page shows a token");
    shown.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn ask(season: &Season, token: &str, path: &str) -> (StatusCode, Value) {
    let request = season.client.get(format!("{}{path}", season.url)).bearer_auth(token);
    let answer = season.send(request).await;
    let kind = if answer.status.is_success() { "application/json" } else { "application/problem+json" };
    assert_eq!(answer.header("content-type"), kind, "{path}");
    (answer.status, serde_json::from_str(&answer.text).expect("JSON"))
}

#[tokio::test]
async fn a_token_may_what_its_owner_may_until_it_is_ended() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let cookie = season.signs_in(DIRECTOR).await;
    let first = token(&season, &cookie).await;
    let (status, me) = ask(&season, &first, "/api/v1/me").await;
    assert_eq!((status, &me["kind"], &me["directs"]), (StatusCode::OK, &"staff".into(), &true.into()));
    let (_, programs) = ask(&season, &first, "/api/v1/programs").await;
    assert!(programs.as_array().unwrap().len() > 1, "a director may in every one");
    let (_, offerings) = ask(&season, &first, "/api/v1/offerings").await;
    assert_eq!(offerings[0]["booked"], true);
    assert_eq!(ask(&season, &first, "/api/v1/agenda").await.0, StatusCode::NOT_FOUND, "no agenda of theirs");

    let second = token(&season, &cookie).await;
    assert_ne!(first, second);
    assert_eq!(
        ask(&season, &first, "/api/v1/me").await.0,
        StatusCode::UNAUTHORIZED,
        "a new one ends the old"
    );
    season.post_as(&cookie, "/account/token/end", &[]).await;
    assert_eq!(ask(&season, &second, "/api/v1/me").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_therapist_marks_by_token_only_what_has_begun_and_is_theirs() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let cookie = season.signs_in(THERAPIST).await;
    let token = token(&season, &cookie).await;
    assert_eq!(ask(&season, &token, "/api/v1/offerings").await.0, StatusCode::NOT_FOUND);
    let (_, agenda) = ask(&season, &token, "/api/v1/agenda?from=2027-07-05").await;
    let visits = agenda["visits"].as_array().unwrap();
    let seat =
        visits.first().expect("the sample season has visits in its first weeks")["seat"].as_str().unwrap();
    let mark = |body: &'static str, seat: &str| {
        let request = season.client.put(format!("{}/api/v1/agenda/{seat}/mark", season.url));
        season.send(request.bearer_auth(&token).header("content-type", "application/json").body(body))
    };
    assert_eq!(mark("{\"mark\":\"kept\"}", seat).await.status, StatusCode::CONFLICT, "it has not begun");
    season.clock.set("2027-12-31T12:00:00Z".parse().unwrap());
    assert_eq!(mark("{\"mark\":\"kept\"}", seat).await.status, StatusCode::NO_CONTENT);
    let (_, agenda) = ask(&season, &token, "/api/v1/agenda?from=2027-07-05").await;
    assert_eq!(agenda["visits"][0]["mark"], "kept");
    for nonsense in ["{\"mark\":\"slept\"}", "{", "{\"mark\":null,\"note\":\"sad\"}"] {
        assert_eq!(mark(nonsense, seat).await.status, StatusCode::BAD_REQUEST, "{nonsense}");
    }
    assert_eq!(mark("{\"mark\":null}", "nobody").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_operation_is_described_and_none_answers_without_a_token() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let description = season.get(&format!("{}/api/openapi.json", season.url)).await;
    let description: Value = serde_json::from_str(&description.text).unwrap();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut asked = 0;
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let method = method.to_uppercase().parse::<reqwest::Method>().unwrap();
            let url = format!("{}{}", season.url, path.replace(['{', '}'], ""));
            let request = season.client.request(method, url).header("content-type", "application/json");
            let answer = season.send(request.body("{}")).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert!(operation["responses"]["401"].is_object() && operation["summary"].is_string(), "{path}");
            asked += 1;
        }
    }
    assert!(asked > 5, "the description lists its operations");
    for (path, status) in [("/api/v1/nothing", 404), ("/api/", 404)] {
        let answer = season.get(&format!("{}{path}", season.url)).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let wrong = season.post(&format!("{}/api/v1/me", season.url), &[]).await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_cookie_is_no_token_so_that_no_other_site_can_act_through_a_browser() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let cookie = season.signs_in(DIRECTOR).await;
    assert_eq!(season.get_as(&cookie, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
}
