//! Programs that act for people with a token: what they may do, and what they are told when they may not.

use super::season::{DIRECTOR, Season};
use super::staff::THERAPIST;
use crate::harness::engines::TestDatabase;
use reqwest::StatusCode;
use serde_json::Value;

/// The token that somebody's account page shows once.
pub async fn token(season: &Season, cookie: &str) -> String {
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

async fn sends(season: &Season, token: &str, path: &str, file: &str) -> (StatusCode, Value) {
    let request = season.client.post(format!("{}{path}", season.url)).bearer_auth(token);
    let answer = season.send(request.header("content-type", "text/csv").body(file.to_owned())).await;
    (answer.status, serde_json::from_str(&answer.text).expect("JSON"))
}

#[tokio::test]
async fn protected_time_is_looked_through_and_taken_as_it_was_shown() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let token = token(&season, &season.signs_in(DIRECTOR).await).await;
    let path = "/api/v1/programs/IM/protected-time";
    let file = "program,cohort,date,start,end\nIM,A,2027-08-31,13:00,17:00\nIM,A,2027-02-30,13:00,17:00\n";
    let (status, looked) = sends(&season, &token, path, file).await;
    assert_eq!((status, &looked["applied"], &looked["added"]), (StatusCode::OK, &false.into(), &1.into()));
    let refused = &looked["refused"][0];
    assert_eq!((&refused["line"], &refused["column"]), (&3.into(), &"date".into()), "{looked}");
    let shown = looked["shown"].as_str().unwrap();
    let taking = format!("{path}?shown={shown}");
    let (status, _) = sends(&season, &token, &format!("{path}?shown=another"), file).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, taken) = sends(&season, &token, &taking, file).await;
    assert_eq!((status, &taken["applied"]), (StatusCode::OK, &true.into()), "{taken}");
    let (_, coverage) = ask(&season, &token, "/api/v1/programs/IM/coverage").await;
    assert!(coverage.as_array().unwrap().iter().any(|row| row["date"] == "2027-08-31"));
    assert_eq!(
        sends(&season, &token, &taking, file).await.0,
        StatusCode::CONFLICT,
        "it would add nothing now"
    );
    let elsewhere = "/api/v1/programs/NOWHERE/protected-time";
    assert_eq!(sends(&season, &token, elsewhere, file).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_director_invites_and_takes_a_role_away_and_never_the_last() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let token = token(&season, &season.signs_in(DIRECTOR).await).await;
    let invite = |body: &'static str| {
        let request = season.client.post(format!("{}/api/v1/staff", season.url)).bearer_auth(&token);
        season.send(request.header("content-type", "application/json").body(body))
    };
    let rosa = r#"{"name":"Rosa Example","email":"rosa@example.edu","role":"coordinator","program":"IM"}"#;
    for invited in [true, false] {
        let answer = invite(rosa).await;
        let told: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!((answer.status, &told["invited"]), (StatusCode::OK, &invited.into()));
    }
    for (wrong, status) in [
        (r#"{"name":"Rosa","email":"rosa@example.edu","role":"lead"}"#, 422),
        (r#"{"name":"Rosa","email":"rosa@example.edu","role":"coordinator"}"#, 400),
        (r#"{"name":"Rosa","email":"rosa@example.edu","role":"director","program":"IM"}"#, 400),
        (r#"{"name":"Rosa","email":"rosa@example.edu","role":"coordinator","program":"NOWHERE"}"#, 404),
        (r#"{"name":" ","email":"rosa@example.edu","role":"director"}"#, 400),
        (r#"{"name":"Rosa","email":"rosa","role":"director"}"#, 400),
        (r#"{"name":"Rosa","email":"rosa@example.edu","role":"king"}"#, 400),
    ] {
        assert_eq!(invite(wrong).await.status.as_u16(), status, "{wrong}");
    }
    let (_, staff) = ask(&season, &token, "/api/v1/staff").await;
    let one = |name: &str| staff.as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
    let rosa = one("Rosa Example").expect("she is listed");
    assert_eq!(rosa["roles"], serde_json::json!([{"role": "coordinator", "program": "IM"}]));
    let take = |id: &str, role: &str| {
        let request = season.client.delete(format!("{}/api/v1/staff/{id}/roles/{role}", season.url));
        season.send(request.bearer_auth(&token))
    };
    let id = rosa["id"].as_str().unwrap();
    assert_eq!(take(id, "coordinator").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(take(id, "coordinator?program=IM").await.status, StatusCode::NO_CONTENT);
    let own = staff.as_array().unwrap().iter().find(|one| one["roles"][0]["role"] == "director").unwrap();
    let last = take(own["id"].as_str().unwrap(), "director").await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(last.text.contains("make another director first"), "{}", last.text);
}

#[tokio::test]
async fn what_is_set_up_is_listed_and_a_file_is_taken_whole_or_refused_by_line_and_column() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let token = token(&season, &season.signs_in(DIRECTOR).await).await;
    let (_, sites) = ask(&season, &token, "/api/v1/sites").await;
    let count = sites.as_array().unwrap().len();
    let heading = "site,zone,state,address\n";
    let wrong = format!("{heading}New Main,America/Denver,CO,1 Street\nOther,Mars/Base,CO,\n");
    let (status, problem) = sends(&season, &token, "/api/v1/sites", &wrong).await;
    let line = &problem["lines"][0];
    assert_eq!(
        (status, &line["line"], &line["column"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &3.into(), &"zone".into()),
        "{problem}"
    );
    assert_eq!(
        ask(&season, &token, "/api/v1/sites").await.1.as_array().unwrap().len(),
        count,
        "nothing of it"
    );
    let right = format!("{heading}New Main,America/Denver,CO,1 Street\n");
    let (status, taken) = sends(&season, &token, "/api/v1/sites", &right).await;
    assert_eq!((status, &taken["added"]), (StatusCode::OK, &1.into()));
    let (_, therapists) = ask(&season, &token, "/api/v1/therapists").await;
    let one = &therapists[0];
    assert!(
        one["email"].is_string() && one["modalities"].is_array() && one["licensed_states"].is_array(),
        "{one}"
    );
    let new = "name,email,modality,licensed_states\nNew One,new@example.org,video,CO\n";
    let (status, taken) = sends(&season, &token, "/api/v1/therapists", new).await;
    assert_eq!((status, &taken["added"]), (StatusCode::OK, &1.into()));
    assert_eq!(taken["doubts"][0]["line"], 2, "{taken}");
    let (_, offerings) = ask(&season, &token, "/api/v1/offerings").await;
    let id = offerings[0]["id"].as_str().unwrap();
    let (_, whole) = ask(&season, &token, &format!("/api/v1/offerings/{id}")).await;
    assert_eq!((&whole["id"], whole["visit_minutes"].is_u64()), (&offerings[0]["id"], true));
    let (_, releases) = ask(&season, &token, "/api/v1/programs/IM/releases").await;
    assert_eq!((&releases[0]["released"], &releases[0]["figures"]), (&false.into(), &serde_json::json!([])));
}

#[tokio::test]
async fn a_therapist_sets_nothing_up() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let token = token(&season, &season.signs_in(THERAPIST).await).await;
    for path in ["staff", "sites", "therapists", "offerings", "offerings/x", "programs/IM/releases"] {
        assert_eq!(ask(&season, &token, &format!("/api/v1/{path}")).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["sites", "therapists", "programs/IM/protected-time"] {
        assert_eq!(
            sends(&season, &token, &format!("/api/v1/{path}"), "site\n").await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
