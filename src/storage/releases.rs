//! Cohorts frozen for reporting, the privacy ledger, releases, and how far their mirror is known. No statement here updates
//! or deletes a release, a charge or a withdrawal.

use super::{Db, Result, instant, read, statements};
use crate::domain::id::{CycleId, InstitutionId, OfferingId, ProgramId, ReleaseId, ResidentId};
use crate::domain::time::Instant;

statements! {
    ADD_MEMBER = "INSERT INTO cohort_members (cycle_id, resident_id, program_id) VALUES ($1, $2, $3) \
        ON CONFLICT (cycle_id, resident_id) DO NOTHING";
    MEMBERS = "SELECT resident_id, program_id FROM cohort_members WHERE cycle_id = $1 ORDER BY resident_id";
    MEMBER = "SELECT CAST(COUNT(*) AS BIGINT) FROM cohort_members WHERE cycle_id = $1 AND resident_id = $2";
    ADD_TRAITS = "INSERT INTO cohort_traits (cycle_id, sealed) VALUES ($1, $2) ON CONFLICT (cycle_id) DO NOTHING";
    TRAITS = "SELECT sealed FROM cohort_traits WHERE cycle_id = $1";
    TRAITS_OF = "SELECT cohort_traits.cycle_id, cohort_traits.sealed FROM cohort_traits JOIN cohort_members \
        ON cohort_members.cycle_id = cohort_traits.cycle_id WHERE cohort_members.resident_id = $1";
    SET_TRAITS = "UPDATE cohort_traits SET sealed = $2 WHERE cycle_id = $1";
    RELEASE = "SELECT document FROM releases WHERE offering_id = $1";
    ADD_RELEASE = "INSERT INTO releases (id, offering_id, released_at, document, sha256) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (offering_id) DO NOTHING";
    CHARGE = "INSERT INTO ledger \
        (cycle_id, partition_name, resident_id, epsilon_millis, charged_at, release_sha256) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (cycle_id, partition_name, resident_id) DO NOTHING";
    ENTRIES = "SELECT partition_name, resident_id, epsilon_millis FROM ledger WHERE cycle_id = $1 \
        ORDER BY partition_name, resident_id";
    FROZEN = "SELECT releases.offering_id, offerings.cycle_id, releases.released_at, releases.document FROM releases \
        JOIN offerings ON offerings.id = releases.offering_id ORDER BY releases.released_at, releases.offering_id";
    WITHDRAW = "INSERT INTO withdrawals (offering_id, withdrawn_at, reason) VALUES ($1, $2, $3) \
        ON CONFLICT (offering_id) DO NOTHING";
    WITHDRAWAL = "SELECT withdrawn_at, reason FROM withdrawals WHERE offering_id = $1";
    MIRROR = "SELECT lines, head FROM release_mirror WHERE institution_id = $1";
    SET_MIRROR = "INSERT INTO release_mirror (institution_id, lines, head) VALUES ($1, $2, $3) \
        ON CONFLICT (institution_id) DO UPDATE SET lines = excluded.lines, head = excluded.head";
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

/// The sealed traits of every cohort that a resident belongs to.
pub async fn traits_of(db: &mut Db, resident: ResidentId) -> Result<Vec<(CycleId, Vec<u8>)>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as(TRAITS_OF).bind(resident.to_string()).fetch_all(db).await?;
    rows.into_iter().map(|(cycle, sealed)| Ok((read(&cycle, "cohort_traits.cycle_id")?, sealed))).collect()
}

/// Puts other traits in the place of a cohort's.
pub async fn set_traits(db: &mut Db, cycle: CycleId, sealed: &[u8]) -> Result<()> {
    sqlx::query(SET_TRAITS).bind(cycle.to_string()).bind(sealed).execute(db).await?;
    Ok(())
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

/// Keeps what of the roster decides to which parts of breakdowns a cycle's cohort belongs, sealed; once.
pub async fn add_traits(db: &mut Db, cycle: CycleId, sealed: &[u8]) -> Result<()> {
    sqlx::query(ADD_TRAITS).bind(cycle.to_string()).bind(sealed).execute(db).await?;
    Ok(())
}

/// That of a cycle, sealed; none where it was frozen without.
pub async fn traits(db: &mut Db, cycle: CycleId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(TRAITS).bind(cycle.to_string()).fetch_optional(db).await?)
}

/// A frozen release with whose it is.
pub struct FrozenRow {
    /// Of which offering.
    pub offering: OfferingId,
    /// Whose budget it used.
    pub cycle: CycleId,
    /// When it was frozen.
    pub at: Instant,
    /// The bytes.
    pub document: Vec<u8>,
}

/// All frozen releases, oldest first.
pub async fn all(db: &mut Db) -> Result<Vec<FrozenRow>> {
    let rows: Vec<(String, String, i64, Vec<u8>)> = sqlx::query_as(FROZEN).fetch_all(db).await?;
    rows.into_iter()
        .map(|(offering, cycle, at, document)| {
            Ok(FrozenRow {
                offering: read(&offering, "releases.offering_id")?,
                cycle: read(&cycle, "offerings.cycle_id")?,
                at: instant(at, "releases.released_at")?,
                document,
            })
        })
        .collect()
}

/// Notes that a release is no longer shown; says whether nobody had noted it.
pub async fn withdraw(db: &mut Db, offering: OfferingId, at: Instant, reason: &str) -> Result<bool> {
    let query = sqlx::query(WITHDRAW).bind(offering.to_string()).bind(at.timestamp()).bind(reason);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// When and why a release was withdrawn.
pub async fn withdrawal(db: &mut Db, offering: OfferingId) -> Result<Option<(Instant, String)>> {
    let row: Option<(i64, String)> =
        sqlx::query_as(WITHDRAWAL).bind(offering.to_string()).fetch_optional(db).await?;
    row.map(|(at, reason)| Ok((instant(at, "withdrawals.withdrawn_at")?, reason))).transpose()
}

/// How many lines of the mirror this database knows of, and the authentication of the last of them.
pub async fn mirror(db: &mut Db, institution: InstitutionId) -> Result<Option<(i64, String)>> {
    Ok(sqlx::query_as(MIRROR).bind(institution.to_string()).fetch_optional(db).await?)
}

/// Notes how far the mirror is known.
pub async fn set_mirror(db: &mut Db, institution: InstitutionId, lines: i64, head: &str) -> Result<()> {
    sqlx::query(SET_MIRROR).bind(institution.to_string()).bind(lines).bind(head).execute(db).await?;
    Ok(())
}
