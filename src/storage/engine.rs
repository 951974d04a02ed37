//! All that differs between SQLite and PostgreSQL: how to open, begin and migrate. Never holds a statement about
//! people.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::MigrateError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor};

use super::handing::Handing;
use super::server::{connections, over_a_network};
use super::writing::{Line, Writing};
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

/// What a migration of a later version is called if programs of this version can go on beside it: it only adds.
const ADDS_ONLY: &str = "expand ";
/// So often a migration is run that others break off.
const MIGRATION_TRIES: usize = 5;

static MIGRATIONS: LazyLock<sqlx::migrate::Migrator> = LazyLock::new(|| {
    let mut all = sqlx::migrate!("./migrations");
    // What is missing here is looked at by `refuse_what_is_newer`.
    all.set_ignore_missing(true);
    all
});

/// The number of the newest migration that this program knows.
#[must_use]
pub fn newest_migration() -> i64 {
    MIGRATIONS.iter().map(|one| one.version).max().unwrap_or_default()
}

/// An open database.
#[derive(Clone)]
pub struct Store {
    pub(super) engine: Engine,
    pub(super) readers: AnyPool,
    /// On SQLite one connection, because there is one writer anyway; on PostgreSQL the same pool.
    pub(super) writers: AnyPool,
    /// Who waits for that one.
    pub(super) line: Line,
    /// Who waits for one of PostgreSQL's.
    pub(super) handing: Handing,
    /// The only way to write data keys, in transactions of their own: two files of SQLite are not committed as one, so a key is
    /// on disk before any row that needs it.
    pub(super) keys: AnyPool,
    /// Says to whoever would put a backup in its place that somebody is here.
    #[expect(dead_code, reason = "held open, because the lock goes with it")]
    pub(super) here: Option<Arc<File>>,
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
            let pool = over_a_network(connections()).connect_with(options).await?;
            // Asked for while a connection of the other pool is held: from the same one, everybody could wait for everybody.
            let keys = over_a_network(2)
                .connect_lazy_with(AnyConnectOptions::from_str(url).map_err(|_| Error::Url)?);
            return Ok(Self {
                engine: Engine::Postgres,
                readers: pool.clone(),
                writers: pool,
                line: Line::default(),
                handing: Handing::default(),
                keys,
                here: None,
            });
        }
        let path = url.strip_prefix("sqlite:").ok_or(Error::Url)?;
        let path = path.split('?').next().unwrap_or(path);
        let keys_file = keys_file(path).ok_or(Error::Url)?;
        let here = super::restore::come_in(&keys_file)?;
        let keys = open_keys(&keys_file).await?;
        // Read-only from here, so that a transaction that begins to write takes no lock of the second file.
        let attached = format!("{}?mode=ro", as_uri(&keys_file));
        let options =
            AnyConnectOptions::from_str(&format!("sqlite:{path}?mode=rwc")).map_err(|_| Error::Url)?;
        let pool = |connections| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(20))
                // A file does not hang up, so asking it first whether it is there would cost every page a question.
                .test_before_acquire(false)
                .before_acquire(|connection, _| Box::pin(can_begin(connection)))
                .after_connect({
                    let attached = attached.clone();
                    move |connection, _| {
                        let attached = attached.clone();
                        Box::pin(async move { prepare_sqlite(connection, &attached).await })
                    }
                })
                .connect_with(options.clone())
        };
        // The writer first: it makes the file and switches the write-ahead log on.
        let (writers, readers) = (pool(1).await?, pool(4).await?);
        let (line, handing) = (Line::default(), Handing::default());
        let store = Self { engine: Engine::Sqlite, readers, writers, line, handing, keys, here };
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
        Ok(match self.engine {
            Engine::Sqlite => self.readers.acquire().await?,
            Engine::Postgres => self.handing.take(&self.readers).await?.into(),
        })
    }

    /// A transaction for writing; rolled back when dropped.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn write(&self) -> Result<Writing> {
        Ok(match self.engine {
            Engine::Sqlite => self.line.alone(&self.writers).await?,
            Engine::Postgres => Writing::free(self.writers.begin().await?),
        })
    }

    /// The same for a change that is short and may come from many at once: on SQLite they are saved together.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn write_with_others(&self) -> Result<Writing> {
        Ok(match self.engine {
            Engine::Sqlite => self.line.turn(&self.writers).await?,
            Engine::Postgres => Writing::free(self.writers.begin().await?),
        })
    }

    /// A transaction of the store of data keys, where nothing else is written; rolled back when dropped.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn write_keys(&self) -> Result<Writing> {
        Ok(Writing::free(match self.engine {
            Engine::Sqlite => self.keys.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.keys.begin().await?,
        }))
    }

    /// Brings the tables up to date.
    ///
    /// # Errors
    /// [`Error::Migration`] where a table was changed by hand, [`Error::Newer`] where a later version did more than add.
    pub async fn migrate(&self) -> Result<()> {
        let mut tx = self.write_keys().await?;
        if self.engine == Engine::Postgres {
            // Two processes that make the same schema at once: one would be refused. The number means nothing but this.
            tx.execute("SELECT pg_advisory_xact_lock(4851046118)").await?;
            tx.execute("CREATE SCHEMA IF NOT EXISTS keys").await?;
        }
        tx.execute(super::keys::TABLE).await?;
        tx.commit().await?;
        let mut connection = self.writers.acquire().await?;
        match self.engine {
            Engine::Sqlite => {
                // SQLite has no lock of its own for migrations: the transaction is the lock.
                let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
                MIGRATIONS.run(&mut *tx).await?;
                refuse_what_is_newer(&mut tx).await?;
                tx.commit().await?;
            }
            Engine::Postgres => {
                run_among_others(&mut connection).await?;
                refuse_what_is_newer(&mut connection).await?;
                super::laid_out::lay_out(&mut connection).await?;
            }
        }
        Ok(())
    }

    /// Has the engine prepare every statement of this program, which finds a missing table or column.
    ///
    /// # Errors
    /// [`Error::Statement`] with the statement that the engine refuses.
    pub async fn check_statements(&self) -> Result<usize> {
        let mut connection = self.read().await?;
        let all = all_statements(self.engine);
        for text in &all {
            connection
                .prepare(sqlx::SqlStr::from_static(text))
                .await
                .map_err(|problem| Error::Statement { text, problem })?;
        }
        Ok(all.len())
    }

    /// Empties SQLite's write-ahead logs, so that deleted text does not stay in them. Does nothing on PostgreSQL.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn truncate_log(&self) -> Result<()> {
        if self.engine == Engine::Sqlite {
            self.writers.acquire().await?.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").await?;
            self.keys.acquire().await?.execute("PRAGMA keys.wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(())
    }

    /// Sees to it that deleted keys and rows cannot be read in the files of the database; says whether that was done, and not held
    /// up by somebody who reads. On PostgreSQL the table of keys is written anew; what they opened stays in its files, closed.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn forget_deleted(&self) -> Result<bool> {
        if self.engine == Engine::Postgres {
            let mut connection = self.keys.acquire().await?;
            // Whoever reads for long must not make everybody else wait behind this.
            connection.execute("SET lock_timeout = '5s'").await?;
            let written_anew = connection.execute("VACUUM FULL keys.data_keys").await.is_ok();
            connection.execute("RESET lock_timeout").await?;
            return Ok(written_anew);
        }
        let main: (i64, i64, i64) =
            sqlx::query_as("PRAGMA main.wal_checkpoint(TRUNCATE)").fetch_one(&self.writers).await?;
        let keys: (i64, i64, i64) =
            sqlx::query_as("PRAGMA keys.wal_checkpoint(TRUNCATE)").fetch_one(&self.keys).await?;
        Ok(main.0 == 0 && keys.0 == 0)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
        self.keys.close().await;
    }
}

