//! Links: what a token may do, and until when. No token is stored.

use sqlx::FromRow;

use super::{Db, Result, instant, read, statements, together};
use crate::domain::id::LinkId;
use crate::domain::time::Instant;

statements! {
    ONE = "SELECT id, purpose, subject, generation, ends_at FROM links WHERE id = $1";
    OF_SUBJECT = "SELECT id, purpose, subject, generation, ends_at FROM links \
        WHERE purpose = $1 AND subject = $2 ORDER BY ends_at DESC, id";
    OF_SUBJECTS = concat!(
        "SELECT id, purpose, subject, generation, ends_at FROM links WHERE purpose = $65 AND subject IN ",
        together!(),
        " ORDER BY ends_at, id DESC"
    );
    ADD = "INSERT INTO links (id, purpose, subject, generation, ends_at) VALUES ($1, $2, $3, 1, $4)";
    ROTATE = "UPDATE links SET generation = generation + 1 WHERE purpose = $1 AND subject = $2";
    END = "DELETE FROM links WHERE purpose = $1 AND subject = $2";
    TIDY = "DELETE FROM links WHERE ends_at < $1";
}

/// A link's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Identifier.
    pub id: LinkId,
    /// What it opens.
    pub purpose: String,
    /// The booking, therapist or member of staff that it is for.
    pub subject: String,
    /// Raised by rotation.
    pub generation: i64,
    /// When it stops to open anything.
    pub ends_at: Instant,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    purpose: String,
    subject: String,
    generation: i64,
    ends_at: i64,
}

impl Raw {
    fn checked(self) -> Result<LinkRow> {
        Ok(LinkRow {
            id: read(&self.id, "links.id")?,
            purpose: self.purpose,
            subject: self.subject,
            generation: self.generation,
            ends_at: instant(self.ends_at, "links.ends_at")?,
        })
    }
}

/// One link.
pub async fn link(db: &mut Db, id: LinkId) -> Result<Option<LinkRow>> {
    let row: Option<Raw> = sqlx::query_as(ONE).bind(id.to_string()).fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// The link of a subject for a purpose that lasts longest.
pub async fn of_subject(db: &mut Db, purpose: &str, subject: &str) -> Result<Option<LinkRow>> {
    let row: Option<Raw> = sqlx::query_as(OF_SUBJECT).bind(purpose).bind(subject).fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// The links of some subjects for a purpose; of several for one, the one that lasts longest comes last.
pub async fn of_subjects(db: &mut Db, purpose: &str, subjects: &[String]) -> Result<Vec<LinkRow>> {
    let mut found = Vec::new();
    for some in subjects.chunks(super::TOGETHER) {
        let query = super::places_of(some).fold(sqlx::query_as(OF_SUBJECTS), |query, id| query.bind(id));
        let rows: Vec<Raw> = query.bind(purpose).fetch_all(&mut *db).await?;
        found.extend(rows);
    }
    found.into_iter().map(Raw::checked).collect()
}

/// Adds a link of the first generation.
pub async fn add(db: &mut Db, id: LinkId, purpose: &str, subject: &str, ends_at: Instant) -> Result<()> {
    sqlx::query(ADD)
        .bind(id.to_string())
        .bind(purpose)
        .bind(subject)
        .bind(ends_at.timestamp())
        .execute(db)
        .await?;
    Ok(())
}

/// Makes every token so far of a subject and purpose worthless.
pub async fn rotate(db: &mut Db, purpose: &str, subject: &str) -> Result<()> {
    sqlx::query(ROTATE).bind(purpose).bind(subject).execute(db).await?;
    Ok(())
}

/// Ends every link of a subject and purpose.
pub async fn end(db: &mut Db, purpose: &str, subject: &str) -> Result<()> {
    sqlx::query(END).bind(purpose).bind(subject).execute(db).await?;
    Ok(())
}

/// Forgets links that ended before a moment.
pub async fn tidy(db: &mut Db, before: Instant) -> Result<()> {
    sqlx::query(TIDY).bind(before.timestamp()).execute(db).await?;
    Ok(())
}
