//! The seats of slots. What a seat holds is sealed by the key of its season.

use sqlx::FromRow;

use super::absences::RawAbsence;
use super::keys::WrappedKey;
use super::offerings::{RawSlot, SlotRow, bind_span};
use super::{Db, Result, read, statements};
use crate::domain::absence::Absence;
use crate::domain::id::{OfferingId, SeatId, SlotId, TherapistId};
use crate::domain::time::Span;

statements! {
    SEATS = "SELECT seats.id, seats.slot_id, seats.pool, seats.sealed, k.id AS key_id, k.wrapped \
        FROM seats JOIN slots ON slots.id = seats.slot_id JOIN keys.data_keys AS k ON k.id = slots.offering_id WHERE slots.offering_id = $1 ORDER BY seats.id";
    SEATS_BETWEEN = "SELECT seats.id, seats.slot_id, seats.pool, seats.sealed, k.id AS key_id, k.wrapped \
        FROM seats JOIN slots ON slots.id = seats.slot_id JOIN keys.data_keys AS k ON k.id = slots.offering_id \
        WHERE slots.offering_id = $1 AND slots.starts_at >= $2 AND slots.starts_at < $3 ORDER BY seats.id";
    SEATS_OF_THERAPIST = "SELECT seats.id, seats.slot_id, seats.pool, seats.sealed, k.id AS key_id, k.wrapped \
        FROM seats JOIN slots ON slots.id = seats.slot_id JOIN keys.data_keys AS k ON k.id = slots.offering_id \
        WHERE slots.therapist_id = $1 AND slots.starts_at >= $2 AND slots.starts_at < $3 ORDER BY seats.id";
    PLACES_OF_THERAPIST = "SELECT seats.id AS seat_id, seats.pool, seats.sealed, k.id AS key_id, k.wrapped, \
        slots.id, slots.offering_id, slots.therapist_id, slots.zone, slots.starts_at, slots.ends_at FROM seats \
        JOIN slots ON slots.id = seats.slot_id JOIN keys.data_keys AS k ON k.id = slots.offering_id \
        WHERE slots.therapist_id = $1 AND slots.starts_at >= $2 AND slots.starts_at < $3 \
        ORDER BY slots.starts_at, seats.id";
    SEATS_OF_ALL = "SELECT seats.id, seats.slot_id, seats.pool, seats.sealed, k.id AS key_id, k.wrapped \
        FROM seats JOIN slots ON slots.id = seats.slot_id JOIN keys.data_keys AS k ON k.id = slots.offering_id \
        WHERE slots.starts_at >= $1 AND slots.starts_at < $2 ORDER BY seats.id";
    SEAT = "SELECT seats.id, seats.slot_id, seats.pool, seats.sealed, k.id AS key_id, k.wrapped \
        FROM seats JOIN slots ON slots.id = seats.slot_id JOIN keys.data_keys AS k ON k.id = slots.offering_id \
        WHERE seats.id = $1";
    SEAT_TO_TAKE = "SELECT seats.id, seats.slot_id, seats.pool, seats.sealed, k.id AS key_id, k.wrapped, \
        absences.from_local, absences.until_local, absences.zone FROM seats \
        JOIN slots ON slots.id = seats.slot_id JOIN keys.data_keys AS k ON k.id = slots.offering_id \
        LEFT JOIN absences ON absences.therapist_id = slots.therapist_id WHERE seats.id = $1";
    ADD_SEAT = "INSERT INTO seats (id, slot_id, pool, sealed) VALUES ($1, $2, $3, $4)";
    SWAP_SEAT = "UPDATE seats SET sealed = $3 WHERE id = $1 AND sealed = $2";
    DESTROY = "DELETE FROM seats WHERE slot_id IN (SELECT id FROM slots WHERE offering_id = $1)";
}

/// A seat.
#[derive(Clone)]
pub struct SeatRow {
    /// Identifier.
    pub id: SeatId,
    /// Slot.
    pub slot: SlotId,
    /// Who may be put there.
    pub pool: String,
    /// Who was and is there, sealed.
    pub sealed: Vec<u8>,
    /// The key that seals it, wrapped: the season's.
    pub key: WrappedKey,
}

#[derive(FromRow)]
struct RawSeat {
    id: String,
    slot_id: String,
    pool: String,
    sealed: Vec<u8>,
    #[sqlx(flatten)]
    key: WrappedKey,
}

impl RawSeat {
    fn checked(self) -> Result<SeatRow> {
        Ok(SeatRow {
            id: read(&self.id, "seats.id")?,
            slot: read(&self.slot_id, "seats.slot_id")?,
            pool: self.pool,
            sealed: self.sealed,
            key: self.key,
        })
    }
}

