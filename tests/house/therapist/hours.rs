//! A therapist changes their own hours: what is saved, what is refused beside its field, and that nobody is moved.

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page};
use crate::harness::person::SignedIn;

const THERAPIST: &str = "mxiong@counseling.example.org";
const OTHER: &str = "tdsouza@counseling.example.org";
const HOURS: &str = "/agenda/hours";

/// The stretches of hours that a page shows in its fields.
fn week(page: &Page) -> Vec<(String, String, String)> {
    let value = |text: &str, name: &str| {
        let rest = text.split_once(&format!("name=\"{name}\" value=\"")).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let lines = page.body.split("name=\"weekday\" value=\"").skip(1);
    let lines = lines.map(|line| {
        (line.split('"').next().unwrap_or_default().to_owned(), value(line, "from"), value(line, "to"))
    });
    lines.filter(|(_, from, _)| !from.is_empty()).collect()
}

fn line<'a>(day: &'a str, from: &'a str, to: &'a str) -> [(&'a str, &'a str); 5] {
    [("weekday", day), ("from", from), ("to", to), ("first", ""), ("last", "")]
}

async fn saves(therapist: &SignedIn<'_>, lines: &[[(&str, &str); 5]]) -> Page {
    therapist.sends(HOURS, &lines.concat()).await
}

on_both_engines! {
    async fn a_therapist_replaces_the_week_and_visits_that_are_booked_stay(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let before = house.bookings().await;
        let therapist = house.therapist(THERAPIST).signs_in().await;
        let page = therapist.opens(HOURS).await;
        assert!(page.body.contains("All hours are in America/Denver."), "{}", page.body);
        assert_eq!(week(&page).len(), 2);
        let answer = saves(&therapist, &[
            line("Wed", "09:00", "12:00"),
            line("Wed", "13:00", "15:30"),
            line("Thu", "", ""),
            line("Wed", "09:00", "12:00"),
        ]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/agenda/hours?saved"));
        let told = week(&therapist.opens(HOURS).await);
        let told: Vec<_> = told.iter().map(|(day, from, to)| (day.as_str(), from.as_str(), to.as_str())).collect();
        assert_eq!(told, [("Wed", "09:00", "12:00"), ("Wed", "13:00", "15:30")]);
        assert!(house.bookings().await == before, "hours move nobody");
        assert_eq!(week(&house.therapist(OTHER).signs_in().await.opens(HOURS).await).len(), 2);
        // Without any hours the zone is still known: from the sites, or from visits.
        assert_eq!(saves(&therapist, &[line("Mon", "", "")]).await.status, 303);
        let empty = therapist.opens(HOURS).await;
        assert!(week(&empty).is_empty() && empty.body.contains("America/Denver"));
    }

    async fn dates_differ_and_are_taken_away_again_by_their_own_therapist_alone(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let therapist = house.therapist(THERAPIST).signs_in().await;
        let off = [("on", "2027-07-06"), ("kind", "off")];
        let extra = [("on", "2027-07-10"), ("kind", "extra"), ("from", "09:00"), ("to", "11:00")];
        for form in [&off[..], &off[..], &extra[..]] {
            assert_eq!(therapist.sends("/agenda/hours/date", form).await.status, 303);
        }
        let page = therapist.opens(HOURS).await;
        assert!(page.body.contains("<p class=\"who\">Tuesday, July 6, 2027: no visits</p>"), "{}", page.body);
        assert!(page.body.contains("Saturday, July 10, 2027: also 9:00 AM–11:00 AM"), "{}", page.body);
        assert_eq!(saves(&therapist, &[line("Mon", "09:00", "12:00")]).await.status, 303);
        let ids = therapist.opens(HOURS).await.values("id");
        assert_eq!(ids.len(), 2, "said twice it is there once, and another week leaves dates alone");
        let other = house.therapist(OTHER).signs_in().await;
        assert_eq!(other.sends("/agenda/hours/date/remove", &[("id", &ids[0])]).await.status, 303);
        assert_eq!(therapist.opens(HOURS).await.values("id"), ids);
        assert_eq!(therapist.sends("/agenda/hours/date/remove", &[("id", &ids[0])]).await.status, 303);
        assert_eq!(therapist.opens(HOURS).await.values("id"), ids[1..]);
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_told_beside_its_field_and_what_was_typed_is_kept() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let therapist = house.therapist(THERAPIST).signs_in().await;
    let before = week(&therapist.opens(HOURS).await);
    let refused = saves(&therapist, &[line("Mon", "09:00", ""), line("Tue", "17:00", "12:00")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("2 of the entries need another look"), "{}", refused.body);
    assert!(refused.body.contains("Choose when it ends.") && refused.body.contains("longer than 16 hours"));
    assert!(
        refused.body.contains("value=\"17:00\"") && refused.body.contains("aria-describedby=\"problem-1\"")
    );
    let date = [("on", "2026-07-06"), ("kind", "extra"), ("from", "09:00"), ("to", "11:00")];
    let refused = therapist.sends("/agenda/hours/date", &date).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("This date is over.") && refused.body.contains("value=\"2026-07-06\""));
    let long = "9".repeat(1000);
    assert_eq!(saves(&therapist, &[line("Mon", &long, "12:00")]).await.status, 413);
    assert_eq!(therapist.sends(HOURS, &[("from", "09:00")]).await.status, 422);
    let many = vec![line("Mon", "09:00", "12:00"); 61];
    assert_eq!(saves(&therapist, &many).await.status, 413);
    assert_eq!(week(&therapist.opens(HOURS).await), before);
}
