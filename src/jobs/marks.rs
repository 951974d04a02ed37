//! Marks letters as sent, for all connections that wait for it in one transaction. Never lets a connection go on
//! before its own letter is marked: so a crash costs one second copy a connection at most, as with a transaction each.

use std::sync::{Mutex, PoisonError};

use crate::desk::Error;
use crate::domain::id::LetterId;
use crate::storage::{self, Store, outbox};

/// Letters that the mail server took and that are not marked yet.
#[derive(Default)]
pub(super) struct Marks {
    waiting: Mutex<Vec<LetterId>>,
    /// Whoever holds it writes for all who wait: a disk saves a hundred marks in the time of one.
    turn: tokio::sync::Mutex<()>,
}

impl Marks {
    /// Returns once a letter's mark is saved.
    ///
    /// # Errors
    /// Where it could not be saved; the marks of others are then tried again by themselves.
    pub(super) async fn sent(&self, store: &Store, letter: LetterId) -> Result<(), Error> {
        self.waiting().push(letter);
        let _turn = self.turn.lock().await;
        let together = self.waiting().clone();
        if !together.contains(&letter) {
            // Somebody else's turn came first, and they saved this one too.
            return Ok(());
        }
        let mut tx = store.write_with_others().await?;
        for letter in &together {
            outbox::sent(&mut tx, *letter).await?;
        }
        tx.commit().await.map_err(storage::Error::from)?;
        // Only now: after a failure everyone must find their own letter still waiting.
        self.waiting().retain(|letter| !together.contains(letter));
        Ok(())
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<LetterId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;
    use crate::domain::time::Instant;
    use crate::storage::outbox::Owed;

    const NOW: Instant = Instant::from_timestamp(1_800_000_000, 0).unwrap();

    fn letter(number: u8) -> LetterId {
        LetterId::from_bytes([number; 16])
    }

    async fn owing(letters: u8) -> (Store, tempfile::TempDir) {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", home.path().join("x.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        let mut tx = store.write().await.unwrap();
        for number in 0..letters {
            let owed = Owed {
                id: letter(number),
                occasion_key: number.to_string(),
                audience: outbox::Audience::Everyone,
                letter: "invitation",
                errand: Vec::new(),
                due_at: NOW,
            };
            assert!(outbox::owe(&mut tx, owed).await.unwrap());
        }
        tx.commit().await.unwrap();
        (store, home)
    }

    async fn still_owed(store: &Store) -> i64 {
        outbox::due(&mut store.read().await.unwrap(), NOW).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nobody_goes_on_before_their_own_letter_is_marked() {
        let (store, _home) = owing(60).await;
        let marks = Arc::new(Marks::default());
        let went_on = Arc::new(AtomicUsize::new(0));
        let connections = (0..6).map(|connection| {
            let (store, marks, went_on) = (store.clone(), Arc::clone(&marks), Arc::clone(&went_on));
            tokio::spawn(async move {
                for number in 0..10 {
                    marks.sent(&store, letter(connection * 10 + number)).await.unwrap();
                    let marked_at_least = went_on.fetch_add(1, Ordering::SeqCst) + 1;
                    assert!(60 - still_owed(&store).await >= i64::try_from(marked_at_least).unwrap());
                }
            })
        });
        assert!(join_all(connections).await.into_iter().all(|done| done.is_ok()));
        assert_eq!(still_owed(&store).await, 0);
    }

    #[tokio::test]
    async fn a_mark_that_cannot_be_saved_is_told_to_each_whose_it_is() {
        let (store, _home) = owing(3).await;
        let marks = Marks::default();
        store.close().await;
        let all = (0..3).map(|number| marks.sent(&store, letter(number)));
        assert!(join_all(all).await.into_iter().all(|done| done.is_err()));
        assert_eq!(marks.waiting().len(), 3);
    }
}
