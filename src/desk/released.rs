//! Releases as a director reads them: the frozen figures of every season. Draws nothing, and counts nothing.

use chrono::NaiveDate;

use super::offering::Offering;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::release::{Frozen, Release, Withdrawal};
use crate::storage::Db;

/// One season with its release.
pub struct SeasonRelease {
    /// Identifier of the offering.
    pub offering: String,
    /// Its title.
    pub title: String,
    /// First day of visits.
    pub from: NaiveDate,
    /// Last day of visits.
    pub until: NaiveDate,
    /// The day of its release.
    pub release_on: NaiveDate,
    /// The frozen release, if it is shown.
    pub release: Option<Release>,
    /// That it was withdrawn.
    pub withdrawn: Option<Withdrawal>,
}

impl SeasonRelease {
    /// What stands where it was frozen; nothing before that.
    #[must_use]
    pub fn frozen(&self) -> Option<Frozen> {
        stands(self.release.clone(), self.withdrawn.clone())
    }
}

/// What stands where a release was frozen; nothing before that.
pub(super) fn stands(release: Option<Release>, withdrawn: Option<Withdrawal>) -> Option<Frozen> {
    let shown = release.map(|release| Frozen::Shown(Box::new(release)));
    withdrawn.map(Frozen::Withdrawn).or(shown)
}

impl Desk {
    /// Every season with its release, newest first.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director.
    pub async fn releases(&self, session: &Session) -> Result<Vec<SeasonRelease>> {
        session.director()?;
        let mut db = self.store.read().await?;
        let mut seasons = Vec::new();
        for offering in self.offerings(&mut db).await?.into_iter().rev() {
            seasons.push(SeasonRelease {
                offering: offering.id().to_string(),
                title: offering.rules.title.clone(),
                from: offering.rules.from,
                until: offering.rules.until,
                release_on: offering.release_on(),
                withdrawn: self.withdrawal(&mut db, &offering).await?,
                release: self.frozen(&mut db, &offering).await?,
            });
        }
        Ok(seasons)
    }

    /// A frozen release, or that it was withdrawn, for its CSV.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director, and where nothing is frozen yet.
    pub async fn frozen_release(&self, session: &Session, offering: &str) -> Result<Frozen> {
        session.director()?;
        let mut db = self.store.read().await?;
        let offering = self.offering_named(&mut db, offering).await?;
        let withdrawn = self.withdrawal(&mut db, &offering).await?;
        stands(self.frozen(&mut db, &offering).await?, withdrawn).ok_or(Error::Link)
    }

    /// The offering of an address; one that there is not is answered like somebody else's.
    pub(super) async fn offering_named(&self, db: &mut Db, id: &str) -> Result<Offering> {
        match self.offering(db, Some(id)).await {
            Err(Error::UnknownOffering(_)) => Err(Error::Link),
            found => found,
        }
    }
}
