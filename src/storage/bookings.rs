//! Bookings: rows that exist from the batch on and whose sealed bytes are swapped whole; and beside each, sealed too, why
//! the batch chose its time. Knows no state.

use sqlx::FromRow;

use super::keys::WrappedKey;
use super::{Db, Result, read, statements, together};
use crate::domain::id::{BookingId, OfferingId, ResidentId};

statements! {
    OF_OFFERING = "SELECT bookings.id, offering_id, resident_id, uid, sealed, k.id AS key_id, k.wrapped \
        FROM bookings JOIN keys.data_keys AS k ON k.id = bookings.id \
        WHERE offering_id = $1 ORDER BY bookings.id";
    ONE = "SELECT bookings.id, offering_id, resident_id, uid, sealed, k.id AS key_id, k.wrapped \
        FROM bookings JOIN keys.data_keys AS k ON k.id = bookings.id WHERE bookings.id = $1";
    BY_UID = "SELECT bookings.id, offering_id, resident_id, uid, sealed, k.id AS key_id, k.wrapped \
        FROM bookings JOIN keys.data_keys AS k ON k.id = bookings.id WHERE uid = $1";
    OF_RESIDENT = "SELECT bookings.id, offering_id, resident_id, uid, sealed, k.id AS key_id, k.wrapped \
        FROM bookings JOIN keys.data_keys AS k ON k.id = bookings.id WHERE resident_id = $1 \
        ORDER BY bookings.id";
    SEVERAL = concat!(
        "SELECT bookings.id, offering_id, resident_id, uid, sealed, k.id AS key_id, k.wrapped \
        FROM bookings JOIN keys.data_keys AS k ON k.id = bookings.id WHERE bookings.id IN ",
        together!()
    );
    ADD = "INSERT INTO bookings (id, offering_id, resident_id, uid, sealed, why, history) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (offering_id, resident_id) DO NOTHING";
    SWAP = "UPDATE bookings SET sealed = $3, history = $4 WHERE id = $1 AND sealed = $2";
    CONFIRM = "UPDATE bookings SET sealed = sealed WHERE id = $1 AND sealed = $2";
    HISTORY = "SELECT history FROM bookings WHERE id = $1 AND sealed = $2";
    WHY = "SELECT why FROM bookings WHERE id = $1";
    WHYS = "SELECT bookings.id AS booking_id, why, k.id AS key_id, k.wrapped \
        FROM bookings JOIN keys.data_keys AS k ON k.id = bookings.id WHERE offering_id = $1 ORDER BY bookings.id";
    SWAP_WHY = "UPDATE bookings SET why = $3 WHERE id = $1 AND why = $2";
    IDS_OF_RESIDENT = "SELECT id, offering_id FROM bookings WHERE resident_id = $1 ORDER BY id";
    IDS_OF_OFFERING = "SELECT id, offering_id FROM bookings WHERE offering_id = $1 ORDER BY id";
    DESTROY = "DELETE FROM bookings WHERE id = $1";
    SET_WHY = "UPDATE bookings SET why = $2 WHERE id = $1";
}

/// A booking's row.
#[derive(Clone)]
pub struct BookingRow {
    /// Identifier.
    pub id: BookingId,
    /// Offering.
    pub offering: OfferingId,
    /// Whose.
    pub resident: ResidentId,
    /// The calendar's UID: 128 random bits, for the booking's whole life.
    pub uid: String,
    /// Everything that happened, sealed.
    pub sealed: Vec<u8>,
    /// The key that seals it, wrapped.
    pub key: WrappedKey,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    offering_id: String,
    resident_id: String,
    uid: String,
    sealed: Vec<u8>,
    #[sqlx(flatten)]
    key: WrappedKey,
}

impl Raw {
    fn checked(self) -> Result<BookingRow> {
        Ok(BookingRow {
            id: read(&self.id, "bookings.id")?,
            offering: read(&self.offering_id, "bookings.offering_id")?,
            resident: read(&self.resident_id, "bookings.resident_id")?,
            uid: self.uid,
            sealed: self.sealed,
            key: self.key,
        })
    }
}

/// The bookings of an offering.
pub async fn of_offering(db: &mut Db, offering: OfferingId) -> Result<Vec<BookingRow>> {
    let rows: Vec<Raw> = sqlx::query_as(OF_OFFERING).bind(offering.to_string()).fetch_all(db).await?;
    rows.into_iter().map(Raw::checked).collect()
}

