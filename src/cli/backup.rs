//! `backup`, `restore`, and the doctor's look through the whole database: says what a person must know of a copy. Never decides
//! whether one is sound.

use std::path::Path;

use anyhow::bail;
use serde::Serialize;

use super::answer::{Answer, count};
use super::args::keep::{Backup, Restore};
use super::doctor::Finding;
use super::files;
use super::house::{House, open_store, settings};
use super::operator;
use crate::config::Config;
use crate::desk::backup::{BackedUp, Settled};
use crate::domain::time::Instant;
use crate::storage::backup::{KEYS_DAYS, Manifest, manifest};
use crate::storage::engine::newest_migration;
use crate::storage::restore::Staged;
use crate::storage::{Store, copies};
use crate::vault::KeyRing;

/// What is said of PostgreSQL, which is not backed up here.
const BY_ITS_TOOLS: &str = "is PostgreSQL, which its own tools back up and restore: docs/operating.md says how. \
    `holdspace restore --settle MOMENT` brings up and looks through what they put back";

/// Writes a backup.
///
/// # Errors
/// Where it cannot be made; then there is none.
pub async fn backup(named: Option<&Path>, words: &Backup) -> anyhow::Result<Answer> {
    let config = settings(named)?;
    if config.database_file().is_none() {
        bail!("{} {BY_ITS_TOOLS}", config.database_shown());
    }
    let keys = files::read_key(&files::key_path(&config.key_file))?;
    // Not brought up to date first: a backup before an upgrade is one of what was there before it.
    let store = open_store(&config).await?;
    store.refuse_moved().await?;
    if copies::schema_version(&mut *store.read().await?).await? != newest_migration() {
        bail!(
            "{}: another version of holdspace wrote this database; back it up with that one",
            config.database_shown()
        );
    }
    let house = House::with(config, store, &keys);
    house.desk.refuse_without_keys().await?;
    let done = house.desk.back_up(&words.place).await?;
    let holds = done.soundness.holds();
    Ok(Answer::new(&done, backed_up(&done))?.with_notes(&done.soundness.findings).refused_if(!holds))
}

fn backed_up(done: &BackedUp) -> String {
    let verdict = match done.soundness.holds() {
        true => "Looked through",
        false => {
            "SOMETHING IN IT DOES NOT HOLD TOGETHER (above), and so it is in the database: `holdspace doctor --data`"
        }
    };
    format!(
        "{}: everything up to {}, {} KB\n{verdict}: {}.\n{}\
         The store of keys in it is deleted after {KEYS_DAYS} days by the next backup here{}.\n\
         The key file and the mirror of releases are not in it: keep a copy of each elsewhere.\n",
        done.folder.display(),
        shown(done.at),
        done.bytes.div_ceil(1024),
        done.soundness.told(),
        without_keys(done.soundness.without_keys),
        match done.keys_deleted {
            0 => String::new(),
            some => format!("; of {} it was just now", count(some, "older backup")),
        },
    )
}

fn shown(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn without_keys([residents, bookings]: [i64; 2]) -> String {
    if residents + bookings == 0 {
        return String::new();
    }
    format!(
        "{residents} residents and {bookings} bookings in it have no key: they were erased, and nobody sees them. `holdspace erase \
         resident` with their address removes what is left.\n"
    )
}

#[derive(Serialize)]
struct Restored<'a> {
    of: Instant,
    at: Instant,
    put: bool,
    #[serde(flatten)]
    settled: &'a Settled,
}

/// Brings a database up that other tools have put back.
async fn settled(config: Config, of: Option<Instant>) -> anyhow::Result<Answer> {
    let Some(of) = of else { bail!("name a folder that `holdspace backup` made") };
    let house = House::open(config).await?;
    let desk = house.desk.operated_by(&operator::name());
    let (settled, at) = (desk.settle_restored(of).await?, desk.now());
    let holds = settled.soundness.holds();
    let told = restored(of, at, &settled, false);
    let answer = Answer::new(&Restored { of, at, put: true, settled: &settled }, told)?;
    Ok(answer.with_notes(&settled.soundness.findings).refused_if(!holds))
}

