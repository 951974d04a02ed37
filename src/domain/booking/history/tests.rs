//! What a history tells of people, each as a sentence.

use super::*;
use crate::domain::booking::tests::{at, booked, visit};
use crate::domain::booking::{Entry, Modality};
use crate::domain::id::BookingId;

fn waiting() -> Booking {
    Booking::new(BookingId::from_bytes([0; 16]), None)
}

/// When the visit of an hour begins, as lines have it.
fn hour(hour: i64) -> Option<i64> {
    Some(at(hour).timestamp())
}

#[test]
fn who_opts_out_comes_back_or_goes_elsewhere_is_told_apart() {
    let by = Hand::Resident;
    let kept = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
    let removed = booked().opt_out(Entry::Remove, at(0)).unwrap().booking;
    let back = kept.take(visit(1, 100), at(1), at(2)).unwrap().booking;
    let other = kept.take(visit(2, 200), at(1), at(2)).unwrap().booking;
    let moved = booked().take(visit(2, 200), at(1), at(2)).unwrap().booking;
    assert_eq!(booked().deeds_since(&booked(), by), []);
    assert_eq!(kept.deeds_since(&booked(), by), [(Deed::OptedOut, hour(100))]);
    assert_eq!(removed.deeds_since(&booked(), by), [(Deed::OptedOut, hour(100)), (Deed::EntryRemoved, None)]);
    assert_eq!(removed.deeds_since(&kept, by), [(Deed::EntryRemoved, None)], "they asked for it later");
    assert_eq!(removed.deeds_since(&removed, by), []);
    assert_eq!(back.deeds_since(&kept, by), [(Deed::CameBack, hour(100))]);
    assert_eq!(other.deeds_since(&kept, by), [(Deed::Took, hour(200))]);
    assert_eq!(moved.deeds_since(&booked(), by), [(Deed::Moved, hour(200))]);
}

#[test]
fn what_a_batch_books_gives_again_or_cannot_give_is_told_with_the_visit_that_it_is_about() {
    let by = Hand::Batch;
    let mended = |before: &Booking, new| before.mended(new, |_| false, true).booking;
    assert_eq!(booked().deeds_since(&waiting(), by), [(Deed::Booked, hour(100))]);
    assert_eq!(waiting().deeds_since(&waiting(), by), []);
    let lost = mended(&booked(), None);
    assert_eq!(lost.deeds_since(&booked(), by), [(Deed::Lost, hour(100))], "its entry goes with it");
    let again = mended(&lost, Some(visit(2, 200)));
    assert_eq!(again.deeds_since(&lost, by), [(Deed::GivenAgain, hour(200))]);
    assert_eq!(
        mended(&booked(), Some(visit(2, 200))).deeds_since(&booked(), by),
        again.deeds_since(&lost, by)
    );
    let out = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
    let other = mended(&out, Some(visit(2, 200)));
    assert_eq!(other.deeds_since(&out, by), [(Deed::GivenAgain, hour(200))], "they stay opted out");
    // Who lost a time of their own choosing has a default visit still, so the next one is not the first.
    let alone = booked().replaced(None).unwrap().booking;
    let given = mended(&alone, Some(visit(2, 200)));
    assert_eq!(given.deeds_since(&alone, by), [(Deed::GivenAgain, hour(200))]);
}

#[test]
fn who_waits_and_takes_a_free_time_did_it_themselves() {
    let took = waiting().take(visit(2, 200), at(1), at(2)).unwrap().booking;
    assert_eq!(took.deeds_since(&waiting(), Hand::Resident), [(Deed::Took, hour(200))]);
}

#[test]
fn a_visit_at_its_time_in_another_way_is_held_otherwise_and_one_that_is_the_same_is_no_news() {
    let phoned = booked().attends_by(Modality::Phone, at(0)).unwrap();
    assert_eq!(phoned.deeds_since(&booked(), Hand::Resident), [(Deed::Changed, hour(100))]);
    let elsewhere = booked().moved_for(Visit { span: visit(1, 100).span, ..visit(2, 200) }).unwrap().booking;
    assert_eq!(elsewhere.deeds_since(&booked(), Hand::Therapist), [(Deed::Changed, hour(100))]);
    let later = booked().moved_for(Visit { span: visit(2, 200).span, ..visit(1, 100) }).unwrap().booking;
    assert_eq!(later.deeds_since(&booked(), Hand::Therapist), [(Deed::Changed, hour(200))]);
}

