//! Reminders, and nothing else: stopped by a mail program's "unsubscribe" or a button, and sent again. What somebody chose
//! shows to nobody but themselves; a reminder that is not wanted is done like any other.

use super::link::Purpose;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::Hand;
use crate::domain::language::Language;
use crate::storage::Db;
use crate::storage::bookings::{self, BookingRow};

/// How reminders stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminders {
    /// Whether they come.
    pub wanted: bool,
    /// The language that the resident chose.
    pub language: Option<Language>,
}

impl Desk {
    /// Whether reminders come. Opens by the link of the reminders or by the booking's own.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn reminders(&self, token: &str) -> Result<Reminders> {
        let mut db = self.store.read().await?;
        let wishes = self.open_booking(&self.reminded(&mut db, token).await?)?.wishes;
        Ok(Reminders { wanted: !wishes.no_reminders, language: wishes.language })
    }

    /// Stops reminders, or sends them again. Done twice, it says what already holds.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn remind(&self, token: &str, wanted: bool) -> Result<Reminders> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let row = self.reminded(&mut tx, token).await?;
            let mut booking = self.open_booking(&row)?;
            booking.wishes.no_reminders = !wanted;
            if self.put_booking(&mut tx, &row, &booking, Hand::Resident).await? {
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(Reminders { wanted, language: booking.wishes.language });
            }
        }
        Err(Error::Contended)
    }

    /// Whether a token is the booking's own, so that its page may be shown.
    pub async fn opens_the_visit(&self, token: &str) -> bool {
        match self.store.read().await {
            Ok(mut db) => self.subject(&mut db, Purpose::Visit, token).await.is_ok(),
            Err(_) => false,
        }
    }

    async fn reminded(&self, db: &mut Db, token: &str) -> Result<BookingRow> {
        let subject = match self.subject(db, Purpose::Reminders, token).await {
            Err(Error::Link) => self.subject(db, Purpose::Visit, token).await?,
            other => other?,
        };
        let id = subject.parse().map_err(|_| Error::Link)?;
        bookings::booking(db, id).await?.ok_or(Error::Link)
    }
}
