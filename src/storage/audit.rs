//! Entries that hang on each other, and their heads: sealed, in order, of one size. Knows no act.

use sqlx::FromRow;

use super::{Db, Result, statements};
use crate::domain::id::InstitutionId;

statements! {
    ADD = "INSERT INTO audit_entries (institution_id, log, number, sealed, mac) VALUES ($1, $2, $3, $4, $5)";
    AFTER = "SELECT number, sealed, mac FROM audit_entries WHERE institution_id = $1 AND log = $2 AND number > $3 \
        ORDER BY number LIMIT $4";
    BEFORE = "SELECT number, sealed, mac FROM audit_entries WHERE institution_id = $1 AND log = $2 AND number < $3 \
        ORDER BY number DESC LIMIT $4";
    NEWEST = "SELECT COALESCE(MAX(number), 0) FROM audit_entries WHERE institution_id = $1 AND log = $2";
    CUT = "DELETE FROM audit_entries WHERE institution_id = $1 AND log = $2 AND number <= $3";
    HEAD = "SELECT sealed FROM audit_heads WHERE institution_id = $1 AND log = $2";
    ADD_HEAD = "INSERT INTO audit_heads (institution_id, log, sealed) VALUES ($1, $2, $3) \
        ON CONFLICT (institution_id, log) DO NOTHING";
    HOLD_HEAD = "UPDATE audit_heads SET sealed = sealed WHERE institution_id = $1 AND log = $2";
    SET_HEAD = "UPDATE audit_heads SET sealed = $3 WHERE institution_id = $1 AND log = $2";
}

/// One entry.
#[derive(Clone, FromRow)]
pub struct EntryRow {
    /// Its place in the log.
    pub number: i64,
    /// What it says, sealed.
    pub sealed: Vec<u8>,
    /// What binds it to all entries before.
    pub mac: String,
}

/// Which log of which institution.
pub type Which<'a> = (InstitutionId, &'a str);

/// Adds an entry at its end.
pub async fn add(db: &mut Db, (institution, log): Which<'_>, row: EntryRow) -> Result<()> {
    let query = sqlx::query(ADD).bind(institution.to_string()).bind(log);
    query.bind(row.number).bind(row.sealed).bind(row.mac).execute(db).await?;
    Ok(())
}

/// At most `limit` entries after a number, in order.
pub async fn after(db: &mut Db, which: Which<'_>, number: i64, limit: i64) -> Result<Vec<EntryRow>> {
    listed(db, AFTER, which, number, limit).await
}

/// At most `limit` entries before a number, the newest first.
pub async fn before(db: &mut Db, which: Which<'_>, number: i64, limit: i64) -> Result<Vec<EntryRow>> {
    listed(db, BEFORE, which, number, limit).await
}

async fn listed(
    db: &mut Db,
    text: &'static str,
    (institution, log): Which<'_>,
    number: i64,
    limit: i64,
) -> Result<Vec<EntryRow>> {
    let query = sqlx::query_as(text).bind(institution.to_string()).bind(log);
    Ok(query.bind(number).bind(limit).fetch_all(db).await?)
}

/// The number of the newest entry; 0 where there is none.
pub async fn newest(db: &mut Db, (institution, log): Which<'_>) -> Result<i64> {
    Ok(sqlx::query_scalar(NEWEST).bind(institution.to_string()).bind(log).fetch_one(db).await?)
}

/// Destroys every entry up to a number.
pub async fn cut(db: &mut Db, (institution, log): Which<'_>, through: i64) -> Result<()> {
    sqlx::query(CUT).bind(institution.to_string()).bind(log).bind(through).execute(db).await?;
    Ok(())
}

/// The head of a log, sealed.
pub async fn head(db: &mut Db, (institution, log): Which<'_>) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(HEAD).bind(institution.to_string()).bind(log).fetch_optional(db).await?)
}

/// Adds a head where there is none.
pub async fn add_head(db: &mut Db, (institution, log): Which<'_>, sealed: Vec<u8>) -> Result<()> {
    sqlx::query(ADD_HEAD).bind(institution.to_string()).bind(log).bind(sealed).execute(db).await?;
    Ok(())
}

/// Holds the head until the transaction ends, so that two who append do so one after the other; says whether there is one.
pub async fn hold_head(db: &mut Db, (institution, log): Which<'_>) -> Result<bool> {
    let done = sqlx::query(HOLD_HEAD).bind(institution.to_string()).bind(log).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Puts another head in its place. Only for who holds it.
pub async fn set_head(db: &mut Db, (institution, log): Which<'_>, sealed: Vec<u8>) -> Result<()> {
    sqlx::query(SET_HEAD).bind(institution.to_string()).bind(log).bind(sealed).execute(db).await?;
    Ok(())
}
