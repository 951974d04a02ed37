//! Letters to one person about what they, or who holds their visit, did. Never one that everybody gets.

use super::{Errand, Recipient, own, own_reminders, to_therapist};
use crate::domain::booking::{Booking, Change, Visit};
use crate::domain::follow_up::FollowUp;
use crate::domain::id::TherapistId;
use crate::domain::letter::Letter;
use crate::domain::offering::Rules;
use crate::domain::time::Instant;

/// The letter about a follow-up to a resident who asked for it by mail: its calendar entry, or that it goes again.
#[must_use]
pub fn with_follow_up(one: &FollowUp, therapist: TherapistId, now: Instant) -> Errand {
    let letter = if one.stands() { Letter::Further } else { Letter::FurtherOff };
    Errand {
        to: Recipient::Resident(one.booking),
        letter,
        occasion: follow_up_occasion(one, one.changes),
        due_at: now,
        owed_at: now,
        sequence: one.changes,
        visit: Some(one.as_visit(therapist)),
        number: 0,
        bare: false,
    }
}

/// What a letter about a follow-up is filed under: its identifier first, which is also the UID of its entry.
#[must_use]
pub fn follow_up_occasion(one: &FollowUp, changes: u32) -> String {
    format!("{} {changes}", one.id)
}

/// The letters about a visit that stays and is attended in another way. Calendars are told nothing: entries say neither
/// way nor place.
#[must_use]
pub fn with_way(booking: &Booking, now: Instant) -> Vec<Errand> {
    let Some(visit) = booking.visit() else { return Vec::new() };
    let confirmed = booking.wishes.confirm_by_mail.then(|| {
        let occasion = now.timestamp().to_string();
        Errand { occasion, ..own(booking, Some(visit), Letter::Confirmation, now) }
    });
    confirmed.into_iter().chain([to_therapist(visit, booking, now)]).collect()
}

/// The letter to who waits, about a seat that is kept for them from a fixed hour on.
#[must_use]
pub fn with_kept(booking: &Booking, visit: &Visit, hour: Instant, now: Instant) -> Errand {
    let occasion = visit.seat.to_string();
    Errand { occasion, due_at: now, ..own(booking, Some(visit), Letter::FreeTime, hour) }
}

/// The letters to whose visit its therapist moved: the therapist knows, and gets none.
#[must_use]
pub fn with_moved_for(change: &Change, rules: &Rules, now: Instant) -> Vec<Errand> {
    let told = own(&change.booking, change.takes.as_ref(), Letter::Replaced, now);
    std::iter::once(told).chain(own_reminders(change, rules, now)).collect()
}

/// The letter to an address that a resident asked for.
#[must_use]
pub fn with_new_address(booking: &Booking, now: Instant) -> Errand {
    let occasion = now.timestamp().to_string();
    Errand { occasion, ..own(booking, None, Letter::NewAddress, now) }
}

/// A letter that answers a mail which came in the resident's name.
#[must_use]
pub fn with_answer(booking: &Booking, letter: Letter, now: Instant) -> Errand {
    let occasion = now.timestamp().to_string();
    Errand { occasion, ..own(booking, None, letter, now) }
}

#[cfg(test)]
mod tests;
