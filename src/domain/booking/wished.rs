//! Being moved to what one wished for, and attending the same visit in another way. Never decides which seat is free, and
//! never moves anybody who did not ask for it.

use serde::{Deserialize, Serialize};

use super::{Booking, Change, Message, Refusal, Standing, Visit};
use crate::domain::id::SeatId;
use crate::domain::people::Modality;
use crate::domain::time::{Instant, Span};

/// Whether a resident asked to be moved, by itself, to a time that has what they wish for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MoveMe {
    /// They did not, or take it back.
    #[default]
    No,
    /// They did, and wait for such a time.
    Asked,
    /// They did, and were moved to this seat: once for each time that they ask.
    Moved(SeatId),
}

impl Booking {
    /// The visit from which a resident is to be moved, if they asked for it and it does not begin before `earliest_start`.
    /// Nobody is moved who gets no letters: they would not hear of it.
    #[must_use]
    pub fn to_be_moved(&self, now: Instant, earliest_start: Instant) -> Option<&Visit> {
        let asked = self.own.move_me == MoveMe::Asked && !self.wishes.no_letters;
        let held = self
            .visit()
            .filter(|visit| visit.span.starts_at() > now && visit.span.starts_at() >= earliest_start);
        held.filter(|_| asked && self.may_choose(now).is_ok())
    }

    /// Asks to be moved, or asks it no longer. What happened already stays told.
    #[must_use]
    pub fn asks_to_be_moved(&self, asks: bool) -> Self {
        let mut booking = self.clone();
        booking.own.move_me = match (asks, self.own.move_me) {
            (true, _) => MoveMe::Asked,
            (false, MoveMe::Asked) => MoveMe::No,
            (false, before) => before,
        };
        booking
    }

    /// Takes the visit that a resident asked to be moved to. There is always a letter, though the time be the same: they did
    /// not press a button, and the place is another one.
    ///
    /// # Errors
    /// As [`Booking::take`].
    pub fn moved_as_asked(
        &self,
        to: Visit,
        now: Instant,
        earliest_start: Instant,
    ) -> Result<Change, Refusal> {
        let seat = to.seat;
        let mut change = self.take(to, now, earliest_start)?;
        if change.takes.is_some() {
            change.booking.own.move_me = MoveMe::Moved(seat);
            if change.message.is_none() {
                change.message = Some(Message::Request);
                change.booking.sequence += 1;
            }
        }
        Ok(change)
    }

    /// The time from which the resident was moved as they asked, while they are where they were moved to and can go back.
    #[must_use]
    pub fn was_moved_from(&self, now: Instant) -> Option<Span> {
        let there = self.visit().is_some_and(|held| self.own.move_me == MoveMe::Moved(held.seat));
        self.came_from(now).filter(|_| there).map(|before| before.span)
    }

    /// Attends the same visit in another way. Whether the two can meet so is the caller's to know.
    ///
    /// # Errors
    /// [`Refusal::NothingHeld`], and [`Refusal::HasBegun`] once the visit began.
    pub fn attends_by(&self, modality: Modality, now: Instant) -> Result<Self, Refusal> {
        let held = self.visit().ok_or(Refusal::NothingHeld)?;
        if held.span.starts_at() <= now {
            return Err(Refusal::HasBegun);
        }
        let held = Visit { modality, ..held.clone() };
        Ok(Self { standing: Standing::Held(held), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{at, booked, visit};
    use super::*;
    use crate::domain::booking::{Entry, Wishes};

    fn asked() -> Booking {
        booked().asks_to_be_moved(true)
    }

    #[test]
    fn who_asked_is_moved_once_with_a_letter_and_may_go_back() {
        let moved = asked().moved_as_asked(visit(2, 200), at(0), at(24)).unwrap();
        assert_eq!((moved.message, moved.booking.sequence), (Some(Message::Request), 1));
        assert_eq!(moved.booking.to_be_moved(at(0), at(24)), None, "once");
        assert_eq!(moved.booking.was_moved_from(at(0)), Some(visit(1, 100).span));
        let back = moved.booking.take(visit(1, 100), at(0), at(24)).unwrap().booking;
        assert_eq!((back.was_moved_from(at(0)), back.to_be_moved(at(0), at(24))), (None, None));
    }

    #[test]
    fn a_move_at_the_same_hour_is_told_by_letter_too() {
        let same_hour = Visit { span: visit(1, 100).span, ..visit(2, 100) };
        let moved = asked().moved_as_asked(same_hour, at(0), at(24)).unwrap();
        assert_eq!((moved.message, moved.booking.sequence), (Some(Message::Request), 1));
    }

    #[test]
    fn nobody_is_moved_who_did_not_ask_or_gets_no_letters_or_whose_visit_is_near() {
        assert!(asked().to_be_moved(at(0), at(24)).is_some());
        assert_eq!(booked().to_be_moved(at(0), at(24)), None);
        assert_eq!(asked().asks_to_be_moved(false).to_be_moved(at(0), at(24)), None);
        assert_eq!(asked().to_be_moved(at(99), at(99 + 24)), None);
        assert_eq!(asked().to_be_moved(at(100), at(100)), None, "it begins now, and no notice is wanted");
        let silent = Booking { wishes: Wishes { no_letters: true, ..Wishes::default() }, ..asked() };
        assert_eq!(silent.to_be_moved(at(0), at(24)), None);
        let out = asked().opt_out(Entry::Keep, at(0)).unwrap().booking;
        assert_eq!(out.to_be_moved(at(0), at(24)), None, "who opted out is not brought back");
    }

    #[test]
    fn the_way_changes_alone_and_not_once_the_visit_began() {
        let phoned = booked().attends_by(Modality::Phone, at(99)).unwrap();
        assert_eq!(phoned.visit().unwrap().modality, Modality::Phone);
        assert_eq!(phoned.attends_by(Modality::Video, at(99)), Ok(booked()));
        assert_eq!(booked().attends_by(Modality::Phone, at(100)), Err(Refusal::HasBegun));
        let out = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
        assert_eq!(out.attends_by(Modality::Phone, at(0)), Err(Refusal::NothingHeld));
    }

    proptest! {
        /// However often somebody asks, is moved, goes back or takes it back: a move needs a question of its own.
        #[test]
        fn nobody_is_moved_more_often_than_they_asked(steps in prop::collection::vec(0_u8..5, 0..40)) {
            let (mut booking, mut questions, mut moves) = (booked(), 0, 0);
            for (n, step) in steps.into_iter().enumerate() {
                let to = visit(2 + u8::try_from(n).unwrap(), 200 + i64::try_from(n).unwrap());
                booking = match step {
                    0 => { questions += 1; booking.asks_to_be_moved(true) }
                    1 => booking.asks_to_be_moved(false),
                    2 => booking.opt_out(Entry::Keep, at(0)).map_or(booking, |change| change.booking),
                    3 => booking.take(to, at(0), at(24)).unwrap().booking,
                    _ if booking.to_be_moved(at(0), at(24)).is_some() => {
                        moves += 1;
                        let change = booking.moved_as_asked(to, at(0), at(24)).unwrap();
                        prop_assert_eq!(change.booking.sequence, booking.sequence + 1);
                        prop_assert!(change.takes.unwrap().span.starts_at() >= at(24));
                        change.booking
                    }
                    _ => booking,
                };
                prop_assert!(moves <= questions);
            }
        }
    }
}
