//! What therapists offer to those they have seen: one sealed row each, swapped whole. Knows nothing of what is inside.

use super::{Db, Result, read, statements};
use crate::domain::id::TherapistId;

statements! {
    ADD = "INSERT INTO follow_ups (therapist_id, sealed) VALUES ($1, $2)";
    ONE = "SELECT sealed FROM follow_ups WHERE therapist_id = $1";
    EVERY = "SELECT therapist_id, sealed FROM follow_ups ORDER BY therapist_id";
    SWAP = "UPDATE follow_ups SET sealed = $3 WHERE therapist_id = $1 AND sealed = $2";
}

/// Adds a therapist's row, with the therapist.
pub async fn add(db: &mut Db, therapist: TherapistId, sealed: Vec<u8>) -> Result<()> {
    sqlx::query(ADD).bind(therapist.to_string()).bind(sealed).execute(db).await?;
    Ok(())
}

/// One therapist's row.
pub async fn of_therapist(db: &mut Db, therapist: TherapistId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(ONE).bind(therapist.to_string()).fetch_optional(db).await?)
}

/// Everyone's rows.
pub async fn all(db: &mut Db) -> Result<Vec<(TherapistId, Vec<u8>)>> {
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(EVERY).fetch_all(db).await?;
    rows.into_iter().map(|(id, sealed)| Ok((read(&id, "follow_ups.therapist_id")?, sealed))).collect()
}

/// Changes a row if it still is as it was read; says whether it was.
pub async fn swap(db: &mut Db, therapist: TherapistId, before: &[u8], after: Vec<u8>) -> Result<bool> {
    let done = sqlx::query(SWAP).bind(therapist.to_string()).bind(before).bind(after).execute(db).await?;
    Ok(done.rows_affected() == 1)
}
