//! Letters made ready ahead of the connections that send them: opened and written by handfuls, beside the sending. Never sends
//! one, and never gives out one that was made ready long ago.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet, spawn_blocking};
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

/// At most so many letters are opened at once: as many as one statement asks for.
pub(super) const HANDFUL: usize = 64;
/// So many at first, while nobody knows how fast they leave.
const HANDFUL_AT_FIRST: usize = 16;
/// At most so many handfuls are made at a time: one is opened while others are written.
const UNDER_WAY: usize = 3;
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
    is_being_made: bool,
    /// Once it is known: none inside for nowhere.
    to: Option<Option<Destination>>,
}

impl Held {
    pub(super) const fn new(leased: Leased, taken_at: Instant) -> Self {
        Self { leased, taken_at, ready: None, is_being_made: false, to: None }
    }

    fn is_ready(&self, now: Moment) -> bool {
        self.ready.as_ref().is_some_and(|(_, since)| now - *since < READY_FOR)
    }

    fn is_made(&mut self, ready: Ready, since: Moment) {
        self.to = Some(match &ready {
            Ready::Written(parcel, _) => Some(Destination::of(parcel.to.address())),
            _ => None,
        });
        self.ready = Some((ready, since));
        self.is_being_made = false;
    }

    fn has_to_be_made(&self, now: Moment) -> bool {
        !self.is_being_made && !self.is_ready(now)
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

/// How many letters are made at a time: more where they leave at once, fewer where they wait too long for a connection.
struct Measure {
    at_most: usize,
    handful: usize,
    /// So many in a row were made just before their turn.
    in_time: usize,
}

impl Measure {
    fn new(at_most: usize) -> Self {
        Self { at_most, handful: HANDFUL_AT_FIRST.min(at_most), in_time: 0 }
    }

    /// It is the turn of a letter that was made so long ago.
    fn note(&mut self, age: Duration) {
        self.in_time = if age < READY_FOR / 8 { self.in_time + 1 } else { 0 };
        if age >= READY_FOR {
            self.handful = (self.handful / 2).max(1);
        } else if self.in_time >= self.handful {
            self.handful = (self.handful * 2).min(self.at_most);
            self.in_time = 0;
        }
    }

    /// How many handfuls at a time: letters that leave slowly are not worth more than the next.
    const fn under_way(&self) -> usize {
        if self.handful < HANDFUL_AT_FIRST { 1 } else { UNDER_WAY }
    }

    /// How many letters are ready or being made.
    const fn ahead(&self) -> usize {
        (1 + self.under_way()) * self.handful
    }
}

/// Makes letters ready.
pub(super) struct Making {
    desk: Desk,
    writer: Arc<Writer>,
    measure: Measure,
    /// The handfuls that are being made; ended when this is dropped.
    under_way: JoinSet<Result<Handful, Error>>,
}

impl Making {
    /// Makes `at_most` so many letters at a time.
    pub(super) fn new(desk: Desk, writer: Arc<Writer>, at_most: usize) -> Self {
        Self { desk, writer, measure: Measure::new(at_most), under_way: JoinSet::new() }
    }

    /// How many letters are looked at: those that are ready, and those that are being made.
    pub(super) const fn ahead(&self) -> usize {
        self.measure.ahead()
    }

    /// Sees to it that a letter is ready, and that those behind it soon are.
    ///
    /// # Errors
    /// Those of loading.
    pub(super) async fn see_to(&mut self, letters: &mut VecDeque<Held>, at: usize) -> Result<(), Error> {
        while let Some(made) = self.under_way.try_join_next() {
            put_down(letters, made)?;
        }
        if let Some((_, since)) = letters.get(at).and_then(|held| held.ready.as_ref()) {
            self.measure.note(since.elapsed());
        }
        self.wait_for(letters, at).await?;
        if letters.get(at).is_some_and(|held| held.has_to_be_made(Moment::now())) {
            self.begin(letters, at);
            self.wait_for(letters, at).await?;
        }
        while self.under_way.len() < self.measure.under_way() {
            // A handful is worth its statements once it is one, or nothing else is being made.
            let now = Moment::now();
            let window = letters.iter().skip(at).take(self.ahead());
            let few = window.filter(|held| held.has_to_be_made(now)).count() < self.measure.handful;
            if (few && !self.under_way.is_empty()) || !self.begin(letters, at) {
                break;
            }
        }
        Ok(())
    }

    /// Begins with those that have to be made among the next; says whether there were any.
    fn begin(&mut self, letters: &mut VecDeque<Held>, from: usize) -> bool {
        let now = Moment::now();
        let next = letters.iter_mut().skip(from).take(self.ahead()).filter(|held| held.has_to_be_made(now));
        let next: Vec<Leased> = next
            .take(self.measure.handful)
            .map(|held| {
                held.is_being_made = true;
                held.leased.clone()
            })
            .collect();
        let some = !next.is_empty();
        if some {
            self.under_way.spawn(made(self.desk.clone(), Arc::clone(&self.writer), next));
        }
        some
    }

    /// Waits for a letter as long as it is being made.
    async fn wait_for(&mut self, letters: &mut VecDeque<Held>, at: usize) -> Result<(), Error> {
        while letters.get(at).is_some_and(|held| held.is_being_made && !held.is_ready(Moment::now())) {
            let Some(made) = self.under_way.join_next().await else { return Ok(()) };
            put_down(letters, made)?;
        }
        Ok(())
    }
}

/// Lays a handful with the letters that are still there.
fn put_down(
    letters: &mut VecDeque<Held>,
    made: std::result::Result<Result<Handful, Error>, JoinError>,
) -> Result<(), Error> {
    let made = made.unwrap_or_else(|gone| std::panic::resume_unwind(gone.into_panic()));
    if made.is_err() {
        // Nobody makes these any more. One that another handful has in hand is made twice, which does no harm.
        letters.iter_mut().for_each(|held| held.is_being_made = false);
    }
    let (made, since) = made?;
    let mut made: HashMap<LetterId, Ready> = made.into_iter().collect();
    for held in letters {
        if let Some(ready) = made.remove(&held.leased.id) {
            held.is_made(ready, since);
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the measure comes to after the turns of so many letters of an age.
    fn after(measure: &mut Measure, letters: usize, age: Duration) -> (usize, usize) {
        (0..letters).for_each(|_| measure.note(age));
        (measure.handful, measure.ahead())
    }

    #[test]
    fn letters_that_leave_at_once_are_made_by_more_and_more_and_those_that_wait_too_long_one_by_one() {
        let (soon, late) = (Duration::from_millis(20), READY_FOR);
        let mut measure = Measure::new(64);
        assert_eq!(after(&mut measure, 15, soon), (16, 64));
        assert_eq!(after(&mut measure, 1, soon), (32, 128));
        assert_eq!(after(&mut measure, 32 + 64, soon), (64, 256), "never more than one statement asks for");
        assert_eq!(after(&mut measure, 40, Duration::from_millis(300)), (64, 256));
        assert_eq!(after(&mut measure, 3, late), (8, 16));
        assert_eq!(after(&mut measure, 9, late), (1, 2), "the next one, and no other");
        assert_eq!(after(&mut measure, 1, soon), (2, 4), "it tries again whether they leave faster");
    }

    fn held() -> Held {
        let due_at = Instant::from_timestamp(1_800_000_000, 0).unwrap();
        let id = LetterId::from_bytes([7; 16]);
        Held::new(Leased { id, errand: Vec::new(), attempts: 1, due_at, counted: true }, due_at)
    }

    #[test]
    fn a_letter_whose_making_failed_is_made_again_by_whoever_comes_to_it() {
        let mut letters = VecDeque::from([held()]);
        letters[0].is_being_made = true;
        assert!(!letters[0].has_to_be_made(Moment::now()));
        let failed = Err(Error::Storage(crate::storage::Error::Silent));
        assert!(put_down(&mut letters, Ok(failed)).is_err());
        assert!(letters[0].has_to_be_made(Moment::now()));
    }

    #[test]
    fn a_letter_whose_turn_comes_later_keeps_only_where_it_goes_and_is_opened_again() {
        let mut held = held();
        assert!(held.destination().is_none() && held.has_to_be_made(Moment::now()));
        held.is_made(Ready::Spent, Moment::now());
        assert!(held.destination().is_some_and(|to| to.is_none()) && held.is_ready(Moment::now()));
        held.looked_past();
        assert!(held.destination().is_some_and(|to| to.is_none()));
        assert!(held.has_to_be_made(Moment::now()) && held.given_out().is_none());
    }

    #[test]
    fn one_connection_has_the_next_letter_made_and_no_other() {
        assert_eq!(after(&mut Measure::new(1), 100, Duration::ZERO), (1, 2));
    }
}
