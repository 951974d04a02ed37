//! Institutions, cycles, sites and programs. Holds no resident.

use sqlx::FromRow;

use super::{Db, Result, read, statements};
use crate::domain::id::{CycleId, InstitutionId, ProgramId, SiteId};
use crate::domain::people::{Program, Site, State};

statements! {
    INSTITUTION = "SELECT id FROM institutions ORDER BY id LIMIT 1";
    INSTITUTION_NAME = "SELECT name FROM institutions WHERE id = $1";
    ADD_INSTITUTION = "INSERT INTO institutions (id, name, batches) VALUES ($1, $2, 0)";
    LOCK_INSTITUTION = "UPDATE institutions SET batches = batches + 1 WHERE id = $1";
    CYCLE = "SELECT id FROM cycles WHERE institution_id = $1 AND name = $2";
    ADD_CYCLE = "INSERT INTO cycles (id, institution_id, name, frozen_at) VALUES ($1, $2, $3, NULL)";
    FREEZE_CYCLE = "UPDATE cycles SET frozen_at = $2 WHERE id = $1 AND frozen_at IS NULL";
    SITES = "SELECT id, name, zone, state, address FROM sites WHERE institution_id = $1 ORDER BY id";
    SAVE_SITE = "INSERT INTO sites (id, institution_id, name_key, name, zone, state, address) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (institution_id, name_key) DO UPDATE SET \
        name = excluded.name, zone = excluded.zone, state = excluded.state, address = excluded.address";
    PROGRAMS = "SELECT id, code, name, zone, state FROM programs WHERE institution_id = $1 ORDER BY id";
    // Asked for by everyone who looks at free times, hence in one statement.
    PLACES = "SELECT 'program' AS kind, id, code, name, zone, state, '' AS address FROM programs WHERE institution_id = $1 \
        UNION ALL SELECT 'site', id, '', name, zone, state, address FROM sites WHERE institution_id = $1 ORDER BY kind, id";
    COORDINATOR = "SELECT coordinator FROM programs WHERE id = $1";
    COORDINATORS = "SELECT id, coordinator FROM programs WHERE institution_id = $1";
    SAVE_PROGRAM = "INSERT INTO programs \
        (id, institution_id, code_key, code, name, zone, state, coordinator) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (institution_id, code_key) DO UPDATE SET \
        name = excluded.name, zone = excluded.zone, state = excluded.state";
    SET_COORDINATOR = "UPDATE programs SET coordinator = $2 WHERE id = $1";
}

/// The lone institution, if `init` made it.
pub async fn institution(db: &mut Db) -> Result<Option<InstitutionId>> {
    let id: Option<String> = sqlx::query_scalar(INSTITUTION).fetch_optional(db).await?;
    id.map(|id| read(&id, "institutions.id")).transpose()
}

/// An institution's name.
pub async fn institution_name(db: &mut Db, id: InstitutionId) -> Result<String> {
    Ok(sqlx::query_scalar(INSTITUTION_NAME).bind(id.to_string()).fetch_one(db).await?)
}

/// Makes an institution.
pub async fn add_institution(db: &mut Db, id: InstitutionId, name: &str) -> Result<()> {
    sqlx::query(ADD_INSTITUTION).bind(id.to_string()).bind(name).execute(db).await?;
    Ok(())
}

/// Makes batches of one institution wait for each other until the transaction ends.
pub async fn lock_institution(db: &mut Db, id: InstitutionId) -> Result<()> {
    sqlx::query(LOCK_INSTITUTION).bind(id.to_string()).execute(db).await?;
    Ok(())
}

/// A cycle by its name.
pub async fn cycle(db: &mut Db, institution: InstitutionId, name: &str) -> Result<Option<CycleId>> {
    let id: Option<String> =
        sqlx::query_scalar(CYCLE).bind(institution.to_string()).bind(name).fetch_optional(db).await?;
    id.map(|id| read(&id, "cycles.id")).transpose()
}

/// Makes a cycle.
pub async fn add_cycle(db: &mut Db, id: CycleId, institution: InstitutionId, name: &str) -> Result<()> {
    sqlx::query(ADD_CYCLE).bind(id.to_string()).bind(institution.to_string()).bind(name).execute(db).await?;
    Ok(())
}

