//! What a resident keeps with their booking beside the visit: what they would rather have, and another address for their
//! letters. Sealed with the booking; never on the roster, and nothing that a batch or a coordinator sees hangs on it.

mod formerly;

use std::fmt;

use chrono::Duration;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Booking, MoveMe, Refusal, Standing, Visit};
use crate::domain::eligibility;
use crate::domain::id::{SeatId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::time::Instant;

pub use self::formerly::{Follows, KEPT_DAYS, Proof, Reached};

/// Hours after which an address that nobody confirmed is forgotten.
const WAIT_HOURS: i64 = 48;
/// Seconds between two letters that ask for a confirmation.
const PAUSE_SECONDS: i64 = 60;
/// So many addresses from which letters came back are remembered: that of the roster, the other one, and one before them.
const RETURNED_MAX: usize = 3;
/// So many letters one booking sends to addresses that are not confirmed: a link must not serve to pester strangers.
const ASKED_MAX: u32 = 12;

/// So often a seat is kept for somebody who lets it go each time; after that they choose on their page.
const OFFERED_MAX: usize = 6;

/// An address that can be sealed and compared, and not printed.
#[derive(Clone, PartialEq, Eq)]
struct Kept(Address);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept(..)")
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Revealed to the seal, which is the only serializer that a booking meets.
        serializer.serialize_str(self.0.reveal())
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    address: Kept,
    at: Instant,
    /// Whether the letter was answered: pressed twice, its button says what already holds.
    done: bool,
}

/// What a resident keeps with their booking beside the visit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Own {
    /// What they would rather have than what the roster says.
    pub prefers: eligibility::Wishes,
    /// Whether they asked to be moved to it by itself.
    pub move_me: MoveMe,
    /// Seats that were kept for them while they waited, oldest first.
    offered: Vec<SeatId>,
    address: Option<Kept>,
    asked: Option<Asked>,
    /// The address that the roster had before it got another one.
    formerly: Option<formerly::Formerly>,
    /// How often a letter was sent to an address that was not confirmed.
    letters: u32,
    /// When the last of them was asked for: stays where the address is taken back.
    last: Option<Instant>,
    /// Whether a code for the survey was given out to them. Which one, nothing says.
    pub has_code: bool,
    /// The visit that was given up by the last move.
    pub(super) before: Option<Visit>,
    /// The therapists who have a follow-up for them, or had one lately: whose rows their page looks into.
    pub follow_ups: Vec<TherapistId>,
    /// Keyed hashes of the addresses from which letters came back for good.
    returned: Vec<String>,
}

impl Booking {
    /// Where the resident wants their letters, if not at the address of the roster.
    #[must_use]
    pub fn own_address(&self) -> Option<&Address> {
        self.own.address.as_ref().map(|kept| &kept.0)
    }

    /// The address that was asked for and not confirmed yet, and when.
    #[must_use]
    pub fn asked_address(&self, now: Instant) -> Option<(&Address, Instant)> {
        let asked = self.own.asked.as_ref().filter(|asked| !asked.done);
        asked.and_then(|_| self.confirmable_address(now))
    }

    /// The same, and the one that was confirmed lately: its button may be pressed twice.
    #[must_use]
    pub fn confirmable_address(&self, now: Instant) -> Option<(&Address, Instant)> {
        let asked = self.own.asked.as_ref().filter(|asked| now - asked.at < Duration::hours(WAIT_HOURS));
        asked.map(|asked| (&asked.address.0, asked.at))
    }

    /// Asks for letters to go elsewhere: nothing changes before the letter to that address is answered.
    ///
    /// # Errors
    /// [`Refusal::AskedJustNow`] within a minute, [`Refusal::AskedTooOften`] after a dozen letters.
    pub fn asks_for(&self, address: Address, now: Instant) -> Result<Self, Refusal> {
        if self.own.last.is_some_and(|last| now - last < Duration::seconds(PAUSE_SECONDS)) {
            return Err(Refusal::AskedJustNow);
        }
        if self.own.letters >= ASKED_MAX {
            return Err(Refusal::AskedTooOften);
        }
        let mut booking = self.clone();
        booking.own.asked = Some(Asked { address: Kept(address), at: now, done: false });
        booking.own.letters += 1;
        booking.own.last = Some(now);
        Ok(booking)
    }

