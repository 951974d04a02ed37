//! What a resident does to their booking: opt out, take another time or come back, and what they wish about mail.
//! Each is one transaction of compare-and-swaps: somebody else's change meanwhile starts it again.

use super::at_hand::{AtHand, Take};
use super::visit::Loaded;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::{Booking, Change, Entry, Hand, Visit, Wishes};
use crate::domain::id::{BookingId, SeatId};
use crate::domain::owed::{self, Errand};
use crate::domain::time::Instant;
use crate::storage::changing::{self, SeatSwap, Written};
use crate::storage::{Db, bookings, offerings, seats};

/// By what a change finds its booking.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// By the token of its resident's link.
    Link(&'a str),
    /// By itself: the fixed hour does what somebody asked for.
    Booking(BookingId),
}

/// What one try at a change came to.
pub(super) enum Try {
    Done,
    /// Somebody else was faster.
    Again,
}

impl Desk {
    /// Opts out. Done twice, it says what already holds.
    ///
    /// # Errors
    /// [`Error::Link`], or the booking's refusal.
    pub async fn opt_out(&self, token: &str, entry: Entry) -> Result<()> {
        self.change(token, |loaded, now| Ok(loaded.booking.opt_out(entry, now)?)).await
    }

    /// Takes the visit back that the resident opted out of, if its seat is still free.
    ///
    /// # Errors
    /// [`Error::Link`], [`Error::Taken`] where the seat went to somebody else, or the booking's refusal.
    pub async fn opt_back_in(&self, token: &str) -> Result<()> {
        self.change(token, |loaded, now| {
            if loaded.booking.visit().is_some() {
                return Ok(unchanged(&loaded.booking));
            }
            let visit = loaded.booking.way_back(now).cloned().ok_or(Error::Taken)?;
            let earliest_start = loaded.offering.rules.earliest_start(now);
            Ok(loaded.booking.take(visit, now, earliest_start)?)
        })
        .await
    }

    /// Undoes the last move, if the seat that it gave up is still free.
    ///
    /// # Errors
    /// [`Error::Link`], [`Error::Taken`] where the seat went to somebody else, or the booking's refusal.
    pub async fn move_back(&self, token: &str) -> Result<()> {
        self.change(token, |loaded, now| {
            let visit = loaded.booking.came_from(now).cloned().ok_or(Error::Taken)?;
            let earliest_start = loaded.offering.rules.earliest_start(now);
            Ok(loaded.booking.take(visit, now, earliest_start)?)
        })
        .await
    }

    /// Moves to another seat, or books one again after opting out or missing a visit.
    ///
    /// # Errors
    /// [`Error::Link`], [`Error::Taken`] where the seat is not free or not offered, or the booking's refusal.
    pub async fn reschedule(&self, token: &str, seat: SeatId, remind: bool) -> Result<()> {
        let slot = {
            let mut db = self.store.read().await?;
            let row = offerings::seat(&mut db, seat).await?.ok_or(Error::Taken)?;
            let loaded = self.load(&mut db, token).await?;
            let slot = offerings::slot(&mut db, row.slot).await?;
            slot.filter(|slot| slot.offering == loaded.offering.id()).ok_or(Error::Taken)?
        };
        self.choose(token, |loaded, now| {
            let earliest_start = loaded.offering.rules.earliest_start(now);
            let visit = loaded.visit(&slot, seat, earliest_start)?.ok_or(Error::Taken)?;
            let mut booking = loaded.booking.clone();
            booking.wishes.remind_of_new_time = remind;
            Ok(booking.take(visit, now, earliest_start)?)
        })
        .await
    }

