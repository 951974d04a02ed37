//! Attending the same visit in another way: by video, by telephone or in person. The seat, the time and the calendar
//! entry stay; only the therapist is told. Never offers a way that the rules forbid.

use super::change::{Whose, unchanged};
use super::visit::Loaded;
use super::{Desk, Result};
use crate::domain::booking::{Refusal, Visit};
use crate::domain::eligibility;
use crate::domain::owed;
use crate::domain::people::Modality;
use crate::domain::time::Instant;

impl Loaded {
    /// In which other ways the visit that is held can be attended: the therapist offers them with a place, and is licensed
    /// where the resident is, or serves their site.
    pub(super) fn ways(&self, now: Instant) -> Result<Vec<Modality>> {
        let held = self.booking.visit().filter(|visit| visit.span.starts_at() > now);
        held.map_or_else(|| Ok(Vec::new()), |visit| self.other_ways(visit))
    }

    fn other_ways(&self, visit: &Visit) -> Result<Vec<Modality>> {
        let (Some(person), Some(host)) = (&self.person, self.host(visit.therapist)?) else {
            return Ok(Vec::new());
        };
        let mut ways: Vec<Modality> =
            eligibility::ways(person, host).filter(|way| *way != visit.modality).collect();
        ways.sort_unstable();
        Ok(ways)
    }
}

impl Desk {
    /// Attends the visit that is held in another way. Done twice, it says what already holds.
    ///
    /// # Errors
    /// [`super::Error::Link`], [`Refusal::NotThatWay`], or the booking's own refusal.
    pub async fn attend_by(&self, token: &str, modality: Modality) -> Result<()> {
        self.change_of(Whose::Link(token), |loaded: &Loaded, now| {
            let changed = loaded.booking.attends_by(modality, now)?;
            if changed == loaded.booking {
                return Ok((unchanged(&changed), Vec::new()));
            }
            if !loaded.ways(now)?.contains(&modality) {
                return Err(Refusal::NotThatWay.into());
            }
            let letters = owed::with_way(&changed, now);
            Ok((unchanged(&changed), letters))
        })
        .await
    }
}
