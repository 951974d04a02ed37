//! Links: capabilities to act on one booking, one feed or one sign-in. Their tokens are derived, never stored.

use chrono::Duration;
use zeroize::Zeroizing;

use super::{Desk, Error, Result};
use crate::domain::id::LinkId;
use crate::domain::time::Instant;
use crate::storage::Db;
use crate::storage::links::{self, LinkRow};
use crate::vault::Vault;

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A resident's booking.
    Visit,
    /// The reminders of a booking, for a mail program's "unsubscribe".
    Reminders,
    /// A therapist's calendar feed.
    Feed,
    /// A program's coverage, for the calendar of one who looks after it.
    Coverage,
    /// A therapist's agenda, once.
    TherapistSignIn,
    /// The pages of a member of staff, once.
    StaffSignIn,
    /// What a program may do for somebody.
    Api,
}

impl Purpose {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Reminders => "reminders",
            Self::Feed => "feed",
            Self::Coverage => "coverage",
            Self::TherapistSignIn => "sign-in/therapist",
            Self::StaffSignIn => "sign-in/staff",
            Self::Api => "api",
        }
    }

    /// Under which purpose its row lies: the link of a booking's reminders lives and dies with the booking's own, and only
    /// its tag is another.
    pub(super) const fn row(self) -> &'static str {
        match self {
            Self::Reminders => Self::Visit.name(),
            _ => self.name(),
        }
    }

    /// What follows the token.
    const fn ending(self) -> &'static str {
        match self {
            Self::Feed | Self::Coverage => ".ics",
            Self::Reminders => "/reminders",
            _ => "",
        }
    }

    /// The path before the token.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Visit | Self::Reminders => "/v/",
            Self::Feed => "/feed/",
            Self::Coverage => "/coverage/",
            Self::TherapistSignIn | Self::StaffSignIn => "/sign-in/",
            // Never part of an address: it goes into a header.
            Self::Api => "/",
        }
    }
}

/// How long a sign-in link is valid, in minutes.
pub const SIGN_IN_MINUTES: u32 = 15;
/// A token for programs is made anew every year.
const TOKEN_DAYS: i64 = 365;
/// A feed's address stays valid until it is rotated; this is as good as for ever.
const FEED_DAYS: i64 = 3650;

impl Desk {
    /// Makes a link; `subject` is the identifier of what it opens.
    pub(super) async fn add_link(
        &self,
        db: &mut Db,
        purpose: Purpose,
        subject: &str,
        ends_at: Instant,
    ) -> Result<LinkId> {
        let id = LinkId::from_bytes(self.draw());
        links::add(db, id, purpose.row(), subject, ends_at).await?;
        Ok(id)
    }

    /// The whole address of the newest link of a subject, if there is one that opens anything. Changes nothing.
    pub(super) async fn known_url(
        &self,
        db: &mut Db,
        purpose: Purpose,
        subject: &str,
    ) -> Result<Option<Zeroizing<String>>> {
        let found = links::of_subject(db, purpose.row(), subject).await?;
        Ok(found.and_then(|link| self.url_of(purpose, &link)))
    }

    /// The whole address of a link, if it still opens anything.
    pub(super) fn url_of(&self, purpose: Purpose, link: &LinkRow) -> Option<Zeroizing<String>> {
        (link.ends_at > self.now()).then(|| self.address(purpose, link.id, link.generation))
    }

    /// The same, made now if there is none.
    pub(super) async fn url(
        &self,
        db: &mut Db,
        purpose: Purpose,
        subject: &str,
    ) -> Result<Zeroizing<String>> {
        match self.known_url(db, purpose, subject).await? {
            Some(url) => Ok(url),
            None => self.fresh_url(db, purpose, subject).await,
        }
    }

    /// The whole address of a link made now.
    pub(super) async fn fresh_url(
        &self,
        db: &mut Db,
        purpose: Purpose,
        subject: &str,
    ) -> Result<Zeroizing<String>> {
        self.url_until(db, purpose, subject, Self::end(purpose, self.now())).await
    }

    /// The whole address of a link made now that ends at a given moment.
    pub(super) async fn url_until(
        &self,
        db: &mut Db,
        purpose: Purpose,
        subject: &str,
        ends_at: Instant,
    ) -> Result<Zeroizing<String>> {
        let id = self.add_link(db, purpose, subject, ends_at).await?;
        Ok(self.address(purpose, id, 1))
    }

    fn end(purpose: Purpose, now: Instant) -> Instant {
        match purpose {
            Purpose::Visit | Purpose::Reminders | Purpose::Feed | Purpose::Coverage => {
                now + Duration::days(FEED_DAYS)
            }
            Purpose::Api => now + Duration::days(TOKEN_DAYS),
            Purpose::TherapistSignIn | Purpose::StaffSignIn => {
                now + Duration::minutes(i64::from(SIGN_IN_MINUTES))
            }
        }
    }

    fn address(&self, purpose: Purpose, id: LinkId, generation: i64) -> Zeroizing<String> {
        let token = self.vault.token(id, purpose.name(), generation);
        Zeroizing::new(format!("{}{}{}{}", self.public_url(), purpose.path(), *token, purpose.ending()))
    }

    /// What a token opens. An unknown, an expired, a rotated and a foreign link answer alike.
    pub(super) async fn subject(&self, db: &mut Db, purpose: Purpose, token: &str) -> Result<String> {
        let id = link_of(token);
        let link = links::link(db, id).await?;
        let fits = self.fits(purpose, token, link.as_ref().map(|link| link.generation));
        link.filter(|link| fits && link.purpose == purpose.row() && link.ends_at > self.now())
            .map(|link| link.subject)
            .ok_or(Error::Link)
    }

    /// Whether a token is that of its link. Computed for an unknown link too, so that both take the same time.
    pub(super) fn fits(&self, purpose: Purpose, token: &str, generation: Option<i64>) -> bool {
        self.vault.fits(token, link_of(token), purpose.name(), generation.unwrap_or(0))
            && generation.is_some()
    }

    /// Makes every address so far of a subject worthless, and gives the new one.
    pub(super) async fn rotate(
        &self,
        db: &mut Db,
        purpose: Purpose,
        subject: &str,
    ) -> Result<Zeroizing<String>> {
        links::rotate(db, purpose.row(), subject).await?;
        self.url(db, purpose, subject).await
    }
}

/// The link that a token names, before its tag is checked; one that does not exist, where it names none.
pub(super) fn link_of(token: &str) -> LinkId {
    Vault::link_of(token).unwrap_or(LinkId::from_bytes([0; 16]))
}
