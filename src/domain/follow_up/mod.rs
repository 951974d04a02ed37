//! Follow-ups: another visit that a therapist offers to somebody they have seen, privately. Outside every plan and every
//! release; never a mark, and nothing clinical.
//!
//! A follow-up uses a seat that residents may take, or a time that the therapist does not offer to anybody. So nothing that
//! a batch can fill is ever used, and no plan hangs on one.

use chrono::{Duration, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::booking::Visit;
use super::id::{BookingId, FollowUpId, SeatId, SlotId, TherapistId};
use super::offering::Rules;
use super::people::Modality;
use super::time::{Instant, Span, Zone};

mod typed;

pub use typed::{Engaged, typed};

/// Live ones of one therapist.
pub const THERAPIST_MAX: usize = 60;
/// Live ones for one resident, of all therapists together.
pub const RESIDENT_MAX: usize = 4;
/// So many are remembered of one therapist at all: what does not fit the size at which they are sealed is never tried.
const KEPT_MAX: usize = 84;
/// An offer waits so many days for an answer.
const ANSWER_DAYS: i64 = 7;
/// What came to an end is remembered so many days: calendars need to be told that it is off.
const REMEMBERED_DAYS: i64 = 35;

/// Where the time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// A seat that residents may take.
    Seat(SeatId, SlotId),
    /// Outside the hours that are offered: as it was typed, by the clock on the therapist's wall.
    Typed(NaiveDateTime),
}

/// Where a follow-up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It waits for an answer, until the moment.
    Offered(Instant),
    /// The resident took it.
    Taken,
    /// The resident did not want it.
    Declined,
    /// The resident took it and gave it up.
    GivenUp,
    /// Nobody answered in time.
    Lapsed,
    /// The therapist took it back, or is away then.
    Withdrawn,
}

/// One follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Opaque; also the UID of its calendar entry.
    #[serde(rename = "i")]
    pub id: FollowUpId,
    /// Whom it is for.
    #[serde(rename = "b")]
    pub booking: BookingId,
    /// When it is.
    #[serde(rename = "w")]
    pub span: Span,
    /// The therapist's zone.
    #[serde(rename = "z")]
    pub zone: Zone,
    /// How it is attended.
    #[serde(rename = "m")]
    pub modality: Modality,
    /// Where its time comes from.
    #[serde(rename = "h")]
    pub held: Held,
    /// Where it stands.
    #[serde(rename = "s")]
    pub state: State,
    /// Whether the resident asked for a calendar entry, so that one was owed and is taken back when it ends.
    #[serde(rename = "e")]
    pub entry: bool,
    /// How often it changed: the SEQUENCE in the therapist's feed, and of the entry.
    #[serde(rename = "n")]
    pub changes: u32,
    /// When it last changed.
    #[serde(rename = "c")]
    pub changed_at: Instant,
}

impl FollowUp {
    /// Whether its time is held: offered and not lapsed, or taken and not over.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        match self.state {
            State::Offered(until) => now < until,
            State::Taken => now < self.span.ends_at(),
            _ => false,
        }
    }

    /// Whether its seat and its calendar entries stand: of an offer that lapsed, until the next fixed hour sees to it.
    #[must_use]
    pub const fn stands(&self) -> bool {
        matches!(self.state, State::Offered(_) | State::Taken)
    }

    /// As letters know a visit. What was typed has no seat; its own identifier stands there.
    #[must_use]
    pub fn as_visit(&self, therapist: TherapistId) -> Visit {
        let own = *self.id.as_bytes();
        let (seat, slot) = match self.held {
            Held::Seat(seat, slot) => (seat, slot),
            Held::Typed(_) => (SeatId::from_bytes(own), SlotId::from_bytes(own)),
        };
        let (span, modality) = (self.span, self.modality);
        Visit { seat, slot, therapist, therapist_zone: self.zone, span, block: span, modality }
    }

    /// The seat that it uses.
    #[must_use]
    pub const fn seat(&self) -> Option<SeatId> {
        match self.held {
            Held::Seat(seat, _) => Some(seat),
            Held::Typed(_) => None,
        }
    }

    fn becomes(&self, state: State, now: Instant) -> Self {
        Self { state, changes: self.changes + 1, changed_at: now, ..self.clone() }
    }

    /// When it can be forgotten.
    fn forgotten_at(&self) -> Instant {
        self.changed_at.max(self.span.ends_at()) + Duration::days(REMEMBERED_DAYS)
    }
}

/// One therapist's follow-ups. Sealed at one size, whatever there is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FollowUps {
    all: Vec<FollowUp>,
}

