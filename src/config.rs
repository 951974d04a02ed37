//! The settings of an installation: `holdspace.toml` with `HOLDSPACE_*` variables over it, read strictly and once.
//! Never prints a secret, and never connects to anything.
//!
//! Every key has a variable of the same name: `mail_url` in the file is `HOLDSPACE_MAIL_URL`. A variable wins. A
//! relative path counts from the directory of the file it stands in, or, in a variable, from the present one.

mod dkim;
mod oidc;
mod retention;
mod written;

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::domain::bounce::{NotAReturnAddress, ReturnAddress};
use crate::domain::identity::Address;
use crate::domain::retention::Retention;
pub use dkim::{Dkim, DkimKey, dns_name};
pub use oidc::Oidc;
use written::Layers;
pub use written::{MAX_FILE, Setting};

/// The file that is read where nobody names another.
pub const FILE: &str = "holdspace.toml";
/// The database where nobody names another.
const DATABASE: &str = "sqlite://holdspace.db";
/// The key's file where nobody names another.
const KEY_FILE: &str = "holdspace.key";
/// The mirror of releases where nobody names another: in the directory of the key.
const MIRROR: &str = "holdspace.releases";
/// Where the server listens unless told otherwise.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Letters a minute unless told otherwise: what Exchange Online takes from one sender.
const MAIL_RATE: u32 = 30;
/// Believed when they say for whom they ask, unless told otherwise: a web server on this machine.
const PROXIES: &str = "127.0.0.1, ::1";
/// The name beside the sender's address unless told otherwise. Neutral: colleagues see it.
const SENDER: &str = "Holdspace";

/// A setting that cannot be used: where it stands, and what to do. Never repeats its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConfigRefusal {
    /// File and line, or the variable.
    pub place: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// Who letters come from: the one stable sender of an installation.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name beside the address.
    pub name: String,
    /// The address.
    pub address: Address,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The settings, checked. Printing them shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file they came from, if there was one.
    pub file: Option<PathBuf>,
    /// Who owns the installation, in words.
    pub institution: Option<String>,
    /// Who stands behind the letters, in words.
    pub office: String,
    /// Where people ask questions: an address or a telephone number.
    pub contact: Option<String>,
    /// Where links lead: scheme and host, without a slash at the end.
    pub public_url: String,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where figures are given to whoever runs the server; none where nobody asks for them.
    pub metrics_listen: Option<SocketAddr>,
    /// Where everything is stored; may hold a password.
    pub database_url: SecretString,
    /// The file of the master key.
    pub key_file: PathBuf,
    /// The mirror of releases, outside the database: beside the key unless told otherwise.
    pub release_mirror: PathBuf,
    /// Where letters go; may hold a password.
    pub mail_url: Option<SecretString>,
    /// Who sends them.
    pub mail_from: Option<Sender>,
    /// Letters a minute, 2 to 6000; none for no limit.
    pub mail_rate: Option<u32>,
    /// Where letters come back to; none where the relay keeps that to itself.
    pub mail_bounces: Option<ReturnAddress>,
    /// The mailbox that is looked into; holds a password.
    pub mailbox_url: Option<SecretString>,
    /// The name by which the institution's own mail server signs what it found out about senders.
    pub mail_authserv: Option<String>,
    /// What they are signed with.
    pub dkim: Option<Dkim>,
    /// A directory of changed letters.
    pub templates: Option<PathBuf>,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// How long things are kept.
    pub retention: Retention,
    /// The institution's own sign-in, if it has one.
    pub oidc: Option<Oidc>,
}

