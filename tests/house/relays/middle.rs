//! A relay that goes wrong in the middle of a conversation that went well, told one thing at a time and several in one go: what
//! becomes of the letter, who is taken to make it wait, and that the next one arrives. Never with a house around it.

use std::sync::Mutex;
use std::time::Duration;

use holdspace::domain::time::Instant;
use holdspace::mail::envelope::Envelope;
use holdspace::mail::failure::Failure;
use holdspace::mail::smtp::{Lane, Stall};
use holdspace::mail::transport::{Session, Transport};

use super::{Book, URL, patience, way};
use crate::harness::smtp::{ALWAYS, Deed, SmtpSink, Stage, Times};

/// Longer than a letter waits before others go around it.
const LIMIT: Duration = Duration::from_millis(900);
const LETTER: &[u8] = b"Subject: x\r\n\r\n.body\r\n";

struct Conversation {
    sink: SmtpSink,
    transport: Transport,
    session: Session,
    sent: usize,
    stalls: Mutex<Vec<Stall>>,
}

impl Conversation {
    /// One in which a few letters went well.
    async fn going_on(groups: bool) -> Self {
        let sink = SmtpSink::start().await;
        if groups {
            sink.takes_groups();
        }
        let transport = way(URL, patience(LIMIT), &Book::of(&[sink.address()]));
        let session = transport.connect().await.unwrap();
        let mut going = Self { sink, transport, session, sent: 0, stalls: Mutex::default() };
        for _ in 0..3 {
            going.sends().await.unwrap();
        }
        going
    }

    async fn sends(&mut self) -> Result<(), Failure> {
        self.sent += 1;
        let (from, to) = ("a@x.org".parse().ok().unwrap(), "b@x.org".parse().ok().unwrap());
        let message_id = format!("<{}@x.org>", self.sent);
        let envelope = Envelope { from: &from, to: &to, message_id: &message_id };
        let told = |stall| self.stalls.lock().unwrap().push(stall);
        self.session.send_telling(&envelope, LETTER, &told).await
    }
}

/// What became of a letter at which the relay went wrong.
struct Told {
    failure: String,
    /// Whether the relay has it nevertheless.
    kept: usize,
    stalls: Vec<Stall>,
    /// Over how many the letters before, this one and the next went.
    connections: usize,
}

/// The relay goes wrong for good at a letter; then it is well.
async fn lived_through(stage: Stage, deed: Deed, groups: bool) -> Told {
    let mut going = Conversation::going_on(groups).await;
    going.sink.fails(stage, deed, ALWAYS);
    let failure = going.sends().await.expect_err("the fault strikes");
    let kept = going.sink.received().len() - 3;
    going.sink.recovers();
    going.sends().await.expect("the next letter arrives");
    assert_eq!(going.sink.received().len(), 4 + kept);
    assert!(going.sink.received().iter().all(|one| one.bytes == LETTER && one.to == ["b@x.org"]));
    let stalls = going.stalls.into_inner().unwrap();
    Told { failure: failure.to_string(), kept, stalls, connections: going.sink.connections() }
}

const AGAIN: &str = "; it is tried again";
const NEVER: &str = "; it is not tried again";
const UNKNOWN: &str = "; it may have arrived, and is tried again";

