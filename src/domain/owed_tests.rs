//! Who is owed which letter, told as what happens to people.

use super::*;
use crate::domain::booking::Entry;
use crate::domain::id::{SeatId, SlotId};
use crate::domain::people::Modality;
use crate::domain::plan::Weights;
use crate::domain::time::{Span, Zone};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn rules() -> Rules {
    Rules {
        title: "Protected time".into(),
        visit_minutes: 50,
        buffer_minutes: 10,
        from: "2027-07-05".parse().unwrap(),
        until: "2027-09-24".parse().unwrap(),
        notice_hours: 24,
        reserve_percent: 15,
        reminder_hours: vec![48, 24],
        announce_days: Some(3),
        release_on: None,
        epsilon_millis: 1000,
        survey: true,
        breakdowns: false,
        weights: Weights::default(),
    }
}

pub(super) fn visit(n: u8, starts_at: &str) -> Visit {
    let starts_at = at(starts_at);
    Visit {
        seat: SeatId::from_bytes([n; 16]),
        slot: SlotId::from_bytes([n; 16]),
        therapist: TherapistId::from_bytes([1; 16]),
        therapist_zone: "America/Denver".parse::<Zone>().unwrap(),
        span: Span::new(starts_at, starts_at + Duration::minutes(50)).unwrap(),
        block: Span::new(starts_at, starts_at + Duration::hours(4)).unwrap(),
        modality: Modality::Video,
    }
}

fn booked() -> Booking {
    Booking::new(BookingId::from_bytes([3; 16]), Some(visit(1, "2027-07-13T19:00:00Z")))
}

fn told(errands: &[Errand]) -> Vec<(Letter, String, Instant)> {
    errands.iter().map(|errand| (errand.letter, errand.occasion.clone(), errand.due_at)).collect()
}

#[test]
fn everyone_is_owed_announcement_invitation_reminders_and_one_letter_afterwards() {
    let owed = with_booking(&booked(), &rules(), at("2027-06-20T12:00:00Z"));
    assert_eq!(
        told(&owed),
        [
            (Letter::Announcement, String::new(), at("2027-06-20T12:00:00Z")),
            (Letter::Invitation, String::new(), at("2027-06-23T12:00:00Z")),
            (Letter::Reminder, "48 h".into(), at("2027-07-11T19:00:00Z")),
            (Letter::Reminder, "24 h".into(), at("2027-07-12T19:00:00Z")),
            (Letter::Afterwards, String::new(), at("2027-07-14T19:50:00Z")),
        ]
    );
    assert!(owed.iter().all(|errand| errand.letter.for_everyone()));
}

#[test]
fn who_waits_is_owed_nothing_and_who_starts_late_is_invited_before_being_reminded() {
    let waiting = Booking::new(BookingId::from_bytes([3; 16]), None);
    assert!(with_booking(&waiting, &rules(), at("2027-06-20T12:00:00Z")).is_empty());
    let owed = told(&with_booking(&booked(), &rules(), at("2027-07-12T00:00:00Z")));
    assert_eq!(owed[1], (Letter::Invitation, String::new(), at("2027-07-12T00:00:00Z")));
    assert_eq!(owed[2].1, "24 h");
}

#[test]
fn a_reminder_is_too_late_once_the_visit_has_begun_and_no_other_letter_ever_is() {
    let owed = with_booking(&booked(), &rules(), at("2027-06-20T12:00:00Z"));
    assert!(owed.iter().all(|errand| !errand.is_too_late(at("2027-07-13T18:59:59Z"))));
    let late = owed.iter().filter(|errand| errand.is_too_late(at("2027-07-13T19:00:00Z")));
    assert_eq!(late.map(|errand| errand.letter).collect::<Vec<_>>(), [Letter::Reminder, Letter::Reminder]);
}

#[test]
fn a_reminder_across_a_clock_change_is_so_many_hours_before_the_visit_and_not_an_hour_off() {
    let booking = Booking::new(BookingId::from_bytes([3; 16]), Some(visit(1, "2027-11-07T20:00:00Z")));
    let owed = told(&with_booking(&booking, &rules(), at("2027-06-20T12:00:00Z")));
    assert!(owed.contains(&(Letter::Reminder, "24 h".into(), at("2027-11-06T20:00:00Z"))));
}

