//! Residents behind the link in their letter, and whoever else opens it. Never a signed-in person.

use super::season::{Page, Season};
use crate::harness::engines::TestDatabase;
use reqwest::{Method, StatusCode};

async fn season() -> (Season, Vec<String>) {
    let season = Season::open(TestDatabase::sqlite()).await;
    let residents = season.residents().await;
    assert!(residents.len() > 100, "the sample season holds a visit for most");
    (season, residents)
}

/// Two residents who are both offered one and the same seat, and the seat.
async fn rivals(season: &Season, residents: &[String]) -> (String, String, String) {
    let mut offered: Vec<(String, String)> = Vec::new();
    for link in residents {
        for seat in season.get(&format!("{link}/times")).await.choices("seat") {
            if let Some((other, _)) = offered.iter().find(|(other, known)| *known == seat && other != link) {
                return (other.clone(), link.clone(), seat);
            }
            offered.push((link.clone(), seat));
        }
    }
    panic!("no two residents are offered the same seat");
}

#[tokio::test]
async fn a_resident_sees_day_hour_zone_and_place_and_nobodys_name() {
    let (season, residents) = season().await;
    let page = season.get(&residents[0]).await;
    assert_eq!(page.status, StatusCode::OK);
    // Whose page comes first is drawn: they live in Denver, Phoenix, Chicago or New York.
    let zones = [" MDT", " MST", " CDT", " EDT"];
    let told = zones.iter().any(|zone| page.text.contains(zone)) && page.text.contains("2027<span>");
    assert!(told, "{}", page.text);
    let places = ["https://video.example.org/room/", " room 2"];
    assert!(places.iter().any(|place| page.text.contains(place)), "{}", page.text);
    for name in ["Xiong", "Castellanos", "Mbeki", "Rahman", "example.edu", "counseling.example.org"] {
        assert!(!page.text.contains(name), "{name}");
    }
    assert!(!page.text.contains("<script"));
}

#[tokio::test]
async fn a_scanner_that_opens_every_address_changes_nothing() {
    let (season, residents) = season().await;
    let before = season.bookings().await;
    let link = &residents[0];
    for ending in [
        "",
        "/times",
        "/opt-out",
        "/come-back",
        "/letters",
        "/language",
        "/preferences",
        "/address",
        "?saved",
        "/nothing",
    ] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            season.send(season.client.request(method, format!("{link}{ending}"))).await;
        }
    }
    // One that presses buttons without having read what they ask for.
    for ending in ["/opt-out", "/times", "/letters", "/come-back"] {
        let page = season.post(&format!("{link}{ending}"), &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{ending}");
        assert!(page.text.contains("nothing was changed"), "{}", page.text);
    }
    assert!(season.bookings().await == before, "a booking was written");
}

