//! The mail setting, read once: where letters go and how. Its secrets never print.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

/// Where letters go.
#[derive(Clone)]
pub enum MailUrl {
    /// To a relay.
    Smtp(Relay),
    /// Into a directory, one `.eml` file a letter.
    Directory(PathBuf),
    /// Into memory: the demo's mailbox.
    Captured,
}

/// A mail server that takes letters from us.
#[derive(Clone)]
pub struct Relay {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the line is kept private.
    pub security: Security,
    /// User and password, where the relay asks for them.
    pub login: Option<Login>,
    /// A PEM file of an authority to trust besides the public ones: hospital relays often have their own.
    pub authority: Option<PathBuf>,
}

/// How the line to a relay is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all: on this machine, or because the setting says so.
    Plain,
    /// STARTTLS, required.
    StartTls,
    /// TLS from the first byte.
    Implicit,
}

/// User and password. Never prints.
#[derive(Clone)]
pub struct Login {
    /// Who.
    pub user: String,
    /// The secret.
    pub password: SecretString,
}

/// A mail setting that cannot be used. Never repeats the setting, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailUrlRefusal {
    /// Not an address at all.
    #[error(
        "the mail setting is not an address; give one like smtp://user:password@mail.example.org:587, smtps://…, file:///var/spool/holdspace or captured: (write / @ : # % in a password as %2F %40 %3A %23 %25)"
    )]
    NotAnAddress,
    /// Another scheme.
    #[error("the mail setting begins with an unknown scheme; use smtp://, smtps://, file:// or captured:")]
    Scheme,
    /// No host.
    #[error("the mail setting names no mail server; give one like smtp://mail.example.org:587")]
    NoHost,
    /// A user without a password or the other way round.
    #[error(
        "the mail setting has a user without a password, or a password without a user; give both or none"
    )]
    HalfALogin,
    /// An option that there is not.
    #[error("the mail setting has an unknown option; there are tls=none, tls=required and ca=FILE")]
    Option,
    /// A password in the clear.
    #[error("the mail setting would send a password unencrypted; leave out tls=none, or use smtps://")]
    PasswordInTheClear,
    /// A relative directory.
    #[error("the mail setting needs the full path of a directory: file:///var/spool/holdspace")]
    NotAPath,
    /// The authority's file cannot be used.
    #[error(
        "the file of the mail setting's ca option cannot be read as PEM certificates; correct its path or content"
    )]
    Authority,
    /// The relay's name cannot be in a certificate.
    #[error("the mail server's name cannot be checked against a certificate; use its DNS name")]
    Name,
}

impl FromStr for MailUrl {
    type Err = MailUrlRefusal;

    fn from_str(text: &str) -> Result<Self, MailUrlRefusal> {
        let url = Url::parse(text.trim()).map_err(|_| MailUrlRefusal::NotAnAddress)?;
        match url.scheme() {
            "smtp" | "smtps" => relay(&url).map(Self::Smtp),
            "file" => url.to_file_path().map(Self::Directory).map_err(|()| MailUrlRefusal::NotAPath),
            "captured" => Ok(Self::Captured),
            _ => Err(MailUrlRefusal::Scheme),
        }
    }
}

fn relay(url: &Url) -> Result<Relay, MailUrlRefusal> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(MailUrlRefusal::NoHost)?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let implicit = url.scheme() == "smtps";
    let (tls, authority) = options(url)?;
    let login = login(url)?;
    let security = match (implicit, tls) {
        (true, Some(false)) => return Err(MailUrlRefusal::Option),
        (true, _) => Security::Implicit,
        (false, Some(true)) => Security::StartTls,
        (false, Some(false)) if login.is_some() && !is_here(&host) => {
            return Err(MailUrlRefusal::PasswordInTheClear);
        }
        (false, Some(false)) => Security::Plain,
        // Nobody listens between two programs of one machine, and its relay rarely has a certificate.
        (false, None) if is_here(&host) => Security::Plain,
        (false, None) => Security::StartTls,
    };
    let port = url.port().unwrap_or(if implicit { 465 } else { 587 });
    Ok(Relay { host, port, security, login, authority })
}

/// Whether TLS was asked for or refused, and the file of an authority.
pub(super) fn options(url: &Url) -> Result<(Option<bool>, Option<PathBuf>), MailUrlRefusal> {
    let (mut tls, mut authority) = (None, None);
    for (key, value) in url.query_pairs() {
        match (key.as_ref(), value.as_ref()) {
            ("tls", "none") => tls = Some(false),
            ("tls", "required") => tls = Some(true),
            ("ca", path) if !path.is_empty() => authority = Some(PathBuf::from(path)),
            _ => return Err(MailUrlRefusal::Option),
        }
    }
    Ok((tls, authority))
}

