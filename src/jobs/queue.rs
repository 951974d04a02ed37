//! Which letter goes next over which connection, so that one that has to wait makes no other wait. Never writes or sends one.
//!
//! Letters to a destination that hangs are put off. A relay that failed too often is left alone, and letters that were taken
//! for it are given back untried.

use std::collections::{BTreeSet, VecDeque};
use std::pin::pin;
use std::sync::{Arc, MutexGuard, PoisonError};

use tokio::sync::{Mutex, Notify, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant as Moment, timeout};

use super::pace::Pace;
use super::patience::answered;
use super::ready::{Destination, HANDFUL, Held, Making, Ready};
use super::stalls::{Busy, HANGS, shunned, slow, workers};
use super::supply::{LOOK_AGAIN, Progress, Supply, at_once};
use super::writing::Writer;
use crate::desk::{Desk, Error};
use crate::domain::id::LetterId;
use crate::domain::identity::Address;
use crate::domain::relay::Leave;
use crate::domain::time::Instant;
use crate::mail::smtp::{Lane, Stall};
use crate::mail::transport::Transport;
use crate::storage::outbox::{self, Audience, Leased};

/// Other letters to it are put off for so long, as often as they must.
const PUT_OFF_SECONDS: i64 = 60;
/// A letter that was taken so long ago is not begun any more: it is another's soon.
const STALE_MINUTES: i64 = 5;

struct Waiting {
    letters: VecDeque<Held>,
    making: Making,
    /// The next letters, while they are being taken.
    coming: JoinSet<Result<Vec<Leased>, Error>>,
    supply: Supply,
    over: bool,
}

#[derive(Default)]
struct Working {
    busy: Vec<Busy>,
    done: u64,
}

/// The letters of one audience, for as long as they are delivered.
pub(super) struct Queue<'a> {
    desk: &'a Desk,
    transport: &'a Transport,
    pace: Pace,
    audience: Audience,
    /// Whether to take no more; none where nobody will say so.
    stop: Option<watch::Receiver<bool>>,
    waiting: Mutex<Waiting>,
    working: std::sync::Mutex<Working>,
    news: Notify,
}

/// The relay is judged apart for each audience.
const fn lane(audience: Audience) -> Lane {
    match audience {
        Audience::Everyone => Lane::Everyone,
        Audience::Someone => Lane::Someone,
    }
}

impl<'a> Queue<'a> {
    pub(super) fn of(
        desk: &'a Desk,
        transport: &'a Transport,
        writer: &Arc<Writer>,
        pace: Pace,
        audience: Audience,
        stop: Option<&watch::Receiver<bool>>,
    ) -> Self {
        // One connection gains nothing by letters that are ready long before their turn.
        let handful = if pace.connections(audience) > 1 { HANDFUL } else { 1 };
        let making = Making::new(desk.clone(), Arc::clone(writer), handful);
        let (letters, coming, supply) = Default::default();
        let waiting = Mutex::new(Waiting { letters, making, coming, supply, over: false });
        let (working, news) = Default::default();
        Self { desk, transport, pace, audience, stop: stop.cloned(), waiting, working, news }
    }

    /// All workers left, and some because of an error: what waits is as if nobody had taken it, if that can be saved. Else it
    /// is another's when its lease ends.
    pub(super) async fn is_broken_off(&self) {
        let mut waiting = self.waiting.lock().await;
        drop(answered(self.give_all_back(&mut waiting)).await);
    }

    /// How many may work on it at a time.
    pub(super) fn workers(&self) -> u32 {
        workers(self.pace.connections(self.audience))
    }

    pub(super) fn lane(&self) -> Lane {
        lane(self.audience)
    }

    /// The next letter for a worker; none when all are done, or nothing more is to be begun. Every letter ends with [`Queue::done`].
    ///
    /// # Errors
    /// Those of loading and saving.
    pub(super) async fn next(&self, worker: u32) -> Result<Option<(Leased, Ready)>, Error> {
        let next = self.look_for_next(worker).await;
        if next.is_err() {
            // This worker leaves, and others may wait for their turn after it.
            self.news.notify_waiters();
        }
        next
    }

