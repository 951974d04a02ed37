//! Today, the week, what waits for a mark, what is to come, and the visits in one's own calendar.

use reqwest::StatusCode;

use crate::harness::engines::TestDatabase;
use crate::links::season::{DIRECTOR, Page, Season};

pub const THERAPIST: &str = "mxiong@counseling.example.org";
const OTHER: &str = "nrahman@counseling.example.org";
/// In the middle of the sample season, on a Wednesday.
const MIDDLE: &str = "2027-08-11T20:00:00Z";

pub async fn season() -> Season {
    let season = Season::open(TestDatabase::sqlite()).await;
    season.mail().await;
    season.clock.set(MIDDLE.parse().unwrap());
    season.mail().await;
    season
}

/// What stands between two marks of a page.
fn part<'p>(page: &'p Page, from: &str, to: &str) -> &'p str {
    let rest = page.text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split(to).next().unwrap_or_default()
}

fn seats(html: &str) -> Vec<String> {
    let values = html.split("name=\"seat\" value=\"").skip(1);
    values.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn visits_without_a_mark_are_gathered_and_a_mark_is_one_press_that_can_be_taken_back() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let home = season.get_as(&cookie, "/agenda").await;
    let waiting = seats(part(&home, "id=\"unmarked\"", "</section>"));
    assert!(waiting.len() > 2, "weeks went by without a mark");
    assert!(home.text.contains("visits wait for a mark"));
    let form = [("seat", waiting[0].as_str()), ("mark", "kept"), ("waits", "1")];
    let answer = season.post_as(&cookie, "/agenda/mark", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let there = answer.header("location").to_owned();
    assert_eq!(there, format!("/agenda?marked={0}#{0}", waiting[0]), "the focus stays where it was");
    let marked = season.get_as(&cookie, there.split('#').next().unwrap()).await;
    let list = part(&marked, "id=\"unmarked\"", "</section>");
    assert!(seats(list).contains(&waiting[0]) && list.contains("Marked as kept"), "{list}");
    assert!(list.contains(&format!("<li class=\"card\" id=\"{}\" tabindex=\"-1\">", waiting[0])));
    let later = season.get_as(&cookie, "/agenda").await;
    assert!(!later.text.contains(&waiting[0]), "what is marked waits no more");
    let undo = [("seat", waiting[0].as_str()), ("mark", "none"), ("waits", "1")];
    season.post_as(&cookie, "/agenda/mark", &undo).await;
    assert_eq!(
        seats(part(&season.get_as(&cookie, "/agenda").await, "id=\"unmarked\"", "</section>")),
        waiting
    );
}

#[tokio::test]
async fn a_page_never_shows_a_visit_twice_and_turns_by_day_and_by_week() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    for path in ["/agenda", "/agenda?from=2027-08-02", "/agenda?day=2027-08-10"] {
        let page = season.get_as(&cookie, path).await;
        let ids: Vec<&str> = page.text.split("<li class=\"card\" id=\"").skip(1).collect();
        let unique: std::collections::BTreeSet<&str> =
            ids.iter().map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(unique.len(), ids.len(), "{path}");
        assert!(page.text.contains("All times are in America/Denver."));
    }
    let day = season.get_as(&cookie, "/agenda?day=2027-08-10").await;
    assert!(day.text.contains("<h1>Tuesday, August 10, 2027</h1>"));
    assert!(day.text.contains("/agenda?day=2027-08-09") && day.text.contains("/agenda?day=2027-08-11"));
    let week = season.get_as(&cookie, "/agenda?from=2027-08-02").await;
    assert!(week.text.contains("/agenda?from=2027-07-26") && week.text.contains("/agenda?from=2027-08-09"));
    let odd = season.get_as(&cookie, "/agenda?from=9999-99-99&day=x").await;
    assert_eq!((odd.status, odd.text), (StatusCode::OK, season.get_as(&cookie, "/agenda").await.text));
}

#[tokio::test]
async fn what_is_to_come_is_told_in_hours_per_week() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let home = season.get_as(&cookie, "/agenda").await;
    let table = part(&home, "What you have coming", "</table>");
    assert_eq!(table.matches("<th scope=\"row\">").count(), 8);
    assert!(table.contains("Monday, August 9, 2027"), "{table}");
    let visits: usize = table
        .split("<td class=\"number\">")
        .skip(2)
        .step_by(2)
        .map(|cell| cell.split('<').next().unwrap().parse::<usize>().unwrap())
        .sum();
    season.clock.set("2027-12-01T20:00:00Z".parse().unwrap());
    let cookie = season.signs_in(THERAPIST).await;
    let after = season.get_as(&cookie, "/agenda").await;
    assert!(visits > 0 && after.text.contains("Nothing is booked in the next eight weeks."));
}

#[tokio::test]
async fn each_calendar_program_is_told_how_to_subscribe() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let page = season.get_as(&cookie, "/agenda/calendars").await;
    let url = page.feed_address();
    let webcal = format!("href=\"webcal://{}\"", url.split_once("://").unwrap().1);
    assert!(page.text.contains(&webcal));
    for program in ["Apple Calendar", "Google Calendar", "Outlook", "Thunderbird"] {
        assert!(page.text.contains(program), "{program}");
    }
}

#[tokio::test]
async fn a_therapists_pages_are_nobody_elses() {
    let season = season().await;
    let director = season.signs_in(DIRECTOR).await;
    let other = season.signs_in(OTHER).await;
    let mine = season.get_as(&season.signs_in(THERAPIST).await, "/agenda").await;
    let waits = seats(part(&mine, "id=\"unmarked\"", "</section>")).remove(0);
    assert!(!season.get_as(&other, &format!("/agenda?marked={waits}")).await.text.contains(&waits));
    for path in ["/agenda", "/agenda/hours", "/agenda/away", "/agenda/calendars"] {
        assert_eq!(season.get_as("", path).await.header("location"), "/sign-in", "{path}");
        assert_eq!(season.get_as(&director, path).await.header("location"), "/home", "{path}");
    }
    for path in [
        "/agenda/hours",
        "/agenda/hours/date",
        "/agenda/hours/date/remove",
        "/agenda/away",
        "/agenda/away/undo",
    ] {
        assert_eq!(season.post_as("", path, &[]).await.header("location"), "/sign-in", "{path}");
        assert_eq!(season.post_as(&director, path, &[]).await.header("location"), "/home", "{path}");
    }
}
