//! What happened to bookings, and how far that had come at the last fixed hour: sealed bytes of one size. Knows no deed.

use super::{Db, Result, read, statements};
use crate::domain::id::{BookingId, OfferingId};

statements! {
    OF_OFFERING = "SELECT id, history FROM bookings WHERE offering_id = $1 ORDER BY id";
    WITNESS = "SELECT sealed FROM witnesses WHERE offering_id = $1";
    DROP_WITNESS = "DELETE FROM witnesses WHERE offering_id = $1";
    SET_WITNESS = "INSERT INTO witnesses (offering_id, sealed) VALUES ($1, $2) \
        ON CONFLICT (offering_id) DO UPDATE SET sealed = excluded.sealed";
}

/// The histories of an offering's bookings.
pub async fn of_offering(db: &mut Db, offering: OfferingId) -> Result<Vec<(BookingId, Vec<u8>)>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as(OF_OFFERING).bind(offering.to_string()).fetch_all(db).await?;
    rows.into_iter().map(|(id, history)| Ok((read(&id, "bookings.id")?, history))).collect()
}

/// What was witnessed of an offering, sealed.
pub async fn witness(db: &mut Db, offering: OfferingId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(WITNESS).bind(offering.to_string()).fetch_optional(db).await?)
}

/// Puts another witness in its place.
pub async fn set_witness(db: &mut Db, offering: OfferingId, sealed: Vec<u8>) -> Result<()> {
    sqlx::query(SET_WITNESS).bind(offering.to_string()).bind(sealed).execute(db).await?;
    Ok(())
}

/// Destroys what was witnessed of an offering.
pub async fn drop_witness(db: &mut Db, offering: OfferingId) -> Result<()> {
    sqlx::query(DROP_WITNESS).bind(offering.to_string()).execute(db).await?;
    Ok(())
}
