//! Letters that come back: the address to which they do, what a report says, and what follows from it. Never knows whom a
//! letter was for, and never repeats a mail server's own words.

use std::fmt;
use std::str::FromStr;

use super::identity::{Address, NotAnAddress};

/// Characters of the token that stands for a letter in the address to which it comes back.
pub const TOKEN: usize = 42;
/// Octets of an address before its `@` (RFC 5321, section 4.5.3.1.1).
const LOCAL_MAX: usize = 64;

/// The address to which letters come back, with a gap for the token of each: the installation's own, no person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    before: String,
    after: String,
}

/// A text that is no address for letters that come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAReturnAddress {
    /// No address at all, or the gap is not in its local part.
    #[error(
        "give an address of yours, such as bounces@hospital.org, or show with * where the token goes: b-*@hospital.org"
    )]
    Form,
    /// No room for the token.
    #[error(
        "what stands before the @ is too long: with a token of {TOKEN} characters it must have at most {LOCAL_MAX}, so at most 21 are yours"
    )]
    TooLong,
}

impl FromStr for ReturnAddress {
    type Err = NotAReturnAddress;

    /// `bounces@hospital.org` stands for `bounces+*@hospital.org`.
    fn from_str(text: &str) -> Result<Self, NotAReturnAddress> {
        let (local, domain) = text.trim().rsplit_once('@').ok_or(NotAReturnAddress::Form)?;
        let (before, after) = match local.split_once('*') {
            Some((_, after)) if after.contains('*') => return Err(NotAReturnAddress::Form),
            Some((before, after)) => (before.to_lowercase(), after.to_lowercase()),
            None => (format!("{}+", local.to_lowercase()), String::new()),
        };
        // A token that stands alone is found again whatever the setting is then.
        let apart = |side: Option<char>| side.is_none_or(|side| !side.is_alphanumeric());
        if !apart(before.chars().next_back()) || !apart(after.chars().next()) {
            return Err(NotAReturnAddress::Form);
        }
        if before.len() + TOKEN + after.len() > LOCAL_MAX {
            return Err(NotAReturnAddress::TooLong);
        }
        let address = Self { before, after: format!("{after}@{}", domain.to_lowercase()) };
        match address.with(&"a".repeat(TOKEN)) {
            Ok(_) => Ok(address),
            Err(_) => Err(NotAReturnAddress::Form),
        }
    }
}

impl ReturnAddress {
    /// The address of one letter.
    ///
    /// # Errors
    /// Where the token is of another form than the vault's.
    pub fn with(&self, token: &str) -> Result<Address, NotAnAddress> {
        format!("{}{token}{}", self.before, self.after).parse()
    }

    /// Its domain.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.after.rsplit('@').next().unwrap_or_default()
    }
}

impl fmt::Display for ReturnAddress {
    /// With `*` where the token goes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}*{}", self.before, self.after)
    }
}

/// What could be tokens in the text of a header or an address; mail servers may have changed their case. Whether one is, only
/// the vault knows.
pub fn tokens_in(text: &str) -> impl Iterator<Item = String> {
    let base32 = |word: &&str| {
        word.len() == TOKEN && word.bytes().all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b))
    };
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(base32).map(str::to_ascii_lowercase)
}

/// What a mail server did with a letter (RFC 3464, section 2.3.3), as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It gave up.
    Failed,
    /// It goes on trying.
    Delayed,
}

/// An enhanced status code (RFC 3463): class, subject, detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// 2, 4 or 5.
    pub class: u8,
    /// What it is about, 0 to 999.
    pub subject: u16,
    /// What exactly, 0 to 999.
    pub detail: u16,
}

impl Status {
    /// The first code in a text, which may be anything.
    #[must_use]
    pub fn first_in(text: &str) -> Option<Self> {
        let ends = |c: char| !(c.is_ascii_digit() || c == '.');
        text.split(ends).filter_map(|word| word.trim_end_matches('.').parse().ok()).next()
    }

    /// Whether it says nothing beyond its class.
    #[must_use]
    pub const fn is_bare(self) -> bool {
        self.subject == 0 && self.detail == 0
    }
}

impl FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.split('.');
        let mut number = |digits: usize| {
            let text = numbers.next().filter(|text| (1..=digits).contains(&text.len()))?;
            text.parse::<u16>().ok()
        };
        let (class, subject, detail) = (number(1), number(3), number(3));
        let class =
            class.filter(|class| [2, 4, 5].contains(class)).and_then(|class| u8::try_from(class).ok());
        match (class, subject, detail, numbers.next()) {
            (Some(class), Some(subject), Some(detail), None) => Ok(Self { class, subject, detail }),
            _ => Err(()),
        }
    }
}

/// What a report says of one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// What was done.
    pub action: Action,
    /// Why, where it says so.
    pub status: Option<Status>,
}