/// A relay that listens on is told the next letter over the same connection; that makes one. Where it closed between two letters as
/// far as one can tell, the letter goes over another at once, and the next one over a third.
#[rustfmt::skip]
fn table() -> Vec<(Stage, Deed, String, [usize; 2])> {
    use Deed::{Answer, Drop, Hang};
    use Stage::{AnyRecipient, Body, Content, Dot};
    let says = |what: &str, then: &str| what.to_owned() + then;
    vec![
        (AnyRecipient, Answer(450), says("450 at RCPT: mailbox busy or greylisted", AGAIN), [1, 1]),
        (AnyRecipient, Answer(550), says("550 at RCPT: mailbox unavailable", NEVER), [1, 1]),
        (AnyRecipient, Answer(421), says("421 at RCPT: the relay closes", AGAIN), [2, 3]),
        (AnyRecipient, Hang, says("RCPT: no answer in time", AGAIN), [2, 2]),
        (AnyRecipient, Drop, says("RCPT: the connection was lost", AGAIN), [2, 3]),
        (Content, Answer(451), says("451 at DATA: trouble at the relay", AGAIN), [1, 1]),
        (Content, Answer(554), says("554 at DATA: refused", NEVER), [1, 1]),
        (Content, Answer(421), says("421 at DATA: the relay closes", AGAIN), [2, 2]),
        // In one go, the answer to RCPT is lost with it.
        (Content, Drop, says("DATA: the connection was lost", AGAIN), [2, 3]),
        (Body, Drop, says("end of letter: the connection was lost", UNKNOWN), [2, 2]),
        (Dot, Answer(451), says("451 at end of letter: trouble at the relay", AGAIN), [1, 1]),
        (Dot, Answer(554), says("554 at end of letter: refused", NEVER), [1, 1]),
        (Dot, Answer(421), says("421 at end of letter: the relay closes", AGAIN), [2, 2]),
        (Dot, Drop, says("end of letter: the connection was lost", UNKNOWN), [2, 2]),
        (Dot, Hang, says("end of letter: no answer in time", UNKNOWN), [2, 2]),
    ]
}

#[tokio::test]
async fn a_relay_that_goes_wrong_in_the_middle_is_taken_at_its_word_and_the_next_letter_arrives() {
    for (stage, deed, becomes, connections) in table() {
        for (groups, connections) in [false, true].into_iter().zip(connections) {
            let told = lived_through(stage, deed, groups).await;
            assert_eq!(told.failure, becomes, "{stage:?} {deed:?}, groups: {groups}");
            assert_eq!(
                told.kept,
                usize::from(stage == Stage::Dot && matches!(deed, Deed::Drop | Deed::Hang))
            );
            assert_eq!(told.connections, connections, "{stage:?} {deed:?}, groups: {groups}");
        }
    }
}

/// Where several things are said in one go, who writes was said with the letter before.
#[tokio::test]
async fn a_relay_that_goes_wrong_when_it_hears_who_writes_is_taken_at_its_word_too() {
    for (deed, becomes, connections) in [
        (Deed::Answer(451), "451 at MAIL: trouble at the relay; it is tried again", 1),
        (Deed::Answer(550), "550 at MAIL: mailbox unavailable; it is not tried again", 1),
        (Deed::Answer(421), "421 at MAIL: the relay closes; it is tried again", 3),
        (Deed::Drop, "MAIL: the connection was lost; it is tried again", 3),
        (Deed::Hang, "MAIL: no answer in time; it is tried again", 2),
    ] {
        let told = lived_through(Stage::Sender, deed, false).await;
        assert_eq!((told.failure.as_str(), told.connections), (becomes, connections), "{deed:?}");
    }
}

#[tokio::test]
async fn a_silence_is_laid_to_whom_it_can_be_told_to_come_from() {
    use Stall::{Destination, Relay, Unclear};
    for (stage, groups, failure, stall) in [
        (Stage::AnyRecipient, false, "RCPT", Destination),
        (Stage::AnyRecipient, true, "RCPT", Unclear),
        (Stage::Content, false, "DATA", Relay),
        // The relay keeps its answer to RCPT back until it has one to DATA. Nobody can tell that from a recipient who is thought about.
        (Stage::Content, true, "RCPT", Unclear),
    ] {
        let told = lived_through(stage, Deed::Hang, groups).await;
        assert_eq!(
            told.failure,
            format!("{failure}: no answer in time{AGAIN}"),
            "{stage:?}, groups: {groups}"
        );
        assert_eq!(told.stalls, [stall], "{stage:?}, groups: {groups}");
    }
}

