//! Answers that come in by mail, as whole conversations: a letter goes out over SMTP, an answer comes back, the resident
//! opens their page. Never looks at how mail is parsed but by what becomes of it.

use holdspace::desk::incoming::Counted;
use holdspace::domain::booking::Entry as Removal;
use holdspace::domain::time::Span;
use reqwest::Method;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page};
use crate::harness::person::Resident;
use crate::harness::replies::{Mail, NOT_VOUCHED, VOUCHED};
use crate::harness::rest::at_rest;

/// Somebody on the roster.
const ANN: &str = "tcastellanos@im.example.edu";
/// Somebody else.
const BOB: &str = "pcastellanos@im.example.edu";
/// Nobody who is known here.
const EVE: &str = "eve@elsewhere.example";
/// Another address of Ann's.
const HOME: &str = "ann@home.example.org";
const DECLINED: &str = "You declined in your calendar on";

async fn invited(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house
}

/// An answer of a resident about their newest entry, a minute later than the last.
fn answer(house: &House, file: &'static str, who: &Resident<'_>) -> Mail {
    house.clock.advance(chrono::Duration::minutes(1));
    Mail::of(file, house, who.address(), &who.entry())
}

/// The letters of the resident's own, beside those that everyone gets.
fn own_letters(resident: &Resident<'_>) -> Vec<String> {
    let for_everyone = ["announcement", "invitation", "reminder", "afterwards"];
    resident.kinds().into_iter().filter(|kind| !for_everyone.contains(&kind.as_str())).collect()
}

async fn page(resident: &Resident<'_>) -> String {
    let page = resident.opens_link().await;
    assert_eq!(page.status, 200);
    page.body
}

/// The times that a resident's page offers.
async fn offered(house: &House, resident: &Resident<'_>) -> Vec<Span> {
    house.desk.offers(&resident.token()).await.unwrap().times.iter().map(|offer| offer.span).collect()
}

/// Everything at rest but the bookings, which are sealed anew now and then, and the letters.
async fn bookings(db: &TestDatabase) -> Vec<String> {
    at_rest(db).await["bookings"].clone()
}

