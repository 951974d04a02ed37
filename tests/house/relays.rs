//! The outbox against mail servers that misbehave, over the real post: at every step of the conversation, under one name and
//! under several addresses, for all recipients and for those of one destination. Never with a server beyond loopback.

mod around;
mod faults;
mod middle;
mod standing;
mod taken;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use holdspace::domain::offering::Rules;
use holdspace::mail::smtp::{Limits, Names, Smtp};
use holdspace::mail::transport::Transport;
use holdspace::mail::url::MailUrl;
use sqlx::{AnyConnection, Connection, FromRow};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, fortnight};
use crate::harness::smtp::Received;

/// A relay's name; a book answers it.
const URL: &str = "smtp://localhost:2525";

/// What a name is answered with.
#[derive(Clone)]
enum Answer {
    /// These addresses.
    Addresses(Vec<SocketAddr>),
    /// These addresses, after so long.
    Late(Vec<SocketAddr>, Duration),
    /// That there is no such name, or that nobody could be asked.
    Fails(io::ErrorKind),
    /// Nothing.
    Hangs,
    /// What the system says of a name that nobody has.
    System,
}

/// What the relay's name is answered with at the moment, as a test sets it.
#[derive(Clone)]
struct Book(Arc<Mutex<Answer>>);

impl Book {
    fn saying(answer: Answer) -> Self {
        Self(Arc::new(Mutex::new(answer)))
    }

    fn of(addresses: &[SocketAddr]) -> Self {
        Self::saying(Answer::Addresses(addresses.to_vec()))
    }

    fn says(&self, answer: Answer) {
        *self.0.lock().unwrap() = answer;
    }

    fn names(&self) -> Names {
        let book = self.clone();
        Arc::new(move |_: String, port: u16| {
            let answer = book.0.lock().unwrap().clone();
            async move {
                match answer {
                    Answer::Addresses(addresses) => Ok(addresses),
                    Answer::Late(addresses, after) => {
                        tokio::time::sleep(after).await;
                        Ok(addresses)
                    }
                    Answer::Fails(kind) => Err(kind.into()),
                    Answer::Hangs => std::future::pending().await,
                    Answer::System => {
                        Ok(tokio::net::lookup_host(("no-such-relay.invalid", port)).await?.collect())
                    }
                }
            }
            .boxed()
        })
    }
}

/// The way to a relay, whose name a book answers.
fn way(url: &str, limits: Limits, book: &Book) -> Transport {
    let MailUrl::Smtp(relay) = url.parse().unwrap() else { panic!("{url} is no relay") };
    Transport::Smtp(Box::new(Smtp::new(relay, limits).unwrap().asking(book.names())))
}

/// Every letter came once, but for those that a broken-off post may send again.
fn each_came(received: &[Received], again: usize) {
    let mut ids: Vec<String> =
        received.iter().map(|one| one.read().field("message-id")[0].to_owned()).collect();
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert!(ids.len() == OWED && all <= OWED + again, "{all} letters, {} different", ids.len());
}

/// Every step may take so long.
fn patience(limit: Duration) -> Limits {
    Limits { connect: limit, greeting: limit, command: limit, data: limit, letter: limit }
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/house/harness/relay").join(name)
}

/// What a relay encrypts with.
fn acceptor(certificate: &str) -> TlsAcceptor {
    with_key(&file(certificate), &file("relay.key"))
}

/// The same under an authority that only another test trusts.
fn stranger() -> TlsAcceptor {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/mail/smtp/testdata");
    with_key(&directory.join("relay.pem"), &directory.join("relay.key"))
}

fn with_key(certificate: &Path, key: &Path) -> TlsAcceptor {
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A house that owes everybody an invitation now, and each of three therapists a letter of welcome: nineteen letters.
async fn owing(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.imports_the_sample_files().await;
    house.opens(Rules { announce_days: None, ..fortnight() }).await;
    house.books().await;
    house
}

/// What of a house's letters is due at once.
const OWED: usize = 19;

/// A row of the outbox that is or was due at once.
#[derive(Debug, FromRow)]
struct Row {
    state: String,
    attempts: i64,
    tried_at: i64,
    due_at: i64,
    lease_until: i64,
    reason: String,
}

/// The rows of the outbox that were due before `until`, in an order of their own.
async fn rows(db: &TestDatabase, until: i64) -> Vec<Row> {
    let mut connection = AnyConnection::connect(db.url()).await.unwrap();
    let all = "SELECT state, attempts, tried_at, due_at, lease_until, reason FROM outbox \
        WHERE due_at < $1 OR tried_at > 0 ORDER BY id";
    let rows = sqlx::query_as(all).bind(until).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows
}
