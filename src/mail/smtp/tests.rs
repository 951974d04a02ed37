//! Conversations with a relay that has bad manners.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::sink::{Act, Manners, Relayed, relay};
use super::*;
use crate::domain::identity::Address;
use crate::mail::transport::{Session, Transport};
use crate::mail::url::MailUrl;

const LETTER: &[u8] = b"Subject: x\r\n\r\n.leading dot\r\nbody\r\n";

pub(super) fn limits() -> Limits {
    let limit = Duration::from_millis(300);
    Limits { connect: Duration::from_secs(2), greeting: limit, command: limit, data: limit, letter: limit }
}

pub(super) fn address(text: &str) -> Address {
    text.parse().ok().unwrap()
}

pub(super) async fn session(url: &str) -> Result<Session, Failure> {
    session_within(limits(), url).await
}

async fn session_within(limits: Limits, url: &str) -> Result<Session, Failure> {
    let url: MailUrl = url.parse().unwrap();
    Transport::open(&url, limits).unwrap().connect().await
}

async fn send(session: &mut Session, number: usize) -> Result<(), Failure> {
    let (from, to) = (address("hold@example.org"), address("tcastellanos@im.example.edu"));
    let message_id = format!("<u.{number}.invitation@example.org>");
    session.send(&Envelope { from: &from, to: &to, message_id: &message_id }, LETTER).await
}

/// One letter to a relay that acts so on its first connection.
async fn outcome(step: &'static str, act: Act) -> (Result<(), Failure>, Relayed) {
    outcome_within(limits(), step, act).await
}

