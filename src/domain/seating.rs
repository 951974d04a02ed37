//! What a seat holds, and who may be put into it. Never knows a name or a time.
//!
//! Three pools keep what a batch can do apart from what residents did, so that nothing that a coordinator plans
//! depends on an outcome: a batch fills seats of its own pool that no batch has filled before, and residents move
//! only into seats set aside for them, given up by others, or let go. A seat of a slot that was closed is as new.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::{BookingId, FollowUpId, SeatId};
use super::time::Instant;

/// Free seats are looked through every so many seconds, counted from midnight in UTC.
pub const HOURS_SECONDS: i64 = 6 * 3600;
/// For so many fixed hours a seat is kept for somebody who waits.
const KEPT_HOURS: i64 = 2;

/// The last fixed hour, in UTC seconds.
#[must_use]
pub const fn fixed_hour(now: Instant) -> i64 {
    now.timestamp().div_euclid(HOURS_SECONDS) * HOURS_SECONDS
}

/// Until when a seat is kept that was kept at a fixed hour, in UTC seconds: the next one but one.
#[must_use]
pub const fn kept_until(hour: i64) -> i64 {
    hour + KEPT_HOURS * HOURS_SECONDS
}

/// Who may be put into a seat for the first time. Decided with the slot, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Filled by the batch.
    Plan,
    /// The batch's share of the reserve: for residents who came onto the roster after the first batch.
    Late,
    /// The residents' share of the reserve: for moves.
    Moves,
}

impl Pool {
    /// Its one spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Late => "late",
            Self::Moves => "moves",
        }
    }
}

/// A text that names no pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a pool of seats")]
pub struct NotAPool;

impl FromStr for Pool {
    type Err = NotAPool;

    fn from_str(text: &str) -> Result<Self, NotAPool> {
        [Self::Plan, Self::Late, Self::Moves].into_iter().find(|pool| pool.name() == text).ok_or(NotAPool)
    }
}

/// For whom a free seat is kept, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Whose booking waits.
    pub booking: BookingId,
    /// Until this fixed hour, in UTC seconds.
    pub until: i64,
}

/// What a seat holds. Sealed at one size, whatever happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seat {
    /// Whose default visit it is: depends on no outcome, and is taken back only where the visit cannot be held.
    pub planned: Option<BookingId>,
    /// Who sits there now.
    pub holder: Option<BookingId>,
    /// Whether the last fixed hour found it free for moves: what other residents are offered until the next.
    pub offered: bool,
    /// How often its holder changed: the SEQUENCE of its event in the therapist's feed.
    pub changes: u32,
    /// When its holder last changed, in UTC seconds; 0 before the first.
    pub changed_at: i64,
    /// Whether a batch took back somebody's default visit in it although it can be held: residents may be there since,
    /// so no batch fills it again.
    #[serde(default)]
    pub let_go: bool,
    /// For which follow-up a therapist keeps it. Never in a seat that a batch may fill, and nobody sits there beside it.
    #[serde(default)]
    pub follow_up: Option<FollowUpId>,
    /// For whom it is kept who waits: others are not offered it meanwhile.
    #[serde(default)]
    pub kept: Option<Kept>,
    /// Whether it was kept for somebody since it is free: then it goes on to the next without another lot.
    #[serde(default)]
    pub came_up: bool,
}

impl Seat {
    /// A seat as it is made: free ones set aside for moves are offered at once.
    #[must_use]
    pub fn new(pool: Pool, planned: Option<BookingId>, now: Instant) -> Self {
        Self {
            planned,
            holder: planned,
            offered: pool == Pool::Moves && planned.is_none(),
            changes: 0,
            changed_at: planned.map_or(0, |_| now.timestamp()),
            let_go: false,
            follow_up: None,
            kept: None,
            came_up: false,
        }
    }