/// What is to be offered.
#[derive(Debug, Clone)]
pub struct Offer<'a> {
    /// Drawn by the caller.
    pub id: FollowUpId,
    /// For whom.
    pub booking: BookingId,
    /// When.
    pub span: Span,
    /// The therapist's zone.
    pub zone: Zone,
    /// How it is attended.
    pub modality: Modality,
    /// Where the time comes from.
    pub held: Held,
    /// Whether the resident asked for a calendar entry.
    pub entry: bool,
    /// Every other time that is held for the resident: their visit, and follow-ups of all therapists.
    pub theirs: &'a [Span],
    /// How many of those are follow-ups.
    pub live: usize,
    /// When their page closes.
    pub page_ends: Instant,
}

/// A follow-up that changed, with all others of its therapist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// All of the therapist's, afterwards.
    pub all: FollowUps,
    /// The one that changed, afterwards.
    pub one: FollowUp,
}

/// Why a follow-up is not offered or not changed. Each is a sentence for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It begins within the offering's notice.
    #[error("that time begins too soon to be answered; choose a later one")]
    TooSoon,
    /// The resident's page is closed by then.
    #[error("that time is after their page closes; choose an earlier one")]
    TooLate,
    /// Clocks jump over it.
    #[error("clocks skip that time on that day; choose another one")]
    Skipped,
    /// A batch might plan there.
    #[error(
        "that time lies in hours that you offer to everybody; take it out of your hours first, or choose another one"
    )]
    InHours,
    /// A slot of the therapist is there.
    #[error("a visit may be booked with you then; choose another time")]
    SlotThere,
    /// The therapist's calendar is busy.
    #[error("your calendar is busy then; choose another time")]
    Busy,
    /// The therapist is away.
    #[error("you blocked that time; choose another one")]
    Away,
    /// The therapist offered that time to somebody.
    #[error("you offered that time to somebody already; choose another one")]
    Offered,
    /// The resident has something else then.
    #[error("another time of theirs is then; choose another one")]
    Theirs,
    /// The resident has enough.
    #[error("four more visits are offered to them already; wait until one was, or take one back")]
    EnoughForThem,
    /// The therapist has enough.
    #[error("you have sixty offers open; wait until some were, or take some back")]
    EnoughForYou,
    /// There is no such offer any more.
    #[error("this time is no longer held for you")]
    Gone,
    /// It has begun.
    #[error("this visit has already begun")]
    HasBegun,
}

impl FollowUps {
    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &FollowUp> {
        self.all.iter()
    }

    /// Those for one resident's booking.
    pub fn of(&self, booking: BookingId) -> impl Iterator<Item = &FollowUp> {
        self.all.iter().filter(move |one| one.booking == booking)
    }

    /// The one of an identifier.
    #[must_use]
    pub fn one(&self, id: FollowUpId) -> Option<&FollowUp> {
        self.all.iter().find(|one| one.id == id)
    }