#[test]
fn a_second_try_is_no_move_and_marks_are_told_with_the_visit_that_they_are_on() {
    let (first, by) = (SeatId::from_bytes([1; 16]), Hand::Therapist);
    let missed = booked().marked(first, Some(Mark::Missed), at(101)).unwrap();
    assert_eq!(missed.deeds_since(&booked(), by), [(Deed::Missed, hour(100))]);
    let unmarked = missed.marked(first, None, at(101)).unwrap();
    assert_eq!(unmarked.deeds_since(&missed, by), [(Deed::Unmarked, hour(100))]);
    let again = missed.take(visit(2, 300), at(102), at(150)).unwrap().booking;
    assert_eq!(again.deeds_since(&missed, Hand::Resident), [(Deed::TookAgain, hour(300))]);
    let moved = again.take(visit(3, 400), at(103), at(150)).unwrap().booking;
    assert_eq!(moved.deeds_since(&again, Hand::Resident), [(Deed::Moved, hour(400))]);
    let kept = again.marked(first, Some(Mark::Kept), at(103)).unwrap();
    assert_eq!(kept.deeds_since(&again, by), [(Deed::Kept, hour(100))], "a late mark on the first one");
}

#[test]
fn a_history_vouches_for_where_somebody_stands_and_for_every_mark() {
    let [first, second] = [1, 2].map(|n| SeatId::from_bytes([n; 16]));
    let (hundred, later) = (at(100).timestamp(), at(300).timestamp());
    assert_eq!(waiting().vouched(), "waiting");
    assert_eq!(booked().vouched(), format!("held {first} {hundred} {first}=-"));
    let out = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
    assert_eq!(out.vouched(), format!("out {first} {hundred}"));
    let missed = booked().marked(first, Some(Mark::Missed), at(101)).unwrap();
    let again = missed.take(visit(2, 300), at(102), at(150)).unwrap().booking;
    let kept = again.marked(second, Some(Mark::Kept), at(301)).unwrap();
    assert_eq!(kept.vouched(), format!("held {second} {later} {second}=kept {first}=missed"));
}

/// Each line of an outcome log hangs on the words of the one before: with other words, every log written so far would look
/// tampered with.
#[test]
fn what_was_written_down_about_somebody_years_ago_is_still_vouched_for_by_the_same_words() {
    let deeds = [
        (Deed::Booked, "booked"),
        (Deed::Waits, "waits for a seat"),
        (Deed::GivenAgain, "given again"),
        (Deed::Lost, "lost, and none given"),
        (Deed::Moved, "moved"),
        (Deed::Changed, "held otherwise"),
        (Deed::OptedOut, "opted out"),
        (Deed::CameBack, "came back"),
        (Deed::Took, "took a time"),
        (Deed::TookAgain, "took another time afterwards"),
        (Deed::EntryRemoved, "entry removed from the calendar"),
        (Deed::Kept, "marked as kept"),
        (Deed::Missed, "marked as missed"),
        (Deed::Unmarked, "mark taken back"),
        (Deed::FurtherOffered, "follow-up offered"),
        (Deed::FurtherTaken, "follow-up taken"),
        (Deed::FurtherLeft, "follow-up declined or given up"),
    ];
    let hands = [
        (Hand::Resident, "the resident"),
        (Hand::Calendar, "the resident's calendar"),
        (Hand::Therapist, "the therapist"),
        (Hand::Batch, "a batch"),
        (Hand::Service, "the service"),
    ];
    assert!(deeds.iter().all(|(deed, words)| deed.told() == *words));
    assert!(hands.iter().all(|(hand, words)| hand.told() == *words));
}
