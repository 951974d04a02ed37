//! A therapist offers another visit to somebody they saw: from the agenda to the resident's page and back, what is mailed and
//! what is not, what is held meanwhile, and everybody whom it does not concern.

use std::collections::HashSet;

use holdspace::desk::Error;
use tokio::task::JoinSet;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{DIRECTOR, House, Page, fortnight};
use crate::harness::letter::ReadLetter;
use crate::harness::person::{Resident, SignedIn};
use crate::harness::rest::at_rest;

const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];
/// A Saturday morning, on which nobody offers hours.
const SATURDAY: [(&str, &str); 3] = [("when", "typed"), ("on", "2027-07-10"), ("at", "10:00")];

/// A therapist who has seen somebody and has a free time.
pub struct Seen<'h> {
    house: &'h House,
    therapist: &'static str,
    session: SignedIn<'h>,
    /// The page from which another visit is offered.
    page: String,
    ann: Resident<'h>,
    /// Own free times.
    free: Vec<String>,
}

/// A house in which visits have begun, with free times.
async fn under_way(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    has_begun(&house).await;
    house
}

async fn has_begun(house: &House) {
    house
        .has_invited_everybody_by(holdspace::domain::offering::Rules { reserve_percent: 30, ..fortnight() })
        .await;
    house.it_becomes("2027-07-07T02:00:00Z").await;
}

pub async fn seen(house: &House) -> Seen<'_> {
    for therapist in THERAPISTS {
        let session = house.therapist(therapist).signs_in().await;
        for visit in session.agenda("2027-07-05").await {
            let page = format!("/agenda/another/{}", visit.seat);
            let shown = session.opens(&page).await;
            let mut free = shown.values("when");
            free.retain(|when| when != "typed");
            if shown.status == 200 && !free.is_empty() {
                let people = house.town.people();
                let found =
                    people.iter().find(|person| format!("{} {}", person.given, person.family) == visit.name);
                let ann = house.resident(&found.expect("they are on the roster").address);
                return Seen { house, therapist, session, page, ann, free };
            }
        }
    }
    panic!("no therapist saw anybody and has a free time")
}

impl Seen<'_> {
    async fn offers(&self, form: &[(&str, &str)]) -> Page {
        self.session.sends(&self.page, form).await
    }

    /// Offers, and gives what the resident's page calls it.
    async fn offered(&self, form: &[(&str, &str)]) -> String {
        let page = self.offers(form).await;
        assert_eq!((page.status, page.header("location")), (303, format!("{}?done", self.page).as_str()));
        self.ann.opens_link().await.values("visit").remove(0)
    }

    async fn answers(&self, id: &str, answer: &str) -> Page {
        self.house.form(&format!("{}/further", self.ann.link()), &[("visit", id), ("answer", answer)]).await
    }

    async fn takes_back(&self, id: &str) -> Page {
        self.session.sends("/agenda/withdraw", &[("offer", id)]).await
    }

    async fn feed(&self) -> String {
        self.house.therapist(self.therapist).feed().await.body
    }
}

/// What the sealed seat of an identifier says.
async fn seat(house: &House, id: &str) -> holdspace::domain::seating::Seat {
    house.seats().await.into_iter().find(|(seat, ..)| seat == id).expect("a seat").2
}

fn property(letter: &ReadLetter, name: &str) -> String {
    let text = &letter.calendar.first().expect("it has a calendar part").text;
    text.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).unwrap_or_default().to_owned()
}

/// Somebody asks for a further time by mail, and gives it up again: for whoever looks at letters.
pub async fn walks_through_a_further_time(house: &House) {
    has_begun(house).await;
    let seen = seen(house).await;
    let id = seen.offered(&[&SATURDAY[..], &[("mail", "1")]].concat()).await;
    house.post_goes().await;
    seen.answers(&id, "take").await;
    house.hours_pass(1).await;
    seen.answers(&id, "leave").await;
    house.post_goes().await;
}

