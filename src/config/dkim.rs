//! The settings of the signature under every letter (DKIM): a domain, and one key or two with their selectors. Never
//! reads a key.

use std::path::{Path, PathBuf};

use super::written::{Layers, Setting};
use super::{ConfigRefusal, Sender};

/// What letters are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dkim {
    /// Whose signature it is: the sender's domain unless told otherwise.
    pub domain: String,
    /// One key, or two.
    pub keys: Vec<DkimKey>,
}

/// A key by its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimKey {
    /// The name before `._domainkey.`.
    pub selector: String,
    /// The private key in PEM form.
    pub file: PathBuf,
}

const FIRST: (Setting, Setting) = (Setting::DkimSelector, Setting::DkimKeyFile);
const SECOND: (Setting, Setting) = (Setting::DkimSelector2, Setting::DkimKeyFile2);

pub(super) fn dkim(layers: &Layers, from: Option<&Sender>) -> Result<Option<Dkim>, ConfigRefusal> {
    let keys = [key(layers, FIRST)?, key(layers, SECOND)?];
    let domain = name(layers, Setting::DkimDomain)?;
    let keys = match keys {
        [Some(first), Some(second)] if first.selector == second.selector => {
            return Err(layers.refuse(SECOND.0, "each key needs a selector of its own"));
        }
        [Some(first), second] => std::iter::once(first).chain(second).collect(),
        [None, Some(_)] => return Err(layers.refuse(SECOND.1, "set dkim_key_file before a second one")),
        [None, None] if domain.is_some() => {
            let problem = "there is no key to sign with; set dkim_selector and dkim_key_file beside it";
            return Err(layers.refuse(Setting::DkimDomain, problem));
        }
        [None, None] => return Ok(None),
    };
    // The domain of the installation's own address names nobody.
    let of_sender =
        from.and_then(|from| from.address.reveal().rsplit('@').next().map(str::to_ascii_lowercase));
    match domain.or(of_sender) {
        Some(domain) => Ok(Some(Dkim { domain, keys })),
        None => Err(layers.refuse(FIRST.1, "for whom letters are signed is not known; set mail_from")),
    }
}

fn key(layers: &Layers, (selector, file): (Setting, Setting)) -> Result<Option<DkimKey>, ConfigRefusal> {
    match (name(layers, selector)?, layers.text(file)) {
        (None, None) => Ok(None),
        (Some(selector), Some(path)) => {
            let base = layers.base(file).unwrap_or(Path::new(""));
            Ok(Some(DkimKey { selector, file: base.join(path) }))
        }
        (Some(_), None) => Err(layers.refuse(selector, format!("set {} beside it", file.key()))),
        (None, Some(_)) => Err(layers.refuse(file, format!("set {} beside it", selector.key()))),
    }
}

/// A selector or a domain as DNS takes it, in lower case.
fn name(layers: &Layers, setting: Setting) -> Result<Option<String>, ConfigRefusal> {
    let Some(text) = layers.text(setting) else { return Ok(None) };
    match dns_name(&text) {
        Some(name) => Ok(Some(name)),
        None => Err(layers.refuse(
            setting,
            "use letters, digits and hyphens, with dots between labels, such as hospital.org or hold2027",
        )),
    }
}

/// A name that DNS takes, in lower case: labels of letters, digits and hyphens with dots between them.
#[must_use]
pub fn dns_name(text: &str) -> Option<String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (text.len() <= 200 && text.split('.').all(label)).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Dkim>, String> {
        let mut layers = Layers::default();
        layers.add_file(Path::new("/etc/holdspace.toml"), text).unwrap();
        let from = Sender { name: String::new(), address: "hold@Hospital.org".parse().ok().unwrap() };
        dkim(&layers, Some(&from)).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn a_name_in_dns_is_letters_digits_and_hyphens() {
        assert_eq!(dns_name("Mail.Hospital.org").as_deref(), Some("mail.hospital.org"));
        for wrong in ["", "a b", "a;b", "-a", "a..b", "a\"", "é"] {
            assert_eq!(dns_name(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_key_or_two_sign_for_the_senders_domain() {
        let one = "dkim_selector = \"hold\"\ndkim_key_file = \"dkim.pem\"\n";
        let two = "dkim_selector_2 = \"hold-ed\"\ndkim_key_file_2 = \"/keys/ed.pem\"\n";
        let both = read(&format!("{one}{two}")).unwrap().unwrap();
        assert_eq!(both.domain, "hospital.org");
        let files: Vec<&str> = both.keys.iter().filter_map(|key| key.file.to_str()).collect();
        assert_eq!(files, ["/etc/dkim.pem", "/keys/ed.pem"]);
        assert_eq!(read("").unwrap(), None);
        assert!(read(two).unwrap_err().ends_with("set dkim_key_file before a second one"));
        assert!(read("dkim_selector = \"hold\"").unwrap_err().ends_with("set dkim_key_file beside it"));
        assert!(read("dkim_domain = \"x.org\"").unwrap_err().contains("no key to sign with"));
        let same = two.replace("hold-ed", "hold");
        assert!(read(&format!("{one}{same}")).unwrap_err().contains("a selector of its own"));
    }
}
