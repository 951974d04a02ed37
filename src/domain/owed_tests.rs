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

fn rules() -> Rules {
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
        weights: Weights::default(),
    }
}

fn visit(n: u8, starts_at: &str) -> Visit {
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
fn letters_for_everyone_tell_the_truth_whatever_somebody_did() {
    let now = at("2027-06-20T12:00:00Z");
    let letters = with_booking(&booked(), &rules(), now);
    let out = booked().opt_out(Entry::Remove, now).unwrap().booking;
    assert!(letters.iter().all(|errand| errand.holds(&out)));
}
