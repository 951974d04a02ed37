//! Calendars that therapists keep elsewhere, and how far they were read. Sees of where they are nothing but sealed bytes.

use sqlx::FromRow;

use super::{Db, Result, instant, read, statements};
use crate::domain::id::{BusyCalendarId, TherapistId};
use crate::domain::time::Instant;

statements! {
    EVERYONES = "SELECT id, therapist_id, sealed, added_at, due_at, read_at, whole_at, version, failures, trouble, refused \
        FROM busy_calendars ORDER BY added_at, id";
    OF_THERAPIST = "SELECT id, therapist_id, sealed, added_at, due_at, read_at, whole_at, version, failures, trouble, \
        refused FROM busy_calendars WHERE therapist_id = $1 ORDER BY added_at, id";
    DUE = "SELECT id, therapist_id, sealed, added_at, due_at, read_at, whole_at, version, failures, trouble, refused \
        FROM busy_calendars WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2";
    ONE = "SELECT id, therapist_id, sealed, added_at, due_at, read_at, whole_at, version, failures, trouble, refused \
        FROM busy_calendars WHERE id = $1";
    ADD = "INSERT INTO busy_calendars (id, therapist_id, sealed, added_at, due_at, read_at, whole_at, version, failures, \
        trouble, refused) VALUES ($1, $2, $3, $4, $5, NULL, 0, '', 0, '', 0)";
    CLAIM = "UPDATE busy_calendars SET due_at = $3 WHERE id = $1 AND due_at = $2";
    KEEP = "UPDATE busy_calendars SET due_at = $2, read_at = $3, whole_at = $4, version = $5, failures = $6, \
        trouble = $7, refused = $8 WHERE id = $1";
    FORGET = "DELETE FROM busy_calendars WHERE id = $1 AND therapist_id = $2";
}

/// A calendar on file. Holds where it is only sealed.
#[derive(Clone)]
pub struct BusyCalendarRow {
    /// Identifier.
    pub id: BusyCalendarId,
    /// Whose time it tells.
    pub therapist: TherapistId,
    /// Address and account.
    pub sealed: Vec<u8>,
    /// Since when it is on file.
    pub added_at: Instant,
    /// When it is asked next.
    pub due_at: Instant,
    /// When its content was last known to be the present one.
    pub read_at: Option<Instant>,
    /// When it was last read whole; the beginning of time if never.
    pub whole_at: Instant,
    /// The version that it was given there: an entity tag or a date, as it came; empty for none.
    pub version: String,
    /// Failures since.
    pub failures: u32,
    /// The reason of the newest failure; empty for none.
    pub trouble: String,
    /// Events that could not be read.
    pub refused: u32,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    therapist_id: String,
    sealed: Vec<u8>,
    added_at: i64,
    due_at: i64,
    read_at: Option<i64>,
    whole_at: i64,
    version: String,
    failures: i64,
    trouble: String,
    refused: i64,
}

impl Raw {
    fn checked(self) -> Result<BusyCalendarRow> {
        Ok(BusyCalendarRow {
            id: read(&self.id, "busy_calendars.id")?,
            therapist: read(&self.therapist_id, "busy_calendars.therapist_id")?,
            sealed: self.sealed,
            added_at: instant(self.added_at, "busy_calendars.added_at")?,
            due_at: instant(self.due_at, "busy_calendars.due_at")?,
            read_at: self.read_at.map(|at| instant(at, "busy_calendars.read_at")).transpose()?,
            whole_at: instant(self.whole_at, "busy_calendars.whole_at")?,
            version: self.version,
            failures: u32::try_from(self.failures).unwrap_or(u32::MAX),
            trouble: self.trouble,
            refused: u32::try_from(self.refused).unwrap_or(u32::MAX),
        })
    }
}

fn checked(rows: Vec<Raw>) -> Result<Vec<BusyCalendarRow>> {
    rows.into_iter().map(Raw::checked).collect()
}

/// Everyone's calendars.
pub async fn all(db: &mut Db) -> Result<Vec<BusyCalendarRow>> {
    checked(sqlx::query_as(EVERYONES).fetch_all(db).await?)
}

/// One therapist's calendars, in the order in which they came.
pub async fn of_therapist(db: &mut Db, therapist: TherapistId) -> Result<Vec<BusyCalendarRow>> {
    checked(sqlx::query_as(OF_THERAPIST).bind(therapist.to_string()).fetch_all(db).await?)
}

/// Those that are to be asked by now, at most so many.
pub async fn due(db: &mut Db, now: Instant, most: i64) -> Result<Vec<BusyCalendarRow>> {
    checked(sqlx::query_as(DUE).bind(now.timestamp()).bind(most).fetch_all(db).await?)
}

/// One calendar.
pub async fn one(db: &mut Db, id: BusyCalendarId) -> Result<Option<BusyCalendarRow>> {
    let row: Option<Raw> = sqlx::query_as(ONE).bind(id.to_string()).fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// Adds a calendar that was never read.
pub async fn add(
    db: &mut Db,
    id: BusyCalendarId,
    therapist: TherapistId,
    sealed: Vec<u8>,
    now: Instant,
) -> Result<()> {
    let query = sqlx::query(ADD).bind(id.to_string()).bind(therapist.to_string()).bind(sealed);
    query.bind(now.timestamp()).bind(now.timestamp()).execute(db).await?;
    Ok(())
}

/// Moves the hour at which a calendar is asked, if it still is what was read; says whether it was.
pub async fn claim(db: &mut Db, id: BusyCalendarId, due_at: Instant, next: Instant) -> Result<bool> {
    let query = sqlx::query(CLAIM).bind(id.to_string()).bind(due_at.timestamp()).bind(next.timestamp());
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Writes down how far a calendar was read.
pub async fn keep(db: &mut Db, row: &BusyCalendarRow) -> Result<()> {
    sqlx::query(KEEP)
        .bind(row.id.to_string())
        .bind(row.due_at.timestamp())
        .bind(row.read_at.map(|at| at.timestamp()))
        .bind(row.whole_at.timestamp())
        .bind(row.version.as_str())
        .bind(i64::from(row.failures))
        .bind(row.trouble.as_str())
        .bind(i64::from(row.refused))
        .execute(db)
        .await?;
    Ok(())
}

/// Forgets a therapist's calendar; says whether there was one.
pub async fn forget(db: &mut Db, therapist: TherapistId, id: BusyCalendarId) -> Result<bool> {
    let query = sqlx::query(FORGET).bind(id.to_string()).bind(therapist.to_string());
    Ok(query.execute(db).await?.rows_affected() == 1)
}
