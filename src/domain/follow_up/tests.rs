//! Follow-ups alone: which are offered, taken, given up and forgotten. Never among seats; that is in `world`.

use chrono::NaiveTime;

use super::*;
use crate::domain::absence::{Absence, Typed};
use crate::domain::availability::{Change, Exception, Pattern};
use crate::domain::plan::Weights;

mod world;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn zone() -> Zone {
    "America/Denver".parse().unwrap()
}

fn now() -> Instant {
    at("2027-07-06T15:00:00Z")
}

fn rules() -> Rules {
    Rules {
        title: "Protected time".to_owned(),
        visit_minutes: 50,
        buffer_minutes: 10,
        from: "2027-07-05".parse().unwrap(),
        until: "2027-07-16".parse().unwrap(),
        notice_hours: 24,
        reserve_percent: 15,
        reminder_hours: vec![48],
        announce_days: None,
        release_on: None,
        epsilon_millis: 1000,
        weights: Weights::default(),
        survey: true,
        breakdowns: false,
    }
}

fn visit(starts_at: &str) -> Span {
    Span::new(at(starts_at), at(starts_at) + Duration::minutes(50)).unwrap()
}

fn id(n: u8) -> FollowUpId {
    FollowUpId::from_bytes([n; 16])
}

fn ann() -> BookingId {
    BookingId::from_bytes([1; 16])
}

fn offer(n: u8, span: Span) -> Offer<'static> {
    Offer {
        id: id(n),
        booking: ann(),
        span,
        zone: zone(),
        modality: Modality::Video,
        held: Held::Typed(NaiveDateTime::MIN),
        entry: false,
        theirs: &[],
        live: 0,
        page_ends: at("2027-08-15T00:00:00Z"),
    }
}

fn one() -> FollowUps {
    FollowUps::default().offer(&offer(1, visit("2027-07-20T19:00:00Z")), &rules(), now()).unwrap().all
}

fn refused(offer: &Offer<'_>) -> Refusal {
    one().offer(offer, &rules(), now()).unwrap_err()
}

#[test]
fn an_offer_waits_a_week_and_never_into_the_notice() {
    let until = |span| match FollowUps::default().offer(&offer(1, span), &rules(), now()).unwrap().one.state {
        State::Offered(until) => until,
        other => panic!("{other:?}"),
    };
    assert_eq!(until(visit("2027-07-20T19:00:00Z")), now() + Duration::days(7));
    assert_eq!(until(visit("2027-07-09T19:00:00Z")), at("2027-07-08T19:00:00Z"));
}

#[test]
fn what_is_taken_twice_or_declined_twice_says_what_holds() {
    let taken = one().take(id(1), &[], now()).unwrap().unwrap().all;
    assert_eq!(taken.take(id(1), &[], now()), Ok(None));
    let given_up = taken.leave(id(1), now()).unwrap().unwrap();
    assert_eq!(given_up.one.state, State::GivenUp);
    assert_eq!(given_up.all.leave(id(1), now()), Ok(None));
    assert_eq!(given_up.all.take(id(1), &[], now()), Err(Refusal::Gone));
    let declined = one().leave(id(1), now()).unwrap().unwrap();
    assert_eq!((declined.one.state, declined.one.changes), (State::Declined, 1));
    assert_eq!(one().take(id(2), &[], now()), Err(Refusal::Gone));
}

#[test]
fn nobody_takes_what_lapsed_was_taken_back_or_meets_something_else_of_theirs() {
    let late = now() + Duration::days(7);
    assert_eq!(one().take(id(1), &[], late), Err(Refusal::Gone));
    let (all, lapsed) = one().lapsed(late);
    assert_eq!((lapsed.len(), lapsed[0].state), (1, State::Lapsed));
    assert_eq!(all.lapsed(late).1, []);
    let back = one().withdraw(id(1), now()).unwrap().unwrap().all;
    assert_eq!((back.take(id(1), &[], now()), back.withdraw(id(1), now())), (Err(Refusal::Gone), Ok(None)));
    assert_eq!(one().take(id(1), &[visit("2027-07-20T19:30:00Z")], now()), Err(Refusal::Theirs));
}

#[test]
fn what_has_begun_is_given_up_and_taken_back_by_nobody() {
    let taken = one().take(id(1), &[], now()).unwrap().unwrap().all;
    let begun = at("2027-07-20T19:00:00Z");
    assert_eq!(taken.leave(id(1), begun), Err(Refusal::HasBegun));
    assert_eq!(taken.withdraw(id(1), begun), Err(Refusal::HasBegun));
    assert_eq!(taken.closed(|_| true, begun).1, []);
    assert_eq!(taken.closed(|_| true, begun - Duration::minutes(1)).1[0].state, State::Withdrawn);
}

#[test]
fn too_soon_too_late_twice_the_same_time_and_too_many_are_refused() {
    let good = visit("2027-07-21T19:00:00Z");
    assert_eq!(refused(&offer(2, visit("2027-07-07T15:00:00Z"))), Refusal::TooSoon);
    assert_eq!(refused(&offer(2, visit("2027-08-14T23:30:00Z"))), Refusal::TooLate);
    assert_eq!(refused(&offer(2, visit("2027-07-20T19:40:00Z"))), Refusal::Offered);
    assert_eq!(refused(&Offer { theirs: &[good], ..offer(2, good) }), Refusal::Theirs);
    assert_eq!(refused(&Offer { live: RESIDENT_MAX, ..offer(2, good) }), Refusal::EnoughForThem);
    let mut all = FollowUps::default();
    for n in 0..u8::try_from(THERAPIST_MAX).unwrap() {
        let starts_at = at("2027-07-20T00:00:00Z") + Duration::hours(i64::from(n));
        let span = Span::new(starts_at, starts_at + Duration::minutes(50)).unwrap();
        all = all.offer(&offer(n, span), &rules(), now()).unwrap().all;
    }
    let one_more = offer(200, visit("2027-08-01T00:00:00Z"));
    assert_eq!(all.offer(&one_more, &rules(), now()), Err(Refusal::EnoughForYou));
    let back = all.withdraw(id(0), now()).unwrap().unwrap().all;
    assert!(back.offer(&one_more, &rules(), now()).is_ok());
}

