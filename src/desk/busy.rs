//! When therapists are busy, by where that is known from. What one source says never touches what another said.

use std::collections::BTreeSet;
use std::fmt;

use super::{Desk, Result};
use crate::domain::id::{BlockId, BusyCalendarId, BusyEventId, TherapistId};
use crate::domain::time::Span;
use crate::storage::{Db, therapists};

/// Where busy time is known from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BusySource {
    /// A calendar that was imported, whole.
    Import,
    /// A calendar that is read on a schedule.
    Fetched(BusyCalendarId),
    /// One event that the therapist put into the calendar of their busy time.
    Event(BusyEventId),
}

/// Its one spelling, as it is stored.
impl fmt::Display for BusySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import => f.write_str("import"),
            Self::Fetched(id) => write!(f, "fetched:{id}"),
            Self::Event(id) => write!(f, "dav:{id}"),
        }
    }
}

impl Desk {
    /// What is known from one source.
    pub(super) async fn busy_from(
        &self,
        db: &mut Db,
        therapist: TherapistId,
        source: &BusySource,
    ) -> Result<BTreeSet<Span>> {
        let source = source.to_string();
        let known = therapists::busy_of(db, therapist).await?;
        Ok(known.into_iter().filter(|(of, _)| *of == source).map(|(_, span)| span).collect())
    }

    /// Puts what one source says now in the place of what it said before; an empty set forgets it. What other sources
    /// say stays, and so do slots and whoever sits in them: a clash is shown to the therapist.
    pub(super) async fn replace_busy_from(
        &self,
        db: &mut Db,
        therapist: TherapistId,
        source: &BusySource,
        spans: BTreeSet<Span>,
    ) -> Result<()> {
        let spans: Vec<_> = spans.into_iter().map(|span| (BlockId::from_bytes(self.draw()), span)).collect();
        Ok(therapists::replace_busy(db, therapist, &source.to_string(), &spans).await?)
    }
}
