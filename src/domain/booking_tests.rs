//! What must hold of a booking through any chain of changes.

use proptest::prelude::*;

use super::*;

pub(super) fn at(hour: i64) -> Instant {
    chrono::DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap()
}

pub(super) fn visit(n: u8, hour: i64) -> Visit {
    Visit {
        seat: SeatId::from_bytes([n; 16]),
        slot: SlotId::from_bytes([n; 16]),
        therapist: TherapistId::from_bytes([1; 16]),
        therapist_zone: Zone::UTC,
        span: Span::new(at(hour), at(hour + 1)).unwrap(),
        block: Span::new(at(hour - 1), at(hour + 3)).unwrap(),
        modality: Modality::Video,
    }
}

pub(super) fn booked() -> Booking {
    Booking::new(BookingId::from_bytes([0; 16]), Some(visit(1, 100)))
}

#[test]
fn opting_out_and_keeping_the_entry_sends_nothing_and_gives_the_seat_up() {
    let change = booked().opt_out(Entry::Keep, at(0)).unwrap();
    assert_eq!(change.gives_up.map(|v| v.seat), Some(SeatId::from_bytes([1; 16])));
    assert_eq!((change.message, change.booking.sequence), (None, 0));
    let again = change.booking.opt_out(Entry::Keep, at(0)).unwrap();
    assert_eq!((again.booking, again.gives_up, again.message), (change.booking, None, None));
}

#[test]
fn whoever_wants_the_entry_gone_gets_one_cancel_even_if_they_ask_later_and_twice() {
    let kept = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
    let removed = kept.opt_out(Entry::Remove, at(1)).unwrap();
    assert_eq!((removed.message, removed.booking.sequence), (Some(Message::Cancel), 1));
    let again = removed.booking.opt_out(Entry::Remove, at(1)).unwrap();
    assert_eq!((again.message, again.booking.sequence), (None, 1));
}

#[test]
fn coming_back_to_the_same_seat_needs_a_letter_only_if_the_entry_was_removed() {
    let kept = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
    let back = kept.take(visit(1, 100), at(99), at(99 + 48)).unwrap();
    assert_eq!((back.message, back.booking.sequence), (None, 0));
    let removed = booked().opt_out(Entry::Remove, at(0)).unwrap().booking;
    let back = removed.take(visit(1, 100), at(1), at(2)).unwrap();
    assert_eq!((back.message, back.booking.sequence), (Some(Message::Request), 2));
}

#[test]
fn nobody_opts_out_of_a_visit_that_has_begun_or_moves_into_the_notice() {
    assert_eq!(booked().opt_out(Entry::Keep, at(100)), Err(Refusal::HasBegun));
    assert_eq!(booked().take(visit(2, 10), at(0), at(24)).unwrap_err(), Refusal::TooSoon);
}

#[test]
fn who_missed_a_visit_may_book_again_and_who_kept_one_may_not() {
    let seat = SeatId::from_bytes([1; 16]);
    assert_eq!(booked().marked(seat, Some(Mark::Kept), at(99)), Err(Refusal::NotYet));
    let missed = booked().marked(seat, Some(Mark::Missed), at(101)).unwrap();
    let again = missed.take(visit(2, 300), at(102), at(150)).unwrap();
    assert_eq!(again.gives_up, None, "the hour that passed is not given to anybody else");
    assert_eq!(again.booking.mark_of(seat), Some(Mark::Missed));
    assert!(!again.booking.attended());
    let kept = booked().marked(seat, Some(Mark::Kept), at(101)).unwrap();
    assert!(kept.attended());
    assert_eq!(kept.take(visit(2, 300), at(102), at(150)).unwrap_err(), Refusal::TookPlace);
}

#[test]
fn a_late_mark_on_a_visit_that_was_left_behind_still_counts() {
    let again = booked().take(visit(2, 300), at(102), at(150)).unwrap().booking;
    let marked = again.marked(SeatId::from_bytes([1; 16]), Some(Mark::Kept), at(103)).unwrap();
    assert!(marked.attended());
    assert_eq!(marked.marked(SeatId::from_bytes([9; 16]), None, at(103)), Err(Refusal::NoSuchVisit));
}

