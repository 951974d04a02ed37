//! A bare program of the same library: three inserts in a transaction. On SQLite over one connection, which the notes of its
//! authors advise where many write; on PostgreSQL over as many as there are clients. Uses nothing of the product but its random numbers.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use holdspace::entropy::{Entropy as _, SystemEntropy};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use tokio::task::JoinSet;

use crate::latency::Latencies;

/// Bytes of a sealed booking.
const BOOKING: usize = 4608;
/// Bytes of a sealed letter.
const LETTER: usize = 1024;
/// Bytes of a sealed log of what happened to a booking.
const AUDIT: usize = 2560;
/// Bytes that all of these are cut from.
const NOISE: usize = 1 << 20;
/// The tables, alike on both engines but for the name of bytes.
const TABLES: [&str; 3] = [
    "CREATE TABLE appointments (id TEXT PRIMARY KEY, body BYTEA NOT NULL)",
    "CREATE TABLE letters (id TEXT PRIMARY KEY, due_at BIGINT NOT NULL, body BYTEA NOT NULL)",
    "CREATE TABLE audit (id TEXT PRIMARY KEY, body BYTEA NOT NULL)",
];
const INSERTS: [&str; 3] = [
    "INSERT INTO appointments (id, body) VALUES ($1, $2)",
    "INSERT INTO letters (id, due_at, body) VALUES ($1, 0, $2)",
    "INSERT INTO audit (id, body) VALUES ($1, $2)",
];

/// The program, over one of the engines.
#[derive(Clone)]
pub struct Bare {
    pool: Pool,
    number: Arc<AtomicU64>,
    noise: Arc<[u8]>,
}

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Bare {
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let pool = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full);
            let pool = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
            let pool = pool.connect_with(options).await?;
            for table in TABLES {
                sqlx::query(table).execute(&pool).await?;
            }
            Pool::Sqlite(pool)
        } else {
            let pool = PgPoolOptions::new().max_connections(16).connect(url).await?;
            for table in TABLES {
                sqlx::query(table).execute(&pool).await?;
            }
            Pool::Postgres(pool)
        };
        let mut noise = vec![0; NOISE];
        SystemEntropy.fill(&mut noise);
        Ok(Self { pool, number: Arc::default(), noise: noise.into() })
    }

    /// So many transactions, from so many tasks at once.
    pub async fn insert(&self, count: usize, tasks: usize) -> anyhow::Result<Latencies> {
        let begun = Arc::new(AtomicUsize::new(0));
        let mut running = JoinSet::new();
        let watch = Instant::now();
        for _ in 0..tasks {
            let (bare, begun) = (self.clone(), Arc::clone(&begun));
            running.spawn(async move {
                let mut took = Vec::new();
                while begun.fetch_add(1, Ordering::Relaxed) < count {
                    let one = Instant::now();
                    bare.one().await?;
                    took.push(one.elapsed());
                }
                anyhow::Ok(took)
            });
        }
        Latencies::gather(running, watch).await
    }

    /// Bytes like those of something sealed, which no engine can make smaller.
    fn sealed(&self, bytes: usize, number: u64) -> &[u8] {
        let from = usize::try_from(number).unwrap_or_default() % (self.noise.len() - bytes);
        &self.noise[from..from + bytes]
    }

    async fn one(&self) -> anyhow::Result<()> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        // Identifiers come in no order, as the product's do.
        let id = format!("{:032x}", u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64);
        match &self.pool {
            Pool::Sqlite(pool) => {
                let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
                for (insert, bytes) in INSERTS.into_iter().zip([BOOKING, LETTER, AUDIT]) {
                    sqlx::query(insert).bind(&id).bind(self.sealed(bytes, number)).execute(&mut *tx).await?;
                }
                tx.commit().await?;
            }
            Pool::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                for (insert, bytes) in INSERTS.into_iter().zip([BOOKING, LETTER, AUDIT]) {
                    sqlx::query(insert).bind(&id).bind(self.sealed(bytes, number)).execute(&mut *tx).await?;
                }
                tx.commit().await?;
            }
        }
        Ok(())
    }

    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}
