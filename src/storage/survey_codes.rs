//! The codes of an offering's survey: rows that exist from the first booking on, of one size, swapped whole, and gone with
//! the release. No column says whose a row is, and no statement joins one to anything but its offering.

use sqlx::FromRow;

use super::keys::WrappedKey;
use super::{Db, Result, read, statements};
use crate::domain::id::{CodeId, OfferingId};

statements! {
    ADD = "INSERT INTO survey_codes (id, offering_id, sealed) VALUES ($1, $2, $3)";
    OF_OFFERING = "SELECT survey_codes.id, offering_id, sealed, k.id AS key_id, k.wrapped \
        FROM survey_codes JOIN keys.data_keys AS k ON k.id = survey_codes.offering_id \
        WHERE offering_id = $1 ORDER BY survey_codes.id";
    ONE = "SELECT survey_codes.id, offering_id, sealed, k.id AS key_id, k.wrapped \
        FROM survey_codes JOIN keys.data_keys AS k ON k.id = survey_codes.offering_id WHERE survey_codes.id = $1";
    SWAP = "UPDATE survey_codes SET sealed = $3 WHERE id = $1 AND sealed = $2";
    TAKE_OUT = "DELETE FROM survey_codes WHERE id = $1 AND sealed = $2";
    DESTROY = "DELETE FROM survey_codes WHERE offering_id = $1";
}

/// A code's row.
#[derive(Clone)]
pub struct CodeRow {
    /// Identifier: 128 random bits.
    pub id: CodeId,
    /// Of whose survey.
    pub offering: OfferingId,
    /// The sheet, sealed.
    pub sealed: Vec<u8>,
    /// The key that seals it, wrapped: the season's.
    pub key: WrappedKey,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    offering_id: String,
    sealed: Vec<u8>,
    #[sqlx(flatten)]
    key: WrappedKey,
}

impl Raw {
    fn checked(self) -> Result<CodeRow> {
        Ok(CodeRow {
            id: read(&self.id, "survey_codes.id")?,
            offering: read(&self.offering_id, "survey_codes.offering_id")?,
            sealed: self.sealed,
            key: self.key,
        })
    }
}

/// Adds a code.
pub async fn add(db: &mut Db, row: &CodeRow) -> Result<()> {
    let query = sqlx::query(ADD).bind(row.id.to_string()).bind(row.offering.to_string());
    query.bind(row.sealed.as_slice()).execute(db).await?;
    Ok(())
}

/// All codes of an offering.
pub async fn of_offering(db: &mut Db, offering: OfferingId) -> Result<Vec<CodeRow>> {
    let rows: Vec<Raw> = sqlx::query_as(OF_OFFERING).bind(offering.to_string()).fetch_all(db).await?;
    rows.into_iter().map(Raw::checked).collect()
}

/// One code.
pub async fn code(db: &mut Db, id: CodeId) -> Result<Option<CodeRow>> {
    let row: Option<Raw> = sqlx::query_as(ONE).bind(id.to_string()).fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// Changes a sheet if it still is as it was read; says whether it was.
pub async fn swap(db: &mut Db, id: CodeId, before: &[u8], after: Vec<u8>) -> Result<bool> {
    let done = sqlx::query(SWAP).bind(id.to_string()).bind(before).bind(after).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Destroys a sheet if it still is as it was read; says whether it was.
pub async fn take_out(db: &mut Db, id: CodeId, before: &[u8]) -> Result<bool> {
    Ok(sqlx::query(TAKE_OUT).bind(id.to_string()).bind(before).execute(db).await?.rows_affected() == 1)
}

/// Destroys every sheet of an offering; says how many there were.
pub async fn destroy(db: &mut Db, offering: OfferingId) -> Result<u64> {
    Ok(sqlx::query(DESTROY).bind(offering.to_string()).execute(db).await?.rows_affected())
}
