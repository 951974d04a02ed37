//! `keys`: names them, puts a new one into the key file and has everything sealed anew by it. Never seals anything itself.

use std::path::Path;

use anyhow::bail;
use chrono::Duration;
use serde::Serialize;

use super::answer::{Answer, count};
use super::args::keys::Keys;
use super::files;
use super::house::House;
use crate::domain::audit::Act;
use crate::entropy::SystemEntropy;
use crate::vault::{KeyRing, MasterKey};

/// So long after a new key was put into the file, nobody writes by the old one any more.
const WAIT_MINUTES: i64 = 15;
/// More transactions than any database of residents takes.
const TRANSACTIONS: usize = 10_000_000;

#[derive(Serialize)]
struct KeyShown {
    key: String,
    seals: bool,
    values: i64,
}

#[derive(Serialize)]
struct Shown {
    keys: Vec<KeyShown>,
    unknown: i64,
    resealed: usize,
}

/// Shows or rotates the keys.
///
/// # Errors
/// Where the key file cannot be read or written, or is not as the verb needs it; with what to do.
pub async fn keys(house: &House, words: &Keys) -> anyhow::Result<Answer> {
    let file = files::key_path(&house.config.key_file);
    let ring = files::read_key(&file)?;
    match words {
        Keys::Show => shown(house, &ring, 0, "").await,
        Keys::Rotate { drop: false } => rotate(house, &file, ring).await,
        Keys::Rotate { drop: true } => drop_old(house, &file, &ring).await,
    }
}

async fn rotate(house: &House, file: &Path, ring: KeyRing) -> anyhow::Result<Answer> {
    // With two keys in it, an earlier rotation was not brought to its end: this one goes on with it.
    let ring = match ring.with(MasterKey::draw(&SystemEntropy), house.desk.now()) {
        Some(both) => {
            files::replace_key(file, &ring, &both)?;
            both
        }
        None => ring,
    };
    house.desk.take_keys(&ring);
    let done = house.desk.reseal_all(TRANSACTIONS).await?;
    if done.values > 0 {
        house.desk.note_alone(&Act::Rotated).await?;
    }
    let next = "Keep a copy of the key file apart again. In a quarter of an hour, `holdspace keys rotate --drop` takes the old \
        key out of it; backups from before then open by the old copy only.\n";
    shown(house, &ring, done.values, next).await
}

async fn drop_old(house: &House, file: &Path, ring: &KeyRing) -> anyhow::Result<Answer> {
    let [_, old] = ring.ids()[..] else {
        bail!("{}: holds one key only; `holdspace keys rotate` draws another", file.display());
    };
    if let Some(ready) = ring.since().map(|at| at + Duration::minutes(WAIT_MINUTES))
        && house.desk.now() < ready
    {
        bail!(
            "a server may still write by the old key; call this again after {} UTC",
            ready.format("%H:%M:%S")
        );
    }
    if let Some(left) = house.desk.sealed_by().await?.get(&old) {
        bail!(
            "{} sealed by the old key; run `holdspace keys rotate` again",
            count(usize::try_from(*left)?, "value")
        );
    }
    let alone = ring.without_old();
    files::replace_key(file, ring, &alone)?;
    house.desk.take_keys(&alone);
    shown(house, &alone, 0, "The old key is gone from the key file. Keep a copy of the file apart again.\n")
        .await
}

async fn shown(house: &House, ring: &KeyRing, resealed: usize, next: &str) -> anyhow::Result<Answer> {
    let mut by = house.desk.sealed_by().await?;
    let ids = ring.ids().into_iter().enumerate();
    let keys: Vec<KeyShown> = ids
        .map(|(at, id)| {
            let values = by.remove(&id).unwrap_or_default();
            KeyShown { key: id.to_string(), seals: at == 0, values }
        })
        .collect();
    let unknown = by.values().sum();
    let line = |key: &KeyShown| {
        let role = if key.seals { "seals" } else { "only opens" };
        format!("{}  {role}, {}\n", key.key, count(usize::try_from(key.values).unwrap_or_default(), "value"))
    };
    let mut text: String = keys.iter().map(line).collect();
    if unknown > 0 {
        text += &format!("{unknown} sealed by no key of this file\n");
    }
    Answer::new(&Shown { keys, unknown, resealed }, text + next)
}