    /// Notes what the resident wishes about mail.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn wish(&self, token: &str, wishes: Wishes) -> Result<()> {
        self.change(token, |loaded, _| {
            let mut booking = loaded.booking.clone();
            // The language is chosen elsewhere on the page, and reminders have a button of their own.
            let Wishes { language, no_reminders, .. } = booking.wishes;
            booking.wishes = Wishes { language, no_reminders, ..wishes };
            Ok(unchanged(&booking))
        })
        .await
    }

    /// Changes a booking by what it holds itself.
    pub(super) async fn change<F>(&self, token: &str, decide: F) -> Result<()>
    where
        F: Fn(&AtHand, Instant) -> Result<Change>,
    {
        let decide = |at_hand: &AtHand, now| Ok((decide(at_hand, now)?, Vec::new()));
        self.change_of(Whose::Link(token), decide).await
    }

    /// Changes a booking by a choice among what there is.
    pub(super) async fn choose<F>(&self, token: &str, decide: F) -> Result<()>
    where
        F: Fn(&Loaded, Instant) -> Result<Change>,
    {
        let decide = |loaded: &Loaded, now| Ok((decide(loaded, now)?, Vec::new()));
        self.change_of(Whose::Link(token), decide).await
    }

    /// Changes a booking as `decide` says; the letters that it gives are owed beside those that every change owes.
    pub(super) async fn change_of<L, F>(&self, whose: Whose<'_>, decide: F) -> Result<()>
    where
        L: Take,
        F: Fn(&L, Instant) -> Result<(Change, Vec<Errand>)>,
    {
        for _ in 0..TRIES {
            let now = self.now();
            let mut db = self.store.change().await?;
            let (at_hand, by) = match whose {
                Whose::Link(token) => (self.at_hand_behind(&mut db, token).await?, Hand::Resident),
                Whose::Booking(id) => (self.at_hand_of(&mut db, id).await?, Hand::Service),
            };
            let loaded = L::take(self, &mut db, at_hand).await?;
            let (change, more) = decide(&loaded, now)?;
            let mut letters = owed::with_change(&change, &loaded.as_ref().offering.rules, now);
            letters.extend(more);
            let Some(written) = self.writes(&mut db, by, loaded.as_ref(), &change, &letters, now).await?
            else {
                continue;
            };
            match db.save(&written).await {
                Ok(true) => return Ok(()),
                Ok(false) | Err(crate::storage::Error::Contended) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Contended)
    }

    /// Writes a change with the letters that it owes, in a transaction that the caller ends: taken back, where it is to be tried
    /// again.
    pub(super) async fn save(
        &self,
        db: &mut Db,
        by: Hand,
        loaded: &AtHand,
        change: &Change,
        letters: Vec<Errand>,
        now: Instant,
    ) -> Result<Try> {
        let Some(written) = self.writes(db, by, loaded, change, &letters, now).await? else {
            return Ok(Try::Again);
        };
        Ok(if changing::write(db, &written).await? { Try::Done } else { Try::Again })
    }

    /// What a change writes, letters included; none where the booking is no longer as it was read.
    async fn writes<'a>(
        &self,
        db: &mut Db,
        by: Hand,
        loaded: &'a AtHand,
        change: &Change,
        letters: &[Errand],
        now: Instant,
    ) -> Result<Option<Written<'a>>> {
        let row = &loaded.row;
        let written = |after, seats, letters| {
            Ok(Some(Written { booking: row.id, before: &row.sealed, after, seats, letters }))
        };
        let nothing = change.booking == loaded.booking && change.takes.is_none() && change.gives_up.is_none();
        if nothing && letters.is_empty() {
            // Whoever saves what already holds leaves the row as it is; but a database that takes no change must say so.
            return written(None, Vec::new(), Vec::new());
        }
        let read;
        let history = match &loaded.history {
            Some(history) => history,
            None => match bookings::history(db, row.id, &row.sealed).await? {
                Some(history) => {
                    read = history;
                    &read
                }
                None => return Ok(None),
            },
        };
        let after = self.written_down((row, &loaded.booking, history), &change.booking, by, None)?;
        let seats = self.seats_of(db, loaded, change, now).await;
        if let Err(Error::Taken) = seats
            && bookings::history(db, row.id, &row.sealed).await?.is_none()
        {
            // Whoever presses twice at once finds the seat taken by themselves.
            return Ok(None);
        }
        written(Some(after), seats?, letters.iter().map(|errand| self.owed(errand)).collect::<Result<_>>()?)
    }

    /// What becomes of the seats that a change takes and gives up.
    async fn seats_of(
        &self,
        db: &mut Db,
        loaded: &AtHand,
        change: &Change,
        now: Instant,
    ) -> Result<Vec<SeatSwap>> {
        let previous = loaded.gave_up(now);
        let takes = change.takes.iter().map(|visit| (visit, true));
        let mut seats: Vec<_> = takes.chain(change.gives_up.iter().map(|visit| (visit, false))).collect();
        // In the order of their identifiers, as the refresh goes: on PostgreSQL two who lock each other's next seat
        // would stand still.
        seats.sort_unstable_by_key(|(visit, _)| visit.seat);
        let mut swaps = Vec::new();
        for (visit, takes) in seats {
            swaps.extend(match takes {
                true => Some(self.take_seat(db, visit, loaded.row.id, previous, now).await?),
                false => self.give_up_seat(db, visit, loaded.row.id, now).await?,
            });
        }
        Ok(swaps)
    }

    async fn take_seat(
        &self,
        db: &mut Db,
        visit: &Visit,
        booking: BookingId,
        previous: Option<SeatId>,
        now: Instant,
    ) -> Result<SeatSwap> {
        let (row, absences) = seats::seat_to_take(db, visit.seat).await?.ok_or(Error::Taken)?;
        let seat = self.open_seat(&row)?;
        let pool = row.pool.parse().map_err(|_| crate::storage::Error::Unreadable("seats.pool"))?;
        if !seat.takeable(pool, previous == Some(visit.seat), booking) {
            return Err(Error::Taken);
        }
        if absences.iter().any(|absence| absence.closes(&visit.span)) {
            return Err(Error::Taken);
        }
        // Who only takes back what they had is nobody new there.
        if previous != Some(visit.seat) {
            let elsewhere = self.elsewhere_between(db, visit.span).await?;
            if elsewhere.is_closed(visit.therapist, &visit.span) {
                return Err(Error::Taken);
            }
        }
        let after = self.seal_seat(&row.key, row.id, &seat.held_by(Some(booking), now))?;
        Ok(SeatSwap { id: row.id, before: row.sealed, after })
    }

    async fn give_up_seat(
        &self,
        db: &mut Db,
        visit: &Visit,
        booking: BookingId,
        now: Instant,
    ) -> Result<Option<SeatSwap>> {
        let Some(row) = offerings::seat(db, visit.seat).await? else { return Ok(None) };
        let seat = self.open_seat(&row)?;
        if seat.holder != Some(booking) {
            return Ok(None);
        }
        let after = self.seal_seat(&row.key, row.id, &seat.held_by(None, now))?;
        Ok(Some(SeatSwap { id: row.id, before: row.sealed, after }))
    }
}

/// A change of nothing but what the booking itself holds.
pub(super) fn unchanged(booking: &Booking) -> Change {
    Change { booking: booking.clone(), gives_up: None, takes: None, message: None }
}
