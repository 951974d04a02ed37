//! Marks letters as sent beside the connections that send them, all that wait for it in one transaction. Never lets connections
//! run further ahead than they may: so many letters are sent a second time if everything stops at the worst moment.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant as Moment, timeout_at};

use super::patience::answered;
use crate::desk::Error;
use crate::domain::id::LetterId;
use crate::storage::{self, Store, outbox};

/// Marks that are few wait so long for more.
const GATHERED_FOR: Duration = Duration::from_millis(5);

/// Letters that the mail server took and that are not marked yet.
pub(super) struct Marks {
    /// So many may wait while connections go on; none for a connection that waits for each mark.
    ahead: usize,
    state: Mutex<State>,
    /// Something waits, or nothing more comes.
    news: Notify,
    /// Something was saved, or cannot be.
    saved: Notify,
}

#[derive(Default)]
struct State {
    waiting: Vec<LetterId>,
    ends: bool,
    broken: bool,
}

impl Marks {
    pub(super) fn lagging(ahead: usize) -> Self {
        Self { ahead, state: Mutex::default(), news: Notify::new(), saved: Notify::new() }
    }

    /// Hands a letter over to be marked. Returns once its connection may go on.
    ///
    /// # Errors
    /// [`storage::Error::Silent`] where marks cannot be saved any more; [`Marks::keep`] says why.
    pub(super) async fn sent(&self, letter: LetterId) -> Result<(), Error> {
        let waiting = {
            let mut state = self.state();
            state.waiting.push(letter);
            state.waiting.len()
        };
        if waiting == 1 || self.are_enough(waiting) {
            self.news.notify_one();
        }
        loop {
            let mut saved = pin!(self.saved.notified());
            // Heard from now on, so that nothing is missed between looking and waiting.
            saved.as_mut().enable();
            if self.may_go_on(letter)? {
                return Ok(());
            }
            saved.await;
        }
    }

    fn may_go_on(&self, letter: LetterId) -> Result<bool, Error> {
        let state = self.state();
        if state.broken {
            return Err(Error::Storage(storage::Error::Silent));
        }
        Ok(match self.ahead {
            0 => !state.waiting.contains(&letter),
            ahead => state.waiting.len() <= ahead,
        })
    }

    const fn are_enough(&self, waiting: usize) -> bool {
        2 * waiting >= self.ahead
    }

    /// Waits until there are some, and a moment for more where they are few. Returns without any once nothing more comes.
    async fn gathered(&self) -> Vec<LetterId> {
        let mut until = None;
        loop {
            let news = self.news.notified();
            {
                let state = self.state();
                if state.ends || (!state.waiting.is_empty() && self.are_enough(state.waiting.len())) {
                    return state.waiting.clone();
                }
                if until.is_none() && !state.waiting.is_empty() {
                    until = Some(Moment::now() + GATHERED_FOR);
                }
            }
            match until {
                None => news.await,
                Some(until) if timeout_at(until, news).await.is_err() => return self.state().waiting.clone(),
                Some(_) => {}
            }
        }
    }

    /// Saves what is handed over, until [`Marks::end`].
    ///
    /// # Errors
    /// Where it could not be saved.
    pub(super) async fn keep(&self, store: &Store) -> Result<(), Error> {
        loop {
            let together = self.gathered().await;
            if together.is_empty() {
                return Ok(());
            }
            let saved = answered(save(store, &together)).await;
            {
                let mut state = self.state();
                state.broken = saved.is_err();
                if saved.is_ok() {
                    // What came meanwhile stands behind them.
                    state.waiting.drain(..together.len());
                }
            }
            self.saved.notify_waiters();
            saved?;
        }
    }

    /// Nothing more is handed over.
    pub(super) fn end(&self) {
        self.state().ends = true;
        self.news.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A disk saves a hundred marks in the time of one. They are together already, and need no turn among others, which would have
/// to be taken back by itself.
async fn save(store: &Store, letters: &[LetterId]) -> Result<(), Error> {
    let mut tx = store.write().await?;
    outbox::sent(&mut tx, letters).await?;
    Ok(tx.commit().await.map_err(storage::Error::from)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::{join, join_all};

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

    /// Six connections with ten letters each, and what was not marked whenever one went on.
    async fn unmarked_at_most(ahead: usize) -> usize {
        let (store, _home) = owing(60).await;
        let marks = Arc::new(Marks::lagging(ahead));
        let handed_over = Arc::new(AtomicUsize::new(0));
        let connections = (0..6).map(|connection| {
            let (store, marks, handed_over) = (store.clone(), Arc::clone(&marks), Arc::clone(&handed_over));
            tokio::spawn(async move {
                let mut most = 0;
                for number in 0..10 {
                    marks.sent(letter(connection * 10 + number)).await.unwrap();
                    let went_on = handed_over.fetch_add(1, Ordering::SeqCst) + 1;
                    let marked = 60 - still_owed(&store).await;
                    most = most.max(went_on.saturating_sub(usize::try_from(marked).unwrap()));
                }
                most
            })
        });
        let connections = async {
            let most = join_all(connections).await.into_iter().map(Result::unwrap).max();
            marks.end();
            most.unwrap()
        };
        let (most, kept) = join(connections, marks.keep(&store)).await;
        kept.unwrap();
        assert_eq!(still_owed(&store).await, 0, "at the end all are marked");
        most
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn where_nobody_may_run_ahead_nobody_goes_on_before_their_own_letter_is_marked() {
        assert_eq!(unmarked_at_most(0).await, 0);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn connections_run_ahead_of_the_marks_only_as_far_as_they_may() {
        // Each of the other five may have gone on and not counted itself yet.
        assert!(unmarked_at_most(4).await <= 4 + 5);
    }

    #[tokio::test]
    async fn a_mark_that_cannot_be_saved_is_told_to_everyone_and_none_goes_on_for_long() {
        let (store, _home) = owing(3).await;
        let marks = Marks::lagging(1);
        store.close().await;
        let sending = async {
            let first = marks.sent(letter(0)).await;
            let rest = [marks.sent(letter(1)).await, marks.sent(letter(2)).await];
            (first, rest)
        };
        let ((first, rest), kept) = join(sending, marks.keep(&store)).await;
        assert!(first.is_ok(), "it may run one ahead");
        assert!(rest.iter().all(Result::is_err) && kept.is_err());
        assert_eq!(marks.state().waiting.len(), 3);
    }
}