on_both_engines! {
    async fn who_declines_in_any_calendar_program_has_opted_out_and_may_take_it_back(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let files = ["gmail-declined", "outlook-declined", "exchange-declined", "apple-declined", "bare-declined"];
        for (round, file) in files.into_iter().enumerate() {
            assert_eq!(ann.entry().sequence, u32::try_from(round).unwrap(), "{file}");
            let letters = own_letters(&ann);
            let mail = answer(&house, file, &ann);
            for _ in 0..2 {
                assert_eq!(house.receives(&mail).await, Counted::CalendarAnswer, "{file}");
                let told = page(&ann).await;
                assert!(told.contains(DECLINED) && told.contains("/come-back\""), "{file}: {told}");
                assert!(!told.contains("somebody else") && !told.contains("not that week"), "{file}: {told}");
            }
            assert_eq!(own_letters(&ann), letters, "{file}: the calendar took the entry off by itself");
            // Taken back, the entry returns under the next SEQUENCE, and the answer before is news of yesterday.
            assert_eq!(ann.comes_back().await.status, 303);
            house.post_goes().await;
            assert_eq!(own_letters(&ann).last().map(String::as_str), Some("moved"), "{file}");
            house.receives(&mail).await;
            assert!(!page(&ann).await.contains(DECLINED), "{file}");
        }
        house.everyone_sits_once().await;
    }

    async fn a_seat_that_was_declined_is_given_up_and_its_therapist_told(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let held = |bookings: &[holdspace::domain::booking::Booking]| {
            bookings.iter().filter(|booking| booking.visit().is_some()).count()
        };
        let before = held(&house.bookings().await);
        house.receives(&answer(&house, "gmail-declined", &ann)).await;
        assert_eq!(held(&house.bookings().await), before - 1);
        house.everyone_sits_once().await;
        house.it_becomes("2027-07-16T12:00:00Z").await;
        let notes = ["mxiong", "pmbeki", "tdsouza"].map(|name| house.therapist(&format!("{name}@counseling.example.org")).kinds());
        assert_eq!(notes.iter().flatten().filter(|kind| *kind == "therapist-day").count(), 1, "{notes:?}");
    }

    async fn who_accepts_or_hesitates_changes_and_leaves_nothing(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let before = at_rest(&db).await;
        for file in ["gmail-accepted", "gmail-tentative"] {
            assert_eq!(house.receives(&answer(&house, file, &ann)).await, Counted::CalendarAnswer);
        }
        let mut after = at_rest(&db).await;
        let mut before = before;
        // That a mail came in is counted.
        assert!(before.remove("received").is_some() && after.remove("received").is_some());
        assert_eq!(after, before);
    }

    async fn a_time_that_is_proposed_and_free_is_the_new_time(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        let had = house.bookings().await.into_iter().filter_map(|booking| booking.visit().cloned());
        let utc = |at: chrono::DateTime<chrono::Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
        let first = ann.entry().times[0].clone();
        let had = had.map(|visit| visit.span).find(|span| utc(span.starts_at()) == first).unwrap();
        // The second time she wants back what she had.
        for (file, span) in [("gmail-counter", offered(&house, &ann).await[0]), ("exchange-counter", had)] {
            let before = ann.entry();
            assert_eq!(house.receives(&answer(&house, file, &ann).proposing(span)).await, Counted::CalendarAnswer);
            let after = ann.entry();
            assert_eq!((after.uid.clone(), after.sequence), (before.uid, before.sequence + 1), "{file}");
            assert_eq!(after.times[0], utc(span.starts_at()), "{file}");
            let told = page(&ann).await;
            assert!(told.contains("You proposed this time in your calendar on") && told.contains("/move-back\""), "{told}");
            house.everyone_sits_once().await;
        }
        let back = house.form(&format!("{}/move-back", ann.link()), &[("back", "yes")]).await;
        assert_eq!(back.status, 303, "{}", back.body);
        assert!(!page(&ann).await.contains("You proposed"));
        assert!(!own_letters(&ann).contains(&"near-times".to_owned()));
    }

    async fn a_time_that_cannot_be_had_is_answered_with_the_nearest_ones(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        let before = ann.entry();
        // In the middle of the night, and never in somebody's protected time.
        let night = Span::new("2027-07-07T08:00:00Z".parse().unwrap(), "2027-07-07T08:50:00Z".parse().unwrap()).unwrap();
        for _ in 0..5 {
            house.receives(&answer(&house, "gmail-counter", &ann).proposing(night)).await;
        }
        assert_eq!(own_letters(&ann), ["near-times"; 3], "three a day");
        let letter = ann.newest("near-times");
        assert!(letter.text.contains("These are the nearest ones"), "{}", letter.text);
        assert!(letter.link("/v/").ends_with("/times"), "{:?}", letter.links());
        let times = offered(&house, &ann).await;
        let told = letter.text.lines().filter(|line| line.contains(", 2027, ")).count();
        assert_eq!(told, times.len().min(3), "{}", letter.text);
        assert_eq!((ann.entry().uid, ann.entry().sequence), (before.uid, before.sequence));
        // A time that nobody can read, in a zone that nobody knows, is no time either.
        house.clock.advance(chrono::Duration::days(1));
        let nowhere = answer(&house, "gmail-counter", &ann).with("WHEN", "20270707T080000").with("UNTIL", "20270707T085000");
        house.receives(&nowhere).await;
        assert_eq!(own_letters(&ann).len(), 4);
        house.everyone_sits_once().await;
    }

    async fn an_answer_that_nobody_vouches_for_is_asked_about_at_the_address_on_file(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let known = answer(&house, "gmail-declined", &ann).with("RESULTS", NOT_VOUCHED);
        assert_eq!(house.receives(&known).await, Counted::CalendarAnswer);
        assert!(!page(&ann).await.contains(DECLINED));
        let letter = ann.newest("calendar-answer");
        let question = letter.link("/answer");
        let before = at_rest(&db).await;
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert!(Page::of(house.request(method, &question)).await.status < 500);
        }
        assert_eq!(house.form(&question, &[]).await.status, 422, "a scanner presses without a form");
        assert_eq!(at_rest(&db).await, before);
        let shown = house.get(&question).await;
        assert!(shown.status == 200 && shown.body.contains("It declines your visit."), "{}", shown.body);
        for name in ["Castellanos", "Xiong", ANN] {
            assert!(!shown.body.contains(name), "{name}");
        }
        for _ in 0..2 {
            let pressed = house.form(&question, &[("answer", "yes")]).await;
            assert_eq!((pressed.status, pressed.header("location")), (303, format!("/v/{}?saved", ann.token()).as_str()));
            assert!(page(&ann).await.contains(DECLINED));
        }
        assert!(house.get(&question).await.body.contains("nothing to do here any more"));
        // Whoever comes back is not opted out by pressing the old button once more.
        assert_eq!(ann.comes_back().await.status, 303);
        assert_eq!(house.form(&question, &[("answer", "yes")]).await.status, 303);
        assert!(!page(&ann).await.contains(DECLINED));
        house.clock.advance(chrono::Duration::hours(49));
        assert_eq!(house.get(&question).await.status, 404);
    }

    async fn half_an_identity_is_worth_a_question_and_none_is_worth_nothing(db: TestDatabase) {
        let house = invited(&db).await;
        let (ann, bob) = (house.resident(ANN), house.resident(BOB));
        let nobodys = "aebagbafaydqqcikbmga2dqpca";
        let asked = |letters: usize| assert_eq!(own_letters(&ann), vec!["calendar-answer"; letters]);
        // Somebody else, whom the server vouches for, has the UID.
        let vouched_eve = "Authentication-Results: mx.example.org; dmarc=pass header.from=elsewhere.example";
        house.receives(&answer(&house, "bare-declined", &ann).with("FROM", EVE).with("RESULTS", vouched_eve)).await;
        asked(1);
        // A colleague answers in her place, for her or for themselves.
        house.receives(&answer(&house, "bare-declined", &ann).with("FROM", BOB)).await;
        asked(2);
        house.receives(&answer(&house, "bare-declined", &ann).with("ATTENDEE", BOB)).await;
        asked(3);
        house.clock.advance(chrono::Duration::days(1));
        // She herself answers something that we do not know.
        house.receives(&answer(&house, "bare-declined", &ann).with("UID", nobodys).with("SEQUENCE", "7")).await;
        asked(4);
        // Neither: dropped.
        let neither = answer(&house, "bare-declined", &ann).with("UID", nobodys).with("RESULTS", NOT_VOUCHED);
        assert_eq!(house.receives(&neither).await, Counted::Stranger);
        let stranger = answer(&house, "bare-declined", &ann).with("UID", nobodys).with("FROM", EVE).with("RESULTS", vouched_eve);
        assert_eq!(house.receives(&stranger).await, Counted::Stranger);
        asked(4);
        assert_eq!(own_letters(&bob), Vec::<String>::new());
        assert!(house.sink.received().iter().all(|received| received.to != [EVE]));
        for resident in [&ann, &bob] {
            assert!(!page(resident).await.contains(DECLINED));
        }
        // Without the setting nobody is vouched for, whatever a mail says of itself.
        house.clock.advance(chrono::Duration::days(1));
        for trusted in [None, Some("mx.other.example")] {
            let mail = answer(&house, "bare-declined", &ann);
            house.receives_bytes(&mail.bytes(), trusted).await;
        }
        asked(6);
        assert!(!page(&ann).await.contains(DECLINED));
    }

    async fn a_proposal_that_nobody_vouches_for_moves_nobody_before_the_button(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        let span = offered(&house, &ann).await[0];
        let before = ann.entry();
        house.receives(&answer(&house, "gmail-counter", &ann).proposing(span).with("RESULTS", NOT_VOUCHED)).await;
        assert_eq!(ann.entry().sequence, before.sequence);
        let question = ann.newest("calendar-answer").link("/answer");
        assert!(house.get(&question).await.body.contains("It proposes another time"));
        assert_eq!(house.form(&question, &[("answer", "yes")]).await.status, 303);
        house.post_goes().await;
        assert_eq!(ann.entry().sequence, before.sequence + 1);
        house.everyone_sits_once().await;
        // One that cannot be had leads to those that can.
        let night = Span::new("2027-07-07T08:00:00Z".parse().unwrap(), "2027-07-07T08:50:00Z".parse().unwrap()).unwrap();
        house.receives(&answer(&house, "gmail-counter", &ann).proposing(night).with("RESULTS", NOT_VOUCHED)).await;
        let question = ann.newest("calendar-answer").link("/answer");
        assert_eq!(house.form(&question, &[("answer", "yes")]).await.status, 409);
    }

    async fn an_address_of_her_own_choosing_is_on_file_too(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        house.form(&format!("{}/address", ann.link()), &[("address", HOME)]).await;
        house.post_goes().await;
        let from_home = |mail: Mail| {
            let vouched = "Authentication-Results: mx.example.org; dkim=pass header.d=example.org";
            mail.with("FROM", HOME).with("ATTENDEE", HOME).with("RESULTS", vouched)
        };
        // Asked for and not confirmed, it is nobody's.
        house.receives(&from_home(answer(&house, "apple-declined", &ann))).await;
        assert!(!page(&ann).await.contains(DECLINED));
        let question = house.resident(HOME).newest("new-address").link("/v/");
        assert_eq!(house.form(&question, &[("address", "yes")]).await.status, 200);
        house.receives(&from_home(answer(&house, "apple-declined", &ann))).await;
        assert!(page(&ann).await.contains(DECLINED));
    }

    async fn no_forged_or_many_sided_answer_changes_anything(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let entry = ann.entry();
        let dropped = [
            "spoof-two-events", "spoof-two-attendees", "spoof-two-uids", "spoof-two-answers", "spoof-series",
            "spoof-one-of-a-series", "spoof-uid-with-a-line-break", "spoof-quoted-parameter", "spoof-request",
            "spoof-cancel", "spoof-two-methods", "spoof-no-stamp", "plain-words", "out-of-office",
        ];
        let before = bookings(&db).await;
        for file in dropped {
            let mail = answer(&house, file, &ann).with("OTHER", BOB).with("OTHER_UID", &house.resident(BOB).entry().uid);
            assert_eq!(house.receives(&mail).await, Counted::Nothing, "{file}");
            assert_eq!(bookings(&db).await, before, "{file}");
        }
        assert_eq!(own_letters(&ann), Vec::<String>::new());
        // What forges its sender is as good as one that nobody vouches for.
        for file in ["spoof-two-senders", "spoof-two-authors", "spoof-name-as-address", "spoof-forged-results"] {
            let results = if file == "spoof-forged-results" { NOT_VOUCHED } else { VOUCHED };
            house.receives(&answer(&house, file, &ann).with("RESULTS", results)).await;
            assert!(!page(&ann).await.contains(DECLINED), "{file}");
        }
        assert_eq!(own_letters(&ann), ["calendar-answer"; 3], "one letter more than three a day");
        assert_eq!(ann.entry().sequence, entry.sequence);
    }

    async fn an_answer_of_yesterday_changes_nothing(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let early = answer(&house, "gmail-declined", &ann);
        let late = answer(&house, "outlook-declined", &ann);
        house.receives(&late).await;
        assert_eq!(ann.comes_back().await.status, 303);
        house.post_goes().await;
        for mail in [early, late] {
            let again = mail.with("SEQUENCE", "1");
            house.receives(&again).await;
            assert!(!page(&ann).await.contains(DECLINED));
        }
        assert_eq!(ann.opts_out(Removal::Remove).await.status, 303);
        house.post_goes().await;
        let entry = ann.entry();
        assert_eq!(entry.sequence, 2);
        assert_eq!(ann.comes_back().await.status, 303);
        house.receives(&answer(&house, "gmail-declined", &ann).with("SEQUENCE", "1")).await;
        assert!(!page(&ann).await.contains(DECLINED));
    }

    async fn an_answer_in_wrapping_that_cannot_be_read_brings_the_link_once_a_day(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        for results in [VOUCHED, NOT_VOUCHED] {
            let mail = answer(&house, "winmail", &ann).with("RESULTS", results);
            assert_eq!(house.receives(&mail).await, Counted::Unreadable);
        }
        assert_eq!(own_letters(&ann), ["calendar-unread"]);
        assert_eq!(ann.newest("calendar-unread").link("/v/"), ann.link());
        house.clock.advance(chrono::Duration::days(1));
        // Of a sender who is vouched for, without a word of which letter it answers.
        let unnamed = answer(&house, "winmail", &ann).with("UID", "nothing");
        house.receives(&unnamed).await;
        assert_eq!(own_letters(&ann).len(), 2);
        let stranger = answer(&house, "winmail", &ann).with("UID", "nothing").with("FROM", EVE);
        assert_eq!(house.receives(&stranger).await, Counted::Stranger);
    }

    async fn who_wants_confirmations_is_mailed_one_when_they_decline(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        assert_eq!(ann.wishes(&["confirm", "remind"]).await.status, 303);
        house.receives(&answer(&house, "apple-declined", &ann)).await;
        assert_eq!(own_letters(&ann), ["confirmation"]);
    }

    async fn an_answer_after_the_visit_changes_nothing(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let entry = ann.entry();
        house.it_becomes("2027-07-20T12:00:00Z").await;
        let before = own_letters(&ann);
        let mail = Mail::of("gmail-declined", &house, ANN, &entry);
        assert_eq!(house.receives(&mail).await, Counted::CalendarAnswer);
        house.receives(&Mail::of("gmail-declined", &house, ANN, &entry).with("RESULTS", NOT_VOUCHED)).await;
        assert_eq!(own_letters(&ann), before);
    }
}
