//! A change of a booking as storage writes it, on both engines: whole, or not at all, whoever else writes meanwhile. Never looks
//! at what the change means; that is in `choices`.

use futures_util::future::join_all;
use holdspace::domain::booking::Entry;
use holdspace::domain::id::{BookingId, LetterId, SeatId};
use holdspace::domain::time::Instant;
use holdspace::storage::bookings::{self, BookingRow};
use holdspace::storage::changing::{Sealed, SeatSwap, Written};
use holdspace::storage::outbox::{self, Audience, Owed};
use holdspace::storage::{Store, offerings};

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;
use crate::harness::rest::at_rest;

/// A resident of cohort A.
const ANN: &str = "tcastellanos@im.example.edu";
/// Letters of a change: as few as most have, and as many as anybody's.
const LETTERS: [u8; 3] = [0, 2, 8];

/// A house whose residents have their invitations, one of its bookings, and the two seats that come first.
async fn found(db: &TestDatabase) -> (House, BookingId, [SeatId; 2]) {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    let booking = house.bookings().await[0].id;
    let mut seats: Vec<SeatId> = house.seats().await.iter().map(|(id, ..)| id.parse().unwrap()).collect();
    seats.sort_unstable();
    (house, booking, [seats[0], seats[1]])
}

async fn booking(store: &Store, id: BookingId) -> BookingRow {
    bookings::booking(&mut store.read().await.unwrap(), id).await.unwrap().unwrap()
}

async fn seat(store: &Store, id: SeatId) -> Vec<u8> {
    offerings::seat(&mut store.read().await.unwrap(), id).await.unwrap().unwrap().sealed
}

fn owed(number: u8, now: Instant) -> Owed {
    Owed {
        id: LetterId::from_bytes([number; 16]),
        occasion_key: format!("occasion {number}"),
        audience: Audience::Someone,
        letter: "",
        errand: vec![number; 1024],
        due_at: now,
    }
}

/// A change of a booking and two seats from what they are, by bytes that nobody seals.
async fn change<'a>(
    store: &Store,
    before: &'a BookingRow,
    seats: &[SeatId],
    letters: Vec<Owed>,
) -> Written<'a> {
    let mut swaps = Vec::new();
    for id in seats {
        swaps.push(SeatSwap { id: *id, before: seat(store, *id).await, after: vec![9; 320] });
    }
    let after = Sealed { booking: vec![7; before.sealed.len()], history: vec![8; 2560] };
    Written { booking: before.id, before: &before.sealed, after: Some(after), seats: swaps, letters }
}

async fn saved(store: &Store, written: &Written<'_>) -> bool {
    store.change().await.unwrap().save(written).await.unwrap()
}

