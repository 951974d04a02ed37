//! Files that members of staff look through before they are taken: sealed, and soon gone.

use super::{Db, Result, statements};
use crate::domain::id::{DraftId, StaffId};
use crate::domain::time::Instant;

statements! {
    ONE = "SELECT sealed FROM drafts WHERE id = $1 AND staff_id = $2 AND purpose = $3 AND ends_at > $4";
    ADD = "INSERT INTO drafts (id, staff_id, purpose, sealed, ends_at) VALUES ($1, $2, $3, $4, $5)";
    DROP = "DELETE FROM drafts WHERE staff_id = $1 AND purpose = $2";
    DESTROY_ALL = "DELETE FROM drafts";
    TIDY = "DELETE FROM drafts WHERE ends_at < $1";
}

/// The sealed draft of somebody for a purpose, if it is theirs and not past its time.
pub async fn draft(
    db: &mut Db,
    id: DraftId,
    staff: StaffId,
    purpose: &str,
    now: Instant,
) -> Result<Option<Vec<u8>>> {
    let query = sqlx::query_scalar(ONE).bind(id.to_string()).bind(staff.to_string()).bind(purpose);
    Ok(query.bind(now.timestamp()).fetch_optional(db).await?)
}

/// Adds a draft in the place of whatever the same person had for the same purpose.
pub async fn put(
    db: &mut Db,
    id: DraftId,
    staff: StaffId,
    purpose: &str,
    sealed: Vec<u8>,
    ends_at: Instant,
) -> Result<()> {
    drop(db, staff, purpose).await?;
    let query = sqlx::query(ADD).bind(id.to_string()).bind(staff.to_string()).bind(purpose);
    query.bind(sealed).bind(ends_at.timestamp()).execute(db).await?;
    Ok(())
}

/// Forgets what somebody had for a purpose.
pub async fn drop(db: &mut Db, staff: StaffId, purpose: &str) -> Result<()> {
    sqlx::query(DROP).bind(staff.to_string()).bind(purpose).execute(db).await?;
    Ok(())
}

/// Forgets drafts that are past their time.
pub async fn tidy(db: &mut Db, before: Instant) -> Result<()> {
    sqlx::query(TIDY).bind(before.timestamp()).execute(db).await?;
    Ok(())
}

/// Destroys every draft.
pub async fn destroy_all(db: &mut Db) -> Result<()> {
    sqlx::query(DESTROY_ALL).execute(db).await?;
    Ok(())
}