    async fn look_for_next(&self, worker: u32) -> Result<Option<(Leased, Ready)>, Error> {
        loop {
            let mut news = pin!(self.news.notified());
            // Heard from now on, so that nothing is missed between looking and waiting.
            news.as_mut().enable();
            let mut waiting = self.waiting.lock().await;
            if !waiting.over && self.stop.as_ref().is_some_and(|stop| *stop.borrow()) {
                answered(self.give_all_back(&mut waiting)).await?;
                waiting.over = true;
                self.news.notify_waiters();
            }
            if waiting.over {
                return Ok(None);
            }
            let shunned = self.shunned();
            if let Some(shunned) = &shunned {
                // Before the last of these is gone, so that those can be made ready meanwhile.
                if let Some(came) = waiting.coming.try_join_next() {
                    self.line_up(&mut waiting, taken(came)?, self.progress().done);
                }
                if let Some((letter, tries)) = answered(self.take(&mut waiting, shunned)).await? {
                    self.working().busy.push(Busy { worker, to: None, stalled: None, tries });
                    self.look_ahead(&mut waiting);
                    return Ok(Some(letter));
                }
                if answered(self.refill(&mut waiting)).await? {
                    continue;
                }
                if self.working().busy.is_empty() {
                    waiting.over = true;
                    self.news.notify_waiters();
                    return Ok(None);
                }
            }
            drop(waiting);
            if shunned.is_none() {
                news.await;
            } else {
                // Somebody's news, or time to look again: either way it goes on.
                drop(timeout(LOOK_AGAIN, news).await);
            }
        }
    }

    /// A worker's letter goes there.
    pub(super) fn goes_to(&self, worker: u32, address: &Address) {
        self.note(worker, |one| one.to = Some(Destination::of(address)));
    }

    /// A worker's letter has to wait.
    pub(super) fn stalls(&self, worker: u32, stall: Stall) {
        self.note(worker, |one| one.stalled = Some((stall, Moment::now())));
        self.news.notify_waiters();
    }

    /// A worker's letter is done with; the worker asks for the next, or leaves.
    pub(super) fn done(&self, worker: u32, leaves: bool) {
        let mut working = self.working();
        let at = working.busy.iter().position(|one| one.worker == worker);
        let busy = at.map(|at| working.busy.swap_remove(at));
        working.done += 1;
        drop(working);
        if busy.as_ref().is_some_and(|one| one.tries) {
            self.transport.has_ended(self.lane());
        }
        // Whoever asks for the next looks by itself: waking all others for every letter would be for nothing.
        if leaves || busy.is_some_and(|one| one.stalled.is_some()) {
            self.news.notify_waiters();
        }
    }

    fn note(&self, worker: u32, change: impl FnOnce(&mut Busy)) {
        if let Some(one) = self.working().busy.iter_mut().find(|one| one.worker == worker) {
            change(one);
        }
    }

    fn shunned(&self) -> Option<BTreeSet<Destination>> {
        shunned(&self.working().busy, self.pace.connections(self.audience), Moment::now())
    }

