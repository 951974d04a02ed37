//! What becomes of a booking when a visit is lost that its resident did not give up: the default one, which is given
//! again, or one of their own choosing. Never decides who loses one, or what is given instead.

use super::{Booking, Change, Entry, Message, Standing, Visit};

/// A booking after its default visit was lost, given again, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The booking as it is afterwards.
    pub booking: Booking,
    /// The calendar message that is owed; none where no entry stands at the time that was lost.
    pub message: Option<Message>,
    /// Whether the resident sits in the default visit from now on.
    pub sits: bool,
}

impl Booking {
    /// Puts `new` in the place of the default visit: that is lost, or there is none since it was.
    ///
    /// Who sat in it, or waits, sits in the new one. Who opted out of it stays opted out, and may come back to the new one.
    /// Who chose another visit keeps it, unless it is `gone` too. The entry moves along with whatever stood at the lost
    /// time: it is also the cover of who opted out and kept it. An entry that was removed, or that stands elsewhere, is
    /// not touched. `told` says whether the resident had been told of the lost visit: nobody's calendar holds one that
    /// they never heard of.
    #[must_use]
    pub fn mended(&self, new: Option<Visit>, gone: impl Fn(&Visit) -> bool, told: bool) -> Mended {
        let was_default =
            |visit: &Visit| self.default_visit.as_ref().is_some_and(|lost| lost.seat == visit.seat);
        let mut booking = Self {
            default_visit: new.clone(),
            // The first one is no change.
            number: self.number + u32::from(self.default_visit.is_some() || self.number > 0),
            told: self.told || told,
            ..self.clone()
        };
        let mut entry = false;
        match (&self.standing, new) {
            (Standing::Waiting, Some(new)) => {
                booking.standing = Standing::Held(new);
                entry = true;
            }
            (Standing::Held(held), Some(new)) if was_default(held) || gone(held) => {
                booking.standing = Standing::Held(new);
                entry = true;
            }
            (Standing::Held(held), None) if was_default(held) => booking.standing = Standing::Waiting,
            (Standing::OptedOut(out), Some(new)) if was_default(out) || self.shut.is_some() => {
                booking.standing = Standing::OptedOut(new);
                booking.shut = None;
                entry = self.on_calendar || self.shut == Some(Entry::Keep);
            }
            (Standing::OptedOut(out), None) if was_default(out) => {
                booking.shut = Some(if self.on_calendar { Entry::Keep } else { Entry::Remove });
            }
            // Nothing of theirs is lost: their entry stays as it is.
            _ => return Mended { booking, message: None, sits: false },
        }
        let message = match (entry, self.on_calendar) {
            (true, _) => Some(Message::Request),
            (false, true) => Some(Message::Cancel),
            (false, false) => None,
        };
        let message = message.filter(|_| booking.told);
        booking.sequence += u32::from(message.is_some());
        booking.on_calendar = entry;
        let sits = matches!(booking.standing, Standing::Held(_));
        Mended { booking, message, sits }
    }

    /// Puts `new` in the place of a visit that the resident holds and that is lost; they wait where there is none. The
    /// default visit is not touched. None where nothing is held.
    #[must_use]
    pub fn replaced(&self, new: Option<Visit>) -> Option<Change> {
        let lost = self.visit()?.clone();
        let message = match (&new, self.on_calendar) {
            (Some(_), _) => Some(Message::Request),
            (None, true) => Some(Message::Cancel),
            (None, false) => None,
        };
        let booking = Self {
            standing: new.clone().map_or(Standing::Waiting, Standing::Held),
            sequence: self.sequence + u32::from(message.is_some()),
            on_calendar: new.is_some(),
            ..self.clone()
        };
        Some(Change { booking, gives_up: Some(lost), takes: new, message })
    }

    /// Puts `new` in the place of a visit that the resident holds and that its therapist moves. There is no way back to it:
    /// its therapist does not want it then. None where nothing is held.
    #[must_use]
    pub fn moved_for(&self, new: Visit) -> Option<Change> {
        let mut change = self.replaced(Some(new))?;
        change.booking.own.before = None;
        Some(change)
    }
}

#[cfg(test)]
mod tests;