impl Config {
    /// Reads the named file, or [`FILE`] in the present directory if there is one, and lays the variables over it.
    ///
    /// # Errors
    /// The first [`ConfigRefusal`].
    pub fn load(
        named: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigRefusal> {
        let path = named.unwrap_or_else(|| Path::new(FILE));
        let mut layers = Layers::default();
        let text = read(path, named.is_some())?;
        if let Some(text) = &text {
            layers.add_file(path, text)?;
        }
        layers.add_variables(variables)?;
        Ok(Self { file: text.map(|_| path.to_owned()), ..Self::checked(&layers)? })
    }

    fn checked(layers: &Layers) -> Result<Self, ConfigRefusal> {
        let path = |setting| -> Option<PathBuf> {
            let path = layers.text(setting)?;
            Some(layers.base(setting).unwrap_or(Path::new("")).join(path))
        };
        let listen = address(layers, Setting::Listen, "127.0.0.1:8080")?.unwrap_or(LISTEN);
        let (mail_url, mail_from) = (layers.secret(Setting::MailUrl), mail_from(layers)?);
        // A relay on this machine keeps a pace of its own.
        let key_file = path(Setting::KeyFile).unwrap_or_else(|| KEY_FILE.into());
        let usual_rate = Some(MAIL_RATE).filter(|_| !stays_here(mail_url.as_ref()));
        Ok(Self {
            file: None,
            institution: line(layers, Setting::Institution)?,
            office: line(layers, Setting::Office)?.unwrap_or_else(|| "the Wellness Office".to_owned()),
            contact: line(layers, Setting::Contact)?,
            public_url: public_url(layers, listen)?,
            listen,
            metrics_listen: address(layers, Setting::MetricsListen, "127.0.0.1:9464")?,
            database_url: database_url(layers)?,
            release_mirror: path(Setting::ReleaseMirror).unwrap_or_else(|| key_file.with_file_name(MIRROR)),
            key_file,
            dkim: dkim::dkim(layers, mail_from.as_ref())?,
            mail_from,
            mail_rate: mail_rate(layers)?.unwrap_or(usual_rate),
            mail_url,
            mail_bounces: mail_bounces(layers)?,
            mailbox_url: layers.secret(Setting::MailboxUrl),
            mail_authserv: mail_authserv(layers)?,
            templates: path(Setting::Templates),
            trusted_proxies: trusted_proxies(layers)?,
            retention: retention::retention(layers)?,
            oidc: oidc::oidc(layers)?,
        })
    }

    /// The database without user and password.
    #[must_use]
    pub fn database_shown(&self) -> String {
        let text = self.database_url.expose_secret();
        if text.starts_with("sqlite:") {
            return text.to_owned();
        }
        let Ok(url) = Url::parse(text) else { return "a database".to_owned() };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
    }

    /// The file of an SQLite database.
    #[must_use]
    pub fn database_file(&self) -> Option<PathBuf> {
        let path = sqlite_path(self.database_url.expose_secret())?;
        Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
    }

    /// Whether letters stay on this machine: in a directory, or with a relay of its own.
    #[must_use]
    pub fn mail_is_local(&self) -> bool {
        stays_here(self.mail_url.as_ref())
    }

    /// Whether links lead to this machine only.
    #[must_use]
    pub fn is_local(&self) -> bool {
        Url::parse(&self.public_url).is_ok_and(|url| is_loopback(&url))
    }
}

fn read(path: &Path, must_exist: bool) -> Result<Option<String>, ConfigRefusal> {
    let refuse = |problem: String| Err(ConfigRefusal { place: path.display().to_string(), problem });
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => return Ok(None),
        Err(error) => return refuse(format!("cannot be read ({}); correct --config", error.kind())),
    };
    let mut text = String::new();
    match file.take(MAX_FILE + 1).read_to_string(&mut text) {
        Ok(_) if text.len() as u64 <= MAX_FILE => Ok(Some(text)),
        Ok(_) => refuse(format!("larger than {MAX_FILE} bytes; this is no configuration")),
        Err(error) => refuse(format!("cannot be read as UTF-8 text ({})", error.kind())),
    }
}

/// One line of words.
fn line(layers: &Layers, setting: Setting) -> Result<Option<String>, ConfigRefusal> {
    match layers.text(setting) {
        Some(text) if text.chars().count() > 120 || text.chars().any(char::is_control) => {
            Err(layers.refuse(setting, "give one line of at most 120 characters"))
        }
        text => Ok(text),
    }
}

/// An address and a port, if somebody gave them.
fn address(layers: &Layers, setting: Setting, such_as: &str) -> Result<Option<SocketAddr>, ConfigRefusal> {
    let Some(text) = layers.text(setting) else { return Ok(None) };
    let form = format!("give an address and a port, such as {such_as} or [::1]:8080");
    text.parse().map(Some).map_err(|_| layers.refuse(setting, form))
}

/// Where links lead; unless told otherwise, to the server on this machine.
fn public_url(layers: &Layers, listen: SocketAddr) -> Result<String, ConfigRefusal> {
    const SETTING: Setting = Setting::PublicUrl;
    let Some(text) = layers.text(SETTING) else {
        return Ok(format!("http://localhost:{}", listen.port()));
    };
    let refuse = |problem: &str| Err(layers.refuse(SETTING, problem));
    let Ok(url) = Url::parse(&text) else {
        return refuse("not an address; give one like https://holdspace.hospital.org");
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return refuse("begins with http://, which lets others read links on the way; use https://");
        }
        _ => return refuse("must begin with https://"),
    }
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return refuse("give scheme and host only, such as https://holdspace.hospital.org");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // Of a scheme that is not the web's, the host is read as a name even where it is an address.
        Some(Host::Domain(name)) => {
            let address = name.parse::<std::net::Ipv4Addr>();
            name == "localhost"
                || name.ends_with(".localhost")
                || address.is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn sqlite_path(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))
}

