//! What must hold of a booking whose visit was lost, told as what happened to somebody.

use proptest::prelude::*;

use crate::domain::booking::tests::{at, booked, visit};
use crate::domain::booking::{Booking, Entry, Mended, Message, Standing, Visit};
use crate::domain::id::BookingId;

const STANDS: fn(&Visit) -> bool = |_| false;

fn given(booking: &Booking, new: Option<Visit>) -> Mended {
    booking.mended(new, STANDS, true)
}

#[test]
fn who_kept_the_default_visit_sits_in_the_new_one_and_the_entry_moves_along() {
    let Mended { booking, message, sits } = given(&booked(), Some(visit(2, 200)));
    assert_eq!((message, sits, booking.sequence), (Some(Message::Request), true, 1));
    assert_eq!((booking.visit(), &booking.default_visit), (Some(&visit(2, 200)), &Some(visit(2, 200))));
}

#[test]
fn who_opted_out_stays_opted_out_and_may_come_back_to_the_new_time() {
    for (entry, message) in [(Entry::Keep, Some(Message::Request)), (Entry::Remove, None)] {
        let out = booked().opt_out(entry, at(0)).unwrap().booking;
        let mended = given(&out, Some(visit(2, 200)));
        assert_eq!((mended.message, mended.sits), (message, false), "{entry:?}");
        assert_eq!(mended.booking.on_calendar, entry == Entry::Keep);
        assert_eq!(mended.booking.way_back(at(0)), Some(&visit(2, 200)));
    }
}

#[test]
fn who_chose_another_time_keeps_it_and_their_calendar_is_left_alone() {
    let moved = booked().take(visit(2, 200), at(0), at(24)).unwrap().booking;
    for new in [None, Some(visit(3, 300))] {
        let Mended { booking, message, sits } = given(&moved, new.clone());
        assert_eq!((message, sits, booking.sequence), (None, false, moved.sequence));
        assert_eq!((&booking.standing, booking.default_visit), (&moved.standing, new));
    }
}

#[test]
fn who_opted_out_of_a_time_of_their_own_choosing_hears_nothing_when_the_default_one_is_lost() {
    let moved = booked().take(visit(2, 200), at(0), at(24)).unwrap().booking;
    let out = moved.opt_out(Entry::Keep, at(1)).unwrap().booking;
    for new in [None, Some(visit(3, 300))] {
        let Mended { booking, message, sits } = given(&out, new);
        assert_eq!((message, sits, booking.sequence), (None, false, out.sequence));
        assert_eq!(
            (&booking.standing, booking.on_calendar),
            (&out.standing, true),
            "what they kept stays kept"
        );
        assert_eq!(booking.way_back(at(1)), Some(&visit(2, 200)));
    }
}

#[test]
fn who_lost_the_chosen_time_too_sits_in_the_new_default_visit() {
    let moved = booked().take(visit(2, 200), at(0), at(24)).unwrap().booking;
    let mended = moved.mended(Some(visit(3, 300)), |visit| visit.span.starts_at() == at(200), true);
    assert_eq!((mended.message, mended.sits), (Some(Message::Request), true));
    // Where there is no new one, what they chose is seen to by itself.
    let none = moved.mended(None, |_| true, true);
    assert_eq!((none.message, none.booking.visit()), (None, Some(&visit(2, 200))));
    let gone = none.booking.replaced(None).unwrap();
    assert_eq!((gone.message, gone.booking.standing), (Some(Message::Cancel), Standing::Waiting));
}

#[test]
fn without_another_time_the_entry_goes_and_comes_back_for_whoever_had_it() {
    let out = |entry| booked().opt_out(entry, at(0)).unwrap().booking;
    for (before, cancel, again) in [
        (booked(), Some(Message::Cancel), Some(Message::Request)),
        (out(Entry::Keep), Some(Message::Cancel), Some(Message::Request)),
        (out(Entry::Remove), None, None),
    ] {
        let lost = given(&before, None);
        assert_eq!((lost.message, lost.sits, lost.booking.on_calendar), (cancel, false, false));
        assert_eq!(
            lost.booking.visit().or(lost.booking.way_back(at(0))),
            None,
            "the lost time is no way back"
        );
        let found = lost.booking.mended(Some(visit(2, 200)), STANDS, false);
        assert_eq!(found.message, again);
        assert_eq!(found.sits, before.visit().is_some(), "who opted out stays opted out");
        assert!(found.booking.visit().or(found.booking.way_back(at(0))).is_some());
        assert!(found.booking.told);
    }
}

