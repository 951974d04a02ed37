//! Therapists with their availability and busy time. Who they are, and how their visits are attended, is sealed.

use sqlx::FromRow;

use super::{Db, Result, instant, read, span, statements};
use crate::domain::id::{BlockId, InstitutionId, TherapistId};
use crate::domain::time::{Instant, Span};

statements! {
    THERAPISTS = "SELECT id, address_key, sealed, practice FROM therapists \
        WHERE institution_id = $1 ORDER BY id";
    THERAPIST = "SELECT id, address_key, sealed, practice FROM therapists WHERE id = $1";
    ADD_THERAPIST = "INSERT INTO therapists (id, institution_id, address_key, sealed, practice) \
        VALUES ($1, $2, $3, $4, $5)";
    CHANGE_THERAPIST = "UPDATE therapists SET sealed = $2, practice = $3 WHERE id = $1";
    AVAILABILITY = "SELECT therapist_id, body FROM availability ORDER BY therapist_id, id";
    AVAILABILITY_OF = "SELECT id, body FROM availability WHERE therapist_id = $1 ORDER BY id";
    FORGET_AVAILABILITY = "DELETE FROM availability WHERE therapist_id = $1";
    REMOVE_AVAILABILITY = "DELETE FROM availability WHERE id = $1 AND therapist_id = $2";
    ADD_AVAILABILITY = "INSERT INTO availability (id, therapist_id, body) VALUES ($1, $2, $3)";
    BUSY = "SELECT therapist_id, starts_at, ends_at FROM busy ORDER BY therapist_id, starts_at";
    // Asked for by everyone who looks at free times, hence in one statement.
    ELSEWHERE = "SELECT 'busy' AS kind, therapist_id, starts_at, ends_at FROM busy WHERE starts_at < $2 AND ends_at > $1 \
        UNION ALL SELECT 'calendar', therapist_id, added_at, read_at FROM busy_calendars";
    BUSY_OF = "SELECT source, starts_at, ends_at FROM busy WHERE therapist_id = $1 ORDER BY starts_at";
    FORGET_BUSY = "DELETE FROM busy WHERE therapist_id = $1 AND source = $2";
    ADD_BUSY = "INSERT INTO busy (id, therapist_id, source, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5)";
}

/// A therapist's row.
#[derive(Clone)]
pub struct TherapistRow {
    /// Identifier.
    pub id: TherapistId,
    /// Keyed hash of the address.
    pub address_key: String,
    /// Identity, sealed.
    pub sealed: Vec<u8>,
    /// Practice, sealed.
    pub practice: Vec<u8>,
}

#[derive(FromRow)]
struct RawTherapist {
    id: String,
    address_key: String,
    sealed: Vec<u8>,
    practice: Vec<u8>,
}

impl RawTherapist {
    fn checked(self) -> Result<TherapistRow> {
        Ok(TherapistRow {
            id: read(&self.id, "therapists.id")?,
            address_key: self.address_key,
            sealed: self.sealed,
            practice: self.practice,
        })
    }
}

/// All therapists of an institution.
pub async fn therapists(db: &mut Db, institution: InstitutionId) -> Result<Vec<TherapistRow>> {
    let rows: Vec<RawTherapist> =
        sqlx::query_as(THERAPISTS).bind(institution.to_string()).fetch_all(db).await?;
    rows.into_iter().map(RawTherapist::checked).collect()
}

/// One therapist.
pub async fn therapist(db: &mut Db, id: TherapistId) -> Result<Option<TherapistRow>> {
    let row: Option<RawTherapist> = sqlx::query_as(THERAPIST).bind(id.to_string()).fetch_optional(db).await?;
    row.map(RawTherapist::checked).transpose()
}

/// Adds a therapist.
pub async fn add_therapist(db: &mut Db, institution: InstitutionId, row: TherapistRow) -> Result<()> {
    sqlx::query(ADD_THERAPIST)
        .bind(row.id.to_string())
        .bind(institution.to_string())
        .bind(row.address_key)
        .bind(row.sealed)
        .bind(row.practice)
        .execute(db)
        .await?;
    Ok(())
}

/// Changes a therapist.
pub async fn change_therapist(db: &mut Db, row: TherapistRow) -> Result<()> {
    sqlx::query(CHANGE_THERAPIST)
        .bind(row.id.to_string())
        .bind(row.sealed)
        .bind(row.practice)
        .execute(db)
        .await?;
    Ok(())
}

/// Everyone's availability, as the texts that were saved.
pub async fn availability(db: &mut Db) -> Result<Vec<(TherapistId, String)>> {
    let rows: Vec<(String, String)> = sqlx::query_as(AVAILABILITY).fetch_all(db).await?;
    rows.into_iter().map(|(id, body)| Ok((read(&id, "availability.therapist_id")?, body))).collect()
}

