//! What was typed beside what it means, for whoever works it out anew under changed zone rules. Sees no outcome.

use chrono::NaiveDateTime;
use sqlx::FromRow;

use super::{Db, Error, Result, read, span, statements};
use crate::domain::absence::Absence;
use crate::domain::id::{SlotId, TherapistId};
use crate::domain::time::{Instant, Span, Zone};

statements! {
    VERSION = "SELECT version FROM zone_data WHERE id = 1";
    FIRST = "INSERT INTO zone_data (id, version) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
    // On PostgreSQL the row's lock makes a second process wait, and then see that it is done.
    TAKE_OVER = "UPDATE zone_data SET version = $2 WHERE id = 1 AND version = $1";
    SLOTS = "SELECT id, therapist_id, zone, starts_local, ends_local, starts_at, ends_at FROM slots ORDER BY id";
    // Out of the way first, because two slots may change places.
    LIFT = "UPDATE slots SET starts_at = - starts_at WHERE id = $1";
    MOVE = "UPDATE slots SET starts_at = $2, ends_at = $3 WHERE id = $1";
    ABSENCES = "SELECT id, from_local, until_local, zone, starts_at, ends_at FROM absences ORDER BY id";
    MOVE_ABSENCE = "UPDATE absences SET starts_at = $2, ends_at = $3 WHERE id = $1";
}

/// With which version of the zone rules everything stored was worked out; empty before the first time.
pub async fn version(db: &mut Db) -> Result<String> {
    Ok(sqlx::query_scalar::<_, String>(VERSION).fetch_optional(db).await?.unwrap_or_default())
}

/// Notes another version; says whether nobody else did meanwhile.
pub async fn take_over(db: &mut Db, before: &str, after: &str) -> Result<bool> {
    if before.is_empty() {
        return Ok(sqlx::query(FIRST).bind(after).execute(db).await?.rows_affected() == 1);
    }
    Ok(sqlx::query(TAKE_OVER).bind(before).bind(after).execute(db).await?.rows_affected() == 1)
}

/// How a local time is written: as ISO 8601 has it, to the second.
const LOCAL: &str = "%Y-%m-%dT%H:%M:%S";

/// A local time as it is stored.
#[must_use]
pub fn written(local: NaiveDateTime) -> String {
    local.format(LOCAL).to_string()
}

fn local(text: &str, column: &'static str) -> Result<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, LOCAL).map_err(|_| Error::Unreadable(column))
}

/// A slot, as people agreed on it and as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedSlot {
    /// Identifier.
    pub id: SlotId,
    /// Who holds it.
    pub therapist: TherapistId,
    /// Where the clock hangs.
    pub zone: Zone,
    /// When it begins and ends, by that clock.
    pub local: (NaiveDateTime, NaiveDateTime),
    /// What that meant.
    pub span: Span,
}

/// All slots, by identifier.
pub async fn slots(db: &mut Db) -> Result<Vec<TypedSlot>> {
    #[derive(FromRow)]
    struct Row {
        id: String,
        therapist_id: String,
        zone: String,
        starts_local: String,
        ends_local: String,
        starts_at: i64,
        ends_at: i64,
    }
    let rows: Vec<Row> = sqlx::query_as(SLOTS).fetch_all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(TypedSlot {
                id: read(&row.id, "slots.id")?,
                therapist: read(&row.therapist_id, "slots.therapist_id")?,
                zone: read(&row.zone, "slots.zone")?,
                local: (
                    local(&row.starts_local, "slots.starts_local")?,
                    local(&row.ends_local, "slots.ends_local")?,
                ),
                span: span(row.starts_at, row.ends_at, "slots.starts_at")?,
            })
        })
        .collect()
}

/// Puts slots at other moments, all together.
pub async fn move_slots(db: &mut Db, moved: &[(SlotId, Span)]) -> Result<()> {
    for (id, _) in moved {
        sqlx::query(LIFT).bind(id.to_string()).execute(&mut *db).await?;
    }
    for (id, span) in moved {
        let query = sqlx::query(MOVE).bind(id.to_string()).bind(span.starts_at().timestamp());
        query.bind(span.ends_at().timestamp()).execute(&mut *db).await?;
    }
    Ok(())
}

/// An absence, as it was typed and as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedAbsence {
    /// Identifier.
    pub id: String,
    /// What was typed.
    pub absence: Absence,
    /// What that meant, in UTC seconds.
    pub stored: (i64, Option<i64>),
}

/// All absences.
pub async fn absences(db: &mut Db) -> Result<Vec<TypedAbsence>> {
    #[derive(FromRow)]
    struct Row {
        id: String,
        from_local: String,
        until_local: Option<String>,
        zone: String,
        starts_at: i64,
        ends_at: Option<i64>,
    }
    let rows: Vec<Row> = sqlx::query_as(ABSENCES).fetch_all(db).await?;
    rows.into_iter()
        .map(|row| {
            let until = row.until_local.map(|until| local(&until, "absences.until_local")).transpose()?;
            let from = local(&row.from_local, "absences.from_local")?;
            let absence = Absence { from, until, zone: read(&row.zone, "absences.zone")? };
            Ok(TypedAbsence { id: row.id, absence, stored: (row.starts_at, row.ends_at) })
        })
        .collect()
}

/// Puts an absence at other moments.
pub async fn move_absence(db: &mut Db, id: &str, from: Instant, until: Option<Instant>) -> Result<()> {
    let query = sqlx::query(MOVE_ABSENCE).bind(id).bind(from.timestamp());
    query.bind(until.map(|until| until.timestamp())).execute(db).await?;
    Ok(())
}
