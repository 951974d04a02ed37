//! Two tables held against each other row by row, both in one order, one row of each in memory at a time; and what stands for all
//! rows of one. Knows no table by name.

use std::cmp::Ordering;

use data_encoding::HEXLOWER;
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::table::{Column, Kind, Table};
use crate::storage::{Db, Engine, Error, Result, Store};

/// So many changes go into one transaction of the target.
const AT_ONCE: usize = 500;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

type Rows<'e> = BoxStream<'e, sqlx::Result<AnyRow>>;

fn rows<'e>(table: &Table, columns: &[Column], db: &'e mut Db, engine: Engine) -> Rows<'e> {
    sqlx::query(AssertSqlSafe(table.read(columns, engine))).fetch(db)
}

async fn next(rows: &mut Rows<'_>, columns: &[Column]) -> Result<Option<Vec<Cell>>> {
    let Some(row) = rows.try_next().await? else { return Ok(None) };
    let cell = |(at, column): (usize, &Column)| -> Result<Cell> {
        Ok(match column.kind {
            Kind::Text => Cell::Text(row.try_get(at)?),
            Kind::Number => Cell::Number(row.try_get(at)?),
            Kind::Bytes => Cell::Bytes(row.try_get(at)?),
        })
    };
    columns.iter().enumerate().map(cell).collect::<Result<Vec<_>>>().map(Some)
}

/// What a comparison is for: rows that refer to others must go before those, and come after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// Removes what the source does not have.
    Remove,
    /// Adds and changes.
    Bring,
}

/// Makes the target's table the same in one respect; says how many rows that changed.
pub(super) async fn differences(table: &Table, source: &mut Db, to: &Store, pass: Pass) -> Result<u64> {
    let columns = if pass == Pass::Remove { table.key_columns() } else { table.columns.clone() };
    let key: Vec<usize> = if pass == Pass::Remove { (0..columns.len()).collect() } else { table.key.clone() };
    let order = |one: &[Cell], other: &[Cell]| {
        key.iter().map(|at| one[*at].cmp(&other[*at])).find(|found| found.is_ne()).unwrap_or(Ordering::Equal)
    };
    let mut target = to.read().await?;
    let mut here = rows(table, &columns, source, Engine::Sqlite);
    let mut there = rows(table, &columns, &mut target, Engine::Postgres);
    let (mut ours, mut theirs) = (next(&mut here, &columns).await?, next(&mut there, &columns).await?);
    let (mut changed, mut pending) = (0, Vec::new());
    loop {
        let which = match (&ours, &theirs) {
            (None, None) => break,
            // Nothing more is there that could be too much.
            (Some(_), None) if pass == Pass::Remove => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(ours), Some(theirs)) => order(ours, theirs),
        };
        let wanted = match (which, pass) {
            (Ordering::Less, Pass::Bring) => ours.clone(),
            (Ordering::Equal, Pass::Bring) if ours != theirs => ours.clone(),
            (Ordering::Greater, Pass::Remove) => theirs.clone(),
            _ => None,
        };
        pending.extend(wanted);
        if which.is_le() {
            ours = next(&mut here, &columns).await?;
        }
        if which.is_ge() {
            theirs = next(&mut there, &columns).await?;
        }
        if pending.len() == AT_ONCE {
            changed += apply(table, to, &mut pending, pass).await?;
        }
    }
    Ok(changed + apply(table, to, &mut pending, pass).await?)
}

async fn apply(table: &Table, to: &Store, pending: &mut Vec<Vec<Cell>>, pass: Pass) -> Result<u64> {
    let mut changed = 0;
    if pending.is_empty() {
        return Ok(changed);
    }
    let statement = if pass == Pass::Remove { table.remove() } else { table.bring() };
    let mut tx = to.write().await?;
    for row in pending.drain(..) {
        let query =
            row.into_iter().fold(sqlx::query(AssertSqlSafe(statement.clone())), |query, cell| match cell {
                Cell::Text(text) => query.bind(text),
                Cell::Number(number) => query.bind(number),
                Cell::Bytes(bytes) => query.bind(bytes),
            });
        query.execute(&mut *tx).await.map_err(|problem| in_the_way(table, problem))?;
        changed += 1;
    }
    tx.commit().await?;
    Ok(changed)
}

/// Two rows may have exchanged what only one may have; then a row at a time cannot follow them.
fn in_the_way(table: &Table, problem: sqlx::Error) -> Error {
    let code = problem.as_database_error().and_then(sqlx::error::DatabaseError::code);
    if code.as_deref() == Some("23505") {
        return Error::Move(format!(
            "rows of table {} exchanged their places while they were moved; make the target empty again, and call this again",
            table.name()
        ));
    }
    problem.into()
}

/// How many rows a table has, and SHA-256 over all of them: every value with what it is and how long, in order.
pub(super) async fn digest(table: &Table, db: &mut Db, engine: Engine) -> Result<(u64, String)> {
    let (mut sha, mut count) = (Sha256::new(), 0);
    let mut rows = rows(table, &table.columns, db, engine);
    while let Some(row) = next(&mut rows, &table.columns).await? {
        count += 1;
        for cell in &row {
            let number;
            let (kind, bytes): (u8, Option<&[u8]>) = match cell {
                Cell::Text(text) => (b't', text.as_ref().map(String::as_bytes)),
                Cell::Number(value) => {
                    number = value.map(i64::to_be_bytes);
                    (b'n', number.as_ref().map(<[u8; 8]>::as_slice))
                }
                Cell::Bytes(bytes) => (b'b', bytes.as_deref()),
            };
            sha.update([kind, u8::from(bytes.is_some())]);
            sha.update((bytes.unwrap_or_default().len() as u64).to_be_bytes());
            sha.update(bytes.unwrap_or_default());
        }
    }
    Ok((count, HEXLOWER.encode(&sha.finalize())))
}
