//! A booking at hand, with the rules that hold for it: enough to give a seat up or to take the very same one back. What choosing
//! among seats needs beyond that is loaded elsewhere; whoever only opts out waits for none of it.

use super::link::{Purpose, link_of};
use super::offering::{self, Offering};
use super::{Desk, Error, Result};
use crate::domain::booking::Booking;
use crate::domain::id::BookingId;
use crate::storage::bookings::{self, BookingRow};
use crate::storage::{Db, changing};

/// A booking with its offering.
pub(super) struct AtHand {
    pub(super) row: BookingRow,
    pub(super) booking: Booking,
    pub(super) offering: Offering,
    /// What happened to it, sealed, where it was read with it: whoever only looks needs none.
    pub(super) history: Option<Vec<u8>>,
}

/// Something that a change can begin with: a booking at hand, with as much around it as the change looks at.
pub(super) trait Take: AsRef<AtHand> + Sized {
    /// Loads what is around it.
    ///
    /// # Errors
    /// Those of loading.
    fn take(desk: &Desk, db: &mut Db, at_hand: AtHand) -> impl Future<Output = Result<Self>> + Send;
}

impl AsRef<Self> for AtHand {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Take for AtHand {
    async fn take(_: &Desk, _: &mut Db, at_hand: AtHand) -> Result<Self> {
        Ok(at_hand)
    }
}

impl Desk {
    /// A booking that was found in some way.
    pub(super) async fn at_hand(&self, db: &mut Db, row: BookingRow) -> Result<AtHand> {
        let offering = self.offering_of(db, row.offering).await?;
        Ok(AtHand { booking: self.open_booking(&row)?, row, offering, history: None })
    }

    /// A booking by its identifier.
    pub(super) async fn at_hand_of(&self, db: &mut Db, id: BookingId) -> Result<AtHand> {
        let row = bookings::booking(db, id).await?.ok_or(Error::Link)?;
        self.at_hand(db, row).await
    }

    /// The booking that a token opens, with its history: in one statement, because whoever changes it needs all of it.
    pub(super) async fn at_hand_behind(&self, db: &mut Db, token: &str) -> Result<AtHand> {
        let purpose = Purpose::Visit;
        let found = changing::behind(db, link_of(token), purpose.row(), self.now()).await?;
        let fits = self.fits(purpose, token, found.as_ref().map(|found| found.generation));
        let found = found.filter(|_| fits).ok_or(Error::Link)?;
        Ok(AtHand {
            booking: self.open_booking(&found.row)?,
            row: found.row,
            offering: offering::read(found.offering)?,
            history: Some(found.history),
        })
    }
}
