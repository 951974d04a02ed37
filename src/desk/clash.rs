//! Visits at times at which their therapist is busy: shown to the therapist, and never resolved behind their back.

use chrono::Duration;

use super::agenda::AgendaVisit;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::time::{Span, Zone};
use crate::storage::therapists;

/// So far ahead is looked, in days.
const AHEAD_DAYS: i64 = 400;
/// So many are shown at most.
const CLASHES_MAX: usize = 25;

impl Desk {
    /// The therapist's visits to come at which they are busy, with their zone. A busy span that is the visit itself, as a
    /// calendar has it that follows the visits, is none.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn clashes(&self, session: &Session) -> Result<(Zone, Vec<AgendaVisit>)> {
        let therapist = session.therapist()?;
        let now = self.now();
        let mut db = self.store.read().await?;
        let row = therapists::therapist(&mut db, therapist).await?.ok_or(Error::Link)?;
        let zone = self.own_zone(&mut db, &row).await?;
        let busy = therapists::busy_of(&mut db, therapist).await?;
        let mut places = match Span::new(now, now + Duration::days(AHEAD_DAYS)) {
            Some(within) if !busy.is_empty() => self.places(&mut db, therapist, within).await?,
            _ => Vec::new(),
        };
        places.retain(|place| {
            let span = place.slot.span;
            place.seat.is_held() && busy.iter().any(|(_, busy)| busy.overlaps(&span) && *busy != span)
        });
        places.truncate(CLASHES_MAX);
        Ok((zone, self.agenda_visits(&mut db, &row, &places).await?))
    }
}