/// A second silence, so many seconds after the first.
async fn silent_again(first: Stage, then: Stage, seconds: i64) -> Vec<Stall> {
    let mut going = Conversation::going_on(true).await;
    going.sink.fails(first, Deed::Hang, ALWAYS);
    going.sends().await.expect_err("the first silence");
    going.sink.recovers();
    let now = Instant::default() + chrono::Duration::seconds(seconds);
    going.session = going.transport.connect_for(Lane::Everyone, now).await.unwrap();
    for _ in 0..2 {
        going.sends().await.unwrap();
    }
    going.sink.fails(then, Deed::Hang, ALWAYS);
    going.sends().await.expect_err("the second silence");
    going.stalls.into_inner().unwrap()
}

#[tokio::test]
async fn after_a_silence_that_may_be_anybodys_letters_go_step_by_step_for_a_minute_and_tell_whose_the_next_is()
 {
    use Stall::{Destination, Relay, Unclear};
    for (first, then, seconds, stalls) in [
        (Stage::AnyRecipient, Stage::AnyRecipient, 50, [Unclear, Destination]),
        (Stage::AnyRecipient, Stage::Content, 50, [Unclear, Relay]),
        (Stage::AnyRecipient, Stage::AnyRecipient, 70, [Unclear, Unclear]),
        // Of this one it was plain whose it is.
        (Stage::Sender, Stage::AnyRecipient, 0, [Relay, Unclear]),
    ] {
        assert_eq!(silent_again(first, then, seconds).await, stalls, "{first:?}, {then:?} {seconds} s later");
    }
}

/// Who writes next was said already, and the relay changed its mind since.
#[tokio::test]
async fn what_a_relay_was_told_ahead_and_does_not_keep_costs_no_letter_a_try() {
    for (stage, deed) in [
        (Stage::Sender, Deed::Answer(421)),
        (Stage::Sender, Deed::Answer(451)),
        (Stage::Sender, Deed::Answer(550)),
        (Stage::AnyRecipient, Deed::Answer(421)),
        (Stage::AnyRecipient, Deed::Drop),
    ] {
        let mut going = Conversation::going_on(true).await;
        going.sink.fails(stage, deed, Times(1));
        for _ in 0..3 {
            going.sends().await.unwrap_or_else(|failure| panic!("{stage:?} {deed:?}: {failure}"));
        }
        assert_eq!((going.sink.received().len(), going.sink.connections()), (6, 2), "{stage:?} {deed:?}");
    }
}

/// Two relays under one name, of which the first fails at a letter: whether the next letter goes to it nevertheless.
async fn is_told_the_next(stage: Stage, deed: Deed) -> bool {
    let (first, second) = (SmtpSink::start().await, SmtpSink::start().await);
    let book = Book::of(&[first.address(), second.address()]);
    let transport = way(URL, patience(LIMIT), &book);
    first.fails(stage, deed, Times(1));
    let session = transport.connect().await.unwrap();
    let mut going = Conversation { sink: first, transport, session, sent: 0, stalls: Mutex::default() };
    going.sends().await.expect_err("the fault strikes");
    going.session = going.transport.connect().await.unwrap();
    going.sends().await.unwrap();
    assert_eq!(going.sink.received().len() + second.received().len(), 1);
    second.received().is_empty()
}

#[tokio::test]
async fn a_relay_that_is_lost_amid_a_letter_is_gone_around_where_the_recipient_cannot_be_why() {
    for (stage, deed, again) in [
        (Stage::AnyRecipient, Deed::Drop, true),
        (Stage::AnyRecipient, Deed::Answer(421), true),
        (Stage::AnyRecipient, Deed::Answer(550), true),
        (Stage::Content, Deed::Answer(451), true),
        (Stage::Content, Deed::Answer(421), false),
        (Stage::Content, Deed::Drop, false),
        (Stage::Body, Deed::Drop, false),
    ] {
        assert_eq!(is_told_the_next(stage, deed).await, again, "{stage:?} {deed:?}");
    }
}