/// The page on which a therapist offers another visit to the first whom they saw, and the resident's link.
pub async fn somebody_seen_by(house: &House, therapist: &str) -> (String, String) {
    let session = house.therapist(therapist).signs_in().await;
    for visit in session.agenda("2027-07-05").await {
        let page = format!("/agenda/another/{}", visit.seat);
        if session.opens(&page).await.status == 200 {
            let people = house.town.people();
            let mut named = people.iter().filter(|one| format!("{} {}", one.given, one.family) == visit.name);
            let address = &named.next().expect("they are on the roster").address;
            return (page, house.resident(address).link());
        }
    }
    panic!("{therapist} saw nobody yet")
}

/// Somebody is offered another visit with a letter, and takes it.
pub async fn somebody_takes_another_visit(house: &House) {
    let (page, link) = somebody_seen_by(house, THERAPISTS[0]).await;
    let form = [("when", "typed"), ("on", "2027-07-31"), ("at", "10:00"), ("mail", "1")];
    assert_eq!(house.therapist(THERAPISTS[0]).signs_in().await.sends(&page, &form).await.status, 303);
    let id = house.get(&link).await.values("visit").remove(0);
    let taken = house.form(&format!("{link}/further"), &[("visit", &id), ("answer", "take")]).await;
    assert_eq!(taken.status, 303);
}

/// The same, once a Saturday was offered.
pub async fn is_offered_on_a_saturday(house: &House, therapist: &str) -> (String, String) {
    let (page, link) = somebody_seen_by(house, therapist).await;
    assert_eq!(house.therapist(therapist).signs_in().await.sends(&page, &SATURDAY).await.status, 303);
    (page, link)
}

