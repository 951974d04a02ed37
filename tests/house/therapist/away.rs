//! A therapist blocks time: what it would do is shown first, nobody is named, and it can be taken back.

use reqwest::StatusCode;

use super::agenda::{THERAPIST, season};
use crate::links::season::Page;

const AWAY: &str = "/agenda/away";
/// A week in which the therapist has visits.
const WEEK: [(&str, &str); 2] = [("from", "2027-08-23"), ("until", "2027-08-27")];
const AGENDA: &str = "/agenda?from=2027-08-23";

fn visits(agenda: &Page) -> usize {
    agenda.text.matches("<li class=\"card\" id=\"").count()
}

#[tokio::test]
async fn a_therapist_blocks_a_week_after_reading_what_it_would_do_and_takes_it_back() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let booked = visits(&season.get_as(&cookie, AGENDA).await);
    assert!(booked > 1);
    let before = season.bookings().await;
    let ahead = season.post_as(&cookie, AWAY, &WEEK).await;
    assert_eq!(ahead.status, StatusCode::OK);
    assert!(ahead.text.contains("Monday, August 23, 2027, to Friday, August 27, 2027, both days included"));
    assert!(ahead.text.contains(&format!("{booked} visits are booked then.")), "{}", ahead.text);
    assert!(season.bookings().await == before, "nothing is done before it is confirmed");
    let again = season.post_as(&cookie, AWAY, &[&WEEK[..], &[("again", "1")]].concat()).await;
    assert!(again.text.contains("name=\"until\" value=\"2027-08-27\""), "what was typed is kept");
    let done = season.post_as(&cookie, AWAY, &[&WEEK[..], &[("sure", "1")]].concat()).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/agenda/away?done"));
    assert_eq!(visits(&season.get_as(&cookie, AGENDA).await), 0);
    let page = season.get_as(&cookie, "/agenda/away?done").await;
    assert!(page.text.contains("Done. Nobody is booked in this time"));
    let absence = page.text.split("name=\"absence\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let undone = season.post_as(&cookie, "/agenda/away/undo", &[("absence", absence)]).await;
    assert_eq!(undone.header("location"), "/agenda/away?undone");
    let page = season.get_as(&cookie, "/agenda/away?undone").await;
    assert!(page.text.contains("Nothing is blocked.") && page.text.contains("Taken back."));
}

#[tokio::test]
async fn a_therapist_who_stops_says_so_without_an_end() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let form = [("from", "2027-08-16"), ("until", ""), ("open", "1"), ("sure", "1")];
    assert_eq!(season.post_as(&cookie, AWAY, &form).await.status, StatusCode::SEE_OTHER);
    let page = season.get_as(&cookie, AWAY).await;
    assert!(page.text.contains("From Monday, August 16, 2027, until further notice (America/Denver)"));
    assert_eq!(visits(&season.get_as(&cookie, "/agenda?from=2027-08-23").await), 0);
}

#[tokio::test]
async fn what_cannot_be_is_told_beside_its_field_and_changes_nothing() {
    let season = season().await;
    let cookie = season.signs_in(THERAPIST).await;
    let before = season.bookings().await;
    for (form, said) in [
        (vec![("from", ""), ("until", "2027-08-20")], "This is not a date."),
        (vec![("from", "2027-08-16")], "Choose the last day, or tick"),
        (vec![("from", "2027-08-16"), ("until", "2027-08-15")], "This ends before it begins."),
        (vec![("from", "2027-08-01"), ("until", "2027-08-02")], "This is over already."),
        (vec![("from", "2067-08-01"), ("until", "2067-08-02")], "more than ten years away"),
        (vec![("from", "2027-08-16"), ("from_time", "soon"), ("until", "2027-08-16")], "not a time of day"),
    ] {
        for sure in [&[][..], &[("sure", "1")][..]] {
            let page = season.post_as(&cookie, AWAY, &[&form[..], sure].concat()).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
            assert!(page.text.contains(said), "{said}: {}", page.text);
            assert!(page.text.contains("aria-invalid=\"true\""), "{said}");
        }
    }
    assert!(season.bookings().await == before);
}
