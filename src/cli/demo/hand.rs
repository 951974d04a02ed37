//! The hand on the clock: moves it step by step, and at each step the workers of every installation do their round.
//! Never lets a moment pass at which something is due.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration as Wait;

use chrono::{Duration, DurationRound};
use futures_util::future::BoxFuture;
use tokio::sync::Mutex as Turn;

use super::life::{Life, Lived};
use super::season::Season;
use super::stage::Stage;
use crate::desk::Result;
use crate::domain::letter::Letter;
use crate::domain::time::Instant;
use crate::jobs::rounds;
use crate::mail::captured::Captured;
use crate::storage::outbox;
use crate::web::demo::{Glance, Hand, Jump, Moved};

/// A browser waits so long for a move; a longer one goes on, and the page shows how far it is.
const PATIENCE: Wait = Wait::from_millis(1500);

/// The hand, with everything that it moves.
pub struct ClockHand(Arc<Inner>);

struct Inner {
    stage: Stage,
    season: Season,
    shown: Mutex<Shown>,
    /// One move at a time.
    turn: Turn<Life>,
}

/// What the pages show, besides what the desk knows.
#[derive(Default)]
struct Shown {
    living: bool,
    moving_to: Option<Instant>,
    last: Option<Moved>,
    frozen: bool,
}

impl ClockHand {
    /// Takes the clock of a stage in hand.
    #[must_use]
    pub fn on(stage: Stage, season: Season) -> Self {
        let turn = Turn::new(Life::from(season.from));
        Self(Arc::new(Inner { stage, season, shown: Mutex::default(), turn }))
    }

    /// Begins a move when those before it are done; comes back when it is there, or after a while.
    async fn moving(&self, jump: Option<Jump>) {
        let inner = Arc::clone(&self.0);
        let moving = tokio::spawn(async move { inner.move_by(jump).await });
        // Whether it is there or still on its way, the page says.
        let _ = tokio::time::timeout(PATIENCE, moving).await;
    }
}

impl Inner {
    fn shown(&self) -> MutexGuard<'_, Shown> {
        // Nothing that is held here can be left half done.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn next_letter(&self) -> Result<Option<Instant>> {
        let mut db = self.stage.desk.store().read().await?;
        Ok(outbox::next_due(&mut db).await?)
    }

    async fn target(&self, jump: Option<Jump>) -> Result<Instant> {
        let now = self.stage.now();
        let Some(jump) = jump else { return Ok(now) };
        Ok(match jump {
            Jump::Hour => now + Duration::hours(1),
            Jump::Day => now + Duration::days(1),
            Jump::Week => now + Duration::weeks(1),
            Jump::NextLetter => self.next_letter().await?.unwrap_or(now).max(now),
            Jump::Release => self.season.release_at.max(now),
        })
    }

    /// Goes to a moment, from one stop to the next.
    ///
    /// At each stop what is due goes out and people do what it is time for. The whole round of the workers is gone
    /// where the clock comes to rest, and at the moment of the release: refreshing the offers at every fixed hour on
    /// the way would leave them as the last time leaves them, and take a hundred times as long.
    async fn go(&self, to: Instant, life: &mut Life) -> Result<Moved> {
        let from = self.stage.now();
        let newest = self.stage.mailbox.list().first().map_or(0, |letter| letter.number);
        let mut moved = Moved { from, to, letters: Vec::new(), refreshed: false, frozen: false, lived: None };
        let mut lived = Lived::default();
        loop {
            let now = self.stage.now();
            let rests = now >= to;
            if rests || now == self.season.release_at {
                let round = rounds::round(&self.stage.post).await?;
                moved.refreshed |= round.refreshed > 0;
                moved.frozen |= round.released > 0;
            } else {
                self.stage.post.deliver(&|_| {}).await?;
            }
            if self.shown().living {
                life.live(&self.stage, rests, &mut lived).await?;
                moved.lived = Some([lived.opted_out, lived.moved, lived.kept, lived.missed]);
            }
            if rests {
                break;
            }
            self.stage.clock.set(self.stop_after(now).await?.min(to));
        }
        moved.letters = self.letters_since(newest);
        Ok(moved)
    }

    /// The next stop: the full hour by which the next letter is due, the moment of the release, or tomorrow.
    async fn stop_after(&self, now: Instant) -> Result<Instant> {
        let hour = |at: Instant| at.duration_trunc(Duration::hours(1)).unwrap_or(at);
        let next_hour = hour(now) + Duration::hours(1);
        let tomorrow = next_hour + Duration::hours(23);
        let letter = self.next_letter().await?.map_or(tomorrow, |due| hour(due + Duration::minutes(59)));
        let stop = letter.max(next_hour).min(tomorrow);
        let release_at = self.season.release_at;
        Ok(if now < release_at { stop.min(release_at) } else { stop })
    }

    /// How many letters of each kind came since one.
    fn letters_since(&self, newest: u64) -> Vec<(Letter, usize)> {
        let all = self.stage.mailbox.list();
        let kinds: Vec<Letter> =
            all.iter().take_while(|one| one.number > newest).filter_map(Captured::letter).collect();
        let count = |letter: Letter| kinds.iter().filter(|kind| **kind == letter).count();
        Letter::ALL.into_iter().map(|letter| (letter, count(letter))).filter(|(_, n)| *n > 0).collect()
    }

    /// Moves by a jump, or stays where it is and sees to what is to be done now.
    async fn move_by(&self, jump: Option<Jump>) {
        let mut life = self.turn.lock().await;
        let gone = match self.target(jump).await {
            Ok(to) => {
                self.shown().moving_to = Some(to);
                self.go(to, &mut life).await
            }
            Err(problem) => Err(problem),
        };
        let mut shown = self.shown();
        shown.moving_to = None;
        match gone {
            Ok(moved) => {
                shown.frozen |= moved.frozen;
                shown.last = Some(moved);
            }
            Err(problem) => tracing::error!("the clock stopped on its way: {problem}"),
        }
    }
}

impl Hand for ClockHand {
    fn glance(&self) -> BoxFuture<'_, Result<Glance>> {
        Box::pin(async {
            let inner = &*self.0;
            let next_letter = inner.next_letter().await?;
            let shown = inner.shown();
            Ok(Glance {
                now: inner.stage.now(),
                moving_to: shown.moving_to,
                last: shown.last.clone(),
                next_letter,
                release_at: inner.season.release_at,
                frozen: shown.frozen,
                living: shown.living,
                residents: inner.season.residents,
                booked: inner.season.booked,
                letters: inner.stage.mailbox.list().len(),
            })
        })
    }

    fn move_clock(&self, jump: Jump) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.moving(Some(jump)).await;
            Ok(())
        })
    }

    fn let_live(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            self.0.shown().living = true;
            self.moving(None).await;
            Ok(())
        })
    }

    fn ask_in<'a>(&'a self, address: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.0.stage.ask_in(address).await?;
            Ok(())
        })
    }
}
