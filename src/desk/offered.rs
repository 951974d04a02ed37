//! A director's hand on offerings: making one, and changing its rules as long as nothing was booked by them. Never
//! changes what a batch was booked by.

use super::lottery::BatchShown;
use super::offering::{Created, Offering, cycle_name};
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::offering::Rules;
use crate::storage::{offerings, places};

/// An offering with everything that a director may know of it.
pub struct Offered {
    /// The offering with its rules.
    pub offering: Offering,
    /// Its batches with their seeds, oldest first.
    pub batches: Vec<BatchShown>,
}

impl Desk {
    /// All offerings, newest first.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director.
    pub async fn offerings_of(&self, session: &Session) -> Result<Vec<Offering>> {
        session.director()?;
        let mut db = self.store.read().await?;
        let mut offerings = self.offerings(&mut db).await?;
        offerings.reverse();
        Ok(offerings)
    }

    /// One offering.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director, and for one that there is not.
    pub async fn offered(&self, session: &Session, id: &str) -> Result<Offered> {
        session.director()?;
        let mut db = self.store.read().await?;
        let offering = self.offering_named(&mut db, id).await?;
        let batches = self.batches(&mut db, offering.id()).await?;
        Ok(Offered { offering, batches })
    }

    /// Makes an offering.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director; [`Error::Rule`] for a rule that cannot be.
    pub async fn make_offering(&self, session: &Session, rules: Rules) -> Result<Created> {
        session.director()?;
        self.acting(session).create_offering(rules).await
    }

    /// Puts other rules in the place of an offering's, whose seed stays: its hash may have been published.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director; [`Error::Rule`] for a rule that cannot be; [`Error::Contended`]
    /// where its first batch was booked meanwhile.
    pub async fn change_offering(&self, session: &Session, id: &str, rules: Rules) -> Result<()> {
        session.director()?;
        let rules = rules.check()?;
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        // A batch holds the same lock: it is booked either by the old rules or by the new ones.
        places::lock_institution(&mut tx, institution).await?;
        let offering = self.offering_named(&mut tx, id).await?;
        let cycle = self.cycle(&mut tx, institution, &cycle_name(rules.from)).await?;
        let text = serde_json::to_string(&rules).map_err(|problem| Error::Refused(problem.to_string()))?;
        if !offerings::change_rules(&mut tx, offering.id(), cycle, &text).await? {
            return Err(Error::Contended);
        }
        let act = Act::OfferingChanged { title: rules.title.clone() };
        self.note_of(&mut tx, session, &act).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }
}
