//! Therapists' absences, as they were typed. Knows nobody whom they concern.

use chrono::NaiveDateTime;
use sqlx::FromRow;

use super::{Db, Error, Result, read, statements};
use crate::domain::absence::Absence;
use crate::domain::id::{AbsenceId, TherapistId};

statements! {
    ABSENCES = "SELECT id, therapist_id, from_local, until_local, zone FROM absences ORDER BY starts_at, id";
    OF_THERAPIST = "SELECT id, therapist_id, from_local, until_local, zone FROM absences \
        WHERE therapist_id = $1 ORDER BY starts_at, id";
    ADD = "INSERT INTO absences (id, therapist_id, from_local, until_local, zone, starts_at, ends_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FORGET = "DELETE FROM absences WHERE id = $1 AND therapist_id = $2";
}

/// An absence on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceRow {
    /// Identifier.
    pub id: AbsenceId,
    /// Who is away.
    pub therapist: TherapistId,
    /// When.
    pub absence: Absence,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    therapist_id: String,
    #[sqlx(flatten)]
    absence: RawAbsence,
}

#[derive(FromRow)]
pub(super) struct RawAbsence {
    pub(super) from_local: String,
    pub(super) until_local: Option<String>,
    pub(super) zone: String,
}

/// How a local time is written: as ISO 8601 has it, to the second.
const LOCAL: &str = "%Y-%m-%dT%H:%M:%S";

fn local(text: &str, column: &'static str) -> Result<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, LOCAL).map_err(|_| Error::Unreadable(column))
}

impl Raw {
    fn checked(self) -> Result<AbsenceRow> {
        Ok(AbsenceRow {
            id: read(&self.id, "absences.id")?,
            therapist: read(&self.therapist_id, "absences.therapist_id")?,
            absence: self.absence.checked()?,
        })
    }
}

impl RawAbsence {
    pub(super) fn checked(self) -> Result<Absence> {
        let until = self.until_local.map(|until| local(&until, "absences.until_local")).transpose()?;
        Ok(Absence {
            from: local(&self.from_local, "absences.from_local")?,
            until,
            zone: read(&self.zone, "absences.zone")?,
        })
    }
}

/// Everyone's absences.
pub async fn absences(db: &mut Db) -> Result<Vec<AbsenceRow>> {
    let rows: Vec<Raw> = sqlx::query_as(ABSENCES).fetch_all(db).await?;
    rows.into_iter().map(Raw::checked).collect()
}

/// One therapist's absences, in order.
pub async fn of_therapist(db: &mut Db, therapist: TherapistId) -> Result<Vec<AbsenceRow>> {
    let rows: Vec<Raw> = sqlx::query_as(OF_THERAPIST).bind(therapist.to_string()).fetch_all(db).await?;
    rows.into_iter().map(Raw::checked).collect()
}

/// Adds an absence.
pub async fn add(db: &mut Db, row: &AbsenceRow) -> Result<()> {
    let Absence { from, until, zone } = row.absence;
    sqlx::query(ADD)
        .bind(row.id.to_string())
        .bind(row.therapist.to_string())
        .bind(from.format(LOCAL).to_string())
        .bind(until.map(|until| until.format(LOCAL).to_string()))
        .bind(zone.name())
        .bind(row.absence.starts_at().timestamp())
        .bind(row.absence.ends_at().map(|at| at.timestamp()))
        .execute(db)
        .await?;
    Ok(())
}

/// Removes an absence of a therapist; says whether there was one.
pub async fn forget(db: &mut Db, therapist: TherapistId, id: AbsenceId) -> Result<bool> {
    let query = sqlx::query(FORGET).bind(id.to_string()).bind(therapist.to_string());
    Ok(query.execute(db).await?.rows_affected() == 1)
}
