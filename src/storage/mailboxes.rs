//! How far a mailbox was looked into, and by whom it is being looked into now. Knows no message.

use sqlx::FromRow;

use super::{Db, Result, statements};
use crate::domain::time::Instant;

statements! {
    ADD = "INSERT INTO mailboxes (id, uid_validity, last_uid, held_until) VALUES ($1, 0, 0, 0) \
        ON CONFLICT (id) DO NOTHING";
    HOLD = "UPDATE mailboxes SET held_until = $3 WHERE id = $1 AND held_until < $2 \
        RETURNING uid_validity, last_uid";
    MOVE = "UPDATE mailboxes SET uid_validity = $3, last_uid = $4, held_until = $5 \
        WHERE id = $1 AND held_until = $2";
}

/// How far a mailbox was looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Cursor {
    /// The mailbox's own mark (RFC 9051, section 2.3.1.1): under another one, numbers begin anew. 0 before the first look.
    pub uid_validity: i64,
    /// The number of the last message that was taken in.
    pub last_uid: i64,
}

/// Takes a mailbox until a moment; none where another process has it.
pub async fn hold(db: &mut Db, id: &str, now: Instant, until: Instant) -> Result<Option<Cursor>> {
    sqlx::query(ADD).bind(id).execute(&mut *db).await?;
    let held = sqlx::query_as(HOLD).bind(id).bind(now.timestamp()).bind(until.timestamp());
    Ok(held.fetch_optional(db).await?)
}

/// Notes how far it was looked into, and holds it until another moment; says whether it was still held.
pub async fn advance(db: &mut Db, id: &str, held: Instant, cursor: Cursor, until: Instant) -> Result<bool> {
    let done = sqlx::query(MOVE)
        .bind(id)
        .bind(held.timestamp())
        .bind(cursor.uid_validity)
        .bind(cursor.last_uid)
        .bind(until.timestamp())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
