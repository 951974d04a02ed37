//! Which seats are offered until the next fixed hour, kept in memory for a minute: everybody of an offering is shown some of the same
//! ones. Never knows who sits there, and never decides that a seat may be taken: whoever chooses one is checked against its row.
//!
//! What is kept hangs on the fixed hour alone and on what staff did, never on what a resident did: a seat that was taken since is shown
//! and refused either way. So it is old for a minute at most, and nobody learns from it that somebody moved.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::offering::Offering;
use super::visit::{Loaded, Offer};
use super::{Desk, Result};
use crate::domain::booking::Visit;
use crate::domain::eligibility::Wishes;
use crate::domain::id::{BookingId, OfferingId, SeatId, SlotId};
use crate::domain::seating::Seat;
use crate::domain::time::{Instant, Span};
use crate::storage::Db;
use crate::storage::offerings::{self, SlotRow};

/// At most so many times are offered at once: more would not be read, and fewer tell less.
const OFFERS: usize = 24;
/// For so long they are kept.
const KEPT_SECONDS: i64 = 60;
/// Seats further ahead are no season's.
const AHEAD_DAYS: i64 = 800;

/// A seat that somebody is offered.
pub(super) struct Free {
    pub(super) slot: SlotRow,
    pub(super) seat: SeatId,
    /// The only one who is offered it; none where everybody is.
    kept_for: Option<BookingId>,
}

impl Free {
    /// A seat of a slot, where anybody is offered it.
    pub(super) fn of(slot: &SlotRow, id: SeatId, seat: &Seat) -> Option<Self> {
        let kept_for = seat.kept.map(|kept| kept.booking);
        let kept_for = kept_for.filter(|whose| !seat.offered && seat.is_kept_for(*whose));
        let there = seat.offered || kept_for.is_some();
        there.then(|| Self { slot: slot.clone(), seat: id, kept_for })
    }

    pub(super) fn is_shown_to(&self, booking: BookingId) -> bool {
        self.kept_for.is_none_or(|whose| whose == booking)
    }
}

struct Kept {
    hour: i64,
    since: Instant,
    seats: Arc<Vec<Free>>,
}

/// The seats that were looked up last, by offering.
#[derive(Default)]
pub(super) struct FreeTimes(Mutex<HashMap<OfferingId, Kept>>);

impl FreeTimes {
    fn known(&self, offering: OfferingId, hour: i64, now: Instant) -> Option<Arc<Vec<Free>>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.get(&offering).filter(|kept| kept.hour == hour)?;
        let fresh = (0..KEPT_SECONDS).contains(&(now - kept.since).num_seconds());
        fresh.then(|| Arc::clone(&kept.seats))
    }

    fn keep(&self, offering: OfferingId, hour: i64, since: Instant, seats: &Arc<Vec<Free>>) {
        let kept = Kept { hour, since, seats: Arc::clone(seats) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(offering, kept);
    }
}

impl Desk {
    /// The seats that are offered since the fixed hour to which an offering's offers belong, soonest first.
    pub(super) async fn offered_seats(&self, db: &mut Db, offering: &Offering) -> Result<Arc<Vec<Free>>> {
        let (id, hour, now) = (offering.id(), offering.row.offers_of, self.now());
        if let Some(known) = self.free.known(id, hour, now) {
            return Ok(known);
        }
        let Some(within) = Span::new(now, now + chrono::Duration::days(AHEAD_DAYS)) else {
            return Ok(Arc::default());
        };
        let slots = offerings::slots_between(db, id, within).await?;
        let slots: HashMap<SlotId, SlotRow> = slots.into_iter().map(|slot| (slot.id, slot)).collect();
        let mut seats = Vec::new();
        for row in offerings::seats_between(db, id, within).await? {
            let Some(slot) = slots.get(&row.slot) else { continue };
            seats.extend(Free::of(slot, row.id, &self.open_seat(&row)?));
        }
        seats.sort_unstable_by_key(|free| (free.slot.span, free.seat));
        let seats = Arc::new(seats);
        self.free.keep(id, hour, now, &seats);
        Ok(seats)
    }

    /// The times that a booking's resident is offered from a fixed hour on.
    pub(super) async fn times(&self, db: &mut Db, loaded: &Loaded, hour: i64) -> Result<Vec<Offer>> {
        let Some(person) = &loaded.person else { return Ok(Vec::new()) };
        let earliest_start = loaded.offering.rules.earliest_start(self.now());
        let blocks: Vec<Span> =
            person.protected.iter().copied().filter(|block| block.ends_at() > earliest_start).collect();
        let free = match hour == loaded.offering.row.offers_of {
            true => self.offered_seats(db, &loaded.offering).await?,
            // The hour that is just being struck.
            false => Arc::new(self.free_in(db, loaded.offering.id(), &blocks).await?),
        };
        let span = |blocks: &[Span]| {
            let first = blocks.iter().map(Span::starts_at).min()?;
            Span::new(first, blocks.iter().map(Span::ends_at).max()?)
        };
        let Some(within) = span(&blocks) else { return Ok(Vec::new()) };
        let elsewhere = self.elsewhere_between(db, within).await?;
        let lots = self.vault.lots("offer", &[loaded.row.id.as_bytes(), &hour.to_be_bytes()]);
        let own = loaded.booking.visit().map(|visit| visit.slot);
        // A seat taken since the fixed hour is shown all the same: what somebody else did meanwhile must not change this
        // page. Whoever chooses it is told that it went.
        let shown = free.iter().enumerate().filter(|(_, free)| {
            free.is_shown_to(loaded.row.id)
                && own != Some(free.slot.id)
                && blocks.iter().any(|block| block.contains(&free.slot.span))
        });
        let drawn = shown.map(|(at, free)| Reverse((lots.of(free.seat.as_bytes()), at)));
        // What the resident wishes for comes first, then a seeded permutation decides; people read in order of time.
        let mut drawn: BinaryHeap<_> = drawn.collect();
        let wishes = loaded.booking.own.prefers != Wishes::default();
        let (mut first, mut others) = (Vec::new(), Vec::new());
        while let Some(Reverse((_, at))) = drawn.pop() {
            let free = &free[at];
            if first.len() == OFFERS || (!wishes && others.len() == OFFERS) {
                break;
            }
            if elsewhere.is_closed(free.slot.therapist, &free.slot.span) {
                continue;
            }
            let Some(visit) = loaded.visit(&free.slot, free.seat, earliest_start)? else { continue };
            let matches = wishes && loaded.matches(&visit);
            let Visit { seat, span, modality, .. } = visit;
            let all = if matches { &mut first } else { &mut others };
            all.push(Offer { seat, span, modality, matches });
        }
        let mut times: Vec<Offer> = first.into_iter().chain(others).take(OFFERS).collect();
        times.sort_unstable_by_key(|offer| (offer.span, offer.modality, !offer.matches, offer.seat));
        times.dedup_by_key(|offer| (offer.span, offer.modality));
        Ok(times)
    }

    /// The seats that are offered inside some spans, as their rows have it now.
    async fn free_in(&self, db: &mut Db, offering: OfferingId, blocks: &[Span]) -> Result<Vec<Free>> {
        let mut free = Vec::new();
        for block in blocks {
            let seats = self.seats_in(db, offering, *block).await?;
            free.extend(seats.into_iter().filter_map(|(slot, row, seat)| Free::of(&slot, row.id, &seat)));
        }
        Ok(free)
    }
}
