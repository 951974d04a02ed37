//! What becomes of letters when whoever keeps the roster gives another address: whether they go on for a while to the one that
//! it had. Nothing here depends on what became of a visit, and nothing of it is told to who gave the address.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::super::Booking;
use super::Kept;
use crate::domain::identity::Address;
use crate::domain::time::Instant;

/// For so many days letters go on to the address that the roster had, where the link may lie there: long enough for a week
/// away, and short enough that whoever lost that mailbox is not left without letters.
pub const KEPT_DAYS: i64 = 7;

/// Whether the link reached the address that the roster has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// The invitation has not left, nor anything else with the link.
    NotYet,
    /// Whatever left with the link did not arrive.
    Never,
    /// It may lie there, so its reader is as good as known.
    Perhaps,
}

/// What follows from another address on the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// The new one takes over, before anybody has a link.
    TakesOver,
    /// The new one takes over, and is invited at once.
    Invites,
    /// Letters go on to the old one for a while, and it is told.
    Keeps,
    /// Letters go where they went all along.
    Nothing,
}

/// What tells whether the link reached the address of the roster, beside the letters that everyone gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Nothing.
    Nothing,
    /// The invitation that was owed once more when the address took over.
    Invitation,
    /// It was there before.
    Known,
}

/// The address that the roster had, and since when it has another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Formerly {
    /// None where the link never reached it, where letters came back from it, and once it was let go.
    address: Option<Kept>,
    /// When the other one came onto the roster, or was chosen: from then on the days are counted.
    since: Instant,
    proof: Proof,
}

impl Booking {
    /// What follows where the roster has the address `after` in the place of `before`, which the link reached or not. Within
    /// the days of an earlier change the address that is kept stays the one that is kept, and the days begin anew.
    #[must_use]
    pub fn readdressed(
        &self,
        before: &Address,
        after: &Address,
        reached: Reached,
        now: Instant,
    ) -> (Self, Follows) {
        let kept = match self.own_address() {
            // Letters go elsewhere, so nobody is asked, and the first one stays the one that is known.
            Some(_) => Some(self.old_address().unwrap_or(before).clone()),
            None => self.kept_address(now).map(|(kept, _)| kept.clone()),
        };
        let (follows, address, proof) = match (kept, reached) {
            (Some(kept), _) if kept == *after => (Follows::Nothing, None, Proof::Known),
            (Some(kept), _) => (Follows::Keeps, Some(kept), Proof::Invitation),
            (None, Reached::Perhaps) => (Follows::Keeps, Some(before.clone()), Proof::Invitation),
            (None, Reached::Never) => (Follows::Invites, None, Proof::Invitation),
            (None, Reached::NotYet) => (Follows::TakesOver, None, Proof::Nothing),
        };
        let mut booking = self.clone();
        booking.own.formerly = Some(Formerly { address: address.map(Kept), since: now, proof });
        (booking, follows)
    }

    /// The address to which letters go in the place of the roster's, and until when.
    #[must_use]
    pub fn kept_address(&self, now: Instant) -> Option<(&Address, Instant)> {
        let formerly = self.own.formerly.as_ref()?;
        let kept = formerly.address.as_ref()?;
        let until = formerly.since + Duration::days(KEPT_DAYS);
        (now < until).then_some((&kept.0, until))
    }

    /// The address that the roster had, as long as nobody let it go.
    #[must_use]
    pub fn old_address(&self) -> Option<&Address> {
        self.own.formerly.as_ref()?.address.as_ref().map(|kept| &kept.0)
    }

    /// Where letters go that go to the address of the roster: there, or to the one that it had, while that is kept. Whoever has
    /// letters elsewhere was not asked about the new one, so for them it is the old one still; and none where that is the very
    /// one that they have.
    #[must_use]
    pub fn at_the_roster<'a>(&'a self, roster: &'a Address, now: Instant) -> Option<&'a Address> {
        match (self.old_address(), self.own_address()) {
            (Some(old), Some(own)) => Some(old).filter(|old| *old != own),
            (Some(_), None) => Some(self.kept_address(now).map_or(roster, |(kept, _)| kept)),
            (None, _) => Some(roster),
        }
    }

