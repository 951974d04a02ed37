//! Moving an SQLite installation into an empty PostgreSQL, row for row, while its service goes on: everything once, from one
//! moment; then nobody may write for as long as the differences and the verification take; then the old database refuses every
//! change for good. So nothing that was answered for is lost, wherever this is broken off: called again, it goes on.
//!
//! Sealed values are bound to table, row and column, not to an engine: bytes are moved as they are, and nothing is opened.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Executor};

use super::{Db, Engine, Error, Result, Store, Writing, places};
use crate::domain::time::Instant;

mod rows;
mod table;

use rows::{Pass, differences, digest};
use table::{Table, tables};

/// The table in PostgreSQL that stands there as long as a move into it is not done.
const MARK: &str = "moving";
/// The table in SQLite that stands there once everything was moved away.
const GONE: &str = "moved";
/// What a fenced table answers.
const FENCE: &str = "this database was moved to another one";
/// So often writers are waited for, ten seconds each time.
const PATIENCE: usize = 6;

/// One table, the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over all of them in order.
    pub sha256: String,
}

/// A move that has begun.
pub struct Moving {
    from: Store,
    to: Store,
    tables: Vec<Table>,
}

impl Store {
    /// Refuses a database that was moved away, and one into which a move is not done.
    ///
    /// # Errors
    /// [`Error::Moved`].
    pub async fn refuse_moved(&self) -> Result<()> {
        let mut db = self.read().await?;
        if has(self, &mut db, MARK).await? {
            return Err(Error::Moved(
                "a move into this database is not done: call `holdspace migrate-to` again, where it was called",
            ));
        }
        if has(self, &mut db, GONE).await? {
            return Err(Error::Moved(
                "everything in this database was moved to PostgreSQL: set database_url to that one, and keep this file as a backup",
            ));
        }
        Ok(())
    }
}

/// Whether a table of that name is there.
async fn has(store: &Store, db: &mut Db, table: &str) -> Result<bool> {
    let look = match store.engine {
        Engine::Sqlite => "SELECT COUNT(*) FROM main.sqlite_master WHERE type = 'table' AND name = $1",
        Engine::Postgres => "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = $1",
    };
    let count: i64 = sqlx::query_scalar(look).bind(table).fetch_one(db).await?;
    Ok(count > 0)
}

impl Moving {
    /// Looks at both sides, marks the target as half moved, and makes its tables.
    ///
    /// # Errors
    /// [`Error::Move`] for a target that holds anything but the beginning of this same move, with what to do.
    pub async fn begin(from: &Store, to: &Store) -> Result<Self> {
        if (from.engine, to.engine) != (Engine::Sqlite, Engine::Postgres) {
            return Err(Error::Move(
                "only an SQLite installation is moved, and only to postgres://…".to_owned(),
            ));
        }
        let mut db = from.read().await?;
        let institution = places::institution(&mut db).await?;
        let institution = institution
            .ok_or_else(|| Error::Move("there is nothing to move: nothing was set up here".to_owned()))?;
        let tables = tables(&mut db).await?;
        let is_gone = has(from, &mut db, GONE).await?;
        drop(db);
        mark(to, &tables, &institution.to_string(), is_gone).await?;
        to.migrate().await?;
        to.check_statements().await?;
        Ok(Self { from: from.clone(), to: to.clone(), tables })
    }

    /// Brings over what is there at one moment, while others go on writing; says how many rows were brought, changed or removed.
    ///
    /// # Errors
    /// Those of both databases. What was brought stays, and is not brought again.
    pub async fn bring(&self) -> Result<u64> {
        let mut snapshot = self.from.snapshot().await?;
        self.level(&mut snapshot).await
    }

    /// Makes the target the same as what a connection of the source sees.
    async fn level(&self, source: &mut Db) -> Result<u64> {
        let mut changed = 0;
        // What hangs on a row goes before it, and comes after it.
        for table in self.tables.iter().rev() {
            changed += differences(table, source, &self.to, Pass::Remove).await?;
        }
        for table in &self.tables {
            changed += differences(table, source, &self.to, Pass::Bring).await?;
        }
        Ok(changed)
    }

