//! What the database can do at best: the same bytes without anything that thinks. Uses the product's connections,
//! so that durability is the same, and nothing else of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use holdspace::storage::{Db, Store};
use tokio::task::JoinSet;

use crate::latency::Latencies;

/// Bytes of a sealed booking, which every opt-out writes.
const BOOKING_BYTES: usize = 2560;
/// Bytes of an identifier.
const ID_BYTES: i64 = 32;

/// The tables that booking fills, each with its bytes. Numbers count eight.
const BOOKED: [&str; 6] = [
    "SELECT COUNT(*), CAST(COALESCE(AVG(LENGTH(id) + LENGTH(offering_id) + LENGTH(therapist_id) + LENGTH(zone) \
        + 16), 0) AS BIGINT) FROM slots",
    "SELECT COUNT(*), CAST(COALESCE(AVG(LENGTH(id) + LENGTH(slot_id) + LENGTH(pool) + LENGTH(sealed)), 0) \
        AS BIGINT) FROM seats",
    "SELECT COUNT(*), CAST(COALESCE(AVG(LENGTH(id) + LENGTH(offering_id) + LENGTH(resident_id) + LENGTH(uid) \
        + LENGTH(sealed)), 0) AS BIGINT) FROM bookings",
    "SELECT COUNT(*), CAST(COALESCE(AVG(LENGTH(id) + LENGTH(purpose) + LENGTH(subject) + 16), 0) AS BIGINT) \
        FROM links",
    "SELECT COUNT(*), CAST(COALESCE(AVG(LENGTH(id) + LENGTH(occasion_key) + LENGTH(audience) + LENGTH(letter) \
        + LENGTH(errand) + LENGTH(state) + LENGTH(reason) + 32), 0) AS BIGINT) FROM outbox",
    "SELECT COUNT(*), CAST(COALESCE(AVG(LENGTH(cycle_id) + LENGTH(resident_id) + LENGTH(program_id)), 0) \
        AS BIGINT) FROM cohort_members",
];

/// Bare inserts.
pub struct Inserts {
    pub rows: i64,
    pub bytes: i64,
    pub took: Duration,
}

/// Inserts as many rows of the same sizes as a booked season has, in one transaction of an empty database.
pub async fn inserts(booked: &Store, empty: &Store) -> anyhow::Result<Inserts> {
    let mut sizes = Vec::new();
    {
        let mut db = booked.read().await?;
        for text in BOOKED {
            let (rows, bytes): (i64, i64) = sqlx::query_as(text).fetch_one(&mut *db).await?;
            sizes.push((rows, bytes));
        }
    }
    table(empty).await?;
    let watch = Instant::now();
    let mut tx = empty.write().await?;
    let mut number = 0_u64;
    for (rows, bytes) in &sizes {
        insert(&mut tx, *rows, usize::try_from((bytes - ID_BYTES).max(0))?, &mut number).await?;
    }
    tx.commit().await?;
    let took = watch.elapsed();
    let rows = sizes.iter().map(|(rows, _)| rows).sum();
    Ok(Inserts { rows, bytes: sizes.iter().map(|(rows, bytes)| rows * bytes).sum(), took })
}

/// A table of as many rows as there are, all of a booking's size.
pub async fn table_of_rows(store: &Store, count: i64) -> anyhow::Result<()> {
    table(store).await?;
    let mut tx = store.write().await?;
    insert(&mut tx, count, BOOKING_BYTES, &mut 0).await?;
    tx.commit().await?;
    Ok(())
}

async fn table(store: &Store) -> anyhow::Result<()> {
    let mut tx = store.write().await?;
    sqlx::query("CREATE TABLE floor (id TEXT PRIMARY KEY, body BYTEA NOT NULL)").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn insert(db: &mut Db, rows: i64, bytes: usize, number: &mut u64) -> anyhow::Result<()> {
    let body = vec![0xa5_u8; bytes];
    for _ in 0..rows {
        *number += 1;
        sqlx::query("INSERT INTO floor (id, body) VALUES ($1, $2)")
            // Identifiers come in no order, as the product's do.
            .bind(format!("{:032x}", u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64))
            .bind(&body)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Commits updates of one row each, from so many tasks at once.
pub async fn commits(store: &Store, count: usize, tasks: usize) -> anyhow::Result<Latencies> {
    let ids: Vec<(String,)> = sqlx::query_as("SELECT id FROM floor ORDER BY id LIMIT 1500")
        .fetch_all(&mut *store.read().await?)
        .await?;
    let ids = Arc::new(ids);
    let begun = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    let watch = Instant::now();
    for _ in 0..tasks {
        let (store, ids, begun) = (store.clone(), Arc::clone(&ids), Arc::clone(&begun));
        running.spawn(async move {
            let mut took = Vec::new();
            loop {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return anyhow::Ok(took);
                }
                let watch = Instant::now();
                let mut tx = store.write().await?;
                sqlx::query("UPDATE floor SET body = $2 WHERE id = $1")
                    .bind(&ids[number % ids.len()].0)
                    .bind(vec![0x5a_u8; BOOKING_BYTES])
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await?;
                took.push(watch.elapsed());
            }
        });
    }
    Latencies::gather(running, watch).await
}
