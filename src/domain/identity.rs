//! Who somebody is: names and addresses that cannot be printed, logged or serialised by accident.
//! Never holds an outcome.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A mail address that was checked: one `@`, a domain with a dot, at most 254 bytes, no line break.
///
/// Has neither `Debug` nor `Display`; [`Address::reveal`] is the one way to its text.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Address(String);

/// A text that is no mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address; one like name@hospital.org is expected")]
pub struct NotAnAddress;

impl Address {
    /// The text, in lower case. Say nearby why it must be seen.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    /// Accepts stray spaces, angle brackets, `mailto:` and a closing semicolon or comma, as spreadsheets have them.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim().trim_start_matches("mailto:");
        let text =
            text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '<' | '>' | '\u{feff}'));
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        email_address::EmailAddress::parse_with_options(text, options).map_err(|_| NotAnAddress)?;
        // A quoted local part may hold spaces and line breaks, which no calendar program survives.
        if text.contains(['"', '\r', '\n']) || text.len() > 254 {
            return Err(NotAnAddress);
        }
        Ok(Self(text.to_lowercase()))
    }
}

/// A person's name and address. Cannot be printed; sealed before it is stored.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Identity {
    given: String,
    family: String,
    address: Address,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Plain {
    given: String,
    family: String,
    address: String,
}

/// Bytes that do not hold an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes hold no identity")]
pub struct NotAnIdentity;

impl Identity {
    /// An identity with its names cleaned of control characters and repeated spaces, each cut to 100 characters.
    #[must_use]
    pub fn new(given: &str, family: &str, address: Address) -> Self {
        Self { given: clean(given), family: clean(family), address }
    }

    /// The given name, or the family name where there is none: what a letter greets.
    #[must_use]
    pub fn reveal_greeting(&self) -> &str {
        if self.given.is_empty() { &self.family } else { &self.given }
    }

    /// Given and family name.
    #[must_use]
    pub fn reveal_name(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }

    /// The given name, which may be empty.
    #[must_use]
    pub fn reveal_given(&self) -> &str {
        &self.given
    }

    /// The family name, which may be empty.
    #[must_use]
    pub fn reveal_family(&self) -> &str {
        &self.family
    }

    /// Where mail goes.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// The bytes to be sealed; wiped from memory when dropped.
    #[must_use]
    pub fn to_plain(&self) -> Zeroizing<Vec<u8>> {
        let plain =
            Plain { given: self.given.clone(), family: self.family.clone(), address: self.address.0.clone() };
        // Three strings always serialise.
        Zeroizing::new(serde_json::to_vec(&plain).unwrap_or_default())
    }

    /// Reads what [`Identity::to_plain`] wrote.
    ///
    /// # Errors
    /// [`NotAnIdentity`] where the bytes are something else.
    pub fn from_plain(bytes: &[u8]) -> Result<Self, NotAnIdentity> {
        let plain: Plain = serde_json::from_slice(bytes).map_err(|_| NotAnIdentity)?;
        let address = plain.address.parse().map_err(|_| NotAnIdentity)?;
        Ok(Self { given: plain.given.clone(), family: plain.family.clone(), address })
    }
}

fn clean(name: &str) -> String {
    let visible: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_the_way_spreadsheets_write_it() {
        for text in [
            "a.b@im.example.edu",
            " A.B@IM.EXAMPLE.EDU ;",
            "<a.b@im.example.edu>",
            "mailto:a.b@im.example.edu",
        ] {
            assert!(text.parse::<Address>().is_ok_and(|a| a.reveal() == "a.b@im.example.edu"), "{text}");
        }
        for text in
            ["", "a@host", "a b@x.org", "a@x.org, b@x.org", "a@x.org\r\nBcc: b@x.org", "\"a\nb\"@x.org"]
        {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_line_break_in_a_name_is_gone_before_anything_sees_it() {
        let identity = Identity::new("Ann\r\nBcc: x", " van  Dam ", "a@x.org".parse().ok().unwrap());
        assert_eq!(identity.reveal_name(), "Ann Bcc: x van Dam");
        assert!(Identity::from_plain(&identity.to_plain()).is_ok_and(|again| again == identity));
    }
}
