//! Which change owes which letter, to whom and when. Never writes a letter, and never knows a name.

use chrono::{Duration, NaiveTime};
use serde::{Deserialize, Serialize};

use super::booking::{Booking, Change, KEPT_DAYS, Message, Retimed, Standing, Visit};
use super::id::{BookingId, TherapistId};
use super::letter::Letter;
use super::offering::Rules;
use super::seating::{fixed_hour, kept_until};
use super::time::{Instant, resolve, wall};

mod formerly;
mod own;

use self::formerly::takes_over_at;
pub use self::formerly::{Fate, link_letters, reached, with_other_address, with_the_new_address};
pub use self::own::{
    follow_up_occasion, with_answer, with_follow_up, with_kept, with_moved_for, with_new_address, with_way,
};

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
    /// Of which of the booking's default visits a letter for everyone speaks.
    #[serde(default)]
    pub number: u32,
    /// Whether its calendar part is left out, because no entry stands at the time that it speaks of.
    #[serde(default)]
    pub bare: bool,
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
    let mut owed = Vec::new();
    if rules.announce_days.is_some() {
        owed.push(for_everyone(booking, visit, Letter::Announcement, String::new(), (now, now)));
    }
    owed.extend(invited(booking, rules, now, invitation_due(visit, rules, now)));
    owed
}

/// The same for a default visit in the place of one that nobody had been told of: the invitation goes out when it was to,
/// unless the new visit is too soon for that.
#[must_use]
pub fn with_booking_again(booking: &Booking, rules: &Rules, now: Instant, due_at: Instant) -> Vec<Errand> {
    let Some(visit) = &booking.default_visit else { return Vec::new() };
    invited(booking, rules, now, due_at.min(latest_invitation(visit, rules)).max(now))
}

fn invited(booking: &Booking, rules: &Rules, now: Instant, due_at: Instant) -> Vec<Errand> {
    let Some(visit) = &booking.default_visit else { return Vec::new() };
    let invitation = for_everyone(booking, visit, Letter::Invitation, numbered("", booking), (now, due_at));
    std::iter::once(invitation).chain(of_the_visit(booking, visit, rules, (now, due_at))).collect()
}

/// The letters of a default visit that was lost, to everyone alike whatever they did: the new one, or that there is none
/// at present. `message` is what the resident's own calendar needs.
#[must_use]
pub fn with_mended(
    booking: &Booking,
    lost: Option<&Visit>,
    message: Option<Message>,
    rules: &Rules,
    now: Instant,
) -> Vec<Errand> {
    let (letter, visit) = match (&booking.default_visit, lost) {
        (Some(visit), _) => (Letter::Rearranged, visit),
        (None, Some(lost)) => (Letter::Released, lost),
        (None, None) => return Vec::new(),
    };
    let told = for_everyone(booking, visit, letter, numbered("", booking), (now, now));
    let told = Errand { sequence: booking.sequence, bare: message.is_none(), ..told };
    let new = booking.default_visit.iter();
    std::iter::once(told).chain(new.flat_map(|new| of_the_visit(booking, new, rules, (now, now)))).collect()
}

/// What the reminders that a resident asked for are filed under, owed or not.
pub fn own_filed(booking: &Booking, rules: &Rules) -> impl Iterator<Item = (Letter, String)> {
    let hours = booking
        .visit()
        .into_iter()
        .flat_map(|visit| rules.reminder_hours.iter().map(move |h| (visit.seat, *h)));
    hours.map(|(seat, hours)| (Letter::MovedReminder, format!("{seat} {hours} h")))
}

/// The letters of visits that are at another moment since the rules of a time zone changed: one to everyone whose default
/// visit it is, whatever they did, or the invitation anew where it was still to go out at `invitation`. Who chose another
/// visit gets that one's entry again.
#[must_use]
pub fn with_retimed(
    retimed: &Retimed,
    invitation: Option<Instant>,
    rules: &Rules,
    now: Instant,
) -> Vec<Errand> {
    let booking = &retimed.booking;
    let mut owed = Vec::new();
    let default = booking.default_visit.as_ref().filter(|_| retimed.default);
    match (default, invitation) {
        (Some(_), Some(due_at)) => owed.extend(with_booking_again(booking, rules, now, due_at)),
        (Some(visit), None) => {
            let told = for_everyone(booking, visit, Letter::Retimed, numbered("", booking), (now, now));
            let stands = retimed.entry.as_ref().is_some_and(|entry| entry.seat == visit.seat);
            owed.push(Errand { sequence: booking.sequence, bare: !stands, ..told });
            owed.extend(of_the_visit(booking, visit, rules, (now, now)));
        }
        (None, _) => {}
    }
    let elsewhere = retimed.entry.iter().filter(|entry| default.is_none_or(|visit| visit.seat != entry.seat));
    owed.extend(elsewhere.map(|entry| own(booking, Some(entry), Letter::Moved, now)));
    let takes = booking.visit().cloned();
    let change = Change { booking: booking.clone(), gives_up: None, takes, message: None };
    owed.extend(own_reminders(&change, rules, now));
    owed
}

