//! One fault at every step, a sentence each: nothing is lost, nothing hangs, and what is well again gets each letter once, or
//! the same letter again where nobody could know. The rows run side by side, each in a house of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{Answer, Book, OWED, Row as Owed, acceptor, file, owing, patience, rows, stranger, way};
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;
use crate::harness::smtp::{ALWAYS, Deed, Received, SmtpSink, Stage};

/// Every step may take so long.
const LIMIT: Duration = Duration::from_millis(700);
/// A pass over all letters takes no longer, on a machine that is busy: they wait side by side.
const PASS: Duration = Duration::from_secs(40);
/// So many rows at a time.
const AT_A_TIME: usize = 10;

/// What ails the relay.
enum Ail {
    /// A step of the conversation.
    Step(Stage, Deed),
    /// The same after STARTTLS is offered.
    Encrypted(Stage, Deed),
    /// The same where a login is asked for.
    Login(Deed),
    /// Nobody listens.
    Nobody,
    /// The system takes no further connection to it.
    Full,
    /// Connections are taken by the system and by nobody else.
    Deaf,
    /// It offers no STARTTLS.
    NoEncryption,
    /// Its certificate.
    Certificate(&'static str),
    /// Its certificate is of an authority that nobody trusts.
    Untrusted,
    /// Its name.
    Name(Answer),
    /// One of its two addresses: a dead one stands before the living.
    HalfDead(bool),
}

/// What becomes of the letters while it ails.
#[derive(Clone, Copy)]
enum Fate {
    /// Owed, for this reason; and each goes once afterwards.
    Waits(&'static str),
    /// Owed, for this reason; the relay has some already, and gets the same again.
    May(&'static str),
    /// Given up, for this reason.
    Never(&'static str),
    /// They go.
    Goes,
}

use Fate::{Goes, May, Never, Waits};

const LOST: &str = "the connection was lost";
const SILENT: &str = "no answer in time";
const CERTIFICATE: &str = "TLS: no agreement; is the certificate valid for the relay's name?";
const NAMELESS: &str = "connecting: the relay's name has no address now; check it";

#[rustfmt::skip]
fn table() -> Vec<(&'static str, Ail, Fate)> {
    use Ail::{Certificate, Deaf, Encrypted, Full, HalfDead, Login, Name, NoEncryption, Nobody, Step, Untrusted};
    use Deed::{Answer as Says, Drop, Flood, Hang, Say};
    use Stage::{AnyRecipient, Body, Content, Dot, Encryption, Greeting, Handshake, Hello, Sender};
    let refused = std::io::ErrorKind::NotFound;
    let nobody_asked = std::io::ErrorKind::Other;
    vec![
        ("nobody listens", Nobody, Waits("connecting: the relay refuses the connection, or is not there")),
        ("its queue of connections is full", Full, Waits(SILENT)),
        ("connections are taken and never looked at", Deaf, Waits("greeting: no answer in time")),
        ("it connects and says nothing", Step(Greeting, Hang), Waits("greeting: no answer in time")),
        ("it greets like another kind of server", Step(Greeting, Say("+OK POP3 ready")), Waits("greeting: the connection was lost")),
        ("its greeting never ends", Step(Greeting, Flood(400_000)), Waits("greeting: ")),
        ("it hangs up at once", Step(Greeting, Drop), Waits("greeting: the connection was lost")),
        ("it is too busy to talk", Step(Greeting, Says(421)), Waits("421 at greeting: the relay closes")),
        ("it wants nothing of us", Step(Greeting, Says(554)), Waits("554 at greeting: refused")),
        ("it hangs at EHLO", Step(Hello, Hang), Waits("greeting: no answer in time")),
        ("it says 200 kB at EHLO", Step(Hello, Flood(200_000)), Waits("greeting: the connection was lost")),
        ("it refuses EHLO", Step(Hello, Says(550)), Waits("550 at greeting: mailbox unavailable")),
        ("it offers no encryption where that is required", NoEncryption, Waits("STARTTLS: the relay does not offer it")),
        ("it cannot encrypt now", Encrypted(Encryption, Says(454)), Waits("454 at STARTTLS: TLS or login is not available now")),
        ("it speaks on before the line is encrypted", Encrypted(Encryption, Say("220 Go ahead\r\n250-sink.invalid\r\n250 AUTH PLAIN")), Waits(CERTIFICATE)),
        ("the handshake hangs", Encrypted(Handshake, Hang), Waits("STARTTLS: no answer in time")),
        ("the handshake is broken off", Encrypted(Handshake, Drop), Waits(CERTIFICATE)),
        ("its certificate is another's", Certificate("other.pem"), Waits(CERTIFICATE)),
        ("its certificate is over", Certificate("expired.pem"), Waits(CERTIFICATE)),
        ("its certificate is its own word", Untrusted, Waits(CERTIFICATE)),
        ("it refuses the login", Login(Says(535)), Waits("535 at AUTH: login refused; check the user")),
        ("it cannot check the login now", Login(Says(454)), Waits("454 at AUTH: TLS or login is not available now")),
        ("it hangs at AUTH", Login(Hang), Waits("AUTH: no answer in time")),
        ("it has trouble at MAIL", Step(Sender, Says(451)), Waits("451 at MAIL: trouble at the relay")),
        ("it refuses the sender", Step(Sender, Says(550)), Never("550 at MAIL: mailbox unavailable")),
        ("it hangs at MAIL", Step(Sender, Hang), Waits("MAIL: no answer in time")),
        ("it greylists", Step(AnyRecipient, Says(450)), Waits("450 at RCPT: mailbox busy or greylisted")),
        ("it has no room now", Step(AnyRecipient, Says(452)), Waits("452 at RCPT: the relay is short of space")),
        ("it knows none of them", Step(AnyRecipient, Says(550)), Never("550 at RCPT: mailbox unavailable")),
        ("it hangs at RCPT", Step(AnyRecipient, Hang), Waits("RCPT: no answer in time")),
        ("it has trouble at DATA", Step(Content, Says(451)), Waits("451 at DATA: trouble at the relay")),
        ("it refuses at DATA", Step(Content, Says(554)), Never("554 at DATA: refused")),
        ("it hangs at DATA", Step(Content, Hang), Waits("DATA: no answer in time")),
        ("it hangs up in the middle of a letter", Step(Body, Drop), Waits(LOST)),
        ("it has trouble with the whole letter", Step(Dot, Says(451)), Waits("451 at end of letter: trouble at the relay")),
        ("it refuses the whole letter", Step(Dot, Says(554)), Never("554 at end of letter: refused")),
        ("it closes instead of answering for the letter", Step(Dot, Says(421)), Waits("421 at end of letter: the relay closes")),
        ("it takes the letter and hangs up before it says so", Step(Dot, Drop), May("end of letter: the connection was lost")),
        ("it takes the letter and says nothing", Step(Dot, Hang), May("end of letter: no answer in time")),
        ("its name is not there", Name(Answer::System), Waits(NAMELESS)),
        ("its name server says so", Name(Answer::Fails(refused)), Waits(NAMELESS)),
        ("its name server cannot be asked", Name(Answer::Fails(nobody_asked)), Waits(NAMELESS)),
        ("its name has no address", Name(Answer::Addresses(Vec::new())), Waits(NAMELESS)),
        ("its name server says nothing", Name(Answer::Hangs), Waits(NAMELESS)),
        ("its name server is slow", Name(Answer::Late(Vec::new(), Duration::from_millis(150))), Goes),
        ("one of its addresses refuses", HalfDead(false), Goes),
        ("one of its addresses takes connections and is deaf", HalfDead(true), Goes),
    ]
}

/// A relay that ails and can be healed.
struct Ailing {
    /// Gets the letters when all is well, and before where that is not the point.
    sink: SmtpSink,
    url: String,
    book: Book,
    /// Kept for as long as the relay ails.
    _held: Vec<Box<dyn std::any::Any + Send>>,
}

async fn deaf() -> (SocketAddr, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap(), listener)
}

/// A listener with no room for another connection. Where the system makes room without end, it is only deaf.
async fn full() -> (SocketAddr, Vec<Box<dyn std::any::Any + Send>>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held: Vec<Box<dyn std::any::Any + Send>> = vec![Box::new(listener)];
    for _ in 0..64 {
        match timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
            Ok(Ok(stream)) => held.push(Box::new(stream)),
            _ => break,
        }
    }
    (address, held)
}

async fn nobody() -> SocketAddr {
    deaf().await.0
}

impl Ailing {
    async fn with(ail: &Ail) -> Self {
        let tls = format!("smtp://localhost:2525?tls=required&ca={}", file("authority.pem").display());
        let plain = "smtp://localhost:2525".to_owned();
        let (url, sink) = match ail {
            Ail::Encrypted(..) | Ail::Certificate(_) | Ail::NoEncryption | Ail::Untrusted => {
                (tls, SmtpSink::encrypting(Some(acceptor("right.pem"))).await)
            }
            Ail::Login(_) => ("smtp://hold:s3cretpass@localhost:2525".to_owned(), SmtpSink::start().await),
            _ => (plain, SmtpSink::start().await),
        };
        let (book, mut held) = (Book::of(&[sink.address()]), Vec::<Box<dyn std::any::Any + Send>>::new());
        let mut stands_in = None;
        match ail {
            Ail::Step(stage, deed) | Ail::Encrypted(stage, deed) => sink.fails(*stage, *deed, ALWAYS),
            Ail::Login(deed) => sink.fails(Stage::Login, *deed, ALWAYS),
            Ail::Nobody => book.says(Answer::Addresses(vec![nobody().await])),
            Ail::Full => {
                let (address, all) = full().await;
                held = all;
                book.says(Answer::Addresses(vec![address]));
            }
            Ail::Deaf => {
                let (address, listener) = deaf().await;
                held.push(Box::new(listener));
                book.says(Answer::Addresses(vec![address]));
            }
            Ail::NoEncryption => stands_in = Some(SmtpSink::start().await),
            Ail::Certificate(name) => stands_in = Some(SmtpSink::encrypting(Some(acceptor(name))).await),
            Ail::Untrusted => {
                stands_in = Some(SmtpSink::encrypting(Some(stranger())).await);
            }
            Ail::Name(Answer::Late(_, after)) => book.says(Answer::Late(vec![sink.address()], *after)),
            Ail::Name(answer) => book.says(answer.clone()),
            Ail::HalfDead(takes) => {
                let (address, listener) = deaf().await;
                if *takes {
                    held.push(Box::new(listener));
                }
                book.says(Answer::Addresses(vec![address, sink.address()]));
            }
        }
        if let Some(other) = stands_in {
            book.says(Answer::Addresses(vec![other.address()]));
            held.push(Box::new(other));
        }
        Self { sink, url, book, _held: held }
    }

