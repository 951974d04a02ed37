//! Settings as somebody wrote them: from the file, then from variables, each with the place it came from. Never
//! judges a value, and never repeats one, because a misspelt key may stand before a password.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use toml::de::{DeTable, DeValue};

use super::ConfigRefusal;

/// Most bytes of a configuration file.
pub const MAX_FILE: u64 = 64 * 1024;

/// What every variable of ours begins with.
const PREFIX: &str = "HOLDSPACE_";
/// Variables that are no settings: where the settings are, what is logged, and what tests need.
const OTHERS: [&str; 2] = ["HOLDSPACE_CONFIG", "HOLDSPACE_LOG"];
const OF_TESTS: &str = "HOLDSPACE_TEST_";

/// Everything that can be set. Its key in the file and its variable are one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Who owns the installation.
    Institution,
    /// Who stands behind the letters.
    Office,
    /// Where people ask questions.
    Contact,
    /// Where links lead.
    PublicUrl,
    /// Where the server listens.
    Listen,
    /// Where figures are given to whoever runs the server.
    MetricsListen,
    /// Where everything is stored.
    DatabaseUrl,
    /// The file of the master key.
    KeyFile,
    /// The mirror of releases.
    ReleaseMirror,
    /// Where letters go.
    MailUrl,
    /// Who sends them.
    MailFrom,
    /// How many a minute.
    MailRate,
    /// Where letters come back to.
    MailBounces,
    /// The mailbox that is looked into for answers and for letters that came back.
    MailboxUrl,
    /// By which name the institution's mail server vouches for senders.
    MailAuthserv,
    /// For whom letters are signed.
    DkimDomain,
    /// The name of the key that signs them.
    DkimSelector,
    /// Its file.
    DkimKeyFile,
    /// The name of a second key.
    DkimSelector2,
    /// Its file.
    DkimKeyFile2,
    /// A directory of changed letters.
    Templates,
    /// Proxies that are believed.
    TrustedProxies,
    /// How many days bookings are kept after their release.
    KeepVisitsDays,
    /// How many days residents are kept after they left a roster.
    KeepFormerResidentsDays,
    /// How many days the log of what staff did is kept.
    KeepStaffLogDays,
    /// Who issues the tokens of the institution's own sign-in.
    OidcIssuer,
    /// Who we are to it.
    OidcClientId,
    /// What proves that.
    OidcClientSecret,
    /// What its button says.
    OidcLabel,
}

impl Setting {
    /// All of them, in the order in which the file teaches them.
    pub const ALL: [Self; 29] = [
        Self::Institution,
        Self::Office,
        Self::Contact,
        Self::PublicUrl,
        Self::Listen,
        Self::MetricsListen,
        Self::DatabaseUrl,
        Self::KeyFile,
        Self::ReleaseMirror,
        Self::MailUrl,
        Self::MailFrom,
        Self::MailRate,
        Self::MailBounces,
        Self::MailboxUrl,
        Self::MailAuthserv,
        Self::DkimDomain,
        Self::DkimSelector,
        Self::DkimKeyFile,
        Self::DkimSelector2,
        Self::DkimKeyFile2,
        Self::Templates,
        Self::TrustedProxies,
        Self::KeepVisitsDays,
        Self::KeepFormerResidentsDays,
        Self::KeepStaffLogDays,
        Self::OidcIssuer,
        Self::OidcClientId,
        Self::OidcClientSecret,
        Self::OidcLabel,
    ];

    /// Its key in the file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::Office => "office",
            Self::Contact => "contact",
            Self::PublicUrl => "public_url",
            Self::Listen => "listen",
            Self::MetricsListen => "metrics_listen",
            Self::DatabaseUrl => "database_url",
            Self::KeyFile => "key_file",
            Self::ReleaseMirror => "release_mirror",
            Self::MailUrl => "mail_url",
            Self::MailFrom => "mail_from",
            Self::MailRate => "mail_rate",
            Self::MailBounces => "mail_bounces",
            Self::MailboxUrl => "mailbox_url",
            Self::MailAuthserv => "mail_authserv",
            Self::DkimDomain => "dkim_domain",
            Self::DkimSelector => "dkim_selector",
            Self::DkimKeyFile => "dkim_key_file",
            Self::DkimSelector2 => "dkim_selector_2",
            Self::DkimKeyFile2 => "dkim_key_file_2",
            Self::Templates => "templates",
            Self::TrustedProxies => "trusted_proxies",
            Self::KeepVisitsDays => "keep_visits_days",
            Self::KeepFormerResidentsDays => "keep_former_residents_days",
            Self::KeepStaffLogDays => "keep_staff_log_days",
            Self::OidcIssuer => "oidc_issuer",
            Self::OidcClientId => "oidc_client_id",
            Self::OidcClientSecret => "oidc_client_secret",
            Self::OidcLabel => "oidc_label",
        }
    }

    /// Its variable.
    #[must_use]
    pub fn variable(self) -> String {
        format!("{PREFIX}{}", self.key().to_uppercase())
    }

    fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.key() == key)
    }
}

