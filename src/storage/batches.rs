//! Batches that were booked, each with the seed that decided it. No statement here changes or removes one.

use sqlx::FromRow;

use super::{Db, Result, instant, statements};
use crate::domain::id::OfferingId;
use crate::domain::time::Instant;

statements! {
    BATCHES = "SELECT number, booked_at, seed, seed_hash, plan_hash, solver FROM batches \
        WHERE offering_id = $1 ORDER BY number";
    ADD = "INSERT INTO batches (offering_id, number, booked_at, seed, seed_hash, plan_hash, solver) \
        SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6 FROM batches WHERE offering_id = $1 \
        RETURNING number";
}

/// A batch that booked somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its number within the offering, from 1.
    pub number: i64,
    /// When it was booked.
    pub booked_at: Instant,
    /// The seed that decided it, in hexadecimal: in the clear, because it decides nothing any more.
    pub seed: String,
    /// The hash that was shown before.
    pub seed_hash: String,
    /// Keyed hash of who sits where.
    pub plan_hash: String,
    /// Version of the program that computed it.
    pub solver: String,
}

/// The batches of an offering, oldest first.
pub async fn batches(db: &mut Db, offering: OfferingId) -> Result<Vec<BatchRow>> {
    #[derive(FromRow)]
    struct Row {
        number: i64,
        booked_at: i64,
        seed: String,
        seed_hash: String,
        plan_hash: String,
        solver: String,
    }
    let rows: Vec<Row> = sqlx::query_as(BATCHES).bind(offering.to_string()).fetch_all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(BatchRow {
                number: row.number,
                booked_at: instant(row.booked_at, "batches.booked_at")?,
                seed: row.seed,
                seed_hash: row.seed_hash,
                plan_hash: row.plan_hash,
                solver: row.solver,
            })
        })
        .collect()
}

/// A batch before it has a number.
pub struct NewBatch<'a> {
    /// Which offering's.
    pub offering: OfferingId,
    /// When it is booked.
    pub booked_at: Instant,
    /// The seed, in hexadecimal.
    pub seed: &'a str,
    /// Its hash.
    pub seed_hash: &'a str,
    /// Keyed hash of who sits where.
    pub plan_hash: &'a str,
    /// Version of this program.
    pub solver: &'a str,
}

/// Adds a batch under the next number, which it gives. A seed that decided one before is refused by the table.
pub async fn add(db: &mut Db, batch: &NewBatch<'_>) -> Result<i64> {
    let query = sqlx::query_scalar(ADD)
        .bind(batch.offering.to_string())
        .bind(batch.booked_at.timestamp())
        .bind(batch.seed)
        .bind(batch.seed_hash)
        .bind(batch.plan_hash)
        .bind(batch.solver);
    Ok(query.fetch_one(db).await?)
}