/// Whether a connection can begin a transaction; one that cannot is replaced by another.
///
/// Where a disk is full or fails, SQLite may end a transaction by itself. The driver's own rollback is refused then, and it
/// would take the connection for one within a transaction for as long as it lives: the only writer would never write again.
async fn can_begin(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    Ok(!connection.is_in_transaction())
}

/// Runs migrations while others serve: one that adds to several tables may stand against a change that holds some of them and
/// wants another. PostgreSQL breaks one of the two off, and a migration that was broken off left nothing behind.
async fn run_among_others(connection: &mut AnyConnection) -> Result<()> {
    for _ in 1..MIGRATION_TRIES {
        match MIGRATIONS.run(&mut *connection).await {
            Err(MigrateError::ExecuteMigration(problem, version)) => match Error::from(problem) {
                Error::Contended => {}
                Error::Unavailable(problem) => {
                    return Err(MigrateError::ExecuteMigration(problem, version).into());
                }
                other => return Err(other),
            },
            other => return Ok(other?),
        }
    }
    Ok(MIGRATIONS.run(connection).await?)
}

/// Refuses tables that a later version changed in a way that this program may not know. What it only added harms nobody: so
/// processes of both versions serve side by side while one after the other is upgraded.
async fn refuse_what_is_newer(connection: &mut AnyConnection) -> Result<()> {
    let all = "SELECT version, description FROM _sqlx_migrations ORDER BY version";
    let all: Vec<(i64, String)> = sqlx::query_as(all).fetch_all(connection).await?;
    let unknown = |(version, name): &(i64, String)| {
        !MIGRATIONS.version_exists(*version) && !name.starts_with(ADDS_ONLY)
    };
    match all.into_iter().find(unknown) {
        Some((version, _)) => Err(Error::Newer(version)),
        None => Ok(()),
    }
}

