//! Whoever leads the clinic: all visits by code, the load, who waits, and blocking a therapist's time. Nobody else.

use holdspace::desk::session::{Session, Who};
use holdspace::domain::id::StaffId;
use holdspace::domain::staff::Role;
use reqwest::StatusCode;

use super::agenda::{THERAPIST, season};
use crate::links::season::{DIRECTOR, Season};

const LEAD: &str = "lead@counseling.example.org";
const PAGES: [&str; 4] = ["/clinic", "/clinic/load", "/clinic/waiting", "/clinic/away"];

/// The cookie of somebody whom the director asked to lead the clinic.
pub async fn lead(season: &Season) -> String {
    let dana = Who::Staff(StaffId::from_bytes([9; 16]), [Role::Director].into_iter().collect());
    season.desk.grant(&Session { who: dana }, "Lee Lead", &LEAD.parse().unwrap(), Role::Lead).await.unwrap();
    season.signs_in(LEAD).await
}

#[tokio::test]
async fn who_leads_the_clinic_sees_visits_by_code_and_therapist_and_nobodys_name() {
    let season = season().await;
    let therapist = season.signs_in(THERAPIST).await;
    let agenda = season.get_as(&therapist, "/agenda?from=2027-08-16").await;
    let between =
        |text: &str, before: &str| text.split_once(before).unwrap().1.split('<').next().unwrap().to_owned();
    let (name, code) = (between(&agenda.text, "<p class=\"person\">"), between(&agenda.text, "Code "));
    let cookie = lead(&season).await;
    let home = season.get_as(&cookie, "/home").await;
    assert_eq!(home.header("location"), "/clinic", "the one place that they look after");
    let page = season.get_as(&cookie, "/clinic?from=2027-08-16").await;
    assert!(page.text.contains(&code) && page.text.contains("Xiong"), "{}", page.text);
    assert!(!page.text.contains(&name), "{name}");
    assert!(page.text.contains("/clinic?from=2027-08-09") && page.text.contains("/clinic?from=2027-08-23"));
    let none = season.get_as(&cookie, "/clinic?from=2031-08-16").await;
    assert!(none.text.contains("No visits in these seven days"));
}

#[tokio::test]
async fn the_load_agrees_with_what_each_therapist_sees() {
    let season = season().await;
    let own = season.get_as(&season.signs_in(THERAPIST).await, "/agenda").await;
    let own: Vec<String> = own
        .text
        .split("<td class=\"number\">")
        .skip(1)
        .step_by(2)
        .map(|cell| cell.split('<').next().unwrap().to_owned())
        .collect();
    let load = season.get_as(&lead(&season).await, "/clinic/load").await;
    let row = load.text.split("<tr>").find(|row| row.contains("María-José Xiong")).unwrap();
    let told =
        row.split("<td class=\"number\">").skip(1).map(|cell| cell.split('<').next().unwrap().to_owned());
    assert_eq!(told.collect::<Vec<_>>(), own);
    assert_eq!(own.len(), 8);
}

#[tokio::test]
async fn who_waits_is_counted_and_named_to_who_leads_the_clinic() {
    let season = season().await;
    let page = season.get_as(&lead(&season).await, "/clinic/waiting").await;
    let rows = page.text.matches("<th scope=\"row\">").count();
    match rows {
        0 => assert!(page.text.contains("Nobody waits")),
        1 => assert!(page.text.contains("1 person waits.")),
        many => assert!(page.text.contains(&format!("{many} people wait."))),
    }
}

#[tokio::test]
async fn who_leads_the_clinic_blocks_a_day_for_a_therapist() {
    let season = season().await;
    let cookie = lead(&season).await;
    let choose = season.get_as(&cookie, "/clinic/away").await;
    let row = choose.text.split("<li>").find(|row| row.contains("María-José Xiong")).unwrap();
    let whose = row.split("whose=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = [("whose", whose.as_str()), ("from", "2027-08-23"), ("until", "2027-08-27")];
    let ahead = season.post_as(&cookie, "/clinic/away", &form).await;
    assert!(ahead.text.contains("visits are booked then"), "{}", ahead.text);
    let done = season.post_as(&cookie, "/clinic/away", &[&form[..], &[("sure", "1")]].concat()).await;
    assert_eq!(done.header("location"), format!("/clinic/away?whose={whose}&done"));
    let page = season.get_as(&cookie, done.header("location")).await;
    assert!(page.text.contains("Done. Nobody is booked in this time"));
    let therapist = season.signs_in(THERAPIST).await;
    let own = season.get_as(&therapist, "/agenda/away").await;
    let absence = own.text.split("name=\"absence\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let undo = [("whose", whose.as_str()), ("absence", absence)];
    assert_eq!(season.post_as(&cookie, "/clinic/away/undo", &undo).await.status, StatusCode::SEE_OTHER);
    assert!(season.get_as(&therapist, "/agenda/away").await.text.contains("Nothing is blocked."));
    let nobody = format!("/clinic/away?whose={}", "a".repeat(26));
    assert_eq!(season.get_as(&cookie, &nobody).await.status, StatusCode::NOT_FOUND);
    assert_eq!(season.get_as(&cookie, "/clinic/away?whose=x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_clinic_is_open_to_nobody_else() {
    let season = season().await;
    let (director, therapist) = (season.signs_in(DIRECTOR).await, season.signs_in(THERAPIST).await);
    for path in PAGES {
        assert_eq!(season.get_as("", path).await.header("location"), "/sign-in", "{path}");
        assert_eq!(season.get_as(&director, path).await.header("location"), "/home", "{path}");
        assert_eq!(season.get_as(&therapist, path).await.header("location"), "/agenda", "{path}");
    }
    for path in ["/clinic/away", "/clinic/away/undo"] {
        assert_eq!(season.post_as(&director, path, &[]).await.header("location"), "/home", "{path}");
        assert_eq!(season.post_as(&therapist, path, &[]).await.header("location"), "/agenda", "{path}");
    }
    let lead = lead(&season).await;
    for path in ["/overview", "/agenda"] {
        assert_eq!(season.get_as(&lead, path).await.header("location"), "/home", "{path}");
    }
}