/// Puts a backup where no database is.
///
/// # Errors
/// Where one is, somebody has one open there, or the backup is not what was made; then nothing was put there.
pub async fn restore(named: Option<&Path>, words: &Restore) -> anyhow::Result<Answer> {
    let config = settings(named)?;
    let Some(folder) = words.folder.as_deref() else { return settled(config, words.settle).await };
    let Some(main) = config.database_file() else {
        bail!("{} {BY_ITS_TOOLS}", config.database_shown());
    };
    let keys = files::read_key(&files::key_path(&config.key_file))?;
    let manifest = manifest(folder)?;
    fits(&manifest, &keys, &config)?;
    let staged = Staged::begin(&main)?;
    staged.fetch(folder, &manifest, words.keys.as_deref()).await?;
    let (at, settled) = settle(config, &keys, &staged, &manifest).await?;
    let put = settled.soundness.holds() || words.even_so;
    if put {
        staged.put()?;
    }
    let told = match put {
        true => restored(manifest.at, at, &settled, words.keys.is_some()),
        false => "Nothing was put back: what stands above does not hold together in this backup. Take another one; --even-so puts \
            it back as it is.\n".to_owned(),
    };
    let of = manifest.at;
    Ok(Answer::new(&Restored { of, at, put, settled: &settled }, told)?
        .with_notes(&settled.soundness.findings)
        .refused_if(!put))
}

/// Whether this program and this key file can do anything with a backup.
fn fits(manifest: &Manifest, keys: &KeyRing, config: &Config) -> anyhow::Result<()> {
    if manifest.schema > newest_migration() {
        bail!(
            "this backup was made by holdspace {}, which is newer than this one; install that",
            manifest.program
        );
    }
    let known: Vec<String> = keys.ids().iter().map(ToString::to_string).collect();
    if let Some(unknown) = manifest.sealed_by.iter().find(|id| !known.contains(id)) {
        bail!(
            "{}: does not hold the key {unknown}, by which this backup is sealed; put the copy of the key file there that was kept \
             when the backup was made",
            config.key_file.display()
        );
    }
    Ok(())
}

async fn settle(
    config: Config,
    keys: &KeyRing,
    staged: &Staged,
    manifest: &Manifest,
) -> anyhow::Result<(Instant, Settled)> {
    let store = Store::open(&format!("sqlite:{}", staged.main().display())).await?;
    store.refuse_moved().await?;
    store.migrate().await?;
    let house = House::with(config, store, keys);
    let desk = house.desk.operated_by(&operator::name());
    desk.refuse_without_keys().await?;
    let settled = desk.settle_restored(manifest.at).await?;
    let at = desk.now();
    desk.store().close().await;
    Ok((at, settled))
}

/// What a person must know who has put a backup back.
fn restored(of: Instant, at: Instant, settled: &Settled, other_keys: bool) -> String {
    let (from, until) = (shown(of), shown(at));
    let mut text = format!(
        "Put back as it was at {from}: {}.\n\nWhat was done between {from} and {until} is not in it, though people were told that it \
         was done:\n\
         - what residents chose: a calendar entry may show a time that is no longer held, until the next change. Write to everybody \
         alike and ask them to look at their page; nobody can say who changed something. Who answered the survey since may do so again\n\
         - marks of therapists, imports, batches, absences, and settings; grants, addresses of feeds and passwords of calendar \
         programs that were taken away since count again\n\
         - links that were made anew since open nothing, and those before them open again\n\
         Letters that went since and were owed at {from} go once more, the same to the byte, which mail programs show as one. \
         Everybody who works here signs in again.\n",
        settled.soundness.told(),
    );
    if other_keys {
        text += "Whoever was erased up to the moment of the store of keys that you named stays erased.\n";
    } else {
        text += "Whoever was erased since is there again: erase them again by `holdspace erase`.\n";
    }
    text += &without_keys(settled.soundness.without_keys);
    match (&settled.mirror_trouble, settled.releases_put_back) {
        (Some(why), _) => text += &format!("Nothing is released until the mirror is right: {why}\n"),
        (None, 0) => {}
        (None, some) => {
            text += &format!(
                "{} put back from the mirror, to the byte; nothing is drawn twice.\n",
                count(some, "release")
            );
        }
    }
    text + "If heads of the logs were kept elsewhere, `holdspace audit verify --heads FILE` says how much is missing from them.\n"
}

/// The doctor's look through the whole database.
pub async fn finding(config: &Config) -> Finding {
    const CHECK: &str = "data";
    let looked = async {
        let keys = files::read_key(&files::key_path(&config.key_file))?;
        let house = House::with(config.clone(), open_store(config).await?, &keys);
        anyhow::Ok(house.desk.check_data().await?)
    };
    match looked.await {
        Err(problem) => Finding::refused(CHECK, &problem),
        Ok(sound) if sound.holds() => Finding::ok(CHECK, sound.told()),
        Ok(sound) => Finding::fail(
            CHECK,
            sound.findings.join("; "),
            "keep a copy of the database as it is, then put back the newest backup in which everything holds together",
        ),
    }
}
