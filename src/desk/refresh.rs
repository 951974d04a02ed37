//! At fixed hours: which free seats are offered for moves. Going by the clock and not by events, and re-sealing every
//! row alike, it points at nobody; two backups compared tell nothing.

use super::{Desk, Result};
use crate::domain::booking::Hand;
use crate::domain::id::OfferingId;
use crate::domain::seating::fixed_hour;
use crate::storage::{bookings, offerings, survey_codes};

/// Rows re-sealed in one transaction: a writer must not hold everybody else up.
const AT_ONCE: usize = 200;

impl Desk {
    /// Refreshes the offers of every offering whose fixed hour has come; says how many offerings that were.
    ///
    /// # Errors
    /// Those of loading and saving; what was done stays done, and the next call does the rest.
    pub async fn refresh_offers(&self) -> Result<usize> {
        let hour = fixed_hour(self.now());
        let all = {
            let mut db = self.store.read().await?;
            self.offerings(&mut db).await?
        };
        let mut refreshed = 0;
        if all.iter().any(|offering| offering.row.booked_at.is_some() && offering.row.offers_of < hour) {
            // First, so that a seat which nobody wanted is offered with this hour's.
            self.reseal_follow_ups().await?;
        }
        for offering in all.into_iter().filter(|o| o.row.booked_at.is_some() && o.row.offers_of < hour) {
            self.refresh_seats(offering.id(), hour).await?;
            // Who has nothing goes before who wishes for something else.
            self.offer_to_waiting(&offering, hour).await?;
            self.move_as_asked(offering.id(), hour).await?;
            self.reseal_bookings(offering.id()).await?;
            self.witness(&offering).await?;
            self.reseal_sheets(offering.id()).await?;
            let mut tx = self.store.write().await?;
            offerings::set_offers_of(&mut tx, offering.id(), hour, offering.row.offers_of).await?;
            tx.commit().await.map_err(crate::storage::Error::from)?;
            refreshed += 1;
        }
        Ok(refreshed)
    }

    async fn refresh_seats(&self, offering: OfferingId, hour: i64) -> Result<()> {
        let mut rows = {
            let mut db = self.store.read().await?;
            offerings::seats(&mut db, offering).await?
        };
        // The order in which residents' changes lock seats; the database's own order of texts is another one.
        rows.sort_unstable_by_key(|row| row.id);
        for rows in rows.chunks(AT_ONCE) {
            let mut tx = self.store.write().await?;
            for row in rows {
                let pool = row.pool.parse().map_err(|_| crate::storage::Error::Unreadable("seats.pool"))?;
                let seat = self.open_seat(row)?.refreshed(pool, hour);
                // Whoever changed the seat meanwhile sealed it anew; it is seen to at the next hour.
                let sealed = self.seal_seat(&row.key, row.id, &seat)?;
                offerings::swap_seat(&mut tx, row.id, &row.sealed, sealed).await?;
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
        }
        Ok(())
    }

    async fn reseal_bookings(&self, offering: OfferingId) -> Result<()> {
        let rows = {
            let mut db = self.store.read().await?;
            bookings::of_offering(&mut db, offering).await?
        };
        for rows in rows.chunks(AT_ONCE) {
            let mut tx = self.store.write().await?;
            for row in rows {
                self.put_booking(&mut tx, row, &self.open_booking(row)?, Hand::Service).await?;
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
        }
        self.reseal_whys(offering).await
    }

    async fn reseal_whys(&self, offering: OfferingId) -> Result<()> {
        let rows = {
            let mut db = self.store.read().await?;
            bookings::whys(&mut db, offering).await?
        };
        for rows in rows.chunks(AT_ONCE) {
            let mut tx = self.store.write().await?;
            for (id, before, key) in rows {
                let after = self.seal_why(key, *id, self.open_why(key, *id, before)?.as_ref())?;
                bookings::swap_why(&mut tx, *id, before, after).await?;
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
        }
        Ok(())
    }

    async fn reseal_sheets(&self, offering: OfferingId) -> Result<()> {
        let rows = {
            let mut db = self.store.read().await?;
            survey_codes::of_offering(&mut db, offering).await?
        };
        for rows in rows.chunks(AT_ONCE) {
            let mut tx = self.store.write().await?;
            for row in rows {
                let sealed = self.seal_sheet(&row.key, row.id, &self.open_sheet(row)?)?;
                survey_codes::swap(&mut tx, row.id, &row.sealed, sealed).await?;
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
        }
        Ok(())
    }
}