    fn heals(&self) {
        self.sink.recovers();
        self.book.says(Answer::Addresses(vec![self.sink.address()]));
    }
}

/// What is wrong with a letter that waits: it must come again after five minutes, then ten, and so on, and up to a quarter
/// more; or, where the relay was left alone, be as if nobody had touched it.
fn waits(row: &Owed, reason: &str, now: i64) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{what}: {row:?}"));
    if row.state != "owed" || row.lease_until != 0 {
        return wrong("it is not owed");
    }
    if row.tried_at == 0 {
        return if row.due_at <= now { Ok(()) } else { wrong("it was put off untried") };
    }
    if !row.reason.contains(reason) {
        return wrong("it waits for another reason");
    }
    let first = 300 << (row.attempts - 1);
    let waits = row.due_at - row.tried_at;
    if (first..first + first / 4).contains(&waits) { Ok(()) } else { wrong("it comes again at another time") }
}

/// A pass over all letters that are due.
async fn pass(house: &House) -> Result<(), String> {
    let begun = Instant::now();
    match timeout(PASS, house.post.deliver(&|_| {})).await {
        Err(_) => Err(format!("the post hangs for more than {PASS:?}")),
        Ok(Err(problem)) => Err(format!("the post gave up after {:?}: {problem}", begun.elapsed())),
        Ok(Ok(_)) => Ok(()),
    }
}

/// What holds after a pass while the relay ails.
async fn held_up(db: &TestDatabase, house: &House, fate: Fate, passes: i64) -> Result<(), String> {
    let now = house.now().timestamp();
    let rows = rows(db, now + 1).await;
    if rows.len() != OWED {
        return Err(format!("{} letters are left of {OWED}", rows.len()));
    }
    match fate {
        Goes => match rows.iter().find(|row| row.state != "sent") {
            Some(row) => Err(format!("it did not go: {row:?}")),
            None => Ok(()),
        },
        Never(reason) => match rows.iter().find(|row| row.state != "failed" || row.reason != reason) {
            Some(row) => Err(format!("it is not given up for {reason}: {row:?}")),
            None => Ok(()),
        },
        Waits(reason) | May(reason) => {
            rows.iter().try_for_each(|row| waits(row, reason, now))?;
            if !rows.iter().any(|row| row.attempts >= passes) {
                return Err(format!("nobody tried in pass {passes}"));
            }
            let mut moments: Vec<i64> = rows
                .iter()
                .filter(|row| row.attempts == 1 && row.tried_at > 0)
                .map(|row| row.due_at - row.tried_at)
                .collect();
            let tried = moments.len();
            moments.sort_unstable();
            moments.dedup();
            if tried > 3 && moments.len() < 2 {
                Err("they all come again at once".to_owned())
            } else {
                Ok(())
            }
        }
    }
}

/// What the relay got in the end: each letter once, or to the byte the same.
fn came(received: &[Received], fate: Fate) -> Result<(), String> {
    let mut letters: BTreeMap<String, Vec<&Received>> = BTreeMap::new();
    for one in received {
        letters.entry(one.read().field("message-id")[0].to_owned()).or_default().push(one);
    }
    let expected = if matches!(fate, Never(_)) { 0 } else { OWED };
    if letters.len() != expected {
        return Err(format!("{} letters came of {expected}", letters.len()));
    }
    let most = letters.values().map(Vec::len).max().unwrap_or_default();
    if letters.values().flatten().count() > expected && !matches!(fate, May(_)) {
        return Err(format!("a letter came {most} times"));
    }
    if matches!(fate, May(_)) && most < 2 {
        return Err("nothing came twice: the fault did not strike".to_owned());
    }
    // The same bytes: the same Message-ID, UID, SEQUENCE and everything else.
    let differ = letters.values().find(|copies| copies.iter().any(|copy| *copy != copies[0]));
    differ.map_or(Ok(()), |copies| Err(format!("copies of a letter to {:?} differ", copies[0].to)))
}

async fn lived_through(ail: &Ail, fate: Fate) -> Result<(), String> {
    let db = TestDatabase::sqlite_in_memory();
    let mut house = owing(&db).await;
    let relay = Ailing::with(ail).await;
    house.post.transport = way(&relay.url, patience(LIMIT), &relay.book);
    for passes in 1..=2 {
        pass(&house).await?;
        held_up(&db, &house, fate, passes).await?;
        if let (Never(reason), 1) = (fate, passes) {
            // Staff are told why and how many; which people these are is told of nobody.
            let page = house.director_again().await.opens("/institution/mail").await.body;
            if !page.contains(reason) || page.contains("Addresses to check") {
                return Err(format!("the director's page does not tell {reason}, or tells whose it is"));
            }
        }
        // Beyond five minutes and a quarter more, and beyond what a relay is left alone.
        house.clock.advance(chrono::Duration::minutes(7));
    }
    relay.heals();
    for _ in 0..4 {
        house.clock.advance(chrono::Duration::minutes(13));
        pass(&house).await?;
    }
    let left = rows(&db, 0).await.iter().filter(|row| row.state == "owed" && row.tried_at > 0).count();
    if left > 0 {
        return Err(format!("{left} letters are still owed after it is well"));
    }
    came(&relay.sink.received(), fate)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_ails_a_relay_nothing_is_lost_nothing_hangs_and_each_letter_goes_once() {
    let rows = stream::iter(table().into_iter().map(|(what, ail, fate)| async move {
        lived_through(&ail, fate).await.err().map(|problem| format!("{what}: {problem}"))
    }));
    let problems: Vec<String> =
        rows.buffer_unordered(AT_A_TIME).filter_map(|problem| async move { problem }).collect().await;
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
