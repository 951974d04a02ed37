//! The post: leases letters, opens the one identity that each needs, writes, sends and marks them. Logs counts and
//! reasons, never a name or an address.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::{join, join_all};
use tokio::sync::watch;
use tokio::time::timeout;

use super::marks::Marks;
use super::patience::answered;
use super::queue::Queue;
use super::ready::Ready;
use super::retries;
use super::tally::Tally;
use super::writing::Writer;

pub use super::pace::Pace;
pub use super::tally::Delivered;
use crate::desk::errand::{Elsewhere, Parcel};
use crate::desk::{Desk, Error};
use crate::domain::bounce::ReturnAddress;
use crate::domain::identity::{Address, Identity};
use crate::domain::letter::Letter;
use crate::domain::relay::Leave;
use crate::mail::compose::Composed;
use crate::mail::envelope::Envelope;
use crate::mail::failure::Failure;
use crate::mail::smtp::Lane;
use crate::mail::transport::{Session, Transport};
use crate::storage::outbox::{self, Audience, Leased};

/// The lease of a letter that is being sent is renewed so often: relays may take longer than a lease.
const RENEWED_EVERY: std::time::Duration = std::time::Duration::from_secs(300);
/// Letters that may be sent and not marked yet, over several connections: as many as leave at best while marks wait behind whoever
/// takes the next letters. Where letters leave slowly there are never that many.
const UNMARKED: usize = 256;

/// The letters of one audience on their way out.
struct Delivery<'a> {
    queue: Queue<'a>,
    marks: Marks,
    tally: &'a Tally,
}

/// The way of one letter: over which worker's session, and of which delivery.
struct Way<'d, 's> {
    worker: u32,
    delivery: &'d Delivery<'d>,
    session: &'s mut Option<Session>,
}

/// Everything that the post needs.
pub struct PostOffice {
    /// Where letters are owed.
    pub desk: Desk,
    /// What writes them.
    pub writer: Arc<Writer>,
    /// The way out.
    pub transport: Transport,
    /// Where letters come back to; none for the sender's own address.
    pub bounces: Option<ReturnAddress>,
    /// How fast.
    pub pace: Pace,
}

