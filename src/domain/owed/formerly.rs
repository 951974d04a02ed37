//! Letters that another address on the roster makes be owed, and what tells whether the one before was reached. Never which
//! address is which.
//!
//! Two rows are owed whatever follows, one for now and one for the day on which a kept address is let go, so that nobody can
//! read off the outbox what followed. What is not needed does not hold when its moment comes.

use chrono::Duration;

use super::{Errand, filed, for_everyone, invitation_occasion, own};
use crate::domain::booking::{Booking, Follows, KEPT_DAYS, Proof, Reached, Standing};
use crate::domain::letter::Letter;
use crate::domain::offering::Rules;
use crate::domain::time::Instant;

/// Before the moment in the occasion of a letter that goes once more.
const ANEW: &str = "anew ";

/// What became of a letter, as far as the outbox knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// No worker has taken it; when it is due.
    Untouched(Instant),
    /// Refused for good.
    Refused,
    /// It left, or may have; when it was last tried.
    Left(Instant),
}

/// The letters with the link that everyone gets, of all default visits so far, with what they are filed under; those of the
/// present one first, and of these the invitation.
#[must_use]
pub fn link_letters(booking: &Booking, rules: &Rules) -> Vec<(Letter, String)> {
    let of = |number| {
        let mut then = booking.clone();
        then.number = number;
        let invitation = (Letter::Invitation, invitation_occasion(&then));
        std::iter::once(invitation).chain(filed(&then, rules)).collect::<Vec<_>>()
    };
    (0..=booking.number).rev().flat_map(of).collect()
}

/// Whether the link reached the present address of the roster. `everyones` is what became of [`link_letters`], `again` of the
/// invitation that was owed once more when the address took over, and `gone` says whether letters came back from it.
#[must_use]
pub fn reached(booking: &Booking, everyones: &[Option<Fate>], again: Option<Fate>, gone: bool) -> Reached {
    let (since, proof) =
        booking.taken_over().map_or((None, Proof::Nothing), |(since, proof)| (Some(since), proof));
    let since_then = |at: &Instant| since.is_none_or(|since| since.timestamp() <= at.timestamp());
    let left = everyones.iter().flatten().any(|fate| matches!(fate, Fate::Left(at) if since_then(at)));
    let proved = match proof {
        Proof::Known => true,
        // A row that is forgotten was finished, and nobody knows how any more.
        Proof::Invitation => !matches!(again, Some(Fate::Refused | Fate::Untouched(_))),
        Proof::Nothing => false,
    };
    // Who waits was told of a free time by a letter with the link.
    if !gone && (proved || left || booking.was_offered_seats()) {
        return Reached::Perhaps;
    }
    match everyones.first() {
        Some(Some(Fate::Untouched(_))) => Reached::NotYet,
        _ => Reached::Never,
    }
}

/// The two rows of another address; `announcement` is what became of that letter, and `invitation` when that one is due, where
/// it is still to go out.
#[must_use]
pub fn with_other_address(
    booking: &Booking,
    follows: Follows,
    (announcement, invitation): (Option<Fate>, Option<Fate>),
    rules: &Rules,
    now: Instant,
) -> [Errand; 2] {
    let later = now + Duration::days(KEPT_DAYS);
    let told = |due_at| Errand {
        occasion: now.timestamp().to_string(),
        due_at,
        // It stands in the Message-ID, and would tell of what somebody did; this letter is nobody's doing.
        sequence: 0,
        ..own(booking, None, Letter::OtherAddress, now)
    };
    match follows {
        Follows::Keeps => [told(now), invited_anew(booking, now, later)],
        Follows::Invites => [invited_anew(booking, now, now), told(later)],
        Follows::TakesOver => {
            let announced = matches!(announcement, Some(Fate::Refused | Fate::Left(_)));
            let due = match invitation {
                Some(Fate::Untouched(due)) if announced => Some(due),
                _ => None,
            };
            let again = due.and_then(|due| announced_anew(booking, rules, now, due));
            [again.unwrap_or_else(|| told(now)), told(later)]
        }
        Follows::Nothing => [told(now), told(later)],
    }
}

/// The invitation to an address that takes over before the days of the old one are over.
#[must_use]
pub fn with_the_new_address(booking: &Booking, now: Instant) -> Errand {
    invited_anew(booking, now, now)
}

/// Whether letters go to the address of the roster from this very moment on, as far as nobody chose otherwise.
pub(super) fn takes_over_at(booking: &Booking, at: Instant) -> bool {
    booking.own_address().is_none() && booking.taken_over().is_some_and(|(over, _)| over == at)
}

fn anew(since: Instant) -> String {
    format!("{ANEW}{}", since.timestamp())
}

fn invited_anew(booking: &Booking, since: Instant, due_at: Instant) -> Errand {
    Errand { occasion: anew(since), due_at, ..own(booking, None, Letter::Invitation, due_at) }
}

