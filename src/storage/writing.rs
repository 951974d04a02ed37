//! A transaction for writing. On SQLite, short changes that come at the same time are saved together: a disk saves fifty in
//! the time of one. Never tells anybody that they are saved before the disk has said so.
//!
//! Everybody has a turn of their own, one after the other, inside a savepoint: what one did can be taken back without the
//! others'. Whoever is done goes to the end of the line, behind those who came meanwhile; the first to get there saves for
//! all. Somebody who is alone waits for nobody, and a long change joins no group: others would wait for its end.

use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Executor as _, Transaction};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

/// A transaction for writing; taken back when dropped.
pub struct Writing(Kind);

enum Kind {
    /// With a place at the head of the line, where there is one. The transaction ends first.
    Alone(Transaction<'static, Any>, Option<Place>),
    Together(Turn),
}

type Place = OwnedMutexGuard<Option<Group>>;
type Saved = sqlx::Result<()>;

impl Writing {
    /// Of an engine that has many writers, and by itself saves together what comes together.
    pub(super) const fn free(transaction: Transaction<'static, Any>) -> Self {
        Self(Kind::Alone(transaction, None))
    }

    /// Returns once everything is on disk.
    ///
    /// # Errors
    /// Where it could not be saved, or another change that was to be saved with it could not: then nothing of it is there.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self.0 {
            Kind::Alone(transaction, _place) => transaction.commit().await,
            Kind::Together(turn) => turn.commit().await,
        }
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn rollback(self) -> sqlx::Result<()> {
        match self.0 {
            Kind::Alone(transaction, _place) => transaction.rollback().await,
            // As where it is dropped: whoever is next in the line takes it back first.
            Kind::Together(turn) => {
                drop(turn);
                Ok(())
            }
        }
    }
}

impl Deref for Writing {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match &self.0 {
            Kind::Alone(transaction, _) => transaction,
            Kind::Together(turn) => {
                turn.group().map_or_else(|| unreachable!("{GONE}"), |group| &group.connection)
            }
        }
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match &mut self.0 {
            Kind::Alone(transaction, _) => transaction,
            Kind::Together(turn) => match turn.place.as_mut().and_then(|place| place.as_mut()) {
                Some(group) => &mut group.connection,
                None => unreachable!("{GONE}"),
            },
        }
    }
}

const GONE: &str = "a turn has its group until it ends";

/// The line of those who write to one file.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<Option<Group>>>);

/// Changes that are saved together.
struct Group {
    connection: PoolConnection<Any>,
    /// Who waits for the saving.
    waiting: Vec<oneshot::Sender<Saved>>,
    stands: Stands,
}

/// How far a group is. Set before the database is asked, so that whoever is next knows what to do where somebody went away
/// in the middle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Between two turns.
    Open,
    /// In somebody's turn.
    InTurn,
    /// Nothing of it can be saved.
    Lost,
}

/// One turn: nobody else writes meanwhile.
struct Turn {
    line: Line,
    place: Option<Place>,
}

impl Line {
    /// A transaction by itself.
    pub(super) async fn alone(&self, writers: &AnyPool) -> sqlx::Result<Writing> {
        let mut place = Arc::clone(&self.0).lock_owned().await;
        save(&mut place).await;
        // A plain BEGIN that reads first and writes later is refused as locked, without waiting.
        let transaction = writers.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Writing(Kind::Alone(transaction, Some(place))))
    }

    /// A turn among others.
    pub(super) async fn turn(&self, writers: &AnyPool) -> sqlx::Result<Writing> {
        let mut place = Arc::clone(&self.0).lock_owned().await;
        tidy(&mut place).await;
        if place.is_none() {
            let connection = writers.acquire().await?;
            let group = place.insert(Group { connection, waiting: Vec::new(), stands: Stands::Lost });
            group.connection.execute("BEGIN IMMEDIATE").await?;
        }
        if let Some(group) = place.as_mut() {
            group.stands = Stands::InTurn;
            group.connection.execute("SAVEPOINT turn").await?;
        }
        Ok(Writing(Kind::Together(Turn { line: self.clone(), place: Some(place) })))
    }

    /// Takes a place at the end, and saves what waits by then. In a task of its own: it is done even where whoever waits
    /// for it goes away.
    fn save_soon(&self, runtime: &Handle) {
        let line = Arc::clone(&self.0);
        runtime.spawn(async move { save(&mut *line.lock_owned().await).await });
    }
}

/// Takes back what the last turn did, if it was not ended.
async fn tidy(place: &mut Option<Group>) {
    let Some(group) = place.as_mut() else { return };
    if group.stands == Stands::InTurn {
        let taken_back = group.connection.execute("ROLLBACK TO turn; RELEASE turn").await;
        // Where there is no such turn, SQLite took everything back by itself, as it does where the disk is full.
        group.stands = if taken_back.is_ok() { Stands::Open } else { Stands::Lost };
    }
    if group.stands == Stands::Lost {
        // Refused where there is no transaction any more, which is as well.
        drop(group.connection.execute("ROLLBACK").await);
        tell(place.take(), || {
            Err(sqlx::Error::Io(io::Error::other("a change saved together with others was lost")))
        });
    }
}

/// Saves the group, if there is one.
async fn save(place: &mut Option<Group>) {
    tidy(place).await;
    let Some(group) = place.as_mut() else { return };
    group.stands = Stands::Lost;
    match group.connection.execute("COMMIT").await {
        Ok(_) => tell(place.take(), || Ok(())),
        Err(problem) => {
            drop(group.connection.execute("ROLLBACK").await);
            let problem = problem.to_string();
            tell(place.take(), || Err(sqlx::Error::Io(io::Error::other(problem.clone()))));
        }
    }
}

fn tell(group: Option<Group>, saved: impl Fn() -> Saved) {
    // Whoever went away need not hear it.
    group.into_iter().flat_map(|group| group.waiting).for_each(|waits| drop(waits.send(saved())));
}

impl Turn {
    fn group(&self) -> Option<&Group> {
        self.place.as_ref().and_then(|place| place.as_ref())
    }

    async fn commit(mut self) -> Saved {
        let (tell, saved) = oneshot::channel();
        let Some(mut place) = self.place.take() else { return Err(sqlx::Error::WorkerCrashed) };
        let line = self.line.clone();
        // Not broken off where whoever waits goes away: a turn half ended would cost the others theirs.
        tokio::spawn(async move {
            if let Some(group) = place.as_mut() {
                group.waiting.push(tell);
                let ended = group.connection.execute("RELEASE turn").await;
                group.stands = if ended.is_ok() { Stands::Open } else { Stands::Lost };
            }
            drop(place);
            save(&mut *line.0.lock_owned().await).await;
        });
        saved.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.place.take().is_some()
            && let Ok(runtime) = Handle::try_current()
        {
            self.line.save_soon(&runtime);
        }
    }
}

#[cfg(test)]
mod tests;
