//! What calendar programs of therapists come in with, and what each was told. No password is stored, and what is sealed
//! here has one size.

use sqlx::FromRow;

use super::{Db, Result, read, statements};
use crate::domain::id::{AppPasswordId, TherapistId};

statements! {
    BY_SECRET = "SELECT id, therapist_id, sealed FROM app_passwords WHERE secret_key = $1";
    OF_THERAPIST = "SELECT id, therapist_id, sealed FROM app_passwords WHERE therapist_id = $1 ORDER BY id";
    ADD = "INSERT INTO app_passwords (id, therapist_id, secret_key, sealed) VALUES ($1, $2, $3, $4)";
    FORGET = "DELETE FROM app_passwords WHERE id = $1 AND therapist_id = $2";
    LOG = "SELECT sealed FROM sync_logs WHERE password_id = $1 AND collection = $2";
    ADD_LOG = "INSERT INTO sync_logs (password_id, collection, sealed) VALUES ($1, $2, $3)";
    SWAP_LOG = "UPDATE sync_logs SET sealed = $4 WHERE password_id = $1 AND collection = $2 AND sealed = $3";
    FORGET_LOGS = "DELETE FROM sync_logs WHERE password_id IN \
        (SELECT id FROM app_passwords WHERE id = $1 AND therapist_id = $2)";
}

/// A password's row, without the password.
#[derive(Clone)]
pub struct AppPasswordRow {
    /// Identifier.
    pub id: AppPasswordId,
    /// Whose.
    pub therapist: TherapistId,
    /// What it is called, and what it may see, sealed.
    pub sealed: Vec<u8>,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    therapist_id: String,
    sealed: Vec<u8>,
}

impl Raw {
    fn checked(self) -> Result<AppPasswordRow> {
        Ok(AppPasswordRow {
            id: read(&self.id, "app_passwords.id")?,
            therapist: read(&self.therapist_id, "app_passwords.therapist_id")?,
            sealed: self.sealed,
        })
    }
}

/// The password that a keyed hash names.
pub async fn by_secret(db: &mut Db, secret_key: &str) -> Result<Option<AppPasswordRow>> {
    let row: Option<Raw> = sqlx::query_as(BY_SECRET).bind(secret_key).fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// A therapist's passwords.
pub async fn of_therapist(db: &mut Db, therapist: TherapistId) -> Result<Vec<AppPasswordRow>> {
    let rows: Vec<Raw> = sqlx::query_as(OF_THERAPIST).bind(therapist.to_string()).fetch_all(db).await?;
    rows.into_iter().map(Raw::checked).collect()
}

/// Adds a password.
pub async fn add(db: &mut Db, row: &AppPasswordRow, secret_key: &str) -> Result<()> {
    let query = sqlx::query(ADD).bind(row.id.to_string()).bind(row.therapist.to_string());
    query.bind(secret_key).bind(&row.sealed).execute(db).await?;
    Ok(())
}

/// Removes a password with what its program was told; does nothing where it is somebody else's.
pub async fn forget(db: &mut Db, therapist: TherapistId, id: AppPasswordId) -> Result<()> {
    for statement in [FORGET_LOGS, FORGET] {
        let query = sqlx::query(statement).bind(id.to_string()).bind(therapist.to_string());
        query.execute(&mut *db).await?;
    }
    Ok(())
}

/// What a program was told of a collection, sealed; none where its password is gone.
pub async fn log(db: &mut Db, id: AppPasswordId, collection: &str) -> Result<Option<Vec<u8>>> {
    let query = sqlx::query_scalar(LOG).bind(id.to_string()).bind(collection);
    Ok(query.fetch_optional(db).await?)
}

/// Adds the row of a collection, which stays for the password's whole life.
pub async fn add_log(db: &mut Db, id: AppPasswordId, collection: &str, sealed: Vec<u8>) -> Result<()> {
    sqlx::query(ADD_LOG).bind(id.to_string()).bind(collection).bind(sealed).execute(db).await?;
    Ok(())
}

/// Changes what a program was told if it still is as it was read; says whether it was.
pub async fn swap_log(
    db: &mut Db,
    id: AppPasswordId,
    collection: &str,
    before: &[u8],
    after: Vec<u8>,
) -> Result<bool> {
    let query = sqlx::query(SWAP_LOG).bind(id.to_string()).bind(collection).bind(before).bind(after);
    Ok(query.execute(db).await?.rows_affected() == 1)
}