/// `sqlite://path` with its path made whole, or `postgres://…`.
fn database_url(layers: &Layers) -> Result<SecretString, ConfigRefusal> {
    const SETTING: Setting = Setting::DatabaseUrl;
    let Some(written) = layers.secret(SETTING) else { return Ok(DATABASE.into()) };
    let text = written.expose_secret();
    if let Some(path) = sqlite_path(text) {
        let base = layers.base(SETTING).unwrap_or(Path::new(""));
        return match base.join(path).to_str() {
            Some(whole) if !path.is_empty() => Ok(format!("sqlite://{whole}").into()),
            _ => Err(layers.refuse(SETTING, format!("names no file; give one like {DATABASE}"))),
        };
    }
    let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    match Url::parse(text) {
        Ok(_) if postgres => Ok(written),
        Ok(_) => Err(layers.refuse(SETTING, "must begin with sqlite:// or postgres://")),
        Err(_) => Err(layers.refuse(
            SETTING,
            "not an address; give sqlite://FILE or postgres://user:password@host/database (write / @ : # % \
             in a password as %2F %40 %3A %23 %25)",
        )),
    }
}

/// `Name <address>`, or an address alone.
fn mail_from(layers: &Layers) -> Result<Option<Sender>, ConfigRefusal> {
    let Some(text) = line(layers, Setting::MailFrom)? else { return Ok(None) };
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
        None => ("", text.as_str()),
    };
    let address = address.parse().map_err(|problem| {
        let form = "give an address, or a name with it: Holdspace <holdspace@hospital.org>";
        layers.refuse(Setting::MailFrom, format!("{problem}; {form}"))
    })?;
    let name = if name.is_empty() { SENDER } else { name };
    Ok(Some(Sender { name: name.to_owned(), address }))
}

/// An address with room for a token.
fn mail_bounces(layers: &Layers) -> Result<Option<ReturnAddress>, ConfigRefusal> {
    let Some(text) = line(layers, Setting::MailBounces)? else { return Ok(None) };
    let refuse = |problem: NotAReturnAddress| layers.refuse(Setting::MailBounces, problem.to_string());
    text.parse().map(Some).map_err(refuse)
}

fn stays_here(mail_url: Option<&SecretString>) -> bool {
    let url = mail_url.and_then(|url| Url::parse(url.expose_secret()).ok());
    url.is_some_and(|url| !url.scheme().starts_with("smtp") || is_loopback(&url))
}

/// Addresses and networks, with commas between them.
fn trusted_proxies(layers: &Layers) -> Result<Vec<IpNet>, ConfigRefusal> {
    let text = layers.text(Setting::TrustedProxies).unwrap_or_else(|| PROXIES.to_owned());
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let read = |entry: &str| entry.parse().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
    let form = "give addresses or networks with commas between them, such as 127.0.0.1, 10.0.0.0/8";
    entries.map(read).collect::<Result<_, _>>().map_err(|_| layers.refuse(Setting::TrustedProxies, form))
}

/// A server's name: one word, as it stands in the lines that the server writes.
fn mail_authserv(layers: &Layers) -> Result<Option<String>, ConfigRefusal> {
    let name = line(layers, Setting::MailAuthserv)?;
    match &name {
        Some(text) if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/".contains(&b)) => {
            let form = "give the name that stands first in the Authentication-Results of your own mail server, such as mx.hospital.org";
            Err(layers.refuse(Setting::MailAuthserv, form))
        }
        _ => Ok(name),
    }
}

/// Letters a minute, if somebody said so; within it, none for no limit.
fn mail_rate(layers: &Layers) -> Result<Option<Option<u32>>, ConfigRefusal> {
    let Some(text) = layers.text(Setting::MailRate) else { return Ok(None) };
    match text.replace('_', "").parse() {
        Ok(0) => Ok(Some(None)),
        Ok(rate @ 2..=6000) => Ok(Some(Some(rate))),
        _ => Err(layers.refuse(Setting::MailRate, "give 2 to 6000 letters a minute, or 0 for no limit")),
    }
}

#[cfg(test)]
mod tests;