#[tokio::test]
async fn a_resident_opts_out_with_one_choice_and_one_button_and_pressing_it_twice_says_what_holds() {
    let (season, residents) = season().await;
    let link = &residents[0];
    let form = season.get(link).await;
    assert!(
        form.text.contains(r#"name="entry" value="keep" required"#)
            && !form.text.contains(r#"value="keep" checked"#)
    );
    for _ in 0..2 {
        let answer = season.post(&format!("{link}/opt-out"), &[("entry", "keep")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let page = season.get(&format!("{}{}", season.url, answer.header("location"))).await;
        assert!(page.text.contains("You have opted out") && page.text.contains("Saved."), "{}", page.text);
        assert!(page.text.contains("Letters go on as before"));
    }
    assert!(season.mail().await.is_empty(), "who keeps the entry gets no letter");
}

#[tokio::test]
async fn a_resident_who_wants_the_entry_gone_may_say_so_now_or_later() {
    let (season, residents) = season().await;
    let [now, later] = [&residents[0], &residents[1]];
    season.post(&format!("{now}/opt-out"), &[("entry", "remove")]).await;
    assert!(!season.get(now).await.text.contains("still on your calendar"));
    season.post(&format!("{later}/opt-out"), &[("entry", "keep")]).await;
    assert!(season.get(later).await.text.contains("still on your calendar"));
    season.post(&format!("{later}/opt-out"), &[("entry", "remove")]).await;
    assert!(!season.get(later).await.text.contains("still on your calendar"));
    assert_eq!(season.mail().await.len(), 2, "each gets the one letter that takes the entry away");
}

#[tokio::test]
async fn a_resident_comes_back_to_the_same_time() {
    let (season, residents) = season().await;
    let link = &residents[0];
    let before = season.get(link).await;
    season.post(&format!("{link}/opt-out"), &[("entry", "keep")]).await;
    for _ in 0..2 {
        let answer = season.post(&format!("{link}/come-back"), &[("back", "yes")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(season.get(link).await.text, before.text);
}

#[tokio::test]
async fn a_resident_moves_to_a_time_of_the_list_and_is_reminded_only_if_they_wish() {
    let (season, residents) = season().await;
    for link in &residents {
        let list = season.get(&format!("{link}/times")).await;
        let Some(seat) = list.choices("seat").first().cloned() else { continue };
        assert!(list.text.contains(r#"name="remind" checked"#), "the reminder is preselected");
        let before = season.get(link).await;
        for _ in 0..2 {
            let answer = season.post(&format!("{link}/times"), &[("seat", &seat)]).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        }
        let after = season.get(link).await;
        assert_ne!(after.text, before.text);
        assert!(after.text.contains(r#"name="remind"><"#), "the wish was taken: {}", after.text);
        return;
    }
    panic!("nobody is offered a time");
}

#[tokio::test]
async fn who_comes_second_hears_that_the_time_is_gone_and_chooses_among_the_others() {
    let (season, residents) = season().await;
    let (first, second, seat) = rivals(&season, &residents).await;
    let before = season.get(&second).await;
    season.post(&format!("{first}/times"), &[("seat", &seat)]).await;
    let answer = season.post(&format!("{second}/times"), &[("seat", &seat)]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("no longer free"), "{}", answer.text);
    assert!(!answer.choices("seat").contains(&seat));
    assert_eq!(season.get(&second).await.text, before.text, "what they had is theirs still");
}

#[tokio::test]
async fn a_seat_that_was_never_offered_is_refused_like_one_that_is_gone() {
    let (season, residents) = season().await;
    let nobodys = "a".repeat(26);
    let answer = season.post(&format!("{}/times", residents[0]), &[("seat", &nobodys)]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let garbage = season.post(&format!("{}/times", residents[0]), &[("seat", "<script>")]).await;
    assert_eq!(garbage.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!garbage.text.contains("<script"));
}

#[tokio::test]
async fn a_visit_that_has_begun_can_be_seen_but_not_opted_out_of() {
    let (season, residents) = season().await;
    season.clock.set("2027-09-25T12:00:00Z".parse().unwrap());
    let page = season.get(&residents[0]).await;
    assert!(page.text.contains("Your visit was") && !page.text.contains("/opt-out"), "{}", page.text);
    let answer = season.post(&format!("{}/opt-out", residents[0]), &[("entry", "keep")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("already begun"));
}

#[tokio::test]
async fn a_resident_decides_which_letters_they_get() {
    let (season, residents) = season().await;
    let link = &residents[0];
    let wish = season.post(&format!("{link}/letters"), &[("letters", "1"), ("none", "on")]).await;
    assert_eq!(wish.status, StatusCode::SEE_OTHER);
    let page = season.get(link).await;
    assert!(page.text.contains(r#"name="none" checked"#) && !page.text.contains(r#"name="confirm" checked"#));
    assert!(page.text.contains("Whoever runs your mail server"));
}

#[tokio::test]
async fn every_link_that_opens_nothing_is_answered_with_the_same_bytes() {
    let (season, residents) = season().await;
    let token = residents[0].rsplit('/').next().unwrap().to_owned();
    let other = if token.starts_with('a') { "b" } else { "a" };
    let changed = format!("{other}{}", &token[1..]);
    let therapist = season.signs_in("mxiong@counseling.example.org").await;
    let feed = season.get_as(&therapist, "/agenda/calendars").await.feed_address();
    let foreign = feed.rsplit('/').next().unwrap().trim_end_matches(".ics").to_owned();
    assert_eq!(foreign.len(), token.len(), "a link of another kind");
    let visit = |token: &str| format!("{}/v/{token}", season.url);
    let mut pages: Vec<Page> = Vec::new();
    for url in [visit("x"), visit(&changed), visit(&foreign), visit("%FF"), visit(&"x".repeat(4000))] {
        pages.push(season.get(&url).await);
        pages.push(season.post(&format!("{url}/opt-out"), &[("entry", "keep")]).await);
    }
    pages.push(season.get(&format!("{}/nowhere", season.url)).await);
    season.clock.set("2027-12-01T12:00:00Z".parse().unwrap());
    pages.push(season.get(&residents[0]).await);
    pages.push(season.post(&format!("{}/opt-out", residents[0]), &[("entry", "keep")]).await);
    for page in &mut pages {
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        page.headers.remove("date");
    }
    for page in &pages {
        assert_eq!(page, &pages[0]);
    }
}
