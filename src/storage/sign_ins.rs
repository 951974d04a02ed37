//! Sign-ins that are under way through a provider: one row each, for minutes, taken once. The cookie is stored only as a
//! hash, and of an address nothing.

use super::{Db, Result, instant, read, statements};
use crate::domain::id::{StaffId, TherapistId};
use crate::domain::time::Instant;

statements! {
    ADD = "INSERT INTO sign_ins (token_hash, therapist_id, staff_id, ends_at) VALUES ($1, $2, $3, $4)";
    TAKE = "DELETE FROM sign_ins WHERE token_hash = $1 RETURNING therapist_id, staff_id, ends_at";
    TIDY = "DELETE FROM sign_ins WHERE ends_at < $1";
}

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInRow {
    /// Whom the provider's word was for, if they may come in as either: nobody before it has spoken.
    pub both: Option<(TherapistId, StaffId)>,
    /// When it is too late.
    pub ends_at: Instant,
}

/// Adds one.
pub async fn add(db: &mut Db, token_hash: &str, row: &SignInRow) -> Result<()> {
    sqlx::query(ADD)
        .bind(token_hash)
        .bind(row.both.map(|(therapist, _)| therapist.to_string()))
        .bind(row.both.map(|(_, staff)| staff.to_string()))
        .bind(row.ends_at.timestamp())
        .execute(db)
        .await?;
    Ok(())
}

/// Takes one away: whoever comes second finds nothing.
pub async fn take(db: &mut Db, token_hash: &str) -> Result<Option<SignInRow>> {
    let row: Option<(Option<String>, Option<String>, i64)> =
        sqlx::query_as(TAKE).bind(token_hash).fetch_optional(db).await?;
    row.map(|(therapist, staff, ends_at)| {
        let both = match therapist.zip(staff) {
            Some((therapist, staff)) => {
                Some((read(&therapist, "sign_ins.therapist_id")?, read(&staff, "sign_ins.staff_id")?))
            }
            None => None,
        };
        Ok(SignInRow { both, ends_at: instant(ends_at, "sign_ins.ends_at")? })
    })
    .transpose()
}

/// Forgets those that are over.
pub async fn tidy(db: &mut Db, before: Instant) -> Result<()> {
    sqlx::query(TIDY).bind(before.timestamp()).execute(db).await?;
    Ok(())
}