/// Freezes a cycle's roster for reporting; says whether this call was the one that did.
pub async fn freeze_cycle(db: &mut Db, id: CycleId, at: i64) -> Result<bool> {
    let done = sqlx::query(FREEZE_CYCLE).bind(id.to_string()).bind(at).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// The form in which names and codes are compared: case and repeated spaces do not count.
#[must_use]
pub fn name_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// All programs and all sites of an institution.
pub async fn programs_and_sites(
    db: &mut Db,
    institution: InstitutionId,
) -> Result<(Vec<Program>, Vec<Site>)> {
    #[derive(FromRow)]
    struct Row {
        kind: String,
        id: String,
        code: String,
        name: String,
        zone: String,
        state: String,
        address: String,
    }
    let rows: Vec<Row> = sqlx::query_as(PLACES).bind(institution.to_string()).fetch_all(db).await?;
    let (mut programs, mut sites) = (Vec::new(), Vec::new());
    for Row { kind, id, code, name, zone, state, address } in rows {
        let zone = read(&zone, "zone of a program or site")?;
        let state = State::parse(&state).ok_or(super::Error::Unreadable("state of a program or site"))?;
        match kind.as_str() {
            "program" => programs.push(Program { id: read(&id, "programs.id")?, code, name, zone, state }),
            _ => sites.push(Site { id: read(&id, "sites.id")?, name, zone, state, address }),
        }
    }
    Ok((programs, sites))
}

/// All sites of an institution.
pub async fn sites(db: &mut Db, institution: InstitutionId) -> Result<Vec<Site>> {
    #[derive(FromRow)]
    struct Row {
        id: String,
        name: String,
        zone: String,
        state: String,
        address: String,
    }
    let rows: Vec<Row> = sqlx::query_as(SITES).bind(institution.to_string()).fetch_all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Site {
                id: read(&row.id, "sites.id")?,
                name: row.name,
                zone: read(&row.zone, "sites.zone")?,
                state: State::parse(&row.state).ok_or(super::Error::Unreadable("sites.state"))?,
                address: row.address,
            })
        })
        .collect()
}

/// Saves a site under its name, new or changed.
pub async fn save_site(db: &mut Db, institution: InstitutionId, site: &Site) -> Result<()> {
    sqlx::query(SAVE_SITE)
        .bind(site.id.to_string())
        .bind(institution.to_string())
        .bind(name_key(&site.name))
        .bind(&site.name)
        .bind(site.zone.name())
        .bind(site.state.as_str())
        .bind(&site.address)
        .execute(db)
        .await?;
    Ok(())
}

/// All programs of an institution.
pub async fn programs(db: &mut Db, institution: InstitutionId) -> Result<Vec<Program>> {
    #[derive(FromRow)]
    struct Row {
        id: String,
        code: String,
        name: String,
        zone: String,
        state: String,
    }
    let rows: Vec<Row> = sqlx::query_as(PROGRAMS).bind(institution.to_string()).fetch_all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Program {
                id: read(&row.id, "programs.id")?,
                code: row.code,
                name: row.name,
                zone: read(&row.zone, "programs.zone")?,
                state: State::parse(&row.state).ok_or(super::Error::Unreadable("programs.state"))?,
            })
        })
        .collect()
}

/// Saves a program under its code, new or changed. A new one's coordinator is sealed for `program.id`.
pub async fn save_program(
    db: &mut Db,
    institution: InstitutionId,
    program: &Program,
    coordinator: Vec<u8>,
) -> Result<()> {
    sqlx::query(SAVE_PROGRAM)
        .bind(program.id.to_string())
        .bind(institution.to_string())
        .bind(name_key(&program.code))
        .bind(&program.code)
        .bind(&program.name)
        .bind(program.zone.name())
        .bind(program.state.as_str())
        .bind(coordinator)
        .execute(db)
        .await?;
    Ok(())
}

/// A program's sealed coordinator.
pub async fn coordinator(db: &mut Db, program: ProgramId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(COORDINATOR).bind(program.to_string()).fetch_optional(db).await?)
}

/// The sealed coordinators of all programs of an institution.
pub async fn coordinators(db: &mut Db, institution: InstitutionId) -> Result<Vec<(ProgramId, Vec<u8>)>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as(COORDINATORS).bind(institution.to_string()).fetch_all(db).await?;
    rows.into_iter().map(|(id, sealed)| Ok((read(&id, "programs.id")?, sealed))).collect()
}

/// Puts another coordinator in.
pub async fn set_coordinator(db: &mut Db, program: ProgramId, sealed: Vec<u8>) -> Result<()> {
    sqlx::query(SET_COORDINATOR).bind(program.to_string()).bind(sealed).execute(db).await?;
    Ok(())
}

/// What is new about a place: an identifier for a new one, or the one that it has.
#[must_use]
pub fn known_site(sites: &[Site], name: &str) -> Option<SiteId> {
    let key = name_key(name);
    sites.iter().find(|site| name_key(&site.name) == key).map(|site| site.id)
}
