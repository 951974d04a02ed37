//! What therapists follow: the feed that their calendar fetches, the agenda with names, and marks. Never a resident's
//! page.

use holdspace::domain::booking::Entry;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page};
use crate::harness::rest::at_rest;

const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

async fn invited(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house
}

/// A therapist with visits in July, and who comes to the first of them: address, seat and name.
async fn somebody_busy(house: &House) -> (&'static str, String, String) {
    for address in THERAPISTS {
        let agenda = house.therapist(address).signs_in().await.agenda("2027-07-05").await;
        if let Some(first) = agenda.first() {
            return (address, first.seat.clone(), first.name.clone());
        }
    }
    panic!("no therapist has a visit");
}

/// The address of a person by the name on an agenda.
fn address_of(house: &House, name: &str) -> String {
    let people = house.town.people();
    let found = people.iter().find(|person| format!("{} {}", person.given, person.family) == name);
    found.unwrap_or_else(|| panic!("{name} is on no roster")).address.clone()
}

/// The event of a seat in a feed.
fn event(feed: &str, seat: &str) -> String {
    let events = feed.split("BEGIN:VEVENT").skip(1);
    let found = events.into_iter().find(|event| event.contains(&format!("UID:{seat}")));
    found.unwrap_or_else(|| panic!("no event of {seat} in {feed}")).to_owned()
}

on_both_engines! {
    async fn a_feed_is_fetched_once_and_then_only_when_something_changed(db: TestDatabase) {
        let house = invited(&db).await;
        let (therapist, seat, name) = somebody_busy(&house).await;
        let link = house.therapist(therapist).feed_link();
        let feed = house.therapist(therapist).feed().await;
        assert_eq!((feed.status, feed.header("content-type")), (200, "text/calendar; charset=utf-8"));
        let ask = |tag: String| house.request(Method::GET, &link).header(IF_NONE_MATCH, tag);
        let tag = feed.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 16);
        let known = Page::of(ask(tag.clone())).await;
        assert_eq!((known.status, known.body.as_str(), known.header("etag")), (304, "", tag.as_str()));
        assert_eq!(house.therapist(therapist).feed().await, feed);

        let resident = house.resident(&address_of(&house, &name));
        assert_eq!(resident.opts_out(Entry::Keep).await.status, 303);
        let changed = Page::of(ask(tag.clone())).await;
        assert_eq!(changed.status, 200);
        assert!(event(&feed.body, &seat).contains("STATUS:CONFIRMED"));
        assert!(event(&changed.body, &seat).contains("STATUS:CANCELLED"));
        assert!(event(&changed.body, &seat).contains("SEQUENCE:1"));
        assert_eq!(resident.comes_back().await.status, 303);
        assert!(event(&house.therapist(therapist).feed().await.body, &seat).contains("SEQUENCE:2"));
    }

    async fn a_feed_names_nobody_and_its_address_can_be_changed(db: TestDatabase) {
        let house = invited(&db).await;
        let mut events = 0;
        for address in THERAPISTS {
            let feed = house.therapist(address).feed().await.body;
            events += feed.matches("BEGIN:VEVENT").count();
            let lower = feed.to_lowercase();
            for secret in house.town.secrets() {
                assert!(!lower.contains(&secret.to_lowercase()), "a feed names {secret}");
            }
        }
        assert_eq!(events, 16);
        let therapist = house.therapist(THERAPISTS[0]);
        let (session, link) = (therapist.signs_in().await, therapist.feed_link());
        assert_eq!(session.sends("/agenda/feed", &[]).await.status, 303);
        assert_eq!(house.get(&link).await, house.get("/nowhere").await);
        let page = session.opens("/agenda/calendars").await;
        let fresh = page.body.split("value=\"").find(|text| text.contains("/feed/")).unwrap();
        assert_eq!(house.get(fresh.split('"').next().unwrap()).await.status, 200);
    }

    async fn a_visit_is_marked_once_it_has_begun_and_by_its_own_therapist(db: TestDatabase) {
        let house = invited(&db).await;
        let (therapist, seat, _) = somebody_busy(&house).await;
        let other = THERAPISTS.into_iter().find(|address| *address != therapist).unwrap();
        let early = house.therapist(therapist).signs_in().await;
        assert_eq!(early.marks(&seat, "kept").await.status, 409);
        house.it_becomes("2027-07-20T12:00:00Z").await;
        assert_eq!(early.opens("/agenda").await.status, 303, "a session ends after half a day");
        let stranger = house.therapist(other).signs_in().await;
        let before = at_rest(&db).await;
        assert_eq!(stranger.marks(&seat, "kept").await.status, 409);
        assert_eq!(at_rest(&db).await, before);
        let therapist = house.therapist(therapist).signs_in().await;
        for (mark, attended) in [("kept", 1), ("missed", 0), ("kept", 1), ("none", 0), ("kept", 1)] {
            assert_eq!(therapist.marks(&seat, mark).await.status, 303);
            assert_eq!(house.bookings().await.iter().filter(|booking| booking.attended()).count(), attended);
        }
    }

    async fn a_sign_in_link_opens_once_and_for_a_quarter_of_an_hour(db: TestDatabase) {
        let house = invited(&db).await;
        let therapist = house.therapist(THERAPISTS[0]);
        let session = therapist.signs_in().await;
        let used = therapist.newest("sign-in").link("/sign-in/");
        let nothing = house.get("/nowhere").await;
        assert_eq!(house.form(&used, &[("mine", "yes")]).await, nothing);
        // A scanner that opens the fresh link does not use it up.
        house.clock.advance(chrono::Duration::minutes(2));
        house.form("/sign-in", &[("address", THERAPISTS[0])]).await;
        house.post_goes().await;
        let fresh = therapist.newest("sign-in").link("/sign-in/");
        assert_ne!(fresh, used);
        assert_eq!(house.get(&fresh).await, house.get(&used).await);
        house.clock.advance(chrono::Duration::minutes(16));
        assert_eq!(house.form(&fresh, &[("mine", "yes")]).await, nothing);
        assert_eq!(session.sends("/sign-out", &[]).await.status, 303);
        assert_eq!(session.opens("/agenda").await.status, 303);
        // Whoever asks with an address that nobody has sees the same page, and nobody is written to.
        let before = house.sink.received().len();
        let known = house.form("/sign-in", &[("address", THERAPISTS[0])]).await;
        house.post_goes().await;
        assert_eq!(house.sink.received().len(), before + 1);
        assert_eq!(house.form("/sign-in", &[("address", "nobody@example.org")]).await, known);
        assert_eq!(house.post_goes().await.sent, 0);
    }
}

#[tokio::test]
async fn a_therapists_whole_feed_as_a_calendar_reads_it() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let (therapist, _, name) = somebody_busy(&house).await;
    house.resident(&address_of(&house, &name)).opts_out(Entry::Keep).await;
    insta::assert_snapshot!(house.therapist(therapist).feed().await.body);
}
