//! Booking for the whole institution at once, by whoever may: a director, or whoever coordinates every program that has
//! residents. All others say when their program is ready. Never books one program before another.

use super::offering::Offering;
use super::progress::Tell;
use super::readiness::Readiness;
use super::season::Booked;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::time::Instant;
use crate::storage::Db;

/// What stands before a batch.
pub struct BookingDay {
    /// The offering.
    pub offering: Offering,
    /// Every program with residents, by name, ready or not.
    pub programs: Vec<Readiness>,
    /// Whether who asks may book.
    pub may_book: bool,
    /// When the first batch was booked.
    pub booked_at: Option<Instant>,
}

impl Desk {
    /// Who is ready, and whether who asks may book.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody who neither directs nor coordinates, and for an offering that there is not.
    pub async fn booking_day(&self, session: &Session, offering: &str) -> Result<BookingDay> {
        books_or_waits(session)?;
        let offering = {
            let mut db = self.store.read().await?;
            self.known_offering(&mut db, offering).await?
        };
        let mut programs = self.readiness(session, &offering.id().to_string()).await?;
        programs.sort_by(|one, other| (&one.name, &one.code).cmp(&(&other.name, &other.code)));
        let booked_at = offering.row.booked_at;
        Ok(BookingDay { may_book: may_book(session, &programs)?, offering, programs, booked_at })
    }

    /// Books the plan of all programs, and tells how far it is. Whoever is booked already stays where they are.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody who may not book; those of [`Desk::book`].
    pub async fn book_for_all(&self, session: &Session, offering: &str, tell: Tell<'_>) -> Result<Booked> {
        let day = self.booking_day(session, offering).await?;
        if !day.may_book {
            return Err(Error::Link);
        }
        self.acting(session).book_telling(Some(offering), tell).await
    }

    /// The offering of an identifier that came with an address.
    pub(super) async fn known_offering(&self, db: &mut Db, id: &str) -> Result<Offering> {
        match self.offering(db, Some(id)).await {
            Err(Error::UnknownOffering(_)) => Err(Error::Link),
            found => found,
        }
    }
}

/// Refuses whoever has no part in a batch.
fn books_or_waits(session: &Session) -> Result<()> {
    let (_, grants) = session.staff()?;
    if grants.directs() || grants.programs().next().is_some() { Ok(()) } else { Err(Error::Link) }
}

/// Nobody's place must hang on whose office was faster, so nobody books for a program that is not theirs.
fn may_book(session: &Session, programs: &[Readiness]) -> Result<bool> {
    let (_, grants) = session.staff()?;
    let all = programs.iter().all(|one| grants.coordinates(one.program));
    Ok(grants.directs() || (all && !programs.is_empty()))
}
