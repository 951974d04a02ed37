//! The one place where all parts are put together: clock, entropy, key, database, desk, letters and the way out.
//! Never does what a verb does.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use secrecy::ExposeSecret;

use super::files;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::desk::Desk;
use crate::entropy::{Entropy, SystemEntropy};
use crate::mail::preview::Letterhead;
use crate::mail::smtp::Limits;
use crate::mail::template::Templates;
use crate::mail::transport::Transport;
use crate::mail::url::MailUrl;
use crate::storage::Store;
use crate::vault::{KeyRing, Vault};

/// An installation, opened.
pub struct House {
    /// Its settings.
    pub config: Config,
    /// Its desk.
    pub desk: Desk,
}

/// Reads the settings: the file that is named, or the usual one, and the variables of this process.
///
/// # Errors
/// A setting that cannot be used.
pub fn settings(named: Option<&Path>) -> anyhow::Result<Config> {
    // A variable that is no text cannot be one of ours.
    let texts = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        Some((name, value.to_string_lossy().into_owned()))
    });
    Ok(Config::load(named, texts)?)
}

impl House {
    /// Opens an installation with its key, and brings the tables up to date.
    ///
    /// # Errors
    /// Where key or database are not as they should be, with what to do.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let keys = files::read_key(&files::key_path(&config.key_file))?;
        let store = open_store(&config).await?;
        store.refuse_moved().await?;
        store.migrate().await?;
        let house = Self::with(config, store, &keys);
        house.desk.refuse_without_keys().await?;
        Ok(house)
    }

    /// Puts the desk of an installation together.
    #[must_use]
    pub fn with(config: Config, store: Store, keys: &KeyRing) -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        // A key that was put into the file while this process runs is found when it is met.
        let file = config.key_file.clone();
        let source = Box::new(move || files::read_key(&files::key_path(&file)).ok());
        let vault = Arc::new(Vault::of(keys, Arc::clone(&entropy)).reading(source));
        let desk = Desk::new(store, vault, Arc::new(SystemClock), entropy, &config.public_url)
            .keeping(config.retention)
            .with_mirror(&config.release_mirror);
        Self { config, desk }
    }
}

/// Opens the database without touching its tables.
///
/// # Errors
/// Where it does not answer, with the setting to look at.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let opened = Store::open(config.database_url.expose_secret()).await;
    opened.with_context(|| format!("{}: look at the setting database_url", config.database_shown()))
}

/// The letters in use: those built in, and a directory's over them.
///
/// # Errors
/// The first template that cannot be used.
pub fn templates(config: &Config) -> anyhow::Result<Templates> {
    Ok(match &config.templates {
        Some(directory) => Templates::with_overrides(directory)?,
        None => Templates::embedded()?,
    })
}

/// The letters in use as they are looked at.
///
/// # Errors
/// The first template that cannot be used.
pub fn letterhead(config: &Config) -> anyhow::Result<Letterhead> {
    let Letterhead { contact, .. } = Letterhead::sample()?;
    // Revealed to everyone who gets a letter: it is the installation's own address.
    let sender = config.mail_from.as_ref().map(|sender| sender.address.reveal().to_owned());
    let contact = config.contact.clone().or(sender).unwrap_or(contact);
    Ok(Letterhead { templates: templates(config)?, office: config.office.clone(), contact })
}

/// Where letters go, as the setting says.
///
/// # Errors
/// Where it is missing or cannot be used.
pub fn mail_url(config: &Config) -> anyhow::Result<MailUrl> {
    const FORM: &str = "set mail_url, such as smtp://user:password@mail.hospital.org:587";
    let url = config.mail_url.as_ref().with_context(|| format!("there is no way out for letters; {FORM}"))?;
    Ok(url.expose_secret().parse()?)
}

/// The way out for letters.
///
/// # Errors
/// As [`mail_url`].
pub fn transport(config: &Config, limits: Limits) -> anyhow::Result<Transport> {
    Ok(Transport::open(&mail_url(config)?, limits)?)
}
