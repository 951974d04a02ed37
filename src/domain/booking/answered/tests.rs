//! What must hold of a booking that is answered in a calendar.

use super::*;
use crate::domain::booking::tests::{at, booked, visit};
use crate::domain::booking::{Mark, Message};

#[test]
fn who_declines_in_a_calendar_is_sent_no_cancel_and_is_asked_anew_when_they_come_back() {
    let declined = booked().declined(at(1)).unwrap();
    assert_eq!((declined.message, declined.booking.sequence), (None, 0));
    assert_eq!(declined.gives_up, Some(visit(1, 100)));
    assert_eq!(declined.booking.changed_by_answer(), Some((Wanted::Out, at(1))));
    let back = declined.booking.take(visit(1, 100), at(2), at(2)).unwrap();
    assert_eq!((back.message, back.booking.sequence), (Some(Message::Request), 1));
    assert_eq!(back.booking.changed_by_answer(), None);
}

#[test]
fn an_entry_that_was_kept_is_gone_once_it_is_declined_and_declining_twice_changes_nothing_more() {
    let kept = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
    assert!(kept.may_be_answered(Wanted::Out, at(1)));
    let declined = kept.declined(at(1)).unwrap();
    assert_eq!((declined.gives_up, declined.booking.on_calendar), (None, false));
    assert!(!declined.booking.may_be_answered(Wanted::Out, at(2)));
    assert_eq!(booked().declined(at(100)), Err(Refusal::HasBegun));
}

#[test]
fn an_answer_is_asked_about_only_where_it_could_change_something() {
    let proposes = |n, hour| Wanted::At(Some(visit(n, hour).span));
    assert!(booked().may_be_answered(Wanted::Out, at(99)));
    assert!(!booked().may_be_answered(Wanted::Out, at(100)), "the visit has begun");
    assert!(!booked().may_be_answered(proposes(1, 100), at(1)), "they have that time");
    assert!(
        booked().may_be_answered(proposes(2, 200), at(1))
            && booked().may_be_answered(Wanted::At(None), at(1))
    );
    let seat = visit(1, 100).seat;
    let kept = booked().marked(seat, Some(Mark::Kept), at(101)).unwrap();
    assert!(!kept.may_be_answered(proposes(2, 200), at(102)), "it took place");
    let waiting = booked().replaced(None).unwrap().booking;
    assert!(!waiting.may_be_answered(Wanted::Out, at(1)), "there is nothing to decline");
}

#[test]
fn an_answer_that_is_older_or_was_heeded_before_is_no_news() {
    let booking = booked().declined(at(1)).unwrap().booking.heeded(at(1), at(1));
    assert!(!booking.is_news(0, at(1), at(5)) && !booking.is_news(0, at(0), at(5)));
    assert!(booking.is_news(0, at(2), at(5)));
    let back = booking.take(visit(1, 100), at(3), at(3)).unwrap().booking;
    assert!(!back.is_news(0, at(4), at(5)), "it speaks of the entry before");
    assert!(back.is_news(1, at(4), at(5)));
    // A clock that is a year ahead does not silence every other one.
    let ahead = booked().heeded(at(9000), at(1));
    assert!(!ahead.is_news(0, at(2), at(2)) && ahead.is_news(0, at(26), at(26)));
}

#[test]
fn who_takes_another_time_since_no_longer_reads_of_the_answer() {
    let moved = booked().countered(visit(2, 60), at(1), at(2)).unwrap();
    assert_eq!((moved.message, moved.booking.sequence), (Some(Message::Request), 1));
    assert_eq!(moved.booking.changed_by_answer(), Some((Wanted::At(Some(visit(2, 60).span)), at(1))));
    let again = moved.booking.take(visit(3, 70), at(2), at(3)).unwrap().booking;
    assert_eq!(again.changed_by_answer(), None);
    let out = moved.booking.opt_out(Entry::Keep, at(2)).unwrap().booking;
    assert_eq!(out.changed_by_answer(), None);
}

#[test]
fn a_question_can_be_answered_for_two_days_and_there_are_three_a_day() {
    let mut booking = booked();
    for minute in 0..3 {
        let now = at(1) + Duration::minutes(minute);
        booking = booking.asks_about(Wanted::Out, now).unwrap();
        assert_eq!(booking.asks_about(Wanted::Out, now), None, "each letter is known by its second");
    }
    assert_eq!(booking.asks_about(Wanted::At(None), at(2)), None);
    assert_eq!(booking.cannot_meet(None, at(2)), None, "one purse for all letters about answers");
    assert_eq!(booking.cannot_meet(None, at(24)), None, "late on the same day there is still none");
    assert!(booking.cannot_meet(None, at(25)).is_some(), "a day after the first there is one more");
    assert_eq!(booking.question(at(1), at(48)), Some((Wanted::Out, false)));
    assert_eq!(booking.question(at(1), at(49)), None);
    assert_eq!(booking.clone().settled(at(1).timestamp()).question(at(1), at(2)), Some((Wanted::Out, true)));
    // The next day there is room again, and only the newest three stay.
    for hour in [26, 27, 28] {
        booking = booking.asks_about(Wanted::Out, at(hour)).unwrap();
    }
    assert_eq!(booking.questions(at(28)).count(), 3);
}

#[test]
fn a_question_that_nobody_answered_in_two_days_is_forgotten_with_the_next_one() {
    let asked = booked().asks_about(Wanted::Out, at(1)).unwrap();
    let asked_again = |hour| asked.asks_about(Wanted::Out, at(hour)).unwrap().answered.asked.len();
    assert_eq!((asked_again(48), asked_again(49)), (2, 1));
}

#[test]
fn who_declined_came_back_and_presses_the_button_later_is_not_told_that_their_calendar_did_it() {
    let declined = booked().declined(at(1)).unwrap().booking;
    let back = declined.take(visit(1, 100), at(2), at(2)).unwrap().booking;
    let out = back.opt_out(Entry::Keep, at(3)).unwrap().booking;
    assert_eq!((declined.changed_by_answer(), out.changed_by_answer()), (Some((Wanted::Out, at(1))), None));
}

#[test]
fn that_an_answer_could_not_be_read_is_said_once_a_day() {
    let said = booked().cannot_read(at(0)).unwrap();
    assert_eq!(said.cannot_read(at(23)), None);
    assert!(said.cannot_read(at(24)).is_some());
}

#[test]
fn a_proposal_is_kept_with_its_moment_only() {
    let span = visit(4, 50).span;
    let noted = booked().cannot_meet(Some(span), at(3)).unwrap();
    assert_eq!(noted.unmet(at(3)), Some(Some(span)));
    assert_eq!(noted.unmet(at(4)), None);
    let again: Booking = serde_json::from_str(&serde_json::to_string(&noted).unwrap()).unwrap();
    assert_eq!(again, noted);
}
