//! Making an offering, and finding the one that is meant.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::lottery::BatchShown;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::{CycleId, OfferingId};
use crate::domain::offering::{RELEASE_AFTER_DAYS, Rules};
use crate::storage::offerings::{self, OfferingRow};
use crate::storage::{Db, places};

/// An offering with its rules read.
#[derive(Clone)]
pub struct Offering {
    /// The row.
    pub row: OfferingRow,
    /// Its rules.
    pub rules: Rules,
}

impl Offering {
    /// Identifier.
    #[must_use]
    pub const fn id(&self) -> OfferingId {
        self.row.id
    }

    /// The day of its release: as fixed with the first batch, or as it would be fixed now.
    #[must_use]
    pub fn release_on(&self) -> NaiveDate {
        let fixed = self.row.release_on.as_deref().and_then(|day| day.parse().ok());
        let usual = || self.rules.until + chrono::Days::new(u64::from(RELEASE_AFTER_DAYS));
        fixed.or(self.rules.release_on).unwrap_or_else(usual)
    }
}

/// What making an offering answers.
#[derive(Debug, Clone, Serialize)]
pub struct Created {
    /// Its identifier.
    pub id: OfferingId,
    /// Hash of the seed that decides its first batch: to be published before rosters close.
    pub seed_hash: String,
    /// The day of its release.
    pub release_on: NaiveDate,
    /// What its plan weighs otherwise than usual, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<&'static str, u32>,
    /// A word in the title that would tell a colleague what the entry is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// An offering as whoever runs it may show it to anybody: it names nobody.
#[derive(Debug, Clone, Serialize)]
pub struct OfferingShown {
    /// Its identifier.
    pub id: OfferingId,
    /// Its title.
    pub title: String,
    /// First day of visits.
    pub from: NaiveDate,
    /// Last day of visits.
    pub until: NaiveDate,
    /// The day of its release.
    pub release_on: NaiveDate,
    /// Hash of the seed that decides the next batch.
    pub seed_hash: String,
    /// The batches that were booked, with their seeds.
    pub batches: Vec<BatchShown>,
}

/// The academic year that a day belongs to, from July to June, such as `2027-28`.
pub(super) fn cycle_name(day: NaiveDate) -> String {
    let first = if day.month() >= 7 { day.year() } else { day.year() - 1 };
    format!("{first}-{:02}", (first + 1).rem_euclid(100))
}

impl Desk {
    /// Makes an offering, with the seed of its lottery.
    ///
    /// # Errors
    /// [`Error::Rule`] for a rule that cannot be.
    pub async fn create_offering(&self, rules: Rules) -> Result<Created> {
        let rules = rules.check()?;
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        let cycle = self.cycle(&mut tx, institution, &cycle_name(rules.from)).await?;
        let id = OfferingId::from_bytes(self.draw());
        let (seed, seed_hash) = self.mint_seed(id)?;
        let key = self.draw_key(&id.to_string()).await?;
        let row = OfferingRow {
            id,
            institution,
            cycle,
            rules: serde_json::to_string(&rules).map_err(|problem| Error::Refused(problem.to_string()))?,
            seed,
            seed_hash,
            created_at: self.now(),
            booked_at: None,
            release_on: None,
            offers_of: 0,
            survey_questions: 0,
            key: Some(key),
        };
        offerings::add(&mut tx, &row).await?;
        self.note(&mut tx, &Act::OfferingMade { title: rules.title.clone() }).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        let warning = crate::domain::letter::telling_word(&rules.title).map(|word| {
            format!("the title holds “{}”, which tells colleagues what the entry is about", word.trim())
        });
        let offering = Offering { row, rules };
        Ok(Created {
            id,
            seed_hash: offering.row.seed_hash.clone(),
            release_on: offering.release_on(),
            weights: offering.rules.weights.unusual().into_iter().collect(),
            warning,
        })
    }

    /// Shows an offering, and the seeds of its batches.
    ///
    /// # Errors
    /// Those of finding it.
    pub async fn show_offering(&self, offering: Option<&str>) -> Result<OfferingShown> {
        let mut db = self.store.read().await?;
        let offering = self.offering(&mut db, offering).await?;
        let batches = self.batches(&mut db, offering.id()).await?;
        let (id, release_on) = (offering.id(), offering.release_on());
        let Rules { title, from, until, .. } = offering.rules;
        let seed_hash = offering.row.seed_hash;
        Ok(OfferingShown { id, title, from, until, release_on, seed_hash, batches })
    }

    pub(super) async fn cycle(
        &self,
        db: &mut Db,
        institution: crate::domain::id::InstitutionId,
        name: &str,
    ) -> Result<CycleId> {
        if let Some(cycle) = places::cycle(db, institution, name).await? {
            return Ok(cycle);
        }
        let id = CycleId::from_bytes(self.draw());
        places::add_cycle(db, id, institution, name).await?;
        Ok(id)
    }

    /// All offerings, oldest first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn offerings(&self, db: &mut Db) -> Result<Vec<Offering>> {
        let rows = offerings::offerings(db).await?;
        rows.into_iter().map(read).collect()
    }

    /// The offering that a row belongs to.
    pub(super) async fn offering_of(&self, db: &mut Db, id: OfferingId) -> Result<Offering> {
        let row = offerings::offering(db, id).await?;
        row.map_or_else(|| Err(Error::UnknownOffering(id.to_string())), read)
    }

    /// The offering that is meant: the named one, or the only one.
    ///
    /// # Errors
    /// [`Error::NoOffering`], [`Error::WhichOffering`], [`Error::UnknownOffering`].
    pub(super) async fn offering(&self, db: &mut Db, named: Option<&str>) -> Result<Offering> {
        let mut all = self.offerings(db).await?;
        match named {
            Some(name) => {
                let found = all.into_iter().find(|offering| offering.id().to_string() == name);
                found.ok_or_else(|| Error::UnknownOffering(name.chars().take(40).collect()))
            }
            None if all.len() > 1 => {
                let ids: Vec<String> = all.iter().map(|offering| offering.id().to_string()).collect();
                Err(Error::WhichOffering(ids.join(", ")))
            }
            None => all.pop().ok_or(Error::NoOffering),
        }
    }
}

/// A row with its rules read.
pub(super) fn read(row: OfferingRow) -> Result<Offering> {
    let rules =
        serde_json::from_str(&row.rules).map_err(|_| crate::storage::Error::Unreadable("offerings.rules"))?;
    Ok(Offering { row, rules })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_academic_year_begins_in_july() {
        assert_eq!(cycle_name("2027-07-01".parse().unwrap()), "2027-28");
        assert_eq!(cycle_name("2100-06-30".parse().unwrap()), "2099-00");
    }

    #[test]
    fn an_offering_from_before_weights_has_the_usual_ones() {
        let rules = crate::desk::testing::rules();
        let mut stored = serde_json::to_value(&rules).unwrap();
        assert!(stored.as_object_mut().unwrap().remove("weights").is_some());
        assert_eq!(serde_json::from_value::<Rules>(stored).unwrap(), rules);
    }
}
