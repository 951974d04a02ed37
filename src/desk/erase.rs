//! Erasing a resident, or a season that is over: their data keys first, then every row that only these keys open. Never tells
//! what anybody did: what is counted is the same whatever they did.

use serde::Serialize;

use super::{Desk, Result};
use crate::domain::id::{OfferingId, ResidentId};

/// What was destroyed. Counts only what a program knows anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Erased {
    /// Data keys.
    pub keys: usize,
    /// Residents.
    pub residents: usize,
    /// Bookings, whatever had become of them.
    pub bookings: usize,
    /// Seats, of a season; a resident's seat is given up, not destroyed.
    pub seats: usize,
    /// Sheets of the survey.
    pub sheets: usize,
}

impl Desk {
    /// Erases a resident. May be called again where it was broken off; somebody who is not there is no error.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn erase_resident(&self, _id: ResidentId) -> Result<Erased> {
        Err(super::Error::Refused("erasing is not built yet".to_owned()))
    }

    /// Erases a season whose release is frozen. May be called again where it was broken off.
    ///
    /// # Errors
    /// [`super::Error::Refused`] where no release was frozen, and those of the database.
    pub async fn erase_season(&self, _id: OfferingId) -> Result<Erased> {
        Err(super::Error::Refused("erasing is not built yet".to_owned()))
    }

    /// Erases a season that has no release, so that it will never have one.
    ///
    /// # Errors
    /// As [`Desk::erase_season`].
    pub async fn erase_season_before_its_release(&self, _id: OfferingId) -> Result<Erased> {
        Err(super::Error::Refused("erasing is not built yet".to_owned()))
    }
}