/// One booking.
pub async fn booking(db: &mut Db, id: BookingId) -> Result<Option<BookingRow>> {
    let row: Option<Raw> = sqlx::query_as(ONE).bind(id.to_string()).fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// The booking whose calendar entry bears a UID.
pub async fn by_uid(db: &mut Db, uid: &str) -> Result<Option<BookingRow>> {
    let row: Option<Raw> = sqlx::query_as(BY_UID).bind(uid).fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// The bookings of a resident, in every offering.
pub async fn of_resident(db: &mut Db, resident: ResidentId) -> Result<Vec<BookingRow>> {
    let rows: Vec<Raw> = sqlx::query_as(OF_RESIDENT).bind(resident.to_string()).fetch_all(db).await?;
    rows.into_iter().map(Raw::checked).collect()
}

/// The bookings of some identifiers, in no order.
pub async fn several(db: &mut Db, ids: &[BookingId]) -> Result<Vec<BookingRow>> {
    let mut found = Vec::new();
    for some in ids.chunks(super::TOGETHER) {
        let some: Vec<String> = some.iter().map(ToString::to_string).collect();
        let query = super::places_of(&some).fold(sqlx::query_as(SEVERAL), |query, id| query.bind(id));
        let rows: Vec<Raw> = query.fetch_all(&mut *db).await?;
        found.extend(rows);
    }
    found.into_iter().map(Raw::checked).collect()
}

/// Adds a booking with why it is where it is and the first line of its history, sealed; says whether the resident had none in this offering.
pub async fn add(db: &mut Db, row: &BookingRow, why: Vec<u8>, history: Vec<u8>) -> Result<bool> {
    let done = sqlx::query(ADD)
        .bind(row.id.to_string())
        .bind(row.offering.to_string())
        .bind(row.resident.to_string())
        .bind(&row.uid)
        .bind(&row.sealed)
        .bind(why)
        .bind(history)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes a booking with its history if it still is as it was read; says whether it was.
pub async fn swap(db: &mut Db, id: BookingId, before: &[u8], after: &[u8], history: &[u8]) -> Result<bool> {
    let query = sqlx::query(SWAP).bind(id.to_string()).bind(before);
    Ok(query.bind(after).bind(history).execute(db).await?.rows_affected() == 1)
}

/// Writes a booking as it is; says whether it still is as it was read. A database that takes no changes refuses this, too.
pub async fn confirm(db: &mut Db, id: BookingId, sealed: &[u8]) -> Result<bool> {
    let query = sqlx::query(CONFIRM).bind(id.to_string()).bind(sealed);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// The history of a booking, sealed; none where the booking no longer is as it was read.
pub async fn history(db: &mut Db, id: BookingId, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(HISTORY).bind(id.to_string()).bind(sealed).fetch_optional(db).await?)
}

/// Why a booking is where the batch put it, sealed. Apart from the booking: only its resident's page reads it.
pub async fn why(db: &mut Db, id: BookingId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(WHY).bind(id.to_string()).fetch_optional(db).await?)
}

/// The same of every booking of an offering.
pub async fn whys(db: &mut Db, offering: OfferingId) -> Result<Vec<(BookingId, Vec<u8>, WrappedKey)>> {
    #[derive(FromRow)]
    struct Row {
        booking_id: String,
        why: Vec<u8>,
        #[sqlx(flatten)]
        key: WrappedKey,
    }
    let rows: Vec<Row> = sqlx::query_as(WHYS).bind(offering.to_string()).fetch_all(db).await?;
    rows.into_iter().map(|row| Ok((read(&row.booking_id, "bookings.id")?, row.why, row.key))).collect()
}

/// A resident's bookings with their offerings, whether or not a key opens them.
pub async fn ids_of_resident(db: &mut Db, resident: ResidentId) -> Result<Vec<(BookingId, OfferingId)>> {
    ids(sqlx::query_as(IDS_OF_RESIDENT).bind(resident.to_string()).fetch_all(db).await?)
}

/// The bookings of an offering, whether or not a key opens them.
pub async fn ids_of_offering(db: &mut Db, offering: OfferingId) -> Result<Vec<(BookingId, OfferingId)>> {
    ids(sqlx::query_as(IDS_OF_OFFERING).bind(offering.to_string()).fetch_all(db).await?)
}

fn ids(rows: Vec<(String, String)>) -> Result<Vec<(BookingId, OfferingId)>> {
    let id = |(booking, offering): (String, String)| {
        Ok((read(&booking, "bookings.id")?, read(&offering, "bookings.offering_id")?))
    };
    rows.into_iter().map(id).collect()
}

/// Destroys a booking.
pub async fn destroy(db: &mut Db, id: BookingId) -> Result<()> {
    sqlx::query(DESTROY).bind(id.to_string()).execute(db).await?;
    Ok(())
}

/// Seals anew why a booking is where it is, if a batch has not said otherwise since it was read.
pub async fn swap_why(db: &mut Db, id: BookingId, before: &[u8], after: Vec<u8>) -> Result<()> {
    sqlx::query(SWAP_WHY).bind(id.to_string()).bind(before).bind(after).execute(db).await?;
    Ok(())
}

/// Says, sealed, why a booking is where it is. Only a batch says so, under the institution's lock, whatever stood there.
pub async fn set_why(db: &mut Db, id: BookingId, why: Vec<u8>) -> Result<()> {
    sqlx::query(SET_WHY).bind(id.to_string()).bind(why).execute(db).await?;
    Ok(())
}
