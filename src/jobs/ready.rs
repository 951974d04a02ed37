//! Letters made ready ahead of the connections that send them: opened and written by handfuls, beside the sending. Never sends
//! one, and never gives out one that was made ready long ago.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant as Moment;

use super::writing::Writer;
use crate::desk::errand::{Opened, Parcel};
use crate::desk::opening::Unsealed;
use crate::desk::{Desk, Error};
use crate::domain::id::LetterId;
use crate::domain::identity::Address;
use crate::domain::letter::Letter;
use crate::domain::time::Instant;
use crate::mail::compose::{ComposeError, Composed};
use crate::storage::outbox::Leased;
use crate::vault::VaultError;

/// So many letters are opened at once: as many as one statement asks for.
pub(super) const HANDFUL: usize = 16;
/// A letter that was made ready longer ago is opened again, so that it goes out as things are.
const READY_FOR: Duration = Duration::from_secs(1);

/// What a letter that was taken came to.
pub(super) enum Ready {
    /// To be sent, in words and bytes.
    Written(Box<Parcel>, Box<Composed>),
    /// Overtaken by a later change, or not wanted any more.
    Spent,
    /// Its seal does not open.
    Sealed(VaultError),
    /// There are no words for it.
    Unwritten(Letter, ComposeError),
}

/// Where a letter goes: what stands behind the `@`. Never printed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Destination(pub(super) String);

impl Destination {
    pub(super) fn of(address: &Address) -> Self {
        // Only compared, and never leaves the queue.
        Self(address.reveal().rsplit('@').next().unwrap_or_default().to_owned())
    }
}

/// A letter that was taken and waits for a connection.
pub(super) struct Held {
    pub(super) leased: Leased,
    pub(super) taken_at: Instant,
    ready: Option<(Ready, Moment)>,
    /// Once it is known: none inside for nowhere.
    to: Option<Option<Destination>>,
}

impl Held {
    pub(super) const fn new(leased: Leased, taken_at: Instant) -> Self {
        Self { leased, taken_at, ready: None, to: None }
    }

    fn is_ready(&self) -> bool {
        self.ready.as_ref().is_some_and(|(_, since)| since.elapsed() < READY_FOR)
    }

    fn is_made(&mut self, ready: Ready, since: Moment) {
        self.to = Some(match &ready {
            Ready::Written(parcel, _) => Some(Destination::of(parcel.to.address())),
            _ => None,
        });
        self.ready = Some((ready, since));
    }

    /// The letter and what it came to; none where it was not made ready.
    pub(super) fn given_out(self) -> Option<(Leased, Ready)> {
        self.ready.map(|(ready, _)| (self.leased, ready))
    }

    /// Where it goes, once that is known: none inside for nowhere.
    pub(super) fn destination(&self) -> Option<Option<&Destination>> {
        self.to.as_ref().map(Option::as_ref)
    }

    /// Its turn comes later: until then only its destination is kept of it.
    pub(super) fn looked_past(&mut self) {
        self.ready = None;
    }
}

/// A handful, and the moment at which it was opened.
type Handful = (Vec<(LetterId, Ready)>, Moment);

/// Makes letters ready.
pub(super) struct Making {
    desk: Desk,
    writer: Arc<Writer>,
    /// How many at a time.
    handful: usize,
    /// The handful that is being made, if any; ended when this is dropped.
    under_way: JoinSet<Result<Handful, Error>>,
}

impl Making {
    pub(super) fn new(desk: Desk, writer: Arc<Writer>, handful: usize) -> Self {
        Self { desk, writer, handful, under_way: JoinSet::new() }
    }

    /// Sees to it that a letter is ready, and that those behind it soon are.
    ///
    /// # Errors
    /// Those of loading.
    pub(super) async fn see_to(&mut self, letters: &mut VecDeque<Held>, at: usize) -> Result<(), Error> {
        let is_ready = |letters: &VecDeque<Held>| letters.get(at).is_some_and(Held::is_ready);
        if !is_ready(letters) {
            self.put_down(letters).await?;
        }
        if !is_ready(letters) {
            self.begin(letters, at);
            self.put_down(letters).await?;
        }
        if self.under_way.is_empty() {
            self.begin(letters, at);
        }
        Ok(())
    }

    /// Begins with those that are not ready among the next two handfuls.
    fn begin(&mut self, letters: &VecDeque<Held>, from: usize) {
        let next = letters.iter().skip(from).take(2 * self.handful).filter(|held| !held.is_ready());
        let next: Vec<Leased> = next.take(self.handful).map(|held| held.leased.clone()).collect();
        if !next.is_empty() {
            self.under_way.spawn(made(self.desk.clone(), Arc::clone(&self.writer), next));
        }
    }

    /// Waits for what is under way, and lays it with the letters that are still there.
    async fn put_down(&mut self, letters: &mut VecDeque<Held>) -> Result<(), Error> {
        let Some(made) = self.under_way.join_next().await else { return Ok(()) };
        let (made, since) = made.unwrap_or_else(|gone| std::panic::resume_unwind(gone.into_panic()))?;
        let mut made: HashMap<LetterId, Ready> = made.into_iter().collect();
        for held in letters {
            if let Some(ready) = made.remove(&held.leased.id) {
                held.is_made(ready, since);
            }
        }
        Ok(())
    }
}

async fn made(desk: Desk, writer: Arc<Writer>, leased: Vec<Leased>) -> Result<Handful, Error> {
    let opened = desk.open_letters(&leased).await?;
    let since = Moment::now();
    // Signing a handful takes milliseconds, which nobody else's page is to wait for.
    let written =
        spawn_blocking(move || opened.into_iter().map(|one| written(&writer, one)).collect::<Vec<_>>());
    let written = written.await.unwrap_or_else(|gone| std::panic::resume_unwind(gone.into_panic()));
    Ok((leased.into_iter().map(|one| one.id).zip(written).collect(), since))
}

fn written(writer: &Writer, opened: Unsealed) -> Ready {
    match opened {
        Ok(Opened::Send(parcel)) => match writer.write(&parcel) {
            Ok(composed) => Ready::Written(parcel, Box::new(composed)),
            Err(why) => Ready::Unwritten(parcel.errand.letter, why),
        },
        Ok(Opened::Spent) => Ready::Spent,
        Err(why) => Ready::Sealed(why),
    }
}
