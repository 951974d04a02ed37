//! What seats and bookings hold at one moment, opened: read in one transaction, so that nothing changes in between, and
//! checked for what must hold at every moment. Never changes anything.

use std::collections::{BTreeMap, BTreeSet};

use holdspace::domain::booking::{Booking, Standing};
use holdspace::domain::identity::Address;
use holdspace::domain::seating::Seat;
use holdspace::storage::{Engine, Store, bookings, offerings, people, places};
use holdspace::vault::{Location, Vault};
use sqlx::Connection;

/// One moment.
pub struct Snapshot {
    /// Bookings by the keyed hash of their resident's address.
    pub bookings: BTreeMap<String, Booking>,
    /// Seats by identifier, each with its pool.
    pub seats: BTreeMap<String, (String, Seat)>,
}

impl Snapshot {
    /// Reads the only offering.
    pub async fn take(store: &Store, vault: &Vault) -> Self {
        let mut connection = store.read().await.unwrap();
        let begin = match store.engine() {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let mut db = connection.begin_with(begin).await.unwrap();
        let institution = places::institution(&mut db).await.unwrap().unwrap();
        let residents = people::residents(&mut db, institution).await.unwrap();
        let hash_of: BTreeMap<_, _> = residents.into_iter().map(|row| (row.id, row.address_key)).collect();
        let all = offerings::offerings(&mut db).await.unwrap();
        let [offering] = all.as_slice() else { panic!("there are {} offerings", all.len()) };
        let booked = bookings::of_offering(&mut db, offering.id).await.unwrap();
        let seats = offerings::seats(&mut db, offering.id).await.unwrap();
        db.rollback().await.unwrap();
        let booked = booked.into_iter().map(|row| {
            let id = row.id.to_string();
            let key = vault.unwrap(&row.key.id, &row.key.wrapped).unwrap();
            let at = Location { column: "bookings.sealed", row: &id };
            (hash_of[&row.resident].clone(), key.open_value(at, &row.sealed).unwrap())
        });
        let bookings = booked.collect();
        // All seats are sealed by the season's one key.
        let key = seats.first().map(|row| row.key.clone());
        let key = key.as_ref().map(|key| vault.unwrap(&key.id, &key.wrapped).unwrap());
        let seats = seats.into_iter().map(|row| {
            let id = row.id.to_string();
            let at = Location { column: "seats.sealed", row: &id };
            let seat = key.as_ref().unwrap().open_value(at, &row.sealed).unwrap();
            (id, (row.pool, seat))
        });
        Self { bookings, seats: seats.collect() }
    }

    /// The booking of an address.
    pub fn of(&self, vault: &Vault, address: &str) -> &Booking {
        let address: Address = address.parse().unwrap();
        &self.bookings[&vault.address_key(&address)]
    }

    /// Seats that residents may take at this moment.
    pub fn offered(&self) -> Vec<String> {
        let offered =
            self.seats.iter().filter(|(_, (pool, seat))| seat.offered_to_all(pool.parse().unwrap()));
        offered.map(|(id, _)| id.clone()).collect()
    }

    /// Fails unless every resident has at most one live booking, no seat holds two, and seats and bookings tell the same.
    pub fn is_right(&self) {
        let of_bookings: BTreeSet<_> = self
            .bookings
            .values()
            .filter_map(|booking| Some((booking.visit()?.seat.to_string(), booking.id)))
            .collect();
        let of_seats: BTreeSet<_> =
            self.seats.iter().filter_map(|(id, (_, seat))| Some((id.clone(), seat.holder?))).collect();
        assert_eq!(of_bookings, of_seats, "bookings and seats tell two stories");
        let people: BTreeSet<_> = of_seats.iter().map(|(_, holder)| *holder).collect();
        assert_eq!(people.len(), of_seats.len(), "somebody sits twice");
        let seats: BTreeSet<_> = of_seats.iter().map(|(seat, _)| seat).collect();
        assert_eq!(seats.len(), of_seats.len(), "a seat holds two");
    }
}

/// Where a resident stands, as far as clicks can change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// In this seat.
    Held(String),
    /// Out of this seat.
    Out(String),
}

impl Stand {
    /// Of a booking that found a seat.
    pub fn of(booking: &Booking) -> Self {
        match &booking.standing {
            Standing::Held(visit) => Self::Held(visit.seat.to_string()),
            Standing::OptedOut(visit) => Self::Out(visit.seat.to_string()),
            Standing::Waiting => panic!("everybody has a seat in these seasons"),
        }
    }
}
