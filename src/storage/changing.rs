//! A change of one booking: all that it looks at of the booking in one statement, and all that it writes, whole or not at all.
//! Every question is a way there and back to PostgreSQL, so there the writing is one statement too. Never decides.

use std::ops::{Deref, DerefMut};

use sqlx::{Connection as _, FromRow};

use super::bookings::{self, BookingRow};
use super::handing::{Handed, Handing};
use super::keys::WrappedKey;
use super::offerings::{self, OfferingRow, RawOffering};
use super::outbox::{self, Owed};
use super::{Db, Engine, Result, Store, Writing, read, statements};
use crate::domain::id::{BookingId, LinkId, SeatId};
use crate::domain::time::Instant;

mod at_once;

statements! {
    BEHIND = "SELECT links.generation, bookings.id AS booking_id, bookings.resident_id, bookings.uid, bookings.sealed, \
        bookings.history, k.wrapped AS booking_key, offerings.id, offerings.institution_id, offerings.cycle_id, \
        offerings.rules, offerings.seed, offerings.seed_hash, offerings.created_at, offerings.booked_at, \
        offerings.release_on, offerings.offers_of, offerings.survey_questions, o.wrapped FROM links \
        JOIN bookings ON bookings.id = links.subject JOIN keys.data_keys AS k ON k.id = bookings.id \
        JOIN offerings ON offerings.id = bookings.offering_id LEFT JOIN keys.data_keys AS o ON o.id = offerings.id \
        WHERE links.id = $1 AND links.purpose = $2 AND links.ends_at > $3";
}

/// The statements of PostgreSQL alone.
pub(super) const OF_POSTGRES: &[&str] = at_once::ALL;

/// A booking as it is found behind a link, with what a change of it looks at.
pub struct Behind {
    /// The link's generation, by which its token is checked.
    pub generation: i64,
    /// The booking.
    pub row: BookingRow,
    /// What happened to it, sealed.
    pub history: Vec<u8>,
    /// Its offering.
    pub offering: OfferingRow,
}

#[derive(FromRow)]
struct Raw {
    generation: i64,
    booking_id: String,
    resident_id: String,
    uid: String,
    sealed: Vec<u8>,
    history: Vec<u8>,
    booking_key: Vec<u8>,
    #[sqlx(flatten)]
    offering: RawOffering,
}

impl Raw {
    fn checked(self) -> Result<Behind> {
        let offering = self.offering.checked()?;
        let row = BookingRow {
            id: read(&self.booking_id, "bookings.id")?,
            offering: offering.id,
            resident: read(&self.resident_id, "bookings.resident_id")?,
            uid: self.uid,
            sealed: self.sealed,
            key: WrappedKey { id: self.booking_id, wrapped: self.booking_key },
        };
        Ok(Behind { generation: self.generation, row, history: self.history, offering })
    }
}

/// The booking behind a link of a purpose that has not ended.
pub async fn behind(db: &mut Db, link: LinkId, purpose: &str, now: Instant) -> Result<Option<Behind>> {
    let query = sqlx::query_as(BEHIND).bind(link.to_string()).bind(purpose).bind(now.timestamp());
    let row: Option<Raw> = query.fetch_optional(db).await?;
    row.map(Raw::checked).transpose()
}

/// All that a change of a booking writes.
pub struct Written<'a> {
    /// Which.
    pub booking: BookingId,
    /// What it was when it was read.
    pub before: &'a [u8],
    /// What it is now, with its history; none where it stays as it is, and then nothing else is written either. A database
    /// that takes no changes refuses that, too.
    pub after: Option<Sealed>,
    /// The seats that it takes or gives up, in the order in which everybody locks them.
    pub seats: Vec<SeatSwap>,
    /// The letters that it owes.
    pub letters: Vec<Owed>,
}

/// A booking with its history.
pub struct Sealed {
    /// The booking.
    pub booking: Vec<u8>,
    /// What happened to it.
    pub history: Vec<u8>,
}

/// What becomes of a seat.
pub struct SeatSwap {
    /// Which.
    pub id: SeatId,
    /// What it was when it was read.
    pub before: Vec<u8>,
    /// What it is now.
    pub after: Vec<u8>,
}

/// Writes a change, one statement after the other; says whether everything was as it was read. Where it was not, the caller
/// takes back what was written.
pub async fn write(db: &mut Db, written: &Written<'_>) -> Result<bool> {
    let Written { booking, before, after, seats, letters } = written;
    let Some(after) = after else { return bookings::confirm(db, *booking, before).await };
    if !bookings::swap(db, *booking, before, &after.booking, &after.history).await? {
        return Ok(false);
    }
    for seat in seats {
        if !offerings::swap_seat(db, seat.id, &seat.before, seat.after.clone()).await? {
            return Ok(false);
        }
    }
    for letter in letters {
        outbox::owe(db, letter.clone()).await?;
    }
    Ok(true)
}

/// The same, in a transaction of its own.
async fn write_in_parts(db: &mut Db, written: &Written<'_>) -> Result<bool> {
    let mut transaction = db.begin().await?;
    let done = write(&mut transaction, written).await?;
    match done {
        true => transaction.commit().await?,
        false => transaction.rollback().await?,
    }
    Ok(done)
}

/// A connection on which a booking is looked at, and then changed. Everything before that only reads: on PostgreSQL each
/// statement sees what is there at its moment anyway, within a transaction or without one, and what is written is held
/// against what was read.
pub struct Changing(Kind);

enum Kind {
    /// A turn among others, which everything happens in.
    InTurn(Writing),
    Free(Handed, Handing),
}

impl Store {
    /// For a change of one booking.
    ///
    /// # Errors
    /// [`super::Error::Unavailable`].
    pub async fn change(&self) -> Result<Changing> {
        Ok(Changing(match self.engine {
            Engine::Sqlite => Kind::InTurn(self.write_with_others().await?),
            Engine::Postgres => Kind::Free(self.handing.take(&self.writers).await?, self.handing.clone()),
        }))
    }
}

impl Changing {
    /// Writes a change, and returns once it is on disk; says whether everything was as it was read. Where it was not, nothing is
    /// written.
    ///
    /// # Errors
    /// [`super::Error::Contended`] where somebody else was preferred, [`super::Error::Unavailable`].
    pub async fn save(self, written: &Written<'_>) -> Result<bool> {
        let (mut connection, handing) = match self.0 {
            Kind::InTurn(mut turn) => {
                let done = write(&mut turn, written).await?;
                if done {
                    turn.commit().await?;
                }
                return Ok(done);
            }
            Kind::Free(connection, handing) => (connection, handing),
        };
        let done = match at_once::write(&mut connection, written).await? {
            Some(done) => done,
            None => write_in_parts(&mut connection, written).await?,
        };
        handing.give(connection);
        Ok(done)
    }
}

impl Deref for Changing {
    type Target = Db;

    fn deref(&self) -> &Db {
        match &self.0 {
            Kind::InTurn(turn) => turn,
            Kind::Free(connection, _) => connection,
        }
    }
}

impl DerefMut for Changing {
    fn deref_mut(&mut self) -> &mut Db {
        match &mut self.0 {
            Kind::InTurn(turn) => turn,
            Kind::Free(connection, _) => connection,
        }
    }
}