    /// Since when letters go to the present address of the roster, and what else tells whether the link reached it; none where
    /// it never changed.
    #[must_use]
    pub fn taken_over(&self) -> Option<(Instant, Proof)> {
        let formerly = self.own.formerly.as_ref()?;
        let wait = formerly.address.as_ref().map_or(0, |_| KEPT_DAYS);
        Some((formerly.since + Duration::days(wait), formerly.proof))
    }

    /// Whether a free time was told of by letter while they waited.
    #[must_use]
    pub fn was_offered_seats(&self) -> bool {
        !self.own.offered.is_empty()
    }

    /// Sends letters to the old address, as to one that the resident confirmed: they read there. None where there is none.
    #[must_use]
    pub fn at_the_old_address(&self) -> Option<Self> {
        let old = Kept(self.old_address()?.clone());
        let mut booking = self.clone();
        booking.own.address = Some(old);
        Some(booking)
    }

    /// Lets the old address go before its days are over. None where letters do not go there.
    #[must_use]
    pub fn at_the_new_address(&self, now: Instant) -> Option<Self> {
        self.kept_address(now)?;
        let mut booking = self.clone();
        booking.own.formerly = Some(Formerly { address: None, since: now, proof: Proof::Invitation });
        Some(booking)
    }

    /// The same where letters came back from it. None too for whoever has letters elsewhere.
    #[must_use]
    pub fn without_old_address(&self, from: &Address, now: Instant) -> Option<Self> {
        self.kept_address(now).filter(|(kept, _)| *kept == from && self.own_address().is_none())?;
        self.at_the_new_address(now)
    }

    /// Once the days are over there is no old address any more for who has letters sent elsewhere only then.
    pub(super) fn forgets_what_is_over(&mut self, now: Instant) {
        if self.own.address.is_none()
            && let Some((over, _)) = self.taken_over().filter(|(over, _)| *over <= now)
            && let Some(formerly) = &mut self.own.formerly
        {
            (formerly.address, formerly.since) = (None, over);
        }
    }

