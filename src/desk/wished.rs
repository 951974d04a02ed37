//! From what a resident wishes for to a time that has it: the one that the page proposes, and, for who asked for it, the
//! move itself at the fixed hours. By the clock and in an order that a keyed hash draws, so it points at nobody and pays
//! nobody for being fast. Never moves anybody out of their protected time or against the notice.

use super::change::{Whose, unchanged};
use super::visit::{Loaded, Offer};
use super::{Desk, Error, Result};
use crate::domain::booking::Visit;
use crate::domain::eligibility::Wishes;
use crate::domain::id::{BookingId, OfferingId, SeatId};
use crate::domain::people::Modality;
use crate::domain::seating::Seat;
use crate::domain::time::Instant;
use crate::storage::{bookings, offerings};

/// What would give a resident what they wish for and do not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Better {
    /// The same visit, attended in another way.
    Way(Modality),
    /// Another time.
    Time(Offer),
}

/// Seats to try for one resident at one fixed hour: others may have been moved to the nearest ones.
const TRIED: usize = 8;

impl Loaded {
    /// What would bring the visit that is held, and has not begun, nearer to the wishes; none where it has all of them.
    pub(super) fn better(&self, times: &[Offer], now: Instant) -> Result<Option<Better>> {
        let held = self.booking.visit().filter(|visit| visit.span.starts_at() > now);
        let Some(held) = held.filter(|held| self.lacks(held)) else { return Ok(None) };
        if let Some(way) = self.matching_way(held, now)? {
            return Ok(Some(Better::Way(way)));
        }
        Ok(nearest(times, held).next().cloned().map(Better::Time))
    }

    /// Whether something is wished for that a visit does not have.
    fn lacks(&self, visit: &Visit) -> bool {
        self.booking.own.prefers != Wishes::default() && !self.matches(visit)
    }

    fn matching_way(&self, held: &Visit, now: Instant) -> Result<Option<Modality>> {
        let matching = |way: &Modality| self.matches(&Visit { modality: *way, ..held.clone() });
        Ok(self.ways(now)?.into_iter().find(matching))
    }

    /// Whether the resident asked to be moved and no change of the way would do.
    fn is_to_be_moved(&self, now: Instant) -> Result<bool> {
        let earliest_start = self.offering.rules.earliest_start(now);
        let Some(held) = self.booking.to_be_moved(now, earliest_start) else { return Ok(false) };
        Ok(self.lacks(held) && self.matching_way(held, now)?.is_none())
    }
}

/// The times that match, the nearest to a visit first.
fn nearest<'a>(times: &'a [Offer], held: &Visit) -> impl Iterator<Item = &'a Offer> + use<'a> {
    let mut matching: Vec<&Offer> = times.iter().filter(|offer| offer.matches).collect();
    let from = held.span.starts_at();
    matching.sort_by_key(|offer| ((offer.span.starts_at() - from).abs(), offer.span, offer.seat));
    matching.into_iter()
}

impl Desk {
    /// Moves whoever asked for it and still lacks something to a time that the hour has just found free. `hour` is the one
    /// whose offers these are.
    pub(super) async fn move_as_asked(&self, offering: OfferingId, hour: i64) -> Result<()> {
        let rows = {
            let mut db = self.store.read().await?;
            bookings::of_offering(&mut db, offering).await?
        };
        let now = self.now();
        let mut asked = Vec::new();
        for row in rows {
            if self.open_booking(&row)?.to_be_moved(now, now).is_some() {
                let parts = [row.id.as_bytes().as_slice(), &hour.to_be_bytes()];
                asked.push((self.vault.blind("moved as asked", &parts), row.id));
            }
        }
        asked.sort_unstable();
        for (_, booking) in asked {
            self.move_one(booking, hour).await?;
        }
        Ok(())
    }

    async fn move_one(&self, booking: BookingId, hour: i64) -> Result<()> {
        for seat in self.wished_seats(booking, hour).await? {
            match self.move_to(booking, seat).await {
                Ok(()) => return self.hide(seat).await,
                // Somebody else has it by now.
                Err(Error::Taken | Error::Contended) => {}
                // They did something else meanwhile.
                Err(Error::Booking(_) | Error::Link) => return Ok(()),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// The seats that a booking's resident would be moved to, the nearest first; the same times that their page offers.
    async fn wished_seats(&self, booking: BookingId, hour: i64) -> Result<Vec<SeatId>> {
        let mut db = self.store.read().await?;
        let loaded = match self.load_booking(&mut db, booking).await {
            Ok(loaded) => loaded,
            Err(Error::Link) => return Ok(Vec::new()),
            Err(other) => return Err(other),
        };
        if !loaded.is_to_be_moved(self.now())? {
            return Ok(Vec::new());
        }
        let times = self.times(&mut db, &loaded, hour).await?;
        let Some(held) = loaded.booking.visit() else { return Ok(Vec::new()) };
        Ok(nearest(&times, held).take(TRIED).map(|offer| offer.seat).collect())
    }

    async fn move_to(&self, booking: BookingId, seat: SeatId) -> Result<()> {
        let slot = {
            let mut db = self.store.read().await?;
            let row = offerings::seat(&mut db, seat).await?.ok_or(Error::Taken)?;
            offerings::slot(&mut db, row.slot).await?.ok_or(Error::Taken)?
        };
        self.change_of(Whose::Booking(booking), |loaded: &Loaded, now| {
            if !loaded.is_to_be_moved(now)? {
                return Ok((unchanged(&loaded.booking), Vec::new()));
            }
            let earliest_start = loaded.offering.rules.earliest_start(now);
            let visit = loaded.visit(&slot, seat, earliest_start)?;
            let visit = visit.filter(|visit| loaded.matches(visit)).ok_or(Error::Taken)?;
            Ok((loaded.booking.moved_as_asked(visit, now, earliest_start)?, Vec::new()))
        })
        .await
    }

    /// Takes a seat that was filled at the fixed hour itself off that hour's offers: nobody should be shown it for six hours.
    async fn hide(&self, seat: SeatId) -> Result<()> {
        let mut tx = self.store.write().await?;
        if let Some(row) = offerings::seat(&mut tx, seat).await? {
            let opened = self.open_seat(&row)?;
            if opened.holder.is_some() {
                let sealed = self.seal_seat(&row.key, seat, &Seat { offered: false, ..opened })?;
                offerings::swap_seat(&mut tx, seat, &row.sealed, sealed).await?;
            }
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }
}
