//! How much mail came in, by kind: one sealed row, changed by compare-and-swap.

use super::{Db, Result, statements};

statements! {
    ONE = "SELECT sealed FROM received WHERE id = $1";
    ADD = "INSERT INTO received (id, sealed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    SWAP = "UPDATE received SET sealed = $3 WHERE id = $1 AND sealed = $2";
}

/// The counts, sealed.
pub async fn counts(db: &mut Db, id: &str) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(ONE).bind(id).fetch_optional(db).await?)
}

/// Puts down the first counts; says whether there were none.
pub async fn add(db: &mut Db, id: &str, sealed: Vec<u8>) -> Result<bool> {
    let done = sqlx::query(ADD).bind(id).bind(sealed).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Changes the counts if they still are as they were read; says whether they were.
pub async fn swap(db: &mut Db, id: &str, before: &[u8], after: Vec<u8>) -> Result<bool> {
    let done = sqlx::query(SWAP).bind(id).bind(before).bind(after).execute(db).await?;
    Ok(done.rows_affected() == 1)
}
