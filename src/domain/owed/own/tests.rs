//! Which letter somebody gets about their own doing, and until when it tells the truth, told as what happens to people.

use chrono::{Duration, NaiveDateTime};

use super::super::{to_therapist, with_booking, with_change, with_mended, with_retimed};
use super::*;
use crate::domain::booking::{Entry, Message, Refusal, Wanted};
use crate::domain::follow_up::{FollowUps, Held, Offer};
use crate::domain::id::{BookingId, FollowUpId, SeatId};
use crate::domain::owed::tests::{rules, visit};
use crate::domain::people::Modality;
use crate::domain::time::{Span, Zone};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn now() -> Instant {
    at("2027-07-01T12:00:00Z")
}

fn booked() -> Booking {
    Booking::new(BookingId::from_bytes([3; 16]), Some(visit(1, "2027-07-13T19:00:00Z")))
}

fn waiting() -> Booking {
    Booking::new(BookingId::from_bytes([3; 16]), None)
}

fn of_resident(errands: &[Errand]) -> Vec<(Letter, String, Instant)> {
    let own = errands.iter().filter(|errand| errand.letter.for_residents());
    own.map(|errand| (errand.letter, errand.occasion.clone(), errand.due_at)).collect()
}

fn moves(booking: &Booking, to: Visit) -> Change {
    booking.take(to, now(), now()).unwrap()
}

#[test]
fn who_wants_every_change_confirmed_gets_a_letter_only_where_no_entry_tells_of_it() {
    let mut booking = booked();
    booking.wishes.confirm_by_mail = true;
    let out = booking.opt_out(Entry::Keep, now()).unwrap();
    let confirmed = || (Letter::Confirmation, now().timestamp().to_string(), now());
    assert_eq!(of_resident(&with_change(&out, &rules(), now())), [confirmed()]);
    let again = out.booking.opt_out(Entry::Keep, now()).unwrap();
    assert!(with_change(&again, &rules(), now()).is_empty(), "nothing changed");
    let back = out.booking.take(visit(1, "2027-07-13T19:00:00Z"), now(), now()).unwrap();
    assert_eq!(of_resident(&with_change(&back, &rules(), now())), [confirmed()]);
    let removed = booking.opt_out(Entry::Remove, now()).unwrap();
    assert_eq!(of_resident(&with_change(&removed, &rules(), now())), [(Letter::Removed, "1".into(), now())]);
    let unasked = booked().opt_out(Entry::Keep, now()).unwrap();
    assert!(of_resident(&with_change(&unasked, &rules(), now())).is_empty());
    let [told, therapist] = with_way(&booking, now()).try_into().unwrap();
    assert_eq!(of_resident(&[told]), [confirmed()]);
    assert_eq!(therapist.letter, Letter::TherapistDay);
    assert_eq!(with_way(&booked(), now()).len(), 1);
    assert!(with_way(&out.booking, now()).is_empty(), "nothing is held");
}

#[test]
fn who_moves_is_reminded_so_many_hours_before_the_new_time_unless_it_is_the_old_one_or_they_do_not_wish_it() {
    let later = moves(&booked(), visit(2, "2027-07-20T19:00:00Z"));
    let (seat, reminds) = (visit(2, "2027-07-20T19:00:00Z").seat, Letter::MovedReminder);
    let owed = with_change(&later, &rules(), now());
    assert_eq!(
        of_resident(&owed)[1..],
        [
            (reminds, format!("{seat} 48 h"), at("2027-07-18T19:00:00Z")),
            (reminds, format!("{seat} 24 h"), at("2027-07-19T19:00:00Z"))
        ]
    );
    // To the second: the first reminder would be due now.
    let soon = at("2027-07-18T19:00:00Z");
    let change = booked().take(visit(2, "2027-07-20T19:00:00Z"), now(), now()).unwrap();
    assert_eq!(of_resident(&with_change(&change, &rules(), soon)).len(), 2, "the entry and one reminder");
    let same_time = moves(&booked(), visit(2, "2027-07-13T19:00:00Z"));
    assert!(of_resident(&with_change(&same_time, &rules(), now())).is_empty());
    let mut silent = later.clone();
    silent.booking.wishes.remind_of_new_time = false;
    assert_eq!(of_resident(&with_change(&silent, &rules(), now())).len(), 1);
    let reminder = owed.iter().find(|errand| errand.letter == reminds).unwrap();
    assert!(reminder.holds(&later.booking) && !reminder.holds(&silent.booking), "they took it back since");
}

