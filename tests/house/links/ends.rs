//! How long what was opened stays open: sessions, links that let somebody in, tokens of programs. To the second.

use chrono::Duration;
use reqwest::StatusCode;

use super::season::{DIRECTOR, Season};
use super::staff::THERAPIST;
use crate::harness::engines::TestDatabase;

const ONE: &str = "You are signed in on this device only.";
const TWO: &str = "You are signed in on 2 devices.";
const SECOND: Duration = Duration::seconds(1);

/// Whether a page opens that belongs to a session. Looked at a few times, because a use that could not be written down while
/// the disk was busy is written down with the next page.
async fn is_in(season: &Season, cookie: &str) -> bool {
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(season.get_as(cookie, "/account").await.status);
    }
    assert!(statuses.iter().all(|status| *status == statuses[0]), "{statuses:?}");
    statuses[0] == StatusCode::OK
}

#[tokio::test]
async fn who_leaves_a_browser_open_is_signed_out_after_two_hours_and_who_works_on_is_not() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let cookie = season.signs_in(THERAPIST).await;
    for _ in 0..3 {
        season.clock.advance(Duration::hours(2) - SECOND);
        assert!(is_in(&season, &cookie).await, "they were here less than two hours ago");
    }
    season.clock.advance(Duration::hours(2));
    assert!(!is_in(&season, &cookie).await);
}

#[tokio::test]
async fn who_works_all_day_signs_in_again_after_twelve_hours() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let cookie = season.signs_in(DIRECTOR).await;
    for _ in 0..11 {
        season.clock.advance(Duration::hours(1));
        assert!(is_in(&season, &cookie).await);
    }
    season.clock.advance(Duration::hours(1) - SECOND);
    assert!(is_in(&season, &cookie).await);
    season.clock.advance(SECOND);
    assert!(!is_in(&season, &cookie).await);
}

#[tokio::test]
async fn who_signs_out_everywhere_is_told_of_all_devices_before_and_is_out_on_each_and_nobody_else_is() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let devices = async |cookie: &str| season.get_as(cookie, "/account").await.text;
    let forgotten = season.signs_in(THERAPIST).await;
    season.clock.advance(Duration::hours(2));
    let desktop = season.signs_in(THERAPIST).await;
    assert!(devices(&desktop).await.contains(ONE), "a session that is over is no device");
    // A letter asked for in the same moment is the same letter.
    season.clock.advance(Duration::minutes(1));
    let phone = season.signs_in(THERAPIST).await;
    let other = season.signs_in(DIRECTOR).await;
    assert!(devices(&phone).await.contains(TWO));
    assert!(devices(&other).await.contains(ONE));
    assert_eq!(season.post_as(&phone, "/account/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    for cookie in [&forgotten, &desktop, &phone] {
        assert!(!is_in(&season, cookie).await);
    }
    assert!(is_in(&season, &other).await);
}

#[tokio::test]
async fn a_link_that_lets_somebody_in_does_so_for_a_quarter_of_an_hour_and_no_second_longer() {
    let season = Season::open(TestDatabase::sqlite()).await;
    for (waits, status) in [
        (Duration::minutes(15) - SECOND, StatusCode::SEE_OTHER),
        (Duration::minutes(15), StatusCode::NOT_FOUND),
    ] {
        season.mail().await;
        season.post(&format!("{}/sign-in", season.url), &[("address", THERAPIST)]).await;
        let link = season.mail().await[0].link.to_string();
        season.clock.advance(waits);
        assert_eq!(season.post(&link, &[("mine", "yes")]).await.status, status);
    }
}

#[tokio::test]
async fn a_program_acts_for_somebody_for_a_year_and_from_then_on_they_have_no_token() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let cookie = season.signs_in(DIRECTOR).await;
    let director = season.desk.session(cookie.split('=').nth(1).unwrap()).await.unwrap();
    let has_one = async || season.desk.has_token(&director).await.unwrap();
    assert!(!has_one().await);
    let token = super::programs::token(&season, &cookie).await;
    let asks = async || {
        let request = season.client.get(format!("{}/api/v1/me", season.url)).bearer_auth(&token);
        season.send(request).await.status
    };
    season.clock.advance(Duration::days(365) - SECOND);
    assert_eq!((has_one().await, asks().await), (true, StatusCode::OK));
    season.clock.advance(SECOND);
    assert_eq!((has_one().await, asks().await), (false, StatusCode::UNAUTHORIZED));
}
