//! One that hangs makes no other wait: a destination, a relay of several under one name, a relay that is gone for hours. What
//! "no other" means is counted here in connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use holdspace::jobs::post::Pace;
use holdspace::jobs::rounds;
use holdspace::mail::envelope::Envelope;
use holdspace::storage::outbox::{self, Audience};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::{Book, OWED, URL, each_came, owing, patience, rows, way};
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{DIRECTOR, House};
use crate::harness::smtp::{ALWAYS, Deed, SmtpSink, Stage, Times};

/// Longer than any of these tests waits for an answer.
const LONG: Duration = Duration::from_secs(30);
/// The residents of one program have this destination, fourteen of the sixteen.
const MOST: &str = "@im.example.edu";
const THERAPIST: &str = "mxiong@counseling.example.org";

/// How long it takes until the relay has so many letters, while the post is at work; the post is broken off then.
async fn until(house: &House, relay: &SmtpSink, letters: usize) -> Duration {
    let begun = Instant::now();
    tokio::select! {
        done = house.post.deliver(&|_| {}) => panic!("all was done with {} letters: {done:?}", relay.received().len()),
        _ = relay.wait_for(letters) => begun.elapsed(),
    }
}

/// How long the same takes where all is well.
async fn at_best(db: &TestDatabase) -> Duration {
    let house = owing(db).await;
    let begun = Instant::now();
    house.post_goes().await;
    assert_eq!(house.sink.received().len(), OWED);
    begun.elapsed()
}

on_both_engines! {
    /// Fourteen letters to one destination, of which none is answered, over four connections; two to another.
    async fn a_destination_that_hangs_makes_no_other_wait_for_a_second(db: TestDatabase) {
        let best = at_best(&TestDatabase::sqlite_in_memory()).await;
        let mut house = owing(&db).await;
        let book = Book::of(&[house.sink.address()]);
        house.post.transport = way(URL, patience(LONG), &book);
        let people = house.town.people();
        let (slow, others): (Vec<_>, Vec<_>) = people.iter().partition(|one| one.address.ends_with(MOST));
        assert_eq!((slow.len(), others.len()), (14, 2));
        house.sink.fails(Stage::RecipientAt(MOST), Deed::Hang, ALWAYS);
        // Two to others and three to therapists.
        let took = until(&house, &house.sink, 5).await;
        assert!(took < 2 * best + Duration::from_secs(1), "{took:?} where {best:?} is usual");
        assert!(house.sink.received().iter().all(|one| !one.to[0].ends_with(MOST)));
        // And when it is well again, each letter goes once: also those that were on their way or were looked past.
        house.sink.recovers();
        house.clock.advance(chrono::Duration::minutes(16));
        house.post_goes().await;
        // A letter that came when the post was broken off may not have been marked.
        each_came(&house.sink.received(), 5);
    }

    /// The one connection for letters of one person hangs, and somebody asks to sign in.
    async fn what_becomes_due_while_a_letter_hangs_is_seen_within_a_second(db: TestDatabase) {
        let mut house = owing(&db).await;
        let book = Book::of(&[house.sink.address()]);
        house.post.transport = way(URL, patience(LONG), &book);
        house.sink.fails(Stage::Recipient(THERAPIST), Deed::Hang, ALWAYS);
        let asks = async {
            house.sink.wait_for(16).await;
            sleep(Duration::from_secs(1)).await;
            house.desk.ask_to_sign_in(DIRECTOR).await.unwrap();
            let begun = Instant::now();
            let came = || house.sink.received().iter().any(|one| one.to == [DIRECTOR]);
            while !came() {
                assert!(begun.elapsed() < Duration::from_secs(10), "it never came");
                sleep(Duration::from_millis(20)).await;
            }
            begun.elapsed()
        };
        let took = tokio::select! {
            done = house.post.deliver(&|_| {}) => panic!("all was done: {done:?}"),
            took = asks => took,
        };
        // It is looked for once a second; the rest is what one letter takes.
        assert!(took < Duration::from_millis(2_000), "{took:?}");
    }

    /// The service is told to stop while fourteen letters go to a destination that hangs, two at a time, for three seconds each.
    async fn who_stops_waits_for_what_is_on_its_way_and_leaves_the_rest_as_if_nobody_had_taken_it(db: TestDatabase) {
        let mut house = owing(&db).await;
        let book = Book::of(&[house.sink.address()]);
        let mut post = house.another_office(house.desk.clone());
        post.transport = way(URL, patience(Duration::from_secs(3)), &book);
        post.pace = Pace { connections: 2, ..post.pace };
        house.sink.fails(Stage::RecipientAt(MOST), Deed::Hang, ALWAYS);
        let (tell, stop) = watch::channel(false);
        let going = tokio::spawn(rounds::go(Arc::new(post), stop));
        house.sink.wait_for(5).await;
        let told = Instant::now();
        tell.send_replace(true);
        timeout(LONG, going).await.expect("an end").unwrap();
        let took = told.elapsed();
        // In turn, seven times as long.
        assert!(took < Duration::from_secs(10), "{took:?}");
        let now = house.now().timestamp();
        let owed: Vec<_> = rows(&db, now + 1).await.into_iter().filter(|row| row.state == "owed").collect();
        let untried = owed.iter().filter(|row| row.attempts == 0).count();
        assert!(untried >= 8 && owed.iter().all(|row| row.lease_until == 0), "{untried} untried: {owed:?}");
        // The next process has no lease to wait for, only the second try of what hung.
        house.sink.recovers();
        house.post.transport = way(URL, patience(LONG), &book);
        let next = house.post_goes().await;
        assert!(next.sent >= untried, "{next:?}");
        house.clock.advance(chrono::Duration::minutes(16));
        house.post_goes().await;
        each_came(&house.sink.received(), 0);
    }

    /// A relay takes longer than a lease; another relay is left alone.
    async fn a_letter_that_is_kept_is_no_others_and_one_that_is_given_back_is_as_it_was(db: TestDatabase) {
        let house = owing(&db).await;
        let (now, minutes) = (house.now(), chrono::Duration::minutes);
        let mut tx = house.store.write().await.unwrap();
        let taken = outbox::lease(&mut tx, Audience::Everyone, now, now + minutes(15), 2).await.unwrap();
        let [kept, back] = [taken[0].id, taken[1].id];
        outbox::keep(&mut tx, kept, now + minutes(30)).await.unwrap();
        outbox::give_back(&mut tx, back, taken[1].due_at).await.unwrap();
        let all = outbox::lease(&mut tx, Audience::Everyone, now, now + minutes(15), 100).await.unwrap();
        assert!(all.len() == 15 && all.iter().all(|one| one.id != kept && one.attempts == 1));
        assert!(all.iter().any(|one| one.id == back), "it counts no try");
        let later = now + minutes(20);
        let all = outbox::lease(&mut tx, Audience::Everyone, later, later + minutes(15), 100).await.unwrap();
        assert!(all.len() == 15 && all.iter().all(|one| one.id != kept), "it is still being sent");
        tx.commit().await.unwrap();
    }
}