on_both_engines! {
    async fn a_change_is_written_whole(db: TestDatabase) {
        let (house, id, seats) = found(&db).await;
        let store = house.desk.store();
        for (round, letters) in LETTERS.into_iter().enumerate() {
            let row = booking(store, id).await;
            // Two of the last round's letters are owed already.
            let id_of = |number: u8| LetterId::from_bytes([16 * letters + number; 16]);
            let owed: Vec<Owed> =
                (1..=letters).map(|number| Owed { id: id_of(number), ..owed(number, house.now()) }).collect();
            let mut written = change(store, &row, &seats[..round], owed).await;
            written.after = Some(Sealed { booking: vec![letters; 4608], history: vec![8; 2560] });
            assert!(saved(store, &written).await);
            let after = booking(store, id).await.sealed;
            assert_eq!(after, vec![letters; 4608]);
            let mut reader = store.read().await.unwrap();
            assert_eq!(bookings::history(&mut reader, id, &after).await.unwrap(), Some(vec![8; 2560]));
            for number in 1..=letters {
                let letter = outbox::one(&mut reader, id_of(number)).await.unwrap();
                let is_new = round < 2 || number > LETTERS[1];
                assert_eq!(letter, is_new.then(|| (String::new(), vec![number; 1024])));
            }
            drop(reader);
            for (at, seat) in [seat(store, seats[0]).await, seat(store, seats[1]).await].iter().enumerate() {
                assert_eq!(*seat == vec![9; 320], at < round, "{at} in round {round}");
            }
        }
    }

    async fn a_change_of_what_is_no_longer_as_it_was_read_changes_nothing(db: TestDatabase) {
        let (house, id, seats) = found(&db).await;
        let store = house.desk.store();
        let (row, before) = (booking(store, id).await, at_rest(&db).await);
        let other = BookingRow { sealed: vec![1; row.sealed.len()], ..row.clone() };
        for letters in LETTERS {
            let owed: Vec<Owed> = (1..=letters).map(|number| owed(number, house.now())).collect();
            assert!(!saved(store, &change(store, &other, &seats, owed.clone()).await).await);
            for stale in 0..seats.len() {
                let mut written = change(store, &row, &seats, owed.clone()).await;
                written.seats[stale].before[100] ^= 1;
                assert!(!saved(store, &written).await);
                written.seats[stale].before.truncate(99);
                assert!(!saved(store, &written).await);
            }
            assert_eq!(at_rest(&db).await, before);
        }
        let nothing = |of| Written { booking: id, before: of, after: None, seats: Vec::new(), letters: Vec::new() };
        assert!(saved(store, &nothing(&row.sealed)).await);
        assert!(!saved(store, &nothing(&other.sealed)).await);
        assert_eq!(at_rest(&db).await, before);
    }

    /// Each of many changes at once is held against the same bytes, of a booking or of a seat: one of them is the first.
    async fn of_changes_at_once_one_is_written(db: TestDatabase) {
        let (house, id, seats) = found(&db).await;
        let store = house.desk.store();
        let others: Vec<BookingId> = house.bookings().await.iter().map(|booking| booking.id).collect();
        for round in 0..10_u8 {
            let row = booking(store, id).await;
            let mut same = Vec::new();
            for number in 0..8 {
                let mut written = change(store, &row, &seats, vec![owed(100 + number, house.now())]).await;
                written.after = Some(Sealed { booking: vec![10 * round + number; 4608], history: vec![8; 2560] });
                same.push(written);
            }
            let done = join_all(same.iter().map(|written| saved(store, written))).await;
            assert_eq!(done.iter().filter(|done| **done).count(), 1);
        }
        let mut rows = Vec::new();
        for id in &others {
            rows.push(booking(store, *id).await);
        }
        let mut one_seat = Vec::new();
        for row in &rows {
            let mut written = change(store, row, &seats[..1], Vec::new()).await;
            written.seats[0].after = vec![1; 320];
            one_seat.push(written);
        }
        let done = join_all(one_seat.iter().map(|written| saved(store, written))).await;
        assert_eq!(done.iter().filter(|done| **done).count(), 1);
        for (row, done) in rows.iter().zip(done) {
            assert_eq!(booking(store, row.id).await.sealed != row.sealed, done);
        }
    }

    /// Whoever writes a row as it is gives it another version and the same bytes.
    async fn a_change_is_not_refused_because_somebody_wrote_the_same_bytes(db: TestDatabase) {
        let (house, id, seats) = found(&db).await;
        let store = house.desk.store();
        for round in 0..50 {
            let row = booking(store, id).await;
            let mut written = change(store, &row, &seats, Vec::new()).await;
            written.after = Some(Sealed { booking: vec![round; 4608], history: vec![round; 2560] });
            let same = || Written { booking: id, before: &row.sealed, after: None, seats: Vec::new(), letters: Vec::new() };
            let (one, other) = (same(), same());
            let (_, done, _) = tokio::join!(saved(store, &one), saved(store, &written), saved(store, &other));
            assert!(done, "in round {round}");
            assert_eq!(booking(store, id).await.sealed, vec![round; 4608]);
        }
    }

    async fn who_presses_twice_at_once_is_not_told_that_the_seat_is_gone(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let token = house.resident(ANN).token();
        for _ in 0..30 {
            house.desk.opt_out(&token, Entry::Keep).await.unwrap();
            let pressed = join_all((0..4).map(|_| {
                let (desk, token) = (house.desk.clone(), token.clone());
                tokio::spawn(async move { desk.opt_back_in(&token).await })
            }));
            for done in pressed.await {
                done.unwrap().unwrap();
            }
            house.everyone_sits_once().await;
        }
    }
}
