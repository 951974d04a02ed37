//! How much a relay is told in one go, and that each letter arrives as it was written nevertheless.

use std::collections::HashMap;

use proptest::prelude::*;

use super::super::sink::{Act, Manners, Relayed, relay};
use super::super::tests::{address, limits, session};
use super::*;

const BODY: &str = "Subject: x\r\n\r\n.leading dot\r\nbody\r\n";

/// What a relay was told for letters with these senders, from the first MAIL on, and what came of each.
async fn told(manners: Manners, letters: &[(&str, &[u8])]) -> (String, Vec<Result<(), Failure>>, Relayed) {
    let relayed = relay(manners).await;
    let mut session = session(&format!("smtp://127.0.0.1:{}", relayed.port)).await.unwrap();
    let mut outcomes = Vec::new();
    for (from, letter) in letters {
        let (from, to) = (address(&format!("{from}@x.org")), address("b@x.org"));
        let envelope = Envelope { from: &from, to: &to, message_id: "<u.0.invitation@x.org>" };
        outcomes.push(session.send(&envelope, letter).await);
    }
    session.close().await;
    let commands = relayed.commands.lock().unwrap().clone();
    let conversation = commands.iter().skip_while(|command| !command.starts_with("MAIL"));
    let short = conversation
        .map(|command| command.replace("MAIL FROM:<", "").replace("@x.org>", "").replace("RCPT TO:<", "to "));
    (short.collect::<Vec<_>>().join("; "), outcomes, relayed)
}

