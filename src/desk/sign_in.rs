//! How therapists and directors come in: a link in a mail, once, for a quarter of an hour; then a session. Residents
//! never sign in.

use chrono::Duration;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::link::Purpose;
use super::{Desk, Error, Result};
use crate::domain::id::{SessionId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::letter::Letter;
use crate::domain::owed::{Errand, Recipient};
use crate::domain::time::Instant;
use crate::storage::links::{self, SessionRow};
use crate::storage::{people, therapists};

/// Who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Sees own visits with names.
    Therapist,
    /// Sees facts without outcomes.
    Director,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Therapist => "therapist",
            Self::Director => "director",
        }
    }

    const fn purpose(self) -> Purpose {
        match self {
            Self::Therapist => Purpose::TherapistSignIn,
            Self::Director => Purpose::StaffSignIn,
        }
    }
}

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who it is for.
    pub role: Role,
    /// Identifier of the therapist or member of staff.
    pub subject: String,
}

impl Session {
    /// The therapist whose session it is.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody else: what is not theirs is not there.
    pub(super) fn therapist(&self) -> Result<TherapistId> {
        let id = Some(&self.subject).filter(|_| self.role == Role::Therapist);
        id.and_then(|id| id.parse().ok()).ok_or(Error::Link)
    }

    /// Refuses everybody but a director.
    pub(super) fn director(&self) -> Result<()> {
        if self.role == Role::Director { Ok(()) } else { Err(Error::Link) }
    }
}

/// What signing in answers.
pub struct SignedIn {
    /// For the cookie. Stored only as a hash.
    pub cookie: Zeroizing<String>,
    /// Who came in.
    pub role: Role,
    /// When the session ends, whatever happens.
    pub ends_at: Instant,
}

/// A session ends after so many hours, whatever happens.
const SESSION_HOURS: i64 = 12;
/// At most one sign-in letter for one person in so many seconds.
const LETTER_SECONDS: i64 = 60;

impl Desk {
    /// Owes a sign-in letter to whoever has the address. Answers alike whether anybody has.
    ///
    /// # Errors
    /// Those of loading and saving, never that an address is unknown.
    pub async fn ask_to_sign_in(&self, address: &str) -> Result<()> {
        let Ok(address) = address.parse::<Address>() else { return Ok(()) };
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        let key = self.vault.address_key(&address);
        let therapists = therapists::therapists(&mut tx, institution).await?;
        if let Some(row) = therapists.iter().find(|row| row.address_key == key) {
            self.owe(&mut tx, &self.sign_in_errand(Recipient::Therapist(row.id))).await?;
        }
        if let Some(id) = people::staff_by_address(&mut tx, institution, &key).await? {
            self.owe(&mut tx, &self.sign_in_errand(Recipient::Staff(id))).await?;
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    fn sign_in_errand(&self, to: Recipient) -> Errand {
        let now = self.now();
        Errand {
            to,
            letter: Letter::SignIn,
            // Whoever presses the button ten times gets one letter.
            occasion: now.timestamp().div_euclid(LETTER_SECONDS).to_string(),
            due_at: now,
            owed_at: now,
            sequence: 0,
            visit: None,
            number: 0,
            bare: false,
        }
    }

    /// Opens a session for a sign-in link, and makes the link worthless.
    ///
    /// # Errors
    /// [`Error::Link`] for a link that opens nothing, is used, or is too old.
    pub async fn sign_in(&self, token: &str) -> Result<SignedIn> {
        let mut tx = self.store.write().await?;
        let mut found = None;
        for role in [Role::Therapist, Role::Director] {
            match self.subject(&mut tx, role.purpose(), token).await {
                Ok(subject) => found = Some((role, subject)),
                Err(Error::Link) => {}
                Err(other) => return Err(other),
            }
        }
        let (role, subject) = found.ok_or(Error::Link)?;
        links::rotate(&mut tx, role.purpose().name(), &subject).await?;
        let secret: [u8; 32] = self.entropy.bytes();
        let cookie = Zeroizing::new(BASE32_NOPAD.encode(&secret).to_ascii_lowercase());
        let ends_at = self.now() + Duration::hours(SESSION_HOURS);
        let row = SessionRow { role: role.name().to_owned(), subject, ends_at };
        links::add_session(&mut tx, SessionId::from_bytes(self.draw()), &hash(&cookie), &row).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(SignedIn { cookie, role, ends_at })
    }

    /// The session of a cookie.
    ///
    /// # Errors
    /// [`Error::Link`] for a cookie of no open session.
    pub async fn session(&self, cookie: &str) -> Result<Session> {
        let mut db = self.store.read().await?;
        let row = links::session(&mut db, &hash(cookie)).await?;
        let row = row.filter(|row| row.ends_at > self.now()).ok_or(Error::Link)?;
        let role = [Role::Therapist, Role::Director].into_iter().find(|role| role.name() == row.role);
        Ok(Session { role: role.ok_or(Error::Link)?, subject: row.subject })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn sign_out(&self, cookie: &str) -> Result<()> {
        let mut tx = self.store.write().await?;
        links::end_session(&mut tx, &hash(cookie)).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }
}

/// A session's cookie is stored as SHA-256: 256 random bits need no slower hash.
fn hash(cookie: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(cookie.as_bytes()))
}
