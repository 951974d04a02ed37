//! Which address is what: the root, a therapist's own place, their two calendars, and what is in them. Never says whether
//! somebody else's exists.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::desk::dav::Collection;
use crate::domain::sync::MAX_NAME;

/// The address under which everything is.
pub const ROOT: &str = "/dav/";
/// What may stand in the name of an object as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'@');

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Where programs begin.
    Root,
    /// The therapist's own place: who they are, and where their calendars are, in one.
    Own,
    /// One of their calendars.
    Calendar(Collection),
    /// Something in it, whether or not there is any.
    Object(Collection, String),
}

impl Place {
    /// What a path leads to for somebody with this user name; none for anything that is not theirs.
    pub fn of(path: &str, login: &str) -> Option<Self> {
        let rest = path.strip_prefix("/dav").filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        let mut parts = rest.split('/').skip(1).map(|part| percent_decode_str(part).decode_utf8().ok());
        let whose = parts.next().unwrap_or(Some("".into()))?;
        if whose.is_empty() {
            return parts.next().is_none().then_some(Self::Root);
        }
        if whose != login {
            return None;
        }
        let calendar = parts.next().unwrap_or(Some("".into()))?;
        let name = parts.next().unwrap_or(Some("".into()))?;
        if parts.next().is_some() {
            return None;
        }
        if calendar.is_empty() {
            return name.is_empty().then_some(Self::Own);
        }
        let calendar = Collection::ALL.into_iter().find(|known| known.name() == calendar)?;
        if name.is_empty() {
            return Some(Self::Calendar(calendar));
        }
        is_name(&name).then(|| Self::Object(calendar, name.into_owned()))
    }

    /// The address.
    pub fn href(&self, login: &str) -> String {
        match self {
            Self::Root => ROOT.to_owned(),
            Self::Own => format!("{ROOT}{login}/"),
            Self::Calendar(calendar) => format!("{ROOT}{login}/{}/", calendar.name()),
            Self::Object(calendar, name) => {
                format!("{ROOT}{login}/{}/{}", calendar.name(), utf8_percent_encode(name, PLAIN))
            }
        }
    }
}

/// Whether an object can be called so.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME && !name.chars().any(|c| c.is_control() || c == '/') && name != "." && name != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_written_and_nobody_elses_is_there() {
        let object = Place::Object(Collection::Busy, "a b@c&.ics".to_owned());
        for place in [Place::Root, Place::Own, Place::Calendar(Collection::Held), object] {
            assert_eq!(Place::of(&place.href("me"), "me").as_ref(), Some(&place));
        }
        assert_eq!(Place::of("/dav/me/held", "me"), Some(Place::Calendar(Collection::Held)));
        for nothing in
            ["/dav/you/", "/dav/me/else/", "/dav/me/held/a/b", "/dav/me/held/%ff", "/dav//held", "/davx"]
        {
            assert_eq!(Place::of(nothing, "me"), None, "{nothing}");
        }
        assert_eq!(Place::of(&format!("/dav/me/busy/{}", "x".repeat(MAX_NAME + 1)), "me"), None);
        assert_eq!(Place::of("/dav/me/busy/%2e%2e", "me"), None);
    }
}