/// A relay that takes groups and does this at a step of its first connection.
fn groups(acts: &[(&'static str, Act)]) -> Manners {
    let acts: HashMap<_, _> = acts.iter().map(|(step, act)| ((0, *step), *act)).collect();
    Manners { acts, groups: true, ..Manners::default() }
}

fn from(senders: &'static str) -> Vec<(&'static str, &'static [u8])> {
    senders.split(' ').map(|sender| (sender, BODY.as_bytes())).collect()
}

#[tokio::test]
async fn a_relay_that_offers_it_is_told_several_things_in_one_go_once_it_took_a_letter() {
    let (said, outcomes, relayed) = told(groups(&[]), &from("a a a")).await;
    // The third's MAIL goes with the end of the second, and one more with the end of the third.
    assert_eq!(said, "a; to b; DATA; a; to b &; DATA; a; to b &; DATA; a; QUIT");
    assert_eq!(outcomes, [Ok(()), Ok(()), Ok(())]);
    let stuffed = BODY.replace("\r\n.", "\r\n..").into_bytes();
    assert_eq!(*relayed.letters.lock().unwrap(), vec![stuffed; 3]);
}

#[tokio::test]
async fn a_relay_that_does_not_is_told_one_thing_at_a_time() {
    let (said, outcomes, _) = told(Manners::default(), &from("a a a")).await;
    assert_eq!(said, "a; to b; DATA; a; to b; DATA; a; to b; DATA; QUIT");
    assert_eq!(outcomes, [Ok(()), Ok(()), Ok(())]);
}

#[tokio::test]
async fn where_each_letter_has_an_address_of_its_own_to_come_back_to_none_is_named_ahead() {
    let (said, outcomes, _) = told(groups(&[]), &from("a b c")).await;
    assert_eq!(said, "a; to b; DATA; b; to b &; DATA; c; to b &; DATA; QUIT");
    assert_eq!(outcomes, [Ok(()), Ok(()), Ok(())]);
}

#[tokio::test]
async fn a_sender_who_was_named_ahead_and_does_not_write_is_taken_back() {
    let (said, outcomes, _) = told(groups(&[]), &from("a a c c")).await;
    assert_eq!(said, "a; to b; DATA; a; to b &; DATA; a; RSET; c; to b &; DATA; c; to b &; DATA; c; QUIT");
    assert_eq!(outcomes, [Ok(()), Ok(()), Ok(()), Ok(())]);
}

#[tokio::test]
async fn a_letter_in_no_known_characters_arrives_to_the_byte_and_names_nobody_ahead() {
    let latin: &[u8] = b"Subject: x\r\n\r\n.caf\xe9\r\n";
    let (said, outcomes, relayed) = told(groups(&[]), &[("a", latin), ("a", latin)]).await;
    assert_eq!(said, "a BODY=8BITMIME; to b; DATA; a BODY=8BITMIME; to b &; DATA; QUIT");
    assert_eq!(outcomes, [Ok(()), Ok(())]);
    assert_eq!(*relayed.letters.lock().unwrap(), vec![b"Subject: x\r\n\r\n..caf\xe9\r\n".to_vec(); 2]);
}

#[tokio::test]
async fn what_is_beyond_ascii_is_announced_where_the_relay_knows_it_and_an_address_goes_nowhere_else() {
    let spanish: &[u8] = "Subject: x\r\n\r\naño\r\n".as_bytes();
    let letters = [("ana", spanish), ("año", BODY.as_bytes())];
    let (said, outcomes, _) = told(groups(&[]), &letters).await;
    assert_eq!(said, "ana BODY=8BITMIME; to b; DATA; año SMTPUTF8; to b &; DATA; QUIT");
    assert_eq!(outcomes, [Ok(()), Ok(())]);
    let (said, outcomes, relayed) = told(Manners::default(), &letters).await;
    assert_eq!(said, "ana; to b; DATA");
    let [Ok(()), Err(Failure::Never(reason))] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert_eq!(reason.to_string(), "MAIL: the relay takes no addresses beyond ASCII");
    assert_eq!(relayed.letters.lock().unwrap().len(), 1);
}

/// A recipient who is refused in one go with DATA, to which the relay then does this.
async fn refused(data: Option<Act>) -> (Talk, Attempt, Relayed) {
    let mut manners = groups(&[("RCPT", Act::Say("550 5.1.1 unknown"))]);
    manners.acts.extend(data.map(|act| ((0, "DATA"), act)));
    let relayed = relay(manners).await;
    let mut talk = talk_with(&relayed).await;
    // As after a letter that was taken.
    talk.before = Some("MAIL FROM:<a@x.org>\r\n".to_owned());
    let (from, to) = (address("a@x.org"), address("b@x.org"));
    let envelope = Envelope { from: &from, to: &to, message_id: "<u.0.invitation@x.org>" };
    let post = Post::of(&envelope, BODY.as_bytes()).unwrap();
    let attempt = talk.hand_over(&limits(), &post, false, &|_| {}).await.err().unwrap();
    assert_eq!(attempt.failure.reason().to_string(), "550 5.1.1 at RCPT: mailbox unavailable");
    assert!(relayed.letters.lock().unwrap().is_empty());
    (talk, attempt, relayed)
}

/// The relay refuses DATA as well, or goes on and gets nothing.
#[tokio::test]
async fn nobody_gets_an_empty_letter_because_a_recipient_was_refused() {
    for data in [Some(Act::Say("503 5.5.1 nobody is there to get it")), None] {
        let (mut talk, attempt, relayed) = refused(data).await;
        assert!(attempt.met == Met::Answer && talk.forgets(&limits()).await, "the connection goes on");
        assert_eq!(relayed.commands.lock().unwrap().last().map(String::as_str), Some("RSET"));
    }
}

#[tokio::test]
async fn a_relay_that_closes_after_a_refusal_is_left_and_not_blamed() {
    assert_eq!(refused(Some(Act::Say("421 closing"))).await.1.met, Met::Nothing);
}

async fn talk_with(relayed: &Relayed) -> Talk {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", relayed.port)).await.unwrap();
    let hello = lettre::transport::smtp::extension::ClientId::default();
    let connection = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.unwrap();
    Talk::over(connection, true)
}

proptest! {
    #[test]
    fn a_letter_ends_where_it_ends_whatever_stands_in_it(letter in "[a.\r\n]{0,40}", next in "(MAIL FROM:<a@x.org>\r\n)?") {
        let said = Whole { letter: &letter, next: &next }.to_string();
        let end = said.find("\r\n.\r\n").map(|at| at + 2).into_iter().chain(said.starts_with(".\r\n").then_some(0)).min();
        let (came, rest) = said.split_at(end.unwrap());
        let came: Vec<&str> = came.split("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
        prop_assert_eq!(came.join("\r\n"), format!("{letter}\r\n"));
        prop_assert_eq!(rest, format!(".\r\n{next}"));
    }
}
