//! A process and what outlives it: the files, the mail server, the clock. Never decides what happens.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use futures_util::FutureExt;
use holdspace::clock::{Clock, HandSetClock};
use holdspace::desk::Desk;
use holdspace::domain::time::Instant;
use holdspace::entropy::Entropy;
use holdspace::jobs::post::{Pace, PostOffice};
use holdspace::mail::template::Templates;
use holdspace::storage::Store;
use holdspace::vault::Vault;
use holdspace::web::{WebState, router};
use tower::ServiceExt;

use super::base::{Base, beginning, copies, url};
use super::disk;
use crate::harness::engines::TestDatabase;
use crate::harness::house::{Dice, PUBLIC_URL, Page, post_office};
use crate::harness::smtp::SmtpSink;

/// Pages of residents are no longer than this.
const PAGE_BYTES: usize = 1 << 20;

/// What a process holds in memory.
pub struct Life {
    /// The desk that all doors share.
    pub desk: Desk,
    /// Its database.
    pub store: Store,
    /// What opens sealed rows.
    pub vault: Arc<Vault>,
    /// The post.
    pub post: PostOffice,
    /// The doors, once somebody knocks.
    routes: Option<Router>,
}

/// What happens to a process in the midst of what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// Nothing.
    None,
    /// It dies at this draw of randomness.
    Draw(u32),
    /// The disk takes so many more rows; then the process dies.
    Row(u32),
    /// The disk takes so many more rows, and the process goes on.
    BadDisk(u32),
    /// It dies when the mail server has taken so many letters, and has not answered the last.
    Letter(usize),
}

/// What became of something that a process was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did<T> {
    /// It answered.
    Answered(T),
    /// It died, and nobody heard an answer.
    Died,
}

/// The world around processes.
pub struct World {
    /// Its clock.
    pub clock: Arc<HandSetClock>,
    /// Its randomness.
    pub dice: Arc<Dice>,
    /// The mail server.
    pub sink: SmtpSink,
    /// The process that lives now.
    pub life: Life,
    /// How many died.
    pub deaths: u32,
    db: TestDatabase,
    home: PathBuf,
}

impl World {
    /// A season's world with its first process.
    pub async fn begin(seed: u64) -> Self {
        let db = TestDatabase::sqlite_in_memory();
        let home = db.directory().unwrap().join("0");
        Base::get().lay_into(&home);
        let clock = Arc::new(HandSetClock::at(beginning()));
        let dice = Arc::new(Dice::of(seed));
        let sink = SmtpSink::start().await;
        // One mail server in two takes several commands in one go.
        if seed % 2 == 1 {
            sink.takes_groups();
        }
        let life = Life::begin(&home, &clock, &dice, &sink).await;
        Self { clock, dice, sink, life, deaths: 0, db, home }
    }

    /// The clock's time.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// What the files hold now, kept aside; for a disk that will lie.
    pub fn kept_aside(&self) -> PathBuf {
        let aside = self.db.directory().unwrap().join("aside");
        copies(&self.home, &aside);
        aside
    }

    /// Memory is gone in the midst of whatever it was, and a process begins with the files as they lie there; or with
    /// those that a lying disk has.
    pub async fn dies(&mut self, lying: Option<PathBuf>) {
        self.deaths += 1;
        self.dice.die_after(None);
        let home = self.db.directory().unwrap().join(self.deaths.to_string());
        // Before anything of the old process is let go of: closing would write what a killed process does not write.
        copies(lying.as_ref().unwrap_or(&self.home), &home);
        let next = Life::begin(&home, &self.clock, &self.dice, &self.sink).await;
        let old = std::mem::replace(&mut self.life, next);
        old.store.close().await;
        drop(std::fs::remove_dir_all(std::mem::replace(&mut self.home, home)));
    }

    /// Does something of the process under a strike. Who died is not alive again yet.
    pub async fn under<T, F>(&mut self, strike: Strike, work: F) -> Did<T>
    where
        F: AsyncFnOnce(&mut Life) -> T,
    {
        match strike {
            Strike::Draw(draws) => self.dice.die_after(Some(draws)),
            Strike::Row(rows) | Strike::BadDisk(rows) => disk::breaks_after(&self.life.store, rows).await,
            Strike::None | Strike::Letter(_) => {}
        }
        let work = AssertUnwindSafe(work(&mut self.life)).catch_unwind();
        let done = if let Strike::Letter(letters) = strike {
            let struck = self.sink.wait_for(self.sink.received().len() + letters);
            tokio::select! { biased; _ = struck => None, done = work => done.ok() }
        } else {
            work.await.ok()
        };
        if self.dice.left() == Some(0) && matches!(strike, Strike::Draw(_)) {
            // A page that panicked says so, and its process is taken to be dead.
            return Did::Died;
        }
        self.dice.die_after(None);
        match (done, strike) {
            (Some(answer), Strike::BadDisk(_)) => {
                disk::is_well(&self.life.store).await;
                Did::Answered(answer)
            }
            (_, Strike::Row(_)) | (None, _) => Did::Died,
            (Some(answer), _) => Did::Answered(answer),
        }
    }
}

impl Life {
    async fn begin(
        home: &std::path::Path,
        clock: &Arc<HandSetClock>,
        dice: &Arc<Dice>,
        sink: &SmtpSink,
    ) -> Self {
        let store = Store::open(&url(home)).await.unwrap();
        store.migrate().await.unwrap();
        let vault = Arc::new(dice.vault(&Base::get().ring));
        let (watch, entropy) = (Arc::clone(clock) as Arc<dyn Clock>, Arc::clone(dice) as Arc<dyn Entropy>);
        let desk = Desk::new(store.clone(), Arc::clone(&vault), watch, entropy, PUBLIC_URL);
        // One connection: letters go one after the other, or no seed would be lived through twice.
        let pace = Pace { per_minute: None, connections: 1 };
        let post = post_office(desk.clone(), sink, Templates::embedded().unwrap());
        Self { desk, store, vault, post: PostOffice { pace, ..post }, routes: None }
    }

    /// Knocks at a door: opens a page, or sends a form where there are fields.
    pub async fn page(&mut self, path: &str, fields: Option<&[(&str, &str)]>) -> Page {
        let routes = self.routes.get_or_insert_with(|| router(WebState::new(self.desk.clone()))).clone();
        let request = Request::builder().uri(path);
        let request = match fields {
            None => request.body(Body::empty()),
            Some(fields) => {
                let pairs: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let form =
                    request.method("POST").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                form.body(Body::from(pairs.join("&")))
            }
        };
        let answer = routes.oneshot(request.unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), PAGE_BYTES).await.unwrap();
        Page { status, headers: Vec::new(), body: String::from_utf8_lossy(&body).into_owned() }
    }
}