    /// Offers one. Its time is held until it is answered, for a week at most, and never into the notice before it begins.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn offer(&self, offer: &Offer<'_>, rules: &Rules, now: Instant) -> Result<Changed, Refusal> {
        let starts_at = offer.span.starts_at();
        if starts_at <= rules.earliest_start(now) {
            return Err(Refusal::TooSoon);
        }
        if offer.page_ends < offer.span.ends_at() {
            return Err(Refusal::TooLate);
        }
        if self.all.iter().filter(|one| one.stands()).any(|one| one.span.overlaps(&offer.span)) {
            return Err(Refusal::Offered);
        }
        if offer.theirs.iter().any(|span| span.overlaps(&offer.span)) {
            return Err(Refusal::Theirs);
        }
        if offer.live >= RESIDENT_MAX {
            return Err(Refusal::EnoughForThem);
        }
        let mut all = self.tidied(now);
        if all.all.iter().filter(|one| one.stands()).count() >= THERAPIST_MAX {
            return Err(Refusal::EnoughForYou);
        }
        let notice = Duration::hours(i64::from(rules.notice_hours));
        let until = (now + Duration::days(ANSWER_DAYS)).min(starts_at - notice);
        let Offer { id, booking, span, zone, modality, held, entry, .. } = *offer;
        let state = State::Offered(until);
        let one =
            FollowUp { id, booking, span, zone, modality, held, state, entry, changes: 0, changed_at: now };
        all.all.push(one.clone());
        Ok(Changed { all, one })
    }

    /// The resident takes it. Done twice, it says what already holds.
    ///
    /// # Errors
    /// [`Refusal::Gone`] where it is not offered any more, [`Refusal::Theirs`] where they have something else then.
    pub fn take(&self, id: FollowUpId, theirs: &[Span], now: Instant) -> Result<Option<Changed>, Refusal> {
        let one = self.one(id).ok_or(Refusal::Gone)?;
        match one.state {
            State::Taken => Ok(None),
            State::Offered(_) if one.holds(now) => {
                if theirs.iter().any(|span| span.overlaps(&one.span)) {
                    return Err(Refusal::Theirs);
                }
                Ok(Some(self.with(one.becomes(State::Taken, now))))
            }
            _ => Err(Refusal::Gone),
        }
    }

    /// The resident does not want it, or gives it up. Done twice, it says what already holds.
    ///
    /// # Errors
    /// [`Refusal::HasBegun`] once it began, [`Refusal::Gone`] where it ended otherwise.
    pub fn leave(&self, id: FollowUpId, now: Instant) -> Result<Option<Changed>, Refusal> {
        let one = self.one(id).ok_or(Refusal::Gone)?;
        match one.state {
            State::Declined | State::GivenUp => Ok(None),
            State::Offered(_) => Ok(Some(self.with(one.becomes(State::Declined, now)))),
            State::Taken if one.span.starts_at() <= now => Err(Refusal::HasBegun),
            State::Taken => Ok(Some(self.with(one.becomes(State::GivenUp, now)))),
            State::Lapsed | State::Withdrawn => Err(Refusal::Gone),
        }
    }

    /// The therapist takes it back. Where it came to an end already, there is nothing to do.
    ///
    /// # Errors
    /// [`Refusal::Gone`] where there is none, [`Refusal::HasBegun`] once a taken one began.
    pub fn withdraw(&self, id: FollowUpId, now: Instant) -> Result<Option<Changed>, Refusal> {
        let one = self.one(id).ok_or(Refusal::Gone)?;
        match one.state {
            State::Taken if one.span.starts_at() <= now => Err(Refusal::HasBegun),
            _ if one.stands() => Ok(Some(self.with(one.becomes(State::Withdrawn, now)))),
            _ => Ok(None),
        }
    }

    /// Those that nobody answered in time; the ones that changed, and all afterwards.
    #[must_use]
    pub fn lapsed(&self, now: Instant) -> (Self, Vec<FollowUp>) {
        let over = |one: &FollowUp| matches!(one.state, State::Offered(until) if until <= now);
        let (all, lapsed) = self.each(over, State::Lapsed, now);
        (all.tidied(now), lapsed)
    }

    /// The same of those that cannot be held, because the therapist is away then.
    #[must_use]
    pub fn closed(&self, closes: impl Fn(&Span) -> bool, now: Instant) -> (Self, Vec<FollowUp>) {
        let lost = |one: &FollowUp| one.stands() && now < one.span.starts_at() && closes(&one.span);
        self.each(lost, State::Withdrawn, now)
    }

    /// The rest, and those that are for bookings which are erased.
    #[must_use]
    pub fn without(&self, erased: impl Fn(BookingId) -> bool) -> (Self, Vec<FollowUp>) {
        let (gone, all) = self.all.iter().cloned().partition(|one| erased(one.booking));
        (Self { all }, gone)
    }

    fn each(&self, ends: impl Fn(&FollowUp) -> bool, state: State, now: Instant) -> (Self, Vec<FollowUp>) {
        let ended: Vec<FollowUp> =
            self.all.iter().filter(|one| ends(one)).map(|one| one.becomes(state, now)).collect();
        let all = ended.iter().fold(self.clone(), |all, one| all.with(one.clone()).all);
        (all, ended)
    }

    fn with(&self, one: FollowUp) -> Changed {
        let mut all = self.clone();
        all.all.iter_mut().filter(|other| other.id == one.id).for_each(|other| other.clone_from(&one));
        Changed { all, one }
    }

    /// Without what is over for long, and without the oldest of what came to an end where there is no room.
    fn tidied(&self, now: Instant) -> Self {
        let mut all: Vec<FollowUp> =
            self.all.iter().filter(|one| now < one.forgotten_at()).cloned().collect();
        all.sort_by_key(|one| (one.holds(now) || one.stands(), one.changed_at, one.id));
        let too_many = all.len().saturating_sub(KEPT_MAX - 1);
        Self { all: all.split_off(too_many) }
    }
}

/// The therapists whose rows a resident's page looks into: those that have something to show, and one more.
#[must_use]
pub fn remembered(known: &[(TherapistId, bool)], new: TherapistId) -> Vec<TherapistId> {
    let mut all: Vec<TherapistId> = known.iter().filter(|(_, shows)| *shows).map(|(id, _)| *id).collect();
    if !all.contains(&new) {
        all.push(new);
    }
    // Never more: each can have something that holds, and no more than so many hold at once.
    let too_many = all.len().saturating_sub(2 * RESIDENT_MAX);
    all.split_off(too_many)
}

#[cfg(test)]
mod tests;
