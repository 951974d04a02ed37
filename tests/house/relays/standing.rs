//! How a relay stands: which of its addresses goes first, when it is left alone, by whom it is tried and when it is free again; and
//! what the log tells of that. Never with letters of a house that have to wait.

use std::net::SocketAddr;
use std::time::Duration;

use holdspace::domain::relay::Leave;
use holdspace::domain::time::Instant;
use holdspace::jobs::post::Pace;
use holdspace::mail::envelope::Envelope;
use holdspace::mail::failure::Failure;
use holdspace::mail::smtp::{Lane, Limits};
use holdspace::mail::transport::Transport;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::{Book, URL, each_came, owing, patience, rows, way};
use crate::harness::engines::TestDatabase;
use crate::harness::log::CapturedLog;
use crate::harness::smtp::{ALWAYS, Deed, SmtpSink, Stage, Times};

fn limits() -> Limits {
    patience(Duration::from_secs(30))
}

/// So many seconds into the season.
fn now(seconds: i64) -> Instant {
    Instant::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

#[tokio::test]
async fn a_relay_that_failed_five_times_is_left_alone_and_then_tried_by_one_letter() {
    let db = TestDatabase::sqlite_in_memory();
    let mut house = owing(&db).await;
    // One after the other, so that connections can be counted.
    house.post.pace = Pace { per_minute: None, connections: 1 };
    house.sink.fails(Stage::Greeting, Deed::Answer(421), ALWAYS);
    let told = house.post_goes().await;
    assert_eq!((told.sent, told.retrying, told.failed, told.stuck), (0, 5 + 3, 0, true));
    assert!(told.drained, "nobody waits for a relay that is left alone");
    // Five for everyone's letters; three for the others, which are fewer than it takes.
    assert_eq!(house.sink.connections(), 8);
    let untouched = rows(&db, house.now().timestamp() + 1).await;
    assert_eq!(untouched.iter().filter(|row| row.attempts == 0).count(), 11, "an outage costs them no try");
    for seconds in [1, 13] {
        house.clock.advance(chrono::Duration::seconds(seconds));
        assert_eq!(house.post_goes().await.retrying, 0);
        assert_eq!(house.sink.connections(), 8, "it is left alone");
    }
    house.clock.advance(chrono::Duration::seconds(2));
    assert_eq!(house.post_goes().await.retrying, 1);
    assert_eq!(house.sink.connections(), 9, "one letter tries");
    house.sink.recovers();
    house.clock.advance(chrono::Duration::seconds(20));
    assert_eq!(house.post_goes().await.sent, 0, "twice as long the second time");
    house.clock.advance(chrono::Duration::seconds(11));
    let told = house.post_goes().await;
    assert_eq!((told.sent, told.stuck), (10, false), "the one letter gets through, and the others follow");
    house.clock.advance(chrono::Duration::minutes(7));
    house.post_goes().await;
    each_came(&house.sink.received(), 0);
}

#[tokio::test]
async fn one_of_two_addresses_that_fails_is_tried_again_by_one_connection_and_used_when_it_is_well() {
    let (bad, good) = (SmtpSink::start().await, SmtpSink::start().await);
    bad.fails(Stage::Greeting, Deed::Answer(554), ALWAYS);
    let book = Book::of(&[bad.address(), good.address()]);
    let transport = way(URL, limits(), &book);
    for at in 0..20 {
        transport.connect_for(Lane::Everyone, now(at)).await.unwrap().close().await;
    }
    // The first failure puts it behind the other, which then is always there first.
    assert_eq!((bad.connections(), good.connections()), (1, 20));
    good.fails(Stage::Greeting, Deed::Drop, Times(6));
    for at in 20..26 {
        drop(transport.connect_for(Lane::Everyone, now(at)).await);
    }
    let before = bad.connections();
    assert!(before >= 5, "both were tried while neither answered: {before}");
    bad.recovers();
    for at in [60, 61] {
        transport.connect_for(Lane::Everyone, now(at)).await.unwrap().close().await;
    }
    assert!(bad.connections() > before, "it is found again");
}

/// One letter over a connection of its own.
async fn sends(transport: &Transport) -> Result<(), Failure> {
    let address = "office@holdspace.example.org".parse().ok().unwrap();
    let envelope = Envelope { from: &address, to: &address, message_id: "<1@x.org>" };
    let mut session = transport.connect_for(Lane::Everyone, now(0)).await.unwrap();
    session.send(&envelope, b"Subject: x\r\n\r\nbody\r\n").await
}

#[tokio::test]
async fn an_address_that_answers_a_letter_is_as_good_as_before_it_failed() {
    for refused in [false, true] {
        let (first, second) = (SmtpSink::start().await, SmtpSink::start().await);
        let transport = way(URL, limits(), &Book::of(&[first.address(), second.address()]));
        for sink in [&first, &second] {
            sink.fails(Stage::Content, Deed::Drop, Times(1));
            sends(&transport).await.expect_err("each fails once");
        }
        if refused {
            first.fails(Stage::AnyRecipient, Deed::Answer(550), Times(1));
        }
        assert_eq!(sends(&transport).await.is_err(), refused, "of equals, the first goes first");
        first.fails(Stage::Content, Deed::Drop, Times(1));
        sends(&transport).await.expect_err("it fails once more");
        sends(&transport).await.unwrap();
        assert_eq!((first.connections(), second.connections()), (4, 1), "refused: {refused}");
    }
}

/// The first is slow, the second refuses, and no other is left.
#[tokio::test]
async fn an_address_that_is_slow_is_waited_for_where_the_others_refuse() {
    let (slow, refuses) = (SmtpSink::start().await, SmtpSink::start().await);
    refuses.fails(Stage::Greeting, Deed::Answer(554), ALWAYS);
    let transport = way(URL, limits(), &Book::of(&[late(slow.address()).await, refuses.address()]));
    transport.connect_for(Lane::Everyone, now(0)).await.unwrap().close().await;
    assert_eq!((slow.connections(), refuses.connections()), (1, 1));
}

/// The same address, a second later.
async fn late(address: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let late = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut from, _) = listener.accept().await.unwrap();
        sleep(Duration::from_secs(1)).await;
        let mut to = TcpStream::connect(address).await.unwrap();
        copy_bidirectional(&mut from, &mut to).await
    });
    late
}

