//! How therapists and staff come in: a link in a mail, once, for a quarter of an hour; then a session. Residents never
//! sign in.

use zeroize::Zeroizing;

use super::link::Purpose;
use super::session::Who;
use super::{Desk, Error, Result};
use crate::domain::id::{StaffId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::letter::Letter;
use crate::domain::owed::{Errand, Recipient};
use crate::domain::staff::Grants;
use crate::storage::{Db, links, staff, therapists};

/// What signing in answers.
pub struct SignedIn {
    /// For the cookie. Stored only as a hash.
    pub cookie: Zeroizing<String>,
    /// Who came in.
    pub who: Who,
}

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
        let (therapist, staff) = self.whose(&mut tx, &address).await?;
        if let Some(id) = therapist {
            self.owe(&mut tx, &self.sign_in_errand(Recipient::Therapist(id))).await?;
        }
        if let Some(id) = staff {
            self.owe(&mut tx, &self.sign_in_errand(Recipient::Staff(id.to_string()))).await?;
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// The therapist and the member of staff who have an address; of staff, only one to whom something is granted.
    pub(super) async fn whose(
        &self,
        db: &mut Db,
        address: &Address,
    ) -> Result<(Option<TherapistId>, Option<StaffId>)> {
        let institution = self.institution(db).await?;
        let key = self.vault.address_key(address);
        let therapists = therapists::therapists(db, institution).await?;
        let therapist = therapists.iter().find(|row| row.address_key == key).map(|row| row.id);
        let staff = match staff::by_address(db, institution, &key).await? {
            Some(id) if !staff::grants(db, id).await?.is_empty() => Some(id),
            _ => None,
        };
        Ok((therapist, staff))
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
        for purpose in [Purpose::TherapistSignIn, Purpose::StaffSignIn] {
            match self.subject(&mut tx, purpose, token).await {
                Ok(subject) => found = Some((purpose, subject)),
                Err(Error::Link) => {}
                Err(other) => return Err(other),
            }
        }
        let (purpose, subject) = found.ok_or(Error::Link)?;
        let who = self.behind(&mut tx, purpose, &subject).await?;
        links::rotate(&mut tx, purpose.name(), &subject).await?;
        let cookie = self.open_session(&mut tx, &who).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(SignedIn { cookie, who })
    }

    async fn behind(&self, db: &mut Db, purpose: Purpose, subject: &str) -> Result<Who> {
        if purpose == Purpose::TherapistSignIn {
            return Ok(Who::Therapist(subject.parse().map_err(|_| Error::Link)?));
        }
        let id: StaffId = subject.parse().map_err(|_| Error::Link)?;
        let grants: Grants = staff::grants(db, id).await?.into_iter().collect();
        if grants.is_empty() { Err(Error::Link) } else { Ok(Who::Staff(id, grants)) }
    }
}