    fn working(&self) -> MutexGuard<'_, Working> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self) -> Leave {
        self.transport.may_be_tried(self.lane(), self.desk.now())
    }

    /// The first letter that may go, and whether it tries a relay that was left alone.
    async fn take(
        &self,
        waiting: &mut Waiting,
        shunned: &BTreeSet<Destination>,
    ) -> Result<Option<((Leased, Ready), bool)>, Error> {
        let now = self.desk.now();
        let stale = chrono::Duration::minutes(STALE_MINUTES);
        // Those that were taken first stand first.
        while waiting.letters.pop_front_if(|held| now - held.taken_at >= stale).is_some() {}
        let leave = self.leave();
        if leave == Leave::Not {
            return Ok(None);
        }
        let mut at = 0;
        while !shunned.is_empty() && self.goes_to_one_of(waiting, at, shunned).await? {
            at += 1;
        }
        let Waiting { letters, making, .. } = waiting;
        if letters.get(at).is_none() {
            return Ok(None);
        }
        making.see_to(letters, at).await?;
        let Some(letter) = letters.remove(at).and_then(Held::given_out) else { return Ok(None) };
        let tries = leave == Leave::Once;
        if tries {
            self.transport.is_tried(self.lane(), now);
        }
        Ok(Some((letter, tries)))
    }

    /// Whether there is a letter at that place, and it goes to one of these. One that is not wanted any more goes nowhere.
    async fn goes_to_one_of(
        &self,
        waiting: &mut Waiting,
        at: usize,
        shunned: &BTreeSet<Destination>,
    ) -> Result<bool, Error> {
        let Waiting { letters, making, .. } = waiting;
        if letters.get(at).is_some_and(|held| held.destination().is_none()) {
            making.see_to(letters, at).await?;
        }
        let Some(held) = letters.get_mut(at) else { return Ok(false) };
        let shunned = held.destination().flatten().is_some_and(|to| shunned.contains(to));
        if shunned {
            held.looked_past();
        }
        Ok(shunned)
    }

    /// Takes more of what is due; says whether there was any.
    async fn refill(&self, waiting: &mut Waiting) -> Result<bool, Error> {
        let leave = self.leave();
        if leave == Leave::Not {
            self.give_all_back(waiting).await?;
            return Ok(false);
        }
        self.put_off(waiting).await?;
        let progress = self.progress();
        if !waiting.supply.is_worth_asking(Moment::now(), progress, waiting.letters.len()) {
            return Ok(false);
        }
        let at_most = if leave == Leave::Once { 1 } else { self.at_once(waiting) };
        let leased = match came(&mut waiting.coming).await {
            Some(leased) => leased?,
            None => self.pace.lease(self.desk, self.audience, at_most).await?,
        };
        Ok(self.line_up(waiting, leased, progress.done))
    }

    /// Puts letters behind those that wait; says whether there were any. By then, so many were `done`.
    fn line_up(&self, waiting: &mut Waiting, leased: Vec<Leased>, done: u64) -> bool {
        if leased.is_empty() {
            waiting.supply.is_out(Moment::now(), done);
            return false;
        }
        let taken_at = self.desk.now();
        waiting.letters.extend(leased.into_iter().map(|leased| Held::new(leased, taken_at)));
        true
    }

    fn progress(&self) -> Progress {
        let working = self.working();
        Progress { idle: working.busy.is_empty(), done: working.done }
    }

    /// Begins to take the next letters before the last of these is gone, where several connections would wait for them.
    fn look_ahead(&self, waiting: &mut Waiting) {
        let (left, ahead) = (waiting.letters.len(), waiting.making.ahead());
        let connections = self.pace.connections(self.audience);
        let low = waiting.supply.is_running_low(Moment::now(), self.progress(), connections, left, ahead);
        if low && waiting.coming.is_empty() && self.leave() == Leave::Freely {
            let (pace, desk, audience) = (self.pace, self.desk.clone(), self.audience);
            let at_most = self.at_once(waiting);
            waiting.coming.spawn(async move { pace.lease(&desk, audience, at_most).await });
        }
    }

    fn at_once(&self, waiting: &Waiting) -> i64 {
        at_once(self.pace.taken_at_once(self.audience), waiting.making.ahead())
    }

    /// Puts off what goes to a destination that hangs: else it would use up the pace of all others.
    async fn put_off(&self, waiting: &mut Waiting) -> Result<(), Error> {
        let hang = slow(&self.working().busy, Moment::now(), HANGS);
        let at = self.desk.now() + chrono::Duration::seconds(PUT_OFF_SECONDS);
        let hangs = |held: &Held| held.destination().flatten().is_some_and(|to| hang.contains(to));
        let off =
            waiting.letters.iter().filter(|held| hangs(held)).map(|held| (held.leased.id, at)).collect();
        self.give_back(off).await?;
        waiting.letters.retain(|held| !hangs(held));
        Ok(())
    }

    /// Gives back what waits, and what is being taken.
    async fn give_all_back(&self, waiting: &mut Waiting) -> Result<(), Error> {
        // Where taking them failed, none was taken.
        let came = came(&mut waiting.coming).await.and_then(Result::ok).unwrap_or_default();
        let all = waiting.letters.drain(..).map(|held| held.leased).chain(came);
        self.give_back(all.map(|leased| (leased.id, leased.due_at)).collect()).await
    }

    /// Letters that nobody tried are as if nobody had taken them: an outage costs them no try.
    async fn give_back(&self, letters: Vec<(LetterId, Instant)>) -> Result<(), Error> {
        if letters.is_empty() {
            return Ok(());
        }
        let mut tx = self.desk.store().write().await?;
        for (letter, due_at) in letters {
            outbox::give_back(&mut tx, letter, due_at).await?;
        }
        Ok(tx.commit().await.map_err(crate::storage::Error::from)?)
    }
}

/// What was taken meanwhile, if anybody was at it.
async fn came(coming: &mut JoinSet<Result<Vec<Leased>, Error>>) -> Option<Result<Vec<Leased>, Error>> {
    Some(taken(coming.join_next().await?))
}

fn taken(came: std::result::Result<Result<Vec<Leased>, Error>, JoinError>) -> Result<Vec<Leased>, Error> {
    came.unwrap_or_else(|gone| std::panic::resume_unwind(gone.into_panic()))
}
