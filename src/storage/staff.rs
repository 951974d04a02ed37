//! Members of staff, sealed, and what they were granted. Never a resident.

use super::{Db, Result, instant, read, statements};
use crate::domain::id::{InstitutionId, OfferingId, ProgramId, StaffId};
use crate::domain::staff::Role;
use crate::domain::time::Instant;

statements! {
    ONE = "SELECT sealed FROM staff WHERE id = $1";
    BY_ADDRESS = "SELECT id FROM staff WHERE institution_id = $1 AND address_key = $2";
    ALL_OF = "SELECT id, sealed FROM staff WHERE institution_id = $1 ORDER BY id";
    ADD = "INSERT INTO staff (id, institution_id, address_key, sealed) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (institution_id, address_key) DO NOTHING";
    RENAME = "UPDATE staff SET sealed = $2 WHERE id = $1";
    GRANTS = "SELECT role, program_id FROM grants WHERE staff_id = $1 ORDER BY role, program_id";
    GRANTS_OF_ALL = "SELECT grants.staff_id, grants.role, grants.program_id FROM grants \
        JOIN staff ON staff.id = grants.staff_id WHERE staff.institution_id = $1 \
        ORDER BY grants.staff_id, grants.role, grants.program_id";
    GRANT = "INSERT INTO grants (staff_id, role, program_id, granted_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (staff_id, role, program_id) DO NOTHING";
    REVOKE = "DELETE FROM grants WHERE staff_id = $1 AND role = $2 AND program_id = $3";
    WITH_ROLE = "SELECT COUNT(DISTINCT staff_id) FROM grants WHERE role = $1";
    READY = "INSERT INTO readiness (offering_id, program_id, said_at) VALUES ($1, $2, $3) \
        ON CONFLICT (offering_id, program_id) DO NOTHING";
    UNREADY = "DELETE FROM readiness WHERE offering_id = $1 AND program_id = $2";
    READINESS = "SELECT program_id, said_at FROM readiness WHERE offering_id = $1 ORDER BY program_id";
}

/// A member of staff, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Identifier.
    pub id: StaffId,
    /// Sealed identity.
    pub sealed: Vec<u8>,
}

/// A member of staff's sealed identity.
pub async fn sealed(db: &mut Db, id: StaffId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(ONE).bind(id.to_string()).fetch_optional(db).await?)
}

/// The member of staff who has an address.
pub async fn by_address(
    db: &mut Db,
    institution: InstitutionId,
    address_key: &str,
) -> Result<Option<StaffId>> {
    let query = sqlx::query_scalar(BY_ADDRESS).bind(institution.to_string()).bind(address_key);
    let id: Option<String> = query.fetch_optional(db).await?;
    id.map(|id| read(&id, "staff.id")).transpose()
}

/// Everybody.
pub async fn all(db: &mut Db, institution: InstitutionId) -> Result<Vec<StaffRow>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as(ALL_OF).bind(institution.to_string()).fetch_all(db).await?;
    rows.into_iter().map(|(id, sealed)| Ok(StaffRow { id: read(&id, "staff.id")?, sealed })).collect()
}

/// Adds a member of staff; says whether the address was new.
pub async fn add(
    db: &mut Db,
    institution: InstitutionId,
    id: StaffId,
    address_key: &str,
    sealed: Vec<u8>,
) -> Result<bool> {
    let query = sqlx::query(ADD).bind(id.to_string()).bind(institution.to_string());
    Ok(query.bind(address_key).bind(sealed).execute(db).await?.rows_affected() == 1)
}

/// Writes a member of staff's identity anew, such as with another name.
pub async fn rename(db: &mut Db, id: StaffId, sealed: Vec<u8>) -> Result<()> {
    sqlx::query(RENAME).bind(id.to_string()).bind(sealed).execute(db).await?;
    Ok(())
}

/// What somebody was granted.
pub async fn grants(db: &mut Db, id: StaffId) -> Result<Vec<Role>> {
    let rows: Vec<(String, String)> = sqlx::query_as(GRANTS).bind(id.to_string()).fetch_all(db).await?;
    rows.into_iter().map(|(name, program)| role(&name, &program)).collect()
}

/// What everybody was granted.
pub async fn grants_of_all(db: &mut Db, institution: InstitutionId) -> Result<Vec<(StaffId, Role)>> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as(GRANTS_OF_ALL).bind(institution.to_string()).fetch_all(db).await?;
    let read = |(id, name, program): (String, String, String)| {
        Ok((read(&id, "grants.staff_id")?, role(&name, &program)?))
    };
    rows.into_iter().map(read).collect()
}

fn role(name: &str, program: &str) -> Result<Role> {
    let program =
        if program.is_empty() { None } else { Some(read::<ProgramId>(program, "grants.program_id")?) };
    Role::read(name, program).map_err(|_| super::Error::Unreadable("grants.role"))
}

/// Grants a role; says whether it is new.
pub async fn grant(db: &mut Db, id: StaffId, role: Role, now: Instant) -> Result<bool> {
    let query = sqlx::query(GRANT).bind(id.to_string()).bind(role.name());
    let done = query.bind(program_of(role)).bind(now.timestamp()).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a role away; says whether it was there.
pub async fn revoke(db: &mut Db, id: StaffId, role: Role) -> Result<bool> {
    let query = sqlx::query(REVOKE).bind(id.to_string()).bind(role.name()).bind(program_of(role));
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// How many people have a role, for whatever program.
pub async fn with_role(db: &mut Db, role: Role) -> Result<i64> {
    Ok(sqlx::query_scalar(WITH_ROLE).bind(role.name()).fetch_one(db).await?)
}

fn program_of(role: Role) -> String {
    role.program().map(|program| program.to_string()).unwrap_or_default()
}

/// Notes that a program is ready for the batch, or that it is not.
pub async fn set_ready(
    db: &mut Db,
    offering: OfferingId,
    program: ProgramId,
    said_at: Option<Instant>,
) -> Result<()> {
    let (offering, program) = (offering.to_string(), program.to_string());
    let query = match said_at {
        Some(at) => sqlx::query(READY).bind(offering).bind(program).bind(at.timestamp()),
        None => sqlx::query(UNREADY).bind(offering).bind(program),
    };
    query.execute(db).await?;
    Ok(())
}

/// The programs that are ready, and since when.
pub async fn readiness(db: &mut Db, offering: OfferingId) -> Result<Vec<(ProgramId, Instant)>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(READINESS).bind(offering.to_string()).fetch_all(db).await?;
    let ready = |(program, at): (String, i64)| {
        Ok((read(&program, "readiness.program_id")?, instant(at, "readiness.said_at")?))
    };
    rows.into_iter().map(ready).collect()
}
