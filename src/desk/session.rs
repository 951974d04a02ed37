//! Who is signed in, and what they may do. Rights are read anew at every request: one taken away is gone at once.
//! Residents never have a session.

use std::time::Duration as Wait;

use chrono::Duration;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Desk, Error, Result};
use crate::domain::id::{ProgramId, SessionId, StaffId, TherapistId};
use crate::domain::staff::Grants;
use crate::domain::time::Instant;
use crate::storage::sessions::{self, SessionRow};
use crate::storage::{Db, staff};

/// Somebody with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Sees own visits with names.
    Therapist(TherapistId),
    /// Sees what was granted.
    Staff(StaffId, Grants),
}

impl Who {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Therapist(_) => THERAPIST,
            Self::Staff(..) => STAFF,
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Therapist(id) => id.to_string(),
            Self::Staff(id, _) => id.to_string(),
        }
    }
}

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub who: Who,
}

/// How sessions are filed.
const THERAPIST: &str = "therapist";
const STAFF: &str = "staff";

/// A session ends after so many hours, whatever happens.
pub const SESSION_HOURS: i64 = 12;
/// It ends, too, after so many hours without use.
pub const IDLE_HOURS: i64 = 2;
/// Use is written down at most so often: a page must not cost a write.
const NOTED_MINUTES: i64 = 5;
/// A page does not wait longer than this until its use is written down, while a batch is being booked, say.
const PATIENCE: Wait = Wait::from_millis(200);

impl Session {
    /// The therapist whose session it is.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody else: what is not theirs is not there.
    pub fn therapist(&self) -> Result<TherapistId> {
        match &self.who {
            Who::Therapist(id) => Ok(*id),
            Who::Staff(..) => Err(Error::Link),
        }
    }

    /// The member of staff whose session it is.
    ///
    /// # Errors
    /// [`Error::Link`] for a therapist.
    pub fn staff(&self) -> Result<(StaffId, &Grants)> {
        match &self.who {
            Who::Staff(id, grants) => Ok((*id, grants)),
            Who::Therapist(_) => Err(Error::Link),
        }
    }

    /// Refuses everybody but a director.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub fn director(&self) -> Result<StaffId> {
        let (id, grants) = self.staff()?;
        if grants.directs() { Ok(id) } else { Err(Error::Link) }
    }

    /// Refuses everybody but who leads the clinic.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub fn lead(&self) -> Result<StaffId> {
        let (id, grants) = self.staff()?;
        if grants.leads() { Ok(id) } else { Err(Error::Link) }
    }

    /// Refuses everybody but a program's coordinators and the directors. A program that is somebody else's answers like
    /// one that does not exist.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub fn coordinator(&self, program: ProgramId) -> Result<StaffId> {
        let (id, grants) = self.staff()?;
        if grants.coordinates(program) { Ok(id) } else { Err(Error::Link) }
    }
}

impl Desk {
    /// Opens a session; the answer is the secret of its cookie, which is stored only as a hash.
    pub(super) async fn open_session(&self, db: &mut Db, who: &Who) -> Result<Zeroizing<String>> {
        let secret: [u8; 32] = self.entropy.bytes();
        let cookie = Zeroizing::new(BASE32_NOPAD.encode(&secret).to_ascii_lowercase());
        let now = self.now();
        let row = SessionRow {
            kind: who.kind().to_owned(),
            subject: who.subject(),
            opened_at: now,
            used_at: now,
            ends_at: now + Duration::hours(SESSION_HOURS),
        };
        sessions::add(db, SessionId::from_bytes(self.draw()), &hash(&cookie), &row).await?;
        Ok(cookie)
    }

    /// The session of a cookie.
    ///
    /// # Errors
    /// [`Error::Link`] for a cookie of no open session, and for somebody to whom nothing is granted any more.
    pub async fn session(&self, cookie: &str) -> Result<Session> {
        let key = hash(cookie);
        let now = self.now();
        let (who, noted) = {
            let mut db = self.store.read().await?;
            let row = sessions::session(&mut db, &key).await?.filter(|row| open(row, now));
            let row = row.ok_or(Error::Link)?;
            (self.owner(&mut db, &row).await?, row.used_at)
        };
        if now - noted >= Duration::minutes(NOTED_MINUTES) {
            // Whoever cannot note it now notes it with the next page.
            let _late = tokio::time::timeout(PATIENCE, self.note_use(&key, now)).await;
        }
        Ok(Session { who })
    }

    async fn owner(&self, db: &mut Db, row: &SessionRow) -> Result<Who> {
        if row.kind == THERAPIST {
            let id = row.subject.parse().map_err(|_| Error::Link)?;
            let known = crate::storage::therapists::therapist(db, id).await?.is_some();
            return if known { Ok(Who::Therapist(id)) } else { Err(Error::Link) };
        }
        let id: StaffId = row.subject.parse().map_err(|_| Error::Link)?;
        let grants: Grants = staff::grants(db, id).await?.into_iter().collect();
        if grants.is_empty() { Err(Error::Link) } else { Ok(Who::Staff(id, grants)) }
    }

    async fn note_use(&self, key: &str, now: Instant) -> Result<()> {
        let mut tx = self.store.write().await?;
        sessions::used(&mut tx, key, now).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn sign_out(&self, cookie: &str) -> Result<()> {
        let mut tx = self.store.write().await?;
        sessions::end(&mut tx, &hash(cookie)).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// Ends every session of whoever is signed in, on every device.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn sign_out_everywhere(&self, session: &Session) -> Result<()> {
        let mut tx = self.store.write().await?;
        sessions::end_all(&mut tx, session.who.kind(), &session.who.subject()).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// On how many devices somebody is signed in.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn signed_in_on(&self, session: &Session) -> Result<i64> {
        let mut db = self.store.read().await?;
        let (kind, subject, now) = (session.who.kind(), session.who.subject(), self.now());
        Ok(sessions::open(&mut db, kind, &subject, now, now - Duration::hours(IDLE_HOURS)).await?)
    }
}

/// Whether a session is neither past its end nor too long without use.
fn open(row: &SessionRow, now: Instant) -> bool {
    now < row.ends_at && now - row.used_at < Duration::hours(IDLE_HOURS)
}

/// A session's cookie is stored as SHA-256: 256 random bits need no slower hash.
pub(super) fn hash(cookie: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(cookie.as_bytes()))
}