async fn outcome_within(limits: Limits, step: &'static str, act: Act) -> (Result<(), Failure>, Relayed) {
    let manners = Manners { acts: HashMap::from([((0, step), act)]), ..Manners::default() };
    let relayed = relay(manners).await;
    let outcome = match session_within(limits, &format!("smtp://127.0.0.1:{}", relayed.port)).await {
        Ok(mut session) => send(&mut session, 0).await,
        Err(failure) => Err(failure),
    };
    (outcome, relayed)
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written_and_the_connection_serves_the_next() {
    let relayed = relay(Manners::default()).await;
    let mut session = session(&format!("smtp://127.0.0.1:{}", relayed.port)).await.unwrap();
    for number in 0..3 {
        send(&mut session, number).await.unwrap();
    }
    session.close().await;
    let letters = relayed.letters.lock().unwrap().clone();
    // The dot at the start of a line travels doubled (RFC 5321, section 4.5.2).
    assert_eq!(letters, vec![b"Subject: x\r\n\r\n..leading dot\r\nbody\r\n".to_vec(); 3]);
    assert_eq!(relayed.connections.load(Ordering::SeqCst), 1);
    assert_eq!(relayed.commands.lock().unwrap().last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn what_a_relay_refuses_for_now_is_tried_again() {
    for (step, act, reason) in [
        ("MAIL", Act::Say("451 4.3.0 busy"), "451 4.3.0 at MAIL: trouble at the relay"),
        ("RCPT", Act::Say("450 4.2.0 greylisted"), "450 4.2.0 at RCPT: mailbox busy or greylisted"),
        ("RCPT", Act::Say("452 4.2.2 full"), "452 4.2.2 at RCPT: mailbox full"),
        ("DATA", Act::Say("451 no"), "451 at DATA: trouble at the relay"),
        ("dot", Act::Say("451 4.7.1 later"), "451 4.7.1 at end of letter: refused by policy"),
        ("dot", Act::Say("421 4.3.2 closing"), "421 4.3.2 at end of letter: the relay closes"),
        ("greeting", Act::Say("421 busy"), "421 at greeting: the relay closes"),
    ] {
        let (outcome, _) = outcome(step, act).await;
        assert!(matches!(&outcome, Err(Failure::Later(_))), "{step}: {outcome:?}");
        assert_eq!(outcome.unwrap_err().reason().to_string(), reason);
    }
}

#[tokio::test]
async fn what_a_relay_refuses_for_good_is_not_tried_again_and_names_nobody() {
    for (step, answer, reason) in [
        ("MAIL", "552 5.3.4 too big", "552 5.3.4 at MAIL: letter too large"),
        (
            "RCPT",
            "550-5.1.1 <tcastellanos@im.example.edu>:\r\n550 5.1.1 Thuy-Anh Castellanos is unknown",
            "550 5.1.1 at RCPT: mailbox unavailable",
        ),
        ("DATA", "554 no", "554 at DATA: refused"),
        ("dot", "554 5.7.1 spam", "554 5.7.1 at end of letter: refused by policy"),
    ] {
        let (outcome, _) = outcome(step, Act::Say(answer)).await;
        assert!(matches!(&outcome, Err(Failure::Never(_))), "{step}: {outcome:?}");
        let failure = outcome.unwrap_err();
        assert_eq!(failure.reason().to_string(), reason);
        assert!(!format!("{failure} {failure:?}").contains("astellanos"));
    }
}

#[tokio::test]
async fn a_relay_that_refuses_us_does_not_cost_anybody_their_letter() {
    for (step, answer) in [
        ("greeting", "554 5.7.1 your address is blocked"),
        ("EHLO", "550 go away"),
        ("MAIL", "530 5.7.0 log in first"),
    ] {
        let (outcome, _) = outcome(step, Act::Say(answer)).await;
        assert!(matches!(&outcome, Err(Failure::Later(_))), "{step}: {outcome:?}");
    }
    let manners =
        Manners { acts: HashMap::from([((0, "AUTH"), Act::Say("535 5.7.8 no"))]), ..Manners::default() };
    let relayed = relay(manners).await;
    let url = format!("smtp://hold:s3cretpass@127.0.0.1:{}", relayed.port);
    let Err(failure) = session(&url).await else { panic!("logged in") };
    assert_eq!(
        failure.reason().to_string(),
        "535 5.7.8 at AUTH: login refused; check the user and password of the mail setting"
    );
    assert!(!format!("{failure:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_relay_that_hangs_or_vanishes_is_left_within_bounded_time() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"] {
        for act in [Act::Hang, Act::Vanish] {
            let waited = timeout(Duration::from_secs(20), outcome(step, act)).await;
            let (outcome, _) = waited.expect("an answer in bounded time");
            let failure = outcome.unwrap_err();
            let unknown = matches!(failure, Failure::Unknown(_));
            assert!(failure.may_try_again() && unknown == (step == "dot"), "{step}: {failure:?}");
        }
    }
}

/// It is asked a second time what it offers.
#[tokio::test]
async fn a_relay_that_does_not_like_to_be_greeted_twice_gets_its_letters_and_one_that_is_gone_is_left() {
    assert_eq!(outcome("EHLO again", Act::Say("503 5.5.1 once is enough")).await.0, Ok(()));
    for (act, reason) in [
        (Act::Say("421 4.3.2 closing"), "421 4.3.2 at greeting: the relay closes"),
        (Act::Hang, "greeting: no answer in time"),
        (Act::Vanish, "greeting: the connection was lost"),
    ] {
        assert_eq!(outcome("EHLO again", act).await.0.unwrap_err().reason().to_string(), reason);
    }
}

#[tokio::test]
async fn each_step_is_waited_for_as_long_as_it_may_take_and_no_longer() {
    let long = Duration::from_secs(60);
    let patient = Limits { connect: long, greeting: long, command: long, data: long, letter: long };
    let short = Duration::from_millis(50);
    for (step, limits) in [
        ("greeting", Limits { greeting: short, ..patient }),
        ("EHLO", Limits { greeting: short, ..patient }),
        ("MAIL", Limits { command: short, ..patient }),
        ("RCPT", Limits { command: short, ..patient }),
        ("DATA", Limits { data: short, ..patient }),
        ("dot", Limits { letter: short, ..patient }),
    ] {
        let waited = timeout(Duration::from_secs(20), outcome_within(limits, step, Act::Hang)).await;
        let (outcome, _) = waited.unwrap_or_else(|_| panic!("{step} was waited for too long"));
        assert!(outcome.unwrap_err().to_string().contains("no answer in time"), "{step}");
    }
}

#[tokio::test]
async fn a_session_goes_on_after_a_refusal_and_connects_again_after_a_loss() {
    let manners = Manners {
        acts: HashMap::from([((0, "RCPT"), Act::Say("550 5.1.1 no")), ((1, "dot"), Act::Vanish)]),
        ..Manners::default()
    };
    let relayed = relay(manners).await;
    let mut session = session(&format!("smtp://127.0.0.1:{}", relayed.port)).await.unwrap();
    assert!(matches!(send(&mut session, 0).await, Err(Failure::Never(_))));
    // The refusal was forgotten by RSET, over the same connection.
    assert!(relayed.commands.lock().unwrap().iter().any(|command| command == "RSET"));
    assert!(matches!(send(&mut session, 1).await, Err(Failure::Never(_))));
    assert_eq!(relayed.connections.load(Ordering::SeqCst), 1);
    drop(session);

    let mut session = self::session(&format!("smtp://127.0.0.1:{}", relayed.port)).await.unwrap();
    assert!(matches!(send(&mut session, 2).await, Err(Failure::Unknown(_))));
    assert_eq!(send(&mut session, 2).await, Ok(()));
    assert_eq!(relayed.connections.load(Ordering::SeqCst), 3);
    // The same letter arrived twice, with the same Message-ID: harmless.
    assert_eq!(relayed.letters.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_tried_again() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let Err(failure) = session(&format!("smtp://127.0.0.1:{closed}")).await else { panic!("connected") };
    assert_eq!(failure.reason().to_string(), "connecting: the relay refuses the connection, or is not there");
}

#[tokio::test]
async fn two_hundred_letters_go_over_one_connection() {
    let relayed = relay(Manners::default()).await;
    let mut session = session(&format!("smtp://127.0.0.1:{}", relayed.port)).await.unwrap();
    let began = std::time::Instant::now();
    for number in 0..200 {
        send(&mut session, number).await.unwrap();
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("200 letters in {seconds:.3} s: {:.0} a second", 200.0 / seconds);
    assert_eq!(relayed.letters.lock().unwrap().len(), 200);
    assert_eq!(relayed.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn letters_go_over_several_connections_at_once() {
    let relayed = relay(Manners::default()).await;
    let url = format!("smtp://127.0.0.1:{}", relayed.port);
    let posts: Vec<_> = (0..4)
        .map(|post| {
            let url = url.clone();
            tokio::spawn(async move {
                let mut session = session(&url).await.unwrap();
                for number in 0..25 {
                    send(&mut session, 25 * post + number).await.unwrap();
                }
                session.close().await;
            })
        })
        .collect();
    for post in posts {
        post.await.unwrap();
    }
    assert_eq!(relayed.letters.lock().unwrap().len(), 100);
    assert_eq!(relayed.connections.load(Ordering::SeqCst), 4);
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(include_bytes!("testdata/relay.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("testdata/relay.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

fn authority() -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/mail/smtp/testdata/authority.pem")
        .display()
        .to_string()
}

#[tokio::test]
async fn a_letter_goes_encrypted_to_a_hospital_relay_with_its_own_authority() {
    for (implicit, scheme, option) in [(true, "smtps", ""), (false, "smtp", "tls=required&")] {
        let relayed = relay(Manners { acceptor: Some(acceptor()), implicit, ..Manners::default() }).await;
        let login = "hold:s3cret";
        let port = relayed.port;
        let url = format!("{scheme}://{login}@localhost:{port}?{option}ca={}", authority());
        let mut session = session(&url).await.unwrap();
        send(&mut session, 0).await.unwrap();
        assert_eq!(relayed.letters.lock().unwrap().len(), 1, "{scheme}");
        let commands = relayed.commands.lock().unwrap().clone();
        let position = |verb: &str| commands.iter().position(|command| command.starts_with(verb));
        assert!(position("AUTH").is_some(), "{scheme}");
        assert!(implicit || position("STARTTLS") < position("AUTH"), "{commands:?}");
    }
}

#[tokio::test]
async fn no_letter_goes_to_a_relay_whose_certificate_is_not_its_own() {
    for (implicit, scheme, option) in [(true, "smtps", ""), (false, "smtp", "?tls=required")] {
        let relayed = relay(Manners { acceptor: Some(acceptor()), implicit, ..Manners::default() }).await;
        let url = format!("{scheme}://hold:s3cret@localhost:{}{option}", relayed.port);
        let Err(failure) = session(&url).await else { panic!("{scheme}: connected") };
        assert_eq!(
            failure.reason().to_string(),
            "TLS: no agreement; is the certificate valid for the relay's name?",
            "{scheme}"
        );
        assert!(!relayed.commands.lock().unwrap().iter().any(|command| command.starts_with("AUTH")));
    }
}

/// Somebody on the line speaks in the relay's name before it is encrypted, and the library would believe it afterwards.
#[tokio::test]
async fn what_was_said_before_the_line_was_encrypted_is_not_believed() {
    let injected = "220 go on\r\n250-sink\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok";
    let acts = HashMap::from([((0, "STARTTLS"), Act::Say(injected))]);
    let relayed = relay(Manners { acts, acceptor: Some(acceptor()), ..Manners::default() }).await;
    let url = format!("smtp://hold:s3cret@localhost:{}?tls=required&ca={}", relayed.port, authority());
    let Err(failure) = session(&url).await else { panic!("connected") };
    assert!(failure.reason().to_string().starts_with("TLS: "), "{failure}");
    assert!(!relayed.commands.lock().unwrap().iter().any(|command| command.starts_with("AUTH")));
}

#[tokio::test]
async fn a_password_is_not_sent_to_a_relay_that_cannot_encrypt() {
    let relayed = relay(Manners::default()).await;
    let url = format!("smtp://hold:s3cret@127.0.0.1:{}?tls=required", relayed.port);
    let Err(failure) = session(&url).await else { panic!("connected") };
    assert!(failure.reason().to_string().starts_with("STARTTLS: the relay does not offer it"));
    assert!(!relayed.commands.lock().unwrap().iter().any(|command| command.starts_with("AUTH")));
}

#[test]
fn an_authority_that_is_no_certificate_is_refused_at_start() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let url: MailUrl = format!("smtps://localhost?ca={}", file.path().display()).parse().unwrap();
    assert!(Transport::open(&url, limits()).is_err_and(|refusal| refusal == MailUrlRefusal::Authority));
}

#[tokio::test(start_paused = true)]
async fn letters_go_step_by_step_for_a_minute_by_the_clock_of_whoever_sends_them() {
    let MailUrl::Smtp(relay) = "smtp://localhost".parse().unwrap() else { panic!("no relay") };
    let smtp = Smtp::new(relay, limits()).unwrap();
    let begun = Since::at(Instant::from_timestamp(1_800_000_000, 0).unwrap());
    smtp.goes_apart(Lane::Everyone, begun);
    for (passed, apart) in [(0, true), (59, true), (1, false)] {
        tokio::time::advance(Duration::from_secs(passed)).await;
        assert_eq!(smtp.is_apart(Lane::Everyone, begun), apart, "{passed}");
    }
    assert!(!smtp.is_apart(Lane::Someone, begun), "nobody else's letters show in it");
}