#[test]
fn opting_out_and_keeping_the_entry_owes_the_resident_nothing_and_the_therapist_one_evening_letter() {
    let now = at("2027-07-01T12:00:00Z");
    let change = booked().opt_out(Entry::Keep, now).unwrap();
    // 18:00 in Denver on the 12th is midnight in UTC.
    assert_eq!(
        told(&with_change(&change, &rules(), now)),
        [(Letter::TherapistDay, "2027-07-13".into(), at("2027-07-13T00:00:00Z"))]
    );
    let now = at("2027-07-13T14:00:00Z");
    let change = booked().opt_out(Entry::Keep, now).unwrap();
    assert_eq!(with_change(&change, &rules(), now)[0].letter, Letter::TherapistToday);
}

#[test]
fn who_moves_gets_the_entry_and_own_reminders_and_who_moves_on_no_longer_hears_of_the_time_between() {
    let now = at("2027-07-01T12:00:00Z");
    let soon = now + Duration::hours(24);
    let first = booked().take(visit(2, "2027-07-20T19:00:00Z"), now, soon).unwrap();
    let letters = with_change(&first, &rules(), now);
    let of_resident = |letters: &[Errand]| -> Vec<Letter> {
        letters.iter().map(|e| e.letter).filter(|l| l.for_residents()).collect()
    };
    assert_eq!(of_resident(&letters), [Letter::Moved, Letter::MovedReminder, Letter::MovedReminder]);
    assert!(letters.iter().all(|errand| errand.holds(&first.booking)));
    let second = first.booking.take(visit(3, "2027-07-27T19:00:00Z"), now, soon).unwrap();
    assert!(letters.iter().filter(|e| e.letter.for_residents()).all(|e| !e.holds(&second.booking)));
    let out = first.booking.opt_out(Entry::Remove, now).unwrap();
    assert!(letters.iter().filter(|e| e.letter.for_residents()).all(|e| !e.holds(&out.booking)));
}

#[test]
fn the_newest_entry_is_sent_although_its_visit_was_given_up_or_exchanged_for_one_at_the_same_time() {
    let (now, soon) = (at("2027-06-20T12:00:00Z"), at("2027-06-21T12:00:00Z"));
    let change = booked().take(visit(2, "2027-07-20T19:00:00Z"), now, soon).unwrap();
    let letters = with_change(&change, &rules(), now);
    let moved = letters.iter().find(|errand| errand.letter == Letter::Moved).unwrap();
    let out = change.booking.opt_out(Entry::Keep, now).unwrap();
    assert_eq!((out.message, moved.holds(&out.booking)), (None, true));
    let other = change.booking.take(visit(3, "2027-07-20T19:00:00Z"), now, soon).unwrap();
    assert_eq!((other.message, moved.holds(&other.booking)), (None, true));
}

#[test]
fn letters_for_everyone_tell_the_truth_whatever_somebody_did() {
    let now = at("2027-06-20T12:00:00Z");
    let letters = with_booking(&booked(), &rules(), now);
    let out = booked().opt_out(Entry::Remove, now).unwrap().booking;
    assert!(letters.iter().all(|errand| errand.holds(&out)));
}

#[test]
fn letters_of_a_lost_visit_are_not_sent_and_the_new_one_is_told_of_before_it_is_reminded_of() {
    let (booked_at, now) = (at("2027-06-20T12:00:00Z"), at("2027-07-10T12:00:00Z"));
    let before = with_booking(&booked(), &rules(), booked_at);
    let new = visit(2, "2027-07-12T08:00:00Z");
    let mended = booked().mended(Some(new), |_| false, true);
    let overtaken = before.iter().filter(|errand| !errand.holds(&mended.booking));
    let kinds: Vec<Letter> = overtaken.map(|errand| errand.letter).collect();
    assert_eq!(kinds, [Letter::Invitation, Letter::Reminder, Letter::Reminder, Letter::Afterwards]);
    let owed = with_mended(&mended.booking, booked().default_visit.as_ref(), mended.message, &rules(), now);
    assert_eq!(
        told(&owed),
        [
            (Letter::Rearranged, "1".into(), now),
            // The reminder two days ahead would have come first.
            (Letter::Reminder, "24 h 1".into(), at("2027-07-11T08:00:00Z")),
            (Letter::Afterwards, "1".into(), at("2027-07-13T08:50:00Z")),
        ]
    );
    assert!(owed.iter().all(|errand| errand.letter.for_everyone() && errand.holds(&mended.booking)));
    let again = mended.booking.mended(None, |_| false, true);
    assert!(owed.iter().all(|errand| !errand.holds(&again.booking)));
    let lost =
        with_mended(&again.booking, mended.booking.default_visit.as_ref(), again.message, &rules(), now);
    assert_eq!(told(&lost), [(Letter::Released, "2".into(), now)]);
    assert_eq!(lost[0].visit, mended.booking.default_visit);
}

