//! Residents and their blocks. Who they are is sealed.

use sqlx::FromRow;

use super::keys::WrappedKey;
use super::{Db, Result, instant, read, span, statements, together};
use crate::domain::id::{BlockId, InstitutionId, ProgramId, ResidentId};
use crate::domain::time::{Instant, LocalSpan, Span};

statements! {
    RESIDENTS = "SELECT residents.id, program_id, address_key, sealed, admitted_at, active, k.id AS key_id, \
        k.wrapped FROM residents JOIN keys.data_keys AS k ON k.id = residents.id \
        WHERE institution_id = $1 ORDER BY residents.id";
    RESIDENTS_OF = "SELECT residents.id, program_id, address_key, sealed, admitted_at, active, k.id AS key_id, \
        k.wrapped FROM residents JOIN keys.data_keys AS k ON k.id = residents.id \
        WHERE program_id = $1 ORDER BY residents.id";
    KEYS_ELSEWHERE = "SELECT address_key FROM residents WHERE institution_id = $1 AND program_id <> $2";
    PROTECTED = "SELECT DISTINCT whose FROM blocks WHERE program_id = $1 AND kind = 'protected'";
    RESIDENT = "SELECT residents.id, program_id, address_key, sealed, admitted_at, active, k.id AS key_id, \
        k.wrapped FROM residents JOIN keys.data_keys AS k ON k.id = residents.id WHERE residents.id = $1";
    BY_ADDRESS = "SELECT residents.id, program_id, address_key, sealed, admitted_at, active, k.id AS key_id, \
        k.wrapped FROM residents JOIN keys.data_keys AS k ON k.id = residents.id \
        WHERE institution_id = $1 AND address_key = $2";
    SEVERAL = concat!(
        "SELECT residents.id, program_id, address_key, sealed, admitted_at, active, k.id AS key_id, \
        k.wrapped FROM residents JOIN keys.data_keys AS k ON k.id = residents.id WHERE residents.id IN ",
        together!()
    );
    AT_ADDRESS = "SELECT id FROM residents WHERE institution_id = $1 AND address_key = $2";
    DESTROY_RESIDENT = "DELETE FROM residents WHERE id = $1";
    DESTROY_BLOCKS = "DELETE FROM blocks WHERE whose = $1";
    ADD_RESIDENT = "INSERT INTO residents \
        (id, institution_id, program_id, address_key, sealed, admitted_at, active) \
        VALUES ($1, $2, $3, $4, $5, $6, 1)";
    CHANGE_RESIDENT = "UPDATE residents SET program_id = $2, address_key = $3, sealed = $4, active = $5 \
        WHERE id = $1";
    BLOCKS = "SELECT program_id, whose, kind, on_date, from_time, to_time, zone, starts_at, ends_at \
        FROM blocks ORDER BY program_id, whose, starts_at, ends_at, kind";
    BLOCKS_OF = "SELECT program_id, whose, kind, on_date, from_time, to_time, zone, starts_at, ends_at \
        FROM blocks WHERE program_id = $1 AND whose IN ($2, $3) \
        ORDER BY program_id, whose, starts_at, ends_at, kind";
    BLOCKS_OF_PROGRAM = "SELECT program_id, whose, kind, on_date, from_time, to_time, zone, starts_at, ends_at \
        FROM blocks WHERE program_id = $1 ORDER BY whose, starts_at, ends_at, kind";
    ADD_BLOCK = "INSERT INTO blocks \
        (id, program_id, whose, kind, on_date, from_time, to_time, zone, starts_at, ends_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT (program_id, whose, kind, starts_at, ends_at) DO NOTHING";
    REMOVE_BLOCK = "DELETE FROM blocks WHERE program_id = $1 AND whose = $2 AND kind = $3 \
        AND starts_at = $4 AND ends_at = $5";
}

/// A resident's row.
#[derive(Clone)]
pub struct ResidentRow {
    /// Identifier.
    pub id: ResidentId,
    /// Program.
    pub program: ProgramId,
    /// Keyed hash of the address.
    pub address_key: String,
    /// Identity and roster attributes, sealed.
    pub sealed: Vec<u8>,
    /// When they came onto the roster.
    pub admitted_at: Instant,
    /// Whether they are still on it.
    pub active: bool,
    /// The key that seals it, wrapped.
    pub key: WrappedKey,
}