#[test]
fn what_is_over_is_forgotten_and_what_holds_never_is() {
    let mut all = one();
    for n in 2..200 {
        let made = all.offer(&offer(n, visit("2027-07-21T19:00:00Z")), &rules(), now()).unwrap().all;
        all = made.withdraw(id(n), now()).unwrap().unwrap().all;
        assert!(all.iter().count() <= KEPT_MAX);
    }
    assert!(all.one(id(1)).is_some() && all.one(id(199)).is_some() && all.one(id(2)).is_none());
    let later = all.lapsed(now() + Duration::days(80)).0;
    assert_eq!(later.iter().map(|one| one.id).collect::<Vec<_>>(), [id(1)]);
    assert_eq!(later.lapsed(now() + Duration::days(120)).0.iter().count(), 0);
}

#[test]
fn a_page_looks_into_the_rows_of_those_who_have_something_to_show() {
    let who = |n: u8| TherapistId::from_bytes([n; 16]);
    assert_eq!(remembered(&[(who(1), true), (who(2), false)], who(3)), [who(1), who(3)]);
    assert_eq!(remembered(&[(who(1), true)], who(1)), [who(1)]);
    let many: Vec<_> = (0..20).map(|n| (who(n), true)).collect();
    assert_eq!(remembered(&many, who(50)).len(), 2 * RESIDENT_MAX);
}

/// Mondays from 9 to 12, without the 12th of July.
fn hours() -> (Vec<Pattern>, Vec<Exception>) {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let weekday = chrono::Weekday::Mon;
    let pattern = Pattern { weekday, from: time(9), to: time(12), zone: zone(), first: None, last: None };
    let on = "2027-07-12".parse().unwrap();
    (
        vec![pattern],
        vec![Exception { change: Change::Away, on, hours: Some((time(9), time(10))), zone: zone() }],
    )
}

fn means(local: &str, of: &Engaged<'_>) -> Result<Span, Refusal> {
    typed(local.parse().unwrap(), zone(), 50, of)
}

#[test]
fn a_time_that_is_typed_lies_outside_the_hours_that_everybody_is_offered() {
    let (patterns, exceptions) = hours();
    let of = Engaged { patterns: &patterns, exceptions: &exceptions, ..Engaged::default() };
    for inside in ["2027-07-19T09:00:00", "2027-07-19T11:30:00", "2027-07-19T08:30:00", "2027-07-12T09:30:00"]
    {
        assert_eq!(means(inside, &of), Err(Refusal::InHours), "{inside}");
    }
    for outside in
        ["2027-07-19T12:00:00", "2027-07-19T08:10:00", "2027-07-20T09:00:00", "2027-07-12T09:00:00"]
    {
        assert!(means(outside, &of).is_ok(), "{outside}");
    }
}

#[test]
fn a_time_that_is_typed_meets_no_slot_no_absence_and_no_other_appointment() {
    let span = visit("2027-07-20T19:00:00Z");
    let local = "2027-07-20T13:40:00";
    let day = Typed { on: "2027-07-20".parse().unwrap(), at: None };
    let absence = Absence::new(day, Some(day), zone(), now()).unwrap();
    assert_eq!(means(local, &Engaged { slots: &[span], ..Engaged::default() }), Err(Refusal::SlotThere));
    assert_eq!(means(local, &Engaged { busy: &[span], ..Engaged::default() }), Err(Refusal::Busy));
    assert_eq!(means(local, &Engaged { absences: &[absence], ..Engaged::default() }), Err(Refusal::Away));
    assert_eq!(
        means("2027-07-20T13:50:00", &Engaged { slots: &[span], ..Engaged::default() }).unwrap().minutes(),
        50
    );
}

#[test]
fn a_time_that_clocks_skip_is_refused_and_of_one_shown_twice_the_first_is_meant() {
    assert_eq!(means("2028-03-12T02:30:00", &Engaged::default()), Err(Refusal::Skipped));
    let first = means("2027-11-07T01:30:00", &Engaged::default()).unwrap();
    assert_eq!(first.starts_at(), at("2027-11-07T07:30:00Z"));
}

#[test]
fn as_many_as_there_can_be_fit_the_size_at_which_they_are_sealed() {
    let longest = FollowUp {
        id: id(255),
        booking: ann(),
        span: visit("2027-07-20T19:00:00Z"),
        zone: "America/Argentina/ComodRivadavia".parse().unwrap(),
        modality: Modality::InPerson,
        held: Held::Seat(SeatId::from_bytes([255; 16]), SlotId::from_bytes([255; 16])),
        state: State::Offered(at("2027-07-20T19:00:00.123456789Z")),
        entry: false,
        changes: 9999,
        changed_at: at("2027-07-20T19:00:00.123456789Z"),
    };
    let all = FollowUps { all: vec![longest; KEPT_MAX] };
    let bytes = serde_json::to_vec(&all).unwrap();
    assert!(bytes.len() <= 32_768 - 40, "{} bytes", bytes.len());
    assert_eq!(serde_json::from_slice::<FollowUps>(&bytes).unwrap(), all);
}