    /// Who leaves an address of their own gets letters at the old one again, and as many days to see that there is a new one.
    pub(super) fn sees_both_again(&mut self, now: Instant) {
        if let Some(formerly) = &mut self.own.formerly {
            formerly.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::BookingId;

    const OLD: &str = "ann@old.example";
    const NEW: &str = "ann@new.example";

    fn at(day: i64) -> Instant {
        "2027-06-20T15:00:00Z".parse::<Instant>().unwrap() + Duration::days(day)
    }

    fn address(text: &str) -> Address {
        text.parse().ok().unwrap()
    }

    fn changed(booking: &Booking, to: [&str; 2], reached: Reached, day: i64) -> (Booking, Follows) {
        booking.readdressed(&address(to[0]), &address(to[1]), reached, at(day))
    }

    fn booking() -> Booking {
        Booking::new(BookingId::from_bytes([1; 16]), None)
    }

    fn kept(booking: &Booking, day: i64) -> Option<String> {
        booking.kept_address(at(day)).map(|(kept, _)| kept.reveal().to_owned())
    }

    #[test]
    fn an_address_that_no_link_reached_is_not_kept() {
        for (reached, follows) in [(Reached::NotYet, Follows::TakesOver), (Reached::Never, Follows::Invites)]
        {
            let (changed, what) = changed(&booking(), [OLD, NEW], reached, 0);
            assert_eq!((what, kept(&changed, 0), changed.taken_over().unwrap().0), (follows, None, at(0)));
            assert!(changed.at_the_old_address().is_none() && changed.at_the_new_address(at(0)).is_none());
        }
    }

    #[test]
    fn an_address_that_may_have_the_link_is_kept_for_seven_days_and_no_longer() {
        let (changed, what) = changed(&booking(), [OLD, NEW], Reached::Perhaps, 0);
        assert_eq!(
            (what, kept(&changed, 6).as_deref(), kept(&changed, 7)),
            (Follows::Keeps, Some(OLD), None)
        );
        assert_eq!(changed.taken_over(), Some((at(7), Proof::Invitation)));
        assert_eq!(changed.at_the_old_address().unwrap().own_address().unwrap().reveal(), OLD);
        let chosen = changed.at_the_new_address(at(2)).unwrap();
        assert_eq!((kept(&chosen, 2), chosen.taken_over().unwrap().0), (None, at(2)));
        assert!(changed.without_old_address(&address(NEW), at(2)).is_none());
        assert_eq!(changed.without_old_address(&address(OLD), at(2)), Some(chosen));
    }

    #[test]
    fn a_second_change_keeps_the_first_address_and_the_days_begin_anew() {
        let (once, _) = changed(&booking(), [OLD, NEW], Reached::Perhaps, 0);
        let (twice, what) = changed(&once, [NEW, "ann@third.example"], Reached::Never, 5);
        assert_eq!((what, kept(&twice, 11).as_deref(), kept(&twice, 12)), (Follows::Keeps, Some(OLD), None));
        let (back, what) = changed(&twice, ["ann@third.example", OLD], Reached::Never, 6);
        assert_eq!((what, kept(&back, 6)), (Follows::Nothing, None));
        // Nobody gets around the days by changing to and fro.
        assert_eq!(back.taken_over(), Some((at(6), Proof::Known)));
        let (later, what) = changed(&once, [NEW, "ann@third.example"], Reached::Perhaps, 8);
        assert_eq!((what, kept(&later, 8).as_deref()), (Follows::Keeps, Some(NEW)));
    }

    #[test]
    fn who_has_letters_elsewhere_never_falls_back_on_an_address_that_they_were_not_asked_about() {
        let (changed, _) = changed(&booking(), [OLD, NEW], Reached::Perhaps, 0);
        let (old, new, home) = (address(OLD), address(NEW), address("ann@home.example"));
        assert!(
            changed.at_the_roster(&new, at(6)) == Some(&old)
                && changed.at_the_roster(&new, at(7)) == Some(&new)
        );
        let elsewhere = changed.asks_for(home, at(1)).unwrap().confirmed(at(1)).unwrap();
        assert!(elsewhere.at_the_roster(&new, at(40)) == Some(&old));
        assert!(elsewhere.without_old_address(&old, at(2)).is_none());
        assert!(changed.at_the_old_address().unwrap().at_the_roster(&new, at(40)).is_none());
        assert!(booking().at_the_roster(&new, at(40)) == Some(&new));
        for reached in [Reached::Never, Reached::Perhaps] {
            let (twice, _) = elsewhere.readdressed(&new, &address("ann@third.example"), reached, at(20));
            assert!(twice.at_the_roster(&address("ann@third.example"), at(40)) == Some(&old));
        }
    }

    #[test]
    fn who_has_letters_sent_elsewhere_after_the_days_are_over_falls_back_on_the_new_one() {
        let (changed, _) = changed(&booking(), [OLD, NEW], Reached::Perhaps, 0);
        let (new, home) = (address(NEW), address("ann@home.example"));
        let elsewhere = changed.asks_for(home, at(8)).unwrap().confirmed(at(8)).unwrap();
        assert!(elsewhere.at_the_roster(&new, at(8)) == Some(&new));
        assert_eq!(elsewhere.taken_over(), changed.taken_over());
    }

    #[test]
    fn who_leaves_an_address_of_their_own_is_shown_both_others_again() {
        let (changed, _) = changed(&booking(), [OLD, NEW], Reached::Perhaps, 0);
        let own = changed.asks_for(address("ann@home.example"), at(1)).unwrap().confirmed(at(1)).unwrap();
        let left = own.at_the_rosters_address(at(40));
        assert!(left.own_address().is_none());
        assert_eq!((kept(&left, 46).as_deref(), kept(&left, 47)), (Some(OLD), None));
        // Without one there is nothing to leave.
        assert_eq!(kept(&changed.at_the_rosters_address(at(5)), 8), None);
    }

    #[test]
    fn an_old_address_is_sealed_with_the_booking_and_never_printed() {
        let (changed, _) = changed(&booking(), [OLD, NEW], Reached::Perhaps, 0);
        assert!(!format!("{changed:?}").contains("old.example"));
        let again: Booking = serde_json::from_str(&serde_json::to_string(&changed).unwrap()).unwrap();
        assert_eq!(again, changed);
    }
}