on_both_engines! {
    async fn a_free_time_is_offered_taken_and_given_up_and_nothing_is_mailed_to_the_resident(db: TestDatabase) {
        let house = under_way(&db).await;
        let seen = seen(&house).await;
        let (mail, rest) = (seen.ann.kinds(), at_rest(&db).await);
        let id = seen.offered(&[("when", &seen.free[0])]).await;
        let page = seen.ann.opens_link().await;
        assert!(page.body.contains("Another visit was offered to you"), "{}", page.body);
        assert!(page.body.contains("Take it") && page.body.contains("No, thank you"));
        let kept = seat(&house, &seen.free[0]).await;
        assert!(kept.holder.is_none() && kept.follow_up.is_some_and(|kept| kept.to_string() == id));
        assert!(seen.feed().await.contains("(another visit\\, offered)"), "{}", seen.feed().await);
        for _ in 0..2 {
            assert_eq!(seen.answers(&id, "take").await.header("location").split('?').nth(1), Some("saved=further"));
        }
        let page = house.get(&format!("{}?saved=further", seen.ann.link())).await;
        assert!(page.body.contains("Saved. The other visit below is yours."), "{}", page.body);
        assert!(page.body.contains("Another visit is held for you"));
        let entry = house.get(&format!("{}/further/{id}/time.ics", seen.ann.link())).await;
        assert!(entry.status == 200 && entry.body.contains(&format!("UID:{id}")), "{}", entry.body);
        assert!(!entry.body.contains("METHOD"));
        assert!(seen.feed().await.contains("(another visit)"));
        assert!(seen.session.opens(&seen.page).await.body.contains("Taken"));
        assert_eq!(seen.answers(&id, "leave").await.status, 303);
        assert!(!seen.ann.opens_link().await.body.contains("nother visit"));
        assert!(!seat(&house, &seen.free[0]).await.is_held());
        let off = seen.feed().await.split("BEGIN:VEVENT").find(|event| event.contains(&seen.free[0])).unwrap().to_owned();
        assert!(off.contains("STATUS:CANCELLED"), "{off}");
        house.post_goes().await;
        assert_eq!(seen.ann.kinds(), mail, "nobody asked for a letter");
        let after = at_rest(&db).await;
        for table in ["follow_ups", "bookings", "seats"] {
            let sizes = |rows: &[String]| rows.iter().map(String::len).collect::<HashSet<_>>();
            assert_eq!(sizes(&rest[table]), sizes(&after[table]), "{table}");
            assert_eq!(rest[table].len(), after[table].len(), "{table}");
        }
        let one_size = after["follow_ups"].iter().map(String::len).collect::<HashSet<_>>();
        assert_eq!((after["follow_ups"].len(), one_size.len()), (3, 1), "one row a therapist, of one size");
        house.everyone_sits_once().await;
    }

    async fn who_asked_by_mail_gets_an_entry_and_it_goes_again_with_the_visit(db: TestDatabase) {
        let house = under_way(&db).await;
        let seen = seen(&house).await;
        let id = seen.offered(&[&SATURDAY[..], &[("mail", "1")]].concat()).await;
        house.post_goes().await;
        let entry = seen.ann.newest("further");
        assert_eq!(entry.calendar[0].method.as_deref(), Some("REQUEST"));
        assert_eq!([property(&entry, "UID"), property(&entry, "SEQUENCE")], [id.clone(), "0".to_owned()]);
        assert_eq!(property(&entry, "SUMMARY"), "Protected time");
        assert_ne!(property(&entry, "UID"), property(&seen.ann.newest("invitation"), "UID"));
        seen.answers(&id, "take").await;
        assert_eq!(seen.takes_back(&id).await.status, 303);
        house.post_goes().await;
        let off = seen.ann.newest("further-off");
        assert_eq!(off.calendar[0].method.as_deref(), Some("CANCEL"));
        assert_eq!([property(&off, "UID"), property(&off, "SEQUENCE")], [id, "2".to_owned()]);
        assert!(seen.ann.opens_link().await.body.contains("cannot be held"));
        // What is taken back before the post goes was never told, and is not taken off any calendar.
        seen.offered(&[&SATURDAY[..], &[("mail", "1")]].concat()).await;
        let (again, before) = (seen.ann.opens_link().await.values("visit").remove(0), seen.ann.kinds());
        seen.takes_back(&again).await;
        house.post_goes().await;
        assert_eq!(seen.ann.kinds(), before);
    }

    async fn who_is_away_holds_no_other_visits_and_says_so_to_those_who_were_to_come(db: TestDatabase) {
        let house = under_way(&db).await;
        let seen = seen(&house).await;
        let id = seen.offered(&[&SATURDAY[..], &[("mail", "1")]].concat()).await;
        seen.answers(&id, "take").await;
        seen.offered(&[("when", &seen.free[0])]).await;
        house.post_goes().await;
        let span = [("from", "2027-07-07"), ("until", "2027-07-31")];
        let ahead = seen.session.sends("/agenda/away", &span).await;
        assert!(ahead.body.contains("2 other visits that were offered or taken"), "{}", ahead.body);
        assert_eq!(seen.session.sends("/agenda/away", &[&span[..], &[("sure", "1")]].concat()).await.status, 303);
        let page = seen.ann.opens_link().await;
        assert_eq!(page.body.matches("cannot be held").count(), 2, "{}", page.body);
        assert!(page.values("visit").is_empty() && !seat(&house, &seen.free[0]).await.is_held());
        house.post_goes().await;
        assert_eq!(seen.ann.newest("further-off").calendar[0].method.as_deref(), Some("CANCEL"));
        assert_eq!(seen.offers(&SATURDAY).await.status, 422, "they are away");
        house.everyone_sits_once().await;
    }

    async fn an_offer_that_nobody_answers_lapses_and_its_seat_is_free_again(db: TestDatabase) {
        let house = under_way(&db).await;
        let seen = seen(&house).await;
        let last = seen.free.last().unwrap().clone();
        let id = seen.offered(&[("when", &last)]).await;
        // The day before it begins, or a week later.
        house.it_becomes("2027-07-14T03:00:00Z").await;
        assert!(!seat(&house, &last).await.is_held());
        let answer = seen.answers(&id, "take").await;
        assert_eq!(answer.status, 409);
        assert!(answer.body.contains("no longer held for you"), "{}", answer.body);
    }

    /// The therapist and residents reach for one seat at the same moment.
    async fn a_seat_goes_to_one_of_those_who_reach_for_it(db: TestDatabase) {
        let house = under_way(&db).await;
        let seen = seen(&house).await;
        let mut tasks = JoinSet::new();
        for person in house.town.people() {
            let resident = house.resident(&person.address);
            if !resident.is_offered().await.contains(&seen.free[0]) {
                continue;
            }
            let (desk, token, seat) = (house.desk.clone(), resident.token(), seen.free[0].parse().unwrap());
            tasks.spawn(async move { desk.reschedule(&token, seat, true).await });
        }
        let form = [("when", seen.free[0].as_str())];
        let (offer, moved) = tokio::join!(seen.offers(&form), tasks.join_all());
        assert!(moved.iter().all(|moved| matches!(moved, Ok(()) | Err(Error::Taken | Error::Booking(_)))), "{moved:?}");
        let won = moved.iter().filter(|moved| moved.is_ok()).count();
        assert_eq!(won + usize::from(offer.status == 303), 1, "{moved:?} {}", offer.status);
        let seat = seat(&house, &seen.free[0]).await;
        assert!(seat.holder.is_some() != seat.follow_up.is_some());
        house.everyone_sits_once().await;
    }
}

