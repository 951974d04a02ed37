//! A throw-away PostgreSQL, and a fresh database in it for every test. Never skips a test where there is none.
//!
//! `tests/run` starts one server for all test processes and names it in `HOLDSPACE_TEST_POSTGRES`. A test
//! that runs alone finds no such variable and starts its own, which ends with the process in any case: the
//! server lives only as long as the pipe that this process holds (see `postgres.sh`).

use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Names a server that is already running, as the URL of any database in it.
const GIVEN: &str = "HOLDSPACE_TEST_POSTGRES";

/// A running server.
struct Server {
    /// The URL of its first database.
    url: String,
    /// The end of the pipe that keeps a server of our own alive; none where it was given.
    _lifeline: Option<ChildStdin>,
}

/// The process's one server, started at its first use.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match std::env::var(GIVEN) {
        Ok(url) if !url.is_empty() => Server { url, _lifeline: None },
        _ => start(),
    })
}

/// Starts a server of our own.
#[expect(clippy::zombie_processes, reason = "it outlives this process by a moment, to clean up behind it")]
fn start() -> Server {
    let mut child = Command::new("bash")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/postgres.sh"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own: an interrupt at the terminal must not end the script before it has cleaned up.
        .process_group(0)
        .spawn()
        .expect("bash is needed to start a throw-away PostgreSQL");
    let lifeline = child.stdin.take();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    if url.is_empty() {
        let mut why = String::new();
        child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
        panic!("{}", why.trim());
    }
    Server { url: url.trim().to_owned(), _lifeline: lifeline }
}

/// A new, empty database for one test: its URL. It goes with the server, or earlier by [`drop_database`].
///
/// # Panics
/// With the remedy, where PostgreSQL is missing.
pub async fn fresh_database() -> String {
    let name = format!("test_{:016x}", RandomState::new().hash_one(std::process::id()));
    command(&format!("CREATE DATABASE {name}")).await;
    with_database(&name)
}

/// Removes a database that [`fresh_database`] made, whoever is still connected to it.
pub async fn drop_database(url: &str) {
    let name = url.rsplit('/').next().unwrap_or_default();
    assert!(name.starts_with("test_"), "only a test's own database is ever dropped");
    command(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
}

/// Runs one statement in the server's first database.
async fn command(statement: &str) {
    let mut connection =
        PgConnection::connect(&server().url).await.expect("the throw-away PostgreSQL no longer answers");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.expect(statement);
    connection.close().await.expect("a connection to the throw-away PostgreSQL closes");
}

/// The server's URL with another database in it.
fn with_database(name: &str) -> String {
    let (place, _) = server().url.rsplit_once('/').expect("a PostgreSQL URL ends in /database");
    format!("{place}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn count_tables_called_resident(connection: &mut PgConnection) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE tablename = 'resident'")
            .fetch_one(connection)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn two_tests_never_see_each_others_rows() {
        let (first, second) = (fresh_database().await, fresh_database().await);
        assert_ne!(first, second);
        let mut in_first = PgConnection::connect(&first).await.unwrap();
        let mut in_second = PgConnection::connect(&second).await.unwrap();
        sqlx::raw_sql("CREATE TABLE resident (name TEXT)").execute(&mut in_first).await.unwrap();
        assert_eq!(count_tables_called_resident(&mut in_first).await, 1);
        assert_eq!(count_tables_called_resident(&mut in_second).await, 0);
        drop_database(&first).await;
        drop_database(&second).await;
        assert!(PgConnection::connect(&first).await.is_err(), "a dropped database is gone");
    }

    #[test]
    fn a_machine_without_postgresql_is_told_what_to_do() {
        let bare = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/postgres.sh");
        let answer = Command::new("/bin/bash")
            .args([script, "--check"])
            .env_clear()
            .env("PATH", bare.path())
            .env("HOLDSPACE_TEST_POSTGRES_PLACES", bare.path())
            .output()
            .unwrap();
        assert!(!answer.status.success());
        let said = String::from_utf8(answer.stderr).unwrap();
        assert!(
            said.contains(
                "PostgreSQL is missing: install it (apt-get install postgresql) or run tests/run, which does"
            ),
            "{said}"
        );
    }
}
