//! The second store: data keys, wrapped. A file of its own beside SQLite's database, a schema of its own in PostgreSQL, so that
//! backups of the database need not hold what opens it. Read by joining, written alone. Knows nothing of what a key seals.

use sqlx::FromRow;

use super::{Db, Result, statements};

statements! {
    ONE = "SELECT id AS key_id, wrapped FROM keys.data_keys AS k WHERE id = $1";
    ADD = "INSERT INTO keys.data_keys (id, wrapped) VALUES ($1, $2)";
    DESTROY = "DELETE FROM keys.data_keys WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM keys.data_keys";
    SOME = "SELECT id AS key_id, wrapped FROM keys.data_keys AS k WHERE id > $1 ORDER BY id LIMIT $2";
    SWAP = "UPDATE keys.data_keys SET wrapped = $3 WHERE id = $1 AND wrapped = $2";
    RESIDENTS_WITHOUT = "SELECT COUNT(*) FROM residents WHERE NOT EXISTS \
        (SELECT 1 FROM keys.data_keys AS k WHERE k.id = residents.id)";
    BOOKINGS_WITHOUT = "SELECT COUNT(*) FROM bookings WHERE NOT EXISTS \
        (SELECT 1 FROM keys.data_keys AS k WHERE k.id = bookings.id)";
}

/// The tables of this store, made where they are missing: migrations know the main one only.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS keys.data_keys \
    (id TEXT PRIMARY KEY, wrapped BYTEA NOT NULL)";

/// A data key, wrapped, with its name: the identifier of the row whose it is.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub struct WrappedKey {
    /// Its name.
    #[sqlx(rename = "key_id")]
    pub id: String,
    /// The key, wrapped.
    pub wrapped: Vec<u8>,
}

/// A key; none where it was destroyed.
pub async fn key(db: &mut Db, id: &str) -> Result<Option<WrappedKey>> {
    Ok(sqlx::query_as(ONE).bind(id).fetch_optional(db).await?)
}

/// Adds a key. For a transaction of [`super::Store::write_keys`], committed before any row that needs it.
pub async fn add(db: &mut Db, key: &WrappedKey) -> Result<()> {
    sqlx::query(ADD).bind(&key.id).bind(&key.wrapped).execute(db).await?;
    Ok(())
}

/// Destroys a key; says whether it was there. For a transaction of [`super::Store::write_keys`].
pub async fn destroy(db: &mut Db, id: &str) -> Result<bool> {
    Ok(sqlx::query(DESTROY).bind(id).execute(db).await?.rows_affected() == 1)
}

/// How many there are.
pub async fn count(db: &mut Db) -> Result<i64> {
    Ok(sqlx::query_scalar(COUNT).fetch_one(db).await?)
}

/// At most `limit` keys whose names come after one.
pub async fn after(db: &mut Db, id: &str, limit: i64) -> Result<Vec<WrappedKey>> {
    Ok(sqlx::query_as(SOME).bind(id).bind(limit).fetch_all(db).await?)
}

/// Wraps a key anew if it still is as it was read; says whether it was. For a transaction of [`super::Store::write_keys`].
pub async fn swap(db: &mut Db, id: &str, before: &[u8], wrapped: Vec<u8>) -> Result<bool> {
    let done = sqlx::query(SWAP).bind(id).bind(before).bind(wrapped).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// How many residents and bookings there are whose key is not there.
pub async fn without(db: &mut Db) -> Result<[i64; 2]> {
    let residents = sqlx::query_scalar(RESIDENTS_WITHOUT).fetch_one(&mut *db).await?;
    Ok([residents, sqlx::query_scalar(BOOKINGS_WITHOUT).fetch_one(db).await?])
}
