//! Events that therapists put into the calendar of their busy time. What they are about, and even what their files are
//! called, is sealed.

use sqlx::FromRow;

use super::{Db, Result, read, statements};
use crate::domain::id::{BusyEventId, TherapistId};

statements! {
    NAMES = "SELECT id, name, tag FROM busy_events WHERE therapist_id = $1 ORDER BY id";
    ALL_EVENTS = "SELECT id, name, tag, sealed FROM busy_events WHERE therapist_id = $1 ORDER BY id";
    ONE = "SELECT id, name, tag, sealed FROM busy_events WHERE therapist_id = $1 AND name_key = $2";
    OF_UID = "SELECT id FROM busy_events WHERE therapist_id = $1 AND uid_key = $2";
    COUNT = "SELECT COUNT(*) FROM busy_events WHERE therapist_id = $1";
    ADD = "INSERT INTO busy_events (id, therapist_id, name_key, uid_key, name, tag, sealed) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (therapist_id, name_key) DO NOTHING";
    CHANGE = "UPDATE busy_events SET uid_key = $3, tag = $4, sealed = $5 WHERE id = $1 AND tag = $2";
    FORGET = "DELETE FROM busy_events WHERE id = $1 AND tag = $2";
}

/// An event's row.
#[derive(Clone)]
pub struct BusyEventRow {
    /// Identifier.
    pub id: BusyEventId,
    /// What its file is called, sealed.
    pub name: Vec<u8>,
    /// A keyed hash of its text.
    pub tag: String,
    /// Its text, sealed; empty where only names were asked for.
    pub sealed: Vec<u8>,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    name: Vec<u8>,
    tag: String,
    #[sqlx(default)]
    sealed: Vec<u8>,
}

impl Raw {
    fn checked(self) -> Result<BusyEventRow> {
        let id = read(&self.id, "busy_events.id")?;
        Ok(BusyEventRow { id, name: self.name, tag: self.tag, sealed: self.sealed })
    }
}

/// The keyed hashes by which an event is found.
#[derive(Clone, Copy)]
pub struct Keys<'a> {
    /// Of what its file is called.
    pub name: &'a str,
    /// Of its UID.
    pub uid: &'a str,
}

/// A therapist's events, without their texts.
pub async fn names(db: &mut Db, therapist: TherapistId) -> Result<Vec<BusyEventRow>> {
    let rows: Vec<Raw> = sqlx::query_as(NAMES).bind(therapist.to_string()).fetch_all(db).await?;
    rows.into_iter().map(Raw::checked).collect()
}

/// A therapist's events with their texts.
pub async fn events(db: &mut Db, therapist: TherapistId) -> Result<Vec<BusyEventRow>> {
    let rows: Vec<Raw> = sqlx::query_as(ALL_EVENTS).bind(therapist.to_string()).fetch_all(db).await?;
    rows.into_iter().map(Raw::checked).collect()
}

/// One event of a therapist.
pub async fn event(db: &mut Db, therapist: TherapistId, name_key: &str) -> Result<Option<BusyEventRow>> {
    let query = sqlx::query_as(ONE).bind(therapist.to_string()).bind(name_key);
    let row: Option<Raw> = query.fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// Which events of a therapist have a UID.
pub async fn of_uid(db: &mut Db, therapist: TherapistId, uid_key: &str) -> Result<Vec<BusyEventId>> {
    let query = sqlx::query_scalar(OF_UID).bind(therapist.to_string()).bind(uid_key);
    let ids: Vec<String> = query.fetch_all(db).await?;
    ids.iter().map(|id| read(id, "busy_events.id")).collect()
}

/// How many events a therapist has.
pub async fn count(db: &mut Db, therapist: TherapistId) -> Result<i64> {
    Ok(sqlx::query_scalar(COUNT).bind(therapist.to_string()).fetch_one(db).await?)
}

/// Adds an event; says whether no other had its name.
pub async fn add(db: &mut Db, therapist: TherapistId, keys: Keys<'_>, row: BusyEventRow) -> Result<bool> {
    let done = sqlx::query(ADD)
        .bind(row.id.to_string())
        .bind(therapist.to_string())
        .bind(keys.name)
        .bind(keys.uid)
        .bind(row.name)
        .bind(row.tag)
        .bind(row.sealed)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes an event if it still has the tag `before`; says whether it had.
pub async fn change(db: &mut Db, before: &str, uid_key: &str, row: BusyEventRow) -> Result<bool> {
    let query = sqlx::query(CHANGE).bind(row.id.to_string()).bind(before).bind(uid_key);
    Ok(query.bind(row.tag).bind(row.sealed).execute(db).await?.rows_affected() == 1)
}

/// Removes an event if it still has this tag; says whether it had.
pub async fn forget(db: &mut Db, id: BusyEventId, tag: &str) -> Result<bool> {
    let query = sqlx::query(FORGET).bind(id.to_string()).bind(tag);
    Ok(query.execute(db).await?.rows_affected() == 1)
}