    /// Sends letters to the address that was asked for, from now on. None where none was, or not lately.
    #[must_use]
    pub fn confirmed(&self, now: Instant) -> Option<Self> {
        let (address, at) = self.confirmable_address(now)?;
        let address = Kept(address.clone());
        let mut booking = self.clone();
        booking.forgets_what_is_over(now);
        booking.own.asked = Some(Asked { address: address.clone(), at, done: true });
        booking.own.address = Some(address);
        // Whoever presses the button got the letter.
        booking.own.returned.clear();
        Some(booking)
    }

    /// Sends letters to the address of the roster again, and forgets one that was asked for.
    #[must_use]
    pub fn at_the_rosters_address(&self, now: Instant) -> Self {
        let mut booking = self.clone();
        if self.own.address.is_some() {
            booking.sees_both_again(now);
        }
        (booking.own.address, booking.own.asked) = (None, None);
        // Asked for by who must know: it is tried again.
        booking.own.returned.clear();
        booking
    }

    /// How often a seat was kept for somebody who waits for one, if they do and it may be again. Only who waits since the
    /// batch counts: that somebody's own choice was lost nobody else knows, and a letter could tell it.
    #[must_use]
    pub fn waits_for_a_seat(&self) -> Option<usize> {
        let waits =
            self.standing == Standing::Waiting && self.default_visit.is_none() && !self.wishes.no_letters;
        Some(self.own.offered.len()).filter(|offered| waits && *offered < OFFERED_MAX)
    }

    /// The seat that was last kept for somebody who still waits.
    #[must_use]
    pub fn offered_seat(&self) -> Option<SeatId> {
        self.own.offered.last().copied().filter(|_| self.standing == Standing::Waiting)
    }

    /// Notes that a seat is kept for them; none where it was before: each seat is told of once.
    #[must_use]
    pub fn offered(&self, seat: SeatId) -> Option<Self> {
        self.waits_for_a_seat().filter(|_| !self.own.offered.contains(&seat))?;
        let mut booking = self.clone();
        booking.own.offered.push(seat);
        Some(booking)
    }

    /// Whether letters came back from an address, of which the keyed hash is given: then none goes there. Ends by itself where
    /// the address changes, because another one has another hash.
    #[must_use]
    pub fn came_back_from(&self, key: &str) -> bool {
        self.own.returned.iter().any(|returned| returned == key)
    }

    /// Sends no letter to an address any more. None where that is so already.
    #[must_use]
    pub fn without_address(&self, key: &str) -> Option<Self> {
        if self.came_back_from(key) {
            return None;
        }
        let mut booking = self.clone();
        booking.own.returned.push(key.to_owned());
        let surplus = booking.own.returned.len().saturating_sub(RETURNED_MAX);
        booking.own.returned.drain(..surplus);
        Some(booking)
    }

