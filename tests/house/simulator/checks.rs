//! What must hold of bookings and seats after every step, and who may change what. Never looks at letters, and never asks
//! the service whether all is well.

use holdspace::domain::absence::Absence;
use holdspace::domain::booking::{Booking, MoveMe, Standing};
use holdspace::domain::id::{BookingId, SeatId, TherapistId};
use holdspace::domain::time::Instant;

use super::truth::{OneBooking, Truth};

/// What a resident asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To opt out, and whether the entry is to go.
    Out(bool),
    /// To sit in this seat.
    Seat(SeatId),
    /// To have back what they opted out of.
    Back,
    /// To have back what they moved away from.
    BackThere,
    /// Whether the reminders come.
    Reminders(bool),
    /// Anything that changes no visit.
    Other,
}

/// What was heard of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is done.
    Done,
    /// It is not.
    Refused,
    /// Nothing, or that the service is unwell: it may be done or not.
    Nothing,
}

/// Why something may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// One resident did something.
    Resident(BookingId, Asked, Heard),
    /// A therapist is away.
    Away(TherapistId, Absence),
    /// A batch; whether anything changed since the last that a default visit hangs on.
    Batch(bool),
    /// The rounds of the service.
    Round,
    /// Nothing that a booking hangs on.
    Nothing,
}

/// An answer about an invariant: what is wrong where it does not hold.
pub type Holds = Result<(), String>;

/// Says what is wrong unless it holds.
pub fn holds(it: bool, wrong: impl FnOnce() -> String) -> Holds {
    if it { Ok(()) } else { Err(wrong()) }
}

/// Nobody sits twice, no seat holds two, bookings and seats tell the same, and no therapist is in two places.
pub fn seats_hold(truth: &Truth, now: Instant) -> Holds {
    let mut residents: Vec<_> = truth.bookings.values().map(|one| one.resident).collect();
    residents.sort();
    residents
        .windows(2)
        .try_for_each(|two| holds(two[0] != two[1], || "somebody is booked twice".to_owned()))?;
    for (id, one) in &truth.bookings {
        let booking = &one.booking;
        if let Some(visit) = booking.visit() {
            let seat = truth.seats.get(&visit.seat).map(|(_, seat)| seat);
            holds(seat.is_some_and(|seat| seat.holder == Some(*id)), || {
                format!("{id} sits in a seat that is not theirs: {seat:?}")
            })?;
        }
        if let Some(visit) = &booking.default_visit {
            let seat = truth.seats.get(&visit.seat).map(|(_, seat)| seat);
            let over = visit.span.starts_at() <= now;
            holds(over || seat.is_some_and(|seat| seat.planned == Some(*id)), || {
                format!("the default visit of {id} is planned for somebody else: {seat:?}")
            })?;
        }
    }
    let mut held = Vec::new();
    for (id, (slot, seat)) in &truth.seats {
        let Some(holder) = seat.holder else { continue };
        let one = truth.bookings.get(&holder);
        holds(one.is_some_and(|one| one.booking.visit_in(*id).is_some()), || {
            format!(
                "seat {id} says that it is held by {holder}, who holds {:?}",
                one.map(|one| &one.booking.standing)
            )
        })?;
        let slot = truth.slots.get(slot).ok_or_else(|| format!("seat {id} is in no slot"))?;
        held.push((slot.therapist, slot.span.starts_at(), slot.span.ends_at(), slot.id));
    }
    held.sort();
    held.dedup_by_key(|slot| slot.3);
    held.windows(2).try_for_each(|two| {
        let apart = two[0].0 != two[1].0 || two[0].2 <= two[1].1;
        holds(apart, || format!("a therapist holds two visits at once: {two:?}"))
    })
}

