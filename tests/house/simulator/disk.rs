//! A disk that fails: after so many rows, or because it is full. Never touches what the product keeps: the traps are
//! temporary ones of the one connection that writes, and gone with it.

use holdspace::storage::Store;
use sqlx::AssertSqlSafe;

/// The tables whose rows are counted, as far as the writer of the database sees them.
const TABLES: [&str; 20] = [
    "main.residents",
    "main.blocks",
    "main.availability",
    "main.absences",
    "main.cycles",
    "main.offerings",
    "main.batches",
    "main.slots",
    "main.seats",
    "main.bookings",
    "main.links",
    "main.outbox",
    "main.audit_entries",
    "main.audit_heads",
    "main.cohort_members",
    "main.cohort_traits",
    "main.witnesses",
    "main.retention_turns",
    "main.departures",
    "main.zone_data",
];
/// What the writer of keys sees.
const KEYS: [&str; 1] = ["keys.data_keys"];
/// As many pages as SQLite allows.
const NO_END: i64 = 1_073_741_823;

/// Lets so many rows be written, and refuses every later one.
pub async fn breaks_after(store: &Store, rows: u32) {
    let mut tx = store.write().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(traps(&TABLES, rows))).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.write_keys().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(traps(&KEYS, rows))).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Takes the traps away.
pub async fn is_well(store: &Store) {
    let mut tx = store.write().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(no_traps(&TABLES))).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.write_keys().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(no_traps(&KEYS))).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

fn named(table: &str) -> &str {
    table.split('.').nth(1).unwrap_or_default()
}

fn traps(tables: &[&str], rows: u32) -> String {
    let mut script =
        format!("CREATE TEMP TABLE simulated (left_over BIGINT); INSERT INTO simulated VALUES ({rows});");
    for table in tables {
        for deed in ["INSERT", "UPDATE", "DELETE"] {
            script += &format!(
                "CREATE TEMP TRIGGER simulated_{name}_{deed} BEFORE {deed} ON {table} BEGIN \
                 UPDATE simulated SET left_over = left_over - 1; \
                 SELECT RAISE(ABORT, 'disk I/O error') FROM simulated WHERE left_over < 0; END;",
                name = named(table)
            );
        }
    }
    script
}

fn no_traps(tables: &[&str]) -> String {
    let mut script = String::new();
    for table in tables {
        for deed in ["INSERT", "UPDATE", "DELETE"] {
            script += &format!("DROP TRIGGER temp.simulated_{}_{deed};", named(table));
        }
    }
    script + "DROP TABLE temp.simulated;"
}

/// Lets both files grow by so many pages and no further; none for no end.
pub async fn grows_by(store: &Store, pages: Option<u32>) {
    let mut tx = store.write().await.unwrap();
    let most = match pages {
        None => NO_END,
        Some(pages) => {
            let now: i64 = sqlx::query_scalar("PRAGMA main.page_count").fetch_one(&mut *tx).await.unwrap();
            now + i64::from(pages)
        }
    };
    let pragma = AssertSqlSafe(format!("PRAGMA main.max_page_count = {most}"));
    sqlx::query(pragma).fetch_all(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}