impl PostOffice {
    /// How many letters are due, of those that may be counted.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn due(&self) -> Result<usize, Error> {
        let mut db = self.desk.store().read().await?;
        Ok(usize::try_from(outbox::due_told(&mut db, self.desk.now()).await?).unwrap_or(usize::MAX))
    }

    /// How many letters that everyone gets are due: all that an estimate may hang on.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn due_to_everyone(&self) -> Result<usize, Error> {
        let mut db = self.desk.store().read().await?;
        let (due, _) = outbox::due_to_everyone(&mut db, self.desk.now()).await?;
        Ok(usize::try_from(due).unwrap_or_default())
    }

    /// Whether the mail server failed too often and is left alone.
    fn is_stuck(&self, lane: Lane) -> bool {
        self.transport.may_be_tried(lane, self.desk.now()) != Leave::Freely
    }

    async fn is_drained(&self) -> Result<bool, Error> {
        let mut db = self.desk.store().read().await?;
        let (everyone, _) = outbox::due_to_everyone(&mut db, self.desk.now()).await?;
        let all = outbox::due(&mut db, self.desk.now()).await?;
        Ok((everyone == 0 || self.is_stuck(Lane::Everyone))
            && (all == everyone || self.is_stuck(Lane::Someone)))
    }

    /// Sends what is due as far as the pace allows, each letter once; `progress` hears of every finished one.
    ///
    /// # Errors
    /// Those of loading and saving. What was sent by then is marked, but for a handful.
    pub async fn deliver(&self, progress: &(dyn Fn(Delivered) + Sync)) -> Result<Delivered, Error> {
        self.deliver_until(None, progress).await
    }

    /// The same until told to stop: what is on its way is done with, and the rest is as if nobody had taken it.
    ///
    /// # Errors
    /// Those of [`PostOffice::deliver`].
    pub async fn deliver_until(
        &self,
        stop: Option<&watch::Receiver<bool>>,
        progress: &(dyn Fn(Delivered) + Sync),
    ) -> Result<Delivered, Error> {
        let tally = Tally::default();
        let [everyone, someone] = [Audience::Everyone, Audience::Someone]
            .map(|audience| self.deliver_to(audience, stop, &tally, progress));
        if self.pace.connections > 1 {
            // Side by side: a letter of one person that takes its time delays none of everyone's.
            let (everyone, someone) = join(everyone, someone).await;
            everyone.and(someone)?;
        } else {
            everyone.await?;
            someone.await?;
        }
        let waiting = self.due().await?;
        let (drained, stuck) = (self.is_drained().await?, self.is_stuck(Lane::Everyone));
        Ok(Delivered { waiting, drained, stuck, ..tally.told() })
    }

    /// Sends what is due to one audience, as [`PostOffice::deliver_until`] does.
    ///
    /// # Errors
    /// Those of loading and saving.
    pub async fn deliver_only(&self, audience: Audience, stop: &watch::Receiver<bool>) -> Result<(), Error> {
        self.deliver_to(audience, Some(stop), &Tally::default(), &|_| {}).await
    }

    /// The letters of one audience, as far as its pace allows.
    async fn deliver_to(
        &self,
        audience: Audience,
        stop: Option<&watch::Receiver<bool>>,
        tally: &Tally,
        progress: &(dyn Fn(Delivered) + Sync),
    ) -> Result<(), Error> {
        // One connection waits for each mark; several would wait for one disk.
        let ahead = if self.pace.connections(audience) > 1 { UNMARKED } else { 0 };
        let queue = Queue::of(&self.desk, &self.transport, &self.writer, self.pace, audience, stop);
        let delivery = Delivery { queue, marks: Marks::lagging(ahead), tally };
        let workers = (0..delivery.queue.workers()).map(|worker| self.work(worker, &delivery, progress));
        let sending = async {
            let ended = join_all(workers).await.into_iter().collect::<Result<(), Error>>();
            delivery.marks.end();
            if ended.is_err() {
                delivery.queue.is_broken_off().await;
            }
            ended
        };
        let (sent, marked) = join(sending, delivery.marks.keep(self.desk.store())).await;
        marked.and(sent)
    }

    /// One connection: takes letters from the queue until all are done.
    async fn work(
        &self,
        worker: u32,
        delivery: &Delivery<'_>,
        progress: &(dyn Fn(Delivered) + Sync),
    ) -> Result<(), Error> {
        let mut session = None;
        while let Some((leased, ready)) = delivery.queue.next(worker).await? {
            let way = Way { worker, delivery, session: &mut session };
            let done = self.keeping(&leased, self.one(&leased, ready, way)).await;
            delivery.queue.done(worker, done.is_err());
            done?;
            progress(delivery.tally.told());
        }
        if let Some(session) = session {
            session.close().await;
        }
        Ok(())
    }

    /// Keeps a letter from other workers for as long as it is being sent.
    async fn keeping<T>(&self, leased: &Leased, sending: impl Future<Output = T>) -> T {
        let mut sending = pin!(sending);
        loop {
            match timeout(RENEWED_EVERY, &mut sending).await {
                Ok(done) => return done,
                // If this cannot be saved, another may send a second copy, which is harmless.
                Err(_) => drop(answered(self.keep(leased)).await),
            }
        }
    }

    async fn keep(&self, leased: &Leased) -> Result<(), Error> {
        let mut tx = self.desk.store().write().await?;
        outbox::keep(&mut tx, leased.id, Pace::kept_until(self.desk.now())).await?;
        Ok(tx.commit().await.map_err(crate::storage::Error::from)?)
    }

    async fn one(&self, leased: &Leased, ready: Ready, mut way: Way<'_, '_>) -> Result<(), Error> {
        let delivery = way.delivery;
        // Before it is looked at: a relay that is not there treats letters alike that are wanted, unwanted or go elsewhere.
        if let Err(failure) = self.open(&mut way).await {
            return self.again(leased, failure.reason().to_string(), "", delivery).await;
        }
        let (parcel, composed) = match ready {
            Ready::Written(parcel, composed) => (parcel, composed),
            // Done like any other: that a letter was not wanted shows nowhere.
            Ready::Spent => return self.sent(leased, delivery).await,
            Ready::Sealed(why) => return self.failed(leased, &why.to_string(), delivery).await,
            Ready::Unwritten(letter, why) => {
                if letter.for_everyone() {
                    tracing::error!(%letter, "{why}");
                }
                return self.failed(leased, "the letter could not be written", delivery).await;
            }
        };
        match self.hand_over(&mut way, leased, parcel.to.address(), &composed).await {
            Ok(()) => self.sent(leased, delivery).await,
            Err(failure) => {
                // After a failure nobody knows what the other side still expects.
                *way.session = None;
                match &parcel.elsewhere {
                    Some(elsewhere) => self.not_elsewhere(&failure, leased, &parcel, elsewhere, way).await,
                    None if parcel.kept && failure.is_of_the_mailbox() => {
                        let from = parcel.to.address();
                        answered(self.desk.old_address_is_gone(leased.id, &parcel.errand, from)).await
                    }
                    None => self.after(&failure, leased, &parcel, &parcel.to, delivery).await,
                }
            }
        }
    }

    /// The session of a way, opened where it is not.
    async fn open<'s>(&self, way: &'s mut Way<'_, '_>) -> Result<&'s mut Session, Failure> {
        let connected = match way.session.take() {
            Some(open) => open,
            None => self.transport.connect_for(way.delivery.queue.lane(), self.desk.now()).await?,
        };
        Ok(way.session.insert(connected))
    }

    async fn hand_over(
        &self,
        way: &mut Way<'_, '_>,
        leased: &Leased,
        to: &Address,
        composed: &Composed,
    ) -> Result<(), Failure> {
        // From and ORGANIZER stay the one address that people know; only the envelope differs from letter to letter.
        let own = self
            .bounces
            .as_ref()
            .and_then(|bounces| bounces.with(&self.desk.return_token(leased.id, to)).ok());
        let from = own.as_ref().unwrap_or(&self.writer.sender.address);
        let envelope = Envelope { from, to, message_id: &composed.message_id };
        let (worker, queue) = (way.worker, &way.delivery.queue);
        queue.goes_to(worker, to);
        let told = |stall| queue.stalls(worker, stall);
        self.open(way).await?.send_telling(&envelope, &composed.bytes, &told).await
    }

    async fn after(
        &self,
        failure: &Failure,
        leased: &Leased,
        parcel: &Parcel,
        to: &Identity,
        delivery: &Delivery<'_>,
    ) -> Result<(), Error> {
        let reason = failure.reason().to_string();
        // Whose address is wrong may be told of the announcement alone, and as long as they have that address.
        let announced = parcel.errand.letter == Letter::Announcement;
        let key = if announced { self.desk.address_key(to.address()) } else { String::new() };
        if !failure.may_try_again() {
            return self.failed_for(leased, &reason, &key, delivery).await;
        }
        self.again(leased, reason, &key, delivery).await
    }

    /// Tries a letter again later, or gives it up after too many tries.
    async fn again(
        &self,
        leased: &Leased,
        reason: String,
        key: &str,
        delivery: &Delivery<'_>,
    ) -> Result<(), Error> {
        if retries::are_enough(leased.attempts) {
            let reason = format!("given up after {} tries: {reason}", retries::TRIES_MAX);
            return self.failed_for(leased, &reason, key, delivery).await;
        }
        self.later(leased, &reason).await?;
        // No log line: that somebody was owed a letter of their own would stand in it.
        delivery.tally.retrying.fetch_add(usize::from(leased.counted), Ordering::Relaxed);
        Ok(())
    }

    /// Notes when a letter is tried again, and why.
    async fn later(&self, leased: &Leased, reason: &str) -> Result<(), Error> {
        let until = self.desk.now() + retries::wait(leased.id, leased.attempts);
        answered(async {
            let mut tx = self.desk.store().write().await?;
            outbox::later(&mut tx, leased.id, until, reason).await?;
            Ok(tx.commit().await.map_err(crate::storage::Error::from)?)
        })
        .await
    }

    /// An address of a resident's own choosing did not take a letter. That there is one shows nowhere: not as a reason and
    /// not in a count. What everyone gets goes to the address of the roster once the other is given up.
    async fn not_elsewhere(
        &self,
        failure: &Failure,
        leased: &Leased,
        parcel: &Parcel,
        elsewhere: &Elsewhere,
        mut way: Way<'_, '_>,
    ) -> Result<(), Error> {
        let delivery = way.delivery;
        if failure.may_try_again() && !retries::are_enough_elsewhere(leased.attempts) {
            if leased.counted {
                // A lone letter that is still owed would tell that somebody has such an address.
                let until = self.desk.now() + retries::wait(leased.id, leased.attempts);
                answered(self.desk.puts_off(leased.id, &parcel.errand, until)).await?;
                delivery.tally.sent.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            return self.later(leased, "").await;
        }
        let Some(resident) = &elsewhere.otherwise else { return self.sent(leased, delivery).await };
        let Ok(composed) = self.writer.write_to(resident, parcel) else {
            return self.failed(leased, "the letter could not be written", delivery).await;
        };
        match self.hand_over(&mut way, leased, resident.address(), &composed).await {
            Ok(()) => self.sent(leased, delivery).await,
            Err(failure) => self.after(&failure, leased, parcel, resident, delivery).await,
        }
    }

    async fn sent(&self, leased: &Leased, delivery: &Delivery<'_>) -> Result<(), Error> {
        delivery.marks.sent(leased.id).await?;
        delivery.tally.sent.fetch_add(usize::from(leased.counted), Ordering::Relaxed);
        Ok(())
    }

    async fn failed(&self, leased: &Leased, reason: &str, delivery: &Delivery<'_>) -> Result<(), Error> {
        self.failed_for(leased, reason, "", delivery).await
    }

    async fn failed_for(
        &self,
        leased: &Leased,
        reason: &str,
        key: &str,
        delivery: &Delivery<'_>,
    ) -> Result<(), Error> {
        answered(async {
            let mut tx = self.desk.store().write().await?;
            outbox::failed(&mut tx, leased.id, reason, key).await?;
            Ok(tx.commit().await.map_err(crate::storage::Error::from)?)
        })
        .await?;
        delivery.tally.failed.fetch_add(usize::from(leased.counted), Ordering::Relaxed);
        Ok(())
    }
}
