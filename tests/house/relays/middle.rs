//! A relay that goes wrong in the middle of a conversation that went well, told one thing at a time and several in one go: what
//! becomes of the letter, who is taken to make it wait, and that the next one arrives. Never with a house around it.

use std::sync::Mutex;
use std::time::Duration;

use holdspace::mail::envelope::Envelope;
use holdspace::mail::failure::Failure;
use holdspace::mail::smtp::Stall;
use holdspace::mail::transport::Session;

use super::{Book, patience, way};
use crate::harness::smtp::{ALWAYS, Deed, SmtpSink, Stage, Times};

/// Longer than a letter waits before others go around it.
const LIMIT: Duration = Duration::from_millis(900);
const LETTER: &[u8] = b"Subject: x\r\n\r\n.body\r\n";

struct Conversation {
    sink: SmtpSink,
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
        let transport = way("smtp://localhost:2525", patience(LIMIT), &Book::of(&[sink.address()]));
        let session = transport.connect().await.unwrap();
        let mut going = Self { sink, session, sent: 0, stalls: Mutex::default() };
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

/// What becomes of a letter at which the relay goes wrong for good, and whether the relay has it nevertheless; then it is well.
async fn lived_through(stage: Stage, deed: Deed, groups: bool) -> (String, usize, Vec<Stall>) {
    let mut going = Conversation::going_on(groups).await;
    going.sink.fails(stage, deed, ALWAYS);
    let failure = going.sends().await.expect_err("the fault strikes");
    let kept = going.sink.received().len() - 3;
    going.sink.recovers();
    going.sends().await.expect("the next letter arrives");
    assert_eq!(going.sink.received().len(), 4 + kept);
    assert!(going.sink.received().iter().all(|one| one.bytes == LETTER && one.to == ["b@x.org"]));
    let stalls = going.stalls.into_inner().unwrap();
    (failure.to_string(), kept, stalls)
}

const AGAIN: &str = "; it is tried again";
const NEVER: &str = "; it is not tried again";
const UNKNOWN: &str = "; it may have arrived, and is tried again";

#[rustfmt::skip]
fn table() -> Vec<(Stage, Deed, String)> {
    use Deed::{Answer, Drop, Hang};
    use Stage::{AnyRecipient, Body, Content, Dot};
    let says = |what: &str, then: &str| what.to_owned() + then;
    vec![
        (AnyRecipient, Answer(450), says("450 at RCPT: mailbox busy or greylisted", AGAIN)),
        (AnyRecipient, Answer(550), says("550 at RCPT: mailbox unavailable", NEVER)),
        (AnyRecipient, Answer(421), says("421 at RCPT: the relay closes", AGAIN)),
        (AnyRecipient, Hang, says("RCPT: no answer in time", AGAIN)),
        (AnyRecipient, Drop, says("RCPT: the connection was lost", AGAIN)),
        (Content, Answer(451), says("451 at DATA: trouble at the relay", AGAIN)),
        (Content, Answer(554), says("554 at DATA: refused", NEVER)),
        (Content, Answer(421), says("421 at DATA: the relay closes", AGAIN)),
        (Content, Drop, says("DATA: the connection was lost", AGAIN)),
        (Body, Drop, says("end of letter: the connection was lost", UNKNOWN)),
        (Dot, Answer(451), says("451 at end of letter: trouble at the relay", AGAIN)),
        (Dot, Answer(554), says("554 at end of letter: refused", NEVER)),
        (Dot, Answer(421), says("421 at end of letter: the relay closes", AGAIN)),
        (Dot, Drop, says("end of letter: the connection was lost", UNKNOWN)),
        (Dot, Hang, says("end of letter: no answer in time", UNKNOWN)),
    ]
}

#[tokio::test]
async fn a_relay_that_goes_wrong_in_the_middle_is_taken_at_its_word_and_the_next_letter_arrives() {
    for (stage, deed, becomes) in table() {
        for groups in [false, true] {
            let (failure, kept, _) = lived_through(stage, deed, groups).await;
            assert_eq!(failure, becomes, "{stage:?} {deed:?}, groups: {groups}");
            assert_eq!(kept, usize::from(stage == Stage::Dot && matches!(deed, Deed::Drop | Deed::Hang)));
        }
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
        let (told, _, stalls) = lived_through(stage, Deed::Hang, groups).await;
        assert_eq!(told, format!("{failure}: no answer in time{AGAIN}"), "{stage:?}, groups: {groups}");
        assert_eq!(stalls, [stall], "{stage:?}, groups: {groups}");
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
