//! Releases as a director reads them: the frozen figures of every season. Draws nothing, and counts nothing.

use chrono::NaiveDate;

use super::offering::Offering;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::release::Release;
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
    /// The frozen release.
    pub release: Option<Release>,
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
                release: self.frozen(&mut db, &offering).await?,
            });
        }
        Ok(seasons)
    }

    /// A frozen release, for its CSV.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director, and where nothing is frozen yet.
    pub async fn frozen_release(&self, session: &Session, offering: &str) -> Result<Release> {
        session.director()?;
        let mut db = self.store.read().await?;
        let offering = self.offering_named(&mut db, offering).await?;
        self.frozen(&mut db, &offering).await?.ok_or(Error::Link)
    }

    /// The offering of an address; one that there is not is answered like somebody else's.
    pub(super) async fn offering_named(&self, db: &mut Db, id: &str) -> Result<Offering> {
        match self.offering(db, Some(id)).await {
            Err(Error::UnknownOffering(_)) => Err(Error::Link),
            found => found,
        }
    }
}