pub(super) fn login(url: &Url) -> Result<Option<Login>, MailUrlRefusal> {
    let decoded = |text: &str| {
        percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| MailUrlRefusal::NotAnAddress)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(MailUrlRefusal::HalfALogin),
        (user, Some(password)) => {
            Ok(Some(Login { user: decoded(user)?, password: SecretString::from(decoded(password)?) }))
        }
    }
}

/// Whether a host is this machine.
pub(super) fn is_here(host: &str) -> bool {
    match Host::parse(host).or_else(|_| Host::parse(&format!("[{host}]"))) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

impl fmt::Display for MailUrl {
    /// Without user, password and options.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(relay) => fmt::Display::fmt(relay, f),
            Self::Directory(path) => write!(f, "directory {}", path.display()),
            Self::Captured => f.write_str("captured in memory"),
        }
    }
}

impl fmt::Debug for MailUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.security {
            Security::Plain => "unencrypted",
            Security::StartTls => "STARTTLS",
            Security::Implicit => "TLS",
        };
        let login = if self.login.is_some() { ", with a login" } else { "" };
        write!(f, "{} port {} ({how}{login})", self.host, self.port)
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn smtp(text: &str) -> Relay {
        match text.parse() {
            Ok(MailUrl::Smtp(relay)) => relay,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_relay_elsewhere_is_reached_only_over_an_encrypted_line() {
        let relay = smtp("smtp://hold:p%40ss%2Fw@mail.example.org:587");
        assert_eq!(
            (relay.host.as_str(), relay.port, relay.security),
            ("mail.example.org", 587, Security::StartTls)
        );
        let login = relay.login.unwrap();
        assert_eq!((login.user.as_str(), login.password.expose_secret()), ("hold", "p@ss/w"));
        assert_eq!(smtp("smtp://mail.example.org:25").security, Security::StartTls);
        assert_eq!(smtp("smtp://mail.example.org:25?tls=none").security, Security::Plain);
        assert_eq!(smtp("smtps://mail.example.org").port, 465);
        assert_eq!(smtp("smtps://mail.example.org").security, Security::Implicit);
        assert_eq!(smtp("smtp://10.0.0.1?ca=/etc/ca.pem").authority, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn a_relay_on_this_machine_needs_no_certificate() {
        for text in ["smtp://localhost:2525", "smtp://127.0.0.1:2525", "smtp://[::1]:2525"] {
            assert_eq!(smtp(text).security, Security::Plain, "{text}");
        }
        assert_eq!(smtp("smtp://localhost?tls=required").security, Security::StartTls);
    }

    #[test]
    fn a_wrong_setting_is_refused_with_the_right_one() {
        let refusal = |text: &str| text.parse::<MailUrl>().unwrap_err();
        assert_eq!(refusal("mail.example.org"), MailUrlRefusal::NotAnAddress);
        assert_eq!(refusal("https://mail.example.org"), MailUrlRefusal::Scheme);
        assert_eq!(refusal("smtp://hold@mail.example.org"), MailUrlRefusal::HalfALogin);
        assert_eq!(refusal("smtp://a:b@mail.example.org?tls=none"), MailUrlRefusal::PasswordInTheClear);
        assert_eq!(refusal("smtp://mail.example.org?tsl=none"), MailUrlRefusal::Option);
        assert_eq!(refusal("smtps://mail.example.org?tls=none"), MailUrlRefusal::Option);
    }

    #[test]
    fn a_password_is_never_printed() {
        let url: MailUrl = "smtp://hold:s3cretpass@mail.example.org:587".parse().unwrap();
        for text in [format!("{url}"), format!("{url:?}")] {
            assert_eq!(text, "mail.example.org port 587 (STARTTLS, with a login)");
        }
        for wrong in ["smtp://hold:s3cretpass@", "smtp://:s3cretpass@x.org", "ftp://hold:s3cretpass@x.org"] {
            let refusal = wrong.parse::<MailUrl>().unwrap_err();
            assert!(!format!("{refusal} {refusal:?}").contains("s3cretpass"));
        }
    }

    #[test]
    fn letters_go_into_a_directory_or_into_memory() {
        assert!(
            matches!("file:///var/spool/x".parse(), Ok(MailUrl::Directory(path)) if path == *"/var/spool/x")
        );
        assert!(matches!("captured:".parse(), Ok(MailUrl::Captured)));
    }
}