#[tokio::test]
async fn an_address_that_keeps_silent_goes_behind_one_that_answers_whatever_others_do() {
    let [silent, refuses, well] = [SmtpSink::start().await, SmtpSink::start().await, SmtpSink::start().await];
    silent.fails(Stage::Greeting, Deed::Hang, ALWAYS);
    refuses.fails(Stage::Greeting, Deed::Answer(554), ALWAYS);
    let book = Book::of(&[silent.address(), refuses.address(), well.address()]);
    let transport = way(URL, limits(), &book);
    for _ in 0..2 {
        transport.connect_for(Lane::Everyone, now(0)).await.unwrap().close().await;
    }
    assert_eq!((silent.connections(), refuses.connections(), well.connections()), (1, 1, 2));
}

/// Both addresses were left alone for a while, and two letters set out at once; one address is not well yet.
#[tokio::test]
async fn an_address_is_tried_again_by_one_connection_while_others_go_over_the_next() {
    let (bad, good) = (SmtpSink::start().await, SmtpSink::start().await);
    let transport = way(URL, limits(), &Book::of(&[bad.address(), good.address()]));
    for sink in [&bad, &good] {
        sink.fails(Stage::Greeting, Deed::Drop, ALWAYS);
    }
    for seconds in 0..5 {
        drop(transport.connect_for(Lane::Everyone, now(seconds)).await);
    }
    let before = bad.connections();
    assert!(before >= 5, "{before}");
    for sink in [&bad, &good] {
        sink.recovers();
    }
    bad.fails(Stage::Greeting, Deed::Hang, ALWAYS);
    let connect = || transport.connect_for(Lane::Everyone, now(60));
    let (one, other) = tokio::join!(connect(), connect());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(bad.connections(), before + 1);
}

#[tokio::test]
async fn letters_of_one_person_do_not_show_in_how_the_relay_stands_for_everyones() {
    let sink = SmtpSink::start().await;
    sink.fails(Stage::Greeting, Deed::Drop, Times(9));
    let transport = way(URL, limits(), &Book::of(&[sink.address()]));
    for _ in 0..9 {
        drop(transport.connect_for(Lane::Someone, now(0)).await);
    }
    assert_eq!(transport.may_be_tried(Lane::Someone, now(0)), Leave::Not);
    assert_eq!(transport.may_be_tried(Lane::Everyone, now(0)), Leave::Freely);
}

/// Whether letters wait is the program's to know; that somebody had a letter of their own is not.
#[tokio::test]
async fn the_log_tells_that_a_relay_was_lost_and_found_and_of_no_letter_of_one_person() {
    let log = CapturedLog::everything();
    let told = async |lane, host: &str| {
        let sink = SmtpSink::start().await;
        sink.fails(Stage::Greeting, Deed::Drop, Times(5));
        let url = format!("smtp://{host}:2525?tls=none");
        let transport = way(&url, limits(), &Book::of(&[sink.address()]));
        for seconds in 0..5 {
            drop(transport.connect_for(lane, now(seconds)).await);
        }
        transport.connect_for(lane, now(60)).await.unwrap().close().await;
        let text = log.text();
        let lines = text.lines().filter(|line| line.contains(host) && line.contains("mail server"));
        lines.map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(Lane::Everyone, "everyone.example").await, ["WARN", "INFO"]);
    assert_eq!(told(Lane::Someone, "someone.example").await, [""; 0]);
}

/// The letter that tries goes over a connection from before, or is not wanted any more, so that nobody connects.
#[tokio::test]
async fn a_relay_is_free_again_when_the_letter_that_tried_it_came_to_an_end() {
    let sink = SmtpSink::start().await;
    sink.fails(Stage::Greeting, Deed::Drop, ALWAYS);
    let transport = way(URL, limits(), &Book::of(&[sink.address()]));
    for seconds in 0..5 {
        drop(transport.connect_for(Lane::Everyone, now(seconds)).await);
    }
    let may = |seconds| transport.may_be_tried(Lane::Everyone, now(seconds));
    assert_eq!((may(10), may(30)), (Leave::Not, Leave::Once));
    transport.is_tried(Lane::Everyone, now(30));
    assert_eq!(may(31), Leave::Not, "one letter tries");
    transport.has_ended(Lane::Everyone);
    assert_eq!(may(32), Leave::Freely);
}
