//! The tables of an SQLite installation as they are, none left out that a list would forget: their columns, what identifies a row,
//! and the order in which rows may refer to others. Writes no row.

use std::collections::BTreeSet;

use crate::storage::{Db, Engine, Error, Result};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Bytes,
}

/// A column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A table of either store.
#[derive(Debug, Clone)]
pub(super) struct Table {
    of_keys: bool,
    name: String,
    pub(super) columns: Vec<Column>,
    /// Which columns identify a row, in order.
    pub(super) key: Vec<usize>,
}

impl Table {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it belongs to the store of keys.
    pub(super) const fn is_of_keys(&self) -> bool {
        self.of_keys
    }

    /// How PostgreSQL lists it.
    pub(super) fn in_postgres(&self) -> String {
        format!("{}.{}", if self.of_keys { "keys" } else { "public" }, self.name)
    }

    /// How both engines name it in a statement.
    fn place(&self) -> String {
        let schema = if self.of_keys { "\"keys\"." } else { "" };
        format!("{schema}\"{}\"", self.name)
    }

    /// The columns that identify a row.
    pub(super) fn key_columns(&self) -> Vec<Column> {
        self.key.iter().map(|at| self.columns[*at].clone()).collect()
    }

    /// Reads some columns of every row, in an order that both engines share: PostgreSQL's own of texts is that of a language.
    pub(super) fn read(&self, columns: &[Column], engine: Engine) -> String {
        let by = self
            .key_columns()
            .iter()
            .map(|column| match (engine, column.kind) {
                (Engine::Postgres, Kind::Text) => format!("\"{}\" COLLATE \"C\"", column.name),
                _ => format!("\"{}\"", column.name),
            })
            .collect::<Vec<_>>()
            .join(", ");
        format!("SELECT {} FROM {} ORDER BY {by}", names(columns), self.place())
    }

    /// Adds a row, or makes the row of the same identity the same.
    pub(super) fn bring(&self) -> String {
        let places: Vec<String> = (1..=self.columns.len()).map(|at| format!("${at}")).collect();
        let others = self.columns.iter().enumerate().filter(|(at, _)| !self.key.contains(at));
        let set: Vec<String> =
            others.map(|(_, one)| format!("\"{0}\" = excluded.\"{0}\"", one.name)).collect();
        let otherwise =
            if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
        format!(
            "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {otherwise}",
            self.place(),
            names(&self.columns),
            places.join(", "),
            names(&self.key_columns()),
        )
    }

    /// Removes a row.
    pub(super) fn remove(&self) -> String {
        let same = self.key_columns().into_iter().enumerate();
        let same: Vec<String> = same.map(|(at, one)| format!("\"{}\" = ${}", one.name, at + 1)).collect();
        format!("DELETE FROM {} WHERE {}", self.place(), same.join(" AND "))
    }

    /// What makes every change fail from then on, whoever has the file open.
    pub(super) fn fence(&self, says: &str) -> Vec<String> {
        let schema = if self.of_keys { "keys." } else { "" };
        let name = &self.name;
        ["INSERT", "UPDATE", "DELETE"].iter().map(|deed| format!(
            "CREATE TRIGGER IF NOT EXISTS {schema}\"moved_{name}_{deed}\" BEFORE {deed} ON \"{name}\" \
             BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )).collect()
    }
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}

/// All tables, each after those that its rows refer to.
pub(super) async fn tables(db: &mut Db) -> Result<Vec<Table>> {
    let mut left = Vec::new();
    for (of_keys, schema) in [(true, "keys"), (false, "main")] {
        let list = match of_keys {
            true => "SELECT name FROM keys.sqlite_master WHERE type = 'table' ORDER BY name",
            false => "SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name",
        };
        let names: Vec<String> = sqlx::query_scalar(list).fetch_all(&mut *db).await?;
        let ours =
            |name: &String| !name.starts_with("sqlite_") && !name.starts_with("_sqlx") && name != super::GONE;
        for name in names.into_iter().filter(ours) {
            let refers: Vec<String> =
                sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_list($1, $2)")
                    .bind(&name)
                    .bind(schema)
                    .fetch_all(&mut *db)
                    .await?;
            let refers: BTreeSet<String> = refers.into_iter().filter(|other| *other != name).collect();
            left.push((table(db, of_keys, schema, name).await?, refers));
        }
    }
    let mut ordered: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let known: BTreeSet<String> = ordered.iter().map(|table| table.name.clone()).collect();
        let (next, later): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, refers)| refers.is_subset(&known));
        if next.is_empty() {
            return Err(Error::Move(
                "tables refer to each other in a circle; this program cannot move them".to_owned(),
            ));
        }
        ordered.extend(next.into_iter().map(|(table, _)| table));
        left = later;
    }
    Ok(ordered)
}

async fn table(db: &mut Db, of_keys: bool, schema: &str, name: String) -> Result<Table> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT name, type, CAST(pk AS BIGINT) FROM pragma_table_info($1, $2) ORDER BY cid")
            .bind(&name)
            .bind(schema)
            .fetch_all(&mut *db)
            .await?;
    let mut key: Vec<(i64, usize)> =
        rows.iter().enumerate().map(|(at, (_, _, pk))| (*pk, at)).filter(|(pk, _)| *pk > 0).collect();
    key.sort_unstable();
    let column = |(column, kind, _): (String, String, i64)| {
        let kind = match kind.as_str() {
            "TEXT" => Kind::Text,
            "BIGINT" => Kind::Number,
            "BYTEA" => Kind::Bytes,
            other => {
                return Err(Error::Move(format!(
                    "column {column} of table {name} holds {other}, which this program never makes"
                )));
            }
        };
        Ok(Column { name: column, kind })
    };
    let columns = rows.into_iter().map(column).collect::<Result<Vec<_>>>()?;
    if key.is_empty() {
        return Err(Error::Move(format!("nothing identifies a row of table {name}, so it cannot be moved")));
    }
    let key = key.into_iter().map(|(_, at)| at).collect();
    Ok(Table { of_keys, name, columns, key })
}
