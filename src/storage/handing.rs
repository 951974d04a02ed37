//! Hands a connection to PostgreSQL from whoever is done with it straight to whoever waits for one. What has just answered need
//! not be asked whether it is there, which the pool does with each that it is given back. Never keeps one for which nobody waits.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool};
use tokio::sync::oneshot;

/// So many have a connection one after the other until the pool has it back: there are others who wait only there, and it is the
/// pool that notices a connection that has become too old.
const IN_A_ROW: u32 = 16;

/// Those who wait, in the order in which they came.
#[derive(Clone, Default)]
pub(super) struct Handing(Arc<Mutex<VecDeque<oneshot::Sender<Handed>>>>);

/// A connection; goes back to the pool where it is dropped.
pub(super) struct Handed {
    connection: PoolConnection<Any>,
    /// How many had it before, since the pool gave it out.
    before: u32,
}

impl Handing {
    /// A connection of the pool, or one that somebody is done with, whichever comes first.
    pub(super) async fn take(&self, pool: &AnyPool) -> sqlx::Result<Handed> {
        let from_pool = |connection| Handed { connection, before: 0 };
        // Whoever had one handed while the pool opens one for them would have it give that up again.
        if pool.size() < pool.options().get_max_connections() || pool.num_idle() > 0 {
            return pool.acquire().await.map(from_pool);
        }
        let (give, given) = oneshot::channel();
        self.wait(give);
        tokio::select! {
            biased;
            Ok(handed) = given => Ok(handed),
            connection = pool.acquire() => connection.map(from_pool),
        }
    }

    /// Gives a connection on that has answered all that it was asked.
    pub(super) fn give(&self, handed: Handed) {
        let mut handed = Handed { before: handed.before + 1, ..handed };
        if handed.before >= IN_A_ROW {
            return;
        }
        while let Some(waits) = self.waiting().pop_front() {
            match waits.send(handed) {
                Ok(()) => return,
                // Has one from the pool meanwhile, or went away.
                Err(back) => handed = back,
            }
        }
    }

    fn wait(&self, give: oneshot::Sender<Handed>) {
        let mut waiting = self.waiting();
        while waiting.pop_front_if(|first| first.is_closed()).is_some() {}
        waiting.push_back(give);
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<oneshot::Sender<Handed>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Handed> for PoolConnection<Any> {
    fn from(handed: Handed) -> Self {
        handed.connection
    }
}

impl Deref for Handed {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Handed {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests;