    /// Whether its time is somebody's: for a visit or for a follow-up.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.holder.is_some() || self.follow_up.is_some()
    }

    /// Whether a batch may fill it: what residents did does not matter.
    #[must_use]
    pub const fn open_to_batch(&self, pool: Pool) -> bool {
        self.planned.is_none() && !self.let_go && !matches!(pool, Pool::Moves)
    }

    /// The same seat as somebody's default visit. They may have opted out of the one before or chosen another time: then
    /// they do not sit there, and the next fixed hour offers it like any seat that was given up.
    #[must_use]
    pub const fn planned_for(&self, booking: BookingId, sits: bool, now: Instant) -> Self {
        let seat = if sits { self.held_by(Some(booking), now) } else { *self };
        Self { planned: Some(booking), ..seat }
    }

    /// The same seat in a slot that is closed: nobody is planned or sits there, whatever residents did. Whose default visit it
    /// was is gone from it with everybody else, so that it is as new should the slot be opened again.
    #[must_use]
    pub const fn emptied(&self, now: Instant) -> Self {
        Self { planned: None, offered: false, follow_up: None, ..self.held_by(None, now) }
    }

    /// The same seat without the default visit of `booking`, which the rules no longer allow. Whoever else sits there stays,
    /// and only residents move there from now on.
    #[must_use]
    pub fn let_go_by(&self, booking: BookingId, now: Instant) -> Self {
        let seat = if self.holder == Some(booking) { self.held_by(None, now) } else { *self };
        Self { planned: None, let_go: true, ..seat }
    }

    /// The same seat without anything of a booking that is erased. Whether they sat there or another did, only residents move
    /// there from now on if it was their default visit's.
    #[must_use]
    pub fn without(&self, booking: BookingId, now: Instant) -> Self {
        let kept = self.kept.filter(|kept| kept.booking != booking);
        match (self.planned == Some(booking), self.holder == Some(booking)) {
            (true, _) => Self { kept, ..self.let_go_by(booking, now) },
            (false, true) => self.held_by(None, now),
            (false, false) => Self { kept, ..*self },
        }
    }

    /// The same seat with another holder. Given up, it stays dark until the next fixed hour.
    #[must_use]
    pub const fn held_by(&self, holder: Option<BookingId>, now: Instant) -> Self {
        // Whoever takes it ends what it was kept for; whoever gives it up finds nothing kept.
        let (kept, came_up) = (None, false);
        Self { holder, changes: self.changes + 1, changed_at: now.timestamp(), kept, came_up, ..*self }
    }

    /// The same seat taken by a follow-up. Its time is shown to residents until the next fixed hour, as after a move.
    #[must_use]
    pub const fn kept_for_follow_up(&self, follow_up: FollowUpId, now: Instant) -> Self {
        let (changes, changed_at) = (self.changes + 1, now.timestamp());
        Self { follow_up: Some(follow_up), changes, changed_at, kept: None, came_up: false, ..*self }
    }

    /// The same seat without a follow-up that came to nothing; of another one, it stays as it is.
    #[must_use]
    pub fn free_of(&self, follow_up: FollowUpId, now: Instant) -> Self {
        if self.follow_up != Some(follow_up) {
            return *self;
        }
        Self { follow_up: None, changes: self.changes + 1, changed_at: now.timestamp(), ..*self }
    }

    /// The same free seat, kept for somebody who waits until the next fixed hour but one, and not offered to others.
    #[must_use]
    pub const fn kept_for(&self, booking: BookingId, hour: i64) -> Self {
        let kept = Some(Kept { booking, until: kept_until(hour) });
        Self { kept, offered: false, came_up: true, ..*self }
    }

    /// Whether it is kept for a booking.
    #[must_use]
    pub fn is_kept_for(&self, booking: BookingId) -> bool {
        !self.is_held() && self.kept.is_some_and(|kept| kept.booking == booking)
    }

    /// The same seat as the fixed hour finds it: offered if it is free, was set aside for moves or given up, and is not kept
    /// for somebody beyond that hour.
    #[must_use]
    pub fn refreshed(&self, pool: Pool, hour: i64) -> Self {
        let free = !self.open_to_batch(pool) && !self.is_held();
        let kept = self.kept.filter(|kept| free && kept.until > hour);
        Self { offered: free && kept.is_none(), kept, came_up: free && self.came_up, ..*self }
    }

    /// Whether any resident may take it.
    #[must_use]
    pub const fn offered_to_all(&self, pool: Pool) -> bool {
        !self.is_held() && !self.open_to_batch(pool) && self.offered && self.kept.is_none()
    }

    /// Whether a booking's resident may take it: it is kept for them, or for nobody and is offered and still free, or it is the
    /// one they gave up themselves; and never one that a batch may fill, which it is again where a slot was closed and opened.
    #[must_use]
    pub fn takeable(&self, pool: Pool, gave_it_up: bool, by: BookingId) -> bool {
        let free = !self.is_held() && !self.open_to_batch(pool);
        free && self.kept.map_or(self.offered || gave_it_up, |kept| kept.booking == by)
    }
}