#[derive(FromRow)]
struct RawResident {
    id: String,
    program_id: String,
    address_key: String,
    sealed: Vec<u8>,
    admitted_at: i64,
    active: i64,
    #[sqlx(flatten)]
    key: WrappedKey,
}

impl RawResident {
    fn checked(self) -> Result<ResidentRow> {
        Ok(ResidentRow {
            id: read(&self.id, "residents.id")?,
            program: read(&self.program_id, "residents.program_id")?,
            address_key: self.address_key,
            sealed: self.sealed,
            admitted_at: instant(self.admitted_at, "residents.admitted_at")?,
            active: self.active != 0,
            key: self.key,
        })
    }
}

/// Everyone who is or was on a roster.
pub async fn residents(db: &mut Db, institution: InstitutionId) -> Result<Vec<ResidentRow>> {
    let rows: Vec<RawResident> =
        sqlx::query_as(RESIDENTS).bind(institution.to_string()).fetch_all(db).await?;
    rows.into_iter().map(RawResident::checked).collect()
}

/// Everyone who is or was on the roster of one program.
pub async fn residents_of(db: &mut Db, program: ProgramId) -> Result<Vec<ResidentRow>> {
    let rows: Vec<RawResident> = sqlx::query_as(RESIDENTS_OF).bind(program.to_string()).fetch_all(db).await?;
    rows.into_iter().map(RawResident::checked).collect()
}

/// Keyed hashes of the addresses of everyone who is or was on the roster of another program.
pub async fn keys_elsewhere(
    db: &mut Db,
    institution: InstitutionId,
    program: ProgramId,
) -> Result<Vec<String>> {
    let query = sqlx::query_scalar(KEYS_ELSEWHERE).bind(institution.to_string()).bind(program.to_string());
    Ok(query.fetch_all(db).await?)
}

/// Whose protected time of a program is on file, as blocks are filed.
pub async fn protected(db: &mut Db, program: ProgramId) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(PROTECTED).bind(program.to_string()).fetch_all(db).await?)
}

/// One resident.
pub async fn resident(db: &mut Db, id: ResidentId) -> Result<Option<ResidentRow>> {
    let row: Option<RawResident> = sqlx::query_as(RESIDENT).bind(id.to_string()).fetch_optional(db).await?;
    row.map(RawResident::checked).transpose()
}

/// The resident whose address on the roster has a keyed hash.
pub async fn resident_at(
    db: &mut Db,
    institution: InstitutionId,
    address_key: &str,
) -> Result<Option<ResidentRow>> {
    let query = sqlx::query_as(BY_ADDRESS).bind(institution.to_string()).bind(address_key);
    let row: Option<RawResident> = query.fetch_optional(db).await?;
    row.map(RawResident::checked).transpose()
}

/// The residents of some identifiers, in no order.
pub async fn several(db: &mut Db, ids: &[ResidentId]) -> Result<Vec<ResidentRow>> {
    let mut found = Vec::new();
    for some in ids.chunks(super::TOGETHER) {
        let some: Vec<String> = some.iter().map(ToString::to_string).collect();
        let query = super::places_of(&some).fold(sqlx::query_as(SEVERAL), |query, id| query.bind(id));
        let rows: Vec<RawResident> = query.fetch_all(&mut *db).await?;
        found.extend(rows);
    }
    found.into_iter().map(RawResident::checked).collect()
}

/// The resident at an address, whether or not a key opens who they are.
pub async fn id_at(db: &mut Db, institution: InstitutionId, address_key: &str) -> Result<Option<ResidentId>> {
    let query = sqlx::query_scalar(AT_ADDRESS).bind(institution.to_string()).bind(address_key);
    let id: Option<String> = query.fetch_optional(db).await?;
    id.map(|id| read(&id, "residents.id")).transpose()
}

/// Destroys a resident's row, and the blocks that are filed as theirs alone; says whether there was one.
pub async fn destroy_resident(db: &mut Db, id: ResidentId, whose: &str) -> Result<bool> {
    sqlx::query(DESTROY_BLOCKS).bind(whose).execute(&mut *db).await?;
    Ok(sqlx::query(DESTROY_RESIDENT).bind(id.to_string()).execute(db).await?.rows_affected() == 1)
}