/// Why a letter came back, in our own words: counted, and shown without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Nobody has this address.
    NoMailbox,
    /// The mailbox is switched off.
    Disabled,
    /// The mailbox has no room.
    Full,
    /// The domain has no mail server, or does not exist.
    NoRoute,
    /// Refused for what it is or whom it comes from.
    Policy,
    /// Too large, or of a form that is not taken.
    Letter,
    /// Still being tried.
    Delayed,
    /// Given up after days of trying.
    Expired,
    /// Anything else.
    Other,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::NoMailbox,
        Self::Disabled,
        Self::Full,
        Self::NoRoute,
        Self::Policy,
        Self::Letter,
        Self::Delayed,
        Self::Expired,
        Self::Other,
    ];

    /// Its one spelling, as it is stored and shown to whoever looks after the mail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoMailbox => "came back: mailbox unavailable",
            Self::Disabled => "came back: mailbox disabled",
            Self::Full => "came back: mailbox full",
            Self::NoRoute => "came back: no mail server for the address",
            Self::Policy => "came back: refused by policy",
            Self::Letter => "came back: letter not taken",
            Self::Delayed => "delayed on its way",
            Self::Expired => "came back: not delivered in time",
            Self::Other => "came back",
        }
    }

    /// Whether it is the address that is wrong, so that the next letter would come back as well. A refusal by policy is not:
    /// a filter that takes against the sender would silence everyone it guards.
    #[must_use]
    pub const fn is_of_the_address(self) -> bool {
        matches!(self, Self::NoMailbox | Self::Disabled | Self::NoRoute | Self::Other)
    }
}

impl Report {
    /// Why, as far as it is told (RFC 3463, section 3).
    #[must_use]
    pub const fn reason(self) -> Reason {
        if matches!(self.action, Action::Delayed) {
            return Reason::Delayed;
        }
        let Some(Status { class, subject, detail }) = self.status else { return Reason::Other };
        match (class, subject, detail) {
            (_, 2, 2) => Reason::Full,
            // Given up with a code of what may pass: the wait was too long.
            (4, ..) | (_, 4, 0 | 6 | 7) => Reason::Expired,
            // What Exchange Online says where its directory does not know the address.
            (_, 4, 1) | (_, 1, 0 | 1 | 3 | 4 | 6 | 10) => Reason::NoMailbox,
            (_, 1, 2) | (_, 4, 3 | 4) => Reason::NoRoute,
            (_, 1, 7..=9) => Reason::Policy,
            (_, 1, _) => Reason::NoMailbox,
            (_, 2, 3) | (_, 3, 4) | (_, 6, _) => Reason::Letter,
            (_, 2, _) => Reason::Disabled,
            (_, 3 | 4, _) => Reason::Expired,
            (_, 7, _) => Reason::Policy,
            _ => Reason::Other,
        }
    }

    /// Whether no further letter should go to that address.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self.action, Action::Failed) && self.reason().is_of_the_address()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_address_has_room_for_a_token_and_gives_it_back_in_any_case() {
        let token = "ab2".repeat(14);
        for (written, shown) in [
            ("bounces@In.Hospital.org", "bounces+*@in.hospital.org"),
            ("b-*@hospital.org", "b-*@hospital.org"),
            ("*@bounces.hospital.org", "*@bounces.hospital.org"),
        ] {
            let address: ReturnAddress = written.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            let whole = address.with(&token).ok().unwrap();
            assert!(whole.reveal().split('@').next().unwrap().len() <= 64);
            let header = format!("\"b\" <{}>, <bounces@in.hospital.org>", whole.reveal().to_uppercase());
            assert_eq!(tokens_in(&header).collect::<Vec<_>>(), [token.as_str()]);
        }
    }

    #[test]
    fn an_address_without_room_or_form_is_refused_with_the_right_one() {
        for text in ["", "bounces", "a*b*@x.org", "bounces@*.org", "*@nodot", "bounces*@x.org", "*b@x.org"] {
            assert_eq!(text.parse::<ReturnAddress>(), Err(NotAReturnAddress::Form), "{text}");
        }
        assert!(format!("{}@x.org", "b".repeat(21)).parse::<ReturnAddress>().is_ok());
        let long = format!("{}@x.org", "b".repeat(22));
        assert_eq!(long.parse::<ReturnAddress>(), Err(NotAReturnAddress::TooLong));
    }

    fn failed(status: &str) -> Report {
        Report { action: Action::Failed, status: status.parse().ok() }
    }

    #[test]
    fn an_address_is_given_up_for_what_is_wrong_with_it_and_for_nothing_else() {
        for gone in ["5.1.1", "5.1.10", "5.2.1", "5.4.1", "5.4.4", "5.0.0", "5.5.0", ""] {
            assert!(failed(gone).is_final(), "{gone}");
        }
        for stays in ["5.2.2", "5.7.1", "5.7.520", "5.3.4", "5.6.0", "4.4.7", "5.4.7", "5.1.8"] {
            assert!(!failed(stays).is_final(), "{stays}");
        }
        assert!(!Report { action: Action::Delayed, ..failed("5.1.1") }.is_final());
    }

    #[test]
    fn a_code_is_found_in_a_servers_prose_and_a_version_or_an_address_is_none() {
        let found = |text: &str| Status::first_in(text).map(|s| (s.class, s.subject, s.detail));
        assert_eq!(found("host mx.example.org[192.0.2.7] said: 550 5.1.1 <a>: unknown"), Some((5, 1, 1)));
        assert_eq!(found("smtp;550-5.7.26 unauthenticated."), Some((5, 7, 26)));
        assert_eq!(found("status 5.4.1."), Some((5, 4, 1)));
        assert_eq!(found("Exim 3.1.2, 10.5.1.1, v7.5.1, 5.1"), None);
    }
}
