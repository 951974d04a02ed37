//! Numbers of calendar messages that are left out once a database was put back: those that were sent since may have used them, and
//! nobody knows which. Never changes what a booking is.

use super::Booking;

/// So many are left out: more changes than anybody makes between a backup and the day on which it is needed.
const LEFT_OUT: u32 = 100;

impl Booking {
    /// The same booking in a database that was put back. The next message about it is newer than whatever its calendar has,
    /// and no letter bears the Message-ID of another one.
    #[must_use]
    pub fn skips_numbers(mut self) -> Self {
        let newest = self.told_sequence();
        self.sequence = self.sequence.saturating_add(LEFT_OUT);
        self.skipped = Some((newest, self.sequence));
        self
    }

    /// The SEQUENCE of the newest message that this database knows of: what letters that are still owed and answers of calendars
    /// are held against.
    #[must_use]
    pub const fn told_sequence(&self) -> u32 {
        match self.skipped {
            Some((newest, skipped_to)) if skipped_to == self.sequence => newest,
            _ => self.sequence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::BookingId;

    #[test]
    fn what_was_owed_before_still_holds_and_what_comes_next_is_newer_than_anything_sent_since() {
        let before = Booking::new(BookingId::from_bytes([1; 16]), None);
        let back = before.clone().skips_numbers();
        assert_eq!((back.sequence, back.told_sequence()), (LEFT_OUT, 0));
        let twice = back.clone().skips_numbers();
        assert_eq!((twice.sequence, twice.told_sequence()), (2 * LEFT_OUT, 0));
        let changed = Booking { sequence: back.sequence + 1, ..back };
        assert_eq!(changed.told_sequence(), LEFT_OUT + 1);
    }
}
