//! Copies of an SQLite database that a service goes on writing to, and looking into one without changing it. Never copies the
//! files of a running database byte by byte, which would tear them.
//!
//! The main store is copied first and the store of keys after it: a key is committed before any row that needs it, so every
//! row of the copy finds its key there. Only who is erased between the two is missing, as they should be.

use std::path::Path;
use std::str::FromStr;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, Connection, Executor, Transaction};

use super::engine::{as_uri, attach, keys_file, make_private};
use super::handing::Handing;
use super::writing::Line;
use super::{Db, Engine, Error, Result, Store, statements};

statements! {
    VERSION = "SELECT CAST(MAX(version) AS BIGINT) FROM _sqlx_migrations";
    // What is for minutes or hours is in no copy: a session that was ended since would open again, and a file that somebody
    // looks through holds names under no key that erasing destroys.
    NO_SESSIONS = "DELETE FROM sessions";
    NO_SIGN_INS = "DELETE FROM sign_ins";
    NO_DRAFTS = "DELETE FROM drafts";
    // Whoever took a letter or a mailbox is not there where the copy is put back. The bytes of a letter hang on what was
    // stored when it was owed, so one that went meanwhile goes a second time as the same letter.
    LET_GO = "UPDATE outbox SET lease_until = 0 WHERE lease_until > 0";
    FREE = "UPDATE mailboxes SET held_until = 0 WHERE held_until > 0";
}

impl Store {
    /// Writes a copy of both stores into two new files, for their owner alone, while others go on writing; on SQLite only.
    ///
    /// # Errors
    /// [`Error::Unavailable`], where the disk is full too. Files that were begun are left to the caller.
    pub async fn copy_to(&self, main: &Path, keys: &Path) -> Result<()> {
        vacuum(&mut *self.readers.acquire().await?, "VACUUM main INTO $1", main).await?;
        vacuum(&mut *self.keys.acquire().await?, "VACUUM keys INTO $1", keys).await?;
        tidy(main).await
    }

    /// Opens two files that nobody writes to, without ever changing them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] for what is no database.
    pub async fn open_copy(main: &Path) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let text = main.to_str().ok_or(Error::Url)?;
        let attached = format!("{}?mode=ro&immutable=1", as_uri(&keys_file(text).ok_or(Error::Url)?));
        let options = AnyConnectOptions::from_str(&format!("sqlite:{text}?mode=ro&immutable=true"))
            .map_err(|_| Error::Url)?;
        let pool = AnyPoolOptions::new().max_connections(2).after_connect(move |connection, _| {
            let attached = attached.clone();
            Box::pin(async move {
                connection.execute("PRAGMA trusted_schema = OFF").await?;
                attach(connection, &attached).await
            })
        });
        let readers = pool.connect_with(options).await?;
        let (writers, keys) = (readers.clone(), readers.clone());
        let (line, handing) = (Line::default(), Handing::default());
        Ok(Self { engine: Engine::Sqlite, readers, writers, line, handing, keys, here: None })
    }

    /// A reading transaction that sees one moment, whatever others write meanwhile. Read the main store first: on SQLite the
    /// moment of the store of keys is that of its first reading.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn snapshot(&self) -> Result<Transaction<'static, Any>> {
        Ok(match self.engine {
            Engine::Sqlite => self.readers.begin_with("BEGIN").await?,
            Engine::Postgres => {
                self.readers.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?
            }
        })
    }

    /// What the engine itself finds broken in its files; nothing on PostgreSQL, whose tools look after that.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where that cannot even be asked.
    pub async fn integrity(&self, db: &mut Db) -> Result<Vec<String>> {
        let mut found: Vec<String> = Vec::new();
        if self.engine == Engine::Postgres {
            return Ok(found);
        }
        for look in ["PRAGMA main.integrity_check(20)", "PRAGMA keys.integrity_check(20)"] {
            let told: Vec<String> = sqlx::query_scalar(look).fetch_all(&mut *db).await?;
            found.extend(told.into_iter().filter(|line| line != "ok"));
        }
        let lost: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM pragma_foreign_key_check").fetch_one(db).await?;
        if lost > 0 {
            found.push(format!("{lost} rows refer to others that are not there"));
        }
        Ok(found)
    }
}

/// The number of the newest migration that a database has had.
pub async fn schema_version(db: &mut Db) -> Result<i64> {
    Ok(sqlx::query_scalar(VERSION).fetch_one(db).await?)
}

/// Copies a store of keys alone, whoever has it open.
///
/// # Errors
/// [`Error::Unavailable`] for a file that is none.
pub async fn copy_keys(from: &Path, to: &Path) -> Result<()> {
    sqlx::any::install_default_drivers();
    let mut memory = AnyConnection::connect("sqlite::memory:?cache=private").await?;
    attach(&mut memory, &format!("{}?mode=rw&cache=private", as_uri(from))).await?;
    vacuum(&mut memory, "VACUUM keys INTO $1", to).await?;
    Ok(memory.close().await?)
}

/// Free pages do not go along, so nothing that was deleted does.
async fn vacuum(db: &mut Db, statement: &'static str, into: &Path) -> Result<()> {
    make_private(into);
    // A plain name would be a database in memory where the connection's own is one.
    sqlx::query(statement).bind(format!("{}?mode=rw", as_uri(into))).execute(db).await?;
    Ok(())
}

async fn tidy(main: &Path) -> Result<()> {
    let path = main.to_str().ok_or(Error::Url)?;
    let mut copy = AnyConnection::connect(&format!("sqlite:{path}?mode=rw")).await?;
    // Nobody relies on this file yet: no journal beside it.
    for pragma in ["PRAGMA journal_mode = MEMORY", "PRAGMA secure_delete = ON"] {
        copy.execute(pragma).await?;
    }
    let mut tx = copy.begin().await?;
    for statement in [NO_SESSIONS, NO_SIGN_INS, NO_DRAFTS, LET_GO, FREE] {
        tx.execute(statement).await?;
    }
    tx.commit().await?;
    Ok(copy.close().await?)
}
