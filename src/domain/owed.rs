//! Which change owes which letter, to whom and when. Never writes a letter, and never knows a name.

use chrono::{Duration, NaiveTime};
use serde::{Deserialize, Serialize};

use super::booking::{Booking, Change, Message, Standing, Visit};
use super::id::{BookingId, TherapistId};
use super::letter::Letter;
use super::offering::Rules;
use super::time::{Instant, resolve, wall};

/// Whom a letter goes to: an identifier, never an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
    /// The resident of a booking.
    Resident(BookingId),
    /// A therapist.
    Therapist(TherapistId),
    /// A member of staff, by identifier.
    Staff(String),
}

/// A letter that is owed: everything that must be known to write it again, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Whom it goes to.
    pub to: Recipient,
    /// Which letter.
    pub letter: Letter,
    /// What makes it different from other letters of the kind to the same person, such as `48 h` or a date.
    pub occasion: String,
    /// Not to be sent before; also its Date.
    pub due_at: Instant,
    /// When it was owed: the DTSTAMP of its calendar part.
    pub owed_at: Instant,
    /// The SEQUENCE of its calendar part, or of the booking that it speaks of.
    pub sequence: u32,
    /// The visit that it speaks of.
    pub visit: Option<Visit>,
}

/// After the visit, everyone gets one more letter so many hours later.
const AFTERWARDS_HOURS: i64 = 24;
/// Therapists read of tomorrow's changes at this time of their day.
const EVENING: NaiveTime = NaiveTime::from_hms_opt(18, 0, 0).unwrap();

/// The letters that everyone gets alike, owed with the booking. They hang on the default visit and on nothing that
/// anybody does later.
#[must_use]
pub fn with_booking(booking: &Booking, rules: &Rules, now: Instant) -> Vec<Errand> {
    let Some(visit) = &booking.default_visit else { return Vec::new() };
    let errand = |letter, occasion: String, due_at| Errand {
        to: Recipient::Resident(booking.id),
        letter,
        occasion,
        due_at,
        owed_at: now,
        sequence: 0,
        visit: Some(visit.clone()),
    };
    let mut owed = Vec::new();
    let invited_at = invitation_due(visit, rules, now);
    if rules.announce_days.is_some() {
        owed.push(errand(Letter::Announcement, String::new(), now));
    }
    owed.push(errand(Letter::Invitation, String::new(), invited_at));
    for hours in &rules.reminder_hours {
        let due_at = visit.span.starts_at() - Duration::hours(i64::from(*hours));
        // A reminder that would overtake the invitation would be the first that somebody hears.
        if due_at > invited_at {
            owed.push(errand(Letter::Reminder, format!("{hours} h"), due_at));
        }
    }
    let afterwards = visit.span.ends_at() + Duration::hours(AFTERWARDS_HOURS);
    owed.push(errand(Letter::Afterwards, String::new(), afterwards));
    owed
}

/// When the invitation goes out: the announcement's lead after now, but never so late that a day before the notice
/// would pass unused.
#[must_use]
pub fn invitation_due(visit: &Visit, rules: &Rules, now: Instant) -> Instant {
    let lead = now + Duration::days(i64::from(rules.announce_days.unwrap_or(0)));
    let latest = visit.span.starts_at() - Duration::hours(i64::from(rules.notice_hours) + 24);
    lead.min(latest).max(now)
}

/// The letters that a resident's change owes: to themselves what they asked for, to therapists what they must know.
#[must_use]
pub fn with_change(change: &Change, rules: &Rules, now: Instant) -> Vec<Errand> {
    let booking = &change.booking;
    let visit = booking.visit().cloned();
    // A CANCEL speaks of the entry as it stands in the calendar: at the time that was given up, which may not be the
    // default one (RFC 5546, section 3.2.5).
    let spoken_of = match &booking.standing {
        Standing::OptedOut(given_up) => Some(given_up.clone()),
        Standing::Held(held) => Some(held.clone()),
        Standing::Waiting => booking.default_visit.clone(),
    };
    let own = |letter, occasion: String, due_at| Errand {
        to: Recipient::Resident(booking.id),
        letter,
        occasion,
        due_at,
        owed_at: now,
        sequence: booking.sequence,
        visit: spoken_of.clone(),
    };
    let mut owed = Vec::new();
    match change.message {
        Some(Message::Request) => owed.push(own(Letter::Moved, booking.sequence.to_string(), now)),
        Some(Message::Cancel) => owed.push(own(Letter::Removed, booking.sequence.to_string(), now)),
        None if booking.wishes.confirm_by_mail && (change.gives_up.is_some() || change.takes.is_some()) => {
            owed.push(own(Letter::Confirmation, now.timestamp().to_string(), now));
        }
        None => {}
    }
    if let Some(visit) =
        visit.as_ref().filter(|visit| change.takes.is_some() && wants_own_reminder(booking, visit))
    {
        for hours in &rules.reminder_hours {
            let due_at = visit.span.starts_at() - Duration::hours(i64::from(*hours));
            if due_at > now {
                owed.push(own(Letter::MovedReminder, format!("{} {hours} h", visit.seat), due_at));
            }
        }
    }
    let touched = change.gives_up.iter().chain(&change.takes);
    owed.extend(touched.map(|visit| to_therapist(visit, booking, now)));
    owed
}

/// Whether the reminders that everyone gets do not serve, because they speak of another time.
fn wants_own_reminder(booking: &Booking, visit: &Visit) -> bool {
    booking.wishes.remind_of_new_time
        && booking.default_visit.as_ref().is_none_or(|default| default.span != visit.span)
}

/// A change of today is told at once; any other on the evening before, once for all changes of that day.
fn to_therapist(visit: &Visit, booking: &Booking, now: Instant) -> Errand {
    let zone = visit.therapist_zone;
    let day = wall(visit.span.starts_at(), zone).date();
    let evening = day.pred_opt().map_or(now, |before| resolve(before.and_time(EVENING), zone));
    let to = Recipient::Therapist(visit.therapist);
    let errand = |letter, occasion, due_at| Errand {
        to,
        letter,
        occasion,
        due_at,
        owed_at: now,
        sequence: 0,
        visit: Some(visit.clone()),
    };
    if now < evening {
        return errand(Letter::TherapistDay, day.to_string(), evening);
    }
    // After the evening letter is out, a change of tomorrow cannot wait either. Each has a letter of its own.
    errand(Letter::TherapistToday, format!("{day} {} {}", booking.id, now.timestamp()), now)
}

impl Errand {
    /// Whether it would still tell the truth. Letters for everyone always do: they speak of protected time.
    #[must_use]
    pub fn holds(&self, booking: &Booking) -> bool {
        let same_visit = || match (&booking.standing, &self.visit) {
            (Standing::Held(held), Some(told)) => held.seat == told.seat,
            _ => false,
        };
        match self.letter {
            // An older SEQUENCE is news of yesterday (RFC 5546, section 2.1.5).
            Letter::Moved => self.sequence == booking.sequence && same_visit(),
            Letter::Removed => self.sequence == booking.sequence,
            Letter::MovedReminder => booking.wishes.remind_of_new_time && same_visit(),
            _ => true,
        }
    }
}

#[cfg(test)]
#[path = "owed_tests.rs"]
mod tests;