/// Where a value was written.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    File { path: PathBuf, line: usize },
    Variable,
}

/// A value with its place. Its text does not print.
#[derive(Debug, Clone)]
pub(super) struct Written {
    text: SecretString,
    origin: Origin,
}

/// All values that were written.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers(BTreeMap<Setting, Written>);

impl Layers {
    /// Reads the text of a configuration file.
    pub(super) fn add_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigRefusal> {
        let at = |start: usize| line_of(text, start);
        let refuse = |line: usize, problem: String| {
            Err(ConfigRefusal { place: format!("{}, line {line}", path.display()), problem })
        };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let line = at(error.span().map_or(0, |span| span.start));
                return refuse(line, format!("this is not TOML: {}", error.message()));
            }
        };
        for (key, value) in &table {
            let line = at(key.span().start);
            let Some(setting) = Setting::named(key.get_ref()) else {
                let known = Setting::ALL.map(|setting| setting.key().to_owned());
                return refuse(line, unknown("key", key.get_ref(), &known));
            };
            let Some(text) = scalar(value.get_ref()) else {
                return refuse(line, format!("`{key}` takes one text or number", key = setting.key()));
            };
            let origin = Origin::File { path: path.to_owned(), line };
            self.0.insert(setting, Written { text, origin });
        }
        Ok(())
    }

    /// Lays variables over what the file says; those that are not ours are left alone.
    pub(super) fn add_variables(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), ConfigRefusal> {
        for (name, value) in variables.filter(|(name, _)| name.starts_with(PREFIX)) {
            if OTHERS.contains(&name.as_str()) || name.starts_with(OF_TESTS) {
                continue;
            }
            let Some(setting) = Setting::ALL.into_iter().find(|setting| setting.variable() == name) else {
                let mut known = Setting::ALL.map(Setting::variable).to_vec();
                known.extend(OTHERS.map(str::to_owned));
                let problem = unknown("variable", &name, &known);
                return Err(ConfigRefusal { place: "the environment".to_owned(), problem });
            };
            self.0.insert(setting, Written { text: value.into(), origin: Origin::Variable });
        }
        Ok(())
    }

    /// The value of a setting, if somebody wrote one; an empty text is none.
    pub(super) fn secret(&self, setting: Setting) -> Option<SecretString> {
        let written = self.0.get(&setting)?;
        let text = written.text.expose_secret().trim();
        (!text.is_empty()).then(|| text.into())
    }

    /// The value of a setting that is no secret.
    pub(super) fn text(&self, setting: Setting) -> Option<String> {
        self.secret(setting).map(|secret| secret.expose_secret().to_owned())
    }

    /// The directory from which a relative path of this setting counts: the file's own, or the present one.
    pub(super) fn base(&self, setting: Setting) -> Option<&Path> {
        match &self.0.get(&setting)?.origin {
            Origin::File { path, .. } => path.parent(),
            Origin::Variable => None,
        }
    }

    /// A refusal that leads to where the setting was written.
    pub(super) fn refuse(&self, setting: Setting, problem: impl Into<String>) -> ConfigRefusal {
        let place = match self.0.get(&setting).map(|written| &written.origin) {
            Some(Origin::File { path, line }) => {
                format!("{}, line {line}, `{}`", path.display(), setting.key())
            }
            Some(Origin::Variable) => setting.variable(),
            None => format!("`{}`", setting.key()),
        };
        ConfigRefusal { place, problem: problem.into() }
    }
}

fn line_of(text: &str, start: usize) -> usize {
    text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1
}

fn scalar(value: &DeValue<'_>) -> Option<SecretString> {
    match value {
        DeValue::String(text) => Some(text.as_ref().into()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().into()),
        _ => None,
    }
}

/// Names the nearest known word, however far off it is: the list of all follows anyway.
fn unknown(kind: &str, name: &str, known: &[String]) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    let nearest = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))
        .map_or("", String::as_str);
    format!("unknown {kind} `{shown}`; did you mean `{nearest}`? There are: {}", known.join(", "))
}