/// Between two steps only what may change has changed, and what was heard is true.
pub fn changes_hold(before: &Truth, after: &Truth, cause: &Cause, now: Instant) -> Holds {
    for (id, old) in &before.bookings {
        let new = after.bookings.get(id).ok_or_else(|| format!("the booking {id} is lost"))?;
        if new.booking.sequence < old.booking.sequence {
            return Err(format!("the SEQUENCE of {id} went back"));
        }
        one_holds(id, old, new, cause, now)?;
    }
    let batch = matches!(cause, Cause::Batch(_));
    let new = after.bookings.keys().find(|id| !before.bookings.contains_key(*id));
    holds(batch || new.is_none(), || format!("{new:?} is booked by no batch"))
}

fn one_holds(id: &BookingId, old: &OneBooking, new: &OneBooking, cause: &Cause, now: Instant) -> Holds {
    let (old, new) = (&old.booking, &new.booking);
    let wrong = |what: &str| Err(format!("{what}: {id} {cause:?}\n  before {old:?}\n  after  {new:?}"));
    let right = match cause {
        Cause::Resident(by, asked, heard) if by == id => return acted(old, new, *asked, *heard, now, wrong),
        Cause::Away(therapist, absence) => {
            let closed = old.visit().is_some_and(|visit| {
                visit.therapist == *therapist && absence.closes(&visit.span) && visit.span.starts_at() > now
            });
            stays(old, new, closed)
        }
        Cause::Batch(moved) => {
            stays(old, new, *moved && old.visit().is_some_and(|visit| visit.span.starts_at() > now))
        }
        Cause::Round => was_moved_as_asked(old, new) || same_but_for_offers(old, new),
        Cause::Resident(..) | Cause::Nothing => old == new,
    };
    if right { Ok(()) } else { wrong("what a resident decided was undone") }
}

/// Who opted out stays out, and who sits stays there unless the visit `is_lost`.
fn stays(old: &Booking, new: &Booking, is_lost: bool) -> bool {
    match (&old.standing, &new.standing) {
        (Standing::OptedOut(_), Standing::OptedOut(_)) => true,
        (Standing::Held(one), Standing::Held(other)) => is_lost || one.seat == other.seat,
        (Standing::Held(_), Standing::Waiting) => is_lost,
        (Standing::Waiting, Standing::Held(_) | Standing::Waiting) => true,
        _ => false,
    }
}

fn was_moved_as_asked(old: &Booking, new: &Booking) -> bool {
    let moved = matches!((&old.standing, &new.standing), (Standing::Held(_), Standing::Held(_)));
    moved && old.own.move_me == MoveMe::Asked && matches!(new.own.move_me, MoveMe::Moved(_))
}

fn same_but_for_offers(old: &Booking, new: &Booking) -> bool {
    old.standing == new.standing
        && old.sequence == new.sequence
        && old.wishes == new.wishes
        && old.mark == new.mark
}

fn acted(
    old: &Booking,
    new: &Booking,
    asked: Asked,
    heard: Heard,
    now: Instant,
    wrong: impl Fn(&str) -> Holds,
) -> Holds {
    let seat = |booking: &Booking| booking.visit().map(|visit| visit.seat);
    let as_asked = match (asked, &new.standing) {
        (Asked::Out(remove), Standing::OptedOut(_)) => !remove || !new.on_calendar,
        (Asked::Seat(wanted), Standing::Held(visit)) => visit.seat == wanted,
        (Asked::Back, Standing::Held(visit)) => {
            seat(old) == Some(visit.seat) || old.way_back(now).is_some_and(|way| way.seat == visit.seat)
        }
        (Asked::BackThere, Standing::Held(visit)) => {
            old.came_from(now).is_some_and(|there| there.seat == visit.seat)
        }
        (Asked::Reminders(wanted), _) => new.wishes.no_reminders != wanted && new.standing == old.standing,
        (Asked::Other, _) => new.standing == old.standing,
        _ => false,
    };
    match heard {
        Heard::Done if !as_asked => wrong("a resident was told of what did not happen"),
        Heard::Refused if old != new => wrong("a resident was refused and something happened"),
        Heard::Nothing if !as_asked && old != new => wrong("something happened that nobody asked for"),
        _ => Ok(()),
    }
}