#[tokio::test]
async fn a_time_in_hours_that_everybody_is_offered_is_refused_beside_its_field_and_nothing_is_lost() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let seen = seen(&house).await;
    // The weekday on which they saw somebody, two weeks later; hours begin or end at noon.
    let on_monday = seen.session.opens(&seen.page).await.body.contains("whom you saw on Monday");
    let their_day = if on_monday { "2027-07-19" } else { "2027-07-20" };
    let typed = |on, at| [("when", "typed"), ("on", on), ("at", at), ("mail", "1")];
    for (form, said) in [
        (typed(their_day, "11:30"), "hours that you offer to everybody"),
        (typed("2027-07-07", "06:00"), "too soon for an answer"),
        (typed("2027-10-02", "10:00"), "their page is closed"),
        (typed("", "10:00"), "Type the date"),
        (typed("2027-07-10", "soon"), "Type when it begins"),
        ([("when", ""), ("on", ""), ("at", ""), ("mail", "1")], "Choose one of the times"),
    ] {
        let page = seen.offers(&form).await;
        assert_eq!(page.status, 422, "{said}: {}", page.body);
        assert!(
            page.body.contains(said) && page.body.contains("aria-describedby=\"problem\""),
            "{said}: {}",
            page.body
        );
        assert!(page.body.contains("name=\"mail\" value=\"1\" checked"), "{said}");
        assert!(page.body.contains(&format!("value=\"{}\"", form[1].1)), "{said}");
    }
    assert!(seen.ann.opens_link().await.values("visit").is_empty());
    seen.offered(&SATURDAY).await;
    assert!(seen.offers(&SATURDAY).await.body.contains("offered that time to somebody already"));
}

#[tokio::test]
async fn four_at_a_time_are_enough_for_one_resident() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let seen = seen(&house).await;
    for hour in ["08:00", "09:00", "10:00", "11:00"] {
        assert_eq!(seen.offers(&[SATURDAY[0], SATURDAY[1], ("at", hour)]).await.status, 303);
    }
    let fifth = seen.offers(&[SATURDAY[0], SATURDAY[1], ("at", "12:00")]).await;
    assert!(fifth.status == 422 && fifth.body.contains("Four more visits"), "{}", fifth.body);
    let page = seen.ann.opens_link().await;
    let all = page.values("visit");
    assert_eq!(all.len(), 4);
    assert_eq!(seen.answers(&all[0], "leave").await.status, 303);
    assert_eq!(seen.offers(&[SATURDAY[0], SATURDAY[1], ("at", "12:00")]).await.status, 303);
}

