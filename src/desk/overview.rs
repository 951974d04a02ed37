//! What a director sees first: how far the current season is, and all seasons in facts. Never a count of what anybody did.

use chrono::NaiveDate;

use super::lottery::BatchShown;
use super::offering::Offering;
use super::session::Session;
use super::{Desk, Result};
use crate::storage::{Db, people, places, releases, staff, therapists};

/// One season in facts that depend on no outcome.
pub struct SeasonFacts {
    /// Identifier of the offering.
    pub offering: String,
    /// Its title.
    pub title: String,
    /// First day of visits.
    pub from: NaiveDate,
    /// Last day of visits.
    pub until: NaiveDate,
    /// Whether its first batch was booked.
    pub booked: bool,
    /// The day of its release.
    pub release_on: NaiveDate,
    /// Whether its release is frozen.
    pub released: bool,
    /// Programs that said that they are ready.
    pub ready: usize,
    /// Hash of the seed of its next batch.
    pub seed_hash: String,
    /// Its batches with their seeds, oldest first.
    pub batches: Vec<BatchShown>,
}

/// Everything on the director's first page.
pub struct Overview {
    /// Programs on file.
    pub programs: usize,
    /// Programs with residents: those that a batch waits for.
    pub with_residents: usize,
    /// Residents on the rosters.
    pub residents: usize,
    /// Therapists on file.
    pub therapists: usize,
    /// Whether any therapist offers hours.
    pub hours: bool,
    /// Newest first.
    pub seasons: Vec<SeasonFacts>,
}

impl Overview {
    /// The season that somebody works on: the newest whose release is still to come.
    #[must_use]
    pub fn current(&self) -> Option<&SeasonFacts> {
        self.seasons.iter().find(|season| !season.released)
    }
}

impl Desk {
    /// The director's first page.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but a director.
    pub async fn overview(&self, session: &Session) -> Result<Overview> {
        session.director()?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let programs = places::programs(&mut db, institution).await?;
        let mut residents = people::residents(&mut db, institution).await?;
        residents.retain(|row| row.active);
        let has_some = |id| residents.iter().any(|row| row.program == id);
        let with_residents = programs.iter().filter(|program| has_some(program.id)).count();
        let mut seasons = Vec::new();
        for offering in self.offerings(&mut db).await? {
            seasons.push(self.facts(&mut db, &offering).await?);
        }
        seasons.reverse();
        Ok(Overview {
            programs: programs.len(),
            with_residents,
            residents: residents.len(),
            therapists: therapists::therapists(&mut db, institution).await?.len(),
            hours: !therapists::availability(&mut db).await?.is_empty(),
            seasons,
        })
    }

    async fn facts(&self, db: &mut Db, offering: &Offering) -> Result<SeasonFacts> {
        Ok(SeasonFacts {
            offering: offering.id().to_string(),
            title: offering.rules.title.clone(),
            from: offering.rules.from,
            until: offering.rules.until,
            booked: offering.row.booked_at.is_some(),
            release_on: offering.release_on(),
            released: releases::release(db, offering.id()).await?.is_some(),
            ready: staff::readiness(db, offering.id()).await?.len(),
            seed_hash: offering.row.seed_hash.clone(),
            batches: self.batches(db, offering.id()).await?,
        })
    }
}