/// The announcement of an invitation that goes out at `due`.
fn announced_anew(booking: &Booking, rules: &Rules, now: Instant, due: Instant) -> Option<Errand> {
    let visit = booking.default_visit.as_ref()?;
    let lead = Duration::days(i64::from(rules.announce_days?));
    let errand = for_everyone(booking, visit, Letter::Announcement, anew(now), (now, now));
    // It tells the day of the invitation by when it was owed.
    Some(Errand { owed_at: due - lead, ..errand })
}

impl Errand {
    /// Whether it goes once more, to an address that took over.
    #[must_use]
    pub fn is_anew(&self) -> bool {
        self.letter.for_everyone() && self.occasion.starts_with(ANEW)
    }

    /// An invitation that goes once more, as the booking is now; any other letter as it was owed. None where there is no
    /// visit to come.
    #[must_use]
    pub fn up_to_date(self, booking: &Booking, now: Instant) -> Option<Self> {
        if self.letter != Letter::Invitation || !self.is_anew() {
            return Some(self);
        }
        let visit = booking.default_visit.clone().filter(|visit| now < visit.span.starts_at())?;
        let stands = match &booking.standing {
            Standing::Held(at) | Standing::OptedOut(at) => booking.on_calendar && at.span == visit.span,
            Standing::Waiting => false,
        };
        let (sequence, number) = (booking.sequence, booking.number);
        Some(Self { sequence, number, bare: !stands, visit: Some(visit), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::Entry;
    use crate::domain::id::BookingId;
    use crate::domain::owed::tests::{rules, visit};

    fn at(day: i64) -> Instant {
        "2027-06-20T15:00:00Z".parse::<Instant>().unwrap() + Duration::days(day)
    }

    fn booked() -> Booking {
        Booking::new(BookingId::from_bytes([1; 16]), Some(visit(1, "2027-07-10T15:00:00Z")))
    }

    fn changed(booking: &Booking, reached: Reached, day: i64) -> (Booking, Follows) {
        let address = |text: &str| text.parse().ok().unwrap();
        booking.readdressed(&address("a@old.example"), &address("a@new.example"), reached, at(day))
    }

    #[test]
    fn the_link_reached_an_address_once_a_letter_with_it_left_for_it() {
        let booking = booked();
        let of = |everyones: &[Option<Fate>]| reached(&booking, everyones, None, false);
        let (waits, left) = (Some(Fate::Untouched(at(1))), Some(Fate::Left(at(1))));
        assert_eq!(of(&[waits, None, waits]), Reached::NotYet);
        assert_eq!(of(&[Some(Fate::Refused), waits]), Reached::Never);
        assert_eq!(of(&[Some(Fate::Refused), left]), Reached::Perhaps);
        assert_eq!(of(&[left, waits]), Reached::Perhaps);
        assert_eq!(reached(&booking, &[left], None, true), Reached::Never, "letters came back");
        assert_eq!(reached(&booking, &[waits], None, true), Reached::NotYet);
    }

    #[test]
    fn what_left_for_the_address_before_proves_nothing_of_the_present_one() {
        let (over, _) = changed(&booked(), Reached::Perhaps, 0);
        let of = |again| reached(&over, &[Some(Fate::Left(at(0)))], again, false);
        assert_eq!(of(Some(Fate::Refused)), Reached::Never);
        assert_eq!(of(Some(Fate::Left(at(7)))), Reached::Perhaps);
        assert_eq!(of(None), Reached::Perhaps, "nobody knows any more");
        let reminded = [Some(Fate::Left(at(0))), Some(Fate::Left(at(8)))];
        assert_eq!(reached(&over, &reminded, Some(Fate::Refused), false), Reached::Perhaps);
    }

    #[test]
    fn an_invitation_goes_once_more_as_the_booking_is_then_and_only_while_nobody_chose() {
        let (over, follows) = changed(&booked(), Reached::Perhaps, 0);
        let [told, again] = with_other_address(&over, follows, (None, None), &rules(), at(0));
        assert!(told.holds(&over) && again.holds(&over));
        assert_eq!((told.due_at, told.kept_until(), again.due_at), (at(0), Some(at(7)), at(7)));
        let out = over.opt_out(Entry::Remove, at(1)).unwrap().booking;
        let bare = again.clone().up_to_date(&out, at(7)).unwrap();
        assert_eq!(
            (bare.sequence, bare.entry(&out)),
            (1, None),
            "an entry that was removed does not come back"
        );
        let stays = over.opt_out(Entry::Keep, at(1)).unwrap().booking;
        assert!(again.clone().up_to_date(&stays, at(7)).unwrap().entry(&stays).is_some());
        assert_eq!(again.clone().up_to_date(&over, at(20)), None, "the visit has begun");
        let old = over.at_the_old_address().unwrap();
        assert!(!told.holds(&old) && !again.holds(&old));
        let new = over.at_the_new_address(at(1)).unwrap();
        assert!(!told.holds(&new) && !again.holds(&new) && with_the_new_address(&new, at(1)).holds(&new));
        let (twice, _) = changed(&over, Reached::Perhaps, 2);
        assert!(!told.holds(&twice) && !again.holds(&twice));
    }

    #[test]
    fn two_rows_are_owed_for_the_same_moments_whatever_follows() {
        let untouched = (Some(Fate::Left(at(0))), Some(Fate::Untouched(at(3))));
        for (reached, holds) in [
            (Reached::Perhaps, [true, true]),
            (Reached::Never, [true, false]),
            (Reached::NotYet, [true, false]),
        ] {
            let (over, follows) = changed(&booked(), reached, 0);
            let owed = with_other_address(&over, follows, untouched, &rules(), at(0));
            assert_eq!(owed.clone().map(|errand| errand.due_at), [at(0), at(7)], "{reached:?}");
            assert_eq!(owed.map(|errand| errand.holds(&over)), holds, "{reached:?}");
        }
        let (over, follows) = changed(&booked(), Reached::NotYet, 0);
        let [again, _] = with_other_address(&over, follows, untouched, &rules(), at(0));
        let due = crate::domain::owed::invitation_due(again.visit.as_ref().unwrap(), &rules(), again.owed_at);
        assert_eq!((again.letter, due), (Letter::Announcement, at(3)), "it tells the day that stands");
        let unannounced = (Some(Fate::Untouched(at(0))), Some(Fate::Untouched(at(3))));
        let [none, _] = with_other_address(&over, follows, unannounced, &rules(), at(0));
        assert!(!none.holds(&over), "it is owed anyway");
    }

    #[test]
    fn who_was_told_of_a_free_time_may_have_the_link_from_that_letter() {
        let waiting = Booking::new(BookingId::from_bytes([1; 16]), None);
        assert_eq!(reached(&waiting, &[], None, false), Reached::Never);
        let told = waiting.offered(visit(1, "2027-07-10T15:00:00Z").seat).unwrap();
        assert_eq!(reached(&told, &[], None, false), Reached::Perhaps);
        assert_eq!(reached(&told, &[], None, true), Reached::Never, "letters came back");
    }

    #[test]
    fn the_letter_about_another_address_bears_no_number_of_what_somebody_did() {
        let moved = booked().opt_out(Entry::Remove, at(0)).unwrap().booking;
        let (over, follows) = changed(&moved, Reached::Perhaps, 0);
        let [told, _] = with_other_address(&over, follows, (None, None), &rules(), at(0));
        assert_eq!((over.sequence, told.sequence, told.occasion), (1, 0, at(0).timestamp().to_string()));
    }

    #[test]
    fn the_links_letters_are_those_of_the_present_visit_first_and_of_these_the_invitation() {
        let mended = booked().mended(Some(visit(2, "2027-07-11T15:00:00Z")), |_| false, true).booking;
        let letters = link_letters(&mended, &rules());
        assert_eq!(letters[0], (Letter::Invitation, "1".to_owned()));
        assert_eq!(letters[1], (Letter::Reminder, "48 h 1".to_owned()));
        let (now, before) = letters.split_at(letters.len() / 2);
        assert_eq!((now.len(), &before[0]), (before.len(), &(Letter::Invitation, String::new())));
        assert!(before.contains(&(Letter::Reminder, "24 h".to_owned())));
    }

    #[test]
    fn only_an_invitation_that_goes_once_more_is_written_anew() {
        let (over, follows) = changed(&booked(), Reached::Perhaps, 0);
        let [_, again] = with_other_address(&over, follows, (None, None), &rules(), at(0));
        let moved = over.take(visit(2, "2027-07-12T15:00:00Z"), at(1), at(1)).unwrap().booking;
        let bare = again.clone().up_to_date(&moved, at(7)).unwrap();
        assert_eq!(
            (&bare.visit, bare.entry(&moved)),
            (&moved.default_visit, None),
            "their entry is elsewhere"
        );
        let mended = over.mended(Some(visit(3, "2027-07-13T15:00:00Z")), |_| false, true).booking;
        let new = again.up_to_date(&mended, at(7)).unwrap();
        assert_eq!((new.number, new.sequence, new.entry(&mended)), (1, 1, mended.default_visit.as_ref()));
        let first = crate::domain::owed::with_booking(&booked(), &rules(), at(0)).remove(1);
        assert_eq!(first.clone().up_to_date(&moved, at(7)), Some(first), "the first one goes as it was owed");
        let untouched = (Some(Fate::Left(at(0))), Some(Fate::Untouched(at(3))));
        let (early, follows) = changed(&booked(), Reached::NotYet, 0);
        let [announced, _] = with_other_address(&early, follows, untouched, &rules(), at(0));
        assert!(announced.is_anew());
        assert_eq!(announced.clone().up_to_date(&moved, at(7)), Some(announced), "it speaks of no visit");
    }
}
