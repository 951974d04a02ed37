//! Where a measured season is stored: SQLite files in a directory on a real disk, or databases of one PostgreSQL.
//! Leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

/// The engine, with what it needs to live.
pub enum Databases {
    Sqlite(TempDir),
    Postgres { url: String, made: Vec<String>, _server: Option<Throwaway> },
}

/// A server of our own, which ends when the pipe that it reads is closed.
pub struct Throwaway(Child);

impl Drop for Throwaway {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

impl Databases {
    /// SQLite, unless PostgreSQL is asked for: by `--postgres`, or by the variable that names a running one.
    pub fn open(postgres: bool) -> anyhow::Result<Self> {
        let given = std::env::var("HOLDSPACE_TEST_POSTGRES").ok().filter(|url| !url.is_empty());
        if let Some(url) = given {
            return Ok(Self::Postgres { url, made: Vec::new(), _server: None });
        }
        if !postgres {
            // Beside what was built, because /tmp may lie in memory, where nothing is ever really saved.
            return Ok(Self::Sqlite(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?));
        }
        let mut server = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/postgres.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("bash is needed to start a throw-away PostgreSQL")?;
        let mut url = String::new();
        let out = server.stdout.take().context("the throw-away PostgreSQL says nothing")?;
        let server = Throwaway(server);
        BufReader::new(out).read_line(&mut url)?;
        let url = url.trim().to_owned();
        anyhow::ensure!(!url.is_empty(), "the throw-away PostgreSQL did not start");
        Ok(Self::Postgres { url, made: Vec::new(), _server: Some(server) })
    }

    pub const fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres { .. } => "postgres",
        }
    }

    /// The URL of a new, empty database.
    pub async fn fresh(&mut self, name: &str) -> anyhow::Result<String> {
        match self {
            Self::Sqlite(directory) => {
                Ok(format!("sqlite://{}", directory.path().join(format!("{name}.db")).display()))
            }
            Self::Postgres { url, made, .. } => {
                let name = format!("season_{}_{name}", std::process::id());
                command(url, format!("CREATE DATABASE {name}")).await?;
                let (place, _) = url.rsplit_once('/').context("a PostgreSQL URL ends in /database")?;
                let fresh = format!("{place}/{name}");
                made.push(name);
                Ok(fresh)
            }
        }
    }

    /// Removes what was made.
    pub async fn remove(self) -> anyhow::Result<()> {
        if let Self::Postgres { url, made, _server } = self {
            for name in made {
                command(&url, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
            }
        }
        Ok(())
    }
}

async fn command(url: &str, statement: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}
