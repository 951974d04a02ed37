//! How fast letters leave, and which go next. Never writes or sends one.
//!
//! Letters that everyone gets and letters that one person made be owed have a pace of their own each, and neither lends
//! the other what it leaves: else the moment of everyone's letters would tell how many of the others there were, and who
//! asks to sign in would wait for the end of a batch.

use chrono::Duration;

use crate::desk::{Desk, Error};
use crate::storage::outbox::{self, Audience, Leased};

/// A worker keeps a letter for so many minutes; if it dies, another takes the letter after that.
const LEASE_MINUTES: i64 = 15;
/// Letters leased at a time for each connection.
const LEASE_PER_CONNECTION: i64 = 20;
/// One in so many letters of a minute's pace is for those of one person.
const SHARE_OF_SOMEONE: u32 = 6;

/// How letters leave.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// At most so many a minute over all processes, 2 to 6,000; none for no limit.
    pub per_minute: Option<u32>,
    /// Connections at a time for the letters that everyone gets, 1 to 16. With more than one, letters of one person have
    /// another; with one, they come after.
    pub connections: u32,
}

impl Pace {
    /// Connections at a time for an audience.
    pub(super) fn connections(self, audience: Audience) -> u32 {
        match audience {
            Audience::Everyone => self.connections.clamp(1, 16),
            Audience::Someone => 1,
        }
    }

    /// Letters a minute for an audience.
    fn share(self, audience: Audience) -> Option<u32> {
        let all = self.per_minute?;
        let someone = (all / SHARE_OF_SOMEONE).max(1);
        Some(match audience {
            Audience::Everyone => all.saturating_sub(someone).max(1),
            Audience::Someone => someone,
        })
    }

    /// Takes what may leave now.
    ///
    /// # Errors
    /// Those of loading and saving.
    pub(super) async fn lease(self, desk: &Desk, audience: Audience) -> Result<Vec<Leased>, Error> {
        let now = desk.now();
        let mut tx = desk.store().write().await?;
        let mut room = LEASE_PER_CONNECTION * i64::from(self.connections(audience));
        if let Some(share) = self.share(audience) {
            let tried = outbox::tried_since(&mut tx, audience, now - Duration::minutes(1)).await?;
            room = room.min(i64::from(share) - tried);
        }
        let mut leased = Vec::new();
        if room > 0 {
            let until = now + Duration::minutes(LEASE_MINUTES);
            leased = outbox::lease(&mut tx, audience, now, until, room).await?;
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(leased)
    }

    /// How long so many letters for everyone take, in whole minutes; none where there is no limit.
    #[must_use]
    pub fn minutes_for(self, letters: usize) -> Option<usize> {
        let share = usize::try_from(self.share(Audience::Everyone)?).unwrap_or(usize::MAX);
        Some(letters.div_ceil(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_shared_out_and_never_exceeded() {
        let share = |all, audience| Pace { per_minute: all, connections: 4 }.share(audience);
        assert_eq!((share(None, Audience::Everyone), share(None, Audience::Someone)), (None, None));
        for all in 2..=6000 {
            let both = Audience::ALL.map(|audience| share(Some(all), audience).unwrap());
            assert_eq!(both[0] + both[1], all);
            assert!(both[0] >= both[1] && both[1] > 0, "{all}");
        }
    }

    #[test]
    fn a_coordinator_is_told_how_long_invitations_take() {
        let pace = |per_minute| Pace { per_minute, connections: 4 };
        assert_eq!(pace(Some(30)).minutes_for(1500), Some(60));
        assert_eq!(pace(None).minutes_for(1500), None);
    }
}