/// Divides the reserved seats of new slots: a third, rounded up, is the batch's own share for late starters, the
/// rest is for moves. Their identifiers are random, so going by them favours nobody.
#[must_use]
pub fn divide_reserve(reserved: &BTreeSet<SeatId>) -> BTreeMap<SeatId, Pool> {
    let late = reserved.len().div_ceil(3);
    let pool = |number: usize| if number < late { Pool::Late } else { Pool::Moves };
    reserved.iter().enumerate().map(|(number, seat)| (*seat, pool(number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::UNIX_EPOCH;

    fn somebody(n: u8) -> BookingId {
        BookingId::from_bytes([n; 16])
    }

    #[test]
    fn a_seat_given_up_is_dark_until_the_fixed_hour_and_then_offered() {
        let seat = Seat::new(Pool::Plan, Some(somebody(1)), NOW).held_by(None, NOW);
        assert!(!seat.takeable(Pool::Plan, false, somebody(9)));
        assert!(seat.takeable(Pool::Plan, true, somebody(9)), "who gave it up may have it back at once");
        assert!(seat.refreshed(Pool::Plan, 0).takeable(Pool::Plan, false, somebody(9)));
    }

    #[test]
    fn a_seat_of_a_closed_slot_is_as_new_and_nobody_who_gave_it_up_comes_back_there() {
        for pool in [Pool::Plan, Pool::Late, Pool::Moves] {
            let planned = Seat::new(pool, Some(somebody(1)), NOW);
            for seat in
                [planned, planned.held_by(None, NOW).refreshed(pool, 0).held_by(Some(somebody(2)), NOW)]
            {
                let emptied = seat.emptied(NOW);
                assert_eq!(
                    (emptied.planned, emptied.holder, emptied.changes),
                    (None, None, seat.changes + 1)
                );
                assert_eq!(emptied.open_to_batch(pool), pool != Pool::Moves);
                assert!(emptied.open_to_batch(pool) != emptied.takeable(pool, true, somebody(9)));
            }
        }
    }

    #[test]
    fn who_took_a_seat_keeps_it_when_the_rules_no_longer_allow_the_default_visit_in_it() {
        let seat = Seat::new(Pool::Plan, Some(somebody(1)), NOW);
        let taken = seat.held_by(None, NOW).refreshed(Pool::Plan, 0).held_by(Some(somebody(2)), NOW);
        assert_eq!(taken.let_go_by(somebody(1), NOW).holder, Some(somebody(2)));
        assert_eq!(seat.let_go_by(somebody(1), NOW).holder, None);
        for seat in [seat, taken] {
            let let_go = seat.let_go_by(somebody(1), NOW);
            assert!(!let_go.open_to_batch(Pool::Plan), "what residents did would collide with a batch");
            assert!(let_go.held_by(None, NOW).refreshed(Pool::Plan, 0).takeable(
                Pool::Plan,
                false,
                somebody(9)
            ));
        }
    }

    #[test]
    fn a_default_visit_given_again_to_who_opted_out_is_free_for_others_at_the_next_fixed_hour() {
        let seat = Seat::new(Pool::Late, None, NOW).planned_for(somebody(1), false, NOW);
        assert_eq!((seat.holder, seat.changes), (None, 0));
        assert!(
            !seat.takeable(Pool::Late, false, somebody(9)) && seat.takeable(Pool::Late, true, somebody(9))
        );
        assert!(seat.refreshed(Pool::Late, 0).takeable(Pool::Late, false, somebody(9)));
    }

    #[test]
    fn what_a_batch_may_fill_does_not_depend_on_what_residents_did() {
        for pool in [Pool::Plan, Pool::Late, Pool::Moves] {
            let untouched = Seat::new(pool, None, NOW);
            let used = untouched.held_by(Some(somebody(1)), NOW).held_by(None, NOW).refreshed(pool, 0);
            assert_eq!(untouched.open_to_batch(pool), used.open_to_batch(pool));
            assert!(!Seat::new(pool, Some(somebody(1)), NOW).held_by(None, NOW).open_to_batch(pool));
        }
    }

    #[test]
    fn a_seat_that_only_a_batch_may_fill_is_never_offered_to_residents() {
        for pool in [Pool::Plan, Pool::Late] {
            assert!(!Seat::new(pool, None, NOW).refreshed(pool, 0).takeable(pool, false, somebody(9)));
        }
    }

    #[test]
    fn a_seat_kept_for_somebody_who_waits_is_theirs_alone_and_goes_on_at_the_next_fixed_hour_but_one() {
        let free = Seat::new(Pool::Moves, None, NOW).kept_for(somebody(1), 0);
        for hour in [0, HOURS_SECONDS] {
            let kept = free.refreshed(Pool::Moves, hour);
            assert!(kept.takeable(Pool::Moves, false, somebody(1)) && kept.is_kept_for(somebody(1)));
            assert!(!kept.takeable(Pool::Moves, true, somebody(2)) && !kept.offered);
        }
        let over = free.refreshed(Pool::Moves, 2 * HOURS_SECONDS);
        assert!(over.offered && over.came_up && !over.is_kept_for(somebody(1)));
        let taken = free.held_by(Some(somebody(1)), NOW);
        assert_eq!((taken.kept, taken.came_up), (None, false));
        let gone = taken.held_by(None, NOW).refreshed(Pool::Moves, HOURS_SECONDS);
        assert!(gone.offered && !gone.came_up);
    }

    #[test]
    fn a_third_of_the_reserve_is_for_late_starters() {
        let reserved = (0..7_u8).map(|n| SeatId::from_bytes([n; 16])).collect();
        let pools = divide_reserve(&reserved);
        assert_eq!(pools.values().filter(|pool| **pool == Pool::Late).count(), 3);
        assert_eq!(pools.len(), 7);
    }
}
