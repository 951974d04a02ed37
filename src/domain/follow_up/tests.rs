//! Follow-ups alone, and among seats that batches and residents use: no time twice, and nothing changed for a batch.

use chrono::NaiveTime;
use proptest::prelude::*;

use super::*;
use crate::domain::absence::{Absence, Typed};
use crate::domain::availability::{Change, Exception, Pattern};
use crate::domain::plan::Weights;
use crate::domain::seating::{Pool, Seat};

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

/// Something that happens to one of four seats, or to a follow-up in it.
#[derive(Debug, Clone, Copy)]
enum Doing {
    Offers,
    Takes,
    Leaves,
    TakesBack,
    HourStrikes,
    AResidentMovesIn,
    AResidentMovesOut,
    IsClosed,
    DaysPass,
}

struct World {
    seats: Vec<(Pool, Seat)>,
    /// The same seats, with which nothing happened but what batches and absences do.
    untouched: Vec<Seat>,
    all: FollowUps,
    now: Instant,
    drawn: u8,
}

impl World {
    fn new() -> Self {
        let planned = Some(BookingId::from_bytes([7; 16]));
        let given_up = Seat::new(Pool::Plan, planned, now()).held_by(None, now()).refreshed(Pool::Plan, 0);
        let seats = vec![
            (Pool::Moves, Seat::new(Pool::Moves, None, now())),
            (Pool::Plan, Seat::new(Pool::Plan, None, now())),
            (Pool::Plan, given_up),
            (Pool::Late, Seat::new(Pool::Late, None, now())),
        ];
        let untouched = seats.iter().map(|(_, seat)| *seat).collect();
        Self { seats, untouched, all: FollowUps::default(), now: now(), drawn: 0 }
    }

    fn span(at_seat: usize) -> Span {
        let starts_at = at("2027-07-28T15:00:00Z") + Duration::hours(i64::try_from(at_seat).unwrap());
        Span::new(starts_at, starts_at + Duration::minutes(50)).unwrap()
    }

    fn seat_id(at_seat: usize) -> SeatId {
        SeatId::from_bytes([u8::try_from(at_seat).unwrap(); 16])
    }

    fn newest(&self, at_seat: usize) -> Option<FollowUpId> {
        let span = Self::span(at_seat);
        self.all.iter().filter(|one| one.span == span).max_by_key(|one| *one.id.as_bytes()).map(|one| one.id)
    }

    fn ends(&mut self, changed: Option<Changed>) {
        let Some(Changed { all, one }) = changed else { return };
        self.all = all;
        self.frees(&one);
    }

    fn frees(&mut self, one: &FollowUp) {
        let freed = one.seat().filter(|_| !one.stands());
        for (n, (_, seat)) in self.seats.iter_mut().enumerate() {
            if freed == Some(Self::seat_id(n)) {
                *seat = seat.free_of(one.id, self.now);
            }
        }
    }

    fn happens(&mut self, doing: Doing, n: usize) {
        let (pool, seat) = self.seats[n];
        let bob = BookingId::from_bytes([9; 16]);
        match doing {
            Doing::Offers if seat.offered_to_all(pool) => {
                self.drawn += 1;
                let held = Held::Seat(Self::seat_id(n), SlotId::from_bytes([0; 16]));
                let offer = Offer { held, ..offer(self.drawn, Self::span(n)) };
                if let Ok(Changed { all, one }) = self.all.offer(&offer, &rules(), self.now) {
                    self.all = all;
                    self.seats[n].1 = seat.kept_for_follow_up(one.id, self.now);
                }
            }
            Doing::Takes | Doing::Leaves | Doing::TakesBack => {
                let answer = |id| match doing {
                    Doing::Takes => self.all.take(id, &[], self.now),
                    Doing::Leaves => self.all.leave(id, self.now),
                    _ => self.all.withdraw(id, self.now),
                };
                self.ends(self.newest(n).and_then(|id| answer(id).ok()).flatten());
            }
            Doing::HourStrikes => {
                let (all, lapsed) = self.all.lapsed(self.now);
                self.all = all;
                lapsed.iter().for_each(|one| self.frees(one));
                self.seats.iter_mut().for_each(|(pool, seat)| *seat = seat.refreshed(*pool, 0));
                let pools: Vec<Pool> = self.seats.iter().map(|(pool, _)| *pool).collect();
                self.untouched.iter_mut().zip(pools).for_each(|(seat, pool)| *seat = seat.refreshed(pool, 0));
            }
            Doing::AResidentMovesIn if seat.takeable(pool, false, bob) => {
                self.seats[n].1 = seat.held_by(Some(bob), self.now);
            }
            Doing::AResidentMovesOut if seat.holder == Some(bob) => {
                self.seats[n].1 = seat.held_by(None, self.now);
            }
            // Nothing that has begun is emptied: it was held, or is being held now.
            Doing::IsClosed if self.now < Self::span(n).starts_at() => {
                self.seats[n].1 = seat.emptied(self.now);
                self.untouched[n] = self.untouched[n].emptied(self.now);
                let span = Self::span(n);
                self.all = self.all.closed(|other| *other == span, self.now).0;
            }
            Doing::DaysPass => self.now += Duration::days(3),
            _ => {}
        }
    }

    fn holds(&self) {
        let standing: Vec<&FollowUp> = self.all.iter().filter(|one| one.stands()).collect();
        for (n, one) in standing.iter().enumerate() {
            assert!(standing[..n].iter().all(|other| !other.span.overlaps(&one.span)), "one time, twice");
        }
        for (n, (pool, seat)) in self.seats.iter().enumerate() {
            let kept: Vec<FollowUpId> = standing
                .iter()
                .filter(|one| one.seat() == Some(Self::seat_id(n)))
                .map(|one| one.id)
                .collect();
            assert_eq!(kept, Vec::from_iter(seat.follow_up), "a seat and its follow-up disagree");
            assert!(seat.holder.is_none() || seat.follow_up.is_none(), "two in one seat");
            assert!(
                seat.follow_up.is_none() || !seat.takeable(*pool, true, BookingId::from_bytes([9; 16])),
                "it can be taken from them"
            );
            let as_planned = self.untouched[n].open_to_batch(*pool);
            assert_eq!(seat.open_to_batch(*pool), as_planned, "a batch would see it");
            assert!(!as_planned || seat.follow_up.is_none(), "a batch would sit on it");
        }
    }
}

fn doing() -> impl Strategy<Value = (Doing, usize)> {
    let all = [
        Doing::Offers,
        Doing::Offers,
        Doing::Takes,
        Doing::Leaves,
        Doing::TakesBack,
        Doing::HourStrikes,
        Doing::AResidentMovesIn,
        Doing::AResidentMovesOut,
        Doing::IsClosed,
        Doing::DaysPass,
    ];
    (proptest::sample::select(all.to_vec()), 0..4_usize)
}

proptest! {
    #[test]
    fn no_time_is_used_twice_and_nothing_changes_for_a_batch(doings in proptest::collection::vec(doing(), 0..60)) {
        let mut world = World::new();
        for (doing, n) in doings {
            world.happens(doing, n);
            world.holds();
        }
    }
}
