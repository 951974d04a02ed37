//! Sessions of therapists and staff: whose, and until when. The cookie is stored only as a hash.

use super::{Db, Result, instant, statements};
use crate::domain::id::SessionId;
use crate::domain::time::Instant;

statements! {
    ONE = "SELECT kind, subject, opened_at, used_at, ends_at FROM sessions WHERE token_hash = $1";
    ADD = "INSERT INTO sessions (id, token_hash, kind, subject, opened_at, used_at, ends_at) \
        VALUES ($1, $2, $3, $4, $5, $5, $6)";
    USE = "UPDATE sessions SET used_at = $2 WHERE token_hash = $1 AND used_at < $2";
    END = "DELETE FROM sessions WHERE token_hash = $1";
    END_ALL = "DELETE FROM sessions WHERE kind = $1 AND subject = $2";
    COUNT = "SELECT COUNT(*) FROM sessions WHERE kind = $1 AND subject = $2 AND ends_at > $3 AND used_at > $4";
    TIDY = "DELETE FROM sessions WHERE ends_at < $1";
}

/// Who a session belongs to, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// `therapist` or `staff`.
    pub kind: String,
    /// Identifier of the therapist or member of staff.
    pub subject: String,
    /// When it was opened.
    pub opened_at: Instant,
    /// When it was last used, to within a few minutes.
    pub used_at: Instant,
    /// When it ends, whatever happens.
    pub ends_at: Instant,
}

/// The session that a cookie's hash names.
pub async fn session(db: &mut Db, token_hash: &str) -> Result<Option<SessionRow>> {
    let row: Option<(String, String, i64, i64, i64)> =
        sqlx::query_as(ONE).bind(token_hash).fetch_optional(db).await?;
    row.map(|(kind, subject, opened_at, used_at, ends_at)| {
        Ok(SessionRow {
            kind,
            subject,
            opened_at: instant(opened_at, "sessions.opened_at")?,
            used_at: instant(used_at, "sessions.used_at")?,
            ends_at: instant(ends_at, "sessions.ends_at")?,
        })
    })
    .transpose()
}

/// Adds a session.
pub async fn add(db: &mut Db, id: SessionId, token_hash: &str, row: &SessionRow) -> Result<()> {
    sqlx::query(ADD)
        .bind(id.to_string())
        .bind(token_hash)
        .bind(&row.kind)
        .bind(&row.subject)
        .bind(row.opened_at.timestamp())
        .bind(row.ends_at.timestamp())
        .execute(db)
        .await?;
    Ok(())
}

/// Notes that a session is in use.
pub async fn used(db: &mut Db, token_hash: &str, now: Instant) -> Result<()> {
    sqlx::query(USE).bind(token_hash).bind(now.timestamp()).execute(db).await?;
    Ok(())
}

/// Ends one session.
pub async fn end(db: &mut Db, token_hash: &str) -> Result<()> {
    sqlx::query(END).bind(token_hash).execute(db).await?;
    Ok(())
}

/// Ends every session of somebody.
pub async fn end_all(db: &mut Db, kind: &str, subject: &str) -> Result<()> {
    sqlx::query(END_ALL).bind(kind).bind(subject).execute(db).await?;
    Ok(())
}

/// How many sessions of somebody are open: not ended at `now`, and used since `used_since`.
pub async fn open(db: &mut Db, kind: &str, subject: &str, now: Instant, used_since: Instant) -> Result<i64> {
    let query = sqlx::query_scalar(COUNT).bind(kind).bind(subject);
    Ok(query.bind(now.timestamp()).bind(used_since.timestamp()).fetch_one(db).await?)
}

/// Forgets sessions that ended before a moment.
pub async fn tidy(db: &mut Db, before: Instant) -> Result<()> {
    sqlx::query(TIDY).bind(before.timestamp()).execute(db).await?;
    Ok(())
}