/// One therapist's availability, as the texts that were saved.
pub async fn availability_of(db: &mut Db, therapist: TherapistId) -> Result<Vec<(BlockId, String)>> {
    let query = sqlx::query_as(AVAILABILITY_OF).bind(therapist.to_string());
    let rows: Vec<(String, String)> = query.fetch_all(db).await?;
    rows.into_iter().map(|(id, body)| Ok((read(&id, "availability.id")?, body))).collect()
}

/// Puts a therapist's availability in the place of what was known.
pub async fn replace_availability(
    db: &mut Db,
    therapist: TherapistId,
    bodies: &[(BlockId, String)],
) -> Result<()> {
    sqlx::query(FORGET_AVAILABILITY).bind(therapist.to_string()).execute(&mut *db).await?;
    for (id, body) in bodies {
        add_availability(db, therapist, *id, body).await?;
    }
    Ok(())
}

/// Adds to a therapist's availability.
pub async fn add_availability(db: &mut Db, therapist: TherapistId, id: BlockId, body: &str) -> Result<()> {
    let query = sqlx::query(ADD_AVAILABILITY).bind(id.to_string()).bind(therapist.to_string());
    query.bind(body).execute(db).await?;
    Ok(())
}

/// Takes something away from a therapist's availability; does nothing where it is somebody else's.
pub async fn remove_availability(db: &mut Db, therapist: TherapistId, id: BlockId) -> Result<()> {
    sqlx::query(REMOVE_AVAILABILITY).bind(id.to_string()).bind(therapist.to_string()).execute(db).await?;
    Ok(())
}

/// Everyone's busy time.
pub async fn busy(db: &mut Db) -> Result<Vec<(TherapistId, Span)>> {
    checked(sqlx::query_as(BUSY).fetch_all(db).await?)
}

/// What is known of therapists' time elsewhere.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// Their busy time that lies in a span or reaches into it.
    pub busy: Vec<(TherapistId, Span)>,
    /// Every calendar that they keep elsewhere.
    pub calendars: Vec<CalendarRead>,
}

/// How old the copy of a calendar is.
#[derive(Debug)]
pub struct CalendarRead {
    /// Whose calendar.
    pub therapist: TherapistId,
    /// When its content was last known to be the present one; none if never.
    pub read_at: Option<Instant>,
    /// Since when it is on file.
    pub added_at: Instant,
}

/// What is known elsewhere of a span.
pub async fn elsewhere(db: &mut Db, within: Span) -> Result<Elsewhere> {
    let query = sqlx::query_as(ELSEWHERE).bind(within.starts_at().timestamp());
    let rows: Vec<(String, String, i64, Option<i64>)> =
        query.bind(within.ends_at().timestamp()).fetch_all(db).await?;
    let mut found = Elsewhere::default();
    for (kind, id, from, to) in rows {
        let therapist = read(&id, "busy.therapist_id")?;
        match (kind.as_str(), to) {
            ("busy", Some(to)) => found.busy.push((therapist, span(from, to, "busy.starts_at")?)),
            (_, read_at) => found.calendars.push(CalendarRead {
                therapist,
                read_at: read_at.map(|at| instant(at, "busy_calendars.read_at")).transpose()?,
                added_at: instant(from, "busy_calendars.added_at")?,
            }),
        }
    }
    Ok(found)
}

fn checked(rows: Vec<(String, i64, i64)>) -> Result<Vec<(TherapistId, Span)>> {
    let one = |(id, from, to): (String, i64, i64)| {
        Ok((read(&id, "busy.therapist_id")?, span(from, to, "busy.starts_at")?))
    };
    rows.into_iter().map(one).collect()
}

/// One therapist's busy time, each span with where it is known from.
pub async fn busy_of(db: &mut Db, therapist: TherapistId) -> Result<Vec<(String, Span)>> {
    let query = sqlx::query_as(BUSY_OF).bind(therapist.to_string());
    let rows: Vec<(String, i64, i64)> = query.fetch_all(db).await?;
    rows.into_iter().map(|(source, from, to)| Ok((source, span(from, to, "busy.starts_at")?))).collect()
}

/// Puts the busy time that a therapist has from one source in the place of what was known from it; what is known from
/// others stays.
pub async fn replace_busy(
    db: &mut Db,
    therapist: TherapistId,
    source: &str,
    spans: &[(BlockId, Span)],
) -> Result<()> {
    sqlx::query(FORGET_BUSY).bind(therapist.to_string()).bind(source).execute(&mut *db).await?;
    for (id, span) in spans {
        sqlx::query(ADD_BUSY)
            .bind(id.to_string())
            .bind(therapist.to_string())
            .bind(source)
            .bind(span.starts_at().timestamp())
            .bind(span.ends_at().timestamp())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}
