//! What happened to a booking: lines sealed beside it at one size, in the statement that changes it, so that nobody sees
//! more of a line than of the change. Each hangs on those before it by a keyed hash. Read by the privacy officer's verb
//! alone: no page, no letter, no release and no other verb opens them.
//!
//! There is no head of all histories that every change would rewrite: on PostgreSQL all clicks of a season would wait for that
//! one row. Instead the fixed hours write down for everybody at once how far each history had come (`witness.rs`).

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::{Desk, Result};
use crate::domain::booking::{Booking, Deed, Hand, KEPT, Line};
use crate::domain::id::BookingId;
use crate::storage::bookings::BookingRow;
use crate::storage::changing::Sealed;
use crate::storage::keys::WrappedKey;
use crate::storage::{Db, bookings};
use crate::vault::Location;

/// Bytes of a sealed history: room for the longest lines, whatever happened.
pub(super) const HISTORY_BYTES: usize = 2560;
/// Bytes of a link of the chain: nobody without the key can make one.
const LINK: usize = 16;

/// What happened to one booking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct History {
    /// Lines that fell off the beginning, because only so many are kept.
    pub(super) fallen: u32,
    /// What they ended in.
    pub(super) base: String,
    /// The lines, oldest first.
    pub(super) lines: Vec<Line>,
    /// What all of them end in.
    pub(super) end: String,
    /// A keyed hash of what the booking is after the last line.
    pub(super) state: String,
}

impl History {
    /// How many lines were ever written.
    pub(super) fn count(&self) -> u32 {
        self.fallen.saturating_add(u32::try_from(self.lines.len()).unwrap_or(u32::MAX))
    }
}

const fn at(id: &str) -> Location<'_> {
    Location { column: "bookings.history", row: id }
}

impl Desk {
    pub(super) fn open_history(&self, key: &WrappedKey, id: BookingId, sealed: &[u8]) -> Result<History> {
        Ok(self.data_key(key)?.open_value(at(&id.to_string()), sealed)?)
    }

    pub(super) fn seal_history(&self, key: &WrappedKey, id: BookingId, history: &History) -> Result<Vec<u8>> {
        Ok(self.data_key(key)?.seal_at_size(at(&id.to_string()), history, HISTORY_BYTES)?)
    }

    /// What a line ends in, given what the one before ended in.
    fn link(&self, id: BookingId, before: &str, line: &Line) -> String {
        let Line(when, deed, by, visit) = line;
        let about = visit.map(|begins| begins.to_string()).unwrap_or_default();
        let words = [
            id.as_bytes().as_slice(),
            before.as_bytes(),
            &when.to_be_bytes(),
            deed.told().as_bytes(),
            by.told().as_bytes(),
            about.as_bytes(),
        ];
        HEXLOWER.encode(&self.vault.derived("booking history", &words)[..LINK])
    }

    pub(super) fn state_of(&self, booking: &Booking) -> String {
        let words = [booking.id.as_bytes().as_slice(), booking.vouched().as_bytes()].map(<[u8]>::to_vec);
        HEXLOWER.encode(&self.vault.derived("booking state", &[&words[0], &words[1]])[..LINK])
    }

    /// What a history ended in after so many lines; none where they fell off, or were never written.
    pub(super) fn ended_in(&self, id: BookingId, history: &History, count: u32) -> Option<String> {
        let steps = usize::try_from(count.checked_sub(history.fallen)?).ok()?;
        let lines = history.lines.get(..steps)?;
        Some(lines.iter().fold(history.base.clone(), |before, line| self.link(id, &before, line)))
    }

    fn write_line(&self, id: BookingId, history: &mut History, line: Line) {
        history.end = self.link(id, &history.end, &line);
        history.lines.push(line);
        if history.lines.len() > KEPT {
            let oldest = history.lines.remove(0);
            history.base = self.link(id, &history.base, &oldest);
            history.fallen = history.fallen.saturating_add(1);
        }
    }

    /// The history of a booking that has just been made.
    pub(super) fn first_history(&self, key: &WrappedKey, booking: &Booking) -> Result<Vec<u8>> {
        let mut history = History { state: self.state_of(booking), ..History::default() };
        let visit = booking.visit().map(|visit| visit.span.starts_at().timestamp());
        let deed = if visit.is_some() { Deed::Booked } else { Deed::Waits };
        self.write_line(booking.id, &mut history, Line(self.now().timestamp(), deed, Hand::Batch, visit));
        self.seal_history(key, booking.id, &history)
    }

    /// Changes a booking if it still is as it was read, and writes down what happened; says whether it was. The only way in
    /// which a booking changes.
    pub(super) async fn put_booking(
        &self,
        db: &mut Db,
        row: &BookingRow,
        after: &Booking,
        by: Hand,
    ) -> Result<bool> {
        self.put_booking_with(db, row, after, by, None).await
    }

    /// The same, where something happened that the booking itself does not hold.
    pub(super) async fn put_booking_with(
        &self,
        db: &mut Db,
        row: &BookingRow,
        after: &Booking,
        by: Hand,
        besides: Option<(Deed, Option<i64>)>,
    ) -> Result<bool> {
        // None where somebody else changed the booking meanwhile.
        let Some(history) = bookings::history(db, row.id, &row.sealed).await? else { return Ok(false) };
        let before = self.open_booking(row)?;
        let Sealed { booking, history } = self.written_down((row, &before, &history), after, by, besides)?;
        Ok(bookings::swap(db, row.id, &row.sealed, &booking, &history).await?)
    }

    /// A changed booking, sealed, with its history, in which what happened is written down.
    pub(super) fn written_down(
        &self,
        (row, before, history): (&BookingRow, &Booking, &[u8]),
        after: &Booking,
        by: Hand,
        besides: Option<(Deed, Option<i64>)>,
    ) -> Result<Sealed> {
        // One that was tampered with is begun anew, so that its resident is not kept from their visit; the check finds it,
        // because the fixed hours know how far it had come.
        let mut history = self.open_history(&row.key, row.id, history).unwrap_or_default();
        let now = self.now().timestamp();
        for (deed, visit) in after.deeds_since(before, by).into_iter().chain(besides) {
            self.write_line(row.id, &mut history, Line(now, deed, by, visit));
        }
        if history.state == self.state_of(before) || history.state.is_empty() {
            history.state = self.state_of(after);
        }
        let booking = self.seal_booking(&row.key, after)?;
        Ok(Sealed { booking, history: self.seal_history(&row.key, row.id, &history)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::testing::desk_in;

    #[tokio::test]
    async fn a_long_history_is_sealed_at_the_size_of_an_empty_one_and_still_hangs_together() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = desk_in(folder.path()).await;
        let id = BookingId::from_bytes([255; 16]);
        let key = desk.draw_key(&id.to_string()).await.unwrap();
        let mut full = History { state: "f".repeat(2 * LINK), ..History::default() };
        let longest = Line(4_000_000_000, Deed::FurtherOffered, Hand::Therapist, Some(4_000_000_000));
        for _ in 0..1000 {
            desk.write_line(id, &mut full, longest);
        }
        full.fallen = u32::MAX - 40;
        let sizes =
            [&History::default(), &full].map(|history| desk.seal_history(&key, id, history).unwrap().len());
        assert_eq!(sizes, [HISTORY_BYTES; 2]);
        assert_eq!(desk.ended_in(id, &full, full.count()).as_ref(), Some(&full.end));
    }
}
