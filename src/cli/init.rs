//! `init` and `director link`: makes what an installation lacks, and lets directors in. Never overwrites a file, and
//! never makes a second key beside a database that was sealed with the first.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use url::Url;

use super::answer::Answer;
use super::args::found::{Director, Init};
use super::files;
use super::house::{House, open_store, settings};
use crate::config::{Config, FILE};
use crate::desk::found::Entrance;
use crate::entropy::SystemEntropy;
use crate::storage::{Store, places};

#[derive(Serialize)]
struct Made<'a> {
    configuration: &'a Path,
    key_file: &'a Path,
    database: String,
    #[serde(flatten)]
    entrance: &'a Entrance,
}

/// Makes configuration, key, database and institution where they are missing.
///
/// # Errors
/// Where an institution was founded already, or something cannot be made.
pub async fn init(named: Option<&Path>, words: Init) -> anyhow::Result<Answer> {
    let file = named.unwrap_or(Path::new(FILE)).to_owned();
    if !file.exists() {
        files::create_private(&file, &settings_text(&file, &words.institution)?)?;
    }
    let config = settings(Some(&file))?;
    if let Some(database) = config.database_file().filter(|path| !path.exists()) {
        // An empty file is an empty database, and this one nobody else can read.
        files::create_private(&database, "")?;
    }
    let store = open_store(&config).await?;
    store.migrate().await?;
    refuse_second(&config, &file, &store).await?;
    let key_file = files::key_path(&config.key_file);
    let key = match key_file.exists() {
        true => files::read_key(&key_file)?,
        false => files::create_key(&config.key_file, &SystemEntropy)?,
    };
    let house = House::with(config, store, &key);
    let entrance = house.desk.found(&words.institution, &words.director.0).await?;
    let made = Made {
        configuration: &file,
        key_file: &house.config.key_file,
        database: house.config.database_shown(),
        entrance: &entrance,
    };
    Answer::new(&made, told(&made))
}

async fn refuse_second(config: &Config, file: &Path, store: &Store) -> anyhow::Result<()> {
    if places::institution(&mut *store.read().await?).await?.is_none() {
        return Ok(());
    }
    let (file, database) = (file.display(), config.database_shown());
    if !config.key_file.exists() {
        bail!(
            "{database} was set up already, and its key file {} is missing: restore it from the copy that was \
             kept apart; a new key would not open anything",
            config.key_file.display()
        );
    }
    bail!(
        "{database} was set up already (by {file}): `holdspace doctor` says how it stands, and `holdspace \
         director link EMAIL` lets a director in; to begin another installation, run init in another directory"
    )
}

fn told(made: &Made<'_>) -> String {
    let Made { configuration, key_file, database, entrance } = made;
    format!(
        "Made:\n  {}  the settings: read them through, and set public_url and mail_url\n  {}  the key: keep a \
         copy apart from the database and its backups\n  {database}\n\n{}\n\nNext: holdspace doctor, then \
         holdspace programs import programs.csv\n",
        configuration.display(),
        key_file.display(),
        invitation("The first director", entrance),
    )
}

fn invitation(who: &str, entrance: &Entrance) -> String {
    let minutes = entrance.valid_minutes;
    let span = if minutes >= 120 { format!("{} hours", minutes / 60) } else { format!("{minutes} minutes") };
    // Revealed to whoever holds the key file, who could make one anyway.
    format!("{who} signs in within {span}, once:\n  {}", entrance.reveal_link())
}

/// The configuration file, which teaches its own settings.
fn settings_text(file: &Path, institution: &str) -> anyhow::Result<String> {
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let whole =
        directory.canonicalize().with_context(|| format!("{}: no such directory", directory.display()))?;
    let letters = Url::from_file_path(whole.join("letters")).ok().context("this directory has no address")?;
    let institution = toml::Value::String(institution.to_owned());
    Ok(format!(include_str!("holdspace.toml"), institution = institution, letters = letters))
}

/// Prints a director's fresh sign-in link.
///
/// # Errors
/// For an address of no director, unless a new one was asked for.
pub async fn director(house: &House, words: Director) -> anyhow::Result<Answer> {
    let Director::Link { email, new } = words;
    let entrance = house.desk.director_entrance(&email.0, new).await?;
    Answer::new(&entrance, invitation("The director", &entrance))
}
