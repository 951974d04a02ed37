//! What a therapist's calendar programs come in with: one password a program, made here, shown once, stored as a keyed hash.
//! It opens that therapist's calendars and nothing else.

use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use super::dav::Collection;
use super::dav_record::SealedPassword;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::id::{AppPasswordId, TherapistId};
use crate::domain::sync::SyncLog;
use crate::domain::time::Instant;
use crate::storage::app_passwords::{self, AppPasswordRow};
use crate::storage::therapists;

/// A password of a therapist's, without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    /// Identifier.
    pub id: AppPasswordId,
    /// What the therapist calls it.
    pub name: String,
    /// Whether its program is told who comes.
    pub names: bool,
    /// When it was made.
    pub made_at: Instant,
}

/// Somebody whom a password let in: their calendars, and nothing else. Cannot be printed.
#[derive(Clone)]
pub struct DavAccess {
    pub(super) password: AppPasswordId,
    pub(super) therapist: TherapistId,
    pub(super) names: bool,
    login: String,
}

impl DavAccess {
    /// The user name, which is part of every address.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }
}

/// A therapist has at most so many passwords.
pub const PASSWORDS_MAX: usize = 12;
/// Longest name of one, in characters.
const NAME_CHARS: usize = 60;
/// Letters and digits of a password: a hundred bits.
const LETTERS: usize = 20;
/// So many of them stand together.
const TOGETHER: usize = 5;
/// Hexadecimal digits of a user name.
const LOGIN_DIGITS: usize = 12;

impl Desk {
    /// The user name for calendar programs: it tells nobody who it is.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub fn calendar_login(&self, session: &Session) -> Result<String> {
        Ok(self.login_of(session.therapist()?))
    }

    fn login_of(&self, therapist: TherapistId) -> String {
        let mut login = self.vault.blind("calendar-login", &[therapist.as_bytes()]);
        login.truncate(LOGIN_DIGITS);
        login
    }

    fn secret_key(&self, login: &str, letters: &str) -> String {
        self.vault.blind("app-password", &[login.as_bytes(), letters.as_bytes()])
    }

    /// The therapist's passwords, the newest first.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn app_passwords(&self, session: &Session) -> Result<Vec<AppPassword>> {
        let therapist = session.therapist()?;
        let mut db = self.store.read().await?;
        let mut passwords = Vec::new();
        for row in app_passwords::of_therapist(&mut db, therapist).await? {
            let SealedPassword { name, names, made_at } = self.open_password(&row)?;
            passwords.push(AppPassword { id: row.id, name, names, made_at });
        }
        passwords.sort_by_key(|password| (std::cmp::Reverse(password.made_at), password.id));
        Ok(passwords)
    }

    /// Makes a password for one program; `names` says whether it is told who comes.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist, [`Error::Refused`] where they have too many.
    pub async fn make_app_password(
        &self,
        session: &Session,
        name: &str,
        names: bool,
    ) -> Result<Zeroizing<String>> {
        let therapist = session.therapist()?;
        let drawn = Zeroizing::new(self.entropy.bytes::<16>());
        let mut letters = Zeroizing::new(BASE32_NOPAD.encode(&*drawn).to_ascii_lowercase());
        letters.truncate(LETTERS);
        let id = AppPasswordId::from_bytes(self.draw());
        let mut tx = self.store.write().await?;
        if app_passwords::of_therapist(&mut tx, therapist).await?.len() >= PASSWORDS_MAX {
            let problem = format!("there are {PASSWORDS_MAX} passwords already; end one that is not used");
            return Err(Error::Refused(problem));
        }
        let sealed = SealedPassword { name: called(name), names, made_at: self.now() };
        let row = AppPasswordRow { id, therapist, sealed: self.seal_password(id, &sealed)? };
        app_passwords::add(&mut tx, &row, &self.secret_key(&self.login_of(therapist), &letters)).await?;
        for collection in Collection::ALL {
            let epoch: [u8; 8] = self.entropy.bytes();
            let sealed = self.seal_log(id, collection, &mut SyncLog::new(epoch))?;
            app_passwords::add_log(&mut tx, id, collection.name(), sealed).await?;
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        let groups: Vec<&str> =
            (0..LETTERS).step_by(TOGETHER).map(|at| &letters[at..at + TOGETHER]).collect();
        Ok(Zeroizing::new(groups.join("-")))
    }

    /// Ends a password; its program is let in no more.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist. Somebody else's password stays, without a word.
    pub async fn end_app_password(&self, session: &Session, id: AppPasswordId) -> Result<()> {
        let therapist = session.therapist()?;
        let mut tx = self.store.write().await?;
        app_passwords::forget(&mut tx, therapist, id).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// Whom a user name and a password let in.
    ///
    /// # Errors
    /// [`Error::Link`], alike for unknown, ended and wrong.
    pub async fn dav_access(&self, login: &str, password: &str) -> Result<DavAccess> {
        let letters: Zeroizing<String> =
            Zeroizing::new(password.chars().filter(|c| !matches!(c, '-' | ' ')).take(LETTERS + 1).collect());
        let letters = Zeroizing::new(letters.to_ascii_lowercase());
        let mut db = self.store.read().await?;
        let row = app_passwords::by_secret(&mut db, &self.secret_key(login, &letters)).await?;
        let row = row.ok_or(Error::Link)?;
        if therapists::therapist(&mut db, row.therapist).await?.is_none() {
            return Err(Error::Link);
        }
        let names = self.open_password(&row)?.names;
        let login = self.login_of(row.therapist);
        Ok(DavAccess { password: row.id, therapist: row.therapist, names, login })
    }
}

/// A name as it is kept: on one line, and not too long.
fn called(name: &str) -> String {
    let one_line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = one_line.split_whitespace().collect();
    words.join(" ").chars().take(NAME_CHARS).collect()
}
