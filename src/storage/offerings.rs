//! Offerings and their slots.

use sqlx::FromRow;

use super::keys::WrappedKey;
pub use super::seats::*;
use super::zones::written;
use super::{Db, Result, instant, read, span, statements};
use crate::domain::id::{CycleId, InstitutionId, OfferingId, SlotId, TherapistId};
use crate::domain::time::{Instant, Span, Zone, wall};

statements! {
    OFFERINGS = "SELECT offerings.id, institution_id, cycle_id, rules, seed, seed_hash, created_at, booked_at, \
        release_on, offers_of, survey_questions, k.wrapped FROM offerings \
        LEFT JOIN keys.data_keys AS k ON k.id = offerings.id ORDER BY created_at, offerings.id";
    ONE = "SELECT offerings.id, institution_id, cycle_id, rules, seed, seed_hash, created_at, booked_at, \
        release_on, offers_of, survey_questions, k.wrapped FROM offerings \
        LEFT JOIN keys.data_keys AS k ON k.id = offerings.id WHERE offerings.id = $1";
    DESTROY_SLOTS = "DELETE FROM slots WHERE offering_id = $1";
    ADD = "INSERT INTO offerings \
        (id, institution_id, cycle_id, rules, seed, seed_hash, created_at, booked_at, release_on, offers_of, \
        survey_questions) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, 0, 0)";
    CHANGE_RULES = "UPDATE offerings SET rules = $2, cycle_id = $3 WHERE id = $1 AND booked_at IS NULL";
    OPEN = "UPDATE offerings SET booked_at = $2, release_on = $3, survey_questions = $4 \
        WHERE id = $1 AND booked_at IS NULL";
    SWAP_SEED = "UPDATE offerings SET seed = $3, seed_hash = $4 WHERE id = $1 AND seed_hash = $2";
    OFFERS_OF = "UPDATE offerings SET offers_of = $2 WHERE id = $1 AND offers_of = $3";
    ALL_SLOTS = "SELECT id, offering_id, therapist_id, zone, starts_at, ends_at FROM slots \
        ORDER BY starts_at, id";
    SLOT = "SELECT id, offering_id, therapist_id, zone, starts_at, ends_at FROM slots WHERE id = $1";
    SLOTS_BETWEEN = "SELECT id, offering_id, therapist_id, zone, starts_at, ends_at FROM slots \
        WHERE offering_id = $1 AND starts_at >= $2 AND starts_at < $3 ORDER BY starts_at, id";
    SLOTS_OF_THERAPIST = "SELECT id, offering_id, therapist_id, zone, starts_at, ends_at FROM slots \
        WHERE therapist_id = $1 AND starts_at >= $2 AND starts_at < $3 ORDER BY starts_at, id";
    SLOTS_OF_ALL = "SELECT id, offering_id, therapist_id, zone, starts_at, ends_at FROM slots \
        WHERE starts_at >= $1 AND starts_at < $2 ORDER BY starts_at, id";
    ADD_SLOT = "INSERT INTO slots \
        (id, offering_id, therapist_id, zone, starts_at, ends_at, starts_local, ends_local) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}

/// An offering's row.
#[derive(Clone)]
pub struct OfferingRow {
    /// Identifier.
    pub id: OfferingId,
    /// Institution.
    pub institution: InstitutionId,
    /// Cycle.
    pub cycle: CycleId,
    /// The rules, as JSON.
    pub rules: String,
    /// The seed of the next batch, sealed.
    pub seed: Vec<u8>,
    /// That seed's hash.
    pub seed_hash: String,
    /// When it was made.
    pub created_at: Instant,
    /// When its first batch was booked.
    pub booked_at: Option<Instant>,
    /// The day of its release, fixed with the first batch.
    pub release_on: Option<String>,
    /// The fixed hour to which its offers belong, in UTC seconds; 0 before the first.
    pub offers_of: i64,
    /// How many questions its survey asks, fixed with the first batch; 0 where none is asked.
    pub survey_questions: i64,
    /// The key that seals its seats and its survey, wrapped; none once the season was erased.
    pub key: Option<WrappedKey>,
}

#[derive(FromRow)]
pub(super) struct RawOffering {
    id: String,
    institution_id: String,
    cycle_id: String,
    rules: String,
    seed: Vec<u8>,
    seed_hash: String,
    created_at: i64,
    booked_at: Option<i64>,
    release_on: Option<String>,
    offers_of: i64,
    survey_questions: i64,
    wrapped: Option<Vec<u8>>,
}

impl RawOffering {
    pub(super) fn checked(self) -> Result<OfferingRow> {
        Ok(OfferingRow {
            id: read(&self.id, "offerings.id")?,
            institution: read(&self.institution_id, "offerings.institution_id")?,
            cycle: read(&self.cycle_id, "offerings.cycle_id")?,
            rules: self.rules,
            seed: self.seed,
            seed_hash: self.seed_hash,
            created_at: instant(self.created_at, "offerings.created_at")?,
            booked_at: self.booked_at.map(|at| instant(at, "offerings.booked_at")).transpose()?,
            release_on: self.release_on,
            offers_of: self.offers_of,
            survey_questions: self.survey_questions,
            key: self.wrapped.map(|wrapped| WrappedKey { id: self.id, wrapped }),
        })
    }
}

/// All offerings, oldest first.
pub async fn offerings(db: &mut Db) -> Result<Vec<OfferingRow>> {
    let rows: Vec<RawOffering> = sqlx::query_as(OFFERINGS).fetch_all(db).await?;
    rows.into_iter().map(RawOffering::checked).collect()
}

/// One of them.
pub async fn offering(db: &mut Db, id: OfferingId) -> Result<Option<OfferingRow>> {
    let row: Option<RawOffering> = sqlx::query_as(ONE).bind(id.to_string()).fetch_optional(db).await?;
    row.map(RawOffering::checked).transpose()
}

/// Adds an offering that is not booked yet.
pub async fn add(db: &mut Db, row: &OfferingRow) -> Result<()> {
    sqlx::query(ADD)
        .bind(row.id.to_string())
        .bind(row.institution.to_string())
        .bind(row.cycle.to_string())
        .bind(&row.rules)
        .bind(&row.seed)
        .bind(&row.seed_hash)
        .bind(row.created_at.timestamp())
        .execute(db)
        .await?;
    Ok(())
}

/// Puts other rules in, as long as nothing was booked by the old ones; says whether that was so.
pub async fn change_rules(db: &mut Db, id: OfferingId, cycle: CycleId, rules: &str) -> Result<bool> {
    let query = sqlx::query(CHANGE_RULES).bind(id.to_string()).bind(rules).bind(cycle.to_string());
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Notes the first batch; does nothing at a later one.
pub async fn open(
    db: &mut Db,
    id: OfferingId,
    at: Instant,
    release_on: &str,
    survey_questions: i64,
) -> Result<()> {
    let query = sqlx::query(OPEN).bind(id.to_string()).bind(at.timestamp()).bind(release_on);
    query.bind(survey_questions).execute(db).await?;
    Ok(())
}

/// Puts the next batch's seed where the last one's was; says whether that one was still there.
pub async fn swap_seed(
    db: &mut Db,
    id: OfferingId,
    hash_before: &str,
    seed: Vec<u8>,
    hash: &str,
) -> Result<bool> {
    let query = sqlx::query(SWAP_SEED).bind(id.to_string()).bind(hash_before).bind(seed).bind(hash);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Notes the hour of the offers; says whether this caller was the one that moved it on.
pub async fn set_offers_of(db: &mut Db, id: OfferingId, hour: i64, before: i64) -> Result<bool> {
    let done = sqlx::query(OFFERS_OF).bind(id.to_string()).bind(hour).bind(before).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotRow {
    /// Identifier.
    pub id: SlotId,
    /// Offering.
    pub offering: OfferingId,
    /// Who holds it.
    pub therapist: TherapistId,
    /// The therapist's zone.
    pub zone: Zone,
    /// When it is.
    pub span: Span,
}

#[derive(FromRow)]
pub(super) struct RawSlot {
    id: String,
    offering_id: String,
    therapist_id: String,
    zone: String,
    starts_at: i64,
    ends_at: i64,
}

impl RawSlot {
    pub(super) fn checked(self) -> Result<SlotRow> {
        Ok(SlotRow {
            id: read(&self.id, "slots.id")?,
            offering: read(&self.offering_id, "slots.offering_id")?,
            therapist: read(&self.therapist_id, "slots.therapist_id")?,
            zone: read(&self.zone, "slots.zone")?,
            span: span(self.starts_at, self.ends_at, "slots.starts_at")?,
        })
    }
}

fn checked(rows: Vec<RawSlot>) -> Result<Vec<SlotRow>> {
    rows.into_iter().map(RawSlot::checked).collect()
}

/// One slot.
pub async fn slot(db: &mut Db, id: SlotId) -> Result<Option<SlotRow>> {
    let row: Option<RawSlot> = sqlx::query_as(SLOT).bind(id.to_string()).fetch_optional(db).await?;
    row.map(RawSlot::checked).transpose()
}

/// The slots of all offerings.
pub async fn all_slots(db: &mut Db) -> Result<Vec<SlotRow>> {
    checked(sqlx::query_as(ALL_SLOTS).fetch_all(db).await?)
}

/// The slots of an offering that begin inside a span.
pub async fn slots_between(db: &mut Db, offering: OfferingId, within: Span) -> Result<Vec<SlotRow>> {
    let query = sqlx::query_as(SLOTS_BETWEEN).bind(offering.to_string());
    checked(bind_span(query, within).fetch_all(db).await?)
}

/// The slots of a therapist that begin inside a span.
pub async fn slots_of_therapist(db: &mut Db, therapist: TherapistId, within: Span) -> Result<Vec<SlotRow>> {
    let query = sqlx::query_as(SLOTS_OF_THERAPIST).bind(therapist.to_string());
    checked(bind_span(query, within).fetch_all(db).await?)
}

/// The slots of every therapist that begin inside a span.
pub async fn slots_of_all(db: &mut Db, within: Span) -> Result<Vec<SlotRow>> {
    checked(bind_span(sqlx::query_as(SLOTS_OF_ALL), within).fetch_all(db).await?)
}

pub(super) type Query<'q, T> = sqlx::query::QueryAs<'q, sqlx::Any, T, sqlx::any::AnyArguments>;

pub(super) fn bind_span<T>(query: Query<'_, T>, within: Span) -> Query<'_, T> {
    query.bind(within.starts_at().timestamp()).bind(within.ends_at().timestamp())
}

/// Adds a slot.
pub async fn add_slot(db: &mut Db, row: &SlotRow) -> Result<()> {
    sqlx::query(ADD_SLOT)
        .bind(row.id.to_string())
        .bind(row.offering.to_string())
        .bind(row.therapist.to_string())
        .bind(row.zone.name())
        .bind(row.span.starts_at().timestamp())
        .bind(row.span.ends_at().timestamp())
        .bind(written(wall(row.span.starts_at(), row.zone).naive))
        .bind(written(wall(row.span.ends_at(), row.zone).naive))
        .execute(db)
        .await?;
    Ok(())
}

/// Destroys the slots of an offering, once nothing lies in them.
pub async fn destroy_slots(db: &mut Db, offering: OfferingId) -> Result<()> {
    sqlx::query(DESTROY_SLOTS).bind(offering.to_string()).execute(db).await?;
    Ok(())
}
