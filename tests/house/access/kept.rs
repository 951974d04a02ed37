//! The whole database as it was at one moment: what differs from it, and back to it. Works inside the database, so that it
//! costs little enough to be asked after every request.

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::harness::engines::{Engine, TestDatabase};

/// Every table, and a copy of each beside it.
pub struct Kept {
    connection: AnyConnection,
    engine: Engine,
    tables: Vec<String>,
    compare: String,
}

impl Kept {
    /// Keeps everything as it is now.
    pub async fn of(db: &TestDatabase) -> Self {
        let mut connection = AnyConnection::connect(db.url()).await.unwrap();
        let (names, alone) = match db.engine() {
            Engine::Sqlite => {
                ("SELECT name FROM sqlite_master WHERE type = 'table'", "PRAGMA foreign_keys = OFF")
            }
            Engine::Postgres => (
                "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'",
                // Nothing here is worth being compiled.
                "SET session_replication_role = replica; SET jit = off",
            ),
        };
        connection.execute(alone).await.unwrap();
        let mut tables: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut connection).await.unwrap();
        for old in tables.extract_if(.., |name| name.starts_with("kept_")) {
            connection.execute(AssertSqlSafe(format!("DROP TABLE {old}"))).await.unwrap();
        }
        tables.retain(|name| !name.starts_with("_sqlx") && !name.starts_with("sqlite_"));
        assert!(tables.len() > 15, "these are not all tables: {tables:?}");
        for name in &tables {
            let copy = format!("CREATE TABLE kept_{name} AS SELECT * FROM {name}");
            connection.execute(AssertSqlSafe(copy)).await.unwrap();
        }
        let differs = |name: &String| {
            // A number there makes whoever books wait for each other, and holds nothing.
            let all = if name == "institutions" { "id, name" } else { "*" };
            format!(
                "SELECT '{name}' WHERE EXISTS (SELECT {all} FROM {name} EXCEPT SELECT {all} FROM kept_{name}) \
                 OR EXISTS (SELECT {all} FROM kept_{name} EXCEPT SELECT {all} FROM {name})"
            )
        };
        let compare = tables.iter().map(differs).collect::<Vec<_>>().join(" UNION ALL ");
        Self { connection, engine: db.engine(), tables, compare }
    }

    /// The tables in which anything is not as it was.
    pub async fn differing(&mut self) -> Vec<String> {
        let compare = AssertSqlSafe(self.compare.clone());
        sqlx::query_scalar(compare).fetch_all(&mut self.connection).await.unwrap()
    }

    /// Takes back whatever happened to some tables.
    pub async fn take_back(&mut self, tables: &[String]) {
        assert!(tables.iter().all(|name| self.tables.contains(name)));
        let mut tx = self.connection.begin().await.unwrap();
        for name in tables {
            for step in
                [format!("DELETE FROM {name}"), format!("INSERT INTO {name} SELECT * FROM kept_{name}")]
            {
                tx.execute(AssertSqlSafe(step)).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
        if self.engine == Engine::Postgres {
            // Nobody else clears away what was deleted, and every look goes through all of it.
            let vacuum = AssertSqlSafe(format!("VACUUM {}", tables.join(", ")));
            self.connection.execute(vacuum).await.unwrap();
        }
    }
}