#[test]
fn nobodys_calendar_hears_of_a_time_before_the_invitation() {
    for new in [None, Some(visit(2, 200))] {
        let Mended { booking, message, .. } = booked().mended(new.clone(), STANDS, false);
        assert_eq!((message, booking.sequence, booking.told), (None, 0, false));
        assert_eq!(booking.on_calendar, new.is_some());
    }
    let waiting = Booking::new(BookingId::from_bytes([0; 16]), None);
    let first = waiting.mended(Some(visit(1, 100)), STANDS, false).booking;
    assert_eq!(first, booked(), "a first visit is no change");
}

#[test]
fn who_wants_no_entry_after_the_time_was_lost_gets_none_with_the_next() {
    let lost = given(&booked().opt_out(Entry::Keep, at(0)).unwrap().booking, None).booking;
    let lost = lost.opt_out(Entry::Remove, at(1)).unwrap().booking;
    assert_eq!(given(&lost, Some(visit(2, 200))).message, None);
}

#[derive(Debug, Clone)]
enum Step {
    OptOut(bool),
    Take(u8),
    Mend(Option<u8>, bool),
    Replace(Option<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<bool>().prop_map(Step::OptOut),
        (1_u8..8).prop_map(Step::Take),
        (prop::option::of(8_u8..30), any::<bool>()).prop_map(|(new, gone)| Step::Mend(new, gone)),
        prop::option::of(30_u8..40).prop_map(Step::Replace),
    ]
}

proptest! {
    /// Whatever was done before: the new default visit is the booking's, an opt-out and a choice that can be held stand,
    /// the sequence rises exactly with a message, the calendar holds an entry exactly while it should, and it all fits.
    #[test]
    fn a_mend_never_undoes_what_somebody_chose(steps in prop::collection::vec(step(), 0..20)) {
        let (mut booking, now) = (booked(), at(0));
        let (mut numbers, mut entry) = (0, true);
        for step in steps {
            let before = booking.clone();
            let (after, message) = match step {
                Step::OptOut(remove) => {
                    let Ok(change) = booking.opt_out(if remove { Entry::Remove } else { Entry::Keep }, now) else { continue };
                    (change.booking, change.message)
                }
                Step::Take(n) => {
                    let Ok(change) = booking.take(visit(n, 100 * i64::from(n)), now, now) else { continue };
                    (change.booking, change.message)
                }
                Step::Mend(new, gone) => {
                    let new = new.map(|n| visit(n, 100 * i64::from(n)));
                    let lost = before.default_visit.as_ref().map(|lost| lost.seat);
                    let mended = booking.mended(new.clone(), |_| gone, true);
                    let after = mended.booking;
                    prop_assert_eq!(&after.default_visit, &new);
                    prop_assert!(after.number > numbers || (numbers == 0 && lost.is_none()));
                    prop_assert!(after.told);
                    numbers = after.number;
                    match &before.standing {
                        Standing::OptedOut(_) => prop_assert!(matches!(after.standing, Standing::OptedOut(_))),
                        Standing::Held(held) if Some(held.seat) != lost && !gone => {
                            prop_assert_eq!(&after.standing, &before.standing);
                            prop_assert_eq!(mended.message, None);
                        }
                        Standing::Held(_) | Standing::Waiting => prop_assert_eq!(mended.sits, new.is_some()),
                    }
                    prop_assert_eq!(mended.sits, after.visit().is_some() && after.visit() == new.as_ref());
                    (after, mended.message)
                }
                Step::Replace(new) => {
                    let new = new.map(|n| visit(n, 100 * i64::from(n)));
                    let Some(change) = booking.replaced(new.clone()) else { continue };
                    prop_assert_eq!(&change.booking.default_visit, &before.default_visit);
                    prop_assert_eq!(change.booking.visit(), new.as_ref());
                    (change.booking, change.message)
                }
            };
            prop_assert_eq!(after.sequence - before.sequence, u32::from(message.is_some()));
            entry = match message {
                Some(Message::Request) => true,
                Some(Message::Cancel) => false,
                None => entry,
            };
            prop_assert_eq!(after.on_calendar, entry);
            prop_assert!(!matches!(after.standing, Standing::Waiting) || !entry);
            prop_assert!(!matches!(after.standing, Standing::Held(_)) || entry);
            prop_assert!(serde_json::to_vec(&after).unwrap().len() <= 2500);
            booking = after;
        }
    }
}