/// After ten seconds its other letters wait elsewhere, where they use up nobody's pace.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_to_a_destination_that_hangs_for_long_are_put_off_by_a_minute_and_not_tried() {
    let db = TestDatabase::sqlite_in_memory();
    let mut house = owing(&db).await;
    house.post.transport = way(URL, patience(LONG), &Book::of(&[house.sink.address()]));
    house.sink.fails(Stage::RecipientAt(MOST), Deed::Hang, ALWAYS);
    let now = house.now().timestamp();
    let begun = Instant::now();
    let all_put_off = async {
        loop {
            let owed = rows(&db, now + 120).await.into_iter().filter(|row| row.state == "owed");
            let (off, tried): (Vec<_>, Vec<_>) = owed.partition(|row| row.due_at == now + 60);
            if !off.is_empty() && tried.iter().all(|row| row.attempts > 0) {
                return off;
            }
            assert!(begun.elapsed() < LONG, "{off:?} {tried:?}");
            sleep(Duration::from_millis(200)).await;
        }
    };
    let off = tokio::select! {
        done = house.post.deliver(&|_| {}) => panic!("all was done: {done:?}"),
        off = all_put_off => off,
    };
    assert!(begun.elapsed() >= Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(off.len() >= 7 && off.iter().all(|row| row.attempts == 0 && row.lease_until == 0), "{off:?}");
    house.sink.recovers();
    house.clock.advance(chrono::Duration::minutes(16));
    house.post_goes().await;
    each_came(&house.sink.received(), 5);
}

