//! How fast letters leave, and which go next. Never writes or sends one.
//!
//! Letters that everyone gets and letters that one person made be owed have a pace of their own each, and neither lends
//! the other what it leaves: else the moment of everyone's letters would tell how many of the others there were, and who
//! asks to sign in would wait for the end of a batch.

use chrono::Duration;

use crate::desk::{Desk, Error};
use crate::domain::pace::Shares;
use crate::domain::time::Instant;
use crate::storage::outbox::{self, Audience, Leased};

/// A worker keeps a letter for so many minutes, and keeps on keeping what it is sending; if it dies, another takes the letter
/// after that.
const LEASE_MINUTES: i64 = 15;
/// Letters leased at a time for each connection, where they do not leave faster than that.
const LEASE_PER_CONNECTION: i64 = 20;

/// How letters leave.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// At most so many a minute over all processes, 2 to 6,000; none for no limit.
    pub per_minute: Option<u32>,
    /// Connections at a time for the letters that everyone gets, 1 to 16. With more than one, letters of one person have
    /// another; with one, they come after. A connection that has to wait does not count among them: up to three more go
    /// around it.
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
        let shares = Shares::of(self.per_minute?);
        Some(match audience {
            Audience::Everyone => shares.everyone,
            Audience::Someone => shares.someone,
        })
    }

    /// Until when a letter is kept that a worker takes now.
    pub(super) fn kept_until(now: Instant) -> Instant {
        now + Duration::minutes(LEASE_MINUTES)
    }

    /// So many letters are taken at a time for connections that do not hurry.
    pub(super) fn taken_at_once(self, audience: Audience) -> i64 {
        LEASE_PER_CONNECTION * i64::from(self.connections(audience))
    }

    /// Takes what may leave now, `at_most` so many.
    ///
    /// # Errors
    /// Those of loading and saving.
    pub(super) async fn lease(
        self,
        desk: &Desk,
        audience: Audience,
        at_most: i64,
    ) -> Result<Vec<Leased>, Error> {
        let now = desk.now();
        let mut tx = desk.store().write().await?;
        let mut room = at_most;
        if let Some(share) = self.share(audience) {
            let tried = outbox::tried_since(&mut tx, audience, now - Duration::minutes(1)).await?;
            room = room.min(i64::from(share) - tried);
        }
        let mut leased = Vec::new();
        if room > 0 {
            leased = outbox::lease(&mut tx, audience, now, Self::kept_until(now), room).await?;
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(leased)
    }

    /// How long so many letters for everyone take, in whole minutes; none where there is no limit.
    #[must_use]
    pub fn minutes_for(self, letters: usize) -> Option<usize> {
        Some(Shares::of(self.per_minute?).minutes_for(letters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coordinator_is_told_how_long_invitations_take() {
        let pace = |per_minute| Pace { per_minute, connections: 4 };
        assert_eq!(pace(Some(30)).minutes_for(1500), Some(60));
        assert_eq!(pace(None).minutes_for(1500), None);
    }
}