/// The seats of an offering.
pub async fn seats(db: &mut Db, offering: OfferingId) -> Result<Vec<SeatRow>> {
    let rows: Vec<RawSeat> = sqlx::query_as(SEATS).bind(offering.to_string()).fetch_all(db).await?;
    rows.into_iter().map(RawSeat::checked).collect()
}

/// The seats of the slots of an offering that begin inside a span.
pub async fn seats_between(db: &mut Db, offering: OfferingId, within: Span) -> Result<Vec<SeatRow>> {
    let query = sqlx::query_as(SEATS_BETWEEN).bind(offering.to_string());
    let rows: Vec<RawSeat> = bind_span(query, within).fetch_all(db).await?;
    rows.into_iter().map(RawSeat::checked).collect()
}

/// The seats of the slots of a therapist that begin inside a span.
pub async fn seats_of_therapist(db: &mut Db, therapist: TherapistId, within: Span) -> Result<Vec<SeatRow>> {
    let query = sqlx::query_as(SEATS_OF_THERAPIST).bind(therapist.to_string());
    let rows: Vec<RawSeat> = bind_span(query, within).fetch_all(db).await?;
    rows.into_iter().map(RawSeat::checked).collect()
}

#[derive(FromRow)]
struct RawPlace {
    seat_id: String,
    pool: String,
    sealed: Vec<u8>,
    #[sqlx(flatten)]
    key: WrappedKey,
    #[sqlx(flatten)]
    slot: RawSlot,
}

/// The same seats, each with its slot: in one statement, because every row that crosses from the engine costs.
pub async fn places_of_therapist(
    db: &mut Db,
    therapist: TherapistId,
    within: Span,
) -> Result<Vec<(SlotRow, SeatRow)>> {
    let query = sqlx::query_as(PLACES_OF_THERAPIST).bind(therapist.to_string());
    let rows: Vec<RawPlace> = bind_span(query, within).fetch_all(db).await?;
    let place = |RawPlace { seat_id, pool, sealed, key, slot }| {
        let slot: SlotRow = RawSlot::checked(slot)?;
        let seat = SeatRow { id: read(&seat_id, "seats.id")?, slot: slot.id, pool, sealed, key };
        Ok((slot, seat))
    };
    rows.into_iter().map(place).collect()
}

/// The seats of the slots of every therapist that begin inside a span.
pub async fn seats_of_all(db: &mut Db, within: Span) -> Result<Vec<SeatRow>> {
    let rows: Vec<RawSeat> = bind_span(sqlx::query_as(SEATS_OF_ALL), within).fetch_all(db).await?;
    rows.into_iter().map(RawSeat::checked).collect()
}

/// One seat.
pub async fn seat(db: &mut Db, id: SeatId) -> Result<Option<SeatRow>> {
    let row: Option<RawSeat> = sqlx::query_as(SEAT).bind(id.to_string()).fetch_optional(db).await?;
    row.map(RawSeat::checked).transpose()
}

#[derive(FromRow)]
struct RawToTake {
    #[sqlx(flatten)]
    seat: RawSeat,
    from_local: Option<String>,
    until_local: Option<String>,
    zone: Option<String>,
}

/// One seat with the absences of its therapist, as both were at one moment: whoever closes a slot seals its seats anew, so who
/// takes this one before it is closed is noticed when the seat is swapped.
pub async fn seat_to_take(db: &mut Db, id: SeatId) -> Result<Option<(SeatRow, Vec<Absence>)>> {
    let rows: Vec<RawToTake> = sqlx::query_as(SEAT_TO_TAKE).bind(id.to_string()).fetch_all(db).await?;
    let (mut seat, mut absences) = (None, Vec::new());
    for row in rows {
        if let (Some(from_local), Some(zone)) = (row.from_local, row.zone) {
            absences.push(RawAbsence { from_local, until_local: row.until_local, zone }.checked()?);
        }
        seat.get_or_insert(row.seat);
    }
    seat.map(|seat| Ok((seat.checked()?, absences))).transpose()
}

/// Adds a seat.
pub async fn add_seat(db: &mut Db, row: &SeatRow) -> Result<()> {
    sqlx::query(ADD_SEAT)
        .bind(row.id.to_string())
        .bind(row.slot.to_string())
        .bind(&row.pool)
        .bind(&row.sealed)
        .execute(db)
        .await?;
    Ok(())
}

/// Changes a seat if it still is as it was read; says whether it was.
pub async fn swap_seat(db: &mut Db, id: SeatId, before: &[u8], after: Vec<u8>) -> Result<bool> {
    let done = sqlx::query(SWAP_SEAT).bind(id.to_string()).bind(before).bind(after).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Destroys the seats of an offering; says how many there were.
pub async fn destroy_seats(db: &mut Db, offering: OfferingId) -> Result<u64> {
    Ok(sqlx::query(DESTROY).bind(offering.to_string()).execute(db).await?.rows_affected())
}
