//! One resident's place in one offering: its states and every allowed change, as decisions and refusals.
//! Never reads a clock, and never knows a name.

use serde::{Deserialize, Serialize};

use super::id::{BookingId, SeatId, SlotId, TherapistId};
use super::language::Language;
use super::people::Modality;
use super::time::{Instant, Span, Zone};

mod answered;
mod history;
mod mended;
mod own;
mod retimed;
mod skipped;
mod wished;

pub use self::answered::{Answered, Wanted};
pub use self::history::{Deed, Hand, KEPT, Line};
pub use self::mended::Mended;
pub use self::own::{Follows, KEPT_DAYS, Own, Proof, Reached};
pub use self::retimed::Retimed;
pub use self::wished::MoveMe;

/// A visit that somebody has or had: a seat, and what must be known of it without looking further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The seat.
    pub seat: SeatId,
    /// The slot that the seat is in.
    pub slot: SlotId,
    /// Who holds it.
    pub therapist: TherapistId,
    /// The therapist's zone, in which their day ends.
    pub therapist_zone: Zone,
    /// When it is.
    pub span: Span,
    /// The protected block that it lies in: what letters speak of.
    pub block: Span,
    /// How it is attended.
    pub modality: Modality,
}

/// Where a booking stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The batch found no seat.
    Waiting,
    /// A seat is held.
    Held(Visit),
    /// The resident opted out of this visit.
    OptedOut(Visit),
}

/// A therapist's note on a visit. Nothing clinical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The resident came.
    Kept,
    /// The resident did not come.
    Missed,
}

/// What becomes of the calendar entry when a resident opts out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// It stays, as protected time: nothing is sent.
    Keep,
    /// A CANCEL removes it.
    Remove,
}

/// What a resident asked for behind their link about mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// Mail a confirmation of each change.
    pub confirm_by_mail: bool,
    /// After a move, remind of the new time.
    pub remind_of_new_time: bool,
    /// Send no letters any more.
    pub no_letters: bool,
    /// Send no reminders any more, and everything else.
    #[serde(default)]
    pub no_reminders: bool,
    /// The language of pages and letters; none where the resident never chose one.
    #[serde(default)]
    pub language: Option<Language>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            confirm_by_mail: false,
            remind_of_new_time: true,
            no_letters: false,
            no_reminders: false,
            language: None,
        }
    }
}

/// A visit that has begun, with its mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Past {
    visit: Visit,
    mark: Option<Mark>,
}

/// How many visits that did not come about are remembered beside the present one.
const PAST_MAX: usize = 3;

/// One resident's place in one offering. Its content is sealed at one size, whatever happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Opaque identifier.
    pub id: BookingId,
    /// What a batch booked: letters for everyone hang on it, whatever the resident did since.
    pub default_visit: Option<Visit>,
    /// How often the default visit was lost or given again: depends on nothing that the resident did.
    #[serde(default)]
    pub number: u32,
    /// Whether a default visit was lost of which the resident had been told. Depends on nothing that they did.
    #[serde(default)]
    pub told: bool,
    /// Of a visit that was lost after the resident opted out of it, and so has no way back: what became of the entry
    /// when they opted out. None where a visit is held.
    #[serde(default)]
    shut: Option<Entry>,
    /// Where it stands.
    pub standing: Standing,
    /// The SEQUENCE of the newest calendar message (RFC 5546, section 2.1.4).
    pub sequence: u32,
    /// Whether the last calendar message put an entry into the resident's calendar.
    pub on_calendar: bool,
    /// The therapist's mark on the present visit.
    pub mark: Option<Mark>,
    past: Vec<Past>,
    /// About mail.
    pub wishes: Wishes,
    /// What the resident keeps here beside the visit.
    #[serde(default)]
    pub own: Own,
    /// What answers of a calendar program left here.
    #[serde(default)]
    answered: Answered,
    /// The SEQUENCE that was the newest when numbers were left out, and the one after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skipped: Option<(u32, u32)>,
}

