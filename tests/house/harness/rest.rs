//! What lies in the database, row by row and byte by byte, as somebody with a backup sees it; and the same opened with
//! the key, for tests that must know who sits where. Never changes anything.

use std::collections::BTreeMap;

use holdspace::domain::booking::Booking;
use holdspace::domain::seating::Seat;
use holdspace::storage::keys::WrappedKey;
use holdspace::storage::{bookings, offerings};
use holdspace::vault::{DataKey, Location};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Column, Connection, Row};

use super::engines::{Engine, TestDatabase};
use super::house::House;

/// Every row of every table as text, tables by name, rows in the order of their text.
pub async fn at_rest(db: &TestDatabase) -> BTreeMap<String, Vec<String>> {
    let mut connection = AnyConnection::connect(db.url()).await.unwrap();
    let names = match db.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        Engine::Postgres => "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'",
    };
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut connection).await.unwrap();
    let mut tables = BTreeMap::new();
    // The list of migrations holds times of day, which no test is about.
    for name in names.into_iter().filter(|name| !name.starts_with("_sqlx") && !name.starts_with("sqlite_")) {
        let all = sqlx::AssertSqlSafe(format!("SELECT * FROM {name}"));
        let rows: Vec<AnyRow> = sqlx::query(all).fetch_all(&mut connection).await.unwrap();
        let mut rows: Vec<String> = rows.iter().map(told).collect();
        rows.sort();
        tables.insert(name, rows);
    }
    connection.close().await.unwrap();
    assert!(tables.len() > 15, "these are not all tables: {:?}", tables.keys());
    tables
}

/// A row as text; bytes in hexadecimal.
fn told(row: &AnyRow) -> String {
    let cell = |at: usize| {
        if let Ok(text) = row.try_get::<Option<String>, _>(at) {
            return text.unwrap_or_default();
        }
        if let Ok(number) = row.try_get::<Option<i64>, _>(at) {
            return number.map(|number| number.to_string()).unwrap_or_default();
        }
        let bytes: Option<Vec<u8>> = row.try_get(at).unwrap();
        bytes.unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let cells = row.columns().iter().map(|column| format!("{}={}", column.name(), cell(column.ordinal())));
    cells.collect::<Vec<_>>().join(" ")
}

impl House {
    /// A data key, unwrapped.
    pub fn data_key(&self, key: &WrappedKey) -> DataKey<'_> {
        self.vault.unwrap(&key.id, &key.wrapped).unwrap()
    }

    /// All bookings of the only offering, opened.
    pub async fn bookings(&self) -> Vec<Booking> {
        let mut db = self.store.read().await.unwrap();
        let all = offerings::offerings(&mut db).await.unwrap();
        let [offering] = all.as_slice() else { panic!("there are {} offerings", all.len()) };
        let rows = bookings::of_offering(&mut db, offering.id).await.unwrap();
        let opened = rows.iter().map(|row| {
            let row_id = row.id.to_string();
            let at = Location { column: "bookings.sealed", row: &row_id };
            self.data_key(&row.key).open_value(at, &row.sealed).unwrap()
        });
        opened.collect()
    }

    /// All seats of the only offering with their pool, opened.
    pub async fn seats(&self) -> Vec<(String, String, Seat)> {
        let mut db = self.store.read().await.unwrap();
        let all = offerings::offerings(&mut db).await.unwrap();
        let [offering] = all.as_slice() else { panic!("there are {} offerings", all.len()) };
        let rows = offerings::seats(&mut db, offering.id).await.unwrap();
        let opened = rows.into_iter().map(|row| {
            let id = row.id.to_string();
            let at = Location { column: "seats.sealed", row: &id };
            let seat = self.data_key(&row.key).open_value(at, &row.sealed);
            (id, row.pool, seat.unwrap())
        });
        opened.collect()
    }

    /// Fails unless nobody sits twice, no seat holds two, and bookings and seats tell the same.
    pub async fn everyone_sits_once(&self) {
        let (bookings, seats) = (self.bookings().await, self.seats().await);
        let mut of_bookings: Vec<_> = bookings
            .iter()
            .filter_map(|booking| Some((booking.visit()?.seat.to_string(), booking.id)))
            .collect();
        let mut of_seats: Vec<_> =
            seats.into_iter().filter_map(|(id, _, seat)| Some((id, seat.holder?))).collect();
        of_bookings.sort();
        of_seats.sort();
        assert_eq!(of_bookings, of_seats, "bookings and seats tell two stories");
        let mut holders: Vec<_> = of_seats.iter().map(|(_, holder)| *holder).collect();
        holders.sort();
        holders.dedup();
        assert_eq!(holders.len(), of_seats.len(), "somebody sits twice");
    }
}
