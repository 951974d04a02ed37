//! What a director sees: facts without outcomes, counts of the letters that everyone gets, and frozen releases.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::lottery::BatchShown;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::id::ResidentId;
use crate::domain::letter::Letter;
use crate::domain::owed::Recipient;
use crate::domain::release::Release;
use crate::storage::outbox::LetterCount;
use crate::storage::{Db, bookings, outbox, people, places};

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
    /// Residents on the rosters.
    pub residents: usize,
    /// Whether its first batch was booked.
    pub booked: bool,
    /// The day of its release.
    pub release_on: NaiveDate,
    /// Its frozen release.
    pub release: Option<Release>,
    /// Hash of the seed of its next batch.
    pub seed_hash: String,
    /// Its batches with their seeds, oldest first.
    pub batches: Vec<BatchShown>,
}

/// Everything on the director's page.
pub struct Overview {
    /// Oldest first.
    pub seasons: Vec<SeasonFacts>,
    /// Counts of the letters that everyone gets alike.
    pub letters: Vec<LetterCount>,
    /// Who could not be reached by the announcement, by name and program, for mending the roster. Later letters
    /// never lead to anybody: they might bounce because of what somebody did.
    pub unreached: Vec<String>,
}

impl Desk {
    /// The director's page.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director.
    pub async fn overview(&self, session: &Session) -> Result<Overview> {
        session.director()?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let residents = people::residents(&mut db, institution).await?;
        let residents = residents.iter().filter(|row| row.active).count();
        let mut seasons = Vec::new();
        for offering in self.offerings(&mut db).await? {
            seasons.push(SeasonFacts {
                offering: offering.id().to_string(),
                title: offering.rules.title.clone(),
                from: offering.rules.from,
                until: offering.rules.until,
                residents,
                booked: offering.row.booked_at.is_some(),
                release_on: offering.release_on(),
                release: self.frozen(&mut db, &offering).await?,
                seed_hash: offering.row.seed_hash.clone(),
                batches: self.batches(&mut db, offering.id()).await?,
            });
        }
        let unreached = self.unreached(&mut db).await?;
        Ok(Overview { seasons, letters: outbox::counts(&mut db).await?, unreached })
    }

    /// Residents whose announcement could not be delivered. Later letters say nothing here: they might bounce because
    /// of what somebody did.
    pub(super) async fn unannounced(&self, db: &mut Db) -> Result<HashSet<ResidentId>> {
        let mut failed = HashSet::new();
        for (id, sealed) in outbox::failed_errands(db, Letter::Announcement.name()).await? {
            if let Recipient::Resident(booking) = self.open_errand(&id.to_string(), &sealed)?.to {
                failed.insert(booking);
            }
        }
        let mut residents = HashSet::new();
        if failed.is_empty() {
            return Ok(residents);
        }
        for offering in self.offerings(db).await? {
            let rows = bookings::of_offering(db, offering.id()).await?;
            residents.extend(rows.iter().filter(|row| failed.contains(&row.id)).map(|row| row.resident));
        }
        Ok(residents)
    }

    async fn unreached(&self, db: &mut Db) -> Result<Vec<String>> {
        let institution = self.institution(db).await?;
        let programs = places::programs(db, institution).await?;
        let mut names = Vec::new();
        for (id, sealed) in outbox::failed_errands(db, Letter::Announcement.name()).await? {
            let Recipient::Resident(booking) = self.open_errand(&id.to_string(), &sealed)?.to else {
                continue;
            };
            let Some(row) = bookings::booking(db, booking).await? else { continue };
            let Some(row) = people::resident(db, row.resident).await? else { continue };
            let resident = self.open_resident(&row)?;
            let program = programs.iter().find(|program| program.id == resident.program);
            let code = program.map(|program| program.code.as_str()).unwrap_or_default();
            // The director mends the roster, and needs to know of whom the address is wrong.
            names.push(format!("{} ({code})", resident.identity.reveal_name()));
        }
        names.sort();
        Ok(names)
    }

    /// A frozen release, for its CSV.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director, and where nothing is frozen yet.
    pub async fn frozen_release(&self, session: &Session, offering: &str) -> Result<Release> {
        session.director()?;
        let mut db = self.store.read().await?;
        let offering = self.offering(&mut db, Some(offering)).await.map_err(|_| Error::Link)?;
        self.frozen(&mut db, &offering).await?.ok_or(Error::Link)
    }
}
