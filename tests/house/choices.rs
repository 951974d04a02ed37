//! What residents choose behind the link in their mail, on both engines: opt out, move, come back, and what that
//! changes anywhere. Never looks at how a page is made; that is in `links`.

use holdspace::desk::admit::RosterOptions;
use holdspace::domain::booking::Entry;
use reqwest::Method;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page};
use crate::harness::person::Resident;
use crate::harness::rest::at_rest;
use crate::harness::town::tables;

/// A resident of cohort A.
const ANN: &str = "tcastellanos@im.example.edu";
/// Another one.
const BOB: &str = "pcastellanos@im.example.edu";

/// A house whose residents have their invitations.
async fn invited(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house
}

/// Fails unless the page sends the browser back to the page behind the link.
fn went_well(page: &Page, resident: &Resident<'_>) {
    assert_eq!(page.status, 303, "{}", page.body);
    let home = format!("/v/{}?saved", resident.token());
    assert!(page.header("location").starts_with(&home), "{}", page.header("location"));
}

/// What holds now, in the one word of the page that tells it.
async fn stands(resident: &Resident<'_>) -> &'static str {
    let page = resident.opens_link().await;
    assert_eq!(page.status, 200);
    let buttons = ["/opt-out\">\n<fieldset>", "/come-back\""];
    match buttons.map(|button| page.body.contains(button)) {
        [true, false] => "held",
        [false, true] => "opted out",
        other => panic!("{other:?}: {}", page.body),
    }
}

/// How many letters of the resident's own came, beside those that everyone gets.
fn own_letters(resident: &Resident<'_>) -> Vec<String> {
    let for_everyone = ["announcement", "invitation", "reminder", "afterwards"];
    resident.kinds().into_iter().filter(|kind| !for_everyone.contains(&kind.as_str())).collect()
}

/// A link whose token is well-formed and nobody's: another last sign.
fn forged(link: &str) -> String {
    let (most, last) = link.split_at(link.len() - 1);
    let other = if last == "a" { "b" } else { "a" };
    format!("{most}{other}")
}

/// What the page says of why the batch chose a time.
fn why(page: &Page) -> String {
    let (_, from) = page.body.split_once("<summary>Why this time?</summary>").expect("the page says why");
    from.split("</details>").next().unwrap().to_owned()
}

on_both_engines! {
    async fn a_scanner_that_opens_everything_changes_nothing(db: TestDatabase) {
        let house = invited(&db).await;
        let before = at_rest(&db).await;
        let link = house.resident(ANN).link();
        for path in ["", "?entry=remove", "/opt-out?entry=remove", "/come-back", "/times", "/letters?none=on", "/?saved", "/language?language=es", "/move-back", "/way?way=phone", "/time.ics"] {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                let page = Page::of(house.request(method.clone(), &format!("{link}{path}"))).await;
                assert!(page.status < 500, "{method} {path}: {}", page.status);
                assert!(method != Method::HEAD || page.body.is_empty());
            }
        }
        // Some scanners press every button without its form.
        for path in ["/opt-out", "/come-back", "/times", "/letters", "/language", "/preferences", "/address", "/roster-address", "/move-back", "/way"] {
            let page = house.form(&format!("{link}{path}"), &[]).await;
            assert_eq!(page.status, 422, "{path}");
        }
        assert_eq!(at_rest(&db).await, before);
        let letters = house.sink.received().len();
        house.post_goes().await;
        assert_eq!(house.sink.received().len(), letters);
    }

    /// From the mail: the link, one of two choices, one button. No choice is made beforehand, because scanners press buttons.
    async fn opting_out_takes_one_choice_and_nobody_asks_why(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let page = ann.opens_link().await;
        assert!(page.body.contains("name=\"entry\" value=\"keep\" required"));
        assert!(!page.body.contains("name=\"entry\" value=\"keep\" checked"));
        assert!(!page.body.contains("<textarea") && !page.body.contains("type=\"text\""));
        went_well(&ann.opts_out(Entry::Keep).await, &ann);
        assert_eq!(stands(&ann).await, "opted out");
        house.everyone_sits_once().await;
        assert_eq!(house.bookings().await.iter().filter(|booking| booking.visit().is_none()).count(), 1);
    }

    async fn why_this_time_reads_the_same_whatever_a_resident_does_and_names_nobody(db: TestDatabase) {
        let house = invited(&db).await;
        let (ann, bob) = (house.resident(ANN), house.resident(BOB));
        let before = why(&ann.opens_link().await);
        assert!(before.contains("was chosen for you") && before.contains("It lies in your protected time."), "{before}");
        assert!(before.contains("<li>"), "no next best time is told: {before}");
        for name in ["Xiong", "Mbeki", "Souza", "counseling"] {
            assert!(!before.contains(name), "{name}: {before}");
        }
        let bobs = why(&bob.opens_link().await);
        went_well(&ann.opts_out(Entry::Keep).await, &ann);
        assert_eq!(why(&ann.opens_link().await), before);
        went_well(&ann.moves_to(0).await, &ann);
        assert_eq!(why(&ann.opens_link().await), before);
        house.hours_pass(6).await;
        assert_eq!([why(&ann.opens_link().await), why(&bob.opens_link().await)], [before, bobs]);
    }

    async fn why_a_time_was_chosen_lies_sealed_at_one_size_and_is_sealed_anew_at_fixed_hours(db: TestDatabase) {
        let house = invited(&db).await;
        // Somebody who came late and has no protected time waits, and nothing shows it.
        let late = "IM,Sato,Ren,rsato@im.example.edu,1,,Denver Main,2027-07-01";
        let roster = tables(&format!("{}{late}\n", house.town.roster));
        house.desk.import_roster(&roster, &RosterOptions::default()).await.unwrap();
        assert_eq!(house.books().await.waiting, 1);
        let sealed = |rest: &[String]| -> Vec<(String, String)> {
            let cell = |row: &str, name: &str| {
                let (_, from) = row.split_once(&format!("{name}=")).unwrap();
                from.split(' ').next().unwrap().to_owned()
            };
            rest.iter().map(|row| (cell(row, "id"), cell(row, "why"))).collect()
        };
        let before = sealed(&at_rest(&db).await["bookings"]);
        house.hours_pass(6).await;
        let after = sealed(&at_rest(&db).await["bookings"]);
        assert_eq!(before.len(), 17);
        assert!(before.iter().chain(&after).all(|(_, why)| why.len() == 2 * 1024));
        for (id, why) in &before {
            let (_, anew) = after.iter().find(|(other, _)| other == id).unwrap();
            assert_ne!(anew, why);
        }
    }

    async fn who_keeps_the_entry_is_sent_nothing_and_who_removes_it_one_cancel(db: TestDatabase) {
        let house = invited(&db).await;
        let (ann, bob) = (house.resident(ANN), house.resident(BOB));
        for _ in 0..2 {
            went_well(&ann.opts_out(Entry::Keep).await, &ann);
            went_well(&bob.opts_out(Entry::Remove).await, &bob);
            house.post_goes().await;
            assert_eq!(own_letters(&ann), Vec::<String>::new());
            assert_eq!(own_letters(&bob), ["removed"]);
        }
        // Who kept it may still have it removed, and comes back into an empty calendar.
        went_well(&ann.opts_out(Entry::Remove).await, &ann);
        went_well(&ann.comes_back().await, &ann);
        house.post_goes().await;
        assert_eq!(own_letters(&ann).last().map(String::as_str), Some("moved"));
        assert_eq!(stands(&ann).await, "held");
    }

    async fn who_comes_back_finds_everything_as_it_was(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let before = ann.opens_link().await;
        went_well(&ann.opts_out(Entry::Keep).await, &ann);
        assert_ne!(ann.opens_link().await, before);
        for _ in 0..2 {
            went_well(&ann.comes_back().await, &ann);
            assert_eq!(ann.opens_link().await, before);
        }
        assert_eq!(own_letters(&ann), Vec::<String>::new());
        house.everyone_sits_once().await;
    }

    async fn a_move_updates_the_calendar_once_however_often_the_button_is_pressed(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        let before = ann.opens_link().await;
        let seat = ann.is_offered().await.remove(0);
        for _ in 0..2 {
            went_well(&ann.takes(&seat).await, &ann);
        }
        house.post_goes().await;
        assert_eq!(own_letters(&ann), ["moved"]);
        assert_ne!(ann.opens_link().await.body, before.body);
        assert_eq!(stands(&ann).await, "held");
        house.everyone_sits_once().await;
    }

    async fn a_seat_that_went_meanwhile_is_refused_with_the_other_times(db: TestDatabase) {
        let house = invited(&db).await;
        let offered = house.who_are_offered().await;
        let pairs = offered.iter().enumerate().flat_map(|(n, one)| offered[n + 1..].iter().map(move |two| (one, two)));
        let mut shared = pairs.filter_map(|((ann, hers), (bob, his))| Some((ann, bob, hers.iter().find(|seat| his.contains(seat))?)));
        let (ann, bob, seat) = shared.next().expect("nobody is offered what another is");
        went_well(&ann.takes(seat).await, ann);
        let before = bob.opens_link().await;
        let page = bob.takes(seat).await;
        assert_eq!(page.status, 409);
        assert!(!page.values("seat").contains(seat));
        assert_eq!(bob.opens_link().await, before);
        house.everyone_sits_once().await;
    }

    async fn a_seat_that_somebody_gave_up_is_dark_until_the_fixed_hour(db: TestDatabase) {
        let house = invited(&db).await;
        let (ann, bob) = (house.resident(ANN), house.resident(BOB));
        let booked = house.bookings().await;
        went_well(&ann.opts_out(Entry::Keep).await, &ann);
        let now = house.bookings().await;
        let given_up = booked.iter().filter_map(|b| b.visit()).find(|visit| {
            !now.iter().filter_map(|b| b.visit()).any(|held| held.seat == visit.seat)
        });
        let given_up = given_up.unwrap().seat.to_string();
        assert!(!bob.is_offered().await.contains(&given_up));
        assert_eq!(bob.takes(&given_up).await.status, 409);
        house.hours_pass(6).await;
        assert!(bob.is_offered().await.contains(&given_up));
        went_well(&bob.takes(&given_up).await, &bob);
        // Who opted out finds that the way back is shut, and is shown the other times.
        assert_eq!(ann.comes_back().await.status, 409);
        house.everyone_sits_once().await;
    }

    async fn nobody_moves_out_of_their_own_protected_time(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let mine = ann.is_offered().await;
        let before = at_rest(&db).await;
        let mut refused = 0;
        for (seat, ..) in house.seats().await.into_iter().filter(|(id, ..)| !mine.contains(id)) {
            let own = house.bookings().await.iter().any(|b| b.visit().is_some_and(|v| v.seat.to_string() == seat));
            if !own {
                assert_eq!(ann.takes(&seat).await.status, 409, "{seat}");
                refused += 1;
            }
        }
        assert!(refused > 20, "{refused}");
        assert_eq!(ann.takes("no seat at all").await.status, 422);
        assert_eq!(at_rest(&db).await, before);
    }

    /// Unknown, expired, foreign and malformed links answer alike to the byte, and name nobody.
    async fn a_link_that_opens_nothing_never_says_why(db: TestDatabase) {
        let house = invited(&db).await;
        let link = house.resident(ANN).link();
        let feed = house.therapist("mxiong@counseling.example.org").feed_link();
        let foreign = feed.replace("/feed/", "/v/").replace(".ics", "");
        let wrong = [forged(&link), foreign, "/v/x".to_owned(), format!("/v/{}", "a".repeat(52)), format!("/v/{}", "A".repeat(4000))];
        let nothing = house.get("/nowhere").await;
        assert_eq!(nothing.status, 404);
        for wrong in &wrong {
            assert_eq!(house.get(wrong).await, nothing, "{wrong}");
            assert_eq!(house.get(&format!("{wrong}/times")).await, nothing, "{wrong}");
            assert_eq!(house.form(&format!("{wrong}/opt-out"), &[("entry", "keep")]).await, nothing);
            assert_eq!(house.form(&format!("{wrong}/come-back"), &[("back", "yes")]).await, nothing);
        }
        house.it_becomes("2027-08-15T12:00:00Z").await;
        assert_eq!(house.get(&link).await.status, 200);
        // Thirty days after the last day the link ends; a day later it is forgotten, and nothing changes with that.
        for moment in ["2027-08-17T12:00:00Z", "2027-08-25T12:00:00Z"] {
            house.clock.set(moment.parse().unwrap());
            assert_eq!(house.get(&link).await, nothing);
            house.round().await;
            assert_eq!(house.get(&link).await, nothing);
            assert_eq!(house.form(&format!("{link}/opt-out"), &[("entry", "keep")]).await, nothing);
        }
    }

    async fn the_coordinators_coverage_never_changes(db: TestDatabase) {
        let house = invited(&db).await;
        let before = house.coverage("IM").await;
        assert!(before[0].contains("Castellanos, Thuy-Anh") && before[1].contains("BEGIN:VEVENT"));
        let ann = house.somebody_offered().await;
        let bob = house.resident([ANN, BOB].into_iter().find(|bob| *bob != ann.address()).unwrap());
        went_well(&ann.moves_to(0).await, &ann);
        assert_eq!(house.coverage("IM").await, before);
        went_well(&bob.opts_out(Entry::Remove).await, &bob);
        assert_eq!(house.coverage("IM").await, before);
        went_well(&bob.comes_back().await, &bob);
        house.days_pass(1).await;
        assert_eq!(house.coverage("IM").await, before);
        house.it_becomes("2027-08-20T12:00:00Z").await;
        assert_eq!(house.coverage("IM").await, before);
    }

    async fn once_a_visit_has_begun_it_can_no_longer_be_opted_out_of(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        house.it_becomes("2027-07-09T12:00:00Z").await;
        let before = at_rest(&db).await;
        assert_eq!(ann.opts_out(Entry::Remove).await.status, 409);
        assert_eq!(ann.opens_link().await.status, 200);
        assert_eq!(at_rest(&db).await, before);
    }
}