/// Why a change does not happen. Each is a sentence for the resident or the therapist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is held that could be changed.
    #[error("no visit is held for you at present")]
    NothingHeld,
    /// The visit has begun or is over.
    #[error("this visit has already begun")]
    HasBegun,
    /// A visit that was kept is not booked again here.
    #[error("this visit took place; your therapist can offer another one")]
    TookPlace,
    /// The new time begins too soon.
    #[error("that time begins too soon; choose a later one")]
    TooSoon,
    /// The two cannot meet in the way that was asked for.
    #[error("this visit cannot be attended in that way")]
    NotThatWay,
    /// A mark before the visit begins.
    #[error("a visit is marked once it has begun")]
    NotYet,
    /// The therapist holds no such visit.
    #[error("there is no such visit to mark")]
    NoSuchVisit,
    /// So many visits were booked again that the clinic should be asked.
    #[error("this was booked again several times; please speak to the clinic")]
    TooOften,
    /// A letter to a new address was asked for within the last minute.
    #[error("a letter to a new address has just been sent; wait a minute before asking for another")]
    AskedJustNow,
    /// Too many letters to new addresses were asked for.
    #[error("too many letters to new addresses were asked for; please speak to the office")]
    AskedTooOften,
}

/// What a change does to seats and to the resident's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The booking as it is afterwards.
    pub booking: Booking,
    /// The visit that was given up.
    pub gives_up: Option<Visit>,
    /// The visit whose seat is taken.
    pub takes: Option<Visit>,
    /// The calendar message that is owed to the resident.
    pub message: Option<Message>,
}

/// A calendar message to the resident (RFC 5546, sections 3.2.2 and 3.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// New or moved.
    Request,
    /// The entry is to go.
    Cancel,
}

impl Booking {
    /// A booking as the batch makes it: with a visit, or waiting for one.
    #[must_use]
    pub fn new(id: BookingId, visit: Option<Visit>) -> Self {
        Self {
            id,
            standing: visit.clone().map_or(Standing::Waiting, Standing::Held),
            on_calendar: visit.is_some(),
            default_visit: visit,
            number: 0,
            told: false,
            shut: None,
            sequence: 0,
            mark: None,
            past: Vec::new(),
            wishes: Wishes::default(),
            own: Own::default(),
            answered: Answered::default(),
            skipped: None,
        }
    }

    /// The visit that is held.
    #[must_use]
    pub const fn visit(&self) -> Option<&Visit> {
        match &self.standing {
            Standing::Held(visit) => Some(visit),
            Standing::Waiting | Standing::OptedOut(_) => None,
        }
    }

    /// Opts out. Nobody asks why. Done twice, it says what already holds.
    ///
    /// # Errors
    /// [`Refusal::NothingHeld`] where the batch found no seat, [`Refusal::HasBegun`] once the visit began.
    pub fn opt_out(&self, entry: Entry, now: Instant) -> Result<Change, Refusal> {
        let visit = match &self.standing {
            Standing::Waiting => return Err(Refusal::NothingHeld),
            // A second press may still ask for the entry to be removed.
            Standing::OptedOut(_) => {
                let booking = self.clone().remove_entry(entry);
                let message = (booking.sequence > self.sequence).then_some(Message::Cancel);
                return Ok(Change { booking, gives_up: None, takes: None, message });
            }
            Standing::Held(visit) if visit.span.starts_at() <= now => return Err(Refusal::HasBegun),
            Standing::Held(visit) => visit.clone(),
        };
        let removed = self.clone().remove_entry(entry);
        let message = (removed.sequence > self.sequence).then_some(Message::Cancel);
        let mut booking = Self { standing: Standing::OptedOut(visit.clone()), ..removed };
        booking.changed_otherwise();
        Ok(Change { booking, gives_up: Some(visit), takes: None, message })
    }

    fn remove_entry(self, entry: Entry) -> Self {
        match entry {
            Entry::Remove if self.on_calendar => {
                Self { on_calendar: false, sequence: self.sequence + 1, ..self }
            }
            // It went with the visit that was lost, and is not wanted back.
            Entry::Remove => Self { shut: self.shut.map(|_| Entry::Remove), ..self },
            Entry::Keep => self,
        }
    }

    /// The visit that the resident opted out of, if it could still be had back by its time and was not lost since.
    #[must_use]
    pub fn way_back(&self, now: Instant) -> Option<&Visit> {
        match &self.standing {
            Standing::OptedOut(visit) if visit.span.starts_at() > now && self.shut.is_none() => Some(visit),
            _ => None,
        }
    }

