//! Therapists and a director behind a session, and the calendar that a therapist subscribes to.

use super::season::{DIRECTOR, Season};
use crate::harness::engines::TestDatabase;
use reqwest::StatusCode;

pub const THERAPIST: &str = "mxiong@counseling.example.org";
const OTHER: &str = "nrahman@counseling.example.org";
/// In the middle of the sample season.
const MIDDLE: &str = "2027-08-11T20:00:00Z";
const WEEK: &str = "/agenda?from=2027-08-02";

async fn season() -> Season {
    let season = Season::open(TestDatabase::sqlite()).await;
    season.mail().await;
    season.clock.set(MIDDLE.parse().unwrap());
    season.mail().await;
    season
}

#[tokio::test]
async fn nobody_learns_from_signing_in_whose_address_is_known() {
    let season = season().await;
    let ask = async |address: &str| {
        let mut page = season.post(&format!("{}/sign-in", season.url), &[("address", address)]).await;
        page.headers.remove("date");
        page
    };
    let known = ask(THERAPIST).await;
    assert_eq!(known.status, StatusCode::OK);
    assert_eq!(ask("nobody@example.org").await, known);
    assert_eq!(ask("not an address").await, known);
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_only_by_its_button() {
    let season = season().await;
    season.post(&format!("{}/sign-in", season.url), &[("address", THERAPIST)]).await;
    let link = season.mail().await[0].link.to_string();
    for _ in 0..3 {
        let page = season.get(&link).await;
        assert_eq!((page.status, page.header("set-cookie")), (StatusCode::OK, ""));
    }
    let came_in = season.post(&link, &[("mine", "yes")]).await;
    assert_eq!((came_in.status, came_in.header("location")), (StatusCode::SEE_OTHER, "/agenda"));
    let cookie = came_in.header("set-cookie");
    assert!(cookie.starts_with("holdspace=") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    assert_eq!(season.post(&link, &[("mine", "yes")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_a_session_there_is_no_agenda_no_mark_and_no_overview() {
    let season = season().await;
    for path in ["/agenda", "/overview", "/institution/releases/x/release.csv"] {
        for cookie in ["", "holdspace=guessed"] {
            let page = season.get_as(cookie, path).await;
            assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
        }
    }
    let before = season.bookings().await;
    for path in ["/agenda/mark", "/agenda/feed"] {
        let page = season.post_as("", path, &[("seat", &"a".repeat(26)), ("mark", "kept")]).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
    }
    assert!(season.bookings().await == before);
}

#[tokio::test]
async fn a_therapist_marks_a_visit_takes_it_back_and_leaves() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let week = season.get_as(&cookie, WEEK).await;
    let seat = week.choices("seat").first().expect("a visit that has begun").clone();
    for (mark, said) in [("kept", "Marked as kept"), ("missed", "Marked as missed"), ("none", "")] {
        let form = [("seat", seat.as_str()), ("mark", mark), ("from", "2027-08-02")];
        let answer = season.post_as(&cookie, "/agenda/mark", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let page = season.get_as(&cookie, answer.header("location").split('#').next().unwrap()).await;
        assert_eq!(page.text.contains("Marked as"), !said.is_empty());
        assert!(page.text.contains(said));
    }
    assert_eq!(season.post_as(&cookie, "/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(season.get_as(&cookie, "/agenda").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_therapist_is_refused_somebody_elses_visit_like_one_that_is_not_there() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let own = season.get_as(&cookie, WEEK).await;
    let seat = own.choices("seat").first().unwrap().clone();
    let other = season.signs_in(OTHER).await;
    assert!(!season.get_as(&other, WEEK).await.text.contains(&seat));
    let before = season.bookings().await;
    let mut foreign = season.post_as(&other, "/agenda/mark", &[("seat", &seat), ("mark", "kept")]).await;
    let mut absent =
        season.post_as(&other, "/agenda/mark", &[("seat", &"a".repeat(26)), ("mark", "kept")]).await;
    assert_eq!(foreign.status, StatusCode::CONFLICT);
    for page in [&mut foreign, &mut absent] {
        page.headers.remove("date");
    }
    assert_eq!(foreign, absent);
    assert!(season.bookings().await == before);
}

#[tokio::test]
async fn a_calendar_is_told_when_nothing_changed_and_a_rotated_address_is_dead() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let address = async || season.get_as(&cookie, "/agenda/calendars").await.feed_address();
    let url = address().await;
    let feed = season.get(&url).await;
    assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
    assert!(feed.header("cache-control").starts_with("private"), "{}", feed.header("cache-control"));
    assert!(feed.text.starts_with("BEGIN:VCALENDAR") && feed.text.contains("BEGIN:VEVENT"));
    assert!(feed.header("last-modified").ends_with("GMT"));
    let etag = feed.header("etag").to_owned();
    assert!(etag.starts_with('"'), "a strong tag: {etag}");
    for known in [etag.clone(), format!("\"other\", {etag}"), format!("W/{etag}")] {
        let again = season.send(season.client.get(&url).header("if-none-match", known)).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(again.header("etag"), etag);
    }
    assert_eq!(season.post_as(&cookie, "/agenda/feed", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(season.get(&url).await.status, StatusCode::NOT_FOUND);
    let fresh = address().await;
    assert_ne!(fresh, url);
    assert_eq!(season.get(&fresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_director_sees_facts_and_the_frozen_release_and_never_an_agenda() {
    let season = season().await;
    let cookie = season.signs_in(DIRECTOR).await;
    let page = season.get_as(&cookie, "/overview").await;
    assert!(page.text.contains("149"), "{}", page.text);
    let page = season.get_as(&cookie, "/institution/mail").await;
    assert!(page.text.contains("Invitation"), "{}", page.text);
    assert_eq!(season.get_as(&cookie, "/agenda").await.header("location"), "/home");
    season.clock.set("2027-11-01T12:00:00Z".parse().unwrap());
    season.desk.release_due().await.unwrap();
    let cookie = season.signs_in(DIRECTOR).await;
    let page = season.get_as(&cookie, "/institution/releases").await;
    assert!(page.text.contains("<svg role=\"img\"") && page.text.contains("<caption>"));
    let csv = page.text.split("href=\"/institution/releases/").nth(1).unwrap().split('"').next().unwrap();
    let csv = season.get_as(&cookie, &format!("/institution/releases/{csv}")).await;
    assert_eq!((csv.status, csv.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    assert!(csv.text.contains("institution"));
}