    /// Lets nobody write, brings what was written since, holds both sides against each other row for row, and fences the old
    /// database. Says how many rows that were, and what is the same.
    ///
    /// # Errors
    /// [`Error::Move`] where a table differs; then nothing was fenced, and the service goes on as before.
    pub async fn finish(&self, at: Instant) -> Result<(u64, Vec<Verified>)> {
        // In the order in which everybody locks who needs both.
        let mut main = self.patiently(false).await?;
        let mut keys = self.patiently(true).await?;
        let changed = self.level(&mut main).await?;
        let mut verified = Vec::new();
        let mut target = self.to.snapshot().await?;
        for table in &self.tables {
            let here = digest(table, &mut main, Engine::Sqlite).await?;
            let there = digest(table, &mut target, Engine::Postgres).await?;
            if here != there {
                return Err(Error::Move(format!(
                    "table {} is not the same on both sides ({} rows here, {} there): somebody else writes to the target. Stop them, \
                     empty it, and call this again; this installation goes on as before",
                    table.name(),
                    here.0,
                    there.0
                )));
            }
            verified.push(Verified { table: table.name().to_owned(), rows: here.0, sha256: here.1 });
        }
        drop(target);
        for table in &self.tables {
            let db: &mut Db = if table.is_of_keys() { &mut keys } else { &mut main };
            for trigger in table.fence(FENCE) {
                sqlx::query(AssertSqlSafe(trigger)).execute(&mut *db).await?;
            }
        }
        main.execute(AssertSqlSafe(format!("CREATE TABLE IF NOT EXISTS {GONE} (at BIGINT NOT NULL)")))
            .await?;
        sqlx::query(AssertSqlSafe(format!("INSERT INTO {GONE} (at) VALUES ($1)")))
            .bind(at.timestamp())
            .execute(&mut *main)
            .await?;
        keys.commit().await?;
        main.commit().await?;
        // Last: as long as the mark stands, no process opens the target, and this may be called again.
        let mut target = self.to.write().await?;
        target.execute(AssertSqlSafe(format!("DROP TABLE {MARK}"))).await?;
        target.commit().await?;
        Ok((changed, verified))
    }

    /// A writing transaction, also where somebody writes for longer than one waits usually.
    async fn patiently(&self, of_keys: bool) -> Result<Writing> {
        let mut tried = 0;
        loop {
            tried += 1;
            let begun = if of_keys { self.from.write_keys().await } else { self.from.write().await };
            if begun.is_ok() || tried == PATIENCE {
                return begun;
            }
        }
    }
}

/// Marks an empty target; does nothing where the same move has begun.
async fn mark(to: &Store, ours: &[Table], institution: &str, is_gone: bool) -> Result<()> {
    let mut tx = to.write().await?;
    let all: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(schemaname || '.' || tablename AS TEXT) FROM pg_tables \
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&mut *tx)
    .await?;
    if all.iter().any(|name| *name == format!("public.{MARK}")) {
        let whose: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(format!("SELECT institution FROM {MARK}")))
                .fetch_optional(&mut *tx)
                .await?;
        if whose.as_deref() == Some(institution) {
            return Ok(());
        }
        return Err(Error::Move(
            "another installation is being moved into the target; give each a database of its own".to_owned(),
        ));
    }
    let known: BTreeSet<String> =
        ours.iter().map(Table::in_postgres).chain(["public._sqlx_migrations".to_owned()]).collect();
    if let Some(foreign) = all.iter().find(|name| !known.contains(*name)) {
        return Err(Error::Move(format!(
            "the target holds tables of something else ({foreign}); make an empty database for this"
        )));
    }
    if all.iter().any(|name| name == "public.institutions") {
        let whose: Option<String> =
            sqlx::query_scalar("SELECT id FROM institutions").fetch_optional(&mut *tx).await?;
        match whose {
            None => {}
            Some(whose) if whose == institution && is_gone => {
                return Err(Error::Move(
                    "this installation was moved there already: set database_url to it".to_owned(),
                ));
            }
            Some(_) => {
                return Err(Error::Move(
                    "the target holds an installation already; make an empty database for this".to_owned(),
                ));
            }
        }
    }
    tx.execute(AssertSqlSafe(format!("CREATE TABLE {MARK} (institution TEXT PRIMARY KEY)"))).await?;
    sqlx::query(AssertSqlSafe(format!("INSERT INTO {MARK} (institution) VALUES ($1)")))
        .bind(institution)
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}