    /// Whether another time may be chosen.
    ///
    /// # Errors
    /// [`Refusal::TookPlace`] after a visit that was kept, [`Refusal::TooOften`] where memory is full.
    pub fn may_choose(&self, now: Instant) -> Result<(), Refusal> {
        if self.mark == Some(Mark::Kept) || self.past.iter().any(|p| p.mark == Some(Mark::Kept)) {
            return Err(Refusal::TookPlace);
        }
        let begun = self.visit().is_some_and(|visit| visit.span.starts_at() <= now);
        if begun && self.past.len() >= PAST_MAX {
            return Err(Refusal::TooOften);
        }
        Ok(())
    }

    /// Takes another visit: a move, a return after opting out, or a second try after a missed visit.
    ///
    /// # Errors
    /// As [`Booking::may_choose`], and [`Refusal::TooSoon`] before `earliest_start`.
    pub fn take(&self, to: Visit, now: Instant, earliest_start: Instant) -> Result<Change, Refusal> {
        self.may_choose(now)?;
        let before = self.visit().or_else(|| self.way_back(now)).cloned();
        if let Standing::Held(held) = &self.standing
            && held.seat == to.seat
        {
            return Ok(Change { booking: self.clone(), gives_up: None, takes: None, message: None });
        }
        let had_before = self.way_back(now).or_else(|| self.came_from(now));
        let returns = had_before.is_some_and(|visit| visit.seat == to.seat);
        // Who only takes back what they had is not held to the notice of a new booking.
        if to.span.starts_at() <= now || (!returns && to.span.starts_at() < earliest_start) {
            return Err(Refusal::TooSoon);
        }
        let mut booking = self.clone();
        let gives_up = match self.visit() {
            Some(held) if held.span.starts_at() <= now => {
                booking.past.push(Past { visit: held.clone(), mark: self.mark });
                None
            }
            held => held.cloned(),
        };
        booking.mark = None;
        booking.own.before.clone_from(&gives_up);
        let same_time = before.is_some_and(|visit| visit.span == to.span);
        let message = (!self.on_calendar || !same_time).then_some(Message::Request);
        if message.is_some() {
            booking.sequence += 1;
            booking.on_calendar = true;
        }
        booking.standing = Standing::Held(to.clone());
        booking.shut = None;
        booking.changed_otherwise();
        Ok(Change { booking, gives_up, takes: Some(to), message })
    }

    /// Marks a visit that has begun as kept or missed, or takes the mark back.
    ///
    /// # Errors
    /// [`Refusal::NoSuchVisit`] where this booking never held the seat, [`Refusal::NotYet`] before it begins.
    pub fn marked(&self, seat: SeatId, mark: Option<Mark>, now: Instant) -> Result<Self, Refusal> {
        let mut booking = self.clone();
        if let Some(visit) = self.visit().filter(|visit| visit.seat == seat) {
            if visit.span.starts_at() > now {
                return Err(Refusal::NotYet);
            }
            booking.mark = mark;
            return Ok(booking);
        }
        let past = booking.past.iter_mut().find(|past| past.visit.seat == seat);
        past.ok_or(Refusal::NoSuchVisit)?.mark = mark;
        Ok(booking)
    }

    /// The visit in a seat, present or past.
    #[must_use]
    pub fn visit_in(&self, seat: SeatId) -> Option<&Visit> {
        let past = self.past.iter().map(|past| &past.visit);
        self.visit().into_iter().chain(past).find(|visit| visit.seat == seat)
    }

    /// The mark on the visit in a seat, present or past.
    #[must_use]
    pub fn mark_of(&self, seat: SeatId) -> Option<Mark> {
        match self.visit() {
            Some(visit) if visit.seat == seat => self.mark,
            _ => self.past.iter().find(|past| past.visit.seat == seat).and_then(|past| past.mark),
        }
    }

    /// The one fact that a release counts: whether at least one visit was kept. Unmarked visits were not.
    #[must_use]
    pub fn attended(&self) -> bool {
        self.mark == Some(Mark::Kept) || self.past.iter().any(|past| past.mark == Some(Mark::Kept))
    }
}

#[cfg(test)]
#[path = "booking_tests.rs"]
mod tests;