/// Adds a resident.
pub async fn add_resident(db: &mut Db, institution: InstitutionId, row: ResidentRow) -> Result<()> {
    sqlx::query(ADD_RESIDENT)
        .bind(row.id.to_string())
        .bind(institution.to_string())
        .bind(row.program.to_string())
        .bind(row.address_key)
        .bind(row.sealed)
        .bind(row.admitted_at.timestamp())
        .execute(db)
        .await?;
    Ok(())
}

/// Changes a resident's roster entry.
pub async fn change_resident(db: &mut Db, row: ResidentRow) -> Result<()> {
    sqlx::query(CHANGE_RESIDENT)
        .bind(row.id.to_string())
        .bind(row.program.to_string())
        .bind(row.address_key)
        .bind(row.sealed)
        .bind(i64::from(row.active))
        .execute(db)
        .await?;
    Ok(())
}

/// A span in which somebody is protected, or can never be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockRow {
    /// Program.
    pub program: ProgramId,
    /// `cohort:` and a cohort in lower case, or `resident:` and an identifier.
    pub whose: String,
    /// `protected` or `never`.
    pub kind: String,
    /// As typed.
    pub local: LocalSpan,
    /// As it is in UTC.
    pub span: Span,
}

#[derive(FromRow)]
struct RawBlock {
    program_id: String,
    whose: String,
    kind: String,
    on_date: String,
    from_time: String,
    to_time: String,
    zone: String,
    starts_at: i64,
    ends_at: i64,
}

impl RawBlock {
    fn checked(self) -> Result<BlockRow> {
        Ok(BlockRow {
            program: read(&self.program_id, "blocks.program_id")?,
            whose: self.whose,
            kind: self.kind,
            local: LocalSpan {
                on: read(&self.on_date, "blocks.on_date")?,
                from: read(&self.from_time, "blocks.from_time")?,
                to: read(&self.to_time, "blocks.to_time")?,
                zone: read(&self.zone, "blocks.zone")?,
            },
            span: span(self.starts_at, self.ends_at, "blocks.starts_at")?,
        })
    }
}

/// All blocks, in one stable order.
pub async fn blocks(db: &mut Db) -> Result<Vec<BlockRow>> {
    let rows: Vec<RawBlock> = sqlx::query_as(BLOCKS).fetch_all(db).await?;
    rows.into_iter().map(RawBlock::checked).collect()
}

/// The blocks of a program that are filed under one of two keys: a resident's own and their cohort's.
pub async fn blocks_of(db: &mut Db, program: ProgramId, own: &str, cohort: &str) -> Result<Vec<BlockRow>> {
    let query = sqlx::query_as(BLOCKS_OF).bind(program.to_string()).bind(own).bind(cohort);
    let rows: Vec<RawBlock> = query.fetch_all(db).await?;
    rows.into_iter().map(RawBlock::checked).collect()
}

/// The blocks of a program.
pub async fn blocks_of_program(db: &mut Db, program: ProgramId) -> Result<Vec<BlockRow>> {
    let query = sqlx::query_as(BLOCKS_OF_PROGRAM).bind(program.to_string());
    let rows: Vec<RawBlock> = query.fetch_all(db).await?;
    rows.into_iter().map(RawBlock::checked).collect()
}

/// Adds a block; says whether it is new.
pub async fn add_block(db: &mut Db, id: BlockId, row: &BlockRow) -> Result<bool> {
    let done = sqlx::query(ADD_BLOCK)
        .bind(id.to_string())
        .bind(row.program.to_string())
        .bind(&row.whose)
        .bind(&row.kind)
        .bind(row.local.on.to_string())
        .bind(row.local.from.to_string())
        .bind(row.local.to.to_string())
        .bind(row.local.zone.name())
        .bind(row.span.starts_at().timestamp())
        .bind(row.span.ends_at().timestamp())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a block; says whether there was one.
pub async fn remove_block(
    db: &mut Db,
    program: ProgramId,
    whose: &str,
    kind: &str,
    span: Span,
) -> Result<bool> {
    let done = sqlx::query(REMOVE_BLOCK)
        .bind(program.to_string())
        .bind(whose)
        .bind(kind)
        .bind(span.starts_at().timestamp())
        .bind(span.ends_at().timestamp())
        .execute(db)
        .await?;
    Ok(done.rows_affected() > 0)
}
