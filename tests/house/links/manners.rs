//! What holds for every answer: headers, limits, whose forms are heard, and what is logged.

use super::season::{DIRECTOR, Season};
use crate::harness::engines::TestDatabase;
use crate::harness::log::CapturedLog;
use holdspace::web::{self, WebState};
use reqwest::StatusCode;

async fn season() -> (Season, String) {
    let season = Season::open(TestDatabase::sqlite()).await;
    let link = season.residents().await.remove(0);
    (season, link)
}

#[tokio::test]
async fn every_page_keeps_to_itself() {
    let (season, link) = season().await;
    let times = format!("{link}/times");
    let open = ["/", "/sign-in", "/nowhere", "/health"].map(|path| format!("{}{path}", season.url));
    for url in [link, times].iter().chain(&open) {
        let page = season.get(url).await;
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{url}");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert!(page.header("x-robots-tag").contains("noindex"));
        assert_eq!(page.header("strict-transport-security"), "", "there is no https on loopback");
        assert!(!page.text.contains("style=\"") && !page.text.contains("<script"), "the policy forbids it");
    }
    assert_eq!(season.get(&format!("{}/robots.txt", season.url)).await.text, "User-agent: *\nDisallow: /\n");
}

#[tokio::test]
async fn the_style_sheet_is_kept_for_ever_under_the_address_that_pages_name() {
    let (season, link) = season().await;
    let page = season.get(&link).await;
    let path = page.text.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let style = season.get(&format!("{}{path}", season.url)).await;
    assert_eq!(style.status, StatusCode::OK);
    assert!(style.header("cache-control").contains("immutable"));
    assert!(page.text.len() + style.text.len() < 30_000, "a resident's page stays light");
}

#[tokio::test]
async fn a_form_of_a_megabyte_is_refused_in_words_and_the_server_lives_on() {
    let (season, link) = season().await;
    let large = "x".repeat(1 << 20);
    for url in [format!("{link}/opt-out"), format!("{link}/come-back"), format!("{}/sign-in", season.url)] {
        let page = season.post(&url, &[("entry", &large), ("address", &large)]).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(page.text.contains("larger than any form"), "{}", page.text);
    }
    assert_eq!(season.get(&link).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_from_another_site_is_not_heard() {
    let (season, link) = season().await;
    let url = format!("{link}/opt-out");
    let form = || season.client.post(&url).form(&[("entry", "keep")]);
    let foreign = [
        form().header("sec-fetch-site", "cross-site"),
        form().header("sec-fetch-site", "same-site"),
        form().header("origin", "https://elsewhere.example"),
    ];
    for request in foreign {
        assert_eq!(season.send(request).await.status, StatusCode::FORBIDDEN);
    }
    // A page that sends no referrer has the browser say `null`; a link has no cookie that this could abuse.
    let own = [
        form().header("origin", "null"),
        form().header("origin", &season.url),
        form().header("sec-fetch-site", "same-origin").header("origin", "null"),
        form(),
    ];
    for request in own {
        assert_eq!(season.send(request).await.status, StatusCode::SEE_OTHER);
    }
    let cookie = season.signs_in(DIRECTOR).await;
    let out = season.client.post(format!("{}/sign-out", season.url)).header("cookie", &cookie);
    assert_eq!(season.send(out.header("origin", "null")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(season.get_as(&cookie, "/overview").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn the_wrong_way_to_ask_is_answered_in_words() {
    let (season, link) = season().await;
    let page = season.get(&format!("{link}/opt-out")).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(page.text.contains("Nothing was changed"));
}

#[tokio::test]
async fn a_server_without_its_database_says_so_and_when_to_come_again() {
    let (season, link) = season().await;
    assert_eq!(season.get(&format!("{}/health", season.url)).await.text, "ok\n");
    season.desk.store().close().await;
    for url in [format!("{}/health", season.url), link] {
        let page = season.get(&url).await;
        assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "10"));
        assert!(page.text.contains("try again"));
    }
}

#[tokio::test]
async fn behind_https_the_cookie_belongs_to_one_host_and_browsers_come_by_https_alone() {
    const PUBLIC: &str = "https://holdspace.example.org";
    let season = Season::known_as(TestDatabase::sqlite(), Some(PUBLIC)).await;
    season.mail().await;
    let ask = season.client.post(format!("{}/sign-in", season.url)).form(&[("address", DIRECTOR)]);
    season.send(ask.header("origin", PUBLIC)).await;
    let link = season.mail().await[0].link.replace(PUBLIC, &season.url);
    let page = season.post(&link, &[("mine", "yes")]).await;
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-holdspace=") && cookie.contains("Secure"), "{cookie}");
    assert!(cookie.contains("Path=/") && !cookie.contains("Domain"), "{cookie}");
    assert!(page.header("strict-transport-security").starts_with("max-age="));
    let plain = cookie.split(';').next().unwrap().replace("__Host-", "");
    assert_eq!(season.get_as(&plain, "/overview").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_log_knows_no_link_no_query_and_nothing_that_a_resident_did() {
    let log = CapturedLog::everything();
    let (season, link) = season().await;
    let token = link.rsplit('/').next().unwrap();
    season.get(&link).await;
    season.get(&format!("{link}/times")).await;
    season.post(&format!("{link}/opt-out"), &[("entry", "keep")]).await;
    season.get(&format!("{}/sign-in?whence=somewhere", season.url)).await;
    let cookie = season.signs_in(DIRECTOR).await;
    season.get_as(&cookie, "/overview").await;
    season.desk.store().close().await;
    season.get(&link).await;
    let text = log.text();
    assert!(text.contains("route=\"/overview\""), "what staff open is logged");
    assert!(text.contains("route=\"/v/{token}\" status=503"), "a failure is logged");
    let secret = cookie.split('=').nth(1).unwrap();
    log.names_none_of([token, secret, "/opt-out", "/come-back", "/times", "whence"]);
}

#[tokio::test]
async fn a_page_that_panics_is_answered_in_words_and_the_next_one_is_well() {
    let (season, link) = season().await;
    let broken = || async {
        if true {
            panic!("as a test wants")
        }
    };
    let router = web::router_with(
        WebState::new(season.desk.clone()),
        axum::Router::new().route("/broken", axum::routing::get(broken)),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let page = season.get(&format!("{url}/broken")).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.text.contains("went wrong on our side") && !page.text.contains("as a test wants"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(season.get(&link.replace(&season.url, &url)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_reloads_one_link_without_end_is_asked_to_wait_and_others_are_not() {
    let season = Season::open(TestDatabase::sqlite()).await;
    let links = season.residents().await;
    let [link, other, ..] = links.as_slice() else { panic!("the season has several residents") };
    let mut held_back = None;
    for _ in 0..400 {
        let page = season.get(link).await;
        if page.status != StatusCode::OK {
            held_back = Some(page);
            break;
        }
    }
    let page = held_back.expect("a flood with one link is held back");
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.text.contains("try again in a few seconds") && !page.header("retry-after").is_empty());
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(season.get(other).await.status, StatusCode::OK);
}