/// Reminders, of which none may overtake the letter that first tells of the visit, and the letter afterwards.
fn of_the_visit(
    booking: &Booking,
    visit: &Visit,
    rules: &Rules,
    (now, told_at): (Instant, Instant),
) -> Vec<Errand> {
    let mut owed = Vec::new();
    for hours in &rules.reminder_hours {
        let due_at = visit.span.starts_at() - Duration::hours(i64::from(*hours));
        if due_at > told_at {
            let occasion = numbered(&format!("{hours} h"), booking);
            owed.push(for_everyone(booking, visit, Letter::Reminder, occasion, (now, due_at)));
        }
    }
    let afterwards = visit.span.ends_at() + Duration::hours(AFTERWARDS_HOURS);
    owed.push(for_everyone(booking, visit, Letter::Afterwards, numbered("", booking), (now, afterwards)));
    owed
}

/// An occasion of the booking's present default visit, told from those of the ones before.
fn numbered(occasion: &str, booking: &Booking) -> String {
    match booking.number {
        0 => occasion.to_owned(),
        number => format!("{occasion} {number}").trim().to_owned(),
    }
}

fn for_everyone(
    booking: &Booking,
    visit: &Visit,
    letter: Letter,
    occasion: String,
    (now, due_at): (Instant, Instant),
) -> Errand {
    Errand {
        to: Recipient::Resident(booking.id),
        letter,
        occasion,
        due_at,
        owed_at: now,
        sequence: if letter == Letter::Invitation { booking.sequence } else { 0 },
        visit: Some(visit.clone()),
        number: booking.number,
        bare: false,
    }
}

/// What the invitation to the present default visit is filed under.
#[must_use]
pub fn invitation_occasion(booking: &Booking) -> String {
    numbered("", booking)
}

/// What the other letters of the present default visit are filed under, owed or not.
pub fn filed(booking: &Booking, rules: &Rules) -> impl Iterator<Item = (Letter, String)> {
    let reminders =
        rules.reminder_hours.iter().map(|hours| (Letter::Reminder, numbered(&format!("{hours} h"), booking)));
    let once = [Letter::Afterwards, Letter::Rearranged, Letter::Retimed, Letter::Released];
    reminders.chain(once.map(|letter| (letter, numbered("", booking))))
}

/// When the invitation goes out: the announcement's lead after now, but never so late that a day before the notice
/// would pass unused.
#[must_use]
pub fn invitation_due(visit: &Visit, rules: &Rules, now: Instant) -> Instant {
    let lead = now + Duration::days(i64::from(rules.announce_days.unwrap_or(0)));
    lead.min(latest_invitation(visit, rules)).max(now)
}

fn latest_invitation(visit: &Visit, rules: &Rules) -> Instant {
    visit.span.starts_at() - Duration::hours(i64::from(rules.notice_hours) + 24)
}

/// The letters that a resident's change owes: to themselves what they asked for, to therapists what they must know.
#[must_use]
pub fn with_change(change: &Change, rules: &Rules, now: Instant) -> Vec<Errand> {
    let booking = &change.booking;
    // A CANCEL speaks of the entry as it stands in the calendar: at the time that was given up, which may not be the
    // default one (RFC 5546, section 3.2.5).
    let spoken_of = match &booking.standing {
        Standing::OptedOut(visit) | Standing::Held(visit) => Some(visit),
        Standing::Waiting => booking.default_visit.as_ref(),
    };
    let mut owed = Vec::new();
    match change.message {
        Some(Message::Request) => owed.push(own(booking, spoken_of, Letter::Moved, now)),
        Some(Message::Cancel) => owed.push(own(booking, spoken_of, Letter::Removed, now)),
        None if booking.wishes.confirm_by_mail && (change.gives_up.is_some() || change.takes.is_some()) => {
            let occasion = now.timestamp().to_string();
            owed.push(Errand { occasion, ..own(booking, spoken_of, Letter::Confirmation, now) });
        }
        None => {}
    }
    owed.extend(own_reminders(change, rules, now));
    owed.extend(change.gives_up.iter().chain(&change.takes).map(|visit| to_therapist(visit, booking, now)));
    owed
}

/// The letters to who lost a visit of their own choosing, and to the therapist who has them now. The one who lost the
/// visit too is away and gets none.
#[must_use]
pub fn with_replaced(change: &Change, rules: &Rules, now: Instant) -> Vec<Errand> {
    let booking = &change.booking;
    let letter = if change.takes.is_some() { Letter::Replaced } else { Letter::Lapsed };
    let spoken_of = change.takes.as_ref().or(change.gives_up.as_ref());
    let told = Errand { bare: change.message.is_none(), ..own(booking, spoken_of, letter, now) };
    let mut owed = vec![told];
    owed.extend(own_reminders(change, rules, now));
    owed.extend(change.takes.iter().map(|visit| to_therapist(visit, booking, now)));
    owed
}