/// The second file: `holdspace.keys.db` beside `holdspace.db`. None for a path without a name.
pub(super) fn keys_file(path: &str) -> Option<PathBuf> {
    let main = SqliteConnectOptions::from_str(&format!("sqlite:{path}")).ok()?;
    let main = main.get_filename();
    let end = main.extension().map_or("keys".to_owned(), |end| format!("keys.{}", end.to_string_lossy()));
    main.file_name().map(|_| main.with_extension(end))
}

/// A file as SQLite's ATTACH takes it, where these characters mean something else.
pub(super) fn as_uri(file: &Path) -> String {
    let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{path}")
}

/// Opens the second file beside an empty database in memory, so that its table has the same name everywhere.
async fn open_keys(file: &Path) -> Result<AnyPool> {
    make_private(file);
    // A database in memory is opened with a shared cache, which would answer others in this process as locked without waiting.
    let attached = format!("{}?mode=rwc&cache=private", as_uri(file));
    let pool = AnyPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(20))
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(can_begin(connection)))
        .after_connect(move |connection, _| {
            let attached = attached.clone();
            Box::pin(async move {
                connection.execute("PRAGMA busy_timeout = 10000").await?;
                attach(connection, &attached).await?;
                for pragma in [
                    "PRAGMA keys.journal_mode = WAL",
                    "PRAGMA keys.synchronous = FULL",
                    "PRAGMA keys.secure_delete = ON",
                    "PRAGMA trusted_schema = OFF",
                ] {
                    connection.execute(pragma).await?;
                }
                Ok(())
            })
        })
        .connect_with(AnyConnectOptions::from_str("sqlite::memory:?cache=private").map_err(|_| Error::Url)?)
        .await?;
    Ok(pool)
}

/// Makes an empty file that nobody else may read, where none lies. What is wrong is said when it is opened.
pub(super) fn make_private(file: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(file));
}

pub(super) async fn attach(connection: &mut AnyConnection, uri: &str) -> sqlx::Result<()> {
    sqlx::query("ATTACH DATABASE $1 AS keys").bind(uri).execute(connection).await?;
    Ok(())
}

async fn prepare_sqlite(connection: &mut AnyConnection, keys: &str) -> sqlx::Result<()> {
    for pragma in [
        "PRAGMA busy_timeout = 10000",
        "PRAGMA journal_mode = WAL",
        // NORMAL may lose an acknowledged opt-out when the power fails.
        "PRAGMA synchronous = FULL",
        // Whoever commits when the log is full copies it, and all who write wait: a row that changes twice meanwhile is copied once.
        "PRAGMA wal_autocheckpoint = 4000",
        "PRAGMA foreign_keys = ON",
        "PRAGMA secure_delete = ON",
        "PRAGMA trusted_schema = OFF",
    ] {
        connection.execute(pragma).await?;
    }
    attach(connection, keys).await
}