#[test]
fn whose_therapist_moves_them_is_told_and_reminded_and_the_therapist_is_not() {
    let change = booked().moved_for(visit(2, "2027-07-20T19:00:00Z")).unwrap();
    let letters = with_moved_for(&change, &rules(), now()).into_iter().map(|errand| errand.letter);
    assert!(letters.eq([Letter::Replaced, Letter::MovedReminder, Letter::MovedReminder]));
}

#[test]
fn at_six_in_the_evening_before_a_change_can_wait_for_no_evening_any_more() {
    let visit = visit(1, "2027-07-13T19:00:00Z");
    let evening = at("2027-07-13T00:00:00Z");
    assert_eq!(to_therapist(&visit, &booked(), evening - Duration::seconds(1)).letter, Letter::TherapistDay);
    assert_eq!(to_therapist(&visit, &booked(), evening).letter, Letter::TherapistToday);
}

#[test]
fn a_letter_about_a_free_time_holds_while_that_seat_is_the_last_that_was_kept_for_somebody_who_waits() {
    let (kept, next) = (visit(2, "2027-07-20T19:00:00Z"), SeatId::from_bytes([9; 16]));
    let told = waiting().offered(kept.seat).unwrap();
    let letter = with_kept(&told, &kept, at("2027-07-01T11:00:00Z"), now());
    assert_eq!((letter.occasion.clone(), letter.due_at), (kept.seat.to_string(), now()));
    assert!(letter.kept_until().is_some_and(|until| until > now()));
    assert!(letter.holds(&told));
    assert!(!letter.holds(&told.offered(next).unwrap()));
    assert!(!letter.holds(&moves(&told, kept).booking), "they took it");
}

#[test]
fn a_letter_to_a_new_address_holds_until_it_is_answered_or_another_one_is_asked_for() -> Result<(), Refusal> {
    let address = |text: &str| text.parse().ok().unwrap();
    let asked = booked().asks_for(address("ann@home.example"), now())?;
    let letter = with_new_address(&asked, now());
    assert_eq!(letter.occasion, now().timestamp().to_string());
    assert!(letter.holds(&asked));
    assert!(!letter.holds(&asked.confirmed(now()).unwrap()));
    let minute = now() + Duration::minutes(1);
    assert!(!letter.holds(&asked.asks_for(address("ann@work.example"), minute)?));
    Ok(())
}

#[test]
fn an_answer_to_a_mail_holds_while_its_question_is_open_and_its_proposal_is_the_last() {
    let asked = booked().asks_about(Wanted::Out, now()).unwrap();
    let question = with_answer(&asked, Letter::CalendarAnswer, now());
    assert_eq!(question.occasion, now().timestamp().to_string());
    assert!(question.holds(&asked));
    assert!(!question.holds(&asked.settled(now().timestamp())) && !question.holds(&booked()));
    let unmet = booked().cannot_meet(None, now()).unwrap();
    let near = with_answer(&unmet, Letter::NearTimes, now());
    assert!(near.holds(&unmet) && !near.holds(&booked()));
}

#[test]
fn what_was_owed_before_a_database_was_put_back_is_still_the_newest_that_anybody_knows() {
    let change = moves(&booked(), visit(2, "2027-07-20T19:00:00Z"));
    assert_eq!(change.message, Some(Message::Request));
    let moved = own(&change.booking, change.takes.as_ref(), Letter::Moved, now());
    let back = change.booking.skips_numbers();
    assert!(moved.holds(&back));
    assert!(own(&back, change.takes.as_ref(), Letter::Moved, now()).holds(&back));
}

#[test]
fn an_invitation_has_its_entry_whatever_somebody_did_before_it_left() {
    let invitation = with_booking(&booked(), &rules(), now()).remove(1);
    let moved = moves(&booked(), visit(2, "2027-07-20T19:00:00Z")).booking;
    assert_eq!((invitation.letter, invitation.sequence), (Letter::Invitation, 0));
    assert_eq!(invitation.entry(&moved), booked().default_visit.as_ref());
}

fn an_hour_later(visit: &Visit) -> Option<Visit> {
    let hour = Duration::hours(1);
    let span = Span::new(visit.span.starts_at() + hour, visit.span.ends_at() + hour)?;
    Some(Visit { span, ..visit.clone() })
}

