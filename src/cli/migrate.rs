//! `migrate-to`: has an SQLite installation moved into PostgreSQL, and says what is to be done next. Never moves a row itself.

use std::path::Path;
use std::time::Instant as Stopwatch;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::answer::{Answer, table};
use super::args::keep::MigrateTo;
use super::files;
use super::house::{House, open_store, settings};
use crate::storage::Store;
use crate::storage::moving::{Moving, Verified};

#[derive(Serialize)]
struct TableMoved<'a> {
    table: &'a str,
    rows: u64,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Moved<'a> {
    rows: u64,
    brought: u64,
    changed_meanwhile: u64,
    held_up_milliseconds: u128,
    tables: Vec<TableMoved<'a>>,
}

/// Moves everything.
///
/// # Errors
/// Where the target holds something else, either database does not answer, or a row differs. Until everything is the same, the
/// service goes on as before, and the same call goes on with the move.
pub async fn migrate(named: Option<&Path>, words: &MigrateTo) -> anyhow::Result<Answer> {
    let config = settings(named)?;
    if config.database_file().is_none() {
        bail!("{} is PostgreSQL already", config.database_shown());
    }
    let url = words.url.expose_secret();
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        bail!("give the address of an empty PostgreSQL database: postgres://user@host/database");
    }
    let keys = files::read_key(&files::key_path(&config.key_file))?;
    let from = open_store(&config).await?;
    let to = Store::open(url).await.context("the target does not answer")?;
    let moving = Moving::begin(&from, &to).await?;
    let brought = moving.bring().await?;
    let begun = Stopwatch::now();
    let (changed, verified) = moving.finish(crate::clock::Clock::now(&crate::clock::SystemClock)).await?;
    let held_up = begun.elapsed();
    let sound = House::with(config, to, &keys).desk.check_data().await?;
    let rows = verified.iter().map(|table| table.rows).sum();
    let moved = Moved {
        rows,
        brought,
        changed_meanwhile: changed,
        held_up_milliseconds: held_up.as_millis(),
        tables: verified.iter().map(shown).collect(),
    };
    let text = format!(
        "{}{rows} rows, each the same on both sides; {changed} of them changed while the others were brought over. Nobody could change \
         anything for {:.1} seconds.\nLooked through: {}.\n\nFrom now on the old database refuses every change. Next: set database_url to \
         the new one, start the service again, and keep the two files for as long as you keep backups (of the store of keys, \
         a few days). The key file and the mirror of releases stay as they are.\n",
        table(["Table", "Rows", "SHA-256 of both"], verified.iter().map(line)),
        held_up.as_secs_f64(),
        sound.told(),
    );
    Ok(Answer::new(&moved, text)?.with_notes(&sound.findings).refused_if(!sound.holds()))
}

fn shown(one: &Verified) -> TableMoved<'_> {
    TableMoved { table: &one.table, rows: one.rows, sha256: &one.sha256 }
}

fn line(one: &Verified) -> [String; 3] {
    [one.table.clone(), one.rows.to_string(), one.sha256.chars().take(16).collect()]
}
