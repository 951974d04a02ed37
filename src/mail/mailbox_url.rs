//! The mailbox setting, read once: where answers and returned letters arrive. Its secrets never print.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

use super::url::{Login, Security, is_here, login, options};

/// A folder of a mailbox on a mail server, over IMAP.
#[derive(Clone)]
pub struct MailboxUrl {
    /// Name or address of the server.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the line is kept private.
    pub security: Security,
    /// User and password.
    pub login: Login,
    /// The folder.
    pub folder: String,
    /// A PEM file of an authority to trust besides the public ones.
    pub authority: Option<PathBuf>,
}

/// A mailbox setting that cannot be used. Never repeats the setting, which holds a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailboxUrlRefusal {
    /// Another form.
    #[error(
        "the setting mailbox_url is no address of a mailbox; give one like imaps://user:password@mail.hospital.org/INBOX (write / @ : # % in a password as %2F %40 %3A %23 %25)"
    )]
    Form,
    /// No login.
    #[error(
        "the setting mailbox_url needs a user and a password: imaps://user:password@mail.hospital.org/INBOX"
    )]
    Login,
    /// A password in the clear.
    #[error(
        "the setting mailbox_url would send a password unencrypted; use imaps://, or imap:// without tls=none"
    )]
    InTheClear,
    /// What encryption needs.
    #[error("the setting mailbox_url: {0}")]
    Encryption(super::url::MailUrlRefusal),
}

impl FromStr for MailboxUrl {
    type Err = MailboxUrlRefusal;

    fn from_str(text: &str) -> Result<Self, MailboxUrlRefusal> {
        let url = Url::parse(text.trim()).map_err(|_| MailboxUrlRefusal::Form)?;
        let implicit = match url.scheme() {
            "imaps" => true,
            "imap" => false,
            _ => return Err(MailboxUrlRefusal::Form),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(MailboxUrlRefusal::Form)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let (tls, authority) = options(&url).map_err(|_| MailboxUrlRefusal::Form)?;
        let security = match (implicit, tls) {
            (true, Some(false)) => return Err(MailboxUrlRefusal::Form),
            (true, _) => Security::Implicit,
            (false, Some(false)) if !is_here(&host) => return Err(MailboxUrlRefusal::InTheClear),
            (false, Some(false)) => Security::Plain,
            (false, None) if is_here(&host) => Security::Plain,
            (false, _) => Security::StartTls,
        };
        let login = login(&url).ok().flatten().ok_or(MailboxUrlRefusal::Login)?;
        let folder = percent_decode_str(url.path().trim_start_matches('/')).decode_utf8();
        let folder = folder.map_err(|_| MailboxUrlRefusal::Form)?.into_owned();
        if folder.chars().any(char::is_control) {
            return Err(MailboxUrlRefusal::Form);
        }
        let folder = if folder.is_empty() { "INBOX".to_owned() } else { folder };
        let port = url.port().unwrap_or(if implicit { 993 } else { 143 });
        Ok(Self { host, port, security, login, folder, authority })
    }
}

impl fmt::Display for MailboxUrl {
    /// Without user, password and options.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.security {
            Security::Plain => "unencrypted",
            Security::StartTls => "STARTTLS",
            Security::Implicit => "TLS",
        };
        write!(f, "{} at {} port {} ({how})", self.folder, self.host, self.port)
    }
}

impl fmt::Debug for MailboxUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_elsewhere_is_reached_only_over_an_encrypted_line_and_its_password_never_prints() {
        let url: MailboxUrl = "imaps://hold:p%40ss@mail.example.org".parse().unwrap();
        assert_eq!((url.port, url.security, url.folder.as_str()), (993, Security::Implicit, "INBOX"));
        assert_eq!(
            format!("{url} {url:?}"),
            "INBOX at mail.example.org port 993 (TLS) INBOX at mail.example.org port 993 (TLS)"
        );
        let url: MailboxUrl = "imap://hold:s3cret@mail.example.org/Visits%20in".parse().unwrap();
        assert_eq!((url.port, url.security, url.folder.as_str()), (143, Security::StartTls, "Visits in"));
        let url: MailboxUrl = "imap://hold:s3cret@127.0.0.1:1143/INBOX".parse().unwrap();
        assert_eq!(url.security, Security::Plain);
        let refusal = |text: &str| text.parse::<MailboxUrl>().unwrap_err();
        assert_eq!(refusal("imap://hold:s3cret@mail.example.org?tls=none"), MailboxUrlRefusal::InTheClear);
        assert_eq!(refusal("imaps://mail.example.org"), MailboxUrlRefusal::Login);
        assert_eq!(refusal("pop3://hold:s3cret@mail.example.org"), MailboxUrlRefusal::Form);
        assert!(!refusal("imaps://:s3cret@mail.example.org").to_string().contains("s3cret"));
    }
}