fn own(booking: &Booking, visit: Option<&Visit>, letter: Letter, now: Instant) -> Errand {
    Errand {
        to: Recipient::Resident(booking.id),
        letter,
        occasion: booking.sequence.to_string(),
        due_at: now,
        owed_at: now,
        sequence: booking.sequence,
        visit: visit.cloned(),
        number: booking.number,
        bare: false,
    }
}

/// Reminders of a time that is not the default one, for who wants them.
fn own_reminders(change: &Change, rules: &Rules, now: Instant) -> Vec<Errand> {
    let booking = &change.booking;
    let taken = change.takes.as_ref().filter(|visit| wants_own_reminder(booking, visit));
    let reminders = taken.into_iter().flat_map(|visit| {
        rules.reminder_hours.iter().map(move |hours| {
            let due_at = visit.span.starts_at() - Duration::hours(i64::from(*hours));
            let occasion = format!("{} {hours} h", visit.seat);
            Errand { occasion, due_at, ..own(booking, Some(visit), Letter::MovedReminder, now) }
        })
    });
    reminders.filter(|reminder| reminder.due_at > now).collect()
}

/// Whether the reminders that everyone gets do not serve, because they speak of another time.
fn wants_own_reminder(booking: &Booking, visit: &Visit) -> bool {
    booking.wishes.remind_of_new_time
        && booking.default_visit.as_ref().is_none_or(|default| default.span != visit.span)
}

/// A change of today is told at once; any other on the evening before, once for all changes of that day.
#[must_use]
pub fn to_therapist(visit: &Visit, booking: &Booking, now: Instant) -> Errand {
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
        number: 0,
        bare: false,
    };
    if now < evening {
        return errand(Letter::TherapistDay, day.to_string(), evening);
    }
    // After the evening letter is out, a change of tomorrow cannot wait either. Each has a letter of its own.
    errand(Letter::TherapistToday, format!("{day} {} {}", booking.id, now.timestamp()), now)
}

impl Errand {
    /// Whether it would still tell the truth. Letters for everyone do as long as the default visit that they speak of is the
    /// booking's: no resident's doing changes that.
    #[must_use]
    pub fn holds(&self, booking: &Booking) -> bool {
        let same_visit = || match (&booking.standing, &self.visit) {
            (Standing::Held(held), Some(told)) => held.seat == told.seat,
            _ => false,
        };
        let newest = self.sequence == booking.sequence || self.sequence == booking.told_sequence();
        match self.letter {
            _ if self.is_anew() => takes_over_at(booking, self.due_at),
            // It tells of an invitation to come, and of no visit.
            Letter::Announcement => true,
            letter if letter.for_everyone() => self.number == booking.number,
            // An older SEQUENCE is news of yesterday (RFC 5546, section 2.1.5). The newest is what the calendar is to show,
            // whatever was done since that changed no entry: who opted out and kept it wants it there.
            Letter::Moved | Letter::Replaced | Letter::Removed | Letter::Lapsed => newest,
            Letter::FreeTime => booking.offered_seat() == self.visit.as_ref().map(|visit| visit.seat),
            Letter::MovedReminder => booking.wishes.remind_of_new_time && same_visit(),
            Letter::NewAddress => {
                booking.asked_address(self.owed_at).is_some_and(|(_, at)| at == self.owed_at)
            }
            // Once it is decided where letters go there is nothing to tell.
            Letter::OtherAddress => self.kept_until().is_some_and(|until| takes_over_at(booking, until)),
            Letter::CalendarAnswer => {
                booking.question(self.owed_at, self.owed_at).is_some_and(|(_, done)| !done)
            }
            Letter::NearTimes => booking.unmet(self.owed_at).is_some(),
            _ => true,
        }
    }

    /// Whether it reminds of a visit that has begun: it could not leave in time, and is of no use any more.
    #[must_use]
    pub fn is_too_late(&self, now: Instant) -> bool {
        self.letter.reminds() && self.visit.as_ref().is_some_and(|visit| visit.span.starts_at() <= now)
    }

    /// Until when the seat or the address is kept that the letter speaks of; none for other letters.
    #[must_use]
    pub fn kept_until(&self) -> Option<Instant> {
        match self.letter {
            Letter::FreeTime => Instant::from_timestamp(kept_until(fixed_hour(self.owed_at)), 0),
            Letter::OtherAddress => Some(self.owed_at + Duration::days(KEPT_DAYS)),
            _ => None,
        }
    }

    /// The visit that the calendar part speaks of: none where there is no such part, or where the resident's calendar has had
    /// newer news since.
    #[must_use]
    pub fn entry(&self, booking: &Booking) -> Option<&Visit> {
        let mends = matches!(self.letter, Letter::Rearranged | Letter::Retimed | Letter::Released);
        let overtaken = mends && self.sequence < booking.told_sequence();
        self.visit.as_ref().filter(|_| !self.bare && !overtaken)
    }
}

#[cfg(test)]
#[path = "owed_tests.rs"]
mod tests;
