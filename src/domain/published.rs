//! A calendar that a therapist keeps elsewhere and lets be read: which addresses may be one, how often it is asked, and
//! until when its last copy is believed. Never knows whose it is, or what is in it.

use chrono::Duration;

use super::time::Instant;

/// Longest address, user name or password, in bytes.
pub const TEXT_MAX: usize = 500;
/// Most calendars of one therapist.
pub const CALENDARS_MAX: usize = 5;

/// One that works is asked so often, in minutes.
const EVERY_MINUTES: i64 = 15;
/// One that fails is asked less and less often, in minutes, but often enough to be back soon.
const SELDOM_MINUTES: i64 = 60;
/// The last copy is believed for so many hours: a weekend on which a server is down closes nobody's Monday.
const BELIEVED_HOURS: i64 = 72;

/// Where a calendar is, as it was typed and then made whole. Both halves of it may be secrets: it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Published {
    /// An address that begins with `https://`.
    pub address: String,
    /// The account that opens it by CalDAV; none for a published file.
    pub account: Option<Account>,
}

/// A user and a password (RFC 7617). Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The user's name there.
    pub user: String,
    /// A password, best one made for this purpose alone.
    pub password: String,
}

/// An entry that cannot be taken. Each is a sentence for whoever typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not an address that can be asked.
    #[error("give the calendar's whole address; it begins with https:// or webcal://")]
    Address,
    /// Readable on its way.
    #[error(
        "this address begins with http://, so that others could read it on its way; look for one with https://"
    )]
    Insecure,
    /// A password inside the address would stand in logs elsewhere.
    #[error("leave user name and password out of the address, and type them into their own fields")]
    Credentials,
    /// One half of an account.
    #[error("give both the user name and the password, or neither")]
    HalfAnAccount,
    /// More than anybody types.
    #[error("that is longer than any address or password; copy it again")]
    TooLong,
    /// As many as there may be.
    #[error("five calendars are read already; remove one first")]
    Enough,
}

impl Published {
    /// What somebody typed, checked. An empty user and password mean a published file.
    ///
    /// # Errors
    /// [`Refusal`], without what was typed.
    pub fn typed(address: &str, user: &str, password: &str) -> Result<Self, Refusal> {
        let (address, user) = (address.trim(), user.trim());
        if [address, user, password].iter().any(|text| text.len() > TEXT_MAX) {
            return Err(Refusal::TooLong);
        }
        let account = match (user.is_empty(), password.is_empty()) {
            (true, true) => None,
            (false, false) if !user.contains(':') && !has_control(user) && !has_control(password) => {
                Some(Account { user: user.to_owned(), password: password.to_owned() })
            }
            _ => return Err(Refusal::HalfAnAccount),
        };
        Ok(Self { address: whole(address)?, account })
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn whole(address: &str) -> Result<String, Refusal> {
    let (scheme, rest) = address.split_once("://").ok_or(Refusal::Address)?;
    match scheme.to_ascii_lowercase().as_str() {
        // What calendar programs write for the same thing (as `webcals`, of which some are sure).
        "https" | "webcal" | "webcals" => {}
        "http" => return Err(Refusal::Insecure),
        _ => return Err(Refusal::Address),
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err(Refusal::Credentials);
    }
    if !host.contains('.') || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Refusal::Address);
    }
    Ok(format!("https://{rest}"))
}

/// When a calendar is asked next, after so many failures in a row.
#[must_use]
pub fn due_after(now: Instant, failures: u32) -> Instant {
    let minutes = EVERY_MINUTES.saturating_mul(1 << failures.min(8));
    now + Duration::minutes(minutes.min(if failures == 0 { EVERY_MINUTES } else { SELDOM_MINUTES }))
}

/// Whether the last copy is too old to book anybody by. One that was never read counts from when it was added.
#[must_use]
pub fn is_stale(read_at: Option<Instant>, added_at: Instant, now: Instant) -> bool {
    now - read_at.unwrap_or(added_at) > Duration::hours(BELIEVED_HOURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: &str, user: &str, password: &str) -> Option<Refusal> {
        Published::typed(address, user, password).err()
    }

    #[test]
    fn an_address_is_taken_as_calendar_programs_give_it() {
        let typed = |text: &str| Published::typed(text, "", "").ok().map(|it| it.address);
        let whole = Some("https://cal.example.org/a.ics?x=1".to_owned());
        for scheme in ["https", "HTTPS", "webcal", "webcals"] {
            assert!(typed(&format!(" {scheme}://cal.example.org/a.ics?x=1 ")) == whole, "{scheme}");
        }
    }

    #[test]
    fn what_could_be_read_on_the_way_or_is_no_address_is_refused_with_a_reason() {
        assert_eq!(refused("http://cal.example.org/a.ics", "", ""), Some(Refusal::Insecure));
        assert_eq!(refused("https://me:secret@cal.example.org/", "", ""), Some(Refusal::Credentials));
        for text in ["", "calendar", "file:///etc/passwd", "https://intranet/", "https://a.b/\r\nHost: c"] {
            assert_eq!(refused(text, "", ""), Some(Refusal::Address), "{text}");
        }
        assert_eq!(refused("https://a.example/", "me", ""), Some(Refusal::HalfAnAccount));
        assert_eq!(refused("https://a.example/", "", "secret"), Some(Refusal::HalfAnAccount));
        assert_eq!(refused("https://a.example/", "m:e", "secret"), Some(Refusal::HalfAnAccount));
        assert_eq!(
            refused(&format!("https://a.example/{}", "x".repeat(500)), "", ""),
            Some(Refusal::TooLong)
        );
    }

    #[test]
    fn a_calendar_that_fails_is_asked_less_often_but_at_least_every_hour() {
        let now = Instant::UNIX_EPOCH;
        let minutes = |failures| (due_after(now, failures) - now).num_minutes();
        assert_eq!([0, 1, 2, 3, 40].map(minutes), [15, 30, 60, 60, 60]);
    }

    #[test]
    fn the_last_copy_is_believed_for_three_days() {
        let now = Instant::UNIX_EPOCH + Duration::days(100);
        let ago = |hours| now - Duration::hours(hours);
        assert!(!is_stale(Some(ago(72)), ago(500), now));
        assert!(is_stale(Some(ago(73)), ago(500), now));
        assert!(!is_stale(None, ago(72), now));
        assert!(is_stale(None, ago(73), now));
    }
}