/// Two relays under one name, of which the first fails at a step: the letters leave through the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_relay_of_two_makes_no_letter_of_the_other_wait_for_a_second() {
    let best = at_best(&TestDatabase::sqlite_in_memory()).await;
    // At MAIL and DATA, a letter of each connection is with the bad one already; the others leave.
    for (stage, deed, all) in [
        (Stage::Greeting, Deed::Hang, OWED),
        (Stage::Greeting, Deed::Answer(421), OWED),
        (Stage::Hello, Deed::Hang, OWED),
        (Stage::Sender, Deed::Hang, OWED - 5),
        (Stage::Content, Deed::Hang, OWED - 5),
    ] {
        let one = TestDatabase::sqlite_in_memory();
        let mut house = owing(&one).await;
        let bad = SmtpSink::start().await;
        bad.fails(stage, deed, ALWAYS);
        let book = Book::of(&[bad.address(), house.sink.address()]);
        house.post.transport = way(URL, patience(LONG), &book);
        let begun = Instant::now();
        if all == OWED {
            timeout(LONG, house.post.deliver(&|_| {})).await.expect("an end").unwrap();
        } else {
            until(&house, &house.sink, all).await;
        }
        let took = begun.elapsed();
        assert!(
            took < 2 * best + Duration::from_secs(1),
            "{stage:?} {deed:?}: {took:?} where {best:?} is usual"
        );
        assert!(bad.received().is_empty());
    }
}

/// Told several things in one go, nobody answers: it may be the destination or the relay, and most letters go to one destination.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silence_that_nobody_can_tell_whose_it_is_makes_no_other_wait_for_a_second() {
    let best = at_best(&TestDatabase::sqlite_in_memory()).await;
    // The first letter of each of five connections goes well, and the second hangs. Then all others leave through the other relay;
    // or, where a destination hangs, those to others.
    for (stage, well) in [(Stage::Content, OWED - 2 * 5), (Stage::RecipientAt(MOST), 5)] {
        let one = TestDatabase::sqlite_in_memory();
        let mut house = owing(&one).await;
        let first = SmtpSink::start().await;
        for relay in [&first, &house.sink] {
            relay.takes_groups();
        }
        first.fails_midway();
        first.fails(stage, Deed::Hang, ALWAYS);
        let mut addresses = vec![first.address()];
        if stage == Stage::Content {
            addresses.push(house.sink.address());
        }
        house.post.transport = way(URL, patience(LONG), &Book::of(&addresses));
        let came = || match stage {
            Stage::Content => house.sink.received().len(),
            _ => first.received().iter().filter(|one| !one.to[0].ends_with(MOST)).count(),
        };
        let begun = Instant::now();
        let all = async {
            while came() < well {
                sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            done = house.post.deliver(&|_| {}) => panic!("all was done: {done:?}"),
            done = timeout(LONG, all) => assert!(done.is_ok(), "{stage:?}: {} letters", came()),
        }
        let took = begun.elapsed();
        assert!(took < 2 * best + Duration::from_secs(1), "{stage:?}: {took:?} where {best:?} is usual");
    }
}

#[tokio::test]
async fn a_relay_that_closes_between_two_letters_costs_nobody_five_minutes() {
    let sink = SmtpSink::start().await;
    let transport = way(URL, patience(LONG), &Book::of(&[sink.address()]));
    let mut session = transport.connect().await.unwrap();
    let address = "office@holdspace.example.org".parse().ok().unwrap();
    for (at, deed) in [(0, None), (1, Some(Deed::Drop)), (2, Some(Deed::Answer(421)))] {
        if let Some(deed) = deed {
            sink.fails(Stage::Sender, deed, Times(1));
        }
        let id = format!("<{at}@x.org>");
        let envelope = Envelope { from: &address, to: &address, message_id: &id };
        session.send(&envelope, b"Subject: x\r\n\r\nbody\r\n").await.unwrap();
    }
    assert_eq!((sink.received().len(), sink.connections()), (3, 3));
}

#[tokio::test]
async fn a_name_that_is_not_answered_any_more_keeps_the_addresses_it_had() {
    let sink = SmtpSink::start().await;
    let book = Book::of(&[sink.address()]);
    let transport = way(URL, patience(LONG), &book);
    transport.connect().await.unwrap().close().await;
    for answer in [super::Answer::Hangs, super::Answer::Fails(std::io::ErrorKind::Other)] {
        book.says(answer);
        let begun = Instant::now();
        transport.connect().await.unwrap().close().await;
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
    assert_eq!(sink.connections(), 3);
}
