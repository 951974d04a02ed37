//! Whose turn it is to look what is past its time, who left a roster when that was noticed, and when releases were frozen.
//! Knows nobody's name.

use super::{Db, Result, instant, read, statements};
use crate::domain::id::{OfferingId, ResidentId};
use crate::domain::time::Instant;

statements! {
    FIRST_TURN = "INSERT INTO retention_turns (id, looked_at) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";
    TAKE_TURN = "UPDATE retention_turns SET looked_at = $1 WHERE id = 1 AND looked_at <= $2";
    NOTE_LEFT = "INSERT INTO departures (resident_id, left_at) SELECT id, CAST($1 AS BIGINT) FROM residents \
        WHERE active = 0 ON CONFLICT (resident_id) DO NOTHING";
    FORGET_BACK = "DELETE FROM departures WHERE resident_id NOT IN (SELECT id FROM residents WHERE active = 0)";
    LEFT = "SELECT resident_id, left_at FROM departures ORDER BY left_at, resident_id";
    RELEASED = "SELECT offering_id, released_at FROM releases ORDER BY offering_id";
}

/// Takes the turn to look, if nobody did since a moment; says whether it was taken.
pub async fn take_turn(db: &mut Db, now: Instant, unless_since: Instant) -> Result<bool> {
    sqlx::query(FIRST_TURN).execute(&mut *db).await?;
    let query = sqlx::query(TAKE_TURN).bind(now.timestamp()).bind(unless_since.timestamp());
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Notes who left a roster since the last time, and forgets who came back.
pub async fn note_departures(db: &mut Db, now: Instant) -> Result<()> {
    sqlx::query(FORGET_BACK).execute(&mut *db).await?;
    sqlx::query(NOTE_LEFT).bind(now.timestamp()).execute(db).await?;
    Ok(())
}

/// Who left, and when that was noticed; the earliest first.
pub async fn departures(db: &mut Db) -> Result<Vec<(ResidentId, Instant)>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(LEFT).fetch_all(db).await?;
    let checked = |(id, at): (String, i64)| {
        Ok((read(&id, "departures.resident_id")?, instant(at, "departures.left_at")?))
    };
    rows.into_iter().map(checked).collect()
}

/// When the releases of offerings were frozen.
pub async fn released(db: &mut Db) -> Result<Vec<(OfferingId, Instant)>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(RELEASED).fetch_all(db).await?;
    let checked = |(id, at): (String, i64)| {
        Ok((read(&id, "releases.offering_id")?, instant(at, "releases.released_at")?))
    };
    rows.into_iter().map(checked).collect()
}
