//! Cohorts frozen for reporting, the privacy ledger, and releases. No statement here updates a release.

use super::{Db, Result, read, statements};
use crate::domain::id::{CycleId, OfferingId, ProgramId, ReleaseId, ResidentId};
use crate::domain::time::Instant;

statements! {
    ADD_MEMBER = "INSERT INTO cohort_members (cycle_id, resident_id, program_id) VALUES ($1, $2, $3) \
        ON CONFLICT (cycle_id, resident_id) DO NOTHING";
    MEMBERS = "SELECT resident_id, program_id FROM cohort_members WHERE cycle_id = $1 ORDER BY resident_id";
    MEMBER = "SELECT CAST(COUNT(*) AS BIGINT) FROM cohort_members WHERE cycle_id = $1 AND resident_id = $2";
    RELEASE = "SELECT document FROM releases WHERE offering_id = $1";
    ADD_RELEASE = "INSERT INTO releases (id, offering_id, released_at, document, sha256) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (offering_id) DO NOTHING";
    CHARGE = "INSERT INTO ledger \
        (cycle_id, partition_name, resident_id, epsilon_millis, charged_at, release_sha256) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (cycle_id, partition_name, resident_id) DO NOTHING";
    ENTRIES = "SELECT partition_name, resident_id, epsilon_millis FROM ledger WHERE cycle_id = $1 \
        ORDER BY partition_name, resident_id";
    SPENT_ON = "SELECT CAST(COALESCE(SUM(epsilon_millis), 0) AS BIGINT) FROM ledger \
        WHERE cycle_id = $1 AND resident_id = $2";
}

/// Puts a resident into a cycle's cohort.
pub async fn add_member(db: &mut Db, cycle: CycleId, resident: ResidentId, program: ProgramId) -> Result<()> {
    sqlx::query(ADD_MEMBER)
        .bind(cycle.to_string())
        .bind(resident.to_string())
        .bind(program.to_string())
        .execute(db)
        .await?;
    Ok(())
}

/// A cycle's cohort: who belongs to which program's unit.
pub async fn members(db: &mut Db, cycle: CycleId) -> Result<Vec<(ResidentId, ProgramId)>> {
    let rows: Vec<(String, String)> = sqlx::query_as(MEMBERS).bind(cycle.to_string()).fetch_all(db).await?;
    rows.into_iter()
        .map(|(resident, program)| {
            Ok((read(&resident, "cohort_members.resident_id")?, read(&program, "cohort_members.program_id")?))
        })
        .collect()
}

/// Whether a resident belongs to a cycle's cohort.
pub async fn is_member(db: &mut Db, cycle: CycleId, resident: ResidentId) -> Result<bool> {
    let query = sqlx::query_scalar::<_, i64>(MEMBER).bind(cycle.to_string()).bind(resident.to_string());
    Ok(query.fetch_one(db).await? > 0)
}

/// The frozen bytes of an offering's release.
pub async fn release(db: &mut Db, offering: OfferingId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(RELEASE).bind(offering.to_string()).fetch_optional(db).await?)
}

/// Freezes a release; says whether there was none.
pub async fn add(
    db: &mut Db,
    id: ReleaseId,
    offering: OfferingId,
    at: Instant,
    document: &[u8],
    sha256: &str,
) -> Result<bool> {
    let done = sqlx::query(ADD_RELEASE)
        .bind(id.to_string())
        .bind(offering.to_string())
        .bind(at.timestamp())
        .bind(document)
        .bind(sha256)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What one release costs one resident.
pub struct Charge<'a> {
    /// Cycle over which the ledger sums.
    pub cycle: CycleId,
    /// Which partition of people was released.
    pub partition: &'a str,
    /// Whose ledger.
    pub resident: ResidentId,
    /// Privacy loss in thousandths.
    pub epsilon_millis: u32,
    /// When.
    pub at: Instant,
    /// Hash of the release.
    pub sha256: &'a str,
}

/// Charges a resident; says whether this partition had not been charged.
pub async fn charge(db: &mut Db, charge: &Charge<'_>) -> Result<bool> {
    let done = sqlx::query(CHARGE)
        .bind(charge.cycle.to_string())
        .bind(charge.partition)
        .bind(charge.resident.to_string())
        .bind(i64::from(charge.epsilon_millis))
        .bind(charge.at.timestamp())
        .bind(charge.sha256)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A line of the ledger: which partition, whose, and the privacy loss in thousandths.
pub type LedgerRow = (String, ResidentId, i64);

/// The ledger of a cycle.
pub async fn ledger(db: &mut Db, cycle: CycleId) -> Result<Vec<LedgerRow>> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as(ENTRIES).bind(cycle.to_string()).fetch_all(db).await?;
    rows.into_iter()
        .map(|(partition, id, millis)| Ok((partition, read(&id, "ledger.resident_id")?, millis)))
        .collect()
}

/// What was spent on one resident, in thousandths.
pub async fn spent_on(db: &mut Db, cycle: CycleId, resident: ResidentId) -> Result<i64> {
    let query = sqlx::query_scalar(SPENT_ON).bind(cycle.to_string()).bind(resident.to_string());
    Ok(query.fetch_one(db).await?)
}
