//! Withdrawing a release: it is no longer shown, and everybody who looks for it is told when and why. Never draws it again,
//! never states it anew, and gives nobody back what was spent on them.

use super::offering::Offering;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::release::{Note, Withdrawal, reason};
use crate::storage::{Db, places, releases};

impl Desk {
    /// Withdraws the frozen release of an offering.
    ///
    /// # Errors
    /// [`Error::Refused`] where nothing is frozen, where it was withdrawn before, or for a reason that is none.
    pub async fn withdraw(&self, offering: Option<&str>, why: &str) -> Result<Withdrawal> {
        let why = reason(why).map_err(|problem| Error::Refused(problem.to_string()))?;
        self.catch_up().await?;
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        let offering = self.offering(&mut tx, offering).await?;
        if let Some(withdrawal) = self.withdrawal(&mut tx, &offering).await? {
            return Err(Error::Refused(withdrawal.words()));
        }
        if self.frozen(&mut tx, &offering).await?.is_none() {
            return Err(Error::Refused(
                "nothing is released yet, so there is nothing to withdraw".to_owned(),
            ));
        }
        let now = self.now();
        if !releases::withdraw(&mut tx, offering.id(), now, &why).await? {
            return Err(Error::Contended);
        }
        let note = Note::Withdrawal { offering: offering.id(), at: now.timestamp(), reason: why.clone() };
        self.note(&mut tx, &Act::Withdrawn { title: offering.rules.title.clone(), why: why.clone() }).await?;
        // Last of all: once the mirror has it, only the commit is left.
        self.mirrored(&mut tx, institution, note).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(Withdrawal { title: offering.rules.title, on: now.date_naive(), reason: why })
    }

    /// When and why a release was withdrawn, if it was.
    pub(super) async fn withdrawal(&self, db: &mut Db, offering: &Offering) -> Result<Option<Withdrawal>> {
        let known = releases::withdrawal(db, offering.id()).await?;
        let title = || offering.rules.title.clone();
        Ok(known.map(|(at, reason)| Withdrawal { title: title(), on: at.date_naive(), reason }))
    }
}
