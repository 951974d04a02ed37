//! Letters owed and not yet accepted by the mail server. Holds who and what only sealed, and never an address.

use sqlx::FromRow;

use super::{Db, Result, instant, read, statements, together};
use crate::domain::id::LetterId;
use crate::domain::owed::Fate;
use crate::domain::time::Instant;

statements! {
    ADD = "INSERT INTO outbox \
        (id, occasion_key, audience, letter, errand, due_at, state, attempts, lease_until, tried_at, reason, \
        failed_for) \
        VALUES ($1, $2, $3, $4, $5, $6, 'owed', 0, 0, 0, '', '') ON CONFLICT (occasion_key) DO NOTHING";
    // The condition stands twice: on PostgreSQL two workers may choose the same row in the inner query, and
    // only the outer condition, checked again after waiting for the row, keeps the second from taking it too. It names no column
    // alone, or SQLite would go through all that is owed for it, and not through the identifiers.
    LEASE = "UPDATE outbox SET lease_until = $2, tried_at = $1, attempts = attempts + 1 WHERE id IN \
        (SELECT id FROM outbox WHERE state = 'owed' AND audience = $4 AND due_at <= $1 AND lease_until < $1 \
        ORDER BY due_at, id LIMIT $3) AND state || '' = 'owed' AND lease_until < $1 \
        RETURNING id, letter, errand, attempts, due_at";
    TAKE_BACK = "DELETE FROM outbox WHERE occasion_key = $1 AND state = 'owed' AND attempts = 0 RETURNING due_at";
    // Changes nothing, and has a worker that wants it wait.
    HOLD = "UPDATE outbox SET due_at = due_at WHERE occasion_key = $1 AND state = 'owed' AND attempts = 0 RETURNING due_at";
    FATE = "SELECT state, attempts, due_at, tried_at FROM outbox WHERE occasion_key = $1";
    TRIED_SINCE = "SELECT COUNT(*) FROM outbox WHERE tried_at > $1 AND audience = $2";
    SENT = concat!(
        "UPDATE outbox SET state = 'sent', lease_until = 0, reason = '' WHERE id IN ",
        together!()
    );
    LATER = "UPDATE outbox SET lease_until = 0, due_at = $2, reason = $3 WHERE id = $1";
    FAILED = "UPDATE outbox SET state = 'failed', lease_until = 0, reason = $2, failed_for = $3 WHERE id = $1";
    GIVE_BACK = "UPDATE outbox SET lease_until = 0, tried_at = 0, attempts = attempts - 1, due_at = $2 \
        WHERE id = $1 AND state = 'owed' AND attempts > 0";
    KEEP = "UPDATE outbox SET lease_until = $2 WHERE id = $1 AND state = 'owed' AND lease_until > 0";
    ONE = "SELECT letter, errand FROM outbox WHERE id = $1";
    NEXT_DUE = "SELECT MIN(due_at) FROM outbox WHERE state = 'owed'";
    COUNTS = "SELECT letter, state, reason, COUNT(*) FROM outbox WHERE audience = 'everyone' \
        GROUP BY letter, state, reason ORDER BY letter, state, reason";
    DUE = "SELECT COUNT(*) FROM outbox WHERE state = 'owed' AND due_at <= $1";
    DUE_TO_EVERYONE = "SELECT COUNT(*), MIN(due_at) FROM outbox WHERE state = 'owed' AND due_at <= $1 \
        AND audience = 'everyone'";
    DUE_TOLD = "SELECT COUNT(*) FROM outbox WHERE state = 'owed' AND due_at <= $1 AND letter <> ''";
    FAILED_FOR = "SELECT DISTINCT failed_for FROM outbox WHERE state = 'failed' AND failed_for <> ''";
    ERRANDS = "SELECT id, errand FROM outbox ORDER BY id";
    DESTROY = "DELETE FROM outbox WHERE id = $1";
    // An announcement that could not be delivered stays: whoever keeps the roster is to see it.
    TIDY = "DELETE FROM outbox WHERE audience = 'someone' AND state <> 'owed' AND failed_for = '' AND tried_at < $1";
}

/// Who gets a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// All residents of an offering alike.
    Everyone,
    /// One person, because of something that one person did.
    Someone,
}

impl Audience {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Everyone, Self::Someone];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Someone => "someone",
        }
    }
}

