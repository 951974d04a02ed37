//! Coming in through the institution's own sign-in: what goes along to the provider, what must come back, and whom its
//! word lets in. Asks nobody outside, and never makes an account: who is not on file stays outside.

use chrono::Duration;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::session::{Who, hash};
use super::sign_in::SignedIn;
use super::{Desk, Error, Result};
use crate::domain::id::{StaffId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::staff::Grants;
use crate::storage::sign_ins::{self, SignInRow};
use crate::storage::{Db, staff};

/// A sign-in that was begun is worthless after so many minutes.
pub const MINUTES: i64 = 10;

/// What binds a sign-in together. Derived from the cookie by the vault, stored nowhere.
pub struct Asked {
    /// Goes along in the address, and comes back in it.
    pub state: Zeroizing<String>,
    /// Goes along in the address, and comes back in the signed token.
    pub nonce: Zeroizing<String>,
    /// Its hash goes along; it is shown itself where the code is given for the token.
    pub verifier: Zeroizing<String>,
}

impl Asked {
    /// The verifier's hash (RFC 7636, S256).
    #[must_use]
    pub fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(&Sha256::digest(self.verifier.as_bytes()))
    }
}

/// A sign-in that begins.
pub struct Begun {
    /// For the cookie. Stored only as a hash.
    pub cookie: Zeroizing<String>,
    /// For the provider.
    pub asked: Asked,
}

/// Whom a provider's word lets in.
pub enum Admitted {
    /// Somebody.
    One(SignedIn),
    /// Somebody who may come in as a therapist or as staff, and says which: the secret of a cookie for the answer.
    Both(Zeroizing<String>),
}

/// As what somebody comes in who may do so as either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// To their agenda.
    Therapist,
    /// To what was granted to them.
    Staff,
}

impl Desk {
    /// Begins a sign-in.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn begin_sign_in(&self) -> Result<Begun> {
        let mut tx = self.store.write().await?;
        let cookie = self.note_sign_in(&mut tx, None).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(Begun { asked: self.asked(&cookie), cookie })
    }

    /// What a sign-in was begun with, once: whatever comes back with this cookie, nothing comes back a second time.
    ///
    /// # Errors
    /// [`Error::Link`] for a cookie of no sign-in that is under way, and for a state that is not its own.
    pub async fn take_sign_in(&self, cookie: &str, state: &str) -> Result<Asked> {
        let both = self.taken(cookie).await?;
        let asked = self.asked(cookie);
        let own: bool = asked.state.as_bytes().ct_eq(state.as_bytes()).into();
        if own && both.is_none() { Ok(asked) } else { Err(Error::Link) }
    }

    /// Lets in whoever has an address that the provider has verified: found as for a link by mail.
    ///
    /// # Errors
    /// [`Error::Link`] where nobody here has it.
    pub async fn let_in(&self, address: &str) -> Result<Admitted> {
        let address = address.trim().parse::<Address>().map_err(|_| Error::Link)?;
        let mut tx = self.store.write().await?;
        let found = match self.whose(&mut tx, &address).await? {
            (Some(therapist), Some(staff)) => {
                Admitted::Both(self.note_sign_in(&mut tx, Some((therapist, staff))).await?)
            }
            (Some(therapist), None) => Admitted::One(self.enter(&mut tx, Who::Therapist(therapist)).await?),
            (None, Some(id)) => {
                let who = self.as_staff(&mut tx, id).await?;
                Admitted::One(self.enter(&mut tx, who).await?)
            }
            (None, None) => return Err(Error::Link),
        };
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(found)
    }

    /// Lets in whoever was asked as what they come.
    ///
    /// # Errors
    /// [`Error::Link`] for a cookie of nobody who was asked, or whose right is gone since.
    pub async fn choose_sign_in(&self, cookie: &str, wish: As) -> Result<SignedIn> {
        let (therapist, staff) = self.taken(cookie).await?.ok_or(Error::Link)?;
        let mut tx = self.store.write().await?;
        let who = match wish {
            As::Therapist => Who::Therapist(therapist),
            As::Staff => self.as_staff(&mut tx, staff).await?,
        };
        let signed_in = self.enter(&mut tx, who).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(signed_in)
    }

    async fn as_staff(&self, db: &mut Db, id: StaffId) -> Result<Who> {
        let grants: Grants = staff::grants(db, id).await?.into_iter().collect();
        if grants.is_empty() { Err(Error::Link) } else { Ok(Who::Staff(id, grants)) }
    }

    async fn enter(&self, db: &mut Db, who: Who) -> Result<SignedIn> {
        let cookie = self.open_session(db, &who).await?;
        Ok(SignedIn { cookie, who })
    }

    async fn note_sign_in(
        &self,
        db: &mut Db,
        both: Option<(TherapistId, StaffId)>,
    ) -> Result<Zeroizing<String>> {
        let secret: [u8; 32] = self.entropy.bytes();
        let cookie = Zeroizing::new(BASE32_NOPAD.encode(&secret).to_ascii_lowercase());
        let row = SignInRow { both, ends_at: self.now() + Duration::minutes(MINUTES) };
        sign_ins::add(db, &hash(&cookie), &row).await?;
        Ok(cookie)
    }

    /// Takes the row of a cookie away, and says who was asked.
    async fn taken(&self, cookie: &str) -> Result<Option<(TherapistId, StaffId)>> {
        let mut tx = self.store.write().await?;
        let row = sign_ins::take(&mut tx, &hash(cookie)).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(row.filter(|row| row.ends_at > self.now()).ok_or(Error::Link)?.both)
    }

    fn asked(&self, cookie: &str) -> Asked {
        let derived = |purpose| {
            let bytes = self.vault.derived(purpose, &[cookie.as_bytes()]);
            Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice()))
        };
        Asked {
            state: derived("sign-in/state"),
            nonce: derived("sign-in/nonce"),
            verifier: derived("sign-in/verifier"),
        }
    }
}