    /// The visit that the last move gave up, while it could still be had back by its time.
    #[must_use]
    pub fn came_from(&self, now: Instant) -> Option<&Visit> {
        let before = self.own.before.as_ref().filter(|before| before.span.starts_at() > now);
        before.filter(|before| self.visit().is_some_and(|held| held.seat != before.seat))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Wishes;
    use super::super::tests::{at as instant, booked, visit};
    use super::*;
    use crate::domain::id::BookingId;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn address(text: &str) -> Address {
        text.parse().ok().unwrap()
    }

    fn booking() -> Booking {
        Booking::new(BookingId::from_bytes([1; 16]), None)
    }

    #[test]
    fn a_booking_that_is_printed_tells_no_address() {
        let booking = booking().asks_for(address("ann@home.example"), at("2027-06-20T15:00:00Z")).unwrap();
        let printed = format!("{booking:?}");
        assert!(printed.contains("Kept(..)") && !printed.contains("home"), "{printed}");
    }

    #[test]
    fn letters_stay_away_from_an_address_until_it_changes_or_is_asked_for() {
        let booking = booking().without_address("a").unwrap();
        assert!(booking.came_back_from("a") && !booking.came_back_from("b"));
        assert!(booking.without_address("a").is_none(), "told twice, nothing changes");
        let now = at("2027-06-20T15:00:00Z");
        assert!(!booking.at_the_rosters_address(now).came_back_from("a"));
        let confirmed = booking.asks_for(address("ann@home.example"), now).unwrap().confirmed(now).unwrap();
        assert!(!confirmed.came_back_from("a"));
        let many =
            ["b", "c", "d"].into_iter().fold(booking, |booking, key| booking.without_address(key).unwrap());
        assert!(many.came_back_from("d") && !many.came_back_from("a"));
    }

    #[test]
    fn nothing_goes_elsewhere_before_it_is_confirmed_and_it_can_be_undone() {
        let now = at("2027-06-20T15:00:00Z");
        let asked = booking().asks_for(address("ann@home.example"), now).unwrap();
        assert!(asked.own_address().is_none());
        assert_eq!(asked.asked_address(now).unwrap().0.reveal(), "ann@home.example");
        let confirmed = asked.confirmed(now + Duration::hours(47)).unwrap();
        assert_eq!(confirmed.own_address().unwrap().reveal(), "ann@home.example");
        assert_eq!(confirmed.confirmed(now).as_ref(), Some(&confirmed), "pressed twice, it says what holds");
        assert!(confirmed.asked_address(now).is_none());
        assert!(confirmed.at_the_rosters_address(now).own_address().is_none());
        assert!(asked.confirmed(now + Duration::hours(48)).is_none());
    }

    #[test]
    fn who_waits_is_told_of_each_seat_once_and_not_for_ever() {
        let mut waiting = booking();
        for n in 0..6 {
            assert_eq!(waiting.waits_for_a_seat(), Some(usize::from(n)));
            waiting = waiting.offered(SeatId::from_bytes([n; 16])).unwrap();
            assert_eq!(waiting.offered(SeatId::from_bytes([n; 16])), None);
        }
        assert_eq!(waiting.offered_seat(), Some(SeatId::from_bytes([5; 16])));
        assert_eq!((waiting.waits_for_a_seat(), waiting.offered(SeatId::from_bytes([9; 16]))), (None, None));
        assert!(serde_json::to_vec(&waiting).unwrap().len() < 1_000);
    }

    #[test]
    fn a_seat_is_kept_only_for_who_waits_since_the_batch_and_wants_letters() {
        let waiting = booking();
        assert!(waiting.waits_for_a_seat().is_some() && !waiting.was_offered_seats());
        assert!(waiting.offered(SeatId::from_bytes([1; 16])).unwrap().was_offered_seats());
        let silent = Booking { wishes: Wishes { no_letters: true, ..Wishes::default() }, ..booking() };
        assert_eq!(silent.waits_for_a_seat(), None);
        assert_eq!(booked().waits_for_a_seat(), None, "they have one");
        let alone = booked().replaced(None).unwrap().booking;
        assert_eq!(alone.waits_for_a_seat(), None, "nobody else knows that what they chose was lost");
        let took = waiting.take(visit(2, 200), instant(0), instant(0)).unwrap().booking;
        assert_eq!((took.waits_for_a_seat(), took.offered_seat()), (None, None), "they found one themselves");
    }

    #[test]
    fn a_link_does_not_serve_to_pester_strangers() {
        let mut now = at("2027-06-20T15:00:00Z");
        let mut asked = booking();
        for _ in 0..ASKED_MAX {
            asked = asked.at_the_rosters_address(now).asks_for(address("ann@home.example"), now).unwrap();
            assert_eq!(asked.asks_for(address("b@home.example"), now), Err(Refusal::AskedJustNow));
            now += Duration::minutes(1);
        }
        assert_eq!(asked.asks_for(address("ann@home.example"), now), Err(Refusal::AskedTooOften));
    }

    #[test]
    fn an_address_is_sealed_with_the_booking_and_never_printed() {
        let now = at("2027-06-20T15:00:00Z");
        let asked = booking().asks_for(address("ann@home.example"), now).unwrap();
        let confirmed = asked.confirmed(now).unwrap();
        assert!(!format!("{asked:?}{confirmed:?}").contains("home.example"));
        let again: Booking = serde_json::from_str(&serde_json::to_string(&confirmed).unwrap()).unwrap();
        assert_eq!(again, confirmed);
    }
}