#[test]
fn whose_clock_is_changed_by_law_is_told_alike_whatever_they_did_and_only_who_has_the_entry_gets_it_again() {
    let retimed = |booking: &Booking| {
        let retimed = booking.retimed(an_hour_later, true).unwrap();
        let owed = with_retimed(&retimed, None, &rules(), now());
        (retimed, owed)
    };
    let out = |entry| booked().opt_out(entry, now()).unwrap().booking;
    for (before, stands) in [(booked(), true), (out(Entry::Keep), true), (out(Entry::Remove), false)] {
        let (retimed, owed) = retimed(&before);
        assert_eq!(owed[0].sequence, retimed.booking.sequence);
        assert_eq!(owed[0].entry(&retimed.booking).is_some(), stands);
        assert_eq!(
            of_resident(&owed),
            [
                (Letter::Retimed, "1".into(), now()),
                (Letter::Reminder, "48 h 1".into(), at("2027-07-11T20:00:00Z")),
                (Letter::Reminder, "24 h 1".into(), at("2027-07-12T20:00:00Z")),
                (Letter::Afterwards, "1".into(), at("2027-07-14T20:50:00Z")),
            ]
        );
    }
    let (moved, owed) = retimed(&moves(&booked(), visit(2, "2027-07-20T19:00:00Z")).booking);
    assert_eq!(owed[0].entry(&moved.booking), None, "their calendar shows another time");
    let entry = owed.iter().find(|errand| errand.letter == Letter::Moved).unwrap();
    assert_eq!(entry.visit, moved.entry);
    assert_eq!(owed.iter().filter(|errand| errand.letter == Letter::MovedReminder).count(), 2);
}

#[test]
fn who_hears_of_a_new_time_when_its_reminder_would_be_due_gets_the_one_letter() {
    let (new, rules) = (visit(2, "2027-07-20T19:00:00Z"), rules());
    let mended = booked().mended(Some(new), |_| false, true).booking;
    let at_two_days = at("2027-07-18T19:00:00Z");
    let owed = with_mended(&mended, None, None, &rules, at_two_days);
    assert!(owed.iter().all(|errand| errand.occasion != "48 h 1"));
    let owed = with_mended(&mended, None, None, &rules, at_two_days - Duration::seconds(1));
    assert!(owed.iter().any(|errand| errand.occasion == "48 h 1"));
}

/// The number stands in the Message-ID, which a program's mail server sees.
#[test]
fn letters_that_everyone_gets_bear_no_number_of_what_somebody_did_but_the_invitation_whose_entry_needs_it() {
    let moved = moves(&booked(), visit(2, "2027-07-20T19:00:00Z")).booking;
    let owed = with_booking(&moved, &rules(), at("2027-06-20T12:00:00Z"));
    let numbers = owed.iter().map(|errand| (errand.letter == Letter::Invitation, errand.sequence));
    assert_eq!(moved.sequence, 1);
    assert!(numbers.clone().all(|(invites, number)| number == u32::from(invites)));
    assert!(numbers.len() > 3);
}

#[test]
fn each_change_of_a_follow_up_is_a_letter_of_its_own_under_one_name() {
    let span = visit(1, "2027-07-20T19:00:00Z").span;
    let offer = Offer {
        id: FollowUpId::from_bytes([5; 16]),
        booking: booked().id,
        span,
        zone: Zone::UTC,
        modality: Modality::Video,
        held: Held::Typed(NaiveDateTime::MIN),
        entry: true,
        theirs: &[],
        live: 0,
        page_ends: at("2027-08-15T00:00:00Z"),
    };
    let offered = FollowUps::default().offer(&offer, &rules(), now()).unwrap();
    let left = offered.all.leave(offer.id, now()).unwrap().unwrap().one;
    let letters =
        [&offered.one, &left].map(|one| with_follow_up(one, TherapistId::from_bytes([1; 16]), now()));
    assert_eq!(letters.clone().map(|errand| errand.letter), [Letter::Further, Letter::FurtherOff]);
    for (letter, one) in letters.iter().zip([&offered.one, &left]) {
        assert_eq!(letter.occasion, format!("{} {}", offer.id, one.changes));
    }
    assert_ne!(letters[0].occasion, letters[1].occasion);
}