#[tokio::test]
async fn another_visit_is_nobody_elses_matter() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let seen = seen(&house).await;
    let id = seen.offered(&SATURDAY).await;
    let other = THERAPISTS.into_iter().find(|other| *other != seen.therapist).unwrap();
    let other = house.therapist(other).signs_in().await;
    let nothing = house.get("/v/a-token-that-nobody-has").await;
    assert_eq!(nothing.status, 404);
    for page in [
        other.opens(&seen.page).await,
        other.sends(&seen.page, &SATURDAY).await,
        other.sends("/agenda/withdraw", &[("offer", &id)]).await,
        other.opens("/agenda/another/nobody").await,
        seen.session.opens(&format!("/agenda/another/{}", seen.free[0])).await,
    ] {
        assert_eq!((page.status, &page.body), (404, &nothing.body));
    }
    let stranger =
        house.town.people().into_iter().find(|person| person.address != seen.ann.address()).unwrap();
    let link = house.resident(&stranger.address).link();
    let foreign = [("visit", id.as_str()), ("answer", "take")];
    let unknown = [("visit", &*"a".repeat(26)), ("answer", "take")];
    for page in [
        house.form(&format!("{link}/further"), &foreign).await,
        house.form(&format!("{link}/further"), &unknown).await,
        house.form(&format!("{}/further", seen.ann.link()), &unknown).await,
        house.get(&format!("{link}/further/{id}/time.ics")).await,
        house.get(&format!("{}/further/{id}/time.ics", seen.ann.link())).await,
    ] {
        assert_eq!((page.status, &page.body), (404, &nothing.body));
    }
    let director = house.director_again().await;
    assert_eq!(director.opens(&seen.page).await.header("location"), "/home", "{DIRECTOR}");
    assert_eq!(director.sends(&seen.page, &SATURDAY).await.header("location"), "/home");
    assert_eq!(house.get(&seen.page).await.header("location"), "/sign-in");
    assert_eq!(house.form("/agenda/withdraw", &[("offer", &id)]).await.header("location"), "/sign-in");
    assert_eq!(seen.ann.opens_link().await.values("visit"), [id], "it is still theirs");
}

#[tokio::test]
async fn a_visit_that_was_missed_or_is_to_come_leads_to_no_other() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let seen = seen(&house).await;
    let seat = seen.page.rsplit('/').next().unwrap();
    let link = format!("href=\"{}\"", seen.page);
    assert!(seen.session.opens("/agenda?from=2027-07-05").await.body.contains(&link));
    assert_eq!(seen.session.marks(seat, "missed").await.status, 303);
    assert!(!seen.session.opens("/agenda?from=2027-07-05").await.body.contains(&link));
    assert_eq!(seen.offers(&SATURDAY).await.status, 404);
    seen.session.marks(seat, "kept").await;
    assert_eq!(seen.offers(&SATURDAY).await.status, 303);
}

#[tokio::test]
async fn an_offer_in_spanish_is_read_in_spanish() {
    let db = TestDatabase::sqlite();
    let house = under_way(&db).await;
    let seen = seen(&house).await;
    house.form(&format!("{}/language", seen.ann.link()), &[("language", "es")]).await;
    let id = seen.offered(&[&SATURDAY[..], &[("mail", "1")]].concat()).await;
    assert!(seen.ann.opens_link().await.body.contains("Le ofrecieron otra visita"));
    seen.answers(&id, "take").await;
    assert!(seen.ann.opens_link().await.body.contains("Tiene reservada otra visita"));
    house.post_goes().await;
    assert!(seen.ann.newest("further").text.contains("Hay otra hora reservada"));
}