/// A letter as it is owed.
#[derive(Clone)]
pub struct Owed {
    /// Identifier.
    pub id: LetterId,
    /// Keyed hash of who, which letter and which occasion.
    pub occasion_key: String,
    /// Whether every resident of the offering gets it alike.
    pub audience: Audience,
    /// Which letter; empty where naming it would tell something.
    pub letter: &'static str,
    /// Who and what, sealed.
    pub errand: Vec<u8>,
    /// Not to be sent before.
    pub due_at: Instant,
}

/// Owes a letter; says whether it was not owed or sent before.
pub async fn owe(db: &mut Db, owed: Owed) -> Result<bool> {
    let done = sqlx::query(ADD)
        .bind(owed.id.to_string())
        .bind(owed.occasion_key)
        .bind(owed.audience.word())
        .bind(owed.letter)
        .bind(owed.errand)
        .bind(owed.due_at.timestamp())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Owes a letter no longer that no worker has taken yet; says when it was due. Nothing where one has, or had: it may be
/// with its recipient.
pub async fn take_back(db: &mut Db, occasion_key: &str) -> Result<Option<Instant>> {
    let at: Option<i64> = sqlx::query_scalar(TAKE_BACK).bind(occasion_key).fetch_optional(db).await?;
    at.map(|at| instant(at, "outbox.due_at")).transpose()
}

/// The same without taking it back: until this transaction ends no worker takes it, so that whatever decides how it is opened
/// is decided before.
pub async fn hold(db: &mut Db, occasion_key: &str) -> Result<Option<Instant>> {
    let at: Option<i64> = sqlx::query_scalar(HOLD).bind(occasion_key).fetch_optional(db).await?;
    at.map(|at| instant(at, "outbox.due_at")).transpose()
}

/// What became of a letter; none where it was never owed, or is forgotten.
pub async fn fate(db: &mut Db, occasion_key: &str) -> Result<Option<Fate>> {
    let row: Option<(String, i64, i64, i64)> =
        sqlx::query_as(FATE).bind(occasion_key).fetch_optional(db).await?;
    let Some((state, attempts, due_at, tried_at)) = row else { return Ok(None) };
    Ok(Some(match (state.as_str(), attempts) {
        ("owed", 0) => Fate::Untouched(instant(due_at, "outbox.due_at")?),
        ("failed", _) => Fate::Refused,
        _ => Fate::Left(instant(tried_at, "outbox.tried_at")?),
    }))
}

/// A letter that a worker has taken for a while.
#[derive(Clone)]
pub struct Leased {
    /// Identifier.
    pub id: LetterId,
    /// Who and what, sealed.
    pub errand: Vec<u8>,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// When it became due.
    pub due_at: Instant,
    /// Whether it may be counted where somebody sees it; others are owed because of what somebody did.
    pub counted: bool,
}

#[derive(FromRow)]
struct RawLeased {
    id: String,
    letter: String,
    errand: Vec<u8>,
    attempts: i64,
    due_at: i64,
}

/// Takes up to `limit` due letters of an audience until `until`; another worker gets them only after that.
pub async fn lease(
    db: &mut Db,
    audience: Audience,
    now: Instant,
    until: Instant,
    limit: i64,
) -> Result<Vec<Leased>> {
    let rows: Vec<RawLeased> = sqlx::query_as(LEASE)
        .bind(now.timestamp())
        .bind(until.timestamp())
        .bind(limit)
        .bind(audience.word())
        .fetch_all(db)
        .await?;
    let mut leased = rows
        .into_iter()
        .map(|row| {
            Ok(Leased {
                id: read(&row.id, "outbox.id")?,
                errand: row.errand,
                attempts: row.attempts,
                due_at: instant(row.due_at, "outbox.due_at")?,
                counted: !row.letter.is_empty(),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    // RETURNING keeps no order of its own.
    leased.sort_by_key(|letter| (letter.due_at, letter.id));
    Ok(leased)
}

/// How many letters of an audience all workers tried since a moment.
pub async fn tried_since(db: &mut Db, audience: Audience, moment: Instant) -> Result<i64> {
    let query = sqlx::query_scalar(TRIED_SINCE).bind(moment.timestamp()).bind(audience.word());
    Ok(query.fetch_one(db).await?)
}

/// How many letters are due.
pub async fn due(db: &mut Db, now: Instant) -> Result<i64> {
    Ok(sqlx::query_scalar(DUE).bind(now.timestamp()).fetch_one(db).await?)
}

/// How many of those may be counted where somebody sees it.
pub async fn due_told(db: &mut Db, now: Instant) -> Result<i64> {
    Ok(sqlx::query_scalar(DUE_TOLD).bind(now.timestamp()).fetch_one(db).await?)
}

/// How many letters for everyone are due, and since when the oldest of them has been.
pub async fn due_to_everyone(db: &mut Db, now: Instant) -> Result<(i64, Option<Instant>)> {
    let (due, oldest): (i64, Option<i64>) =
        sqlx::query_as(DUE_TO_EVERYONE).bind(now.timestamp()).fetch_one(db).await?;
    Ok((due, oldest.map(|at| instant(at, "outbox.due_at")).transpose()?))
}

/// When the next letter is due, if any is owed.
pub async fn next_due(db: &mut Db) -> Result<Option<Instant>> {
    let at: Option<i64> = sqlx::query_scalar(NEXT_DUE).fetch_one(db).await?;
    at.map(|at| instant(at, "outbox.due_at")).transpose()
}

/// The mail server took them, or nobody is waiting for them any more.
pub async fn sent(db: &mut Db, letters: &[LetterId]) -> Result<()> {
    for some in letters.chunks(super::TOGETHER) {
        let some: Vec<String> = some.iter().map(ToString::to_string).collect();
        let query = super::places_of(&some).fold(sqlx::query(SENT), |query, id| query.bind(id));
        query.execute(&mut *db).await?;
    }
    Ok(())
}

/// To be tried again.
pub async fn later(db: &mut Db, id: LetterId, at: Instant, reason: &str) -> Result<()> {
    sqlx::query(LATER).bind(id.to_string()).bind(at.timestamp()).bind(reason).execute(db).await?;
    Ok(())
}

/// Given back untried by the worker who had taken it, as if it never had been, and due at `at`.
pub async fn give_back(db: &mut Db, id: LetterId, at: Instant) -> Result<()> {
    sqlx::query(GIVE_BACK).bind(id.to_string()).bind(at.timestamp()).execute(db).await?;
    Ok(())
}

/// Kept for longer by the worker who is sending it.
pub async fn keep(db: &mut Db, id: LetterId, until: Instant) -> Result<()> {
    sqlx::query(KEEP).bind(id.to_string()).bind(until.timestamp()).execute(db).await?;
    Ok(())
}

/// Not to be tried again. `for_key` is the keyed hash of the address, of an announcement, and empty for all others: so that
/// whoever mends a roster sees which address it was, and no longer once it is another.
pub async fn failed(db: &mut Db, id: LetterId, reason: &str, for_key: &str) -> Result<()> {
    sqlx::query(FAILED).bind(id.to_string()).bind(reason).bind(for_key).execute(db).await?;
    Ok(())
}

/// A letter by its identifier, whatever became of it: which it is, empty where naming it would tell something, and who and
/// what, sealed.
pub async fn one(db: &mut Db, id: LetterId) -> Result<Option<(String, Vec<u8>)>> {
    Ok(sqlx::query_as(ONE).bind(id.to_string()).fetch_optional(db).await?)
}

/// How many letters for everyone are in which state, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterCount {
    /// Which letter.
    pub letter: String,
    /// `owed`, `sent` or `failed`.
    pub state: String,
    /// The mail server's reason, without an address.
    pub reason: String,
    /// How many.
    pub count: i64,
}

/// Counts of the letters that everyone gets alike: the only counts that staff see.
pub async fn counts(db: &mut Db) -> Result<Vec<LetterCount>> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(COUNTS).fetch_all(db).await?;
    Ok(rows
        .into_iter()
        .map(|(letter, state, reason, count)| LetterCount { letter, state, reason, count })
        .collect())
}

/// The keyed hashes of the addresses that the announcement could not be delivered to, the first one or one that went again.
pub async fn failed_for(db: &mut Db) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(FAILED_FOR).fetch_all(db).await?)
}

/// Forgets finished letters that were not for everyone: that there was one would tell something.
pub async fn tidy(db: &mut Db, before: Instant) -> Result<()> {
    sqlx::query(TIDY).bind(before.timestamp()).execute(db).await?;
    Ok(())
}

/// Every letter with what it needs, sealed.
pub async fn errands(db: &mut Db) -> Result<Vec<(LetterId, Vec<u8>)>> {
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(ERRANDS).fetch_all(db).await?;
    rows.into_iter().map(|(id, errand)| Ok((read(&id, "outbox.id")?, errand))).collect()
}

/// Destroys a letter's row, sent or not.
pub async fn destroy(db: &mut Db, id: LetterId) -> Result<()> {
    sqlx::query(DESTROY).bind(id.to_string()).execute(db).await?;
    Ok(())
}
