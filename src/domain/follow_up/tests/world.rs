//! Follow-ups among seats that batches and residents use: no time twice, and nothing changed for a batch. Never looks at why one
//! is refused.

use proptest::prelude::*;

use super::*;
use crate::domain::seating::{Pool, Seat};

/// Something that happens to one of four seats, or to a follow-up in it.
#[derive(Debug, Clone, Copy)]
enum Doing {
    Offers,
    Takes,
    Leaves,
    TakesBack,
    HourStrikes,
    AResidentMovesIn,
    AResidentMovesOut,
    IsClosed,
    DaysPass,
}

struct World {
    seats: Vec<(Pool, Seat)>,
    /// The same seats, with which nothing happened but what batches and absences do.
    untouched: Vec<Seat>,
    all: FollowUps,
    now: Instant,
    drawn: u8,
}

impl World {
    fn new() -> Self {
        let planned = Some(BookingId::from_bytes([7; 16]));
        let given_up = Seat::new(Pool::Plan, planned, now()).held_by(None, now()).refreshed(Pool::Plan, 0);
        let seats = vec![
            (Pool::Moves, Seat::new(Pool::Moves, None, now())),
            (Pool::Plan, Seat::new(Pool::Plan, None, now())),
            (Pool::Plan, given_up),
            (Pool::Late, Seat::new(Pool::Late, None, now())),
        ];
        let untouched = seats.iter().map(|(_, seat)| *seat).collect();
        Self { seats, untouched, all: FollowUps::default(), now: now(), drawn: 0 }
    }

    fn span(at_seat: usize) -> Span {
        let starts_at = at("2027-07-28T15:00:00Z") + Duration::hours(i64::try_from(at_seat).unwrap());
        Span::new(starts_at, starts_at + Duration::minutes(50)).unwrap()
    }

    fn seat_id(at_seat: usize) -> SeatId {
        SeatId::from_bytes([u8::try_from(at_seat).unwrap(); 16])
    }

    fn newest(&self, at_seat: usize) -> Option<FollowUpId> {
        let span = Self::span(at_seat);
        self.all.iter().filter(|one| one.span == span).max_by_key(|one| *one.id.as_bytes()).map(|one| one.id)
    }

    fn ends(&mut self, changed: Option<Changed>) {
        let Some(Changed { all, one }) = changed else { return };
        self.all = all;
        self.frees(&one);
    }

    fn frees(&mut self, one: &FollowUp) {
        let freed = one.seat().filter(|_| !one.stands());
        for (n, (_, seat)) in self.seats.iter_mut().enumerate() {
            if freed == Some(Self::seat_id(n)) {
                *seat = seat.free_of(one.id, self.now);
            }
        }
    }

    fn happens(&mut self, doing: Doing, n: usize) {
        let (pool, seat) = self.seats[n];
        let bob = BookingId::from_bytes([9; 16]);
        match doing {
            Doing::Offers if seat.offered_to_all(pool) => {
                self.drawn += 1;
                let held = Held::Seat(Self::seat_id(n), SlotId::from_bytes([0; 16]));
                let offer = Offer { held, ..offer(self.drawn, Self::span(n)) };
                if let Ok(Changed { all, one }) = self.all.offer(&offer, &rules(), self.now) {
                    self.all = all;
                    self.seats[n].1 = seat.kept_for_follow_up(one.id, self.now);
                }
            }
            Doing::Takes | Doing::Leaves | Doing::TakesBack => {
                let answer = |id| match doing {
                    Doing::Takes => self.all.take(id, &[], self.now),
                    Doing::Leaves => self.all.leave(id, self.now),
                    _ => self.all.withdraw(id, self.now),
                };
                self.ends(self.newest(n).and_then(|id| answer(id).ok()).flatten());
            }
            Doing::HourStrikes => {
                let (all, lapsed) = self.all.lapsed(self.now);
                self.all = all;
                lapsed.iter().for_each(|one| self.frees(one));
                self.seats.iter_mut().for_each(|(pool, seat)| *seat = seat.refreshed(*pool, 0));
                let pools: Vec<Pool> = self.seats.iter().map(|(pool, _)| *pool).collect();
                self.untouched.iter_mut().zip(pools).for_each(|(seat, pool)| *seat = seat.refreshed(pool, 0));
            }
            Doing::AResidentMovesIn if seat.takeable(pool, false, bob) => {
                self.seats[n].1 = seat.held_by(Some(bob), self.now);
            }
            Doing::AResidentMovesOut if seat.holder == Some(bob) => {
                self.seats[n].1 = seat.held_by(None, self.now);
            }
            // Nothing that has begun is emptied: it was held, or is being held now.
            Doing::IsClosed if self.now < Self::span(n).starts_at() => {
                self.seats[n].1 = seat.emptied(self.now);
                self.untouched[n] = self.untouched[n].emptied(self.now);
                let span = Self::span(n);
                self.all = self.all.closed(|other| *other == span, self.now).0;
            }
            Doing::DaysPass => self.now += Duration::days(3),
            _ => {}
        }
    }

    fn holds(&self) {
        let standing: Vec<&FollowUp> = self.all.iter().filter(|one| one.stands()).collect();
        for (n, one) in standing.iter().enumerate() {
            assert!(standing[..n].iter().all(|other| !other.span.overlaps(&one.span)), "one time, twice");
        }
        for (n, (pool, seat)) in self.seats.iter().enumerate() {
            let kept: Vec<FollowUpId> = standing
                .iter()
                .filter(|one| one.seat() == Some(Self::seat_id(n)))
                .map(|one| one.id)
                .collect();
            assert_eq!(kept, Vec::from_iter(seat.follow_up), "a seat and its follow-up disagree");
            assert!(seat.holder.is_none() || seat.follow_up.is_none(), "two in one seat");
            assert!(
                seat.follow_up.is_none() || !seat.takeable(*pool, true, BookingId::from_bytes([9; 16])),
                "it can be taken from them"
            );
            let as_planned = self.untouched[n].open_to_batch(*pool);
            assert_eq!(seat.open_to_batch(*pool), as_planned, "a batch would see it");
            assert!(!as_planned || seat.follow_up.is_none(), "a batch would sit on it");
        }
    }
}

fn doing() -> impl Strategy<Value = (Doing, usize)> {
    let all = [
        Doing::Offers,
        Doing::Offers,
        Doing::Takes,
        Doing::Leaves,
        Doing::TakesBack,
        Doing::HourStrikes,
        Doing::AResidentMovesIn,
        Doing::AResidentMovesOut,
        Doing::IsClosed,
        Doing::DaysPass,
    ];
    (proptest::sample::select(all.to_vec()), 0..4_usize)
}

proptest! {
    #[test]
    fn no_time_is_used_twice_and_nothing_changes_for_a_batch(doings in proptest::collection::vec(doing(), 0..60)) {
        let mut world = World::new();
        for (doing, n) in doings {
            world.happens(doing, n);
            world.holds();
        }
    }
}
