//! Letters that came back, counted by reason. Knows no person: only letters that everyone gets are noted here.

use super::{Db, Result, statements};

/// What stands as the reason of a report that is about no letter of ours.
pub const STRAY: &str = "stray";

statements! {
    NOTE = "INSERT INTO bounces (letter_id, reason) VALUES ($1, $2) ON CONFLICT (letter_id, reason) DO NOTHING";
    // Anybody can send such reports: what is noted of them has an end.
    NOTE_STRAY = "INSERT INTO bounces (letter_id, reason) SELECT $1, $2 \
        WHERE (SELECT COUNT(*) FROM bounces WHERE reason = $2) < 1000 ON CONFLICT (letter_id, reason) DO NOTHING";
    COUNTS = "SELECT reason, COUNT(*) FROM bounces GROUP BY reason ORDER BY reason";
}

/// Notes why a letter came back: told twice, it counts once.
pub async fn note(db: &mut Db, letter: &str, reason: &str) -> Result<()> {
    sqlx::query(NOTE).bind(letter).bind(reason).execute(db).await?;
    Ok(())
}

/// Notes a report that is about no letter of ours, by a keyed hash of the report; from a thousand on no more.
pub async fn note_stray(db: &mut Db, report: &str) -> Result<()> {
    sqlx::query(NOTE_STRAY).bind(report).bind(STRAY).execute(db).await?;
    Ok(())
}

/// How many letters came back for which reason.
pub async fn counts(db: &mut Db) -> Result<Vec<(String, i64)>> {
    Ok(sqlx::query_as(COUNTS).fetch_all(db).await?)
}
