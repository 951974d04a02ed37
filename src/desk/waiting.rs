//! At fixed hours: a free seat is kept for a while for somebody who waits, and a letter tells them. In the order of the
//! lottery that the batch went by, and not on events: a seat comes up by lot some hours after it is free, so that neither the
//! letter nor its hour says whether the seat was the reserve's or somebody's. Never a page, a count or a log line.

use super::offering::Offering;
use super::visit::Shown;
use super::{Desk, Error, Result};
use crate::domain::booking::{Booking, Hand, Standing};
use crate::domain::id::{BookingId, SeatId};
use crate::domain::owed;
use crate::domain::plan::Seed;
use crate::domain::seating::Seat;
use crate::domain::time::Instant;
use crate::storage::offerings::SeatRow;
use crate::storage::{Db, batches, bookings, offerings};

/// Of 256 lots, so many let a free seat come up at a fixed hour: one in three.
const COMES_UP: u8 = 85;

/// A time that is kept for somebody who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTime {
    /// The seat.
    pub seat: SeatId,
    /// When and where it would be.
    pub shown: Shown,
    /// How long it is kept.
    pub until: Instant,
}

impl Desk {
    /// Keeps a free seat for each of those who wait and have none kept, as far as there are seats that they may take.
    pub(super) async fn offer_to_waiting(&self, offering: &Offering, hour: i64) -> Result<()> {
        for booking in self.waiting_in_order(offering).await? {
            match self.offer_one(booking, hour).await {
                // Somebody else was faster, or they are no longer on the roster.
                Ok(()) | Err(Error::Contended | Error::Link) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Who waits: first who was offered least, then by the newest batch's published lottery.
    async fn waiting_in_order(&self, offering: &Offering) -> Result<Vec<BookingId>> {
        let (rows, batches) = {
            let mut db = self.store.read().await?;
            let rows = bookings::of_offering(&mut db, offering.id()).await?;
            (rows, batches::batches(&mut db, offering.id()).await?)
        };
        let unreadable = crate::storage::Error::Unreadable("batches.seed");
        let Some(batch) = batches.last() else { return Ok(Vec::new()) };
        let seed = Seed::from_hex(&batch.seed).map_err(|_| unreadable)?;
        let mut waiting = Vec::new();
        for row in rows {
            if let Some(offered) = self.open_booking(&row)?.waits_for_a_seat() {
                waiting.push((offered, seed.resident(row.resident), row.id));
            }
        }
        waiting.sort_unstable();
        Ok(waiting.into_iter().map(|(_, _, booking)| booking).collect())
    }

    async fn offer_one(&self, id: BookingId, hour: i64) -> Result<()> {
        let seats = {
            let mut db = self.store.read().await?;
            let loaded = self.load_booking(&mut db, id).await?;
            if self.kept(&mut db, &loaded.booking).await?.is_some() {
                return Ok(());
            }
            let mut times = self.times(&mut db, &loaded, hour).await?;
            times.sort_by_key(|offer| (!offer.matches, offer.span, offer.seat));
            let mut seats = Vec::new();
            for offer in times {
                let row = offerings::seat(&mut db, offer.seat).await?;
                if row.map(|row| self.may_be_kept(&row, hour)).transpose()?.flatten().is_some() {
                    seats.push(offer.seat);
                }
            }
            seats
        };
        for seat in seats {
            if self.keep_seat(id, seat, hour).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Keeps one seat for one who waits, and owes the letter; says whether that was possible.
    async fn keep_seat(&self, id: BookingId, seat: SeatId, hour: i64) -> Result<bool> {
        let mut tx = self.store.write().await?;
        let loaded = self.load_booking(&mut tx, id).await?;
        let now = self.now();
        let Some(booking) = loaded.booking.offered(seat) else { return Ok(false) };
        let Some(row) = offerings::seat(&mut tx, seat).await? else { return Ok(false) };
        let Some(free) = self.may_be_kept(&row, hour)? else { return Ok(false) };
        let Some(slot) = offerings::slot(&mut tx, row.slot).await? else { return Ok(false) };
        let earliest_start = loaded.offering.rules.earliest_start(now);
        let Some(visit) = loaded.visit(&slot, seat, earliest_start)? else { return Ok(false) };
        if !self.put_booking(&mut tx, &loaded.row, &booking, Hand::Service).await? {
            return Err(Error::Contended);
        }
        let sealed = self.seal_seat(&row.key, seat, &free.kept_for(id, hour))?;
        if !offerings::swap_seat(&mut tx, seat, &row.sealed, sealed).await? {
            return Ok(false);
        }
        let since = Instant::from_timestamp(hour, 0).unwrap_or(now);
        self.owe(&mut tx, &owed::with_kept(&booking, &visit, since, now)).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(true)
    }

    /// A seat that is free for everybody and whose lot has come up.
    fn may_be_kept(&self, row: &SeatRow, hour: i64) -> Result<Option<Seat>> {
        let pool = row.pool.parse().map_err(|_| crate::storage::Error::Unreadable("seats.pool"))?;
        let seat = self.open_seat(row)?;
        let comes_up = seat.came_up || self.comes_up(row.id, hour);
        Ok(Some(seat).filter(|seat| comes_up && seat.offered_to_all(pool)))
    }

    fn comes_up(&self, seat: SeatId, hour: i64) -> bool {
        let lot = self.vault.derived("comes up", &[seat.as_bytes(), &hour.to_be_bytes()]);
        lot[0] < COMES_UP
    }

    /// The seat that is kept for a booking now, with its fixed end.
    async fn kept(&self, db: &mut Db, booking: &Booking) -> Result<Option<(SeatId, i64)>> {
        let Some(id) = booking.offered_seat() else { return Ok(None) };
        let Some(row) = offerings::seat(db, id).await? else { return Ok(None) };
        let seat = self.open_seat(&row)?;
        let kept = seat.kept.filter(|_| seat.is_kept_for(booking.id));
        Ok(kept.filter(|kept| kept.until > self.now().timestamp()).map(|kept| (id, kept.until)))
    }

    /// The time that is kept for whoever waits, for their page.
    pub(super) async fn kept_time(
        &self,
        db: &mut Db,
        loaded: &super::visit::Loaded,
    ) -> Result<Option<KeptTime>> {
        if loaded.booking.standing != Standing::Waiting {
            return Ok(None);
        }
        let Some((seat, until)) = self.kept(db, &loaded.booking).await? else { return Ok(None) };
        let Some(row) = offerings::seat(db, seat).await? else { return Ok(None) };
        let Some(slot) = offerings::slot(db, row.slot).await? else { return Ok(None) };
        let earliest_start = loaded.offering.rules.earliest_start(self.now());
        let Some(visit) = loaded.visit(&slot, seat, earliest_start)? else { return Ok(None) };
        let until = Instant::from_timestamp(until, 0).unwrap_or(visit.span.starts_at());
        Ok(Some(KeptTime { seat, shown: loaded.shown(&visit)?, until }))
    }
}