#[test]
fn who_lost_a_visit_gets_the_same_letters_whatever_they_did_and_only_the_calendar_part_differs() {
    let now = at("2027-07-01T12:00:00Z");
    let soon = now + Duration::hours(24);
    let out = |entry| booked().opt_out(entry, now).unwrap().booking;
    let moved = booked().take(visit(3, "2027-07-20T19:00:00Z"), now, soon).unwrap().booking;
    for new in [None, Some(visit(2, "2027-07-15T19:00:00Z"))] {
        let mut all = Vec::new();
        for (before, entry) in
            [(booked(), true), (out(Entry::Keep), true), (out(Entry::Remove), false), (moved.clone(), false)]
        {
            let mended = before.mended(new.clone(), |_| false, true);
            let owed =
                with_mended(&mended.booking, before.default_visit.as_ref(), mended.message, &rules(), now);
            assert_eq!(owed[0].entry(&mended.booking).is_some(), entry);
            assert_eq!(owed[0].sequence, mended.booking.sequence);
            let alike = |errand: Errand| Errand { sequence: 0, bare: false, ..errand };
            all.push(owed.into_iter().map(alike).collect::<Vec<_>>());
        }
        assert!(all.iter().all(|owed| *owed == all[0]));
    }
}

#[test]
fn what_somebody_did_before_the_letter_was_sent_is_not_taken_back_by_its_calendar_part() {
    let now = at("2027-07-01T12:00:00Z");
    let mended = booked().mended(Some(visit(2, "2027-07-15T19:00:00Z")), |_| false, true);
    let owed = with_mended(&mended.booking, None, mended.message, &rules(), now);
    let out = mended.booking.opt_out(Entry::Remove, now).unwrap().booking;
    assert!(owed[0].holds(&out) && owed[0].entry(&out).is_none());
}

#[test]
fn before_the_invitation_is_out_it_alone_tells_of_the_new_time_and_at_the_same_moment() {
    let now = at("2027-06-21T12:00:00Z");
    let due = at("2027-06-23T12:00:00Z");
    let mended = |new| booked().mended(Some(new), |_| false, false).booking;
    let later = mended(visit(2, "2027-07-15T19:00:00Z"));
    let owed = with_booking_again(&later, &rules(), now, due);
    assert_eq!(owed[0].entry(&later), later.default_visit.as_ref());
    assert_eq!((owed[0].letter, owed[0].due_at, owed[0].sequence), (Letter::Invitation, due, 0));
    assert!(owed.iter().all(|errand| errand.letter != Letter::Announcement && errand.holds(&later)));
    // A new visit that is too soon for that is invited to earlier.
    let sooner = mended(visit(2, "2027-06-24T13:00:00Z"));
    assert_eq!(with_booking_again(&sooner, &rules(), now, due)[0].due_at, at("2027-06-22T13:00:00Z"));
}

#[test]
fn who_lost_a_chosen_time_hears_of_the_next_and_the_absent_therapist_of_nothing() {
    let now = at("2027-07-01T12:00:00Z");
    let moved = booked().take(visit(3, "2027-07-20T19:00:00Z"), now, now).unwrap().booking;
    let other = Visit { therapist: TherapistId::from_bytes([2; 16]), ..visit(4, "2027-07-21T19:00:00Z") };
    let change = moved.replaced(Some(other.clone())).unwrap();
    let owed = with_replaced(&change, &rules(), now);
    let kinds: Vec<Letter> = owed.iter().map(|errand| errand.letter).collect();
    use Letter::{MovedReminder, Replaced, TherapistDay};
    assert_eq!(kinds, [Replaced, MovedReminder, MovedReminder, TherapistDay]);
    assert_eq!(owed[3].to, Recipient::Therapist(other.therapist));
    assert!(owed[..3].iter().all(|errand| errand.holds(&change.booking) && !errand.letter.tells_nothing()));
    let change = moved.replaced(None).unwrap();
    let owed = with_replaced(&change, &rules(), now);
    assert_eq!((owed.len(), owed[0].letter), (1, Letter::Lapsed));
    assert_eq!(owed[0].entry(&change.booking), moved.visit());
}
