//! All writes of a change in one statement, for PostgreSQL: SQLite changes one table a statement. A statement by itself is a
//! transaction by itself, so nothing of it is seen before all of it is on disk. Never decides.
//!
//! First every row that is to change is locked, if it still is as it was read, and only once all of them are, any of them is
//! changed: there is nothing half done to be taken back. They are locked in the order in which everybody locks them, the booking
//! and then its seats by identifier; each look leans on the one before it, so that the engine has no other order.

use super::Written;
use crate::storage::bookings;
use crate::storage::outbox::Owed;
use crate::storage::{Db, Result, statements};

/// A change takes a seat and gives one up, at most.
const SEATS: usize = 2;
/// Letters of what most people do: one to themselves, and one for each seat. Reminders of another time are more.
const LETTERS: usize = 3;

statements! {
    AT_ONCE = "WITH held AS (SELECT id FROM bookings WHERE id = $1 AND sealed = $2 FOR UPDATE), \
        one AS (SELECT id FROM seats WHERE id = $5 AND sealed = $6 AND EXISTS (SELECT 1 FROM held) FOR UPDATE), \
        other AS (SELECT id FROM seats WHERE id = $8 AND sealed = $9 AND EXISTS (SELECT 1 FROM one) FOR UPDATE), \
        as_read AS (SELECT id FROM held WHERE ($5 = '' OR EXISTS (SELECT 1 FROM one)) \
            AND ($8 = '' OR EXISTS (SELECT 1 FROM other))), \
        seated AS (UPDATE seats SET sealed = CASE WHEN id = $5 THEN CAST($7 AS BYTEA) ELSE $10 END \
            WHERE id IN ($5, $8) AND EXISTS (SELECT 1 FROM as_read)), \
        told AS (INSERT INTO outbox \
            (id, occasion_key, audience, letter, errand, due_at, state, attempts, lease_until, tried_at, reason, failed_for) \
            SELECT owed.id, owed.occasion_key, owed.audience, owed.letter, owed.errand, owed.due_at, 'owed', 0, 0, 0, '', '' \
            FROM (VALUES ($11, $12, $13, $14, CAST($15 AS BYTEA), CAST($16 AS BIGINT)), ($17, $18, $19, $20, $21, $22), \
                ($23, $24, $25, $26, $27, $28)) AS owed (id, occasion_key, audience, letter, errand, due_at) \
            WHERE owed.id <> '' AND EXISTS (SELECT 1 FROM as_read) ON CONFLICT (occasion_key) DO NOTHING) \
        UPDATE bookings SET sealed = $3, history = $4 WHERE id = $1 AND EXISTS (SELECT 1 FROM as_read)";
}

/// Writes a change and saves it; says whether everything was as it was read. None where the statement has not room for it.
pub(super) async fn write(db: &mut Db, written: &Written<'_>) -> Result<Option<bool>> {
    let Written { booking, before, after, seats, letters } = written;
    let Some(after) = after else { return bookings::confirm(db, *booking, before).await.map(Some) };
    if seats.len() > SEATS || letters.len() > LETTERS {
        return Ok(None);
    }
    let mut query = sqlx::query(AT_ONCE).bind(booking.to_string()).bind(*before);
    query = query.bind(&after.booking).bind(&after.history);
    for at in 0..SEATS {
        let seat = seats.get(at);
        let bytes = |of: Option<&Vec<u8>>| of.cloned().unwrap_or_default();
        query = query.bind(seat.map(|seat| seat.id.to_string()).unwrap_or_default());
        query = query.bind(bytes(seat.map(|seat| &seat.before))).bind(bytes(seat.map(|seat| &seat.after)));
    }
    for at in 0..LETTERS {
        let letter = letters.get(at);
        let text = |of: fn(&Owed) -> &str| letter.map(of).unwrap_or_default().to_owned();
        query = query.bind(letter.map(|letter| letter.id.to_string()).unwrap_or_default());
        query = query.bind(text(|letter| &letter.occasion_key)).bind(text(|letter| letter.audience.word()));
        query = query.bind(text(|letter| letter.letter));
        query = query.bind(letter.map(|letter| letter.errand.clone()).unwrap_or_default());
        query = query.bind(letter.map(|letter| letter.due_at.timestamp()).unwrap_or_default());
    }
    // To the end: that it was saved is the last that the engine says.
    Ok(Some(query.execute(db).await?.rows_affected() == 1))
}