#[test]
fn a_time_that_begins_just_when_the_notice_ends_can_be_taken() {
    assert!(booked().take(visit(2, 24), at(0), at(24)).is_ok());
}

#[test]
fn there_is_a_way_back_until_the_visit_begins_and_none_from_then_on() {
    let out = booked().opt_out(Entry::Keep, at(0)).unwrap().booking;
    assert_eq!((out.way_back(at(99)), out.way_back(at(100))), (Some(&visit(1, 100)), None));
    let moved = booked().take(visit(2, 200), at(0), at(24)).unwrap().booking;
    assert_eq!((moved.came_from(at(99)), moved.came_from(at(100))), (Some(&visit(1, 100)), None));
}

#[test]
fn a_visit_can_be_marked_from_its_first_moment_on_and_is_found_by_its_seat_ever_after() {
    let [first, second, other] = [1, 2, 9].map(|n| SeatId::from_bytes([n; 16]));
    let missed = booked().marked(first, Some(Mark::Missed), at(100)).unwrap();
    let again = missed.take(visit(2, 300), at(101), at(150)).unwrap().booking;
    assert_eq!(again.visit_in(first), Some(&visit(1, 100)));
    assert_eq!((again.visit_in(second), again.visit_in(other)), (Some(&visit(2, 300)), None));
}

#[test]
fn who_was_booked_again_three_times_in_vain_is_sent_to_the_clinic_and_may_still_move_what_is_to_come() {
    let booking = (2..=4).fold(booked(), |booking, n| {
        let hour = 100 * i64::from(n);
        booking.take(visit(n, hour), at(hour - 50), at(hour - 50)).unwrap().booking
    });
    assert_eq!(booking.may_choose(at(399)), Ok(()));
    assert_eq!(booking.may_choose(at(400)), Err(Refusal::TooOften));
    assert_eq!(booking.take(visit(5, 500), at(400), at(424)).unwrap_err(), Refusal::TooOften);
}

#[derive(Debug, Clone)]
enum Step {
    OptOut(bool),
    Take(u8),
    Mark(bool),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<bool>().prop_map(Step::OptOut),
        (1_u8..8).prop_map(Step::Take),
        any::<bool>().prop_map(Step::Mark),
        (1_i64..60).prop_map(Step::Wait),
    ]
}

proptest! {
    /// Whatever somebody does: the sequence never falls, rises exactly with a message, a seat is given up only
    /// if it was held, and what is sealed always fits.
    #[test]
    fn any_chain_of_changes_keeps_seats_messages_and_size_in_order(steps in prop::collection::vec(step(), 0..40)) {
        let mut booking = booked();
        let mut held = Some(SeatId::from_bytes([1; 16]));
        let mut now = at(0);
        for step in steps {
            let result = match step {
                Step::Wait(hours) => { now += chrono::Duration::hours(hours); continue }
                Step::Mark(kept) => {
                    let seat = booking.visit().map_or(SeatId::from_bytes([0; 16]), |v| v.seat);
                    let mark = if kept { Mark::Kept } else { Mark::Missed };
                    if let Ok(marked) = booking.marked(seat, Some(mark), now) { booking = marked; }
                    continue;
                }
                Step::OptOut(remove) => booking.opt_out(if remove { Entry::Remove } else { Entry::Keep }, now),
                Step::Take(n) => booking.take(visit(n, 100 * i64::from(n)), now, now + chrono::Duration::hours(24)),
            };
            let Ok(change) = result else { continue };
            let rose = change.booking.sequence - booking.sequence;
            prop_assert_eq!(rose, u32::from(change.message.is_some()));
            if let Some(given) = &change.gives_up {
                prop_assert_eq!(held.take(), Some(given.seat));
                prop_assert!(given.span.starts_at() > now);
            }
            if let Some(taken) = &change.takes {
                prop_assert!(taken.span.starts_at() > now);
                held = Some(taken.seat);
            }
            prop_assert_eq!(change.booking.visit().map(|v| v.seat), change.booking.visit().and(held));
            booking = change.booking;
            prop_assert!(serde_json::to_vec(&booking).unwrap().len() <= 2500);
        }
    }
}
