//! `dkim new` and `dkim records`: keys that sign letters, and what DNS must say of them. Never asks DNS, and never prints a
//! private key.

use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;

use super::answer::Answer;
use super::args::dkim::Dkim as Words;
use super::{files, house};
use crate::config::Config;
use crate::entropy::{Entropy, SystemEntropy};
use crate::mail::record::{Record, domain_key, records};
use crate::mail::signature::{Signer, Signing, SigningPair};
use crate::mail::url::MailUrl;

/// Most bytes of a key's file: four times what an RSA key of 4096 bits takes.
const MAX_KEY: u64 = 16 * 1024;

/// The keys that letters are signed with, if the settings name some.
///
/// # Errors
/// The first key that cannot be read, or that others can read.
pub fn signing(config: &Config) -> anyhow::Result<Option<Signing>> {
    let Some(dkim) = &config.dkim else { return Ok(None) };
    let mut signers = Vec::new();
    for key in &dkim.keys {
        let pem = files::read_private(&key.file, MAX_KEY)?;
        let pair = SigningPair::from_pem(&pem).with_context(|| key.file.display().to_string())?;
        signers.push(Signer { selector: key.selector.clone(), pair });
    }
    Ok(Some(Signing { domain: dkim.domain.clone(), signers }))
}

/// The records that the sender's domain needs; none without a sender.
///
/// # Errors
/// As [`signing`].
pub fn records_of(config: &Config) -> anyhow::Result<Vec<Record>> {
    let Some(domain) = sender_domain(config) else { return Ok(Vec::new()) };
    let relay = match house::mail_url(config) {
        Ok(MailUrl::Smtp(relay)) if !config.mail_is_local() => Some(relay.host),
        _ => None,
    };
    Ok(records(&domain, relay.as_deref(), signing(config)?.as_ref()))
}

/// The domain of the sender, in lower case.
pub fn sender_domain(config: &Config) -> Option<String> {
    // The domain of the installation's own address names nobody.
    let domain = config.mail_from.as_ref()?.address.reveal().rsplit('@').next()?;
    Some(domain.to_ascii_lowercase())
}

/// Makes a key, or prints what goes into DNS.
///
/// # Errors
/// Where a file cannot be written, or a key cannot be read.
pub fn dkim(config: &Config, words: Words) -> anyhow::Result<Answer> {
    match words {
        Words::New { out, selector } => new(config, out, selector.0),
        Words::Records => {
            let records = records_of(config)?;
            if records.is_empty() {
                anyhow::bail!(
                    "letters have no sender; set mail_from, such as Holdspace <holdspace@hospital.org>"
                );
            }
            let text = told(&records);
            Answer::new(&records, text)
        }
    }
}

#[derive(Serialize)]
struct Made {
    key_file: PathBuf,
    settings: [String; 2],
    record: Record,
}

fn new(config: &Config, out: PathBuf, selector: String) -> anyhow::Result<Answer> {
    let pem = SigningPair::ed25519_pem(&(&SystemEntropy as &dyn Entropy).bytes());
    let pair = SigningPair::from_pem(&pem)?;
    // Revealed to its own file, which only its owner may read.
    files::create_private(&out, &pem)?;
    let domain = config.dkim.as_ref().map(|dkim| dkim.domain.clone()).or_else(|| sender_domain(config));
    let domain = domain.unwrap_or_else(|| "YOUR-DOMAIN".to_owned());
    let second = if config.dkim.is_some() { "_2" } else { "" };
    let file = toml::Value::String(out.display().to_string());
    let settings =
        [format!("dkim_selector{second} = \"{selector}\""), format!("dkim_key_file{second} = {file}")];
    let record = domain_key(&Signer { selector, pair }, &domain);
    let text = format!(
        "Made {}, which only its owner may read. Put into DNS:\n\n{}\nand into the settings, once DNS answers \
         it:\n\n  {}\n  {}\n\nGoogle and Microsoft do not read Ed25519 signatures: they need an RSA key beside it \
         (docs/deliverability.md).\n",
        out.display(),
        told(std::slice::from_ref(&record)),
        settings[0],
        settings[1],
    );
    Answer::new(&Made { key_file: out, settings, record }, text)
}

/// Records as lines of a zone file, each with a word about it.
pub fn told(records: &[Record]) -> String {
    records.iter().map(|record| format!("  ; {}\n  {}\n", record.about, record.line())).collect()
}
