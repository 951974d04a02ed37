//! A booking at hand, with the rules that hold for it: enough to give a seat up or to take the very same one back. What choosing
//! among seats needs beyond that is loaded elsewhere; whoever only opts out waits for none of it.

use super::link::Purpose;
use super::offering::Offering;
use super::{Desk, Error, Result};
use crate::domain::booking::Booking;
use crate::domain::id::BookingId;
use crate::storage::Db;
use crate::storage::bookings::{self, BookingRow};

/// A booking with its offering.
pub(super) struct AtHand {
    pub(super) row: BookingRow,
    pub(super) booking: Booking,
    pub(super) offering: Offering,
}

/// Something that a change can begin with: a booking at hand, with as much around it as the change looks at.
pub(super) trait Take: AsRef<AtHand> + Sized {
    /// Loads it.
    ///
    /// # Errors
    /// [`Error::Link`] where there is no such booking.
    fn take(desk: &Desk, db: &mut Db, id: BookingId) -> impl Future<Output = Result<Self>> + Send;
}

impl AsRef<Self> for AtHand {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Take for AtHand {
    async fn take(desk: &Desk, db: &mut Db, id: BookingId) -> Result<Self> {
        let row = bookings::booking(db, id).await?.ok_or(Error::Link)?;
        desk.at_hand(db, row).await
    }
}

impl Desk {
    /// The booking that a token opens.
    pub(super) async fn booking_behind(&self, db: &mut Db, token: &str) -> Result<BookingId> {
        let subject = self.subject(db, Purpose::Visit, token).await?;
        subject.parse().map_err(|_| Error::Link)
    }

    /// A booking that was found in some way.
    pub(super) async fn at_hand(&self, db: &mut Db, row: BookingRow) -> Result<AtHand> {
        let offering = self.offering_of(db, row.offering).await?;
        Ok(AtHand { booking: self.open_booking(&row)?, row, offering })
    }
}
