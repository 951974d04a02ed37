//! All that differs between SQLite and PostgreSQL: how to open, begin and migrate. Never holds a statement about
//! people.

use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Transaction};

use super::{Error, Result, all_statements};

/// Which of the two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// For any number of equal processes.
    Postgres,
}

/// The oldest SQLite without the bug that can corrupt a write-ahead log when it is reset.
const SQLITE_MIN: [u32; 3] = [3, 51, 3];

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// An open database.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    readers: AnyPool,
    /// On SQLite one connection, because there is one writer anyway; on PostgreSQL the same pool.
    writers: AnyPool,
}

impl Store {
    /// Opens `sqlite://path` (made if missing) or `postgres://…`, without migrating.
    ///
    /// # Errors
    /// [`Error::Url`] for another scheme, [`Error::Unavailable`] where it does not answer.
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = AnyConnectOptions::from_str(url).map_err(|_| Error::Url)?;
            let pool = AnyPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await?;
            return Ok(Self { engine: Engine::Postgres, readers: pool.clone(), writers: pool });
        }
        let path = url.strip_prefix("sqlite:").ok_or(Error::Url)?;
        let path = path.split('?').next().unwrap_or(path);
        let options =
            AnyConnectOptions::from_str(&format!("sqlite:{path}?mode=rwc")).map_err(|_| Error::Url)?;
        let pool = |connections| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(20))
                // A file does not hang up, so asking it first whether it is there would cost every page a question.
                .test_before_acquire(false)
                .after_connect(|connection, _| Box::pin(prepare_sqlite(connection)))
                .connect_with(options.clone())
        };
        // The writer first: it makes the file and switches the write-ahead log on.
        let writers = pool(1).await?;
        let store = Self { engine: Engine::Sqlite, readers: pool(4).await?, writers };
        store.refuse_old_sqlite().await?;
        Ok(store)
    }

    async fn refuse_old_sqlite(&self) -> Result<()> {
        let version: String =
            sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *self.read().await?).await?;
        let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
        if parts.as_slice() < SQLITE_MIN.as_slice() {
            return Err(Error::OldSqlite(version));
        }
        Ok(())
    }

    /// Which engine it is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn read(&self) -> Result<PoolConnection<Any>> {
        Ok(self.readers.acquire().await?)
    }

    /// A transaction for writing; rolled back when dropped.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn write(&self) -> Result<Transaction<'static, Any>> {
        Ok(match self.engine {
            // A plain BEGIN that reads first and writes later is refused as locked, without waiting.
            Engine::Sqlite => self.writers.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.writers.begin().await?,
        })
    }

    /// Brings the tables up to date.
    ///
    /// # Errors
    /// [`Error::Migration`] where the database is newer than this program or was changed by hand.
    pub async fn migrate(&self) -> Result<()> {
        let mut connection = self.writers.acquire().await?;
        match self.engine {
            Engine::Sqlite => {
                // SQLite has no lock of its own for migrations: the transaction is the lock.
                let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
                MIGRATIONS.run(&mut *tx).await?;
                tx.commit().await?;
            }
            Engine::Postgres => MIGRATIONS.run(&mut *connection).await?,
        }
        Ok(())
    }

    /// Has the engine prepare every statement of this program, which finds a missing table or column.
    ///
    /// # Errors
    /// [`Error::Statement`] with the statement that the engine refuses.
    pub async fn check_statements(&self) -> Result<usize> {
        let mut connection = self.read().await?;
        let all = all_statements();
        for text in &all {
            connection
                .prepare(sqlx::SqlStr::from_static(text))
                .await
                .map_err(|problem| Error::Statement { text, problem })?;
        }
        Ok(all.len())
    }

    /// Empties SQLite's write-ahead log, so that deleted text does not stay in it. Does nothing on PostgreSQL.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn truncate_log(&self) -> Result<()> {
        if self.engine == Engine::Sqlite {
            self.writers.acquire().await?.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(())
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

async fn prepare_sqlite(connection: &mut AnyConnection) -> sqlx::Result<()> {
    for pragma in [
        "PRAGMA busy_timeout = 10000",
        "PRAGMA journal_mode = WAL",
        // NORMAL may lose an acknowledged opt-out when the power fails.
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA secure_delete = ON",
        "PRAGMA trusted_schema = OFF",
    ] {
        connection.execute(pragma).await?;
    }
    Ok(())
}
