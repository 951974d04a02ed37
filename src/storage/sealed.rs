//! Every column that is sealed by a key of the key file itself, so that a rotation finds them all. What a data key seals is not
//! here: of that, only the key is wrapped anew. Knows nothing of what is inside.

use sqlx::FromRow;

use super::{Db, Result};

/// A column of sealed values.
pub struct Column {
    /// `table.column`.
    pub name: &'static str,
    after: &'static str,
    swap: &'static str,
    count: &'static str,
}

macro_rules! columns {
    ($($table:literal $column:literal by $id:literal;)+) => {
        /// The columns.
        pub const COLUMNS: &[Column] = &[$(Column {
            name: concat!($table, ".", $column),
            after: concat!("SELECT ", $id, " AS row_id, ", $column, " AS sealed FROM ", $table, " WHERE ", $id,
                " > $1 ORDER BY ", $id, " LIMIT $2"),
            swap: concat!("UPDATE ", $table, " SET ", $column, " = $3 WHERE ", $id, " = $1 AND ", $column, " = $2"),
            count: concat!("SELECT SUBSTR(", $column, ", 1, 4) AS name, COUNT(*) AS number FROM ", $table,
                " GROUP BY SUBSTR(", $column, ", 1, 4)"),
        }),+];
    };
}

columns! {
    "audit_entries" "sealed" by "institution_id || '/' || log || '/' || number";
    "audit_heads" "sealed" by "institution_id || '/' || log";
    "therapists" "sealed" by "id";
    "therapists" "practice" by "id";
    "staff" "sealed" by "id";
    "programs" "coordinator" by "id";
    "follow_ups" "sealed" by "therapist_id";
    "outbox" "errand" by "id";
    "offerings" "seed" by "id";
    "busy_calendars" "sealed" by "id";
    "busy_events" "name" by "id";
    "busy_events" "sealed" by "id";
    "app_passwords" "sealed" by "id";
    "sync_logs" "sealed" by "password_id || '/' || collection";
    "cohort_traits" "sealed" by "cycle_id";
    "drafts" "sealed" by "id";
    "received" "sealed" by "id";
}

/// Data keys: counted like the others, and swapped by [`super::keys::swap`], which is another store's.
const WRAPPED: &str = "SELECT SUBSTR(wrapped, 1, 4) AS name, COUNT(*) AS number FROM keys.data_keys \
    GROUP BY SUBSTR(wrapped, 1, 4)";

/// Every statement of this room.
pub(super) fn all() -> Vec<&'static str> {
    let columns = COLUMNS.iter().flat_map(|column| [column.after, column.swap, column.count]);
    columns.chain([WRAPPED]).collect()
}

/// A sealed value with the identifier that is bound to it.
#[derive(FromRow)]
pub struct SealedRow {
    /// The row, as its place names it.
    #[sqlx(rename = "row_id")]
    pub row: String,
    /// The value.
    pub sealed: Vec<u8>,
}

/// At most `limit` values of a column whose rows come after one.
pub async fn after(db: &mut Db, column: &Column, row: &str, limit: i64) -> Result<Vec<SealedRow>> {
    Ok(sqlx::query_as(column.after).bind(row).bind(limit).fetch_all(db).await?)
}

/// Seals a value anew if it still is as it was read; says whether it was.
pub async fn swap(db: &mut Db, column: &Column, before: &SealedRow, sealed: Vec<u8>) -> Result<bool> {
    let query = sqlx::query(column.swap).bind(&before.row).bind(&before.sealed).bind(sealed);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// How many values of all columns begin with which name of a key, data keys among them.
pub async fn counts(db: &mut Db) -> Result<Vec<(Vec<u8>, i64)>> {
    let mut all = Vec::new();
    for statement in COLUMNS.iter().map(|column| column.count).chain([WRAPPED]) {
        let rows: Vec<(Vec<u8>, i64)> = sqlx::query_as(statement).fetch_all(&mut *db).await?;
        all.extend(rows);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sealed by a data key, or not sealed at all: what is released is public.
    const OTHERS: [&str; 8] = [
        "residents.sealed",
        "bookings.sealed",
        "bookings.why",
        "bookings.history",
        "witnesses.sealed",
        "seats.sealed",
        "survey_codes.sealed",
        "releases.document",
    ];

    #[test]
    fn a_rotation_knows_every_column_that_can_be_sealed() {
        let mut table = "";
        let mut found = Vec::new();
        for line in include_str!("../../migrations/0001_season.sql").lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.trim_end_matches(" (");
            }
            let mut words = line.split_whitespace();
            if let (Some(column), Some("BYTEA")) = (words.next(), words.next()) {
                found.push(format!("{table}.{column}"));
            }
        }
        let mut known: Vec<String> =
            COLUMNS.iter().map(|column| column.name).chain(OTHERS).map(str::to_owned).collect();
        found.sort();
        known.sort();
        assert_eq!(found, known);
    }
}
