//! A storage test written once and run on both engines. Never runs it on one alone.
//!
//! ```ignore
//! on_both_engines! {
//!     /// What nobody may lose.
//!     async fn a_booking_outlives_a_restart(db: TestDatabase) {
//!         let store = Store::open(db.url()).await.unwrap();
//!         // ...
//!     }
//! }
//! ```
//!
//! makes the tests `a_booking_outlives_a_restart::sqlite` and `a_booking_outlives_a_restart::postgres`, each
//! with a database of its own.

use tempfile::TempDir;

use super::postgres::{drop_database, fresh_database};

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file of its own in a directory of its own.
    Sqlite,
    /// A database of its own in the throw-away server.
    Postgres,
}

/// An empty database that lasts as long as one test. It has no tables yet: migrating is the product's work.
#[derive(Debug)]
pub struct TestDatabase {
    engine: Engine,
    url: String,
    /// Where the SQLite file lies; removed on drop.
    directory: Option<TempDir>,
}

impl TestDatabase {
    /// An empty SQLite file (not yet created: the URL asks for that).
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("the temporary directory can be written");
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("holdspace.db").display());
        Self { engine: Engine::Sqlite, url, directory: Some(directory) }
    }

    /// The same in memory, where the system offers such a directory: nothing waits for a disk then.
    pub fn sqlite_in_memory() -> Self {
        let memory = std::path::Path::new("/dev/shm");
        if !memory.is_dir() {
            return Self::sqlite();
        }
        let directory = tempfile::tempdir_in(memory).expect("the memory's directory can be written");
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("holdspace.db").display());
        Self { engine: Engine::Sqlite, url, directory: Some(directory) }
    }

    /// An empty PostgreSQL database.
    pub async fn postgres() -> Self {
        Self { engine: Engine::Postgres, url: fresh_database().await, directory: None }
    }

    /// A PostgreSQL that somebody else keeps.
    pub fn elsewhere(url: String) -> Self {
        Self { engine: Engine::Postgres, url, directory: None }
    }

    /// The URL, as `HOLDSPACE_DATABASE_URL` would have it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which engine it is, for the few tests whose point is a difference.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The directory of the SQLite file, for tests that search the bytes at rest.
    pub fn directory(&self) -> Option<&std::path::Path> {
        self.directory.as_ref().map(TempDir::path)
    }
}

/// Runs a walk on SQLite.
pub async fn on_sqlite<F: Future<Output = ()>>(walk: impl FnOnce(TestDatabase) -> F) {
    walk(TestDatabase::sqlite()).await;
}

/// Runs a walk on PostgreSQL, and drops the database once it has passed.
pub async fn on_postgres<F: Future<Output = ()>>(walk: impl FnOnce(TestDatabase) -> F) {
    let db = TestDatabase::postgres().await;
    let url = db.url.clone();
    walk(db).await;
    drop_database(&url).await;
}

/// Runs one of many walks on a thread of its own, so that one which fails leaves the others.
///
/// # Errors
/// Where it failed; why was printed.
pub fn apart<T: Send + 'static, F: Future<Output = T>>(
    walk: impl FnOnce() -> F + Send + 'static,
) -> std::thread::Result<T> {
    let run = move || {
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        threads.unwrap().block_on(walk())
    };
    std::thread::spawn(run).join()
}

/// Makes two tests of each `async fn name(db: TestDatabase) { .. }`; see the module.
macro_rules! on_both_engines {
    ($($(#[$about:meta])* async fn $name:ident($db:ident: TestDatabase) $body:block)+) => {
        $($(#[$about])*
        mod $name {
            use super::*;
            use $crate::harness::engines as engines_of_the_harness;

            async fn walk($db: engines_of_the_harness::TestDatabase) $body

            // More threads than one, so that races have a chance to show.
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                engines_of_the_harness::on_sqlite(walk).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                engines_of_the_harness::on_postgres(walk).await;
            }
        })+
    };
}
pub(crate) use on_both_engines;

#[cfg(test)]
mod tests {
    use sqlx::{AnyConnection, Connection};

    use super::*;

    crate::harness::engines::on_both_engines! {
        /// The harness's own proof: a statement reaches the engine that the test's name promises.
        async fn one_walk_meets_both_engines(db: TestDatabase) {
            sqlx::any::install_default_drivers();
            let mut connection = AnyConnection::connect(db.url()).await.unwrap();
            let one: i64 = sqlx::query_scalar("SELECT CAST($1 AS BIGINT)").bind(1_i64)
                .fetch_one(&mut connection).await.unwrap();
            assert_eq!(one, 1);
            let expected = match db.engine() {
                Engine::Sqlite => "SQLite",
                Engine::Postgres => "PostgreSQL",
            };
            assert_eq!(connection.backend_name(), expected);
            assert_eq!(db.directory().is_some(), db.engine() == Engine::Sqlite);
            connection.close().await.unwrap();
        }
    }
}
